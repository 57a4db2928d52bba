"""Sums of squares of polynomials, against eigenvalues in floats, and statements that need them."""

import random

import numpy as np
import pytest

from stability import Dataset, Exists, ForAll, check, landscape, prove
from stability.logic.polynomials import evaluate, ring
from stability.logic.squares import squares_of

NAMES = ["x", "y", "z"]
VALUES = ring(NAMES)


def read(text):
    return evaluate(text, VALUES)


def sum_of_squares(p, squares):
    """Return whether p - sum of c * l^2 is a constant of at least 0 for some c of at least 0, by least squares."""
    monomials = sorted({m for q in (p, *(s * s for s in squares)) for m in q.to_dict()} | {(0, 0, 0)})
    vector = lambda q: np.array([float(q.to_dict().get(m, 0)) for m in monomials])  # noqa: E731
    columns = np.array([vector(s * s) for s in squares] + [vector(VALUES["1"])]).T
    weights, *_ = np.linalg.lstsq(columns, vector(p), rcond=None)
    return np.allclose(columns @ weights, vector(p)) and (weights > -1e-9).all()


def test_squares_are_found_where_no_eigenvalue_is_negative():
    draw, outcomes = random.Random(1), set()
    for _ in range(300):
        size = draw.choice([1, 2, 3])
        rows = [[draw.randint(-2, 2) for _ in range(4)] for _ in range(size)]
        matrix = np.array(rows).T @ np.array(rows) if draw.random() < 0.5 else np.zeros((4, 4), int)
        if not matrix.any():
            half = np.triu([[draw.randint(-2, 2) for _ in range(4)] for _ in range(4)])
            matrix = half + half.T
        basis = [VALUES["x"], VALUES["y"], VALUES["z"], VALUES["1"]]
        p = sum((basis[i] * basis[j] * int(matrix[i, j]) for i in range(4) for j in range(4)), VALUES["1"] * 0)
        used = [i for i in range(4) if matrix[i].any() or i == 3]
        positive = np.linalg.eigvalsh(matrix[np.ix_(used, used)].astype(float)).min() > -1e-9
        found = squares_of(p)
        if len(used) > 1:
            assert bool(found) == bool(positive), p
            outcomes.add(positive)
        if found:
            assert sum_of_squares(p, found), p
    assert outcomes == {True, False}


@pytest.mark.parametrize("text", ["x**3", "x**2*y**2", "x", "x*y", "-x**2", "x**2 - 1", "x**2 + y", "1 + 0*x"])
def test_there_are_none_where_values_are_negative_or_the_degree_is_not_2(text):
    assert squares_of(read(text)) == []


@pytest.mark.parametrize(
    "goal",
    [
        "x**2 >= 0",
        "x**2 + 1 > 0",
        "-x**2 <= 0",
        "x**2 - x + 1/4 >= 0",
        "x**2 - 2*x*y + y**2 >= 0",
        "x**2 + y**2 >= x*y",
        "x**2 + y**2 + z**2 >= x*y + y*z + z*x",
    ],
)
def test_quadratic_statements_are_proved_without_a_hint(goal):
    found = prove(ForAll("x y z", [], [goal]))
    assert found.conclusion == "proved"
    assert check(found.record) == found.words


def test_what_is_false_or_beyond_stays_so():
    assert prove(ForAll("x", [], ["x**2 > 0"], try_at=[{"x": 0}])).conclusion == "refuted"
    assert prove(ForAll("x y", [], ["x**2 - y**2 >= 0"])).conclusion == "refuted"
    quartic = prove(ForAll("x y", [], ["x**4 - 2*x**2*y**2 + y**4 >= 0"]))
    assert quartic.conclusion is None
    assert "squares (polynomials whose squares help)" in quartic.reason
    assert "Tried: " in quartic.reason
    hinted = ForAll("x y", [], ["x**4 - 2*x**2*y**2 + y**4 >= 0"], squares=["x**2 - y**2"])
    assert prove(hinted).conclusion == "proved"


@pytest.mark.parametrize(
    "goal",
    [
        "x**4 - 2*x**2 + 1 >= 0",
        "x**4 + 1 > 0",
        "x**4 - x + 1 > 0",
        "2*x**4 - 3*x + 2 > 0",
        "-x**6 + 2*x**3 - 1 <= 0",
        "(x**2 - 2)**2*(x**2 + x + 1) >= 0",
        "x**6 + 1 > 0",
    ],
)
def test_statements_of_one_variable_up_to_degree_6_are_proved_without_a_hint(goal):
    found = prove(ForAll("x", [], [goal]))
    assert found.conclusion == "proved"
    assert check(found.record) == found.words


def test_factors_have_squares_just_where_no_value_is_negative():
    draw, x, outcomes = random.Random(2), VALUES["x"], set()
    for _ in range(150):
        factors = [sum((draw.randint(-2, 2) * x**k for k in range(4)), VALUES["1"] * draw.randint(0, 3))
                   for _ in range(2)]  # fmt: skip
        p = factors[0] * factors[draw.choice((0, 1))]
        if not 2 < p.total_degree() <= 6:
            continue
        coefficients = [float(p.to_dict().get((k, 0, 0), 0)) for k in range(p.total_degree(), -1, -1)]
        least = min(np.polyval(coefficients, np.linspace(-40, 40, 80_001)))
        found = squares_of(p)
        if found:
            assert least > -1e-6, p
            assert sum_of_squares(p, found), p
        outcomes.add(bool(found))
    assert outcomes >= {True, False}


@pytest.mark.parametrize("givens", [["x**2 < 0"], ["x**2 + 1 == 0"], ["x**2 - x*y + y**2 <= -1"]])
def test_what_no_number_satisfies_does_not_exist(givens):
    found = prove(Exists("x y", givens))
    assert found.conclusion == "refuted"
    assert check(found.record) == found.words


@pytest.mark.parametrize(
    ("givens", "goal", "conclusion"),
    [
        (["x**2 + (y - 1)**2 == 0"], "x + y == 1", "proved"),
        (["x**2 + (y - 1)**2 <= 0"], "3*x + y == 1", "proved"),
        (["-x**2 - (y - 1)**2 >= 0"], "x < 1/1000", "proved"),
        (["x**2 + (y - 1)**2 == 0"], "x + y == 2", "refuted"),
        (["x**2 + 2*x*y + 2*y**2 + (z - 2)**2 <= 0"], "x + y + z == 2", "proved"),
        (["x > y", "(x + y - 1)**2 + (x - y)**2 <= 0"], "x > 5", "vacuous"),
        (["(x - y)**2 + (x + y - 1)**2 <= 0", "x == z"], "z <= 1/3", "refuted"),
    ],
)
def test_where_a_sum_of_squares_is_not_positive_each_of_them_is_0(givens, goal, conclusion):
    found = prove(ForAll("x y z", givens, [goal], try_at=[{"x": "1/2", "y": "1/2", "z": "1/2"}]))
    assert found.conclusion == conclusion
    assert check(found.record) == found.words


@pytest.mark.parametrize(
    ("goals", "conclusion"),
    [
        (["w + b == 1", "w >= b"], "proved"),
        ([["w == 1/2"], ["w > 1/2"]], "proved"),
        (["w > b"], "refuted"),
        (["w < 100"], "refuted"),
    ],
)
def test_a_loss_of_0_says_where_parameters_are(goals, conclusion):
    place = {"L": landscape("relu1", Dataset("two", [[1], [-1]], [1, 0]))}
    found = prove(ForAll("w b", ["L.loss([w, b]) == 0"], goals, place))
    assert found.conclusion == conclusion
    assert check(found.record) == found.words
