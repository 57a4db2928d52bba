"""Gradient flow by brute force: 100 digits, all roots by Rolle's theorem, faces by the slopes along all their rays.

Nothing here knows of projections with mean slopes, of guards, of balls or of parabolas below a function.
"""

from dataclasses import dataclass, field
from fractions import Fraction as Q
from functools import cache
from itertools import combinations, product

from flint import fmpq
from mpmath import MPContext

from stability import Landscape
from stability.exact.systems import kernel, rank
from stability.model.datasets import Dataset

mp = MPContext()
mp.dps = 100
TINY = mp.mpf(10) ** -60
NOUGHT = mp.mpf(0)

XOR = ["abs1", "relu1", "leaky1/2:2", "relu2", "abs2"]
LINE = Dataset("line", [[-1], [1], [2]], [1, 0, 1])
THREE = Dataset("three", [[0, 0], [1, 0], [0, 2]], [1, 0, 1])
UPHILL = Dataset("uphill", [[-1], [1], [3]], [0, 1, 2])
DOUBLE = Dataset("double", [[-1], [1], [1], [1]], [1, 0, 1, 1])


class Hard(Exception):  # noqa: N818 - the reference gives up
    """Something happens that the reference does not follow."""


def inner(a, b):
    return mp.fdot((x, y) for x, y in zip(a, b, strict=True) if x and y)


def number(x):
    """Return a number of any kind in 100 digits."""
    x = Q(x)
    return mp.mpf(x.numerator) / x.denominator


# Roots of sums of exponentials


def value(terms, t):
    return sum((c * mp.exp(-m * t) for m, c in terms), NOUGHT)


def size(terms, t):
    return sum((abs(c) * mp.exp(-m * t) for m, c in terms), NOUGHT)


def roots(terms):
    """Return (roots, touches): all t > 0 where a sum of c exp(-m t) changes its sign, and where it touches 0.

    Rolle: divided by its slowest term, it has a root at most between two roots of its derivative, which has a term
    less. The terms are pairs (m, c) with different m, ascending.
    """
    terms = [(m - terms[0][0], c) for m, c in terms] if terms else []
    if len(terms) < 2:
        return [], []
    if all(c > 0 for _, c in terms) or all(c < 0 for _, c in terms):
        return [], []
    crossings, flat = roots([(m, -m * c) for m, c in terms[1:]])
    breaks = sorted([*crossings, *flat])
    found, touches = [], []
    for k, low in enumerate([NOUGHT, *breaks]):
        here = value(terms, low)
        if abs(here) < TINY * size(terms, low):
            if low in crossings:
                touches.append(low)
            elif low:
                raise Hard("a triple root")
            continue
        high = breaks[k] if k < len(breaks) else _beyond(terms, low)
        there = value(terms, high)
        if abs(there) >= TINY * size(terms, high) and here * there < 0:
            found.append(_between(terms, low, high))
    return found, touches


def _beyond(terms, low):
    """Return a time from which on the slowest term, which is constant, decides."""
    step = 1 / terms[1][0]
    while size(terms[1:], low + step) * 2 > abs(terms[0][1]):
        step *= 2
    return low + step


def _between(terms, low, high):
    """Return the root between two times, where the function is monotone: Newton's method, else halving."""
    rising = value(terms, high) > 0
    t = (low + high) / 2
    for _ in range(2000):
        here = value(terms, t)
        if (here > 0) == rising:
            high = t
        else:
            low = t
        slope = value([(m, -m * c) for m, c in terms], t)
        new = t - here / slope if slope else low
        if abs(new - t) <= TINY**1.5 * high:
            return new
        t = new if low < new < high else (low + high) / 2
        if high - low <= TINY**1.5 * high:
            return t
    raise Hard("a root is not found")


def tidy(terms):
    """Return terms with equal rates added up and without those that vanish, rates ascending."""
    total = []
    for m, c in sorted(terms, key=lambda term: term[0]):
        if total and abs(total[-1][0] - m) < TINY * (1 + abs(m)):
            total[-1] = total[-1][0], total[-1][1] + c
        else:
            total.append((m, c))
    scale = max([*(abs(c) for _, c in terms), mp.mpf(10) ** -30])
    return [(m, c) for m, c in total if abs(c) > TINY * scale]


