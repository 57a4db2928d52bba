"""Which choices of faces hold stationary points, by least-squares fits that are replayed. Standard library only.

An option of a unit is a whole number: a face with the sign + is its position, with the sign - that and the number of
faces, and for a silent unit, whose output weight is 0, that and twice the number of faces. No code is shared with the
finder; docs/certificates.md says why this is enough.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import comb, gcd, prod
from operator import mul
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, lands = part("limits"), part("atlas_landscapes")
need, dot, mixture, primitive = limits.need, lands.dot, lands.mixture, lands.primitive

Vector = tuple[int, ...]
Choice = tuple[int, ...]  # an option of each unit, in ascending order
Names = frozenset[int]
NOTHING: Names = frozenset()


class Fits:
    """The least-squares fits of all choices of faces, confirmed one by one.

    Attributes
    ----------
    vectors : list of Vector
        What rays generate: what they put out, times a sign, centred where there is an output bias.
    generated : list of frozenset of int
        The generators of every option of a unit; silent units are counted once, at the origin.
    errors : list of (Vector, Fraction)
        Every vector of errors that occurs, without a common divisor, and its factor.
    verdict : dict
        For every set of generators whether the fit is not inside (0), inside (1) or unknown (2), and which errors.
    separated, balanced : list of set of int
        For all errors the faces on which no unit rests, and on which every unit does.
    ranks : dict
        The ranks of sets of generators that are known.
    """

    def __init__(self, land: Any, place: Any, fits: Any) -> None:
        self.land, self.place = land, place
        self.many = len(place.faces)
        self.silent = 2 * self.many + place.origin
        names: dict[Vector, int] = {}
        self.generated: list[Names] = [NOTHING] * (3 * self.many)
        for block, sign in enumerate((1, -1)):
            if sign in land.signs:
                name_of = {k: self.name(ray, sign, names) for k, ray in place.rays.items()}
                for face, below in enumerate(place.below):
                    own = frozenset(name_of[k] for k in below)
                    self.generated[block * self.many + face] = own - {-1}
        self.vectors = list(names)
        self.ends = [dot(vector, land.targets) for vector in self.vectors]
        self.products: dict[tuple[int, int], int] = {}
        self.errors: list[tuple[Vector, Fraction]] = []
        self.number: dict[Vector, int] = {}
        self.separated: list[set[int]] = []
        self.balanced: list[set[int]] = []
        self.verdict: dict[Names, tuple[int, int]] = {}
        self.ranks: dict[Names, int] = {}
        for entry in fits:
            self.fit(*entry)

    def name(self, ray: Vector, sign: int, names: dict[Vector, int]) -> int:
        """Return the number of what a ray generates with a sign, which may be new; -1 if that is nothing."""
        self.land.spend(2 + self.land.size // 8, "generators")
        out = [sign * x for x in self.land.outputs(ray)]
        out = primitive(self.land.centred(out) if self.land.bias else out)
        return names.setdefault(out, len(names)) if any(out) else -1

    def product(self, a: int, b: int) -> int:
        """Return the inner product of two generators."""
        key = (a, b) if a < b else (b, a)
        if key not in self.products:
            self.land.spend(1 + self.land.size // 16, "fits")
            self.products[key] = dot(self.vectors[a], self.vectors[b])
        return self.products[key]

    def fit(self, names: Any, verdict: int, weights: Any, directions: Any, balances: Any) -> None:
        """Confirm one fit: it is not inside the cone of its generators (0), it is (1), or only its errors count (2)."""
        need(all(g < len(self.vectors) for g in names), "generators that are not there")
        key, (den, *numbers) = frozenset(names), weights
        self.land.spend(10 + len(names) ** 2 // 2, "fits")
        need(den > 0 and key not in self.verdict, "a fit without a denominator, or a second one")
        inner = [sum(m * self.product(g, h) for h, m in zip(names, numbers, strict=True) if m) for g in names]
        ends = [self.ends[g] for g in names]
        if verdict == 0:
            need(names, "a separator of nothing")
            need(min(inner) >= 0 and max(inner) > 0, "a separator that does not separate")
            need(dot(numbers, ends) <= 0, "a separator with the labels on the wrong side")
            self.verdict[key] = verdict, -1
            return
        straight = all(self.land.level * x == den * y for x, y in zip(inner, ends, strict=True))
        need(straight, "errors that are not orthogonal to the generators")
        need(verdict == 2 or all(x > 0 for x in numbers), "a weight that is not positive")
        e = self.enter(names, numbers, den)
        self.verdict[key] = verdict, e
        self.confirm(e, directions, balances)

    def enter(self, names: Any, numbers: Any, den: int) -> int:
        """Return the number of the errors of a fit, which may be new."""
        size, level = self.land.size, self.land.level
        self.land.spend(2 + (1 + len(names)) * size // 16, "errors")
        total = mixture(numbers, [self.vectors[g] for g in names], size)
        raw = [level * x - den * y for x, y in zip(total, self.land.targets, strict=True)]
        found = primitive(raw)
        if found not in self.number:
            self.number[found] = len(self.errors)
            self.errors.append((found, Fraction(gcd(*raw), den * level)))
            self.separated.append(set())
            self.balanced.append({-1})
        return self.number[found]

    def confirm(self, e: int, directions: Any, balances: Any) -> None:
        """Confirm what is said of faces at some errors."""
        errors = self.errors[e][0]
        for face, *direction in directions:
            need(face < self.many, "a face that is not there")
            self.land.spend(5 + self.land.area // 6, "separating directions")
            need(self.separates(face, errors, direction), "a direction that does not separate")
            self.separated[e].add(face)
        for face, *pairs in balances:
            need(face < self.many, "a face that is not there")
            self.land.spend(5 + len(pairs) * self.land.area // 8, "balances")
            need(self.balances(face, errors, pairs), "a balance that is none")
            self.balanced[e].add(face)

    def separates(self, face: int, errors: Vector, direction: list[int]) -> bool:
        """Return whether the loss of a unit of sign + rises along a direction in every cell around a face."""
        land, place = self.land, self.place
        kinks, z, groups = place.kinks(face), land.heights(direction), dict[Vector, int]()
        for i in kinks:
            groups[land.rows[i]] = groups.get(land.rows[i], 0) + errors[i] * z[i]
        slopes = land.slopes(place.faces[face])
        base = sum(map(mul, map(mul, errors, slopes), z)) - land.slope[0] * sum(groups.values())
        if base + sum(min(land.slope[-1] * x, land.slope[1] * x) for x in groups.values()) > 0:
            return True
        cells = place.cells_around(face)
        land.spend(len(cells) * land.area // 8, "cells around faces")
        return all(dot(land.gradient(errors, place.faces[cell]), direction) > 0 for cell in cells)

    def balances(self, face: int, errors: Vector, pairs: Any) -> bool:
        """Return whether cells around a face have gradients that combine to 0 with these positive weights."""
        cells, weights = zip(*pairs, strict=True)
        place = self.place
        need(all(c in place.cells and place.borders(face, c) for c in cells), "a cell that is not near")
        gradients = [self.land.gradient(errors, place.faces[c]) for c in cells]
        return min(weights) > 0 and not any(mixture(weights, gradients, self.land.width))

    def groups(self) -> list[tuple[int, list[int]]]:
        """Return how many units have the same options, and these, where silent units are all at the origin."""
        block = {s: list(range(k * self.many, (k + 1) * self.many)) for k, s in enumerate((1, -1))}
        if self.land.trained:
            return [(self.land.count, [*block[1], *block[-1], self.silent])]
        signs = self.land.network.signs
        return [(signs.count(s), block[s]) for s in self.land.signs]

    def choices(self) -> Iterator[tuple[Choice, Names]]:
        """Yield every choice of an option for each unit, up to the order of like units, with its generators."""
        groups = self.groups()
        number = prod(comb(many + len(options) - 1, many) for many, options in groups)
        what = f"choices of {' or '.join(str(len(options)) for _, options in groups)} options for each unit"
        self.land.spend(number * (2 + self.land.count) // 2, what)

        def extend(chosen: Choice, names: Names, units: list[list[int]], first: int) -> Iterator[tuple[Choice, Names]]:
            here, *rest = units
            for k in range(first, len(here)):
                option = here[k]
                found = names | self.generated[option]
                if rest:
                    yield from extend((*chosen, option), found, rest, k if rest[0] is here else 0)
                else:
                    yield (*chosen, option), found

        return extend((), NOTHING, [options for many, options in groups for _ in range(many)], 0)

    def resting(self) -> list[list[tuple[Choice, Names]]]:
        """Return, for all errors, the choices with stationary points; everything needed must have been confirmed."""
        found: list[list[tuple[Choice, Names]]] = [[] for _ in self.errors]
        face_of = [*range(self.many)] * 2 + [-1] * self.many
        for choice, names in self.choices():
            if names not in self.verdict:
                raise limits.Rejected("a choice of faces without a fit")
            verdict, e = self.verdict[names]
            if verdict:
                faces = {face_of[option] for option in choice}
                if self.separated[e].isdisjoint(faces):
                    need(verdict == 1, "a fit that is neither inside nor outside")
                    need(faces <= self.balanced[e], "a unit that is neither separated nor balanced")
                    found[e].append((choice, names))
        return found
