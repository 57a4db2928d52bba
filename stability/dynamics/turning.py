"""Where does gradient flow go from a point: which faces can each unit enter, or stay on?

At a point the errors are fixed, so each unit decides for itself. On a face that contains the point in its closure the
flow moves with the gradient projected onto the span of the face; it is possible if it points into the face and the
kinks that it stays on push back from both sides (Filippov).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from flint import arb, fmpq, fmpq_mat
from scipy.optimize import linprog

from stability.dynamics.decay import Undecided
from stability.dynamics.motion import Field
from stability.dynamics.relations import Relations
from stability.exact.systems import rank
from stability.geometry.arrangement import arrange
from stability.geometry.integers import integers
from stability.model.landscapes import Landscape

Functional = tuple[list[fmpq], fmpq]
"""An affine function of the parameters: row . p + constant."""


@dataclass(frozen=True)
class Place:
    """A point: its balls, and the equations that hold exactly.

    Attributes
    ----------
    point : list of arb
    relations : Relations
    """

    point: list[arb]
    relations: Relations

    def value(self, functional: Functional) -> arb:
        """Return the value of a functional as a ball, exact where the equations give it."""
        row, constant = functional
        known = self.relations.value(row)
        if known is not None:
            return arb(known + constant)
        return sum((arb(r) * x for r, x in zip(row, self.point, strict=True) if r), arb(constant))

    def sign(self, functional: Functional) -> int:
        """Return the sign of a functional.

        Raises
        ------
        Undecided
            If the ball contains 0 and no equation says that it is 0.
        """
        row, constant = functional
        known = self.relations.value(row)
        if known is not None:
            total = known + constant
            return int(total > 0) - int(total < 0)
        value = self.value(functional)
        if value > 0:
            return 1
        if value < 0:
            return -1
        raise Undecided


@dataclass(frozen=True)
class Kinks:
    """The kinks that one unit stays on, with what keeps it there.

    Attributes
    ----------
    guards : list of (example, side, functional)
        The unit stays while all functionals are non-negative; if one becomes negative, it leaves that example's kink
        to that side.
    """

    guards: list[tuple[int, int, Functional]]


def normal_speed(field: Field, unit: int, example: int) -> Functional:
    """Return x_i . v' of a unit along the restricted flow, as a functional of the parameters."""
    row = _embedded(field.landscape, unit, field.rows[example])
    return along(row, field.matrix, field.force)


def along(row: Sequence[fmpq], matrix: fmpq_mat, force: Sequence[fmpq]) -> Functional:
    """Return the time derivative of row . p under p' = force - matrix p."""
    size = len(row)
    image = matrix * fmpq_mat(size, 1, list(row))
    pushed = sum((x * y for x, y in zip(row, force, strict=True)), fmpq(0))
    return [-image[r, 0] for r in range(size)], pushed


def _embedded(landscape: Landscape, unit: int, row: Sequence[fmpq]) -> list[fmpq]:
    width = landscape.width
    total = [fmpq(0)] * landscape.parameters
    total[unit * width : (unit + 1) * width] = row
    return total


def guards(field: Field, unit: int) -> Kinks:
    """Return what keeps a unit on the kinks of its face.

    With the mean slopes at kinks the gradient's part across the face is a combination of the rows of the kinks; the
    slopes can take it up as long as its weight at every kink is at most half the bend times the error there.

    Raises
    ------
    Undecided
        If the rows of the kinks depend on each other, so that the weights are not unique.
    """
    if tangled(field, unit):
        raise Undecided
    land, signs = field.landscape, field.signs[unit]
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, s in enumerate(signs):
        if s == 0:
            groups.setdefault(tuple(land.rows[i]), []).append(i)
    rows = [field.rows[members[0]] for members in groups.values()]
    if not rows:
        return Kinks([])
    table = fmpq_mat([list(row) for row in rows])
    weights = (table * table.transpose()).inv() * table
    start, width, size = unit * land.width, land.width, land.parameters
    matrix, force = field.pull
    found = []
    for k, members in enumerate(groups.values()):
        row = [sum((weights[k, c] * matrix[start + c, a] for c in range(width)), fmpq(0)) for a in range(size)]
        constant = -sum((weights[k, c] * force[start + c] for c in range(width)), fmpq(0))
        room_row, room_constant = _room(field, members)
        for side in (-1, 1):
            functional = (
                [a + side * b for a, b in zip(room_row, row, strict=True)],
                room_constant + side * constant,
            )
            found.append((members[0], side, functional))
    return Kinks(found)


