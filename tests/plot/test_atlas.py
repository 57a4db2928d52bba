"""Do the drawings of an atlas show what is true, compared with classification and with plain linear algebra?"""

import random
from fractions import Fraction
from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from mpl_toolkits.mplot3d.art3d import Poly3DCollection
from some_slow import some_slow

from stability import Landscape, landscape
from stability.errors import DataError, PointError
from stability.geometry.sections.cell_graph import cell_graph
from stability.geometry.sections.cell_layout import cell_map
from stability.geometry.sections.polytopes import (
    cell_bodies,
    frame,
    plane_forms,
    plane_parts,
    plane_point,
    set_parts,
    space_forms,
)
from stability.model.datasets import Dataset
from stability.model.networks import network
from stability.plot.atlas import draw_atlas, legend
from stability.plot.atlas_3d import draw_atlas_in_space, drawn_sides
from stability.plot.cell_map import draw_cell_map
from stability.plot.figures import draw_figure
from stability.plot.loss_levels import draw_levels, draw_outputs
from stability.plot.marks import MARKS, mark
from stability.plot.style import GREY

MODELS = ["abs1", "relu1", "leaky1/100:1"]
SPAN = Fraction(3, 2)
FIGURES = ["atlas_3d", "atlas_plane", "cells_and_minima", "loss_levels", "portraits"]
SKEW = Dataset("skew", [[0, 0], [2, 1], [-1, 3], [1, -2]], [1, 0, 1, 0])
LINE = Dataset("line", [[0, 0], [1, 1], [2, 2]], [0, 1, 0])


@cache
def atlas(model, data="xor"):
    place = landscape(model, data) if isinstance(data, str) else Landscape(network(model), data)
    return place.atlas()


def axes():
    return Figure().subplots()


def mixture(rng, spots):
    """Return a point in the relative interior of a convex body."""
    weights = [Fraction(rng.randint(1, 9)) for _ in spots]
    return [sum(w * x for w, x in zip(weights, xs, strict=True)) / sum(weights) for xs in zip(*spots, strict=True)]


def kind_of(found):
    """Return the kind that classification gives, which does not know which minima are global."""
    return "local minimum" if found.kind == "global minimum" else found.kind


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("data", ["xor", SKEW])
def test_every_part_is_stationary_and_of_its_kind(model, data):
    rng, land = random.Random(7), atlas(model, data).landscape
    parts = [(p, plane_point) for p in plane_parts(atlas(model, data), SPAN)]
    parts += [(p, lambda spot: [spot]) for p in set_parts(atlas(model, data), space_forms(land), 4 * SPAN)]
    assert parts
    for part, place in parts:
        for _ in range(3):
            point = place(mixture(rng, part.body.spots))
            found = land.classify(point)
            assert found.clarke
            assert found.loss == part.set.loss
            assert kind_of(found) == part.kind.replace("global", "local")
            assert atlas(model, data).of(point) is part.set


@pytest.mark.parametrize(("model", "data"), some_slow(product(MODELS, ["xor", SKEW]), 4))
def test_no_stationary_point_of_the_plane_is_left_out(model, data):
    """On a grid of the plane, a point is stationary exactly if a drawn part contains it."""
    parts = plane_parts(atlas(model, data), SPAN)
    grid = [Fraction(k, 6) for k in range(-9, 10)]
    for p, b in product(grid, grid):
        stationary = atlas(model, data).landscape.classify(plane_point((p, b))).clarke
        assert stationary == any(holds(part.body, (p, b)) for part in parts)


def holds(body, spot):
    """Return whether a body in the plane contains a spot, by areas of triangles."""
    rim = body.around()
    if len(rim) == 1:
        return rim[0] == spot
    turns = [cross(a, b, spot) for a, b in zip(rim, [*rim[1:], rim[0]], strict=True)]
    within = all(min(xs) <= x <= max(xs) for x, xs in zip(spot, zip(*rim, strict=True), strict=True))
    return within and (all(t >= 0 for t in turns) or all(t <= 0 for t in turns))


def cross(a, b, c):
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def test_the_dead_region_is_where_no_unit_is_active():
    ax = draw_atlas(axes(), atlas("relu1"))
    (region,) = [patch for patch in ax.patches if isinstance(patch, Polygon)]
    corners = {tuple(map(float, xy)) for xy in region.get_xy()}
    assert corners == {(0, 0), (1.5, -1.5), (-1.5, -1.5)}
    rows = atlas("relu1").landscape.rows
    for p, b in corners:
        point = [Fraction(p) / 2, -Fraction(p) / 2, Fraction(b)]
        assert all(sum(a * x for a, x in zip(row, point, strict=True)) <= 0 for row in rows)


