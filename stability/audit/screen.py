"""How tables, sentences and progress reach a terminal, a pipe or a paper."""

import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from stability.exact.printable import printable
from stability.exact.tables import render, require_form

PIPE_WIDTH = 150

Part = Table | str
"""A table or a sentence."""


class PlainConsole(Console):
    """A console on which every text stands as it is: no markup, no emoji codes, nothing that does not print."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **settings)

    def render_str(self, text: str, **settings: Any) -> Text:
        """Return a text as rich shows it, with what does not print escaped."""
        return super().render_str(printable(text), **settings)


def console() -> Console:
    """Return a console as wide as the terminal, or wide enough for tables where there is none."""
    found = PlainConsole()
    return found if found.is_terminal else PlainConsole(width=PIPE_WIDTH)


def progress_bar(quiet: bool = False, *columns: ProgressColumn) -> Progress:
    """Return a progress bar on stderr, with an estimate by default; it shows nothing where there is no terminal."""
    wanted = columns or (description(40), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    screen = PlainConsole(stderr=True)
    return Progress(*wanted, transient=True, disable=quiet or not sys.stderr.isatty(), console=screen)


def description(width: int) -> TextColumn:
    """Return the column of a progress bar that says what is done, at least as wide as given."""
    return TextColumn(f"{{task.description:{width or ''}}}", markup=False)


def show(*parts: Part, form: str | None = None) -> None:
    """Print tables and sentences, one below the other.

    Parameters
    ----------
    *parts : Table or str
    form : str, optional
        "markdown", "latex" or "csv" prints the tables alone in this form, for a file. Sentences are comments at the end
        in LaTeX and go to stderr otherwise. By default all of them are laid out for the screen.

    Raises
    ------
    UnknownNameError
        If the form has another name.
    """
    require_form(form)
    if form is None:
        screen = console()
        for part in parts:
            screen.print(part)
        return
    tables = [part for part in parts if isinstance(part, Table)]
    print("\n\n".join(written(table, form) for table in tables))
    for sentence in _sentences(parts):
        if form == "latex":
            print(f"% {sentence}")
        else:
            print(sentence, file=sys.stderr)


def _sentences(parts: Sequence[Part]) -> list[str]:
    """Return the lines of all sentences and titles."""
    texts = [_plain(part.title or "") if isinstance(part, Table) else part for part in parts]
    return [line for text in texts for line in printable(text).splitlines()]


def written(table: Table, form: str) -> str:
    """Return a table of the screen as Markdown, LaTeX or CSV."""
    head = [printable(_plain(column.header)) for column in table.columns]
    cells = [[printable(_plain(cell)) for cell in column.cells] for column in table.columns]
    return render(form, head, [list(row) for row in zip(*cells, strict=True)])


def _plain(cell: object) -> str:
    return cell.plain if isinstance(cell, Text) else str(cell)
