"""What a test lets pass: published numbers that would be called reproduced, and whether that is few enough."""

from collections.abc import Sequence
from math import isnan

import numpy as np
from scipy import stats

from stability.arrays import Floats
from stability.audit.measurements import Measurement
from stability.model.wilson import wilson

LEAST = 0.01
"""The probability under which a published number is called not reproduced."""

WIDEST = 0.5
"""The largest part of a number, to either side of it, that a test with power lets pass."""

QUANTILE = float(stats.norm.isf(LEAST / 2))
"""How many standard errors a mean may be off."""


def masses_of_counts(of: int, successes: int, runs: int) -> Floats:
    """Return how probable each count from 0 to `of` is, given what was measured."""
    found: Floats = stats.betabinom(of, successes + 1, runs - successes + 1).pmf(np.arange(of + 1))
    return found


def probabilities_of_counts(of: int, successes: int, runs: int) -> Floats:
    """Return for each count from 0 to `of` how probable one is that is at most as likely, given what was measured."""
    masses = masses_of_counts(of, successes, runs)
    ordered = np.sort(masses)
    as_likely = np.searchsorted(ordered, masses * (1 + 1e-9), side="right")
    found: Floats = np.minimum(1.0, np.cumsum(ordered)[as_likely - 1])
    return found


def probabilities_of_quantiles(values: Sequence[float] | np.ndarray, q: float, published: Floats, of: int) -> Floats:
    """Return `probability_of_quantile` of hypothesis_tests for several published quantiles at once."""
    ordered = np.sort(np.asarray(values, dtype=float))
    at_most = np.searchsorted(ordered, published, side="right") / len(ordered)
    below = np.searchsorted(ordered, published, side="left") / len(ordered)
    return chances_of_order(q, of, at_most, below)


def chances_of_order(q: float, of: int, at_most: Floats, below: Floats) -> Floats:
    """Return twice the smaller of the chances that a sample quantile is at most, or at least, a number.

    Parameters
    ----------
    q : float
    of : int
        The size of the sample.
    at_most, below : arrays
        Which share of all values is at most the number, and which is below it.
    """
    low, high = int(np.floor(q * (of - 1))), int(np.ceil(q * (of - 1)))
    found: Floats = np.minimum(1.0, 2 * np.minimum(stats.binom.sf(low, of, at_most), stats.binom.cdf(high, of, below)))
    return found


def passing_counts(of: int, hits: int, runs: int) -> tuple[int, int]:
    """Return the least and the largest published count that would be called reproduced."""
    passing = np.flatnonzero(probabilities_of_counts(of, hits, runs) >= LEAST)
    return int(passing.min()), int(passing.max())


def weighed(chance: float, says: str, passing: float = 0.0) -> Measurement:
    """Judge by a probability; undecided if it is no number, or if a test passed that lets too large a share pass."""
    if isnan(chance):
        return Measurement(None, says)
    if chance >= LEAST and passing > WIDEST:
        return Measurement(None, f"{says} The test has no power: it lets most of what could have been published pass.")
    return Measurement(chance >= LEAST, says)


def would_pass(low: float, high: float) -> str:
    """Return in words which published numbers would be called reproduced."""
    return f" ({low:.4g} to {high:.4g} would pass)"


def around(middle: float, width: float) -> str:
    """Return in words that numbers so near to one would be called reproduced."""
    return would_pass(middle - width, middle + width)


def near_enough(one: tuple[int, int], other: tuple[int, int], within: float, says: str) -> Measurement:
    """Judge that two shares, (hits, runs), differ by less than a bound, with the 95% interval of their difference.

    Undecided where that interval reaches beyond the bound and holds 0: then there are too few runs.
    """
    (a, n), (b, m) = one, other
    if not n or not m:
        return Measurement(None, f"{says}: no runs to compare.")
    (low, high), (least, most) = wilson(a, n), wilson(b, m)
    gap = a / n - b / m
    below = gap - float(np.hypot(a / n - low, most - b / m))
    above = gap + float(np.hypot(high - a / n, b / m - least))
    near = -within < below and above < within
    words = (
        f"{says}; the difference is {gap:+.1%} (95% interval {below:+.1%} to {above:+.1%}; {within:.0%} would pass)."
    )
    return Measurement(True if near else None if below <= 0 <= above else False, words)


def probable(chance: float) -> str:
    """Return a probability as people read it."""
    return f"{chance:.2f}" if chance >= 0.01 else f"{chance:.1g}"
