"""Correct outputs: of two labels, an output on the side of their midpoint on which its label is.

The one definition that atlases, training runs, basins, pictures and claims share. An output above the threshold stands
for the larger label, any other for the smaller one; so an output exactly on the threshold is correct where the label is
the smaller one, as the first of equal outputs is taken where there is one per class. NaN is never correct.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray


def threshold(labels: Sequence[Fraction]) -> Fraction | None:
    """Return the midpoint of two labels; None where there are not exactly two different ones.

    Examples
    --------
    >>> threshold([Fraction(-1), Fraction(1), Fraction(-1)])
    Fraction(0, 1)
    >>> threshold([Fraction(0), Fraction(1, 3), Fraction(2)]) is None
    True
    """
    values = sorted({*labels})
    return None if len(values) != 2 else Fraction(values[0] + values[1]) / 2


def correct(outputs: Sequence[Fraction], labels: Sequence[Fraction]) -> list[bool] | None:
    """Return which exact outputs are correct; None where labels have no threshold.

    Examples
    --------
    >>> correct([Fraction(1, 2), Fraction(1, 2), Fraction(2)], [Fraction(0), Fraction(1), Fraction(1)])
    [True, False, True]
    """
    middle = threshold(labels)
    if middle is None:
        return None
    return [(f > middle) == (y > middle) for f, y in zip(outputs, labels, strict=True)]


def correct_floats(outputs: Any, labels: Sequence[Fraction]) -> NDArray[np.bool_] | None:
    """Return which outputs are correct, given an array of shape (..., n) and n exact labels; None as `correct` does."""
    middle, outputs = threshold(labels), np.asarray(outputs)
    if middle is None:
        return None
    upper = np.array([y > middle for y in labels])
    found: NDArray[np.bool_] = ((outputs > float(middle)) == upper) & ~np.isnan(outputs)
    return found


def explained(labels: Sequence[Fraction]) -> str | None:
    """Return in words when an output is correct; None where labels have no threshold.

    Examples
    --------
    >>> explained([Fraction(0), Fraction(1)])
    'correct: an output above 1/2 stands for the label 1, any other for 0'
    """
    middle = threshold(labels)
    if middle is None:
        return None
    return f"correct: an output above {middle} stands for the label {max(labels)}, any other for {min(labels)}"
