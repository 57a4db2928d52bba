"""Sign patterns of one unit on the data of a landscape, by a search that is replayed. Standard library only.

The search is a tree over the signs of pre-activations; a sign that is forced comes with its reason. No code is shared
with the finder.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import gcd, lcm
from operator import mul
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits = part("limits")
need, exact = limits.need, limits.exact

Vector = tuple[int, ...]
Sides = tuple[int, int]  # bits of the examples with a positive, and with a negative, pre-activation


def dot(a: Any, b: Any) -> Any:
    """Return the inner product."""
    return sum(map(mul, a, b))


def primitive(vector: Any) -> Vector:
    """Return an integer vector without a common divisor."""
    divisor = gcd(*vector) or 1
    return tuple(x // divisor for x in vector)


def mixture(weights: Any, vectors: Any, size: int) -> list[int]:
    """Return the combination of vectors of this size with the given weights."""
    total = [0] * size
    for weight, vector in zip(weights, vectors, strict=True):
        total = [x + weight * y for x, y in zip(total, vector, strict=True)] if weight else total
    return total


def rank(vectors: Any) -> int:
    """Return the rank of integer vectors, by elimination without fractions."""
    rows, found = [v for v in vectors if any(v)], 0
    while rows:
        pivot, found = rows[0], found + 1
        c = next(k for k, x in enumerate(pivot) if x)
        rest = [[pivot[c] * x - row[c] * y for x, y in zip(row, pivot, strict=True)] for row in rows[1:]]
        rows = [primitive(row) for row in rest if any(row)]
    return found


def bits(mask: int) -> list[int]:
    """Return the positions of the bits that are set."""
    return [i for i in range(mask.bit_length()) if mask >> i & 1]


def common(meter: Any, denominators: list[int]) -> int:
    """Return a common multiple of denominators, unless it is too long."""
    found = 1
    for each in denominators:
        found = lcm(found, each)
        meter.spend(1, found.bit_length(), "a common denominator")
    return found


class Landscape:
    """The loss of a sum of two-slope units on exact data, in whole numbers, rebuilt from a record."""

    def __init__(self, name: str, data: Any, meter: Any) -> None:
        points = [[*map(exact, point), Fraction(1)] for point in data["points"]]
        self.labels = [exact(y) for y in data["labels"]]
        self.count, self.size, self.width = data["units"], len(points), len(points[0])
        factor = common(meter, [x.denominator for point in points for x in point])
        self.rows = [tuple(int(x * factor) for x in point) for point in points]
        self.true = {s: exact(data["slopes"][k]) for s, k in ((-1, "-"), (0, "0"), (1, "+"))}
        steep = common(meter, [s.denominator for s in self.true.values()])
        self.slope = {s: int(value * steep) for s, value in self.true.items()}
        self.scale = {"sum": Fraction(1), "mean": Fraction(1, self.size)}[data["loss"]]
        self.meter, self.area = meter, self.size * self.width
        self.bits = max(abs(x) for row in [*self.rows, self.slope.values()] for x in row).bit_length()
        self.spend(self.area * self.width, "the rank of the data")
        self.full, self.rank = (1 << self.size) - 1, rank(self.rows)
        pairs = ", ".join(f"({', '.join(x)}): {y}" for x, y in zip(data["points"], data["labels"], strict=True))
        slopes = f"slopes {self.true[-1]} and {self.true[1]} (at 0: {self.true[0]}) on {pairs}"
        self.words = f"{name} is the {data['loss']} of squared errors of {self.count} unit(s) with {slopes}"

    def spend(self, steps: int, what: str) -> None:
        """Count work on numbers as long as those of the data; a step takes about a microsecond."""
        self.meter.spend(steps, self.bits, what)

    def heights(self, vector: Any) -> list[Any]:
        """Return the pre-activations of a unit, times one positive number."""
        return [dot(row, vector) for row in self.rows]

    def sides(self, vector: Any) -> Sides:
        """Return on which examples a unit is positive and negative, as bits."""
        z = self.heights(vector)
        return sum(1 << i for i, x in enumerate(z) if x > 0), sum(1 << i for i, x in enumerate(z) if x < 0)

    def bent(self, z: int) -> int:
        """Return a unit's output at a pre-activation, times a positive number."""
        return self.slope[1 if z > 0 else -1] * z

    def slopes(self, sides: Sides) -> list[int]:
        """Return the slope at every example, at kinks as torch has it."""
        return [self.slope[(sides[0] >> i & 1) - (sides[1] >> i & 1)] for i in range(self.size)]

    def gradient(self, errors: Any, sides: Sides) -> list[int]:
        """Return the derivative of half the loss in one unit's parameters, times a positive number."""
        return mixture(map(mul, errors, self.slopes(sides)), self.rows, self.width)


