"""Readings appended to a file while training goes on, one JSON object a line, and read again."""

import json
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import count
from math import inf, isfinite, nan
from pathlib import Path
from typing import Any

from stability.errors import DataError, FileError
from stability.io.files import require_file, require_folder, write_whole
from stability.io.warn import warn_user
from stability.training.monitoring.alarms import Alarm, reading_of
from stability.training.monitoring.readings import LayerReading, Reading

WORDS = {"nan": nan, "inf": inf, "-inf": -inf}
"""Numbers that JSON has not; nan is null except where None means that there is no number."""


class Stream:
    """Appends readings to a file: each is there, whole, as soon as it is taken.

    What made the file stands in a file ending in .jsonl.json. A file that is there already goes on where its training
    does; else it is kept under another name, as health.1.jsonl, and there is a warning.

    Parameters
    ----------
    path : Path
    origin : str
        Where the readings come from, as JSON.

    Raises
    ------
    FileError
        If there is no such folder, the file holds something else, or it cannot be written to.
    """

    def __init__(self, path: Path, origin: str) -> None:
        require_folder(path)
        if path.exists():
            require_file(path, "a file of readings as stream, or none yet", "another file")
        _require_readings(path)
        self._path, self._mended, self._resumed = path, False, False
        self._append("")
        self._origin: str | None = origin
        self._held = found if (found := path.stat()).st_size else None
        if self._held is None:
            self._write_origin()

    def resume(self) -> None:
        """Take the readings that the file holds for those of the training that comes."""
        self._resumed = True

    def __call__(self, reading: Reading) -> None:
        """Append a reading."""
        if self._held is not None and not self._resumed:
            self._begin_anew(self._held)
        self._held = None
        self._write_origin()
        self._append(json.dumps(_plain(reading), allow_nan=False) + "\n")

    def close(self) -> None:
        """Nothing is open between readings."""

    def _begin_anew(self, held: os.stat_result) -> None:
        """Keep the file of another training, and what is said of it, under another name, unless somebody else did."""
        place = self._path.resolve()
        if not place.exists() or not os.path.samestat(place.stat(), held):
            return
        other = next(each for k in count(1) if not (each := place.with_stem(f"{place.stem}.{k}")).exists())
        try:
            place.rename(other)
            self._held = None
            if (about := _about(self._path)).exists():
                about.rename(about.with_name(f"{other.name}.json"))
        except OSError as error:
            raise FileError(f"Cannot keep {place} as {other}: {error}.", "Check the folder.") from error
        warn_user(
            f"The stream {self._path} held readings of a training that this monitor does not go on with; they are in "
            f"{other} now. To go on in one file, call load_state_dict before the first reading."
        )

    def _write_origin(self) -> None:
        if self._origin is not None:
            write_whole(_about(self._path), f"{self._origin}\n")
            self._origin = None

    def _append(self, line: str) -> None:
        try:
            with self._path.open("ab") as file:
                if not self._mended:
                    _drop_broken_line(self._path)
                self._mended = False
                file.write(line.encode())
            self._mended = True
        except OSError as error:
            raise FileError(f"Cannot write to {self._path}: {error}.", "Check the folder and free space.") from error


def _about(path: Path) -> Path:
    """Return the file that says what made another one."""
    return path.with_name(f"{path.name}.json")


def read_stream(path: Path | str) -> list[Reading]:
    """Return the readings that `Monitor(..., stream=path)` wrote.

    Where a training was resumed from before the end of the file, what it read anew replaces what was read there before.

    Parameters
    ----------
    path : Path or str

    Raises
    ------
    FileError
        If there is no such file.
    DataError
        If a line is no reading; the last may be broken off.

    Examples
    --------
    >>> import torch
    >>> from stability import Monitor, read_stream
    >>> from tempfile import TemporaryDirectory
    >>> model = torch.nn.Linear(2, 1)
    >>> with TemporaryDirectory() as folder:
    ...     with Monitor(model, stream=f"{folder}/health.jsonl") as monitor:
    ...         model(torch.ones(3, 2)).mean().backward()
    ...         monitor.step()
    ...     read_stream(f"{folder}/health.jsonl") == monitor.readings
    True
    """
    require_file(path, "a file of readings", "a file that a monitor streams to")
    try:
        lines = Path(path).read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise FileError(f"Cannot read {path}: {error}.", "Give the file that a monitor streams to.") from error
    found: list[Reading] = []
    for number, line in enumerate(lines, 1):
        if number == len(lines) and not line.endswith(b"\n"):
            break
        reading = _reading(line, number, path)
        while found and found[-1].step >= reading.step:
            found.pop()
        found.append(reading)
    return found


def _reading(line: bytes, number: int, path: Path | str) -> Reading:
    try:
        plain = json.loads(line)
        layers = [_given(LayerReading, layer) for layer in plain.pop("layers")]
        alarms = [_given(Alarm, alarm) for alarm in plain.pop("alarms")]
        return reading_of({**_given(Reading, plain), "layers": layers, "alarms": alarms})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(
            f"Expected a reading in line {number} of {path}; got something else ({type(error).__name__}: {error}).",
            "Give the file that a monitor streams to.",
        ) from error


def _require_readings(path: Path) -> None:
    """Refuse a file that does not begin as readings do, even where the first is broken off; it is left as it is."""
    wanted = f'{{"{fields(Reading)[0].name}": '.encode()
    try:
        with path.open("rb") as file:
            begin = file.read(len(wanted))
    except FileNotFoundError:
        return
    except OSError as error:
        raise FileError(f"Cannot write to {path}: {error}.", "Check the folder and free space.") from error
    if begin != wanted[: len(begin)]:
        raise FileError(
            f"Expected a file of readings as stream, or none yet; {path} holds something else.", "Name another file."
        )


def _drop_broken_line(path: Path) -> None:
    """Cut off the end of a file after the last line that is whole."""
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        kept = size
        while kept:
            begin = max(0, kept - 2**16)
            file.seek(begin)
            place = file.read(kept - begin).rfind(b"\n")
            if place >= 0:
                kept = begin + place + 1
                break
            kept = begin
        if kept < size:
            file.truncate(kept)


def _plain(result: Any) -> dict[str, Any]:
    """Return a result as JSON has it, so that nothing is lost."""
    return {name: _value(getattr(result, name), may_lack) for name, may_lack, _ in _fields(result.__class__)}


def _value(value: Any, optional: bool) -> Any:
    if isinstance(value, float):
        if isfinite(value):
            return value
    elif isinstance(value, tuple):
        return [_value(each, False) for each in value]
    elif is_dataclass(value):
        return _plain(value)
    else:
        return value
    if value != value:
        return "nan" if optional else None
    return "inf" if value > 0 else "-inf"


def _given(kind: Any, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a result as they were before `_plain`."""
    kinds = {name: (may_lack, is_text) for name, may_lack, is_text in _fields(kind)}
    found = {}
    for name, value in plain.items():
        may_lack, is_text = kinds[name]
        given = tuple(value) if is_text and isinstance(value, list) else value
        found[name] = given if is_text or (value is None and may_lack) else _number(value)
    return found


@cache
def _fields(kind: Any) -> list[tuple[str, bool, bool]]:
    """Return the name of every field of a result, whether there None is no nan, and whether it is text."""
    texts = {field.name: str(field.type) for field in fields(kind)}
    return [(name, "None" in text, "str" in text) for name, text in texts.items()]


def _number(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_number, value))
    return nan if value is None else WORDS[value] if isinstance(value, str) else value
