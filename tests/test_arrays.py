"""Types of arrays say what numpy says of arrays that hold such entries."""

from typing import get_args

import numpy as np
import pytest

from stability import arrays


@pytest.mark.parametrize(
    ("kind", "example"),
    [(arrays.Floats, np.zeros(2)), (arrays.Ints, np.array([1, 2], np.int64)), (arrays.Booleans, np.ones(2) > 0)],
)
def test_entries(kind, example):
    shape_and_dtype = get_args(kind)
    assert get_args(shape_and_dtype[1])[0] is example.dtype.type
