"""The pre-activations inside fused recurrent functions, computed anew from what went in and came out."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch.nn import functional

from stability.training.introspection.torch_functions import named

Tensor = torch.Tensor

LAYERS, CELLS = named("rnn_relu"), named("rnn_relu_cell")


class Hidden(NamedTuple):
    """What one ReLU inside got; row j of the weight, which sees the input, makes unit j."""

    z: Tensor
    weight: Tensor
    bias: Tensor | None


def hidden_relus(func: Any, args: Sequence[Any], out: Any) -> list[Hidden] | str:
    """Return what the ReLUs inside a recurrent function got, or why that cannot be computed.

    Parameters
    ----------
    func : callable
        Of `LAYERS` or `CELLS`.
    args : sequence
        As torch passes them.
    out : any
        What it returned.
    """
    if func in CELLS:
        x, before, own, back = args[:4]
        first, second = (*args[4:6], None, None)[:2]
        return [Hidden(functional.linear(x, own, first) + functional.linear(before, back, second), own, first)]
    if len(args) != 9 or not isinstance(args[2], tuple | list):
        return "its pre-activations stay inside a fused recurrent function, of sequences of several lengths"
    x, start, weights, biased, layers, _, _, both, batch_first = args
    if layers != 1:
        return f"its pre-activations stay inside a fused recurrent function of {layers} layers"
    steps, found = 1 if batch_first else 0, []
    for k, states in enumerate(out[0].chunk(2 if both else 1, -1)):
        own, back, *biases = weights[k * (4 if biased else 2) :][: 4 if biased else 2]
        first, second = biases or (None, None)
        entry, length = start[k].unsqueeze(steps), states.shape[steps]
        parts = [states.narrow(steps, 1, length - 1), entry] if k else [entry, states.narrow(steps, 0, length - 1)]
        before = torch.cat(parts, steps)
        z = functional.linear(x, own, first) + functional.linear(before, back, second)
        found.append(Hidden(z, own, first))
    return found
