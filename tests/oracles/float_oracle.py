"""A slow, independent reading of statements in floats: no code of the package, no derivation by cells."""

import ast
import random
from functools import cache
from itertools import pairwise, product

import numpy as np
from scipy.optimize import linprog

CLOSE = 1e-6
GRID = [-3.0, -2.0, -1.5, -1.0, -2 / 3, -0.5, -1 / 3, -0.25, 0.0, 0.25, 1 / 3, 0.5, 2 / 3, 1.0, 1.5, 2.0, 3.0]


def real(text):
    top, _, bottom = str(text).partition("/")
    return float(top) / float(bottom or 1)


class FloatLandscape:
    """The functions of a landscape, derivatives by interpolation along the curve."""

    def __init__(self, data):
        self.x = np.array([[real(v) for v in point] + [1.0] for point in data["points"]])
        self.y = np.array([real(v) for v in data["labels"]])
        self.units, self.kind = data["units"], data["loss"]
        self.low, self.kink, self.high = (real(data["slopes"][k]) for k in "-0+")

    def z(self, p):
        return np.array(p, dtype=float).reshape(self.units, -1) @ self.x.T

    def outputs(self, p):
        z = self.z(p)
        return np.where(z > 0, self.high * z, self.low * z).sum(axis=0)

    def loss(self, p):
        squares = (self.outputs(p) - self.y) ** 2
        return squares.mean() if self.kind == "mean" else squares.sum()

    def _fit(self, p, d, a, degree, h):
        """Return the Taylor coefficients of the loss along p + t d + t^2 a / 2, t >= 0, by interpolation."""
        t = h * np.arange(degree + 1)
        p, d, a = (np.array(v, dtype=float) for v in (p, d, a))
        values = [self.loss(p + s * d + s * s * a / 2) for s in t]
        return np.polyfit(t / h, values, degree)[::-1] / h ** np.arange(degree + 1)

    def d1(self, p, d):
        return self._fit(p, d, np.zeros(len(d)), 2, 1e-4)[1]

    def d2(self, p, d, a):
        return 2 * self._fit(p, d, a, 4, 1e-3)[2]

    def _slope(self, p, d, where):
        side = np.where(where > 1e-9, self.high, np.where(where < -1e-9, self.low, self.kink))
        scale = 2 / (len(self.y) if self.kind == "mean" else 1)
        return scale * ((self.outputs(p) - self.y) * side * self.z(d)).sum()

    def slope(self, p, d, u):
        z = self.z(p)
        return self._slope(p, d, np.where(abs(z) < 1e-9, self.z(u), z))

    def autograd(self, p, d):
        return self._slope(p, d, self.z(p))

    def out(self, p, i):
        return self.outputs(p)[round(i)]

    def pre(self, p, j, i):
        return self.z(p)[round(j), round(i)]

    def generic(self, p, u):
        kinks = abs(self.z(p)) < 1e-9
        return [(1.0 if (abs(self.z(u))[kinks] > 1e-9).all() else -1.0, ">")]

    def rest(self, p, slopes):
        s, z = np.array(slopes, dtype=float).reshape(self.units, -1), self.z(p)
        used = np.where(z > 1e-9, self.high, np.where(z < -1e-9, self.low, s))
        balance = (used * (self.outputs(p) - self.y)) @ self.x
        low, high = sorted((self.low, self.high))
        bounds = [v for k in s[abs(z) < 1e-9] for v in (k - low, high - k)]
        return [(v, "==") for v in balance.ravel()] + [(v, ">=") for v in bounds]


SYMBOLS = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!="}
TESTS = {
    ">": lambda v: v > CLOSE,
    ">=": lambda v: v > -CLOSE,
    "<": lambda v: v < -CLOSE,
    "<=": lambda v: v < CLOSE,
    "==": lambda v: abs(v) < CLOSE,
    "!=": lambda v: abs(v) > CLOSE,
}


@cache
def compiled(text):
    node = ast.parse(text, mode="eval").body
    parts = [node.left, *node.comparators] if isinstance(node, ast.Compare) else [node]
    kinds = [SYMBOLS[type(op)] for op in node.ops] if isinstance(node, ast.Compare) else []
    return [compile(ast.Expression(part), text, "eval") for part in parts], kinds


