"""Second and higher derivatives of the loss of trained output weights along directions from a point.

Along t D + t^2 E, within one cell, the outputs change by t A(D) + t^2 (Q(D, D) + A(E)) + ..., where A is linear and
Q(D, D') the sum of the outputs of hidden parameters of D under output weights of D', both ways. So the sum of squares
is a polynomial whose coefficients are exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flint import fmpq, fmpq_mat

from stability.exact.systems import Vector, dot, kernel
from stability.geometry.stationary.layer_units import LayerPoint, LayerSide

ZERO, ONE = fmpq(0), fmpq(1)


@dataclass(frozen=True)
class CellForm:
    """The loss in one cell around a point, up to degree 4.

    Attributes
    ----------
    place : LayerPoint
    sides : sequence of LayerSide
        One for each unit.
    """

    place: LayerPoint
    sides: Sequence[LayerSide]

    @cached_property
    def outputs(self) -> int:
        """The number of outputs."""
        return self.place.landscape.network.outputs

    def blocks(self, direction: Vector) -> tuple[list[tuple[Vector, Vector]], Vector]:
        """Return the hidden parameters and output weights of each unit in a direction, and its output biases."""
        land = self.place.landscape
        starts = range(0, land.units * land.stride, land.stride)
        pairs = [(direction[k : k + land.width], direction[k + land.width : k + land.stride]) for k in starts]
        return pairs, direction[land.units * land.stride :]

    @cached_property
    def jacobian(self) -> list[Vector]:
        """The derivatives of the outputs by the parameters: a row for each example and output."""
        found = []
        for i in range(len(self.place.errors)):
            for o in range(self.outputs):
                line = []
                for unit, side in zip(self.place.units, self.sides, strict=True):
                    line += [unit.weights[o] * x for x in side.cell.jacobian[i]]
                    line += [unit.values[i] if p == o else ZERO for p in range(self.outputs)]
                biases = self.outputs * self.place.landscape.network.output_bias
                found.append(line + [ONE if p == o else ZERO for p in range(biases)])
        return found

    @cached_property
    def mixed(self) -> list[Vector]:
        """The matrix of what errors add to the second derivative: hidden parameters times output weights."""
        land = self.place.landscape
        table = [[ZERO] * land.parameters for _ in range(land.parameters)]
        for j, side in enumerate(self.sides):
            start = j * land.stride
            for o, force in enumerate(side.forces):
                for c, value in enumerate(force):
                    table[start + c][start + land.width + o] = table[start + land.width + o][start + c] = value
        return table

    def form(self, basis: Sequence[Vector]) -> list[Vector]:
        """Return the second-order change of the sum of squares as a form in coordinates of a basis."""
        if not basis:
            return []
        columns = fmpq_mat([list(v) for v in basis]).transpose()
        image = fmpq_mat(self.jacobian) * columns
        found = image.transpose() * image + columns.transpose() * fmpq_mat(self.mixed) * columns
        return [[found[r, c] for c in range(len(basis))] for r in range(len(basis))]

    def change(self, direction: Vector) -> Vector:
        """Return A(D): the first-order change of the outputs."""
        return [dot(row, direction) for row in self.jacobian]

    def product(self, hidden: Vector, outer: Vector) -> Vector:
        """Return the outputs of the hidden parameters of one direction under the output weights of the other."""
        total = [ZERO] * len(self.jacobian)
        for (own, _), (_, weights), side in zip(self.blocks(hidden)[0], self.blocks(outer)[0], self.sides, strict=True):
            values = [dot(row, own) for row in side.cell.jacobian]
            for i, value in enumerate(values):
                for o, a in enumerate(weights):
                    total[i * self.outputs + o] += a * value
        return total


def embedded(place: LayerPoint, unit: int, hidden: Vector) -> Vector:
    """Return a direction of the hidden parameters of one unit as a direction of all parameters."""
    land = place.landscape
    start = unit * land.stride
    return [ZERO] * start + list(hidden) + [ZERO] * (land.parameters - start - land.width)


def level_space(place: LayerPoint) -> list[Vector]:
    """Return a basis of the directions that keep every kink and along which the loss is level to first order.

    All output weights and biases are among them, since the point is stationary.
    """
    land = place.landscape
    found = []
    for j, unit in enumerate(place.units):
        side = unit.sides[0]
        held = kernel([*side.cell.walls, side.cell.gradient], land.width)
        found += [embedded(place, j, hidden) for hidden in held]
    axes = [k for j in range(land.units) for k in range(j * land.stride + land.width, (j + 1) * land.stride)]
    axes += range(land.units * land.stride, land.parameters)
    return found + [[ONE if c == k else ZERO for c in range(land.parameters)] for k in axes]


def sum_of(coefficients: Sequence[fmpq], basis: Sequence[Vector]) -> Vector:
    """Return a combination of vectors."""
    return [dot(coefficients, column) for column in zip(*basis, strict=True)]
