"""What does it cost to monitor a network while it trains, next to Cockpit, torchmortem and ormas-monitor?

    .venv/bin/python benchmarks/monitor.py                      # in some minutes
    .venv/bin/python benchmarks/monitor.py --quick              # a few rounds
    .venv/bin/python benchmarks/monitor.py --threads 1 --only mlp-SGD
    .venv/bin/python benchmarks/monitor.py --memory             # resident memory over 10,000 steps, beside the table

A perceptron with four layers of 256 ReLUs and a head of 10 on batches of 256, by Adam or plain SGD; and a residual
network of three blocks (16, 32 and 64 channels, batch normalisation, ReLUs in place) on 16 images of 16 x 16, and
on 32 of 32 x 32, by SGD with momentum. Every contender trains a network of its own from the same start. They take
turns, a block of 100 steps each (20 of the largest images), with one thread and with two, so that what else the
machine does hits all alike. Where a network happens to lie in memory makes a loop faster or slower by some percent, so
ours is compared with itself: a block without its hooks and one with them, in this order and the other in turn. The
overhead is the median over rounds of the ratio of their times, minus 1. Peers, who cannot be taken off and put on
again, are compared with a bare loop of its own. Once by the clock and once by the time of the processor, which other
processes on the machine disturb less. All networks are made anew several times.

bare, again    a second bare loop: what is left of noise
ours           all of a reading: dead data, torque, units, slack, biases, norms, loss; nobody asks for them meanwhile
ours, asked    the same, each reading worked out and handed over at once
cockpit        configuration "economy" (individual gradients by BackPACK)
torchmortem    all its collectors, the expensive ones no more often than by default (every 50 steps)
ormas_monitor  as it comes, without repair; its record goes to a temporary folder

Peers come from `pip install cockpit-for-pytorch torchmortem ormas-monitor "setuptools<81"`; those that are not
installed, or cannot monitor a network, are named and left out. The weights after the last block must be those of the
bare loop.
"""

import argparse
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from torch import nn
from torch.optim.optimizer import _global_optimizer_pre_hooks as optimizer_hooks

from stability.training.monitoring.monitor import Monitor

WIDTH, DEPTH, BATCH, CLASSES, BLOCK, LARGE = 256, 4, 256, 10, 100, 20
CHANNELS = (16, 32, 64)
TARGETS = {1: 0.10, 100: 0.01}
SLOW = {("cockpit", 1): 2}
"""Who takes fewer steps in a block: each of these takes seconds."""
LONG, SETTLED = 10_000, 2_000
"""Over how many steps memory is measured, and after how many it is settled: as many readings as are kept are there."""
Step = Callable[[], None]


