"""Exact numbers: read as they are written, shown exactly where that is short."""

from fractions import Fraction as Q
from math import inf, nan

import numpy as np
import pytest

from stability import StabilityError
from stability.exact.numbers import (
    approximate,
    decimal,
    float64,
    formatted,
    formatted_vector,
    is_float64,
    is_moderate,
    moderate,
    rational,
    square_root,
    text,
)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (3, Q(3)),
        ("1/3", Q(1, 3)),
        (" -0.25 ", Q(-1, 4)),
        ("1e-2", Q(1, 100)),
        (0.5, Q(1, 2)),
        (0.1, Q(3602879701896397, 36028797018963968)),
        (Q(2, 7), Q(2, 7)),
    ],
)
def test_numbers_are_exact(given, value):
    assert rational(given) == value


@pytest.mark.parametrize(
    "given", [True, "1/0", "one", "1_000", "", "²", nan, inf, None, [1], "9" * 20000, "1e999999999"]
)
def test_what_is_no_rational_number_is_refused(given):
    with pytest.raises(StabilityError) as refused:
        rational(given)
    assert refused.value.remedy


def test_decimals_have_six_significant_digits_whatever_their_size():
    assert [decimal(x) for x in (Q(1, 3), Q(-2, 3), Q(10**400), Q(1, 8))] == [
        "0.333333",
        "-0.666667",
        "1e+400",
        "0.125",
    ]
    assert decimal(Q(2, 3), 2) == "0.67"


def test_the_range_of_floats():
    assert [is_float64(x) for x in (Q(0), Q(10) ** 308, Q(10) ** 309, Q(1, 10**307), Q(1, 10**309))] == [
        True,
        True,
        False,
        True,
        False,
    ]
    assert [is_moderate(x) for x in (Q(10) ** 300, Q(10) ** 301, Q(1, 10**300), Q(1, 10**301), Q(0))] == [
        True,
        False,
        True,
        False,
        True,
    ]
    assert (approximate(Q(10) ** 400), approximate(-(Q(10) ** 400)), approximate(Q(1, 4))) == (inf, -inf, 0.25)
    assert (moderate("1/4"), float64(Q(1, 4), "it")) == (0.25, 0.25)
    with pytest.raises(StabilityError, match="1e\\+301"):
        moderate("1e301")
    with pytest.raises(StabilityError, match="in the labels"):
        float64(Q(10) ** 309, "the labels")


def test_roots_are_rational_where_they_can_be():
    assert [square_root(x) for x in (Q(9, 25), Q(9, 17), Q(0), Q(8))] == ["3/5", "sqrt(9/17)", "0", "sqrt(8)"]


def test_short_numbers_are_shown_exactly():
    assert text(Q(-3, 4)) == "-3/4"
    assert [formatted(Q(1, 3)), formatted(Q(10**15 + 1, 3))] == ["1/3", "~3.33333e+14"]
    assert formatted_vector([Q(1, 2), Q(-3)]) == "(1/2, -3)"
    assert formatted_vector([Q(1, 2), Q(10**15 + 1, 3)]) == "~(0.5, 3.333e+14)"


@pytest.mark.parametrize("value", [np.array([1, 2]), np.array(["1"]), int, float, Q, range(2), b"1", 1j, [1]])
def test_what_only_looks_like_a_number_is_none(value):
    """Arrays have __index__, and classes as_integer_ratio."""
    with pytest.raises(StabilityError, match="Expected a number"):
        rational(value)


def test_whole_numbers_of_numpy_are_numbers():
    assert rational(np.array(3)) == rational(np.int64(3)) == 3
    assert rational(np.float64(0.5)) == Q(1, 2)
