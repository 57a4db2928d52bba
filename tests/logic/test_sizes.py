"""Bounds on multiplied-out formulas hold for what flint multiplies out, and what makes no sense is refused."""

from itertools import product

import pytest

from stability import StabilityError
from stability.logic.formulas import parsed
from stability.logic.polynomials import evaluate, ring
from stability.logic.sizes import FormulaSize, Shape, Size, constant

NAMES = ["x", "y", "z"]
ATOMS = [
    "x",
    "y + 1",
    "x - y + 2*z",
    "(x + y)**3",
    "x*y*z - 12345",
    "-(7*x - z)",
    "(x - 1)*(y - 2)*(z - 3)",
    "9/7",
    "x/3",
]
L = Shape(2, 6, 4, 2)


def size(text, hint=False):
    return FormulaSize(NAMES, {"L": L}, text, hint).size(parsed(text))


def digits(p):
    return max((max(len(str(abs(int(c.p)))), len(str(int(c.q)))) for c in p.coeffs()), default=1)


@pytest.mark.parametrize("pattern", ["{} + {}", "({})*({})", "{} - ({})**2", "({})**2*({} + 1)"])
def test_sizes_are_bounds_on_polynomials(pattern):
    for one, two in product(ATOMS, repeat=2):
        text = pattern.format(one, two)
        p, bound = evaluate(text, ring(NAMES)), size(text)
        assert len(p) <= bound.terms, text
        assert p.total_degree() <= bound.degree, text
        assert digits(p) <= bound.digits + 1, text


def test_sizes_are_those_counted_by_hand():
    """4 terms as often as they are written, but no more than there are monomials of the degree."""
    assert size("x") == Size(1, 1, 1)
    assert size("x + y + x + y").terms == 4
    assert size("x + y + x + y + z + x").terms == 4
    assert size("(x + y)*(x + z)") == Size(4, 2, size("(x + y)*(x + z)").digits)
    assert size("(x + y)**3").terms == 4
    assert size("(x + y + z)**4").terms == 15
    assert size("max(x, y*z)").terms == 2
    assert size("max(x, y*z**2)").degree == 3
    assert size("L.loss([x, y, 0, 1, 0, 0])").degree == 2
    assert size("L.pre([x*y, y, 0, 1, 0, 0], 1, 3)").degree == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("w + 1", "Expected a variable; got 'w'"),
        ("L + 1", "Expected a number; got the landscape L"),
        ("[x, y] + 1", "Expected a number; got a list"),
        ("K.loss([x])", "Expected a landscape; got 'K'"),
        ("L.loss([x, y])", "a list of 6 numbers for L.loss, all parameters, unit after unit; got 2 entries"),
        ("L.loss(x)", "Expected a list of 6 numbers"),
        ("L.pre([1, 2, 3, 4, 5, 6], 2, 0)", "the number of a unit of L.pre, from 0 to 1; got '2'"),
        ("L.out([1, 2, 3, 4, 5, 6], 4)", "the number of an example of L.out, from 0 to 3; got '4'"),
        ("L.out([1, 2, 3, 4, 5, 6], x)", "the number of an example of L.out, from 0 to 3"),
        ("L.push([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], 0)", "Expected a function that records may ask; got push"),
        ("L.rest([1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0, 0, 0]) + 1", "Expected a number; got the relation rest"),
        ("1/x", "Expected a number below a fraction"),
        ("1/(2 - 2)", "Expected a number other than 0 below a fraction"),
        ("x**101", "whole exponent"),
        ("(x + y + z + 1)**60", "polynomials of at most 20,000 terms"),
        ("9999**100*9999**100*9999**100", None),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(text, problem):
    if problem is None:
        assert size(text).terms == 1
        return
    with pytest.raises(StabilityError) as caught:
        size(text)
    assert problem in str(caught.value)


def test_hints_may_ask_more():
    assert size("L.push([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], 0)", hint=True).degree == 0
    assert size("L.out([1, 2, 3, 4, 5, 6], 3)").degree == 0


def test_constants():
    found = [constant(parsed(text)) for text in ("3", "-3", "+3", "2 - 5*2", "(1 + 2)/4", "2**3/(-16)", "1 - 1")]
    assert [str(x) for x in found] == ["3", "-3", "3", "-8", "3/4", "-1/2", "0"]
    with pytest.raises(StabilityError, match="other than 0 below a fraction"):
        constant(parsed("1/(1 - 1)"))
