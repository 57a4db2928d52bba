"""Least-squares fits by generators, against numpy; whether weights can be positive, against HiGHS and exact sums."""

from fractions import Fraction as Q
from math import gcd

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from stability.geometry.stationary import least_squares as module
from stability.geometry.stationary.least_squares import Fits


@pytest.fixture(autouse=True, params=["all products at once", "products as needed"])
def _both_tables(request, monkeypatch):
    """Run every test with both ways to keep inner products."""
    if request.param == "products as needed":
        monkeypatch.setattr(module, "FEW", 0)


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def combined(outputs, combination):
    """Return a combination of the generators, exactly."""
    total = [Q(0)] * len(outputs[0])
    for g, weight in combination.numerators.items():
        total = [x + Q(weight, combination.denominator) * y for x, y in zip(total, outputs[g], strict=True)]
    return total


def fitted(outputs, labels, chosen):
    """Return the best fit in floats."""
    matrix = np.array([outputs[g] for g in sorted(chosen)], dtype=float).reshape(len(chosen), len(labels)).T
    return matrix @ np.linalg.lstsq(matrix, np.array(labels, dtype=float))[0]


def margin(outputs, labels, chosen):
    """Return how large all weights of the best fit can be at once, at most 1; at least 0 where they can be positive."""
    matrix = np.array([outputs[g] for g in sorted(chosen)], dtype=float).T
    count = len(chosen)
    found = linprog(
        [0] * count + [-1],
        A_ub=np.hstack([-np.eye(count), np.ones((count, 1))]),
        b_ub=np.zeros(count),
        A_eq=np.hstack([matrix, np.zeros((len(labels), 1))]),
        b_eq=fitted(outputs, labels, chosen),
        bounds=[(None, None)] * count + [(None, 1)],
    )
    assert found.status == 0, found.message
    return -found.fun


def examine(outputs, labels, chosen):
    """Compare a fit with numpy, and what is said of its weights with HiGHS; return whether it is inside."""
    problem = Fits([tuple(out) for out in outputs], tuple(labels))
    fit = problem.fit(frozenset(chosen))
    best = fitted(outputs, labels, chosen)
    errors, den = problem.errors(fit)
    assert [float(e) / den for e in errors] == pytest.approx(list(best - labels), abs=1e-7)
    exact = [Q(e, den) for e in errors]
    assert all(dot(exact, outputs[g]) == 0 for g in chosen)
    assert combined(outputs, fit.weights) == [e + y for e, y in zip(exact, labels, strict=True)]
    assert den > 0
    assert gcd(den, *errors) == 1
    table = np.array([outputs[g] for g in sorted(chosen)], dtype=float).reshape(len(chosen), len(labels))
    assert fit.rank == (np.linalg.matrix_rank(table) if len(chosen) else 0)
    assert fit.simple == (fit.rank == len(chosen))
    inside, weights = problem.inside(fit)
    assert weights.denominator > 0
    values = weights.values(frozenset(chosen))
    assert values == [weights.denominator, *(weights.numerators.get(g, 0) for g in sorted(chosen))]
    if inside:
        assert all(weights.numerators[g] > 0 for g in chosen)
        assert set(weights.numerators) <= set(chosen)
        assert combined(outputs, weights) == combined(outputs, fit.weights)
    else:
        separates(outputs, labels, chosen, combined(outputs, weights))
    if chosen:
        widest = margin(outputs, labels, chosen)
        assert abs(widest) < 1e-9 or abs(widest) > 1e-6, "too close to call in floats"
        assert inside == (widest > 1e-7)
    return inside


def separates(outputs, labels, chosen, wall):
    heights = [dot(wall, outputs[g]) for g in chosen]
    assert min(heights) >= 0
    assert max(heights) > 0
    assert dot(wall, labels) <= 0


@st.composite
def problems(draw):
    """Return generators with few different entries, so that many depend on others, labels, and some generators."""
    n = draw(st.integers(1, 4))
    entry = st.sampled_from([-2, -1, 0, 0, 1, 1, 3])
    vector = st.lists(entry, min_size=n, max_size=n).filter(any)
    outputs = draw(st.lists(vector, min_size=1, max_size=6, unique_by=tuple))
    chosen = draw(st.sets(st.sampled_from(range(len(outputs))), min_size=1))
    if draw(st.booleans()):
        labels = draw(st.lists(entry, min_size=n, max_size=n))
    else:  # labels that are inside, or nearly
        parts = [[draw(st.integers(0, 2)) * x for x in outputs[g]] for g in chosen]
        labels = [sum(column) for column in zip(*parts, strict=True)]
    return outputs, labels, chosen


@settings(max_examples=120)
@given(problems())
def test_fits_are_those_of_numpy_and_weights_those_of_highs(problem):
    examine(*problem)


SPECIAL = [
    ("one generator that fits", [[1, 2]], [2, 4], {0}, True),
    ("one that points away", [[1, 2]], [-1, 0], {0}, False),
    ("labels across", [[1, 0]], [0, 5], {0}, False),
    ("labels 0", [[1, 0], [0, 1]], [0, 0], {0, 1}, False),
    ("on the boundary of the cone", [[1, 0], [0, 1]], [3, 0], {0, 1}, False),
    ("only some generators", [[1, 0], [0, 1], [1, 1]], [3, 0], {0}, True),
    ("opposite generators", [[1, 0], [-1, 0]], [3, 1], {0, 1}, True),
    ("opposite generators, labels across", [[1, 0], [-1, 0]], [0, 1], {0, 1}, True),
    ("generators around 0, labels 0", [[1, 0], [0, 1], [-1, -1]], [0, 0], {0, 1, 2}, True),
    ("generators around 0, any labels", [[1, 0], [0, 1], [-1, -1]], [-7, 3], {0, 1, 2}, True),
    ("a half plane, its edge", [[1, 0], [-1, 0], [0, 1]], [4, 0], {0, 1, 2}, False),
    ("a half plane, inside", [[1, 0], [-1, 0], [0, 1]], [4, 1], {0, 1, 2}, True),
    ("a half plane, outside", [[1, 0], [-1, 0], [0, 1]], [4, -1], {0, 1, 2}, False),
    ("more generators than needed", [[1, 0, 0], [0, 1, 0], [1, 1, 0]], [1, 1, 9], {0, 1, 2}, True),
    ("on a wall of a redundant cone", [[1, 0], [1, 1], [2, 1], [0, 1]], [1, 0], {0, 1, 2, 3}, False),
]


@pytest.mark.parametrize(("outputs", "labels", "chosen", "inside"), [case[1:] for case in SPECIAL])
def test_special_fits(outputs, labels, chosen, inside):
    assert examine(outputs, labels, chosen) == inside


def test_without_generators_everything_is_put_out_by_no_weights():
    problem = Fits([(1, 2)], (3, 4))
    fit = problem.fit(frozenset())
    assert problem.errors(fit) == ((-3, -4), 1)
    assert (fit.rank, fit.simple) == (0, True)
    inside, weights = problem.inside(fit)
    assert inside
    assert not weights.numerators


def test_huge_generators_are_distinguished_exactly():
    """The fit is on the boundary of the cone, or just beside it: no float can decide."""
    x = 10**40
    for shift, inside in ((1, True), (0, False), (-1, False)):
        problem = Fits([(x, x), (0, 1)], (x, x + shift))
        found, weights = problem.inside(problem.fit(frozenset({0, 1})))
        assert found == inside
        if not found:
            separates(problem.outputs, problem.labels, {0, 1}, combined(problem.outputs, weights))
