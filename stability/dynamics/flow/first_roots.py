"""First roots of many sums of decaying exponentials, in floats, with bounds of what rounding has cost.

First roots are found by steps that a parabola below the function allows, as in `decay.py`; narrow bands are therefore
not skipped. What is as small as its own error is left to exact arithmetic.
"""

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Booleans, Floats, Ints

STEPS = 80
"""The most steps to a root."""

FAINT = 1e-13
"""A weight below this, relative to the largest, decides nothing."""


def first_roots(
    base: Floats,
    weights: Floats,
    rates: Floats,
    orders: NDArray[np.int8],
    live: Booleans,
    doubts: tuple[Floats, Floats] | None = None,
) -> tuple[Floats, Floats, Booleans]:
    """Return the first positive roots of base + sum of weights exp(-rates t), inf where there is none.

    Parameters
    ----------
    base : array of shape (starts, functions)
    weights : array of shape (starts, functions, modes)
    rates : array of shape (starts, modes)
    orders : array of shape (starts, functions)
        How many derivatives vanish at 0, the value included.
    live : array of shape (starts, functions)
        Which of them change at all.
    doubts : arrays like base and weights, optional
        How far these may be off.

    Returns
    -------
    times, slacks, hard
        `slacks` bounds how far the times may be off, and `hard` says for which starts floats do not decide.
    """
    times, slacks = np.full(base.shape, np.inf), np.zeros(base.shape)
    hard = np.zeros(len(base), dtype=bool)
    b, q = np.nonzero(live)
    level, c, m = base[b, q], weights[b, q], rates[b]
    off, blur = (np.zeros(len(b)), np.zeros(c.shape)) if doubts is None else (doubts[0][b, q], doubts[1][b, q])
    t = _away(c, m, orders[b, q])
    best = np.full(len(base), np.inf)
    for _ in range(STEPS):
        decay = np.exp(-m * t[:, None])
        parts, doubt = c * decay, off + (blur * decay).sum(axis=1)
        falling = np.minimum(parts, 0).sum(axis=1)
        last = _slowest(c)
        slowest = np.take_along_axis(parts, last[:, None], axis=1)[:, 0]
        wins = (slowest > 0) & (slowest + falling > doubt)
        safe = np.where(level != 0, level + falling > doubt, wins & ~_unsure(c, blur, last))
        late = t > best[b]
        value, slope = level + parts.sum(axis=1), -(parts * m).sum(axis=1)
        bend = (np.abs(parts) * m**2).sum(axis=1)
        simple = ~safe & ~late & (slope < 0) & (2 * bend * (value + doubt) < slope**2) & (value >= 0)
        if simple.any():
            found = _newton(level[simple], c[simple], m[simple], t[simple])
            times[b[simple], q[simple]] = found
            slacks[b[simple], q[simple]] = _slack(off[simple], blur[simple], c[simple], m[simple], found)
            np.minimum.at(best, b[simple], found)
        lost = ~safe & ~late & ~simple & ~(value > doubt)
        hard[b[lost]] = True
        keep = ~(safe | late | simple | lost)
        if not keep.any():
            return times, slacks, hard
        step = (slope + np.sqrt(slope**2 + 2 * bend * np.maximum(value, 0))) / bend
        t = (t + 0.98 * step)[keep]
        b, q, level, c, m, off, blur = (each[keep] for each in (b, q, level, c, m, off, blur))
    hard[b] = True
    return times, slacks, hard


def _unsure(c: Floats, blur: Floats, last: Ints) -> Booleans:
    """Return whether a slower mode than the one that seems to win may have a weight after all."""
    slower = np.arange(c.shape[1]) < last[:, None]
    found: Booleans = (slower & (c != 0) & (np.abs(c) <= blur)).any(axis=1)
    return found


def _slack(off: Floats, blur: Floats, c: Floats, m: Floats, t: Floats) -> Floats:
    """Return how far roots may be off."""
    decay = np.exp(-m * t[:, None])
    found: Floats = (off + (blur * decay).sum(axis=1)) / np.abs((c * decay * m).sum(axis=1))
    return found


def _slowest(c: Floats) -> Ints:
    """Return which mode decays last among those with a weight; modes are sorted by their rate."""
    found: Ints = np.argmax(np.abs(c) > FAINT * np.abs(c).max(axis=1, keepdims=True), axis=1)
    return found


def _away(c: Floats, m: Floats, orders: NDArray[np.int8]) -> Floats:
    """Return times up to which functions that start at 0 are positive."""
    t = np.zeros(len(c))
    for order in (1, 2):
        chosen = orders == order
        if chosen.any():
            first = (c[chosen] * (-m[chosen]) ** order).sum(axis=1)
            bound = (np.abs(c[chosen]) * m[chosen] ** (order + 1)).sum(axis=1)
            t[chosen] = 0.5 * np.maximum(first, 0) * (order + 1) / bound
    return t


def _newton(level: Floats, c: Floats, m: Floats, t: Floats) -> Floats:
    """Return roots next to t, by Newton's method."""
    for _ in range(6):
        parts = c * np.exp(-m * t[:, None])
        t = t + (level + parts.sum(axis=1)) / np.abs((parts * m).sum(axis=1))
    return t
