"""All stationary sets of networks with output layers by brute force: an exact program for every choice of options.

An option of a unit is the sign of its output weight, 0 for a silent unit, and the sign vector of its pre-activations.
What a point is, is asked of the loss itself, by exact differences. For two units on a few points.
"""

import json
from dataclasses import dataclass
from fractions import Fraction as Q
from functools import cache
from itertools import permutations, product
from operator import eq, ge, gt, le, lt, ne

from flint import fmpq
from layer_proofs import network_of
from slow_atlas import ONE, ZERO, exact, fraction, inner, merged, slow_rays
from slow_geometry import along, slow_faces

from stability.exact.systems import kernel, rank, solve
from stability.model.datasets import Dataset
from stability.model.network_loss import NetworkLoss

TINY, TINIER = Q(1, 10**9), Q(1, 10**24)


def below(lower, upper):
    """Return whether an ordered choice of options is in the closure of another."""
    return all(
        s in (0, t) and all(a in (0, b) for a, b in zip(face, other, strict=True))
        for (s, face), (t, other) in zip(lower, upper, strict=True)
    )


@dataclass(frozen=True, eq=False)
class Spot:
    """A stationary point on a choice of options, and what it is."""

    outputs: tuple
    loss: Q
    sort: str
    dimension: int
    directional: bool
    torch: bool
    smooth: bool


