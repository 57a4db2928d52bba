"""Filippov face selection: the faces on which the units can move, or stay, from a point.

At a point the errors are fixed, so each unit decides for itself, to first order, by the function that is linear on
every face around it: the slope of the loss. A solution moves on a face with the gradient projected onto the span of
the face. It can do so if it points into the face, and if some mean of the gradients of the cells around the face does
not point away from it (Filippov). The face is held if the loss rises along every ray away from it: then the distance of
any solution from it cannot grow. Where a slope is exactly 0, the first derivative in time that is not 0 decides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product

from flint import arb, fmpq, fmpq_mat

from stability.dynamics.flow.convex_hulls import holds_zero
from stability.dynamics.flow.face_flow import Field, Signs, field_of
from stability.dynamics.flow.linear_relations import Relations
from stability.dynamics.flow.unit_faces import Fan, fan
from stability.exact.exponential_sums import Undecided
from stability.geometry.arrangement.cells import exact
from stability.model.network_loss import NetworkLoss

Functional = tuple[list[fmpq], fmpq]
"""An affine function of the parameters: row . p + constant."""

Face = tuple[int, ...]
"""The signs of one unit at all examples."""


@dataclass(frozen=True)
class FlowPoint:
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

    def soon(self, functional: Functional, motion: Field) -> int:
        """Return the sign of a functional right after now: that of its first derivative that is not exactly 0.

        It is 0 for ever if the derivatives up to the number of parameters are (Cayley and Hamilton).
        """
        for _ in range(motion.landscape.parameters + 1):
            found = self.sign(functional)
            if found:
                return found
            functional = along(functional[0], motion.matrix, motion.force)
        return 0


@dataclass(frozen=True)
class RaySlope:
    """The slope of the loss along a ray away from the kinks that a unit is on.

    Attributes
    ----------
    leaves : tuple of (example, sign)
        The kinks that are left along the ray, each once, and to which side.
    slope : Functional
        While those of all rays are non-negative, the unit stays on its kinks.
    """

    leaves: tuple[tuple[int, int], ...]
    slope: Functional


@dataclass(frozen=True)
class Way:
    """Faces that the units can move on from a point.

    Attributes
    ----------
    signs : Signs
    held : bool
        Whether no other solution leaves them right after.
    known : bool
        Whether it is decided that they can.
    """

    signs: Signs
    held: bool = True
    known: bool = True


def normal_speed(field: Field, unit: int, example: int) -> Functional:
    """Return x_i . v' of a unit along the restricted flow, as a functional of the parameters."""
    row = _embedded(field.landscape, unit, field.rows[example])
    return along(row, field.matrix, field.force)


def along(row: Sequence[fmpq], matrix: fmpq_mat, force: Sequence[fmpq]) -> Functional:
    """Return the time derivative of row . p under p' = force - matrix p."""
    size = len(row)
    image = matrix * fmpq_mat(size, 1, list(row))
    constant = sum((x * y for x, y in zip(row, force, strict=True)), fmpq(0))
    return [-image[r, 0] for r in range(size)], constant


def _embedded(landscape: NetworkLoss, unit: int, row: Sequence[fmpq]) -> list[fmpq]:
    total = [fmpq(0)] * landscape.parameters
    total[landscape.blocks[unit]] = row
    return total


@lru_cache(maxsize=64)
def lines(landscape: NetworkLoss) -> tuple[tuple[int | None, Fraction], ...]:
    """Return for every example the first one whose row is a multiple of its own, and which multiple its row is of that.

    Rows with a 1 are multiples where they are the same. A row that is 0 is on no line: nothing bends there.
    """
    first: dict[tuple[Fraction, ...], tuple[int, Fraction]] = {}
    found: list[tuple[int | None, Fraction]] = []
    for i, row in enumerate(landscape.rows):
        length = next((x for x in row if x), None)
        if length is None:
            found.append((None, Fraction(1)))
            continue
        k, own = first.setdefault(tuple(x / length for x in row), (i, length))
        found.append((k, length / own))
    return tuple(found)


