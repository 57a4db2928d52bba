"""Points near the kinks that a statement depends on, one or several at once and on both sides."""

import random
from collections.abc import Iterator, Sequence

from flint import fmpq, fmpq_mat

from stability.errors import CertificateError
from stability.exact.systems import Vector
from stability.logic.branches import Piece, UniversalStatement, root_facts
from stability.logic.instances import Point, named
from stability.logic.polynomials import Poly

SEEDS = 8
"""Points at which it is asked on which signs the statement depends."""

SAMPLES = 2_000
SCALES = [fmpq(1, 4), fmpq(1, 2), fmpq(1, 2), fmpq(1)]
OFFSETS = [fmpq(n, 50) for n in (1, 5, 1, 5, 1, 5, 1, 5, -1, -5)]
"""How far from a kink, in units of the polynomial that is 0 there."""

TOGETHER = 4
"""The most kinks that are approached at once."""


def near_kinks(question: UniversalStatement, samples: int = SAMPLES) -> Iterator[Point]:
    """Yield random points at several scales, moved next to a few kinks where the signs of linear polynomials change."""
    draw, size = random.Random(5), len(question.names)
    kinks, ranges = _kinks(question, draw), _ranges(question)
    for _ in range(samples if kinks else 0):
        scale = draw.choice(SCALES)
        x = [scale * fmpq(draw.randint(-20, 20), 20) for _ in range(size)]
        for n, (low, high) in ranges.items():
            x[n] = low + (high - low) * fmpq(draw.choice((1, 20, 36, 39, 39)), 40)
        chosen = draw.sample(kinks, min(len(kinks), draw.randint(2, TOGETHER)))
        moved = _moved(x, chosen, [draw.choice(OFFSETS) for _ in chosen])
        if moved is not None:
            yield named(question.names, moved)


def _kinks(question: UniversalStatement, draw: random.Random) -> list[tuple[Vector, fmpq]]:
    """Return the linear polynomials whose signs are asked for at some points: their slopes and constant parts."""
    found: dict[str, Poly] = {}
    for _ in range(SEEDS):
        piece = Piece(question, [fmpq(draw.randint(-12, 12), 7) for _ in question.names])
        try:
            piece.read()
        except CertificateError:
            continue
        found.update((str(p / p.leading_coefficient()), p) for p, _ in piece.facts if p.total_degree() == 1)
    return [_slopes(p) for p in found.values()]


def _ranges(question: UniversalStatement) -> dict[int, tuple[fmpq, fmpq]]:
    """Return the bounds of the variables that the givens bound on both sides, as they do steps."""
    low: dict[int, fmpq] = {}
    high: dict[int, fmpq] = {}
    for p, relation in root_facts(question):
        if p.total_degree() != 1 or sum(map(bool, p.degrees())) != 1 or relation not in (">", ">="):
            continue
        slopes, constant = _slopes(p)
        n = next(k for k, slope in enumerate(slopes) if slope)
        bound = -constant / slopes[n]
        if slopes[n] > 0:
            low[n] = max(low.get(n, bound), bound)
        else:
            high[n] = min(high.get(n, bound), bound)
    return {n: (low[n], high[n]) for n in low if n in high}


def _slopes(p: Poly) -> tuple[Vector, fmpq]:
    zero = [fmpq(0)] * len(p.degrees())
    return [p.derivative(n)(*zero) for n in range(len(zero))], p(*zero)


def _moved(x: Vector, kinks: Sequence[tuple[Vector, fmpq]], offsets: Sequence[fmpq]) -> Vector | None:
    """Return the nearest point where linear polynomials have given values; None where they depend on each other."""
    rows = [slopes for slopes, _ in kinks]
    gram = fmpq_mat([[sum((a * b for a, b in zip(u, v, strict=True)), fmpq(0)) for v in rows] for u in rows])
    missing = [
        [offset - constant - sum((a * c for a, c in zip(slopes, x, strict=True)), fmpq(0))]
        for (slopes, constant), offset in zip(kinks, offsets, strict=True)
    ]
    try:
        weights = gram.solve(fmpq_mat(missing))
    except ZeroDivisionError:
        return None
    return [c + sum((weights[k, 0] * row[n] for k, row in enumerate(rows)), fmpq(0)) for n, c in enumerate(x)]
