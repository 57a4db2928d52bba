"""Sections by a plane of parameter space: the cells, kinks and stationary sets it meets, for any number of units.

In a plane every pre-activation is an affine function of two coordinates, so the plane is cut by lines into the traces
of faces. An atlas knows for each choice of signs which stationary set is there, if any, and what it puts out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf

import numpy as np

from stability.errors import NumberError, PointError
from stability.exact.numbers import Exact, decimal, rational
from stability.geometry.atlas.atlas import Atlas
from stability.geometry.sections.affine_forms import Affine, combination, on, split, value
from stability.geometry.sections.planes import Plane
from stability.geometry.sections.polytopes import Body, Spot, frame
from stability.geometry.stationary.sets import StationarySet
from stability.model.flat_points import point_shape
from stability.model.network_loss import Matrix, NetworkLoss, Vector, dot

Signs = tuple[tuple[int, ...], ...]
SIMPLE = 10**6
"""A float that is the nearest one to a fraction with a denominator up to this is taken to mean it."""
FARTHEST = 10**100
"""The largest number in a picture, whose inverse is the least half width: squares of both are within float64."""
RESCALE = "Rescale the data, or choose another window."


@dataclass(frozen=True)
class Section:
    """A plane of parameter space with exact entries: origin + x right + y up."""

    landscape: NetworkLoss
    plane: Plane
    origin: Matrix
    right: Matrix
    up: Matrix

    @cached_property
    def forms(self) -> list[list[Affine]]:
        """The pre-activations, one row per unit, one entry per example."""
        rows, count = self.landscape.rows, self.landscape.units
        units = zip(self.right[:count], self.up[:count], self.origin[:count], strict=True)
        return [[(dot(a, row), dot(b, row), dot(c, row)) for row in rows] for a, b, c in units]

    @cached_property
    def directions(self) -> tuple[Vector, Vector]:
        """The two directions, flat."""
        return _flat(self.right), _flat(self.up)

    @cached_property
    def products(self) -> tuple[Fraction, Fraction, Fraction]:
        """The inner products right . right, right . up and up . up."""
        right, up = self.directions
        return dot(right, right), dot(right, up), dot(up, up)

    @property
    def on_a_kink(self) -> bool:
        """Whether all of the plane lies on a kink."""
        rows = self.landscape.rows
        return any(any(row) and not any(form) for unit in self.forms for row, form in zip(rows, unit, strict=True))

    def point(self, spot: Spot) -> Matrix:
        """Return the parameters at (x, y)."""
        x, y = spot
        units = zip(self.origin, self.right, self.up, strict=True)
        return [[c + x * a + y * b for c, a, b in zip(*unit, strict=True)] for unit in units]


@dataclass(frozen=True)
class PlaneTrace:
    """What a plane shows of one choice of faces: the signs of the pre-activations, and the closure of the trace."""

    signs: Signs
    body: Body


@dataclass(frozen=True)
class SetTrace:
    """What a plane shows of a stationary set on one choice of faces: its closure is the body."""

    set: StationarySet
    signs: Signs
    body: Body

    @property
    def kind(self) -> str:
        """The kind of the set."""
        return self.set.kind

    @property
    def dimension(self) -> int:
        """Of what the picture shows of it."""
        return self.body.dimension


def section(landscape: NetworkLoss, plane: Plane) -> Section:
    """Return a plane with exact entries.

    Raises
    ------
    PointError
        If the plane has another shape than the landscape's points, or its directions span no plane.
    NumberError
        If an entry is not finite.
    """
    shape = point_shape(landscape)
    found = [np.shape(each) for each in (plane.origin, plane.right, plane.up)]
    if found != [shape] * 3:
        raise PointError(
            f"Expected a plane of {landscape!r}, with an origin and two directions of shape {shape}; got {found}.",
            "Make it with stability.dynamics.plane(landscape, right, up) or named_plane(landscape, 'p,b').",
        )
    flat = ([_simple(x) for x in np.ravel(each)] for each in (plane.origin, plane.right, plane.up))
    origin, right, up = map(landscape.by_unit, flat)
    place = Section(landscape, plane, origin, right, up)
    a, b, c = place.products
    if a * c == b * b:
        raise PointError("The two directions do not span a plane.", "Give two that are not multiples of each other.")
    return place


def _flat(rows: Matrix) -> Vector:
    return [x for row in rows for x in row]


def width(span: Exact) -> Fraction:
    """Return half the width of a picture exactly.

    Raises
    ------
    NumberError
        If it is not finite or not above 0, or the picture would have numbers that floats lose when they are squared.
    """
    exact = _simple(span) if isinstance(span, float) else rational(span)
    if exact <= 0:
        raise NumberError(f"Expected a span above 0; got {span}.", "Write span=1.5: both axes run from -1.5 to 1.5.")
    if not 1 <= exact * FARTHEST <= FARTHEST**2:
        raise NumberError(f"Expected a span from 1e-100 to 1e100; got {decimal(exact)}.", RESCALE)
    return exact


def require_drawable(plane: Plane) -> None:
    """Refuse a plane so far out, or with directions so long, that floats lose the losses on it.

    Raises
    ------
    NumberError
        If a coordinate of its middle or of a direction is beyond 1e100.
    """
    largest = max(float(np.abs(each).max()) for each in (plane.origin, plane.right, plane.up))
    if float(FARTHEST) < largest < inf:  # what is not finite is refused where the section is made
        raise NumberError(f"Expected a plane with numbers up to 1e100; got {largest:.6g}.", RESCALE)


def _simple(value: float) -> Fraction:
    """Return the simple fraction that a float means, or else its binary value."""
    exact = rational(float(value))
    near = exact.limit_denominator(SIMPLE)
    return near if float(near) == float(value) else exact


def traces(place: Section, span: Fraction) -> list[PlaneTrace]:
    """Return what a picture from -span to span shows of every choice of faces that it meets."""
    found: list[tuple[list[int], Body]] = [([], frame(2, span))]
    for form in (form for unit in place.forms for form in unit):
        found = [([*signs, s], part) for signs, body in found for s, part in split(body, form)]
    count = len(place.landscape.rows)
    starts = range(0, count * place.landscape.units, count)
    return [PlaneTrace(tuple(tuple(signs[k : k + count]) for k in starts), body) for signs, body in found]


def inside(place: Section, signs: Signs, spot: Spot) -> bool:
    """Return whether the pre-activations have these signs at a spot."""
    rows = zip(signs, place.forms, strict=True)
    pairs = [pair for row, forms in rows for pair in zip(row, forms, strict=True)]
    return all((h > 0) - (h < 0) == s for s, h in ((s, value(form, spot)) for s, form in pairs))


def kink_lines(place: Section, span: Fraction) -> list[Body]:
    """Return the segments on which a pre-activation is 0, each once."""
    forms = (form for unit in place.forms for form in unit if any(form[:2]))
    lines = [on(frame(2, span), form) for form in forms]
    return list({frozenset(line.spots): line for line in lines if line.dimension == 1}.values())


def outputs(place: Section, signs: Signs) -> list[Affine]:
    """Return what the network puts out at each example, as affine functions on one choice of faces."""
    net = place.landscape.network
    slope, units = net.unit.slope, list(zip(net.weights, signs, place.forms, strict=True))
    bias = [(Fraction(1), (place.right[-1][0], place.up[-1][0], place.origin[-1][0]))] if net.output_bias else []
    examples = range(len(place.landscape.rows))
    return [combination([*bias, *((a * slope(s[i]), forms[i]) for a, s, forms in units if s[i])]) for i in examples]


def set_traces(atlas: Atlas, place: Section, found: Sequence[PlaneTrace]) -> list[SetTrace]:
    """Return what a plane shows of every stationary set, the largest parts first.

    A part in the closure of another part of the same set is left out.
    """
    parts = []
    for trace in found:
        each = atlas.on_faces(trace.signs)
        if each is None:
            continue
        body = trace.body
        for (a, b, c), y in zip(outputs(place, trace.signs), each.outputs, strict=True):
            body = on(body, (a, b, c - y))
        if body.corners and inside(place, trace.signs, (body.inside[0], body.inside[1])):
            parts.append(SetTrace(each, trace.signs, body))
    kept = [p for p in parts if not any(p is not q and p.set is q.set and _borders(p.signs, q.signs) for q in parts)]
    return sorted(kept, key=lambda part: -part.dimension)


def _borders(low: Signs, high: Signs) -> bool:
    """Return whether one choice of faces is in the closure of another."""
    return all(s in (0, t) for a, b in zip(low, high, strict=True) for s, t in zip(a, b, strict=True))
