"""Measurements that take minutes: computed into a file where they can go on, and kept with the project."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stability.compute.code_version import code_of
from stability.compute.grids import Arguments, Grid, SweepError
from stability.compute.progress import Progress, silent
from stability.compute.store import DONE, SweepStore
from stability.compute.sweep import Summary, run_sweep
from stability.errors import FileError, MissingFileError
from stability.io.files import write_whole
from stability.io.project import is_carried, project_folder
from stability.io.results import json_data


def computed(file: Path, grids: Iterable[Grid], workers: int | None = None, progress: Progress | None = None) -> bool:
    """Compute the tasks of some grids; what is in the file already, of this code, is not computed again.

    Parameters
    ----------
    file : Path
        An SQLite file, made if there is none.
    grids : iterable of Grid
    workers : int, optional
        Processes; as many as there are cores by default.
    progress : callable, optional
        Called with the name of the grid, and how many of how many tasks are done.

    Returns
    -------
    bool
        Whether all are finished; not so if it was interrupted.

    Raises
    ------
    SweepError
        If a task failed.
    """
    for grid in grids:
        staged = _staged(grid.name, progress or silent)
        summary: Summary = run_sweep(grid, file, workers=workers, retry_failed=True, progress=staged)
        if summary.interrupted:
            return False
        if summary.failed:
            raise SweepError(f"{summary.failed} of the {grid.name} failed.", f"See the errors in {file}.")
    return True


def _staged(name: str, progress: Progress) -> Progress:
    return lambda stage, done, total: progress(name, done, total)


def results(file: Path, grid: Grid) -> list[tuple[Arguments, dict[str, Any]]]:
    """Return the arguments and the result of every finished task of a grid, in its order."""
    tasks = {each.key: each.arguments for each in grid.tasks(code_of(grid.address).version)}
    with SweepStore(file, create=False) as store:
        rows = {row.key: row for row in store.rows(grid.address) if row.key in tasks and row.state == DONE}
    return [(tasks[key], json.loads(rows[key].result or "{}")) for key in tasks if key in rows]


@dataclass(frozen=True)
class KeptMeasurement:
    """Where the result of a measurement is kept, and what it has to hold.

    Attributes
    ----------
    folder, file : str
        The place in proofs/measured/.
    what : str
        What it holds, in the plural.
    keys : tuple of str
    command : str
        What measures it.
    """

    folder: str
    file: str
    what: str
    keys: tuple[str, ...]
    command: str

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
        try:
            study: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
            if not {*self.keys} <= {*study}:
                raise ValueError(f"it lacks {', '.join(self.keys[:-1])} or {self.keys[-1]}")
        except ValueError as problem:
            raise FileError(f"{self.path} holds no {self.what} ({problem}).", "Measure again with --keep.") from None
        return study

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
