"""Published figures are judged as an independent simulation judges them."""

import numpy as np
import pytest
from scipy import stats

from stability.audit import judging
from stability.audit.experiments import GroupCounts


def group(stopped, successes=None):
    values, counts = np.unique(stopped, return_counts=True)
    tally = dict(zip(values.tolist(), counts.tolist(), strict=True))
    return GroupCounts(len(stopped), len(stopped) if successes is None else successes, tally, tally)


@pytest.mark.parametrize(("published", "of"), [(29, 50), (49, 50), (0, 50), (50, 50), (496, 500)])
def test_a_count_is_as_probable_as_the_exact_binomial_test_says(published, of):
    """With very many measured runs the rate is known, and the test is the exact binomial one."""
    for rate in (0.02, 0.5, 0.9, 0.99):
        runs = 10**8
        ours = judging.probability_of_count(published, of, round(rate * runs), runs)
        theirs = stats.binomtest(published, of, rate).pvalue
        assert ours == pytest.approx(theirs, abs=2e-3)


def test_few_measured_runs_leave_more_possible():
    sure, unsure = (judging.probability_of_count(50, 50, n * 9, n * 10) for n in (10_000, 2))
    assert sure < unsure


@pytest.mark.parametrize(("q", "published"), [(0.5, 95), (0.5, 130), (0.0, 20), (1.0, 260), (0.25, 80)])
def test_a_quantile_is_as_probable_as_samples_say(q, published):
    stream = np.random.default_rng(0)
    values = stream.gamma(8, 15, 20_000).round()
    samples = np.sort(stream.choice(values, (40_000, 29)), axis=1)
    low, high = samples[:, int(np.floor(q * 28))], samples[:, int(np.ceil(q * 28))]
    simulated = min(1, 2 * min((low <= published).mean(), (high >= published).mean()))
    assert judging.probability_of_quantile(values, q, published, 29) == pytest.approx(simulated, abs=0.02)


def test_its_own_median_is_reproduced_and_a_far_one_is_not():
    found = group(np.random.default_rng(1).poisson(120, 5000))
    assert judging.quantile(found, 0.5, 120, 30).reproduced
    assert not judging.quantile(found, 0.5, 160, 30).reproduced
    assert judging.mean(found, 120.5, 30).reproduced
    assert not judging.mean(found, 135, 30).reproduced
    assert judging.deviation(found, 11, 30).reproduced
    assert not judging.deviation(found, 25, 30).reproduced


def test_counts_say_n_and_an_interval():
    found = judging.share(450, 1000, 29, 50, "succeed")
    assert found.reproduced
    assert "450 of 1000" in found.says.replace(",", "")
    assert "95% interval" in found.says
    assert not judging.share(450, 1000, 40, 50, "succeed").reproduced


def test_nothing_to_compare_with_is_not_reproduced():
    empty = GroupCounts(0, 0, {}, {})
    for judged in (
        judging.quantile(empty, 0.5, 100, 29),
        judging.mean(empty, 100, 29),
        judging.deviation(empty, 9, 29),
    ):
        assert not judged.reproduced
        assert "no success runs" in judged.says


def test_constant_epochs_have_no_spread():
    found = group([600] * 50)
    assert judging.mean(found, 600, 10).reproduced
    assert not judging.mean(found, 599, 10).reproduced
    assert judging.quantile(found, 0.1, 600, 10).reproduced


def test_higher_needs_intervals_apart():
    better, worse, close = (GroupCounts(1000, k, {}, {}) for k in (600, 500, 590))
    assert judging.higher(better, worse, "a, b").reproduced
    assert not judging.higher(worse, better, "b, a").reproduced
    assert not judging.higher(better, close, "a, c").reproduced


def test_parts_are_judged_together():
    good, bad = judging.share(50, 100, 25, 50, "x"), judging.share(50, 100, 50, 50, "x")
    assert judging.all_of(good, good).reproduced
    assert not judging.all_of(good, bad).reproduced
    assert judging.fails(bad).reproduced
