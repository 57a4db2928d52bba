"""Power of the tests of published numbers: how probably one finds a result that differs clearly from what was measured.

Clearly different are a rate 25 points away and twice or half as many epochs. Where a rate has room on both
sides, or epochs differ in both directions, the smaller probability counts.
"""

from collections.abc import Callable

import numpy as np
from scipy import stats

from stability.arrays import Floats
from stability.audit.measurements import Measurement
from stability.audit.passing import LEAST, QUANTILE, probabilities_of_counts, probabilities_of_quantiles, probable

DIFFERENCE = 0.25
"""How far a rate is off that a test should find."""

FACTOR = 2.0
"""By which factor epochs are off that a test should find."""

LEAST_POWER = 0.5
"""The power below which agreement shows nothing: the test would sooner miss than find a clear difference."""


def power_of_count(of: int, successes: int, runs: int) -> float:
    """Return how probably a published count of so many runs is rejected, if its rate is 25 points from the measured.

    Examples
    --------
    >>> power_of_count(of=2, successes=500, runs=1000)
    0.0
    >>> power_of_count(of=50, successes=5000, runs=10_000) > 0.8
    True
    """
    rejected = np.flatnonzero(probabilities_of_counts(of, successes, runs) < LEAST)
    rate = successes / runs
    others = [other for other in (rate - DIFFERENCE, rate + DIFFERENCE) if 0 <= other <= 1]
    return min(float(stats.binom.pmf(rejected, of, other).sum()) for other in others)


def power_of_quantile(epochs: Floats, q: float, of: int) -> float:
    """Return how probably a published quantile of so many runs is rejected, if epochs differ by the factor."""
    values = np.unique(epochs)
    between = (values[1:] + values[:-1]) / 2
    candidates = np.sort(np.concatenate([values, between]))
    accepted = candidates[probabilities_of_quantiles(epochs, q, candidates, of) >= LEAST]
    if not len(accepted):
        return 1.0
    low, high = int(np.floor(q * (of - 1))), int(np.ceil(q * (of - 1)))

    def found(factor: float) -> float:
        below, at_most = (epochs * factor < accepted[0]).mean(), (epochs * factor <= accepted[-1]).mean()
        return float(min(1.0, stats.binom.sf(high, of, below) + stats.binom.cdf(low, of, at_most)))

    return min(found(FACTOR), found(1 / FACTOR))


def power_of_mean(epochs: Floats, of: int) -> float:
    """Return how probably a published mean of so many runs is rejected, if epochs differ by the factor."""
    own, spread = float(epochs.mean()), float(epochs.std(ddof=1))
    if spread == 0:
        return 1.0
    reach = QUANTILE * spread * np.sqrt(1 / of + 1 / len(epochs))

    def found(factor: float) -> float:
        law = stats.norm(own * factor, spread * factor / np.sqrt(of))
        return float(law.cdf(own - reach) + law.sf(own + reach))

    return min(found(FACTOR), found(1 / FACTOR))


RATE = f"a rate {DIFFERENCE * 100:.0f} points away"
EPOCHS = "twice or half as many epochs"


def with_power(found: Measurement, power: Callable[[], float], what: str) -> Measurement:
    """Return a measurement that says the power of its test; agreement in a test without power decides nothing.

    Parameters
    ----------
    found : Measurement
    power : callable
        Returns the probability; not called where nothing was decided.
    what : str
        The difference that is meant, as `RATE`.
    """
    if found.reproduced is None:
        return found
    chance = power()
    says = f"{found.says} The test finds {what} with probability {probable(chance)} (its power)"
    if found.reproduced and chance < LEAST_POWER:
        return Measurement(None, f"{says}, too rarely for agreement to show anything.")
    return Measurement(found.reproduced, f"{says}.")
