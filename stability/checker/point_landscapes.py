"""Values of formulas on a landscape, as polynomials where signs are known. Standard library only.

Polynomials are added and multiplied with a meter, so that no formula asks for more work than its record may.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, networks = part("limits"), part("networks")
need, exact = limits.need, limits.exact

Mono = tuple[tuple[str, int], ...]  # ((variable, power), ...), sorted
Poly = dict[Mono, Fraction]  # {monomial: coefficient}, no zeros
Vector = list[Poly]
Sign = Any  # a function from polynomials to -1, 0, 1
Atom = tuple[Poly, str]  # (polynomial, how it compares with 0)


def constant(value: Fraction | int) -> Poly:
    """Return the constant polynomial."""
    return {(): Fraction(value)} if value else {}


def root(whole: int) -> Poly:
    """Return the square root of a whole number: a variable of a name that no other has, reduced by s * s = whole."""
    return {((f"sqrt({whole})", 1),): Fraction(1)}


def known(text: str) -> Poly:
    """Return the number a + b * sqrt(n) that a text stands for."""
    a, b, n = limits.surd(text)
    return constant(a) | (dict.fromkeys(root(n), b) if b else {})


def below(mono: Mono) -> int:
    """Return the number whose root a monomial is; 0 if it is something else."""
    return int(mono[0][0][5:-1]) if len(mono) == 1 and mono[0][0].startswith("sqrt(") and mono[0][1] == 1 else 0


def is_number(p: Poly) -> bool:
    """Return whether a polynomial is a + b * sqrt(n), with rational a and b."""
    return len(p) < 3 and all(not mono or below(mono) for mono in p) and sum(map(bool, p)) < 2


def number(p: Poly) -> Fraction:
    """Return the value of a polynomial that must be a number; if that is irrational, 1 or -1, as its sign is."""
    need(is_number(p), "a number was needed here")
    a, (b, n) = p.get((), Fraction(0)), next(((c, below(mono)) for mono, c in p.items() if mono), (Fraction(0), 0))
    if not b:
        return a
    outweighs = a * a > b * b * n
    return Fraction(1 if (a > 0 if outweighs else b > 0) else -1)


def reduced(p: Poly) -> Poly:
    """Return a polynomial with roots to the first power at most."""
    if not any(name.startswith("sqrt(") and power > 1 for mono in p for name, power in mono):
        return p
    found: Poly = {}
    for mono, c in p.items():
        rest = []
        for name, power in mono:
            root_of = int(name[5:-1]) if name.startswith("sqrt(") else 0
            c *= Fraction(root_of) ** (power // 2) if root_of else 1
            rest.append((name, power % 2 if root_of else power))
        key = tuple(each for each in rest if each[1])
        found[key] = found.get(key, Fraction(0)) + c
    return {mono: c for mono, c in found.items() if c}


def ray(p: Poly) -> tuple[Any, int]:
    """Return the polynomial scaled to leading coefficient 1, hashable, and the sign of the scale."""
    lead = p[max(p)]
    return tuple(sorted((m, c / lead) for m, c in p.items())), 1 if lead > 0 else -1


def bits(p: Poly) -> int:
    """Return the bits of the longest number in a polynomial."""
    longest = 0
    for c in p.values():
        over, under = c.as_integer_ratio()
        longest = max(longest, over.bit_length() + under.bit_length())
    return longest


def joined(a: Mono, b: Mono) -> Mono:
    """Return the product of two monomials."""
    if not a or not b:
        return a or b
    powers = dict(a)
    for name, power in b:
        powers[name] = powers.get(name, 0) + power
    return tuple(sorted(powers.items()))


LONG = 512  # bits from which denominators are long


class Algebra:
    """Adds and multiplies polynomials, as long as a meter lets it."""

    def __init__(self, meter: Any) -> None:
        self.meter = meter

    def total(self, terms: Iterable[tuple[Fraction | int, Poly]]) -> Poly:
        """Return the sum of multiples of polynomials."""
        found: Poly = {}
        for factor, p in terms:
            self.meter.spend(1 + 2 * len(p), bits(p))
            for mono, c in p.items() if factor else ():
                term = c if factor == 1 else -c if factor == -1 else factor * c
                self.collect(found, mono, term)
            limits.within(len(found), limits.TERMS, "terms of a polynomial")
        return {mono: c for mono, c in found.items() if c}

    def collect(self, found: Poly, mono: Any, term: Fraction) -> None:
        """Add a term to a sum; work on long denominators grows with the square of their length."""
        if mono in found:
            long = found[mono].denominator.bit_length() + term.denominator.bit_length()
            if long >= LONG:
                self.meter.spend(long // LONG, long)
            term += found[mono]
        found[mono] = term

    def add(self, p: Poly, q: Poly, factor: Fraction | int = 1) -> Poly:
        """Return p + factor * q."""
        return self.total([(1, p), (factor, q)])

    def multiply(self, p: Poly, q: Poly) -> Poly:
        """Return the product."""
        if set(q) == {()}:
            p, q = q, p
        if set(p) == {()}:
            return self.total([(p[()], q)])
        found: Poly = {}
        self.meter.spend(1 + 6 * len(p) * len(q), bits(p) + bits(q))
        for a, x in p.items():
            for b, y in q.items():
                mono = joined(a, b)
                self.collect(found, mono, x * y)
            limits.within(len(found), limits.TERMS, "terms of a polynomial")
        return reduced({mono: c for mono, c in found.items() if c})

    def product(self, factors: Iterable[Poly]) -> Poly:
        """Return the product of any number of polynomials."""
        found = constant(1)
        for factor in factors:
            found = self.multiply(found, factor)
        return found


class Landscape:
    """The loss of a network of two-slope units on exact data, rebuilt from a record.

    Attributes
    ----------
    live : set of int
        The examples whose rows are not 0; only they have kinks.
    lines : list
        For every example the line through 0 on which its row lies, and how long the row is.
    """

    def __init__(self, name: str, data: Any, algebra: Algebra) -> None:
        self.algebra, self.network, self.count = algebra, networks.Network(data), data["units"]
        own = self.network
        self.points, self.labels, self.scale, self.slopes = own.rows, own.labels, own.scale, own.slopes
        self.width = len(self.points[0])
        self.stride = self.width + own.trained
        self.size = self.count * self.stride + own.bias
        self.live = {i for i, row in enumerate(self.points) if any(row)}
        leads = [next(filter(None, row), Fraction(1)) for row in self.points]
        self.lines = [(tuple(x / c for x in row), abs(c)) for row, c in zip(self.points, leads, strict=True)]
        self.words = networks.said(name, data)

    def rows(self, p: Vector) -> list[Vector]:
        """Return the hidden parameters of every unit."""
        need(len(p) == self.size, "a parameter vector of the wrong length")
        return [p[j * self.stride : j * self.stride + self.width] for j in range(self.count)]

    def linear(self, p: Vector) -> dict[tuple[int, int], Poly]:
        """Return the pre-activations {(unit, example): polynomial} of a parameter vector."""
        rows = self.rows(p)
        pairs = {(j, i): zip(x, row, strict=True) for j, row in enumerate(rows) for i, x in enumerate(self.points)}
        return {key: self.algebra.total(terms) for key, terms in pairs.items()}

    def kinks(self, sign: Sign, z: dict[tuple[int, int], Poly]) -> Iterator[tuple[int, int]]:
        """Yield the units and examples where a pre-activation is 0, besides rows that are 0."""
        return ((j, i) for (j, i), each in z.items() if i in self.live and sign(each) == 0)

    def weighted(self, p: Vector, j: int, slope: Fraction, z: Poly) -> tuple[Fraction, Poly]:
        """Return what unit j puts out with some slope, times its output weight: a factor and a polynomial."""
        if self.network.trained:
            return slope, self.algebra.multiply(p[j * self.stride + self.width], z)
        return slope * self.network.weights[j], z

    def expand(self, sign: Sign, *curve: Vector) -> list[Vector]:
        """Return per example the one-sided Taylor terms of f - y along p + t d + t^2 a / 2."""
        terms = [self.linear(p) for p in curve]
        rows: list[Vector] = [[constant(-y)] + [{} for _ in curve[1:]] for y in self.labels]
        if self.network.bias:
            rows = [[self.algebra.add(e, p[-1]) for e, p in zip(row, curve, strict=True)] for row in rows]
        for j, i in terms[0]:
            side = next(filter(None, (sign(t[j, i]) for t in terms)), 0)
            if side:
                own = [self.weighted(curve[0], j, self.slopes[side], t[j, i]) for t in terms]
                rows[i] = [self.algebra.add(e, each, a) for e, (a, each) in zip(rows[i], own, strict=True)]
        return rows

    def jet(self, sign: Sign, *curve: Vector) -> Poly:
        """Return the loss (p), its one-sided slope (p, d), or second derivative (p, d, a) along the curve."""
        parts: list[tuple[Fraction, Poly]] = []
        for e, *more in self.expand(sign, *curve):
            product = self.algebra.multiply(e, more[-1] if more else e)
            parts.append((self.scale * (2 if more else 1), product))
            if len(more) == 2:
                parts.append((2 * self.scale, self.algebra.multiply(more[0], more[0])))
        return self.algebra.total(parts)

    def slope(self, sign: Sign, p: Vector, d: Vector, u: Vector | None = None) -> Poly:
        """Return the slope along d that automatic differentiation reports, or that the cell towards u has."""
        z, along, into = self.linear(p), self.linear(d), self.linear(u or p)
        parts: list[tuple[Fraction, Poly]] = []
        for i, (e,) in enumerate(self.expand(sign, p)):
            for j in (j for j in range(self.count) if along[j, i]):
                side = sign(z[j, i]) or sign(into[j, i])
                need(side or u is None, "a direction that stays on a kink enters no cell")
                steep = self.slopes[side] * self.network.weights[j]
                parts.append((2 * self.scale * steep, self.algebra.multiply(e, along[j, i])))
            if self.network.bias:
                parts.append((2 * self.scale, self.algebra.multiply(e, d[-1])))
        return self.algebra.total(parts)

    def out(self, sign: Sign, p: Vector, i: int) -> Poly:
        """Return the network output at example i."""
        parts = [(j, z, sign(z)) for j, z in ((j, self.pre(sign, p, j, i)) for j in range(self.count))]
        own = [self.weighted(p, j, self.slopes[side], z) for j, z, side in parts if side]
        return self.algebra.total([*own, *[(Fraction(1), each) for each in p[-1:] if self.network.bias]])

    def pre(self, sign: Sign, p: Vector, j: int, i: int) -> Poly:
        """Return the pre-activation of unit j at example i."""
        return self.algebra.total(zip(self.points[i], self.rows(p)[j], strict=True))

    def generic(self, sign: Sign, p: Vector, u: Vector) -> list[Atom]:
        """Return the constraint that u enters an open cell from p."""
        z, into = self.linear(p), self.linear(u)
        return [(constant(-1 if any(sign(into[k]) == 0 for k in self.kinks(sign, z)) else 1), ">")]

    def differentiable(self, sign: Sign, p: Vector) -> list[Atom]:
        """Return that, for every unit and data point where it has a kink, the errors there sum to zero."""
        z, errors = self.linear(p), [e for (e,) in self.expand(sign, p)]
        found: dict[Any, list[tuple[Fraction, Poly]]] = {}
        sizes: dict[Any, Fraction] = {}
        for j, i in self.kinks(sign, z) if self.slopes[-1] != self.slopes[1] else []:
            line, size = self.lines[i]
            sizes.setdefault(line, size)
            found.setdefault((j, line), []).append((size / sizes[line], errors[i]))
        return [(constant(1), ">"), *((self.algebra.total(parts), "=") for parts in found.values())]

    def twice_differentiable(self, sign: Sign, p: Vector) -> list[Atom]:
        """Return that there is a gradient, and that no kink is left in what is of second order."""
        alone = self.count == 1 and not self.network.bias
        even = self.slopes[1] == self.slopes[-1] or (alone and self.slopes[1] == -self.slopes[-1])
        smooth = even or not any(True for _ in self.kinks(sign, self.linear(p)))
        return [*self.differentiable(sign, p), (constant(1 if smooth else -1), ">")]

    def rest(self, sign: Sign, p: Vector, slopes: Vector) -> list[Atom]:
        """Return the chain-rule equations of a stationary point, slopes at kinks free between the two."""
        z, bounds, add = self.linear(p), list[Atom](), self.algebra.add
        gradient: list[list[tuple[Fraction, Poly]]] = [[] for _ in p]
        low, high = sorted((self.slopes[-1], self.slopes[1]))
        for i, (e,) in enumerate(self.expand(sign, p)):
            for j in range(self.count):
                side, s = sign(z[j, i]), slopes[j * len(self.points) + i]
                if side == 0 and i in self.live:
                    bounds += [(add(s, constant(low), -1), ">="), (add(constant(high), s, -1), ">=")]
                force = self.algebra.multiply(e, constant(self.slopes[side]) if side else s)
                for c, x in enumerate(self.points[i], start=j * self.stride):
                    gradient[c].append((self.network.weights[j] * x, force))
            if self.network.bias:
                gradient[-1].append((Fraction(1), e))
        return [(self.algebra.total(parts), "=") for parts in gradient] + bounds

    loss, d1, d2, autograd = jet, jet, jet, slope
