"""Trainings that are broken on purpose, at least one for each alarm: what is done, and which alarm has to say so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from stability.studies.healthy_trainings import run_training
from stability.studies.perceptron_trainings import classified, perceptron
from stability.studies.small_trainings import Note, SmallRun, SmallTraining, entropy_losses, squared_losses, supervised
from stability.studies.training_data import digits_split
from stability.training.monitoring.monitor import Monitor

Tensor = torch.Tensor

ADAM = 1e-3
XOR_POINTS = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]).repeat(4, 1)
XOR_LABELS = torch.tensor([[0.0], [1.0], [1.0], [0.0]]).repeat(4, 1)


@dataclass(frozen=True)
class TrainingFailure:
    """An entry of the table of failures.

    Attributes
    ----------
    name, about : str
    alarms : tuple of str
        Kinds of alarms each of which has to be raised.
    readings : int
        Within how many readings, one at every step.
    layer : str
        The layer that one of these alarms has to name; empty if that does not matter.
    build : callable
        From a seed to a run.
    """

    name: str
    about: str
    alarms: tuple[str, ...]
    readings: int
    build: Callable[[int], SmallRun]
    layer: str = ""

    def training(self) -> SmallTraining:
        """Return it as a training of so many steps as there are readings."""
        return SmallTraining(self.name, self.about, self.readings, 0.0, 1.0, self.build)


def _deep() -> nn.Sequential:
    return perceptron(64, 64, 64, 64, 10)


def _maps(model: nn.Sequential) -> list[nn.Linear]:
    return [part for part in model if isinstance(part, nn.Linear)]


def _on_digits(model: nn.Module, seed: int, optimiser: torch.optim.Optimizer | None = None) -> SmallRun:
    chosen = torch.optim.Adam(model.parameters(), ADAM) if optimiser is None else optimiser
    return classified(model, chosen, seed, 64, digits_split())


def _biased(bias: float, *places: int) -> Callable[[int], SmallRun]:
    """Return what gives the hidden maps at these places (all of them if there are none) such biases."""

    def build(seed: int) -> SmallRun:
        model = _deep()
        with torch.no_grad():
            for place in places or (0, 1, 2):
                _maps(model)[place].bias.fill_(bias)
        return _on_digits(model, seed)

    return build


def _scaled(factor: float) -> Callable[[int], SmallRun]:
    def build(seed: int) -> SmallRun:
        model = _deep()
        with torch.no_grad():
            for part in _maps(model):
                part.weight.mul_(factor)
        return _on_digits(model, seed)

    return build


def _adam(rate: float) -> Callable[[int], SmallRun]:
    def build(seed: int) -> SmallRun:
        model = _deep()
        return _on_digits(model, seed, torch.optim.Adam(model.parameters(), rate))

    return build


class _Forgetful(torch.optim.Adam):
    def zero_grad(self, set_to_none: bool = True) -> None:
        """Leave gradients as they are."""


def forgotten(seed: int) -> SmallRun:
    """Return a training in which nobody sets gradients to zero."""
    model = _deep()
    return _on_digits(model, seed, _Forgetful(model.parameters(), ADAM))


def without_step(seed: int) -> SmallRun:
    """Return a training on the same 256 digits in every step, whose steps are far too small."""
    x, y, _, _ = digits_split()
    model = _deep()
    optimiser = torch.optim.Adam(model.parameters(), 1e-9)
    return supervised(model, lambda: (x[:256], y[:256]), entropy_losses, optimiser, lambda: 0.0)


def broken_weight(seed: int, at: int = 5, place: int = 1) -> SmallRun:
    """Return a training into one of whose weights a nan is written before a step."""
    model = _deep()
    run, made = _on_digits(model, seed), [0]

    def step(note: Note) -> None:
        if made[0] == at:
            with torch.no_grad():
                _maps(model)[place].weight[0, 0] = torch.nan
        made[0] += 1
        run.step(note)

    return SmallRun(run.networks, run.optimisers, step, run.score, run.per_example_loss)


def _chain(activation: type[nn.Module], gain: float, depth: int) -> Callable[[int], SmallRun]:
    """Return a deep network whose weights are too small or too large by a factor at every layer."""

    def build(seed: int) -> SmallRun:
        model = perceptron(64, *[32] * depth, 10, activation=activation)
        for part in _maps(model):
            nn.init.kaiming_normal_(part.weight)
            nn.init.zeros_(part.bias)
            with torch.no_grad():
                part.weight.mul_(gain)
        return _on_digits(model, seed)

    return build


def diverging(seed: int) -> SmallRun:
    """Return a regression whose gradient descent takes steps that are too large for its curvature."""
    x = torch.randn(256, 8, generator=torch.Generator().manual_seed(seed))
    model = perceptron(8, 64, 64, 1)
    optimiser = torch.optim.SGD(model.parameters(), 0.5)
    return supervised(model, lambda: (x, 10 * x[:, :1]), squared_losses, optimiser, lambda: 0.0)


def _on_xor(weights: Tensor, biases: Tensor, out: Tensor, constant: float, rate: float) -> SmallRun:
    model = perceptron(2, len(weights), 1)
    first, last = _maps(model)
    with torch.no_grad():
        first.weight.copy_(weights)
        first.bias.copy_(biases)
        last.weight.copy_(out)
        last.bias.fill_(constant)
    optimiser = torch.optim.SGD(model.parameters(), rate)
    return supervised(model, lambda: (XOR_POINTS, XOR_LABELS), squared_losses, optimiser, lambda: 0.0)


def trap(seed: int) -> SmallRun:
    """Return a network on XOR near the best affine fit, whose units see everything: the output is 1/2."""
    weights = 1e-6 * torch.randn(4, 2)
    return _on_xor(weights, torch.ones(4), torch.full((1, 4), 0.125), 0.0, 0.05)


def symmetric(seed: int) -> SmallRun:
    """Return two units on XOR along (1, -1), whose gradient has no part that turns them."""
    weights = 0.1 * torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
    return _on_xor(weights, torch.zeros(2), torch.tensor([[0.5, 0.5]]), 0.0, 0.05)


FAILURES: dict[str, TrainingFailure] = {
    each.name: each
    for each in (
        TrainingFailure(
            "dead layer",
            "biases of -5 in one layer",
            ("dead units", "dead from initialisation"),
            1,
            _biased(-5.0, 1),
            "2",
        ),
        TrainingFailure(
            "negative biases", "biases of -1 in all hidden layers", ("dead data", "dead units"), 1, _biased(-1.0)
        ),
        TrainingFailure("affine layers", "biases of 10 in all hidden layers", ("affine units",), 3, _biased(10.0), "0"),
        TrainingFailure(
            "tiny scale", "weights a thousandth of torch's", ("small start", "large update"), 5, _scaled(1e-3), "2"
        ),
        TrainingFailure("large scale", "weights 20 times torch's", ("large start",), 1, _scaled(20.0)),
        TrainingFailure("huge scale", "weights 300 times torch's", ("large start",), 1, _scaled(300.0), "0"),
        TrainingFailure("large step", "Adam with steps of 1", ("exploding loss", "large update"), 5, _adam(1.0)),
        TrainingFailure("no step", "Adam with steps of 1e-9", ("plateau",), 25, without_step),
        TrainingFailure("rate of zero", "Adam with a learning rate of 0", ("no update",), 4, _adam(0.0)),
        TrainingFailure("no zero_grad", "Adam by gradients that add up", ("gradient kept",), 4, forgotten),
        TrainingFailure("nan", "a weight becomes nan before step 5", ("not finite",), 6, broken_weight, "2"),
        TrainingFailure("vanishing", "30 layers with sigmoid", ("vanishing gradient",), 5, _chain(nn.Sigmoid, 1.0, 30)),
        TrainingFailure("shrinking", "20 layers of half the size", ("plateau",), 30, _chain(nn.ReLU, 0.5, 20)),
        TrainingFailure("growing", "10 layers of four times the size", ("large start",), 1, _chain(nn.ReLU, 4.0, 10)),
        TrainingFailure(
            "diverging",
            "gradient descent with too large a step",
            ("exploding gradient", "exploding weights", "exploding loss", "exploding pre-activations"),
            5,
            diverging,
        ),
        TrainingFailure("trap", "XOR at the best affine fit", ("plateau", "affine units", "bias freeze"), 30, trap),
        TrainingFailure("no torque", "XOR along the axis of symmetry", ("no torque",), 1, symmetric, "0"),
    )
}
"""All of them, by name."""


@dataclass(frozen=True)
class FoundFailure:
    """What a monitor said of a failure.

    Attributes
    ----------
    failure : str
    seed : int
    first : dict of str to int
        For each kind of alarm that was raised, in which reading it was first, counted from 1.
    layers : dict of str to list of str
        The layers that it named.
    """

    failure: str
    seed: int
    first: Mapping[str, int]
    layers: Mapping[str, list[str]]

    @property
    def detected(self) -> bool:
        """Whether every alarm that has to be raised was."""
        return {*FAILURES[self.failure].alarms} <= {*self.first}

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        expected = list(FAILURES[self.failure].alarms)
        return {
            "failure": self.failure,
            "seed": self.seed,
            "expected": expected,
            "detected": self.detected,
            "first": dict(self.first),
            "layers": dict(self.layers),
        }


def found_failure(failure: TrainingFailure, seed: int) -> FoundFailure:
    """Make the run of a failure under a monitor, and say what it raised."""
    run = run_training(failure.training(), seed, every=1, steps=failure.readings)
    first: dict[str, int] = {}
    layers: dict[str, list[str]] = {}
    monitor: Monitor
    for monitor in run.monitors.values():
        for place, reading in enumerate(monitor.readings, start=1):
            for alarm in reading.alarms:
                first.setdefault(alarm.kind, place)
                named = layers.setdefault(alarm.kind, [])
                if alarm.layer not in named:
                    named.append(alarm.layer)
    return FoundFailure(failure.name, seed, first, layers)
