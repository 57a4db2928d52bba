"""Published figures are judged as an independent simulation judges them."""

import numpy as np
import pytest
from scipy import stats

from stability.audit import hypothesis_tests as judging
from stability.audit.claims import Claim
from stability.audit.counts import Counted, CountExperiment
from stability.audit.deep_experiments import DeepExperiment
from stability.audit.experiments import GroupCounts
from stability.audit.passing import near_enough, passing_counts
from stability.audit.verdicts import settle
from stability.errors import StatementError


def group(stopped, successes=None):
    values, counts = np.unique(stopped, return_counts=True)
    epochs = dict(zip(values.tolist(), counts.tolist(), strict=True))
    return GroupCounts(len(stopped), len(stopped) if successes is None else successes, epochs, epochs)


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


def test_nothing_to_compare_with_is_undecided():
    empty = GroupCounts(0, 0, {}, {})
    for judged in (
        judging.quantile(empty, 0.5, 100, 29),
        judging.mean(empty, 100, 29),
        judging.deviation(empty, 9, 29),
    ):
        assert judged.reproduced is None
        assert judging.fails(judged).reproduced is None
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


def test_a_part_that_fails_decides_and_one_undecided_does_not():
    good, bad = judging.share(50, 100, 25, 50, "x"), judging.share(50, 100, 50, 50, "x")
    unknown = judging.average(float("nan"), 1.0, 0.5, 10, "losses")
    assert judging.all_of(good, unknown).reproduced is None
    assert judging.all_of(bad, unknown).reproduced is False
    with pytest.raises(StatementError, match="at least one"):
        judging.all_of()


NAN = float("nan")
SOME = group([10, 20, 30, 40])


@pytest.mark.parametrize(
    "judge",
    [
        lambda: judging.average(NAN, 1.0, 0.5, 10, "losses"),
        lambda: judging.average(1.0, float("inf"), 0.5, 10, "losses"),
        lambda: judging.resampled(lambda a: a.mean(1) * NAN, [([1.0, 2.0], 5)], 1.0, "the mean"),
        lambda: judging.resampled(lambda a: a.mean(1), [([], 5)], 1.0, "the mean"),
        lambda: judging.higher(GroupCounts(0, 0, {}, {}), SOME, "a, b"),
    ],
)
def test_what_cannot_be_compared_leaves_a_claim_open_with_a_reason(judge):
    verdict = settle(Claim("one", "1", "Says something.", measure=judge))
    assert verdict.status == "open"
    assert verdict.reason


def test_without_spread_only_the_mean_itself_agrees():
    assert judging.average(0.5, 0.0, 0.5, 10, "losses").reproduced
    assert judging.average(0.5, 0.0, 0.6, 10, "losses").reproduced is False


@pytest.mark.parametrize(
    "judge",
    [
        lambda: judging.probability_of_count(3, 5, 11, 10),
        lambda: judging.probability_of_count(6, 5, 1, 10),
        lambda: judging.share(-1, 10, 3, 5, "succeed"),
        lambda: judging.share(11, 10, 3, 5, "succeed"),
        lambda: judging.share(1, 10, True, 5, "succeed"),
        lambda: judging.quantile(SOME, 0.5, 20, 0),
        lambda: judging.quantile(SOME, 1.5, 20, 5),
        lambda: judging.quantile(SOME, 0.5, 20, 5, "succes"),
        lambda: judging.mean(SOME, NAN, 5),
        lambda: judging.mean(SOME, 20, -5),
        lambda: judging.mean(SOME, 20, 5, "every"),
        lambda: judging.deviation(SOME, -1, 5),
        lambda: judging.deviation(SOME, NAN, 5),
        lambda: judging.deviation(SOME, 9, 1),
        lambda: judging.level(11, 10, 0.5, 1.0, 5),
        lambda: judging.level(-1, 10, 0.5, 1.0, 5),
        lambda: judging.level(0, 0, 0.5, 1.0, 5),
        lambda: judging.level(5, 10, NAN, 1.0, 5),
        lambda: judging.level(5, 10, 0.5, NAN, 5),
        lambda: judging.average(1.0, 1.0, NAN, 5, "losses"),
        lambda: judging.average(1.0, 1.0, 1.0, 0, "losses"),
        lambda: judging.resampled(lambda a: a.mean(1), [], 1.0, "the mean"),
        lambda: judging.resampled(lambda a: a.mean(1), [([1.0], 0)], 1.0, "the mean"),
        lambda: judging.resampled(lambda a: a.mean(1), [([1.0], 5)], NAN, "the mean"),
        lambda: judging.resampled("mean", [([1.0], 5)], 1.0, "the mean"),
        lambda: GroupCounts(-1, 0, {}, {}),
        lambda: GroupCounts(10, 11, {}, {}),
        lambda: Counted("are even", 11, 10),
        lambda: Counted("", 1, 10),
        lambda: CountExperiment("a name", list, 10),
        lambda: CountExperiment("name", "list", 10),
        lambda: CountExperiment("name", list, 0),
        lambda: CountExperiment("name", list, 10, few=True),
        lambda: DeepExperiment("name", "sep-up"),
        lambda: DeepExperiment("name", "sep-pu", data="moon"),
        lambda: DeepExperiment("name", "sep-pu", init="glorrot"),
        lambda: DeepExperiment("name", "sep-pu", depth=0),
        lambda: DeepExperiment("name", "sep-pu", width=True),
        lambda: DeepExperiment("name", "sep-pu", epochs=-1),
        lambda: DeepExperiment("name", "sep-pu", power=3),
        lambda: DeepExperiment("name", "sep-pu", weight=NAN),
        lambda: DeepExperiment("name", "sep-pu", dropout=1.0),
        lambda: DeepExperiment("name", "sep-pu", rho=1.5),
        lambda: DeepExperiment("name", "sep-pu", main_loss=1),
        lambda: DeepExperiment("name", "sep-pu", restarts=0),
    ],
)
def test_malformed_figures_and_experiments_are_refused_as_they_are_made(judge):
    with pytest.raises(StatementError):
        judge()


