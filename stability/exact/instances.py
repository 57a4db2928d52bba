"""Which values satisfy the givens of a statement, so that it is not empty?"""

import random
from collections.abc import Iterator
from fractions import Fraction

from flint import fmpq

from stability.exact.polynomials import Poly
from stability.exact.prover import Question, root_facts
from stability.exact.systems import Vector, solve

TRIES = 12
ZERO, ONE = fmpq(0), fmpq(1)


def interior_points(question: Question, seed: int = 0) -> Iterator[dict[str, Fraction]]:
    """Yield points that satisfy the givens that are linear; the others may fail.

    Solved in homogeneous coordinates (h x, h), so that strict relations may ask for a margin of 1; random extra
    directions lead to different vertices, and means of them into the interior.
    """
    names = list(question.names)
    facts = [(p, r) for p, r in root_facts(question) if p.total_degree() <= 1]
    rows = [(_homogeneous(p, len(names)), relation) for p, relation in facts]
    equal = [(row, ZERO) for row, relation in rows if relation == "="]
    above = [(row, ONE if relation == ">" else ZERO) for row, relation in rows if relation != "="]
    positive = ([ZERO] * len(names) + [ONE], ONE)
    draw, found = random.Random(seed), list[Vector]()
    for _ in range(TRIES):
        tilt = [fmpq(draw.randint(-3, 3)) for _ in names] + [ZERO]
        extra = [(tilt, ONE)] if any(tilt) else []
        point = solve(equal, [*above, positive, *extra], len(names) + 1)
        if point is None:
            continue
        found.append([x / point[-1] for x in point[:-1]])
        mean = [sum(column, ZERO) / len(found) for column in zip(*found, strict=True)]
        for each in (found[-1], mean):
            yield {name: Fraction(int(x.p), int(x.q)) for name, x in zip(names, each, strict=True)}


def _homogeneous(p: Poly, size: int) -> Vector:
    row = [ZERO] * (size + 1)
    for mono, c in p.to_dict().items():
        place = next((n for n, power in enumerate(mono) if power), size)
        row[place] = c
    return row
