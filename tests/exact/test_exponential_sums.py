"""First roots of sums of exponentials: none skipped, none invented."""

import math

import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from stability.dynamics.flow.first_roots import first_roots
from stability.exact.exponential_sums import Decay, Undecided

NUMBERS = st.integers(-40, 40).map(lambda k: k / 8)


@pytest.fixture(autouse=True)
def _precision():
    old, ctx.prec = ctx.prec, 128
    yield
    ctx.prec = old


def decay(level, weights, rates, order=0):
    return Decay(arb(level), [arb(w) for w in weights], [arb(r) for r in rates], order, level == 0)


def value(level, weights, rates, t):
    return level + sum(w * mpmath.exp(-r * t) for w, r in zip(weights, rates, strict=True))


def by_grid(level, weights, rates):
    """Return the first change of sign on a fine grid in exp(-t), refined; None where there is none."""
    grid = -np.log(np.linspace(1, 1e-9, 40_001))
    values = level + np.exp(-np.multiply.outer(grid, rates)) @ np.array(weights)
    change = np.flatnonzero((values[:-1] > 0) & (values[1:] <= 0))
    if not len(change):
        return None
    ends = grid[change[0]], grid[change[0] + 1]
    return float(mpmath.findroot(lambda t: value(level, weights, rates, t), ends, solver="anderson", verify=False))


@settings(max_examples=150)
@given(NUMBERS, st.lists(NUMBERS, min_size=1, max_size=4))
def test_the_first_root_is_that_of_a_fine_grid(level, weights):
    rates = [1.0, 2.5, 4.0, 8.0][: len(weights)]
    if level + sum(weights) < 1e-3:
        return
    expected = by_grid(level, weights, rates)
    try:
        found = decay(level, weights, rates).first_root()
    except Undecided:
        return
    if found is None:
        assert expected is None or expected > 15
    elif expected is None:  # two roots between neighbours of the grid
        assert abs(value(level, weights, rates, float(found.time.mid()))) < 1e-12
    else:
        assert float(found.time.mid()) == pytest.approx(expected, abs=1e-9)


def test_two_roots_close_together_are_not_skipped():
    gap = 2.0**-20  # (x - 1/2)^2 - gap^2 with x = exp(-t)
    found = decay(0.25 - gap**2, [-1, 1], [1, 2]).first_root()
    assert float(found.time.mid()) == pytest.approx(-np.log(0.5 + gap), abs=1e-12)


def test_a_function_that_only_touches_is_undecided():
    with pytest.raises(Undecided):
        decay(0.25, [-1, 1], [1, 2]).first_root()


def test_a_narrow_miss_has_no_root():
    assert decay(0.25 + 2.0**-20, [-1, 1], [1, 2]).first_root() is None


@pytest.mark.parametrize(
    ("order", "level", "weights", "root"),
    [
        (1, -2, [3, -1], None),  # (1 - x)(x - 2) < 0 with x = exp(-t): falls at once
        (1, 0.5, [-1.5, 1], 0.5),  # (1 - x)(1/2 - x): from 0 up? no: down, so it is refused
        (1, -0.5, [1.5, -1], 0.5),  # (1 - x)(x - 1/2): up from 0, down through 0 at x = 1/2
        (2, 0, [1, -2, 1], None),  # x (1 - x)^2: leaves 0 quadratically, for ever positive
    ],
)
def test_a_start_at_0_is_not_a_root(order, level, weights, root):
    made = decay(level, weights, [1, 2, 3][: len(weights)], order)
    if made.derivative(made.parts(arb(0)), order) < 0:
        with pytest.raises(Undecided):
            made.first_root()
        return
    found = made.first_root()
    assert (found is None) == (root is None)
    assert found is None or float(found.time.mid()) == pytest.approx(-np.log(root), abs=1e-12)


