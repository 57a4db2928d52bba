"""The formulas of interventions on weights, one definition each, for one network and for many restarts.

All arrays have the restarts as their first axis; one network is a batch of one. A formula returns the new weights and
biases and changes nothing itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, inf, nan, sin

import torch

Tensor = torch.Tensor


@dataclass(frozen=True, eq=False)
class LayerArrays:
    """One layer of ReLUs in every restart, on one batch of n examples.

    Attributes
    ----------
    tops : tensor (restarts, n, units)
        Pre-activations; the largest over places after convolutions.
    weight : tensor (restarts, units, inputs) or None
        None where it is not trained.
    bias, fixed : tensor (restarts, units) or None
        A bias that is trained, and one that is not.
    gradient : tensor (restarts, units, inputs) or None
        By the weight.
    inputs : tensor (n, inputs) or None
        What the affine map got; None after convolutions and in sequences.
    descent : tensor (restarts, n, units) or None
        Minus the gradient of the loss of each example by what the unit returns there; None if it is unknown.
    """

    tops: Tensor
    weight: Tensor | None
    bias: Tensor | None
    fixed: Tensor | None = None
    gradient: Tensor | None = None
    inputs: Tensor | None = None
    descent: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Given:
    """What a formula gets besides the layer.

    Attributes
    ----------
    size : float
        Of the intervention.
    dead : bool tensor (restarts, n)
        The examples that it is about.
    draw : callable
        Returns standard normal numbers, shaped as the weight.
    """

    size: float
    dead: Tensor
    draw: Callable[[], Tensor]


Values = tuple[Tensor | None, Tensor | None]
"""New weights and biases; None where they stay."""

Formula = Callable[[LayerArrays, Given], Values]


def warm_up(layer: LayerArrays, given: Given) -> Values:
    """Add delta = size - min_i max_j z_ij to every bias, so that every example has an active unit.

    It does nothing where every example has one. All other pre-activations rise as well, those of fitted examples too.
    """
    assert layer.bias is not None
    low = layer.tops.amax(2).amin(1)[:, None]
    return None, torch.where(low <= 0, layer.bias + (given.size - low), layer.bias)


def ascend(layer: LayerArrays, given: Given) -> Values:
    """Add size * g_t to the weights: uphill to first order, and nothing where g_t = 0."""
    return _along(layer, given.size)


def descend(layer: LayerArrays, given: Given) -> Values:
    """Subtract size * g_t from the weights: downhill to first order, and nothing where g_t = 0."""
    return _along(layer, -given.size)


def _along(layer: LayerArrays, factor: float) -> Values:
    assert layer.weight is not None
    assert layer.gradient is not None
    return layer.weight + factor * tangential(layer.weight, layer.gradient), None


def tangential(weight: Tensor, gradient: Tensor) -> Tensor:
    """Return the part of each row of the gradient that is orthogonal to the weight's row; all of it where that is 0.

    Rows are the last axis of both.
    """
    squares = (weight * weight).sum(-1, keepdim=True)
    shares = torch.where(squares > 0, (weight * gradient).sum(-1, keepdim=True) / squares, torch.zeros_like(squares))
    return gradient - shares * weight


def torque(weight: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean torque ratio over units with weights and gradient, nan of none, and the norm of the gradient."""
    sizes, lengths = torch.linalg.vector_norm(gradient, dim=2), torch.linalg.vector_norm(weight, dim=2)
    ratios = (torch.linalg.vector_norm(tangential(weight, gradient), dim=2) / sizes).clamp_max(1)
    ratios = torch.where((sizes > 0) & (lengths > 0), ratios, nan)
    return ratios.nanmean(1), torch.linalg.vector_norm(gradient, dim=(1, 2))


