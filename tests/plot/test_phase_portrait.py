"""Do phase portraits show what is true, compared with exact gradients, classification, trajectories and torch?"""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.quiver import Quiver
from typer.testing import CliRunner

from stability import landscape
from stability.cli.main import app
from stability.dynamics.maps.iterate import orbit, rule_ends
from stability.dynamics.phase_plane.basin_boundaries import areas
from stability.dynamics.phase_plane.basin_labels import samples
from stability.dynamics.phase_plane.named_planes import known_planes, named_plane
from stability.dynamics.phase_plane.phase_plane import PIXELS, affordable, phase_portrait
from stability.dynamics.phase_plane.tracks import ring
from stability.dynamics.phase_plane.vector_field import coordinates, is_invariant, reach, velocities
from stability.errors import NumberError, PointError, StabilityError, UnknownNameError
from stability.geometry.atlas.atlas import known_atlas
from stability.geometry.sections.plane_sections import section, traces
from stability.geometry.sections.planes import plane
from stability.geometry.sections.polytopes import plane_parts
from stability.model.datasets import Dataset
from stability.model.update_rules import update_rule
from stability.plot.basins import tints
from stability.plot.marks import mark
from stability.plot.phase_portrait import draw_phase_portrait, legend, portrait_figure
from stability.training.ensembles.autograd_problem import Problem
from stability.training.ensembles.reference_descent import descend

QUARTER = [[0, 0, "-1/4"]]
PLANES = {
    "abs1": ("abs1", "p,b", None),
    "relu1": ("relu1", "p,b", None),
    "leaky": ("leaky1/100:1", "p,b", None),
    "weights": ("relu1", "w1,w2", QUARTER),
    "tilted": ("relu1", "w2,b", [["1/3", 0, 0]]),
    "two": ("relu2", "p@1,p@2", QUARTER * 2),
    "mirror": ("relu2", "p@1-p@2,b@1+b@2", None),
    "mixed": ("abs2", "w1@1,b@2", [["0", "-1/2", "1/5"], ["1/3", "1/7", "0"]]),
}
SKEW = {
    "skew": ("relu1", [["1/2", "-1/2", 0]], [["1/2", "-1/2", 1]], None),
    "touching": ("relu1", [["1/2", "1/2", 0]], [[0, 0, 1]], [["1/2", "-1/2", 0]]),
    "askew": ("relu2", [[1, 0, "1/3"], [0, 1, 0]], [[1, 1, 0], ["1/2", 0, 2]], [[0, "1/5", 0], [1, 0, "-1/7"]]),
}
"""Planes without a name: model, right, up, origin. A set touches a cell of the second only at its corner."""

ALL = [*PLANES, *SKEW]
INVARIANT = {"skew", "abs1", "relu1", "leaky", "mirror"}


@cache
def portrait(name, step=None, pixels=0, tracks=0):
    model, *directions, origin = {**PLANES, **SKEW}[name]
    land = landscape(model, "xor")
    where = plane(land, *directions, origin) if name in SKEW else named_plane(land, *directions, origin)
    return phase_portrait(land, where, step=step, pixels=pixels, tracks=tracks)


def exactly(found, spot):
    """Return the exact parameters at a spot."""
    x, y = map(Fraction, spot)
    place = found.place
    return [
        [c + x * a + y * b for c, a, b in zip(*rows, strict=True)]
        for rows in zip(place.origin, place.right, place.up, strict=True)
    ]


def projected(found, vector):
    """Return the coordinates in the plane of a flat vector, by least squares, and what is left over."""
    directions = np.column_stack([found.place.plane.right.ravel(), found.place.plane.up.ravel()])
    inside = np.linalg.lstsq(directions, vector, rcond=None)[0]
    return inside, vector - directions @ inside


@pytest.mark.parametrize("name", ALL)
def test_arrows_are_minus_the_exact_gradient(name):
    found = portrait(name)
    spots, speeds = found.arrows
    assert len(spots) > 100
    for spot, arrow in list(zip(spots, speeds, strict=True))[::17]:
        gradient = np.array(found.place.landscape.gradient(exactly(found, spot)), dtype=float)
        inside, left = projected(found, -gradient)
        assert arrow == pytest.approx(inside, abs=1e-12)
        assert name not in INVARIANT or left == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_invariance_is_reported(name):
    found = portrait(name)
    assert found.invariant == (name in INVARIANT)
    assert ("not invariant" in found.caption) != found.invariant


