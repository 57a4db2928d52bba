"""Standard quantities of activations and gradients, on request: dormant scores, sparsity, ranks, gradient noise scale.

Each is defined in docs/monitor.md with its source. On the device, activations are reduced in each forward pass to sums
that add up over passes; what is worked out of them stays there with the other numbers of a reading.
"""

from collections.abc import Callable, Iterable, Sequence
from math import nan
from typing import NamedTuple

import numpy as np
import torch

from stability.errors import UnknownNameError, nearest, require_kind
from stability.training.introspection.activations import TracedActivation
from stability.training.monitoring.row_norms import Floats

Tensor = torch.Tensor

QUANTITIES = {
    "dormant score": "mean |h| of a unit over the mean of its layer's units (Sokar et al., 2023)",
    "activation sparsity": "share of activations that are exactly zero",
    "effective rank": "exp of the entropy of the normalised singular values of the activations (Roy, Vetterli, 2007)",
    "stable rank": "squared Frobenius norm of a weight over its squared largest singular value",
    "gradient noise scale": "trace of the covariance of gradients by example over the squared norm of their mean, from "
    "accumulated micro-batches (McCandlish et al., 2018)",
}
"""What a monitor measures on request, and what it is."""

TAUS = (0.025, 0.1)
"""Up to which dormant score a unit counts as dormant."""

NUMBERS = 3
"""How many numbers of a layer stand beside those of its units: sparsity, effective rank, stable rank."""


def requested(quantities: Iterable[str] | str) -> frozenset[str]:
    """Return the names of quantities; "all" stands for all of them.

    Raises
    ------
    KindError, UnknownNameError
        If they are no names; if there is none of that name.

    Examples
    --------
    >>> sorted(requested({"stable rank", "effective rank"}))
    ['effective rank', 'stable rank']
    """
    require_kind(quantities, Iterable, "names of quantities", 'Write quantities={"stable rank"}, or "all".')
    names = [quantities] if isinstance(quantities, str) else [*quantities]
    for name in names:
        if name != "all" and name not in QUANTITIES:
            known = [*QUANTITIES, "all"]
            raise UnknownNameError(f"Expected names of quantities; got {name!r}.", nearest(str(name), known))
    return frozenset(QUANTITIES if "all" in names else names)


class Moments(NamedTuple):
    """Sums over the activations h of a layer.

    Attributes
    ----------
    entries : int
        How many activations each unit has: examples times places.
    sums : tensor (units,)
        Of |h|.
    zeros : tensor ()
        How many activations are zero.
    gram : tensor (units, units) or None
        Sums of products of two units, in 64 bits where the device has them.
    """

    entries: int
    sums: Tensor
    zeros: Tensor
    gram: Tensor | None


@torch.no_grad()
def moments(seen: TracedActivation, quantities: frozenset[str]) -> Moments | None:
    """Return the sums that quantities need; None if none of them is asked for, or the slope is trained."""
    if not quantities & {"dormant score", "activation sparsity", "effective rank"} or seen.slope is None:
        return None
    z = seen.table.movedim(1, -1).flatten(0, -2)
    z = z.detach() if z.dtype in (torch.float32, torch.float64) else z.detach().float()
    h = torch.relu(z) if seen.slope == 0 else torch.where(z > 0, z, seen.slope * z)
    wide = h if h.device.type == "mps" else h.double()
    gram = wide.T @ wide if "effective rank" in quantities else None
    return Moments(len(h), h.abs().sum(0), (h == 0).sum().to(h.dtype), gram)


def added(one: Moments | None, other: Moments | None) -> Moments | None:
    """Return the sums over the activations of two passes; None if one of them is not known."""
    if one is None or other is None:
        return None
    gram = None if one.gram is None or other.gram is None else one.gram + other.gram.to(one.gram.device)
    sums, zeros = other.sums.to(one.sums.device), other.zeros.to(one.zeros.device)
    return Moments(one.entries + other.entries, one.sums + sums, one.zeros + zeros, gram)


def effective_rank(gram: Tensor) -> Tensor:
    """Return the effective rank of a matrix A, given A^T A: exp of the entropy of its normalised singular values.

    nan of a matrix of zeros, or one that is not finite. Source: Roy and Vetterli, 2007, definition 1.
    """
    known = torch.isfinite(gram).all()
    values = torch.linalg.eigvalsh(torch.where(known, gram, 0)).clamp(min=0)
    values = torch.where(values > values.max() * torch.finfo(gram.dtype).eps * len(values), values, 0).sqrt()
    shares = values / values.sum()
    return torch.where(known, torch.exp(torch.special.entr(shares).sum()), nan)


