"""Which part of a stationary set or of a cell lies in a picture: exact corners, in the plane or in space.

A face is given by the signs of the pre-activations z_i; a set fixes the outputs besides. In the coordinates of a
picture each z_i is a linear form, so both are convex bodies inside the frame, cut out of it condition by condition.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Protocol

from flint import fmpq, fmpq_mat

from stability.geometry.arrangement.enumerate import Arrangement, Face
from stability.geometry.stationary.sets import StationarySet
from stability.model.network_loss import NetworkLoss

Spot = tuple[Fraction, ...]
"""Coordinates in a picture."""

Form = tuple[Fraction, ...]
"""Coefficients of a linear form on the coordinates of a picture."""


class UnitAtlas(Protocol):
    """What sections read of an atlas."""

    @property
    def landscape(self) -> NetworkLoss:
        """Whose stationary sets they are."""

    @property
    def arrangement(self) -> Arrangement:
        """The faces of one unit."""

    @property
    def sets(self) -> list[StationarySet]:
        """The stationary sets, least loss first."""

    @property
    def minima(self) -> list[StationarySet]:
        """Those of local minima."""


@dataclass(frozen=True)
class Body:
    """A convex body by its corners, each with the bits of the conditions that it fulfils with equality."""

    corners: tuple[tuple[Spot, int], ...]
    conditions: int

    @property
    def spots(self) -> list[Spot]:
        """The corners."""
        return [spot for spot, _ in self.corners]

    @property
    def inside(self) -> Spot:
        """A point of the relative interior: the mean of the corners."""
        return tuple(sum(xs, Fraction(0)) / len(xs) for xs in zip(*self.spots, strict=True))

    @property
    def dimension(self) -> int:
        """Of the body; -1 if it is empty."""
        if len(self.corners) < 2:
            return len(self.corners) - 1
        first, *others = self.spots
        steps = [[fmpq(*(x - y).as_integer_ratio()) for x, y in zip(other, first, strict=True)] for other in others]
        return int(fmpq_mat(steps).rref()[1])

    def adjacent(self, a: int, b: int) -> bool:
        """Return whether two corners span an edge: no third one has all conditions that they have in common."""
        common = self.corners[a][1] & self.corners[b][1]
        return not any(k not in (a, b) and not common & ~bits for k, (_, bits) in enumerate(self.corners))

    def cut(self, form: Form, constant: Fraction = Fraction(0)) -> "Body":
        """Return the part where form . x >= constant."""
        heights = [_value(form, spot) - constant for spot in self.spots]
        bit, pairs = 1 << self.conditions, range(len(self.corners))
        kept = [(spot, bits | bit * (h == 0)) for (spot, bits), h in zip(self.corners, heights, strict=True) if h >= 0]
        for a, b in product(pairs, pairs):
            if heights[a] > 0 > heights[b] and self.adjacent(a, b):
                share = heights[a] / (heights[a] - heights[b])
                ends = zip(self.corners[a][0], self.corners[b][0], strict=True)
                spot = tuple(x + share * (y - x) for x, y in ends)
                kept.append((spot, self.corners[a][1] & self.corners[b][1] | bit))
        return Body(tuple(kept), self.conditions + 1)

    def around(self) -> list[Spot]:
        """Return the corners of a polygon in their order around it; those of a segment or point as they are."""
        left = list(range(1, len(self.corners)))
        order = [0] if self.corners else []
        while left:
            order.append(next((k for k in left if self.adjacent(order[-1], k)), left[0]))
            left.remove(order[-1])
        return [self.corners[k][0] for k in order]

    def sides(self) -> list["Body"]:
        """Return the polygons that bound a body in space; a polygon itself."""
        if self.dimension < 3:
            return [self]
        rims = dict.fromkeys(tuple(c for c in self.corners if c[1] >> k & 1) for k in range(self.conditions))
        return [side for side in (Body(rim, self.conditions) for rim in rims) if side.dimension == 2]


@dataclass(frozen=True)
class SetPart:
    """The part of a stationary set on one face that lies in the picture.

    Attributes
    ----------
    set : StationarySet
    face : Face
    body : Body
        Its closure.
    """

    set: StationarySet
    face: Face
    body: Body

    @property
    def kind(self) -> str:
        """The kind of the set."""
        return self.set.kind

    @property
    def dimension(self) -> int:
        """Of what the picture shows of it."""
        return self.body.dimension


def plane_forms(landscape: NetworkLoss) -> list[Form]:
    """Return the pre-activations in the coordinates (p, b) of the plane w = (p/2, -p/2)."""
    return [((x - y) / 2, one) for x, y, one in landscape.rows]


def plane_point(spot: Spot) -> list[list[Fraction]]:
    """Return the parameters at (p, b) in that plane."""
    p, b = spot
    return [[p / 2, -p / 2, b]]


def space_forms(landscape: NetworkLoss) -> list[Form]:
    """Return the pre-activations in the coordinates (w1, w2, b)."""
    return [tuple(row) for row in landscape.rows]


def frame(dimension: int, span: Fraction) -> Body:
    """Return the square or cube from -span to span."""
    corners = []
    for signs in product((-1, 1), repeat=dimension):
        tight = sum(1 << 2 * k + (s > 0) for k, s in enumerate(signs))
        corners.append((tuple(s * span for s in signs), tight))
    return Body(tuple(corners), 2 * dimension)


def face_body(forms: Sequence[Form], signs: Sequence[int], span: Fraction, fixed: Sequence[Fraction | None]) -> Body:
    """Return the closure of what a picture shows of a face; empty if it shows nothing of the face itself.

    Parameters
    ----------
    forms : sequence of Form
        The pre-activations.
    signs : sequence of int
    span : Fraction
        The picture goes from -span to span.
    fixed : sequence of Fraction or None
        The values of pre-activations that are fixed.
    """
    body = frame(len(forms[0]), span)
    for form, sign, value in zip(forms, signs, fixed, strict=True):
        wanted = Fraction(0) if sign == 0 else value
        if wanted is None:
            body = body.cut(tuple(sign * x for x in form))
        else:
            body = body.cut(form, wanted).cut(tuple(-x for x in form), -wanted)
    if body.corners and all(s * _value(f, body.inside) > 0 for f, s in zip(forms, signs, strict=True) if s):
        return body
    return Body((), body.conditions)


def cell_bodies(atlas: UnitAtlas, forms: Sequence[Form], span: Fraction) -> list[tuple[list[int], Body]]:
    """Return the open cells that a picture shows, with their signs."""
    free = [None] * len(forms)
    cells = [atlas.arrangement.faces[c].signs(len(forms)) for c in atlas.arrangement.cells]
    bodies = [(signs, face_body(forms, signs, span, free)) for signs in cells]
    return [(signs, body) for signs, body in bodies if body.dimension == len(forms[0])]


def set_parts(atlas: UnitAtlas, forms: Sequence[Form], span: Fraction) -> list[SetPart]:
    """Return what a picture shows of every stationary set of one unit, the largest parts first.

    A part in the closure of another part of the same set is left out.
    """
    slopes = {side: atlas.landscape.slope(0, side) for side in (1, -1)}
    found: list[SetPart] = []
    for each in atlas.sets:
        own = []
        for (f,) in each.members:
            face = atlas.arrangement.faces[f]
            signs = face.signs(len(forms))
            fixed = [y / slopes[s] if slopes.get(s) else None for s, y in zip(signs, each.outputs, strict=True)]
            own.append(SetPart(each, face, face_body(forms, signs, span, fixed)))
        own = [part for part in own if part.body.corners]
        found += [p for p in own if not any(p is not q and p.face.borders(q.face) for q in own)]
    return sorted(found, key=lambda part: -part.dimension)


def plane_parts(atlas: UnitAtlas, span: Fraction) -> list[SetPart]:
    """Return what the plane w = (p/2, -p/2) meets of every stationary set."""
    return set_parts(atlas, plane_forms(atlas.landscape), span)


def _value(form: Form, spot: Spot) -> Fraction:
    return sum((a * x for a, x in zip(form, spot, strict=True)), Fraction(0))
