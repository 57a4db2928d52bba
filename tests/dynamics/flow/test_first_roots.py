"""First roots of many sums of decaying exponentials, against the sign changes on a fine grid."""

import numpy as np
import pytest
from scipy.optimize import brentq

from stability.dynamics.flow.first_roots import first_roots

GRID = np.concatenate([np.linspace(0, 30, 60_001), np.linspace(30.01, 400, 2000)])


def on_grid(base, weights, rates):
    """Return the first root to the right of 0 where the grid sees one, else inf."""
    values = base + np.exp(-np.outer(GRID, rates)) @ weights
    below = np.flatnonzero(values < 0)
    if not len(below):
        return np.inf
    k = below[0]
    return brentq(lambda t: base + np.exp(-rates * t) @ weights, GRID[k - 1], GRID[k], xtol=1e-13)


def problems(seed, count, modes, level):
    """Return random functions that are positive at 0, of one a start."""
    random = np.random.default_rng(seed)
    base = random.normal(size=(count, 1)) * level
    weights = random.normal(size=(count, 1, modes))
    weights[:, 0, -1] += np.maximum(0, 0.1 - base[:, 0] - weights[:, 0].sum(axis=1))
    rates = np.sort(random.uniform(0.05, 3, size=(count, modes)), axis=1)
    return base, weights, rates


def solved(base, weights, rates, order=0, doubts=None):
    orders, live = np.full(base.shape, order, dtype=np.int8), np.ones(base.shape, dtype=bool)
    return first_roots(base, weights, rates, orders, live, doubts)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("modes", [1, 2, 4])
def test_roots_are_those_on_a_fine_grid(modes, level):
    base, weights, rates = problems(modes, 200, modes, level)
    times, slacks, hard = solved(base, weights, rates)
    assert hard.mean() < 0.05
    assert (slacks == 0).all()
    for b in np.flatnonzero(~hard):
        wanted = on_grid(base[b, 0], weights[b, 0], rates[b])
        if wanted < 300 or np.isinf(times[b, 0]):
            assert times[b, 0] == pytest.approx(wanted, rel=1e-9, abs=1e-9), b


def test_functions_that_start_at_0_are_left_there():
    """exp(-t) - exp(-2 t) rises and stays positive; the others are polynomials in x = exp(-t) with known roots."""
    rates = np.array([[1.0, 2.0, 3.0]])
    rising = solved(np.array([[0.0]]), np.array([[[1.0, -1.0, 0.0]]]), rates, order=1)
    assert np.isinf(rising[0]).all()
    assert not rising[2].any()
    # -x (x - 1) (x - 1/2) = -x^3 + 3/2 x^2 - x/2
    times, _, hard = solved(np.array([[0.0]]), np.array([[[-0.5, 1.5, -1.0]]]), rates, order=1)
    assert not hard.any()
    assert times[0, 0] == pytest.approx(np.log(2), rel=1e-12)
    # (x - 1)^2 (x - 1/4) = x^3 - 9/4 x^2 + 3/2 x - 1/4
    base, weights = np.array([[-0.25]]), np.array([[[1.5, -2.25, 1.0]]])
    times, _, hard = solved(base, weights, rates, order=2)
    assert not hard.any()
    assert times[0, 0] == pytest.approx(np.log(4), rel=1e-12)


def test_only_functions_that_live_are_followed_and_late_roots_are_left_out():
    """Of the functions exp(-t) - 1/2 and exp(-t) - 1/4 of one start, only the first root of all is wanted."""
    base, weights = np.array([[-0.25, -0.5]]), np.ones((1, 2, 1))
    orders, rates = np.zeros((1, 2), dtype=np.int8), np.ones((1, 1))
    times, _, hard = first_roots(base, weights, rates, orders, np.array([[True, True]]))
    assert not hard.any()
    assert times.min() == times[0, 1] == pytest.approx(np.log(2), rel=1e-12)
    times, _, _ = first_roots(base, weights, rates, orders, np.array([[True, False]]))
    assert times[0, 0] == pytest.approx(np.log(4), rel=1e-12)
    assert np.isinf(times[0, 1])


def test_doubts_bound_how_far_roots_may_be_off():
    """exp(-t) - 1/2 with 1e-6 of doubt in the level and 1e-7 in the weight."""
    doubts = np.array([[1e-6]]), np.array([[[1e-7]]])
    times, slacks, hard = solved(np.array([[-0.5]]), np.ones((1, 1, 1)), np.ones((1, 1)), doubts=doubts)
    assert not hard.any()
    assert slacks[0, 0] == pytest.approx((1e-6 + 0.5e-7) / 0.5, rel=1e-6)
    for level, weight in ((1e-6, 1e-7), (-1e-6, -1e-7)):
        assert abs(np.log((1 + weight) / (0.5 - level)) - times[0, 0]) <= 1.01 * slacks[0, 0]


def test_what_is_as_small_as_its_doubt_is_hard():
    """A limit of 1e-9 with a doubt of 1e-8, and a slow mode that may not be there."""
    doubts = np.array([[1e-8]]), np.zeros((1, 1, 1))
    assert solved(np.array([[1e-9]]), np.ones((1, 1, 1)), np.ones((1, 1)), doubts=doubts)[2].all()
    doubts = np.array([[1e-10]]), np.zeros((1, 1, 1))
    assert not solved(np.array([[1e-9]]), np.ones((1, 1, 1)), np.ones((1, 1)), doubts=doubts)[2].any()
    rates, weights = np.array([[0.1, 1.0]]), np.array([[[1e-9, 1.0]]])
    doubts = np.zeros((1, 1)), np.array([[[1e-8, 0.0]]])
    assert solved(np.zeros((1, 1)), weights, rates, doubts=doubts)[2].all()
    assert not solved(np.zeros((1, 1)), weights, rates)[2].any()
