"""The map of cells: no set stands on a cell's name or on another set."""

from itertools import combinations
from math import cos, radians, sin

import pytest

from stability import Dataset, StabilityError, landscape
from stability.geometry.sections.cell_graph import cell_graph
from stability.geometry.sections.cell_layout import POLE, ROOM, THICK, cell_map


@pytest.mark.parametrize("model", ["abs1", "relu1", "leaky1/2:1"])
def test_sets_stand_clear_of_names_and_of_each_other(model):
    chart = cell_map(cell_graph(landscape(model, "xor").atlas()))
    for x, y in chart.sets.values():
        for a, b in chart.cells.values():
            assert abs(x - a) > 5 or abs(y - b) > 5
    for (x, y), (a, b) in combinations(chart.sets.values(), 2):
        assert abs(x - a) > 5 or abs(y - b) > 5


@pytest.mark.parametrize("model", ["abs1", "relu1", "leaky1/2:1", "leaky-1/2:1"])
def test_sets_stand_clear_of_the_bars_of_the_poles(model):
    chart = cell_map(cell_graph(landscape(model, "xor").atlas()))
    assert chart.sets
    for _, y in chart.sets.values():
        assert abs(y) + ROOM[1] <= POLE - THICK / 2


@pytest.mark.parametrize("model", ["abs1", "relu1", "leaky1/2:1"])
def test_walls_go_the_short_way_from_cell_to_cell(model):
    chart = cell_map(cell_graph(landscape(model, "xor").atlas()))
    lines = chart.walls
    assert len(lines) == len(chart.graph.walls)
    for (a, b), ((x, y), (u, v)) in zip(chart.graph.walls, lines, strict=True):
        first, last = (b, a) if chart.is_pole(a) else (a, b)
        assert (x, y) == chart.cells[first]
        assert v == chart.cells[last][1]
        turn = 0 if chart.is_pole(last) else chart.cells[last][0] - x
        assert (u - x - turn) % 360 == pytest.approx(0, abs=1e-9)
        assert abs(u - x) <= 180


@pytest.mark.parametrize("model", ["abs1", "relu1", "leaky1/2:1"])
def test_cells_are_on_the_map_at_their_directions(model):
    chart = cell_map(cell_graph(landscape(model, "xor").atlas()))
    arrangement = chart.graph.atlas.arrangement
    for c, (x, y) in chart.cells.items():
        if chart.is_pole(c):
            assert (x, y) == (chart.left + 180, POLE if chart.graph.signs(c)[0] > 0 else -POLE)
            continue
        assert chart.left < x < chart.left + 360
        w1, w2, b = (cos(radians(x)) * cos(radians(y)), sin(radians(x)) * cos(radians(y)), sin(radians(y)))
        heights = [w1 * p + w2 * q + b * r for p, q, r in arrangement.rows]
        assert tuple((z > 0) - (z < 0) for z in heights) == tuple(chart.graph.signs(c))


def test_data_on_a_line_have_no_map():
    atlas = landscape("abs1", Dataset("line", [[0, 0], [1, 1], [2, 2]], [0, 1, 0])).atlas()
    with pytest.raises(StabilityError, match="do not lie on a line"):
        cell_map(cell_graph(atlas))
