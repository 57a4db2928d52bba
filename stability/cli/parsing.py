"""Exact reading of points from the command line."""

import json
import re
from fractions import Fraction

from stability.errors import PointError
from stability.exact.numbers import rational

SHAPE = "Write it as '[[w1, w2, b], ...]', for instance '[[\"-1/2\", 1/2, 0.25]]'; an output bias stands behind it."
WORD = re.compile(r'"[^"]*"|[^][,\s"]+')


def read_point(text: str) -> list[list[Fraction]]:
    """Return the rows of a point; numbers may be 1/3, "1/3" or 0.25 and are taken exactly.

    Output biases may stand behind the rows, as in "[[1, 0, 1]], 1/2" or "([[1, 0, 1]], [1/2, 0])". The row of a single
    unit may stand without the outer brackets, as in "[1, 0, 1]".

    Raises
    ------
    PointError
        If the text is no list of lists.
    NumberError
        If an entry is not a finite rational number.
    """
    try:
        rows, *biases = json.loads(f"[{WORD.sub(_quoted, inside(text))}]")
    except (ValueError, RecursionError):
        raise PointError(f"Expected a list of lists of numbers; got {text[:80]!r}.", SHAPE) from None
    if isinstance(rows, list) and rows and all(isinstance(entry, str) for entry in rows):
        rows = [rows]
    if isinstance(rows, list) and len(biases) == 1:
        rows = [*rows, biases[0] if isinstance(biases[0], list) else biases]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows) or len(biases) > 1:
        raise PointError(f"Expected a list of lists of numbers; got {text[:80]!r}.", SHAPE)
    if any(not isinstance(entry, str) for row in rows for entry in row):
        raise PointError(f"Expected numbers inside each row; got {text[:80]!r}.", SHAPE)
    return [[rational(entry) for entry in row] for row in rows]


def inside(text: str) -> str:
    """Return what stands in the parentheses around a point, if there are any.

    Examples
    --------
    >>> inside("([[1, 0, 1]], 1/2)")
    '[[1, 0, 1]], 1/2'
    """
    text = text.strip()
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def _quoted(word: re.Match[str]) -> str:
    return word[0] if word[0].startswith('"') else f'"{word[0]}"'
