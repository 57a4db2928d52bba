"""Loops over epochs that torch.compile fuses, for GPUs."""

from collections.abc import Callable
from functools import lru_cache
from types import FunctionType
from typing import Any

import torch

from stability.model.update_rules import UpdateRule
from stability.training.ensembles.epochs import Advance, RestartBatch, Stops, corrections, pack, unrolled_block
from stability.training.ensembles.problem import Task

Tensor = torch.Tensor

FUSED = 4
"""Epochs that one compiled loop takes at once."""

TILE = 2**16
"""Restarts that a compiled loop works on at once, at most; their state fits the cache."""

GRAIN = 2**12
"""Sizes of tiles are multiples of it, so that few different loops are compiled."""

OPTIONS: dict[str, Any] = {"max_fusion_size": 2000, "size_asserts": False, "cpp.enable_loop_tail_vec": False}
"""Everything goes into one loop; no time goes into looking at sizes, nor into the rest of a loop that has none."""


@lru_cache(maxsize=64)
def _block(
    task: Task, rule: UpdateRule, patience: int | None, looks: bool, size: int, dtype: torch.dtype
) -> Callable[..., None]:
    """Return the compiled loop for tiles of one size and precision, which has code of its own.

    torch.compile takes only so many variants of the same code.
    """
    block: Any = unrolled_block(task, rule.family, rule.floats, patience, looks, FUSED)
    own = FunctionType(block.__code__.replace(), block.__globals__, block.__name__, None, block.__closure__)
    compiled: Callable[..., None] = torch.compile(own, fullgraph=True, dynamic=False, options=OPTIONS)
    return compiled


def tile_size(restarts: int) -> int:
    """Return how many restarts a compiled loop works on at once: near TILE, with little left over in the last tile."""
    each = -(-restarts // -(-restarts // TILE))
    return -(-each // GRAIN) * GRAIN


def torch_advance(task: Task, rule: UpdateRule, stops: Stops, size: int, step_by_step: Advance) -> Advance:
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
