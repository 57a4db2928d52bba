"""Exact eigenvalues of symmetric rational matrices."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, pairwise
from math import isqrt, lcm
from typing import Any

from flint import fmpq, fmpq_mat, fmpq_poly


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
