"""Libraries that are used if they are there: imported when somebody needs them, and named where they are missing."""

import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from stability.errors import MissingPackageError


def library(name: str, install: str, what: str) -> Any:
    """Return a module of an optional library.

    Parameters
    ----------
    name : str
        Of the module, as "torch.utils.tensorboard".
    install : str
        What pip installs.
    what : str
        What needs it.

    Raises
    ------
    MissingPackageError
        If it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as problem:
        raise missing(what, install) from problem


def missing(what: str, install: str) -> MissingPackageError:
    """Return the error of something whose library is not installed."""
    return MissingPackageError(
        f"Expected {install} to be installed, which {what} needs; found none.", f"Try pip install {install}."
    )


def bases(modules: tuple[str, ...], name: str, install: str, what: str) -> tuple[type, ...]:
    """Return the class of a name in every module that is loaded already, or in the first that is installed.

    Raises
    ------
    MissingPackageError
        If none is installed.
    """
    loaded = [module for module in modules if module in sys.modules]
    if not loaded:
        loaded = [module for module in modules if find_spec(module.partition(".")[0]) is not None][:1]
    if not loaded:
        raise missing(what, install)
    return tuple(getattr(library(module, install, what), name) for module in loaded)


@cache
def joined(own: type, others: tuple[type, ...]) -> type:
    """Return a class that is both a class of this package, which it has as `opened`, and those of a library."""
    if issubclass(own, others[0]):
        return own
    return type(own.__name__, (own, *others), {"__module__": own.__module__, "__doc__": own.__doc__, "opened": own})
