"""Single runs that show whether a controller helps or harms, of a deep thin network or a healthy one."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log

import torch
from torch import nn
from torch.nn import functional

from stability.training.control.controller import Controller
from stability.training.control.policies import Policy, adapted
from stability.training.deep.datasets import dataset

Tensor = torch.Tensor

DIGITS_LEVEL, DIGITS_READINGS = log(2), 5
"""From a loss of log 2 on, the right class has a probability of at most 1/2; mini-batches make the loss noisy."""

MOONS_PENALTY = 1e-2
BATCH, PATTERN = 32, (64, 32, 32, 10)


@dataclass(frozen=True)
class Run:
    """How one run ended.

    Attributes
    ----------
    seed : int
    final, best : float
        Accuracy at the end, and the largest after any step or epoch.
    loss : float
        At the end, on what is trained on.
    repairs : dict of str to int
        How many repairs of which kind were made or switched on.
    last : int
        The step of the last of them; -1 if there was none.
    """

    seed: int
    final: float
    best: float
    loss: float
    repairs: dict[str, int]
    last: int = -1


def moons_run(seed: int, policy: Policy | None, epochs: int = 600, depth: int = 50, width: int = 4) -> Run:
    """Train a deep thin network on the 85 points of the two moons, with all of them in every step.

    Glorot weights, zero biases, Adam with step 0.01 and eps 1e-7, binary cross-entropy; accuracies are those on the
    training points. The controller reads at every tenth step.

    Parameters
    ----------
    seed : int
    policy : Policy or None
        Its penalties get the weight `MOONS_PENALTY`.
    epochs, depth, width : int
    """
    x, y, _, _ = _tensors("moons")
    model = _chain([2, *[width] * depth, 1], seed, glorot=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, eps=1e-7)
    fitted = None if policy is None else adapted(policy, penalty=MOONS_PENALTY)

    def losses(out: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(out[:, 0], y.to(out), reduction="none")

    best = 0.0
    with _looked_after(model, fitted, optimizer, losses, seed) as controller:
        for _ in range(epochs):
            out = model(x)
            best = max(best, _right(out, y))
            optimizer.zero_grad()
            losses(out).mean().backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    with torch.no_grad():
        out = model(x)
    final = _right(out, y)
    return _run(seed, final, max(best, final), float(losses(out).mean()), controller)


def digits_run(seed: int, policy: Policy | None, epochs: int = 8) -> Run:
    """Train a healthy network (64-32-32-10) on scikit-learn's digits in mini-batches of 32.

    Torch's own initialisation, Adam with step 0.001, cross-entropy; accuracies are those on held-out digits after
    epochs. The controller reads at every tenth step.

    Parameters
    ----------
    seed : int
        Of weights and batches.
    policy : Policy or None
        Losses above `DIGITS_LEVEL` count as high, and `DIGITS_READINGS` readings show a plateau.
    epochs : int
    """
    x, y, x_val, y_val = _tensors("digits")
    model = _chain(PATTERN, seed, glorot=False)
    optimizer = torch.optim.Adam(model.parameters())
    fitted = None if policy is None else adapted(policy, DIGITS_LEVEL, DIGITS_READINGS)
    stream, labels, best = torch.Generator().manual_seed(seed), y, 0.0

    def losses(out: Tensor) -> Tensor:
        return functional.cross_entropy(out, labels, reduction="none")

    with _looked_after(model, fitted, optimizer, losses, seed) as controller:
        for _ in range(epochs):
            for batch in torch.randperm(len(y), generator=stream).split(BATCH):  # type: ignore[no-untyped-call]
                labels = y[batch]
                optimizer.zero_grad()
                losses(model(x[batch])).mean().backward()  # type: ignore[no-untyped-call]
                optimizer.step()
            with torch.no_grad():
                final = _right(model(x_val), y_val)
            best = max(best, final)
    labels = y
    with torch.no_grad():
        loss = float(losses(model(x)).mean())
    return _run(seed, final, best, loss, controller)


def deep_thin(seed: int, depth: int, width: int) -> tuple[nn.Module, Tensor]:
    """Return a deep thin network as `moons_run` starts it, and the points of the moons."""
    return _chain([2, *[width] * depth, 1], seed, glorot=True), _tensors("moons")[0]


RUNS: dict[str, Callable[..., Run]] = {"moons": moons_run, "digits": digits_run}


@cache
def _tensors(name: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    data = dataset(name)
    points = [torch.tensor(each, dtype=torch.float32) for each in (data.x_train, data.x_val)]
    labels = [torch.tensor(each) for each in (data.y_train, data.y_val)]
    return points[0], labels[0], points[1], labels[1]


def _chain(widths: Sequence[int], seed: int, glorot: bool) -> nn.Sequential:
    """Return affine maps with ReLUs between them, drawn by a stream of their own."""
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        maps = [nn.Linear(a, b) for a, b in pairwise(widths)]
        for each in maps if glorot else ():
            nn.init.xavier_uniform_(each.weight)
            nn.init.zeros_(each.bias)
    return nn.Sequential(*[part for each in maps for part in (each, nn.ReLU())][:-1])


def _looked_after(
    model: nn.Module,
    policy: Policy | None,
    optimizer: torch.optim.Optimizer,
    losses: Callable[[Tensor], Tensor],
    seed: int,
) -> AbstractContextManager[Controller | None]:
    if policy is None:
        return nullcontext()
    return Controller(model, policy, optimizer, every=10, per_example_loss=losses, seed=seed)


def _right(out: Tensor, y: Tensor) -> float:
    """Return the share of correct predictions, by the sign of one output or the largest of several."""
    predicted = out[:, 0] > 0 if out.shape[1] == 1 else out.argmax(1)
    return float((predicted == y).double().mean())


def _run(seed: int, final: float, best: float, loss: float, controller: Controller | None) -> Run:
    log = [] if controller is None else [e for e in controller.log if e.action.verb == "repair" and not e.reason]
    kinds = Counter(entry.action.intervention.kind for entry in log)
    return Run(seed, final, best, loss, dict(kinds), max((entry.action.step for entry in log), default=-1))