@pytest.mark.parametrize("model", MODELS)
def test_points_and_lines_are_drawn_where_the_parts_are(model):
    ax = draw_atlas(axes(), atlas(model))
    drawn = {(to_hex(line.get_color()), tuple(map(tuple, line.get_xydata()))) for line in ax.get_lines()}
    for part in plane_parts(atlas(model), SPAN):
        spots = tuple(tuple(map(float, spot)) for spot in part.body.around())
        assert part.dimension == 2 or (to_hex(mark(part.kind).colour), spots) in drawn
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    assert len(legend([atlas(model)])["labels"]) == len({s.kind for s in atlas(model).sets}) + 2


@pytest.mark.parametrize("model", ["abs1", "relu1"])
def test_cells_are_labelled_by_their_signs(model):
    ax = draw_atlas(axes(), atlas(model))
    texts = [t for t in ax.texts if t.get_text() and not t.get_text()[0].isdigit()]
    assert len(texts) == 6
    for text in texts:
        (p, b), signs = text.get_position(), text.get_text().replace("\N{THIN SPACE}", "")
        z = [(x - y) * p / 2 + b for x, y in atlas(model).landscape.data.points]
        assert signs == "".join("+" if v > 0 else "\N{MINUS SIGN}" for v in z)
    levels = [t.get_text() for t in draw_atlas(axes(), atlas(model), labels=False).texts]
    assert levels
    assert all(float(level) > 0 for level in levels), "the values of the contours alone"


@pytest.mark.parametrize("data", ["xor", SKEW])
def test_cells_fill_the_plane(data):
    """The areas of the cells add up to that of the square."""
    forms = plane_forms(atlas("relu1", data).landscape)
    areas = []
    for _, body in cell_bodies(atlas("relu1", data), forms, SPAN):
        rim = body.around()
        areas.append(abs(sum(cross((0, 0), a, b) for a, b in zip(rim, [*rim[1:], rim[0]], strict=True))) / 2)
    assert sum(areas) == (2 * SPAN) ** 2


def test_cutting_a_cube():
    cube = frame(3, Fraction(1))
    assert cube.dimension == 3
    assert sorted(len(side.around()) for side in cube.sides()) == [4] * 6
    diagonal = (Fraction(1), Fraction(1), Fraction(1))
    hexagon = cube.cut(diagonal).cut(tuple(-x for x in diagonal))
    assert (hexagon.dimension, len(hexagon.corners)) == (2, 6)
    rim = hexagon.around()
    assert {sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) for a, b in pairwise([*rim, rim[0]])} == {2}
    assert (cube.cut(diagonal, Fraction(3)).dimension, cube.cut(diagonal, Fraction(4)).dimension) == (0, -1)


def space_axes():
    return Figure().subplots(subplot_kw={"projection": "3d"})


@pytest.mark.parametrize("model", MODELS)
def test_the_picture_in_space_has_every_part(model):
    ax = draw_atlas_in_space(space_axes(), atlas(model))
    parts = set_parts(atlas(model), space_forms(atlas(model).landscape), Fraction(1))
    points = [p for p in parts if p.dimension == 0]
    marks = [line for line in ax.get_lines() if line.get_marker() not in ("None", "", None)]
    assert sorted(tuple(float(v[0]) for v in m.get_data_3d()) for m in marks) == sorted(
        tuple(map(float, p.body.spots[0])) for p in points
    )
    sheets = [c for c in ax.collections if isinstance(c, Poly3DCollection)]
    assert len(sheets) == len(drawn_sides(parts)) + 1
    stems = [line for line in ax.get_lines() if line.get_color() == GREY]
    feet = sorted(tuple(float(v) for v in (x[0], y[0])) for x, y, z in (line.get_data_3d() for line in stems))
    assert feet == sorted(tuple(map(float, p.body.spots[0][:2])) for p in points)


def test_the_dead_pyramid_has_each_side_once():
    """Four sides on kinks, two of local maxima and two of the dead region, and the cut; and two global minima."""
    sides = drawn_sides(set_parts(atlas("relu1"), space_forms(atlas("relu1").landscape), Fraction(1)))
    assert sorted(kind for kind, _ in sides) == [
        *["global minimum"] * 2, *["local maximum"] * 2, *["local minimum"] * 3,
    ]  # fmt: skip
    assert len({frozenset(side.spots) for _, side in sides}) == len(sides)


def touching_cells(model, each):
    """Return the sign patterns of cells whose closure meets a set, found without the faces' own `borders`."""
    rows = [[float(x) for x in row] for row in atlas(model).landscape.rows]
    rng, found = np.random.default_rng(8), set()
    for (f,) in each.members:
        rays = np.array(atlas(model).arrangement.faces[f].rays or [(0, 0, 0)], dtype=float)
        for _ in range(400):
            nudged = rays.sum(axis=0) + 1e-6 * rng.normal(size=3)
            found.add(tuple(np.sign(np.array(rows) @ nudged).astype(int)))
    return found


@pytest.mark.parametrize("model", MODELS)
def test_edges_join_a_set_to_the_cells_around_its_points(model):
    graph = cell_graph(atlas(model))
    for each in atlas(model).minima:
        own = {tuple(graph.signs(cell)) for cell in graph.cells_of(each.index)}
        assert own == touching_cells(model, each)


