"""The slacks of a layer's separation constraints, and the penalty on them."""

import torch

from stability.errors import DataError, NumberError, UnknownNameError, nearest
from stability.model.relu_network import KINDS

TIES = ("split", "first")
"""Who gets the slope where several entries are largest: all in equal parts, or the first of them."""

REDUCTIONS = ("sum", "mean", "none")
"""What becomes of the terms of one layer."""

POWERS = (1, 2)


def slacks(z: torch.Tensor, kind: str, ties: str = "split") -> tuple[torch.Tensor, torch.Tensor]:
    """Return by how much each constraint is missed from above and from below.

    A constraint asks that some entry of its group is at least 1 and some entry at most -1. The groups are the columns
    for "sep-u" (a unit at all points), the rows for "sep-p" (a point at all units), first the columns and then the
    rows for "sep-pu", and all entries of the layer for "sep-l".

    Parameters
    ----------
    z : tensor (..., n, w)
        Pre-activations of n points at w units; what stands before are layers or networks, each for itself.
    kind : str
        One of `stability.model.relu_network.KINDS`.
    ties : str
        One of `TIES`; of interest for slopes only. Entries count points first, then units, for "sep-l".

    Returns
    -------
    upper, lower : tensors (..., constraints)
        max(0, 1 - largest entry) and max(0, 1 + smallest entry): w, n, w + n or 1 constraints. Both have the slope 0
        where the slack just vanishes.

    Raises
    ------
    UnknownNameError, DataError
        If there is no such kind or way with ties, or there is no point or no unit.
    """
    refuse_kind(kind)
    _refuse_word(ties, TIES, "a way with ties")
    if z.ndim < 2 or 0 in z.shape[-2:]:
        raise DataError(
            f"Expected pre-activations of shape (..., points, units), with at least one of both; got {tuple(z.shape)}.",
            "Leave out empty batches and layers without units.",
        )
    groups = [_of_group(z, name, ties) for name in families(kind)]
    upper, lower = (torch.cat(part, -1) for part in zip(*groups, strict=True))
    return upper, lower


def penalty(
    z: torch.Tensor,
    kind: str,
    rho: float = 0.5,
    power: int = 2,
    ties: str = "split",
    reduction: str = "sum",
) -> torch.Tensor:
    """Return the penalty of each layer: over its constraints, (rho * upper + (1 - rho) * lower) ** power.

    Parameters
    ----------
    z : tensor (..., n, w)
        Pre-activations; see `slacks`.
    kind : str
        One of `stability.model.relu_network.KINDS`.
    rho : float
        The weight of the upper slack, from 0 to 1.
    power : int
        1 or 2.
    ties : str
        One of `TIES`.
    reduction : str
        "sum" adds the terms of a layer. "mean" takes their mean, for "sep-pu" the mean over units plus that over
        points. "none" returns the terms.

    Returns
    -------
    tensor (...), or (..., constraints) for the reduction "none"

    Raises
    ------
    UnknownNameError, DataError, NumberError
        If a word is unknown, there is no point or unit, rho is not from 0 to 1, or power is not 1 or 2.
    """
    refuse_numbers(rho, power)
    _refuse_word(reduction, REDUCTIONS, "a reduction")
    upper, lower = slacks(z, kind, ties)
    mixed = rho * upper + (1 - rho) * lower
    terms = mixed if power == 1 else mixed * mixed
    if reduction == "none":
        return terms
    if reduction == "sum":
        return terms.sum(-1)
    sizes = [{"sep-u": z.shape[-1], "sep-p": z.shape[-2], "sep-l": 1}[name] for name in families(kind)]
    means = [part.mean(-1) for part in torch.split(terms, sizes, -1)]
    return torch.stack(means).sum(0)


def families(kind: str) -> tuple[str, ...]:
    """Return the plain kinds that a kind adds up."""
    return ("sep-u", "sep-p") if kind == "sep-pu" else (kind,)


def refuse_kind(kind: str) -> None:
    """Raise UnknownNameError unless there is such a kind."""
    _refuse_word(kind, KINDS, "a kind of separation")


def refuse_numbers(rho: float, power: int) -> None:
    """Raise NumberError unless rho is from 0 to 1 and power is 1 or 2."""
    if not 0 <= rho <= 1 or power not in POWERS:
        raise NumberError(
            f"Expected rho from 0 to 1 and a power of 1 or 2; got {rho} and {power}.",
            "Take rho 0.5 and power 2, or power 1 for the linear penalty.",
        )


def _refuse_word(word: str, known: tuple[str, ...], what: str) -> None:
    if word not in known:
        raise UnknownNameError(f"Expected {what}; got {word!r}.", nearest(str(word), list(known)))


def _of_group(z: torch.Tensor, name: str, ties: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the two slacks of one plain kind, each (..., constraints)."""
    if name == "sep-l":
        z = z.flatten(-2).unsqueeze(-1)
    axis = -1 if name == "sep-p" else -2
    if ties == "first":
        top, bottom = z.max(axis).values, z.min(axis).values
    else:
        top, bottom = z.amax(axis), z.amin(axis)
    return torch.relu(1 - top), torch.relu(1 + bottom)
