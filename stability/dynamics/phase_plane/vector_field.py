"""The velocity of gradient flow, or of an update rule, in a plane of parameter space, and where a component is 0.

Inside a cell the velocity is affine, so nullclines are segments and it is decided, not sampled, whether the plane is
invariant. What leaves the plane is projected away at right angles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np

from stability.arrays import Floats
from stability.geometry.sections.affine_forms import Affine, combination, on
from stability.geometry.sections.plane_sections import PlaneTrace, Section, Signs, inside, outputs, traces
from stability.geometry.sections.planes import Plane
from stability.geometry.sections.polytopes import Body
from stability.model.float_loss import gradients
from stability.model.network_loss import NetworkLoss
from stability.model.update_rules import UpdateRule

CLOSE = 1e-9
"""Pre-activations nearer to 0 than this are taken to be on a kink."""


ADDING = ("gd", "heavy-ball", "nesterov")
"""Rules by which parameters move by sums of gradients."""


@dataclass(frozen=True)
class Speed:
    """The velocity of gradient flow on a choice of faces, in the coordinates of a plane.

    Attributes
    ----------
    sideways, upwards : Affine
        The two components of the projection.
    stays : bool
        Whether the velocity lies in the plane everywhere on these faces, so that nothing is projected away.
    """

    sideways: Affine
    upwards: Affine
    stays: bool


def velocities(landscape: NetworkLoss, points: Floats) -> Floats:
    """Return minus the gradient at points, shaped as they are, with torch's slope at kinks."""
    return -gradients(landscape, points)


def first_steps(landscape: NetworkLoss, points: Floats, rule: UpdateRule) -> Floats:
    """Return by how much the first step of an update rule, from rest, moves points, shaped as they are."""
    moved: Floats = rule.step(rule.start(points), gradients(landscape, points))[0] - points
    return moved


def coordinates(plane: Plane, vectors: Floats) -> Floats:
    """Return the coordinates (..., 2) in the directions of a plane of vectors, shaped as those are, projected."""
    directions = np.stack([plane.right.ravel(), plane.up.ravel()], axis=1)
    flat = vectors.reshape(*vectors.shape[: vectors.ndim - plane.right.ndim], len(directions))
    found: Floats = flat @ np.linalg.pinv(directions).T
    return found


def arrow_field(place: Section, span: float, count: int, rule: UpdateRule | None = None) -> tuple[Floats, Floats]:
    """Return spots of a grid off the kinks, and the velocity or first step there in the plane, both of shape (n, 2)."""
    line = np.linspace(-span, span, count + 2)[1:-1]
    spots = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    forms = np.array([form for unit in place.forms for form in unit if any(form)], dtype=float)
    off = (np.abs(spots @ forms[:, :2].T + forms[:, 2]) > CLOSE).all(axis=1)
    points = place.plane.points(*spots[off].T)
    vectors = velocities(place.landscape, points) if rule is None else first_steps(place.landscape, points, rule)
    return spots[off], coordinates(place.plane, vectors)


def speed(place: Section, signs: Signs) -> Speed:
    """Return the velocity on a choice of faces; on kinks with torch's slope."""
    landscape = place.landscape
    net, factor = landscape.network, -2 * landscape.scale
    errors = [(a, b, c - y) for (a, b, c), y in zip(outputs(place, signs), landscape.data.labels, strict=True)]
    flat = [
        combination([(factor * a * net.unit.slope(s[i]) * row[k], errors[i]) for i, row in enumerate(landscape.rows)])
        for a, s in zip(net.weights, signs, strict=True)
        for k in range(landscape.width)
    ]
    flat += [combination([(factor, each) for each in errors])] * net.output_bias
    right, up = place.directions
    along, above = (combination(zip(direction, flat, strict=True)) for direction in (right, up))
    a, b, c = place.products
    area = a * c - b * b
    u, v = combination([(c / area, along), (-b / area, above)]), combination([(a / area, above), (-b / area, along)])
    stays = all(combination([(x, u), (y, v)]) == each for x, y, each in zip(right, up, flat, strict=True))
    return Speed(u, v, stays)


def reach(place: Section) -> Fraction:
    """Return a span within which every kink passes and all kinks cross that do, so that every cell is met."""
    lines = [form for unit in place.forms for form in unit if any(form[:2])]
    feet = [max(abs(a), abs(b)) * abs(c) / (a * a + b * b) for a, b, c in lines]
    for (a, b, c), (d, e, f) in combinations(lines, 2):
        if a * e != b * d:
            feet.append(max(abs(b * f - c * e), abs(c * d - a * f)) / abs(a * e - b * d))
    return 1 + max(feet, default=Fraction(0))


def is_invariant(place: Section, rule: UpdateRule | None = None) -> bool:
    """Return whether gradient flow, or an update rule, that starts in the plane stays in it.

    Decided exactly, for all cells that the plane meets; where the plane lies on a kink the answer is no. A rule that
    acts on each coordinate alone, by an odd function, stays only if the coordinates of the plane fall in two classes,
    each of them the same up to the sign.
    """
    columns = [column for column in zip(*place.directions, strict=True) if any(column)]
    classes = {max((x, y), (-x, -y)) for x, y in columns}
    if place.on_a_kink or not (adds_up(rule) or len(classes) == 2):
        return False
    cells = (trace for trace in traces(place, reach(place)) if trace.body.dimension == 2)
    return all(speed(place, trace.signs).stays for trace in cells)


def adds_up(rule: UpdateRule | None) -> bool:
    """Return whether gradient flow, or an update rule, moves parameters by sums of gradients."""
    return rule is None or rule.name in ADDING


def nullclines(place: Section, found: Sequence[PlaneTrace]) -> tuple[list[Body], list[Body]]:
    """Return the segments inside cells on which the flow does not move sideways, and those on which not upwards."""
    lines: tuple[list[Body], list[Body]] = ([], [])
    for trace in found:
        if trace.body.dimension < 2:
            continue
        here = speed(place, trace.signs)
        for form, kept in zip((here.sideways, here.upwards), lines, strict=True):
            line = on(trace.body, form) if any(form[:2]) else Body((), 0)
            if line.dimension == 1 and inside(place, trace.signs, (line.inside[0], line.inside[1])):
                kept.append(line)
    return lines
