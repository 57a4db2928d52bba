"""Warnings that point to the line of the person who is concerned, however deep in libraries they arise."""

import contextlib
import sys
import warnings
from os import sep
from pathlib import Path


def warn_user(text: str) -> None:
    """Warn, at the line of the innermost call from outside this package, torch and the module contextlib.

    Parameters
    ----------
    text : str
        Whole sentences.
    """
    inside, level, frame = _inside(), 1, sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(inside):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, stacklevel=level)


def _inside() -> tuple[str, ...]:
    """Return the beginnings of the names of files that are nobody's own script."""
    torch = getattr(sys.modules.get("torch"), "__file__", None)
    places = [Path(__file__).parents[1], *([Path(torch).parent] if torch else [])]
    return *(f"{place}{sep}" for place in places), contextlib.__file__
