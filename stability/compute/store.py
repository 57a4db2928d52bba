"""The file in which the results of a sweep lie, so that nothing is lost, mixed or computed twice."""

import json
import os
import socket
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from stability.compute.grids import SweepError
from stability.compute.store_guard import StepBudget, require_place, require_tables, require_values
from stability.errors import FileError, MissingFileError
from stability.io.closing import Closing

APPLICATION = 0x57AB5EED
"""The application_id by which SQLite files of sweeps are distinguished from others."""

SCHEMA = 1
"""The version of the tables below; a file of another one is refused."""

FRESH = 30.0
"""Seconds after which a sweep that gave no sign of life is taken for dead, and its tasks are taken over."""

DONE, FAILED = "done", "failed"

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE results (
    key TEXT PRIMARY KEY, task TEXT NOT NULL, arguments TEXT NOT NULL, code TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('done', 'failed')), result TEXT, error TEXT,
    attempts INTEGER NOT NULL, seconds REAL NOT NULL, made_by TEXT NOT NULL, finished REAL NOT NULL
);
CREATE INDEX results_by_code ON results (task, code);
CREATE TABLE sweeps (owner TEXT PRIMARY KEY, host TEXT NOT NULL, process INTEGER NOT NULL, seen REAL NOT NULL);
CREATE TABLE claims (key TEXT PRIMARY KEY, owner TEXT NOT NULL);
"""
"""meta: the schema; results: one row per finished task; sweeps: who writes now; claims: who computes what now."""

KEEP = """
INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
    state = excluded.state, result = excluded.result, error = excluded.error, attempts = excluded.attempts,
    seconds = excluded.seconds, made_by = excluded.made_by, finished = excluded.finished