def test_a_plane_that_is_invariant_only_near_the_origin_is_not_invariant():
    """Far from 0 the plane p = w1 - w2 of one shifted bias meets more cells than near 0."""
    land = landscape("relu1", "xor")
    found = named_plane(land, "w1,w2", [[0, 0, -3]])
    place = section(land, found)
    near = [trace for trace in traces(place, Fraction(1)) if trace.body.dimension == 2]
    assert len(near) == 1, "everything is dead near the origin, so nothing leaves the plane there"
    assert reach(place) > 3
    assert not is_invariant(place)


@pytest.mark.parametrize("name", ALL)
def test_kinks_are_where_a_preactivation_is_0(name):
    found = portrait(name)
    zeros = set()
    for line in found.kinks:
        a, b = line.spots
        for share in (Fraction(1, 3), Fraction(5, 7)):
            spot = [x + share * (y - x) for x, y in zip(a, b, strict=True)]
            z = found.place.landscape.preactivations(exactly(found, spot))
            here = {(j, i) for j, row in enumerate(z) for i, v in enumerate(row) if v == 0}
            assert here
            zeros |= here
    corners = [found.place.landscape.pattern(exactly(found, (x, y))) for x, y in product((-1.5, 1.5), repeat=2)]
    units, examples = len(corners[0]), len(corners[0][0])
    changing = {(j, i) for j in range(units) for i in range(examples) if {c[j][i] for c in corners} >= {-1, 1}}
    assert changing <= zeros, "no kink is left out"


@pytest.mark.parametrize("name", ALL)
def test_on_nullclines_one_component_is_0(name):
    found = portrait(name)
    for axis, lines in enumerate((found.sideways, found.upwards)):
        for line in lines:
            gradient = np.array(found.place.landscape.gradient(exactly(found, line.inside)), dtype=float)
            assert projected(found, gradient)[0][axis] == pytest.approx(0, abs=1e-12)


def test_nullclines_of_abs1_are_known():
    """The gradient is 8 (p - q) with one q per basin: p = 0 and b = +-1/2 in those of the traps, p = +-1 elsewhere."""
    found = portrait("abs1")
    assert {line.inside[0] for line in found.sideways} == {-1, 0, 1}
    assert {line.inside[1] for line in found.upwards} == {Fraction(-1, 2), Fraction(1, 2)}


@pytest.mark.parametrize("name", ALL)
def test_marks_are_stationary_and_of_their_kind(name):
    found = portrait(name)
    assert found.parts or name in ("mixed", "tilted", "askew")
    for part in found.parts:
        point = exactly(found, part.body.inside)
        seen = found.place.landscape.classify(point)
        assert seen.clarke
        assert seen.loss == part.set.loss
        assert seen.kind.replace("global", "local") == part.kind.replace("global", "local")
        assert found.atlas.of(point) is part.set
        assert found.place.landscape.pattern(point) == [list(row) for row in part.signs]


@pytest.mark.parametrize("name", ["weights", "two", "mirror"])
def test_no_stationary_point_is_left_out(name):
    found = portrait(name)
    grid = [Fraction(k, 4) for k in range(-5, 6)]
    for spot in product(grid, grid):
        stationary = found.place.landscape.classify(exactly(found, spot)).clarke
        assert stationary == any(holds(part.body, spot) for part in found.parts)


def holds(body, spot):
    rim = body.around()
    if len(rim) == 1:
        return rim[0] == spot
    pairs = zip(rim, [*rim[1:], rim[0]], strict=True)
    turns = [(b[0] - a[0]) * (spot[1] - a[1]) - (b[1] - a[1]) * (spot[0] - a[0]) for a, b in pairs]
    within = all(min(xs) <= x <= max(xs) for x, xs in zip(spot, zip(*rim, strict=True), strict=True))
    return within and (all(t >= 0 for t in turns) or all(t <= 0 for t in turns))


