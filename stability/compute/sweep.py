"""Computation of a sweep: nothing finished is lost whatever dies, and the same call goes on."""

import inspect
import os
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from stability.compute.code_version import MAIN, Code, code_of
from stability.compute.executors import Pool, cluster, processes
from stability.compute.grids import Grid, SweepError, SweepTask, canonical
from stability.compute.notebook import reporting
from stability.compute.progress import Progress
from stability.compute.store import DONE, FAILED, Row, SweepStore
from stability.compute.timing import Pace, duration
from stability.compute.worker import environment, work
from stability.errors import StabilityError
from stability.io.printable import amount
from stability.io.results import Displayed, ResultTable

RETRIES = 2
"""How often a task is tried again whose worker died, before it is taken to be the reason."""

BATCH_SECONDS, BATCH = 0.5, 200
"""Small tasks are given out together: for about so many seconds, and at most so many."""

TICK, BEAT, SHOW = 0.5, 5.0, 0.2
"""Seconds between two looks at what others have done, two signs of life, and two calls of progress."""


@dataclass(frozen=True, repr=False)
class Summary(Displayed):
    """What came of a sweep.

    Attributes
    ----------
    total, done, failed : int
        Tasks of the grid, and how many of them have a result, or failed, under this version of the code.
    computed : int
        Tasks that this call computed itself.
    deaths : int
        Workers that died.
    seconds, busy : float
        How long this call took, and the time of its tasks added up.
    workers : int
    interrupted : bool
        Stopped by Ctrl-C.
    """

    total: int
    done: int
    failed: int
    computed: int = 0
    deaths: int = 0
    seconds: float = 0.0
    busy: float = 0.0
    workers: int = 1
    interrupted: bool = False

    @property
    def missing(self) -> int:
        """Tasks that have not been finished."""
        return self.total - self.done - self.failed

    def _table(self) -> ResultTable:
        state = "interrupted" if self.interrupted else "finished" if not self.missing else "not finished"
        counts = f"{self.done:,} of {self.total:,} tasks done, {self.failed:,} failed, {self.missing:,} missing"
        effort = f"{self.computed:,} computed in {self.seconds:.1f} s by {amount(self.workers, 'worker')}"
        deaths = f", {self.deaths:,} of which died" if self.deaths else ""
        return ResultTable(f"Sweep {state}", finding=f"{counts}; {effort}{deaths}")

    def to_json(self) -> dict[str, Any]:
        """Return the counts and times as plain data."""
        return {**asdict(self), "missing": self.missing}


def run_sweep(
    grid: Grid,
    file: str | Path,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    scheduler: str | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
) -> Summary:
    """Compute the tasks of a grid that have no result in the file yet.

    Each result is written as it comes; whatever is killed loses at most the tasks in flight, and the same call goes on.
    A task that raises is recorded as failed; so is one whose worker dies again and again. Several calls may work on
    one file at once. On Ctrl-C the tasks in flight are given up and the summary says so.

    Parameters
    ----------
    grid : Grid
    file : path
        An SQLite file, made if there is none.
    workers : int, optional
        Processes; as many as there are cores by default. With `executor`, how many tasks it computes at once.
    executor : concurrent.futures.Executor, optional
        Computes the tasks instead; it is not shut down.
    scheduler : str, optional
        The address of a dask scheduler, "tcp://host:8786", whose workers compute the tasks instead.
    retry_failed : bool
        Try the failed tasks again.
    progress : callable, optional
        Called with (how long the rest will take, in words, tasks finished, tasks in all); in a notebook there is a bar
        if it is left out.

    Raises
    ------
    SweepError
        If the file belongs to something else, a worker has other code, no worker can start, or the scheduler is not
        there. All results so far are kept.
    CodeError
        If there is no such function.
    FileError
        If the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from stability import Grid, run_sweep
    >>> fixed = {"p": 0.5, "restarts": 4, "epochs": 2, "seed": 0, "model": "relu2", "device": "cpu"}
    >>> grid = Grid("radii", "stability.studies.tangency_tasks:tangency", axes={"alpha": [0.5, 1.0]}, fixed=fixed)
    >>> with TemporaryDirectory() as folder:
    ...     summary = run_sweep(grid, f"{folder}/radii.sqlite", workers=1)
    >>> summary.done, summary.failed
    (2, 0)
    """
    code = code_of(grid.address)
    _refuse(grid, code, executor, scheduler)
    began = time.perf_counter()
    if scheduler is not None:
        with cluster(scheduler) as pool, SweepStore(Path(file)) as store, reporting(progress, "sweep") as report:
            found = _Sweep(grid, code, store, report, retry_failed).compute(pool)
    else:
        with SweepStore(Path(file)) as store, reporting(progress, "sweep") as report:
            sweep = _Sweep(grid, code, store, report, retry_failed)
            if sweep.is_finished:
                found = sweep.summary()
            else:
                with _local(executor, workers) as pool:
                    found = sweep.compute(pool)
    return replace(found, seconds=time.perf_counter() - began)


