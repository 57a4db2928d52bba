"""Which are the stationary sets of a landscape, by a proof that is replayed? Standard library only.

The proof holds a search tree over sign patterns, a least-squares fit for every set of generators, and what excludes
or balances each face; docs/certificates.md gives the theorems that make this enough. Nothing is searched for here,
and no code is shared with the finder.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations_with_replacement, permutations, product
from math import gcd, lcm
from operator import mul
from typing import Any

Vector = tuple[int, ...]
Sides = tuple[int, int]  # bits of the examples with a positive, and with a negative, pre-activation
Choice = tuple[int, ...]  # one face per unit


class Rejected(Exception):  # noqa: N818 - it is a verdict, not an error
    """The record does not prove what it says."""


def need(condition: object, reason: str) -> None:
    """Reject the record unless the condition holds."""
    if not condition:
        raise Rejected(reason)


def exact(text: str) -> Fraction:
    """Return the number that a text such as 3, -3/4 or 0.25 stands for."""
    need(set(text) <= set("-0123456789./"), f"expected a number; got {text:.40}")
    return Fraction(text)


def whole(values: Any) -> Vector:
    """Return a list of integers."""
    need(isinstance(values, list) and all(type(x) is int for x in values), "whole numbers were needed here")
    return tuple(values)


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


class Landscape:
    """The loss of a sum of two-slope units on exact data, in whole numbers, rebuilt from a record."""

    def __init__(self, name: str, data: Any) -> None:
        points = [[*map(exact, point), Fraction(1)] for point in data["points"]]
        self.labels = [exact(y) for y in data["labels"]]
        self.count, self.size, self.width = data["units"], len(points), len(points[0])
        need(type(self.count) is int and self.count > 0, "some units")
        need(len(self.labels) == self.size and {len(p) for p in points} == {self.width}, "points and labels")
        factor = lcm(*(x.denominator for point in points for x in point))
        self.rows = [tuple(int(x * factor) for x in point) for point in points]
        self.true = {s: exact(data["slopes"][k]) for s, k in ((-1, "-"), (0, "0"), (1, "+"))}
        steep = lcm(*(s.denominator for s in self.true.values()))
        self.slope = {s: int(value * steep) for s, value in self.true.items()}
        self.scale = {"sum": Fraction(1), "mean": Fraction(1, self.size)}[data["loss"]]
        self.full, self.rank = (1 << self.size) - 1, rank(self.rows)
        pairs = ", ".join(f"({', '.join(x)}): {y}" for x, y in zip(data["points"], data["labels"], strict=True))
        slopes = f"slopes {self.true[-1]} and {self.true[1]} (at 0: {self.true[0]}) on {pairs}"
        self.words = f"{name} is the {data['loss']} of squared errors of {self.count} unit(s) with {slopes}"

    def heights(self, vector: Any) -> list[Any]:
        """Return the pre-activations of a unit, times one positive number."""
        need(len(vector) == self.width, "a vector of the wrong length")
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

    def pull(self, errors: Any, sides: Sides) -> list[int]:
        """Return the derivative of half the loss in one unit's parameters, times a positive number."""
        return mixture(map(mul, errors, self.slopes(sides)), self.rows, self.width)


