"""Square roots in formulas: sqrt(n) of a whole number is one more generator s of the polynomials, where s^2 is n.

A polynomial is kept with s to the first power at most, so that equal ones look the same; a number a + b s has an exact
sign. Known facts are that s lies between two rational numbers. One statement has one root.
"""

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import Any

from flint import fmpq, fmpq_mpoly, fmpq_mpoly_ctx

from stability.errors import StatementError

Poly = Any

ROOT = re.compile(r"\bsqrt *\( *([0-9]+) *\)")
"""How a root is written; the checker looks for the same."""

RATIONAL = r"-?[0-9]+(?:/[1-9][0-9]*)?"
SURD = re.compile(rf"(?:({RATIONAL}) \+ )?(?:({RATIONAL})\*)?sqrt\(([1-9][0-9]*)\)")
"""How irrational values of variables are written; the checker reads them so."""

FINE = 1000
"""One part of so many is the distance of the numbers between which a root lies, as the checker has them."""


def roots_in(texts: Iterable[str]) -> list[str]:
    """Return the names of the generators for the roots in formulas: at most one.

    Raises
    ------
    StatementError
        If there are several different roots.

    Examples
    --------
    >>> roots_in(["x > sqrt(2)", "2*sqrt( 2 ) < 3"])
    ['sqrt(2)']
    """
    found = sorted({int(each) for text in texts for each in ROOT.findall(text)})
    if len(found) > 1:
        raise StatementError(
            f"Expected one square root in a statement; got those of {', '.join(map(str, found))}.",
            "Write one of them by a variable: s with s^2 = 3 and s > 0.",
        )
    return [f"sqrt({n})" for n in found]


def bounds(name: str) -> tuple[fmpq, fmpq]:
    """Return two rational numbers between which a root lies."""
    whole = isqrt(_number(name) * FINE * FINE)
    return fmpq(whole, FINE), fmpq(whole + 1, FINE)


def known(values: dict[str, Poly]) -> list[tuple[Poly, str]]:
    """Return the facts that are known of the roots among the generators, in the order of the checker."""
    facts = []
    for name in (name for name in values if name.startswith("sqrt(")):
        low, high = bounds(name)
        facts += [(values[name], ">"), (values[name] - low, ">"), (high - values[name], ">")]
    return facts


def reduced(p: Poly) -> Poly:
    """Return a polynomial with its root to the first power at most."""
    place, n = _place(p)
    if place is None or p.degrees()[place] < 2:
        return p
    terms: dict[tuple[int, ...], fmpq] = {}
    for powers, c in p.terms():
        twice, rest = divmod(powers[place], 2)
        key = (*powers[:place], rest, *powers[place + 1 :])
        terms[key] = terms.get(key, fmpq(0)) + c * fmpq(n) ** twice
    return p.context().from_dict({key: c for key, c in terms.items() if c})


def sign_of_number(p: Poly) -> int | None:
    """Return the sign of a number a + b sqrt(n), given as a reduced polynomial; nothing if it is none.

    Examples
    --------
    >>> from stability.logic.polynomials import ring
    >>> s = ring(["x", "sqrt(2)"])["sqrt(2)"]
    >>> sign_of_number(7 - 5 * s), sign_of_number(3 - 2 * s), sign_of_number(s - s)
    (-1, 1, 0)
    """
    place, n = _place(p)
    if place is None:
        return None
    a, b = fmpq(0), fmpq(0)
    for powers, c in p.terms():
        if any(power for k, power in enumerate(powers) if k != place):
            return None
        a, b = (a, b + c) if powers[place] else (a + c, b)
    big = a * a - b * b * n
    one, two = int(a > 0) - int(a < 0), int(b > 0) - int(b < 0)
    return one if one == two or not two else two if not one else one * (int(big > 0) - int(big < 0))


def rationalised(p: Poly) -> Poly:
    """Return a polynomial with a rational number near the root in its place."""
    place, _ = _place(p)
    if place is None:
        return p
    name = p.context().names()[place]
    return p.subs({name: sum(bounds(name), fmpq(0)) / 2})


def surd(value: Fraction | int | str) -> tuple[Fraction, Fraction, str]:
    """Return a, b and the name of the root of a number a + b sqrt(n); "" where it is rational.

    Raises
    ------
    ValueError
        If it is no such number.

    Examples
    --------
    >>> surd("1/2 + -3*sqrt(2)")
    (Fraction(1, 2), Fraction(-3, 1), 'sqrt(2)')
    """
    match = SURD.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return Fraction(value), Fraction(0), ""
    return Fraction(match[1] or 0), Fraction(match[2] or 1), f"sqrt({match[3]})"


def valued(value: Fraction | int | str, generators: dict[str, Poly]) -> Poly:
    """Return a number a + b sqrt(n) as a polynomial."""
    a, b, name = surd(value)
    one = generators["1"]
    found = one * fmpq(a.numerator, a.denominator)
    return found + generators[name] * fmpq(b.numerator, b.denominator) if b else found


def written_surd(a: Fraction, b: Fraction, name: str) -> str:
    """Return a number as `surd` and the checker read it."""
    if not b:
        return str(a)
    return f"{f'{a} + ' if a else ''}{f'{b}*' if b != 1 else ''}{name}"


def values_in_records(witness: Mapping[str, Fraction | int | str]) -> dict[str, str]:
    """Return the values of variables as records hold them."""
    return {name: written_surd(*surd(value)) for name, value in witness.items()}


def quadratic_roots(p: Poly) -> list[str]:
    """Return the irrational roots of a quadratic polynomial in its first variable alone, with rational coefficients."""
    terms = {powers[0]: c for powers, c in p.to_dict().items() if not any(powers[1:])}
    if len(terms) < len(p.to_dict()) or max(terms, default=0) != 2:
        return []
    c0, c1, c2 = (Fraction(int(c.p), int(c.q)) for c in (fmpq(terms.get(k, 0)) for k in range(3)))
    square = (c1 * c1 - 4 * c0 * c2) / (4 * c2 * c2)
    if square <= 0:
        return []
    outside, inside = squares_out(square.numerator * square.denominator)
    half = Fraction(outside, square.denominator)
    if inside == 1:
        return [str(-c1 / (2 * c2) + sign * half) for sign in (-1, 1)]
    return [written_surd(-c1 / (2 * c2), sign * half, f"sqrt({inside})") for sign in (-1, 1)]


def squares_out(whole: int) -> tuple[int, int]:
    """Return p and q with p^2 q = a number, small squares being taken out of q; q is 1 for a square."""
    if not whole or isqrt(whole) ** 2 == whole:
        return isqrt(whole), 1
    outside = 1
    for prime in range(2, 1000):
        while whole % (prime * prime) == 0:
            whole, outside = whole // (prime * prime), outside * prime
    return outside, whole


def _number(name: str) -> int:
    return int(name[5:-1])


def _place(p: Poly) -> tuple[int | None, int]:
    """Return which generator of a polynomial is a root, and of which number."""
    return _root_of(p.context()) if isinstance(p, fmpq_mpoly) else (None, 0)


@lru_cache(maxsize=1024)
def _root_of(context: fmpq_mpoly_ctx) -> tuple[int | None, int]:
    names = context.names()
    place = next((k for k, name in enumerate(names) if name.startswith("sqrt(")), None)
    return place, 0 if place is None else _number(names[place])