def kinks(landscape: NetworkLoss, face: Face) -> list[list[int]]:
    """Return the examples that a unit has a kink at, those that bend on the same line together."""
    groups: dict[int, list[int]] = {}
    for i, (s, (line, _)) in enumerate(zip(face, lines(landscape), strict=True)):
        if s == 0 and line is not None:
            groups.setdefault(line, []).append(i)
    return list(groups.values())


def fan_of(landscape: NetworkLoss, face: Face) -> Fan:
    """Return the faces around the kinks that a unit is on."""
    return fan(tuple(tuple(landscape.rows[members[0]]) for members in kinks(landscape, face)))


def tangled(field: Field, unit: int) -> bool:
    """Return whether the rows of the kinks that a unit is on depend on each other."""
    return fan_of(field.landscape, field.signs[unit]).tangled


def guards(field: Field, unit: int) -> list[RaySlope]:
    """Return the slopes of the loss along all rays away from the kinks that a unit is on.

    Where the kinks are independent there are two for each of them, side -1 first.
    """
    known = field.notes.get(("guards", unit))
    if known is None:
        known = field.notes["guards", unit] = _guards(field, unit)
    return known


def _guards(field: Field, unit: int) -> list[RaySlope]:
    groups = kinks(field.landscape, field.signs[unit])
    rooms = [_room(field, unit, members) for members in groups]
    found = []
    for ray in fan_of(field.landscape, field.signs[unit]).rays:
        slope = _joined([_slope(field, unit, ray.vector), *map(_times, rooms, map(abs, ray.heights))])
        leaves = tuple((members[0], s) for members, s in zip(groups, ray.signs, strict=True) if s)
        found.append(RaySlope(leaves, slope))
    return found


def _slope(field: Field, unit: int, vector: Sequence[fmpq]) -> Functional:
    """Return the slope of the loss along a vector of a unit, with mean slopes at kinks."""
    (matrix, force), start = field.gradient, field.landscape.blocks[unit].start
    used = [(start + c, x) for c, x in enumerate(vector) if x]
    row = [sum((x * matrix[c, a] for c, x in used), fmpq(0)) for a in range(field.landscape.parameters)]
    return row, -sum((x * force[c] for c, x in used), fmpq(0))


def _room(field: Field, unit: int, members: Sequence[int]) -> Functional:
    """Return half the bend times the slope of the loss in the outputs at a kink, as a functional."""
    land = field.landscape
    kind = land.network.unit
    factor = exact(land.network.weights[unit] * (kind.positive - kind.negative) * land.scale)
    size, table = land.parameters, field.jacobian
    lengths = [(i, abs(exact(lines(land)[i][1]))) for i in members]
    row = [factor * sum((t * table[i, a] for i, t in lengths), fmpq(0)) for a in range(size)]
    return row, -factor * sum((t * exact(land.data.labels[i]) for i, t in lengths), fmpq(0))


def _times(functional: Functional, factor: fmpq) -> Functional:
    return [factor * x for x in functional[0]], factor * functional[1]


def _joined(parts: Sequence[Functional]) -> Functional:
    rows, constants = zip(*parts, strict=True)
    return [sum(column, fmpq(0)) for column in zip(*rows, strict=True)], sum(constants, fmpq(0))


def ways(landscape: NetworkLoss, at: Signs, place: FlowPoint) -> list[Way]:
    """Return all faces on which the units can go on from a point at which they are on the faces `at`.

    There is one solution exactly if there is one way, and it is held.
    """
    choices = [list(_candidates(landscape, at, unit, place)) for unit in range(landscape.units)]
    found = []
    for signs in product(*choices):
        way = _way(field_of(landscape, signs), at, place)
        if way is not None:
            found.append(way)
    return found


