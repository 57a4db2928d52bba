"""The commands in their order, and what becomes of an error."""

import sys

from stability.cli import (
    deep,
    exploring,
    interventions,
    landscapes,
    proofs,
    scanning,
    searching,
    steps,
    sweeps,
    training,
)
from stability.cli.application import app
from stability.errors import StabilityError, extras_named
from stability.io.printable import printable, shortened

__all__ = [
    "app",
    "deep",
    "exploring",
    "interventions",
    "landscapes",
    "main",
    "proofs",
    "scanning",
    "searching",
    "steps",
    "sweeps",
    "training",
]

DECIDED = (
    "audit", "check", "atlas", "classify", "steps", "flow", "basins", "fixed-points", "portrait", "explore",
    "bifurcation", "derive",
)  # fmt: skip
TRAINED = ("train", "crosscheck", "train-deep", "deep-table", "control", "scan", "sweep", "figures")
ORDER = (*DECIDED, *TRAINED)
"""In which commands are listed."""

app.registered_commands.sort(key=lambda each: ORDER.index(str(each.name or getattr(each.callback, "__name__", ""))))


def main() -> None:
    """Run the command line; errors are reported without a traceback, with exit status 2."""
    try:
        with extras_named():
            app()
    except StabilityError as problem:
        print(shortened(printable(f"{type(problem).__name__}: {problem}")), file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
