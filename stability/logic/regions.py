"""Points of the regions of a statement, near kinks and on curved surfaces, where a goal may fail."""

import random
from collections.abc import Iterator, Sequence
from itertools import islice, product

from flint import fmpq

from stability.errors import CertificateError
from stability.exact.systems import Vector
from stability.logic.branches import Piece, UniversalStatement, holds
from stability.logic.contradiction import Fact
from stability.logic.factors import factors
from stability.logic.instances import OPPOSITES, Point, linear_points, named
from stability.logic.polynomials import Poly
from stability.logic.quadrics import on_quadric

SMALL = [fmpq(n) for n in (-1, 0, 1)]
NEAR = [fmpq(1, 1000), fmpq(1, 50), fmpq(1, 10), fmpq(1, 3), fmpq(2, 3), fmpq(3)]
"""How far from a corner of a region, as a share of the way to a point inside, points are tried."""

FAR = [fmpq(30), fmpq(1000), fmpq(100_000)]
"""How far beyond that point, where a region goes on without end and all nearer points were in vain."""

MOST_REGIONS = 60
MOST_ALTERNATIVES = 8
PER_ENTRY = 4
"""Steps for one entry of the linear programs of a region."""

MOST_FAILING = 4
"""Points of one region that are looked at more closely."""

MIXED = 150
"""Random means of corners of a region."""


def scattered_points(question: UniversalStatement) -> Iterator[Point]:
    """Yield points of many regions that satisfy the givens there, first those where some goal fails.

    A region is where no sign changes that a formula depends on; it is found from a point of a small grid, or a random
    one, and everything is polynomial on it.
    """
    seen: set[frozenset[tuple[str, int]]] = set()
    for seed in _seeds(len(question.names)):
        piece = Piece(question, seed)
        try:
            facts, hopes = piece.read()
        except CertificateError:
            continue
        pattern = frozenset(piece.signs.items())
        if pattern in seen:
            continue
        seen.add(pattern)
        question.spend(question.reading + PER_ENTRY * len(facts) ** 2 * len(question.names))
        yield from region_points(question.names, facts, hopes)
        if len(seen) >= MOST_REGIONS:
            return


def region_points(names: Sequence[str], facts: Sequence[Fact], hopes: Sequence[Fact]) -> Iterator[Point]:
    """Yield a point where all facts hold, if one is found, and points where moreover one of the hopes fails.

    Parameters
    ----------
    names : sequence of str
    facts : sequence of Fact
        What holds in the region.
    hopes : sequence of Fact
        What is to be shown there.
    """
    inside = False
    failing = 0
    for x in _tried(len(names), facts, hopes):
        if not all(holds(p(*x), relation) for p, relation in facts):
            continue
        fails = not hopes or not all(holds(p(*x), relation) for p, relation in hopes)
        if not fails and inside:
            continue
        inside, failing = True, failing + fails
        yield named(names, x)
        if failing >= MOST_FAILING:
            return


def _seeds(size: int) -> Iterator[Vector]:
    """Yield the points of a small grid, or random ones of it, and other random points."""
    draw = random.Random(1)
    if size <= 3:
        yield from (list(x) for x in product(SMALL, repeat=size))
    for k in range(200):
        if k % 2 and size > 3:
            yield [draw.choice(SMALL) for _ in range(size)]
        else:
            yield [fmpq(draw.randint(-12, 12), draw.choice((4, 5, 7))) for _ in range(size)]


def _tried(size: int, facts: Sequence[Fact], hopes: Sequence[Fact]) -> Iterator[Vector]:
    """Yield points that may satisfy the facts."""
    for chosen in islice(_alternatives(facts), MOST_ALTERNATIVES):
        for p, relation in hopes:
            for side, sign in OPPOSITES[relation]:
                yield from linear_points(size, [*chosen, (sign * p, side)], tries=2)
        inner = list(linear_points(size, chosen, tries=4, seed=1))
        closed = [(p, ">=" if relation == ">" else relation) for p, relation in chosen]
        corners = list(linear_points(size, closed, tries=6, seed=2))
        yield from inner
        for corner in corners:
            for centre in inner[:3]:
                yield from (_between(corner, centre, t) for t in NEAR)
        yield from _means([*inner, *corners])
        yield from _on_quadrics(facts, [*inner, *corners])
        for corner in corners:
            for centre in inner[:3]:
                yield from (_between(corner, centre, t) for t in FAR)
        yield from ([t * c for c in centre] for centre in inner[:3] for t in FAR)


def _alternatives(facts: Sequence[Fact]) -> Iterator[list[Fact]]:
    """Yield the facts with every equation of several factors replaced by one of them."""
    choices: list[list[Fact]] = []
    for p, relation in facts:
        if relation == "=" and p.total_degree() > 1:
            choices.append([(each, "=") for each in factors(p)] or [(p, relation)])
        else:
            choices.append([(p, relation)])
    yield from (list(chosen) for chosen in product(*choices))


def _between(a: Vector, b: Vector, t: fmpq) -> Vector:
    return [x + t * (y - x) for x, y in zip(a, b, strict=True)]


def _means(points: Sequence[Vector]) -> Iterator[Vector]:
    """Yield random means of points, many of them near some of the points."""
    draw = random.Random(3)
    for _ in range(MIXED if len(points) > 1 else 0):
        chosen = draw.sample(points, min(len(points), draw.randint(2, 4)))
        weights = [fmpq(draw.choice((1, 1, 2, 5, 20, 100))) for _ in chosen]
        whole = sum(weights, fmpq(0))
        yield [sum((w * c for w, c in zip(weights, column, strict=True)), fmpq(0)) / whole
               for column in zip(*chosen, strict=True)]  # fmt: skip


def _on_quadrics(facts: Sequence[Fact], points: Sequence[Vector]) -> Iterator[Vector]:
    """Yield points on the only curved surface of degree 2 among the facts."""
    curved: list[Poly] = [p for p, relation in facts if relation == "=" and p.total_degree() > 1]
    if len(curved) == 1 and curved[0].total_degree() == 2:
        flat = [p for p, relation in facts if relation == "=" and p.total_degree() == 1]
        yield from on_quadric(curved[0], flat, points)
