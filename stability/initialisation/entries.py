"""The entries of a spelling: how each is read, and what it may be."""

from stability.errors import NumberError
from stability.exact.numbers import decimal, is_float64, moderate, rational

MOST = 10**6
"""The most draws that a spelling may ask for."""


def number(text: str) -> float:
    """Return the entry as a float."""
    return moderate(text)


def float_number(text: str) -> float:
    """Return the entry as a float, whatever its size; drawn numbers are checked in their turn."""
    value = rational(text)
    if not is_float64(value):
        raise NumberError(
            f"Expected 0 or a number of a size from 2.3e-308 to 1.8e308; got {decimal(value)}.", "Write 0.5."
        )
    return float(value)


def wide_deviation(text: str) -> float:
    """Return a standard deviation of any size that a float has: at least 0."""
    value = float_number(text)
    if value < 0:
        raise NumberError(f"Expected a standard deviation of at least 0; got {text}.", "Write 0.5.")
    return value


def deviation(text: str) -> float:
    """Return a standard deviation: at least 0."""
    return _within(text, "a standard deviation of at least 0", 0, float("inf"))


def factor(text: str) -> float:
    """Return a factor of a radius: at least 0."""
    return _within(text, "ALPHA of at least 0", 0, float("inf"))


def probability(text: str) -> float:
    """Return a share: from 0 to 1."""
    return _within(text, "P from 0 to 1", 0, 1)


def percentage(text: str) -> float:
    """Return a percentage: from 0 to 100."""
    return _within(text, "Q from 0 to 100", 0, 100)


def margin(text: str) -> float:
    """Return a positive margin."""
    value = number(text)
    if value <= 0:
        raise NumberError(f"Expected a MARGIN above 0; got {text}.", "Write 0.1.")
    return value


def how_many(text: str) -> int:
    """Return a number of draws: whole, from 1 to MOST."""
    value = rational(text)
    if value.denominator != 1 or not 1 <= value <= MOST:
        raise NumberError(f"Expected a whole number of draws from 1 to {MOST}; got {text}.", "Write 100.")
    return int(value)


def _within(text: str, wanted: str, low: float, high: float) -> float:
    value = number(text)
    if not low <= value <= high:
        raise NumberError(f"Expected {wanted}; got {text}.", "Write 0.5.")
    return value
