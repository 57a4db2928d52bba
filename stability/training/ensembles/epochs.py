"""What happens in one epoch: the loss is looked at, runs that are done stop, the others take a step.

The loss is looked at before the step, so a run that stops in epoch e has taken e steps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from types import SimpleNamespace
from typing import Any

import torch

from stability.model.update_rules import PLAIN, Arithmetic, Move, RuleFamily, UpdateRule
from stability.training.ensembles.gradients import Examples, Numbers, numbers, stacked, unrolled
from stability.training.ensembles.problem import Lane, Task

Tensor = torch.Tensor
REASONS = ("epochs", "loss", "patience", "diverged")
"""Why a run stopped: it took all epochs, its loss fell below the limit, it found no new best loss for too long, or
its loss was no finite number."""


@dataclass(frozen=True)
class Stops:
    """When runs stop before the last epoch.

    Attributes
    ----------
    loss : float
        Below this loss; 0 for never.
    patience : int or None
        After so many epochs without a new best loss.
    """

    loss: float = 0.0
    patience: int | None = None

    @property
    def any(self) -> bool:
        """Whether there is any."""
        return self.loss > 0 or self.patience is not None


@dataclass(frozen=True)
class RestartBatch:
    """The state of many runs.

    Attributes
    ----------
    p : tensor (parameters, restarts), or one tensor (restarts,) per parameter
    buffers : tuple of such
        What the update rule remembers.
    best : tensor
        The best loss so far.
    waited : int tensor
        Epochs since then.
    alive : bool tensor
    epochs, reason : int tensors
        Steps taken, and the place in `REASONS`.
    """

    p: Any
    buffers: tuple[Any, ...]
    best: Lane
    waited: Lane
    alive: Lane
    epochs: Lane
    reason: Lane

    def map(self, function: Callable[[Tensor], Any]) -> "RestartBatch":
        """Return the batch with a function applied to every tensor."""
        rest = (self.best, self.waited, self.alive, self.epochs, self.reason)
        return RestartBatch(function(self.p), tuple(map(function, self.buffers)), *map(function, rest))


Advance = Callable[[RestartBatch, int, int], RestartBatch]
"""(batch, epochs done, epochs to do) -> batch."""

LANES = 64
"""Batches are filled up to a multiple of this, so that loops have whole vectors and no odd rest."""


def fresh(p: Tensor, rule: UpdateRule) -> RestartBatch:
    """Return the state of runs that start at parameters of shape (parameters, restarts)."""
    count = p.shape[1]
    buffers = tuple(torch.zeros_like(p) for _ in rule.family.buffers)
    best = torch.full((count,), inf, dtype=p.dtype, device=p.device)
    alive = torch.ones(count, dtype=torch.bool, device=p.device)
    zeros = [torch.zeros(count, dtype=torch.int32, device=p.device) for _ in range(3)]
    return RestartBatch(p, buffers, best, zeros[0], alive, zeros[1], zeros[2])


def _looked_at(batch: RestartBatch, loss: Lane, stops: Stops, looks: bool) -> RestartBatch:
    """Return the batch with runs stopped that are done; `looks` says whether a finite loss can stop a run."""
    zero = torch.zeros_like(batch.reason)
    reason = torch.where(loss.isfinite(), zero, zero + 3)
    best, waited = batch.best, batch.waited
    if looks:
        better = loss < best
        best, waited = torch.where(better, loss, best), torch.where(better, zero, waited + 1)
        if stops.patience is not None:
            reason = torch.where((reason == 0) & (waited >= stops.patience), zero + 2, reason)
        reason = torch.where((reason != 3) & (loss < stops.loss), zero + 1, reason)
    alive = batch.alive & (reason == 0)
    epochs = batch.epochs + alive.to(batch.epochs.dtype)
    return RestartBatch(
        batch.p, batch.buffers, best, waited, alive, epochs, torch.where(batch.alive, reason, batch.reason)
    )


def stacked_epoch(
    task: Task,
    rule: UpdateRule,
    stops: Stops,
    how: Arithmetic,
    batch: RestartBatch,
    t: int,
    given: Examples | None = None,
) -> RestartBatch:
    """Return the batch after an epoch, with p of shape (parameters, restarts); t epochs came before."""
    loss, slopes = stacked(task, batch.p, given)
    looked = _looked_at(batch, loss, stops, stops.any)
    p, *buffers, _ = rule.family.move((batch.p, *batch.buffers, t), slopes, rule.floats, how)
    return replace(looked, p=torch.where(looked.alive, p, batch.p), buffers=tuple(buffers))


def unrolled_epoch(
    task: Numbers, move: Move, c: Any, stops: Stops, looks: bool, how: Arithmetic, batch: RestartBatch
) -> RestartBatch:
    """Return the batch after an epoch, with p and buffers as lists of one tensor per parameter.

    Parameters
    ----------
    task : Numbers
    move : Move
        That of the update rule.
    c : namespace
        The parameters of the rule as floats.
    stops : Stops
    looks : bool
        Whether a finite loss can stop a run.
    how : Arithmetic
    batch : Batch
    """
    loss, slopes = unrolled(task, batch.p)
    looked = _looked_at(batch, loss, stops, looks)
    moved = []
    for j, slope in enumerate(slopes):
        state = move((batch.p[j], *(b[j] for b in batch.buffers), 0), slope, c, how)
        moved.append((torch.where(looked.alive, state[0], batch.p[j]), *state[1:-1]))
    p, *buffers = (list(each) for each in zip(*moved, strict=True))
    return replace(looked, p=p, buffers=tuple(buffers))


def corrections(rule: UpdateRule, first: int, count: int) -> list[tuple[float, float]]:
    """Return Adam's corrections for the epochs first + 1, ..., first + count; ones for other rules."""
    if rule.name != "adam":
        return [(1.0, 1.0)] * count
    c: SimpleNamespace = rule.floats
    return [PLAIN.corrections(c, t) for t in range(first + 1, first + count + 1)]


