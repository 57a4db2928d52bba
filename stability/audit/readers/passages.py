"""Sentences and tables of a Markdown document, with their lines: what claims could be read from."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from markdown_it.token import Token

from stability.audit.readers.blocks import lines_of, plain_text
from stability.audit.readers.markdown import markdown_parser, text_of, words_of


@dataclass(frozen=True)
class TextPassage:
    """A paragraph, or an entry of a list or table, without marks.

    Attributes
    ----------
    text : str
        With the line ends of the document.
    line : int
        Where it begins, from 1.
    heading : str
        The heading above.
    """

    text: str
    line: int
    heading: str = ""

    def line_of(self, place: int) -> int:
        """Return the line of a character."""
        return self.line + self.text.count("\n", 0, place)


@dataclass(frozen=True)
class TextTable:
    """A table.

    Attributes
    ----------
    header : sequence of str
    rows : sequence of sequence of str
        As many entries as the header has.
    lines : sequence of int
        Of the rows, from 1.
    heading, before : str
        The heading above and the paragraph before.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    lines: Sequence[int]
    heading: str = ""
    before: str = ""


@dataclass
class Passages:
    """What is read of a document: everything but code."""

    texts: list[TextPassage] = field(default_factory=list)
    tables: list[TextTable] = field(default_factory=list)


def read_passages(text: str) -> Passages:
    """Return the sentences and tables of a Markdown text."""
    tokens = markdown_parser().parse(plain_text(lines_of(text)))
    found, heading, before, k = Passages(), "", "", 0
    while k < len(tokens):
        token = tokens[k]
        if token.type == "table_open":
            stop = next(j for j in range(k, len(tokens)) if tokens[j].type == "table_close")
            _read_table(tokens[k:stop], heading, before, found)
            k = stop
        elif token.type == "inline" and tokens[k - 1].type == "heading_open":
            heading, before = words_of(token), ""
        elif token.type == "inline" and token.map:
            before = _text(token)
            found.texts.append(TextPassage(before, token.map[0] + 1, heading))
        k += 1
    return found


def _read_table(tokens: Sequence[Token], heading: str, before: str, found: Passages) -> None:
    starts = [k for k, token in enumerate(tokens) if token.type == "tr_open"]
    header, *rows = (list(_cells(tokens[a:b])) for a, b in pairwise([*starts, len(tokens)]))
    lines = [each.map[0] + 1 if each.map else 1 for each in (tokens[k] for k in starts)]
    found.tables.append(TextTable(header, rows, lines[1:], heading, before))
    for line, cells in zip(lines, (header, *rows), strict=True):
        found.texts += [TextPassage(cell, line, heading) for cell in cells]


def _cells(tokens: Sequence[Token]) -> Iterator[str]:
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type in ("td_open", "th_open"):
            yield _text(token).strip()


def _text(token: Token) -> str:
    """Return the text of a token, without marks, line for line, blanks one at a time."""
    return re.sub(r"[^\S\n]*\n\s*|[^\S\n]+", lambda x: "\n" if "\n" in x[0] else " ", text_of(token))