@pytest.mark.parametrize("name", ["abs1", "relu1", "leaky"])
def test_sets_are_cut_as_by_faces_of_one_unit(name):
    """`slices` finds them from the faces of the atlas, `sections` from the cells of the plane."""
    found = portrait(name)
    theirs = {(part.set.index, frozenset(part.body.spots)) for part in plane_parts(found.atlas, found.span)}
    ours = {(part.set.index, frozenset(part.body.spots)) for part in found.parts}
    assert ours == theirs


@pytest.mark.parametrize(("name", "pixels"), [("abs1", 30), ("relu1", 30), ("weights", 24), ("two", 24), ("mirror", 8)])
def test_basins_are_the_ends_of_trajectories(name, pixels):
    found = portrait(name, pixels=pixels)
    x, y = samples(1.5, pixels)
    assert found.basins.labels.shape == (len(y), len(x)) == (pixels + 2, pixels + 2)
    rng = np.random.default_rng(3)
    for _ in range(15):
        i, j = rng.integers(0, pixels + 2, 2)
        end = found.place.landscape.flow(exactly(found, (x[i], y[j])))
        assert end.ends_on.index == found.basins.labels[j, i]


@pytest.mark.parametrize("name", ["relu1", "weights", "two"])
def test_basins_differ_on_both_sides_of_a_separatrix(name):
    found = portrait(name, pixels=24)
    lines = np.array([line for line in found.basins.lines if np.abs(line).max() > 0.2])  # off the place where many meet
    assert len(lines) > 20
    for a, b in lines[:: len(lines) // 8]:
        middle, along = (a + b) / 2, (b - a) / np.hypot(*(b - a))
        across = 3 / 24 / 16 * np.array([-along[1], along[0]])
        sides = [found.place.landscape.flow(exactly(found, middle + s * across)).ends_on.index for s in (-1, 1)]
        assert sides[0] != sides[1]


def test_separatrices_of_abs1_are_the_diagonals():
    """By proofs/theorems/basins_of_abs1.py the sign of z(x1) z(x2) = b^2 - p^2 decides."""
    ends = portrait("abs1", pixels=30).basins.lines.reshape(-1, 2)
    far = ends[np.abs(ends).max(axis=1) > 0.1]
    assert len(far) > 100
    assert np.abs(np.abs(far[:, 0]) - np.abs(far[:, 1])).max() < 3 / 30 / 2**5


def test_areas_fill_the_squares_they_cut():
    """Three sectors that meet in a point; the areas of the polygons of a square add up to it."""
    line = np.linspace(-1, 1, 8)
    found = areas(lambda spots: (np.arctan2(*(spots - 0.04).T) // (2 * np.pi / 3)).astype(int), line, line)
    total = 0.0
    for polygon, _ in found.pieces:
        x, y = polygon.T
        area = (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2
        assert area >= 0
        total += area
    step = line[1] - line[0]
    assert total / step**2 == pytest.approx(round(total / step**2))
    assert {label for _, label in found.pieces} == set(found.labels.ravel().tolist())
    inside = [(polygon.mean(axis=0), label) for polygon, label in found.pieces if len(polygon) < 5]
    right = [label == int(np.arctan2(*(spot - 0.04)) // (2 * np.pi / 3)) for spot, label in inside]
    assert np.mean(right) > 0.95


@pytest.mark.parametrize("step", ["1/10", "1/5", "6/25"])
def test_basins_of_descent_are_where_plain_descent_ends(step):
    pixels = 16
    found = portrait("abs1", step=step, pixels=pixels)
    x, y = samples(1.5, pixels)
    rng = np.random.default_rng(4)
    for _ in range(15):
        i, j = rng.integers(0, pixels + 2, 2)
        p, b = x[i], y[j]
        for _ in range(600):
            p, b = descend_by_hand(p, b, float(Fraction(step)))
        nearest = min(
            found.atlas.minima, key=lambda s: abs(2 * float(s.witness[0][0]) - p) + abs(float(s.witness[0][2]) - b)
        )
        assert found.basins.labels[j, i] == nearest.index


def descend_by_hand(p, b, step):
    """Return the next (p, b) of abs1 on XOR with w = (p/2, -p/2)."""
    slopes = [(1, p + b, 1), (-1, -p + b, 1), (0, b, 0), (0, b, 0)]
    rise_p = sum(2 * (abs(z) - label) * np.sign(z) * lean * 2 for lean, z, label in slopes)
    rise_b = sum(2 * (abs(z) - label) * np.sign(z) for _, z, label in slopes)
    return p - step * rise_p, b - step * rise_b


def test_descent_that_diverges_is_left_white():
    found = portrait("abs1", step="1/2", pixels=6)
    assert set(found.basins.labels.ravel().tolist()) == {-1}
    assert "nowhere, or undecided" in legend([found])["labels"]


@pytest.mark.parametrize("name", ["relu1", "two"])
def test_map_arrows_go_where_torch_steps(name):
    found = portrait(name, step="1/10")
    ax = draw(found)
    (arrows,) = [each for each in ax.collections if isinstance(each, Quiver)]
    for spot, arrow in zip(arrows.get_offsets(), np.column_stack([arrows.U, arrows.V]), strict=True):
        start = found.place.plane.points(*spot)
        after = descend(found.place.landscape, start[None], step=0.1, epochs=1, device="cpu").points[0]
        assert arrow == pytest.approx(projected(found, (after - start).ravel())[0], abs=1e-12)
    points = orbit(found.place.landscape, update_rule("gd", step="1/10"), start, 5)
    after = descend(found.place.landscape, start[None], step=0.1, epochs=5, device="cpu").points[0]
    assert points[-1] == pytest.approx(after)


RULES = [
    update_rule("heavy-ball", step="1/50", momentum="4/5"),
    update_rule("nesterov", step="1/50"),
    update_rule("adam", step="1/20"),
    update_rule("sign", step="1/20"),
]


def moved_by_torch(found, start, update, count):
    """Return the points that torch.optim visits; those of sign descent by hand."""
    p = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    c = update.floats
    optimiser = {
        "heavy-ball": lambda: torch.optim.SGD([p], lr=c.step, momentum=c.momentum),
        "nesterov": lambda: torch.optim.SGD([p], lr=c.step, momentum=c.momentum, nesterov=True),
        "adam": lambda: torch.optim.Adam([p], lr=c.step, betas=(c.beta1, c.beta2), eps=c.eps),
        "sign": lambda: None,
    }[update.name]()
    points, problem = [start], Problem(found.place.landscape, "cpu")
    for _ in range(count):
        p.grad = problem.evaluate(p[None])[2][0]
        if optimiser is None:
            p.data -= c.step * p.grad.sign()
        else:
            optimiser.step()
        points.append(p.detach().numpy().copy())
    return np.array(points)


@pytest.mark.parametrize("name", ["relu1", "two"])
@pytest.mark.parametrize("update", RULES, ids=str)
def test_arrows_and_orbits_of_a_rule_are_those_of_torch(name, update):
    model, *directions, origin = PLANES[name]
    land = landscape(model, "xor")
    found = phase_portrait(land, named_plane(land, *directions, origin), rule=update, pixels=0, tracks=2)
    (arrows,) = [each for each in draw(found).collections if isinstance(each, Quiver)]
    for spot, arrow in list(zip(arrows.get_offsets(), np.column_stack([arrows.U, arrows.V]), strict=True))[::7]:
        before, after = moved_by_torch(found, found.place.plane.points(*spot), update, 1)
        assert arrow == pytest.approx(found.longer * projected(found, (after - before).ravel())[0], abs=1e-7)
    for each in found.tracks:
        path = moved_by_torch(found, found.place.plane.points(*each[0]), update, min(len(each) - 1, 40))
        for spot, point in zip(each, path, strict=False):
            assert spot == pytest.approx(projected(found, (point - found.place.plane.origin).ravel())[0], abs=1e-7)


def test_short_first_steps_are_drawn_longer():
    land = landscape("abs1", "xor")
    where = named_plane(land, "p,b")
    found = [
        phase_portrait(land, where, rule=update_rule("gd", step=step), pixels=0, tracks=0)
        for step in ("1/10", "1/1000")
    ]
    assert [each.longer for each in found] == [1, 10]
    lengths = [np.hypot(arrows.U, arrows.V).max() for each in found for arrows in draw(each).collections]
    assert lengths[1] == pytest.approx(lengths[0] / 10)
    assert phase_portrait(land, where, pixels=0, tracks=0).longer == 1
    assert "one step of descent, 10 times as long" in legend(found[1:])["labels"]
    assert "one step of descent, up to 10 times as long" in legend(found)["labels"]


@pytest.mark.parametrize(("name", "stays"), [("p,b", True), ("w1,b", False)])
def test_a_plane_is_invariant_under_a_rule_on_each_coordinate_only_if_it_treats_them_alike(name, stays):
    land = landscape("abs1", "xor")
    where = named_plane(land, name)
    for update in RULES:
        place = section(land, where)
        assert is_invariant(place, update) == stays
    skew = section(land, plane(land, [["1/2", "-1/2", 0]], [["1/2", "-1/2", 1]]))
    assert all(is_invariant(skew, each) for each in (None, *RULES[:2])), "the same plane, spanned otherwise"
    relu = landscape("relu2", "xor")
    tied = section(relu, plane(relu, [["1/2", "-1/2", 0], [1, -1, 0]], [[0, 0, 1], [0, 0, 2]]))
    assert not is_invariant(tied, RULES[2])


@pytest.mark.parametrize("update", RULES[:3], ids=str)
def test_basins_of_a_rule_are_where_its_orbits_end(update):
    land = landscape("abs1", "xor")
    where = named_plane(land, "p,b")
    found = phase_portrait(land, where, rule=update, pixels=16, tracks=0)
    x, y = samples(1.5, 16)
    rng = np.random.default_rng(4)
    for _ in range(6):
        i, j = rng.integers(0, 18, 2)
        end = orbit(land, update, where.points(x[i], y[j]), 600)[-1]
        exact = [[Fraction(v).limit_denominator(12) for v in row] for row in end]
        assert found.basins.labels[j, i] == found.atlas.of(exact).index


def test_a_start_of_the_gallery_ends_in_three_places():
    """As the caption of figures/rules_portrait.py says."""
    land = landscape("abs1", "xor")
    start = named_plane(land, "p,b").points(*ring(1.5, 3)[0])[None]
    rules = [update_rule(name, step="1/50") for name in ("gd", "heavy-ball", "nesterov")] + [
        update_rule("adam", step="1/20")
    ]
    ends = [land.atlas().sets[rule_ends(land, start, each).sets[0]] for each in rules]
    assert ring(1.5, 3)[0].min() > 1
    assert [(each.loss, each.witness[0][0], each.witness[0][2]) for each in ends] == [
        (0, Fraction(1, 2), 0),
        (0, Fraction(-1, 2), 0),
        (0, Fraction(1, 2), 0),
        (1, 0, Fraction(1, 2)),
    ]


def draw(found):
    from stability.plot.phase_portrait import draw_found

    return draw_found(Figure().subplots(), found)


def test_flow_arrows_point_along_the_velocity():
    found = portrait("relu1")
    (arrows,) = [each for each in draw(found).collections if isinstance(each, Quiver)]
    moving = found.arrows[1][np.hypot(*found.arrows[1].T) > 0]
    assert len(arrows.U) == len(moving) < len(found.arrows[1]), "there is none in the dead region"
    assert arrows.U * moving[:, 1] == pytest.approx(arrows.V * moving[:, 0])
    assert (arrows.U * moving[:, 0] + arrows.V * moving[:, 1] > 0).all()


@pytest.mark.parametrize("name", ["relu1", "two", "weights"])
def test_tracks_begin_at_their_starts_and_end_at_the_limits(name):
    found = portrait(name, tracks=5)
    for each in found.tracks:
        flow = found.place.landscape.flow(exactly(found, each[0]))
        limit = np.array(flow.point, dtype=float) - found.place.plane.origin
        assert each[-1] == pytest.approx(projected(found, limit.ravel())[0], abs=1e-4)
        if name in INVARIANT:
            later = flow.at([0.25]).reshape(-1) - found.place.plane.origin.ravel()
            gaps = np.hypot(*(each - projected(found, later)[0]).T)
            assert gaps.min() < 0.1


def test_ends_off_the_plane_have_a_hollow_mark_where_they_are_projected():
    """The one minimum w = (1, 1), b = 0 of a line is not of the form (p, -p, b); it is seen at p = 0, b = 0."""
    place = landscape("relu1", Dataset("line", [[0, 1], [1, 0], [1, 1]], [1, 1, 2]))
    found = phase_portrait(place, named_plane(place, "p,b"), pixels=0, tracks=4)
    ends = [end for end in found.projected if end.kind == "global minimum"]
    assert ends
    assert all(end.spot == pytest.approx((0, 0), abs=1e-9) for end in ends)
    ax = found.plot(Figure().subplots())
    hollow = [line for line in ax.lines if line.get_markeredgewidth() == 1.8]
    assert len(hollow) == len(found.projected)
    assert {line.get_marker() for line in hollow} == {mark(end.kind).marker for end in found.projected}
    assert {to_rgb(line.get_markerfacecolor()) for line in hollow} == {(1, 1, 1)}
    assert "global minimum off the plane, projected" in legend([found])["labels"]


@pytest.mark.parametrize("name", ["abs1", "relu1"])
def test_ends_in_an_invariant_plane_are_not_marked_twice(name):
    found = portrait(name, tracks=12)
    assert found.projected == []
    assert not [label for label in legend([found])["labels"] if "off the plane" in label]


def test_velocities_are_those_of_the_landscape():
    rng = np.random.default_rng(5)
    for model, loss in (("relu2", "sum"), ("leaky1/100:2", "mean"), ("abs3", "sum")):
        land = landscape(model, "xor", loss)
        points = rng.integers(-9, 10, (6, land.units, 3)) / 8
        for point, speed in zip(points, velocities(land, points), strict=True):
            assert speed.ravel() == pytest.approx(-np.array(land.autograd_gradient(point.tolist()), dtype=float))


def test_coordinates_of_directions_that_are_not_at_right_angles():
    land = landscape("relu1", "xor")
    found = plane(land, [[1, 0, 0]], [[1, 1, 0]])
    assert coordinates(found, 2 * found.right - 3 * found.up) == pytest.approx([2, -3])


def test_drawings_have_every_mark_line_and_basin():
    found = portrait("relu1", pixels=12, tracks=3)
    ax = draw(found)
    colours = [line.get_color() for line in ax.get_lines()]
    for part in found.parts:
        assert part.dimension == 2 or mark(part.kind).colour in colours
    (image,) = ax.get_images()
    seen = {tuple(rgb) for rgb in np.asarray(image.get_array()).reshape(-1, 3)}
    assert seen == {to_rgb(tints(found.atlas, {0, 1, 2, 5})[k][0]) for k in (0, 1, 2, 5)}
    assert ax.get_xlabel() == "$p = w_1 - w_2$"
    assert ax.get_ylabel() == "bias $b$"
    words = legend([found])["labels"]
    assert len(words) == len(set(words)) == len(legend([found])["handles"])
    assert {"basin of loss 1, 2 of 4 right", "basin of loss 1, 3 of 4 right", "basin of loss 2, 2 of 4 right"} <= {
        *words
    }


def test_a_plane_on_a_kink_is_drawn_without_basins():
    land = landscape("relu2", "xor")
    found = phase_portrait(land, named_plane(land, "p@1,p@2"))
    assert found.basins is None
    assert not found.tracks
    assert not found.invariant
    assert "kink" in found.caption
    assert draw(found).get_xlabel() == "$p_{1}$"


def test_names_of_planes():
    two = landscape("relu2", "parity:3")
    found = named_plane(two, "w3@1+b@2,-w1@2", [[1, 2, 3, 4], [5, 6, 7, 8]])
    assert found.right.tolist() == [[0, 0, 1, 0], [0, 0, 0, 1]]
    assert found.up.tolist() == [[0, 0, 0, 0], [-1, 0, 0, 0]]
    assert found.origin.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert found.names == ("$w_{1,3} = b_{2}$", "$-w_{2,1}$")
    one = named_plane(landscape("abs1", "xor"), "p,b")
    assert (one.right.tolist(), one.up.tolist()) == ([[0.5, -0.5, 0]], [[0, 0, 1]])


@pytest.mark.parametrize(
    ("model", "data", "name", "error", "words"),
    [
        ("relu1", "xor", "p", UnknownNameError, "two coordinates.*\n.*'p,b'"),
        ("relu1", "xor", "p,b,w1", UnknownNameError, "two coordinates"),
        ("relu1", "xor", "q,b", UnknownNameError, "got 'q,b'"),
        ("relu1", "xor", "", UnknownNameError, "Known: p,b"),
        ("relu1", "xor", "w3,b", UnknownNameError, "dimension 2"),
        ("relu1", "xor", "w0,b", UnknownNameError, "got 'w0,b'"),
        ("relu1", "xor", "p@2,b", UnknownNameError, "1 unit"),
        ("relu2", "xor", "p,b", UnknownNameError, "which of the 2 units"),
        ("relu1", "parity:3", "p,b", UnknownNameError, "dimension 3"),
        ("relu1", "xor", "b,b", PointError, "span a plane"),
        ("relu1", "xor", "p,w1", PointError, "p and w1 move the same"),
        ("relu1", "xor", "b-b,w1", PointError, "b and b move the same"),
    ],
)
def test_unknown_and_dependent_planes_are_reported(model, data, name, error, words):
    with pytest.raises(error, match=words):
        named_plane(landscape(model, data), name)


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"span": 0}, NumberError, "span above 0; got 0"),
        ({"span": "-1/2"}, NumberError, "span above 0"),
        ({"span": float("nan")}, NumberError, "finite"),
        ({"span": float("inf")}, NumberError, "finite"),
        ({"step": 0}, NumberError, "step above 0; got 0"),
        ({"step": -0.1}, NumberError, "step above 0"),
        ({"step": float("nan")}, NumberError, "finite"),
        ({"step": "x"}, NumberError, "number"),
        ({"step": "1/10", "rule": update_rule("gd", step="1/10")}, StabilityError, "a step, or a rule that has one"),
        ({"rule": "gd"}, StabilityError, "update rule; got 'gd'"),
        ({"origin": [[0, 0]]}, PointError, "3 parameters"),
    ],
)
def test_wrong_numbers_are_reported(wrong, error, words):
    with pytest.raises(error, match=words) as report:
        portrait_figure(landscape("abs1", "xor"), "p,b", **wrong)
    assert isinstance(report.value, StabilityError)
    assert report.value.remedy


def test_wrong_planes_are_reported():
    abs1, relu2 = landscape("abs1", "xor"), landscape("relu2", "xor")
    good = named_plane(abs1, "p,b")
    ax = Figure().subplots()
    with pytest.raises(PointError, match=r"shape \(2, 3\)"):
        draw_phase_portrait(ax, relu2, good)
    with pytest.raises(PointError, match="span a plane"):
        draw_phase_portrait(ax, abs1, replace(good, up=good.right * 2))
    with pytest.raises(PointError, match="span a plane"):
        draw_phase_portrait(ax, abs1, replace(good, up=good.right * 0))
    with pytest.raises(NumberError, match="finite"):
        draw_phase_portrait(ax, abs1, replace(good, origin=good.origin * np.nan))


def test_thirds_are_meant_as_thirds():
    """Isolated saddles at (1/6, -1/6, 1/3) are found in a plane whose entries are floats."""
    land = landscape("abs1", "xor")
    found = phase_portrait(land, named_plane(land, "w1,w2", [[0, 0, "1/3"]]), pixels=0, tracks=0)
    assert [(p.kind, p.body.spots[0]) for p in found.parts if p.set.loss == Fraction(4, 3)] == [
        ("saddle", (Fraction(s, 6), Fraction(-s, 6))) for s in (1, -1)
    ]


def test_the_figure_of_the_command_is_titled_explained_and_the_same_every_time(tmp_path):
    from stability.plot.style import style

    paths = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for path in paths:
        with style():
            figure = portrait_figure(landscape("relu1", "xor"), "p,b", pixels=20, tracks=4)
            figure.savefig(path, metadata={"Date": None})
    assert paths[0].read_bytes() == paths[1].read_bytes()
    (ax,), (below,) = figure.axes, figure.legends
    assert ax.get_title() == "relu1 on xor (sum of squares): gradient flow"
    assert "plane is invariant" in below.get_title().get_text()
    assert "velocity of gradient flow" in [text.get_text() for text in below.get_texts()]
    with style():
        stepped = portrait_figure(landscape("relu1", "xor"), "p,b", step=0.1, pixels=0, tracks=2)
    assert stepped.axes[0].get_title().endswith("gradient descent, step 0.1")
    assert "one step of descent" in [text.get_text() for text in stepped.legends[0].get_texts()]
    with style():
        ruled = portrait_figure(
            landscape("relu2", "xor"), "p@1,p@2", rule=update_rule("adam", step=0.01), pixels=0, tracks=0
        )
    title = ruled.axes[0].get_title().replace("\n", " ")
    assert title == "relu2 on xor (sum of squares): Adam, step 0.01, $\\beta_1$ 9/10, $\\beta_2$ 999/1000"
    assert any(text.get_text().startswith("first step, from rest") for text in ruled.legends[0].get_texts())


REAL = Dataset("real", [["-7/5", "1/5"], [0, "9/10"], ["3/5", "-4/5"], [1, "1/2"]], [1, -2, "1/2", 3])


@pytest.mark.parametrize(("model", "data"), [("relu1", "xor"), ("relu2", "xor"), ("abs2", REAL), ("relu1", "parity:3")])
def test_the_plane_that_is_suggested_has_basins(model, data):
    place = landscape(model, data)
    first = known_planes(place)[0]
    assert not section(place, named_plane(place, first)).on_a_kink
    found = phase_portrait(place, named_plane(place, first), pixels=6, tracks=0, arrows=2)
    assert found.basins is not None


def test_samples_are_counted_as_they_are_followed_and_do_not_change_the_labels():
    place, report = landscape("relu2", REAL), []
    plane = named_plane(place, known_planes(place)[0])
    with_progress = phase_portrait(
        place, plane, pixels=10, tracks=0, arrows=2, progress=lambda _, done, total: report.append(done), sharp=False
    )
    without = phase_portrait(place, plane, pixels=10, tracks=0, arrows=2)
    assert not without.sampling
    assert report == sorted(report)
    assert report[-1] == 12 * 12
    assert "10 x 10 starts only" in with_progress.sampling
    assert np.array_equal(with_progress.basins.labels, without.basins.labels)


def test_fewer_samples_are_affordable_in_less_time():
    place = landscape("relu2", REAL)
    known_atlas(place)
    cut = section(place, named_plane(place, known_planes(place)[0]))
    assert affordable(cut, 1.5, seconds=1e-6) == 0
    assert affordable(cut, 1.5, seconds=1e6) == PIXELS


def test_the_command_chooses_a_plane_and_stops_cleanly(tmp_path, monkeypatch):
    file, out = tmp_path / "real.csv", tmp_path / "p.png"
    rows = zip(REAL.points, REAL.labels, strict=True)
    file.write_text("x1,x2,y\n" + "".join(f"{a},{b},{y}\n" for (a, b), y in rows))
    result = CliRunner().invoke(app, ["portrait", "relu2", str(file), "-o", str(out), "--pixels", "8"])
    assert (result.exit_code, result.stdout.strip()) == (0, str(out))
    assert out.stat().st_size > 1000
    out.unlink()

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("stability.dynamics.phase_plane.basin_labels.flow_limits", interrupted)
    result = CliRunner().invoke(app, ["portrait", "relu2", str(file), "-o", str(out), "--pixels", "8"])
    assert result.exit_code == 130
    assert result.stderr == "Interrupted; no picture was written.\n"
    assert list(tmp_path.iterdir()) == [file]


def test_a_portrait_is_computed_by_its_landscape_and_draws_itself():
    found = landscape("abs1", "xor").phase_portrait("p,b", pixels=0, arrows=4, tracks=0)
    drawn, again = found.plot(Figure().subplots()), Figure().subplots()
    draw_phase_portrait(again, landscape("abs1", "xor"), found.place.plane, pixels=0, arrows=4, tracks=0)
    assert [line.get_xydata().tolist() for line in drawn.lines] == [line.get_xydata().tolist() for line in again.lines]
    assert (drawn.get_xlabel(), drawn.get_ylabel()) == found.axes
    assert (found.title, found.threshold) == ("abs1 on xor (sum of squares)", Fraction(1, 2))
