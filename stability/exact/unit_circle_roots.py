"""Counts of the roots of a rational polynomial inside, on and outside the unit circle, decided without floats."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import fmpq, fmpq_poly

from stability.errors import NumberError

Poly = Any
"""A flint polynomial over the rationals (flint ships no types)."""


@dataclass(frozen=True)
class Count:
    """How many roots, with multiplicity, lie inside, on and outside the unit circle."""

    inside: int
    on: int
    outside: int

    def __add__(self, other: "Count") -> "Count":
        return Count(self.inside + other.inside, self.on + other.on, self.outside + other.outside)

    def __mul__(self, times: int) -> "Count":
        return Count(self.inside * times, self.on * times, self.outside * times)


def polynomial(coefficients: Sequence[Fraction | int]) -> Poly:
    """Return the flint polynomial with these coefficients, the constant one first."""
    exact = [Fraction(c) for c in coefficients]
    return fmpq_poly([fmpq(c.numerator, c.denominator) for c in exact])


def coefficients(p: Poly) -> list[Fraction]:
    """Return the coefficients of a flint polynomial, the constant one first."""
    return [Fraction(int(c.p), int(c.q)) for c in (fmpq(x) for x in p.coeffs())]


def count(p: Poly) -> Count:
    """Return where the roots of a rational polynomial lie.

    The map z = (1 + s)/(1 - s) takes the disc to the left half-plane and the circle to the imaginary axis, but for
    z = -1. On s = iw the transformed polynomial is A(w) + i B(w); the common divisor of A and B holds the roots on the
    axis, and the Cauchy index of B and A is the number of roots to the left minus that to the right (Routh, Hurwitz;
    Gantmacher, The Theory of Matrices, chapter XV). Unlike Jury's table this has no singular cases.

    Raises
    ------
    NumberError
        If the polynomial is 0.
    """
    degree = p.degree()
    if degree < 0:
        raise NumberError("Expected a polynomial other than 0.", "Every number is a root of 0.")
    moved = _to_half_plane(p)
    at_minus_one = degree - moved.degree()
    even, odd = _on_the_axis(moved)
    common = even.gcd(odd)
    on = sum(_real_roots(factor) * int(times) for factor, times in common.factor()[1]) if common.degree() > 0 else 0
    rest = moved.degree()
    surplus = -_cauchy_index(even, odd) if rest % 2 == 0 else _cauchy_index(odd, even)
    off = rest - on
    return Count((off + surplus) // 2, on + at_minus_one, (off - surplus) // 2)


def _to_half_plane(p: Poly) -> Poly:
    """Return (1 - s)^n p((1 + s)/(1 - s)), n the degree."""
    plus, minus, total = fmpq_poly([1, 1]), fmpq_poly([1, -1]), fmpq_poly([0])
    for k, c in enumerate(p.coeffs()):
        total += c * plus**k * minus ** (p.degree() - k)
    return total


def _on_the_axis(q: Poly) -> tuple[Poly, Poly]:
    """Return the real and the imaginary part of q(iw)."""
    turns = (1, 1, -1, -1)
    signed = [c * turns[k % 4] for k, c in enumerate(q.coeffs())]
    zero = fmpq(0)
    even = [zero if k % 2 else c for k, c in enumerate(signed)]
    odd = [c if k % 2 else zero for k, c in enumerate(signed)]
    return fmpq_poly(even), fmpq_poly(odd)


def _cauchy_index(bottom: Poly, top: Poly) -> int:
    """Return the jumps of top/bottom from -oo to oo minus those back, by Sturm's chain; deg top < deg bottom."""
    chain = [bottom, top]
    while chain[-1].degree() >= 0:
        chain.append(-(chain[-2] % chain[-1]))
    return _changes(chain[:-1], -1) - _changes(chain[:-1], 1)


def _changes(chain: Sequence[Poly], side: int) -> int:
    """Return the sign changes along a chain of polynomials at side * infinity."""
    signs = [(1 if p[p.degree()] > 0 else -1) * (side if p.degree() % 2 else 1) for p in chain]
    return sum(a != b for a, b in pairwise(signs))


def _real_roots(p: Poly) -> int:
    """Return how many distinct real roots p has."""
    return _cauchy_index(p, p.derivative())


def all_inside(p: Poly) -> bool:
    """Return whether all roots lie inside the unit circle, by the reduction of Schur and Cohn, which is Jury's table.

    With p* the polynomial of reversed coefficients, p has all its n roots inside if and only if |p(0)| is below the
    size of the leading coefficient a, and (a p - p(0) p*)/z, of degree n - 1, has all its roots inside (Schur 1917).
    """
    while p.degree() > 0:
        last, lead = p[0], p[p.degree()]
        if abs(last) >= abs(lead):
            return False
        p = fmpq_poly((lead * p - last * _reversed(p)).coeffs()[1:])
    return bool(p.degree() == 0)


def _reversed(p: Poly) -> Poly:
    return fmpq_poly(list(reversed(p.coeffs())))
