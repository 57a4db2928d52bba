"""Formulas as polynomials and back."""

import pytest

from stability import Dataset, StabilityError, landscape
from stability.logic.branches import Ground, UniversalStatement
from stability.logic.polynomials import constraints, evaluate, key, readable, ring, value, written

R = ring(["x", "y"])
X, Y, ONE = R["x"], R["y"], R["1"]


def test_a_key_is_that_of_all_multiples_and_knows_their_sign():
    p = 2 * X * Y - 3 * X + ONE
    for factor in (1, 2, 7):
        assert key(factor * p) == (key(p)[0], 1)
        assert key(-factor * p) == (key(p)[0], -1)
    assert key(p + ONE)[0] != key(p)[0]


def test_values_of_constants():
    assert [value(p) for p in (ONE * 3, X - X, X - X - ONE, 4)] == [3, 0, -1, 4]
    assert value(X) is None
    assert value(X + ONE) is None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("x**12", "x**12"), ("x**13", "x ** 12 * x ** 1"), ("x**24", "(x ** 12) ** 2"),
        ("x**25", "(x ** 12) ** 2 * x ** 1"),
        ("x**0 + y", "1 + y"), ("+x", "x"), ("-x + y", "-x + y"), ("0.5*x", "1/2*x"), ("(x + y)**1", "(x + y)**1"),
    ],
)  # fmt: skip
def test_formulas_as_the_checker_reads_them(text, read):
    assert readable(text).replace("(1/2)", "1/2") == read


def test_texts_of_polynomials_are_read_back():
    for p in (X**13 * Y - 3 * X, X**25, X**12, X**24 * Y**14 + ONE, -X / 3, X - X):
        text = written(p)
        assert evaluate(text, R) == p
        assert not any(f"**{n}" in text for n in range(13, 100))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x > y", [(X - Y, ">")]), ("x < y", [(Y - X, ">")]), ("x >= y", [(X - Y, ">=")]), ("x <= y", [(Y - X, ">=")]),
        ("x == y", [(X - Y, "=")]), ("x != y", [(X - Y, "!=")]), ("0 < x <= y", [(X, ">"), (Y - X, ">=")]),
    ],
)  # fmt: skip
def test_relations_compare_a_polynomial_with_0(text, found):
    assert constraints(text, R) == found


@pytest.mark.parametrize("text", ["x", "[x]", "[x, y]", "x + y"])
def test_what_is_no_relation(text):
    with pytest.raises(StabilityError, match="Expected a relation"):
        constraints(text, R)


@pytest.mark.parametrize("text", ["z > 0", "x**y > 0", "x**(1 + 1) > 0", "1/(x - x) > 0"])
def test_what_cannot_be_read(text):
    with pytest.raises(StabilityError):
        constraints(text, R)


def holds(text, model, labels=(0,), points=((0,),)):
    place = landscape(model, Dataset("here", points, labels))
    return Ground(UniversalStatement([], [], [], {"L": place.to_record()}), {}).satisfies([text])


@pytest.mark.parametrize(
    ("model", "low", "high"), [("abs1", -1, 1), ("relu1", 0, 1), ("leaky1/2:1", "1/2", 1), ("leaky2:1", 1, 2)]
)
def test_slopes_at_a_kink_are_between_those_beside_it(model, low, high):
    """At b = 0 with label 0 there is no force, so any slope rests."""
    for slope, fits in (
        (low, True),
        (high, True),
        (f"({low} + {high})/2", True),
        (f"{low} - 1/9", False),
        (f"{high} + 1/9", False),
    ):
        assert holds(f"L.rest([0, 0], [{slope}])", model) is fits, slope


def test_the_equations_of_rest():
    """|b| with label 1 at b = 0: the error -1 times a slope must vanish; at b = 1 it rests, at b = 2 it does not."""
    assert holds("L.rest([0, 0], [0])", "abs1", (1,))
    assert not holds("L.rest([0, 0], [1/2])", "abs1", (1,))
    assert holds("L.rest([0, 1], [0])", "abs1", (1,))
    assert holds("L.rest([0, -1], [5])", "abs1", (1,))
    assert not holds("L.rest([0, 2], [0])", "abs1", (1,))
    # w and b, on the points 1 and -1 with labels 2 and 0: |w + b| = 2 and |b - w| = 0 at w = b = 1
    two = {"labels": (2, 0), "points": ((1,), (-1,))}
    assert holds("L.rest([1, 1], [0, 0])", "abs1", **two)
    assert not holds("L.rest([1, 2], [0, 0])", "abs1", **two)
    assert not holds("L.rest([2, 1], [0, 0])", "abs1", **two)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("max(1, 2) == 2", True), ("max(2, 1) == 2", True), ("min(1, 2) == 1", True), ("min(2, 1) == 1", True),
        ("max(1, 3, 2) == 3", True), ("min(2, 3, 1) == 1", True), ("min(1, 2) == 2", False), ("max(1, 1) == 1", True),
        ("abs(-2) == 2", True), ("relu(-2) == 0", True), ("relu(3) == 3", True), ("abs(0) == 0", True),
    ],
)  # fmt: skip
def test_functions_with_kinks_of_numbers(text, good):
    assert Ground(UniversalStatement([], [], []), {}).satisfies([text]) is good
