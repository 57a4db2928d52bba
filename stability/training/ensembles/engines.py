"""The engines that compute epochs: compiled into fused loops, or step by step."""

from dataclasses import replace

import numpy as np
import torch

from stability.compute.cpp import compiler
from stability.errors import StabilityError
from stability.model.update_rules import PLAIN, TORCH, UpdateRule
from stability.training.ensembles.cpp_loops import cpp_advance
from stability.training.ensembles.epochs import Advance, RestartBatch, Stops, stacked_epoch
from stability.training.ensembles.gradients import examples
from stability.training.ensembles.problem import Task
from stability.training.ensembles.settings import require_mode
from stability.training.ensembles.torch_loops import tile_size, torch_advance

Tensor = torch.Tensor

WORTH = {"cpu": 2 * 10**6, "cuda": 10**8}
"""Epochs times restarts that take about as long, step by step, as compiling: from there on it pays."""

OVERHEAD = {"cpu": 4000, "cuda": 0}
"""Restarts to be added, for what an epoch takes step by step however few there are."""


def _root(x: Tensor) -> Tensor:
    """Return the correctly rounded square root; that of torch on CPUs is off by a bit now and then."""
    return torch.from_numpy(np.sqrt(x.numpy())) if x.device.type == "cpu" else x.sqrt()


ROUNDED = replace(PLAIN, root=_root)


def has_compiler(device: str) -> bool:
    """Return whether loops can be compiled here: by Triton for GPUs, by a C++ compiler for CPUs."""
    return bool(torch.utils._triton.has_triton()) if device == "cuda" else compiler() is not None


def pays(device: str, restarts: int, epochs: int) -> bool:
    """Return whether compiling takes less time than it saves, if the runs do not stop much earlier."""
    return (restarts + OVERHEAD[device]) * epochs >= WORTH[device]


def engine(
    task: Task, rule: UpdateRule, stops: Stops, mode: str, device: str, dtype: torch.dtype, restarts: int, epochs: int
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
    how = TORCH if mode == "torch" else ROUNDED

    def advance(batch: RestartBatch, done: int, count: int) -> RestartBatch:
        given = examples(task, batch.p) if count else None
        for t in range(done, done + count):
            batch = stacked_epoch(task, rule, stops, how, batch, t, given)
        return batch

    if mode == "compiled" or (mode == "auto" and pays(device, restarts, epochs)):
        try:
            return _compiled(task, rule, stops, device, dtype, restarts, advance), "compiled"
        except StabilityError:
            if mode == "compiled":
                raise
    return advance, "torch" if mode == "torch" else "eager"


def _compiled(
    task: Task, rule: UpdateRule, stops: Stops, device: str, dtype: torch.dtype, restarts: int, step_by_step: Advance
) -> Advance:
    if not task.is_small or not has_compiler(device):
        reason = "there is no compiler" if task.is_small else "the task is too large to be written out"
        raise StabilityError(f"Expected a task that can be compiled; {reason}.", "Use the mode auto.")
    if device == "cuda":
        return torch_advance(task, rule, stops, tile_size(restarts), step_by_step)
    return cpp_advance(task, rule, stops, dtype)
