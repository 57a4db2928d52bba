"""What keeps a strange SQLite file from being used: its tables are those of a sweep, and a query takes so many steps.

A view or a trigger runs code of whoever made the file, a recursive one for ever; a table whose pages are their own
children has more rows than any file holds.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from stability.compute.grids import SweepError
from stability.io.files import require_file, require_folder

STEPS, STEPS_PER_BYTE, EVERY = 20_000_000, 20, 100_000
"""Steps of SQLite's machine that a query may take, in any file, and more for each byte of it; how often they count."""

LONGEST = 2**28
"""Bytes of a text or of a row."""

STATISTICS = "sqlite_stat"
"""How the tables are called that ANALYZE makes."""

KINDS = {"attempts": (int,), "seconds": (int, float), "result": (str, type(None)), "error": (str, type(None))}
"""What stands in columns that hold no text."""


def require_place(path: Path) -> None:
    """Refuse what can be no file of a sweep, not even a new one.

    Raises
    ------
    FileError
        If it is a folder, a device or a pipe, or there is no such folder.
    """
    require_folder(path)
    if path.exists():
        require_file(path, "a file of a sweep", "a .sqlite file")


class StepBudget:
    """How many steps the queries of a connection may take, counted anew for each of them.

    Parameters
    ----------
    database : sqlite3.Connection
    path : Path
        Its file.
    """

    def __init__(self, database: sqlite3.Connection, path: Path) -> None:
        self._path, self._left = path, 0
        self.renew()
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        database.execute("PRAGMA trusted_schema = OFF")
        database.set_progress_handler(self._spend, EVERY)

    def renew(self) -> None:
        """Begin to count anew, before a query."""
        files = (self._path, self._path.with_name(f"{self._path.name}-wal"))
        size = sum(each.stat().st_size for each in files if each.exists())
        self._left = STEPS + STEPS_PER_BYTE * size

    def _spend(self) -> bool:
        """Return whether the query is to be ended."""
        self._left -= EVERY
        return self._left < 0


@cache
def _tables(statements: str) -> frozenset[tuple[str, str, str]]:
    """Return what SQLite keeps of the tables that some statements make."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(statements)
        return frozenset(_listed(database))


def _listed(database: sqlite3.Connection) -> list[tuple[str, str, str]]:
    rows = database.execute("SELECT type, name, sql FROM sqlite_master")
    return [(str(kind), str(name), " ".join(str(sql).split())) for kind, name, sql in rows]


def require_tables(database: sqlite3.Connection, statements: str, path: Path) -> None:
    """Refuse a file with other tables than some statements make, or with views and triggers.

    Raises
    ------
    SweepError
        If there is something else, or something is missing.
    """
    wanted = _tables(statements)
    found = {each for each in _listed(database) if not each[1].startswith(STATISTICS)}
    if found != wanted:
        kind, name, _ = min(found - wanted, default=("", "", ""))
        problem = f"has the {kind} {name[:80]!r}" if kind else "lacks some"
        raise SweepError(f"Expected the tables of a sweep in {path}; it {problem}.", "Name another file.")


def require_values(names: Sequence[str], values: Sequence[Any], states: Sequence[str], path: Path) -> None:
    """Refuse a finished task whose columns hold something of another kind: SQLite keeps what it is given.

    Raises
    ------
    SweepError
        If one does.
    """
    for name, value in zip(names, values, strict=True):
        if not isinstance(value, KINDS.get(name, (str,))) or (name == "state" and value not in states):
            kind = type(value).__name__
            raise SweepError(
                f"Expected the results of a sweep in {path}; {name} of a task holds {kind} {value!r:.60}.",
                "Name another file.",
            )
