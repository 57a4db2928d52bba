"""Confidence intervals of frequencies."""

from math import sqrt
from statistics import NormalDist

from stability.errors import StabilityError


def wilson(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval (low, high) of a success probability.

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

    References
    ----------
    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
    """
    require_counts(successes, n, confidence, "Write wilson(45, 50, confidence=0.95).")
    z, p = NormalDist().inv_cdf((1 + confidence) / 2), successes / n
    scale = 1 + z * z / n
    centre = (p + z * z / (2 * n)) / scale
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale
    return (
        0.0 if successes == 0 else max(0.0, centre - half),
        1.0 if successes == n else min(1.0, centre + half),
    )


def require_counts(successes: int, n: int, confidence: float, remedy: str) -> None:
    """Refuse counts of successes, and a confidence, that make no sense.

    Raises
    ------
    StabilityError
        Unless 0 <= successes <= n, n >= 1 and 0 < confidence < 1.
    """
    if not 0 <= successes <= n or n < 1 or not 0 < confidence < 1:
        raise StabilityError(
            f"Expected 0 <= successes <= n, n >= 1 and 0 < confidence < 1; got {successes} of {n} at {confidence}.",
            remedy,
        )
