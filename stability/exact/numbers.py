"""Exact reading and writing of numbers."""

from collections.abc import Sequence
from contextlib import suppress
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from math import isfinite, isqrt
from operator import index
from sys import float_info

from stability.errors import DataError, NumberError, as_written

Exact = int | str | float | Fraction
"""What may stand for an exact number: an integer, "1/3", "0.25", a Fraction, or a float taken at its binary value."""

LONGEST = 400
"""Digits (and decimal exponent) beyond which a number in a text is refused rather than computed with."""


SMALLEST, GREATEST = Fraction(float_info.min), Fraction(float_info.max)
"""Between which sizes a float has all its digits."""


Row = Sequence[Fraction]


def rational(value: Exact) -> Fraction:
    """Return the exact value.

    Parameters
    ----------
    value : int, str, float or Fraction
        Strings may be integers, decimals or quotients; floats are taken at their exact binary value.

    Raises
    ------
    NumberError
        If the value is not a finite rational number.
    """
    if isinstance(value, bool):
        raise NumberError(f"Expected a number; got {as_written(value)}.", 'Write 1 or "1/3" or "0.25".')
    if isinstance(value, Fraction | int):
        return Fraction(value)
    if isinstance(value, str):
        return _read(value.strip())
    with suppress(TypeError):  # arrays have __index__ and classes as_integer_ratio, but are no numbers
        if hasattr(value, "__index__"):
            return Fraction(index(value))
        if isinstance(value, float) or hasattr(value, "as_integer_ratio"):
            if not isfinite(value):
                raise NumberError(
                    f"Expected a finite number; got {as_written(value)}.", 'Write a rational such as "1/3".'
                )
            return Fraction(*value.as_integer_ratio())
    raise NumberError(f"Expected a number; got {as_written(value)}.", 'Write 1 or "1/3" or "0.25".')


def _read(text: str) -> Fraction:
    mantissa, _, exponent = text.lower().partition("e")
    exponent = exponent.lstrip("+-").lstrip("0")
    if "_" in text:
        raise NumberError(f"Expected a number without underscores; got {text[:20]!r}.", "Leave them out.")
    if not text.isascii():
        raise NumberError(f"Expected the digits 0 to 9; got {text[:20]!r}.", 'Write an integer, "1/3" or "0.25".')
    if len(mantissa) > LONGEST or (exponent.isdecimal() and int(exponent[:9]) > LONGEST):
        raise NumberError(
            f"Expected at most {LONGEST} digits; got {text[:20]}...", "Rescale the data before you start."
        )
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise NumberError(
            f"Expected a finite rational number; got {text!r}.", 'Write an integer, "1/3" or "0.25".'
        ) from None


def text(value: Fraction) -> str:
    """Return the number as "3", "-3/4"."""
    return str(value)


def decimal(value: Exact, digits: int = 6) -> str:
    """Return the number rounded to so many significant digits, whatever its size: "0.333333", "1.79769e+308".

    Within the range of floats this is what the format "g" makes of the float.
    """
    number = Fraction(value)
    if is_float64(number):
        return f"{float(number):.{digits}g}"
    context = Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)
    quotient = context.divide(Decimal(number.numerator), Decimal(number.denominator))
    return f"{context.normalize(quotient):.{digits}g}"


def is_float64(value: Fraction) -> bool:
    """Return whether a float comes near the number: it is 0 or of a size from 2.3e-308 to 1.8e308."""
    return value == 0 or SMALLEST <= abs(value) <= GREATEST


def approximate(value: Fraction) -> float:
    """Return the nearest float, for pictures and starts of searches: infinite beyond the range of floats.

    Nothing is decided by it; where a float has to be near, `float64` refuses.
    """
    if abs(value) > GREATEST:
        return float("inf") if value > 0 else float("-inf")
    return float(value)


def moderate(text: str) -> float:
    """Return the number of a spelling or an option that floats compute with: 0, or of a size from 1e-300 to 1e300.

    Raises
    ------
    NumberError
        If it is not rational, or of another size.
    """
    value = rational(text)
    if not is_moderate(value):
        raise NumberError(
            f"Expected 0 or a number of a size from 1e-300 to 1e300; got {decimal(value)}.", "Write 0.5, for example."
        )
    return float(value)


def is_moderate(value: Fraction) -> bool:
    """Return whether a number is 0 or of a size from 1e-300 to 1e300, so that some products of it still are floats."""
    return value == 0 or Fraction(1, 10**300) <= abs(value) <= 10**300


def float64(value: Fraction, what: str) -> float:
    """Return the nearest float of a number that floats have to hold.

    Parameters
    ----------
    value : Fraction
    what : str
        Whose number it is, as "label.csv".

    Raises
    ------
    DataError
        If it is too large or too close to 0 for a float.
    """
    if not is_float64(value):
        raise DataError(
            f"Expected numbers within the range of float64 (2.3e-308 to 1.8e308) in {what}; got {decimal(value)}.",
            "Rescale the data before you start.",
        )
    return float(value)


def square_root(square: Fraction) -> str:
    """Return the exact square root as text: "3/5" where it is rational, else "sqrt(9/17)"."""
    top, bottom = isqrt(square.numerator), isqrt(square.denominator)
    if top * top == square.numerator and bottom * bottom == square.denominator:
        return str(Fraction(top, bottom))
    return f"sqrt({square})"


SHORT = 13
"""Characters up to which a number is shown exactly."""


def formatted(x: Fraction) -> str:
    """Return a number exactly where that is short, else rounded, with ~ in front."""
    return str(x) if _is_short(x) else f"~{decimal(x)}"


def formatted_vector(row: Row) -> str:
    """Return a vector exactly where its entries are short, else rounded, with ~ in front."""
    if all(map(_is_short, row)):
        return f"({', '.join(map(str, row))})"
    return f"~({', '.join(decimal(x, 4) for x in row)})"


def _is_short(x: Fraction) -> bool:
    return max(x.numerator.bit_length(), x.denominator.bit_length()) < 4 * SHORT and len(str(x)) <= SHORT
