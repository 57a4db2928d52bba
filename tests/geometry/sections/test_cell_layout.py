"""The map of cells: no set stands on a cell's name or on another set."""

from itertools import combinations

import pytest

from stability import Dataset, StabilityError, landscape
from stability.geometry.sections.cell_graph import cell_graph
from stability.geometry.sections.cell_layout import cell_map


@pytest.mark.parametrize("model", ["abs1", "relu1", "leaky1/2:1"])
def test_sets_stand_clear_of_names_and_of_each_other(model):
    chart = cell_map(cell_graph(landscape(model, "xor").atlas()))
    for x, y in chart.sets.values():
        for a, b in chart.cells.values():
            assert abs(x - a) > 5 or abs(y - b) > 5
    for (x, y), (a, b) in combinations(chart.sets.values(), 2):
        assert abs(x - a) > 5 or abs(y - b) > 5


def test_data_on_a_line_have_no_map():
    atlas = landscape("abs1", Dataset("line", [[0, 0], [1, 1], [2, 2]], [0, 1, 0])).atlas()
    with pytest.raises(StabilityError, match="do not lie on a line"):
        cell_map(cell_graph(atlas))
