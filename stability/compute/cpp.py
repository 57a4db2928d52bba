"""Libraries that the C++ compiler of the machine makes of a source in a fraction of a second."""

import ctypes
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stability.errors import StabilityError

COMPILERS = ("g++", "clang++", "c++")

TARGETS = (("-march=native",), ())
"""For this processor; where a compiler does not know how to say so, for all of its kind."""

SLOW = 120
"""Seconds after which a compiler is given up."""


def compiler() -> list[str] | None:
    """Return the command of the C++ compiler, that of the variable CXX first; None if there is none."""
    wanted = [shlex.split(os.environ.get("CXX", "")), *([name] for name in COMPILERS)]
    return next((command for command in wanted if command and shutil.which(command[0])), None)


def library(source: str, flags: Sequence[str], targets: Iterable[Sequence[str]] = TARGETS, slow: float = SLOW) -> Any:
    """Return the library of a source, loaded; nothing of it stays on the disk.

    Parameters
    ----------
    source : str
        With functions declared as extern "C".
    flags : sequence of str
        For the compiler, which reads the source from its standard input.
    targets : iterable of sequences of str
        More flags; the first that the compiler takes count.
    slow : float
        Seconds after which the compiler is given up.

    Raises
    ------
    StabilityError
        If there is no compiler, or what it makes cannot be loaded.

    Examples
    --------
    >>> flags = ("-shared", "-fPIC", "-x", "c++", "-")
    >>> library('extern "C" int twice(int x) { return 2 * x; }', flags).twice(3)  # doctest: +SKIP
    6
    """
    command = compiler()
    if command is None:
        raise StabilityError("Expected a C++ compiler; there is no compiler.", "Install g++, or use the mode auto.")
    problem = ""
    with TemporaryDirectory(prefix="stability-", ignore_cleanup_errors=True) as folder:
        for target in targets:
            file = Path(folder) / "loop.so"
            try:
                subprocess.run(
                    [*command, *target, *flags, "-o", str(file)],
                    input=source.encode(),
                    capture_output=True,
                    check=True,
                    timeout=slow,
                )
                return ctypes.CDLL(str(file))
            except subprocess.CalledProcessError as error:
                problem = error.stderr.decode(errors="replace").strip()
            except (OSError, subprocess.TimeoutExpired) as error:
                problem = str(error)
                break
    raise StabilityError(
        f"Expected {command[0]} to compile a loop; it says: {problem[:300] or 'nothing'}.",
        "Use the mode auto or eager.",
    )
