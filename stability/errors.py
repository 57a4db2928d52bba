"""What can go wrong, and how it is said: what was expected, what came, what to try."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from math import prod
from pathlib import PurePath
from types import FunctionType, UnionType
from typing import Any

DISTRIBUTION = "stability-nn"
"""The name under which pip installs this package."""

EXTRAS = {
    "torch": "train",
    "sklearn": "train",
    "pyarrow": "train",
    "matplotlib": "plot",
    "mpl_toolkits": "plot",
    "distributed": "peers",
}
"""By which extra of the distribution an optional package is installed."""


class StabilityError(Exception):
    """An error with its remedy, shown to people without a traceback.

    Parameters
    ----------
    problem : str
        What was expected and what came instead.
    remedy : str
        What to try.

    Examples
    --------
    >>> from stability import StabilityError, network
    >>> try:
    ...     network("relo2")
    ... except StabilityError as error:
    ...     print(error.problem)
    Expected the name of a unit; got 'relo'.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{problem}\n  {remedy}" if remedy else problem)


class NumberError(StabilityError, ValueError):
    """A number that is not an exact rational."""


class KindError(StabilityError, TypeError):
    """Something of another kind than a function takes."""


class UnknownNameError(StabilityError, ValueError):
    """A unit, network, dataset, write-up, claim or figure that does not exist."""


class DataError(StabilityError, ValueError):
    """A dataset that cannot be read or makes no sense."""


class PointError(StabilityError, ValueError):
    """A parameter point of the wrong shape."""


class PatternError(StabilityError, ValueError):
    """An activation pattern of the wrong shape."""


class DifferentiabilityError(StabilityError, ValueError):
    """A derivative asked for where there is none."""


class TooLargeError(StabilityError, ValueError):
    """A problem that takes longer, or is larger, than the budget allows."""


class TrainingStopped(StabilityError):  # noqa: N818
    """A training that an alarm ended, as `Monitor(stop_on=...)` asked for; the reading with the alarm is kept.

    Examples
    --------
    >>> import torch
    >>> from stability import Monitor, TrainingStopped
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 1))
    >>> with Monitor(model, stop_on={"nan"}) as monitor:
    ...     loss = model(torch.ones(3, 2)).mean() * float("nan")
    ...     loss.backward()
    ...     try:
    ...         monitor.step()
    ...     except TrainingStopped as stopped:
    ...         print(stopped.problem)
    Training stopped by an alarm: not finite at 0: gradient.
    """


class FileError(StabilityError, OSError):
    """A file that cannot be read or written."""


class MissingFileError(FileError, FileNotFoundError):
    """A file that is not there."""


class MissingPackageError(StabilityError, ImportError):
    """Something that needs a package which is not installed."""


class MissingDataError(DataError, MissingFileError):
    """A dataset whose file is not there."""


class MissingExtraError(MissingPackageError):
    """Something that needs an extra of this package which is not installed; the remedy is the pip line."""


@contextmanager
def extras_named() -> Iterator[None]:
    """Say which extra is missing if an import within the `with` block fails because it is missing.

    Raises
    ------
    MissingExtraError
        Instead of the ModuleNotFoundError of a package of `EXTRAS`.
    """
    try:
        yield
    except ModuleNotFoundError as problem:
        found = missing_extra(problem)
        if found is None:
            raise
        raise found from problem


def missing_extra(problem: BaseException) -> MissingExtraError | None:
    """Return the error that names the missing extra because of which an import failed; None if it is something else.

    Examples
    --------
    >>> print(missing_extra(ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn")))
    This needs torch, which is not installed.
      Run pip install 'stability-nn[train]'.
    """
    if isinstance(problem, MissingExtraError):
        return problem
    package = (problem.name or "").partition(".")[0] if isinstance(problem, ModuleNotFoundError) else ""
    if package not in EXTRAS:
        return None
    return MissingExtraError(
        f"This needs {package}, which is not installed.", f"Run pip install '{DISTRIBUTION}[{EXTRAS[package]}]'."
    )