def _candidates(landscape: NetworkLoss, at: Signs, unit: int, place: FlowPoint) -> Iterator[Face]:
    """Yield the faces that a unit may move on, as far as it is decided to first order."""
    here = at[unit]
    groups = kinks(landscape, here)
    if not groups or all(place.sign(guard.slope) > 0 for guard in guards(field_of(landscape, at), unit)):
        yield here
        return
    for signs in fan_of(landscape, here).faces:
        face = list(here)
        for members, s in zip(groups, signs, strict=True):
            for i in members:
                face[i] = s if lines(landscape)[i][1] > 0 else -s
        field = field_of(landscape, (*at[:unit], tuple(face), *at[unit + 1 :]))
        freed = [(members[0], s) for members, s in zip(groups, signs, strict=True) if s]
        if all(s * place.sign(normal_speed(field, unit, i)) >= 0 for i, s in freed):
            yield tuple(face)


def _way(field: Field, at: Signs, place: FlowPoint) -> Way | None:
    """Return whether the units can move on these faces."""
    held = known = True
    for unit, (here, face) in enumerate(zip(at, field.signs, strict=True)):
        if not kinks(field.landscape, here):
            continue
        freed = [i for i, (s, t) in enumerate(zip(here, face, strict=True)) if s == 0 and t]
        if any(place.soon(normal_speed(field, unit, i), field) != face[i] for i in freed):
            return None
        stays = can_stay(field, unit, place)
        if stays is False:
            return None
        held = held and bool(stays) and is_held(field, unit, place)
        known = known and stays is not None
    return Way(field.signs, held, known)


def is_held(field: Field, unit: int, place: FlowPoint) -> bool:
    """Return whether the loss rises, or stays, along every ray away from the kinks that a unit is on."""
    return all(place.soon(guard.slope, field) >= 0 for guard in guards(field, unit))


def can_stay(field: Field, unit: int, place: FlowPoint) -> bool | None:
    """Return whether a mean of the gradients around a unit's kinks does not point away from them; None: not decided.

    Where the loss rises along every ray it is so. At an independent kink it is also so where it falls to both sides:
    nothing brings the unit back, and staying is one solution among others. So it is with a ReLU unit that is dead but
    for this kink: no error acts on it with the slope 0.
    """
    signs = [place.soon(guard.slope, field) for guard in guards(field, unit)]
    if min(signs, default=0) >= 0:
        return True
    around = fan_of(field.landscape, field.signs[unit])
    if not around.tangled:
        pairs = [*zip(signs[::2], signs[1::2], strict=True)]
        return all(min(pair) >= 0 or max(pair) <= 0 for pair in pairs)
    if stays_for_ever(field, unit):
        return True
    return holds_zero([[place.value(part) for part in gradient] for gradient in _gradients(field, unit, around)])


def stays_for_ever(field: Field, unit: int) -> bool:
    """Return whether a unit can stay on its kinks whatever the errors are.

    So it is where all gradients around come in opposite pairs, or one is 0: at the origin of an absolute-value or of a
    ReLU unit.
    """
    around = fan_of(field.landscape, field.signs[unit])
    means = [_slope(field, unit, vector) for vector in around.basis]
    return any(map(_vanish, [means, *_gradients(field, unit, around)]))


def _vanish(functionals: Sequence[Functional]) -> bool:
    return not any(constant or any(row) for row, constant in functionals)


def _gradients(field: Field, unit: int, around: Fan) -> list[list[Functional]]:
    """Return the gradient in every cell around the kinks of a unit, in coordinates across the face."""
    groups = kinks(field.landscape, field.signs[unit])
    rooms = [_room(field, unit, members) for members in groups]
    rows = [field.rows[members[0]] for members in groups]
    means = [_slope(field, unit, vector) for vector in around.basis]
    heights = [[sum((x * y for x, y in zip(u, v, strict=True)), fmpq(0)) for v in rows] for u in around.basis]
    return [
        [
            _joined([mean, *(_times(room, s * z) for room, s, z in zip(rooms, cell, own, strict=True))])
            for mean, own in zip(means, heights, strict=True)
        ]
        for cell in around.cells
    ]