# The flow


@dataclass
class Slow:
    """A trajectory: events (time, kind, unit, point of the data), the limit, and its signs at every data point."""

    place: Landscape
    events: list = field(default_factory=list)
    limit: list = field(default_factory=list)
    signs: list = field(default_factory=list)
    unique: bool = True

    @property
    def ends_on(self):
        return self.place.atlas_of_tests.on_faces(self.signs)

    @property
    def loss(self):
        return losses(self.place, self.limit)


@cache
def known(place):
    """Return the atlas of a landscape."""
    return place.atlas()


def outputs(place, flat):
    """Return what the network puts out, in 100 digits."""
    unit, width = place.network.unit, place.width
    low, high = number(unit.negative), number(unit.positive)
    total = []
    for row in place.rows:
        x = [number(v) for v in row]
        heights = [inner(x, flat[j * width : (j + 1) * width]) for j in range(place.units)]
        parts = zip(place.network.weights, heights, strict=True)
        bias = flat[-1] if place.network.output_bias else NOUGHT
        total.append(sum((number(a) * (high if z > 0 else low) * z for a, z in parts), bias))
    return total


def losses(place, flat):
    errors = [f - number(y) for f, y in zip(outputs(place, flat), place.data.labels, strict=True)]
    return number(place.scale) * sum((e * e for e in errors), NOUGHT)


