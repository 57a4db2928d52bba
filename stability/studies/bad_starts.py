"""Trainings on digits that start badly or take steps too large: left alone, under a policy, and by other remedies."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from stability.studies.perceptron_trainings import perceptron
from stability.studies.small_trainings import entropy_losses, minibatches
from stability.studies.training_data import digits_split
from stability.training.control.controller import Controller

Tensor = torch.Tensor
STEPS, SIZE, EVERY, RATE = 600, 64, 10, 1e-3
DORMANT = 0.025
"""A unit whose mean output is a smaller share of the mean of its layer is drawn anew by `recycle`."""


def _scaled(weights: float, biases: float = 1.0) -> Callable[[nn.Sequential], None]:
    def scale(model: nn.Sequential) -> None:
        for part in _maps(model):
            part.weight.mul_(weights)
            part.bias.mul_(biases)

    return scale


def _biases(value: float, places: slice) -> Callable[[nn.Sequential], None]:
    def fill(model: nn.Sequential) -> None:
        for part in _maps(model)[:-1][places]:
            part.bias.fill_(value)

    return fill


@dataclass(frozen=True)
class BadStart:
    """What is done to a network before it is trained, and the learning rate."""

    spoil: Callable[[nn.Sequential], None]
    rate: float = RATE


BAD_STARTS: Mapping[str, BadStart] = {
    "none": BadStart(lambda model: None),
    "biases -5 in one layer": BadStart(_biases(-5.0, slice(1, 2))),
    "biases -1 everywhere": BadStart(_biases(-1.0, slice(None))),
    "weights times 1e-3": BadStart(_scaled(1e-3)),
    "weights and biases times 1e-3": BadStart(_scaled(1e-3, 1e-3)),
    "weights times 20": BadStart(_scaled(20.0)),
    "step 1": BadStart(lambda model: None, 1.0),
}

REMEDIES = ("none", "recycle", "scale first", "draw anew")
"""Without a controller: nothing; dormant units drawn anew at every tenth of the training (ReDo: Sokar et al., 2023);
unit variances by data before the training; another start as torch draws it."""


@dataclass(frozen=True)
class Outcome:
    """The accuracy and the loss at the end of one training, and how many interventions there were."""

    start: str
    remedy: str
    seed: int
    accuracy: float
    loss: float
    interventions: int


def badly_started_run(start: str, remedy: str, seed: int, steps: int = STEPS) -> dict[str, Any]:
    """Return how `train_badly_started` ends as plain data; a task of a sweep."""
    return asdict(train_badly_started(start, remedy, seed, steps))


def train_badly_started(start: str, remedy: str, seed: int, steps: int = STEPS) -> Outcome:
    """Train 64-64-64-64-10 on digits by Adam from a bad start, and return how it ends.

    Parameters
    ----------
    start : str
        A key of `BAD_STARTS`.
    remedy : str
        One of `REMEDIES`, or a policy of the controller.
    seed : int
        Of the weights and of the batches.
    steps : int
    """
    torch.manual_seed(seed)
    x, y, u, v = digits_split()
    model, bad = perceptron(64, 64, 64, 64, 10), BAD_STARTS[start]
    if remedy != "draw anew":
        with torch.no_grad():
            bad.spoil(model)
    if remedy == "scale first":
        _scale_first(model, x[:256])
    optimizer = torch.optim.Adam(model.parameters(), bad.rate)
    drawn, now = minibatches(seed, SIZE, x, y), [y]
    controller = None
    if remedy not in REMEDIES:
        controller = Controller(
            model, remedy, every=EVERY, seed=seed, per_example_loss=lambda out: entropy_losses(out, now[0])
        )
    done = 0
    with controller or nullcontext():
        for t in range(steps):
            given, now[0] = drawn()
            optimizer.zero_grad()
            torch.autograd.backward(entropy_losses(model(given), now[0]).mean())
            optimizer.step()
            if remedy == "recycle" and (t + 1) % max(steps // 10, 1) == 0:
                done += recycle(model, optimizer, given)
    with torch.no_grad():
        right = float((model(u).argmax(1) == v).double().mean())
        loss = float(entropy_losses(model(x), y).mean())
    if controller is not None:
        done = sum(each.action.verb == "repair" and not each.reason for each in controller.log)
    return Outcome(start, remedy, seed, right, loss, done)


def recycle(model: nn.Sequential, optimizer: torch.optim.Optimizer, x: Tensor) -> int:
    """Draw the weights into dormant units anew and set those out of them to 0; return how many units that are."""
    maps, found = _maps(model), []
    with torch.no_grad():
        h = x
        for part in maps[:-1]:
            h = part(h).relu()
            means = h.mean(0)
            found.append(means <= DORMANT * means.mean())
        for (part, after), dormant in zip(pairwise(maps), found, strict=True):
            fresh = nn.Linear(part.in_features, part.out_features)
            for own, new in ((part.weight, fresh.weight), (part.bias, fresh.bias)):
                own[dormant] = new[dormant]
                for value in optimizer.state[own].values():
                    if value.shape == own.shape:
                        value[dormant] = 0
            after.weight[:, dormant] = 0
            for value in optimizer.state[after.weight].values():
                if value.shape == after.weight.shape:
                    value[:, dormant] = 0
    return int(sum(each.sum() for each in found))


def _scale_first(model: nn.Sequential, x: Tensor) -> None:
    """Give every unit mean 0 and variance 1 on a batch, layer by layer."""
    h = x
    with torch.no_grad():
        for part in model:
            if isinstance(part, nn.Linear):
                z = h @ part.weight.T
                spread = z.std(0).clamp_min(1e-30)
                part.weight.div_(spread[:, None])
                part.bias.copy_(-z.mean(0) / spread)
            h = part(h)


def _maps(model: nn.Sequential) -> list[nn.Linear]:
    return [part for part in model if isinstance(part, nn.Linear)]
