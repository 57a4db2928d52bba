"""Numbers of a document that are wrong, beside what is right."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from stability.errors import StabilityError
from stability.exact.rational_functions import fraction
from stability.logic.branches import Ground, Landscapes, UniversalStatement
from stability.logic.polynomials import evaluate, value

HUNDREDTHS = re.compile(r"100\s*\*\s*\((.*)\)", re.DOTALL)
MOST = 3
"""Wrong numbers that are named."""

LONGEST = 40
"""Characters of a formula that is written out beside its value."""

OPPOSITE = {"==": "not", "<": "not below", ">": "not above", "<=": "above", ">=": "below"}


def wrong_numbers(formal: Mapping[str, Any], landscapes: Landscapes | None = None) -> str:
    """Return which numbers are wrong, and what is right; "" where that cannot be said.

    Examples
    --------
    >>> wrong_numbers({"then": [["100*(43/50) >= 169/2", "100*(43/50) <= 171/2"]]})
    '43/50 is 86%, not 85%.'
    >>> wrong_numbers({"then": [["7 + 8 == 16"]]})
    '7 + 8 is 15, not 16.'
    """
    if len(formal.get("then", ())) != 1:
        return ""
    try:
        values = Ground(UniversalStatement((), (), (), landscapes or {}), {}).values
        return " ".join(list(dict.fromkeys(_Numbers(values).wrong(list(formal["then"][0]))))[:MOST])
    except (StabilityError, TypeError, ArithmeticError):
        return ""


@dataclass(frozen=True)
class _Numbers:
    """Reads relations between numbers, with the values of landscapes."""

    values: Mapping[str, Any]

    def wrong(self, relations: list[str]) -> list[str]:
        """Return what is wrong in each relation that does not hold."""
        found = list[str]()
        for k, text in enumerate(relations):
            parts = sides(text)
            if parts is None:
                continue
            chain = [parts] if len(parts) == 3 else [parts[:3], parts[2:]]
            failing = [each for each in chain if not self._holds(*each)]
            if failing:
                found.append(self._rounded(relations, k) or self._said(parts, failing[0]))
        return found

    def number(self, text: str) -> Fraction:
        """Return the exact value of a formula without variables."""
        found = value(evaluate(text, self.values))
        if found is None:
            raise ArithmeticError(text)
        return fraction(found)

    def _holds(self, left: str, sign: str, right: str) -> bool:
        a, b = self.number(left), self.number(right)
        return {"==": a == b, "!=": a != b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[sign]

    def _rounded(self, relations: Sequence[str], k: int) -> str:
        """Return what is wrong where a number was written in digits: two bounds, half a unit around it."""
        for j in (k - 1, k):
            pair = [sides(each) for each in relations[max(j, 0) : j + 2]]
            if len(pair) == 2 and all(each is not None and len(each) == 3 for each in pair):
                low, high = pair
                assert low is not None
                assert high is not None
                if (low[0], low[1], high[1]) == (high[0], ">=", "<="):
                    return self._in_digits(low[0], self.number(low[2]), self.number(high[2]))
        return ""

    def _in_digits(self, left: str, low: Fraction, high: Fraction) -> str:
        written, half = (low + high) / 2, (high - low) / 2
        digits = max(0, len(str(int(1 / (2 * half)))) - 1) if half else 0
        percent = HUNDREDTHS.fullmatch(left)
        said = percent[1] if percent else left.removeprefix("(").removesuffix(")") if left.count("(") == 1 else left
        sign = "%" if percent else ""
        return f"{said} is {float(self.number(left)):.{digits}f}{sign}, not {float(written):.{digits}f}{sign}."

    def _said(self, sides: Sequence[str], failing: Sequence[str]) -> str:
        """Return what is wrong in a relation."""
        if len(sides) == 5:
            low, middle, high = (decimal(self.number(each)) for each in sides[::2])
            name = sides[2] if len(sides[2]) <= LONGEST else "The middle"
            return f"{name} is {middle}, not between {low} and {high}."
        left, sign, right = failing
        percent = right.replace(" ", "").endswith("/100") and sign == "=="
        a, b = (f"{decimal(100 * self.number(x))}%" if percent else decimal(self.number(x)) for x in (left, right))
        if len(left) > LONGEST:
            left = "The left side"
        if sign == "!=":
            return f"{left} is {a}."
        is_plain = re.fullmatch(r"-?\d+", left.strip()) is not None
        return f"{left} is {OPPOSITE[sign]} {b}." if is_plain else f"{left} is {a}, {OPPOSITE[sign]} {b}."


def exact_value(text: str, landscapes: Landscapes) -> Fraction:
    """Return the exact value of a formula without variables.

    Raises
    ------
    ArithmeticError
        If it is no rational number.

    Examples
    --------
    >>> exact_value("7/2 + 8", {})
    Fraction(23, 2)
    """
    return _Numbers(Ground(UniversalStatement((), (), (), landscapes), {}).values).number(text)


def sides(text: str, signs: str = "==|<=|>=|!=|<|>") -> list[str] | None:
    """Return the sides of a relation and the signs between them, up to two of them."""
    parts = re.split(rf"\s*({signs})\s*", text)
    return parts if len(parts) in (3, 5) else None


def decimal(value: Fraction) -> str:
    """Return a number in digits: exact ones where they end soon, else rounded ones after a tilde.

    Examples
    --------
    >>> decimal(Fraction(1, 8)), decimal(Fraction(1, 3))
    ('0.125', '~0.3333')
    """
    if value.denominator == 1:
        return str(value.numerator)
    scaled = value * 10**6
    if scaled.denominator == 1:
        return f"{float(value):.6f}".rstrip("0")
    return f"~{float(value):.4g}"