def test_what_decays_to_exactly_0_is_distinguished_from_what_ends_below():
    assert decay(0, [1, -0.5], [1, 2]).first_root() is None
    assert decay(-0.001, [1, -0.5], [1, 2]).first_root() is not None
    assert decay(0, [-1, 2], [1, 2]).first_root() is not None


@settings(max_examples=60)
@given(NUMBERS, st.lists(NUMBERS, min_size=3, max_size=3))
def test_the_fast_search_finds_the_same(level, weights):
    rates = [1.0, 2.5, 4.0]
    if level + sum(weights) < 1e-3 or not any(weights):
        return
    try:
        exact = decay(level, weights, rates).first_root()
    except Undecided:
        return
    times, _, hard = first_roots(
        np.array([[level]]),
        np.array([[weights]]),
        np.array([rates]),
        np.zeros((1, 1), dtype=np.int8),
        np.ones((1, 1), dtype=bool),
    )
    if not hard[0]:
        assert times[0, 0] == pytest.approx(np.inf if exact is None else float(exact.time.mid()), rel=1e-9)


def test_what_comes_closer_to_0_than_it_may_be_off_is_left_open():
    """f = 1e-6 + (1 - e^-t)^2 has its least value, 1e-6, at once."""
    base, weights, rates = np.array([[1e-6 + 1]]), np.array([[[-2.0, 1.0]]]), np.array([[1.0, 2.0]])
    orders, live = np.zeros((1, 1), dtype=np.int8), np.ones((1, 1), dtype=bool)
    times, slacks, hard = first_roots(base, weights, rates, orders, live)
    assert (times[0, 0], hard[0]) == (np.inf, False)
    for off, open_ in ((1e-8, False), (1e-5, True)):
        doubts = np.array([[off]]), np.zeros((1, 1, 2))
        assert first_roots(base, weights, rates, orders, live, doubts)[2].tolist() == [open_]
    falling = np.array([[-0.5]]), np.array([[[0.0, 1.0]]])
    times, slacks, hard = first_roots(*falling, rates, orders, live, (np.array([[1e-6]]), np.zeros((1, 1, 2))))
    assert times[0, 0] == pytest.approx(np.log(2) / 2)
    assert slacks[0, 0] == pytest.approx(1e-6)
    assert not hard[0]


@pytest.mark.parametrize("power", [3, 4])
@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("small", ["1e-20", "1e-34", "1e-60"])
def test_a_function_that_is_flat_next_to_0_is_followed(power, side, small):
    """small +- (1 - exp(-t))^power: parabolas below it allow steps of the size of the root of `small` only."""
    ctx.prec = 512
    weights = [side * (-1) ** k * math.comb(power, k) for k in range(power + 1)]
    found = Decay(arb(small) + weights[0], [arb(w) for w in weights[1:]], [arb(k) for k in range(1, power + 1)])
    root = found.first_root()
    if side > 0:
        assert root is None
    else:
        with mpmath.workdps(60):
            expected = -mpmath.log1p(-(mpmath.mpf(small) ** (mpmath.mpf(1) / power)))
            assert abs(root.time - arb(mpmath.nstr(expected, 50))) < expected * mpmath.mpf(10) ** -20


@pytest.mark.parametrize("fast", ["1", "4e9", "8e12"])
@pytest.mark.parametrize("ratio", [3, "1e30"])
def test_roots_of_close_rates_are_found_where_nearly_nothing_is_left(fast, ratio):
    """ratio exp(-(fast + 4) t) = exp(-fast t) at log(ratio) / 4, when both are as small as exp(-fast)."""
    ctx.prec = 512
    found = Decay(arb(0), [-arb(1), arb(ratio)], [arb(fast), arb(fast) + 4], level_is_zero=True).first_root()
    assert abs(found.time - arb(ratio).log() / 4) < 1e-100
    assert Decay(arb(0), [arb(1), -1 / arb(ratio)], [arb(fast), arb(fast) + 4], 0, True).first_root() is None
