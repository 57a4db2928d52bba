"""How does a package offer names whose modules need torch, without loading torch before it is needed?"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def on_demand(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return what a package takes as its `__getattr__`.

    Parameters
    ----------
    package : str
        Its `__name__`.
    homes : mapping of str to str
        In which of its modules each name is.
    """

    def load(name: str) -> Any:
        if name in homes:
            return getattr(import_module(f"{package}.{homes[name]}"), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return load
