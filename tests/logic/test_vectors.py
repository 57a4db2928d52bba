"""Vectors in formulas, against the numbers they stand for."""

import ast
from fractions import Fraction as Q
from math import cos, isclose, pi, sin, sqrt

import pytest

from stability import StabilityError
from stability.logic import vectors as v


def tree(text):
    return ast.parse(text, mode="eval").body


def worth(node):
    return eval(ast.unparse(ast.fix_missing_locations(node)), {"sqrt": sqrt})


ANGLES = {
    "0": 0,
    "pi": 4,
    "-pi": -4,
    "pi/4": 1,
    "3*pi/4": 3,
    "pi*5/4": 5,
    "-7*pi/4": -7,
    "2*pi": 8,
    "1/2*pi": 2,
    "+pi/2": 2,
}
ANGLES |= {f"{k}*pi/4": k for k in range(-9, 10)}


@pytest.mark.parametrize(("text", "eighths"), ANGLES.items())
def test_unit_vectors_are_cosine_and_sine(text, eighths):
    x, y = map(worth, v.unit_vector(tree(text)))
    assert isclose(x, cos(eighths * pi / 4), abs_tol=1e-12)
    assert isclose(y, sin(eighths * pi / 4), abs_tol=1e-12)


@pytest.mark.parametrize("text", ["pi/3", "1", "x", "pi*pi", "1/pi", "pi + pi", "pi/8"])
def test_other_angles_are_refused(text):
    with pytest.raises(StabilityError):
        v.unit_vector(tree(text))


def test_rational_expressions():
    found = [v.rational(tree(text)) for text in ("3", "-3", "+2", "3/4", "-3*2/4", "2/(1/3)")]
    assert found == [3, -3, 2, Q(3, 4), Q(-3, 2), 6]
    for wrong in ("x", "1/0", "1 + 2", "2**2", "1.5"):
        with pytest.raises(StabilityError, match="Expected a rational number"):
            v.rational(tree(wrong))


def test_roots():
    assert [ast.unparse(v.square_root(Q(x))) for x in ("0", "9", "9/4")] == ["0", "3", "3 / 2"]
    assert [ast.unparse(v.square_root(Q(x))) for x in ("2", "1/2", "4/3", "3/4")] == [
        "sqrt(2)", "1 / 2 * sqrt(2)", "2 / 3 * sqrt(3)", "1 / 2 * sqrt(3)",
    ]  # fmt: skip
    with pytest.raises(StabilityError, match="from 0 on under a root; got -1"):
        v.square_root(Q(-1))


def test_vectors_are_lists():
    assert [worth(x) for x in v.axes(4, 1)] == [0, 1, 0, 0]
    assert [worth(x) for x in v.axes(3, 0, 2, 2)] == [1, 0, 2]
    nested = [[tree("1"), tree("2")], [tree("3")]]
    assert [worth(x) for x in v.flat(nested)] == [1, 2, 3]
    assert [worth(x) for x in v.flat(tree("7"))] == [7]
    assert worth(v.summed(v.flat(nested))) == 6
    assert worth(v.summed([tree("5")])) == 5
    assert [[worth(x) for x in row] for row in v.mapped(nested, lambda x: ast.UnaryOp(ast.USub(), x))] == [
        [-1, -2],
        [-3],
    ]
    assert worth(v.mapped(tree("2"), lambda x: ast.UnaryOp(ast.USub(), x))) == -2
    assert v.filled_like(nested, 0) == [[0, 0], [0]]
    assert v.filled_like(tree("x"), 5) == 5
    assert [v.shown_size(x) for x in (nested, tree("x"))] == ["a vector of 2", "a number"]
    assert [v.is_zero(tree(x)) for x in ("0", "0 + 0", "x", "1")] == [True, False, False, False]
    assert worth(v.number(Q(-3, 4))) == -0.75
