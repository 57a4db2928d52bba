"""Plain HTML of texts, and the card in which a notebook shows a result: all is escaped, and there is no script."""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import accumulate
from typing import Any

from stability.io.printable import amount, printable

Cells = Sequence[str]

MANY, OF_ROWS, OF_NOTES = 24, 12_000, 3_000
"""Rows of a card, and characters of its rows and notes; how many more there are is said below."""
LONGEST = 1_000
"""Characters of one text in a card."""

STYLE = """
& {display:inline-block;box-sizing:border-box;max-width:100%;overflow-x:auto;margin:.3em 0;padding:.7em 1em;
border:1px solid rgba(128,128,128,.4);border-radius:6px;color:inherit;background:transparent}
& table{width:max-content;min-width:min(26em,80vw);margin:0;border:0;border-collapse:collapse;color:inherit;
font-size:.92em;font-variant-numeric:tabular-nums}
& caption{padding:0 0 .4em;font-size:1em;caption-side:top;text-align:left;color:inherit}
& caption span{display:block}
& th,& td{padding:.2em 1.4em .2em 0;border:0;text-align:left;vertical-align:top;color:inherit}
& td{max-width:min(40em,72vw)}
& caption{max-width:90vw}
& th{font-weight:600}
& thead th{border-bottom:1px solid rgba(128,128,128,.6)}
& tbody tr:nth-child(n){background:transparent}
& p{margin:.5em 0 0;font-size:.92em}
""".replace("\n", "").replace("&", ".stability-card.stability-card")
"""How a card looks, in the colours of the page, light or dark; its class stands twice to outweigh notebooks."""


class Typeset(str):
    """A text that a card shows as a formula.

    Attributes
    ----------
    mathml : str
        The formula as MathML; it is not escaped.

    Examples
    --------
    >>> html_table("Loss", [], [["L", Typeset("b^2", "<msup><mi>b</mi><mn>2</mn></msup>")]]).count("<math><msup>")
    1
    """

    mathml: str

    def __new__(cls, text: str, mathml: str) -> "Typeset":
        """Return the text with its formula."""
        made = super().__new__(cls, text)
        made.mathml = mathml
        return made


def escaped(text: str) -> str:
    r"""Return a text for HTML: no tags, no attributes, and what does not print, such as bidi marks, as its escape.

    Examples
    --------
    >>> escaped("<b>\u202eabc")
    '&lt;b&gt;\\u202eabc'
    """
    return escape(printable(text))


def html_card(
    title: str, head: Cells = (), rows: Sequence[Cells] = (), notes: Iterable[str] = (), finding: str = ""
) -> str:
    """Return a table as a card for a notebook; rows that would make it large are left out and counted.

    Parameters
    ----------
    title, head, rows, notes, finding
        Those of `html_table`.

    Examples
    --------
    >>> card = html_card("Sets of abs1", ["kind", "loss"], [["saddle", "2"]], finding="one set")
    >>> card.startswith('<div class="stability-card"><style>'), card.endswith("</table></div>")
    (True, True)
    """
    rows = [[_cut(cell) for cell in row] for row in rows]
    notes = [_cut(note) for note in notes]
    lines = _first(rows, [len(_line(row, not head)) for row in rows[:MANY]], OF_ROWS, "row")
    below = _first(notes, [len(escaped(note)) for note in notes], OF_NOTES, "line")
    table = html_table(_cut(title), head, lines[0], [*lines[1], *below[0], *below[1]], _cut(finding))
    return f'<div class="stability-card"><style>{STYLE}</style>{table}</div>'


def _first(each: Sequence[Any], sizes: Sequence[int], limit: int, noun: str) -> tuple[Sequence[Any], list[str]]:
    """Return as many as have room, and in words how many do not."""
    shown = sum(total <= limit for total in accumulate(sizes))
    left = len(each) - shown
    return each[:shown], [f"and {amount(left, noun)} more"] * bool(left)


def _cut(text: str) -> str:
    return (
        text if isinstance(text, Typeset) or len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text):,} characters)"
    )


def html_table(
    caption: str, head: Cells = (), rows: Iterable[Cells] = (), notes: Iterable[str] = (), finding: str = ""
) -> str:
    """Return a table as HTML, with a caption above it and notes below.

    Parameters
    ----------
    caption : str
    head : sequence of str
        Of the columns; where there are none, the first cell of every row is its head.
    rows : iterable of sequences of str
    notes : iterable of str
        A paragraph each.
    finding : str, optional
        The line below the caption.

    Examples
    --------
    >>> html_table("Sets", [], [["loss", "a < b"]])
    '<table><caption>Sets</caption><tbody><tr><th>loss</th><td>a &lt; b</td></tr></tbody></table>'
    """
    top = f"<thead><tr>{''.join(_cell(each, 'th') for each in head)}</tr></thead>" if head else ""
    body = "".join(_line(row, not head) for row in rows)
    said = f"<b>{escaped(caption)}</b><span>{escaped(finding)}</span>" if finding else escaped(caption)
    table = f"<table><caption>{said}</caption>{top}<tbody>{body}</tbody></table>"
    return table + "".join(f"<p>{escaped(note)}</p>" for note in notes)


def _line(cells: Cells, headed: bool) -> str:
    tags = ["th" if headed and not k else "td" for k in range(len(cells))]
    return f"<tr>{''.join(map(_cell, cells, tags))}</tr>"


def _cell(text: str, tag: str) -> str:
    shown = f"<math>{text.mathml}</math>" if isinstance(text, Typeset) else escaped(text)
    return f"<{tag}>{shown}</{tag}>"
