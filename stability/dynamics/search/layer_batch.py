"""Loss, gradient and Hessian of any landscape at many points at once, in floats, and Newton's method.

Points are flat, as everywhere: row after row, output biases last. Inside, every unit has hidden parameters and an
output weight for each output, some of which are fixed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from stability.arrays import Floats
from stability.exact.numbers import float64
from stability.model.network_loss import NetworkLoss

STEPS = 120
DESCENT = 40
"""Steps of descent before Newton's method, where there are any."""

SHARES = (1.0, 0.5, 0.2, 0.05, 0.01)
"""Shares of a step of which the best one is taken."""

SMALLEST = 1e-10
"""Up to which share of the largest an eigenvalue counts as 0 in a Newton step."""


@dataclass(frozen=True)
class LayerBatch:
    """A landscape in floats.

    Attributes
    ----------
    landscape : NetworkLoss
        Of any output weights, biases and outputs.
    """

    landscape: NetworkLoss

    @cached_property
    def rows(self) -> Floats:
        """What pre-activations are products with, of shape (n, width)."""
        name = self.landscape.data.name
        return np.array([[float64(x, name) for x in row] for row in self.landscape.rows])

    @cached_property
    def targets(self) -> Floats:
        """What outputs are to be, of shape (n, outputs)."""
        name = self.landscape.data.name
        return np.array([[float64(y, name) for y in row] for row in self.landscape.targets])

    @property
    def sizes(self) -> tuple[int, int, int]:
        """The numbers of units, of hidden parameters of each, and of outputs."""
        return self.landscape.units, self.landscape.width, self.landscape.network.outputs

    @property
    def slopes(self) -> tuple[float, float]:
        """The slopes left and right of the kink."""
        unit = self.landscape.network.unit
        return float(unit.negative), float(unit.positive)

    @cached_property
    def _base(self) -> Floats:
        """Hidden parameters, output weights and output biases, where these are fixed."""
        count, width, outputs = self.sizes
        units = np.zeros((count, width + outputs))
        if not self.landscape.network.trainable:
            units[:, width] = [float(a) for a in self.landscape.network.weights]
        return np.append(units.ravel(), np.zeros(outputs))

    @cached_property
    def _free(self) -> Any:
        """Where the parameters stand among hidden parameters, output weights and output biases."""
        count, width, outputs = self.sizes
        net = self.landscape.network
        unit = np.r_[np.ones(width, bool), np.full(outputs, net.trainable)]
        return np.flatnonzero(np.r_[np.tile(unit, count), np.full(outputs, net.output_bias)])

    def parts(self, points: Floats) -> tuple[Floats, Floats, Floats]:
        """Return hidden parameters (s, k, width), output weights (s, k, outputs) and output biases (s, outputs)."""
        count, width, outputs = self.sizes
        full = np.tile(self._base, (len(points), 1))
        full[:, self._free] = points
        units = full[:, :-outputs].reshape(-1, count, width + outputs)
        return units[..., :width], units[..., width:], full[:, -outputs:]

    def heights(self, points: Floats) -> Floats:
        """Return the pre-activations, of shape (s, k, n)."""
        return np.asarray(np.einsum("skw,nw->skn", self.parts(points)[0], self.rows))

    def outputs(self, points: Floats) -> Floats:
        """Return the outputs, of shape (s, n, outputs)."""
        _, outer, biases = self.parts(points)
        return np.asarray(np.einsum("skn,sko->sno", self._values(points)[1], outer) + biases[:, None])

    def _values(self, points: Floats) -> tuple[Floats, Floats]:
        z, (low, high) = self.heights(points), self.slopes
        steep = np.where(z > 0, high, low)
        return steep, steep * z

    def losses(self, points: Floats) -> Floats:
        """Return the losses, of shape (s,)."""
        return np.asarray(float(self.landscape.scale) * np.square(self.outputs(points) - self.targets).sum((1, 2)))

    def gradients(self, points: Floats) -> Floats:
        """Return the gradients, of shape (s, parameters); at kinks with the slope on the left."""
        steep, values = self._values(points)
        _, outer, _ = self.parts(points)
        errors = self.outputs(points) - self.targets
        back = np.einsum("sno,sko->skn", errors, outer) * steep
        hidden = np.einsum("skn,nw->skw", back, self.rows)
        weights = np.einsum("skn,sno->sko", values, errors)
        units = np.concatenate([hidden, weights], axis=2).reshape(len(points), -1)
        full = np.concatenate([units, errors.sum(1)], axis=1)
        return np.asarray(2 * float(self.landscape.scale) * full[:, self._free])

    def hessians(self, points: Floats) -> Floats:
        """Return the Hessians of the cells, of shape (s, parameters, parameters)."""
        count, width, outputs = self.sizes
        steep, values = self._values(points)
        _, outer, _ = self.parts(points)
        errors, number, own = self.outputs(points) - self.targets, len(points), np.eye(outputs)
        hidden = np.einsum("sko,skn,nw->snokw", outer, steep, self.rows)
        weights = np.einsum("skn,op->snokp", values, own)
        units = np.concatenate([hidden, weights], axis=4).reshape(number, -1, outputs, count * (width + outputs))
        biases = np.broadcast_to(own[None, None], (number, len(self.rows), outputs, outputs))
        jacobian = np.concatenate([units, biases], axis=3).reshape(number, len(self.rows) * outputs, -1)
        total = np.einsum("sra,srb->sab", jacobian, jacobian)
        forces = np.einsum("sno,skn,nw->skwo", errors, steep, self.rows)
        for j in range(count):
            start = j * (width + outputs)
            here, there = slice(start, start + width), slice(start + width, start + width + outputs)
            total[:, here, there] += forces[:, j]
            total[:, there, here] += forces[:, j].transpose(0, 2, 1)
        return np.asarray(2 * float(self.landscape.scale) * total[:, self._free][:, :, self._free])

    def scalings(self, points: Floats) -> Floats:
        """Return the directions in which units are scaled, of shape (s, k, parameters); 0 where weights are fixed."""
        count, width, outputs = self.sizes
        found = np.zeros((len(points), count, len(self._free)))
        if self.landscape.network.trainable:
            hidden, outer, _ = self.parts(points)
            for j in range(count):
                start = j * (width + outputs)
                found[:, j, start : start + width] = hidden[:, j]
                found[:, j, start + width : start + width + outputs] = -outer[:, j]
        return found

    def dead(self, point: Floats) -> list[int]:
        """Return the units that put out 0 on all examples around a point of shape (parameters,)."""
        z, used = self.heights(point[None])[0], self.rows.any(1)
        low, high = self.slopes
        off = (z < 0) & (low == 0) | (z > 0) & (high == 0) | ~used
        return [int(j) for j in np.flatnonzero(off.all(1))]

    def balanced(self, points: Floats) -> Floats:
        """Return the points with every unit scaled so that hidden parameters are as long as output weights."""
        if not self.landscape.network.trainable:
            return points
        hidden, outer, _ = self.parts(points)
        lengths = np.linalg.norm(hidden, axis=2), np.linalg.norm(outer, axis=2)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.sqrt(lengths[1] / lengths[0])
        scale = np.where(np.isfinite(scale) & (scale > 0), scale, 1.0)[..., None]
        units = np.concatenate([hidden * scale, outer / scale], axis=2).reshape(len(points), -1)
        return np.concatenate([units, points[:, units.shape[1] :]], axis=1)


