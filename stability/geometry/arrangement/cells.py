"""The cells that touch a point, and what each says of the loss."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product

from flint import fmpq

from stability.errors import PointError
from stability.exact.systems import Vector, solve
from stability.model.network_loss import Matrix, NetworkLoss

ZERO, ONE = fmpq(0), fmpq(1)
MOST_SIDES = 2_000
"""Sides of one unit next to a point beyond which the point is refused rather than searched for ever."""


def exact(value: Fraction) -> fmpq:
    """Return the fraction as flint's rational."""
    return fmpq(value.numerator, value.denominator)


@dataclass(frozen=True)
class CellSide:
    """One unit's part of a cell next to the point; a cell is one side of each unit.

    An output bias counts as one more unit, with one side, a pattern without signs and outputs whose derivative is 1.

    Attributes
    ----------
    pattern : list of int
        The sign of the unit's pre-activations in the cell: -1 or 1, and 0 only where it is 0 for all parameters.
    toward : list
        A direction of the unit's parameters that enters it.
    walls : list
        Vectors a with a.d >= 0 exactly for the directions d into the closed side.
    gradient : list
        The derivative of the cell's quadratic in the unit's parameters. Errors are fixed at the point, so it
        depends on no other unit: slopes of the loss are sums over units.
    jacobian : list
        One vector per example: the derivative of the unit's output.
    """

    pattern: list[int]
    toward: Vector
    walls: list[Vector]
    gradient: Vector
    jacobian: list[Vector]


@dataclass(frozen=True)
class Cell:
    """An open cell whose closure contains the point; attributes as of its sides, over all parameters."""

    pattern: list[list[int]]
    toward: Vector
    walls: list[Vector]
    gradient: Vector
    jacobian: list[Vector]


def sides_around(landscape: NetworkLoss, point: Matrix) -> list[list[CellSide]]:
    """Return for each unit the sides next to the point, and then the one of the output bias where there is one.

    Raises
    ------
    PointError
        If there are more than MOST_SIDES for one unit.
    """
    rows = [[exact(x) for x in row] for row in landscape.rows]
    force = [2 * exact(landscape.scale) * exact(e) for e in landscape.residuals(point)]
    unit = landscape.network.unit
    found = []
    for outer, signs in zip(landscape.network.weights, landscape.pattern(point), strict=True):
        slope = {s: exact(outer * unit.slope(s)) for s in (-1, 0, 1)}
        ways = _few(_patterns(signs, rows))
        found.append([_side(signs, pattern, toward, rows, force, slope) for pattern, toward in ways])
    if landscape.network.output_bias:
        found.append([CellSide([], [ZERO], [], [sum(force, ZERO)], [[ONE] for _ in rows])])
    return found


def unit_sides(signs: Sequence[int], rows: list[Vector], force: Vector, slope: dict[int, fmpq]) -> list[CellSide]:
    """Return the sides of one unit next to a point.

    Parameters
    ----------
    signs : sequence of int
        Of its pre-activations; 0 for rows on whose kink it is, which must not be 0.
    rows : list
        What pre-activations are products with, one for each example.
    force : list
        What the derivative of each output is multiplied by.
    slope : dict
        The slopes of the unit by the sign of the pre-activation, -1 or 1.

    Raises
    ------
    PointError
        If there are more than MOST_SIDES.
    """
    return [_side(signs, pattern, toward, rows, force, slope) for pattern, toward in _few(_patterns(signs, rows))]


def cells_around(landscape: NetworkLoss, point: Matrix) -> Iterator[Cell]:
    """Yield every open cell whose closure contains the point."""
    for chosen in product(*sides_around(landscape, point)):
        yield joined(chosen)


def joined(sides: Sequence[CellSide]) -> Cell:
    """Return the cell that consists of one side of each unit."""
    blocks = [len(side.toward) for side in sides]
    walls = [_padded(wall, j, blocks) for j, side in enumerate(sides) for wall in side.walls]
    examples = range(len(sides[0].jacobian))
    return Cell(
        [side.pattern for side in sides if side.pattern],
        [x for side in sides for x in side.toward],
        walls,
        [g for side in sides for g in side.gradient],
        [[x for side in sides for x in side.jacobian[i]] for i in examples],
    )


def _padded(vector: Vector, unit: int, blocks: Sequence[int]) -> Vector:
    return [ZERO] * sum(blocks[:unit]) + vector + [ZERO] * sum(blocks[unit + 1 :])


def _few(patterns: Iterator[tuple[list[int], Vector]]) -> list[tuple[list[int], Vector]]:
    found = list(islice(patterns, MOST_SIDES + 1))
    if len(found) > MOST_SIDES:
        raise PointError(f"More than {MOST_SIDES} cells meet at this point.", "Move the units off some kinks.")
    return found


def _patterns(signs: Sequence[int], rows: list[Vector]) -> Iterator[tuple[list[int], Vector]]:
    """Yield one unit's sign vectors next to `signs`, each with a direction that leads there."""
    kinks = [i for i, s in enumerate(signs) if s == 0 and any(rows[i])]
    width = len(rows[0])

    def extend(chosen: list[int], direction: Vector) -> Iterator[tuple[list[int], Vector]]:
        if len(chosen) == len(kinks):
            full = list(signs)
            for s, i in zip(chosen, kinks, strict=True):
                full[i] = s
            yield full, direction
            return
        row = rows[kinks[len(chosen)]]
        ahead = sum((x * d for x, d in zip(row, direction, strict=True)), ZERO)
        for s in (-1, 1):
            into = direction if s * ahead > 0 else _direction([*chosen, s], kinks, rows, width)
            if into is not None:
                yield from extend([*chosen, s], into)

    yield from extend([], [ZERO] * width)


def _direction(chosen: Sequence[int], kinks: Sequence[int], rows: list[Vector], width: int) -> Vector | None:
    walls = [([s * x for x in rows[i]], ONE) for s, i in zip(chosen, kinks, strict=False)]
    return solve([], walls, width)


def _side(
    signs: Sequence[int],
    pattern: list[int],
    toward: Vector,
    rows: list[Vector],
    force: Vector,
    slope: dict[int, fmpq],
) -> CellSide:
    jacobian = [[slope[s] * x for x in row] for s, row in zip(pattern, rows, strict=True)]
    columns = range(len(toward))
    gradient = [sum((f * row[c] for f, row in zip(force, jacobian, strict=True)), ZERO) for c in columns]
    walls = [[p * x for x in row] for s, p, row in zip(signs, pattern, rows, strict=True) if s == 0 and p]
    return CellSide(pattern, toward, walls, gradient, jacobian)
