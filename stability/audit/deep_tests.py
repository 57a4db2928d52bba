"""Tests of published figures of deep networks, each from one run, against runs from many seeds."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from stability.arrays import Floats
from stability.audit.measurements import Measurement, proportion
from stability.model.wilson import wilson


def among_runs(published: float, readings: Mapping[str, Floats], tolerance: float) -> Measurement:
    """Judge a published number by whether it lies within the range of the runs, in one of several readings.

    Another run lies outside the range of n runs with a probability of at most 2 / (n + 1).

    Parameters
    ----------
    published : float
    readings : dict of str to array
        Numbers of the runs by what they are.
    tolerance : float
        Half a unit of the last digit, or so.
    """
    parts, inside = [], False
    for name, values in readings.items():
        known = values[np.isfinite(values)]
        if not len(known):
            parts.append(f"{name}: none")
            continue
        low, middle, high = known.min(), np.median(known), known.max()
        inside |= bool(low - tolerance <= published <= high + tolerance)
        parts.append(f"{name} from {low:.4g} to {high:.4g}, median {middle:.4g}, in {len(known)} runs")
    return Measurement(inside, f"{'; '.join(parts)}; published: {published:g}.")


def differs(one: Floats, other: Floats, what: str, margin: float = 0.0) -> Measurement:
    """Judge that numbers are larger in one method than in another, from the same seeds, by the 95% interval.

    Parameters
    ----------
    one, other : arrays (seeds,)
    what : str
        What is compared, and how the methods are called, in the same order.
    margin : float
        How much larger.
    """
    low, high = mean_interval(one - other)
    says = f"{what}: {np.mean(one):.3g} against {np.mean(other):.3g} in the mean of {len(one)} seeds, the difference "
    return Measurement(low > margin, f"{says}{np.mean(one - other):.3g} (95% interval {low:.3g} to {high:.3g}).")


def mean_interval(values: Floats) -> tuple[float, float]:
    """Return the 95% interval (Student) of a mean."""
    mean, n = float(np.mean(values)), len(values)
    if n < 2:
        return float("-inf"), float("inf")
    wide = float(stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    return mean - wide, mean + wide


def most(hits: NDArray[np.bool_], what: str, share: float = 0.5) -> Measurement:
    """Judge that more than a share of runs, here and in the 95% interval, are of a kind; `what` follows the share."""
    low, _ = wilson(int(hits.sum()), len(hits))
    return Measurement(low > share, f"{proportion(int(hits.sum()), len(hits))} {what}.")


def hardly_any(hits: NDArray[np.bool_], what: str, share: float = 0.5) -> Measurement:
    """Judge that less than a share of runs, here and in the 95% interval, are of a kind."""
    _, high = wilson(int(hits.sum()), len(hits))
    return Measurement(high < share, f"{proportion(int(hits.sum()), len(hits))} {what}.")