def newton(batch: LayerBatch, starts: Floats, steps: int = STEPS) -> Floats:
    """Return where Newton's method leads from each start, whatever it ends on.

    Directions of no curvature are left as they are. A step is shortened to the share with the smallest gradient, and a
    start stops where none has a smaller one.

    Parameters
    ----------
    batch : LayerBatch
    starts : array (s, parameters)
    steps : int

    Returns
    -------
    array (s, parameters)
    """
    return _followed(batch, starts, steps, lambda points: np.linalg.norm(batch.gradients(points), axis=1), np.array)


def descended(batch: LayerBatch, starts: Floats, steps: int = DESCENT) -> Floats:
    """Return where so many steps of descent lead from each start: Newton's, downwards along every eigenvector.

    A step is shortened to the share with the smallest loss, and a start stops where none has a smaller one.

    Parameters
    ----------
    batch : LayerBatch
    starts : array (s, parameters)
    steps : int

    Returns
    -------
    array (s, parameters)
    """
    return _followed(batch, starts, steps, batch.losses, np.abs)


def _followed(
    batch: LayerBatch, starts: Floats, steps: int, size: Callable[[Floats], Floats], turned: Callable[[Floats], Floats]
) -> Floats:
    """Follow steps that make a size smaller; what eigenvalues are turned into says where along eigenvectors."""
    points, moving = starts.copy(), np.arange(len(starts))
    for _ in range(steps):
        if not len(moving):
            break
        here = points[moving]
        values, vectors = np.linalg.eigh(batch.hessians(here))
        large = np.abs(values) > SMALLEST * np.abs(values).max(1, keepdims=True, initial=0)
        inverse = np.where(large, 1 / np.where(large, turned(values), 1), 0)
        step = -np.einsum("spv,sv,sqv,sq->sp", vectors, inverse, vectors, batch.gradients(here), optimize=True)
        tried = [here + share * step for share in SHARES]
        sizes = np.array([size(each) for each in tried])
        best = np.argmin(np.where(np.isfinite(sizes), sizes, np.inf), axis=0)
        better = sizes[best, np.arange(len(here))] < size(here)
        points[moving[better]] = np.array(tried)[best, np.arange(len(here))][better]
        moving = moving[better]
    return points
