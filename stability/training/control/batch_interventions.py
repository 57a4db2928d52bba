"""What does each repair do to many restarts at once? The formulas of `repairs`, with restarts as an axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, nan, sin

import torch

Tensor = torch.Tensor


@dataclass(frozen=True, eq=False)
class Case:
    """Runs that are repaired.

    Attributes
    ----------
    p : tensor (restarts, units, d + 1)
        Their rows (w, b).
    rows : tensor (n, d + 1)
        The examples (x, 1).
    size : float
        Of the repair.
    dead : bool tensor (restarts, n)
        Which examples raised the alarm.
    gradients : tensor, shaped as p
    wishes : tensor (restarts, n)
        By how much the loss of an example falls as its output rises, to first order.
    streams : sequence of Generator
        One for each restart, where the repair is random.
    """

    p: Tensor
    rows: Tensor
    size: float
    dead: Tensor
    gradients: Tensor
    wishes: Tensor
    streams: Sequence[torch.Generator]


Act = Callable[[Case], Tensor]
"""Returns p after the repair."""


def torque(w: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean torque ratio over units with weights and gradient, nan of none, and the norm of the gradient."""
    sizes, lengths = torch.linalg.vector_norm(g, dim=2), torch.linalg.vector_norm(w, dim=2)
    ratios = (torch.linalg.vector_norm(_across(w, g), dim=2) / sizes).clamp_max(1)
    ratios = torch.where((sizes > 0) & (lengths > 0), ratios, nan)
    return ratios.nanmean(1), torch.linalg.vector_norm(g, dim=(1, 2))


def _across(w: Tensor, g: Tensor) -> Tensor:
    """Return the part of g that is orthogonal to w; all of it where w is 0."""
    square = (w * w).sum(2, keepdim=True)
    return g - torch.where(square > 0, (w * g).sum(2, keepdim=True) / square, 0.0) * w


def _warm_up(case: Case) -> Tensor:
    p, low = case.p.clone(), (case.p @ case.rows.T).amax(1).amin(1)
    p[:, :, -1] += torch.where(low <= 0, case.size - low, 0.0)[:, None]
    return p


def _along(sign: float) -> Act:
    def act(case: Case) -> Tensor:
        p = case.p.clone()
        p[:, :, :-1] += sign * case.size * _across(p[:, :, :-1], case.gradients[:, :, :-1])
        return p

    return act


def _rotate(case: Case) -> Tensor:
    p, w = case.p.clone(), case.p[:, :, :-1]
    drawn = torch.stack([torch.randn(w.shape[1:], generator=stream, dtype=torch.float64) for stream in case.streams])
    across = _across(w, drawn)
    long, wide = (torch.linalg.vector_norm(x, dim=2, keepdim=True) for x in (w, across))
    turned = cos(case.size) * w + sin(case.size) * long * across / wide.clamp_min(torch.finfo(w.dtype).tiny)
    p[:, :, :-1] = torch.where((long > 0) & (wide > 1e-6 * long), turned, w)
    return p


def _revival(whole: bool) -> Act:
    """Return the revival of the nearest unit by its whole row (w, b), or by its bias alone."""

    def act(case: Case) -> Tensor:
        p = case.p.clone()
        for i, row in enumerate(case.rows):
            top, unit = (p @ row).max(1)
            which = (case.dead[:, i] & (top <= 0)).nonzero()[:, 0]
            direction = row / (row @ row) if whole else torch.eye(len(row), dtype=row.dtype)[-1]
            p[which, unit[which]] += (case.size - top[which])[:, None] * direction
        return p

    return act


def _employ(case: Case) -> Tensor:
    p, rows = case.p.clone(), case.rows
    idle, x = (p @ rows.T).amax(2) <= 0, rows[case.wishes.argmax(1)]
    wanted = case.wishes.amax(1) > 0
    for j in range(p.shape[1]):
        z = (p[:, j] * x).sum(1)
        share = torch.where(idle[:, j] & wanted & (z <= 0), (case.size - z) / (x * x).sum(1), 0.0)
        p[:, j] += share[:, None] * x
    return p


ACTS: dict[str, Act] = {
    "bias warm-up": _warm_up,
    "tangential ascent": _along(1.0),
    "tangential descent": _along(-1.0),
    "random rotation": _rotate,
    "revival by bias": _revival(False),
    "revival": _revival(True),
    "employment of dead units": _employ,
}
"""The repairs that change weights once."""
