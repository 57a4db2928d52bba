"""Which map made a tensor, and where in a trace its ReLU stands."""

from dataclasses import dataclass, field, replace

import torch
from torch import nn

from stability.training.introspection.unit_rows import FIRST, UnitRows

Tensor = torch.Tensor


@dataclass(frozen=True, eq=False)
class Made:
    """Which affine map made a tensor; the tensor is kept so that its id stays its own."""

    tensor: Tensor
    units: int
    source: Tensor | None = None
    weight: Tensor | None = None
    bias: Tensor | None = None
    normed: bool = False
    centred: bool = False
    rows: UnitRows = FIRST
    within: nn.Module | None = None


@dataclass(eq=False)
class Place:
    """Where in the list a ReLU of z stands, and which of z and -z were seen."""

    tensor: Tensor
    place: int
    version: int
    signs: set[int] = field(default_factory=set)


def shared(makers: list[Made]) -> Made:
    """Return what is known of a tensor that several maps made."""
    normed, centred = any(each.normed for each in makers), all(each.centred for each in makers)
    return replace(makers[0], source=None, within=None, weight=None, bias=None, normed=normed, centred=centred)
