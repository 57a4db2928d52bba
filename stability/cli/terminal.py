"""Tables, sentences and progress on a terminal, in a pipe or in a paper."""

import os
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from stability.compute.progress import parts_reported
from stability.io.printable import printable
from stability.io.tables import render, require_form

PIPE_WIDTH = 150
"""Of what goes to no terminal, unless COLUMNS says another."""

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
    """Return a console as wide as the terminal or COLUMNS says, or wide enough for tables where neither does."""
    found = PlainConsole()
    wide = found.is_terminal or os.environ.get("COLUMNS", "").isdecimal()
    return found if wide else PlainConsole(width=PIPE_WIDTH)


def progress_bar(*columns: ProgressColumn) -> Progress:
    """Return a progress bar on stderr, with an estimate by default; it shows nothing where there is no terminal."""
    wanted = columns or (description(40), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    screen = PlainConsole(stderr=True)
    return Progress(*wanted, transient=True, disable=not sys.stderr.isatty(), console=screen)


@contextmanager
def shown_progress(label: str = "") -> Iterator[Callable[[str, int, int], None]]:
    """Give a callback (stage, done, total) that moves a bar on stderr; it shows nothing where there is no terminal.

    The bar is called by a label, or by the stage where there is none.
    """
    with progress_bar() as bar:
        task = bar.add_task(label, total=None)
        yield lambda stage, done, total: bar.update(
            task, description=label or stage, completed=done, total=total or None
        )


@contextmanager
def shown_with_parts() -> Iterator[Callable[[str, int, int], None]]:
    """Give the same as `shown_progress`, with a bar below for the stages of what is being computed now."""
    with progress_bar() as bar:
        whole, parts = bar.add_task("", total=None), dict[str, TaskID]()

        def move(stage: str, done: int, total: int) -> None:
            bar.update(whole, description=stage, completed=done, total=total or None)
            _remove(bar, parts)

        def move_part(stage: str, done: int, total: int) -> None:
            if stage not in parts or not total:
                _remove(bar, parts)
                parts[stage] = bar.add_task(f"  {stage}", total=total or None)
            bar.update(parts[stage], completed=done, total=total or None)

        with parts_reported(move_part):
            yield move


def _remove(bar: Progress, parts: dict[str, TaskID]) -> None:
    """Take the bars of stages away."""
    for task in parts.values():
        bar.remove_task(task)
    parts.clear()


@contextmanager
def shown_stages(*stages: str) -> Iterator[Callable[[str, int, int], None]]:
    """Give the same with a bar for each stage: for the given ones at once, for others as they begin."""
    with progress_bar() as bar:
        tasks = {stage: bar.add_task(stage, total=None) for stage in stages}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage)
            bar.update(tasks[stage], completed=done, total=total)

        yield update


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
            if isinstance(part, Table):
                screen.print(fitted(part, screen))
            else:
                lines = [line for each in part.split("\n") for line in wrapped(each, screen.width)]
                screen.print("\n".join(lines), soft_wrap=True)
        return
    print(tables_in(parts, form), end="")
    if form != "latex":
        for sentence in _sentences(parts):
            print(sentence, file=sys.stderr)


def wrapped(text: str, width: int, after: str = "", before: str = "") -> list[str]:
    """Return a text as lines of whole words; one wider than the screen has a line of its own, a path ends at slashes.

    Parameters
    ----------
    text : str
    width : int
    after, before : str
        What further lines and the first one begin with.

    Examples
    --------
    >>> wrapped("no word is ever cut", 8, "  ")
    ['no word', '  is', '  ever', '  cut']
    """
    found: list[str] = []
    for line in printable(text).splitlines() or [""]:
        found += textwrap.wrap(
            line,
            max(width, 1),
            initial_indent=after if found else before,
            subsequent_indent=after,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return [line for each in found for line in _at_slashes(each, width)]


def _at_slashes(line: str, width: int) -> list[str]:
    """Return a line in parts that end behind a slash where a path is wider than the screen."""
    if len(line) <= width or "/" not in line:
        return [line]
    cut = line.rfind("/", 0, width) + 1 or line.index("/") + 1
    return [line[:cut], *_at_slashes(line[cut:], width)] if line[cut:] else [line]


def tables_in(parts: Sequence[Part], form: str) -> str:
    """Return the tables among parts in the form of a file; sentences are comments at the end in LaTeX."""
    tables = [written(part, form) for part in parts if isinstance(part, Table)]
    notes = [f"% {sentence}\n" for sentence in _sentences(parts)] if form == "latex" else []
    return "\n\n".join(tables) + "\n" + "".join(notes)


def fitted(table: Table, screen: Console) -> Table:
    """Return a table with all its words whole at the width of a screen; its rows one below the other if need be.

    Where columns share the width by rules of their own, these hold as long as the words fit.
    """
    sizes = [_measured(table, k, screen) for k in range(len(table.columns))]
    room = screen.width - 3 * len(sizes) - 1
    if sum(most for _, most in sizes) <= room:
        return table
    if sum(least for least, _ in sizes) > room and len(sizes) > 2:
        return stacked(table)
    if any(column.ratio is not None for column in table.columns):
        return table
    caps = range(max(most for _, most in sizes), 0, -1)
    fits = (cap for cap in caps if sum(min(most, max(least, cap)) for least, most in sizes) <= room)
    cap = next(fits, 0)
    found = Table(title=table.title, title_justify=table.title_justify, show_header=table.show_header)
    found.show_lines = table.show_lines
    found.columns = [
        replace(column, width=min(most, max(least, cap)), overflow="fold")
        for column, (least, most) in zip(table.columns, sizes, strict=True)
    ]
    found.rows = table.rows
    return found


def _measured(table: Table, k: int, screen: Console) -> tuple[int, int]:
    """Return how wide a column has to be for its longest word, and for its longest line."""
    column = table.columns[k]
    if column.width is not None:
        return column.width, column.width
    cells = [*([column.header] if table.show_header else []), *column.cells]
    sizes = [Measurement.get(screen, screen.options.update(width=10**6), cell) for cell in cells]
    least, most = (max((getattr(size, end) for size in sizes), default=1) for end in ("minimum", "maximum"))
    return most if column.no_wrap else least, most


def stacked(table: Table) -> Table:
    """Return a table of two columns that gives each row as a block of names and values; empty values are left out."""
    found = Table(title=table.title, title_justify=table.title_justify, show_header=False)
    found.add_column("name")
    found.add_column("value", overflow="fold")
    for row in zip(*(column.cells for column in table.columns), strict=True):
        for column, cell in zip(table.columns, row, strict=True):
            if _plain(cell):
                found.add_row(_plain(column.header), cell)
        found.add_section()
    return found


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