class Tracker:
    """Follows one start; data points that coincide count as one, with their number as weight and their mean label."""

    def __init__(self, place):
        self.place = place
        self.rows = list(dict.fromkeys(map(tuple, place.rows)))
        labels = [
            [y for row, y in zip(place.rows, place.data.labels, strict=True) if tuple(row) == r] for r in self.rows
        ]
        self.weights = [number(len(own)) for own in labels]
        self.labels = [number(sum(own) / len(own)) for own in labels]
        self.x = [[number(v) for v in row] for row in self.rows]
        unit = place.network.unit
        self.slope = {-1: number(unit.negative), 0: NOUGHT, 1: number(unit.positive)}
        self.outer = [number(a) for a in place.network.weights]
        self.factor = 2 * number(place.scale)
        self.spectra, self.edges = {}, {}

    # What holds at a point

    def errors_of(self, signs):
        """Return, per data point, (row, constant) of the error f - y as a function of the parameters."""
        found = []
        for i, x in enumerate(self.x):
            row = [a * self.slope[own[i]] * v for a, own in zip(self.outer, signs, strict=True) for v in x]
            row += [mp.mpf(1)] * self.place.network.output_bias
            found.append((row, -self.labels[i]))
        return found

    def rays(self, kinks):
        """Return the rays across a face with these kinks: orthogonal to it, and on all kinks but enough."""
        if kinks not in self.edges:
            rows = [[fmpq(v.numerator, v.denominator) for v in self.rows[i]] for i in kinks]
            along, top = kernel(rows, self.place.width) if rows else [], rank(rows) if rows else 0
            found = {}
            for chosen in combinations(rows, top - 1) if top else ():
                if rank(list(chosen)) == top - 1:
                    (line,) = kernel([*chosen, *along], self.place.width) if chosen or along else [[fmpq(1)]]
                    scale = next(v for v in line if v)
                    for side in (1, -1):
                        ray = tuple(side * v / abs(scale) for v in line)
                        found.setdefault(ray, [mp.mpf(int(v.p)) / int(v.q) for v in ray])
            self.edges[kinks] = list(found.values())
        return self.edges[kinks]

    def climbs(self, signs, j):
        """Return (ray, functional) for every ray across the face of unit j: half the slope of the loss along it."""
        kinks = tuple(i for i, s in enumerate(signs[j]) if s == 0)
        errors, found = self.errors_of(signs), []
        for ray in self.rays(kinks):
            row, constant = [NOUGHT] * self.place.parameters, NOUGHT
            for i, x in enumerate(self.x):
                z = inner(x, ray)
                side = signs[j][i] or (z > TINY) - (z < -TINY)
                gain = self.weights[i] * self.outer[j] * self.slope[side] * z
                row = [a + gain * b for a, b in zip(row, errors[i][0], strict=True)]
                constant += gain * errors[i][1]
            found.append((ray, row, constant))
        return found

    def motion(self, signs):
        """Return (matrix, force, values, vectors) of p' = force - matrix p, kept on the kinks."""
        key = tuple(map(tuple, signs))
        if key not in self.spectra:
            n = self.place.parameters
            keep = mp.matrix(n, n)
            if self.place.network.output_bias:
                keep[n - 1, n - 1] = mp.mpf(1)
            for j, own in enumerate(signs):
                for base in self._spanning([i for i, s in enumerate(own) if s == 0]):
                    for a, b in product(range(self.place.width), repeat=2):
                        keep[j * self.place.width + a, j * self.place.width + b] += base[a] * base[b]
            errors = self.errors_of(signs)
            table = mp.matrix([row for row, _ in errors])
            heavy = mp.matrix(
                [[self.factor * w * v for v in row] for w, (row, _) in zip(self.weights, errors, strict=True)]
            )
            matrix = keep * (table.T * heavy) * keep
            force = keep * (heavy.T * mp.matrix(self.labels))
            values, vectors = mp.eigsy((matrix + matrix.T) / 2)
            top = max([abs(v) for v in values] + [mp.mpf(1)])
            values = [v if abs(v) > TINY * top else NOUGHT for v in values]
            self.spectra[key] = matrix, force, values, vectors
        return self.spectra[key]

    def _spanning(self, kinks):
        """Return an orthonormal basis of what is orthogonal to the rows of kinks, by Gram and Schmidt."""
        width, across, basis = self.place.width, [], []
        axes = [[mp.mpf(int(a == b)) for b in range(width)] for a in range(width)]
        for k, vector in enumerate([*(self.x[i] for i in kinks), *axes]):
            rest = list(vector)
            for _ in range(2):
                for other in [*across, *basis]:
                    share = inner(rest, other)
                    rest = [a - share * b for a, b in zip(rest, other, strict=True)]
            length = mp.sqrt(inner(rest, rest))
            if length > TINY:
                (across if k < len(kinks) else basis).append([a / length for a in rest])
        return basis

    def turn(self, point, signs, j):
        """Return the sign vectors on which unit j can go on from its kinks."""
        kinks = [i for i, s in enumerate(signs[j]) if s == 0]
        width, found = self.place.width, []
        for choice in product((-1, 0, 1), repeat=len(kinks)):
            own = list(signs[j])
            for i, s in zip(kinks, choice, strict=True):
                own[i] = s
            new = [*signs[:j], own, *signs[j + 1 :]]
            climbs = [inner(row, point) + constant for _, row, constant in self.climbs(new, j) if any(row) or constant]
            if any(c < -TINY for c in climbs):
                continue
            matrix, force, *_ = self.motion(new)
            speed = list(force - matrix * mp.matrix(point))[j * width : (j + 1) * width]
            sides = [inner(self.x[i], speed) for i in kinks]
            if all(abs(v) < TINY if s == 0 else s * v > TINY for s, v in zip(choice, sides, strict=True)):
                if any(c < TINY for c in climbs):
                    raise Hard("on the edge of leaving")
                found.append(own)
        return found

    # The motion

    def follow(self, start, most=1000):
        """Return the trajectory from a start that does not rest."""
        width = self.place.width
        point = [number(v) for row in start for v in row]
        heights = [[inner(x, point[j * width : (j + 1) * width]) for x in self.x] for j in range(self.place.units)]
        signs = [[0 if abs(z) < TINY else 1 if z > 0 else -1 for z in own] for own in heights]
        slow, time = Slow(self.place), NOUGHT
        signs = self._turned(slow, point, signs, [j for j, own in enumerate(signs) if 0 in own])
        for _ in range(most):
            *_, values, vectors = self.motion(signs)
            _, force = self.motion(signs)[:2]
            weights = [inner([vectors[r, k] for r in range(len(point))], point) for k in range(len(values))]
            forces = [inner([vectors[r, k] for r in range(len(point))], list(force)) for k in range(len(values))]
            parts = [(m, w - p / m) if m else (NOUGHT, w) for m, w, p in zip(values, weights, forces, strict=True)]
            rest = [p / m if m else NOUGHT for m, p in zip(values, forces, strict=True)]
            columns = [[vectors[r, k] for r in range(len(point))] for k in range(len(values))]

            def curve(row, constant, columns=columns, parts=parts, rest=rest):
                shares = [inner(row, column) for column in columns]
                level = constant + inner(shares, rest)
                return tidy([(NOUGHT, level), *((m, s * c) for s, (m, c) in zip(shares, parts, strict=True))])

            first, hits = None, []
            for name, row, constant in self._event_functions(signs):
                found, touches = roots(curve(row, constant))
                if touches and (not found or touches[0] < found[0]):
                    raise Hard("a touch")
                if found:
                    t = found[0]
                    if first is None or t < first - TINY * (1 + first):
                        first, hits = t, [name]
                    elif abs(t - first) <= TINY * (1 + first):
                        hits.append(name)
            if first is None:
                limit = [
                    inner(
                        [c[r] for c in columns],
                        [v if m else p for m, v, (_, p) in zip(values, rest, parts, strict=True)],
                    )
                    for r in range(len(point))
                ]
                return self._ended(slow, limit, signs)
            time += first
            now = [q + c * mp.exp(-m * first) for q, (m, c) in zip(rest, parts, strict=True)]
            point = [inner([c[r] for c in columns], now) for r in range(len(point))]
            signs = self._met(slow, time, point, signs, hits)
        raise Hard("too many events")

    def _event_functions(self, signs):
        width, n = self.place.width, self.place.parameters
        for j, own in enumerate(signs):
            for i, s in enumerate(own):
                if s:
                    row = [NOUGHT] * n
                    row[j * width : (j + 1) * width] = [s * v for v in self.x[i]]
                    yield ("kink", j, i), row, NOUGHT
            for ray, row, constant in self.climbs(signs, j):
                yield ("ray", j, ray), row, constant

    def _met(self, slow, time, point, signs, hits):
        new = [list(own) for own in signs]
        units = set()
        for kind, j, what in hits:
            if kind == "kink":
                new[j][what] = 0
                units.add(j)
        for kind, j, ray in hits:
            if kind == "ray":
                if len(hits) > 1:
                    raise Hard("more than one thing at a time")
                for i, s in enumerate(signs[j]):
                    if s == 0:
                        z = inner(self.x[i], ray)
                        new[j][i] = (z > TINY) - (z < -TINY)
                        if new[j][i]:
                            slow.events.append((time, "sliding ends", j, self.rows[i]))
        met = [(j, i) for kind, j, i in hits if kind == "kink"]
        after = self._turned(slow, point, new, sorted(units))
        for j, i in met:
            kind = "crossing" if after[j][i] else "sliding begins"
            slow.events.append((time, "touch" if after[j][i] == signs[j][i] else kind, j, self.rows[i]))
        return after

    def _turned(self, slow, point, signs, units):
        new = [list(own) for own in signs]
        for j in units:
            ways = self.turn(point, signs, j)
            if not ways:
                raise Hard("no way on")
            slow.unique = slow.unique and len(ways) == 1
            new[j] = max(ways, key=lambda own: own.count(0))
        return new

    def _ended(self, slow, limit, signs):
        width = self.place.width
        slow.limit = limit
        for j, own in enumerate(signs):
            part = limit[j * width : (j + 1) * width]
            sides = {
                row: s if abs(inner(x, part)) > mp.mpf(10) ** -50 else 0
                for row, x, s in zip(self.rows, self.x, own, strict=True)
            }
            slow.signs.append([sides[tuple(row)] for row in self.place.rows])
        return slow


@cache
def tracker(place):
    return Tracker(place)


def slow_flow(place, start):
    """Return the trajectory from a start that does not rest; raise Hard where the reference gives up."""
    return tracker(place).follow([[Q(v) for v in row] for row in start])
