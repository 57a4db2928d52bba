"""Successes of training in tables of a text: what is written is filled in, initialisations are guessed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stability.audit.readers.passages import TextTable
from stability.audit.readers.written_numbers import PLAIN, TOTAL, Equation, rate_of, share_in, whole
from stability.errors import StabilityError
from stability.initialisation.table import parse

SUCCESS = re.compile(r"succe|solv|converg", re.IGNORECASE)
FAILURE = re.compile(r"fail|stuck", re.IGNORECASE)
RUNS = re.compile(r"runs?|restarts?|trials?|seeds?|n", re.IGNORECASE)
OF = re.compile(r"(?:/|\bof)\s*(\d{1,6})\b")
NO_COUNT = re.compile(r"epoch|%|rate|share|percent", re.IGNORECASE)
EPOCH = re.compile(r"epoch", re.IGNORECASE)
STATISTICS = {"median": "median", "mean": "mean", "average": "mean", "avg": "mean", "min": "least", "max": "largest"}
PERCENTILE = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\s?(?:%ile|percentile)", re.IGNORECASE)
NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,6})?")

GUESSES = {
    r"kaiming|\bhe\b": "kaiming-normal",
    r"xavier|glorot": "xavier-normal",
    r"torch|default": "torch-default",
    r"hypersphere|tangen": "hypersphere",
    r"mirror": "mirrored:0.5",
    r"dead|reject": "dead-data-rejection:0.5",
    r"uniform": "uniform:1",
}
"""Which initialisation words of a table may mean."""

GUESS = "normal:0.5"


@dataclass(frozen=True)
class WrittenTraining:
    """A row of a table of successes.

    Attributes
    ----------
    label : str
        What the row says it trained.
    init : str
    sure : bool
        Whether the initialisation stands there as this package spells it.
    published : str
        As the clause `published` takes it.
    line : int
    heading : str
    """

    label: str
    init: str
    sure: bool
    published: str
    line: int
    heading: str


def written_trainings(table: TextTable) -> Iterator[WrittenTraining]:
    """Yield the rows of a table that say how many runs succeed, or fail."""
    for cells, line in zip(table.rows, table.lines, strict=True):
        if TOTAL.match(cells[0]):
            continue
        said = _first_count(table, cells)
        if said is not None:
            word, count, of = said
            init, sure = _init(cells[0])
            published = f"{word} {count}/{of}" + _epochs(table, cells, count if word == "success" else of - count)
            yield WrittenTraining(cells[0], init, sure, published, line, table.heading)


def training_rates(table: TextTable) -> Iterator[Equation]:
    """Yield the percentages of a table beside successes that stand without their runs."""
    for cells, line in zip(table.rows, table.lines, strict=True):
        if not any(map(share_in, cells)):
            said = _first_count(table, cells)
            if said is not None:
                yield from rate_of(table, cells, line, *said[1:])


def _first_count(table: TextTable, cells: Sequence[str]) -> tuple[str, int, int] | None:
    """Return what the first entry of a row that says it says: success or failures, how many, of how many."""
    return next((each for k in range(1, len(cells)) for each in _count(table, cells, k)), None)


def _count(table: TextTable, cells: Sequence[str], k: int) -> Iterator[tuple[str, int, int]]:
    """Yield (success or failures, how many, of how many) if an entry says so."""
    head = table.header[k]
    share, plain = share_in(cells[k]), PLAIN.fullmatch(cells[k])
    word = "failures" if FAILURE.search(head) else "success"
    named = word == "failures" or SUCCESS.search(head) is not None
    if share and (named or SUCCESS.search(f"{table.before} {table.heading}")):
        count, of = share
    elif plain and named and not NO_COUNT.search(head):
        count, of = whole(plain[0]), _runs(table, cells, head)
    else:
        return
    if 1 <= of <= 10**6 and count <= of:
        yield word, count, of


def _runs(table: TextTable, cells: Sequence[str], head: str) -> int:
    """Return of how many runs a count is: by its header, or by a column of runs; 0 if neither says so."""
    match = OF.search(head)
    if match:
        return int(match[1])
    beside = [cell for name, cell in zip(table.header, cells, strict=True) if RUNS.fullmatch(name)]
    return whole(beside[0]) if len(beside) == 1 and PLAIN.fullmatch(beside[0]) else 0


def _epochs(table: TextTable, cells: Sequence[str], of: int) -> str:
    """Return what the row says of epochs, as a further part of `published`."""
    found = ""
    for head, cell in zip(table.header, cells, strict=True):
        kinds = [kind for word, kind in STATISTICS.items() if word in head.lower()]
        kinds += [f"quantile {match[1]}%" for match in [PERCENTILE.search(head)] if match]
        if of and EPOCH.search(head) and len(kinds) == 1 and NUMBER.fullmatch(cell):
            found += f"; {kinds[0]} epochs {cell} of {of}"
    return found


def _init(label: str) -> tuple[str, bool]:
    """Return the initialisation that a label spells, or the one that it may mean."""
    for word in label.split():
        try:
            parse(word)
        except StabilityError:
            continue
        return word, True
    return next((name for word, name in GUESSES.items() if re.search(word, label, re.IGNORECASE)), GUESS), False
