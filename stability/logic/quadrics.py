"""Rational points on surfaces of degree 2, such as circles and spheres."""

import random
from collections.abc import Iterator, Sequence
from itertools import product

from flint import fmpq

from stability.exact.systems import Vector, kernel
from stability.logic.polynomials import Poly

VALUES = [fmpq(n, d) for d in (1, 2, 5) for n in range(-2 * d, 2 * d + 1) if d == 1 or n % d]
"""Coordinates among which a first point is looked for."""

MOST_BASES = 4_000
DIRECTIONS = 60


def on_quadric(p: Poly, flat: Sequence[Poly], points: Sequence[Vector]) -> Iterator[Vector]:
    """Yield rational points with p = 0, within the planes where other polynomials of degree 1 are 0.

    From one rational point every line with a rational direction meets the surface once more, at a rational point.

    Parameters
    ----------
    p : polynomial
        Of degree 2.
    flat : sequence of polynomial
        Of degree 1; all are 0 at the points.
    points : sequence of list of fmpq
        Points of the planes, tried first.
    """
    free = kernel([[each.derivative(n)(*_zeros(p)) for n in range(_size(p))] for each in flat], _size(p))
    base = next(_bases(p, flat, points), None)
    if base is None:
        return
    yield base
    draw = random.Random(4)
    for _ in range(DIRECTIONS):
        weights = [fmpq(draw.randint(-3, 3)) for _ in free]
        v = [sum((w * d[n] for w, d in zip(weights, free, strict=True)), fmpq(0)) for n in range(_size(p))]
        here, there, back = (p(*[x + t * y for x, y in zip(base, v, strict=True)]) for t in (0, 1, -1))
        slope, bend = (there - back) / 2, (there + back) / 2 - here
        if bend:
            yield [x - slope / bend * y for x, y in zip(base, v, strict=True)]


def _bases(p: Poly, flat: Sequence[Poly], points: Sequence[Vector]) -> Iterator[Vector]:
    """Yield points with small coordinates where everything is 0; variables that do not occur keep their values."""
    used = [n for n, power in enumerate(p.degrees()) if power]
    for start in points[:2] or [_zeros(p)]:
        for count, values in enumerate(product(VALUES, repeat=len(used))):
            if count >= MOST_BASES:
                break
            x = list(start)
            for n, value in zip(used, values, strict=True):
                x[n] = value
            if p(*x) == 0 and all(each(*x) == 0 for each in flat):
                yield x


def _size(p: Poly) -> int:
    return len(p.degrees())


def _zeros(p: Poly) -> Vector:
    return [fmpq(0)] * _size(p)
