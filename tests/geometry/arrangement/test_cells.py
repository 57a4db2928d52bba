"""The cells around a point against all sign vectors; what each says against exact losses nearby."""

from collections import Counter
from fractions import Fraction as Q

import pytest
from hypothesis import given, settings
from slow_geometry import XOR, directions, located, moved, slow_cells

from stability import landscape
from stability.geometry.arrangement.cells import cells_around
from stability.model.datasets import Dataset

quick = settings(deadline=None, max_examples=60)
BOTH = ["abs1", "relu1", "leaky1/100:1", "relu2", "relu[-2]", "relu[1,-1/2]+c", "abs1-nob", "leaky1/3[-]+c-nob"]


def fraction(x):
    return Q(int(x.p), int(x.q))


def found_cells(place, point):
    return list(cells_around(place, place.point(point)))


@quick
@given(located(models=BOTH))
def test_they_are_the_realised_sign_vectors_each_once(case):
    place, point = case
    patterns = Counter(tuple(map(tuple, cell.pattern)) for cell in found_cells(place, point))
    assert set(patterns) == slow_cells(place, point)
    assert set(patterns.values()) == {1}


@quick
@given(located(models=BOTH))
def test_each_cell_is_entered_along_its_direction(case):
    place, point = case
    for cell in found_cells(place, point):
        near = moved(place.point(point), [fraction(x) for x in cell.toward], Q(1, 10**12))
        assert place.pattern(near) == cell.pattern


@quick
@given(located(models=BOTH))
def test_walls_jacobians_and_gradients_are_those_of_the_loss_nearby(case):
    """A direction is within the walls exactly where no sign contradicts the cell; there, loss and outputs agree."""
    place, point = case
    point, t = place.point(point), Q(1, 10**12)
    for cell in found_cells(place, point):
        for d in directions(place.parameters, 20):
            near = moved(point, d, t)
            inside = all(sum(fraction(a) * x for a, x in zip(w, d, strict=True)) >= 0 for w in cell.walls)
            signs = zip(place.pattern(near), cell.pattern, strict=True)
            assert inside == all(s in (0, c) for row, cells in signs for s, c in zip(row, cells, strict=True))
            if not inside:
                continue
            pairs = zip(place.outputs(near), place.outputs(point), cell.jacobian, strict=True)
            for after, before, derivative in pairs:
                assert (after - before) / t == sum(fraction(a) * x for a, x in zip(derivative, d, strict=True))
            slope = sum(fraction(g) * x for g, x in zip(cell.gradient, d, strict=True))
            bend = (place.loss(near) - place.loss(point)) / t - slope
            assert 0 <= bend < Q(1, 10**6)


@pytest.mark.parametrize(
    ("model", "data", "count"),
    [
        ("abs1", "xor", 14),
        ("relu1", "xor", 14),
        ("relu2", "xor", 14**2),
        ("abs1", "parity:1", 4),
        ("abs1", "parity:3", 104),  # the threshold functions of three variables
        ("abs1", Dataset("one", [[5]], [1]), 2),
        ("abs1", Dataset("twins", [[5], [5]], [1, 0]), 2),
        ("abs1", Dataset("line", [[0], [1], [2], [3]], [1, 0, 1, 0]), 8),
    ],
)
def test_the_number_of_cells_around_the_origin(model, data, count):
    place = landscape(model, data)
    assert len(found_cells(place, [[0] * place.width] * place.units)) == count


def test_off_the_kinks_there_is_one_cell():
    (cell,) = found_cells(XOR, [[1, "1/3", "1/7"]])
    assert cell.pattern == XOR.pattern([[1, "1/3", "1/7"]])
    assert cell.walls == []
    assert not any(cell.toward)
