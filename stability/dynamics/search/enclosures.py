"""Proofs in ball arithmetic that a box of parameters holds one stationary point alone, up to scaling units.

In an open cell the gradient is polynomial. Where output weights are trained, one coordinate of each unit is fixed,
which scaling allows as long as it is not 0; the derivative by it then vanishes with the others, for the loss does not
change along the scaling. Of a unit that puts out 0 on all examples nearby (a dead one) all coordinates are fixed:
they may be what they like. What is left is a square system, to which Krawczyk's test applies: if K(X) lies in the
interior of the box X, there is exactly one zero in X, and it is simple.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from stability.arrays import Floats
from stability.dynamics.search.ball_cells import BallCell, ball
from stability.dynamics.search.layer_batch import LayerBatch

BITS = 192
RADII = (1e-4, 1e-6, 1e-8, 1e-10, 1e-13)
"""Radii of boxes in the order in which they are tried, in proportion to the size of a coordinate."""

POLISHING = 4
"""Newton steps at high precision before a box is tried, and times that a box is made smaller afterwards."""

MOST_UNITS = 6
"""Beyond so many units their order is not searched to distinguish two boxes."""


@dataclass(frozen=True)
class Enclosure:
    """A box with exactly one stationary point, up to scaling units and to parameters of dead ones.

    Attributes
    ----------
    radius : float
        The largest distance of a coordinate in the box from its middle.
    fixed : list of int
        The coordinates that are held at their value: one of each unit whose output weights are trained, all of dead
        ones; flat.
    dead : list of int
        The units that put out 0 on all examples in the box.
    pattern : list of list of int
        The signs of all pre-activations in the box.
    index : int
        How many negative eigenvalues the Hessian has, the fixed coordinates left out; none is 0.
    loss : tuple of float
        Between which numbers the loss is.
    products : list of list of list
        Enclosures of hidden parameters times output weights of each unit, 0 for dead ones, then of the output biases.
    """

    radius: float
    fixed: list[int]
    dead: list[int]
    pattern: list[list[int]]
    index: int
    loss: tuple[float, float]
    products: list[list[arb]]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain numbers."""
        return {
            "radius": self.radius,
            "fixed": list(self.fixed),
            "dead": list(self.dead),
            "pattern": self.pattern,
            "index": self.index,
            "loss": list(self.loss),
        }


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Compute with so many bits within the block."""
    old, ctx.prec = ctx.prec, bits
    try:
        yield
    finally:
        ctx.prec = old


def enclosed(batch: LayerBatch, point: Floats) -> Enclosure | None:
    """Return a box around a point with exactly one stationary point, as `Enclosure` says; None if none is proved.

    Parameters
    ----------
    batch : LayerBatch
    point : array (parameters,)
        Near a stationary point in an open cell.

    Examples
    --------
    >>> import numpy as np
    >>> from stability import landscape
    >>> found = enclosed(LayerBatch(landscape("abs1-out+c", "xor")), np.array([0.7, -0.9, 0.01, 0.6, 0.1]))
    >>> found is None
    True
    """
    dead = batch.dead(point)
    fixed = _fixed(batch, point, dead)
    if fixed is None or len(fixed) == len(point) or not np.all(np.isfinite(point)):
        return None
    pattern = np.sign(batch.heights(point[None])[0]).astype(int)
    with precision(BITS):
        cell = BallCell(batch, pattern)
        free = [k for k in range(len(point)) if k not in fixed]
        middle = _polished(cell, [arb(float(x)) for x in point], free)
        for radius in RADII if middle is not None else ():
            found = _tested(cell, middle or [], free, dead, radius)
            if found is not None:
                return found
    return None


def _fixed(batch: LayerBatch, point: Floats, dead: Sequence[int]) -> list[int] | None:
    """Return all coordinates of dead units and the largest of every other one that can be scaled; None if it is 0."""
    count, width, outputs = batch.sizes
    trained = batch.landscape.network.trainable
    stride = width + outputs * trained
    found: list[int] = []
    for j in range(count):
        own = np.abs(point[j * stride : (j + 1) * stride])
        if j in dead:
            found += range(j * stride, (j + 1) * stride)
        elif trained and not own.max() > 0:
            return None
        elif trained:
            found.append(j * stride + int(own.argmax()))
    return found


def _polished(cell: BallCell, middle: list[arb], free: list[int]) -> list[arb] | None:
    """Return the point after some Newton steps with many bits, without radius; None if the Hessian is singular."""
    for _ in range(POLISHING):
        force = arb_mat([[cell.gradient(middle)[k]] for k in free])
        table = cell.hessian(middle)
        try:
            step = arb_mat([[table[r][c] for c in free] for r in free]).mid().solve(force.mid())
        except ZeroDivisionError:
            return None
        for r, k in enumerate(free):
            middle[k] = (middle[k] - step[r, 0]).mid()
        if not all(x.is_finite() for x in middle):
            return None
    return middle


def _tested(cell: BallCell, middle: list[arb], free: list[int], dead: list[int], share: float) -> Enclosure | None:
    """Apply Krawczyk's test to the box with this radius, in proportion to the coordinates."""
    radii = [share * (1 + abs(float(middle[k]))) for k in free]
    box = [arb(0, r) for r in radii]
    if not _is_in_cell(cell, _moved(middle, free, box)):
        return None
    found = _krawczyk(cell, middle, free, box)
    if found is None or not all(own.contains_interior(inner) for own, inner in zip(box, found[0], strict=True)):
        return None
    inside, index = found[0], _negative(found[1])
    if index is None:
        return None
    for _ in range(POLISHING):
        inside = (_krawczyk(cell, middle, free, inside) or (inside, None))[0]
    point = _moved(middle, free, inside)
    loss = sum((e * e for row in cell.errors(point) for e in row), arb(0)) * ball(cell.batch.landscape.scale)
    ends = float(np.nextafter(float(loss.lower()), -np.inf)), float(np.nextafter(float(loss.upper()), np.inf))
    pattern = [[int(s) for s in row] for row in cell.pattern]
    fixed = [k for k in range(len(middle)) if k not in free]
    return Enclosure(max(radii), fixed, dead, pattern, index, ends, _products(cell, point, dead))


