"""Texts of strangers as they may reach a terminal: nothing in them moves the cursor, colours or hides."""

import re
import unicodedata
from collections.abc import Sequence
from math import log10

ENDS = {"\n", "\t"}
LONGEST = 60  # digits of a number that is shown whole
LARGEST = 10**30
"""Counts from here on are shown as a power of ten."""


def brief(text: str, max_length: int = 40) -> str:
    """Return a text as it is quoted in a message: long ones cut."""
    return repr(text if len(text) <= max_length else f"{text[:max_length]}...")


def amount(count: int, noun: str, form: str = "") -> str:
    """Return how many there are of something; the form "," groups the digits.

    Examples
    --------
    >>> amount(1, "unit"), amount(2, "branch")
    ('1 unit', '2 branches')
    """
    plural = "es" if noun.endswith(("ch", "ss")) else "s"
    return f"{count:{form}} {noun}{plural if count != 1 else ''}"


def grouped(count: int) -> str:
    """Return a count with its digits grouped, or about which power of ten it is.

    Examples
    --------
    >>> grouped(12345), grouped(3 * 10**5000)
    ('12,345', 'about 10^5000')
    """
    return f"{count:,}" if count < LARGEST else f"about 10^{int(log10(count))}"


def numbered(indices: Sequence[int]) -> str:
    """Return numbers of sets or units in a few words; three or more in a row by the first and the last one.

    Examples
    --------
    >>> numbered([0, 1, 4, 5, 6])
    '0, 1, 4 to 6'
    """
    runs: list[list[int]] = []
    for k in sorted(indices):
        if runs and runs[-1][-1] == k - 1:
            runs[-1].append(k)
        else:
            runs.append([k])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def in_ascii(text: str) -> str:
    """Return what to write for the first character of a text that is not ASCII, "" where all are.

    Examples
    --------
    >>> in_ascii("½"), in_ascii("w²"), in_ascii("w")
    ('Write 1/2 for ½.', 'Write **2 for ².', '')
    """
    found = next((each for each in text if not each.isascii()), "")
    kind, plain = unicodedata.decomposition(found) if found else "", unicodedata.normalize("NFKC", found)
    if kind.startswith("<fraction>"):
        return f"Write {plain.replace(chr(0x2044), '/')} for {found}."
    if kind.startswith("<super>"):
        return f"Write **{plain} for {found}."
    if found.isalpha():
        return f"Write letters a to z; {found} is {unicodedata.name(found, 'another one').lower()}."
    return ""


def shortened(text: str) -> str:
    """Return a text with the middle of every number of more than 60 digits left out, and its length said.

    Examples
    --------
    >>> shortened("got 1/" + "9" * 100)
    'got 1/99999999999999999999...99999999999999999999 (100 digits)'
    """
    return re.sub(f"[0-9]{{{LONGEST + 1},}}", lambda x: f"{x[0][:20]}...{x[0][-20:]} ({len(x[0])} digits)", text)


def printable(text: str) -> str:
    r"""Return a text with every character that does not print, save line ends and tabs, as its escape.

    Control characters, marks that turn the direction of writing, and other invisible ones are among them.

    Examples
    --------
    >>> printable("a\x1b[31m.csv")
    'a\\x1b[31m.csv'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in ENDS else c.encode("unicode_escape").decode("ascii") for c in text)
