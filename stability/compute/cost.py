"""The cost of a sweep, estimated from a few steps of a few tasks."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stability.compute.code_version import code_of
from stability.compute.executors import cluster, processes
from stability.compute.grids import Arguments, Grid, SweepError, SweepTask
from stability.compute.store import SweepStore
from stability.compute.worker import seconds_of

ENOUGH = 0.2
"""Seconds that a measured run of steps takes at least, unless the whole task is shorter."""

Clock = Callable[[Arguments], float]
"""From arguments to the seconds of one call."""


@dataclass(frozen=True)
class GroupPlan:
    """What the tasks of one group cost.

    Attributes
    ----------
    group : str
        The value of the group axis; "all" if the grid has none.
    tasks, left : int
        How many there are, and how many have no result yet.
    shortest, longest : float
        Seconds that a task takes.
    seconds : float
        Of the tasks that are left, added up.
    misfit : float
        By how much the estimates miss what was measured, added up, as a part of it.
    """

    group: str
    tasks: int
    left: int
    shortest: float
    longest: float
    seconds: float
    misfit: float


def plan(grid: Grid, file: str | Path | None = None, *, scheduler: str | None = None) -> list[GroupPlan]:
    """Return what a grid costs, group by group.

    In each group the smallest, the middle and the largest task, and those that best distinguish the parts of a step,
    are run for some steps, one at a time; seconds per step are a combination of the sizes of the parts, without
    negative coefficients. Tasks without a number of steps are run whole.

    Parameters
    ----------
    grid : Grid
    file : path, optional
        Results that are there already; tasks that have one cost nothing.
    scheduler : str, optional
        Measure on the workers of this dask scheduler.

    Raises
    ------
    SweepError
        If a task fails, or as in `run`.
    """
    code = code_of(grid.address)
    finished: Mapping[str, str] = {}
    if file is not None and Path(file).exists():
        with SweepStore(Path(file), create=False) as store:
            finished = store.states(code.address, code.version)
    groups: dict[str, list[SweepTask]] = {}
    for each in grid.tasks(code.version):
        groups.setdefault("all" if grid.group is None else str(each.arguments[grid.group]), []).append(each)
    with processes(1) if scheduler is None else cluster(scheduler) as pool:

        def clock(arguments: Arguments) -> float:
            return pool.executor.submit(seconds_of, code, arguments).result()

        try:
            return [_group(grid, name, tasks, finished, clock) for name, tasks in groups.items()]
        except BrokenExecutor as problem:
            raise SweepError(f"The worker died: {problem}.", "Try the largest task by itself.") from None


def _group(grid: Grid, name: str, tasks: Sequence[SweepTask], finished: Mapping[str, str], clock: Clock) -> GroupPlan:
    """Measure some tasks of a group and estimate the others."""
    sizes = np.array([grid.size(each.arguments) for each in tasks])
    chosen = _distinguishing(sizes)
    first = tasks[chosen[0]].arguments
    clock(first if grid.steps is None else {**first, grid.steps: 1})
    starts, slopes = np.array([_measure(grid, tasks[k].arguments, clock) for k in chosen]).T
    parts = _parts(sizes[chosen], slopes)
    steps = np.array([1 if grid.steps is None else each.arguments[grid.steps] for each in tasks])
    times = starts.mean() + steps * (sizes @ parts)
    left = np.array([each.key not in finished for each in tasks])
    misfit = float(np.abs(sizes[chosen] @ parts - slopes).sum() / slopes.sum())
    counts = len(tasks), int(left.sum())
    return GroupPlan(name, *counts, float(times.min()), float(times.max()), float(times[left].sum()), misfit)


def _distinguishing(sizes: NDArray[np.float64]) -> list[int]:
    """Return which tasks to measure, smallest first: by size, and one more for every part of a step but one."""
    order = np.argsort(sizes.sum(1), kind="stable")
    chosen = [int(order[0]), int(order[len(order) // 2]), int(order[-1])]
    shares = sizes / sizes.sum(1, keepdims=True)
    for _ in range(sizes.shape[1] - 1):
        seen = shares[chosen].T @ shares[chosen] + 1e-6 * np.eye(sizes.shape[1])
        news = np.einsum("ni,ij,nj->n", shares, np.linalg.inv(seen), shares)
        news[chosen] = 0
        chosen.append(int(np.argmax(news)))
    return sorted({*chosen}, key=lambda k: float(sizes[k].sum()))


def _measure(grid: Grid, arguments: Arguments, clock: Clock) -> tuple[float, float]:
    """Return the seconds before the first step, and those of a step (at least a nanosecond)."""
    if grid.steps is None:
        return 0.0, clock(arguments)
    whole: int = arguments[grid.steps]

    def time(steps: int) -> float:
        given: Arguments = {**arguments, str(grid.steps): steps}
        return min(clock(given), clock(given))

    first, seconds, steps = time(1), 0.0, 1
    while seconds - first < ENOUGH and steps < whole:
        steps = min(whole, 4 * steps)
        seconds = time(steps)
    if steps == 1:
        return 0.0, first
    slope = max(1e-9, (seconds - first) / (steps - 1))
    return max(0.0, first - slope), slope


def _parts(sizes: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the seconds per unit of each part, none negative, with the least squares of errors / sqrt(time).

    The parts that get none are found by trying all choices: there are few parts.
    """
    rows, goal = sizes / np.sqrt(times)[:, None], np.sqrt(times)
    best, least = np.zeros(sizes.shape[1]), np.inf
    for used in product([False, True], repeat=sizes.shape[1]):
        found = np.zeros(len(used))
        found[list(used)] = np.linalg.lstsq(rows[:, used], goal, rcond=None)[0]
        error = float(((rows @ found - goal) ** 2).sum())
        if found.min() >= 0 and error < least:
            best, least = found, error
    return best
