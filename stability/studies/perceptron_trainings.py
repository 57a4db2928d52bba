"""Small healthy trainings of perceptrons: classes, functions with noise and without, differential equations, pairs."""

from collections.abc import Callable
from itertools import pairwise
from math import pi
from typing import cast

import torch
from torch import nn
from torch.nn import functional

from stability.studies.small_trainings import (
    Note,
    SmallRun,
    SmallTraining,
    accuracy,
    entropy_losses,
    evaluated,
    explained,
    minibatches,
    squared_losses,
    supervised,
)
from stability.studies.training_data import Split, digits_split, moons_split, noisy_function

Tensor = torch.Tensor


def perceptron(*widths: int, activation: Callable[[], nn.Module] = nn.ReLU) -> nn.Sequential:
    """Return affine maps with an activation between them, as torch initialises them."""
    maps = [nn.Linear(a, b) for a, b in pairwise(widths)]
    return nn.Sequential(*[part for each in maps for part in (each, activation())][:-1])


def classified(
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    seed: int,
    size: int,
    split: Split,
    clip: float | None = None,
) -> SmallRun:
    """Return the training of a classifier in mini-batches."""
    x, y, u, v = split
    drawn = minibatches(seed, size, x, y)
    return supervised(model, drawn, entropy_losses, optimiser, accuracy(model, u, v), clip=clip)


def digits(seed: int) -> SmallRun:
    """Return 64-32-32-10 on digits; Adam, batches of 32."""
    model = perceptron(64, 32, 32, 10)
    return classified(model, torch.optim.Adam(model.parameters(), 1e-3), seed, 32, digits_split())


def normalised(seed: int) -> SmallRun:
    """Return a perceptron with batch normalisation and dropout on digits; SGD with momentum."""
    parts = [nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.3)]
    more = [nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 10)]
    model = nn.Sequential(*parts, *more)
    optimiser = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9, weight_decay=1e-4)
    return classified(model, optimiser, seed, 64, digits_split())


def sine(seed: int) -> SmallRun:
    """Return 1-64-64-1 on one period of the sine, all 256 points in every step, until it fits; Adam."""
    x = torch.linspace(-3, 3, 256)[:, None]
    u = torch.linspace(-2.9, 2.9, 100)[:, None]
    model = perceptron(1, 64, 64, 1)
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    return supervised(model, lambda: (x, x.sin()), squared_losses, optimiser, explained(model, u, u.sin()))


def noisy_regression(seed: int) -> SmallRun:
    """Return 8-64-64-1 on a function with noise, which no network can fit; SGD with momentum."""
    x, y, u, v = noisy_function()
    model, drawn = perceptron(8, 64, 64, 1), minibatches(seed, 50, x, y)
    optimiser = torch.optim.SGD(model.parameters(), 0.02, momentum=0.9)
    return supervised(model, drawn, squared_losses, optimiser, explained(model, u, v))


