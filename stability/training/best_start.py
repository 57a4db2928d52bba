"""The start of lowest loss among several of a network."""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np
import torch
from torch import nn

from stability.errors import DataError, StabilityError
from stability.initialisation.entries import how_many
from stability.training.introspection.batches import batches
from stability.training.introspection.preserve_state import left_as_found
from stability.training.layer_inputs import LayerInputs, without_dropout
from stability.training.start_report import NetworkStart

Draw = Callable[[Any, str, int], NetworkStart]
"""From data, a spelling and a seed to a start of the network."""


def best_start(
    model: nn.Module, data: Any, law: str, draws: str, seed: int, loss: Any, y: Any, inputs: Any, draw: Draw
) -> NetworkStart:
    """Draw a network `draws` times and leave it as the draw whose loss, a mean over examples, is lowest."""
    if not callable(loss) or y is None:
        raise StabilityError(
            "Expected loss= and y= to choose a network by; got none.",
            "Give loss=torch.nn.functional.cross_entropy and y=labels, in the order of the data.",
        )
    number, lowest, kept = how_many(draws), inf, None
    labels = torch.as_tensor(y)
    with left_as_found(model, "found", data), torch.no_grad():
        without_dropout(model)
        parts = list(batches(data))
        for k in range(number):
            own = int(np.random.SeedSequence([seed, k]).generate_state(1, np.uint64)[0] >> np.uint64(1))
            report = draw(iter(parts), law, own)
            found = _loss(LayerInputs(model, iter(parts), inputs), loss, labels)
            if found < lowest:
                lowest, kept = found, (report, [each.detach().clone() for each in model.parameters()])
        if kept is None:
            raise StabilityError("Expected a finite loss of some draw; got none.", "Take another loss or another law.")
        for parameter, value in zip(model.parameters(), kept[1], strict=True):
            parameter.copy_(value)
    layers = [replace(each, tries=each.tries * number) for each in kept[0].layers]
    return NetworkStart(f"best-of:{law}:{number}", seed, tuple(layers))


def _loss(flow: LayerInputs, loss: Any, labels: torch.Tensor) -> float:
    total, at = 0.0, 0
    for z in flow.passes():
        if not isinstance(z, torch.Tensor) or not z.ndim:
            raise DataError(f"Expected a network that returns a tensor; got {type(z).__name__}.", "Wrap it in one.")
        part = labels[at : at + len(z)].to(z.device)
        if len(part) != len(z):
            raise DataError(f"Expected one label for each example; got {len(labels)}.", "Give y= for all the data.")
        total, at = total + float(loss(z, part)) * len(z), at + len(z)
    if at != len(labels):
        raise DataError(f"Expected one label for each of {at} examples; got {len(labels)}.", "Give y= for these data.")
    return total / at
