"""What a layer does to points, exactly: checked by hand and by torch on numbers that floats hold."""

from fractions import Fraction
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stability.errors import DataError, NumberError, PointError, UnknownNameError
from stability.model.relu_network import KINDS, LayerSets, dead_everywhere, dead_somewhere, layers

F = Fraction
NET = layers([([[1, 0], [0, 1]], [0, "-1/3"]), ([[1, -1]], ["-1/2"])], ([[2]], [1]))
POINTS = [[1, 1], ["1/2", "1/3"], [0, 0], ["0.75", "-1"]]


def test_by_hand():
    first, second = NET.sets(POINTS)
    assert first.z == ((1, F(2, 3)), (F(1, 2), 0), (0, F(-1, 3)), (F(3, 4), F(-4, 3)))
    assert first.upper == ((True, True), (True, False), (False, False), (True, False))
    assert first.lower == ((False, False), (False, True), (True, True), (False, True))
    assert (first.dead_units, first.affine_units, first.separating_units) == ((False,) * 2, (False,) * 2, (True,) * 2)
    assert first.dead_examples == (False, False, True, False)
    assert first.affine_points == (True, False, False, False)
    assert first.interzone_points == (False, True, False, True)
    assert (first.separates, first.has_dead_examples, first.images) == (True, True, 4)
    assert second.z == ((F(-1, 6),), (0,), (F(-1, 2),), (F(1, 4),))
    assert second.images == 2
    assert dead_somewhere((first, second)) == (True, True, True, False)
    assert dead_everywhere((first, second)) == (False, False, True, False)
    assert NET.outputs(POINTS) == [[1], [1], [1], [F(3, 2)]]


def test_dead_and_affine_units():
    sets = LayerSets(((F(1), F(0)), (F(1, 9), F(-2))))
    assert (sets.dead_units, sets.affine_units, sets.separating_units) == ((False, True), (True, False), (False,) * 2)
    assert not sets.separates
    assert not sets.has_dead_examples
    assert LayerSets(((F(1),),)).separates is False


def test_slacks_by_hand():
    sets = LayerSets(((F(1), F(-1, 2)), (F(0), F(-3))))
    assert sets.slacks("sep-u") == ((0, F(3, 2)), (1, 0))
    assert sets.slacks("sep-p") == ((0, 1), (F(1, 2), 0))
    assert sets.slacks("sep-pu") == ((0, F(3, 2), 0, 1), (1, 0, F(1, 2), 0))
    assert sets.slacks("sep-l") == ((0,), (0,))
    assert [kind for kind in KINDS if sets.satisfies(kind)] == ["sep-l"]
    with pytest.raises(UnknownNameError, match="sep-pu"):
        sets.slacks("sep-up")


SMALL = st.integers(-3, 3)


@st.composite
def networks(draw):
    sizes = draw(st.lists(st.integers(1, 3), min_size=3, max_size=5))
    rows = st.integers(1, 4)
    maps = [
        (
            draw(st.lists(st.lists(SMALL, min_size=a, max_size=a), min_size=b, max_size=b)),
            [draw(SMALL) for _ in range(b)],
        )
        for a, b in pairwise(sizes)
    ]
    points = [[draw(SMALL) for _ in range(sizes[0])] for _ in range(draw(rows))]
    return layers(maps[:-1], maps[-1]), maps, points


@settings(max_examples=60, deadline=None)
@given(networks())
def test_gradients_are_those_of_torch(drawn):
    net, maps, points = drawn
    tensors = [[torch.tensor(t, dtype=torch.float64, requires_grad=True) for t in pair] for pair in maps]
    x = torch.tensor(points, dtype=torch.float64)
    for weight, bias in tensors[:-1]:
        x = torch.relu(x @ weight.T + bias)
    out = x @ tensors[-1][0].T + tensors[-1][1]
    (out - 1).square().sum().backward()
    found = net.gradients(points, lambda rows: [[2 * (v - 1) for v in row] for row in rows])
    assert torch.equal(out, torch.tensor([[float(v) for v in row] for row in net.outputs(points)], dtype=torch.float64))
    for (weight, bias), pair in zip(tensors, found, strict=True):
        for own, exact in zip((weight, bias), pair, strict=True):
            as_floats = [[float(v) for v in row] if isinstance(row, list) else float(row) for row in exact]
            assert torch.equal(own.grad, torch.tensor(as_floats, dtype=torch.float64))


def test_a_network_without_a_last_map():
    net = layers([([[1]], [0])])
    assert net.outputs([[2], [-1]]) == [[2], [0]]
    assert net.gradients([[2], [0]], lambda rows: [[F(1)] for _ in rows]) == [([[2]], [1])]


@pytest.mark.parametrize(
    "hidden",
    [[], [([[1, 2], [3]], [0, 0])], [([[1]], [0, 0])], [([], [])], [([[1]], [0]), ([[1, 1]], [0])], [([[]], [0])]],
)
def test_shapes_that_do_not_fit(hidden):
    with pytest.raises(PointError):
        layers(hidden)


def test_points_that_do_not_fit():
    for points in ([], [[1]], [[1, 2], [1, 2, 3]]):
        with pytest.raises(DataError):
            NET.sets(points)
    with pytest.raises(NumberError):
        NET.sets([[1, float("nan")]])