class Arrangement:
    """All sign patterns of one unit, confirmed by replaying the search."""

    def __init__(self, land: Landscape, tree: Any, rays: Any) -> None:
        self.land = land
        self.faces = list(self.replay(tree))
        self.index = {sides: k for k, sides in enumerate(self.faces)}
        need(len(self.index) == len(self.faces), "a face that is listed twice")
        self.cells = [k for k, (plus, minus) in enumerate(self.faces) if plus | minus == land.full]
        few = land.rank - 1
        lines = [k for k in range(len(self.faces)) if len(self.kinks(k)) >= few == self.codimension(k)]
        self.rays = dict(zip(lines, map(whole, rays), strict=True))
        self.below: list[list[int]] = [[] for _ in self.faces]
        for k, vector in self.rays.items():
            need(land.sides(vector) == self.faces[k], "a ray that is not on its face")
            for face in self.above(k):
                self.below[face].append(k)
        for (plus, minus), below in zip(self.faces, self.below, strict=True):
            spread = [0, 0]
            for k in below:
                spread = [spread[0] | self.faces[k][0], spread[1] | self.faces[k][1]]
            need(spread == [plus, minus], "a face that its rays do not span")

    def replay(self, tree: Any) -> Iterator[Sides]:
        """Confirm the tree, in preorder with parts -, 0, +, and yield the faces at its leaves."""
        stack: list[tuple[int, int, int]] = [(0, 0, 0)]
        for node in tree:
            (split,), *reasons = map(whole, node)
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

    def confirm(self, reason: Vector, plus: int, minus: int, zero: int) -> tuple[int, int]:
        """Confirm by Farkas' lemma that a sign is forced: c sign row_i = sum of m_k sign_k row_k."""
        i, sign, c, *pairs = reason
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
        return rank([self.land.rows[i] for i in self.kinks(k)])

    def borders(self, k: int, other: int) -> bool:
        """Tell whether a face is part of the closure of another."""
        (plus, minus), (up, down) = self.faces[k], self.faces[other]
        return not (plus & ~up or minus & ~down)

    def above(self, k: int) -> list[int]:
        """Return the faces whose closure contains a face."""
        kinks = self.kinks(k)
        if 3 ** min(len(kinks), 99) >= len(self.faces):
            return [other for other in range(len(self.faces)) if self.borders(k, other)]
        found = []
        for signs in product((-1, 0, 1), repeat=len(kinks)):
            plus, minus = self.faces[k]
            for i, s in zip(kinks, signs, strict=True):
                plus, minus = plus | (s > 0) << i, minus | (s < 0) << i
            found += [self.index[plus, minus]] if (plus, minus) in self.index else []
        return found


