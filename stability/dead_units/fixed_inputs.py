"""Whether what a layer gets is the same in every forward pass over the same data, tried by making more of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    DistributedSampler,
    IterableDataset,
    RandomSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)

from stability.arrays import Floats
from stability.dead_units.optimisers import is_moved
from stability.errors import DataError

Tensor = torch.Tensor
Tables = Mapping[int, Floats]
"""What layers get, a row an input, by the place of the layer."""

ROWS = 64
"""How many inputs of a part of a batch are looked for in the whole."""

NEAR = 1e-3
"""How far entries may be off, relatively, which is more than how sums of a batch and of its part are rounded."""

DIFFERS = "its inputs differ between two passes over the same data"
SHARED = "its inputs depend on which examples share a batch"
TRAINED = "its inputs change while the layers before it are trained, and have no bounds"


def require_every_example(data: Any) -> None:
    """Refuse a loader that leaves out other examples in each epoch.

    Raises
    ------
    DataError
        With the way in which it leaves them out.
    """
    if not isinstance(data, DataLoader):
        return
    sampler, batched = data.sampler, data.batch_sampler
    if isinstance(data.dataset, IterableDataset) or not isinstance(batched, BatchSampler):
        return
    how = ""
    if isinstance(sampler, WeightedRandomSampler | DistributedSampler):
        how = f"draws only some, by its {type(sampler).__name__}"
    elif isinstance(sampler, RandomSampler) and (sampler.replacement or len(sampler) < len(data.dataset)):  # type: ignore[arg-type]
        how = "draws only some, by its RandomSampler"
    elif isinstance(sampler, RandomSampler | SubsetRandomSampler) and batched.drop_last:
        how = "leaves out the last ones after shuffling (drop_last)" if len(sampler) % batched.batch_size else ""
    if how:
        raise DataError(
            f"Expected all inputs of the training; this loader {how}, others in each epoch.",
            "Give the Dataset, or a loader of it without that.",
        )


def doubts(again: Callable[[Any, Any], Tables], args: Any, named: Any, tables: Tables) -> dict[int, str]:
    """Return why inputs are not the same in every pass, by the place of the layer; nothing of those that are.

    Parameters
    ----------
    again : callable
        Makes a forward pass with these arguments, and returns what the layers get.
    args, named
        What the network was given.
    tables : mapping of int to array (inputs, weights)
        What the layers got.
    """
    other = again(args, named)
    found = {k: DIFFERS for k, table in tables.items() if k not in other or not np.array_equal(table, other[k])}
    part = halved(args, named)
    if part is None:
        return found
    try:
        less = again(*part)
    except Exception:
        less = {}
    return {**{k: SHARED for k, table in tables.items() if k not in less or not _within(less[k], table)}, **found}


def moving(
    again: Callable[[Any, Any], Tables],
    model: nn.Module,
    args: Any,
    named: Any,
    tables: Tables,
    held: Sequence[Tensor] = (),
) -> set[int]:
    """Return the places of the layers whose inputs are others as soon as the trained parameters, or what is held, are.

    So it is seen too where values go by ways that no call of torch shows, as through numpy or compiled code.
    """
    try:
        with others_trained(model, held):
            other = again(args, named)
    except Exception:
        return set(tables)
    return {k for k, table in tables.items() if k not in other or not np.array_equal(table, other[k])}


@contextmanager
def others_trained(model: nn.Module, held: Sequence[Tensor] = ()) -> Iterator[None]:
    """Give the parameters that are trained other values meanwhile, and all that shares their memory.

    Examples
    --------
    >>> import torch
    >>> layer = torch.nn.Linear(1, 1)
    >>> own = layer.bias.item()
    >>> with others_trained(layer):
    ...     changed = layer.bias.item() != own
    >>> changed, layer.bias.item() == own
    (True, True)
    """
    trained: list[Tensor] = [p for p in model.parameters() if p.requires_grad]
    every = {id(p): p for p in (*trained, *filter(is_moved, held))}.values()
    found = [p for p in every if p.layout == torch.strided and _is_plain(p)]
    kept = [(p.data, p.data.clone()) for p in found]
    generator = torch.Generator().manual_seed(0)
    try:
        for p, (memory, own) in zip(found, kept, strict=True):
            drawn = torch.randn(own.shape, generator=generator).to(own.device, own.dtype)
            other = drawn * (1 + own.abs()) - own
            if _is_written(memory):
                memory.copy_(other)
            else:
                p.data = other
        yield
    finally:
        for p, (memory, own) in zip(found, kept, strict=True):
            p.data = memory
            if _is_written(memory):
                memory.copy_(own)


def _is_plain(p: Tensor) -> bool:
    """Return whether a parameter is one whose entries can be others; not of one that has none yet."""
    return type(p) in (nn.Parameter, Tensor) and p.is_floating_point()


def _is_written(memory: Tensor) -> bool:
    """Return whether entries can be written into their memory, as each has its own."""
    return not memory.is_inference() and 0 not in [
        step for step, size in zip(memory.stride(), memory.shape, strict=True) if size > 1
    ]


def halved(args: Any, named: Any) -> tuple[Any, Any] | None:
    """Return the arguments with half of the examples, in another order; None where there are less than two.

    Examples that were neighbours are none there, and another one is the first.

    Examples
    --------
    >>> import torch
    >>> halved((torch.zeros(4, 2),), {})[0][0].shape
    torch.Size([2, 2])
    """
    sizes = [each.shape[0] for each in (*args, *named.values()) if isinstance(each, Tensor) and each.ndim]
    if not sizes or sizes[0] < 2:
        return None

    pairs = ((sizes[0] - 1 - k, k) for k in range((sizes[0] + 1) // 2))
    order = [k for pair in pairs for k in pair][: (sizes[0] + 1) // 2]

    def half(value: Any) -> Any:
        whole = isinstance(value, Tensor) and value.ndim and value.shape[0] == sizes[0]
        return value[order] if whole else value

    return tuple(map(half, args)), {key: half(value) for key, value in named.items()}


def _within(part: Floats, whole: Floats) -> bool:
    """Return whether the first rows of a table are rows of another."""
    if part.shape[1:] != whole.shape[1:]:
        return False
    allowed = NEAR * max(1e-30, float(np.abs(whole).max(initial=0.0)))
    return all(bool((np.abs(whole - row).max(axis=1) <= allowed).any()) for row in part[:ROWS])
