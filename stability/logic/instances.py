"""Values that satisfy the givens of a statement, so that it is not empty."""

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction

from flint import fmpq

from stability.exact.systems import Vector, solve
from stability.logic.branches import UniversalStatement, root_facts, roots_of
from stability.logic.contradiction import Fact
from stability.logic.polynomials import Poly
from stability.logic.prover import Stuck
from stability.logic.roots import quadratic_roots, rationalised, surd

Point = dict[str, Fraction]
Row = tuple[Vector, fmpq]
"""(a, c) where a . x = c, or a . x >= c."""

OPPOSITES = {">": [(">=", -1)], ">=": [(">", -1)], "=": [(">", 1), (">", -1)], "!=": [("=", 1)]}
"""What contradicts a relation of p to 0: relations of p or -p."""

ZERO, ONE = fmpq(0), fmpq(1)


def interior_points(question: UniversalStatement) -> Iterator[Point | dict[str, str]]:
    """Yield points that satisfy the givens that are linear, or a quadratic equation; the others may fail."""
    yield from points_of(question.names, root_facts(question))
    yield from _solutions(question)


def exclude_each_other(question: UniversalStatement) -> bool:
    """Return whether no point satisfies the givens that are linear; of givens with roots it is not said."""
    return not roots_of(question) and linear_point(len(question.names), root_facts(question)) is None


def _solutions(question: UniversalStatement) -> Iterator[dict[str, str]]:
    """Yield the solutions of quadratic equations among the givens for the only variable, irrational ones too."""
    if len(question.names) != 1:
        return
    roots = roots_of(question)
    for p, relation in root_facts(question):
        for each in quadratic_roots(p) if relation == "=" else ():
            if not roots or surd(each)[2] in ("", *roots):
                yield {question.names[0]: each}


def suspects(names: Sequence[str], stuck: Stuck) -> Iterator[Point]:
    """Yield points of the branch on which a search was stuck, first those where a hoped-for relation fails."""
    for p, relation in stuck.hopes:
        for fact in OPPOSITES[relation]:
            side, sign = fact
            yield from points_of(names, [*stuck.facts, (sign * p, side)], tries=2)
    yield from points_of(names, stuck.facts)


def points_of(names: Sequence[str], facts: Sequence[Fact], tries: int = 12, seed: int = 0) -> Iterator[Point]:
    """Yield points that satisfy the facts that are linear, by the names of their coordinates."""
    for x in linear_points(len(names), facts, tries, seed):
        yield named(names, x)


def named(names: Sequence[str], x: Vector) -> Point:
    """Return a point by the names of its coordinates."""
    return {name: Fraction(int(c.p), int(c.q)) for name, c in zip(names, x, strict=True)}


def linear_points(size: int, facts: Sequence[Fact], tries: int = 12, seed: int = 0) -> Iterator[Vector]:
    """Yield points that satisfy the facts that are linear, as coordinates.

    Solved in homogeneous coordinates (h x, h), so that strict relations may ask for a margin of 1; random extra
    directions lead to different vertices, and means of them into the interior.
    """
    equal, above = _constraints(size, [(rationalised(p), relation) for p, relation in facts])
    draw, found = random.Random(seed), list[Vector]()
    for _ in range(tries):
        tilt = [fmpq(draw.randint(-3, 3)) for _ in range(size)] + [ZERO]
        extra = [(tilt, ONE)] if any(tilt) else []
        point = solve(equal, [*above, *extra], size + 1)
        if point is None and not found and solve(equal, above, size + 1) is None:
            return
        if point is None:
            continue
        found.append([x / point[-1] for x in point[:-1]])
        mean = [sum(column, ZERO) / len(found) for column in zip(*found, strict=True)]
        yield from (found[-1], mean)


def linear_point(size: int, facts: Sequence[Fact]) -> Vector | None:
    """Return a point that satisfies the facts that are linear, roots being variables there; None if there is none."""
    point = solve(*_constraints(size, facts), size + 1)
    return None if point is None else [x / point[-1] for x in point[:-1]]


def _constraints(size: int, facts: Sequence[Fact]) -> tuple[list[Row], list[Row]]:
    """Return the equations and the bounds that linear facts are in homogeneous coordinates."""
    rows = [(_homogeneous(p, size), relation) for p, relation in facts if p.total_degree() <= 1]
    equal = [(row, ZERO) for row, relation in rows if relation == "="]
    above = [(row, ONE if relation == ">" else ZERO) for row, relation in rows if relation in (">", ">=")]
    return equal, [*above, ([ZERO] * size + [ONE], ONE)]


def _homogeneous(p: Poly, size: int) -> Vector:
    row = [ZERO] * (size + 1)
    for mono, c in p.terms():
        place = next((n for n, power in enumerate(mono) if power), size)
        row[place] = c
    return row
