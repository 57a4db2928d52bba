"""Gradient flow while the signs of all pre-activations last, exactly. Standard library only.

While they last the flow is p' = (force - matrix p) / den, also on kinks that are held. What ends it is seen from affine
functions: pre-activations, and the forces that hold the kinks; docs/certificates.md says why.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import ceil, gcd, isqrt, lcm
from operator import mul
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, networks = part("limits"), part("networks")
need = limits.need

Vector = Sequence[Fraction]
Kink = tuple[int, int]  # a unit and a place: data points that coincide are one place

SIGNS = {"-": -1, "0": 0, "+": 1}
FINE = 1000  # so that lengths which are rounded up are sharp


def dot(a: Iterable[Any], b: Iterable[Any]) -> Any:
    """Return the inner product."""
    return sum(map(mul, a, b))


def length(vector: Iterable[Any]) -> int:
    """Return a whole number that is at least the length of a vector."""
    return isqrt(sum(ceil(abs(x)) ** 2 for x in vector)) + 1


def inverse(matrix: Sequence[Vector], spend: Callable[[int, int], None]) -> list[list[Fraction]]:
    """Return the inverse of a positive definite matrix; count the steps, and the bits of the numbers they are on."""
    size = len(matrix)
    rows = [[*row, *(Fraction(i == k) for k in range(size))] for i, row in enumerate(matrix)]
    for c in range(size):
        need(rows[c][c] > 0, "kinks that depend on each other cannot be held")
        spend(8 * size**2, max(bits(x) for x in rows[c]))
        rows[c] = [x / rows[c][c] for x in rows[c]]
        others = [(r, row[c] if r != c else 0) for r, row in enumerate(rows)]
        rows = [[x - share * y for x, y in zip(rows[r], rows[c], strict=True)] for r, share in others]
    return [row[size:] for row in rows]


def bits(number: Fraction) -> int:
    """Return the bits of a number."""
    return number.numerator.bit_length() + number.denominator.bit_length()


class Form:
    """An affine function of the parameters, (whole . p + base) / den, in whole numbers."""

    def __init__(self, whole: Sequence[int], base: int, den: int) -> None:
        common = gcd(den, base, *whole)
        self.whole, self.base, self.den = [x // common for x in whole], base // common, den // common
        self.norm = isqrt(FINE**2 * dot(self.whole, self.whole)) + 1  # FINE times the length of whole, or more

    def plus(self, other: "Form", factor: Fraction) -> "Form":
        """Return self + factor * other."""
        own, more = other.den * factor.denominator, self.den * factor.numerator
        whole = [own * x + more * y for x, y in zip(self.whole, other.whole, strict=True)]
        return Form(whole, own * self.base + more * other.base, own * self.den)

    def times(self, factor: Fraction) -> "Form":
        """Return a multiple."""
        return Form(
            [factor.numerator * x for x in self.whole], factor.numerator * self.base, self.den * factor.denominator
        )

    def along(self, vector: Vector) -> Fraction:
        """Return the change along a vector."""
        return Fraction(dot(self.whole, vector)) / self.den

    def at(self, point: Vector) -> Fraction:
        """Return the value at an exact point."""
        return self.along(point) + Fraction(self.base, self.den)


def whole(row: Vector) -> tuple[list[int], int]:
    """Return a vector in whole numbers over one denominator."""
    den = lcm(*(x.denominator for x in row))
    return [int(x * den) for x in row], den


def affine(row: Vector, level: Fraction) -> Form:
    """Return the function row . p + level."""
    (*numbers, base), den = whole([*row, level])
    return Form(numbers, base, den)


class Landscape:
    """The loss of a network of two-slope units on exact data, rebuilt from a record; each place of the data once."""

    def __init__(self, name: str, data: Any, meter: Any) -> None:
        network = networks.Network(data)
        points = list(map(tuple, network.rows))
        self.labels, self.count, self.width = network.labels, data["units"], len(points[0])
        self.outer, self.bias = network.weights, network.bias
        self.places = list(dict.fromkeys(points))
        self.kinks = [(j, g) for j in range(self.count) for g, place in enumerate(self.places) if any(place)]
        number = {place: g for g, place in enumerate(self.places)}
        self.home = [number[point] for point in points]
        self.weight, sums = [0] * len(self.places), [Fraction(0)] * len(self.places)
        for g, y in zip(self.home, self.labels, strict=True):
            self.weight[g], sums[g] = self.weight[g] + 1, sums[g] + y
        self.means = [y / w for y, w in zip(sums, self.weight, strict=True)]
        self.slope, self.scale = {**network.slopes, 0: Fraction(0)}, network.scale
        self.meter, self.size = meter, self.count * self.width + self.bias
        numbers = [x for point in points for x in point] + [*self.means, *self.slope.values(), *self.outer]
        self.bits = max(map(bits, numbers))
        self.words = networks.said(name, data, torch=False)

    def spend(self, steps: int, bits: int = 0, what: str = "the flow on a face") -> None:
        """Count work, a step of which takes about a microsecond, on numbers of so many bits or as long as the data."""
        self.meter.spend(steps, max(bits, self.bits), what)

    def embedded(self, j: int, vector: Vector) -> list[Fraction]:
        """Return a vector of unit j's parameters among all parameters."""
        found = [x for k in range(self.count) for x in (vector if k == j else [Fraction(0)] * self.width)]
        return found + [Fraction(0)] * self.bias

    def signs(self, texts: Any) -> list[list[int]]:
        """Return the signs at all places, by unit, from those at all examples."""
        read = [[SIGNS[c] for c in text] for text in texts]
        need([len(row) for row in read] == [len(self.home)] * self.count, "signs for every unit and example")
        first = {g: i for i, g in reversed([*enumerate(self.home)])}
        found = [[row[first[g]] for g in range(len(self.places))] for row in read]
        need([[row[g] for g in self.home] for row in found] == read, "equal examples have equal signs")
        idle = [g for g, place in enumerate(self.places) if not any(place)]
        need(not any(row[g] for row in found for g in idle), "an example whose pre-activations are 0 has no other sign")
        return found


