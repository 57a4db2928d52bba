"""Reading of files that may be no record, or no file. Standard library only."""

import json
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits = part("limits")


class BadInput(Exception):  # noqa: N818 - it is a sentence for the reader
    """There is no record here."""


def found(path: Path) -> Iterator[Path | BadInput]:
    """Yield the files that a path stands for, those of a folder in order; and what of it cannot be read."""
    if not os.path.isdir(path):  # also of a name that no file can have, which Path.is_dir raises at
        yield path
        return
    problems: list[OSError] = []
    files = [Path(top, name) for top, _, names in os.walk(path, onerror=problems.append) for name in names]
    files = sorted(file for file in files if file.suffix == ".json")
    yield from files
    yield from (BadInput(f"expected a folder that can be read; got: {problem.strerror}") for problem in problems)
    if not files and not problems:
        yield BadInput("expected a folder with records (*.json); found none")


def read(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    BadInput
        If it is missing, unreadable, no file, too large, or not UTF-8.
    """
    try:
        regular(os.stat(path))
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            regular(os.fstat(file.fileno()))
            raw = file.read(limits.FILE_BYTES + 1)
    except OSError as problem:
        raise BadInput(f"expected a file that can be read; got: {problem.strerror}") from None
    except ValueError:
        raise BadInput("expected the name of a file") from None
    if len(raw) > limits.FILE_BYTES:
        raise BadInput(too_large())
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise BadInput(f"expected text in UTF-8; got byte {raw[problem.start]:#x} at {problem.start}") from None


def regular(status: os.stat_result) -> None:
    """Refuse what is no file, or a file that is too large."""
    if not stat.S_ISREG(status.st_mode):
        raise BadInput("expected a file; got a folder, a pipe or a device")
    if status.st_size > limits.FILE_BYTES:
        raise BadInput(too_large())


def too_large() -> str:
    """Return what is said of a file that is too large."""
    return f"expected a record of at most {limits.FILE_BYTES >> 20} MB; got a larger file"


def unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, none of whose keys is repeated."""
    whole = dict(pairs)
    if len(whole) < len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise limits.Rejected(f"expected every key once; got {twice!r:.60} repeatedly in one object")
    return whole


def no_number(text: str) -> Any:
    """Reject NaN and its like, which JSON does not know."""
    raise limits.Rejected(f"expected numbers; got {text}")


def parse(text: str) -> Any:
    """Return what a text in JSON stands for.

    Raises
    ------
    BadInput
        If it is no JSON.
    Rejected
        If it is beyond a limit, or ambiguous.
    """
    limits.within(len(text), limits.FILE_BYTES, "characters of a record")
    limits.within(text.count("[") + text.count("{"), limits.LISTS, "lists and objects of a record")
    limits.within(text.count(","), limits.VALUES, "values of a record")
    if re.search(rf"(?<![0-9])[0-9]{{{limits.DIGITS + 1}}}", text):
        limits.within(limits.DIGITS + 1, limits.DIGITS, "digits of a number")
    try:
        value = json.loads(text, object_pairs_hook=unrepeated, parse_constant=no_number)
    except json.JSONDecodeError as problem:
        raise BadInput(f"expected a record in JSON; line {problem.lineno}, column {problem.colno} is none") from None
    except ValueError as problem:
        raise BadInput(f"expected a record in JSON; got: {problem}") from None
    except RecursionError:
        raise limits.Rejected(too_deep()) from None
    shallow(value)
    return value


def too_deep() -> str:
    """Return what is said of lists in lists in lists."""
    return f"beyond a limit of the checker: at most {limits.DEPTH} lists and objects in each other"


def shallow(value: Any) -> None:
    """Reject a value in which lists and objects are nested too deeply."""
    level = [value]
    for _ in range(limits.DEPTH + 1):
        inner = [x.values() if type(x) is dict else x for x in level if type(x) in (dict, list)]
        level = [y for x in inner for y in x if type(y) in (dict, list)]
        if not level:
            return
    raise limits.Rejected(too_deep())