class BruteForceLayer:
    """What brute force says of a landscape of one output, in the words of an atlas."""

    def __init__(self, place):
        self.place, self.net, self.width = place, place.network, place.width
        self.rows = [[exact(x) for x in row] for row in place.rows]
        self.faces = sorted(slow_faces(place))
        self.full = [i for i, row in enumerate(place.rows) if any(row)]
        self.cells = [face for face in self.faces if all(face[i] for i in self.full)]
        self.spans = {face: self.span(face) for face in self.faces}
        self.rays = [[fraction(x) for x in ray] for ray in slow_rays(place)] if self.full else []
        signs = [(-1, 0, 1)] * place.units if self.net.trainable else [((a > 0) - (a < 0),) for a in self.net.weights]
        units = [list(product(own, self.faces)) for own in signs]
        self.spots = {choice: spot for choice in product(*units) if (spot := self.spot(choice)) is not None}
        pairs = [
            (a, b)
            for a, b in product(self.spots, repeat=2)
            if a != b and self.spots[a].outputs == self.spots[b].outputs and below(a, b)
        ]
        alike = [(a, b) for a, b in pairs if self.spots[a].sort == self.spots[b].sort]
        self.root = merged(self.spots, alike)
        self.touched = {self.root[c] for a, b in pairs if self.root[a] != self.root[b] for c in (a, b)}

    def span(self, face):
        held = [row for row, s in zip(self.rows, face, strict=True) if s == 0 and any(row)]
        return kernel(held, self.width)

    def slope(self, s):
        return exact(self.net.unit.slope(s)) if s else ZERO

    def out(self, option, v):
        sign, face = option
        return [sign * self.slope(s) * inner(row, v) for row, s in zip(self.rows, face, strict=True)]

    def fit(self, choice):
        """Return the best outputs on the span of a choice, and the rank of what it puts out, beside an output bias."""
        found = [self.out(option, v) for option in choice if option[0] for v in self.spans[option[1]]]
        ones = [[ONE] * len(self.rows)] if self.net.output_bias else []
        basis = list(ones)
        for out in found:
            if rank([*basis, out]) > len(basis):
                basis.append(out)
        labels = [exact(y) for y in self.place.data.labels]
        if not basis:
            return [ZERO] * len(labels), 0
        size = len(basis)
        equal = [([*(inner(a, b) for b in basis), -inner(a, labels)], ZERO) for a in basis]
        weights = solve(equal, [([ZERO] * size + [ONE], ONE)], size + 1)
        fit = [
            sum((w / weights[-1] * a[i] for w, a in zip(weights, basis, strict=False)), ZERO)
            for i in range(len(labels))
        ]
        return fit, size - len(ones)

    def point(self, choice, fit):
        """Return a point of a choice with these outputs, where silent units rest, or None."""
        bias = int(self.net.output_bias)
        size = len(choice) * self.width + bias + 1
        errors = [f - exact(y) for f, y in zip(fit, self.place.data.labels, strict=True)]

        def placed(row, j, last=ZERO):
            return [*[ZERO] * (j * self.width), *row, *[ZERO] * (size - (j + 1) * self.width - 1), last]

        equal, above = [], [([ZERO] * (size - 1) + [ONE], ONE)]
        for j, (sign, face) in enumerate(choice):
            for row, s in zip(self.rows, face, strict=True):
                if s:
                    above.append((placed([s * x for x in row], j), ONE))
                else:
                    equal.append((placed(row, j), ZERO))
            if sign == 0:
                equal.append((placed(self.force(face, errors), j), ZERO))
        for i, row in enumerate(self.rows):
            whole = [ZERO] * (size - 1) + [-fit[i]]
            for j, (sign, face) in enumerate(choice):
                part = placed([sign * self.slope(face[i]) * x for x in row], j)
                whole = [a + b for a, b in zip(whole, part, strict=True)]
            whole[-2] += bias
            equal.append((whole, ZERO))
        found = solve(equal, above, size)
        if found is None:
            return None
        flat = [fraction(x / found[-1]) for x in found[:-1]]
        point = []
        for j, (sign, _) in enumerate(choice):
            vector = flat[j * self.width : (j + 1) * self.width]
            weight = [Q(sign)] if self.net.trainable else []
            point.append([x if weight else x / abs(self.net.weights[j]) for x in vector] + weight)
        return point + [flat[-1:]] * bias

    def force(self, face, errors):
        """Return the gradient of h in the hidden parameters of a unit, with slope 0 at kinks."""
        weights = [e * self.slope(s) for e, s in zip(errors, face, strict=True)]
        return [inner(weights, column) for column in zip(*self.rows, strict=True)]

    def balanced(self, face, errors):
        """Return whether 0 is in the convex hull of the gradients of the cells around a face."""
        near = [c for c in self.cells if all(a in (0, b) for a, b in zip(face, c, strict=True))]
        gradients = [self.force(cell, errors) for cell in near]
        size = len(near)
        equal = [([g[k] for g in gradients] + [ZERO], ZERO) for k in range(self.width)]
        equal.append(([ONE] * size + [-ONE], ZERO))
        above = [([fmpq(int(a == b)) for b in range(size + 1)], ZERO) for a in range(size)]
        return solve(equal, [*above, ([ZERO] * size + [ONE], ONE)], size + 1) is not None

    def spot(self, choice):
        fit, size = self.fit(choice)
        point = self.point(choice, fit)
        errors = [f - exact(y) for f, y in zip(fit, self.place.data.labels, strict=True)]
        if point is None or not all(self.balanced(face, errors) for sign, face in choice if sign):
            return None
        assert self.place.pattern(point) == [list(face) for _, face in choice]
        outputs = tuple(self.place.outputs(point))
        assert outputs == tuple(map(fraction, fit))
        found = [self.silent(point, j) if not sign else self.active(point, j) for j, (sign, _) in enumerate(choice)]
        least, most, directional = (all(each[k] for each in found) for k in range(3))
        sort = "minimum" if least else "local maximum" if most and not self.net.output_bias else "saddle"
        free = (
            sum(len(self.spans[face]) for _, face in choice)
            - size
            + self.net.trainable * sum(s != 0 for s, _ in choice)
        )
        for sign, face in choice:
            force = self.force(face, errors)
            free -= not sign and any(inner(force, v) for v in self.spans[face])
        torch = not any(self.place.autograd_gradient(point))
        smooth = self.place.is_differentiable(point)
        return Spot(outputs, self.place.loss(point), sort, free, directional, torch, smooth)

    def stepped(self, point, j, step, weight=None):
        """Return a point with a unit's hidden parameters, and maybe its output weight, moved."""
        row = [x + t for x, t in zip(point[j], [*step, *[0] * self.net.trainable], strict=True)]
        return [*point[:j], row if weight is None else [*row[:-1], weight], *point[j + 1 :]]

    def active(self, point, j):
        """Return whether nothing descends, everything does or changes no output, and nothing does to first order."""
        slopes = []
        for ray in self.rays:
            flat = [x for k, row in enumerate(point) for x in ([*ray, 0][: len(row)] if k == j else [0] * len(row))]
            slopes.append(along(self.place, point, flat))
        least = all(slope >= 0 for slope, _ in slopes)
        return least, all(slope < 0 or (slope == 0 and bend == 0) for slope, bend in slopes), least

    def silent(self, point, j):
        """Return the same of a unit that puts out nothing: it is moved a little, and switched on much less."""
        loss, quiet, least = self.place.loss(point), True, True
        for ray in [[Q(0)] * self.width, *self.rays]:
            step = [TINY * x for x in ray]
            quiet &= self.place.outputs(self.stepped(point, j, step, Q(1))) == self.place.outputs(point)
            for weight in (-TINIER, TINIER):
                least &= self.place.loss(self.stepped(point, j, step, weight)) >= loss
        return least, quiet, True

    def orders(self):
        """Return the permutations of the units that permute like ones."""
        units = range(self.place.units)
        kinds = [0 if self.net.trainable else a > 0 for a in self.net.weights]
        return [order for order in permutations(units) if all(kinds[j] == kinds[order[j]] for j in units)]

    def sets(self):
        """Return what an atlas says of each set, once for all that permuting like units takes to each other."""
        members = {}
        for choice, root in self.root.items():
            members.setdefault(root, []).append(choice)
        least, found = min(spot.loss for spot in self.spots.values()), []
        self.home = {}
        for root, own in members.items():
            images = {self.root[tuple(own[0][k] for k in order)] for order in self.orders()}
            if root not in self.home:
                self.home |= dict.fromkeys(images, len(found))
                found.append(self.describe(root, [self.spots[choice] for choice in own], len(images), least))
        return found

    def locate(self, point):
        """Return to which of the sets a point belongs, or None."""
        self.sets()
        place = self.place
        if len(point[0]) == self.width + 2:  # two one-hot outputs
            both = [
                [[*row[: self.width], row[self.width + k]] for row in point[:-1]] + [[point[-1][k]]] for k in (0, 1)
            ]
            outputs = [place.outputs(each) for each in both]
            if any(f + g != 1 for f, g in zip(*outputs, strict=True)):
                return None
            rows = zip(*both, strict=True)
            point = [[*a[:-1], (b[-1] - a[-1]) / 2] for a, b in rows]
            point[-1][0] += Q(1, 2)
        if not self.net.trainable:
            signs = [(a > 0) - (a < 0) for a in self.net.weights]
        else:
            signs = [(row[-1] > 0) - (row[-1] < 0) for row in point[: place.units]]
        choice = tuple(zip(signs, map(tuple, place.pattern(point)), strict=True))
        spot, errors = self.spots.get(choice), place.residuals(point)
        if spot is None or list(spot.outputs) != place.outputs(point):
            return None
        for j, sign in enumerate(signs):
            on = self.stepped(point, j, [0] * self.width, Q(1)) if not sign else point
            change = [f - g for f, g in zip(place.outputs(on), spot.outputs, strict=True)]
            if any(change) and sum(e * x for e, x in zip(errors, change, strict=True)):
                return None
        return self.home[self.root[choice]]

    def describe(self, root, spots, orbit, least):
        (first, *_), dimension = spots, max(spot.dimension for spot in spots)
        minimum = "global minimum" if first.loss == least else "local minimum"
        return {
            "kind": minimum if first.sort == "minimum" else first.sort,
            "loss": first.loss,
            "dimension": dimension,
            "isolated": dimension == 0 and root not in self.touched,
            "strict": dimension == 0 and first.sort == "minimum",
            "faces": len(spots),
            "clarke": True,
            "directional": all(spot.directional for spot in spots),
            "autograd_rests": all(spot.torch for spot in spots),
            "autograd_faces": sum(spot.torch for spot in spots),
            "smooth_faces": sum(spot.smooth for spot in spots),
            "orbit": orbit,
            "outputs": list(first.outputs),
        }


