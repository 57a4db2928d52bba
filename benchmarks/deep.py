"""How many trainings of deep thin networks a second: a stack of seeds next to torch, one network at a time?

    .venv/bin/python benchmarks/deep.py
    .venv/bin/python benchmarks/deep.py --method sep-u --depth 120

Networks of 50 hidden layers of 4 units on the 85 training points of the two moons, full-batch Adam, float32; a run is
5000 epochs. Only some epochs are done, and scaled; every number is the best of some turns, and the contenders take
turns, so that what else the machine does weighs on all alike.

ours          32 seeds in one stack; training and validation accuracy and both losses are known at every epoch
torch         torch.nn.Sequential and torch.optim.Adam, one seed at a time; the penalty in a loop over layers;
              nothing is recorded

`same` is the greatest difference of the first losses from ours, over seed 0: both do the same work.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import torch
from rich.console import Console
from rich.table import Table
from torch import nn

from stability.training.constraints.penalties import KINDS, families
from stability.training.deep.datasets import two_moons
from stability.training.deep.parameters import start
from stability.training.deep.settings import Settings
from stability.training.deep.training import train_deep

EPOCHS, SEEDS = 5000, 32
OWN_EPOCHS, THEIR_EPOCHS, TURNS, CHECKED = 200, 40, 5, 8
TARGETS = {"relu": 12.0, "sep-pu": 20.0}
WEIGHT, RHO = 1e-4, 0.5
Step = Callable[[], float]


@dataclass(frozen=True)
class Case:
    """What is trained, and where."""

    method: str
    depth: int
    width: int
    device: str


def plain_module(case: Case) -> nn.Sequential:
    """Return the network of seed 0 of torch's own layers."""
    row = torch.tensor(start(Settings(case.depth, case.width, case.method), 2, [0])[0])
    sizes = [2, *[case.width] * case.depth, 1]
    layers: list[nn.Module] = []
    place = 0
    for below, above in pairwise(sizes):
        layer = nn.Linear(below, above)
        block = row[place : place + above * (below + 1)].view(above, below + 1)
        place += block.numel()
        with torch.no_grad():
            layer.weight.copy_(block[:, :-1])
            layer.bias.copy_(block[:, -1])
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1]).to(case.device)


def penalised(module: nn.Sequential, x: torch.Tensor, kinds: Iterable[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return logits and the penalty, in a loop over layers."""
    total = x.new_zeros(())
    for layer in module[:-1]:
        x = layer(x)
        if isinstance(layer, nn.ReLU):
            continue
        for kind in kinds:
            axes = {"sep-u": (0,), "sep-p": (1,), "sep-l": (0, 1)}[kind]
            upper, lower = torch.relu(1 - x.amax(axes)), torch.relu(1 + x.amin(axes))
            total = total + (RHO * upper + (1 - RHO) * lower).square().sum()
    return module[-1](x), total


def plain_step(case: Case) -> Step:
    """Return a step of training of one network by torch; it returns the loss before it."""
    data, module = two_moons(), plain_module(case)
    x = torch.tensor(data.x_train, dtype=torch.float32, device=case.device)
    y = torch.tensor(data.y_train, dtype=torch.float32, device=case.device)[:, None]
    adam, entropy = torch.optim.Adam(module.parameters(), lr=0.01, eps=1e-7), nn.BCEWithLogitsLoss()
    kinds = families(case.method) if case.method in KINDS else ()

    def step() -> float:
        adam.zero_grad()
        if kinds:
            logits, total = penalised(module, x, kinds)
            loss = entropy(logits, y)
            (loss + WEIGHT * total).backward()
        else:
            loss = entropy(module(x), y)
            loss.backward()
        adam.step()
        return loss.item() if case.device != "cpu" else float(loss.detach())

    return step


def seconds_of(work: Callable[[], object]) -> float:
    """Return what a call takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def measure(case: Case) -> tuple[float, float, float]:
    """Return runs a second of ours and of torch, and the greatest difference of the first losses of seed 0."""

    def ours(epochs: int, seeds: int = SEEDS) -> list[float]:
        run = train_deep(
            "moons", case.depth, case.width, case.method, weight=WEIGHT, rho=RHO, seeds=seeds, stack=seeds,
            epochs=epochs, device=case.device, every=1 if seeds == 1 else epochs,
        )  # fmt: skip
        found: list[float] = run.history["loss"][0].tolist()
        return found

    step = plain_step(case)
    theirs = [step() for _ in range(CHECKED)]
    apart = max(abs(a - b) for a, b in zip(theirs, ours(CHECKED, 1), strict=False))
    own, other = [], []
    for _ in range(TURNS):
        own.append(seconds_of(lambda: ours(OWN_EPOCHS)))
        other.append(seconds_of(lambda: [step() for _ in range(THEIR_EPOCHS)]))
    return SEEDS / (min(own) * EPOCHS / OWN_EPOCHS), 1 / (min(other) * EPOCHS / THEIR_EPOCHS), apart


def main() -> int:
    """Print the table; return 1 if a target is missed or the losses differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--method", nargs="+", default=list(TARGETS), choices=["relu", *KINDS])
    parser.add_argument("--depth", type=int, default=50)
    parser.add_argument("--width", type=int, default=4)
    parser.add_argument("--device", nargs="+", default=["cpu", *["cuda"] * torch.cuda.is_available()])
    given = parser.parse_args()
    before, failed = os.getloadavg()[0], False
    table = Table(
        "method", "device", "ours, runs/s", "ms/epoch", "torch, runs/s", "ms/epoch", "ratio", "target", "same"
    )
    for device in given.device:
        for method in given.method:
            own, other, apart = measure(Case(method, given.depth, given.width, device))
            target = TARGETS.get(method)
            failed |= apart > 1e-4 or (target is not None and own / other < target)
            table.add_row(
                method, device, f"{own:.3f}", f"{1e3 * SEEDS / own / EPOCHS:.2f}", f"{other:.4f}",
                f"{1e3 / other / EPOCHS:.2f}", f"{own / other:.1f}", f"{target or '':}", f"{apart:.1e}",
            )  # fmt: skip
    Console(width=120).print(table)
    print(
        f"{SEEDS} seeds of {given.depth} x {given.width}, {torch.get_num_threads()} threads; load {before:.1f} before "
        f"and {os.getloadavg()[0]:.1f} after."
    )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
