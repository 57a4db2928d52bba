"""All stationary points by brute force: every choice of faces, one exact program each, and the classifier of points."""

from dataclasses import dataclass
from fractions import Fraction as Q
from itertools import combinations, combinations_with_replacement, permutations, product

import numpy as np
from flint import fmpq, fmpq_mat
from scipy.optimize import nnls
from slow_geometry import realised, slow_faces

from stability.exact.systems import kernel, rank, solve
from stability.geometry.stationary.classification import Classification
from stability.model.units import Unit

ZERO, ONE = fmpq(0), fmpq(1)
ODD = {
    "zero": Unit("zero", Q(0), Q(0), Q(0)),
    "flat": Unit("flat", Q(0), Q(0), Q(1)),
    "left": Unit("left", Q(1), Q(0), Q(1, 2)),
    "tent": Unit("tent", Q(1), Q(-1), Q(0)),
    "steep": Unit("steep", Q(-1, 3), Q(5, 2), Q(7)),
}


def exact(x):
    return fmpq(x.numerator, x.denominator)


def fraction(x):
    return Q(int(x.p), int(x.q))


def inner(a, b):
    return sum((x * y for x, y in zip(a, b, strict=True)), ZERO)


def flint_rows(place):
    return [[exact(x) for x in row] for row in place.rows]


def slope(place, sign):
    """Return the slope of the unit; at a kink it does not matter, since the pre-activation stays 0 there."""
    return exact(place.network.unit.slope(sign)) if sign else ZERO


def best_outputs(place, choice):
    """Return the outputs that fit best on the span of a choice of sign vectors, and how many directions keep them."""
    rows, outputs, size = flint_rows(place), [], 0
    for signs in choice:
        span = kernel([row for row, s in zip(rows, signs, strict=True) if s == 0], place.width)
        size += len(span)
        outputs += [[slope(place, s) * inner(row, v) for row, s in zip(rows, signs, strict=True)] for v in span]
    basis = []
    for out in outputs:
        if rank([*basis, out]) > len(basis):
            basis.append(out)
    labels = [exact(y) for y in place.data.labels]
    fit = [ZERO] * len(labels)
    if basis:
        gram = fmpq_mat([[inner(a, b) for b in basis] for a in basis])
        weights = gram.solve(fmpq_mat([[inner(a, labels)] for a in basis]))
        fit = [sum((weights[k, 0] * a[i] for k, a in enumerate(basis)), ZERO) for i in range(len(labels))]
    return fit, size - len(basis)


def realising(place, choice, fit):
    """Return a point of a choice of faces with these outputs, or None; solved in (point, 1) times a large number."""
    rows, width, size = flint_rows(place), place.width, place.parameters

    def placed(row, j, factor=ONE):
        return [ZERO] * (j * width) + [factor * x for x in row] + [ZERO] * (size - (j + 1) * width)

    equal, above = [], [([ZERO] * size + [ONE], ONE)]
    for j, signs in enumerate(choice):
        for row, s in zip(rows, signs, strict=True):
            if s:
                above.append(([*placed(row, j, fmpq(s)), ZERO], ONE))
            else:
                equal.append(([*placed(row, j), ZERO], ZERO))
    for i, row in enumerate(rows):
        parts = [placed(row, j, slope(place, signs[i])) for j, signs in enumerate(choice)]
        equal.append(([*map(sum, zip(*parts, strict=True)), -fit[i]], ZERO))
    found = solve(equal, above, size + 1)
    if found is None:
        return None
    flat = [fraction(x / found[size]) for x in found[:size]]
    return [flat[j * width : (j + 1) * width] for j in range(place.units)]


@dataclass(frozen=True, eq=False)
class Spot:
    """A point of one choice of faces where the loss has no slope along them, and what the classifier says of it."""

    choice: tuple
    point: list
    dimension: int
    outputs: list
    found: Classification


def spots(place):
    """Return a spot for every choice of faces, in every order of the units, that has one."""
    faces = sorted(slow_faces(place))
    found = {}
    for choice in combinations_with_replacement(faces, place.units):
        fit, dimension = best_outputs(place, choice)
        point = realising(place, choice, fit)
        if point is None:
            continue
        assert place.pattern(point) == [list(signs) for signs in choice]
        judged = place.classify(point)
        for turn in permutations(range(place.units)):
            order = tuple(choice[t] for t in turn)
            found[order] = Spot(order, [point[t] for t in turn], dimension, place.outputs(point), judged)
    return found