def may_stay(field: Field, unit: int, place: Place) -> bool:
    """Tell whether a unit can stay on the kinks of its face although a side of one would take it away.

    A kink takes the pull up with some slope if neither of its two guards is negative, or none is positive. In the
    second case nothing brings the unit back, and staying is one solution among others. So it is with a ReLU unit that
    is dead but for this kink: nothing pulls at it with the slope 0.
    """
    if tangled(field, unit):
        return False
    signs = [place.sign(functional) for _, _, functional in guards(field, unit).guards]
    pairs = [*zip(signs[::2], signs[1::2], strict=True)]
    return any(min(pair) < 0 for pair in pairs) and all(min(pair) >= 0 or max(pair) <= 0 for pair in pairs)


def rests_beyond(field: Field, unit: int, example: int, side: int) -> bool:
    """Tell whether a unit that may leave a kink to a side can stay as well, since nothing ever pulls to the other."""
    other = [f for i, s, f in guards(field, unit).guards if (i, s) == (example, -side)]
    return all(not constant and not any(row) for row, constant in other)


def tangled(field: Field, unit: int) -> bool:
    """Tell whether the rows of the kinks that a unit is on depend on each other."""
    rows = {tuple(field.landscape.rows[i]): field.rows[i] for i, s in enumerate(field.signs[unit]) if s == 0}
    return rank(list(rows.values())) < len(rows)


def _pushed_off(field: Field, unit: int, place: Place) -> bool:
    """Tell whether the slopes of all cells around a unit's face are provably positive along one direction."""
    signs, kept = field.signs[unit], range(unit * field.landscape.width, (unit + 1) * field.landscape.width)
    around = [
        f
        for f in sign_vectors(field.landscape)
        if 0 not in f and all(s in (0, t) for s, t in zip(signs, f, strict=True))
    ]
    gradients = []
    for face in around:
        cell = Field(field.landscape, (*field.signs[:unit], face, *field.signs[unit + 1 :]))
        matrix, force = cell.pull
        gradients.append([place.value(([matrix[r, c] for c in range(matrix.ncols())], -force[r])) for r in kept])
    table = np.array([[float(x.mid()) for x in gradient] for gradient in gradients])
    width = table.shape[1]
    found = linprog(
        [0.0] * width + [-1.0],
        A_ub=np.column_stack([-table, np.ones(len(table))]),
        b_ub=np.zeros(len(table)),
        bounds=[(-1, 1)] * width + [(None, 1)],
    )
    direction = [arb(float(x)) for x in found.x[:width]] if found.status == 0 else [arb(0)] * width
    return all(sum((g * d for g, d in zip(gradient, direction, strict=True)), arb(0)) > 0 for gradient in gradients)


@lru_cache(maxsize=64)
def sign_vectors(landscape: Landscape) -> list[tuple[int, ...]]:
    """Return every sign vector of one unit on the data."""
    rows = integers(landscape).rows
    return [tuple(face.signs(len(rows))) for face in arrange(rows, certified=False).faces]


def _room(field: Field, members: Sequence[int]) -> Functional:
    """Return half the bend times the sum of the errors at a kink, as a functional."""
    land = field.landscape
    unit = land.network.unit
    bend = unit.positive - unit.negative
    factor = fmpq(bend.numerator, bend.denominator) * fmpq(land.scale.numerator, land.scale.denominator)
    size, table = land.parameters, field.jacobian
    row = [factor * sum((table[i, a] for i in members), fmpq(0)) for a in range(size)]
    labels = [land.data.labels[i] for i in members]
    return row, -factor * sum((fmpq(y.numerator, y.denominator) for y in labels), fmpq(0))


def options(
    landscape: Landscape, signs: Sequence[tuple[int, ...]], unit: int, faces: Sequence[tuple[int, ...]], place: Place
) -> list[tuple[int, ...]]:
    """Return the faces around a unit's face that it can move on, in the order of `faces`."""
    found = []
    for face in faces:
        field = Field(landscape, (*signs[:unit], face, *signs[unit + 1 :]))
        if _possible(field, unit, signs[unit], place):
            found.append(face)
    return found


def _possible(field: Field, unit: int, at: Sequence[int], place: Place) -> bool:
    face = field.signs[unit]
    if tangled(field, unit):
        if _pushed_off(field, unit, place):
            return False
        raise Undecided
    for i, (here, there) in enumerate(zip(at, face, strict=True)):
        if here == 0 and there and place.sign(normal_speed(field, unit, i)) != there:
            return False
    return all(place.sign(functional) >= 0 for _, _, functional in guards(field, unit).guards)
