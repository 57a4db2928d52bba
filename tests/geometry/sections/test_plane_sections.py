"""What a plane shows, against the landscape at points of the plane."""

from fractions import Fraction as Q
from itertools import combinations

import numpy as np
import pytest

from stability import Dataset, StabilityError, landscape
from stability.geometry.sections import plane_sections as sections
from stability.geometry.sections.affine_forms import value
from stability.geometry.sections.planes import Plane, plane

ABS1, RELU2 = landscape("abs1", "xor"), landscape("relu2", "xor")
LINE = landscape("abs1", Dataset("line", [[0], [1], [2]], [0, 1, 0]))
CASES = {
    "weights": (ABS1, [[1, 0, 0]], [[0, 1, 0]], [[0, 0, "1/2"]]),
    "skew": (ABS1, [[1, 1, 0]], [["1/2", 0, 1]], [[0, "1/4", "-1/3"]]),
    "two units": (RELU2, [[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [1, 1, 0]], [["1/4", 1, 0], ["-1/4", 0, -1]]),
    "through minima": (RELU2, [[1, -1, 0], [0, 0, 0]], [[0, 0, 0], [-1, 1, 0]], [[0, 0, 0], [0, 0, 0]]),
    "all": (LINE, [[1, 0]], [[0, 1]], [[0, 0]]),
}
SPOTS = [(Q(x, 4), Q(y, 4)) for x in range(-7, 8) for y in range(-7, 8)]


def place(name):
    model, right, up, origin = CASES[name]
    return sections.section(model, plane(model, right, up, origin))


@pytest.mark.parametrize("name", CASES)
def test_points_and_heights_are_those_of_the_plane(name):
    model, right, up, origin = CASES[name]
    here = place(name)
    for x, y in SPOTS[::17]:
        wanted = [
            [Q(c) + x * Q(a) + y * Q(b) for c, a, b in zip(*unit, strict=True)]
            for unit in zip(origin, right, up, strict=True)
        ]
        assert here.point((x, y)) == wanted
        heights = [[sum(p * q for p, q in zip(own, row, strict=True)) for row in model.rows] for own in wanted]
        assert [[value(form, (x, y)) for form in forms] for forms in here.forms] == heights
    flat = [[Q(x) for row in rows for x in row] for rows in (right, up)]
    assert here.directions == tuple(flat)
    pairs = ((flat[0], flat[0]), (flat[0], flat[1]), (flat[1], flat[1]))
    assert here.products == tuple(sum(a * b for a, b in zip(*pair, strict=True)) for pair in pairs)


@pytest.mark.parametrize("name", CASES)
def test_every_spot_is_in_the_one_trace_with_its_signs(name):
    here = place(name)
    found = sections.traces(here, Q(2))
    assert len({trace.signs for trace in found}) == len(found)
    for trace in found:
        assert sections.inside(here, trace.signs, trace.body.inside[:2])
    for spot in SPOTS:
        signs = tuple(map(tuple, here.landscape.pattern(here.point(spot))))
        assert [trace.signs for trace in found if sections.inside(here, trace.signs, spot)] == [signs]


@pytest.mark.parametrize("name", CASES)
def test_lines_of_kinks_are_where_a_height_vanishes_each_once(name):
    here = place(name)
    lines = sections.kink_lines(here, Q(2))
    forms = [form for unit in here.forms for form in unit if any(form[:2])]
    crossing = [form for form in forms if len({value(form, (x, y)) > 0 for x in (-2, 2) for y in (-2, 2)}) == 2]
    direction = {tuple(x / next(c for c in form if c) for x in form) for form in crossing}
    assert len(lines) == len(direction)
    assert len({frozenset(line.spots) for line in lines}) == len(lines)
    for line in lines:
        assert line.dimension == 1
        assert any(all(value(form, spot) == 0 for spot in line.spots) for form in forms)


@pytest.mark.parametrize("name", CASES)
def test_sets_are_where_the_atlas_says(name):
    here = place(name)
    atlas = here.landscape.atlas()
    shown = sections.set_traces(atlas, here, sections.traces(here, Q(2)))
    assert [part.dimension for part in shown] == sorted((part.dimension for part in shown), reverse=True)
    for part in shown:
        spot = part.body.inside[:2]
        assert atlas.of(here.point(spot)) is part.set
        assert here.landscape.loss(here.point(spot)) == part.set.loss
        assert part.kind == part.set.kind
    for one, two in combinations(shown, 2):
        corners = set(one.body.spots), set(two.body.spots)
        assert one.set is not two.set or not (corners[0] <= corners[1] or corners[1] <= corners[0])
    for spot in SPOTS:
        found = atlas.of(here.point(spot))
        signs = tuple(map(tuple, here.landscape.pattern(here.point(spot))))
        flat = [s for row in signs for s in row]
        closed = [part.set for part in shown if borders(flat, [s for row in part.signs for s in row])]
        assert found is None or found in closed


def borders(low, high):
    return all(s in (0, t) for s, t in zip(low, high, strict=True))


@pytest.mark.parametrize("name", ["weights", "through minima", "all"])
def test_sets_are_met(name):
    assert sections.set_traces(CASES[name][0].atlas(), place(name), traces_of(name))


def traces_of(name):
    return sections.traces(place(name), Q(2))


def test_outputs_are_those_of_the_network():
    here = place("two units")
    for trace in traces_of("two units"):
        spot = trace.body.inside[:2]
        heights = [[value(form, spot) for form in unit] for unit in here.forms]
        wanted = [sum(max(z, 0) for z in column) for column in zip(*heights, strict=True)]
        assert [value(form, spot) for form in sections.outputs(here, trace.signs)] == wanted


def test_floats_mean_fractions_with_denominators_up_to_a_million():
    for n, d in ((1, 10), (-1, 3), (2, 7), (1, 999_983), (5, 1)):
        origin, right, up = (np.array([rows], dtype=float) for rows in ([n / d, 0, 0], [0, 1, 0], [0, 0, 1]))
        assert sections.section(ABS1, Plane(origin, right, up, ("x", "y"))).origin == [[Q(n, d), 0, 0]]
    fine = 1 / 1_500_001
    rows = [np.array([each]) for each in ([fine, 0, 0], [0.0, 1, 0], [0.0, 0, 1])]
    assert sections.section(ABS1, Plane(*rows, ("x", "y"))).origin == [[Q(fine), 0, 0]]
    assert Q(fine) != Q(1, 1_500_001)


def test_planes_that_are_none():
    good = np.array([[1.0, 0, 0]]), np.array([[0.0, 1, 0]])
    with pytest.raises(StabilityError, match="Expected a plane of"):
        sections.section(RELU2, Plane(np.zeros((1, 3)), *good, ("x", "y")))
    with pytest.raises(StabilityError, match="do not span a plane"):
        sections.section(ABS1, Plane(np.zeros((1, 3)), good[0], -2 * good[0], ("x", "y")))
    assert place("weights").on_a_kink is False
    assert sections.section(ABS1, plane(ABS1, [[1, -1, 0]], [[0, 1, -1]])).on_a_kink is True


def test_widths():
    assert sections.width("3/2") == sections.width(1.5) == Q(3, 2)
    assert sections.width(0.1) == Q(1, 10)
    assert sections.width(Q(1, 10**100)) == Q(1, 10**100)
    assert sections.width(10**100) == 10**100
    for wrong in (0, -1, "-1/2", 0.0):
        with pytest.raises(StabilityError, match="Expected a span above 0"):
            sections.width(wrong)
    for wrong in (Q(1, 10**100) / 2, 10**100 + 1, 10**101):
        with pytest.raises(StabilityError, match="Expected a span from 1e-100 to 1e100"):
            sections.width(wrong)
