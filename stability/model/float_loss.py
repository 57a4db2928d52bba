"""The loss of a network in floats: outputs, losses and gradients at many points at once.

Points have the shape (units, d + 1, points), their number last, as loops over them are fast; with an output bias they
have the shape (parameters, points), unit after unit and the bias last. Sums are taken number by number in a fixed
order, so the bits of a point do not depend on the points beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from stability.arrays import Floats
from stability.exact.numbers import float64
from stability.model.network_loss import NetworkLoss
from stability.model.restrictions import require_fixed

Curve = Callable[[Floats], Floats]

SMALL = 1e-4
"""See `FloatLoss.size`."""


@dataclass(frozen=True)
class FloatLoss:
    """A sum of units under squared error, factor / 2 * sum over i of (f(x_i) - y_i)^2, with torch's slope at kinks.

    Attributes
    ----------
    rows : array of shape (n, d + 1)
        The data points with a 1 appended.
    labels : array of shape (n,)
    slopes : tuple of float
        On the right of the kink, on the left, and at it.
    factor : float
        Twice the factor before the sum of squares.
    curve : callable, optional
        A smooth activation in place of the one with these slopes; then there are no gradients here.
    outer : array of shape (units,), optional
        Fixed output weights; all are 1 if left out.
    biased : bool
        Whether there is an output bias, the last of all parameters.
    """

    rows: Floats
    labels: Floats
    slopes: tuple[float, float, float]
    factor: float
    curve: Curve | None = None
    outer: Floats | None = None
    biased: bool = False

    @property
    def size(self) -> float:
        """The largest entry that one residual as large as the largest label adds to a gradient.

        Labels count at least `SMALL` of the largest entry of a data point, so that rounding does not matter.
        """
        largest = float(np.abs(self.rows).max())
        with np.errstate(over="ignore"):
            return self.factor * largest * max(float(np.abs(self.labels).max()), SMALL * largest)

    def heights(self, points: Floats) -> Floats:
        """Return the pre-activations, of shape (units, n, points)."""
        points = self._hidden(points)
        return _sum([points[:, None, c] * self.rows[:, c, None] for c in range(self.rows.shape[1])])

    def outputs(self, points: Floats, outer: Floats | None = None) -> Floats:
        """Return the outputs, of shape (n, points); output weights of shape (units, points) are 1 if left out."""
        return self._outputs(self.heights(points), self._outer(outer), self._bias(points))

    def losses(self, points: Floats) -> Floats:
        """Return the losses, of shape (points,)."""
        return self.squares(self.outputs(points))

    def squares(self, outputs: Floats) -> Floats:
        """Return the losses, of shape (points,), of outputs of shape (n, points)."""
        errors = outputs - self.labels[:, None]
        found: Floats = self.factor / 2 * _in_order((errors * errors)[None])[0]
        return found

    def gradients(self, points: Floats) -> Floats:
        """Return the gradients, shaped as the points."""
        x, (right, left, kink) = self.rows, self.slopes
        z = self.heights(points)
        errors = self._outputs(z, self._outer(), self._bias(points)) - self.labels[:, None]
        slopes = errors * np.where(z > 0, right, np.where(z < 0, left, kink))
        slopes = slopes if self.outer is None else self.outer[:, None, None] * slopes
        parts = [_in_order(slopes * x[:, c, None]) for c in range(x.shape[1])]
        found: Floats = self.factor * np.stack(parts, axis=1)
        if not self.biased:
            return found
        return np.concatenate([found.reshape(len(points) - 1, points.shape[-1]), self.factor * _in_order(errors[None])])

    def _hidden(self, points: Floats) -> Floats:
        """Return the parameters of the units, of shape (units, d + 1, points)."""
        width = self.rows.shape[1]
        return points[:-1].reshape(len(points) // width, width, points.shape[-1]) if self.biased else points

    def _bias(self, points: Floats) -> Floats | None:
        return points[-1] if self.biased else None

    def _outer(self, outer: Floats | None = None) -> Floats | None:
        """Return output weights of shape (units, points), or of (units, 1) where they are fixed."""
        return outer if outer is not None or self.outer is None else self.outer[:, None]

    def _outputs(self, heights: Floats, outer: Floats | None = None, bias: Floats | None = None) -> Floats:
        right, left, _ = self.slopes
        values = self.curve(heights) if self.curve else np.where(heights > 0, right * heights, left * heights)
        total = _sum(list(values if outer is None else outer[:, None] * values))
        return total if bias is None else total + bias


def float_loss(landscape: NetworkLoss) -> FloatLoss:
    """Return the loss of a landscape in floats.

    Raises
    ------
    DataError
        If its data have numbers beyond float64.

    Examples
    --------
    >>> from stability import landscape
    >>> loss, point = float_loss(landscape("abs1", "xor")), [[[0.5, -0.5, 0.0]]]
    >>> loss.losses(inwards(point)), outwards(loss.gradients(inwards(point)))
    (array([0.]), array([[[0., 0., 0.]]]))
    """
    require_fixed(landscape, "floats in bulk", "points in bulk have none among their numbers")
    net, name = landscape.network, landscape.data.name
    unit = net.unit
    slopes = [float64(x, unit.name) for x in (unit.positive, unit.negative, unit.kink_slope)]
    return FloatLoss(
        rows=np.array([[float64(x, name) for x in row] for row in landscape.rows]),
        labels=np.array([float64(y, name) for y in landscape.data.labels]),
        slopes=(slopes[0], slopes[1], slopes[2]),
        factor=2 * float(landscape.scale),
        outer=None if net.output_weights is None else np.array([float64(a, name) for a in net.weights]),
        biased=net.output_bias,
    )


def losses(landscape: NetworkLoss, points: Floats) -> Floats:
    """Return the loss at points of shape (..., units, d + 1), or (..., parameters) where there is an output bias."""
    loss, shape = float_loss(landscape), np.shape(points)
    own = shape[-1:] if loss.biased else shape[-2:]
    return loss.losses(inwards(np.reshape(points, (-1, *own)))).reshape(shape[: -len(own)])


def gradients(landscape: NetworkLoss, points: Floats) -> Floats:
    """Return the gradients that torch computes at points, both shaped as `losses` takes them."""
    loss, shape = float_loss(landscape), np.shape(points)
    found = loss.gradients(inwards(np.reshape(points, (-1, *(shape[-1:] if loss.biased else shape[-2:])))))
    return outwards(found).reshape(shape)


def inwards(points: Floats | Sequence[Sequence[Sequence[float]]]) -> Floats:
    """Return points of shape (points, units, d + 1) as (units, d + 1, points), and (points, p) as (p, points)."""
    return np.ascontiguousarray(np.moveaxis(np.asarray(points, dtype=float), 0, -1))


def outwards(points: Floats) -> Floats:
    """Return points of shape (units, d + 1, points) as (points, units, d + 1), and (p, points) as (points, p)."""
    return np.ascontiguousarray(np.moveaxis(points, -1, 0))


def _in_order(terms: Floats) -> Floats:
    """Return the sum over the second of three axes, from the first term to the last, whatever the size of the third.

    Along the last axis but one numpy adds term by term, unless the last has a single entry.
    """
    if terms.shape[2] > 1:
        return np.asarray(np.add.reduce(terms, axis=1))
    return np.asarray(np.add.reduce(np.repeat(terms, 2, axis=2), axis=1)[:, :1])


def _sum(terms: Sequence[Floats]) -> Floats:
    """Return the sum, from the first term to the last."""
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