def stable_rank(weight: Tensor) -> Tensor:
    """Return the squared Frobenius norm of the matrix (rows, entries) of a weight over its squared spectral norm.

    nan of a weight of zeros, or one that is not finite. Source: Rudelson and Vershynin, 2007.
    """
    table = weight.detach().reshape(len(weight), -1) if weight.ndim > 1 else weight.detach().reshape(1, -1)
    table = table if table.dtype in (torch.float32, torch.float64) else table.float()
    known = torch.isfinite(table).all()
    table = torch.where(known, table, 0)
    table = table / table.abs().max()  # squares of very small and very large numbers are not held
    known = known & torch.isfinite(table).all()
    table = torch.where(known, table, 0)
    spectral = torch.linalg.matrix_norm(table, 2)
    return torch.where(known, table.square().sum() / spectral.square(), nan)


def numbers_of(
    own: Moments | None, weight: Tensor | None, units: int, quantities: frozenset[str], at: Tensor
) -> Tensor:
    """Return the numbers of a layer as a tensor (units + 3): mean |h| of every unit, then those of `NUMBERS`.

    What is not known or not asked for is nan; a tensor `at` says on which device.
    """
    found = at.new_full((units + NUMBERS,), nan, dtype=torch.float32)
    if own is not None:
        if "dormant score" in quantities:
            found[:units] = own.sums / own.entries
        if "activation sparsity" in quantities:
            found[units] = own.zeros / (own.entries * units)
        if own.gram is not None:
            found[units + 1] = or_nan(effective_rank, own.gram)
    if weight is not None and "stable rank" in quantities:
        found[units + 2] = or_nan(stable_rank, weight)
    return found


def or_nan(compute: Callable[[Tensor], Tensor], matrix: Tensor) -> Tensor:
    """Return a rank; nan where the decomposition does not converge."""
    try:
        return compute(matrix)
    except RuntimeError:
        return matrix.new_full((), nan)


def fields_of(numbers: Floats, detail: bool = False) -> list[dict[str, object]]:
    """Return the fields of `LayerReading` that numbers (steps, units + 3) of a layer say."""
    means, (sparsity, effective, stable) = numbers[:, :-NUMBERS], numbers[:, -NUMBERS:].T.astype(float)
    with np.errstate(all="ignore"):
        scores = means / means.mean(1, keepdims=True)
    known = np.isfinite(scores).all(1)
    dormant = [np.where(known, (scores <= tau).mean(1), nan).tolist() for tau in TAUS]
    rows = zip(*dormant, sparsity.tolist(), effective.tolist(), stable.tolist(), scores.tolist(), strict=True)
    names = ("dormant_0025", "dormant_01", "sparsity", "effective_rank", "stable_rank")
    return [
        dict(zip(names, row[:-1], strict=True)) | ({"dormant_scores": tuple(row[-1])} if detail else {}) for row in rows
    ]


def noise_parts(first: float, whole: float, passes: int, examples: float) -> tuple[float, float]:
    """Return estimates of |G|^2 and of the trace of the covariance of gradients by example.

    G is the mean gradient. Of the sum S_k of the gradients of k micro-batches of n examples |S_k|^2 is on average
    k^2 |G|^2 + k tr / n, which two values of k solve for both.

    Parameters
    ----------
    first, whole : float
        The norms of the gradient after the first backward pass and after all.
    passes : int
        K, at least 2.
    examples : float
        n, of a micro-batch.
    """
    one, all_of = first**2, whole**2
    mean = (all_of - passes * one) / (passes**2 - passes)
    return mean, (one - mean) * examples


def noise_scale(parts: Sequence[tuple[float, float]]) -> float | None:
    """Return tr / |G|^2 of averages of estimates; None where they leave |G|^2 below 0.

    Source: McCandlish and others, 2018, "An empirical model of large-batch training", section 2.2 and appendix A.1.
    """
    if not parts:
        return None
    mean, trace = np.mean(parts, axis=0).tolist()
    return trace / mean if mean > 0 and trace >= 0 else None
