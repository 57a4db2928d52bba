"""Exact directions along which the loss falls almost as fast as it can, and how far one may go.

At a point the slope of the loss is a sum over units, and one unit's slope is linear in each of the cones that its kinks
leave (its sides). So the steepest direction is made of one vector per unit: the longest of the projections of the
negative gradients onto their cones. It is computed in floats and rounded to the smallest whole numbers that are steep
enough; slope, step and loss are exact, so nothing rests on the floats but how near to the steepest it is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, gcd, isqrt

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from stability.geometry.arrangement.cells import ONE, CellSide
from stability.model.network_loss import Matrix, NetworkLoss, Vector, dot

NEAR = Fraction(95, 100)
"""Rounding stops at this share of the square of the greatest slope per unit length."""

SCALES = [m * 10**k for k in range(13) for m in (1, 2, 3, 5)]
"""Largest entries of a rounded direction, in the order in which they are tried."""

Floats = NDArray[np.float64]
Quadratic = tuple[Fraction, Fraction, Fraction]
"""a, b, c of a t^2 + b t + c."""


@dataclass(frozen=True)
class Descent:
    """A direction d from a point p along which the loss falls, and how far.

    Attributes
    ----------
    direction : list of Fraction
        Flat, unit after unit; whole numbers.
    slope : Fraction
        The one-sided derivative of the loss along d; negative.
    slope_per_length : float or None
        The slope divided by the length of d; None beyond float64.
    step, loss : Fraction
        At p + step * d the loss is exactly this, below that at p.
    reach : Fraction or None
        At p + t * d the loss is below that at p for every 0 < t < reach, a bound rounded down; None if for every t > 0.
    """

    direction: Vector
    slope: Fraction
    slope_per_length: float | None
    step: Fraction
    loss: Fraction
    reach: Fraction | None


def steepest(sides: Sequence[Sequence[CellSide]]) -> Floats:
    """Return the direction of steepest descent in floats, unit after unit; its length is 0 where nothing descends.

    Parameters
    ----------
    sides : sequence of sequence of CellSide
        For each unit, its sides next to the point.
    """
    scale = max(abs(g) for unit in sides for side in unit for g in side.gradient) or ONE
    parts = [max((_projected(side, scale) for side in unit), key=lambda d: float(d @ d)) for unit in sides]
    return np.concatenate(parts)


def _projected(side: CellSide, scale: fmpq) -> Floats:
    """Return the projection of the negative gradient of a side onto its cone."""
    from scipy.optimize import nnls

    gradient = np.array([float(Fraction(int((g / scale).p), int((g / scale).q))) for g in side.gradient])
    if not side.walls or not gradient.any():
        return -gradient
    walls = np.array([_unit_length([Fraction(int(x.p), int(x.q)) for x in wall]) for wall in side.walls])
    try:
        weights, _ = nnls(walls.T, gradient)
    except RuntimeError:
        return 0 * gradient
    found: Floats = walls.T @ weights - gradient
    return found if float(found @ found) > 1e-18 else 0 * found


def _unit_length(vector: Vector) -> Floats:
    largest = max(map(abs, vector)) or 1
    floats = np.array([float(x / largest) for x in vector])
    found: Floats = floats / (np.linalg.norm(floats) or 1)
    return found


def near_steepest(landscape: NetworkLoss, point: Matrix, sides: Sequence[Sequence[CellSide]], known: Vector) -> Vector:
    """Return an exact direction of descent close to the steepest one.

    Parameters
    ----------
    landscape, point
    sides : sequence of sequence of CellSide
        For each unit, its sides next to the point.
    known : list of Fraction
        A direction of descent, if no better one is found.
    """
    return rounded(steepest(sides), lambda direction: _steepness(landscape, point, direction)) or known


def rounded(best: Floats, steepness_of: Callable[[Vector], Fraction]) -> Vector | None:
    """Return the smallest whole numbers near a direction that are almost as steep, or None.

    Parameters
    ----------
    best : array
    steepness_of : callable
        The square of the slope per unit length along a direction, exactly; 0 where the loss does not fall.
    """
    largest = float(np.abs(best).max())
    if not largest:
        return None
    goal = None
    for scale in (SCALES[-1], *SCALES):
        whole = [round(float(x) / largest * scale) for x in best]
        candidate = [Fraction(x, gcd(*whole)) for x in whole]
        steepness = steepness_of(candidate)
        if goal is None:
            goal = steepness
        elif steepness > 0 and steepness >= NEAR * goal:
            return candidate
    return None


def _steepness(landscape: NetworkLoss, point: Matrix, direction: Vector) -> Fraction:
    """Return the square of the slope per unit length, exactly; 0 where the loss does not fall."""
    (_, slope, _), _ = next(_pieces(landscape, point, direction))
    return slope * slope / dot(direction, direction) if slope < 0 else Fraction(0)


def along(landscape: NetworkLoss, point: Matrix, direction: Vector) -> Descent:
    """Return how far the loss stays below its value at a point along a direction of descent, and a good step."""
    start, low, reach = landscape.loss(point), Fraction(0), None
    best, least, slope = Fraction(0), start, None
    for (a, b, c), high in _pieces(landscape, point, direction):
        slope = b if slope is None else slope
        end = _return(a, b, c - start, low)
        if end is not None and (high is None or end <= high):
            reach = end
        stop = high if reach is None else reach
        turn = -b / (2 * a) if a else (stop if b < 0 else low)
        spot = low if turn is None else max(low, turn if stop is None else min(turn, stop))
        if a * spot * spot + b * spot + c < least:
            best, least = spot, a * spot * spot + b * spot + c
        if reach is not None or high is None:
            break
        low = high
    step = _simple_step(landscape, point, direction, best, least, start)
    slope, loss = slope or Fraction(0), landscape.loss(_moved(point, direction, step))
    return Descent(direction, slope, _per_length(slope, direction), step, loss, reach and _down(reach))


def _per_length(slope: Fraction, direction: Vector) -> float | None:
    largest = max(map(abs, direction))
    length = float(np.linalg.norm([float(x / largest) for x in direction]))
    try:
        return float(slope / largest) / length
    except OverflowError:
        return None


def _return(a: Fraction, b: Fraction, c: Fraction, low: Fraction) -> Fraction | None:
    """Return where a t^2 + b t + c, convex and not positive at low, gets positive beyond it; rounded down a little."""
    if a == 0:
        return -c / b if b > 0 else None
    middle, inside = -b / (2 * a), b * b - 4 * a * c
    bits = max(0, 128 - inside.numerator.bit_length() + inside.denominator.bit_length())
    root = Fraction(isqrt(max(0, floor(inside * 4**bits))), 2**bits) / (2 * a)
    return max(low, middle + root)


def _pieces(landscape: NetworkLoss, point: Matrix, direction: Vector) -> Iterator[tuple[Quadratic, Fraction | None]]:
    """Yield the loss along a ray as a quadratic in t, and the end of each piece; the last has none.

    From piece to piece only the examples change that a unit crosses there.
    """
    unit, bias = landscape.network.unit, landscape.network.output_bias
    level, rise = (point[-1][0], direction[-1]) if bias else (Fraction(0), Fraction(0))
    values, slopes = [level - y for y in landscape.data.labels], [rise] * len(landscape.rows)
    crossings: dict[Fraction, list[tuple[int, Fraction, Fraction]]] = {}
    for outer, weights, block in zip(landscape.network.weights, point, landscape.blocks, strict=False):
        toward = direction[block]
        for i, row in enumerate(landscape.rows):
            z, v = dot(row, weights), dot(row, toward)
            side = outer * (unit.positive if (z or v) > 0 else unit.negative)
            values[i] += side * z
            slopes[i] += side * v
            if z * v < 0:
                change = outer * (unit.positive + unit.negative) - 2 * side
                crossings.setdefault(-z / v, []).append((i, change * z, change * v))
    a, b, c = dot(slopes, slopes), 2 * dot(slopes, values), dot(values, values)
    scale = landscape.scale
    for high in sorted(crossings):
        yield (scale * a, scale * b, scale * c), high
        for i, z, v in crossings[high]:
            value, slope = values[i] + z, slopes[i] + v
            a += slope * slope - slopes[i] * slopes[i]
            b += 2 * (slope * value - slopes[i] * values[i])
            c += value * value - values[i] * values[i]
            values[i], slopes[i] = value, slope
    yield (scale * a, scale * b, scale * c), None


def _simple_step(
    landscape: NetworkLoss, point: Matrix, direction: Vector, best: Fraction, least: Fraction, start: Fraction
) -> Fraction:
    """Return a step of one or two digits near the best one that wins almost as much, else the best one."""
    for digits in (1, 2, 3):
        step = _down(best, digits)
        if landscape.loss(_moved(point, direction, step)) <= start - Fraction(3, 4) * (start - least):
            return step
    return best


def _moved(point: Matrix, direction: Vector, step: Fraction) -> Matrix:
    along = iter(direction)
    return [[x + step * next(along) for x in row] for row in point]


def _down(x: Fraction, digits: int = 3) -> Fraction:
    """Return a positive number rounded down to so many digits."""
    size = len(str(x.numerator)) - len(str(x.denominator)) - digits
    unit = Fraction(10) ** size
    while floor(x / unit) >= 10**digits:
        unit *= 10
    return floor(x / unit) * unit
