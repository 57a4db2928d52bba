"""Runs of training phase by phase: after each phase the finished ones leave the batch."""

from collections.abc import Sequence
from functools import partial

import torch

from stability.model.update_rules import UpdateRule
from stability.training.ensembles.epochs import LANES, Advance, RestartBatch, fresh


def run_phases(
    p: torch.Tensor, rule: UpdateRule, advance: Advance, phase: int, epochs: int, snapshots: Sequence[int]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, dict[int, torch.Tensor], list[torch.Tensor]]:
    """Return parameters at the stop, epochs, reasons, snapshots and buffers; finished runs leave after each phase."""
    own = torch.arange(p.shape[1], device=p.device)
    final, epoch = p.clone(), torch.zeros(p.shape[1], dtype=torch.int32, device=p.device)
    reason = torch.zeros_like(epoch)
    batch = _filled(fresh(p.clone(), rule))
    kept = {0: p.clone()} if 0 in snapshots else {}
    buffers = [torch.zeros_like(p) for _ in rule.family.buffers]
    done = 0
    while done < epochs and len(own):
        goal = min(done + phase - done % phase, *(t for t in (*snapshots, epochs) if t > done))
        batch, done, size = advance(batch, done, goal - done), goal, len(own)
        moving = batch.alive[:size].nonzero()[:, 0]
        thinned = len(moving) <= 0.8 * size
        if thinned or goal in snapshots or goal == epochs:
            final[:, own], epoch[own], reason[own] = batch.p[:, :size], batch.epochs[:size], batch.reason[:size]
        if goal == epochs:
            for whole, each in zip(buffers, batch.buffers, strict=True):
                whole[:, own] = torch.where(batch.alive[:size], each[:, :size], 0)
        if thinned:
            batch = _filled(batch.map(partial(_taken, which=moving)))
            own = own[moving]
        if goal in snapshots:
            kept[goal] = final.clone()
    return final, epoch, reason, {t: kept.get(t, final) for t in snapshots}, buffers


def _taken(x: torch.Tensor, which: torch.Tensor) -> torch.Tensor:
    return x[..., which]


def _filled(batch: RestartBatch) -> RestartBatch:
    """Return the batch with dead runs added up to a multiple of LANES."""
    extra = -len(batch.alive) % LANES
    return batch.map(lambda x: torch.nn.functional.pad(x, (0, extra))) if extra else batch
