"""The stationary sets of a landscape, by a proof that is replayed. Standard library only.

The proof holds a search tree over sign patterns, which `atlas_faces.py` beside this file replays, a least-squares fit
for every set of generators, and what excludes or balances each face; docs/certificates.md gives the theorems that make
this enough. Nothing is searched for here, and no code is shared with the finder.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations_with_replacement, groupby
from math import comb, factorial, lcm, prod
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, places, CLASS = part("limits"), part("atlas_faces"), part("atlas_grammar").CLASS
need, exact = limits.need, limits.exact
dot, mixture, primitive, rank = places.dot, places.mixture, places.primitive, places.rank

Vector = tuple[int, ...]
Sides = tuple[int, int]  # bits of the examples with a positive, and with a negative, pre-activation
Choice = tuple[int, ...]  # one face per unit


def arrangements(choice: Choice) -> Iterator[Choice]:
    """Yield every order of a sorted choice once."""
    if not choice:
        yield ()
    for k, face in enumerate(choice):
        if k == 0 or choice[k - 1] != face:
            yield from ((face, *rest) for rest in arrangements((*choice[:k], *choice[k + 1 :])))


def judged(outputs: Any, labels: Any) -> dict[str, Any]:
    """Return which outputs are above the mean of two labels exactly where the label is, how many, and of each label."""
    low, high = min(labels), max(labels)
    if len({*labels}) != 2:
        return {"right": None, "correct": None}
    found = [bool(2 * f > low + high) == bool(y == high) for f, y in zip(outputs, labels, strict=True)]
    classes = {f"{CLASS}{y}": sum(c for c, label in zip(found, labels, strict=True) if label == y) for y in (low, high)}
    return {"right": sum(found), "correct": found, **classes}


class Atlas:
    """The stationary sets of a landscape, confirmed from a proof.

    Every choice of faces has the generators of its faces: the outputs of their rays. Its fit is the least-squares fit.
    """

    def __init__(self, land: Any, proof: Any) -> None:
        self.land, self.place = land, places.Arrangement(land, proof["tree"], proof["rays"])
        names: dict[Vector, int] = {}
        name_of: dict[int, int] = {}
        for k, ray in self.place.rays.items():
            out = self.outputs(ray)
            name_of[k] = names.setdefault(out, len(names)) if any(out) else -1
        self.vectors = list(names)
        self.generated = [frozenset(name_of[k] for k in below) - {-1} for below in self.place.below]
        self.errors: list[tuple[Vector, int]] = []
        self.verdict: dict[frozenset[int], tuple[int, int]] = {}
        self.separated: set[tuple[int, int]] = set()
        self.balanced: set[tuple[int, int]] = set()
        self.reactions: dict[tuple[int, Vector], tuple[bool, bool, bool, bool]] = {}
        for number, entry in enumerate(proof["fits"]):
            self.fit(number, *entry)
        many = len(self.place.faces)
        land.spend(comb(many + land.count - 1, many - 1) * (2 + land.count), f"choices of {many} faces for each unit")
        faces = combinations_with_replacement(range(many), land.count)
        self.pieces = {choice: self.piece(choice) for choice in faces if self.rests(choice)}
        self.sets = self.join()

    def outputs(self, ray: Vector) -> Vector:
        """Return what a unit puts out on the data, without a common divisor."""
        return tuple(primitive([self.land.bent(z) for z in self.land.heights(ray)]))

    def fit(self, number: int, names: Any, verdict: int, weights: Any, directions: Any, balances: Any) -> None:
        """Confirm one fit: it is not inside the cone of its generators (0), it is (1), or only its errors count (2)."""
        columns = [self.vectors[g] for g in names if g < len(self.vectors)]
        need(len(columns) == len(names), "generators that are not there")
        den, *numbers = weights
        self.land.spend(10 + len(names) * self.land.size, "fits")
        total = mixture(numbers, columns, self.land.size)
        need(den > 0 and frozenset(names) not in self.verdict, "a fit without a denominator, or a second one")
        self.verdict[frozenset(names)] = verdict, number
        if verdict == 0:
            need(names, "a separator of nothing")
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
        for face, *direction in directions:
            need(face < len(self.place.faces), "a face that is not there")
            self.land.spend(5 + self.land.area // 2, "separating directions")
            need(self.separates(face, found, direction), "a direction that does not separate")
            self.separated.add((face, number))
        for face, *pairs in balances:
            need(face < len(self.place.faces), "a face that is not there")
            self.land.spend(5 + len(pairs) * self.land.area // 4, "balances")
            need(self.balances(face, found, pairs), "a balance that is none")
            self.balanced.add((face, number))

    def separates(self, face: int, errors: Vector, direction: list[int]) -> bool:
        """Return whether the loss rises along a direction in every cell around a face."""
        rows, slope, z = self.land.rows, self.land.slope, self.land.heights(direction)
        kinks, groups = self.place.kinks(face), dict[Vector, int]()
        for i in kinks:
            groups[rows[i]] = groups.get(rows[i], 0) + errors[i] * z[i]
        signed = [0 if i in kinks else s for i, s in enumerate(self.land.slopes(self.place.faces[face]))]
        base = sum(e * s * x for e, s, x in zip(errors, signed, z, strict=True))
        if base + sum(min(slope[-1] * x, slope[1] * x) for x in groups.values()) > 0:
            return True
        cells = [self.place.faces[c] for c in self.place.cells if self.place.borders(face, c)]
        self.land.spend(len(self.place.cells) // 2 + len(cells) * self.land.area // 4, "cells around faces")
        return all(dot(self.land.gradient(errors, cell), direction) > 0 for cell in cells)

    def balances(self, face: int, errors: Vector, pairs: Any) -> bool:
        """Return whether cells around a face have gradients that combine to 0 with these positive weights."""
        cells, weights = zip(*pairs, strict=True)
        need(all(c in self.place.cells and self.place.borders(face, c) for c in cells), "a cell that is not near")
        gradients = [self.land.gradient(errors, self.place.faces[c]) for c in cells]
        return min(weights) > 0 and not any(mixture(weights, gradients, self.land.width))

    def rests(self, choice: Choice) -> bool:
        """Return whether a choice of faces has stationary points; everything needed must have been confirmed."""
        names = frozenset[int]().union(*(self.generated[face] for face in choice))
        need(names in self.verdict, "a choice of faces without a fit")
        verdict, number = self.verdict[names]
        if verdict == 0 or any((face, number) in self.separated for face in choice):
            return False
        need(verdict == 1, "a fit that is neither inside nor outside")
        need(all((face, number) in self.balanced for face in choice), "a unit that is neither separated nor balanced")
        return True

    def piece(self, choice: Choice) -> tuple[tuple[Vector, int], int, str, bool, bool]:
        """Return errors, dimension and sort of the points on a choice of faces, if torch rests, if it is smooth."""
        names = frozenset[int]().union(*(self.generated[face] for face in choice))
        errors = self.errors[self.verdict[names][1]]
        found = [self.reaction(face, primitive(errors[0])) for face in choice]
        least, most, autograd, smooth = (all(each[k] for each in found) for k in range(4))
        self.land.spend(20 + len(names) ** 2 * self.land.size // 8, "pieces of stationary sets")
        free = sum(self.land.rank - self.place.codimension(face) for face in choice)
        free += self.land.count * (self.land.width - self.land.rank) - rank([self.vectors[g] for g in names])
        return errors, free, "minimum" if least else "local maximum" if most else "saddle", autograd, smooth

    def reaction(self, face: int, errors: Vector) -> tuple[bool, bool, bool, bool]:
        """Return whether nothing descends, all descends or changes nothing, torch rests, and the unit is smooth."""
        if (face, errors) not in self.reactions:
            sides, rows, kinks = self.place.faces[face], self.land.rows, self.place.kinks(face)
            base = self.land.gradient([0 if i in kinks else e for i, e in enumerate(errors)], sides)
            falls = rises = False
            self.land.spend(len(self.place.rays) * (1 + self.land.width // 4 + len(kinks) // 2), "slopes along rays")
            for ray in self.place.rays.values():
                slope = dot(base, ray) + sum(errors[i] * self.land.bent(dot(rows[i], ray)) for i in kinks)
                falls, rises = falls or slope < 0, rises or slope > 0 or (slope == 0 and self.moves(sides, ray))
                if falls and rises:
                    break
            sums = [sum(errors[k] for k in kinks if rows[k] == rows[i]) for i in kinks]
            smooth = self.land.slope[-1] == self.land.slope[1] or not any(sums)
            self.reactions[face, errors] = not falls, not rises, not any(self.land.gradient(errors, sides)), smooth
        return self.reactions[face, errors]

    def moves(self, sides: Sides, ray: Vector) -> bool:
        """Return whether going along a ray from a face changes some output, to first order."""
        steep = enumerate(zip(self.land.slopes(sides), self.land.heights(ray), strict=True))
        return any(s * z if (sides[0] | sides[1]) >> i & 1 else self.land.bent(z) for i, (s, z) in steep)

    def join(self) -> list[dict[str, Any]]:
        """Return the connected sets of one sort, up to the order of the units."""
        units = self.land.count
        for choice in self.pieces:
            many = factorial(units) // prod(factorial(len(list(same))) for _, same in groupby(choice))
            self.land.spend(many * (3 + 3 * units), "orders of the units")
        orders = {order: choice for choice in self.pieces for order in arrangements(choice)}
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
                turned = {find(order) for order in arrangements(tuple(sorted(own[0])))}
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
                self.land.spend(1 + len(level) * len(below[face]) * (2 + len(upper)) // 18, "pieces beside each other")
                level = [(*head, g) for head in level for g in below[face] if (errors, (*head, g)) in heads]
            self.land.spend(len(level) * (2 + len(upper)) // 6, "pieces beside each other")
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
            **judged(outputs, self.land.labels),
        }

    def locate(self, point: Any) -> dict[str, Any] | None:
        """Return the set that contains a point, or None."""
        rows = [[exact(x) for x in row] for row in point]
        self.land.spend(10 + 3 * self.land.count * self.land.area, "points")
        sides = [self.land.sides(row) for row in rows]
        home = self.home.get(tuple(self.place.index[each] for each in sides))
        total = [Fraction(0)] * self.land.size
        for row, each in zip(rows, sides, strict=True):
            z = [x / self.land.rows[0][-1] for x in self.land.heights(row)]
            signs = [(each[0] >> i & 1) - (each[1] >> i & 1) for i in range(self.land.size)]
            total = [t + self.land.true[s] * x if s else t for t, s, x in zip(total, signs, z, strict=True)]
        return None if home is None or self.sets[home]["outputs"] != total else self.sets[home]
