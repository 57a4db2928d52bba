"""The loss of a network on a dataset, exactly: values, signs, gradients and Hessians at a point."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from stability.errors import DifferentiabilityError, PatternError, PointError, UnknownNameError, nearest, require_kind
from stability.exact.numbers import Exact, rational
from stability.io.printable import amount, printable
from stability.io.results import Displayed, ResultTable
from stability.model.datasets import Dataset
from stability.model.networks import Network

Vector = list[Fraction]
Matrix = list[Vector]
Switches = Iterable[tuple[int, int]]
Point = Sequence[Sequence[Exact]]
"""Parameters, one row (w_1, ..., w_d, b) per unit."""

LOSSES = ("sum", "mean")


def sign(value: Fraction) -> int:
    """Return -1, 0 or 1."""
    return (value > 0) - (value < 0)


def dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    """Return the inner product."""
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def _plain(values: Any) -> list[Any]:
    """Return a sequence or array as a list, anything else as a list of itself."""
    values = values.tolist() if hasattr(values, "tolist") else values
    return list(values) if isinstance(values, list | tuple) else [values]


@dataclass(frozen=True, eq=False)
class NetworkLoss(Displayed):
    """The loss of a network on a dataset, as a function of the parameters.

    The loss is scale * sum over i of (f(x_i) - y_i)^2, where scale is 1 ("sum") or 1/n ("mean").
    Points are rows (w_1, ..., w_d, b), one per unit; gradients and Hessians are flat, unit after unit.
    """

    network: Network
    data: Dataset
    loss_kind: str = "sum"

    def __post_init__(self) -> None:
        require_kind(self.network, Network, "a network", 'Write network("abs1"), or landscape("abs1", "xor").')
        require_kind(self.data, Dataset, "a dataset", 'Write dataset("xor"), or Dataset("mine", points, labels).')
        if self.loss_kind not in LOSSES:
            raise UnknownNameError(
                f"Expected the loss 'sum' or 'mean'; got {self.loss_kind!r}.",
                nearest(str(self.loss_kind), list(LOSSES)),
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NetworkLoss):
            return NotImplemented
        return (self.network, self.data, self.loss_kind) == (other.network, other.data, other.loss_kind)

    def __hash__(self) -> int:
        return hash((self.network, self.data, self.loss_kind))

    def __repr__(self) -> str:
        return printable(f"{self.network.name} on {self.data.name} ({self.loss_kind} of squares)")

    def _table(self) -> ResultTable:
        size = f"{amount(len(self.rows), 'point')} in {amount(self.data.dimension, 'dimension')}"
        unit = self.network.unit
        rows = [
            ("network", f"{amount(self.units, 'unit')}, slope {unit.negative} left of 0, {unit.positive} right of it"),
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
        """Return flat parameters, unit after unit, as one row per unit."""
        return [list(flat[k : k + self.width]) for k in range(0, len(flat), self.width)]

    @property
    def formula_name(self) -> str:
        """How formulas call this landscape: "abs1", "mean_relu2", "leaky1_100_2"."""
        name = re.sub(r"\W", "_", self.network.name)
        return name if self.loss_kind == "sum" else f"{self.loss_kind}_{name}"

    @property
    def scale(self) -> Fraction:
        """The factor before the sum of squares."""
        return Fraction(1) if self.loss_kind == "sum" else Fraction(1, len(self.data.points))

    @property
    def units(self) -> int:
        """The number of units."""
        return self.network.count

    @property
    def width(self) -> int:
        """The number of parameters per unit, d + 1."""
        return self.data.dimension + 1

    @property
    def parameters(self) -> int:
        """The number of parameters, units * (d + 1)."""
        return self.units * self.width

    @cached_property
    def rows(self) -> Matrix:
        """The data points with a 1 appended, so that z = row . (w, b)."""
        return [[*point, Fraction(1)] for point in self.data.points]

    def point(self, values: Point) -> Matrix:
        """Return the point as exact rows, one per unit.

        Raises
        ------
        PointError
            If the shape does not fit.
        NumberError
            If an entry is not rational.
        """
        names = ", ".join([*(f"w{c + 1}" for c in range(self.data.dimension)), "b"])
        given = [_plain(row) for row in _plain(values)]
        if [len(row) for row in given] != [self.width] * self.units:
            raise PointError(
                f"{self.network.name} on {self.data.name} has {self.parameters} parameters, as {self.units} "
                f"unit{'s' if self.units > 1 else ''} of ({names}); "
                f"this point gives {sum(map(len, given))} in {amount(len(given), 'row')}.",
                f"Write it as [{', '.join([f'[{names}]'] * self.units)}].",
            )
        return [[rational(v) for v in row] for row in given]

    def to_record(self) -> dict[str, Any]:
        """Return the landscape as certificates hold it: units, slopes, points, labels, loss."""
        unit = self.network.unit
        return {
            "units": self.units,
            "slopes": {"-": str(unit.negative), "0": str(unit.kink_slope), "+": str(unit.positive)},
            "points": [[str(x) for x in point] for point in self.data.points],
            "labels": [str(y) for y in self.data.labels],
            "loss": self.loss_kind,
        }

    def preactivations(self, point: Point) -> Matrix:
        """Return z[j][i] = w_j . x_i + b_j."""
        return [[dot(unit, row) for row in self.rows] for unit in self.point(point)]

    def outputs(self, point: Point) -> Vector:
        """Return f(x_i) for every data point."""
        z = self.preactivations(point)
        value = self.network.unit.value
        return [sum((value(z[j][i]) for j in range(self.units)), Fraction(0)) for i in range(len(self.rows))]

    def residuals(self, point: Point) -> Vector:
        """Return f(x_i) - y_i for every data point."""
        return [f - y for f, y in zip(self.outputs(point), self.data.labels, strict=True)]

    def loss(self, point: Point) -> Fraction:
        """Return the exact loss."""
        return self.scale * sum((e * e for e in self.residuals(point)), Fraction(0))

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
        self._check(pattern)
        errors = self.residuals(point)
        slope = self.network.unit.slope
        return [
            2 * self.scale * sum(e * slope(signs[i]) * self.rows[i][c] for i, e in enumerate(errors))
            for signs in pattern
            for c in range(self.width)
        ]

    def autograd_gradient(self, point: Point) -> Vector:
        """Return the gradient that torch computes, with its choice of slope at kinks."""
        return self.cell_gradient(point, self.pattern(point))

    def _kinks(self, point: Point) -> dict[tuple[int, tuple[Fraction, ...]], Fraction]:
        """Return, for every unit and place where it bends, the sum of the residuals at that place."""
        errors = self.residuals(point)
        kinks: dict[tuple[int, tuple[Fraction, ...]], Fraction] = {}
        for j, signs in enumerate(self.pattern(point)):
            for place, s, error in zip(self.data.points, signs, errors, strict=True):
                if s == 0:
                    kinks[j, place] = kinks.get((j, place), Fraction(0)) + error
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
        kinks = self._kinks(point)
        mirror = self.network.unit.negative == -self.network.unit.positive
        return not kinks or (mirror and self.units == 1 and not any(kinks.values()))

    def cell_hessian(self, pattern: Sequence[Sequence[int]]) -> Matrix:
        """Return the (constant) Hessian of the quadratic of a cell."""
        self._check(pattern)
        slope = self.network.unit.slope
        columns = [
            [slope(signs[i]) * row[c] for signs in pattern for c in range(self.width)]
            for i, row in enumerate(self.rows)
        ]
        size = range(self.parameters)
        return [[2 * self.scale * sum(v[a] * v[b] for v in columns) for b in size] for a in size]

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
        return self.cell_hessian([[s or 1 for s in row] for row in self.pattern(point)])


def require_landscape(value: object) -> None:
    """Refuse what is no landscape.

    Raises
    ------
    KindError
        If it is something else.
    """
    require_kind(value, NetworkLoss, "a landscape", 'Write landscape("abs1", "xor").')


OTHERWISE = "Take one unit, as relu1, and points of two coordinates, or derive one cell by its pattern."


def require_one_unit_in_the_plane(landscape: NetworkLoss, remedy: str = OTHERWISE) -> None:
    """Raise PointError, with what to try instead, unless one angle describes the landscape."""
    if landscape.units != 1 or landscape.data.dimension != 2:
        raise PointError(
            f"Expected one unit in the plane; {landscape!r} has {amount(landscape.units, 'unit')} "
            f"in {amount(landscape.data.dimension, 'dimension')}.",
            remedy,
        )
