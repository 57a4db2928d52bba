"""The loss of a network on a dataset, exactly: values, signs, gradients and Hessians at a point."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from stability.errors import (
    DifferentiabilityError,
    PatternError,
    PointError,
    UnknownNameError,
    as_written,
    nearest,
    require_kind,
)
from stability.exact.numbers import Exact, rational
from stability.io.printable import amount, printable
from stability.io.results import Displayed, ResultTable
from stability.model.datasets import Dataset
from stability.model.label_columns import require_labels
from stability.model.networks import Network

Vector = list[Fraction]
Matrix = list[Vector]
Switches = Iterable[tuple[int, int]]
Point = Sequence[Sequence[Exact]]
"""Parameters in the layer form: a row (w_1, ..., w_d, b) per unit, with its output weight a behind b where that is
trained, and the output bias c behind the rows where there is one."""

LOSSES = ("sum", "mean")


def sign(value: Fraction) -> int:
    """Return -1, 0 or 1."""
    return (value > 0) - (value < 0)


def dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    """Return the inner product, reduced once at the end: most denominators are 1."""
    above, below = 0, 1
    for x, y in zip(a, b, strict=True):
        one, other = x.numerator * y.numerator, x.denominator * y.denominator
        if below % other:
            above, below = above * other, below * other
        above += one * (below // other)
    return Fraction(above, below)


def _plain(values: Any) -> list[Any]:
    """Return a sequence or array as a list, anything else as a list of itself."""
    values = values.tolist() if hasattr(values, "tolist") else values
    return list(values) if isinstance(values, list | tuple) else [values]


@dataclass(frozen=True, eq=False)
class NetworkLoss(Displayed):
    """The loss of a network on a dataset, as a function of the parameters.

    The loss is scale * sum over i of (f(x_i) - y_i)^2, where scale is 1 ("sum") or 1/n ("mean").
    Points are rows (w_1, ..., w_d, b), one per unit; behind b stands the output weight where that is trained, and the
    last row is (c) where there is an output bias. Gradients and Hessians are flat, row after row.
    """

    network: Network
    data: Dataset
    loss_kind: str = "sum"
    takes_several: ClassVar[bool] = False

    def __post_init__(self) -> None:
        require_kind(self.network, Network, "a network", 'Write network("abs1"), or landscape("abs1", "xor").')
        require_kind(self.data, Dataset, "a dataset", 'Write dataset("xor"), or Dataset("mine", points, labels).')
        if not isinstance(self.loss_kind, str) or self.loss_kind not in LOSSES:
            problem = f"Expected the loss 'sum' or 'mean'; got {as_written(self.loss_kind)}."
            raise UnknownNameError(problem, nearest(str(self.loss_kind), list(LOSSES)))
        require_labels(self.network, self.data)
        if self.network.outputs > 1 and not self.takes_several:
            raise UnknownNameError(
                f"Expected a network of one output; {self.network.name} has {self.network.outputs}.",
                f"Write landscape({self.network.name!r}, ...), which takes several.",
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NetworkLoss):
            return NotImplemented
        mine, others = ((each.network, each.data, each.loss_kind) for each in (self, other))
        return self is other or mine == others

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.network, self.data, self.loss_kind))

    def __getstate__(self) -> dict[str, Any]:
        """Leave the hash out, which is another in another process."""
        return {name: value for name, value in vars(self).items() if name != "_hash"}

    def __repr__(self) -> str:
        return printable(f"{self.network.name} on {self.data.name} ({self.loss_kind} of squares)")

    def _table(self) -> ResultTable:
        size = f"{amount(len(self.rows), 'point')} in {amount(self.data.dimension, 'dimension')}"
        unit = self.network.unit
        rows = [
            ("network", f"{self.network.in_words}, slope {unit.negative} left of 0, {unit.positive} right of it"),
            ("data", f"{self.data.name}, {size}"),
            ("loss", f"{self.loss_kind} of squared errors"),
            ("parameters", str(self.parameters)),
        ]
        return ResultTable(repr(self), (), rows, finding=f"{amount(self.parameters, 'parameter')}, {size}")

    def to_json(self) -> dict[str, Any]:
        """Return network, data and loss, exact numbers as text."""
        parts = {"network": self.network.to_json(), "data": self.data.to_json()}
        return {**parts, "loss_kind": self.loss_kind, "parameters": self.parameters}

    @property
    def names(self) -> dict[str, str]:
        """How model, data and loss are spelled: the head of every result on the landscape, as plain data."""
        return {"model": self.network.name, "data": self.data.name, "loss_kind": self.loss_kind}

    def by_unit(self, flat: Sequence[Fraction]) -> Matrix:
        """Return flat parameters, row after row, as rows: one per unit, and that of the output bias."""
        return [list(flat[k : k + self.stride]) for k in range(0, len(flat), self.stride)]

    @property
    def formula_name(self) -> str:
        """How formulas call this landscape: "abs1", "mean_relu2", "leaky1_100_2", "relu_p_m_c"."""
        signed = re.sub(r"[+-](?=[],])", lambda sign: {"+": "p", "-": "m"}[sign[0]], self.network.name)
        name = re.sub(r"\W+", "_", signed.replace("[-", "[m").replace(",-", ",m")).strip("_")
        return name if self.loss_kind == "sum" else f"{self.loss_kind}_{name}"

    @property
    def scale(self) -> Fraction:
        """The factor before the sum of squares."""
        return Fraction(1) if self.loss_kind == "sum" else Fraction(1, len(self.data.points))

    @property
    def units(self) -> int:
        """The number of units."""
        return self.network.count

    @cached_property
    def width(self) -> int:
        """The number of parameters on which the pre-activation of a unit depends, d + 1 with its bias."""
        return self.data.dimension + self.network.hidden_biases

    @cached_property
    def stride(self) -> int:
        """The number of parameters per unit: its width, and 1 more where its output weight is trained."""
        return self.width + self.network.trainable

    @cached_property
    def parameters(self) -> int:
        """The number of parameters: units * stride, and 1 more with an output bias."""
        return self.units * self.stride + self.network.output_bias

    @property
    def blocks(self) -> list[slice]:
        """Where the parameters of each unit, and then the output bias, stand among the flat ones."""
        starts = range(0, self.parameters, self.stride)
        return [slice(start, min(start + self.stride, self.parameters)) for start in starts]

    @cached_property
    def rows(self) -> Matrix:
        """The data points with a 1 appended, so that z = row . (w, b); without it where units have no bias."""
        one = [Fraction(1)] * self.network.hidden_biases
        return [[*point, *one] for point in self.data.points]

    @property
    def targets(self) -> Matrix:
        """What the outputs are to be, a row for each example."""
        return [list(row) for row in self.data.targets]

    @property
    def parameter_names(self) -> list[str]:
        """How the parameters of a unit are called: w1, ..., wd, b, a."""
        weights = [f"w{c + 1}" for c in range(self.data.dimension)]
        return [*weights, *["b"] * self.network.hidden_biases, *["a"] * self.network.trainable]

    @property
    def form(self) -> str:
        """The form in which a point is written, with names: "[[w1, w2, b, a]], c"."""
        row = f"[{', '.join(self.parameter_names)}]"
        rows = f"[{', '.join([row] * self.units)}]"
        return f"({rows}, c)" if self.network.output_bias else rows

    def point(self, values: Point) -> Matrix:
        """Return the point as exact rows, one per unit, and a row (c) behind them where there is an output bias.

        Raises
        ------
        PointError
            If the shape does not fit.
        NumberError
            If an entry is not rational.
        """
        given = self._given(values)
        shape = [self.stride] * self.units + [self.network.outputs] * self.network.output_bias
        if [len(row) for row in given] != shape:
            raise PointError(
                f"{self.network.name} on {self.data.name} has {amount(self.parameters, 'parameter')}, "
                f"as {amount(self.units, 'unit')} of ({', '.join(self.parameter_names)})"
                f"{' and an output bias c' if self.network.output_bias else ''}; "
                f"this point gives {sum(map(len, given))} in {amount(len(given), 'row')}.",
                f"Write it as {self.form}.",
            )
        return [[rational(v) for v in row] for row in given]

    def _given(self, values: Any) -> list[list[Any]]:
        """Return rows as they are given: those of the units, then that of the output bias, or a pair of the two."""
        given = [_plain(each) for each in _plain(values)]
        pair = self.network.output_bias and len(given) == 2 and given[0]
        if pair and all(hasattr(row, "__len__") and not isinstance(row, str) for row in given[0]):
            return [*(_plain(row) for row in given[0]), given[1]]
        return given

    def hidden(self, point: Point) -> Matrix:
        """Return the rows of the units alone, without output weights: what pre-activations depend on."""
        return [row[: self.width] for row in self.point(point)[: self.units]]

    def outer(self, point: Point) -> Vector:
        """Return the output weights at a point, one per unit."""
        if not self.network.trainable:
            return list(self.network.weights)
        return [row[-1] for row in self.point(point)[: self.units]]

    def to_record(self) -> dict[str, Any]:
        """Return the landscape as certificates hold it: units, slopes, points, labels, loss."""
        unit = self.network.unit
        return {
            "units": self.units,
            "slopes": {"-": str(unit.negative), "0": str(unit.kink_slope), "+": str(unit.positive)},
            "points": [[str(x) for x in point] for point in self.data.points],
            "labels": [str(y) for y in self.data.labels],
            "loss": self.loss_kind,
            **self.network.to_record(),
        }

    def slope(self, unit: int, side: int) -> Fraction:
        """Return the slope of the output in the pre-activation of a unit, given its sign; not with trained weights."""
        return self.network.weights[unit] * self.network.unit.slope(side)

    def preactivations(self, point: Point) -> Matrix:
        """Return z[j][i] = w_j . x_i + b_j."""
        return [[dot(unit, row) for row in self.rows] for unit in self.hidden(point)]

    def outputs(self, point: Point) -> Vector:
        """Return f(x_i) for every data point."""
        z, outer = self.preactivations(point), self.outer(point)
        bias = self.point(point)[-1][0] if self.network.output_bias else Fraction(0)
        value = self.network.unit.value
        return [dot(outer, [value(own[i]) for own in z]) + bias for i in range(len(self.rows))]

    def residuals(self, point: Point) -> Vector:
        """Return f(x_i) - y_i for every data point."""
        return [f - y for f, y in zip(self.outputs(point), self.data.labels, strict=True)]

    def loss(self, point: Point) -> Fraction:
        """Return the exact loss."""
        errors = self.residuals(point)
        return self.scale * dot(errors, errors)

    def pattern(self, point: Point) -> list[list[int]]:
        """Return the sign of every pre-activation, one row per unit."""
        return [[sign(z) for z in row] for row in self.preactivations(point)]

    def _check(self, pattern: Sequence[Sequence[int]]) -> None:
        shape = [len(signs) for signs in pattern]
        if shape != [len(self.rows)] * self.units or not all(s in (-1, 0, 1) for row in pattern for s in row):
            raise PatternError(
                f"Expected {amount(self.units, 'row')} of {len(self.rows)} signs -1, 0 or 1; got rows of {shape}: "
                f"{[list(row) for row in pattern]!r:.80}.",
                "Use pattern(point) for the signs at a point.",
            )

    def cell_gradient(self, point: Point, pattern: Sequence[Sequence[int]]) -> Vector:
        """Return the gradient at the point of the quadratic of the cell (or torch's, where a sign is 0)."""
        errors, lines = self.residuals(point), self._derivatives(pattern, point)
        return [2 * self.scale * dot(errors, column) for column in zip(*lines, strict=True)]

    def _derivatives(self, pattern: Sequence[Sequence[int]], point: Point | None = None) -> Matrix:
        """Return the derivatives of the outputs by the parameters in a cell, a row for each example."""
        self._check(pattern)
        if self.network.trainable and point is None:
            raise self._no_point()
        slope = self.network.unit.slope
        outer = list(self.network.weights) if point is None else self.outer(point)
        z = self.preactivations(point) if self.network.trainable and point is not None else []
        lines = []
        for i, row in enumerate(self.rows):
            line = []
            for j, signs in enumerate(pattern):
                steep = slope(signs[i])
                line += [outer[j] * steep * x for x in row] + [steep * own[i] for own in z[j : j + 1]]
            lines.append(line + [Fraction(1)] * self.network.output_bias)
        return lines

    def _no_point(self) -> PointError:
        problem = f"Where output weights are trained, second derivatives depend on the point; {self!r} got none."
        return PointError(problem, f"Give the point as {self.form}.")

    def autograd_gradient(self, point: Point) -> Vector:
        """Return the gradient that torch computes, with its choice of slope at kinks."""
        return self.cell_gradient(point, self.pattern(point))

    def _kinks(self, point: Point, silent: bool = False) -> dict[tuple[int, tuple[Fraction, ...]], Fraction]:
        """Return, for every unit and line on which it bends, the sum of residuals there, times the lengths of rows.

        Units with output weight 0 do not bend the loss; `silent`: they count all the same.
        """
        errors, outer = self.residuals(point), self.outer(point)
        kinks: dict[tuple[int, tuple[Fraction, ...]], Fraction] = {}
        for j, signs in enumerate(self.pattern(point)):
            for row, s, error in zip(self.rows, signs, errors, strict=True):
                length = abs(next((x for x in reversed(row) if x), Fraction(0)))
                if s == 0 and length and (silent or outer[j]):
                    line = max(tuple(x / length for x in row), tuple(-x / length for x in row))
                    kinks[j, line] = kinks.get((j, line), Fraction(0)) + error * length
        return kinks

    def is_differentiable(self, point: Point) -> bool:
        """Return whether the gradient exists: residuals at a kink must cancel (over duplicate points)."""
        if self.network.unit.negative == self.network.unit.positive:
            return True
        return not any(self._kinks(point).values())

    def gradient(self, point: Point) -> Vector:
        """Return the gradient.

        Raises
        ------
        DifferentiabilityError
            Where one-sided derivatives differ; `autograd_gradient` returns torch's choice there.
        """
        if not self.is_differentiable(point):
            raise DifferentiabilityError(
                f"{self!r} has a kink at this point, so there is no gradient.",
                "Use classify for one-sided derivatives, or autograd_gradient for torch's choice.",
            )
        return self.autograd_gradient(point)

    def is_twice_differentiable(self, point: Point) -> bool:
        """Return whether the Hessian exists: no kink, or only kinks that leave the quadratic as it is."""
        if self.network.unit.negative == self.network.unit.positive:
            return True
        kinks = self._kinks(point, silent=True)
        mirror = self.network.unit.negative == -self.network.unit.positive
        alone = self.units == 1 and not self.network.output_bias
        return not kinks or (mirror and alone and not any(kinks.values()))

    def cell_hessian(self, pattern: Sequence[Sequence[int]], point: Point | None = None) -> Matrix:
        """Return the Hessian of the loss in a cell; it is constant there unless output weights are trained.

        Raises
        ------
        PointError
            If output weights are trained and there is no point.
        """
        lines, size = self._derivatives(pattern, point), range(self.parameters)
        table = [[2 * self.scale * sum(v[a] * v[b] for v in lines) for b in size] for a in size]
        if self.network.trainable and point is not None:
            errors, slope = self.residuals(point), self.network.unit.slope
            for j, signs in enumerate(pattern):
                last = j * self.stride + self.width
                for c in range(self.width):
                    force = sum(e * slope(s) * row[c] for e, s, row in zip(errors, signs, self.rows, strict=True))
                    table[last][j * self.stride + c] += 2 * self.scale * force
                    table[j * self.stride + c][last] += 2 * self.scale * force
        return table

    def hessian(self, point: Point) -> Matrix:
        """Return the Hessian.

        Raises
        ------
        DifferentiabilityError
            Where the loss is not twice differentiable.
        """
        if not self.is_twice_differentiable(point):
            raise DifferentiabilityError(
                f"{self!r} is not twice differentiable at this point.",
                "Move off the kinks, or use classify for one-sided statements.",
            )
        return self.cell_hessian([[s or 1 for s in row] for row in self.pattern(point)], point)


def require_landscape(value: object) -> None:
    """Refuse what is no landscape.

    Raises
    ------
    KindError
        If it is something else.
    """
    require_kind(value, NetworkLoss, "a landscape", 'Write landscape("abs1", "xor").')
