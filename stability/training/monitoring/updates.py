"""How far a step moves the weights of a network, from some entries of each weight before and after it."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import gcd, nan
from typing import Any, NamedTuple

import numpy as np
import torch

from stability.training.introspection.activations import is_plain
from stability.training.monitoring.one_pass import COPY, LEAST, Collected, Part
from stability.training.monitoring.row_norms import Floats

Tensor = torch.Tensor

MOST = 256
"""How many entries of a weight are compared: memory stays small beside large weights, and the ratio of norms is known
to about a tenth. Smaller weights are compared whole."""


class Entries(NamedTuple):
    """Some entries of weights at a step.

    Attributes
    ----------
    ids : tuple of int
        Of the weights.
    sizes : tuple of (int, int)
        For every weight how many entries these are, and how many it has.
    within : tensor
        The numbers that end with these entries, one weight after the other.
    start : int
        Where they begin.
    """

    ids: tuple[int, ...]
    sizes: tuple[tuple[int, int], ...]
    within: Tensor
    start: int = 0

    def are_like(self, other: "Entries") -> bool:
        """Return whether these are entries of the same weights, of the same shapes."""
        return self.ids == other.ids and self.sizes == other.sizes

    @property
    def values(self) -> Tensor:
        """The entries, as a tensor (count,)."""
        return self.within[self.start :] if self.start else self.within


def weights_of(parameters: Iterable[Tensor]) -> list[Tensor]:
    """Return the weights that are trained and of which entries are compared."""
    return [
        p
        for p in parameters
        if p.ndim > 1 and p.is_floating_point() and p.requires_grad and p.numel() and p.layout == torch.strided
    ]


def plain(kept: Entries | None) -> tuple[Any, ...] | None:
    """Return entries as plain data and a tensor."""
    return None if kept is None else (kept.sizes, kept.values.clone())


def restored(state: Sequence[Any] | None, parameters: Iterable[Tensor]) -> Entries | None:
    """Return the entries that became plain data, as those of these parameters; None if they are of others."""
    weights = weights_of(parameters)
    if state is None or [whole for _, whole in state[0]] != [w.numel() for w in weights]:
        return None
    sizes = tuple((int(count), int(whole)) for count, whole in state[0])
    return Entries(tuple(map(id, weights)), sizes, state[1].to(weights[-1].device))


@torch.no_grad()
def entries(parameters: Iterable[Tensor]) -> Entries | None:
    """Return entries of all weights that are trained, evenly spaced and the same ones every time; None without any."""
    weights = weights_of(parameters)
    if not weights:
        return None
    if sum(w.numel() for w in weights) >= LEAST and all(map(is_plain, weights)):
        collected, kept = _collected(tuple([(w.numel(), w.shape[-1]) for w in weights]))
        places = [w.data_ptr() for w in weights]
        values = None if 0 in places else collected(places)
        if values is not None:
            return Entries(tuple(map(id, weights)), kept, values)
    parts = [_evenly(w) for w in weights]
    device = parts[-1].device
    joined = torch.cat([each if each.device == device else each.to(device) for each in parts])
    sizes = tuple((part.numel(), w.numel()) for part, w in zip(parts, weights, strict=True))
    return Entries(tuple(map(id, weights)), sizes, joined)


@lru_cache(maxsize=64)
def _collected(sizes: tuple[tuple[int, int], ...]) -> tuple[Collected, tuple[tuple[int, int], ...]]:
    """Return what collects entries of contiguous weights, given entries and length of a row, and the sizes of that."""
    parts = [spaced(*each) for each in sizes]
    kept = tuple((count, whole) for (count, _), (whole, _) in zip(parts, sizes, strict=True))
    return Collected([Part(COPY, k, *each) for k, each in enumerate(parts)]), kept


def _evenly(weight: Tensor) -> Tensor:
    """Return up to `MOST` entries at a stride that has no factor in common with the length of a row."""
    count, stride = spaced(weight.numel(), weight.shape[-1])
    if weight.is_contiguous():
        return weight.as_strided((count,), (stride,))
    return weight.reshape(-1)[::stride]


@lru_cache(maxsize=4096)
def spaced(entries: int, row: int) -> tuple[int, int]:
    """Return how many of so many entries are compared, and at which stride.

    Examples
    --------
    >>> spaced(12, 4), spaced(65536, 256)
    ((12, 1), (256, 257))
    """
    stride = -(-entries // MOST)
    while gcd(stride, row) > 1:
        stride += 1
    return -(-entries // stride), stride


class Ratios(NamedTuple):
    """|update| / |weight| at some steps; nan where it is not known, or the weights were zero.

    Attributes
    ----------
    each : array (steps, weights)
    whole : array (steps,)
        Of all weights together.
    most : array of int (steps,)
        Which weight has most of the update.
    """

    each: Floats
    whole: Floats
    most: Floats


def ratios(before: Floats, after: Floats, sizes: Sequence[tuple[int, int]]) -> Ratios:
    """Return how far weights moved, from entries of them.

    Parameters
    ----------
    before, after : arrays (steps, count)
    sizes : sequence of (int, int)
        See `Entries`.
    """
    old = before.astype(np.float64)
    ends = np.cumsum([0, *(count for count, _ in sizes)])
    weights, updates = np.full((2, len(before), len(sizes)), nan)
    with np.errstate(all="ignore"):
        moved = after.astype(np.float64) - old
        for k in range(len(sizes)):
            part = slice(ends[k], ends[k + 1])
            weights[:, k] = np.square(old[:, part]).sum(1)
            updates[:, k] = np.square(moved[:, part]).sum(1)
    return ratios_of(weights, updates, sizes)


@np.errstate(all="ignore")
def ratios_of(weights: Floats, updates: Floats, sizes: Sequence[tuple[int, int]]) -> Ratios:
    """Return how far weights moved, from the sums of the squares of entries of them, and of their updates.

    Parameters
    ----------
    weights, updates : arrays (steps, weights)
    sizes : sequence of (int, int)
        See `Entries`.
    """
    factors = [whole / count for count, whole in sizes]
    weights, updates = weights * factors, updates * factors
    each = np.where(weights > 0, np.sqrt(updates / weights), nan)
    total = weights.sum(1)
    found = np.where(total > 0, np.sqrt(updates.sum(1) / total), nan)
    return Ratios(each, found, np.argmax(np.where(np.isnan(updates), 0, updates), axis=1))
