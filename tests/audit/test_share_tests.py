"""Tests of shares, compared with the binomial test of scipy and with simulated counts."""

import numpy as np
import pytest
from scipy import stats

from stability.audit.passing import LEAST
from stability.audit.share_tests import share_within, starts_for


@pytest.mark.parametrize("hits", [900, 930, 960, 1000, 1035, 1060, 1100])
def test_without_a_tolerance_it_is_the_binomial_test(hits):
    chance = stats.binomtest(hits, 2000, 0.5).pvalue
    assert share_within(hits, 0, 2000, 0.5, 0, "are so").reproduced == (chance >= LEAST)


def test_within_the_tolerance_every_count_agrees():
    assert all(share_within(hits, 0, 2000, 0.5, 0.05, "are so").reproduced for hits in (900, 1000, 1100))
    assert not share_within(1200, 0, 2000, 0.5, 0.05, "are so").reproduced


def test_true_shares_are_hardly_ever_rejected_and_others_mostly():
    stream = np.random.default_rng(1)

    def rejected(true):
        found = [share_within(int(hits), 0, 2000, 0.3, 0.01, "are so") for hits in stream.binomial(2000, true, 200)]
        return np.mean([not each.reproduced for each in found])

    assert rejected(0.3) <= 0.02
    assert rejected(0.31) <= 0.05
    assert rejected(0.36) > 0.9


def test_undecided_starts_leave_the_verdict_open_where_they_matter():
    assert share_within(900, 200, 2000, 0.5, 0, "are so").reproduced is None
    assert share_within(100, 200, 2000, 0.5, 0, "are so").reproduced is False


def test_a_test_without_power_shows_nothing():
    found = share_within(5, 0, 10, 0.5, 0, "are so")
    assert found.reproduced is None
    assert "its power" in found.says


def test_finer_tolerances_need_more_starts():
    assert starts_for(0.1) == 2000 < starts_for(0.02) < starts_for(0.001) == 40_000
