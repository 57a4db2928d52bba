"""Bounds of what optimisers do without gradients hold against sums that are made step by step."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stability.checker import recovery_drift as drift
from stability.checker.recovery_grammar import Rule, Unit

BITS = 96
positive = st.fractions(0, 5, max_denominator=1000)
share = st.fractions(0, 1, max_denominator=50)


@given(positive)
def test_roots_enclose(x):
    assert drift.root_below(x, BITS) ** 2 <= x < drift.root_above(x, BITS) ** 2
    assert drift.root_above(x, BITS) - drift.root_below(x, BITS) == Fraction(1, 2**BITS)


@given(share, st.integers(0, 40))
def test_powers_enclose(x, n):
    low, high = drift.power(x, n, BITS, drift.floor), drift.power(x, n, BITS, drift.ceiling)
    assert low <= x**n <= high
    assert high - low <= Fraction(200, 2**BITS)


ADAM = Rule("adam", Fraction(1, 10), Fraction(0), Fraction(0), beta1=Fraction(9, 10), beta2=Fraction(99, 100), taken=2)


def moves(rule, steps, shrink=Fraction(1)):
    """Return (over sqrt(v), over eps) of the moves of Adam, in floats."""
    b1, b2, t = float(rule.beta1), float(rule.beta2), rule.taken
    by_eps = [float(rule.lr) * (b1 / float(shrink)) ** k / (1 - b1 ** (t + k)) for k in range(1, steps + 1)]
    return sum(x * ((1 - b2 ** (t + k)) / b2**k) ** 0.5 for k, x in enumerate(by_eps, 1)), sum(by_eps)


@pytest.mark.parametrize("explicit", [0, 5, 60])
@pytest.mark.parametrize("steps", [1, 10, None])
@pytest.mark.parametrize("shrink", [Fraction(1), Fraction(99, 100)])
def test_sums_of_adam_are_bounds(explicit, steps, shrink):
    by_root, by_eps = drift.sums(ADAM, shrink, {"bits": BITS, "explicit": explicit}, steps)
    own = moves(ADAM, steps or 800, shrink)
    assert by_root >= own[0] * (1 - 1e-12)
    assert by_eps >= own[1] * (1 - 1e-12)
    if explicit == 60:
        assert by_root <= own[0] * 1.01
        assert by_eps <= own[1] * 1.01


def test_without_a_geometric_series_only_eps_bounds():
    fast = ADAM._replace(beta2=Fraction(1, 2), eps=Fraction(1, 100))
    by_root, by_eps = drift.sums(fast, Fraction(1), {"bits": BITS, "explicit": 5}, None)
    assert by_root is None
    assert by_eps is not None
    unit = Unit([Fraction(-1)] * 2, [Fraction(1), Fraction(0)], [Fraction(1), Fraction(0)])
    assert drift.spent(unit, 0, fast, (by_root, by_eps), BITS) >= 100 * by_eps
    with pytest.raises(Exception, match="without bound"):
        drift.spent(unit, 0, fast._replace(eps=Fraction(0)), (by_root, by_eps), BITS)


def test_velocity_carries_by_its_geometric_series():
    rule = Rule("sgd", Fraction(1, 10), Fraction(0), Fraction(0), momentum=Fraction(9, 10))
    found = [drift.group(rule, Fraction(0), None, n, BITS).carried for n in (1, 2, 50, None)]
    assert abs(found[0] - Fraction(9, 100)) < Fraction(1, 10**20)
    assert found[-1] == Fraction(9, 10)
    assert all(a < b for a, b in pairwise(found))
    ahead = drift.group(rule._replace(nesterov=True), Fraction(0), None, None, BITS)
    assert ahead.carried == Fraction(81, 100)


def test_decay_without_momentum_only_scales():
    rule = Rule("sgd", Fraction(1, 10), Fraction(1), Fraction(1))
    assert drift.group(rule, Fraction(1), None, None, BITS) == (0, 0, 0)
    assert abs(drift.group(rule, Fraction(1), None, 2, BITS).least - Fraction(81, 100)) < Fraction(1, 10**20)
    with pytest.raises(Exception, match="changes signs"):
        drift.group(rule, Fraction(11), None, None, BITS)