class Face:
    """The flow while signs last: p' = (force - matrix p) / den on the face, where kinks of sign 0 are held."""

    def __init__(self, land: Landscape, signs: Sequence[Sequence[int]]) -> None:
        self.land, self.signs = land, signs
        self.count_work()
        self.free, self.held = ([k for k in land.kinks if bool(self.sign(k)) == moves] for moves in (True, False))
        self.duals: dict[Kink, Vector] = {}
        for j in range(land.count):
            own = [k for k in self.held if k[0] == j]
            rows = [land.places[g] for _, g in own]
            for k, weights in zip(own, inverse([[dot(a, b) for b in rows] for a in rows], land.spend), strict=True):
                self.duals[k] = [dot(weights, column) for column in zip(*rows, strict=True)]
        pairs = [list(zip(land.outer, signs, strict=True)) for _ in land.places]
        steep = [[a * land.slope[row[g]] for a, row in own] for g, own in enumerate(pairs)]
        one = [Fraction(1)] * land.bias
        self.outputs = [[s * c for s in own for c in x] + one for own, x in zip(steep, land.places, strict=True)]
        flat = [whole(self.project(row)) for row in self.outputs]
        common, (means, level) = lcm(*(den for _, den in flat)), whole(land.means)
        land.spend(land.size**2 * len(land.places) // 4, 2 * common.bit_length())
        scaled = [[common // den * x for x in row] for row, den in flat]
        factors = [2 * land.scale.numerator * level * w for w in land.weight]
        weighted = [[factor * x for factor, x in zip(factors, c, strict=True)] for c in zip(*scaled, strict=True)]
        matrix = [[dot(a, b) for b in zip(*scaled, strict=True)] for a in weighted]
        force, den = [common * dot(a, means) // level for a in weighted], land.scale.denominator * level * common**2
        shared = gcd(den, *force, *(x for row in matrix for x in row))
        self.matrix, self.force = [[x // shared for x in row] for row in matrix], [x // shared for x in force]
        self.den = den // shared
        self.heights = {k: self.height(k, self.sign(k)) for k in self.free}
        self.gaps = {k: [gap for gap in (self.gap(k, -1), self.gap(k, 1)) if gap] for k in self.held}
        need(all(self.gaps.values()), "a kink without any force")

    def count_work(self) -> None:
        """Count the work that it takes to compute the flow on a face, before it is done."""
        places, size, held = len(self.land.places), self.land.size, [row.count(0) for row in self.signs]
        forms = places * (self.land.count + 2 * sum(held))
        self.land.spend(
            50 + 3 * size * forms + 4 * sum(h * h * self.land.width for h in held), what="the flow on a face"
        )

    def sign(self, kink: Kink) -> int:
        """Return the sign of a kink."""
        return self.signs[kink[0]][kink[1]]

    def project(self, row: Vector) -> list[Fraction]:
        """Return the part of a vector along the face."""
        found, width = list(row), self.land.width
        for (j, g), dual in self.duals.items():
            share = dot(dual, row[j * width : (j + 1) * width])
            found = [x - share * y for x, y in zip(found, self.land.embedded(j, self.land.places[g]), strict=True)]
        return found

    def height(self, kink: Kink, side: int) -> Form:
        """Return the pre-activation at a kink, counted positive on one side."""
        j, g = kink
        return affine(self.land.embedded(j, [side * x for x in self.land.places[g]]), Fraction(0))

    def error(self, g: int) -> Form:
        """Return output minus mean label at a place."""
        return affine(self.outputs[g], -self.land.means[g])

    def gap(self, kink: Kink, side: int) -> Form | None:
        """Return the force with which the cell on one side leads back to a held kink; None if it is always 0."""
        (j, g), land = kink, self.land
        pairs, turn = zip(land.weight, self.signs[j], land.places, strict=True), side * land.outer[j]
        weights = [turn * w * land.slope[s] * dot(self.duals[kink], x) for w, s, x in pairs]
        weights[g] = turn * land.weight[g] * land.slope[side]
        row = [dot(weights, column) for column in zip(*self.outputs, strict=True)]
        return affine(row, Fraction(-dot(weights, land.means))) if any(weights) else None

    def along(self, form: Form) -> Form:
        """Return the same function on the face, with its row along the face."""
        return affine(self.project([Fraction(x, form.den) for x in form.whole]), Fraction(form.base, form.den))

    def change(self, form: Form) -> Form:
        """Return the derivative of an affine function along the flow."""
        return Form([-dot(row, form.whole) for row in self.matrix], dot(form.whole, self.force), self.den * form.den)

    def toward(self, kink: Kink, side: int) -> Form:
        """Return the speed of a pre-activation to one side."""
        return self.change(self.height(kink, side))

    def changed(self, signs: dict[Kink, int]) -> "Face":
        """Return the flow with other signs at some kinks."""
        rows = [[signs.get((j, g), s) for g, s in enumerate(row)] for j, row in enumerate(self.signs)]
        return Face(self.land, rows)