@cache
def brute_force(text):
    """Return what brute force says of a landscape, which is JSON."""
    data = json.loads(text)
    points = Dataset("drawn", [[Q(x) for x in point] for point in data["points"]], [Q(y) for y in data["labels"]])
    return BruteForceLayer(NetworkLoss(network_of(data), points, data["loss"]))


TESTS = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def holds(found, conditions):
    """Return whether a set meets conditions, numbers of which may be texts."""
    for name, relation, value in conditions:
        own = found[name]
        wanted = [Q(x) if name == "loss" else x for x in (value if relation == "in" else [value])]
        wanted = [[Q(x) for x in each] if name == "outputs" else each for each in wanted]
        if not (own in wanted if relation == "in" else TESTS[relation](own, wanted[0])):
            return False
    return True


def conclusion(statement, landscapes):
    """Return "proved", "refuted" or "vacuous", as brute force says."""
    (name,) = {statement.get(key) for key in ("sets of", "set of", "every set of", "all sets of")} - {None}
    data = landscapes[name]
    slow = brute_force(json.dumps(data))
    twice = 2 if "one_hot" in data and data["loss"] == "sum" else 1
    labels = list(slow.place.data.labels)
    found = [{**each, "loss": twice * each["loss"], **judged(each["outputs"], labels)} for each in slow.sets()]
    match statement:
        case {"sets of": _, "with": given, "number": [relation, number]}:
            count = sum(each["orbit"] for each in found if holds(each, given))
            return "proved" if TESTS[relation](count, number) else "refuted"
        case {"every set of": _, "with": given, "has": wanted}:
            chosen = [each for each in found if holds(each, given)]
            return ("proved" if all(holds(each, wanted) for each in chosen) else "refuted") if chosen else "vacuous"
        case {"set of": _, "at": point, "has": wanted}:
            here = slow.locate([[Q(x) for x in row] for row in point])
            return "proved" if here is not None and holds(found[here], wanted) else "refuted"
    homes, right = [], True
    for each in statement["are"]:
        home = slow.locate([[Q(x) for x in row] for row in each["witness"]])
        homes.append(home)
        said = [[key, "=", value] for key, value in each.items() if key != "witness"]
        right = right and home is not None and holds(found[home], said)
    complete = len(homes) == len(found) == len(set(homes))
    return "proved" if right and complete else "refuted"


def judged(outputs, labels):
    """Return how many outputs are on the side of their labels, where there are two, and which."""
    if len({*labels}) != 2:
        return {"right": None, "correct": None}
    middle = Q(sum({*labels})) / 2
    correct = [(f > middle) == (y > middle) for f, y in zip(outputs, labels, strict=True)]
    return {"right": sum(correct), "correct": correct}