def margins(text, space):
    """Return the differences and relations that a text states."""
    parts, kinds = compiled(text)
    sides = [eval(part, {}, space) for part in parts]
    return [(a - b, kind) for a, b, kind in zip(sides, sides[1:], kinds, strict=False)] if kinds else sides[0]


def holds(texts, space):
    """Return whether all relations hold, up to rounding; one that makes no sense does not."""
    try:
        return all(TESTS[relation](value) for text in texts for value, relation in margins(text, space))
    except (NameError, TypeError, AttributeError):
        return False


def fails(texts, space):
    """Return whether the relations fail clearly, not by rounding; one that makes no sense does."""
    loose = {">": ">=", "<": "<="}
    try:
        return any(not TESTS[loose.get(r, r)](value) for text in texts for value, r in margins(text, space))
    except (NameError, TypeError, AttributeError):
        return True


def places(names, extra, count=200):
    """Yield points: the given ones, then the nice values, all of them or a random choice."""
    yield from ({n: real(w[n]) for n in names} for w in extra if set(names) <= set(w))
    if len(names) <= 2:
        yield from (dict(zip(names, v, strict=True)) for v in product(GRID, repeat=len(names)))
        return
    draw = random.Random(1)
    yield from ({n: draw.choice(GRID) for n in names} for _ in range(count))


def roots(names, given, space):
    """Yield where the single equation of a statement in one variable changes its sign."""
    (name,) = names
    (equation,) = [t for t in given if "==" in t]

    def value(x):
        return margins(equation, {**space, name: x})[0][0]

    grid = np.linspace(-10, 10, 801) + 1e-4
    for low, high in pairwise(grid):
        if value(low) * value(high) < 0:
            for _ in range(60):
                middle = (low + high) / 2
                low, high = (low, middle) if value(low) * value(middle) <= 0 else (middle, high)
            yield {name: low}


def wrong(record):
    """Return whether what a record concludes is visibly false, or not shown where it must be."""
    space = {name: FloatLandscape(data) for name, data in record["landscapes"].items()}
    return _wrong(record["statement"], record["conclusion"], record["proof"], space)


def _wrong(statement, conclusion, proof, space):
    match statement:
        case {"not": inner}:
            return _wrong(inner, {"proved": "refuted", "refuted": "proved"}[conclusion], proof, space)
        case {"all of": parts} if conclusion == "proved":
            return any(_wrong(s, "proved", p, space) for s, p in zip(parts, proof["parts"], strict=True))
        case {"all of": parts}:
            return _wrong(parts[proof["part"]], "refuted", proof["proof"], space)
        case {"clarke": name, "at": at}:
            return clarke(space[name], [real(x) for x in at]) != (conclusion == "proved")
        case {"exists": names, "such that": given}:
            return _wrong_for_all(names, given, [], {"proved": "refuted"}.get(conclusion, "vacuous"), proof, space)
        case {"for all": names, "given": given, "then": goals}:
            return _wrong_for_all(names, given, goals, conclusion, proof, space)
    raise AssertionError(statement)


def _wrong_for_all(names, given, goals, conclusion, proof, space):
    extra = [proof[k] for k in ("witness", "instance") if k in proof]
    found = list(places(names, extra)) + (list(roots(names, given, space)) if "root" in proof else [])
    met = [place for place in found if holds(given, {**space, **place})]
    if conclusion == "vacuous":
        return bool(met)
    if conclusion == "proved":
        return not met or any(all(fails(goal, {**space, **place}) for goal in goals) for place in met)
    return not any(all(not holds(goal, {**space, **place}) for goal in goals) for place in met)


def clarke(place, at):
    """Return whether 0 is in the convex hull of the gradients of nearby cells, these found by sampling."""
    draw, size = np.random.default_rng(0), len(at)
    z = place.z(at)
    gradients = set()
    for _ in range(400):
        into = np.where(abs(z) < 1e-9, place.z(draw.normal(size=size)), z)
        gradients.add(tuple(round(place._slope(at, axis, into), 9) for axis in np.eye(size)))
    columns = np.array(sorted(gradients)).T
    equal = np.vstack([columns, np.ones(columns.shape[1])])
    return linprog(np.zeros(columns.shape[1]), A_eq=equal, b_eq=[0] * size + [1]).status == 0