class CertificateError(StabilityError):
    """A certificate that could not be found or does not hold."""


class StatementError(CertificateError, ValueError):
    """A statement, formula or claim that cannot be read, so that nothing is concluded about it."""


MOST_NAMED = 24
"""How many known words an error lists; of more, those that are most like the one that came."""


def nearest(word: str, known: list[str]) -> str:
    """Return a sentence with the known word that is nearest and the known words, for use as a remedy.

    Examples
    --------
    >>> nearest("reul", ["relu", "absolute"])
    "Did you mean 'relu'? Known: relu, absolute."
    """
    from difflib import SequenceMatcher, get_close_matches

    close = get_close_matches(word, known, n=1, cutoff=0.5)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    if len(known) <= MOST_NAMED:
        return f"{hint}Known: {', '.join(known)}."
    alike = sorted(known, key=lambda name: -SequenceMatcher(None, word, name).ratio())[:MOST_NAMED]
    return f"{hint}Known: {', '.join(alike)} and {len(known) - MOST_NAMED} more."


MOST_ENTRIES = 20
"""Of an array that is written out."""


def as_written(value: object, depth: int = 10) -> str:
    """Return a value as people write it: exact numbers, paths and lists of them without the names of their classes.

    Parameters
    ----------
    value : object
    depth : int
        How many lists inside each other are looked into.

    Examples
    --------
    >>> from fractions import Fraction
    >>> as_written([Fraction(1, 2), "saddle", True])
    "[1/2, 'saddle', True]"
    """
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, PurePath):
        return repr(str(value))
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if type(value).__repr__ is object.__repr__ or isinstance(value, FunctionType):
        return f"the {type(value).__name__} {getattr(value, '__name__', '')}".rstrip()
    if hasattr(value, "tolist") and hasattr(value, "shape"):  # an array of numpy, or a number of its types
        return _array(value, depth)
    if hasattr(value, "__float__") and not isinstance(value, int | float):
        return str(value)
    if type(value) is dict and depth:
        return f"{{{', '.join(f'{key!r}: {as_written(each, depth - 1)}' for key, each in value.items())}}}"
    if isinstance(value, list | tuple) and type(value) in (list, tuple) and depth:
        entries = ", ".join(as_written(each, depth - 1) for each in value)
        return f"[{entries}]" if isinstance(value, list) else f"({entries}{',' if len(value) == 1 else ''})"
    return repr(value)


def _array(value: Any, depth: int) -> str:
    """Return an array or a tensor as `as_written` does; its shape, if it is long or has no entries to show."""
    shape = tuple(value.shape)
    try:
        return as_written(value.tolist(), depth) if prod(shape) <= MOST_ENTRIES else f"an array of shape {shape}"
    except (TypeError, ValueError, RuntimeError, NotImplementedError):  # a tensor on the device meta, a nested one
        return f"an array of shape {shape}"


def require_kind(value: object, kind: type | UnionType, what: str, remedy: str) -> None:
    """Refuse what is of another kind.

    Parameters
    ----------
    value : object
        What was given.
    kind : type or union of types
        What it must be.
    what : str
        What was expected, in words.
    remedy : str
        What to write.

    Raises
    ------
    KindError
        If it is something else.

    Examples
    --------
    >>> require_kind(3, str, "a name", 'Write "abs1".')
    Traceback (most recent call last):
    ...
    stability.errors.KindError: Expected a name; got the int 3.
      Write "abs1".
    """
    if not isinstance(value, kind):
        shown = as_written(value)
        shown = shown if len(shown) <= 60 else f"{shown[:60]}..."
        said = "" if shown.startswith(("the ", "an ")) else f"the {type(value).__name__} "
        raise KindError(f"Expected {what}; got {said}{shown}.", remedy)
