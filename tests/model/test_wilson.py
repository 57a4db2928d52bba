"""Wilson's interval against scipy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from stability.errors import StabilityError
from stability.model.wilson import wilson


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.01, 0.999))
def test_it_is_scipys(counts, confidence):
    expected = binomtest(*counts).proportion_ci(confidence, method="wilson")
    assert wilson(*counts, confidence) == pytest.approx((expected.low, expected.high), rel=1e-8, abs=1e-10)


def test_known_values():
    assert wilson(45, 50) == pytest.approx((0.786398, 0.956524), abs=1e-6)
    assert wilson(0, 10) == pytest.approx((0, 0.277533), abs=1e-6)
    assert wilson(10, 10)[1] == 1


@pytest.mark.parametrize("bad", [(0, 0), (-1, 5), (6, 5), (1, 2, 0), (1, 2, 1), (1, 2, float("nan"))])
def test_counts_that_make_no_sense(bad):
    with pytest.raises(StabilityError, match=r"Write wilson"):
        wilson(*bad)
