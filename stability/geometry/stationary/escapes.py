"""Curves along which the loss of trained output weights falls from a point, exactly, with a lower point on each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from stability.exact.numbers import formatted, formatted_vector
from stability.exact.quadratic_forms import signs_of_form
from stability.exact.systems import Vector, dot
from stability.geometry.stationary.descent_directions import rounded, steepest
from stability.geometry.stationary.layer_curves import CellForm, embedded, level_space, sum_of
from stability.geometry.stationary.layer_units import LayerPoint
from stability.model.network_loss import Matrix, NetworkLoss

ZERO, ONE = fmpq(0), fmpq(1)
SCALES = (1, 2, 3, 5, 10, 20, 50, 100, 1000)
"""Largest coefficients of a rounded direction, in the order in which they are tried."""

MOST_HALVINGS = 400
Flat = list[Fraction]


@dataclass(frozen=True)
class EscapeCurve:
    """A curve p + t D + t^2 E from a point p along which the loss falls for all small t > 0.

    Attributes
    ----------
    curve : list of list of Fraction
        D, and E where there is one; flat.
    order : int
        The loss changes by rate * t^order and higher powers of t.
    rate : Fraction
        Negative.
    step : Fraction
    point : list of rows
        On the curve, at t = step.
    loss : Fraction
        There; it is lower than at p.
    """

    curve: list[Flat]
    order: int
    rate: Fraction
    step: Fraction
    point: Matrix
    loss: Fraction

    def __str__(self) -> str:
        return f"loss {formatted(self.loss)} at {'; '.join(map(formatted_vector, self.point))}"

    def to_json(self) -> dict[str, Any]:
        """Return it with exact numbers as text."""
        return {
            "curve": [[str(x) for x in part] for part in self.curve],
            "order": self.order,
            "rate": str(self.rate),
            "step": str(self.step),
            "point": [[str(x) for x in row] for row in self.point],
            "loss": str(self.loss),
        }


def position(landscape: NetworkLoss, point: Matrix, curve: Sequence[Flat], t: Fraction) -> Matrix:
    """Return the point p + t D + t^2 E.

    Examples
    --------
    >>> from stability import landscape
    >>> place = landscape("relu1-out-nob", "xor")
    >>> position(place, [[1, 2, 3]], [[1, 0, 0], [0, 0, 1]], 2) == [[3, 2, 7]]
    True
    """
    flat = [x for row in point for x in row]
    for k, part in enumerate(curve, 1):
        flat = [x + t**k * d for x, d in zip(flat, part, strict=True)]
    layer, size = landscape.units * landscape.stride, landscape.stride
    rows = [flat[k : k + size] for k in range(0, layer, size)]
    return rows + [flat[layer:]] * bool(flat[layer:])


def escape_along(place: LayerPoint, curve: Sequence[Vector], order: int, rate: fmpq) -> EscapeCurve:
    """Return the escape along a curve, with the best of the steps 4, 2, 1, 1/2, ... up to the first that lowers less.

    Parameters
    ----------
    place : LayerPoint
    curve : sequence of flat vectors
    order : int
    rate : fmpq
        That of the sum of squares.
    """
    land = place.landscape
    parts = [list(map(fraction, part)) for part in curve]
    start, best = land.loss(place.point), None
    t = Fraction(4)
    for _ in range(MOST_HALVINGS):
        there = position(land, place.point, parts, t)
        loss = land.loss(there)
        if best is not None and loss >= best[2]:
            break
        if loss < start:
            best = t, there, loss
        t /= 2
    if best is None:
        raise AssertionError(f"{land!r}: the loss does not fall along {parts}.")
    return EscapeCurve(parts, order, land.scale * fraction(rate), *best)


def fraction(x: Any) -> Fraction:
    """Return flint's rational as a Fraction."""
    return Fraction(int(x.p), int(x.q))


def first_order_escape(place: LayerPoint) -> EscapeCurve | None:
    """Return a direction close to the steepest one along which the loss falls to first order, if there is any."""
    if place.is_directional:
        return None
    known = _known(place)
    sides = [[side.cell for side in unit.sides] for unit in place.units]
    hidden = np.split(steepest(sides), len(sides))
    scale = max(abs(g) for unit in sides for side in unit for g in side.gradient) or ONE
    moments = [[float(fraction(-m / scale)) for m in unit.moments] for unit in place.units]
    parts = [np.append(own, more) for own, more in zip(hidden, moments, strict=True)]
    best = np.concatenate([*parts, [float(fraction(-m / scale)) for m in place.bias_moments]])

    def steepness(direction: Flat) -> Fraction:
        slope = fraction(slope_along(place, [fmpq(x.numerator, x.denominator) for x in direction]))
        return slope * slope / sum(x * x for x in direction) if slope < 0 else Fraction(0)

    found = rounded(best, steepness)
    chosen = known if found is None else [fmpq(x.numerator, x.denominator) for x in found]
    return escape_along(place, [chosen], 1, slope_along(place, chosen))


def _known(place: LayerPoint) -> Vector:
    """Return a direction of descent: of all units that descend, and of all output weights and biases."""
    found: Vector = []
    for unit in place.units:
        fall = [ZERO] * len(unit.hidden) if unit.fall is None else unit.fall[1]
        found += [*fall, *(-m for m in unit.moments)]
    return found + [-m for m in place.bias_moments]


