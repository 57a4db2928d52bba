"""What people write in statements is refused where it is not exact, not known or not of the right shape."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from math import isfinite
from operator import index
from typing import Any

from stability.errors import NumberError, StatementError, as_written, nearest
from stability.exact.numbers import rational
from stability.logic.formulas import short

EXACTLY = 'Write 1, "1/3" or "0.25".'


def exact_number(value: Any, what: str) -> Fraction:
    """Return a number that is given exactly: an integer, a Fraction, or a text such as "1/3" or "0.25".

    Raises
    ------
    StatementError
        If it is a float, which stands for a binary fraction that nobody means, or no number; `what` says of what.
    """
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        raise StatementError(f"Expected an exact number for {what}; got {as_written(value)}.", EXACTLY)
    plain = isinstance(value, Fraction | type) or hasattr(value, "__index__")
    if hasattr(value, "as_integer_ratio") and not plain:
        raise StatementError(
            f"Expected an exact number for {what}; got the float {as_written(value)}.", _instead(value)
        )
    try:
        return rational(value)
    except NumberError as problem:
        raise StatementError(f"Expected an exact number for {what}; got {short(value)}.", problem.remedy) from None


def _instead(value: Any) -> str:
    number = float(value)
    if not isfinite(number):
        return EXACTLY
    near, text = Fraction(number).limit_denominator(100), Fraction(repr(number))
    simple = f' or "{near}"' if near != text and abs(near - text) <= Fraction(1, 1000) else ""
    return f'Write "{text}"{simple}.'


def whole_number(value: Any, what: str, least: int = 0, most: int | None = None) -> int:
    """Return a whole number of a range.

    Raises
    ------
    StatementError
        If it is something else.
    """
    wanted = f"a whole number from {least:,}" + (f" to {most:,}" if most is not None else "")
    with suppress(TypeError):
        number = index(value)
        truth = type(value).__name__ in ("bool", "bool_")
        if not truth and number >= least and (most is None or number <= most):
            return number
    raise StatementError(f"Expected {wanted} for {what}; got {short(value)}.", f"Write {least}, for example.")


def finite(value: Any, what: str) -> float:
    """Return a measured number, which may be a float.

    Raises
    ------
    StatementError
        If it is no finite number.
    """
    plain = hasattr(value, "__float__") and not isinstance(value, bool | str)
    if not plain or not isfinite(float(value)):
        raise StatementError(f"Expected a finite number for {what}; got {short(value)}.", "Write 0.25, for example.")
    return float(value)


def positive_float(value: Any, what: str) -> float:
    """Return a measured number above 0.

    Raises
    ------
    StatementError
        If it is something else.
    """
    if finite(value, what) <= 0:
        raise StatementError(f"Expected a number above 0 for {what}; got {short(value)}.", "Write 0.25, for example.")
    return float(value)


def member(value: Any, known: Iterable[Any], what: str) -> None:
    """Refuse a word that is not one of those known.

    Raises
    ------
    StatementError
        With the nearest one.
    """
    words = list(known)
    if not isinstance(value, str) or value not in words:
        raise StatementError(f"Expected {what}; got {short(value)}.", nearest(str(value), words))


def words(value: Any, what: str) -> str:
    """Return a text that says something.

    Raises
    ------
    StatementError
        If it is empty, or no text.
    """
    if not isinstance(value, str) or not value.strip():
        raise StatementError(f"Expected a text for {what}; got {short(value)}.", "Say it in a few words.")
    return value


def listed(value: Any, what: str, empty: bool = False) -> list[Any]:
    """Return the entries of a list or tuple.

    Raises
    ------
    StatementError
        If it is no list, or an empty one.
    """
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Sequence):
        raise StatementError(
            f"Expected a list for {what}; got {short(value)}.",
            f"Write [{short(value, 20) if isinstance(value, str) else as_written(value)[:20]}].",
        )
    if not value and not empty:
        raise StatementError(
            f"Expected at least one entry for {what}; got none.", "Leave the statement out, or fill it."
        )
    return list(value)


def called(value: Any, what: str) -> Callable[..., Any]:
    """Return something that can be called.

    Raises
    ------
    StatementError
        If it cannot.
    """
    if not callable(value):
        raise StatementError(f"Expected a function for {what}; got {short(value)}.", "Write a function or a lambda.")
    return value  # type: ignore[no-any-return]


def exact_rows(point: Any, what: str) -> list[list[Fraction]]:
    """Return the rows of a point, its numbers exact.

    Raises
    ------
    StatementError
        If it is no list of lists of exact numbers.
    """
    point = point.tolist() if hasattr(point, "tolist") else point
    rows = [row.tolist() if hasattr(row, "tolist") else row for row in listed(point, what)]
    return [[exact_number(x, what) for x in listed(row, f"a row of {what}")] for row in rows]
