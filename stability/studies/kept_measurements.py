"""Measurements that take minutes: computed into a file where they can go on, kept with the project, and tabulated."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from stability.compute.code_version import code_of
from stability.compute.grids import Arguments, Grid, SweepError
from stability.compute.progress import Progress, silent
from stability.compute.store import DONE, SweepStore
from stability.compute.sweep import Summary, run_sweep
from stability.errors import FileError, MissingFileError
from stability.io.files import read_json, write_whole
from stability.io.project import is_carried, project_folder
from stability.io.provenance import provenance
from stability.io.results import json_data


def _staged(name: str, progress: Progress) -> Progress:
    return lambda stage, done, total: progress(name, done, total)


def results(file: Path, grid: Grid) -> list[tuple[Arguments, dict[str, Any]]]:
    """Return the arguments and the result of every finished task of a grid, in its order."""
    tasks = {each.key: each.arguments for each in grid.tasks(code_of(grid.address).version)}
    with SweepStore(file, create=False) as store:
        rows = {row.key: row for row in store.rows(grid.address) if row.key in tasks and row.state == DONE}
    return [(tasks[key], rows[key].found) for key in tasks if key in rows]


class TableRow(ABC):
    """A row of the table of a measurement: for a page, for a terminal, and as plain data."""

    derived: ClassVar[tuple[str, ...]] = ()
    """What is worked out from the numbers of the row, and stands in its plain data too."""

    @abstractmethod
    def cells(self) -> tuple[str, ...]:
        """Return what a table shows of it."""

    def row(self) -> str:
        """Return its line of the table on a page."""
        return f"| {' | '.join(self.cells())} |"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, with what is derived."""
        found: dict[str, Any] = json_data({**vars(self), **{name: getattr(self, name) for name in self.derived}})
        return found


Found = Sequence[Sequence[tuple[Arguments, dict[str, Any]]]]
"""The arguments and the result of every task, grid by grid."""


def all_runs(found: Found) -> dict[str, Any]:
    """Return what was found as a list of runs, each with its arguments and its result."""
    return {"runs": [{**given, **result} for grid in found for given, result in grid]}


@dataclass(frozen=True)
class KeptMeasurement:
    """A measurement: which tasks it takes, what its rows are, where its result is kept, and what that has to hold.

    Attributes
    ----------
    folder, file : str
        The place in proofs/measured/.
    what : str
        What it holds, in the plural.
    command : str
        What measures it.
    grids : callable
        Returns the grids of its tasks, all of one function.
    settings : callable
        Returns what is kept of the settings of such grids, as plain data.
    rows : callable
        Returns the rows of a result.
    collected : callable
        Returns what the results of the tasks come to, as plain data; a list of all runs by default.
    keys : tuple of str
        What a result has to hold.
    """

    folder: str
    file: str
    what: str
    command: str
    grids: Callable[[], Sequence[Grid]]
    settings: Callable[[Sequence[Grid]], dict[str, Any]]
    rows: Callable[[Mapping[str, Any]], Iterable[TableRow]]
    collected: Callable[[Found], dict[str, Any]] = all_runs
    keys: tuple[str, ...] = ("settings", "runs")

    def measure(
        self,
        file: Path,
        grids: Sequence[Grid] | None = None,
        workers: int | None = None,
        progress: Progress | None = None,
    ) -> dict[str, Any] | None:
        """Compute all tasks; what is in the file already, of this code, is not computed again.

        Parameters
        ----------
        file : Path
            An SQLite file, made if there is none.
        grids : sequence of Grid, optional
            Others than those of `grids`.
        workers : int, optional
            Processes; as many as there are cores by default.
        progress : callable, optional
            Called with the name of the grid, and how many of how many tasks are done.

        Returns
        -------
        dict or None
            provenance, code, settings, and what the results come to; None if it was interrupted.

        Raises
        ------
        SweepError
            If a task failed.
        """
        chosen = self.grids() if grids is None else grids
        for grid in chosen:
            staged = _staged(grid.name, progress or silent)
            summary: Summary = run_sweep(grid, file, workers=workers, retry_failed=True, progress=staged)
            if summary.interrupted:
                return None
            if summary.failed:
                raise SweepError(f"{summary.failed} of the {grid.name} failed.", f"See the errors in {file}.")
        found = [results(file, grid) for grid in chosen]
        try:
            collected = self.collected(found)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as problem:
            raise FileError(
                f"{file} holds no {self.what} ({type(problem).__name__}: {problem}).", "Measure again in a new file."
            ) from None
        code = code_of(chosen[0].address).version
        study = {**provenance(), "code": code, "settings": self.settings(chosen), **collected}
        if grids is None:  # of fewer tasks there may be no table
            self._require_rows(study, file)
        return study

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return project_folder() / "proofs" / "measured" / self.folder / self.file

    def read(self) -> dict[str, Any]:
        """Return the kept result.

        Raises
        ------
        MissingFileError
            If there is none.
        FileError
            If it holds something else.
        """
        if not self.path.is_file():
            raise MissingFileError(f"There is no file {self.path}.", f"Run `{self.command}`.")
        study = read_json(self.path, self.what, "Measure again with --keep.")
        if not {*self.keys} <= {*study}:
            lacking = f"it lacks {', '.join(self.keys[:-1])} or {self.keys[-1]}"
            raise FileError(f"{self.path} holds no {self.what} ({lacking}).", "Measure again with --keep.")
        self._require_rows(study, self.path)
        return study

    def _require_rows(self, study: Mapping[str, Any], path: Path) -> None:
        """Refuse a result of which no rows can be made: a file may hold anything under the right names."""
        try:
            for row in self.rows(study):
                row.cells()
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as problem:
            raise FileError(
                f"{path} holds no {self.what} ({type(problem).__name__}: {problem}).", "Measure again in a new file."
            ) from None

    def keep(self, study: Mapping[str, Any]) -> Path:
        """Write the result of a measurement to where it is kept, and return that place.

        Raises
        ------
        FileError
            If the package is installed from a wheel, or the file cannot be written.
        """
        path = self.path
        if is_carried(path):
            raise FileError(
                f"Expected a checkout to keep results in; {path} is part of an installed wheel.", "Use --json."
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(json_data(_short(study)), indent=1, allow_nan=False) + "\n")
        return path


def _short(data: Any) -> Any:
    """Return plain data with floats of 6 digits."""
    if isinstance(data, Mapping):
        return {key: _short(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_short(value) for value in data]
    return float(f"{data:.6g}") if isinstance(data, float) else data
