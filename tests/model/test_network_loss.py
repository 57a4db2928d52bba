"""Loss, gradient and Hessian against torch in float64; elsewhere difference quotients."""

import os
import pickle
import subprocess
import sys
from fractions import Fraction as Q
from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from torch_oracle import SPELLINGS, gradient, hessian, landscapes, located

from stability import Landscape, landscape
from stability.errors import DifferentiabilityError, NumberError, PatternError, PointError
from stability.model.datasets import Dataset
from stability.model.network_loss import dot
from stability.model.networks import network

CLOSE = {"rel": 1e-11, "abs": 1e-9}
quick = settings(deadline=None, max_examples=50)
XOR = landscape("abs1", "xor")
TWINS = Dataset("twins", ((1, 2), (1, 2), (0, 1)), (1, -1, 0))


@given(st.lists(st.tuples(st.fractions(), st.fractions() | st.integers()), max_size=6))
def test_inner_products_are_sums_of_products(pairs):
    found = dot([a for a, _ in pairs], [b for _, b in pairs])
    assert found == sum((a * b for a, b in pairs), Q(0))
    assert isinstance(found, Q)


def test_inner_products_are_of_vectors_of_one_length():
    with pytest.raises(ValueError, match="shorter"):
        dot([Q(1), Q(2)], [Q(1)])


def test_a_hash_is_kept_but_not_handed_to_other_processes():
    here, same = landscape("abs1", "xor"), landscape("abs1", "xor")
    assert here == same != landscape("abs1", "xor", "mean")
    assert hash(here) == hash(same)
    code = "import pickle, sys; found = pickle.load(sys.stdin.buffer); from stability import landscape as make; "
    code += "sys.exit(not (hash(found) == hash(make('abs1', 'xor')) and found == make('abs1', 'xor')))"
    run = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(here), env={**os.environ, "PYTHONHASHSEED": "7"}, check=False
    )
    assert run.returncode == 0


@quick
@given(located())
def test_loss_and_autograd_gradient_are_torchs_also_at_kinks(case):
    exact, point = case
    loss, slopes = gradient(exact, point)
    assert float(exact.loss(point)) == pytest.approx(loss, **CLOSE)
    assert [float(g) for g in exact.autograd_gradient(point)] == pytest.approx(slopes, **CLOSE)


