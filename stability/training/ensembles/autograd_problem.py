"""Loss and gradient of a landscape at many points at once, by torch alone."""

from collections.abc import Callable

import torch

from stability.errors import UnknownNameError
from stability.exact.numbers import float64
from stability.model.network_loss import NetworkLoss
from stability.model.units import Unit

Activation = Callable[[torch.Tensor], torch.Tensor]


class Problem:
    """The landscape written with torch alone: its data, activation and loss, batched over restarts."""

    def __init__(self, landscape: NetworkLoss, device: str) -> None:
        rows = [[float64(v, landscape.data.name) for v in row] for row in landscape.rows]
        labels = [float64(y, landscape.data.name) for y in landscape.data.labels]
        self.rows = torch.tensor(rows, dtype=torch.float64, device=device)
        self.labels = torch.tensor(labels, dtype=torch.float64, device=device)
        self.activation = activation(landscape.network.unit)
        self.mean = landscape.loss_kind == "mean"

    def evaluate(self, points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return losses (restarts,), outputs (restarts, n) and gradients, shaped as the points."""
        theta = points.detach().requires_grad_()
        outputs = self.activation(theta @ self.rows.T).sum(1)
        squares = (outputs - self.labels) ** 2
        losses = squares.mean(1) if self.mean else squares.sum(1)
        (gradients,) = torch.autograd.grad(losses.sum(), theta)
        return losses.detach(), outputs.detach(), gradients


def activation(unit: Unit) -> Activation:
    """Return torch's own activation for a unit: relu, abs or leaky_relu."""
    if unit.name.startswith("leaky"):
        slope = float64(unit.negative, unit.name)
        return lambda z: torch.nn.functional.leaky_relu(z, slope)
    if unit.name not in ("relu", "abs"):
        raise UnknownNameError(f"Expected a unit that torch has; got {unit.name!r}.", "Known: relu, abs, leaky1/100.")
    return torch.relu if unit.name == "relu" else torch.abs