def rotate(layer: LayerArrays, given: Given) -> Values:
    """Turn every row of the weight by the angle `size` (radians) in a random direction; its norm stays."""
    assert layer.weight is not None
    weight = layer.weight
    across = tangential(weight, given.draw())
    long, wide = (torch.linalg.vector_norm(rows, dim=2, keepdim=True) for rows in (weight, across))
    unit = across / wide.clamp_min(torch.finfo(weight.dtype).tiny)
    turned = cos(given.size) * weight + sin(given.size) * long * unit
    return torch.where((long > 0) & (wide > 1e-6 * long), turned, weight), None


def revive_by_bias(layer: LayerArrays, given: Given) -> Values:
    """Raise one bias for each example that is dead still, so that the nearest unit has the pre-activation `size` there.

    Nearest of the units whose output the loss of the example falls with, if there are any; else of all.
    """
    assert layer.bias is not None
    bias = layer.bias.clone()
    for i in given.dead.any(0).nonzero()[:, 0].tolist():
        z = layer.tops[:, i] + (bias - layer.bias)
        own, unit = _nearest(layer, z, given.dead[:, i], i)
        bias[own, unit] += given.size - z[own, unit]
    return None, bias


def revive(layer: LayerArrays, given: Given) -> Values:
    """Do the same by the least change of the unit's (w, b): with its input x, by (size - z) (x, 1) / (|x|^2 + 1).

    Without a bias that is trained w alone moves. After convolutions and in sequences a bias is raised instead.
    """
    if layer.inputs is None or layer.weight is None:
        return revive_by_bias(layer, given)
    rows = _Rows(layer)
    for i in given.dead.any(0).nonzero()[:, 0].tolist():
        z = rows.at(i)
        rows.move(i, *_nearest(layer, z, given.dead[:, i], i), z, given.size)
    return rows.weight, rows.bias


def employ(layer: LayerArrays, given: Given) -> Values:
    """Turn each unit that is dead on the batch on where the loss falls most with its output, as `revive` does."""
    assert layer.descent is not None
    rows, idle = _Rows(layer), layer.tops.amax(1) <= 0
    most, chosen = layer.descent.max(1)
    idle = idle & (most > 0)
    for j in idle.any(0).nonzero()[:, 0].tolist():
        for i in sorted({*chosen[idle[:, j], j].tolist()}):
            z = rows.at(i)
            own = (idle[:, j] & (chosen[:, j] == i) & (z[:, j] <= 0)).nonzero()[:, 0]
            rows.move(i, own, torch.full_like(own, j), z, given.size)
    return rows.weight, rows.bias


class _Rows:
    """Copies of the rows (w, b) of a layer, to be moved."""

    def __init__(self, layer: LayerArrays) -> None:
        assert layer.weight is not None
        assert layer.inputs is not None
        self.weight, self._x = layer.weight.clone(), layer.inputs
        self.bias = None if layer.bias is None else layer.bias.clone()
        self._fixed = self.weight.new_zeros(self.weight.shape[:2]) if layer.fixed is None else layer.fixed

    def at(self, i: int) -> Tensor:
        """Return the pre-activations at an example, shape (restarts, units)."""
        return self.weight @ self._x[i] + (self._fixed if self.bias is None else self.bias)

    def move(self, i: int, own: Tensor, unit: Tensor, z: Tensor, size: float) -> None:
        """Give one unit of some restarts the pre-activation `size` at example i by the least change."""
        x = self._x[i]
        square = x @ x + float(self.bias is not None)
        if square > 0:
            share = (size - z[own, unit]) / square
            self.weight[own, unit] += share[:, None] * x
            if self.bias is not None:
                self.bias[own, unit] += share


def _nearest(layer: LayerArrays, z: Tensor, dead: Tensor, i: int) -> tuple[Tensor, Tensor]:
    """Return the restarts in which example i is dead still, and the unit that is nearest to it in each of them."""
    own = (dead & (z.amax(1) <= 0)).nonzero()[:, 0]
    near = z[own]
    if layer.descent is not None:
        wanted = layer.descent[own, i] > 0
        near = torch.where(wanted | ~wanted.any(1, keepdim=True), near, -inf)
    return own, near.argmax(1)
