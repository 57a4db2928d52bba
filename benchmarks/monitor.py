"""What does it cost to monitor a network while it trains, next to Cockpit and torchmortem?

    .venv/bin/python benchmarks/monitor.py           # in some minutes
    .venv/bin/python benchmarks/monitor.py --quick   # a few rounds

Four layers of 256 ReLUs and a head of 10, batches of 256, cross-entropy; Adam or plain SGD. Every contender trains a
network of its own from the same start. They take turns, a block of 100 steps each, so that what else the machine does
hits all alike; the overhead is the median over rounds of its block's time over that of the bare loop, minus 1. Once by
the clock and once by the time of the processor, which other processes on the machine disturb less.

bare, again   a second bare loop: what is left of noise
ours          all of a reading: dead data, torque, units, slack, biases, norms, loss; nobody asks for them meanwhile
ours, asked   the same, each reading worked out and handed over at once
cockpit       configuration "economy" (individual gradients by BackPACK)
torchmortem   all its collectors, the expensive ones no more often than by default (every 50 steps)

Peers that are not installed are named and left out. The weights after the last block must be those of the bare loop.
"""

import argparse
import os
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from importlib.util import find_spec
from statistics import median
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from torch import nn

from stability.training.monitoring.monitor import Monitor

WIDTH, DEPTH, BATCH, CLASSES, BLOCK = 256, 4, 256, 10, 100
OPTIMISERS: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "Adam": lambda parameters: torch.optim.Adam(parameters, 1e-3),
    "SGD": lambda parameters: torch.optim.SGD(parameters, 1e-2),
}
TARGETS = {1: 0.25, 100: 0.03}
SLOW = {("cockpit", 1): 2}
"""Who takes fewer steps in a block: each of these takes seconds."""
Step = Callable[[], None]


class Loop:
    """A network in training; contenders add what they need around its steps."""

    def __init__(self, optimiser: str, device: str) -> None:
        torch.manual_seed(0)
        hidden = [part for _ in range(DEPTH) for part in (nn.Linear(WIDTH, WIDTH), nn.ReLU())]
        self.net = nn.Sequential(*hidden, nn.Linear(WIDTH, CLASSES)).to(device)
        self.criterion: nn.Module = nn.CrossEntropyLoss()
        self.optimiser = OPTIMISERS[optimiser](self.net.parameters())
        self.x = torch.randn(BATCH, WIDTH, device=device)
        self.y = torch.randint(CLASSES, (BATCH,), device=device)
        self.steps = 0

    def step(self, around: Any = None, after: Callable[[Any], None] | None = None) -> None:
        """Take one step: the backward pass in a context, and something that gets the loss at the end."""
        self.optimiser.zero_grad()
        outputs = self.net(self.x)
        loss = self.criterion(outputs, self.y)
        with nullcontext() if around is None else around(loss, outputs.detach()):
            loss.backward()
        self.optimiser.step()
        if after is not None:
            after(loss)
        self.steps += 1


def bare(loop: Loop, every: int, stack: ExitStack) -> Step:
    """Return the step of the loop alone."""
    return loop.step


def ours(loop: Loop, every: int, stack: ExitStack) -> Step:
    """Return the step under our monitor."""
    stack.enter_context(Monitor(loop.net, every=every, criterion=loop.criterion))
    return loop.step


def asked(loop: Loop, every: int, stack: ExitStack) -> Step:
    """Return the step under our monitor, where somebody asks for each reading at once."""
    stack.enter_context(Monitor(loop.net, every=every, criterion=loop.criterion, log=lambda reading: None))
    return loop.step


def cockpit(loop: Loop, every: int, stack: ExitStack) -> Step:
    """Return the step under Cockpit."""
    from backpack import extend
    from cockpit import Cockpit
    from cockpit.utils.configuration import configuration
    from cockpit.utils.schedules import linear

    extend(loop.net)
    loop.criterion = extend(loop.criterion)
    single = nn.CrossEntropyLoss(reduction="none")
    observer = Cockpit(loop.net.parameters(), quantities=configuration("economy", track_schedule=linear(every)))

    def around(loss: Any, outputs: Any) -> Any:
        info = {"batch_size": BATCH, "individual_losses": single(outputs, loop.y), "loss": loss}
        return observer(loop.steps, info={**info, "optimizer": loop.optimiser})

    return lambda: loop.step(around)


