"""Numbers of a write-up that must agree: shares of counts, and sums, to the digits that are written."""

import re
from fractions import Fraction

from stability.audit.readers.clauses import Clause, split
from stability.audit.readers.conditions import number
from stability.logic.statements import AllOf, ForAll, Statement

RELATION = re.compile(r"(.+?)\s*(?:==|=)\s*([0-9]+(?:\.[0-9]+)?)\s*(%?)", re.DOTALL)


def rounded(left: str, written: str, percent: bool) -> tuple[str, str]:
    """Return that a number is within half a unit of the last digit that is written.

    Examples
    --------
    >>> rounded("29/50", "58", True)
    ('100*(29/50) >= 115/2', '100*(29/50) <= 117/2')
    """
    digits = len(written.partition(".")[2])
    value, half = Fraction(written), Fraction(1, 2 * 10**digits)
    side = f"100*({left})" if percent else f"({left})"
    return f"{side} >= {value - half}", f"{side} <= {value + half}"


def arithmetic(clause: Clause) -> Statement:
    """Return the statement of `numbers 24/50 = 48%, 35 + 15 = 50`.

    Raises
    ------
    DocumentError
        If a part is no such equation.
    """
    parts: list[Statement] = []
    for text in split(clause.text, ",|;"):
        match = RELATION.fullmatch(text)
        if match is None:
            raise clause.error(f"Expected an equation between numbers; got {text[:60]!r}.")
        number(match[1])
        exact = not match[3] and "." not in match[2]
        said = [f"{match[1]} == {match[2]}"] if exact else list(rounded(match[1], match[2], bool(match[3])))
        parts.append(ForAll("", [], said))
    return parts[0] if len(parts) == 1 else AllOf(parts)
