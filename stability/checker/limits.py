"""What a record may ask for: the limits of the checker, and its verdict where one is passed. Standard library only."""

import re
from fractions import Fraction
from math import isqrt
from typing import Any

FILE_BYTES = 64 * 2**20  # of a file
LISTS = 4_000_000  # lists and objects of a file
VALUES = 40_000_000  # values of a file
DEPTH = 400  # lists and objects in each other
DIGITS = 4_300  # of a number as it is written
BITS = 100_000  # of a number that is computed
NAME = 80  # characters of a name
UNITS = 1_000  # of a landscape
PARTS = 40  # statements in each other
FORMULA = 200_000  # characters of a formula
NESTING = 80  # brackets in each other, in a formula
EXPONENT = 1_000  # of a power
ROOT = 10**12  # below a square root
TERMS = 50_000  # of a polynomial
START, SMALL = 1_200_000, 2_048  # steps for a record of up to so many characters

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+|/[1-9][0-9]*)?")
RATIONAL = r"-?[0-9]+(?:/[1-9][0-9]*)?"
SURD = re.compile(rf"(?:({RATIONAL}) \+ )?(?:({RATIONAL})\*)?sqrt\(([1-9][0-9]*)\)")


class Rejected(Exception):  # noqa: N818 - it is a verdict, not an error
    """The record does not prove what it says."""


def need(condition: object, reason: str) -> None:
    """Reject the record unless the condition holds."""
    if not condition:
        raise Rejected(reason)


def within(value: int, most: int, what: str) -> None:
    """Reject the record if something passes its limit."""
    if value > most:
        raise Rejected(f"beyond a limit of the checker: at most {most:,} {what}")


def exact(text: Any) -> Fraction:
    """Return the number that a text such as 3, -3/4 or 0.25 stands for."""
    if type(text) is not str or not NUMBER.fullmatch(text):
        raise Rejected(f"expected a number as text, like '3', '-3/4' or '0.25'; got {text!r:.60}")
    within(max(map(len, text.split("/"))), DIGITS, "digits of a number")
    return Fraction(text)


def surd(text: Any) -> tuple[Fraction, Fraction, int]:
    """Return a, b and n of the number a + b * sqrt(n) of a text such as 3/4, sqrt(2) or 1 + -1/2*sqrt(2)."""
    match = SURD.fullmatch(text) if type(text) is str else None
    if match is None:
        return exact(text), Fraction(0), 0
    within(len(match[3]), 13, "digits below a square root")
    within(int(match[3]), ROOT, "below a square root")
    need(isqrt(int(match[3])) ** 2 != int(match[3]), f"expected no square below a square root; got {text!r:.60}")
    return exact(match[1] or "0"), exact(match[2] or "1"), int(match[3])


class Meter:
    """How much work is left: about a microsecond a step, at some rate more for longer records, and for patient callers.

    Attributes
    ----------
    size : int
        Characters of the record.
    left : int
        Steps that may still be made.
    """

    def __init__(self, size: int, rate: int, patience: int = 1) -> None:
        self.size, self.total = size, patience * (START + rate * max(0, size - SMALL))
        self.left = self.total

    def spend(self, steps: int, bits: int = 0, what: str = "formulas") -> None:
        """Reject the record if these steps, with numbers of so many bits, are too many."""
        within(bits, BITS, "bits of a number that is computed")
        self.left -= steps * (1 + bits // 512)
        if self.left < 0:
            limit = f"at most {self.total:,} steps for a record of {self.size:,} characters"
            raise Rejected(f"beyond a limit of the checker: {limit}, reached at {what} (--patience 10 allows more)")
