"""Between which numbers a normalisation puts what a unit gets, whatever the layers before it do.

Of n numbers less their mean, divided by their standard deviation, none is above the root of n - 1 in size (Samuelson's
inequality); a positive eps makes them smaller. Floats keep to that as long as the mean is not much larger than the
spread.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import torch
from torch.nn import functional

from stability.dead_units.layers import Box
from stability.training.introspection.torch_functions import argument

Tensor = torch.Tensor
SLACK = 1 + 2.0**-10
"""By what the bound is taken to be greater, for the rounding of means and variances."""


@dataclass(frozen=True, eq=False)
class NormRead:
    """A normalisation before a ReLU as a unit with one weight, its gain, whose input is the normalised number.

    Attributes
    ----------
    weight, bias : tensor or None
    box : Box
    premise, why : str
        As in `Read`.
    """

    weight: Tensor | None
    bias: Tensor | None
    box: Box
    premise: str = ""
    why: str = ""


def largest_score(values: int) -> float:
    """Return how large one of so many normalised numbers can be.

    Examples
    --------
    >>> round(largest_score(5), 2)
    2.0
    """
    return sqrt(max(values - 1, 0)) * SLACK


def norm_box(call: Any, batch_size: int | None, size: int) -> NormRead:
    """Return a normalisation as a unit.

    Parameters
    ----------
    call : Call
        Of batch_norm or layer_norm.
    batch_size : int or None
        The most examples of a batch; None for those of this one.
    size : int
        Examples of this batch; each may have several places, or steps.
    """
    given = call.given
    if call.func is functional.layer_norm:
        shape, weight, bias = (argument(call.args, call.kwargs, k + 1, key) for k, key in _LAYER_NORM)
        if weight is None or len(shape) != 1:
            return NormRead(None, None, (), why="its layer normalisation has no gain for each unit")
        return _read(weight, bias, int(shape[0]), f"layer normalisation over {shape[0]} units")
    weight, bias, training = (argument(call.args, call.kwargs, k, key) for k, key in _BATCH_NORM)
    if weight is None:
        return NormRead(None, None, (), why="its batch normalisation has no gain")
    if not training:
        return NormRead(None, None, (), why="batch normalisation by running statistics bounds nothing")
    values = given.numel() // max(given.shape[1], 1)
    if batch_size is not None:
        values = batch_size * -(-values // size)
    return _read(weight, bias, values, f"batch normalisation over at most {values} numbers a unit")


_LAYER_NORM = ((0, "normalized_shape"), (1, "weight"), (2, "bias"))
_BATCH_NORM = ((3, "weight"), (4, "bias"), (5, "training"))


def _read(weight: Tensor, bias: Tensor | None, values: int, what: str) -> NormRead:
    bound = largest_score(values)
    premise = f"{what} bounds its input by {bound:.4g} in exact numbers"
    return NormRead(weight, bias, ((-bound, bound),), premise)
