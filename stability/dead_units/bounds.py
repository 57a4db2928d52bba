"""Bounds of how far an optimiser carries units without gradients, in floats, for many units at once.

They find what may be claimed; whether it holds is decided by the checker, in exact arithmetic.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import inf, isinf, sqrt

import numpy as np

from stability.arrays import Floats
from stability.dead_units.layers import UnitLayer
from stability.dead_units.rules import RecoveryRule

EXPLICIT = 64
"""Steps of Adam that are summed one by one before the rest is bounded by a geometric series."""

MOST_EXPLICIT = 512
TOLERANCE = 1e-12


@dataclass(frozen=True)
class SgdGroup:
    """Parameters with one decay: SGD carries p and velocity v to a p - c v, a from `least` to 1, c from 0 to `carried`.

    Attributes
    ----------
    least, carried : float
    together : float
        The greatest c up to a factor, where all parameters move alike.
    """

    least: float
    carried: float
    together: float


def ratio(rule: RecoveryRule, decay: float, steps: int | None) -> float | None:
    """Return a ratio of velocity to pre-activation that momentum with weight decay keeps; None if there is none.

    Of the two ends of the interval of such ratios, the greater bounds best what happens for ever, the smaller what
    happens in a few steps.
    """
    lr, mu = rule.lr, rule.momentum
    ahead = lr * (mu if rule.nesterov else 1)
    free = 1 - (lr * decay if rule.nesterov else 0)
    fed = (1 - rule.dampening) * decay
    if not ahead * mu:
        return None
    middle = free - mu - ahead * fed
    spread = middle * middle - 4 * ahead * mu * fed
    if middle <= 0 or spread <= 0:
        return None
    low, high = ((middle + sign * sqrt(spread)) / (2 * ahead * mu) for sign in (-1, 1))
    if isinf(high):
        return None
    inside = 1e-6 * (high - low)
    return high - inside if steps is None else low + inside


def sgd_group(rule: RecoveryRule, decay: float, steps: int | None) -> SgdGroup | None:
    """Return how SGD moves parameters with one decay; None if no bound is found."""
    lr, mu = rule.lr, rule.momentum
    ahead = lr * (mu if rule.nesterov else 1)
    carried = ahead * mu * (1 - (0.0 if steps is None else mu**steps)) / (1 - mu)
    if not decay or not lr:
        return SgdGroup(1.0, carried, carried)
    if not mu:
        slowest = 1 - lr * decay
        return None if slowest < 0 else SgdGroup(0.0 if steps is None else slowest**steps, 0.0, 0.0)
    kept = ratio(rule, decay, steps)
    if kept is None:
        return None
    slowest = 1 - (lr * decay if rule.nesterov else 0) - ahead * (mu * kept + (1 - rule.dampening) * decay)
    if slowest < 0:
        return None
    least = 0.0 if steps is None else slowest**steps
    return SgdGroup(least, carried, min(1 / kept, carried / least) if least else 1 / kept)


@lru_cache(maxsize=4096)
def adam_sums(rule: RecoveryRule, shrink: float, explicit: int, steps: int | None) -> tuple[float, float]:
    """Return bounds of the sums of what Adam moves a parameter by, over |m| / sqrt(v) and over |m| / eps."""
    b1, b2, taken = rule.beta1, rule.beta2, rule.taken
    last = explicit if steps is None else min(explicit, steps)
    k = np.arange(1, last + 1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        moves = rule.lr * (b1 / shrink) ** k / (1 - b1 ** (taken + k))
        by_root = float((moves * np.sqrt((1 - b2 ** (taken + k)) / b2**k)).sum()) if b2 else inf
        by_eps = float(moves.sum())
    if steps is not None and steps <= last:
        return by_root, by_eps
    rest = rule.lr / (1 - b1 ** (taken + last + 1))
    by_root += rest * _tail(b1 / (sqrt(b2) * shrink) if b2 else inf, last)
    return by_root, by_eps + rest * _tail(b1 / shrink, last)


def _tail(quotient: float, last: int) -> float:
    return quotient ** (last + 1) / (1 - quotient) if quotient < 1 else inf


@dataclass(frozen=True, eq=False)
class Reach:
    """Where units can be carried, up to a positive factor: boxes around the hulls of some points.

    Attributes
    ----------
    corners : list of array (units, weights + 1)
    down, up : array (units, weights + 1)
    """

    corners: list[Floats]
    down: Floats
    up: Floats


def reach(layer: UnitLayer, steps: int | None) -> Reach | None:
    """Return where the optimiser can carry the units of a layer within so many steps, or ever; None without a bound."""
    return _sgd(layer, steps) if layer.rule.name == "sgd" else _adam(layer, steps)


def _sgd(layer: UnitLayer, steps: int | None) -> Reach | None:
    rule, p, v = layer.rule, layer.parameters, layer.velocity
    weights, bias = (sgd_group(rule, decay, steps) for decay in (rule.weight_decay, rule.bias_decay))
    if weights is None or bias is None:
        return None
    still = np.zeros_like(p)
    if rule.uniform:
        return Reach([p, p - _times(min(weights.together, bias.together), v)], still, still)
    corners = []
    for a, c, b, d in product({weights.least, 1.0}, {0.0, weights.carried}, {bias.least, 1.0}, {0.0, bias.carried}):
        corners.append(np.column_stack([a * p[:, :-1] - _times(c, v[:, :-1]), b * p[:, -1] - _times(d, v[:, -1])]))
    return Reach(corners, still, still)


def _times(factor: float, values: Floats) -> Floats:
    """Return the product, which may be infinite; 0 where a value is 0, however large the factor."""
    with np.errstate(over="ignore", invalid="ignore"):
        found: Floats = np.where(values == 0, 0.0, factor * values)
    return found


def explicit_steps(steps: int | None) -> int:
    """Return how many steps of Adam are summed one by one."""
    return EXPLICIT if steps is None else min(max(steps, EXPLICIT), MOST_EXPLICIT)


def _adam(layer: UnitLayer, steps: int | None) -> Reach | None:
    rule, p, m, v = layer.rule, layer.parameters, layer.velocity, layer.square
    factors, shrink = [(1.0, 1.0)], 1.0
    if rule.name == "adamw":
        slow, slow_bias = (1 - rule.lr * decay for decay in (rule.weight_decay, rule.bias_decay))
        if min(slow, slow_bias) <= 0:
            return None
        if rule.uniform:
            shrink = slow
        else:
            ends = [{1.0, (0.0 if steps is None else s**steps) if s < 1 else 1.0} for s in (slow, slow_bias)]
            factors = [(a, b) for a, b in product(*ends)]
    by_root, by_eps = adam_sums(rule, shrink, explicit_steps(steps), steps)
    size = np.abs(m)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        far = np.minimum(size * by_root / np.sqrt(v), size * by_eps / rule.eps if rule.eps else inf)
    far = np.where(m == 0, 0.0, np.nan_to_num(far, nan=inf, posinf=inf))
    down, up = np.where(m > 0, far, 0.0), np.where(m < 0, far, 0.0)
    if rule.name == "adam":
        decayed = np.array([rule.weight_decay > 0] * (p.shape[1] - 1) + [rule.bias_decay > 0])
        decay_drift = _decay_drift(rule, m, v, steps) if decayed.any() else far
        down, up = np.where(decayed, decay_drift, down), np.where(decayed, decay_drift, up)
    corners = [np.column_stack([a * p[:, :-1], b * p[:, -1]]) for a, b in factors]
    return Reach(corners, down, up)


def _decay_drift(rule: RecoveryRule, m: Floats, v: Floats, steps: int | None) -> Floats:
    """Return how far Adam carries parameters that are decayed through their gradient."""
    b1, b2 = rule.beta1, rule.beta2
    if steps is None or b1 * b1 >= b2:
        return np.full_like(m, inf)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        past = np.where(m == 0, 0.0, m * m / v)
        best = np.sqrt(past + (1 - b1) ** 2 / ((1 - b2) * (1 - b1 * b1 / b2)))
        return np.nan_to_num(steps * rule.lr * best / (1 - b1 ** (rule.taken + 1)), nan=inf, posinf=inf)


def greatest(layer: UnitLayer, where: Reach, roundoff: float) -> Floats:
    """Return the greatest pre-activation of each unit, wherever it can be carried, over all inputs."""
    size = layer.parameters.shape[1]
    error = size * roundoff / (1 - size * roundoff)
    sizes = np.max([np.abs(c) for c in where.corners], axis=0) + np.maximum(where.down, where.up)
    apart = np.where(np.isinf(sizes), inf, error * np.where(np.isinf(sizes), 0.0, sizes))
    with np.errstate(invalid="ignore"):  # of infinite numbers
        ends = [(c - where.down - apart, c + where.up + apart) for c in where.corners]
    found = [
        _over_inputs(
            layer,
            np.nan_to_num(low, nan=-inf, posinf=inf, neginf=-inf),
            np.nan_to_num(high, nan=inf, posinf=inf, neginf=-inf),
        )
        for low, high in ends
    ]
    highest: Floats = np.max(found, axis=0)
    return highest


def slack(layer: UnitLayer) -> Floats:
    """Return below which size a pre-activation in floats may be 0."""
    size = np.abs(layer.parameters)
    if layer.points is not None:
        largest = np.abs(layer.points).max(axis=0)
    else:
        largest = np.array([max((abs(x) for x in side if not isinf(x)), default=0.0) for side in layer.box])
    least: Floats = TOLERANCE * (size[:, :-1] @ largest + size[:, -1])
    return least


def _over_inputs(layer: UnitLayer, down: Floats, up: Floats) -> Floats:
    if layer.points is None:
        return np.array([_over_box(layer.box, low, high) for low, high in zip(down, up, strict=True)])
    found = np.full(len(up), -inf)
    with np.errstate(invalid="ignore"):
        for rows in np.array_split(layer.points, max(1, layer.points.size // 10**7)):
            on, off = np.maximum(rows, 0), np.minimum(rows, 0)
            z = on @ _finite(up[:, :-1]).T + off @ _finite(down[:, :-1]).T + up[:, -1]
            found = np.maximum(found, z.max(axis=0))
    return np.where(np.isfinite(up).all(axis=1) & np.isfinite(down).all(axis=1), found, inf)


def _finite(x: Floats) -> Floats:
    return np.where(np.isfinite(x), x, 0.0)


def _over_box(box: Sequence[tuple[float, float]], down: Floats, up: Floats) -> float:
    total = float(up[-1])
    for (low, high), a, b in zip(box, down[:-1].tolist(), up[:-1].tolist(), strict=True):
        ends = [x * (b if x > 0 else a) if x else 0.0 for x in (low, high) if not isinf(x)]
        if (high == inf and b > 0) or (low == -inf and a < 0):
            return inf
        total += max(ends, default=0.0)
    return total