class Arrangement:
    """All sign patterns of one unit, confirmed by replaying the search."""

    def __init__(self, land: Landscape, tree: Any, rays: Any) -> None:
        self.land = land
        self.faces = list(self.replay(tree))
        self.index = {sides: k for k, sides in enumerate(self.faces)}
        need(len(self.index) == len(self.faces), "a face that is listed twice")
        self.cells = {k: None for k, (plus, minus) in enumerate(self.faces) if plus | minus == land.full}
        few = land.rank - 1
        need(len(rays) <= len(self.faces), "more rays than faces")
        lines = [k for k in range(len(self.faces)) if len(self.kinks(k)) >= few == self.codimension(k)]
        need(len(rays) == len(lines), f"expected a ray for each of {len(lines)} one-dimensional faces; got {len(rays)}")
        self.rays = dict(zip(lines, map(tuple, rays), strict=True))
        self.below: list[list[int]] = [[] for _ in self.faces]
        for k, vector in self.rays.items():
            land.spend(5 + land.area // 4, "rays")
            need(land.sides(vector) == self.faces[k], "a ray that is not on its face")
            for face in self.above(k):
                self.below[face].append(k)
        for (plus, minus), below in zip(self.faces, self.below, strict=True):
            spread = [0, 0]
            land.spend(1 + len(below) // 4, "faces")
            for k in below:
                spread = [spread[0] | self.faces[k][0], spread[1] | self.faces[k][1]]
            need(spread == [plus, minus], "a face that its rays do not span")

    def replay(self, tree: Any) -> Iterator[Sides]:
        """Confirm the tree, in preorder with parts -, 0, +, and yield the faces at its leaves."""
        stack: list[tuple[int, int, int]] = [(0, 0, 0)]
        for node in tree:
            (split,), *reasons = node
            need(stack, "a tree that is too long")
            plus, minus, zero = stack.pop()
            for reason in reasons:
                i, sign = self.confirm(reason, plus, minus, zero)
                plus, minus, zero = plus | (sign > 0) << i, minus | (sign < 0) << i, zero | (sign == 0) << i
            undecided = self.land.full & ~(plus | minus | zero)
            if split < 0:
                need(not undecided, "a leaf that leaves a sign open")
                yield plus, minus
                continue
            bit = 1 << split
            need(bit & undecided, "a split of a sign that is known")
            stack += [(plus | bit, minus, zero), (plus, minus, zero | bit), (plus, minus | bit, zero)]
        need(not stack, "a tree that is cut off")

    def confirm(self, reason: list[int], plus: int, minus: int, zero: int) -> tuple[int, int]:
        """Confirm by Farkas' lemma that a sign is forced: c sign row_i = sum of m_k sign_k row_k."""
        i, sign, c, *pairs = reason
        self.land.spend(3 + len(pairs) * self.land.width // 8, "reasons")
        keys, weights = pairs[::2], pairs[1::2]
        need(0 <= i < self.land.size and not (plus | minus | zero) >> i & 1, "a sign that is known already")
        need(c > 0 and sign in (-1, 0, 1) and len(keys) == len(weights), "a certificate of no known form")
        turns, strict = [], False
        for k, m in zip(keys, weights, strict=True):
            need(0 <= k < self.land.size and (plus | minus | zero) >> k & 1, "a reason that is not known")
            signed = (plus >> k & 1) - (minus >> k & 1)
            need(not signed or (sign and m >= 0), "a multiplier of the wrong sign")
            strict |= bool(signed and m > 0)
            turns.append(m * (signed or 1))
        need(strict or not sign, "no strict reason")
        total = mixture(turns, [self.land.rows[k] for k in keys], self.land.width)
        need(total == [c * (sign or 1) * x for x in self.land.rows[i]], "multipliers that do not add up")
        return i, sign

    def kinks(self, k: int) -> list[int]:
        """Return the examples on whose kinks a face lies."""
        return bits(self.land.full & ~(self.faces[k][0] | self.faces[k][1]))

    def codimension(self, k: int) -> int:
        """Return the rank of the equations of a face."""
        kinks, width = self.kinks(k), self.land.width
        self.land.spend(2 + len(kinks) * width * min(len(kinks), width) // 4, "the rank of faces")
        return rank([self.land.rows[i] for i in kinks])

    def borders(self, k: int, other: int) -> bool:
        """Return whether a face is part of the closure of another."""
        (plus, minus), (up, down) = self.faces[k], self.faces[other]
        return not (plus & ~up or minus & ~down)

    def above(self, k: int) -> list[int]:
        """Return the faces whose closure contains a face."""
        kinks = self.kinks(k)
        if 3 ** min(len(kinks), 99) >= len(self.faces):
            self.land.spend(len(self.faces) // 2, "the faces around each ray")
            return [other for other in range(len(self.faces)) if self.borders(k, other)]
        self.land.spend(3 ** len(kinks) * (2 + len(kinks)) // 2, "the faces around each ray")
        found = []
        for signs in product((-1, 0, 1), repeat=len(kinks)):
            plus, minus = self.faces[k]
            for i, s in zip(kinks, signs, strict=True):
                plus, minus = plus | (s > 0) << i, minus | (s < 0) << i
            found += [self.index[plus, minus]] if (plus, minus) in self.index else []
        return found
