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
    sizes : (int, int)
        Of a batch normalisation: examples of a batch, and numbers of a unit for each.
    """

    weight: Tensor | None
    bias: Tensor | None
    box: Box
    premise: str = ""
    why: str = ""
    sizes: tuple[int, int] = (0, 0)


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
        return NormRead(weight, bias, *_bounds(int(shape[0]), f"layer normalisation over {shape[0]} units"))
    weight, bias, training = (argument(call.args, call.kwargs, k, key) for k, key in _BATCH_NORM)
    if weight is None:
        return NormRead(None, None, (), why="its batch normalisation has no gain")
    if not training:
        return NormRead(None, None, (), why="batch normalisation by running statistics bounds nothing")
    values = given.numel() // max(given.shape[1], 1)
    sizes = size if batch_size is None else batch_size, -(-values // size)
    box, premise = batch_bounds(sizes)
    return NormRead(weight, bias, box, premise, sizes=sizes)


_LAYER_NORM = ((0, "normalized_shape"), (1, "weight"), (2, "bias"))
_BATCH_NORM = ((3, "weight"), (4, "bias"), (5, "training"))


def batch_bounds(sizes: tuple[int, int]) -> tuple[Box, str]:
    """Return what a batch normalisation over so many examples, and numbers for each, puts out, and why."""
    values = sizes[0] * sizes[1]
    return _bounds(values, f"batch normalisation over at most {values} numbers a unit")


def _bounds(values: int, what: str) -> tuple[Box, str]:
    bound = largest_score(values)
    return ((-bound, bound),), f"{what} bounds its input by {bound:.4g} in exact numbers"
