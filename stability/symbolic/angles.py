"""Exact angles, and signs of algebraic numbers."""

import re
from collections.abc import Iterable
from contextlib import suppress
from functools import cmp_to_key
from typing import Any

import sympy as sp
from sympy.core.evalf import PrecisionExhausted

from stability.errors import NumberError
from stability.exact.numbers import rational

THETA = sp.Symbol("theta", real=True)
RADIUS = sp.Symbol("r", positive=True)
BIAS = sp.Symbol("b", real=True)
RATIO = sp.Symbol("beta", real=True)

Angle = Any
"""An angle as "3pi/4", as a sympy expression, or as a direction (x, y) of any length but 0."""

Direction = tuple[sp.Expr, sp.Expr]


MOST_DIGITS = 10_000
"""To which sums of large numbers that nearly cancel are computed."""


def number(value: Any) -> sp.Expr:
    """Return an exact number as a sympy expression; sympy expressions without decimals pass through."""
    if isinstance(value, sp.Basic) and not value.has(sp.Float):
        return value
    exact = rational(value)
    return sp.Rational(exact.numerator, exact.denominator)


def sign(value: sp.Expr) -> int:
    """Return the exact sign of a real algebraic number (or of an expression in positive symbols).

    Raises
    ------
    NumberError
        If sympy cannot decide it.
    """
    for rewrite in (_plain, sp.expand, sp.simplify):
        try:
            form = rewrite(value)
            if form.is_zero:
                return 0
            if form.is_positive:
                return 1
            if form.is_negative:
                return -1
        except PrecisionExhausted:
            continue
    with suppress(PrecisionExhausted, ValueError):
        near = sp.N(value, 20, maxn=MOST_DIGITS, strict=True)
        if near.is_Float and near != 0:
            return 1 if near > 0 else -1
    raise NumberError(
        f"Expected a number with a sign; got one that {MOST_DIGITS:,} digits do not decide.",
        "Give a simpler exact angle or ratio, or rescale the data.",
    )


def _plain(value: Any) -> sp.Expr:
    """Return a number as sympy has it; never by reading a text, which sympy would run as code."""
    try:
        return sp.sympify(value, strict=True)
    except sp.SympifyError:
        raise NumberError(f"Expected an exact number or angle; got {type(value).__name__}.", 'Write "3pi/4".') from None


def _compare(a: sp.Expr, b: sp.Expr) -> int:
    return sign(a - b)


def ascending(values: Iterable[Any]) -> list[sp.Expr]:
    """Return the distinct values in ascending order, compared exactly."""
    result: list[sp.Expr] = []
    for value in sorted(values, key=cmp_to_key(_compare)):
        if not result or sign(value - result[-1]) > 0:
            result.append(value)
    return result


def direction(angle: Angle) -> Direction:
    """Return (cos, sin) of an angle.

    Parameters
    ----------
    angle : str, sympy expression or pair
        "3pi/4", sympy.pi / 3, or a direction such as (3, 4), which is divided by its length.

    Raises
    ------
    NumberError
        If it is none of these.
    """
    if isinstance(angle, tuple | list) and len(angle) == 2:
        x, y = map(number, angle)
        length = sp.sqrt(x**2 + y**2)
        if sign(length) == 0:
            raise NumberError("Expected a direction; got (0, 0).", 'Give an angle such as "3pi/4".')
        return x / length, y / length
    if isinstance(angle, str):
        angle = _read(angle)
    angle = _plain(angle)
    return sp.cos(angle), sp.sin(angle)


def _read(text: str) -> sp.Expr:
    parts = re.fullmatch(r"(-?)(\d{0,400})\*?pi(?:/([1-9]\d{0,400}))?", text.replace(" ", ""))
    if text.strip() == "0":
        return sp.Integer(0)
    if parts is None:
        raise NumberError(f"Expected a rational multiple of pi; got {text[:40]!a}.", 'Write "0", "pi/4" or "3pi/4".')
    return sp.pi * sp.Rational(int(f"{parts[1]}{parts[2] or 1}"), int(parts[3] or 1))


def along(point: Iterable[Any], u: Direction) -> sp.Expr:
    """Return x . u for a data point x in the plane."""
    return sum((number(x) * c for x, c in zip(point, u, strict=True)), sp.Integer(0))


def quarter(u: Direction) -> Direction:
    """Return the direction turned by a quarter."""
    return -u[1], u[0]
