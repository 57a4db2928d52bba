"""Exact eigenvalues of symmetric rational matrices."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, pairwise
from math import isqrt, lcm
from typing import Any

from flint import fmpq, fmpq_mat, fmpq_poly

from stability.exact.numbers import decimal

LONGEST_SHOWN = 20
"""Characters up to which tables show a number exactly."""


@dataclass(frozen=True)
class Eigenvalue:
    """A real algebraic number with its multiplicity.

    Attributes
    ----------
    text : str
        "3/4", or "(3 + sqrt(5))/2", or the interval that isolates it from the other eigenvalues, as "[1/2, 5/8]".
    low, high : Fraction
        An interval that contains it and no other eigenvalue; equal where it is rational.
    multiplicity : int
    """

    text: str
    low: Fraction
    high: Fraction
    multiplicity: int

    @property
    def value(self) -> float:
        """The middle of the interval, as a float."""
        return float((self.low + self.high) / 2)

    @property
    def shown(self) -> str:
        """The text where it is short and no interval, else a decimal with ~ in front, as tables have it.

        Examples
        --------
        >>> third = Fraction(1, 3)
        >>> Eigenvalue("1/3", third, third, 1).shown
        '1/3'
        >>> Eigenvalue("[4287/3031, 5741/4059]", Fraction(4287, 3031), Fraction(5741, 4059), 1).shown
        '~1.41439'
        """
        is_short = len(self.text) <= LONGEST_SHOWN and not self.text.startswith("[")
        return self.text if is_short else f"~{decimal((self.low + self.high) / 2)}"

    def to_json(self) -> dict[str, Any]:
        """Return the eigenvalue with exact numbers as text."""
        return {"value": self.text, "between": [str(self.low), str(self.high)], "multiplicity": self.multiplicity}


def spectrum(matrix: Sequence[Sequence[Fraction]]) -> list[Eigenvalue]:
    """Return the eigenvalues of a symmetric matrix, least first, each once with its multiplicity."""
    table = fmpq_mat([[fmpq(x.numerator, x.denominator) for x in row] for row in matrix])
    _, factors = table.charpoly().factor()
    for digits in count(12, 12):
        found = [value for factor, times in factors for value in _roots(factor, int(times), digits)]
        found.sort(key=lambda value: value.low + value.high)
        if all(a.high < b.low for a, b in pairwise(found)):
            break
    return found


def real_roots(coefficients: Sequence[Fraction]) -> list[Eigenvalue]:
    """Return the roots, all real and different, of a polynomial, the constant coefficient first; the least root first.

    They are the eigenvalues of its companion matrix.
    """
    size = range(len(coefficients) - 1)
    last, lead = len(size) - 1, coefficients[-1]
    return spectrum([[-coefficients[i] / lead if j == last else Fraction(int(i == j + 1)) for j in size] for i in size])


def is_positive_definite(matrix: Sequence[Sequence[Fraction]]) -> bool:
    """Return whether a symmetric matrix is positive definite: all its leading minors are positive (Sylvester)."""
    table = [[fmpq(x.numerator, x.denominator) for x in row] for row in matrix]
    return all(fmpq_mat([row[:k] for row in table[:k]]).det() > 0 for k in range(1, len(table) + 1))


def _roots(factor: fmpq_poly, multiplicity: int, digits: int) -> list[Eigenvalue]:
    coefficients = [Fraction(int(c.p), int(c.q)) for c in (fmpq(x) for x in factor.coeffs())]
    if len(coefficients) == 2:
        root = -coefficients[0] / coefficients[1]
        return [Eigenvalue(str(root), root, root, multiplicity)]
    intervals = _isolate(coefficients, digits)
    texts = _quadratic(coefficients) if len(coefficients) == 3 else [f"[{a}, {b}]" for a, b in intervals]
    return [Eigenvalue(t, a, b, multiplicity) for t, (a, b) in zip(texts, intervals, strict=True)]


def _isolate(coefficients: Sequence[Fraction], digits: int) -> list[tuple[Fraction, Fraction]]:
    """Return intervals around the roots of an irreducible factor, no wider than 10^-digits."""
    from sympy import Poly, Rational, Symbol

    powers = [Rational(c.numerator, c.denominator) for c in reversed(coefficients)]
    found = Poly(powers, Symbol("x")).intervals(eps=Rational(1, 10**digits))
    return [(Fraction(int(a.p), int(a.q)), Fraction(int(b.p), int(b.q))) for (a, b), _ in found]


def _quadratic(coefficients: Sequence[Fraction]) -> list[str]:
    """Return the two roots of an irreducible quadratic in closed form, the lesser one first."""
    c, b, a = coefficients
    middle, square = -b / (2 * a), (b / (2 * a)) ** 2 - c / a
    inside, outside = square.numerator * square.denominator, Fraction(1, square.denominator)
    for k in range(min(isqrt(inside), 10_000), 1, -1):
        if inside % (k * k) == 0:
            inside, outside = inside // (k * k), outside * k
            break
    common = lcm(middle.denominator, outside.denominator)
    first, times = int(middle * common), int(outside * common)
    root = f"sqrt({inside})" if times == 1 else f"{times}*sqrt({inside})"
    ends = "" if common == 1 else f"/{common}"
    return [f"({first} {sign} {root}){ends}" if first else f"{'-' * (sign == '-')}{root}{ends}" for sign in "-+"]