def slope_along(place: LayerPoint, direction: Vector) -> fmpq:
    """Return the one-sided derivative of the sum of squares along a direction, exactly."""
    land = place.landscape
    slopes = {s: fmpq(x.numerator, x.denominator) for s in (-1, 1) for x in [land.network.unit.slope(s)]}
    rows = [[fmpq(x.numerator, x.denominator) for x in row] for row in land.rows]
    total = ZERO
    for j, unit in enumerate(place.units):
        start = j * land.stride
        toward = direction[start : start + land.width]
        outer = direction[start + land.width : start + land.stride]
        for row, errors in zip(rows, place.errors, strict=True):
            z, v = dot(row, unit.hidden), dot(row, toward)
            total += dot(errors, unit.weights) * slopes[1 if (z or v) > 0 else -1] * v
        total += dot(unit.moments, outer)
    return 2 * (total + dot(place.bias_moments, direction[land.units * land.stride :]))


def second_order_escape(place: LayerPoint) -> EscapeCurve | None:
    """Return a direction in which the loss is level to first order and falls to second order, if one is found.

    Tried are the directions that keep every kink, alone and with one direction of one unit that leaves its kinks.
    """
    line = level_space(place)
    first = [unit.sides[0] for unit in place.units]
    for sides, rays in _rays(place, first):
        cell, basis = CellForm(place, sides), [*rays, *line]
        form = cell.form(basis)
        found, _ = signs_of_form(form)
        if found is not None:
            turned = [-x for x in found] if rays and found[0] < 0 else found

            def falls(x: Vector, form: list[Vector] = form, kept: int = len(rays)) -> bool:
                return dot(x, [dot(row, x) for row in form]) < 0 and all(c >= 0 for c in x[:kept])

            simple = small(turned, falls)
            direction = sum_of(simple, basis)
            return escape_along(place, [direction], 2, dot(simple, [dot(row, simple) for row in form]))
    return None


def _rays(place: LayerPoint, first: list[Any]) -> Iterator[tuple[list[Any], list[Vector]]]:
    yield first, []
    for j, unit in enumerate(place.units):
        for side, hidden in unit.loose if unit.sides[0].walls else []:
            yield [side if k == j else own for k, own in enumerate(first)], [embedded(place, j, hidden)]


def higher_order_escape(place: LayerPoint) -> EscapeCurve | None:
    """Return a curve along which the loss falls to third or fourth order, if one is found.

    Directions D with no second-order change are tried one by one and in pairs; E is the best there is for D.
    """
    cell, line = CellForm(place, [unit.sides[0] for unit in place.units]), level_space(place)
    form = cell.form(line)
    negative, null = signs_of_form(form)
    if negative is not None:
        return None
    pairs = [[x + s * y for x, y in zip(a, b, strict=True)] for a, b in combinations(null, 2) for s in (ONE, -ONE)]
    for coefficients in [*null, *pairs]:
        direction = sum_of(coefficients, line)
        square = cell.product(direction, direction)
        cubic = 2 * dot(cell.change(direction), square)
        if cubic:
            turned = [-x if cubic > 0 else x for x in direction]
            return escape_along(place, [turned], 3, -abs(cubic))
        found = _fourth_order(cell, line, form, null, direction, square)
        if found is not None:
            return escape_along(place, [direction, found[0]], 4, found[1])
    return None


def _fourth_order(
    cell: CellForm, line: list[Vector], form: list[Vector], null: list[Vector], direction: Vector, square: Vector
) -> tuple[Vector, fmpq] | None:
    """Return E, and the negative coefficient of t^4 along t D + t^2 E; None where no E makes it negative."""
    change = cell.change(direction)
    linear = []
    for other in line:
        cross = [x + y for x, y in zip(cell.product(direction, other), cell.product(other, direction), strict=True)]
        linear.append(dot(square, cell.change(other)) + dot(change, cross))
    own = dot(square, square)
    for v in null:
        slope = dot(linear, v)
        if slope:
            factor = -(own + 1) / (2 * slope)
            return sum_of([factor * x for x in v], line), own + 2 * factor * slope
    best = _solved(form, [-x for x in linear])
    least = own + dot(linear, best)
    return (sum_of(best, line), least) if least < 0 else None


def _solved(form: list[Vector], right: Vector) -> Vector:
    """Return a solution of form x = right, which has one."""
    reduced, rank = fmpq_mat([[*row, x] for row, x in zip(form, right, strict=True)]).rref()
    found = [ZERO] * len(right)
    for r in range(rank):
        pivot = next(c for c in range(len(right)) if reduced[r, c])
        found[pivot] = reduced[r, len(right)]
    return found


def small(vector: Vector, good: Callable[[Vector], bool]) -> Vector:
    """Return the vector in small whole numbers where these are good as well, else as it is."""
    largest = max(map(abs, vector))
    shares = [float(fraction(x / largest)) for x in vector]
    for scale in SCALES:
        whole = [fmpq(round(x * scale)) for x in shares]
        if any(whole) and good(whole):
            return whole
    return vector
