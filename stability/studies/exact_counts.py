"""Exact inference from counts: the interval of a success probability, and the test of paired successes."""

from math import comb, nan

from stability.errors import StabilityError
from stability.model.wilson import require_counts


def exact_interval(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact interval (low, high) of a success probability (Clopper and Pearson, 1934).

    Parameters
    ----------
    successes, n : int
        How many of how many trials succeeded; n at least 1.
    confidence : float
        Two-sided, strictly between 0 and 1.

    Raises
    ------
    StabilityError
        If the counts or the confidence make no sense.

    Examples
    --------
    >>> low, high = exact_interval(0, 16)
    >>> low, round(high, 3)
    (0.0, 0.206)
    """
    require_counts(successes, n, confidence, "Write exact_interval(14, 16).")
    from scipy.stats import beta

    tail, failures = (1 - confidence) / 2, n - successes
    low = float(beta.ppf(tail, successes, failures + 1)) if successes else 0.0
    return low, upper_bound(successes, n, 1 - tail)


def upper_bound(count: int, total: int, confidence: float = 0.95) -> float:
    """Return the exact one-sided upper bound of a probability (Clopper and Pearson, 1934); nan of no trials.

    With no events it is 1 - 0.05 ** (1 / n), about 3 / n: the rule of three.

    Parameters
    ----------
    count, total : int
        How many of how many trials had the event.
    confidence : float

    Raises
    ------
    StabilityError
        If the counts or the confidence make no sense.

    Examples
    --------
    >>> round(upper_bound(0, 10_000), 6)
    0.0003
    """
    if count == total == 0 and 0 < confidence < 1:
        return nan
    require_counts(count, total, confidence, "Write upper_bound(0, 10_000).")
    if count == total:
        return 1.0
    from scipy.stats import beta

    return float(beta.ppf(confidence, count + 1, total - count))


def mcnemar(only_one: int, only_other: int) -> float:
    """Return the two-sided p-value of McNemar's exact test: pairs of which one succeeds are like throws of a coin.

    Parameters
    ----------
    only_one, only_other : int
        Pairs of which only the one, or only the other, succeeds. Pairs that agree do not count.

    Raises
    ------
    StabilityError
        If a count is negative.

    Examples
    --------
    >>> mcnemar(5, 0)
    0.0625
    """
    if min(only_one, only_other) < 0:
        raise StabilityError(f"Expected counts of at least 0; got {only_one} and {only_other}.", "Write mcnemar(5, 0).")
    n = only_one + only_other
    return min(1.0, 2 * sum(comb(n, k) for k in range(min(only_one, only_other) + 1)) / (1 << n))
