"""Exact eigenvalues against numpy, against high-precision values of their closed forms, and known by hand."""

from fractions import Fraction as Q
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Matrix, Rational, eye, sqrt, sympify

from stability import landscape
from stability.exact.eigenvalues import spectrum
from stability.model.datasets import Dataset

ENTRY = st.sampled_from([Q(0), Q(0), Q(1), Q(-1), Q(2), Q(1, 2), Q(-3, 4), Q(7)])


@st.composite
def symmetric(draw, most=5):
    size = draw(st.integers(1, most))
    half = [[draw(ENTRY) for _ in range(r + 1)] for r in range(size)]
    return [[half[max(r, c)][min(r, c)] for c in range(size)] for r in range(size)]


def exact(matrix):
    return Matrix([[Rational(x.numerator, x.denominator) for x in row] for row in matrix])


def signed_minor(matrix, x):
    """Return the characteristic polynomial at x, by a determinant."""
    return (exact(matrix) - Rational(x.numerator, x.denominator) * eye(len(matrix))).det()


def examine(matrix):
    found = spectrum(matrix)
    expected = np.linalg.eigvalsh(np.array(matrix, dtype=float))
    assert sum(value.multiplicity for value in found) == len(matrix)
    listed = [float(value.low + value.high) / 2 for value in found for _ in range(value.multiplicity)]
    assert listed == pytest.approx(list(expected), abs=1e-7)
    assert all(a.high < b.low for a, b in pairwise(found))
    for value in found:
        if value.low == value.high:
            assert value.text == str(value.low)
            rank = (exact(matrix) - Rational(value.text) * eye(len(matrix))).rank()
            assert len(matrix) - rank == value.multiplicity
            continue
        assert value.high - value.low <= Q(1, 10**12)
        assert value.multiplicity % 2 == 0 or signed_minor(matrix, value.low) * signed_minor(matrix, value.high) < 0
        if value.text[0] == "[":
            assert value.text == f"[{value.low}, {value.high}]"
        else:
            root = sympify(value.text, rational=True)
            assert Rational(value.low.numerator, value.low.denominator) < root.evalf(60)
            assert root.evalf(60) < Rational(value.high.numerator, value.high.denominator)
            assert (exact(matrix) - root * eye(len(matrix))).det().expand() == 0
    return found


@settings(max_examples=80)
@given(symmetric())
def test_eigenvalues_are_those_of_numpy_and_their_forms_are_roots(matrix):
    examine(matrix)


@settings(max_examples=30)
@given(symmetric(most=2), symmetric(most=2))
def test_repeated_blocks_repeat_eigenvalues(first, second):
    blocks = [first, second, first]
    size = sum(map(len, blocks))
    matrix = [[Q(0)] * size for _ in range(size)]
    start = 0
    for block in blocks:
        for r, row in enumerate(block):
            matrix[start + r][start : start + len(row)] = row
        start += len(block)
    found = {value.text: value.multiplicity for value in examine(matrix)}
    assert all(found[value.text] >= 2 * value.multiplicity for value in spectrum(first))


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ([[0]], [("0", 1)]),
        ([[Q(-3, 4)]], [("-3/4", 1)]),
        ([[0, 0, 0], [0, 0, 0], [0, 0, 0]], [("0", 3)]),
        ([[2, 0], [0, 2]], [("2", 2)]),
        ([[0, 1], [1, 0]], [("-1", 1), ("1", 1)]),
        ([[1, 1], [1, 2]], [("(3 - sqrt(5))/2", 1), ("(3 + sqrt(5))/2", 1)]),
        ([[1, 1], [1, -1]], [("-sqrt(2)", 1), ("sqrt(2)", 1)]),
        ([[2, 2], [2, -2]], [("-2*sqrt(2)", 1), ("2*sqrt(2)", 1)]),
        ([[Q(1, 2), Q(1, 2)], [Q(1, 2), Q(-1, 2)]], [("-sqrt(2)/2", 1), ("sqrt(2)/2", 1)]),
        ([[600, 600], [600, -600]], [("-600*sqrt(2)", 1), ("600*sqrt(2)", 1)]),
    ],
)
def test_spectra_known_by_hand(matrix, expected):
    matrix = [[Q(x) for x in row] for row in matrix]
    assert [(value.text, value.multiplicity) for value in spectrum(matrix)] == expected


def test_a_cubic_is_reported_by_intervals():
    found = examine([[Q(x) for x in row] for row in [[1, 1, 0], [1, 2, 1], [0, 1, 4]]])
    assert [value.text[0] for value in found] == ["[", "[", "["]


@pytest.mark.parametrize("scale", [Q(10**20), Q(1, 10**20), Q(3**40)])
def test_huge_and_tiny_eigenvalues_have_forms_with_the_right_value(scale):
    found = spectrum([[scale, scale], [scale, -scale]])
    for value, sign in zip(found, (-1, 1), strict=True):
        exact_root = sign * Rational(scale.numerator, scale.denominator) * sqrt(2)
        assert sympify(value.text, rational=True) - exact_root == 0


def test_very_close_eigenvalues_are_distinguished():
    tiny = Q(1, 10**30)
    matrix = [[Q(1), tiny, Q(0)], [tiny, Q(1), tiny], [Q(0), tiny, Q(1) + tiny]]
    found = spectrum(matrix)
    assert len(found) == 3
    assert all(a.high < b.low for a, b in pairwise(found))
    for value in found:
        assert signed_minor(matrix, value.low) * signed_minor(matrix, value.high) < 0


def test_json_has_exact_numbers_as_text():
    (value,) = spectrum([[Q(-3, 4)]])
    assert value.to_json() == {"value": "-3/4", "between": ["-3/4", "-3/4"], "multiplicity": 1}


@pytest.mark.parametrize("model", ["abs1", "relu1", "leaky1/2:1", "relu2"])
def test_spectra_of_sets_are_those_of_the_hessian_in_floats(model):
    place = landscape(model, Dataset("ramp", [[0, 0], [1, 0], [0, 1], [2, 1], [1, 2]], [0, 1, 1, 3, 2]))
    known = 0
    for each in place.atlas().sets:
        assert (each.spectrum is None) == (not place.is_twice_differentiable(each.witness))
        if each.spectrum is None:
            continue
        known += 1
        values = np.linalg.eigvalsh(np.array(place.hessian(each.witness), dtype=float))
        listed = [float(v.low + v.high) / 2 for v in each.spectrum for _ in range(v.multiplicity)]
        assert listed == pytest.approx(list(values), abs=1e-7)
        assert not each.directional or listed[0] >= 0
    assert known
