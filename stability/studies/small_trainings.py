"""What a small training of any network is made of, and the parts that most of them share."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import cos, pi
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

Tensor = torch.Tensor

Note = Callable[[str, Tensor], None]
"""Called with the name of a network and its loss, before the optimiser steps."""

Losses = Callable[[Any, Tensor], Tensor]
"""(outputs, targets) -> the loss of every example, or of every place of it."""


@dataclass(frozen=True)
class SmallRun:
    """One training, ready to make its steps.

    Attributes
    ----------
    networks : mapping of str to Module
        By name; most trainings have one, "model".
    optimisers : mapping of str to Optimizer
        That of each network.
    step : callable
        Makes one step of training; it is handed what takes the loss of a network.
    score : callable
        How well the networks do on examples that they were not trained on, larger is better. Random numbers that it
        draws are those of the training: call it at the end.
    per_example_loss : callable, optional
        From outputs on the batch of the latest step to the loss of every example, where there is such a thing.
    """

    networks: Mapping[str, nn.Module]
    optimisers: Mapping[str, torch.optim.Optimizer]
    step: Callable[[Note], None]
    score: Callable[[], float]
    per_example_loss: Callable[[Any], Tensor] | None = None


@dataclass(frozen=True)
class SmallTraining:
    """An entry of a table of trainings.

    Attributes
    ----------
    name, about : str
    steps : int
        How many steps it takes.
    chance, learned : float
        The score of what has learned nothing, and one that every healthy run exceeds.
    build : callable
        From a seed to a run; it draws from the global random state, which `run_training` seeds.
    """

    name: str
    about: str
    steps: int
    chance: float
    learned: float
    build: Callable[[int], SmallRun]


def batches(seed: int, size: int, count: int) -> Iterator[Tensor]:
    """Yield places of a mini-batch, epoch after epoch, in an order of their own; whole batches only.

    Examples
    --------
    >>> from itertools import islice
    >>> [len(each) for each in islice(batches(0, 4, 10), 3)]
    [4, 4, 4]
    """
    stream = torch.Generator().manual_seed(seed)
    while True:
        order = torch.randperm(count, generator=stream)
        yield from order[: count - count % size].split(size)  # type: ignore[no-untyped-call]


def minibatches(seed: int, size: int, x: Tensor, y: Tensor) -> Callable[[], tuple[Tensor, Tensor]]:
    """Return what hands over the inputs and targets of the next mini-batch."""
    places = batches(seed, size, len(x))

    def drawn() -> tuple[Tensor, Tensor]:
        chosen = next(places)
        return x[chosen], y[chosen]

    return drawn


def warmed_up(optimiser: torch.optim.Optimizer, steps: int, warmup: int = 0) -> LambdaLR:
    """Return a schedule: a linear rise for so many steps, then half a cosine down to a hundredth."""

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        share = min(1.0, (step - warmup) / max(1, steps - warmup))
        return 0.01 + 0.99 * (1 + cos(pi * share)) / 2

    return LambdaLR(optimiser, factor)


def supervised(
    model: nn.Module,
    drawn: Callable[[], tuple[Tensor, Tensor]],
    losses: Losses,
    optimiser: torch.optim.Optimizer,
    score: Callable[[], float],
    schedule: LambdaLR | None = None,
    clip: float | None = None,
) -> SmallRun:
    """Return the usual training of one network.

    Parameters
    ----------
    model : Module
    drawn : callable
        Returns the inputs and targets of the next batch.
    losses : callable
    optimiser : Optimizer
    score : callable
    schedule : LambdaLR, optional
        Stepped after every step.
    clip : float, optional
        The largest norm of the gradient.
    """
    latest: list[Tensor] = []

    def step(note: Note) -> None:
        x, y = drawn()
        latest[:] = [y]
        optimiser.zero_grad()
        loss = losses(model(x), y).mean()
        note("model", loss)
        loss.backward()  # type: ignore[no-untyped-call]
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimiser.step()
        if schedule is not None:
            schedule.step()

    def per_example(out: Any) -> Tensor:
        found = losses(out, latest[0])
        return found.reshape(len(latest[0]), -1).mean(1)

    return SmallRun({"model": model}, {"model": optimiser}, step, score, per_example)


def accuracy(model: nn.Module, x: Tensor, y: Tensor) -> Callable[[], float]:
    """Return what computes the share of examples, or of places in them, whose largest output is that of their label."""

    def score() -> float:
        with evaluated(model), torch.no_grad():
            return float((model(x).argmax(-1) == y).double().mean())

    return score


def explained(model: nn.Module, x: Tensor, y: Tensor) -> Callable[[], float]:
    """Return what computes 1 - (mean squared error) / (variance of the targets)."""

    def score() -> float:
        with evaluated(model), torch.no_grad():
            return 1 - float((model(x) - y).square().mean() / (y - y.mean(0)).square().mean())

    return score


class evaluated:  # noqa: N801
    """Holds networks in evaluation mode for a while."""

    def __init__(self, *models: nn.Module) -> None:
        self.modes = {part: part.training for model in models for part in model.modules()}

    def __enter__(self) -> None:
        for part in self.modes:
            part.training = False

    def __exit__(self, *error: object) -> None:
        for part, mode in self.modes.items():
            part.training = mode


def entropy_losses(out: Tensor, labels: Tensor) -> Tensor:
    """Return the cross-entropy of every example or place; classes stand on the last axis of the outputs."""
    return nn.functional.cross_entropy(out.flatten(0, -2), labels.flatten(), reduction="none").view(labels.shape)


def squared_losses(out: Tensor, targets: Tensor) -> Tensor:
    """Return the squared error of every entry."""
    return (out - targets).square()
