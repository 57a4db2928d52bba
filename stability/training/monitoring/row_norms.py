"""The norms of the rows of a weight, of its gradient and of the part that turns them, at every scale."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import torch
from numpy.typing import NDArray

from stability.training.introspection.unit_rows import FIRST, UnitRows
from stability.training.monitoring.one_pass import row_norms_of

Tensor = torch.Tensor
Floats = NDArray[np.floating]

SMALL = 2**14
"""Up to how many entries tensors of one shape are stacked: copying them is then cheaper than calls for each."""

WIDE = (torch.float32, torch.float64)

SAFE = (1e-16, 1e16)
"""Between these, norms of 32 bits are correct: squares of what counts neither overflow nor vanish."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Norms by the rows w of weights of one shape, each an array (weights, rows).

    Attributes
    ----------
    weight, gradient, across : array
        |w|, |g| and |g_t|: g is the gradient by w, and g_t its part orthogonal to w. |g| is 0 exactly where g is.
    turn : bool
        Whether rows can turn: they have more than one entry.
    """

    weight: Floats
    gradient: Floats
    across: Floats
    turn: bool = True

    @property
    def torques(self) -> Floats:
        """|g_t| / |g|, from 0 to 1; nan where w or g is zero, and of rows that cannot turn.

        Source: prototype-surface-control, section 4.2.
        """
        defined = (self.weight > 0) & (self.gradient > 0) & self.turn
        with np.errstate(all="ignore"):
            found: Floats = np.where(defined, np.minimum(self.across / self.gradient, 1), nan)
        return found


def gradient_of(weight: Tensor) -> Tensor | None:
    """Return the gradient by a weight, dense; None if it keeps none, as what is computed from parameters."""
    gradient = weight.grad if weight.is_leaf else None
    return gradient.to_dense() if gradient is not None and gradient.layout != torch.strided else gradient


def real(tensor: Tensor) -> Tensor:
    """Return a tensor of real numbers with the same norm: of complex ones, their real and imaginary parts."""
    return torch.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor


def full_norm(tensor: Tensor, dim: int | None = None) -> Tensor:
    """Return the norm of a tensor, or along an axis, in 64 bits: squares of 32 bits neither overflow nor vanish."""
    wide = None if tensor.device.type == "mps" else torch.float64
    norm: Tensor = torch.linalg.vector_norm(tensor, dim=dim, dtype=wide)
    return norm


def alike(tensors: Iterable[Tensor]) -> list[list[int]]:
    """Return the places of tensors in groups of one shape, kind of number and device."""
    kinds: dict[tuple[object, ...], list[int]] = {}
    for k, each in enumerate(tensors):
        kinds.setdefault((each.shape, each.dtype, each.device), []).append(k)
    return [*kinds.values()]


def together(compute: Callable[..., tuple[Tensor, ...]], *lists: Sequence[Tensor]) -> Tensor:
    """Return what a function returns of tensors of one shape, as a tensor with a row for each of them.

    Parameters
    ----------
    compute : callable
        Takes a tensor of each list, with any axes before those of its members; returns tensors with these axes and one
        more, which are joined.
    *lists : sequences of tensor
        As long as each other. Small members are stacked, large ones taken one by one.
    """
    if lists[0][0].numel() <= SMALL and len(lists[0]) > 1:
        return torch.cat(compute(*(torch.stack([*each]) for each in lists)), -1)
    parts = [part for members in zip(*lists, strict=True) for part in compute(*members)]
    return torch.cat(parts).reshape(len(lists[0]), -1)


def row_groups(weights: Iterable[Tensor]) -> list[list[Tensor]]:
    """Return the weights that have a gradient in groups of one shape."""
    known = [w for w in weights if gradient_of(w) is not None]
    return [[known[k] for k in places] for places in alike(known)]


def row_norms(group: Sequence[Tensor], rows: UnitRows = FIRST) -> Tensor:
    """Return |w|, |g| and |g_t| of all rows, as a tensor (weights, 3 rows)."""
    weights, gradients = [_table(w, rows) for w in group], _gradients(group, rows)
    found = row_norms_of(weights, gradients)
    if found is not None:
        return found
    if all(each.device.type == "cpu" and each.dtype == torch.float32 for each in (weights[0], *gradients)):
        quick = together(_quick_norms, weights, gradients)
        if _is_safe(quick.numpy().reshape(len(group), 3, -1), gradients):
            return quick
    return together(_row_norms, weights, gradients).to(weights[0].dtype)


def _is_safe(norms: Floats, gradients: Sequence[Tensor]) -> bool:
    """Return whether norms of 32 bits are correct: in safe bounds, or of rows whose gradient is exactly 0."""
    none = norms[:, 1] == 0
    norms = np.where(none[:, None], norms[:, :1], norms) if none.any() else norms
    if not SAFE[0] < norms.min() or not norms.max() < SAFE[1]:
        return False
    return not any(gone.any() and g.numpy()[gone].any() for gone, g in zip(none, gradients, strict=True))


def _quick_norms(w: Tensor, g: Tensor) -> tuple[Tensor, ...]:
    """Return the same as `_row_norms`, in 32 bits."""
    length = torch.linalg.vector_norm(w, dim=-1)
    along = torch.linalg.vecdot(w, g) / length.square()
    across = torch.addcmul(g, w, along.unsqueeze(-1), value=-1)
    return length, torch.linalg.vector_norm(g, dim=-1), torch.linalg.vector_norm(across, dim=-1)


def _row_norms(w: Tensor, g: Tensor) -> tuple[Tensor, ...]:
    length = full_norm(w, -1)
    along = (torch.linalg.vecdot(w, g) / length.square()).to(w.dtype)
    return length, full_norm(g, -1), full_norm(torch.addcmul(g, w, along.unsqueeze(-1), value=-1), -1)


def rows_of(norms: Floats, scales: Floats, turn: bool = True) -> Rows:
    """Return what `row_norms` found.

    Parameters
    ----------
    norms : array (weights, 3, rows)
    scales : array (weights, 1)
        By what the gradients are too large.
    turn : bool
        Whether rows have more than one entry.
    """
    w, g, across = norms.astype(np.float64).swapaxes(0, 1)
    return Rows(w, g / scales, across / scales, turn)


def _gradients(group: Sequence[Tensor], rows: UnitRows) -> list[Tensor]:
    return [_table(g, rows) for w in group if (g := gradient_of(w)) is not None]


def _table(weight: Tensor, rows: UnitRows) -> Tensor:
    """Return a weight as a tensor (rows, entries), of 32 bits or more."""
    weight = real(weight)
    return rows.table(weight if weight.dtype in WIDE else weight.float())
