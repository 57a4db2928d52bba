"""How long work says how far it is: one kind of callback, handed down."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with (stage, how many of its tasks are done, how many there are; 0 if that is not known)."""


def silent(stage: str, done: int, total: int) -> None:
    """Show nothing."""
