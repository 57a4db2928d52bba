"""The loss of a network of several outputs, exactly: values, gradients and Hessians at a point."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar

from stability.errors import UnknownNameError
from stability.io.printable import amount
from stability.model.network_loss import Matrix, NetworkLoss, Point, Vector, dot


@dataclass(frozen=True, eq=False, repr=False)
class SeveralOutputsLoss(NetworkLoss):
    """The loss of a network of several outputs on a dataset, as a function of the parameters.

    The loss is scale * sum over i and o of (f_o(x_i) - y_io)^2, where scale is 1 ("sum") or 1 over the number of
    examples times that of outputs ("mean"). Points are rows (w_1, ..., w_d, b, a_1, ..., a_m), one per unit, and a row
    (c_1, ..., c_m) behind them where there are output biases; gradients and Hessians are flat, row after row.

    Raises
    ------
    UnknownNameError, DataError
        If there is not a label for each output: as many columns of labels, or labels 0, 1, ... for one-hot targets.

    Examples
    --------
    >>> from stability import Dataset, landscape
    >>> place = landscape("relu1-out2+c", Dataset("line", [[0], [1]], [[1, 0], [0, 1]]))
    >>> point = ([[1, 0, -1, 1]], [1, 0])
    >>> place.outputs(point) == [[1, 0], [0, 1]], place.loss(point), place.form
    (True, Fraction(0, 1), '([[w1, b, a1, a2]], [c1, c2])')
    """

    takes_several: ClassVar[bool] = True

    def __hash__(self) -> int:
        return super().__hash__()

    @property
    def scale(self) -> Fraction:
        """The factor before the sum of squares."""
        return Fraction(1) if self.loss_kind == "sum" else Fraction(1, len(self.data.points) * self.network.outputs)

    @property
    def stride(self) -> int:
        """The number of parameters per unit: its width, and an output weight for each output."""
        return self.width + self.network.outputs

    @property
    def parameters(self) -> int:
        """The number of parameters: units * stride, and that of outputs more with output biases."""
        return self.units * self.stride + self.network.outputs * self.network.output_bias

    @property
    def parameter_names(self) -> list[str]:
        """How the parameters of a unit are called: w1, ..., wd, b, a1, ..., am."""
        return [*super().parameter_names[: self.width], *(f"a{o + 1}" for o in range(self.network.outputs))]

    @property
    def form(self) -> str:
        """The form in which a point is written, with names: "([[w1, w2, b, a1, a2]], [c1, c2])"."""
        rows = super().form
        biases = ", ".join(f"c{o + 1}" for o in range(self.network.outputs))
        return f"{rows.removesuffix(', c)')}, [{biases}])" if self.network.output_bias else rows

    @property
    def targets(self) -> Matrix:
        """What the outputs are to be, a row for each example."""
        if self.network.one_hot:
            return [[Fraction(y == o) for o in range(self.network.outputs)] for y in self.data.labels]
        return super().targets

    @property
    def _bias_row(self) -> int:
        return self.network.outputs * self.network.output_bias

    def outer(self, point: Point) -> Any:
        """Return the output weights at a point, a row (a_1, ..., a_m) per unit."""
        return [row[self.width :] for row in self.point(point)[: self.units]]

    def unit_values(self, point: Point) -> Matrix:
        """Return unit(w_j . x_i + b_j), a row for each unit."""
        return [[self.network.unit.value(z) for z in row] for row in self.preactivations(point)]

    def outputs(self, point: Point) -> Any:
        """Return (f_1(x_i), ..., f_m(x_i)) for every data point, as rows."""
        values, outer, count = self.unit_values(point), self.outer(point), self.network.outputs
        biases = self.point(point)[-1] if self.network.output_bias else [Fraction(0)] * count
        return [
            [sum((a[o] * own[i] for a, own in zip(outer, values, strict=True)), biases[o]) for o in range(count)]
            for i in range(len(self.rows))
        ]

    def residuals(self, point: Point) -> Any:
        """Return f_o(x_i) - y_io, a row for each data point."""
        pairs = zip(self.outputs(point), self.targets, strict=True)
        return [[f - y for f, y in zip(*pair, strict=True)] for pair in pairs]

    def loss(self, point: Point) -> Fraction:
        """Return the exact loss."""
        return self.scale * sum((dot(row, row) for row in self.residuals(point)), Fraction(0))

    def _derivatives(self, pattern: Sequence[Sequence[int]], point: Point | None = None) -> Matrix:
        """Return the derivatives of the outputs by the parameters in a cell, a row for each example and output."""
        self._check(pattern)
        if point is None:
            raise self._no_point()
        slope, count = self.network.unit.slope, self.network.outputs
        outer, z = self.outer(point), self.preactivations(point)
        lines = []
        for i, row in enumerate(self.rows):
            for o in range(count):
                line = []
                for j, signs in enumerate(pattern):
                    steep = slope(signs[i])
                    own = [steep * z[j][i] if p == o else Fraction(0) for p in range(count)]
                    line += [outer[j][o] * steep * x for x in row] + own
                lines.append(line + [Fraction(p == o) for p in range(self._bias_row)])
        return lines

    def cell_gradient(self, point: Point, pattern: Sequence[Sequence[int]]) -> Vector:
        """Return the gradient at the point of the polynomial of the cell (or torch's, where a sign is 0)."""
        errors = [e for row in self.residuals(point) for e in row]
        return [2 * self.scale * dot(errors, column) for column in zip(*self._derivatives(pattern, point), strict=True)]

    def cell_hessian(self, pattern: Sequence[Sequence[int]], point: Point | None = None) -> Matrix:
        """Return the Hessian of the loss in a cell, at the point."""
        lines, size = self._derivatives(pattern, point), range(self.parameters)
        table = [[2 * self.scale * sum(v[a] * v[b] for v in lines) for b in size] for a in size]
        if point is None:
            raise self._no_point()
        errors, slope = self.residuals(point), self.network.unit.slope
        for j, signs in enumerate(pattern):
            for c in range(self.width):
                steps = [slope(s) * row[c] for s, row in zip(signs, self.rows, strict=True)]
                for o in range(self.network.outputs):
                    force = dot(steps, [e[o] for e in errors])
                    here, there = j * self.stride + c, j * self.stride + self.width + o
                    table[here][there] += 2 * self.scale * force
                    table[there][here] += 2 * self.scale * force
        return table

    def _kinks(self, point: Point, silent: bool = False) -> dict[tuple[int, tuple[Fraction, ...]], Fraction]:
        """Return, for every unit and line on which it bends, the sum of residuals by output weights there.

        Units whose output weights are all 0 do not bend the loss; `silent`: every line of every unit, with 1.
        """
        errors, outer = self.residuals(point), self.outer(point)
        kinks: dict[tuple[int, tuple[Fraction, ...]], Fraction] = {}
        for j, signs in enumerate(self.pattern(point)):
            for row, s, error in zip(self.rows, signs, errors, strict=True):
                length = abs(next((x for x in reversed(row) if x), Fraction(0)))
                if s == 0 and length:
                    line = max(tuple(x / length for x in row), tuple(-x / length for x in row))
                    force = Fraction(1) if silent else dot(error, outer[j]) * length
                    kinks[j, line] = kinks.get((j, line), Fraction(0)) + force
        return kinks

    def is_twice_differentiable(self, point: Point) -> bool:
        """Return whether the Hessian exists because no pre-activation is 0."""
        return self.network.unit.negative == self.network.unit.positive or not self._kinks(point, silent=True)


def require_one_output(landscape: NetworkLoss, what: str) -> None:
    """Refuse a network of several outputs, in one sentence.

    Raises
    ------
    UnknownNameError
        If it has several.
    """
    net = landscape.network
    if net.outputs > 1:
        raise UnknownNameError(
            f"Expected a network of one output for {what}; {net.name} has {amount(net.outputs, 'output')}.",
            f"Write {replace(net, outputs=1, one_hot=False).name}, or ask what a point is (classify) or for a search "
            "(fixed_points).",
        )
