"""Plain HTML tables of texts: everything is escaped, and there is neither script nor style."""

from collections.abc import Iterable, Sequence
from html import escape

from stability.io.printable import printable

Cells = Sequence[str]


def escaped(text: str) -> str:
    r"""Return a text for HTML: no tags, no attributes, and what does not print, such as bidi marks, as its escape.

    Examples
    --------
    >>> escaped("<b>\u202eabc")
    '&lt;b&gt;\\u202eabc'
    """
    return escape(printable(text))


def html_table(caption: str, head: Cells = (), rows: Iterable[Cells] = (), notes: Iterable[str] = ()) -> str:
    """Return a table as HTML, with a caption above it and notes below.

    Parameters
    ----------
    caption : str
    head : sequence of str
        Of the columns; there may be none.
    rows : iterable of sequences of str
    notes : iterable of str
        A paragraph each.

    Examples
    --------
    >>> html_table("Sets", [], [["a < b"]])
    '<table><caption>Sets</caption><tbody><tr><td>a &lt; b</td></tr></tbody></table>'
    """
    top = f"<thead>{_line(head, 'th')}</thead>" if head else ""
    body = "".join(_line(row, "td") for row in rows)
    table = f"<table><caption>{escaped(caption)}</caption>{top}<tbody>{body}</tbody></table>"
    return table + "".join(f"<p>{escaped(note)}</p>" for note in notes)


def _line(cells: Cells, tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{escaped(cell)}</{tag}>' for cell in cells)}</tr>"