Packed = Sequence[Tensor]


def unrolled_block(
    task: Task, family: RuleFamily, c: Any, patience: Any, looks: bool, length: int
) -> Callable[..., None]:
    """Return a function that takes several epochs at once, in place, made to be compiled.

    It takes (rates, scales, limit, tensors): the corrections of each epoch, the loss below which runs stop as a tensor,
    and `pack` of the batch with whole numbers for booleans, which compiled loops read and write at a fraction of the
    cost. Writing to the same memory each time keeps it in the cache and saves asking for more. The parameters c of the
    rule and the patience (None for none) are numbers, or symbols of them.
    """
    own_sums = PLAIN.plus, PLAIN.plus_product, PLAIN.plus_quotient, PLAIN.between
    own, buffers = numbers(task), len(family.buffers)

    def block(rates: Tensor, scales: Tensor, limit: Tensor, tensors: Packed) -> None:
        batch = unpack(task.parameters, buffers, tensors)
        batch = replace(batch, alive=batch.alive != 0)
        for k in range(length):
            how = Arithmetic(*own_sums, torch.sqrt, _given_rate(rates[k], scales[k]))
            batch = unrolled_epoch(own, family.move, c, Stops(limit, patience), looks, how, batch)  # type: ignore[arg-type]
        for old, new in zip(tensors, pack(batch), strict=True):
            if new is not old:
                old.copy_(new)

    return block


def _given_rate(rate: Tensor, scale: Tensor) -> Callable[[Any, Any], tuple[Tensor, Tensor]]:
    """Return corrections that are known already."""
    return lambda c, t: (rate, scale)


def pack(batch: RestartBatch) -> list[Tensor]:
    """Return the tensors of an unrolled batch as one list."""
    lanes = [each for part in (batch.p, *batch.buffers) for each in part]
    return [*lanes, batch.best, batch.waited, batch.alive, batch.epochs, batch.reason]


def unpack(count: int, buffers: int, tensors: Packed) -> RestartBatch:
    """Return the unrolled batch of a list of tensors, from the numbers of parameters and buffers."""
    parts = [list(tensors[k * count : (k + 1) * count]) for k in range(1 + buffers)]
    return RestartBatch(parts[0], tuple(parts[1:]), *tensors[len(parts) * count :])
