"""Points of open polyhedral sets with small numerators and denominators.

A stationary set on one choice of faces is an affine space, cut by strict inequalities. From one point of it others are
reached along one free coordinate at a time: each gets the simplest number (Stern and Brocot) of the interval that the
inequalities leave to it. Every step is exact, so the point never leaves the set.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from flint import fmpq, fmpq_mat

from stability.geometry.arrangement.integer_problem import Integers
from stability.model.network_loss import Matrix, Vector, dot

PASSES = (Fraction(1, 4), Fraction(1, 16), Fraction(0), Fraction(0))
"""Which share of a bounded interval is left out at each of its ends: first room is made, then it is used."""


def simplest_between(low: Fraction | None, high: Fraction | None) -> Fraction:
    """Return the number of the least denominator, then the least size, strictly between two; None is no bound.

    Examples
    --------
    >>> simplest_between(Fraction(1, 3), Fraction(5, 7)), simplest_between(Fraction(-9, 2), None)
    (Fraction(1, 2), Fraction(0, 1))
    """
    if (low is None or low < 0) and (high is None or high > 0):
        return Fraction(0)
    if high is not None and high <= 0:
        return -simplest_between(-high, None if low is None else -low)
    assert low is not None
    whole = floor(low)
    if high is None or whole + 1 < high:
        return Fraction(whole + 1)
    rest = None if high == whole else high - whole
    inner = simplest_between(1 / rest if rest else None, None if low == whole else 1 / (low - whole))
    return whole + 1 / inner


def simplified(point: Vector, equalities: Sequence[Vector], positive: Sequence[Vector]) -> Vector:
    """Return a point with small entries where forms are as at a given point, or positive.

    Parameters
    ----------
    point : list of Fraction
        At which all `positive` forms are positive.
    equalities, positive : sequences of list of Fraction
        Linear forms: what the first ones are at the point they stay, the others stay positive.
    """
    now = list(point)
    directions = kernel(equalities, len(point))
    slopes = [[dot(form, d) for form in positive] for _, d in directions]
    for margin in PASSES:
        for (axis, d), rates in zip(directions, slopes, strict=True):
            heights = [dot(form, now) for form in positive]
            steps = [(-h / r, r > 0) for h, r in zip(heights, rates, strict=True) if r]
            low = max((now[axis] + t for t, lower in steps if lower), default=None)
            high = min((now[axis] + t for t, lower in steps if not lower), default=None)
            if margin and low is not None and high is not None:
                low, high = low + margin * (high - low), high - margin * (high - low)
            move = simplest_between(low, high) - now[axis]
            now = [x + move * y for x, y in zip(now, d, strict=True)]
    return now


def on_same_faces(problem: Integers, rows: Matrix, signs: Sequence[int]) -> Matrix:
    """Return parameters with smaller entries, of the same signs of pre-activations and with the same outputs.

    Parameters
    ----------
    problem : Integers
    rows : list of list of Fraction
        One per unit, in the kept coordinates.
    signs : sequence of int
        Those of the output weights.
    """
    size = problem.rank
    examples = [[Fraction(x) for x in row] for row in problem.rows]
    outputs = [[Fraction(0)] * (size * len(rows)) for _ in examples]
    kinks: list[Vector] = []
    sides: list[Vector] = []
    for j, (row, sign) in enumerate(zip(rows, signs, strict=True)):
        for example, output in zip(examples, outputs, strict=True):
            height = dot(example, row)
            side = (height > 0) - (height < 0)
            form = [Fraction(0)] * (size * len(rows))
            form[size * j : size * (j + 1)] = [(side or 1) * x for x in example]
            (sides if side else kinks).append(form)
            output[size * j : size * (j + 1)] = [sign * problem.activation(side) * side * x for x in example]
    flat = simplified([x for row in rows for x in row], [*kinks, *outputs], sides)
    return [flat[size * j : size * (j + 1)] for j in range(len(rows))]


def kernel(equalities: Sequence[Vector], size: int) -> list[tuple[int, Vector]]:
    """Return for each free coordinate the direction that moves it by 1, no other free one, and no equality."""
    rows = [[fmpq(x.numerator, x.denominator) for x in form] for form in equalities] or [[fmpq(0)] * size]
    reduced, rank = fmpq_mat(rows).rref()
    pivots = [next(c for c in range(size) if reduced[r, c] != 0) for r in range(rank)]
    found = []
    for axis in (c for c in range(size) if c not in pivots):
        d = [Fraction(0)] * size
        d[axis] = Fraction(1)
        for r, pivot in enumerate(pivots):
            d[pivot] = -Fraction(int(reduced[r, axis].p), int(reduced[r, axis].q))
        found.append((axis, d))
    return found
