"""Executors of tasks: processes that may die one by one, or a dask cluster."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import connection
from typing import Any, ParamSpec, TypeVar

from stability.compute.grids import SweepError
from stability.errors import DISTRIBUTION, EXTRAS
from stability.exact.limits import require_workers

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 4.0
"""Seconds that a scheduler has to answer, and again to have a worker."""

LOOK = 5.0
"""Seconds between two counts of the workers of a cluster."""


@dataclass(frozen=True)
class Pool:
    """An executor, and how many batches it should have at once.

    Attributes
    ----------
    executor : concurrent.futures.Executor
    slots : callable
        () -> the number of workers now, at least 1.
    apart : bool
        Whether a worker that dies takes its own call with it only. If not, each worker is given two batches, and calls
        that failed that way are tried with nothing beside them.
    """

    executor: Executor
    slots: Callable[[], int]
    apart: bool = False


class Workers(Executor):
    """Processes that run one call each, of which any may die: only its own call fails, with BrokenExecutor.

    Each starts afresh (no fork), computes with one thread, leaves Ctrl-C to the process that started it, and ends when
    that one is gone. One that died is replaced at the next call.

    Parameters
    ----------
    count : int

    Raises
    ------
    StabilityError
        If the number is below 1, or too large.
    """

    def __init__(self, count: int) -> None:
        require_workers(count)
        self.count = count
        self._slots = [self._fresh() for _ in range(count)]
        self._calls: list[Future[Any] | None] = [None] * count

    def _fresh(self) -> tuple[ProcessPoolExecutor, Future[int]]:
        context = multiprocessing.get_context("spawn")
        executor = ProcessPoolExecutor(1, context, initializer=_start_worker)
        return executor, executor.submit(os.getpid)

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give a call to a worker that has none, or to the first one if all have.

        Raises
        ------
        SweepError
            If a process could not even start.
        """
        free = [k for k, call in enumerate(self._calls) if call is None or call.done()]
        place = free[0] if free else 0
        try:
            future = self._slots[place][0].submit(function, *args, **kwargs)
        except BrokenExecutor:
            self._replace(place)
            future = self._slots[place][0].submit(function, *args, **kwargs)
        self._calls[place] = future
        return future

    def _replace(self, place: int) -> None:
        old, greeting = self._slots[place]
        if not greeting.done() or greeting.exception() is not None:
            raise SweepError(
                "A worker process died before it could start.",
                'A script that runs a sweep does so under: if __name__ == "__main__".',
            )
        old.shutdown(wait=False)
        self._slots[place] = self._fresh()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes; with `cancel_futures`, in the middle of their calls."""
        for executor, _ in self._slots:
            if cancel_futures:
                _end(executor)
            else:
                executor.shutdown(wait=False)
        if wait:
            for executor, _ in self._slots:
                executor.shutdown(wait=True)


@contextmanager
def ended_on_errors(executor: ProcessPoolExecutor) -> Iterator[ProcessPoolExecutor]:
    """Give an executor whose processes end in the middle of their calls if what follows is interrupted or fails.

    Without that the interpreter waits for all calls, which may take hours.
    """
    try:
        yield executor
    except BaseException:
        _end(executor)
        raise


def _end(executor: ProcessPoolExecutor) -> None:
    """End processes in the middle of their calls, once their executor has forgotten the calls that did not begin.

    The executors of Python 3.11 fail where a process ends while a cancelled call waits, and the interpreter may then
    wait for ever. A last call shows when that is over: it is cancelled behind all others.
    """
    forgotten = threading.Event()
    try:
        executor.submit(os.getpid).add_done_callback(lambda _: forgotten.set())
    except RuntimeError:  # it takes no more calls, since a process died
        forgotten.set()
    inner: Any = executor
    own = list((inner._processes or {}).values())
    results, thread = getattr(inner, "_result_queue", None), getattr(inner, "_executor_manager_thread", None)
    executor.shutdown(wait=False, cancel_futures=True)
    try:
        forgotten.wait(1)
    finally:
        for process in own:
            process.terminate()
        if results is not None:  # a result that was half sent ends here, where the executor would wait for the rest
            results._writer.close()
    if thread is not None:
        thread.join(5)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
    if find_spec("threadpoolctl") is not None:  # for what is loaded already
        import_module("threadpoolctl").threadpool_limits(1)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


@contextmanager
def processes(count: int | None) -> Iterator[Pool]:
    """Give a pool of so many processes; as many as there are cores by default."""
    workers = Workers(os.cpu_count() or 1 if count is None else count)
    try:
        yield Pool(workers, lambda: workers.count, apart=True)
    finally:
        workers.shutdown(cancel_futures=True)


@contextmanager
def cluster(address: str) -> Iterator[Pool]:
    """Give a pool of the workers of a dask scheduler, however many there are at each time.

    Raises
    ------
    SweepError
        If dask.distributed is not installed, no scheduler answers, or it has no workers; within 10 seconds.
    """
    if find_spec("distributed") is None:
        raise SweepError(
            "A scheduler needs dask.distributed, which is not installed.",
            f"Run pip install '{DISTRIBUTION}[{EXTRAS['distributed']}]', or leave --scheduler out.",
        )
    client = _client(import_module("distributed"), address)
    try:
        yield Pool(client.get_executor(pure=False), _counter(client))
    finally:
        with suppress(Exception):
            client.close(timeout=PATIENCE)


def _client(distributed: Any, address: str) -> Any:
    loggers = [logging.getLogger(f"distributed.{name}") for name in ("comm", "comm.tcp", "client")]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.CRITICAL)
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError, ImportError) as problem:
        raise SweepError(
            f"No scheduler answers at {address}: {problem!r:.200}.",
            "Start one with `dask scheduler`, and write its address as tcp://host:8786.",
        ) from None
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
    deadline = time.monotonic() + PATIENCE
    while not client.nthreads():
        if time.monotonic() > deadline:
            client.close()
            raise SweepError(f"The scheduler at {address} has no workers.", f"Start one with `dask worker {address}`.")
        time.sleep(0.2)
    return client


def _counter(client: Any) -> Callable[[], int]:
    last = [-LOOK, 1.0]

    def count() -> int:
        if time.monotonic() - last[0] > LOOK:
            last[:] = time.monotonic(), float(sum(client.nthreads().values()))
        return max(1, int(last[1]))

    return count
