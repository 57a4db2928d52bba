"""Exact linear programs against HiGHS; where the answer is "none", an alternative in the sense of Farkas."""

from fractions import Fraction as Q
from itertools import product

import numpy as np
import pytest
from flint import fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from stability.exact.linear import combination
from stability.exact.systems import dimension, rank, solve
from stability.logic.contradiction import contradiction
from stability.logic.polynomials import ring

FREE = (None, None)
many = settings(deadline=None, max_examples=150)


def sparse(values):
    return {r: fmpq(int(v)) for r, v in enumerate(values) if v}


def vector(values):
    return [fmpq(int(v)) for v in values]


def fraction(x):
    return Q(int(x.p), int(x.q))


def feasible(**program):
    """Ask HiGHS; it must know."""
    size = next(len(program[k][0]) for k in ("A_eq", "A_ub") if len(program.get(k, ())))
    found = linprog(np.zeros(size), **program)
    assert found.status in (0, 2), found.message
    return found.status == 0


@st.composite
def systems(draw, most=5):
    """Return a small integer matrix and a right side, often degenerate: repeated rows, zero columns."""
    rows, columns = draw(st.integers(1, most)), draw(st.integers(1, most + 2))
    entry = st.integers(-2, 2)
    matrix = [[draw(entry) for _ in range(columns)] for _ in range(rows)]
    right = [draw(entry) for _ in range(rows)]
    if draw(st.booleans()):
        matrix.append(list(matrix[0]))
        right.append(right[0] if draw(st.booleans()) else draw(entry))
    if draw(st.booleans()):
        matrix = [[*row, row[0], 0] for row in matrix]
    return matrix, right


@many
@given(systems())
@example(([[0]], [0]))
@example(([[0]], [1]))
@example(([[0, 0], [0, 0]], [0, -1]))
@example(([[1, 1], [1, 1]], [1, 2]))
@example(([[-1]], [-1]))
def test_a_combination_is_one_and_there_is_none_exactly_where_an_alternative_exists(system):
    matrix, right = system
    columns = [sparse(column) for column in zip(*matrix, strict=True)]
    found = combination(columns, len(matrix), sparse(right))
    if found is not None:
        weights = [fraction(c) for c in found]
        assert min(weights) >= 0
        assert [sum(a * c for a, c in zip(row, weights, strict=True)) for row in matrix] == right
    # y.A <= 0 and y.b = 1 for some y exactly where there is no combination
    transposed = list(map(list, zip(*matrix, strict=True)))
    alternative = feasible(A_ub=transposed, b_ub=[0] * len(transposed), A_eq=[right], b_eq=[1], bounds=FREE)
    assert (found is None) == alternative
    assert (found is not None) == feasible(A_eq=matrix, b_eq=right, bounds=(0, None))


@many
@given(systems(4), st.integers(0, 3))
def test_solve_finds_a_point_exactly_where_highs_does(system, equations):
    matrix, right = system
    rows = [(vector(a), fmpq(c)) for a, c in zip(matrix, right, strict=True)]
    size = len(matrix[0])
    found = solve(rows[:equations], rows[equations:], size)
    k = min(equations, len(rows))
    program = {"A_eq": matrix[:k], "b_eq": right[:k]} if k else {}
    if k < len(rows):
        program |= {"A_ub": -np.array(matrix[k:]), "b_ub": -np.array(right[k:])}
    assert (found is not None) == feasible(**program, bounds=FREE)
    if found is not None:
        sides = [sum(a * fraction(x) for a, x in zip(row, found, strict=True)) for row in matrix]
        assert sides[:k] == right[:k]
        assert all(s >= c for s, c in zip(sides[k:], right[k:], strict=True))


def test_without_constraints_the_origin_is_found():
    assert solve([], [], 3) == [0, 0, 0]
    assert solve([], [], 0) == []
    assert combination([], 0, {}) == []
    assert combination([], 1, {}) == []
    assert combination([], 1, {0: fmpq(1)}) is None
    assert combination([{}, {}], 2, {}) == [0, 0]
    assert combination([{}, {}], 2, {1: fmpq(-1)}) is None


def test_fractions_stay_exact():
    third = fmpq(1, 3)
    (weight,) = combination([{0: third}], 1, {0: fmpq(1, 7)})
    assert weight == fmpq(3, 7)
    tiny = fmpq(1, 10**40)
    assert solve([], [(vector([1]), tiny), (vector([-1]), fmpq(0))], 1) is None
    assert solve([], [(vector([1]), tiny), (vector([-1]), -tiny)], 1) == [tiny]


# Beale (1955): the textbook rule of the largest coefficient cycles from this basis.
BEALE = [
    [Q(1, 4), -8, -1, 9],
    [Q(1, 2), -12, Q(-1, 2), 3],
    [0, 0, 1, 0],
]
COST = [Q(3, 4), -20, Q(1, 2), -6]


