"""Loss, gradient and curvature, in floats, of networks for which there is no atlas too.

f(x) = c + sum over j of a_j act(w_j . x + b_j), with act piecewise linear or smooth, and with a_j and c trained or
fixed at 1 and 0.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from stability.arrays import Floats
from stability.errors import PointError, UnknownNameError, nearest
from stability.exact.numbers import float64
from stability.model.datasets import Dataset, dataset
from stability.model.float_loss import Curve, FloatLoss
from stability.model.network_loss import NetworkLoss
from stability.model.units import Unit, unit

Kinks = list[tuple[int, int]]
"""Pairs (unit, example) at which a pre-activation is held at 0."""


def _logistic(z: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(z / 2)))


def _bell(z: Floats) -> Floats:
    return np.asarray(_logistic(z) * (1 - _logistic(z)))


SMOOTH: dict[str, tuple[Curve, Curve, Curve]] = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2, lambda z: -2 * np.tanh(z) * (1 - np.tanh(z) ** 2)),
    "softplus": (lambda z: np.logaddexp(0, z), _logistic, _bell),
    "logistic": (_logistic, _bell, lambda z: _bell(z) * (1 - 2 * _logistic(z))),
    "square": (np.square, lambda z: 2 * z, lambda z: np.full_like(z, 2.0)),
}
"""Smooth activations by name: the function and its first two derivatives."""


@dataclass(frozen=True)
class TwoLayer:
    """A network of one hidden layer on data, in floats.

    Attributes
    ----------
    count : int
        How many units.
    data : Dataset
    activation : Unit or str
        A two-slope unit, or the name of one of `SMOOTH`.
    output : bool
        Whether a_j and c are trained; otherwise they are 1 and 0.
    loss_kind : str
        "sum" or "mean" of squared errors.
    """

    count: int
    data: Dataset
    activation: Unit | str
    output: bool = True
    loss_kind: str = "sum"

    def __post_init__(self) -> None:
        if isinstance(self.activation, str) and self.activation not in SMOOTH:
            raise UnknownNameError(
                f"Expected a unit or a smooth activation; got {self.activation!r}.",
                nearest(self.activation, list(SMOOTH)),
            )
        if self.count < 1 or self.loss_kind not in ("sum", "mean"):
            raise UnknownNameError(
                f"Expected at least one unit and the loss 'sum' or 'mean'; got {self.count} and {self.loss_kind!r}.",
                "Write two_layer('relu', 2, 'xor').",
            )

    def __repr__(self) -> str:
        name = self.activation if isinstance(self.activation, str) else self.activation.name
        layers = "with output layer " if self.output else ""
        return f"{self.count} x {name} {layers}on {self.data.name} ({self.loss_kind} of squares)"

    @cached_property
    def rows(self) -> Floats:
        """The data points with a 1 appended, one per row."""
        return np.array([[*(float64(x, self.data.name) for x in point), 1.0] for point in self.data.points])

    @cached_property
    def labels(self) -> Floats:
        """The labels."""
        return np.array([float64(y, self.data.name) for y in self.data.labels])

    @property
    def scale(self) -> float:
        """The factor before the sum of squares."""
        return 1.0 if self.loss_kind == "sum" else 1 / len(self.labels)

    @property
    def width(self) -> int:
        """The number of parameters of a unit, a_j not counted."""
        return int(self.rows.shape[1])

    @property
    def parameters(self) -> int:
        """The number of parameters: rows (w, b) unit by unit, then the a_j, then c."""
        return self.count * self.width + (self.count + 1) * self.output

    @property
    def slopes(self) -> tuple[float, float] | None:
        """The slopes left and right of the kink, or None where the activation is smooth."""
        if isinstance(self.activation, str):
            return None
        return float(self.activation.negative), float(self.activation.positive)

    def parts(self, point: Floats) -> tuple[Floats, Floats, float]:
        """Return rows (w, b), output weights a and constant c of flat parameters.

        Raises
        ------
        PointError
            If there are more or fewer.
        """
        flat = np.asarray(point, dtype=float).ravel()
        if flat.shape != (self.parameters,):
            raise PointError(
                f"{self!r} has {self.parameters} parameters; this point gives {flat.size}.",
                "Give (w, b) unit by unit" + (", then all a_j, then c." if self.output else "."),
            )
        size = self.count * self.width
        inner = flat[:size].reshape(self.count, self.width)
        return (inner, flat[size:-1], float(flat[-1])) if self.output else (inner, np.ones(self.count), 0.0)

    @cached_property
    def _loss(self) -> FloatLoss:
        """The loss of the units; output weights and constant are added here."""
        low, high = self.slopes or (0.0, 0.0)
        curve = SMOOTH[self.activation][0] if isinstance(self.activation, str) else None
        return FloatLoss(self.rows, self.labels, (high, low, low), 2 * self.scale, curve)

    def heights(self, point: Floats) -> Floats:
        """Return the pre-activations, one row per unit."""
        return self._loss.heights(self.parts(point)[0][..., None])[..., 0]

    def _curves(self, z: Floats, held: Kinks, slopes: Any) -> tuple[Floats, Floats, Floats]:
        """Return the activation and its first two derivatives; a unit that is held is linear with the given slope."""
        if isinstance(self.activation, str):
            value, first, second = (np.asarray(curve(z)) for curve in SMOOTH[self.activation])
            return value, first, second
        low, high = self.slopes or (0.0, 0.0)
        first = np.where(z > 0, high, low)
        for (j, i), s in zip(held, slopes, strict=True):
            first[j, i] = s
        return first * z, first, np.zeros_like(z)

    def outputs(self, point: Floats) -> Floats:
        """Return f at every data point."""
        inner, outer, constant = self.parts(point)
        return self._loss.outputs(inner[..., None], outer[:, None])[:, 0] + constant

    def loss(self, point: Floats) -> float:
        """Return the loss."""
        return float(self._loss.squares(self.outputs(point)[:, None])[0])

    def _jacobian(self, outer: Floats, value: Floats, first: Floats) -> Floats:
        """Return the derivative of every output, one row per example."""
        count = len(self.labels)
        inner = ((outer[:, None] * first)[:, :, None] * self.rows).transpose(1, 0, 2).reshape(count, -1)
        return np.hstack([inner, value.T, np.ones((count, 1))]) if self.output else inner

    def gradient(self, point: Floats, held: Kinks | None = None, slopes: Any = ()) -> Floats:
        """Return the gradient, with given slopes where pre-activations are held at 0; else with those left of it."""
        _, outer, constant = self.parts(point)
        value, first, _ = self._curves(self.heights(point), held or [], slopes)
        errors = outer @ value + constant - self.labels
        return np.asarray(2 * self.scale * (errors @ self._jacobian(outer, value, first)))

    def hessian(self, point: Floats, held: Kinks | None = None, slopes: Any = ()) -> Floats:
        """Return the Hessian of the cell."""
        _, outer, constant = self.parts(point)
        value, first, second = self._curves(self.heights(point), held or [], slopes)
        errors, jacobian = outer @ value + constant - self.labels, self._jacobian(outer, value, first)
        total = jacobian.T @ jacobian
        for j in range(self.count):
            own = slice(j * self.width, (j + 1) * self.width)
            total[own, own] += (self.rows.T * (errors * outer[j] * second[j])) @ self.rows
            if self.output:
                mixed = (errors * first[j]) @ self.rows
                total[own, self.count * self.width + j] += mixed
                total[self.count * self.width + j, own] += mixed
        return np.asarray(2 * self.scale * total)

    def slope_effects(self, point: Floats, held: Kinks, slopes: Any) -> Floats:
        """Return the derivative of the gradient in the slopes at the pre-activations that are held, one column each."""
        _, outer, constant = self.parts(point)
        z = self.heights(point)
        value, first, _ = self._curves(z, held, slopes)
        errors, jacobian = outer @ value + constant - self.labels, self._jacobian(outer, value, first)
        table = np.zeros((self.parameters, len(held)))
        for k, (j, i) in enumerate(held):
            table[j * self.width : (j + 1) * self.width, k] = errors[i] * outer[j] * self.rows[i]
            if self.output:
                table[self.count * self.width + j, k] = errors[i] * z[j, i]
            table[:, k] += outer[j] * z[j, i] * jacobian[i]
        return np.asarray(2 * self.scale * table)


def two_layer(
    activation: str | Unit, count: int, data: str | Dataset, output: bool = True, loss: str = "sum"
) -> TwoLayer:
    """Return a network by spellings: "relu", "abs", "leaky1/10", "tanh", ... on "xor", ...

    Raises
    ------
    UnknownNameError
        If there is no such activation.
    """
    points = dataset(data) if isinstance(data, str) else data
    if isinstance(activation, str) and activation not in SMOOTH:
        try:
            activation = unit(activation)
        except UnknownNameError as error:
            known = ["relu", "abs", "leaky1/100", *SMOOTH]
            raise UnknownNameError(error.problem, nearest(str(activation), known)) from None
    return TwoLayer(count, points, activation, output, loss)


def in_floats(place: NetworkLoss) -> TwoLayer:
    """Return a landscape in floats: the same network without an output layer."""
    return TwoLayer(place.units, place.data, place.network.unit, False, place.loss_kind)
