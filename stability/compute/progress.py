"""How long work says how far it is: one kind of callback, handed down."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Progress = Callable[[str, int, int], None]
"""Called with (stage, how many of its tasks are done, how many there are; 0 if that is not known)."""


def silent(stage: str, done: int, total: int) -> None:
    """Show nothing."""


_parts: ContextVar[Progress] = ContextVar("parts", default=silent)


@contextmanager
def parts_reported(progress: Progress) -> Iterator[None]:
    """Let what is computed on the way to something longer report to a callback of its own.

    Examples
    --------
    >>> with parts_reported(lambda stage, done, total: print(stage, done, total)):
    ...     part_of_longer_work()("faces", 1, 9)
    faces 1 9
    """
    before = _parts.set(progress)
    try:
        yield
    finally:
        _parts.reset(before)


def part_of_longer_work() -> Progress:
    """Return the callback of what is computed on the way to something longer; a silent one where nothing is longer."""
    return _parts.get()
