r"""Verdicts on a LaTeX document: a file beside it, which `stability.sty` reads; the document itself stays as it is.

\stabilityverdict{two-minima}{proved}{c38d130f}{By the complete list of stationary sets of L.}
"""

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from stability.audit.claims import ID
from stability.audit.readers.annotations import reason_of
from stability.audit.readers.documents import ReadDocument
from stability.audit.verdicts import Verdict
from stability.errors import FileError
from stability.io.tables import latex_text

FIRST_LINE = "% Verdicts of stability audit"
STYLE = Path(__file__).with_name("stability.sty")
"""The package that typesets blocks and their status."""

SYMBOLS = {
    "\u2264": r"\ensuremath{\leq}", "\u2265": r"\ensuremath{\geq}", "\u2260": r"\ensuremath{\neq}",
    "\u00b1": r"\ensuremath{\pm}", "\u00b7": r"\ensuremath{\cdot}", "\u00d7": r"\ensuremath{\times}",
    "\u2192": r"\ensuremath{\to}", "\u221e": r"\ensuremath{\infty}", "\u2212": "-", "\u2013": "--", "\u2014": "---",
    "\u2019": "'", "\u2018": "`", "\u201c": "``", "\u201d": "''", "\u2026": r"\ldots{}", "ß": r"\ss{}",
    "æ": r"\ae{}", "ø": r"\o{}", "å": r"\aa{}", "ł": r"\l{}", "§": r"\S{}",
}  # fmt: skip
"""Signs by their numbers, and letters, as TeX has them without further packages."""

ACCENTS = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u0304": "=", "\u0307": ".",
           "\u030c": "v", "\u0306": "u", "\u030b": "H", "\u0327": "c"}  # fmt: skip


def verdict_file(path: Path) -> Path:
    """Return where the verdicts on a LaTeX document stand: notes.verdicts.tex beside notes.tex."""
    return path.with_suffix(".verdicts.tex")


def written_verdicts(path: Path) -> str:
    """Return what stands in the file of the verdicts on a document; "" where there is none.

    Raises
    ------
    FileError
        If something else than verdicts stands there.
    """
    place = verdict_file(path)
    if not (place.exists() or place.is_symlink()):
        return ""
    problem = f"Expected verdicts of this command at {place}; got something else."
    if place.is_symlink() or not place.is_file():
        raise FileError(problem, "Move it away.")
    try:
        found = place.read_bytes().decode("utf-8", "replace")
    except OSError as fault:
        raise FileError(f"{place}: {fault.strerror}.", "Make it readable.") from None
    if not found.startswith(FIRST_LINE):
        raise FileError(problem, "Move it away.")
    return found


def latex_verdicts(read: ReadDocument, verdicts: Mapping[str, Verdict]) -> str:
    """Return the file of the verdicts on a document, one macro for each id."""
    lines = [f"{FIRST_LINE}; written by --write, read by stability.sty."]
    for each in read.claims:
        verdict = verdicts.get(each.claim.id)
        if verdict is not None and ID.fullmatch(each.claim.id):
            said = typeset("".join(reason_of(verdict)))
            lines.append(rf"\stabilityverdict{{{each.claim.id}}}{{{verdict.status}}}{{{each.digest}}}{{{said}}}")
    return "\n".join([*lines, ""])


def typeset(text: str) -> str:
    r"""Return a text of one line for LaTeX, in ASCII, in which nothing but its characters is typeset.

    Examples
    --------
    >>> typeset(r"é ≤ 1 and \input{x} 50%")
    "\\'{e} \\ensuremath{\\leq} 1 and \\textbackslash{}input\\{x\\} 50\\%"
    """
    return "".join(_character(c) for c in latex_text(" ".join(text.split()))).replace('"', "''")


def _character(c: str) -> str:
    """Return a character in ASCII; one that TeX may not know by its number."""
    if c.isascii():
        return c
    if c in SYMBOLS:
        return SYMBOLS[c]
    base, *marks = [*unicodedata.normalize("NFD", c)]
    if len(marks) == 1 and marks[0] in ACCENTS and base.isascii() and base.isalpha():
        return rf"\{ACCENTS[marks[0]]}{{{base}}}"
    return f"[U+{ord(c):04X}]"