def below(lower, upper):
    """Return whether one choice of faces is in the closure of another."""
    return all(a in (0, b) for low, up in zip(lower, upper, strict=True) for a, b in zip(low, up, strict=True))


def merged(names, pairs):
    """Return to which class each name belongs when the pairs are made equal; a class is called by one of its names."""
    label = {name: name for name in names}
    for a, b in pairs:
        old, new = label[a], label[b]
        if old != new:
            label = {name: new if each == old else each for name, each in label.items()}
    return label


def touching(stationary):
    """Return the pairs of choices (lower, upper) whose stationary points are parts of one flat piece."""
    return [
        (a, b)
        for a, b in product(stationary, repeat=2)
        if a != b and stationary[a].outputs == stationary[b].outputs and below(a, b)
    ]


class Slow:
    """What brute force says of a landscape, in the words of an atlas."""

    def __init__(self, place):
        self.place = place
        self.spots = spots(place)
        self.stationary = {choice: spot for choice, spot in self.spots.items() if spot.found.clarke}
        self.pairs = touching(self.stationary)
        self.root = merged(self.stationary, [(a, b) for a, b in self.pairs if self.kind(a) == self.kind(b)])
        self.parts = {}
        for choice, root in self.root.items():
            self.parts.setdefault(root, []).append(self.stationary[choice])

    def kind(self, choice):
        return self.stationary[choice].found.kind.replace("global", "local")

    def neighbours(self, root):
        """Return the components of another kind that touch one."""
        both = [(self.root[a], self.root[b]) for a, b in self.pairs if self.root[a] != self.root[b]]
        return {b if a == root else a for a, b in both if root in (a, b)}

    def level(self, spot):
        """Return the dimension of the largest piece with the spot in its closure."""
        same = self.parts[self.root[spot.choice]]
        return max(other.dimension for other in same if below(spot.choice, other.choice))


def data_symmetries(place):
    """Return the permutations of the data that keep the labels and are linear on the rows (x, 1)."""
    rows, count = flint_rows(place), len(place.rows)
    found = []
    for turn in permutations(range(count)):
        same = all(place.data.labels[i] == place.data.labels[turn[i]] for i in range(count))
        columns = [*zip(*rows, strict=True), *zip(*(rows[t] for t in turn), strict=True)]
        if same and rank([list(c) for c in columns]) == rank(rows):
            found.append(turn)
    return found


def choice_symmetries(place):
    """Return the maps of choices of faces that no loss can distinguish, generators only."""

    def turned(turn):
        def image(choice):
            places = [dict(zip(turn, signs, strict=True)) for signs in choice]
            return tuple(tuple(new[i] for i in range(len(turn))) for new in places)

        return image

    def flipped(unit):
        return lambda choice: tuple(tuple(-s for s in f) if j == unit else f for j, f in enumerate(choice))

    even = place.network.unit.negative == -place.network.unit.positive
    return [*map(turned, data_symmetries(place)), *(map(flipped, range(place.units)) if even else ())]


def slow_rays(place):
    """Return all one-dimensional faces of a unit, without what no output depends on: the lines on enough kinks."""
    rows = flint_rows(place)
    idle = kernel(rows, place.width)
    found = []
    for chosen in combinations(sorted(set(map(tuple, rows))), rank(rows) - 1):
        lines = kernel([*map(list, chosen), *idle], place.width)
        if len(lines) == 1:
            found += [lines[0], [-x for x in lines[0]]]
    return found


def slow_least(place):
    """Return the least loss: in every closed cell, non-negative combinations of the outputs of its rays."""
    rows, labels = flint_rows(place), np.array(place.data.labels, dtype=float)
    heights = [[inner(row, v) for row in rows] for v in slow_rays(place)]
    generated = []
    for signs in product((-1, 1), repeat=len(rows)):
        if realised(signs, place.rows):
            inside = [z for z in heights if all(s * x >= 0 for s, x in zip(signs, z, strict=True))]
            generated.append([[float(slope(place, s) * x) for s, x in zip(signs, z, strict=True)] for z in inside])
    choices = combinations_with_replacement(map(np.array, generated), place.units)
    return float(place.scale) * min(nnls(np.vstack(choice).T, labels)[1] ** 2 for choice in choices)