def torchmortem(loop: Loop, every: int, stack: ExitStack) -> Step:
    """Return the step under torchmortem."""
    from torchmortem import Autopsy, SamplingConfig

    sampling = SamplingConfig(every, max(every, 50))
    observer = stack.enter_context(Autopsy(loop.net, optimizer=loop.optimiser, sampling=sampling))
    return lambda: loop.step(after=lambda loss: observer.step(loss=loss.item()))


CONTENDERS = {"bare, again": bare, "ours": ours, "ours, asked": asked, "cockpit": cockpit, "torchmortem": torchmortem}


def block(step: Step, steps: int, device: str) -> tuple[float, float]:
    """Return the seconds that a step takes, by the clock and by the processor: the mean over a block."""
    begin = time.perf_counter(), time.process_time()
    for _ in range(steps):
        step()
    if device == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - begin[0]) / steps, (time.process_time() - begin[1]) / steps


def names() -> list[str]:
    """Return the contenders that are installed."""
    return [name for name in CONTENDERS if CONTENDERS[name] in (bare, ours, asked) or find_spec(name)]


def measure(optimiser: str, rounds: int, device: str) -> tuple[float, dict[tuple[str, int], list[float]], bool]:
    """Return milliseconds of a bare step, the overheads (clock, processor), and whether ours ends at the same bits."""
    with ExitStack() as stack:
        loops = {("", 0): Loop(optimiser, device)}
        loops |= {(n, k): Loop(optimiser, device) for n in names() for k in ([1] if n == "bare, again" else TARGETS)}
        steps = {key: CONTENDERS.get(key[0], bare)(loop, key[1], stack) for key, loop in loops.items()}
        times: dict[tuple[str, int], list[tuple[float, float]]] = {key: [] for key in loops}
        for _ in range(rounds + 1):
            for key, step in steps.items():
                times[key].append(block(step, SLOW.get(key, BLOCK), device))
    first, *others = [each[1:] for each in times.values()]
    overheads = {
        key: [median(a[k] / b[k] for a, b in zip(own, first, strict=True)) - 1 for k in (0, 1)]
        for key, own in zip([*times][1:], others, strict=True)
    }
    weights = {key: [p.detach() for p in loop.net.parameters()] for key, loop in loops.items()}
    same = all(
        torch.equal(a, b)
        for key, own in weights.items()
        if key[0].startswith("ours")
        for a, b in zip(own, weights["", 0], strict=True)
    )
    return median(each[0] for each in first) * 1e3, overheads, same


def main() -> int:
    """Print the table; return 1 if monitoring changes the training."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2 rounds instead of 9")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    table = Table("optimiser", "monitored by", "every", "overhead, clock", "overhead, processor", "target")
    before, right = os.getloadavg()[0], True
    for optimiser in OPTIMISERS:
        step, overheads, same = measure(optimiser, 2 if given.quick else 9, given.device)
        right &= same
        for (name, every), (clock, processor) in overheads.items():
            target = f"{TARGETS[every]:.0%}" if name == "ours" else ""
            table.add_row(optimiser, name, str(every), f"{clock:+.1%}", f"{processor:+.1%}", target)
        table.add_section()
        table.caption = f"{table.caption or ''}A bare step with {optimiser}: {step:.2f} ms. "
    Console(width=110).print(table)
    missing = [name for name in CONTENDERS if name not in names()]
    report = f"Not installed: {', '.join(missing)}. " if missing else ""
    print(
        f"{report}torch {torch.__version__} on {given.device}, {torch.get_num_threads()} threads; load {before:.1f} "
        f"before and {os.getloadavg()[0]:.1f} after. The weights after training with our monitor are "
        f"{'bit for bit those' if right else 'NOT those'} of the bare loop."
    )
    return int(not right)


if __name__ == "__main__":
    sys.exit(main())