def moons(seed: int) -> SmallRun:
    """Return 2-32-32-1 on two half circles, all points in every step, far beyond the last error; Adam."""
    x, y, u, v = moons_split()
    model = perceptron(2, 32, 32, 1)

    def losses(out: Tensor, labels: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(out, labels, reduction="none")

    def score() -> float:
        with torch.no_grad():
            return float(((model(u) > 0) == (v > 0.5)).double().mean())

    return supervised(model, lambda: (x, y), losses, torch.optim.Adam(model.parameters(), 5e-3), score)


def physics_informed(seed: int) -> SmallRun:
    """Return 1-32-32-1 with tanh that solves u'' = -pi^2 sin(pi x), u(-1) = u(1) = 0; Adam, two passes a step."""
    model = perceptron(1, 32, 32, 1, activation=nn.Tanh)
    optimiser = torch.optim.Adam(model.parameters(), 2e-3)
    stream = torch.Generator().manual_seed(seed)
    ends = torch.tensor([[-1.0], [1.0]])

    def step(note: Note) -> None:
        x = (2 * torch.rand(128, 1, generator=stream) - 1).requires_grad_()
        (slope,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
        (curvature,) = torch.autograd.grad(slope.sum(), x, create_graph=True)
        residual = curvature / pi**2 + (pi * x).sin()
        loss = residual.square().mean() + model(ends).square().mean()
        note("model", loss)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    x = torch.linspace(-1, 1, 101)[:, None]
    return SmallRun({"model": model}, {"model": optimiser}, step, explained(model, x, (pi * x).sin()))


def siamese(seed: int) -> SmallRun:
    """Return 64-64-64-16 that brings equal digits together, three passes in every step; Adam, triplet loss.

    The score is the share of digits whose nearest neighbour among those trained on has their label.
    """
    x, y, u, v = digits_split()
    model = perceptron(64, 64, 64, 16)
    optimiser = torch.optim.Adam(model.parameters(), 1e-3)
    stream = torch.Generator().manual_seed(seed)
    members = [torch.nonzero(y == label)[:, 0] for label in range(10)]

    def chosen(labels: Tensor) -> Tensor:
        places = [members[k][torch.randint(len(members[k]), (1,), generator=stream)] for k in labels.tolist()]
        return x[torch.cat(places)]

    def step(note: Note) -> None:
        own = torch.randint(10, (48,), generator=stream)
        other = (own + torch.randint(1, 10, (48,), generator=stream)) % 10
        anchor, near, far = model(chosen(own)), model(chosen(own)), model(chosen(other))
        loss = functional.triplet_margin_loss(anchor, near, far)
        note("model", loss)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()

    def score() -> float:
        with evaluated(model), torch.no_grad():
            nearest = torch.cdist(model(u), model(x)).argmin(1)
        return float((y[nearest] == v).double().mean())

    return SmallRun({"model": model}, {"model": optimiser}, step, score)


def small_batches(seed: int) -> SmallRun:
    """Return 64-32-32-10 on digits in batches of 8; SGD with momentum."""
    model = perceptron(64, 32, 32, 10)
    optimiser = torch.optim.SGD(model.parameters(), 0.02, momentum=0.9)
    return classified(model, optimiser, seed, 8, digits_split())


def deep(seed: int) -> SmallRun:
    """Return ten layers of 32 units on digits, normal weights that keep variances; Adam, clipping."""
    model = perceptron(64, *[32] * 9, 10)
    for part in model:
        if isinstance(part, nn.Linear):
            nn.init.kaiming_normal_(part.weight)
            nn.init.zeros_(part.bias)
    return classified(model, torch.optim.Adam(model.parameters(), 1e-3), seed, 64, digits_split(), clip=1.0)


class Mixture(nn.Module):
    """Four perceptrons, each of which gets the examples that a linear gate gives to it, and some may get none."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(64, 4)
        self.experts = nn.ModuleList([perceptron(64, 32, 10) for _ in range(4)])

    def forward(self, x: Tensor) -> Tensor:
        """Return a number for each class."""
        shares = self.gate(x).softmax(1)
        share, chosen = shares.max(1)
        out = x.new_zeros(len(x), 10)
        for k, expert in enumerate(self.experts):
            places = torch.nonzero(chosen == k)[:, 0]
            out = out.index_add(0, places, expert(x[places]) * share[places, None])
        return out


def mixture(seed: int) -> SmallRun:
    """Return a mixture of experts on digits; Adam, batches of 64."""
    model = Mixture()
    return classified(model, torch.optim.Adam(model.parameters(), 3e-3), seed, 64, digits_split())


class Variational(nn.Module):
    """A variational autoencoder; returns the picture and what its code costs, (n, 64) and (n,)."""

    def __init__(self, code: int = 6) -> None:
        super().__init__()
        self.encoder, self.decoder = perceptron(64, 64, 2 * code), perceptron(code, 64, 64)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return pictures from codes that are drawn in training and means in evaluation."""
        mean, spread = self.encoder(x).chunk(2, 1)
        drawn = mean + torch.randn_like(mean) * (spread / 2).exp() if self.training else mean
        cost = (mean.square() + spread.exp() - spread - 1).sum(1) / 2
        return cast(Tensor, self.decoder(drawn)), cost


def variational(seed: int) -> SmallRun:
    """Return a variational autoencoder on digits, 64-64-6-64-64; Adam."""
    x, _, u, _ = digits_split()
    model, drawn = Variational(), minibatches(seed, 64, x, x)

    def losses(out: tuple[Tensor, Tensor], pictures: Tensor) -> Tensor:
        return 20 * (out[0] - pictures).square().sum(1) + out[1]

    def score() -> float:
        with evaluated(model), torch.no_grad():
            return 1 - float((model(u)[0] - u).square().mean() / (u - u.mean(0)).square().mean())

    return supervised(model, drawn, losses, torch.optim.Adam(model.parameters(), 2e-3), score)


PERCEPTRON_TRAININGS = (
    SmallTraining("digits", "64-32-32-10 on digits, Adam", 700, 0.1, 0.85, digits),
    SmallTraining("normalised", "batch normalisation and dropout on digits, SGD", 500, 0.1, 0.85, normalised),
    SmallTraining("small-batches", "64-32-32-10 on digits in batches of 8, SGD", 800, 0.1, 0.8, small_batches),
    SmallTraining("deep", "ten layers of 32 units on digits, Adam", 600, 0.1, 0.8, deep),
    SmallTraining("mixture", "a mixture of four experts on digits, Adam", 500, 0.1, 0.85, mixture),
    SmallTraining("sine", "1-64-64-1 on the sine until it fits, Adam", 700, 0.0, 0.95, sine),
    SmallTraining("noisy-regression", "8-64-64-1 on a function with noise, SGD", 600, 0.0, 0.7, noisy_regression),
    SmallTraining("moons", "2-32-32-1 on half circles beyond the last error, Adam", 600, 0.5, 0.9, moons),
    SmallTraining("physics-informed", "a differential equation with tanh, Adam", 600, 0.0, 0.9, physics_informed),
    SmallTraining("siamese", "triplets of digits, three passes a step, Adam", 500, 0.1, 0.85, siamese),
    SmallTraining("variational", "a variational autoencoder on digits, Adam", 700, 0.0, 0.6, variational),
)