@pytest.mark.parametrize(("model", "count"), [("abs1", 10), ("relu1", 12), ("leaky1/100:1", 3)])
def test_cells_are_coloured_whose_closure_holds_a_minimum(model, count):
    ax = draw_cell_map(axes(), atlas(model))
    (image,) = ax.get_images()
    left, chart, pixels = ax.get_xlim()[0], cell_map(cell_graph(atlas(model))), np.asarray(image.get_array())
    white = {
        cell
        for cell, (x, y) in chart.cells.items()
        if (pixels[int((y + 90) * pixels.shape[0] / 180), int((x - left) * pixels.shape[1] / 360)] == 1).all()
    }
    touched = {cell for each in atlas(model).minima for cell in chart.graph.cells_of(each.index)}
    assert white == set(chart.cells) - touched
    assert len(touched) == count


def test_walls_separate_cells_that_differ_in_one_sign():
    """The graph of the cells is that of the rhombic dodecahedron: 14 vertices, 24 edges, degrees 3 and 4."""
    graph = cell_graph(atlas("abs1"))
    differences = [sum(a != b for a, b in zip(graph.signs(p), graph.signs(q), strict=True)) for p, q in graph.walls]
    assert differences == [1] * 24
    degrees = [sum(cell in wall for wall in graph.walls) for cell in graph.atlas.arrangement.cells]
    assert sorted(degrees) == [3] * 8 + [4] * 6


@pytest.mark.parametrize("model", ["abs1", "relu1"])
def test_cells_stand_where_they_are(model):
    """At the spot of a cell on the map, the pre-activations have its signs."""
    chart = cell_map(cell_graph(atlas(model)))
    for cell, (angle, height) in chart.cells.items():
        theta, up = np.radians([angle, height])
        v = np.array([np.cos(up) * np.cos(theta), np.cos(up) * np.sin(theta), np.sin(up)])
        z = np.array(atlas(model).landscape.rows, dtype=float) @ v
        assert np.sign(z).astype(int).tolist() == chart.graph.signs(cell)


def test_nothing_on_the_map_overlaps():
    for model in ("abs1", "relu1"):
        chart = cell_map(cell_graph(atlas(model)))
        spots = np.array([*chart.cells.values(), *chart.sets.values()])
        steps = np.abs(spots[:, None] - spots[None, :])[~np.eye(len(spots), dtype=bool)]
        assert ((steps[:, 0] > 20) | (steps[:, 1] > 10)).all()


def test_levels_are_the_losses_and_every_set_is_on_its_level():
    ax = draw_levels(axes(), atlas("relu2"))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0", "1", "4/3", "2"]
    marks = [line for line in ax.get_lines() if line.get_marker() not in ("None", "", None)]
    assert len(marks) == 10
    by_loss = {loss: {s.kind for s in atlas("relu2").sets if s.loss == loss} for loss in atlas("relu2").losses}
    looks = {(MARKS[kind].marker, kind) for kind in MARKS}
    for loss, kinds in by_loss.items():
        here = {m.get_marker() for m in marks if m.get_ydata()[0] == pytest.approx(float(loss))}
        assert here == {marker for marker, kind in looks if kind in kinds}


def test_outputs_distinguish_correct_from_wrong():
    for each in atlas("relu2").sets:
        ax = draw_outputs(axes(), each.landscape.data, each.outputs)
        crosses = [line for line in ax.get_lines() if line.get_marker() == "x"]
        assert len(crosses) == 4 - each.right
        assert [text.get_text() for text in ax.texts] == [str(f) for f in each.outputs]


@pytest.mark.parametrize("draw", [draw_atlas, draw_cell_map])
@pytest.mark.parametrize(("model", "data"), [("relu2", "xor"), ("relu1", "parity:3")])
def test_only_one_unit_in_the_plane_can_be_drawn(draw, model, data):
    with pytest.raises(PointError, match="one unit in the plane"):
        draw(axes(), atlas(model, data))


def test_wrong_input_is_reported():
    with pytest.raises(PointError, match="one unit in the plane"):
        draw_atlas_in_space(space_axes(), atlas("relu2"))
    with pytest.raises(DataError, match="line"):
        draw_cell_map(axes(), atlas("relu1", LINE))
    with pytest.raises(DataError, match="dimension 3"):
        draw_outputs(axes(), atlas("relu1", "parity:3").landscape.data, [Fraction(0)] * 8)


def test_data_on_a_line_have_a_slice():
    parts = plane_parts(atlas("relu1", LINE), SPAN)
    assert all(atlas("relu1", LINE).of(plane_point(part.body.inside)) is part.set for part in parts)
    assert draw_atlas(axes(), atlas("relu1", LINE)).get_xlabel()


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_titled_and_explained(name):
    figure = draw_figure(name)
    assert all(ax.get_title() for ax in figure.axes)
    assert figure.axes[0].get_ylabel()
    assert all(text.get_text() for legend in figure.legends for text in legend.get_texts())
    assert figure.legends