class Atlas:
    """The stationary sets of a landscape, confirmed from a proof.

    Every choice of faces has the generators of its faces: the outputs of their rays. Its fit is the least-squares fit.
    """

    def __init__(self, land: Landscape, proof: Any) -> None:
        self.land, self.place = land, Arrangement(land, proof["tree"], proof["rays"])
        names: dict[Vector, int] = {}
        name_of: dict[int, int] = {}
        for k, ray in self.place.rays.items():
            out = self.outputs(ray)
            name_of[k] = names.setdefault(out, len(names)) if any(out) else -1
        self.vectors = list(names)
        self.generated = [frozenset(name_of[k] for k in below) - {-1} for below in self.place.below]
        self.errors: list[tuple[Vector, int]] = []
        self.verdict: dict[frozenset[int], tuple[int, int]] = {}
        self.pushed: set[tuple[int, int]] = set()
        self.balanced: set[tuple[int, int]] = set()
        self.reactions: dict[tuple[int, Vector], tuple[bool, bool, bool, bool]] = {}
        for number, entry in enumerate(proof["fits"]):
            self.fit(number, *entry)
        faces = combinations_with_replacement(range(len(self.place.faces)), land.count)
        self.pieces = {choice: self.piece(choice) for choice in faces if self.rests(choice)}
        self.sets = self.join()

    def outputs(self, ray: Vector) -> Vector:
        """Return what a unit puts out on the data, without a common divisor."""
        return primitive([self.land.bent(z) for z in self.land.heights(ray)])

    def fit(self, number: int, names: Any, verdict: int, weights: Any, pushes: Any, balances: Any) -> None:
        """Confirm one fit: it is not inside the cone of its generators (0), it is (1), or only its errors count (2)."""
        columns = [self.vectors[g] for g in whole(names)]
        den, *numbers = whole(weights)
        total = mixture(numbers, columns, self.land.size)
        need(den > 0 and verdict in (0, 1, 2) and frozenset(names) not in self.verdict, "a fit of no known form")
        self.verdict[frozenset(names)] = verdict, number
        if verdict == 0:
            inner = [dot(total, column) for column in columns]
            need(min(inner) >= 0 and max(inner) > 0, "a separator that does not separate")
            need(dot(total, self.land.labels) <= 0, "a separator with the labels on the wrong side")
            return self.errors.append(((), 1))
        errors = [Fraction(x, den) - y for x, y in zip(total, self.land.labels, strict=True)]
        common = lcm(*(e.denominator for e in errors))
        found = tuple(int(e * common) for e in errors)
        need(not any(dot(found, column) for column in columns), "errors that are not orthogonal to the generators")
        need(verdict == 2 or all(x > 0 for x in numbers), "a weight that is not positive")
        self.errors.append((found, common))
        for face, *push in map(whole, pushes):
            need(self.pushes(face, found, push), "a push that does not push")
            self.pushed.add((face, number))
        for face, *pairs in balances:
            need(self.balances(face, found, pairs), "a balance that is none")
            self.balanced.add((face, number))

    def pushes(self, face: int, errors: Vector, push: list[int]) -> bool:
        """Tell whether the loss rises along a direction in every cell around a face."""
        rows, slope, z = self.land.rows, self.land.slope, self.land.heights(push)
        kinks, groups = self.place.kinks(face), dict[Vector, int]()
        for i in kinks:
            groups[rows[i]] = groups.get(rows[i], 0) + errors[i] * z[i]
        signed = [0 if i in kinks else s for i, s in enumerate(self.land.slopes(self.place.faces[face]))]
        base = sum(e * s * x for e, s, x in zip(errors, signed, z, strict=True))
        if base + sum(min(slope[-1] * x, slope[1] * x) for x in groups.values()) > 0:
            return True
        cells = [self.place.faces[c] for c in self.place.cells if self.place.borders(face, c)]
        return all(dot(self.land.pull(errors, cell), push) > 0 for cell in cells)

    def balances(self, face: int, errors: Vector, pairs: Any) -> bool:
        """Tell whether cells around a face have gradients that combine to 0 with these positive weights."""
        cells, weights = zip(*map(whole, pairs), strict=True)
        need(all(c in self.place.cells and self.place.borders(face, c) for c in cells), "a cell that is not near")
        pulls = [self.land.pull(errors, self.place.faces[c]) for c in cells]
        return min(weights) > 0 and not any(mixture(weights, pulls, self.land.width))

    def rests(self, choice: Choice) -> bool:
        """Tell whether a choice of faces has stationary points; everything needed must have been confirmed."""
        names = frozenset[int]().union(*(self.generated[face] for face in choice))
        need(names in self.verdict, "a choice of faces without a fit")
        verdict, number = self.verdict[names]
        if verdict == 0 or any((face, number) in self.pushed for face in choice):
            return False
        need(verdict == 1, "a fit that is neither inside nor outside")
        need(all((face, number) in self.balanced for face in choice), "a unit that is neither pushed nor balanced")
        return True

    def piece(self, choice: Choice) -> tuple[tuple[Vector, int], int, str, bool, bool]:
        """Return errors, dimension and sort of the points on a choice of faces, if torch rests, if it is smooth."""
        names = frozenset[int]().union(*(self.generated[face] for face in choice))
        errors = self.errors[self.verdict[names][1]]
        found = [self.reaction(face, primitive(errors[0])) for face in choice]
        least, most, autograd, smooth = (all(each[k] for each in found) for k in range(4))
        free = sum(self.land.rank - self.place.codimension(face) for face in choice)
        free += self.land.count * (self.land.width - self.land.rank) - rank([self.vectors[g] for g in names])
        return errors, free, "minimum" if least else "local maximum" if most else "saddle", autograd, smooth

    def reaction(self, face: int, errors: Vector) -> tuple[bool, bool, bool, bool]:
        """Return whether nothing descends, all descends or changes nothing, torch rests, and the unit is smooth."""
        if (face, errors) not in self.reactions:
            sides, rows, kinks = self.place.faces[face], self.land.rows, self.place.kinks(face)
            base = self.land.pull([0 if i in kinks else e for i, e in enumerate(errors)], sides)
            falls = rises = False
            for ray in self.place.rays.values():
                slope = dot(base, ray) + sum(errors[i] * self.land.bent(dot(rows[i], ray)) for i in kinks)
                falls, rises = falls or slope < 0, rises or slope > 0 or (slope == 0 and self.moves(sides, ray))
                if falls and rises:
                    break
            sums = [sum(errors[k] for k in kinks if rows[k] == rows[i]) for i in kinks]
            smooth = self.land.slope[-1] == self.land.slope[1] or not any(sums)
            self.reactions[face, errors] = not falls, not rises, not any(self.land.pull(errors, sides)), smooth
        return self.reactions[face, errors]

    def moves(self, sides: Sides, ray: Vector) -> bool:
        """Tell whether going along a ray from a face changes some output, to first order."""
        steep = enumerate(zip(self.land.slopes(sides), self.land.heights(ray), strict=True))
        return any(s * z if (sides[0] | sides[1]) >> i & 1 else self.land.bent(z) for i, (s, z) in steep)

    def join(self) -> list[dict[str, Any]]:
        """Return the connected sets of one sort, up to the order of the units."""
        orders = {order: choice for choice in self.pieces for order in permutations(choice)}
        root, touching = {order: order for order in orders}, set[Choice]()

        def find(x: Choice) -> Choice:
            while root[x] != x:
                root[x] = root[root[x]]
                x = root[x]
            return x

        for upper, lower in self.neighbours(orders):
            if self.pieces[orders[upper]][2] == self.pieces[orders[lower]][2]:
                root[find(upper)] = find(lower)
            else:
                touching |= {upper, lower}
        members: dict[Choice, list[Choice]] = {}
        for order in orders:
            members.setdefault(find(order), []).append(order)
        self.home, found = dict[Choice, int](), list[dict[str, Any]]()
        for own in members.values():
            if own[0] not in self.home:
                turned = {find(order) for order in permutations(own[0])}
                self.home |= {order: len(found) for turn in turned for order in members[turn]}
                found.append(self.describe(own, len(turned), not touching.isdisjoint(own)))
        least = min(each["loss"] for each in found)
        for each in found:
            if each["kind"] == "minimum":
                each["kind"] = "global minimum" if each["loss"] == least else "local minimum"
        return found

    def neighbours(self, orders: dict[Choice, Choice]) -> Iterator[tuple[Choice, Choice]]:
        """Yield choices with the same errors, the second in the closure of the first, unit by unit."""
        used = sorted({face for choice in self.pieces for face in choice})
        below = {f: [g for g in used if self.place.borders(g, f)] for f in used}
        heads = {(self.pieces[choice][0], order[:k]) for order, choice in orders.items() for k in range(len(order) + 1)}
        for upper, choice in orders.items():
            errors, level = self.pieces[choice][0], list[Choice]([()])
            for face in upper:
                level = [(*head, g) for head in level for g in below[face] if (errors, (*head, g)) in heads]
            yield from ((upper, lower) for lower in level if lower != upper)

    def describe(self, own: list[Choice], orbit: int, touched: bool) -> dict[str, Any]:
        """Return what a connected set is."""
        pieces = [self.pieces[tuple(sorted(order))] for order in own]
        (errors, den), _, sort, _, _ = pieces[0]
        dimension = max(piece[1] for piece in pieces)
        outputs = [Fraction(e, den) + y for e, y in zip(errors, self.land.labels, strict=True)]
        return {
            "kind": sort,
            "loss": self.land.scale * Fraction(dot(errors, errors), den * den),
            "dimension": dimension,
            "isolated": dimension == 0 and not touched,
            "strict": dimension == 0 and sort == "minimum",
            "faces": len(own),
            "clarke": True,
            "directional": sort == "minimum",
            "autograd_rests": all(piece[3] for piece in pieces),
            "autograd_faces": sum(piece[3] for piece in pieces),
            "smooth_faces": sum(piece[4] for piece in pieces),
            "orbit": orbit,
            "outputs": outputs,
            "right": sum((2 * f > 1) == (2 * y > 1) for f, y in zip(outputs, self.land.labels, strict=True)),
        }

    def locate(self, point: Any) -> dict[str, Any] | None:
        """Return the set that contains a point, or None."""
        rows = [[exact(x) for x in row] for row in point]
        need([len(row) for row in rows] == [self.land.width] * self.land.count, "a point of the wrong shape")
        sides = [self.land.sides(row) for row in rows]
        home = self.home.get(tuple(self.place.index[each] for each in sides))
        total = [Fraction(0)] * self.land.size
        for row, each in zip(rows, sides, strict=True):
            z = [x / self.land.rows[0][-1] for x in self.land.heights(row)]
            signs = [(each[0] >> i & 1) - (each[1] >> i & 1) for i in range(self.land.size)]
            total = [t + self.land.true[s] * x if s else t for t, s, x in zip(total, signs, z, strict=True)]
        return None if home is None or self.sets[home]["outputs"] != total else self.sets[home]
