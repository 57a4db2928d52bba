"""Signs of quadratic forms against eigenvalues in floats."""

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from stability.exact.quadratic_forms import signs_of_form


def form(matrix, x):
    return sum(a * matrix[r][c] * b for r, a in enumerate(x) for c, b in enumerate(x))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_signs_are_those_of_eigenvalues(data):
    size, rank = data.draw(st.integers(1, 5)), data.draw(st.integers(0, 5))
    rows = data.draw(st.lists(st.lists(st.integers(-3, 3), min_size=size, max_size=size), min_size=rank, max_size=rank))
    kept = np.array(rows, dtype=int).reshape(rank, size)
    factors = np.array(data.draw(st.lists(st.sampled_from([1, 1, 1, -1]), min_size=rank, max_size=rank)), dtype=int)
    numbers = (kept.T * factors) @ kept
    matrix = [[fmpq(int(x)) for x in row] for row in numbers]
    negative, null = signs_of_form(matrix)
    values = np.linalg.eigvalsh(numbers.astype(float))
    assert (negative is not None) == bool(values.min() < -1e-9)
    if negative is None:
        assert len(null) == size - np.linalg.matrix_rank(numbers)
        assert all(not any(sum(a * b for a, b in zip(row, v, strict=True)) for row in matrix) for v in null)
    else:
        assert form(matrix, negative) < 0
        assert null == []


@pytest.mark.parametrize(
    ("matrix", "value"),
    [([[0, 1], [1, 0]], -1), ([[0, -1], [-1, 0]], -1), ([[0, 0, 2], [0, 0, 0], [2, 0, 5]], -1), ([[-1]], -1)],
)
def test_forms_without_squares(matrix, value):
    exact = [[fmpq(x) for x in row] for row in matrix]
    found, _ = signs_of_form(exact)
    assert form(exact, found) < 0


def test_nothing_is_nowhere_negative():
    assert signs_of_form([]) == (None, [])
