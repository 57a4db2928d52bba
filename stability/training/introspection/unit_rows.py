"""Which entries of a weight make one unit, and which parameter a weight is a view of."""

from typing import Any, NamedTuple, TypeGuard

import torch
from torch import nn

Tensor = torch.Tensor


class UnitRows(NamedTuple):
    """The axes of a weight that count the units it makes.

    Attributes
    ----------
    axes : tuple of int
        In their order, the slowest first; after the groups were split off, where there are any.
    groups : int
        Into how many the first axis is split, as in transposed convolutions; 0 where it is left whole.

    Examples
    --------
    >>> import torch
    >>> UnitRows((1,)).table(torch.zeros(3, 5)).shape
    torch.Size([5, 3])
    """

    axes: tuple[int, ...] = (0,)
    groups: int = 0

    def table(self, weight: Tensor) -> Tensor:
        """Return a weight, or its gradient, as a tensor (units, entries)."""
        if self == FIRST:
            return weight if weight.ndim == 2 else weight.flatten(1) if weight.ndim > 2 else weight.reshape(1, -1)
        whole = weight.reshape(self.groups, -1, *weight.shape[1:]) if self.groups else weight
        first = whole.movedim(self.axes, tuple(range(len(self.axes))))
        return first.flatten(0, len(self.axes) - 1).reshape(first.shape[: len(self.axes)].numel(), -1)


FIRST = UnitRows()
"""Row j makes unit j, as in linear maps and convolutions."""


def is_parameter(tensor: Any) -> TypeGuard[nn.Parameter]:
    """Return whether a tensor is a parameter; torch's own answer is slow for what is none."""
    kind = type(tensor)
    return kind is nn.Parameter or (kind is not Tensor and isinstance(tensor, nn.Parameter))


def parameter_of(weight: Tensor) -> tuple[Tensor, tuple[int, ...]] | None:
    """Return of which parameter a tensor is a permutation, and which axis of the parameter each of its axes is.

    None if it is none, or if torch cannot say.
    """
    if is_parameter(weight):
        return weight, tuple(range(weight.ndim))
    base = None if weight.is_inference() else weight._base
    if not is_parameter(base) or base.ndim != weight.ndim or base.numel() != weight.numel():
        return None
    marks = [*zip(base.shape, base.stride(), strict=True)]
    if len({*marks}) < len(marks) or any(mark not in marks for mark in zip(weight.shape, weight.stride(), strict=True)):
        return None
    return base, tuple(marks.index(mark) for mark in zip(weight.shape, weight.stride(), strict=True))
