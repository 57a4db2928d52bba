"""Readings written to files: CSV, Parquet, and TensorBoard."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa

from stability.errors import MissingPackageError
from stability.io.files import require_folder, write_table, write_whole
from stability.training.monitoring.readings import LAYER, LISTS, NETWORK, Reading, table
from stability.training.monitoring.scalars import scalars
from stability.version import __version__

TEXTS = ("network_skipped", "alarms", "name")
COUNTS = ("step", "network_unread", "place", "units", "points", "dead_units", "affine_units", "units_without_gradient")


def provenance(what: str, settings: dict[str, Any]) -> str:
    """Return where something comes from, as JSON."""
    return json.dumps({"version": __version__, "what": what, "settings": settings})


def write_csv(path: Path, origin: str, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as CSV with these columns, whole or not at all, and where they come from into a file beside it.

    The CSV file has no line but its header and its rows; what made health.csv stands in health.csv.json.

    Raises
    ------
    FileError
        If there is no such folder, or it cannot be written to.
    """
    require_folder(path)
    content = StringIO()
    writer = csv.DictWriter(content, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, content.getvalue())
    write_whole(path.with_name(f"{path.name}.json"), f"{origin}\n")


def to_csv(readings: Sequence[Reading], path: Path, settings: dict[str, Any]) -> None:
    """Write readings as CSV, and their provenance beside it; lists of units and examples are left out.

    Raises
    ------
    FileError
        If there is no such folder, or it cannot be written to.
    """
    names = [name for name in _columns() if name not in LISTS]
    rows = [{name: row[name] for name in names} for row in table(readings)]
    write_csv(path, provenance("readings of a monitor", settings), names, rows)


def to_parquet(readings: Sequence[Reading], path: Path, settings: dict[str, Any]) -> None:
    """Write readings as Parquet with their provenance in the metadata, whole or not at all.

    Raises
    ------
    FileError
        If there is no such folder, or it cannot be written to.
    """
    require_folder(path)
    schema = pa.schema([(name, _type(name)) for name in _columns()])
    write_table(path, pa.Table.from_pylist(table(readings), schema), provenance("readings of a monitor", settings))


def _columns() -> list[str]:
    network = [name if name == "step" else f"network_{name}" for name in NETWORK]
    return [*network, "network_skipped", "alarms", "place", *LAYER, *LISTS]


def _type(name: str) -> Any:
    if name in LISTS:
        return pa.list_(pa.float64())
    if name in TEXTS:
        return pa.string()
    if name == "network_finite":
        return pa.bool_()
    return pa.int64() if name in COUNTS else pa.float64()


class Board:
    """Writes readings for TensorBoard.

    Parameters
    ----------
    folder : Path
    before : iterable of Reading
        Those that are there already.

    Raises
    ------
    MissingPackageError
        If TensorBoard is not installed.
    """

    def __init__(self, folder: Path, before: Iterable[Reading] = ()) -> None:
        if find_spec("tensorboard") is None:
            raise MissingPackageError(
                "Expected tensorboard to be installed; found none.", "Try pip install tensorboard, or write a CSV file."
            )
        from torch.utils.tensorboard import SummaryWriter

        self._writer: Any = SummaryWriter(str(folder))
        for reading in before:
            self(reading)

    def __call__(self, reading: Reading) -> None:
        """Write the numbers of a reading by the names of `scalars`."""
        for name, value in scalars(reading).items():
            self._writer.add_scalar(name, value, reading.step)

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()
