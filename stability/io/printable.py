"""Texts of strangers as they may reach a terminal: nothing in them moves the cursor, colours or hides."""

import re
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
