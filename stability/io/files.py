"""Writing of files that are there whole or not at all."""

import json
import os
import stat
from io import BytesIO
from pathlib import Path
from typing import Any

from stability.errors import FileError, StabilityError, extras_named


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a text or bytes to a file, whole or not at all.

    A device or a pipe, as /dev/stdout, is written to and stays what it is; so does a symbolic link.

    Raises
    ------
    FileError
        If there is no such folder, or it cannot be written to.
    """
    data = content.encode() if isinstance(content, str) else content
    place = path if _is_stream(path) else path.resolve()
    draft = place.with_name(place.name + ".tmp")
    try:
        if _is_stream(place):
            with place.open("ab") as stream:
                stream.write(data)
            return
        draft.write_bytes(data)
        draft.replace(place)
    except OSError as problem:
        draft.unlink(missing_ok=True)
        raise FileError(
            f"Could not write {path}: {problem.strerror}.", "Name a file in a folder that exists, on a disk with space."
        ) from None


MOST_BYTES = 2**28
"""Of a file of results that is read: those that are kept have 160,000 at most."""


def read_json(path: Path, what: str, remedy: str) -> dict[str, Any]:
    """Return what a file of results holds, by name.

    Parameters
    ----------
    path : Path
    what : str
        What it should hold, in an error: "result of an experiment".
    remedy : str

    Raises
    ------
    FileError
        If it cannot be read, is longer than any file of results, or holds something else.
    """
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            raise ValueError(f"it is longer than {MOST_BYTES:,} bytes" if path.is_file() else "it is no file")
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError(f"expected an object; got {type(found).__name__}")
    except RecursionError:
        raise FileError(f"{path} holds no {what} (lists in lists, too deep).", remedy) from None
    except (OSError, ValueError) as problem:
        raise FileError(f"{path} holds no {what} ({problem}).", remedy) from None
    return found


OPENED = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
"""Where stands what a process was given open, as the pipe in `cat data.csv | stability atlas abs1 /dev/stdin`."""


def require_file(
    path: Path | str,
    what: str,
    named: str,
    error: type[StabilityError] = FileError,
    missing: type[StabilityError] | None = None,
    opened: bool = False,
) -> None:
    """Refuse what is no file to be read, before it is opened: a pipe that nobody writes to would be waited for.

    Parameters
    ----------
    path : Path or str
    what : str
        What is read, in an error: "a checkpoint".
    named : str
        Which file to name: "a .pt or .pth file".
    error : type of StabilityError
        What is raised.
    missing : type of StabilityError, optional
        What is raised where nothing is there, if that is another one.
    opened : bool
        Whether a pipe or a terminal is read that the process was given open, as /dev/stdin.

    Raises
    ------
    StabilityError
        If it is a folder, a pipe or a device, there is none, or nobody may look.

    Examples
    --------
    >>> from stability.errors import FileError
    >>> try:
    ...     require_file(Path("."), "inputs", "a .npy file")
    ... except FileError as error:
    ...     print(error)
    Expected inputs; got the folder '.'.
      Name a .npy file in it.
    """
    place = str(path)
    try:
        mode = os.stat(place).st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise (missing or error)(f"Expected {what}; there is no file {place!r}.", f"Name {named}.") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise error(f"Expected {what}; got {place!r}: {reason}.", "Name a file you may read.") from None
    if stat.S_ISDIR(mode):
        raise error(f"Expected {what}; got the folder {place!r}.", f"Name {named} in it.")
    if not stat.S_ISREG(mode) and not (opened and place.startswith(OPENED)):
        raise error(f"Expected {what}; got {place!r}, which is a pipe or a device.", f"Name {named}.")


def _is_stream(path: Path) -> bool:
    """Return whether a path is no file to be replaced: a device, a pipe, or a link of the system to one."""
    inside = str(path.absolute()).startswith(("/dev/", "/proc/"))
    return inside or (path.exists() and not path.is_file() and not path.is_dir())


def write_table(path: Path, table: Any, kept: str) -> None:
    """Write a table of pyarrow as Parquet, whole or not at all.

    Parameters
    ----------
    path : Path
    table : pyarrow.Table
    kept : str
        JSON that says where it comes from: the entry "stability" of the metadata of the file.

    Raises
    ------
    FileError
        If there is no such folder, or it cannot be written to.
    """
    with extras_named():
        import pyarrow.parquet as pq

    content = BytesIO()
    pq.write_table(table.replace_schema_metadata({"stability": kept}), content)
    write_whole(path, content.getvalue())


def require_folder(path: Path | None) -> None:
    """Refuse a file that has no folder to be written to, or is one, before anything is computed.

    Raises
    ------
    FileError
        If the folder does not exist, or the file is a folder itself.
    """
    if path is not None and path.is_dir():
        raise FileError(f"Expected the name of a file; {str(path)!r} is a folder.", "Name a file in it.")
    if path is not None and not path.parent.is_dir():
        raise FileError(f"There is no folder {str(path.parent)!r}.", "Name a file in a folder that exists.")


def require_suffix(path: Path | None, *suffixes: str, flag: str = "-o ") -> None:
    """Refuse a file whose name says another kind of content than is written, before anything is computed.

    The remedy names a fitting file behind the flag with which the command takes it.

    Raises
    ------
    FileError
        If the name has none of the suffixes.
    """
    if path is not None and path.suffix.lower() not in suffixes:
        listed = " or ".join(suffixes)
        fitting = path.with_suffix(suffixes[0]) if path.name else path / f"result{suffixes[0]}"
        raise FileError(f"Expected a file ending in {listed}; got {str(path)!r}.", f"Write {flag}{fitting}.")
