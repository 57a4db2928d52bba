"""Cells that share a wall, against their signs: across a wall one pre-activation alone changes."""

from itertools import combinations

import pytest

from stability import Dataset, StabilityError, landscape
from stability.geometry.sections.cell_graph import cell_graph

SKEW = Dataset("skew", [[0, 0], [1, 0], [1, 2], [-1, 1]], [1, 0, 1, 0])


@pytest.mark.parametrize("data", ["xor", SKEW])
@pytest.mark.parametrize("model", ["abs1", "relu1"])
def test_walls_are_between_cells_that_differ_in_one_sign(model, data):
    graph = cell_graph(landscape(model, data).atlas())
    cells = graph.atlas.arrangement.cells
    wanted = {
        frozenset((a, b))
        for a, b in combinations(cells, 2)
        if sum(s != t for s, t in zip(graph.signs(a), graph.signs(b), strict=True)) == 1
    }
    assert {frozenset(pair) for pair in graph.walls} == wanted
    assert len(graph.walls) == len(wanted) > 0


@pytest.mark.parametrize("model", ["abs1", "relu1"])
def test_cells_touch_the_sets_in_their_closure(model):
    """The witness of a set is in the closure of a cell where no sign of it is the opposite one."""
    graph = cell_graph(landscape(model, "xor").atlas())
    place = graph.atlas.landscape
    for each in graph.atlas.minima:
        (signs,) = place.pattern(each.witness)
        here = [
            cell for cell in graph.atlas.arrangement.cells
            if all(s in (0, t) for s, t in zip(signs, graph.signs(cell), strict=True))
        ]  # fmt: skip
        assert set(here) <= set(graph.cells_of(each.index))
        if each.dimension == 0:
            assert set(here) == set(graph.cells_of(each.index))


def test_several_units_have_no_such_graph():
    with pytest.raises(StabilityError):
        cell_graph(landscape("relu2", "xor").atlas())