@pytest.mark.parametrize("kind", ["sum", "mean"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_torch_agrees_where_every_point_is_on_the_kink(spelling, kind):
    exact = landscape(f"{spelling}:2", "xor", kind)
    point = [[0, 0, 0], [0, 0, 0]]
    loss, slopes = gradient(exact, point)
    assert float(exact.loss(point)) == loss == (2 if kind == "sum" else 0.5)
    assert [float(g) for g in exact.autograd_gradient(point)] == pytest.approx(slopes)


@quick
@given(located())
def test_hessian_of_a_smooth_point_is_torchs(case):
    exact, point = case
    assume(all(sign for row in exact.pattern(point) for sign in row))
    ours = [[float(v) for v in row] for row in exact.hessian(point)]
    assert np.allclose(ours, hessian(exact, point), rtol=1e-11, atol=1e-9)


def moved(point, move, h):
    return [[p + h * m for p, m in zip(*rows, strict=True)] for rows in zip(point, move, strict=True)]


def random_moves(point, count):
    random = Random(0)
    return [[[Q(random.randint(-99, 99)) for _ in row] for row in point] for _ in range(count)]


@quick
@given(located())
def test_gradient_exists_where_the_quotients_say_so(case):
    """Opposite difference quotients agree in every direction, or differ in one of many random ones."""
    exact, point = case
    h, base = Q(1, 10**14), exact.loss(point)

    def slopes(move):
        return [(exact.loss(moved(point, move, side)) - base) / side for side in (h, -h)]

    if exact.is_differentiable(point):
        for move in random_moves(point, 3):
            slope = dot(exact.gradient(point), [m for row in move for m in row])
            assert all(abs(s - slope) < Q(1, 10**6) for s in slopes(move))
    else:
        assert any(abs(there - back) > Q(1, 10**4) for there, back in map(slopes, random_moves(point, 60)))
        with pytest.raises(DifferentiabilityError):
            exact.gradient(point)


def fitted(exact, point):
    """Return the landscape whose labels are the outputs at a point, so that there is a gradient there."""
    data = Dataset("fitted", exact.data.points, exact.outputs(point))
    return Landscape(exact.network, data, exact.loss_kind), point


def bends(exact, point, moves):
    """Return whether the change of the gradient is not additive for some pair of small moves."""
    base, h = exact.autograd_gradient(point), Q(1, 10**9)

    def change(move):
        return [a - g for a, g in zip(exact.autograd_gradient(moved(point, move, h)), base, strict=True)]

    def combined(one, other, side):
        pairs = zip(one, other, strict=True)
        return [[x + side * y for x, y in zip(a, b, strict=True)] for a, b in pairs]

    for one, other in combinations(moves, 2):
        first, second = change(one), change(other)
        for side in (1, -1):
            wanted = [a + side * b for a, b in zip(first, second, strict=True)]
            if change(combined(one, other, side)) != wanted:
                return True
    return False


def assert_linear(exact, point, move):
    """Assert that the gradient after a small move is the gradient plus the Hessian times the move."""
    h, flat = Q(1, 10**9), [m for row in move for m in row]
    lines = zip(exact.gradient(point), exact.hessian(point), strict=True)
    assert exact.autograd_gradient(moved(point, move, h)) == [g + h * dot(line, flat) for g, line in lines]


@quick
@given(st.one_of(located(), located().map(lambda case: fitted(*case))))
@example((landscape("abs1", Dataset("d", ((1,),), (0,))), [[1, -1]]))
@example((landscape("abs1", TWINS), [[1, 0, -1]]))
@example((landscape("abs2", TWINS), [[1, 0, -1], [0, 0, 0]]))
@example((landscape("abs2", Dataset("d", ((-1,),), (0,))), [[-1, -1], [-1, -1]]))
def test_hessian_exists_where_the_gradient_changes_linearly(case):
    """Around a point the change of the gradient is additive where there is a Hessian, else some pair bends it."""
    exact, point = case
    assume(exact.is_differentiable(point))
    moves = random_moves(point, 8)
    if exact.is_twice_differentiable(point):
        assert not bends(exact, point, moves)
        assert_linear(exact, point, moves[0])
    else:
        assert bends(exact, point, moves)
        with pytest.raises(DifferentiabilityError):
            exact.hessian(point)


@quick
@given(landscapes())
def test_zero_weights_give_constant_output(exact):
    point = [[0] * (exact.width - 1) + [3]] * exact.units
    assert set(exact.outputs(point)) == {3 * exact.units * exact.network.unit.positive}


@quick
@given(located())
def test_mean_is_the_sum_over_n(case):
    exact, point = case
    n = len(exact.data.points)
    total, mean = (Landscape(exact.network, exact.data, kind) for kind in ("sum", "mean"))
    assert mean.loss(point) * n == total.loss(point)
    assert [n * g for g in mean.autograd_gradient(point)] == total.autograd_gradient(point)


def test_duplicate_points_whose_residuals_cancel_leave_a_gradient():
    exact, point = landscape("abs1", TWINS), [[1, 0, -1]]
    assert exact.pattern(point) == [[0, 0, -1]]
    assert exact.residuals(point)[:2] == [-1, 1]
    assert exact.is_differentiable(point)
    assert exact.is_twice_differentiable(point)
    assert not landscape("relu1", TWINS).is_twice_differentiable(point)


def test_the_four_minima_of_one_absolute_unit_on_xor():
    for sign in (1, -1):
        assert XOR.loss([[Q(sign, 2), Q(-sign, 2), 0]]) == 0
        assert XOR.loss([[0, 0, Q(sign, 2)]]) == 1
        assert XOR.gradient([[0, 0, Q(sign, 2)]]) == [0, 0, 0]


def test_all_labels_equal_has_a_flat_minimum():
    exact = landscape("abs1", Dataset("flat", ((0, 1), (1, 0)), (2, 2)))
    assert exact.loss([[0, 0, 2]]) == 0
    assert exact.gradient([[0, 0, 2]]) == [0, 0, 0]


def test_huge_and_tiny_numbers_stay_exact():
    big = 10**300
    exact = landscape("relu1", Dataset("big", ((big,), (-big,)), (big**2, 0)))
    assert exact.loss([[big, 0]]) == 0
    assert exact.loss([[big, Q(1, big)]]) == Q(1, big**2)
    assert exact.is_differentiable([[big, 0]])


def test_arrays_are_taken_at_their_binary_value():
    assert XOR.point(np.array([[0.1, 2, 3]])) == [[Q(0.1), 2, 3]]
    assert XOR.point([np.array([0.5, 0, 1])]) == [[Q(1, 2), 0, 1]]


@pytest.mark.parametrize("point", [[], [[]], [[1, 2]], [[1, 2, 3, 4]], [1, 2, 3], [[1, 2, 3]] * 2, 7, None, "123"])
def test_wrong_shape_says_what_to_write(point):
    with pytest.raises(PointError, match=r"1 unit of \(w1, w2, b\)[^\n]*\n  Write it as \[\[w1, w2, b\]\]"):
        XOR.loss(point)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "nan", "x", None, True, [1]])
def test_entries_must_be_rational(value):
    with pytest.raises(NumberError):
        XOR.loss([[1, value, 0]])


@pytest.mark.parametrize("pattern", [[], [[1, 1, 1]], [[1] * 4] * 2, [[1] * 5], [[1, 1, 1, 2]]])
def test_wrong_pattern_is_refused(pattern):
    with pytest.raises(PatternError, match="1 row"):
        XOR.cell_hessian(pattern)
    with pytest.raises(PatternError, match="1 row"):
        XOR.cell_gradient([[1, 2, 3]], pattern)


def test_sizes_and_text():
    exact = landscape(network("relu2"), "parity:3", "mean")
    assert (exact.units, exact.width, exact.parameters, exact.scale) == (2, 4, 8, Q(1, 8))
    assert repr(exact) == "relu2 on parity:3 (mean of squares)"
