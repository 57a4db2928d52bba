"""What people write in statements: each sort of value, at the ends of what is allowed and one step beyond."""

from fractions import Fraction as Q

import numpy as np
import pytest

from stability import StabilityError
from stability.logic import validation as v

REFUSED = pytest.raises(StabilityError)


@pytest.mark.parametrize(
    ("given", "value"), [(3, Q(3)), (np.int64(-2), Q(-2)), ("1/3", Q(1, 3)), (" -0.25", Q(-1, 4)), (Q(2, 7), Q(2, 7))]
)
def test_exact_numbers(given, value):
    found = v.exact_number(given, "a label")
    assert found == value
    assert type(found) is Q


@pytest.mark.parametrize("given", [True, np.bool_(False), None, "x", "", "1/0", [1], 1j])
def test_what_is_no_exact_number(given):
    with pytest.raises(StabilityError, match="Expected an exact number for a label"):
        v.exact_number(given, "a label")


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        (0.25, 'Write "1/4".'),
        (0.333, 'Write "333/1000" or "1/3".'),
        (0.51, 'Write "51/100".'),
        (-0.6667, 'Write "-6667/10000" or "-2/3".'),
        (0.00005, 'Write "1/20000" or "0".'),
        (np.float64(0.5), 'Write "1/2".'),
        (float("inf"), 'Write 1, "1/3" or "0.25".'),
        (float("nan"), 'Write 1, "1/3" or "0.25".'),
    ],
)
def test_a_float_is_answered_by_what_it_may_mean(given, remedy):
    with pytest.raises(StabilityError, match="got the float") as caught:
        v.exact_number(given, "a label")
    assert caught.value.remedy == remedy


def test_whole_numbers():
    assert [v.whole_number(x, "samples", 2, 5) for x in (2, 5, np.int8(3))] == [2, 5, 3]
    assert v.whole_number(10**9, "samples") == 10**9
    assert v.whole_number(0, "samples") == 0
    for wrong in (1, 6, True, np.bool_(True), 3.0, "3", None):
        with pytest.raises(StabilityError, match="a whole number from 2 to 5 for samples"):
            v.whole_number(wrong, "samples", 2, 5)
    with pytest.raises(StabilityError, match="a whole number from 0 for samples; got '-1'"):
        v.whole_number(-1, "samples")


def test_measured_numbers():
    assert [v.finite(x, "a rate") for x in (1, -0.5, Q(1, 4), np.float32(2))] == [1, -0.5, 0.25, 2]
    for wrong in (True, "1", None, float("nan"), float("inf"), [1]):
        with pytest.raises(StabilityError, match="a finite number for a rate"):
            v.finite(wrong, "a rate")
    assert v.positive_float(1e-300, "a rate") == 1e-300
    for wrong in (0, -1, 0.0):
        with pytest.raises(StabilityError, match="a number above 0 for a rate"):
            v.positive_float(wrong, "a rate")


def test_words():
    v.member("loss", ["loss", "kind"], "an attribute")
    with pytest.raises(StabilityError, match="Expected an attribute; got 'los'") as caught:
        v.member("los", ["loss", "kind"], "an attribute")
    assert "loss" in caught.value.remedy
    for wrong in (1, None, ["loss"], "", "kind "):
        with REFUSED:
            v.member(wrong, ["loss", "kind"], "an attribute")
    assert v.words(" a set ", "a name") == " a set "
    for wrong in ("", "  ", 3, None, ["a"]):
        with pytest.raises(StabilityError, match="Expected a text for a name"):
            v.words(wrong, "a name")


def test_lists():
    assert v.listed((1, 2), "labels") == [1, 2]
    assert v.listed([], "labels", empty=True) == []
    with pytest.raises(StabilityError, match="at least one entry for labels; got none"):
        v.listed([], "labels")
    for wrong in ("ab", b"ab", {"a": 1}, 3, None, {1, 2}):
        for empty in (False, True):
            with pytest.raises(StabilityError, match="Expected a list for labels"):
                v.listed(wrong, "labels", empty)


def test_functions():
    assert v.called(len, "a measure") is len
    with pytest.raises(StabilityError, match="Expected a function for a measure; got '3'"):
        v.called(3, "a measure")


def test_rows_of_a_point():
    rows = [[Q(1), Q(1, 2)], [Q(0), Q(-3)]]
    assert v.exact_rows([[1, "1/2"], (0, -3)], "a point") == rows
    assert v.exact_rows(np.array([[1, 2], [0, -3]]), "a point") == [[1, 2], [0, -3]]
    assert v.exact_rows([np.array([1, 2]), [0, "1/2"]], "a point") == [[1, 2], [0, Q(1, 2)]]
    for wrong in ([], [[]], [1, 2], [[1.5, 2]], "11", [["x"]]):
        with REFUSED:
            v.exact_rows(wrong, "a point")
