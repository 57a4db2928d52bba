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


def test_with_decays_that_differ_every_corner_is_possible():
    rule = Rule("sgd", Fraction(1, 10), Fraction(1, 10), Fraction(0), momentum=Fraction(1, 2))
    weights, bias = (
        drift.Group(Fraction(1, 4), Fraction(1, 8), Fraction(1)),
        drift.Group(Fraction(1), Fraction(1, 2), Fraction(1)),
    )
    unit = Unit([Fraction(-1), Fraction(2)], [Fraction(8), Fraction(4)], [Fraction(0)] * 2)
    found = {tuple(each) for each in drift.sgd(unit, rule, weights, bias).corners}
    expected = {(-a - c, 2 - d) for a in (Fraction(1, 4), Fraction(1)) for c in (0, 1) for d in (0, 2)}
    assert found == expected


def test_decays_that_are_alike_move_along_one_line_by_the_shorter_bound():
    rule = Rule("sgd", Fraction(1, 10), Fraction(1, 10), Fraction(1, 10), momentum=Fraction(1, 2))
    long, short = (drift.Group(Fraction(0), Fraction(1), Fraction(c)) for c in (3, 2))
    unit = Unit([Fraction(-1), Fraction(2)], [Fraction(1), Fraction(1)], [Fraction(0)] * 2)
    assert drift.sgd(unit, rule, long, short).corners == drift.sgd(unit, rule, short, long).corners
    assert drift.sgd(unit, rule, long, short).corners == [[-1, 2], [-3, 0]]


@pytest.mark.parametrize("beta1", [Fraction(9, 10), Fraction(95, 100)])
def test_adam_that_forgets_squares_faster_than_gradients_has_no_bound_with_decay(beta1):
    rule = ADAM._replace(beta1=beta1, beta2=Fraction(81, 100), weight_decay=Fraction(1, 10))
    unit = Unit([Fraction(-1)] * 2, [Fraction(0)] * 2, [Fraction(1)] * 2)
    with pytest.raises(Exception, match="expected beta1"):
        drift.decay_drift(unit, 0, rule, 3, BITS)
    assert drift.decay_drift(unit, 0, rule._replace(beta1=Fraction(1, 2)), 3, BITS) > 0


def test_sums_of_adam_are_bounds_however_coarsely_they_are_rounded():
    rule, shrink = ADAM._replace(lr=Fraction(10**6), beta1=Fraction(1, 2)), Fraction(9999, 10000)
    exact = sum(
        rule.lr * (rule.beta1 / shrink) ** k / (1 - rule.beta1 ** (rule.taken + k)) for k in map(Fraction, range(1, 9))
    )
    for bits in (12, 16, 24):
        assert drift.sums(rule, shrink, {"bits": bits, "explicit": 8}, 8)[1] >= exact


def test_what_does_not_decay_keeps_its_size():
    rule = ADAM._replace(name="adamw", weight_decay=Fraction(1, 10))
    proof = {"bits": BITS, "explicit": 5}
    assert {*drift.moments(rule, proof, None).factors} == {(1, 1), (0, 1)}
    rule = rule._replace(weight_decay=Fraction(0), bias_decay=Fraction(1, 10))
    assert {*drift.moments(rule, proof, None).factors} == {(1, 1), (1, 0)}


@pytest.mark.parametrize("taken", [0, 3])
def test_the_first_steps_of_adam_with_decay_are_the_longest(taken):
    rule = ADAM._replace(weight_decay=Fraction(1, 10), taken=taken)
    unit = Unit([Fraction(-1)] * 2, [Fraction(0)] * 2, [Fraction(1)] * 2)
    b1, b2 = float(rule.beta1), float(rule.beta2)
    ratio = ((1 - b1) ** 2 / ((1 - b2) * (1 - b1 * b1 / b2))) ** 0.5
    found = float(drift.decay_drift(unit, 0, rule, 7, BITS))
    assert found == pytest.approx(7 * float(rule.lr) * ratio / (1 - b1 ** (taken + 1)))
