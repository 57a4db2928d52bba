"""Whether what a layer gets is the same in every forward pass over the same data, tried by making more of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from stability.arrays import Floats

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


def moving(again: Callable[[Any, Any], Tables], model: nn.Module, args: Any, named: Any, tables: Tables) -> set[int]:
    """Return the places of the layers whose inputs are others as soon as the trained parameters are.

    So it is seen too where values go by ways that no call of torch shows, as through numpy or compiled code.
    """
    try:
        with others_trained(model):
            other = again(args, named)
    except Exception:
        return set(tables)
    return {k for k, table in tables.items() if k not in other or not np.array_equal(table, other[k])}


@contextmanager
def others_trained(model: nn.Module) -> Iterator[None]:
    """Give the parameters that are trained other values meanwhile.

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
    found = [p for p in model.parameters() if p.requires_grad and type(p) is nn.Parameter and p.layout == torch.strided]
    kept = [p.data for p in found]
    generator = torch.Generator().manual_seed(0)
    try:
        for p, own in zip(found, kept, strict=True):
            drawn = torch.randn(own.shape, generator=generator).to(own.device, own.dtype)
            p.data = drawn * (1 + own.abs()) - own
        yield
    finally:
        for p, own in zip(found, kept, strict=True):
            p.data = own


def halved(args: Any, named: Any) -> tuple[Any, Any] | None:
    """Return the arguments with the first half of the examples; None where there are less than two.

    Examples
    --------
    >>> import torch
    >>> halved((torch.zeros(4, 2),), {})[0][0].shape
    torch.Size([2, 2])
    """
    sizes = [each.shape[0] for each in (*args, *named.values()) if isinstance(each, Tensor) and each.ndim]
    if not sizes or sizes[0] < 2:
        return None

    def half(value: Any) -> Any:
        whole = isinstance(value, Tensor) and value.ndim and value.shape[0] == sizes[0]
        return value[: sizes[0] // 2] if whole else value

    return tuple(map(half, args)), {key: half(value) for key, value in named.items()}


def _within(part: Floats, whole: Floats) -> bool:
    """Return whether the first rows of a table are rows of another."""
    if part.shape[1:] != whole.shape[1:]:
        return False
    allowed = NEAR * max(1e-30, float(np.abs(whole).max(initial=0.0)))
    return all(bool((np.abs(whole - row).max(axis=1) <= allowed).any()) for row in part[:ROWS])
