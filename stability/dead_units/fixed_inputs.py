"""Whether what a layer gets is the same in every forward pass over the same data, tried by making more of them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

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