class Block(nn.Module):
    """Two convolutions with a way around them."""

    def __init__(self, before: int, channels: int) -> None:
        super().__init__()
        stride = 1 if before == channels else 2
        self.first = nn.Conv2d(before, channels, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(2))
        self.around = nn.Identity() if before == channels else nn.Conv2d(before, channels, 1, stride, bias=False)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return what the block makes of images."""
        h = self.relu(self.norms[0](self.first(x)))
        h = self.norms[1](self.second(h))
        h += self.around(x)
        found: torch.Tensor = self.relu(h)
        return found


def perceptron() -> tuple[nn.Module, torch.Tensor]:
    """Return the perceptron and its batch."""
    hidden = [part for _ in range(DEPTH) for part in (nn.Linear(WIDTH, WIDTH), nn.ReLU())]
    return nn.Sequential(*hidden, nn.Linear(WIDTH, CLASSES)), torch.randn(BATCH, WIDTH)


def residual(images: int = 16, pixels: int = 16) -> tuple[nn.Module, torch.Tensor]:
    """Return the residual network and its batch."""
    first = [nn.Conv2d(3, CHANNELS[0], 3, 1, 1, bias=False), nn.BatchNorm2d(CHANNELS[0]), nn.ReLU(inplace=True)]
    blocks = [Block(a, b) for a, b in zip((CHANNELS[0], *CHANNELS[:-1]), CHANNELS, strict=True)]
    last = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(CHANNELS[-1], CLASSES)]
    return nn.Sequential(*first, *blocks, *last), torch.randn(images, 3, pixels, pixels)


TRAININGS: dict[str, tuple[Callable[[], tuple[nn.Module, torch.Tensor]], Callable[[Any], torch.optim.Optimizer]]] = {
    "mlp-Adam": (perceptron, lambda parameters: torch.optim.Adam(parameters, 1e-3)),
    "mlp-SGD": (perceptron, lambda parameters: torch.optim.SGD(parameters, 1e-2)),
    "resnet-SGD": (residual, lambda parameters: torch.optim.SGD(parameters, 1e-2, momentum=0.9)),
    "resnet-32": (partial(residual, 32, 32), lambda parameters: torch.optim.SGD(parameters, 1e-2, momentum=0.9)),
}


class Loop:
    """A network in training; contenders add what they need around its steps."""

    def __init__(self, training: str, device: str) -> None:
        torch.manual_seed(0)
        network, optimiser = TRAININGS[training]
        net, x = network()
        self.net, self.x = net.to(device), x.to(device)
        self.criterion: nn.Module = nn.CrossEntropyLoss()
        self.optimiser = optimiser(self.net.parameters())
        self.y = torch.randint(CLASSES, (len(x),), device=device)
        self.steps = 0

    def step(
        self,
        around: Any = None,
        after: Callable[[Any], None] | None = None,
        before: Callable[[Any], None] | None = None,
    ) -> None:
        """Take one step: the backward pass in a context, and what gets the loss before the optimiser steps or after."""
        self.optimiser.zero_grad()
        outputs = self.net(self.x)
        loss = self.criterion(outputs, self.y)
        with nullcontext() if around is None else around(loss, outputs.detach()):
            loss.backward()
        if before is not None:
            before(loss)
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


def ormas_monitor(loop: Loop, every: int, stack: ExitStack) -> Step:
    """Return the step under ormas-monitor."""
    from ormas_monitor import Monitor as Ormas

    folder = stack.enter_context(TemporaryDirectory(prefix="ormas-", ignore_cleanup_errors=True))
    observer = Ormas(loop.net, loop.optimiser, out=Path(folder) / "run", check_every=every, verbose=False)
    stack.callback(observer.close)
    return lambda: loop.step(before=observer.step)


CONTENDERS = {
    "bare, again": bare,
    "ours": ours,
    "ours, asked": asked,
    "cockpit": cockpit,
    "torchmortem": torchmortem,
    "ormas_monitor": ormas_monitor,
}


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


Key = tuple[str, int]
Times = tuple[float, float]
OURS = ("", "bare, again", "ours", "ours, asked")
"""Whose hooks can be taken off and put on again."""


class Contender:
    """A loop after a first step, with what monitors it."""

    def __init__(self, training: str, device: str, key: Key, stack: ExitStack) -> None:
        self.loop, before = Loop(training, device), {*optimizer_hooks}
        self.steps = LARGE if training == "resnet-32" else min(SLOW.get(key, BLOCK), BLOCK)
        self.step = CONTENDERS.get(key[0], bare)(self.loop, key[1], stack)
        self.own = {place: hook for place, hook in optimizer_hooks.items() if place not in before}
        self.device, self.alone = device, key[0] in OURS
        self.step()

    def times(self, turn: int) -> tuple[Times, Times]:
        """Return the times of two blocks: with its hooks, and without; of peers twice that of one with them."""
        if not self.alone:
            return (self._block(True),) * 2
        first, second = self._block(turn % 2 > 0), self._block(turn % 2 < 1)
        return (first, second) if turn % 2 else (second, first)

    def _block(self, on: bool) -> Times:
        with self._hooks(on):
            return block(self.step, self.steps, self.device)

    @contextmanager
    def _hooks(self, on: bool) -> Iterator[None]:
        """Run what follows with its hooks or without, and without those of the others on all optimisers."""
        net, criterion = self.loop.net, self.loop.criterion
        places: list[dict[Any, Any]] = [optimizer_hooks]
        places += [] if on else [net._forward_pre_hooks, net._forward_hooks, criterion._forward_hooks]
        kept = [dict(each) for each in places]
        for each in places:
            each.clear()
        optimizer_hooks.update(self.own if on else {})
        yield
        for each, was in zip(places, kept, strict=True):
            each.clear()
            each.update(was)


def contenders(training: str, device: str, stack: ExitStack) -> tuple[dict[Key, Contender], dict[str, str]]:
    """Return the contenders, a bare loop first, and why a peer cannot monitor this network."""
    found, unable = dict[Key, Contender](), dict[str, str]()
    for key in [("", 0), *((n, k) for n in names() for k in ([1] if n == "bare, again" else TARGETS))]:
        try:
            found[key] = Contender(training, device, key, stack)
        except Exception as error:
            if key[0] in OURS:
                raise
            unable[key[0]] = f"{type(error).__name__}: {str(error).splitlines()[0][:100]}"
    return found, unable


class Measured:
    """The times of the loops of one training, by threads.

    Attributes
    ----------
    bare : dict of int to float
        Milliseconds of a bare step.
    overheads : dict of (str, int) to dict of int to (float, float)
        By the clock and the processor, for every number of threads.
    same : bool
        Whether networks under our monitor end at the bits of the bare loop.
    unable : dict of str to str
        Who cannot monitor this network, and why.
    """

    def __init__(self, training: str, places: int, rounds: int, device: str, threads: list[int]) -> None:
        shares: dict[Key, dict[int, list[Times]]] = {}
        bare_steps: dict[int, list[float]] = {count: [] for count in threads}
        self.same, loop = True, (0.0, 0.0)
        for _ in range(places):
            with ExitStack() as stack:
                found, self.unable = contenders(training, device, stack)
                for k in range(rounds + 1):
                    for count in threads:
                        torch.set_num_threads(count)
                        for key, each in found.items():
                            (clock, processor), own = each.times(k)
                            loop = own if not key[0] else loop
                            without = own if each.alone else loop
                            share = clock / without[0] - 1, processor / without[1] - 1
                            shares.setdefault(key, {n: [] for n in threads})[count] += [share] if k else []
                        bare_steps[count] += [loop[0]] if k else []
            self.same &= _same({key: each.loop for key, each in found.items()})
        del shares["", 0]
        self.bare = {count: median(own) * 1e3 for count, own in bare_steps.items()}
        self.overheads = {
            key: {count: tuple(map(median, zip(*own[count], strict=True))) for count in threads}
            for key, own in shares.items()
        }


def _same(loops: dict[Key, Loop]) -> bool:
    """Return whether networks under our monitor ended at the bits of the bare loop."""
    weights = {key: [p.detach() for p in loop.net.parameters()] for key, loop in loops.items()}
    return all(
        torch.equal(a, b)
        for key, own in weights.items()
        if key[0].startswith("ours")
        for a, b in zip(own, weights["", 0], strict=True)
    )


def resident() -> float:
    """Return the resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def memory(contender: Callable[[Loop, int, ExitStack], Step], device: str) -> tuple[float, float]:
    """Return the resident memory once it is settled, and after many steps, in MB."""
    with ExitStack() as stack:
        step = contender(Loop("mlp-SGD", device), 1, stack)
        found = []
        for steps in (SETTLED, LONG - SETTLED):
            block(step, steps, device)
            found.append(resident())
    return found[0], found[1]


