"""The time of an epoch of the summed network of two ReLUs on XOR, in forward passes."""

from collections.abc import Callable
from statistics import median
from time import process_time

import torch
from torch import nn

BLOCK = 200


def epoch_costs(rounds: int) -> dict[str, float]:
    """Return how many forward passes an epoch is worth in torch: forward, loss, backward and a step of Adam.

    An epoch is one step, on all four points. Blocks of 200 take turns, which hits them alike with what else the machine
    does; medians over the rounds, of the processor's time. A forward pass is one without gradients, with the loss, as
    sampling needs it.
    """
    hidden = nn.Linear(2, 2)
    x, y = torch.tensor([[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [-1.0, -1.0]]), torch.tensor([1.0, 1.0, 0.0, 0.0])
    optimizer = torch.optim.Adam(hidden.parameters(), lr=0.01)

    def loss() -> torch.Tensor:
        return nn.functional.mse_loss(torch.relu(hidden(x)).sum(1), y)

    def forward() -> None:
        with torch.no_grad():
            loss()

    def gradient() -> None:
        optimizer.zero_grad()
        loss().backward()  # type: ignore[no-untyped-call]

    def epoch() -> None:
        gradient()
        optimizer.step()

    parts = {"forward": forward, "forward again": forward, "gradient": gradient, "epoch": epoch}
    times: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(rounds):
        for name, part in parts.items():
            times[name].append(_seconds(part))
    bare = times["forward"]
    return {name: median(t / b for t, b in zip(own, bare, strict=True)) for name, own in times.items()}


def _seconds(part: Callable[[], None]) -> float:
    begin = process_time()
    for _ in range(BLOCK):
        part()
    return process_time() - begin
