"""Units with trained output weights at a point: the cells around each, and what the loss does there to first order.

With errors e_i (a number for each output) a unit with hidden parameters u and output weights a changes the sum of
squares, to first order in its outputs, by twice a . h(u), where h(u) = sum over i of e_i unit(row_i . u) is linear on
every cell.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flint import fmpq

from stability.exact.linear import combination
from stability.exact.systems import Vector, dot, solve
from stability.geometry.arrangement.cells import CellSide, exact, unit_sides
from stability.model.network_loss import Matrix, NetworkLoss

ZERO, ONE = fmpq(0), fmpq(1)


@dataclass(frozen=True)
class LayerSide:
    """One unit's part of a cell next to the point.

    Attributes
    ----------
    cell : CellSide
        Its gradient is that of a . h, half of what the sum of squares has.
    forces : list
        For each output, the gradient of that output of h.
    """

    cell: CellSide
    forces: list[Vector]

    @property
    def walls(self) -> list[tuple[Vector, fmpq]]:
        """What directions into the closed side satisfy: a . d >= 0."""
        return [(wall, ZERO) for wall in self.cell.walls]


@dataclass(frozen=True)
class LayerUnit:
    """One unit at a point.

    Attributes
    ----------
    hidden, weights : list
        Its parameters: weights and bias, and output weights, one for each output.
    values : list
        Its outputs before output weights, one for each example.
    moments : list
        h at the hidden parameters: for each output, the sum of errors times values.
    sides : list of LayerSide
        The cells around it.
    """

    hidden: Vector
    weights: Vector
    values: Vector
    moments: Vector
    sides: list[LayerSide]

    @property
    def is_silent(self) -> bool:
        """Whether all output weights are 0."""
        return not any(self.weights)

    @property
    def rest(self) -> list[tuple[fmpq, LayerSide]] | None:
        """Weights that combine the gradients of the cells around it to 0, or None where there are none."""
        width = len(self.hidden)
        columns = [{**dict(enumerate(side.cell.gradient)), width: ONE} for side in self.sides]
        weights = None if any(self.moments) else combination(columns, width + 1, {width: ONE})
        if weights is None:
            return None
        return [(w, side) for w, side in zip(weights, self.sides, strict=True) if w]

    @cached_property
    def fall(self) -> tuple[LayerSide, Vector] | None:
        """A direction of the hidden parameters in which the loss falls to first order, and the side it enters."""
        for side in self.sides:
            gradient = side.cell.gradient
            if not side.walls:
                found = [-g for g in gradient] if any(gradient) else None
            else:
                found = solve([(gradient, -ONE)], side.walls, len(self.hidden))
            if found is not None:
                return side, found
        return None

    @cached_property
    def loose(self) -> list[tuple[LayerSide, Vector]]:
        """Directions in which a . h stays level but h does not, where the loss falls in none and h is 0.

        Without such directions a' . h(u') >= 0 for all a', u' nearby: a . h is positive along every edge of the cells
        around u on which h is not 0.
        """
        found = []
        for side in self.sides:
            for force in side.forces:
                for goal in (ONE, -ONE) if side.walls else (ONE,):
                    if side.walls:
                        level = solve([(side.cell.gradient, ZERO), (force, goal)], side.walls, len(self.hidden))
                    else:
                        level = list(force) if any(force) else None
                    if level is not None:
                        found.append((side, level))
        return found

    @cached_property
    def is_least(self) -> bool:
        """Whether a' . h(u') >= 0 for all a', u' nearby, so that no change of this unit lowers the loss by itself."""
        return not any(self.moments) and self.fall is None and not self.loose

    @cached_property
    def is_most(self) -> bool:
        """Whether the loss falls, or no output changes, in every direction of the unit."""
        if any(self.values):
            return False
        for side in self.sides:
            falls = [*side.walls, (side.cell.gradient, ZERO)]
            for row in side.cell.jacobian:
                for goal in (ONE, -ONE):
                    if any(row) and solve([(row, goal)], falls, len(self.hidden)) is not None:
                        return False
        return True


@dataclass(frozen=True)
class LayerPoint:
    """A point of a network with trained output weights, exactly.

    Attributes
    ----------
    landscape : NetworkLoss
        Of one output or several; its output weights are trained.
    point : list of rows
    """

    landscape: NetworkLoss
    point: Matrix

    @cached_property
    def errors(self) -> list[Vector]:
        """The errors, a row of outputs for each example."""
        found: Any = self.landscape.residuals(self.point)
        rows = found if self.landscape.network.outputs > 1 else [[e] for e in found]
        return [[exact(e) for e in row] for row in rows]

    @cached_property
    def bias_moments(self) -> Vector:
        """The sums of the errors, one for each output bias."""
        return [sum(column, ZERO) for column in zip(*self.errors, strict=True)] * self.landscape.network.output_bias

    @cached_property
    def units(self) -> list[LayerUnit]:
        """The units at the point.

        Raises
        ------
        PointError
            If too many cells meet at the point.
        """
        land = self.landscape
        rows = [[exact(x) for x in row] for row in land.rows]
        slopes = {s: exact(land.network.unit.slope(s)) for s in (-1, 1)}
        bent = slopes[-1] != slopes[1]
        found = []
        for row, signs in zip(self.point[: land.units], land.pattern(self.point), strict=True):
            flat = [exact(x) for x in row]
            hidden, weights = flat[: land.width], flat[land.width :]
            sides = [s or int(not bent or not any(x)) for s, x in zip(signs, rows, strict=True)]
            values = [slopes[s or 1] * dot(x, hidden) for s, x in zip(signs, rows, strict=True)]
            force = [dot(weights, e) for e in self.errors]
            cells = unit_sides(sides, rows, force, slopes)
            found.append(LayerUnit(hidden, weights, values, self._moments(values), list(map(self._side, cells))))
        return found

    def _moments(self, values: Vector) -> Vector:
        return [dot(values, column) for column in zip(*self.errors, strict=True)]

    def _side(self, cell: CellSide) -> LayerSide:
        columns = list(zip(*cell.jacobian, strict=True))
        return LayerSide(cell, [[dot(e, c) for c in columns] for e in zip(*self.errors, strict=True)])

    @property
    def is_directional(self) -> bool:
        """Whether the loss falls in no direction to first order."""
        moments = [*self.bias_moments, *(m for unit in self.units for m in unit.moments)]
        return not any(moments) and all(unit.fall is None for unit in self.units)

    @cached_property
    def multipliers(self) -> list[tuple[fmpq, list[list[int]]]] | None:
        """Weights that combine the gradients of cells, given by their patterns, to 0; None where there are none."""
        rests = [unit.rest for unit in self.units]
        if any(self.bias_moments) or None in rests:
            return None
        return list(_together([rest for rest in rests if rest is not None]))


def _together(rests: list[list[tuple[fmpq, LayerSide]]]) -> Iterator[tuple[fmpq, list[list[int]]]]:
    """Lay the weights of all units along one scale from 0 to 1; yield its parts with the patterns there."""
    ends = [[sum((w for w, _ in rest[: k + 1]), ZERO) for k in range(len(rest))] for rest in rests]
    last = ZERO
    for end in sorted({e for own in ends for e in own}):
        sides = [
            next(s for e, (_, s) in zip(own, rest, strict=True) if e >= end)
            for own, rest in zip(ends, rests, strict=True)
        ]
        yield end - last, [side.cell.pattern for side in sides]
        last = end
