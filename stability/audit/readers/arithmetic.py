"""Numbers of a write-up that must agree: shares of counts, and sums, to the digits that are written."""

import re
from fractions import Fraction

from stability.audit.readers.clauses import Clause, split
from stability.audit.readers.conditions import number
from stability.logic.formulas import short
from stability.logic.statements import AllOf, ForAll, Statement

EQUATION = re.compile(r"([^=<>!]+)==?([^=<>!]+)")
WRITTEN = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(%?)")


def rounded(left: str, written: str, percent: bool) -> tuple[str, str]:
    """Return that a number is within half a unit of the last digit that is written.

    Examples
    --------
    >>> rounded("29/50", "58", True)
    ('100*(29/50) >= 115/2', '100*(29/50) <= 117/2')
    """
    value, half = Fraction(written), half_unit(written)
    side = f"100*({left})" if percent else f"({left})"
    return f"{side} >= {value - half}", f"{side} <= {value + half}"


def in_digits(text: str) -> tuple[str, bool] | None:
    """Return the digits of a number that is meant to them, and whether it is a percentage; None if it is meant exactly.

    Examples
    --------
    >>> in_digits("58%"), in_digits("0.50"), in_digits("5/8")
    (('58', True), ('0.50', False), None)
    """
    match = WRITTEN.fullmatch(text)
    return (match[1], bool(match[2])) if match and (match[2] or "." in match[1]) else None


def half_unit(digits: str) -> Fraction:
    """Return half a unit of the last digit that is written."""
    return Fraction(1, 2 * 10 ** len(digits.partition(".")[2]))


def written(value: Fraction, like: str) -> str:
    """Return a number as another one is written: to as many digits, as a percentage, or exactly.

    Examples
    --------
    >>> written(Fraction(43, 50), "85%"), written(Fraction(1, 3), "0.50"), written(Fraction(5, 8), "6/8")
    ('86%', '0.33', '5/8')
    """
    meant = in_digits(like)
    if meant is None:
        return str(value)
    digits, percent = len(meant[0].partition(".")[2]), meant[1]
    scaled = int(value * (100 if percent else 1) * 10**digits + Fraction(1, 2))
    whole, part = divmod(scaled, 10**digits)
    return f"{whole}{f'.{part:0{digits}d}' if digits else ''}{'%' if percent else ''}"


def holds(left: str, right: str) -> bool:
    """Return whether two numbers agree, the right one to its digits where it is a decimal or a percentage.

    Raises
    ------
    StatementError
        If one is no rational number.
    """
    meant = in_digits(right)
    if meant is None:
        return number(left) == number(right)
    digits, percent = meant
    return abs(number(left) * (100 if percent else 1) - Fraction(digits)) <= half_unit(digits)


def arithmetic(clause: Clause) -> Statement:
    """Return the statement of `numbers 24/50 = 48%, 35 + 15 = 50, 3/8 + 1/4 = 5/8`.

    The right side is a decimal or a percentage, meant to its digits, or else a number that is meant exactly.

    Raises
    ------
    DocumentError
        If a part is no such equation.
    """
    parts = [ForAll("", [], _said(text, clause)) for text in split(clause.text, ",|;")]
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _said(text: str, clause: Clause) -> list[str]:
    """Return the relations of one equation."""
    match = EQUATION.fullmatch(text)
    if match is None:
        raise clause.error(
            f"Expected an equation between numbers; got {short(text)}.",
            "Write numbers 24/50 = 48%, or numbers 3/8 + 1/4 = 5/8.",
        )
    left, right = match[1].strip(), match[2].strip()
    number(left)
    meant = in_digits(right)
    if meant is not None:
        return list(rounded(left, *meant))
    number(right)
    return [f"{left} == {right}"]
