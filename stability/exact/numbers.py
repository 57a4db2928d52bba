"""How is a number read and written exactly?"""

from fractions import Fraction
from math import isfinite, isqrt

from stability.errors import NumberError

Exact = int | str | float | Fraction
"""What may stand for an exact number: an integer, "1/3", "0.25", a Fraction, or a float taken at its binary value."""

LONGEST = 400
"""Digits (and decimal exponent) beyond which a number in a text is refused rather than computed with."""


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
        raise NumberError(f"Expected a number; got {value!r}.", 'Write 1 or "1/3" or "0.25".')
    if isinstance(value, Fraction | int) or hasattr(value, "__index__"):
        return Fraction(value)
    if isinstance(value, str):
        return _read(value.strip())
    if isinstance(value, float) or hasattr(value, "as_integer_ratio"):
        if not isfinite(value):
            raise NumberError(f"Expected a finite number; got {value!r}.", 'Write a rational such as "1/3".')
        return Fraction(*value.as_integer_ratio())
    raise NumberError(f"Expected a number; got {value!r}.", 'Write 1 or "1/3" or "0.25".')


def _read(text: str) -> Fraction:
    mantissa, _, exponent = text.lower().partition("e")
    exponent = exponent.lstrip("+-")
    if "_" in text:
        raise NumberError(f"Expected a number without underscores; got {text[:20]!r}.", "Leave them out.")
    if len(mantissa) > LONGEST or (exponent.isdigit() and int(exponent[:9]) > LONGEST):
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


def square_root(square: Fraction) -> str:
    """Return the exact square root as text: "3/5" where it is rational, else "sqrt(9/17)"."""
    top, bottom = isqrt(square.numerator), isqrt(square.denominator)
    if top * top == square.numerator and bottom * bottom == square.denominator:
        return str(Fraction(top, bottom))
    return f"sqrt({square})"
