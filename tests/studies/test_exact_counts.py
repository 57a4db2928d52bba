"""Exact intervals and paired tests, against scipy and against what they promise."""

import pytest
from scipy import stats

from stability.errors import StabilityError
from stability.studies.exact_counts import exact_interval, mcnemar


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (0, 16), (16, 16), (3, 16), (15, 16), (500, 1000)])
def test_the_interval_is_that_of_scipy(k, n):
    for confidence in (0.5, 0.95):
        assert exact_interval(k, n, confidence) == pytest.approx(
            stats.binomtest(k, n).proportion_ci(confidence, method="exact"), abs=1e-12
        )


@pytest.mark.parametrize("rate", [0.03, 0.3, 0.5, 0.91])
def test_the_interval_covers_the_probability_as_often_as_it_says(rate):
    n = 16
    covered = [low <= rate <= high for low, high in (exact_interval(k, n) for k in range(n + 1))]
    assert stats.binom.pmf(range(n + 1), n, rate)[covered].sum() >= 0.95


@pytest.mark.parametrize(("one", "other"), [(0, 0), (1, 0), (5, 5), (7, 2), (2, 7), (16, 0)])
def test_pairs_that_differ_are_thrown_like_coins(one, other):
    expected = stats.binomtest(one, one + other, 0.5).pvalue if one + other else 1.0
    assert mcnemar(one, other) == pytest.approx(expected)


@pytest.mark.parametrize("wrong", [(-1, 3), (4, 3), (0, 0)])
def test_counts_that_make_no_sense_are_refused(wrong):
    with pytest.raises(StabilityError, match="Expected 0 <= successes"):
        exact_interval(*wrong)
    with pytest.raises(StabilityError, match="confidence"):
        exact_interval(1, 2, 1.0)
    with pytest.raises(StabilityError, match="at least 0"):
        mcnemar(-1, 0)
