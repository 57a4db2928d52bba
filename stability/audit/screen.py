"""How do tables and progress reach a terminal, or a pipe?"""

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

PIPE_WIDTH = 150


def console() -> Console:
    """Return a console as wide as the terminal, or wide enough for tables where there is none."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=PIPE_WIDTH)


def progress_bar(quiet: bool = False) -> Progress:
    """Return a progress bar with an estimate on stderr; it shows nothing where there is no terminal."""
    columns = (TextColumn("{task.description:40}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    screen = Console(stderr=True)
    return Progress(*columns, transient=True, disable=quiet or not sys.stderr.isatty(), console=screen)


def show(*parts: Table | str) -> None:
    """Print tables and sentences, one below the other."""
    screen = console()
    for part in parts:
        screen.print(part)
