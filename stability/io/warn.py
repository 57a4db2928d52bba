"""Warnings that point to the line of the person who is concerned, however deep in libraries they arise."""

import contextlib
import sys
import warnings
from os import sep
from pathlib import Path

LIBRARIES = ("torch", "lightning", "pytorch_lightning", "lightning_fabric", "transformers", "accelerate")
"""Whose lines are nobody's own script: they call the networks and optimisers of those who use them."""


def warn_user(text: str) -> None:
    """Warn, at the line of the innermost call from outside this package, `LIBRARIES` and the module contextlib.

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
    files = [getattr(sys.modules.get(name), "__file__", None) for name in LIBRARIES]
    packages = [Path(file).parent for file in files if file and Path(file).name == "__init__.py"]
    return *(f"{place}{sep}" for place in (Path(__file__).parents[1], *packages)), contextlib.__file__
