"""Proofs that a function stays positive, against closed forms of diagonal motions."""

from types import SimpleNamespace

import numpy as np
import pytest
from flint import arb, fmpq, fmpq_mat
from hypothesis import assume, given
from hypothesis import strategies as st

from stability.dynamics.flow.invariance import Course, DecayingFunction, image, norm, value


def motion(rates, force=None):
    """p_k' = force_k - rate_k p_k."""
    n = len(rates)
    table = fmpq_mat(n, n, [rate if r == c else 0 for r, rate in enumerate(rates) for c in range(n)])
    return SimpleNamespace(matrix=table, force=[fmpq(x) for x in force or [0] * n])


def q(*numbers):
    return [fmpq(n) for n in numbers]


def everywhere(n):
    return Course(q(*[0] * n), [q(*[int(r == c) for c in range(n)]) for r in range(n)])


def test_image_value_and_norm_by_hand():
    assert image(motion([2, 5]), q(3, -1)) == q(6, -5)
    assert value((q(3, 4), fmpq(1)), [arb(1), arb(-1)]) == 0
    assert norm((q(3, 4), fmpq(9))) == 5


def test_a_course_holds_what_the_motion_reaches():
    """From (1, 1, 0) with rates 1, 2, 3 the third coordinate stays 0; with equal rates the way is one line."""
    course = Course(q(1, 1, 0), []).widened([motion([1, 2, 3])])
    assert len(course.span) == 2
    assert course.seen(q(0, 0, 1)) == q(0, 0)
    assert course.value((q(1, 2, 3), fmpq(10))) == 13
    assert len(Course(q(1, 1, 0), []).widened([motion([2, 2, 2])]).span) == 1
    assert Course(q(3, 0, 0), []).widened([motion([1, 1, 1], [3, 0, 0])]).span == []


def test_a_course_of_two_motions_holds_both():
    """The first moves along the first axis; the second would rest, but goes on from there along the others."""
    second = SimpleNamespace(matrix=fmpq_mat(2, 2, [0, 1, 1, 0]), force=q(0, 0))
    assert len(Course(q(0, 0), []).widened([motion([1, 1], [1, 0])]).span) == 1
    assert len(Course(q(0, 0), []).widened([motion([1, 1], [1, 0]), second]).span) == 2


@pytest.mark.parametrize(("row", "rates"), [((1, 1, 1), [5, 2, 1]), ((1, 0, 3), [5, 1]), ((0, 1, 0), [2])])
def test_modes_are_the_rates_that_enter_fastest_first(row, rates):
    found = DecayingFunction(motion([1, 2, 5]), (q(*row), fmpq(0)), everywhere(3)).modes
    assert [known for _, known in found] == rates


def test_irrational_modes_are_balls():
    table = SimpleNamespace(matrix=fmpq_mat(2, 2, [2, 1, 1, 1]), force=q(0, 0))
    (fast, no), (slow, nor) = DecayingFunction(table, (q(1, 0), fmpq(0)), everywhere(2)).modes
    assert no is nor is None
    assert [float(fast), float(slow)] == pytest.approx([(3 + 5**0.5) / 2, (3 - 5**0.5) / 2])


def test_what_does_not_change_vanishes_only_if_it_is_not_positive():
    course = Course(q(1, 1), [q(1, 0)])
    for level, vanishes in ((-1, True), (-2, True), (0, False)):
        assert DecayingFunction(motion([1, 1]), (q(0, 1), fmpq(level)), course).vanishes is vanishes
    assert not DecayingFunction(motion([1, 1]), (q(1, 0), fmpq(-9)), course).vanishes


def test_a_constant_has_a_chain_of_itself():
    still = DecayingFunction(motion([1, 1]), (q(0, 1), fmpq(0)), Course(q(1, 1), [q(1, 0)]))
    (chain,) = still.chains
    assert (chain.functions, chain.rates, chain.weights) == ([(q(0, 1), fmpq(0))], [], [fmpq(0)])
    assert chain.to_record() == [[], ["0"]]


@given(
    st.lists(st.integers(1, 6), min_size=2, max_size=3, unique=True),
    st.lists(st.integers(-5, 5), min_size=3, max_size=3),
    st.lists(st.integers(-5, 5), min_size=3, max_size=3),
    st.integers(-1, 4),
)
def test_a_chain_that_is_positive_once_keeps_its_function_positive(rates, row, point, level):
    """Each function is f' + rate f of the one before, and the sum of exponentials is positive at all later times."""
    n = len(rates)
    row, point = row[:n], point[:n]
    assume(any(row))
    field = motion(rates)
    for chain in DecayingFunction(field, (q(*row), fmpq(level)), everywhere(n)).chains:
        assert chain.functions[0] == (q(*row), fmpq(level))
        assert min(chain.weights[1:], default=0) >= 0
        for (old, c), (new, d), rate in zip(chain.functions, chain.functions[1:], chain.rates, strict=False):
            assert new == [(rate - r) * x for r, x in zip(rates, old, strict=True)]
            assert d == rate * c
        if all(value(f, [arb(x) for x in point]) > 0 for f in chain.functions):
            times = np.linspace(0, 12, 400)
            modes = np.array(row) * np.array(point) * np.exp(-np.outer(times, rates))
            assert (modes.sum(axis=1) + level > -1e-12).all()


def test_a_function_that_dips_below_zero_has_no_chain_there():
    """3 e^(-2t) - 4 e^(-t) + 2 is 1 at the start and 2/3 at its least; with 1 in place of 2 it becomes negative."""
    dips = DecayingFunction(motion([1, 2]), (q(-4, 3), fmpq(1)), everywhere(2))
    assert dips.at([arb(1), arb(1)], arb(0)) is None
    late = [arb(-4).exp(), arb(-8).exp()]
    assert dips.at(late, arb(0)) is not None
    assert dips.at(late, arb(100)) is None


@pytest.mark.parametrize("rates", [[1, 2], [2, 3, 7], [1, 2, 3], [5, 6, 7], [1, 2, 3, 4], [10, 11, 13, 20]])
@pytest.mark.parametrize("row", [(1, -1, 1, -1), (1, -5, -5, -5), (2, 3, -4, 5)])
def test_a_function_has_a_chain_once_its_slowest_mode_prevails(rates, row):
    """At the time 12 the slowest mode, whose weight is positive, is e^12 times as large as the next one at least."""
    n = len(rates)
    found = DecayingFunction(motion(rates), (q(*row[:n]), fmpq(0)), everywhere(n))
    assert found.at([arb(-12 * rate).exp() for rate in rates], arb(0)) is not None
    opposite = DecayingFunction(motion(rates), (q(*(-x for x in row[:n])), fmpq(0)), everywhere(n))
    assert opposite.at([arb(-12 * rate).exp() for rate in rates], arb(0)) is None


@pytest.mark.parametrize("rates", [[4, 3, 2, 1], [20, 13, 11, 10], [7, 3, 2]])
def test_rates_are_nearer_to_their_modes_than_to_others_on_alternating_sides(rates):
    found = DecayingFunction(motion(rates), (q(*[1] * len(rates)), fmpq(0)), everywhere(len(rates)))
    for closeness in (4, 64):
        chosen = [float(x) for x in found._rates(closeness, False)]
        assert len(chosen) == len(rates) - 1
        for k, (rate, mode) in enumerate(zip(chosen, rates, strict=False)):
            nearest = min(abs(mode - other) for other in rates if other != mode)
            assert 0 < abs(rate - mode) <= nearest / 2
            assert (rate > mode) == ((len(chosen) - k) % 2 == 0)
        assert found._rates(closeness, True) == rates[:-1]
