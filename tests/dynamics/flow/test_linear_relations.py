"""Equations that hold along a motion, against Krylov spaces and by hand."""

import pytest
import sympy
from flint import fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st

from stability.dynamics.flow.linear_relations import Relations, exact_point, reduced

SMALL = st.integers(-2, 2)


def q(*numbers):
    return [fmpq(n) for n in numbers]


def test_the_equations_of_a_point_give_every_value():
    place = exact_point([fmpq(1, 2), fmpq(-3)])
    assert place.value(q(4, 1)) == -1
    assert place.value(q(0, 0)) == 0


def test_only_combinations_of_the_equations_have_a_value():
    """Of x + y = 3 and y + z = 1 follow x - z = 2 and 2x + 3y + z = 7, but nothing about x."""
    known = reduced([q(1, 1, 0, 3), q(0, 1, 1, 1)], 3)
    assert known.value(q(1, 0, -1)) == 2
    assert known.value(q(2, 3, 1)) == 7
    assert known.value(q(1, 0, 0)) is None
    assert known.joined([q(1, 0, 0, 5)]).value(q(0, 0, 1)) == 3


def test_repeated_equations_count_once():
    assert len(reduced([q(1, 2, 3), q(2, 4, 6), q(0, 0, 0)], 2).rows) == 1
    assert reduced([], 2) == Relations([], 2)


def test_what_is_across_the_motion_lasts():
    """(w + b - 1)^2 has its gradient along (1, 1): w - b stays, w + b does not, and at rest all stays."""
    matrix, force = fmpq_mat(2, 2, [2, 2, 2, 2]), q(2, 2)
    later = exact_point([fmpq(1, 2), fmpq(1)]).invariants(matrix, force)
    assert later.value(q(1, -1)) == fmpq(-1, 2)
    assert later.value(q(1, 1)) is None
    at_rest = exact_point([fmpq(1, 4), fmpq(3, 4)])
    assert at_rest.invariants(matrix, force) == at_rest


def test_a_value_that_drifts_does_not_last():
    """p' = (1, 0): the second coordinate stays, the first and its multiples do not, though no matrix turns them."""
    still = fmpq_mat(2, 2)
    assert reduced([q(1, 0, 7), q(0, 1, 7)], 2).invariants(still, q(1, 0)).rows == [q(0, 1, 7)]
    assert reduced([q(1, 0, 7)], 2).invariants(still, q(1, 0)).rows == []


@given(st.lists(SMALL, min_size=6, max_size=6), st.lists(SMALL, min_size=3, max_size=3), st.lists(SMALL, min_size=3))
def test_invariant_equations_of_a_point_are_those_across_its_krylov_space(entries, force, point):
    """They are as many as the dimensions that p', M p', M^2 p' leave free, and orthogonal to those."""
    a, b, c, d, e, f = entries
    table, point = sympy.Matrix([[a, b, c], [b, d, e], [c, e, f]]), point[:3]
    speed = sympy.Matrix(force) - table * sympy.Matrix(point)
    krylov = sympy.Matrix.hstack(speed, table * speed, table**2 * speed)
    later = exact_point(q(*point)).invariants(fmpq_mat(3, 3, [int(x) for x in table]), q(*force))
    assert len(later.rows) == 3 - krylov.rank()
    for *row, level in later.rows:
        mine = sympy.Matrix([[sympy.Rational(int(x.p), int(x.q)) for x in row]])
        assert (mine * krylov).is_zero_matrix
        assert level == sum((x * y for x, y in zip(row, point, strict=True)), fmpq(0))


def test_one_equation_of_several_may_last_by_the_others():
    """Under p' = -(y, x) the equations x = 0 and y = 0 last together; x = 0 alone does not."""
    swap, nothing = fmpq_mat(2, 2, [0, 1, 1, 0]), q(0, 0)
    both = reduced([q(1, 0, 0), q(0, 1, 0)], 2)
    assert both.invariants(swap, nothing) == both
    assert reduced([q(1, 0, 0)], 2).invariants(swap, nothing).rows == []
    assert reduced([q(1, 1, 0)], 2).invariants(swap, nothing).rows == [q(1, 1, 0)]
    assert reduced([q(1, 1, 3)], 2).invariants(swap, nothing).rows == []


@pytest.mark.parametrize("level", [0, 2])
def test_the_value_of_an_invariant_equation_is_kept(level):
    kept = reduced([q(0, 3, level)], 2).invariants(fmpq_mat(2, 2, [1, 0, 0, 0]), q(5, 0))
    assert kept.value(q(0, 1)) == fmpq(level, 3)
