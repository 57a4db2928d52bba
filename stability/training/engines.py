"""How are epochs computed: compiled into fused loops, or step by step?"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from types import FunctionType
from typing import Any

import numpy as np
import torch

from stability.errors import StabilityError
from stability.model.rules import PLAIN, TORCH, UpdateRule
from stability.training.epochs import (
    Batch,
    Stops,
    corrections,
    pack,
    stacked_epoch,
    unrolled_block,
)
from stability.training.tasks import Task

Tensor = torch.Tensor

FUSED = 4
"""Epochs that one compiled loop takes at once."""

TILE = 2**15
"""Restarts that a compiled loop works on at once, at most; their state fits the cache."""

GRAIN = 2**12
"""Sizes of tiles are multiples of it, so that few different loops are compiled."""

LANES = 64
"""Batches are filled up to a multiple of this, so that no number is computed in the odd rest of a loop."""

MODES = ("auto", "compiled", "eager", "torch")
"""Compiled where there is a compiler and the work is worth it; eager gives the same bits; torch gives those of
torch.optim, which rounds a product and a sum at once."""

WORTH = 10**8
"""Epochs times restarts from which compiling pays."""

OPTIONS: dict[str, Any] = {"max_fusion_size": 2000}
"""Everything goes into one loop."""


def _root(x: Tensor) -> Tensor:
    """Return the correctly rounded square root; that of torch on CPUs is off by a bit now and then."""
    return torch.from_numpy(np.sqrt(x.numpy())) if x.device.type == "cpu" else x.sqrt()


ROUNDED = replace(PLAIN, root=_root)

Advance = Callable[[Batch, int, int], Batch]
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
    StabilityError
        If the mode is unknown, or cannot run here.
    """
    if mode not in MODES:
        raise StabilityError(f"Expected one of {', '.join(MODES)}; got {mode!r}.", "Leave it out for auto.")
    able = task.is_small and has_compiler(device)
    if mode == "compiled" and not able:
        reason = "there is no compiler" if task.is_small else "the task is too large to be written out"
        raise StabilityError(f"Expected a task that can be compiled; {reason}.", "Use the mode auto.")
    how = TORCH if mode == "torch" else ROUNDED

    def advance(batch: Batch, done: int, count: int) -> Batch:
        for t in range(done, done + count):
            batch = stacked_epoch(task, rule, stops, how, batch, t)
        return batch

    if mode == "compiled" or (mode == "auto" and able and restarts * epochs >= WORTH):
        return _compiled(task, rule, stops, tile_size(restarts), advance), "compiled"
    return advance, "torch" if mode == "torch" else "eager"


@lru_cache(maxsize=64)
def _block(
    task: Task, rule: UpdateRule, patience: int | None, looks: bool, size: int, dtype: torch.dtype
) -> Callable[..., list[Tensor]]:
    """Return the compiled loop for tiles of one size and precision, which has code of its own.

    torch.compile takes only so many variants of the same code.
    """
    block: Any = unrolled_block(task, rule, patience, looks, FUSED)
    own = FunctionType(block.__code__.replace(), block.__globals__, block.__name__, None, block.__closure__)
    compiled: Callable[..., list[Tensor]] = torch.compile(own, fullgraph=True, dynamic=False, options=OPTIONS)
    return compiled


def tile_size(restarts: int) -> int:
    """Return how many restarts a compiled loop works on at once: near TILE, with little left over in the last tile."""
    each = -(-restarts // -(-restarts // TILE))
    return -(-each // GRAIN) * GRAIN


def _compiled(task: Task, rule: UpdateRule, stops: Stops, size: int, step_by_step: Advance) -> Advance:
    """Return how to advance a batch in place by fused loops on tiles; epochs left over are taken step by step."""

    def advance(batch: Batch, done: int, count: int) -> Batch:
        tensors = pack(batch)
        dtype = tensors[0].dtype
        block = _block(task, rule, stops.patience, stops.any, size, dtype)
        limit = torch.tensor(stops.loss, dtype=dtype, device=tensors[0].device)
        fused = count - count % FUSED
        tables = [
            torch.tensor(corrections(rule, done + k, FUSED), dtype=dtype, device=limit.device).T.contiguous()
            for k in range(0, fused, FUSED)
        ]
        for k in range(0, len(tensors[-1]), size):
            own = [x[k : k + size] for x in tensors]
            short = size - len(own[0])
            lanes = [torch.nn.functional.pad(x, (0, short)) for x in own] if short else own
            for table in tables:
                lanes = block(*table, limit, lanes)
            for x, lane in zip(own, lanes, strict=True):
                x.copy_(lane[: len(x)])
        return step_by_step(batch, done + fused, count - fused)

    return advance
