"""Which events come first, and whether several come together for a reason."""

import pytest
from flint import arb, fmpq

from stability.dynamics.flow.coincidences import earliest
from stability.dynamics.flow.linear_relations import reduced
from stability.exact.exponential_sums import RootBall, Undecided

FREE, TIED = reduced([], 2), reduced([[fmpq(1), fmpq(-1), fmpq(0)]], 2)
"""No equation, and x = y."""


def event(time, name, row, level=0, radius=0):
    return RootBall(arb(time, radius)), name, ([fmpq(x) for x in row], fmpq(level))


def names(events, invariants):
    return [name for _, name, _ in earliest(events, invariants)]


def test_the_first_of_several_times():
    assert names([event(2, "late", [1, 0]), event(1, "early", [0, 1])], FREE) == ["early"]
    assert names([], FREE) == []


def test_multiples_of_one_function_come_together():
    double = [event(1, "a", [1, 2], 3, 0.1), event(1, "b", [-2, -4], -6, 0.1), event(5, "c", [1, 0])]
    assert names(double, FREE) == ["a", "b"]


def test_equal_functions_by_an_equation_come_together():
    """Where x = y for all time, x - 1 and y - 1 vanish at once; x - 1 and y - 2 do not, though balls overlap."""
    assert names([event(1, "x", [1, 0], -1, 0.1), event(1, "y", [0, 1], -1, 0.1)], TIED) == ["x", "y"]
    with pytest.raises(Undecided, match="same time"):
        earliest([event(1, "x", [1, 0], -1, 0.1), event(1, "y", [0, 1], -2, 0.1)], TIED)
    with pytest.raises(Undecided, match="same time"):
        earliest([event(1, "x", [1, 0], -1, 0.1), event(1.05, "y", [0, 1], -1, 0.1)], FREE)
