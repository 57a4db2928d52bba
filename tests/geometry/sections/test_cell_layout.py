"""The map of cells: no set stands on a cell's name or on another set."""

from itertools import combinations
from math import cos, radians, sin

import numpy as np
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
def test_sets_stand_clear_of_the_names_of_the_poles(model):
    chart = cell_map(cell_graph(landscape(model, "xor").atlas()))
    assert chart.sets
    for _, y in chart.sets.values():
        assert abs(y) + ROOM[1] <= POLE - THICK / 2


@pytest.mark.parametrize("model", ["abs1", "relu1", "leaky1/2:1"])
def test_sets_stand_in_or_beside_cells_that_they_touch(model):
    chart = cell_map(cell_graph(landscape(model, "xor").atlas()))
    for index, (x, y) in chart.sets.items():
        around = chart.cells_at(np.array([x - 0.1, x + 0.1]), np.array([y - 0.1, y + 0.1]))
        assert set(around.ravel().tolist()) <= set(chart.graph.cells_of(index))


@pytest.mark.parametrize("model", ["abs1", "relu1"])
def test_on_a_kink_the_preactivation_of_its_example_is_0(model):
    chart = cell_map(cell_graph(landscape(model, "xor").atlas()))
    angles = np.linspace(0, 350, 36)
    for row, heights in zip(chart.graph.atlas.landscape.rows, chart.kinks(angles), strict=True):
        w1, w2, b = (np.cos(np.radians(angles)), np.sin(np.radians(angles)), np.tan(np.radians(heights)))
        assert np.abs(np.array([w1, w2, b]).T @ np.array(row, dtype=float)).max() < 1e-12


@pytest.mark.parametrize("model", ["abs1", "relu1", "leaky1/2:1"])
def test_the_cell_at_a_spot_has_the_signs_of_the_preactivations(model):
    chart = cell_map(cell_graph(landscape(model, "xor").atlas()))
    angles, heights = np.arange(3, 360, 17.0), np.arange(-88, 89, 11.0)
    for x, column in zip(angles, chart.cells_at(angles, heights).T, strict=True):
        for y, cell in zip(heights, column, strict=True):
            w1, w2, b = (cos(radians(x)) * cos(radians(y)), sin(radians(x)) * cos(radians(y)), sin(radians(y)))
            z = [w1 * float(p) + w2 * float(q) + b * float(r) for p, q, r in chart.graph.atlas.landscape.rows]
            assert [1 if v > 0 else -1 for v in z] == list(chart.graph.signs(int(cell)))


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
