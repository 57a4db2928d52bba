"""Starts of a network that are chosen by its loss: the lowest of several, or the first below or above a threshold."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import inf, isfinite, nan
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from stability.errors import DataError, StabilityError
from stability.initialisation.entries import how_many, number, percentage
from stability.initialisation.table import INITIALISATIONS, parse
from stability.training.initialise_model import spelled
from stability.training.introspection.batches import batches, labels_of
from stability.training.introspection.preserve_state import left_as_found
from stability.training.layer_inputs import LayerInputs, without_dropout
from stability.training.start_report import NetworkStart

Tensor = torch.Tensor
Draw = Callable[[Any, str, int], NetworkStart]
"""From data, a spelling and a seed to a start of the network."""

ABOVE = ("loss-above", "loss-above-percentile")
PERCENTILES = {"loss-percentile": "100", "loss-above-percentile": "100"}
"""Rules with a percentile, and of how many draws it is unless that is given."""


class DrawnStart(NamedTuple):
    """A start of a network.

    Attributes
    ----------
    loss : float
    report : NetworkStart
    weights : list of tensor
    """

    loss: float
    report: NetworkStart
    weights: list[Tensor]


def chooses_by_loss(spelling: str) -> bool:
    """Return whether a spelling chooses among draws by their loss."""
    parse(spelling)
    return "loss" in INITIALISATIONS[spelling.split(":")[0]].needs


def start_by_loss(
    model: nn.Module, data: Any, spelling: str, seed: int, loss: Any, y: Any, inputs: Any, tries: int, draw: Draw
) -> NetworkStart:
    """Draw a network again and again and leave it as the draw that a rule on its loss keeps.

    The draws of a percentile are others than those it is applied to; each is a number of `seed` alone.

    Parameters
    ----------
    model : Module
    data, spelling, seed, loss, y, inputs, tries
        As `initialise_` takes them.
    draw : callable
        Sets the network.

    Raises
    ------
    StabilityError
        If loss or labels are missing or do not fit, or none of the draws is kept.
    """
    if not callable(loss):
        raise StabilityError(
            f"Expected loss= to choose a network by; got {'none' if loss is None else type(loss).__name__}.",
            "Give loss=torch.nn.functional.cross_entropy, and y=labels or batches (x, y).",
        )
    name, law, *entries = spelling.split(":")
    law = spelled(law)
    with left_as_found(model, "found", data), torch.no_grad():
        without_dropout(model)
        draws = _NetworkDraws(model, list(batches(data)), inputs, loss, y, law, seed, draw)
        if name == "best-of":
            threshold, count = None, how_many(entries[0])
            kept = draws.lowest(count)
        else:
            above = name in ABOVE
            threshold = draws.percentile(*entries) if name in PERCENTILES else number(entries[0])
            count, kept = draws.first_beyond(threshold, above, tries)
        for parameter, value in zip(model.parameters(), kept.weights, strict=True):
            parameter.copy_(value)
    layers = tuple(replace(each, tries=each.tries * count) for each in kept.report.layers)
    return NetworkStart(spelling, seed, layers, kept.loss, count, threshold, draws.labels_are)


class _NetworkDraws:
    """Starts of a network by their number, with their losses on all data."""

    def __init__(
        self, model: nn.Module, parts: list[Any], inputs: Any, loss: Any, y: Any, law: str, seed: int, draw: Draw
    ) -> None:
        self.model, self.parts, self.inputs, self.loss = model, parts, inputs, loss
        self.law, self.seed, self._draw, self.labels_are = law, seed, draw, "y="
        self._flow = LayerInputs(model, iter(parts), inputs)
        self._labels = self._of_batches(y) if y is None or callable(y) else self._split(y)

    def _of_batches(self, chosen: Any) -> list[Any]:
        with _of_user("y= to return the labels of a batch", "Give y=lambda batch: batch[1], or the labels themselves."):
            found = [labels_of(part, self.model, self.inputs, chosen) for part in self.parts]
        self.labels_are = "; ".join(dict.fromkeys(where for _, where in found))
        return [labels for labels, _ in found]

    def _split(self, y: Any) -> list[Tensor]:
        """Return labels in the order of the data batch by batch."""
        with _of_user("y= as labels in numbers", "Give a tensor, in the order of the data."):
            labels = torch.as_tensor(y)
        sizes = [_examples(*each) for each in self._flow.read]
        if not labels.ndim or len(labels) != sum(sizes):
            raise DataError(
                f"Expected one label for each of {sum(sizes)} examples; got the shape {tuple(labels.shape)}.",
                "Give y= for these data, in their order.",
            )
        device = next((each.device for each in self.model.parameters()), labels.device)
        return [*torch.split(labels.to(device), sizes)]

    def start(self, k: int, *other: int) -> DrawnStart:
        """Return the k-th start; `other` makes those of another series."""
        words = np.random.SeedSequence([self.seed, k, *other]).generate_state(1, np.uint64)
        report = self._draw(iter(self.parts), self.law, int(words[0] >> np.uint64(1)))
        return DrawnStart(self._loss(), report, [each.detach().clone() for each in self.model.parameters()])

    def lowest(self, count: int) -> DrawnStart:
        """Return the start of lowest loss among so many, the first of equals."""
        kept = None
        for k in range(count):
            found = self.start(k)
            if found.loss < (inf if kept is None else kept.loss):
                kept = found
        if kept is None:
            raise StabilityError("Expected a finite loss of some draw; got none.", "Take another loss or another law.")
        return kept

    def percentile(self, share: str, draws: str = PERCENTILES["loss-percentile"]) -> float:
        """Return a percentile of the losses of draws of their own."""
        losses = [self.start(k, 1).loss for k in range(how_many(draws))]
        if not all(map(isfinite, losses)):
            raise StabilityError(
                "Expected finite losses to take a percentile of; got others.", "Take another loss or another law."
            )
        return float(np.percentile(losses, percentage(share)))

    def first_beyond(self, threshold: float, above: bool, tries: int) -> tuple[int, DrawnStart]:
        """Return how many starts were drawn, and the last: the first with a finite loss beyond the threshold."""
        nearest = nan
        for k in range(tries):
            found = self.start(k)
            if isfinite(found.loss) and (found.loss > threshold if above else found.loss < threshold):
                return k + 1, found
            nearest = (max if above else min)(found.loss, nearest if isfinite(nearest) else found.loss)
        side = "above" if above else "below"
        raise StabilityError(
            f"Expected a draw of {self.law} with a loss {side} {threshold:g}; none of {tries:,} has one, the nearest "
            f"{nearest:.4g}.",
            "Ask for another threshold, more tries, or take best-of:BASE:N.",
        )

    def _loss(self) -> float:
        """Return the mean of the loss over examples; batches count by how many they have."""
        total, examples = 0.0, 0
        for z, labels in zip(self._flow.passes(), self._labels, strict=True):
            size = len(labels) if isinstance(labels, Tensor) and labels.ndim else 1
            with _of_user("loss= of what the network returns and of labels", "Try loss(model(x), y) by itself."):
                value = torch.as_tensor(self.loss(z, labels))
            if value.numel() != 1:
                raise DataError(
                    f"Expected a loss that is one number, a mean over examples; got the shape {tuple(value.shape)}.",
                    "Give torch.nn.functional.cross_entropy, or another loss with reduction='mean'.",
                )
            total, examples = total + float(value) * size, examples + size
        return total / examples


@contextmanager
def _of_user(what: str, remedy: str) -> Iterator[None]:
    """Say of an error in what a person gave what was expected of it."""
    try:
        yield
    except StabilityError:
        raise
    except (RuntimeError, TypeError, ValueError, LookupError, AttributeError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"Expected {what}; it ends with: {first}.", remedy) from error


def _examples(args: tuple[Any, ...], named: dict[str, Any]) -> int:
    first = next((each for each in (*args, *named.values()) if isinstance(each, Tensor) and each.ndim), None)
    if first is None:
        raise DataError("Expected batches with a tensor of examples first; got others.", "Give y=lambda batch: ...")
    return len(first)
