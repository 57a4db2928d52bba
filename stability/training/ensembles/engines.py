"""The engines that compute epochs: compiled into fused loops, or step by step."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from types import FunctionType
from typing import Any

import numpy as np
import torch

from stability.errors import StabilityError
from stability.model.update_rules import PLAIN, TORCH, UpdateRule
from stability.training.ensembles.epochs import RestartBatch, Stops, corrections, pack, stacked_epoch, unrolled_block
from stability.training.ensembles.problem import Task
from stability.training.ensembles.settings import require_mode

Tensor = torch.Tensor

FUSED = 4
"""Epochs that one compiled loop takes at once."""

TILE = 2**16
"""Restarts that a compiled loop works on at once, at most; their state fits the cache."""

GRAIN = 2**12
"""Sizes of tiles are multiples of it, so that few different loops are compiled."""

LANES = 64
"""Batches are filled up to a multiple of this, so that no number is computed in the odd rest of a loop."""

WORTH = 10**8
"""Epochs times restarts from which compiling pays."""

OPTIONS: dict[str, Any] = {"max_fusion_size": 2000, "size_asserts": False, "cpp.enable_loop_tail_vec": False}
"""Everything goes into one loop; no time goes into looking at sizes, nor into the rest of a loop that has none."""


def _root(x: Tensor) -> Tensor:
    """Return the correctly rounded square root; that of torch on CPUs is off by a bit now and then."""
    return torch.from_numpy(np.sqrt(x.numpy())) if x.device.type == "cpu" else x.sqrt()


ROUNDED = replace(PLAIN, root=_root)

Advance = Callable[[RestartBatch, int, int], RestartBatch]
"""(batch, epochs done, epochs to do) -> batch."""


def has_compiler(device: str) -> bool:
    """Return whether torch.compile can work here."""
    if device == "cuda":
        return bool(torch.utils._triton.has_triton())
    return any(shutil.which(name) for name in ("g++", "clang++", "c++"))


def engine(
    task: Task, rule: UpdateRule, stops: Stops, mode: str, device: str, restarts: int, epochs: int
) -> tuple[Advance, str]:
    """Return how to advance a batch, and which mode of `MODES` that is.

    Raises
    ------
    UnknownNameError
        If the mode is unknown.
    StabilityError
        If it cannot run here.
    """
    require_mode(mode)
    able = task.is_small and has_compiler(device)
    if mode == "compiled" and not able:
        reason = "there is no compiler" if task.is_small else "the task is too large to be written out"
        raise StabilityError(f"Expected a task that can be compiled; {reason}.", "Use the mode auto.")
    how = TORCH if mode == "torch" else ROUNDED

    def advance(batch: RestartBatch, done: int, count: int) -> RestartBatch:
        for t in range(done, done + count):
            batch = stacked_epoch(task, rule, stops, how, batch, t)
        return batch

    if mode == "compiled" or (mode == "auto" and able and restarts * epochs >= WORTH):
        return _compiled(task, rule, stops, tile_size(restarts), advance), "compiled"
    return advance, "torch" if mode == "torch" else "eager"


@lru_cache(maxsize=64)
def _block(
    task: Task, rule: UpdateRule, patience: int | None, looks: bool, size: int, dtype: torch.dtype
) -> Callable[..., None]:
    """Return the compiled loop for tiles of one size and precision, which has code of its own.

    torch.compile takes only so many variants of the same code.
    """
    block: Any = unrolled_block(task, rule, patience, looks, FUSED)
    own = FunctionType(block.__code__.replace(), block.__globals__, block.__name__, None, block.__closure__)
    compiled: Callable[..., None] = torch.compile(own, fullgraph=True, dynamic=False, options=OPTIONS)
    return compiled


def tile_size(restarts: int) -> int:
    """Return how many restarts a compiled loop works on at once: near TILE, with little left over in the last tile."""
    each = -(-restarts // -(-restarts // TILE))
    return -(-each // GRAIN) * GRAIN


def _compiled(task: Task, rule: UpdateRule, stops: Stops, size: int, step_by_step: Advance) -> Advance:
    """Return how to advance a batch in place by fused loops on tiles; epochs left over are taken step by step."""

    def advance(batch: RestartBatch, done: int, count: int) -> RestartBatch:
        tensors = pack(batch)
        dtype = tensors[0].dtype
        block = _block(task, rule, stops.patience, stops.any, size, dtype)
        limit = torch.tensor(stops.loss, dtype=dtype, device=tensors[0].device)
        fused = count - count % FUSED
        table = torch.tensor(corrections(rule, done, fused), dtype=dtype, device=limit.device).view(
            fused // FUSED, FUSED, 2
        )
        rates, scales = (each.unbind() for each in table.permute(2, 0, 1).contiguous())
        for k in range(0, len(tensors[-1]), size):
            own = [x[k : k + size] for x in tensors]
            lanes = [_lane(x, size) for x in own]
            for rate, scale in zip(rates, scales, strict=True):
                block(rate, scale, limit, lanes)
            for x, lane in zip(own, lanes, strict=True):
                x.copy_(lane[: len(x)])
        return step_by_step(batch, done + fused, count - fused)

    return advance


def _lane(x: Tensor, size: int) -> Tensor:
    """Return a copy for a compiled loop to work on, filled up with zeros, and with whole numbers for booleans."""
    lane = torch.zeros(size, dtype=torch.int32 if x.dtype == torch.bool else x.dtype, device=x.device)
    lane[: len(x)] = x
    return lane
