"""Loggers that append to a table (step, name, value) while the training runs: as CSV, and as Parquet."""

import csv
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stability.errors import FileError
from stability.io.closing import Closing
from stability.io.files import require_folder
from stability.training.monitoring.readings import Reading
from stability.training.monitoring.scalars import scalars

COLUMNS = ("step", "name", "value")
SCHEMA = pa.schema([("step", pa.int64()), ("name", pa.string()), ("value", pa.float64())])
MOST_ROWS = 10**8
"""Of a file that is gone on with: a reading has some twenty."""

GROUP = 2**16
"""How many rows of Parquet are written together."""


class CsvLogger(Closing):
    """Appends readings to a CSV file, one row (step, name, value) for each number; whole after each reading.

    Parameters
    ----------
    path : Path or str
    append : bool
        Whether to go on in a file that is there already, as in a training that is resumed; else it is begun anew.

    Raises
    ------
    FileError
        If there is no such folder, or the file cannot be written to.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from stability.training.monitoring.readings import Reading
    >>> with TemporaryDirectory() as folder:
    ...     CsvLogger(Path(folder) / "health.csv")(Reading(20, (), loss=0.5))
    ...     (Path(folder) / "health.csv").read_text().splitlines()[:2]
    ['step,name,value', '20,stability/loss,0.5']
    """

    def __init__(self, path: Path | str, append: bool = False) -> None:
        self._path = Path(path)
        require_folder(self._path)
        if not (append and self._path.exists()):
            self._write("w", [COLUMNS])

    def __call__(self, reading: Reading) -> None:
        """Append the numbers of a reading."""
        self._write("a", rows(reading))

    def _write(self, mode: str, lines: list[Any]) -> None:
        try:
            with self._path.open(mode, encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(lines)
        except OSError as error:
            raise FileError(f"Expected to write to {self._path}; got {error.strerror}.", "Try another path.") from error

    def close(self) -> None:
        """Do nothing: the file is whole."""


class ParquetLogger(Closing):
    """Writes readings to a Parquet file, one row (step, name, value) for each number; whole once it is closed.

    Memory stays bounded: rows are written in groups while the training runs.

    Parameters
    ----------
    path : Path or str
    append : bool
        Whether to go on in a file that is there already, as in a training that is resumed; else it is begun anew.

    Raises
    ------
    FileError
        If there is no such folder, or the file that is to be gone on with holds something else.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from pyarrow.parquet import read_table
    >>> from stability.training.monitoring.readings import Reading
    >>> with TemporaryDirectory() as folder:
    ...     with ParquetLogger(Path(folder) / "health.parquet") as log:
    ...         log(Reading(20, (), loss=0.5))
    ...     read_table(Path(folder) / "health.parquet").to_pylist()[0]
    {'step': 20, 'name': 'stability/loss', 'value': 0.5}
    """

    def __init__(self, path: Path | str, append: bool = False) -> None:
        self._path, self._append = Path(path), append
        require_folder(self._path)
        if append and self._path.exists():
            _require_rows(self._path)
        self._writer: Any = None
        self._rows: list[tuple[int, str, float]] = []

    def __call__(self, reading: Reading) -> None:
        """Add the numbers of a reading."""
        self._rows += rows(reading)
        if len(self._rows) >= GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._writer is None:
            before = _read(self._path) if self._append and self._path.exists() else None
            self._writer = pq.ParquetWriter(self._path, SCHEMA)
            if before is not None:
                self._writer.write_table(before)
        columns = [list(column) for column in zip(*self._rows, strict=True)] or [[], [], []]
        self._writer.write_table(pa.table(dict(zip(COLUMNS, columns, strict=True)), SCHEMA))
        self._rows = []

    def close(self) -> None:
        """Finish the file; a later reading is appended to it."""
        if self._rows or (self._writer is None and not self._append):
            self._flush()
        if self._writer is not None:
            self._writer.close()
        self._writer, self._append = None, True


def _require_rows(path: Path) -> None:
    """Refuse to go on in a file whose rows are no numbers of readings, or that says to have more than memory holds."""
    if not path.is_file():
        raise _other(path, "no file")
    try:
        with pq.ParquetFile(path) as file:
            schema, count = file.schema_arrow, file.metadata.num_rows
    except (OSError, pa.ArrowException) as error:
        raise _other(path, type(error).__name__) from None
    if not schema.equals(SCHEMA):
        raise _other(path, f"columns {', '.join(schema.names)[:80]}")
    if count > MOST_ROWS:
        raise _other(path, f"{count:,} rows, of which at most {MOST_ROWS:,} are read")


def _read(path: Path) -> pa.Table:
    """Return what was written before; the file is as it was where that cannot be read."""
    _require_rows(path)
    try:
        return pq.read_table(path).cast(SCHEMA)
    except (OSError, pa.ArrowException) as error:
        raise _other(path, type(error).__name__) from None


def _other(path: Path, found: str) -> FileError:
    return FileError(
        f"Expected rows ({', '.join(COLUMNS)}) of Parquet in {path}; got {found}.",
        "Name another file, or begin this one anew by append=False.",
    )


def rows(reading: Reading) -> list[tuple[int, str, float]]:
    """Return one row (step, name, value) for each number of a reading."""
    return [(reading.step, name, value) for name, value in scalars(reading).items()]
