"""Loss and gradient of a task, for many restarts at once.

Two forms of the same sums, in the same order, so that they have the same bits: `stacked` works on whole arrays,
`unrolled` on one tensor per number, which a compiler fuses into a single loop. Restarts are the last dimension.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from stability.training.ensembles.problem import Lane, Task

Tensor = torch.Tensor
Passed = tuple[Tensor, Tensor, Tensor, Tensor]
"""What `forward` returns."""


class Examples(NamedTuple):
    """The points (n, d) and targets (n, outputs) of a task on a device; copying them there waits for it."""

    points: Tensor
    targets: Tensor


def examples(task: Task, p: Tensor) -> Examples:
    """Return the examples of a task where parameters are, in their precision."""
    points, targets = (torch.as_tensor(x, dtype=p.dtype, device=p.device) for x in (task.points, task.targets))
    return Examples(points, targets)


def forward(task: Task, p: Tensor, given: Examples | None = None) -> Passed:
    """Return pre-activations and activations (units, n, restarts), outputs and errors (n, outputs, restarts)."""
    rows = p[: task.hidden].view(task.units, task.width, -1)
    points, targets = examples(task, p) if given is None else given
    z = rows[:, 0:1] * points[:, 0, None]
    for c in range(1, task.data.dimension):
        z = z + rows[:, c : c + 1] * points[:, c, None]
    if task.network.hidden_biases:
        z = z + rows[:, -1:]
    h = _activated(task, z)
    head = _head(task, p)
    if task.network.trainable:
        outs = _summed([head[:, j] * h[j][:, None] for j in range(task.units)])
    else:
        outs = _summed([_times(each, a) for each, a in zip(h, task.weights, strict=True)])[:, None]
    if task.network.output_bias:
        outs = outs + head[:, -1]
    return z, h, outs, outs - targets[:, :, None]


def _head(task: Task, p: Tensor) -> Tensor:
    """Return the trained parameters of the outputs, of shape (outputs, head width, restarts)."""
    return p[task.hidden :].view(task.outputs, task.head_width, p.shape[1])


def output_weights(task: Task, p: Tensor) -> Tensor:
    """Return the output weights, of shape (outputs, units, restarts), or (1, units, 1) where they are fixed."""
    if task.network.trainable:
        return _head(task, p)[:, : task.units]
    return torch.as_tensor(task.weights, dtype=p.dtype, device=p.device)[None, :, None]


def evaluate(task: Task, p: Tensor) -> tuple[Tensor, Tensor]:
    """Return losses (restarts,) and outputs (restarts, n, outputs) at parameters of shape (parameters, restarts)."""
    _, _, outs, errors = forward(task, p)
    flat = errors.reshape(-1, p.shape[1])
    return _summed([e * e for e in flat]) * task.scale, outs.permute(2, 0, 1)


def stacked(
    task: Task, p: Tensor, given: Examples | None = None, passed: Passed | None = None
) -> tuple[Tensor, Tensor]:
    """Return the losses (restarts,) and gradients (parameters, restarts) at parameters (parameters, restarts).

    Where many epochs follow each other, the examples are given, so that they are copied to the device once; so is what
    `forward` returned there, if it is known.
    """
    given = examples(task, p) if given is None else given
    z, h, _, errors = forward(task, p, given) if passed is None else passed
    flat = errors.reshape(-1, p.shape[1])
    factor, n, points = 2 * task.scale, task.examples, given.points
    if task.network.trainable:
        head = _head(task, p)
        back = _summed([errors[:, o] * head[o, : task.units, None] for o in range(task.outputs)])
    elif task.network.output_weights is None:
        back = errors[:, 0].expand_as(z)
    else:
        back = torch.stack([_times(errors[:, 0], a) for a in task.weights])
    s = _sloped(task, z, back)
    parts = [_summed([s[:, i] * points[i, c] for i in range(n)]) * factor for c in range(task.data.dimension)]
    if task.network.hidden_biases:
        parts.append(_summed([s[:, i] for i in range(n)]) * factor)
    slopes, last = [torch.stack(parts, 1).reshape(task.hidden, -1)], []
    if task.network.trainable:
        last.append(_summed([errors[i, :, None] * h[:, i] for i in range(n)]) * factor)
    if task.network.output_bias:
        last.append((_summed([errors[i] for i in range(n)]) * factor)[:, None])
    if last:
        slopes.append(torch.cat(last, 1).reshape(-1, p.shape[1]))
    return _summed([e * e for e in flat]) * task.scale, torch.cat(slopes)


@dataclass(frozen=True)
class Numbers:
    """What a task is made of, as plain numbers for a compiler to read."""

    units: int
    outputs: int
    points: list[list[float]]
    targets: list[list[float]]
    scale: float
    slopes: tuple[float, float, float]
    weights: tuple[float, ...]
    trainable: bool
    output_bias: bool
    hidden_biases: bool


def numbers(task: Task) -> Numbers:
    """Return the plain numbers of a task."""
    net, points, targets = task.network, task.points.tolist(), task.targets.tolist()
    layers = task.weights, net.trainable, net.output_bias, net.hidden_biases
    return Numbers(task.units, task.outputs, points, targets, task.scale, task.slopes, *layers)


def unrolled(task: Numbers, p: Sequence[Lane]) -> tuple[Lane, list[Lane]]:
    """Return the loss and the gradient of each parameter, one tensor (restarts,) each."""
    units, outputs, points, targets = task.units, task.outputs, task.points, task.targets
    n, factor, biases, trained = len(points), 2 * task.scale, task.hidden_biases, task.trainable
    width, head_width = len(points[0]) + biases, units * trained + task.output_bias
    head = [p[units * width + o * head_width :][:head_width] for o in range(outputs)]
    z = [[_dot(p[j * width : (j + 1) * width], x, biases) for x in points] for j in range(units)]
    h = [[_activated(task, each) for each in row] for row in z]
    errors = []
    for i in range(n):
        if trained:
            outs = [_summed([row[j] * h[j][i] for j in range(units)]) for row in head]
        else:
            outs = [_summed([_times(h[j][i], task.weights[j]) for j in range(units)])]
        outs = [out + row[-1] for out, row in zip(outs, head, strict=True)] if task.output_bias else outs
        errors.append([out - target for out, target in zip(outs, targets[i], strict=True)])
    slopes = []
    for j in range(units):
        s = []
        for i in range(n):
            if trained:
                back = _summed([errors[i][o] * head[o][j] for o in range(outputs)])
            else:
                back = _times(errors[i][0], task.weights[j])
            s.append(_sloped(task, z[j][i], back))
        slopes += [_summed([s[i] * points[i][c] for i in range(n)]) * factor for c in range(len(points[0]))]
        slopes += [_summed(s) * factor] * biases
    for o in range(outputs):
        slopes += [_summed([errors[i][o] * h[j][i] for i in range(n)]) * factor for j in range(units * trained)]
        slopes += [_summed([errors[i][o] for i in range(n)]) * factor] * task.output_bias
    return _summed([e * e for row in errors for e in row]) * task.scale, slopes


def _dot(row: Sequence[Lane], x: Sequence[float], biases: bool) -> Lane:
    total = _summed([w * v for w, v in zip(row, x, strict=False)])
    return total + row[-1] if biases else total


def _summed(terms: Sequence[Any]) -> Any:
    """Return the sum, from the first term to the last."""
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _activated(task: Task | Numbers, z: Any) -> Any:
    negative, positive, _ = task.slopes
    if (negative, positive) == (0, 1):
        return torch.relu(z)
    if (negative, positive) == (-1, 1):
        return z.abs()
    return torch.where(z > 0, _times(z, positive), _times(z, negative))


def _sloped(task: Task | Numbers, z: Any, back: Any) -> Any:
    """Return `back` times the slope of the unit at z, that of torch at 0."""
    negative, positive, kink = task.slopes
    left = _times(back, negative)
    if kink != negative:
        left = torch.where(z < 0, left, _times(back, kink))
    return torch.where(z > 0, _times(back, positive), left)


def _times(x: Any, factor: float) -> Any:
    """Return x times a constant; NaN and infinity stay, but for the slope 0, which cuts off."""
    if factor == 1:
        return x
    return torch.zeros_like(x) if factor == 0 else -x if factor == -1 else x * factor
