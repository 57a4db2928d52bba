"""Loops over epochs that the C++ compiler of the machine makes in a fraction of a second, for CPUs."""

import ctypes
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import torch

from stability.compute.cpp import SLOW, TARGETS, library
from stability.errors import StabilityError
from stability.model.update_rules import UpdateRule
from stability.training.ensembles.cpp_source import COUNTERS, cpp_source
from stability.training.ensembles.epochs import LANES, Advance, RestartBatch, Stops, corrections, pack
from stability.training.ensembles.problem import Task

FLAGS = ("-O3", "-ffp-contract=off", "-fno-math-errno", "-fPIC", "-shared", "-w", "-x", "c++", "-")
"""No product and sum are rounded at once, and nothing else is relaxed that changes a bit."""

SHARE = 2**12
"""Restarts below which a thread of its own does not pay."""

PIECE = 2**25
"""Epochs times restarts between two moments at which an interruption is noticed."""

PATIENT = 2**31 - 1
"""More epochs than a run takes."""


@dataclass(frozen=True)
class Loop:
    """A loop made by the compiler.

    Attributes
    ----------
    run : callable
        As `SOURCE` of `stability.training.ensembles.cpp_source` declares it.
    real, whole : torch.dtype
        Of the numbers that it works on.
    """

    run: Callable[..., None]
    real: torch.dtype
    whole: torch.dtype


def cpp_advance(task: Task, rule: UpdateRule, stops: Stops, dtype: torch.dtype) -> Advance:
    """Return how to advance a batch of whole vectors in place, by a loop of the C++ compiler.

    Raises
    ------
    StabilityError
        If there is no compiler, or it fails.
    """
    loop = _loop(task, rule.name, stops.patience is not None, stops.any, dtype)

    def advance(batch: RestartBatch, done: int, count: int) -> RestartBatch:
        size = len(batch.alive)
        if size % LANES:
            raise StabilityError(f"Expected a multiple of {LANES} runs; got {size}.", "Fill the batch with dead runs.")
        piece = max(1, PIECE // size)
        tensors = pack(batch)
        kinds = [loop.real] * (len(tensors) - COUNTERS) + [loop.whole] * COUNTERS
        rows = [x.to(kind).contiguous() for x, kind in zip(tensors, kinds, strict=True)]
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            for first in range(done, done + count, piece):
                one = _call(loop, rule, stops, rows, first, min(piece, done + count - first))
                list(pool.map(one, *zip(*_shares(size, torch.get_num_threads()), strict=True)))
        for x, row in zip(tensors, rows, strict=True):
            if row is not x:
                x.copy_(row)
        return batch

    return advance


def _call(
    loop: Loop, rule: UpdateRule, stops: Stops, rows: list[torch.Tensor], done: int, count: int
) -> Callable[[int, int], None]:
    """Return what takes epochs of the restarts from one to another."""
    table = torch.tensor(corrections(rule, done, count), dtype=torch.float64).T.contiguous()
    constants = [vars(rule.floats)[name] for name in rule.family.ranges]
    reals, wholes = rows[:-COUNTERS], rows[-COUNTERS:]

    def call(first: int, last: int) -> None:
        loop.run(
            first,
            last,
            count,
            table[0].data_ptr(),
            table[1].data_ptr(),
            (ctypes.c_double * len(constants))(*constants),
            stops.loss,
            min(stops.patience or 0, PATIENT),
            (ctypes.c_void_p * len(reals))(*(x.data_ptr() for x in reals)),
            (ctypes.c_void_p * len(wholes))(*(x.data_ptr() for x in wholes)),
        )

    return call


def _shares(size: int, threads: int) -> list[tuple[int, int]]:
    """Return the ranges of whole vectors that threads take, none of them small."""
    each = max(SHARE, -(-size // (threads * LANES)) * LANES)
    return [(first, min(first + each, size)) for first in range(0, size, each)]


@lru_cache(maxsize=64)
def _loop(task: Task, rule: str, waits: bool, looks: bool, dtype: torch.dtype) -> Loop:
    run = library(cpp_source(task, rule, waits, looks, dtype), FLAGS, TARGETS, SLOW).run
    run.argtypes = [
        *[ctypes.c_longlong] * 3,
        *[ctypes.c_void_p] * 3,
        *[ctypes.c_double] * 2,
        *[ctypes.c_void_p] * 2,
    ]
    run.restype = None
    return Loop(run, dtype, torch.int64 if dtype == torch.float64 else torch.int32)