def test_a_test_says_what_would_have_passed():
    found = judging.share(5000, 10_000, 25, 50, "succeed")
    assert found.reproduced
    low, high = passing_counts(50, 5000, 10_000)
    assert f"({low} to {high} would pass)" in found.says
    assert not judging.share(5000, 10_000, low - 1, 50, "succeed").reproduced
    assert not judging.share(5000, 10_000, high + 1, 50, "succeed").reproduced
    assert judging.share(5000, 10_000, low, 50, "succeed").reproduced
    exact = stats.binom(50, 0.5)
    assert (low, high) == (int(exact.ppf(0.005)), int(exact.isf(0.005)))


@pytest.mark.parametrize(("hits", "runs"), [(1000, 2000), (500, 1000), (30, 80), (0, 100)])
def test_what_would_have_passed_is_what_passes_also_of_counts_that_are_equally_likely(hits, runs):
    passing = [k for k in range(21) if judging.probability_of_count(k, 20, hits, runs) >= judging.LEAST]
    assert passing_counts(20, hits, runs) == (passing[0], passing[-1])


def test_a_test_without_power_decides_nothing():
    assert judging.share(50, 100, 2, 3, "succeed").reproduced is None
    assert judging.quantile(group(np.arange(1, 1001)), 0.5, 500, 4).reproduced is None
    assert judging.quantile(group(np.arange(1, 1001)), 0.5, 500, 200).reproduced
    assert judging.average(1.0, 5.0, 1.5, 20, "losses").reproduced is None
    assert judging.average(1.0, 5.0, 90, 20, "losses").reproduced is False


def test_a_ratio_that_could_be_none_decides_nothing():
    successes = np.repeat([0, 1], [60, 40])
    ratio = (lambda a, b: (b.sum(1) + 1) / (a.sum(1) + 1), [(successes, 20), (successes, 20)])
    assert judging.resampled(*ratio, 1.2, "the ratio", without=1).reproduced is None
    assert judging.resampled(*ratio, 1.2, "the ratio").reproduced


def test_shares_are_near_only_if_enough_runs_show_it():
    assert near_enough((5000, 10_000), (5010, 10_000), 0.02, "Failures").reproduced
    assert near_enough((50, 100), (51, 100), 0.02, "Failures").reproduced is None
    assert near_enough((5000, 10_000), (5500, 10_000), 0.02, "Failures").reproduced is False
    assert near_enough((0, 0), (1, 2), 0.02, "Failures").reproduced is None


def test_a_quantile_lies_in_its_interval_as_often_as_is_said():
    """The law and its quantile are known: the exponential one, in 2,000 samples of 40."""
    rng, q = np.random.default_rng(0), 0.7
    samples = [judging.quantile_interval(row, q) for row in rng.exponential(size=(2_000, 40))]
    covered = np.mean([low <= stats.expon.ppf(q) <= high for low, high in samples])
    assert 0.95 <= covered <= 0.98
    assert judging.quantile_interval([1.0, 2.0, 3.0], q) is None
    assert judging.quantile_interval(range(100), 1.0) is None