def main() -> int:
    """Print the table; return 1 if monitoring changes the training."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3 rounds instead of 12")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--only", nargs="+", choices=[*TRAININGS], default=[*TRAININGS])
    parser.add_argument("--memory", action="store_true", help=f"resident memory over {LONG:,} steps too")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    columns = [f"{what}, {n} thr." for n in given.threads for what in ("clock", "processor")]
    table = Table("training", "monitored by", "every", *columns, "target")
    before, right, notes = os.getloadavg()[0], True, []
    for training in given.only:
        measured = Measured(training, 3, 1 if given.quick else 4, given.device, given.threads)
        right &= measured.same
        for (name, every), by_threads in measured.overheads.items():
            shares = [f"{share:+.1%}" for pair in by_threads.values() for share in pair]
            table.add_row(training, name, str(every), *shares, f"{TARGETS[every]:.0%}" if name == "ours" else "")
        table.add_section()
        bare_steps = ", ".join(f"{ms:.2f} ms with {n} threads" for n, ms in measured.bare.items())
        notes += [f"A bare step of {training}: {bare_steps}."]
        notes += [f"{name} cannot monitor {training} ({why})." for name, why in measured.unable.items()]
    Console(width=130).print(table)
    if given.memory:
        for name, contender in (("the bare loop", bare), ("our monitor", ours)):
            settled, last = memory(contender, given.device)
            notes += [
                f"Resident memory with {name}: {settled:.0f} MB after {SETTLED:,} steps, {last:.0f} after {LONG:,}."
            ]
    missing = [name for name in CONTENDERS if name not in names()]
    notes += [f"Not installed: {', '.join(missing)}."] if missing else []
    print(*notes, sep="\n")
    kept = "bit for bit those" if right else "NOT those"
    print(
        f"torch {torch.__version__} on {given.device}; load {before:.1f} before and {os.getloadavg()[0]:.1f} after. "
        f"The weights after training with our monitor are {kept} of the bare loop."
    )
    return int(not right)


if __name__ == "__main__":
    sys.exit(main())