WHERE results.state = 'failed' AND excluded.state = 'done'
"""
"""The first result of a task stays, but that a result replaces a failure."""


@dataclass(frozen=True)
class Row:
    """What is known of a finished task.

    Attributes
    ----------
    key, task, arguments, code : str
        Its key, function, canonical arguments, and version of the code.
    state : str
        DONE or FAILED.
    result, error : str or None
        The result as JSON, or what went wrong.
    attempts : int
        How often it was tried, without those that a kill of the whole sweep cut off.
    seconds : float
        The time of the last try.
    made_by : str
        Python, libraries and machine that computed it.
    """

    key: str
    task: str
    arguments: str
    code: str
    state: str
    result: str | None
    error: str | None
    attempts: int
    seconds: float
    made_by: str

    @property
    def given(self) -> dict[str, Any]:
        """The arguments.

        Raises
        ------
        SweepError
            If they are none: a file may hold anything.
        """
        return self._read("arguments", self.arguments)

    @property
    def found(self) -> dict[str, Any]:
        """What the task returned; nothing where it failed.

        Raises
        ------
        SweepError
            If it is nothing that a task returns.
        """
        return self._read("result", self.result or "{}")

    def _read(self, name: str, text: str) -> dict[str, Any]:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise SweepError(
                f"Expected the {name} of the task {self.key:.8} as JSON, by name; got {text!r:.60}.",
                "Name another file, or compute it anew in one.",
            )
        return found


COLUMNS = "key, task, arguments, code, state, result, error, attempts, seconds, made_by"


class SweepStore(Closing):
    """The results in one SQLite file, written by one process at a time.

    Results are on disk once `keep` returns, whatever kills the process (after a power cut the last ones may be
    missing; the file is whole). Several sweeps may use one file: each claims the tasks that it computes.

    Parameters
    ----------
    path : Path
    create : bool
        Make the file if there is none.

    Raises
    ------
    SweepError
        If the file is no file of a sweep, or one of another version.
    FileError
        If it cannot be read or written, or there is none.
    """

    def __init__(self, path: Path, create: bool = True) -> None:
        self.path, self.owner = path, uuid4().hex
        self._signed = False
        self._budget: StepBudget | None = None
        if not create and not path.exists():
            raise MissingFileError(f"There is no file {path}.", "Run the sweep first, or name its file with --file.")
        require_place(path)
        with self._translated():
            self._database = sqlite3.connect(path, timeout=30, isolation_level=None)
        try:
            with self._translated():
                self._budget = StepBudget(self._database, path)
                self._open(create)
        except BaseException:
            self._database.close()
            raise

    def close(self) -> None:
        """Give up the claims and close the file."""
        try:
            with self._translated(), self._transaction(writes=self._signed):
                if not self._signed:
                    return
                self._database.execute("DELETE FROM claims WHERE owner = ?", [self.owner])
                self._database.execute("DELETE FROM sweeps WHERE owner = ?", [self.owner])
        finally:
            self._database.close()

    def _open(self, create: bool) -> None:
        with self._transaction(writes=create):
            empty = not self._number("SELECT count(*) FROM sqlite_master")
            application = self._number("PRAGMA application_id")
            if create and empty and not application:
                self._database.execute(f"PRAGMA application_id = {APPLICATION}")
                for statement in TABLES.split(";"):
                    self._database.execute(statement)
                self._database.execute("INSERT INTO meta VALUES ('schema', ?)", [str(SCHEMA)])
            elif application != APPLICATION:
                raise SweepError(f"{self.path} is an SQLite file of something else.", "Name another file.")
            else:
                require_tables(self._database, TABLES, self.path)
            found = self._database.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
        if found is None or found[0] != str(SCHEMA):
            raise SweepError(
                f"{self.path} has the results of a sweep in version {found and found[0]} of the tables; "
                f"expected version {SCHEMA}.",
                "Name another file, or use the version of this package that wrote it.",
            )
        if create:
            self._write_ahead()

    def _write_ahead(self) -> None:
        """Let others read while this process writes; asked for again while another sweep opens the same new file."""
        self._database.execute("PRAGMA synchronous = NORMAL")
        for _ in range(100):
            try:
                self._database.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError:
                time.sleep(0.05)

    def _number(self, query: str, *given: object) -> int:
        return int(self._database.execute(query, given).fetchone()[0])

    @contextmanager
    def _transaction(self, writes: bool = True) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Report what SQLite complains about in our words; let a query take its steps."""
        if self._budget is not None:
            self._budget.renew()
        try:
            yield
        except sqlite3.OperationalError as problem:
            if getattr(problem, "sqlite_errorname", "") == "SQLITE_INTERRUPT" or "decode" in str(problem):
                broken = "it holds more than its size allows" if "decode" not in str(problem) else "it holds no text"
                raise SweepError(f"{self.path} is no file of a sweep: {broken}.", "Name another file.") from None
            raise FileError(f"Could not use {self.path}: {problem}.", "Name a file on a disk with space.") from None
        except sqlite3.DatabaseError as problem:
            raise SweepError(f"{self.path} is no file of a sweep: {problem}.", "Name another file.") from None

    def states(self, task: str, code: str) -> dict[str, str]:
        """Return DONE or FAILED for every finished task of a function under one version of the code, by key."""
        with self._translated():
            rows = self._database.execute("SELECT key, state FROM results WHERE task = ? AND code = ?", [task, code])
            return dict(rows.fetchall())

    def rows(self, task: str) -> list[Row]:
        """Return everything finished of a function, under any version of the code."""
        with self._translated():
            rows = self._database.execute(f"SELECT {COLUMNS} FROM results WHERE task = ? ORDER BY key", [task])
            return [self._row(each) for each in rows]

    def _row(self, values: Sequence[Any]) -> Row:
        require_values(COLUMNS.split(", "), values, (DONE, FAILED), self.path)
        return Row(*values)

    def running(self) -> int:
        """Return how many tasks are being computed now by sweeps that are alive."""
        with self._translated():
            alive = self._alive()
            return sum(owner in alive for (owner,) in self._database.execute("SELECT owner FROM claims"))

    def claim(self, keys: Sequence[str]) -> tuple[list[str], list[str]]:
        """Claim tasks for this sweep; return the keys that are its own now, and those that others compute.

        Those in neither list have been finished meanwhile.
        """
        mine, others = [], []
        with self._translated(), self._transaction():
            alive = self._alive() | {self.owner}
            for key in keys:
                if self._number("SELECT count(*) FROM results WHERE key = ?", key):
                    continue
                held = self._database.execute("SELECT owner FROM claims WHERE key = ?", [key]).fetchone()
                if held is not None and held[0] in alive and held[0] != self.owner:
                    others.append(key)
                    continue
                self._database.execute("INSERT OR REPLACE INTO claims VALUES (?, ?)", [key, self.owner])
                mine.append(key)
            self._sign()
        return mine, others

    def beat(self) -> None:
        """Give a sign of life, so that others leave the claimed tasks alone."""
        with self._translated(), self._transaction():
            self._sign()

    def _sign(self) -> None:
        row = self.owner, socket.gethostname(), os.getpid(), time.time()
        self._database.execute("INSERT OR REPLACE INTO sweeps VALUES (?, ?, ?, ?)", row)
        self._signed = True

    def _alive(self) -> set[str]:
        now = time.time()  # what will have been seen is no sign of life, and would be waited for without end
        between = "SELECT owner, host, process FROM sweeps WHERE seen BETWEEN ? AND ?"
        found = self._database.execute(between, [now - FRESH, now + FRESH])
        here = socket.gethostname()
        return {owner for owner, host, process in found if host != here or _runs(process)}

    def keep(self, rows: Iterable[Row]) -> None:
        """Write finished tasks, and give up their claims; a task that is done already stays as it is."""
        with self._translated(), self._transaction():
            for row in rows:
                values = [getattr(row, name) for name in COLUMNS.split(", ")]
                self._database.execute(KEEP, [*values, time.time()])
                self._database.execute("DELETE FROM claims WHERE key = ? AND owner = ?", [row.key, self.owner])

    def forget_failures(self, keys: Iterable[str]) -> None:
        """Remove the failed ones of some tasks, so that they are missing again."""
        with self._translated(), self._transaction():
            self._database.executemany(
                "DELETE FROM results WHERE key = ? AND state = 'failed'", ([each] for each in keys)
            )


def _runs(process: object) -> bool:
    """Return whether a process of this machine is there; on Windows, where asking would end it, say that it is."""
    if not isinstance(process, int) or not 0 < process < 2**31:
        return False
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
