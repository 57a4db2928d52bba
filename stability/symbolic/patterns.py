"""Activation patterns, and how they are written down."""

from collections.abc import Sequence

from stability.errors import PatternError
from stability.io.printable import amount
from stability.model.network_loss import NetworkLoss

SIGNS = {"+": 1, "-": -1, "0": 0}

Pattern = tuple[tuple[int, ...], ...]


def parse_pattern(landscape: NetworkLoss, text: str) -> list[list[int]]:
    """Return the signs of a pattern, one row per unit.

    Parameters
    ----------
    text : str
        One character per data point (+, - or 0) and a comma between units: "+-0+,++--".
        A 0 stands for the slope that torch takes at the kink (`unit.kink_slope`).
    landscape : NetworkLoss
        Says how many units and data points there are.

    Raises
    ------
    PatternError
        On a wrong number of units or signs, or another character.
    """
    words = [word.strip() for word in text.split(",")]
    for word in words:
        strange = [c for c in word if c not in SIGNS]
        if strange:
            raise PatternError(f"Expected signs +, - or 0; got {strange[0]!r} in {text!r}.", _example(landscape))
    return [list(row) for row in checked_pattern(landscape, [[SIGNS[c] for c in word] for word in words])]


def checked_pattern(landscape: NetworkLoss, pattern: str | Sequence[Sequence[int]]) -> Pattern:
    """Return a pattern, given as text or rows of -1, 0, 1, as tuples of the right shape.

    Raises
    ------
    PatternError
        If the shape or a sign is wrong.
    """
    if isinstance(pattern, str):
        pattern = parse_pattern(landscape, pattern)
    rows, points = tuple(tuple(row) for row in pattern), len(landscape.rows)
    if len(rows) != landscape.units:
        raise PatternError(
            f"Expected {amount(landscape.units, 'unit')}, as in {landscape!r}; got {len(rows)}.", _example(landscape)
        )
    for row in rows:
        if len(row) != points:
            raise PatternError(
                f"Expected {points} signs per unit, one per data point; got {len(row)} in {write_pattern([row])!r}.",
                _example(landscape),
            )
        if not set(row) <= {-1, 0, 1}:
            raise PatternError(f"Expected signs -1, 0 or 1; got {row}.", _example(landscape))
    return rows


def write_pattern(pattern: Sequence[Sequence[int]]) -> str:
    """Return the pattern as `parse_pattern` reads it."""
    return ",".join("".join({1: "+", -1: "-", 0: "0"}.get(s, "?") for s in row) for row in pattern)


def _example(landscape: NetworkLoss) -> str:
    word = "".join("+-"[i % 2] for i in range(len(landscape.rows)))
    return f"Write it as {','.join([word] * landscape.units)!r} (0 takes the slope torch takes at the kink)."
