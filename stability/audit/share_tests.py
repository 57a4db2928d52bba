"""Tests of claimed shares and probabilities by counts of independent starts, up to a tolerance.

A share is called not reproduced if a count as far outside the tolerance has a probability below `LEAST` for the share
at the edge; its power is the probability of seeing that, should the true share be 5 points beyond the tolerance.
"""

import numpy as np
from scipy import stats

from stability.arrays import Floats
from stability.audit.hypothesis_tests import with_interval
from stability.audit.measurements import Measurement
from stability.audit.passing import LEAST, QUANTILE, probable
from stability.audit.power import with_power

BEYOND = 0.05
"""How far beyond the tolerance a share is that a test should find."""

BETWEEN = (2_000, 40_000)
"""How many starts are drawn at least, and at most."""


def starts_for(tolerance: float) -> int:
    """Return how many starts separate shares that differ by about the tolerance."""
    least, most = BETWEEN
    wanted = (QUANTILE / max(tolerance, 1e-6)) ** 2
    return int(min(most, max(least, wanted)))


def share_within(hits: int, unclear: int, runs: int, share: float, tolerance: float, what: str) -> Measurement:
    """Judge a claimed share of starts, up to a tolerance.

    Parameters
    ----------
    hits, unclear, runs : int
        How many starts are of the kind, of how many it is not decided, and how many there are.
    share, tolerance : float
        The claim: from share - tolerance to share + tolerance.
    what : str
        What is said of the starts, after their share.

    Examples
    --------
    >>> share_within(1250, 0, 2000, 0.62, 0.01, "end at loss 1").reproduced
    True
    >>> share_within(1250, 0, 2000, 0.5, 0.01, "end at loss 1").reproduced
    False
    """
    chances = _chances(runs, share - tolerance, share + tolerance)
    possible = chances[hits : hits + unclear + 1]
    agrees = possible >= LEAST
    says = f"{with_interval(hits, runs)} {what}"
    if unclear:
        says += f", and of {unclear:,} it is not decided"
    if agrees.any() and not agrees.all():
        return Measurement(None, f"{says}: too many for a verdict.")
    says += f"; a count as far from {share:g} +- {tolerance:g} has probability {probable(float(possible.max()))}."
    found = Measurement(bool(agrees.all()), says)
    return with_power(found, lambda: _power(chances, runs, share, tolerance), f"a share {BEYOND * 100:.0f} points off")


def _chances(runs: int, low: float, high: float) -> Floats:
    """Return for every count the probability of one as far, or farther, outside the claimed shares."""
    counts = np.arange(runs + 1)
    below = stats.binom.cdf(counts, runs, min(max(low, 0.0), 1.0))
    above = stats.binom.sf(counts - 1, runs, min(max(high, 0.0), 1.0))
    found: Floats = np.minimum(1.0, 2 * np.minimum(below, above))
    return found


def _power(chances: Floats, runs: int, share: float, tolerance: float) -> float:
    """Return the least probability of a rejection, if the share is off by so much beyond the tolerance."""
    rejected = np.flatnonzero(chances < LEAST)
    others = [share - tolerance - BEYOND, share + tolerance + BEYOND]
    return min((float(stats.binom.pmf(rejected, runs, x).sum()) for x in others if 0 <= x <= 1), default=0.0)
