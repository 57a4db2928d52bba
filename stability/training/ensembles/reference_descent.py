"""Plain gradient descent in floating point over many restarts at once, as a reference."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from stability.arrays import Floats
from stability.errors import PointError, StabilityError
from stability.model.flat_points import point_shape
from stability.model.network_loss import NetworkLoss
from stability.training.devices import device_for
from stability.training.ensembles.autograd_problem import Problem

MEMORY = 2**28
"""Bytes of intermediate results that one chunk of restarts may need, roughly."""

LOOK = 50
"""Epochs between two looks at which restarts still move; finished restarts then leave the batch."""


@dataclass(frozen=True)
class End:
    """Where each restart ended; a restart that met a number beyond float64 stays where it met it.

    Attributes
    ----------
    device : str
        Where it was computed, "cpu" or "cuda".
    points : array, shape (restarts, units, d + 1)
        Rows (w_1, ..., w_d, b), as the starts have them.
    losses, gradient_norms : array, shape (restarts,)
        The loss of the landscape and the Euclidean norm of its gradient, at the points.
    finite : array of bool, shape (restarts,)
        False where the loss or the gradient overflowed.
    outputs : array, shape (restarts, n)
        The fitted values at the n data points; (restarts, n, outputs) where there are several.
    epochs : array of int, shape (restarts,)
        The steps each restart took.
    """

    device: str
    points: Floats
    losses: Floats
    gradient_norms: Floats
    finite: NDArray[np.bool_]
    outputs: Floats
    epochs: NDArray[np.int64]


def descend(
    landscape: NetworkLoss,
    starts: ArrayLike,
    *,
    step: float,
    epochs: int,
    device: str = "auto",
    stop_gradient: float = 1e-10,
    chunk: int | None = None,
) -> End:
    """Return where full-batch gradient descent in float64 ends from each start.

    Every restart stops by itself, once its gradient norm is below `stop_gradient` or not finite, so the end
    of one does not depend on the others. At kinks torch chooses the slope.

    Parameters
    ----------
    landscape : NetworkLoss
        Its loss, sum or mean, is what descends.
    starts : array, shape (restarts, units, d + 1)
        Finite starting points: rows (w_1, ..., w_d, b), with the output weight a behind b where it is trained; with an
        output bias c flat, of shape (restarts, parameters), row after row and then c.
    step : float
        The learning rate, above 0.
    epochs : int
        The most steps, at least 0.
    device : str
        "cpu", "cuda", or "auto" for "cuda" where there is one.
    stop_gradient : float
        At least 0.
    chunk : int or None
        Restarts computed at once; None chooses by memory.

    Raises
    ------
    PointError
        If the starts are empty, of the wrong shape, or not finite.
    StabilityError
        If a setting makes no sense, or there is no such device.
    """
    if not 0 < step < np.inf or epochs < 0 or not stop_gradient >= 0 or (chunk is not None and chunk < 1):
        raise StabilityError(
            f"Expected step > 0, epochs >= 0, stop_gradient >= 0 and chunk >= 1; got step {step}, "
            f"epochs {epochs}, stop_gradient {stop_gradient} and chunk {chunk}.",
            "Write descend(landscape, starts, step=0.01, epochs=1000).",
        )
    points, place = _checked(landscape, starts), device_for(device)
    problem = Problem(landscape, place)
    size = chunk or max(1, MEMORY // (64 * landscape.units * (len(landscape.data.points) + landscape.width)))
    ends = [
        _descend(problem, torch.from_numpy(part).to(place), step, epochs, stop_gradient)
        for part in (points[i : i + size] for i in range(0, len(points), size))
    ]
    fields = (torch.cat(parts).cpu().numpy() for parts in zip(*ends, strict=True))
    return End(place, *fields)


def _checked(landscape: NetworkLoss, starts: ArrayLike) -> Floats:
    wanted = point_shape(landscape)
    shape = f"(restarts, {', '.join(map(str, wanted))})"
    remedy = f"Draw them with numpy, as rng.normal(size=(100, {', '.join(map(str, wanted))})) for 100 starts."
    try:
        points = np.array(starts, dtype=np.float64)
    except (TypeError, ValueError):
        raise PointError(f"Expected an array of numbers of shape {shape}; got {starts!r:.80}.", remedy) from None
    if points.ndim < 2 or points.shape[1:] != wanted or not len(points):
        raise PointError(f"Expected starts of shape {shape}, restarts at least 1; got {points.shape}.", remedy)
    if not np.isfinite(points).all():
        first = int(np.argwhere(~np.isfinite(points))[0, 0])
        raise PointError(f"Expected finite starts; restart {first} has a NaN or an infinity.", remedy)
    return points


def _descend(problem: Problem, points: torch.Tensor, step: float, epochs: int, stop: float) -> tuple[torch.Tensor, ...]:
    """Descend on one chunk; return the fields of End but the device, in their order."""
    taken = torch.zeros(len(points), dtype=torch.int64, device=points.device)
    alive, theta = torch.arange(len(points), device=points.device), points.clone()
    for epoch in range(epochs):
        moving, gradients = _moving(problem, theta, stop)
        theta = torch.where(moving.reshape(-1, *[1] * (theta.ndim - 1)), theta - step * gradients, theta)
        taken[alive] += moving
        if epoch % LOOK == LOOK - 1:
            points[alive] = theta
            alive, theta = alive[moving], theta[moving]
            if not len(alive):
                break
    points[alive] = theta
    losses, outputs, gradients = problem.evaluate(points)
    norms = _norms(gradients)
    return points, losses, norms, losses.isfinite() & norms.isfinite(), outputs, taken


def _norms(gradients: torch.Tensor) -> torch.Tensor:
    norms: torch.Tensor = torch.linalg.vector_norm(gradients, dim=tuple(range(1, gradients.ndim)))
    return norms


def _moving(problem: Problem, theta: torch.Tensor, stop: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Return which restarts still move, and the gradients."""
    losses, _, gradients = problem.evaluate(theta)
    norms = _norms(gradients)
    return losses.isfinite() & norms.isfinite() & (norms >= stop), gradients
