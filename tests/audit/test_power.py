"""Power of the tests of published numbers, against the rate of rejections among drawn results."""

import numpy as np
import pytest

from stability.audit.hypothesis_tests import probability_of_count, probability_of_quantile
from stability.audit.measurements import Measurement
from stability.audit.passing import LEAST
from stability.audit.power import RATE, power_of_count, power_of_mean, power_of_quantile, with_power

DRAWS = 2000
EPOCHS = np.sort(np.random.default_rng(1).gamma(4, 48, 600).round())


@pytest.mark.parametrize(("of", "hits"), [(50, 445), (20, 700), (10, 950), (7, 30)])
def test_a_count_is_rejected_as_often_as_the_power_says(of, hits):
    rates = [r for r in (hits / 1000 - 0.25, hits / 1000 + 0.25) if 0 <= r <= 1]
    drawn = [np.random.default_rng(2).binomial(of, rate, DRAWS) for rate in rates]
    rejected = [k for k in range(of + 1) if probability_of_count(k, of, hits, 1000) < LEAST]
    assert power_of_count(of, hits, 1000) == pytest.approx(min(np.isin(d, rejected).mean() for d in drawn), abs=0.04)


@pytest.mark.parametrize(("q", "of"), [(0.5, 25), (0.5, 11), (0, 24), (1, 24), (0.9, 31)])
def test_a_quantile_is_rejected_as_often_as_the_power_says(q, of):
    found = []
    for factor in (2, 0.5):
        samples = np.random.default_rng(3).choice(EPOCHS * factor, (300, of))
        own = np.quantile(samples, q, axis=1)
        found.append(np.mean([probability_of_quantile(EPOCHS, q, v, of) < LEAST for v in own]))
    assert power_of_quantile(EPOCHS, q, of) == pytest.approx(min(found), abs=0.08)


@pytest.mark.parametrize("of", [5, 24])
def test_a_mean_is_rejected_as_often_as_the_power_says(of):
    reach = 2.5758 * EPOCHS.std(ddof=1) * np.sqrt(1 / of + 1 / len(EPOCHS))
    means = [np.random.default_rng(4).choice(EPOCHS * factor, (DRAWS, of)).mean(1) for factor in (2, 0.5)]
    wanted = min((np.abs(each - EPOCHS.mean()) > reach).mean() for each in means)
    assert power_of_mean(EPOCHS, of) == pytest.approx(wanted, abs=0.05)


def test_epochs_that_never_vary_leave_nothing_to_chance():
    same = np.full(40, 7.0)
    assert power_of_mean(same, 5) == 1
    assert power_of_quantile(same, 0.5, 5) == 1


@pytest.mark.parametrize(
    ("reproduced", "power", "becomes"),
    [(True, 0.6, True), (True, 0.4, None), (False, 0.4, False), (False, 0.6, False)],
)
def test_agreement_without_power_decides_nothing(reproduced, power, becomes):
    found = with_power(Measurement(reproduced, "So many."), lambda: power, RATE)
    assert found.reproduced is becomes
    assert found.says.startswith(f"So many. The test finds a rate 25 points away with probability {power:.2f}")


def test_what_is_undecided_has_no_power():
    assert with_power(Measurement(None, "No run."), lambda: 1 / 0, RATE) == Measurement(None, "No run.")