def _refuse(grid: Grid, code: Code, executor: Executor | None, scheduler: str | None) -> None:
    if executor is not None and scheduler is not None:
        raise SweepError("Expected an executor or a scheduler; got both.", "Leave one out.")
    if scheduler is not None and MAIN in code.modules:
        raise SweepError(
            f"The workers of a cluster cannot find {code.address}.",
            "Put the function in a module that they can import.",
        )
    if callable(grid.function):
        arguments = grid.combinations()[0]
        try:
            inspect.signature(grid.function).bind(**arguments)
        except TypeError as problem:
            raise SweepError(
                f"{code.address} cannot be called with {', '.join(arguments)}: {problem}.",
                "Name the axes and fixed values as its arguments.",
            ) from None


@contextmanager
def _local(executor: Executor | None, workers: int | None) -> Iterator[Pool]:
    if executor is None:
        with processes(workers) as pool:
            yield pool
        return
    count = workers or getattr(executor, "_max_workers", None) or os.cpu_count() or 1
    yield Pool(executor, lambda: count)


class _Sweep:
    """A grid being computed: what waits, what is in flight, and what is known of the time it takes."""

    def __init__(self, grid: Grid, code: Code, store: SweepStore, progress: Progress, retry_failed: bool) -> None:
        self.code, self.store, self.progress = code, store, progress
        tasks = grid.tasks(code.version)
        self.keys = {each.key for each in tasks}
        if retry_failed:
            store.forget_failures(self.keys)
        states = store.states(code.address, code.version)
        left = [each for each in tasks if each.key not in states]
        self.pending = deque(sorted(left, key=lambda each: -each.cost))
        self.alone: deque[SweepTask] = deque()
        self.elsewhere: list[SweepTask] = []
        self.flying: dict[Future[list[Row]], list[SweepTask]] = {}
        self.suspects: set[str] = set()
        self.died: Counter[str] = Counter()
        self.apart = True
        self.pace = Pace(grid)
        self.computed, self.deaths, self.busy, self.workers = 0, 0, 0.0, 1
        self.beaten, self.shown = 0.0, 0.0
        self._learn(tasks, states)

    def _learn(self, tasks: list[SweepTask], states: Mapping[str, str]) -> None:
        known = {each.key: each for each in tasks if states.get(each.key) == DONE}
        for row in self.store.rows(self.code.address) if known else ():
            if row.key in known:
                self.pace.learn(known[row.key], row.seconds)

    @property
    def is_finished(self) -> bool:
        """Whether there is nothing left to compute."""
        return not (self.pending or self.alone or self.elsewhere or self.flying)

    def summary(self, interrupted: bool = False) -> Summary:
        """Return what came of it; the time is not known here."""
        states = self.store.states(self.code.address, self.code.version)
        found = Counter(states[key] for key in self.keys if key in states)
        return Summary(
            total=len(self.keys),
            done=found[DONE],
            failed=found[FAILED],
            computed=self.computed,
            deaths=self.deaths,
            busy=self.busy,
            workers=self.workers,
            interrupted=interrupted,
        )

    def compute(self, pool: Pool) -> Summary:
        """Compute everything that is left."""
        self.apart = pool.apart
        try:
            while not self.is_finished:
                self._round(pool)
        except BaseException as problem:
            self._save()
            if isinstance(problem, KeyboardInterrupt):
                return self.summary(interrupted=True)
            raise
        finally:
            for future in self.flying:
                future.cancel()
        self.progress("", len(self.keys), len(self.keys))
        return self.summary()

    def _round(self, pool: Pool) -> None:
        """Give out work, wait for something to happen, and take what came."""
        slots = self._slots(pool)
        while len(self.flying) < self._most(pool, slots) and (batch := self._next(slots)):
            self._submit(pool.executor, batch)
        self._show(slots)
        if self.flying:
            for future in wait(self.flying, TICK, FIRST_COMPLETED).done:
                self._take(future)
        elif self.elsewhere:
            time.sleep(TICK)
        if not self.pending:
            self.pending.extend(self.elsewhere)
            self.elsewhere.clear()
        if time.monotonic() - self.beaten > BEAT:
            self.store.beat()
            self.beaten = time.monotonic()

    def _most(self, pool: Pool, slots: int) -> int:
        """Return how many batches may be in flight."""
        if pool.apart:
            return slots
        suspects = self.alone or any(each.key in self.suspects for batch in self.flying.values() for each in batch)
        return 1 if suspects else 2 * slots

    def _slots(self, pool: Pool) -> int:
        try:
            self.workers = pool.slots()
        except Exception as problem:
            raise _gone(problem) from None
        return self.workers

    def _show(self, slots: int) -> None:
        if time.monotonic() - self.shown < SHOW:
            return
        self.shown = time.monotonic()
        flying = [each for batch in self.flying.values() for each in batch]
        left = [*self.pending, *self.alone, *self.elsewhere, *flying]
        seconds = self.pace.left(left, slots)
        stage = "" if seconds is None else f"{duration(seconds)} left"
        self.progress(stage, len(self.keys) - len(left), len(self.keys))

    def _next(self, slots: int) -> list[SweepTask]:
        """Return tasks to be computed together, claimed for this sweep; none if there are none to be had."""
        if self.alone:
            return [self.alone.popleft()]
        while self.pending:
            batch = self._batch(max(1, min(BATCH, len(self.pending) // (2 * slots))))
            mine, others = (set(keys) for keys in self.store.claim([each.key for each in batch]))
            self.elsewhere += [each for each in batch if each.key in others]
            if mine:
                return [each for each in batch if each.key in mine]
        return []

    def _batch(self, most: int) -> list[SweepTask]:
        batch: list[SweepTask] = []
        seconds = 0.0
        while self.pending and len(batch) < most and seconds < BATCH_SECONDS:
            batch.append(self.pending.popleft())
            expected = self.pace.seconds(batch[-1])
            seconds += BATCH_SECONDS if expected is None else expected
        return batch

    def _submit(self, executor: Executor, batch: list[SweepTask]) -> None:
        try:
            self.flying[executor.submit(work, self.code, batch)] = batch
        except StabilityError:
            raise
        except Exception as problem:
            raise _gone(problem) from None

    def _take(self, future: Future[list[Row]]) -> None:
        """Write what a batch gave; if its worker died, try its tasks one by one."""
        batch, rows = self.flying[future], list[Row]()
        try:
            rows = future.result()
        except StabilityError:
            raise
        except Exception as problem:
            if not isinstance(problem, BrokenExecutor) and type(problem).__name__ != "KilledWorker":
                raise _gone(problem) from None
            rows = self._after_death(batch, problem)
        self.store.keep(replace(row, attempts=row.attempts + self.died[row.key]) for row in rows)
        del self.flying[future]
        tasks = {each.key: each for each in batch}
        for row in rows:
            if row.state == DONE:
                self.pace.learn(tasks[row.key], row.seconds)
        self.computed += len(rows)
        self.busy += sum(row.seconds for row in rows)

    def _after_death(self, batch: list[SweepTask], problem: Exception) -> list[Row]:
        """Have the tasks tried alone; return the one that has brought down too many workers, as failed."""
        self.deaths += 1
        keys = {each.key for each in batch}
        if len(batch) == 1 and (self.apart or keys <= self.suspects):
            self.died.update(keys)
        self.suspects |= keys
        retries = RETRIES if self.apart else 0  # a cluster has tried several times itself
        if all(self.died[key] <= retries for key in keys):
            self.alone.extend(batch)
            return []
        (task,) = batch
        error = f"Its worker died every time: {type(problem).__name__}: {problem}"
        where = self.code.address, canonical(task.arguments), self.code.version
        return [Row(task.key, *where, FAILED, None, error, 0, 0.0, environment())]

    def _save(self) -> None:
        """Write what has been finished but not taken yet."""
        for future in [each for each in self.flying if each.done() and not each.cancelled()]:
            if future.exception() is None:
                self._take(future)


def _gone(problem: BaseException) -> SweepError:
    return SweepError(
        f"The workers are gone, or could not compute a task: {type(problem).__name__}: {problem!s:.300}",
        "All finished results are kept: the same command goes on once there are workers again.",
    )


def describe(summary: Summary) -> dict[str, Any]:
    """Return a summary as plain data."""
    share = summary.busy / (summary.seconds * summary.workers) if summary.seconds else 0.0
    return {**vars(summary), "missing": summary.missing, "share_in_tasks": round(share, 4)}
