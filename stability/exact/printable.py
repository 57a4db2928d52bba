"""Texts of strangers as they may reach a terminal: nothing in them moves the cursor, colours or hides."""

ENDS = {"\n", "\t"}


def brief(text: str, most: int = 40) -> str:
    """Return a text as it is quoted in a message: long ones cut."""
    return repr(text if len(text) <= most else f"{text[:most]}...")


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
