"""Real roots of polynomials, exactly, and their order."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache, total_ordering
from math import floor
from typing import Any

from flint import arb, ctx, fmpq_poly, fmpz_poly

from stability.exact.eigenvalues import spectrum
from stability.exact.numbers import approximate, decimal
from stability.exact.rational_functions import polynomial_text

Coefficients = tuple[int, ...]
"""Of a polynomial with whole coefficients, constant term first."""

BITS = 64


@total_ordering
@dataclass(frozen=True)
class Root:
    """A real algebraic number: one of the real roots of an irreducible polynomial.

    Attributes
    ----------
    polynomial : tuple of int
        Primitive and irreducible, constant term first, the last coefficient over 0.
    index : int
        Which of the real roots, in ascending order.
    """

    polynomial: Coefficients
    index: int = 0

    @property
    def rational(self) -> Fraction | None:
        """The number as a fraction, or None where it is irrational."""
        return Fraction(-self.polynomial[0], self.polynomial[1]) if len(self.polynomial) == 2 else None

    def ball(self, bits: int = BITS) -> arb:
        """Return an interval around the number that contains no other root of its polynomial."""
        return _real_roots(self.polynomial, bits)[self.index]

    def between(self, bits: int = BITS) -> tuple[Fraction, Fraction]:
        """Return rational bounds, strict unless the number is rational and both are equal to it."""
        if self.rational is not None:
            return self.rational, self.rational
        return _bounds(self.polynomial, self.index, bits)

    def __lt__(self, other: "Root") -> bool:
        if self == other:
            return False
        if self.rational is not None and other.rational is not None:
            return self.rational < other.rational
        bits = BITS
        while True:
            (a, b), (c, d) = self.between(bits), other.between(bits)
            if b < c or d < a:
                return b < c
            bits *= 2

    @property
    def middle(self) -> Fraction:
        """The number where it is rational, else a rational within 128 bits of it."""
        low, high = self.between(128)
        return (low + high) / 2

    def __float__(self) -> float:
        return approximate(self.middle)

    @cached_property
    def text(self) -> str:
        """The number as "1/3", "1 - sqrt(2)", or "root of t^3 - 3 t + 1 near 0.347296"."""
        if self.rational is not None:
            return str(self.rational)
        if len(self.polynomial) == 3:
            c, b, a = (Fraction(x, self.polynomial[2]) for x in self.polynomial)
            found = spectrum([[Fraction(0), -c], [a, -b]])[self.index].text
            return found[1:-1] if found.endswith(")") and found.startswith("(") else found
        return f"root of {polynomial_text(list(self.polynomial), 't')} near {decimal(self.middle)}"

    def __str__(self) -> str:
        return self.text

    def to_json(self) -> dict[str, Any]:
        """Return the number as text, with bounds and the polynomial that vanishes there."""
        low, high = self.between()
        return {"value": self.text, "between": [str(low), str(high)], "polynomial": list(self.polynomial)}


def exactly(value: Fraction | int) -> Root:
    """Return a rational number as a root."""
    value = Fraction(value)
    return Root((-value.numerator, value.denominator))


def primitive_part(polynomial: fmpq_poly) -> Coefficients:
    """Return the multiple with whole coefficients without common divisor, the last one over 0."""
    whole = polynomial.numer()
    size = int(whole.content()) * (-1 if whole.leading_coefficient() < 0 else 1)
    return tuple(int(c) // size for c in whole.coeffs())


@lru_cache(maxsize=100_000)
def real_roots(polynomial: Coefficients) -> tuple[Root, ...]:
    """Return the different real roots in ascending order; none for a constant."""
    if len(polynomial) < 2:
        return ()
    found = []
    for factor, _ in fmpz_poly(list(polynomial)).factor()[1]:
        own = primitive_part(fmpq_poly(factor))
        found += [Root(own, k) for k in range(1 if len(own) == 2 else len(_real_roots(own, BITS)))]
    return tuple(sorted(found))


def roots_within(polynomials: Iterable[Coefficients], low: Root, high: Root) -> list[Root]:
    """Return the different roots strictly between two numbers, in ascending order."""
    every = {root for each in polynomials for root in real_roots(each)}
    return sorted(root for root in every if low < root < high)


@lru_cache(maxsize=10_000)
def _real_roots(polynomial: Coefficients, bits: int) -> tuple[arb, ...]:
    """Return disjoint intervals around the real roots; flint's imaginary parts are 0 exactly for those."""
    old, ctx.prec = ctx.prec, bits
    try:
        pairs: Any = fmpz_poly(list(polynomial)).complex_roots()
        found = [z.real for z, _ in pairs if z.imag == 0]
    finally:
        ctx.prec = old
    return tuple(sorted(found, key=lambda x: x.mid()))


@lru_cache(maxsize=10_000)
def _bounds(polynomial: Coefficients, index: int, bits: int) -> tuple[Fraction, Fraction]:
    ball = _real_roots(polynomial, bits)[index]
    middle, radius = (dyadic(x) for x in (ball.mid(), ball.rad()))
    return middle - radius, middle + radius


def dyadic(x: arb) -> Fraction:
    """Return the exact value of a ball without radius."""
    man, exp = x.man_exp()
    return Fraction(int(man)) * Fraction(2) ** int(exp)


def between(low: Root, high: Root) -> Fraction:
    """Return the simplest rational strictly between two different numbers: with the least denominator."""
    bits = BITS
    while True:
        (_, a), (b, _) = low.between(bits), high.between(bits)
        if a < b:
            return simplest(a, b)
        bits *= 2


def simplest(low: Fraction, high: Fraction | None) -> Fraction:
    """Return the rational of least denominator strictly between two numbers (None: no upper bound), nearest to 0."""
    if high is not None and high <= 0:
        return -simplest(-high, -low)
    if low < 0:
        return Fraction(0)
    whole = floor(low)
    if high is None or whole + 1 < high:
        return Fraction(whole + 1)
    rest = None if low == whole else 1 / (low - whole)
    return whole + 1 / simplest(1 / (high - whole), rest)
