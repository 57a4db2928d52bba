"""What memory cannot hold, and counts that no machine can serve, are refused before anything is begun."""

import os

from stability.errors import NumberError, StabilityError, as_written

MOST_WORKERS = 256
"""Processes beyond which sharing out is refused."""

LONGEST_RUN = 10**12
"""Steps beyond which a run is refused: years at the fastest."""


def require_workers(count: int) -> None:
    """Refuse a number of processes that is none.

    Raises
    ------
    StabilityError
        If it is below 1 or above `MOST_WORKERS`.
    """
    if not isinstance(count, int) or not 1 <= count <= MOST_WORKERS:
        found = _written(count) if isinstance(count, int) else as_written(count)
        raise StabilityError(
            f"Expected at least one worker and at most {MOST_WORKERS}; got {found}.", "Write --workers 2."
        )


def require_steps(count: int, what: str) -> None:
    """Refuse a number of steps that takes longer than anybody waits.

    Raises
    ------
    NumberError
        If it is above `LONGEST_RUN`.
    """
    if count > LONGEST_RUN:
        raise NumberError(f"Expected at most {LONGEST_RUN:,} {what}; got {_written(count)}.", "Ask for fewer.")


def memory() -> int:
    """Return the bytes of memory of this machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def require_memory(count: int, size: int, what: str, remedy: str = "Ask for fewer at once.") -> None:
    """Refuse a number of things that memory cannot hold, naming the number that it can.

    Parameters
    ----------
    count : int
    size : int
        The bytes that one takes.
    what : str
        What they are called, as "restarts".
    remedy : str

    Raises
    ------
    NumberError
        If they do not fit.
    """
    most = memory() // size
    if count > most:
        raise NumberError(
            f"Expected at most {most:,} {what}, which is what memory holds; got {_written(count)}.", remedy
        )


def _written(count: int) -> str:
    """Return a count with its digits, or about how many it has where they are many."""
    return f"{count:,}" if count < 10**30 else f"a number of more than {count.bit_length() * 3 // 10} digits"