@pytest.mark.parametrize(("value", "reached"), [(Q(5, 4), True), (Q(5, 4) + Q(1, 10**9), False), (0, True)])
def test_beales_degenerate_program_ends_at_its_optimum(value, reached):
    """Maximise COST.x over BEALE x <= (0, 0, 1), x >= 0: the optimum is 5/4."""

    def row(values, sign):
        return [fmpq(Q(sign * v).numerator, Q(sign * v).denominator) for v in values]

    positive = [(vector([int(c == k) for c in range(4)]), fmpq(0)) for k in range(4)]
    below = [(row(values, -1), fmpq(-c)) for values, c in zip(BEALE, (0, 0, 1), strict=True)]
    wanted = (row(COST, 1), fmpq(Q(value).numerator, Q(value).denominator))
    assert (solve([], [*below, *positive, wanted], 4) is not None) == reached


def test_highly_degenerate_cones_end():
    """All sums of +-1 rows that are at least 0 but 1 in total: every vertex is the origin."""
    rows = [(vector(signs), fmpq(0)) for signs in product((-1, 1), repeat=4)]
    assert solve([], rows, 4) == [0, 0, 0, 0]
    assert solve([], [*rows, (vector([1, 0, 0, 0]), fmpq(1))], 4) is None


def slow_dimension(equal, at_least, size):
    """Maximise every slack; those that are always 0 are equations."""
    if not equal and not at_least:
        return size
    tight = list(equal)
    for a in at_least:
        program = {"A_eq": equal, "b_eq": [0] * len(equal)} if equal else {}
        best = linprog(-np.array(a), A_ub=-np.array(at_least), b_ub=[0] * len(at_least), bounds=(-1, 1), **program)
        if -best.fun < 1e-7:
            tight.append(a)
    return size - (np.linalg.matrix_rank(np.array(tight)) if tight else 0)


@many
@given(systems(4), st.integers(0, 2))
def test_the_dimension_of_a_cone(system, equations):
    matrix, _ = system
    equal, at_least = matrix[:equations], matrix[equations:]
    found = dimension([vector(a) for a in equal], [vector(a) for a in at_least], len(matrix[0]))
    assert found == slow_dimension(equal, at_least, len(matrix[0]))


@pytest.mark.parametrize(
    ("equal", "at_least", "expected"),
    [
        ([], [], 2),
        ([], [[1, 0]], 2),
        ([], [[1, 0], [-1, 0]], 1),
        ([], [[1, 0], [1, 0]], 2),
        ([], [[0, 0]], 2),
        ([[0, 0]], [], 2),
        ([[1, 1]], [[1, -1]], 1),
        ([], [[1, 0], [-1, 1], [0, -1]], 0),
        ([[1, 0], [0, 1]], [], 0),
    ],
)
def test_dimensions_of_known_cones(equal, at_least, expected):
    assert dimension([vector(a) for a in equal], [vector(a) for a in at_least], 2) == expected


def test_one_row_given_twice_as_the_same_object_counts_as_two_rows():
    row, back = vector([1, 0]), vector([-1, 0])
    assert dimension([], [row, row], 2) == 2
    assert dimension([], [row, row, back], 2) == 1


@many
@given(systems(4))
def test_rank_is_numpys(system):
    matrix, _ = system
    assert rank([vector(row) for row in matrix]) == np.linalg.matrix_rank(np.array(matrix))
    assert rank([]) == 0


@many
@given(systems(4), st.data())
def test_linear_facts_contradict_each_other_exactly_where_highs_finds_no_point(system, data):
    """Strict facts too: they can be met where max t with slack t for the strict ones is positive."""
    matrix, right = system
    names = [f"x{k}" for k in range(len(matrix[0]))]
    space = ring(names)
    relations = [data.draw(st.sampled_from([">", ">=", "="])) for _ in matrix]
    polys = [
        sum((a * space[n] for a, n in zip(row, names, strict=True)), space["1"] * -c)
        for row, c in zip(matrix, right, strict=True)
    ]
    found = contradiction(list(zip(polys, relations, strict=True)))
    rows = [(row, c, r) for row, c, r in zip(matrix, right, relations, strict=True)]
    above = [([*(-v for v in row), int(r == ">")], -c) for row, c, r in rows if r != "="]
    equal = [([*row, 0], c) for row, c, r in rows if r == "="]
    best = linprog(
        [0] * len(names) + [-1],
        A_ub=[a for a, _ in above] or None,
        b_ub=[c for _, c in above] or None,
        A_eq=[a for a, _ in equal] or None,
        b_eq=[c for _, c in equal] or None,
        bounds=[FREE] * len(names) + [(None, 1)],
    )
    possible = best.status == 0 and -best.fun > 1e-7
    assert (found is None) == possible
