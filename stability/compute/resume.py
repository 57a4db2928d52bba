"""Long computations that are shared among workers and go on after an interruption."""

import gc
import json
import os
import secrets
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from stability.compute.executors import ended_on_errors
from stability.compute.progress import Progress, silent
from stability.errors import StabilityError
from stability.exact.limits import require_workers
from stability.version import __version__

Task = TypeVar("Task")
Result = TypeVar("Result")


class ResumeError(StabilityError, ValueError):
    """A file of partial results that cannot be read or belongs to something else."""


@dataclass
class LineStore:
    """Results kept in a file as they arrive, one line each, so that nothing is computed twice.

    Attributes
    ----------
    path : Path or None
        None: results are kept nowhere.
    fingerprint : str
        Of what is computed; a file with another one is refused.
    """

    path: Path | None
    fingerprint: str
    kept: dict[tuple[str, int], Any] = field(default_factory=dict)

    @property
    def header(self) -> dict[str, str]:
        """The first line of the file."""
        return {"format": "stability-partial/1", "version": __version__, "of": self.fingerprint}

    def load(self) -> None:
        """Read what an earlier run left; a line that was cut off is dropped.

        Raises
        ------
        ResumeError
            If the file is no file of partial results, or belongs to another computation.
        """
        if self.path is None or not self.path.exists():
            return
        try:
            if not self.path.is_file():
                raise ValueError("a folder, a pipe or a device")
            lines = self.path.read_bytes().split(b"\n")
            if len(lines) == 1 and json.dumps(self.header).encode().startswith(lines[0]):
                os.truncate(self.path, 0)
                return
            head = json.loads(lines[0])
        except (OSError, ValueError, RecursionError):
            raise ResumeError(
                f"Expected a file of partial results; got {self.path}, which is none.", "Name another file."
            ) from None
        if head != self.header:
            raise ResumeError(
                f"Expected partial results of this computation; got {self.path}, of another one or another version.",
                "Name another file, or remove it.",
            )
        good = len(lines[0]) + 1
        for line in lines[1:-1]:
            try:
                entry = json.loads(line)
                self.kept[entry["stage"], entry["index"]] = entry["result"]
            except (ValueError, KeyError, TypeError, RecursionError):
                break
            good += len(line) + 1
        os.truncate(self.path, min(good, self.path.stat().st_size))

    def keep(self, stage: str, index: int, result: Any) -> None:
        """Write a result to the file."""
        if self.path is None:
            return
        try:
            fresh = not self.path.exists() or not self.path.stat().st_size
            with self.path.open("a", encoding="utf-8") as file:
                if fresh:
                    file.write(json.dumps(self.header) + "\n")
                entry = {"stage": stage, "index": index, "result": result}
                file.write(json.dumps(entry, separators=(",", ":")) + "\n")
        except OSError as problem:
            raise ResumeError(f"Could not write {self.path}: {problem.strerror}.", "Name another file.") from None

    def remove(self) -> None:
        """Remove the file, once everything is done."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Stage(Generic[Task, Result]):
    """Independent tasks of one kind.

    Attributes
    ----------
    name : str
    function : callable
        From a task to its result; both can be pickled.
    write, read : callable
        From a result to JSON and back.
    """

    name: str
    function: Callable[[Task], Result]
    write: Callable[[Result], Any]
    read: Callable[[Any], Result]

    def run(
        self, tasks: Sequence[Task], executor: Executor | None, store: LineStore, progress: Progress = silent
    ) -> list[Result]:
        """Return the results in the order of the tasks; those in the store are not computed again."""
        found = self._kept(len(tasks), store)
        self._compare(tasks, found, store)
        progress(self.name, len(found), len(tasks))
        left = [k for k in range(len(tasks)) if k not in found]
        for k, result in self._results(tasks, left, executor):
            if store.path is not None:
                store.keep(self.name, k, self.write(result))
            found[k] = result
            progress(self.name, len(found), len(tasks))
        return [found[k] for k in range(len(tasks))]

    def _compare(self, tasks: Sequence[Task], found: dict[int, Result], store: LineStore) -> None:
        """Compute one of the results that a file holds anew, whichever, and refuse the file if it is another one."""
        if not found:
            return
        k = secrets.choice([*found])
        if json.loads(json.dumps(self.write(self.function(tasks[k])))) != store.kept[self.name, k]:
            raise ResumeError(
                f"Expected {self.name} in {store.path} as they are computed; got another result number {k}.",
                "Remove the file: it was changed, or belongs to other code.",
            )

    def _kept(self, count: int, store: LineStore) -> dict[int, Result]:
        """Return the results that a file holds."""
        try:
            return {k: self.read(store.kept[self.name, k]) for k in range(count) if (self.name, k) in store.kept}
        except (LookupError, TypeError, ValueError, AttributeError):
            raise ResumeError(
                f"Expected {self.name} in {store.path}; got other entries.", "Name another file, or remove it."
            ) from None

    def _results(
        self, tasks: Sequence[Task], left: Sequence[int], executor: Executor | None
    ) -> Iterator[tuple[int, Result]]:
        if executor is None:
            yield from ((k, self.function(tasks[k])) for k in left)
            return
        futures = {executor.submit(self.function, tasks[k]): k for k in left}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            for future in futures:
                future.cancel()


@contextmanager
def workers(count: int) -> Iterator[Executor | None]:
    """Give an executor of so many processes; None for one, which needs no other process.

    Raises
    ------
    StabilityError
        If the number is below 1, or too large.
    """
    require_workers(count)
    if count == 1:
        yield None
        return
    with ProcessPoolExecutor(count, initializer=_start_worker) as executor, ended_on_errors(executor):
        yield executor


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()


@contextmanager
def no_collection() -> Iterator[None]:
    """Do without the search for cyclic garbage, which millions of small results make slow; no cycles arise."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
