"""Second-order proofs that a point of a network of several outputs is a local minimum.

Units that are least (see `layer_units`) never lower the loss. Of the others only what no change of least units and
output biases can undo is counted: their outputs orthogonal to all that these can put out. If that is level to first
order and, on every cell around them, positive to second order in all directions but those that change no output, the
point is a local minimum. Changing no output are the scalings of a unit, and for units in one open cell all invertible
mixtures (W, A) -> (W M, A M^-T) of them: every point nearby is so related to one that differs from the given point by a
direction orthogonal to theirs.
"""

from itertools import product
from math import prod
from typing import Any

from flint import fmpq, fmpq_mat

from stability.exact.quadratic_forms import signs_of_form
from stability.exact.systems import Vector, dot, kernel, span
from stability.geometry.stationary.layer_curves import CellForm
from stability.geometry.stationary.layer_units import LayerPoint, LayerSide

ZERO, ONE = fmpq(0), fmpq(1)
MOST_CELLS = 2_000
"""Cells around the units that are not least beyond which nothing is tried."""


def is_minimum_to_second_order(place: LayerPoint) -> bool:
    """Return whether second derivatives prove that the point is a local minimum; False proves nothing.

    The loss must fall in no direction to first order.
    """
    others = [j for j, unit in enumerate(place.units) if not unit.is_least]
    if prod(len(place.units[j].sides) for j in others) > MOST_CELLS:
        return False
    apart = _apart(place, set(others))
    alike = _mixtures(place, others)
    first = [unit.sides[0] for unit in place.units]
    for chosen in product(*(place.units[j].sides for j in others)):
        sides = list(first)
        for j, side in zip(others, chosen, strict=True):
            sides[j] = side
        if not _is_positive(place, sides, others, apart, alike):
            return False
    return True


def _is_positive(
    place: LayerPoint, sides: list[LayerSide], others: list[int], apart: fmpq_mat, alike: list[Vector]
) -> bool:
    """Return whether the form is positive on the span of the level directions of the other units in a cell."""
    land, size = place.landscape, place.landscape.parameters
    equal, walls = list(alike), []
    for j, side in enumerate(sides):
        start = j * land.stride
        if j in others:
            walls += [_padded(wall, start, size) for wall in side.cell.walls]
            equal.append(_padded(side.cell.gradient, start, size))
        else:
            equal += [_padded([ONE], k, size) for k in range(start, start + land.stride)]
    equal += [_padded([ONE], k, size) for k in range(land.units * land.stride, size)]
    basis = span(equal, walls, size)
    if not basis:
        return True
    cell, columns = CellForm(place, sides), fmpq_mat([list(v) for v in basis]).transpose()
    image = apart * (fmpq_mat(cell.jacobian) * columns)
    found = image.transpose() * image + columns.transpose() * fmpq_mat(cell.mixed) * columns
    negative, null = signs_of_form([[found[r, c] for c in range(len(basis))] for r in range(len(basis))])
    return negative is None and not null


def _padded(values: Vector, start: int, size: int) -> Vector:
    return [ZERO] * start + list(values) + [ZERO] * (size - start - len(values))


def _apart(place: LayerPoint, others: set[int]) -> fmpq_mat:
    """Return the projection of outputs, examples by outputs, off all that least units and output biases put out."""
    land, examples = place.landscape, len(place.errors)
    spanned = [[ONE] * examples] * land.network.output_bias
    for j, unit in enumerate(place.units):
        if j not in others:
            spanned += [list(column) for side in unit.sides for column in zip(*side.cell.jacobian, strict=True)]
    left = kernel(spanned, examples)
    count = land.network.outputs
    rows = []
    if left:
        free = fmpq_mat([list(v) for v in left])
        single = free.transpose() * (free * free.transpose()).inv() * free
        for i, o in product(range(examples), range(count)):
            rows.append([single[i, k] if p == o else ZERO for k, p in product(range(examples), range(count))])
    return fmpq_mat(rows) if rows else fmpq_mat(examples * count, examples * count)


def _mixtures(place: LayerPoint, others: list[int]) -> list[Vector]:
    """Return the directions of scalings, and of mixtures of units in one open cell, as rows (their multiples)."""
    land, found = place.landscape, []
    for j in others:
        for k in others:
            one, other = place.units[j], place.units[k]
            same = len(one.sides) == len(other.sides) == 1 and one.sides[0].cell.pattern == other.sides[0].cell.pattern
            if j != k and not same:
                continue
            row = [ZERO] * land.parameters
            row[j * land.stride : j * land.stride + land.width] = other.hidden
            outer = slice(k * land.stride + land.width, (k + 1) * land.stride)
            row[outer] = [-a for a in one.weights]
            found.append(row)
    return found


def least_conceivable_loss(place: LayerPoint) -> fmpq:
    """Return what the sum of squares is at least for any function: points that occur twice have one output.

    Without any biases the output at 0 is 0 too.
    """
    land = place.landscape
    groups: dict[tuple[Any, ...], list[Vector]] = {}
    targets = [[e - f for e, f in zip(*pair, strict=True)] for pair in zip(place.errors, _outputs(place), strict=True)]
    for x, errors in zip(land.rows, targets, strict=True):
        groups.setdefault(tuple(x), []).append(errors)
    total = ZERO
    for row, group in groups.items():
        for column in zip(*group, strict=True):
            free = any(row) or land.network.output_bias
            mean = sum(column, ZERO) / len(column) if free else ZERO
            total += sum(((y - mean) * (y - mean) for y in column), ZERO)
    return total


def _outputs(place: LayerPoint) -> list[Vector]:
    found: Any = place.landscape.outputs(place.point)
    rows = found if place.landscape.network.outputs > 1 else [[f] for f in found]
    return [[fmpq(f.numerator, f.denominator) for f in row] for row in rows]


def is_least_conceivable(place: LayerPoint) -> bool:
    """Return whether no function has a lower loss, so that the point is a global minimum."""
    return sum((dot(e, e) for e in place.errors), ZERO) == least_conceivable_loss(place)
