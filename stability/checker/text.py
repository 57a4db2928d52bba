"""Printing, so that a terminal shows what was meant. Standard library only."""

import re
import unicodedata

LONGEST = 60  # digits of a number that is printed whole
ENDS = 20  # digits that are left at both ends of a longer one
BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that look like nothing
PLAIN = re.compile(r"[\w.+\-/@,=:%]+")


def is_plain(c: str) -> bool:
    """Return whether a character can be seen, by itself, and does nothing else."""
    return c == " " or (c.isprintable() and unicodedata.category(c)[0] != "M" and c not in BLANK)


def shown(text: str, most: int | None = None) -> str:
    """Return a text with everything escaped that is no visible character, cut where it is too long."""
    if most is not None and len(text) > most:
        text = text[:most] + "..."
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if is_plain(c) else c.encode("unicode_escape").decode("ascii") for c in text)


def short(text: str) -> str:
    """Return a text with the middle of every long number left out, and its length stated."""

    def cut(found: re.Match[str]) -> str:
        digits = found.group()
        return f"{digits[:ENDS]}...{digits[-ENDS:]} ({len(digits)} digits)"

    return re.sub(rf"[0-9]{{{LONGEST + 1},}}", cut, text)


def point_said(point: list[list[str]]) -> str:
    """Return a point in words, unit after unit."""
    return f"({'; '.join(', '.join(row) for row in point)})"


def called(name: str) -> str:
    """Return the name of a file as it is printed: in quotes if it has more than letters, digits and the like."""
    if PLAIN.fullmatch(name) and shown(name) == name:
        return name
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{shown(quoted)}"'


def encodable(text: str, encoding: str | None) -> str:
    """Return a text that can be printed in an encoding."""
    known = encoding or "ascii"
    return text.encode(known, "backslashreplace").decode(known)
