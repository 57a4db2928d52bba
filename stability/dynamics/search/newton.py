"""The numerical search for a stationary point, and which of its ends are really different."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np
from scipy.optimize import least_squares, lsq_linear, root

from stability.arrays import Floats
from stability.dynamics.search.float_networks import Kinks, TwoLayer

TOLERANCE = 1e-6
"""Distance up to which two points are one, a pre-activation is 0, and outputs agree."""

BALANCE = 1e-8
"""How large the best mean of the gradients around a point may be for it to be stationary."""

MOST_UNITS = 6
"""Beyond so many units their order is not searched for the closest match."""

PRECISELY: dict[str, Any] = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15, "max_nfev": 300}
"""How far least squares go."""


def ends(place: TwoLayer, numbers: Sequence[int], seed: int, spread: float) -> list[Floats]:
    """Return on what the starts with these numbers end, stationary or not."""
    return [_end(place, np.random.default_rng([seed, i]), spread) for i in numbers]


def _end(place: TwoLayer, rng: np.random.Generator, spread: float) -> Floats:
    start = spread * rng.standard_normal(place.parameters)
    held = _guess(place, rng)
    if not held:
        found = root(place.gradient, start, jac=place.hessian)
        if not found.success:
            found = least_squares(place.gradient, start, place.hessian, **PRECISELY)
        return np.asarray(found.x)
    size, (low, high) = place.parameters, sorted(place.slopes or (0.0, 1.0))

    def forces(values: Floats) -> Floats:
        z = place.heights(values[:size])
        return np.concatenate([place.gradient(values[:size], held, values[size:]), [z[pair] for pair in held]])

    def jacobian(values: Floats) -> Floats:
        table = np.zeros((size + len(held), size + len(held)))
        table[:size, :size] = place.hessian(values[:size], held, values[size:])
        table[:size, size:] = place.slope_effects(values[:size], held, values[size:])
        for k, (j, i) in enumerate(held):
            table[size + k, j * place.width : (j + 1) * place.width] = place.rows[i]
        return table

    edges = np.array([low - 1e-12] * len(held)), np.array([high + 1e-12] * len(held))
    bounds = tuple(np.concatenate([np.full(size, far), end]) for far, end in zip((-np.inf, np.inf), edges, strict=True))
    first = np.concatenate([start, rng.uniform(low, high, len(held))])
    return np.asarray(least_squares(forces, first, jacobian, bounds, **PRECISELY).x[:size])


def _guess(place: TwoLayer, rng: np.random.Generator) -> Kinks:
    """Return pre-activations to hold at 0: of about half of all starts none, else up to d + 1 of a unit."""
    if place.slopes is None or place.slopes[0] == place.slopes[1] or rng.random() < 0.5:
        return []
    count, most = len(place.labels), min(place.width, len(place.labels))
    return [
        (j, int(i))
        for j in range(place.count)
        for i in sorted(rng.choice(count, size=rng.integers(0, most + 1), replace=False))
    ]


def force(place: TwoLayer, point: Floats, tolerance: float = TOLERANCE) -> float:
    """Return the norm of the smallest mean of gradients around a point, slopes at kinks being free.

    Every slope at a kink is chosen by itself between those on both sides. Where kinks depend on each other this is
    more than what cells around the point offer, so the true norm may be larger.
    """
    held = kinks(place, point, tolerance)
    if not held or place.slopes is None or place.slopes[0] == place.slopes[1]:
        return float(np.linalg.norm(place.gradient(point)))
    none = [0.0] * len(held)
    still, table = place.gradient(point, held, none), place.slope_effects(point, held, none)
    found = lsq_linear(table, -still, sorted(place.slopes), tol=1e-14)
    return float(np.linalg.norm(table @ found.x + still))


def is_stationary(place: TwoLayer, point: Floats, tolerance: float = TOLERANCE) -> bool:
    """Return whether a point is finite and its force is 0 up to `BALANCE`, in proportion to its size."""
    if not np.all(np.isfinite(point)):
        return False
    return force(place, point, tolerance) <= BALANCE * (1 + float(np.linalg.norm(point)))


def kinks(place: TwoLayer, point: Floats, tolerance: float) -> Kinks:
    """Return where a pre-activation is 0 up to the tolerance."""
    if place.slopes is None:
        return []
    return [(int(j), int(i)) for j, i in np.argwhere(np.abs(place.heights(point)) <= tolerance)]


def different(place: TwoLayer, ends: Sequence[Floats], tolerance: float) -> list[tuple[Floats, int]]:
    """Return the ends that are no closer than the tolerance to an earlier one, each with how many are."""
    found: list[tuple[Floats, int]] = []
    for end in ends:
        orders = reordered(place, end)
        for k, (first, hits) in enumerate(found):
            if min(float(np.max(np.abs(first - order))) for order in orders) <= tolerance * (1 + np.max(np.abs(first))):
                found[k] = first, hits + 1
                break
        else:
            found.append((end, 1))
    return found


def reordered(place: TwoLayer, point: Floats) -> list[Floats]:
    """Return the point with its units in every order; in one order only where there are more than `MOST_UNITS`."""
    inner, outer, constant = place.parts(point)
    if place.count > MOST_UNITS:
        return [point]
    orders = [list(order) for order in permutations(range(place.count))]
    tails = [[outer[order], [constant]] if place.output else [] for order in orders]
    return [np.concatenate([inner[order].ravel(), *tail]) for order, tail in zip(orders, tails, strict=True)]
