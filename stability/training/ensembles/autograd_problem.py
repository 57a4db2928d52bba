"""Loss and gradient of a landscape at many points at once, by torch alone."""

from collections.abc import Callable, Sequence
from fractions import Fraction

import torch

from stability.errors import UnknownNameError
from stability.exact.numbers import float64
from stability.model.network_loss import NetworkLoss
from stability.model.several_outputs import SeveralOutputsLoss
from stability.model.units import Unit

Activation = Callable[[torch.Tensor], torch.Tensor]


class Problem:
    """The landscape written with torch alone: its data, activation and loss, batched over restarts."""

    def __init__(self, landscape: NetworkLoss, device: str) -> None:
        rows = [[float64(v, landscape.data.name) for v in row] for row in landscape.rows]
        fixed = [float64(a, landscape.network.name) for a in landscape.network.output_weights or ()]
        labels = [[float64(y, landscape.data.name) for y in row] for row in _targets(landscape)]
        self.rows = torch.tensor(rows, dtype=torch.float64, device=device)
        self.labels = torch.tensor(labels, dtype=torch.float64, device=device)
        self.several = landscape.network.outputs > 1
        self.labels = self.labels if self.several else self.labels[:, 0]
        self.activation = activation(landscape.network.unit)
        self.outer = torch.tensor(fixed, dtype=torch.float64, device=device) if fixed else None
        self.shape = landscape.units, landscape.stride
        self.trained, self.constant = landscape.network.trainable, landscape.network.output_bias
        self.mean = landscape.loss_kind == "mean"

    def evaluate(self, points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return losses (restarts,), outputs (restarts, n) and gradients, shaped as the points.

        Where there are several outputs, theirs have the shape (restarts, n, outputs).
        """
        theta = points.detach().requires_grad_()
        outputs = self._outputs(theta)
        squares = ((outputs - self.labels) ** 2).flatten(1)
        losses = squares.mean(1) if self.mean else squares.sum(1)
        (gradients,) = torch.autograd.grad(losses.sum(), theta)
        return losses.detach(), outputs.detach(), gradients

    def _outputs(self, theta: torch.Tensor) -> torch.Tensor:
        """Return the outputs at points as `stability.model.flat_points.point_shape` has them."""
        size = self.shape[0] * self.shape[1]
        rows = theta.reshape(len(theta), -1)[:, :size].reshape(-1, *self.shape) if self.constant else theta
        active = self.activation(rows[..., : self.rows.shape[1]] @ self.rows.T)
        if self.several:
            outputs = (active[..., None] * rows[..., None, self.rows.shape[1] :]).sum(1)
            return outputs + theta[:, None, size:] if self.constant else outputs
        outer = rows[..., -1:] if self.trained else None if self.outer is None else self.outer[:, None]
        outputs = (active if outer is None else outer * active).sum(1)
        return outputs + theta[:, -1:] if self.constant else outputs


def _targets(landscape: NetworkLoss) -> Sequence[Sequence[Fraction]]:
    """Return what the outputs are to be, a row for each example."""
    return landscape.targets if isinstance(landscape, SeveralOutputsLoss) else landscape.data.targets


def activation(unit: Unit) -> Activation:
    """Return torch's own activation for a unit: relu, abs or leaky_relu."""
    if unit.name.startswith("leaky"):
        slope = float64(unit.negative, unit.name)
        return lambda z: torch.nn.functional.leaky_relu(z, slope)
    if unit.name not in ("relu", "abs"):
        raise UnknownNameError(f"Expected a unit that torch has; got {unit.name!r}.", "Known: relu, abs, leaky1/100.")
    return torch.relu if unit.name == "relu" else torch.abs
