"""Progress of long work in a notebook: a bar while it lasts, where nothing else reports how far it is."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from multiprocessing import parent_process
from time import monotonic
from typing import Any

from stability.compute.progress import Progress, part_of_longer_work
from stability.compute.timing import duration
from stability.io.html import escaped

PATIENCE, PAUSE = 0.5, 0.2
"""Seconds before there is a bar at all, and between two of its states."""

_reported: ContextVar[bool] = ContextVar("reported", default=False)
"""Whether longer work, of which this is a part, says how far it is."""


@contextmanager
def reporting(progress: Progress | None, work: str) -> Iterator[Progress]:
    """Give the callback that work calls: the one given; if there is none, that of a bar in a notebook, or a silent one.

    Work that is a part of longer work has no bar of its own, but reports to what `parts_reported` gives. The bar goes
    away at the end.

    Parameters
    ----------
    progress : callable or None
        `silent` for no bar.
    work : str
        What the bar is called.

    Examples
    --------
    >>> with reporting(None, "squares") as report:
    ...     for k in range(3):
    ...         report("numbers", k + 1, 3)
    """
    show = None if progress is not None or _reported.get() else _display()
    bar = None if show is None else NotebookBar(work, *show)
    part = _reported.set(True)
    try:
        yield progress or bar or part_of_longer_work()
    finally:
        _reported.reset(part)
        if bar is not None:
            bar.close()


class NotebookBar:
    """A bar in the output of a notebook's cell, moved by calling it with (stage, done, total).

    Parameters
    ----------
    work : str
        What it is called.
    display, html : callable
        As IPython.display has them.
    clock : callable
        Returns seconds.
    """

    def __init__(
        self,
        work: str,
        display: Callable[..., Any],
        html: Callable[[str], Any],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._work, self._display, self._html, self._clock = work, display, html, clock
        self._began = self._shown = clock()
        self._handle: Any = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show how far it is, unless there is hardly any news."""
        now = self._clock()
        if now - self._began < PATIENCE or (self._handle is not None and now - self._shown < PAUSE):
            return
        self._shown, shown = now, self._html(bar_in_html(self._work, stage, done, total, now - self._began))
        if self._handle is None:
            self._handle = self._display(shown, display_id=True)
        else:
            self._handle.update(shown)

    def close(self) -> None:
        """Take it away."""
        if self._handle is not None:
            self._handle.update(self._html(""))


def bar_in_html(work: str, stage: str, done: int, total: int, seconds: float) -> str:
    """Return a bar as HTML, with how long the rest should take; no script, no style, everything escaped.

    Examples
    --------
    >>> bar_in_html("train", "restarts", 25, 100, 2.0)
    '<progress value="25" max="100"></progress> train: 25 of 100 restarts, 6 s left'
    >>> bar_in_html("atlas", "faces", 0, 0, 2.0)
    '<progress></progress> atlas: faces'
    """
    if not total:
        return f"<progress></progress> {escaped(f'{work}: {stage}')}"
    rest = f", {duration(seconds * (total - done) / done)} left" if 0 < done < total and "left" not in stage else ""
    text = f"{work}: {done:,} of {total:,} {stage}".rstrip()
    return f'<progress value="{done}" max="{total}"></progress> {escaped(text + rest)}'


def _display() -> tuple[Callable[..., Any], Callable[[str], Any]] | None:
    """Return what shows HTML, and what makes it, if this process is the kernel of a notebook."""
    if "IPython" not in sys.modules or parent_process() is not None:
        return None
    shell = import_module("IPython").get_ipython()
    if getattr(shell, "kernel", None) is None:
        return None
    found = import_module("IPython.display")
    return found.display, found.HTML
