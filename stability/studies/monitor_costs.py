"""The time that a monitor adds to a training step."""

from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from time import process_time

import torch
from torch import nn

from stability.training.monitoring.monitor import Monitor

WIDTH, DEPTH, BATCH, BLOCK = 256, 4, 256, 50


def monitor_costs(rounds: int) -> dict[str, float]:
    """Return by which share of a step a monitor prolongs it: read at every step, and at every 100th.

    Four layers of 256 ReLUs, batches of 256, Adam. A bare loop, a second bare loop and the monitored ones take turns of
    50 steps, which hits them alike with what else the machine does; medians over the rounds, of the processor's time.
    """
    with ExitStack() as stack:
        loops = {"bare": _loop(), "bare again": _loop()}
        for every in (1, 100):
            loop = _loop()
            stack.enter_context(Monitor(loop[0], every=every))
            loops[f"every {every}"] = loop
        times: dict[str, list[float]] = {name: [] for name in loops}
        for _ in range(rounds):
            for name, (_, step) in loops.items():
                begin = process_time()
                for _ in range(BLOCK):
                    step()
                times[name].append(process_time() - begin)
    bare = times["bare"]
    return {name: median(t / b for t, b in zip(own, bare, strict=True)) - 1 for name, own in times.items()}


def _loop() -> tuple[nn.Module, Callable[[], None]]:
    """Return a network and a step of its training."""
    draw = torch.Generator().manual_seed(0)
    layers = [part for _ in range(DEPTH) for part in (nn.Linear(WIDTH, WIDTH), nn.ReLU())]
    net = nn.Sequential(*layers, nn.Linear(WIDTH, 10))
    optimizer = torch.optim.Adam(net.parameters())
    x, y = torch.randn(BATCH, WIDTH, generator=draw), torch.randint(10, (BATCH,), generator=draw)

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return net, step
