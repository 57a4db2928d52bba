"""Programs that ask for signs, run on all of an interval: cuts are the roots that sympy or anybody finds."""

from fractions import Fraction as Q
from itertools import pairwise

import pytest
from flint import fmpq_poly

from stability.dynamics.bifurcation.exact_intervals import Timeline, merged, timeline
from stability.exact.rational_functions import Function
from stability.exact.real_roots import Root, exactly

ROOT_2 = (-2, 0, 1)


def polynomial(*coefficients):
    return Function(fmpq_poly(list(coefficients)))


def signs_of(*functions):
    return lambda trace: tuple(trace.sign(f) for f in functions)


T = polynomial(0, 1)


def run(ask, low, high):
    found = timeline(ask, exactly(Q(low)), exactly(Q(high)))
    return [str(cut) for cut in found.cuts], found.values


@pytest.mark.parametrize(
    ("functions", "low", "high", "cuts", "values"),
    [
        ([T], 1, 2, [], [(1,)]),
        ([T], -1, 1, ["0"], [(-1,), (1,)]),
        ([T], 0, 1, [], [(1,)]),
        ([T], -1, 0, [], [(-1,)]),
        ([polynomial(-2, 0, 1)], -2, 2, ["-sqrt(2)", "sqrt(2)"], [(1,), (-1,), (1,)]),
        ([polynomial(-2, 0, 1)], 0, 2, ["sqrt(2)"], [(-1,), (1,)]),
        ([T, polynomial(-1, 2)], -1, 1, ["0", "1/2"], [(-1, -1), (1, -1), (1, 1)]),
        ([T * T], -1, 1, ["0"], [(1,), (1,)]),
        ([polynomial(3), polynomial(0)], -1, 1, [], [(1, 0)]),
        ([polynomial(0, -1, 0, 1)], -9, 9, ["-1", "0", "1"], [(-1,), (1,), (-1,), (1,)]),
    ],
)
def test_cuts_are_the_roots_inside_and_values_the_signs_between(functions, low, high, cuts, values):
    assert run(signs_of(*functions), low, high) == (cuts, values)


def test_a_question_that_is_asked_only_on_one_side_cuts_only_there():
    """Left of 0 nobody asks for the sign of t + 1/2, so there is no cut at -1/2."""

    def ask(trace):
        return trace.sign(T - Q(1, 2)) if trace.sign(T) > 0 else "left"

    assert run(ask, -1, 1) == (["0", "1/2"], ["left", -1, 1])

    def other(trace):
        return trace.sign(T + Q(1, 2)) if trace.sign(T) > 0 else "left"

    assert run(other, -1, 1) == (["0"], ["left", 1])


def test_an_interval_between_irrational_ends():
    low, high = Root(ROOT_2, 0), Root(ROOT_2, 1)
    found = timeline(signs_of(T), low, high)
    assert (found.low, found.high) == (low, high)
    assert found.spans == [(low, exactly(0)), (exactly(0), high)]


def line(*cuts, values=None):
    return Timeline(exactly(0), exactly(9), [exactly(c) for c in cuts], values or list(range(len(cuts) + 1)))


def test_spans_and_the_value_across_an_interval_without_cuts():
    found = line(2, 5, values=["a", "b", "c"])
    ends = [exactly(x) for x in (0, 2, 5, 9)]
    assert found.spans == list(pairwise(ends))
    assert [found.across(*span) for span in found.spans] == ["a", "b", "c"]
    assert found.across(exactly(3), exactly(4)) == "b"
    assert found.across(exactly(1), exactly(2)) == "a"
    assert line().spans == [(exactly(0), exactly(9))]
    assert line(values=["x"]).across(exactly(1), exactly(2)) == "x"


def test_all_cuts_of_some_timelines_once_and_in_order():
    assert merged(line(5, 7), line(2, 5), line()) == [exactly(x) for x in (2, 5, 7)]
    assert merged() == []