def _moved(middle: list[arb], free: list[int], change: list[arb]) -> list[arb]:
    """Return the box at these differences from its middle in the free coordinates."""
    found = list(middle)
    for k, d in zip(free, change, strict=True):
        found[k] = middle[k] + d
    return found


def _krawczyk(cell: BallCell, middle: list[arb], free: list[int], away: list[arb]) -> tuple[list[arb], arb_mat] | None:
    """Return K(X) - m, which holds x - m for every zero x in X = m + away, and the Hessian on X."""
    force = arb_mat([[cell.gradient(middle)[k]] for k in free])
    table = cell.hessian(_moved(middle, free, away))
    matrix = arb_mat([[table[r][c] for c in free] for r in free])
    try:
        inverse = matrix.mid().inv().mid()
    except ZeroDivisionError:
        return None
    size = len(free)
    unit = arb_mat([[int(r == c) for c in range(size)] for r in range(size)])
    change = (unit - inverse * matrix) * arb_mat([[d] for d in away]) - inverse * force
    return [change[r, 0] for r in range(size)], matrix


def _is_in_cell(cell: BallCell, box: list[arb]) -> bool:
    """Return whether all pre-activations in the box have the signs of the cell; rows that are 0 have none."""
    unit, rows = cell.batch.landscape.network.unit, cell.batch.landscape.rows
    if unit.negative == unit.positive:
        return True
    pairs = zip(cell.pattern, cell.heights(box), strict=True)
    return all(
        bool(z * int(s) > 0) for signs, own in pairs for s, z, row in zip(signs, own, rows, strict=True) if any(row)
    )


def _negative(matrix: arb_mat) -> int | None:
    """Return how many negative eigenvalues all symmetric matrices in a box have, none of them 0; None if not proved.

    Approximate eigenvectors make the matrix nearly diagonal; Gershgorin's discs then do not meet 0 (Sylvester).
    """
    size = matrix.nrows()
    middle = np.array([[float(matrix[r, c]) for c in range(size)] for r in range(size)])
    if not np.all(np.isfinite(middle)):
        return None
    vectors = np.linalg.eigh((middle + middle.T) / 2)[1]
    turn = arb_mat([[float(x) for x in row] for row in vectors])
    found = turn.transpose() * matrix * turn
    negative = 0
    for r in range(size):
        rest = sum((abs(found[r, c]) for c in range(size) if c != r), arb(0))
        if not abs(found[r, r]) > rest:
            return None
        negative += int(found[r, r] < 0)
    return negative


def _products(cell: BallCell, box: list[arb], dead: Sequence[int]) -> list[list[arb]]:
    """Return hidden parameters times output weights, 0 for dead units, and the output biases behind them."""
    hidden, outer, biases = cell.parts(box)
    units = [
        [x * a * int(j not in dead) for x in own for a in weights]
        for j, (own, weights) in enumerate(zip(hidden, outer, strict=True))
    ]
    return [*units, list(biases)]


def are_apart(one: Enclosure, other: Enclosure, weights: Sequence[Any]) -> bool:
    """Return whether the points in two boxes surely differ, however units are scaled or ordered.

    Parameters
    ----------
    one, other : Enclosure
    weights : sequence
        What distinguishes units that cannot change places: their fixed output weights, or nothing.
    """
    count = len(one.products) - 1
    if _differ([one.products[-1]], [other.products[-1]]):
        return True
    if count > MOST_UNITS:
        return one.loss[0] > other.loss[1] or one.loss[1] < other.loss[0]
    for order in permutations(range(count)):
        if any(weights[k] != weights[j] for j, k in enumerate(order)):
            continue
        if not _differ(one.products[:-1], [other.products[k] for k in order]):
            return False
    return True


def _differ(one: Sequence[Sequence[arb]], other: Sequence[Sequence[arb]]) -> bool:
    pairs = zip(one, other, strict=True)
    return any(not x.overlaps(y) for own, more in pairs for x, y in zip(own, more, strict=True))
