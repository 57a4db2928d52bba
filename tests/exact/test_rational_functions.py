"""Functions of a parameter, written by hand."""

import pytest
from flint import fmpq, fmpq_poly

from stability.exact.rational_functions import Function


@pytest.mark.parametrize(
    ("top", "bottom", "text"),
    [
        ([], [1], "0"),
        ([5], [1], "5"),
        ([fmpq(-3, 2)], [1], "-3/2"),
        ([0, 1], [1], "t"),
        ([0, -1], [1], "-t"),
        ([1, 1], [1], "t + 1"),
        ([2, 4], [1], "2 (2 t + 1)"),
        ([1, 2, 1], [1], "(t + 1)^2"),
        ([1], [0, 1], "1/t"),
        ([0, 3], [1, 0, 2], "3 t/(2 t^2 + 1)"),
    ],
)
def test_text(top, bottom, text):
    assert Function(fmpq_poly(top), fmpq_poly(bottom)).text() == text


T = Function(fmpq_poly([0, 1]))


@pytest.mark.parametrize(
    ("made", "top", "bottom"),
    [
        (T + 1, [1, 1], [1]),
        (1 + T, [1, 1], [1]),
        (T - 3, [-3, 1], [1]),
        (3 - T, [3, -1], [1]),
        (-T, [0, -1], [1]),
        (T * T, [0, 0, 1], [1]),
        (2 * T, [0, 2], [1]),
        (T / (T + 1), [0, 1], [1, 1]),
        (1 / T + 1 / (T + 1), [1, 2], [0, 1, 1]),
        ((T * T - 1) / (T - 1), [1, 1], [1]),
    ],
)
def test_arithmetic(made, top, bottom):
    assert made == Function(fmpq_poly(top), fmpq_poly(bottom))
    assert hash(made) == hash(Function(fmpq_poly(top), fmpq_poly(bottom)))
