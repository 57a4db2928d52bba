"""What a formal statement comes to by brute force: exact points of a grid, and thousands of points found by Newton.

Formulas are interpreted here, losses are written out by hand, and slopes come from power series cut off behind t^2:
nothing of the prover, the checker or the atlas is used. A point that violates a universal statement, or shows an
existential one, decides it; that none is found among thousands only supports the opposite.
"""

import ast
from fractions import Fraction as Q
from functools import cache
from itertools import pairwise
from operator import add, mul, sub

import numpy as np

TIE, MARGIN = 1e-9, 1e-6
"""Up to where two floats count as equal, and from where on they count as different."""

STARTS, STEPS, GRID, COMBINATIONS = 2000, 25, 150, 6
"""Starts and steps of Newton's method, exact points, and searches against statements with alternatives."""

RELATIONS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
OPERATIONS = {ast.Add: add, ast.Sub: sub, ast.Mult: mul, ast.Div: lambda a, b: a / b, ast.Pow: lambda a, b: a ** int(b)}


EXACTLY, NEARLY, EVALUATED = "a point, exact", "a point, to 13 digits", "numbers, exact"
"""How a statement is decided: those of all values by one that fails, those of numbers by these."""


@cache
def tree(text):
    return ast.parse(text, mode="eval").body


class Points:
    """Values of variables at many points at once: floats, or Fractions in arrays of objects."""

    def __init__(self, names, rows, landscapes, exact):
        self.names, self.rows, self.landscapes, self.exact = names, rows, landscapes, exact
        self.one = np.full(len(rows), Q(1), dtype=object) if exact else np.ones(len(rows))
        self.tie = 0 if exact else 1e-11

    def at(self, rows):
        return Points(self.names, rows, self.landscapes, self.exact)

    def number(self, text):
        return (Q(text) if self.exact else float(Q(text))) * self.one

    def value(self, node):
        """Return a number at every point, or a list of those."""
        match node:
            case ast.Constant(value=value):
                return self.number(repr(value))
            case ast.Name(id=name):
                return self.rows[:, self.names.index(name)]
            case ast.List(elts=entries) | ast.Tuple(elts=entries):
                return [self.value(each) for each in entries]
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -self.value(inner)
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self.value(inner)
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=power)):
                return self.value(left) ** power
            case ast.BinOp(left=left, op=op, right=right):
                return OPERATIONS[type(op)](self.value(left), self.value(right))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=function), args=given):
                place = Place(self, self.landscapes[name])
                indices = [each.value if isinstance(each, ast.Constant) else self.value(each) for each in given]
                return getattr(place, function)(*indices)
            case ast.Call(func=ast.Name(id="abs"), args=[inner]):
                return np.abs(self.value(inner))
            case ast.Call(func=ast.Name(id="relu"), args=[inner]):
                return np.maximum(self.value(inner), self.number("0"))
            case ast.Call(func=ast.Name(id=word), args=[first, *rest]) if word in ("max", "min"):
                found = self.value(first)
                for each in rest:
                    found = (np.maximum if word == "max" else np.minimum)(found, self.value(each))
                return found
        raise AssertionError(ast.dump(node))

    def sign(self, values):
        return np.where(values > self.tie, 1, np.where(values < -self.tie, -1, 0))


class Place:
    """The loss of a record's landscape, written out."""

    def __init__(self, points, record):
        self.points, self.record, self.units = points, record, record["units"]
        self.data = [[*map(points.number, row), points.one] for row in record["points"]]
        self.labels = [points.number(y) for y in record["labels"]]
        self.slopes = {sign: points.number(record["slopes"][key]) for sign, key in ((-1, "-"), (0, "0"), (1, "+"))}
        self.scale = points.number("1") / (len(self.data) if record["loss"] == "mean" else 1)

    def heights(self, flat, i):
        """Return the pre-activations of all units on an example."""
        width = len(self.data[0])
        return [sum(map(mul, flat[j * width : (j + 1) * width], self.data[i])) for j in range(self.units)]

    def pre(self, flat, j, i):
        return self.heights(flat, i)[j]

    def slope(self, *parts):
        """Return the slope on the side to which the first of these points that is not 0."""
        side = 0
        for each in parts:
            side = np.where(side == 0, self.points.sign(each), side)
        return np.where(side > 0, self.slopes[1], np.where(side < 0, self.slopes[-1], self.slopes[0]))

    def out(self, flat, i):
        return sum(self.slope(z) * z for z in self.heights(flat, i))

    def errors(self, flat):
        return [self.out(flat, i) - y for i, y in enumerate(self.labels)]

    def loss(self, flat):
        return self.scale * sum(e * e for e in self.errors(flat))

    def series(self, flat, d, a):
        """Return the coefficients of t and t^2 of the loss at flat + t d + t^2 a / 2."""
        first = second = 0 * self.points.one
        for i, y in enumerate(self.labels):
            triples = zip(self.heights(flat, i), self.heights(d, i), self.heights(a, i), strict=True)
            e0, e1, e2 = -y, 0, 0
            for z0, z1, z2 in triples:
                z2, s = z2 / 2, self.slope(z0, z1, z2)
                e0, e1, e2 = e0 + s * z0, e1 + s * z1, e2 + s * z2
            first, second = first + 2 * e0 * e1, second + e1 * e1 + 2 * e0 * e2
        return self.scale * first, self.scale * second

    def d1(self, flat, d):
        return self.series(flat, d, [0 * x for x in d])[0]

    def d2(self, flat, d, a):
        return 2 * self.series(flat, d, a)[1]

    def autograd(self, flat, d):
        found = 0 * self.points.one
        for i, e in enumerate(self.errors(flat)):
            pairs = zip(self.heights(flat, i), self.heights(d, i), strict=True)
            found = found + 2 * e * sum(self.slope(z) * step for z, step in pairs)
        return self.scale * found

    def balance(self, flat, slopes):
        """Return, for one unit, the force on each parameter with given slopes."""
        errors = self.errors(flat)
        width = len(self.data[0])
        return [sum(e * s * x[k] for e, s, x in zip(errors, slopes, self.data, strict=True)) for k in range(width)]


def relations(text, points, signs=None):
    """Return what a relation says as pairs of a relation to 0 and values.

    `signs` are those of pre-activations on whose faces stationary points are sought.
    """
    node = tree(text)
    if isinstance(node, ast.Call) and node.func.attr == "rest":
        return resting(node, points, signs)
    sides = [points.value(each) for each in (node.left, *node.comparators)]
    size = [1 if points.exact else 1 + np.abs(a) + np.abs(b) for a, b in pairwise(sides)]
    steps = zip(node.ops, sides[:-1], sides[1:], size, strict=True)
    return [(RELATIONS[type(op)], (a - b) / scale) for op, a, b, scale in steps]


def resting(node, points, signs):
    place = Place(points, points.landscapes[node.func.value.id])
    flat, slopes = points.value(node.args[0]), points.value(node.args[1])
    found = [("==", force) for force in place.balance(flat, slopes)]
    for i, s in enumerate(slopes):
        (z,) = place.heights(flat, i)
        sign = points.sign(z) if signs is None else signs[:, i]
        fixed = np.where(sign > 0, place.slopes[1], place.slopes[-1])
        low, high = np.minimum(place.slopes[1], place.slopes[-1]), np.maximum(place.slopes[1], place.slopes[-1])
        found += [("==", np.where(sign == 0, z, s - fixed)), (">=", np.where(sign == 0, s - low, sign * z))]
        found += [(">=", np.where(sign == 0, high - s, points.one))]
    return found


def holds(relation, value, exact):
    """Return where a relation to 0 holds, and where it fails; between them floats do not say."""
    if exact:
        tests = {"==": value == 0, "!=": value != 0, "<": value < 0, "<=": value <= 0, ">": value > 0, ">=": value >= 0}
        found = np.array(tests[relation], dtype=bool)
        return found, ~found
    if relation in ("==", "!="):
        same, other = np.abs(value) <= TIE, np.abs(value) > MARGIN
        return (same, other) if relation == "==" else (other, np.abs(value) <= 1e-11)
    signed = value if relation[0] == ">" else -value
    return signed > TIE, signed < -MARGIN


def together(pairs, points):
    """Return where all relations hold, and where one fails."""
    true, false = np.ones(len(points.rows), bool), np.zeros(len(points.rows), bool)
    for relation, value in pairs:
        here, not_here = holds(relation, value, points.exact)
        true, false = true & here, false | not_here
    return true, false


def admitted(pairs, points):
    """Return where all relations are met, bounds included in floats."""
    if points.exact:
        return together(pairs, points)[0]
    found = np.ones(len(points.rows), bool)
    near = 1e-13 * (1 + np.abs(points.rows).max(1, initial=0))
    for relation, value in pairs:
        signed = -value if relation[0] == "<" else value
        met = (
            np.abs(value) <= near if relation == "==" else np.abs(value) > TIE if relation == "!=" else signed > -1e-12
        )
        found &= met & ((signed > TIE) | (relation not in ("<", ">")))
    return found


def grid(names, rng):
    """Return exact points: small whole numbers and simple fractions, many of them 0 or alike."""
    pool = [Q(0), *(Q(n, d) for d in (1, 2, 4, 10) for n in (-7, -3, -2, -1, 1, 2, 3, 7))]
    rows = [[pool[rng.integers(len(pool))] for _ in names] for _ in range(GRID)]
    for row in rows[: GRID // 3]:
        for k in range(1, len(names)):
            if rng.random() < 0.6:
                row[k] = row[rng.integers(k)] * int(rng.choice([-1, 1]))
    return np.array(rows, dtype=object).reshape(GRID, len(names))


def residuals(texts, points, signs, slack):
    """Return by how much every relation is missed, so that 0 meets it."""
    found = []
    for text in texts:
        for relation, value in relations(text, points, signs):
            if relation == "==":
                found.append(value)
            elif relation != "!=":
                signed = value if relation[0] == ">" else -value
                least, aim = (-1e-13, slack) if relation[1:] else (1e-6, np.maximum(slack, 1e-3))
                found.append(np.where(signed < least, signed - aim, 0 * signed))
    return np.array(found).T.reshape(len(points.rows), -1)


def newton(texts, points, signs, rng):
    """Move starts until they meet relations, by the least step that the linear parts of those missed ask for."""
    rows, slack = points.rows, 10.0 ** rng.uniform(-3, 0, len(points.rows)) * rng.integers(0, 2, len(points.rows))
    for _ in range(STEPS if texts else 0):
        missed = residuals(texts, points.at(rows), signs, slack)
        if not missed.size or not np.abs(missed).max():
            break
        jacobian = np.empty((*missed.shape, rows.shape[1]))
        for k in range(rows.shape[1]):
            moved = rows.copy()
            moved[:, k] += 1e-6
            jacobian[:, :, k] = (residuals(texts, points.at(moved), signs, slack) - missed) / 1e-6
        jacobian[missed == 0] = 0
        with np.errstate(all="ignore"):
            bad = ~np.isfinite(jacobian).all((1, 2)) | ~np.isfinite(missed).all(1)
            jacobian[bad], missed[bad] = 0, 0
            rows = rows - np.einsum("nkm,nm->nk", np.linalg.pinv(jacobian, rcond=1e-8), missed)
            rows = np.clip(rows, -1e6, 1e6)
    return points.at(rows)


def feasible(names, texts, landscapes, seed):
    """Return points of both kinds at which all relations of a list are met."""
    rng = np.random.default_rng(seed)
    exact = Points(names, grid(names, rng), landscapes, exact=True)
    scales = 10.0 ** rng.uniform(-1.5, 1, (STARTS, 1))
    rows = rng.normal(size=(STARTS, len(names))) * scales
    rows[: STARTS // 6] = np.round(rows[: STARTS // 6] * 4) / 4
    floats = Points(names, rows, landscapes, exact=False)
    signs = rng.integers(-1, 2, (STARTS, 4)) if any(".rest(" in text for text in texts) else None
    moved = newton(texts, floats, signs, rng)
    if any("relu" in text or "out(" in text for text in texts):  # Newton stops on the kinks: go on from beside them
        beside = moved.rows + rng.normal(size=rows.shape) * scales / 10
        moved = newton(texts, floats.at(beside), signs, rng)
    found = []
    for points, pattern in ((exact, None), (moved, signs)):
        with np.errstate(all="ignore"):
            pairs = [pair for text in texts for pair in relations(text, points, pattern)]
            found.append(points.at(points.rows[admitted(pairs, points)]))
    return found


def universal(statement, landscapes, seed):
    """Return (verdict, how) of a statement for all values."""
    names, given, goals = statement["for all"], statement["given"], statement["then"]
    if not names:
        points = Points([], np.empty((1, 0), dtype=object), landscapes, exact=True)
        ok = [
            together([p for text in group for p in relations(text, points)], points)[0][0] for group in [given, *goals]
        ]
        return ("vacuous" if not ok[0] else "proved" if any(ok[1:]) else "refuted"), EVALUATED
    seen = 0
    for points in feasible(names, given, landscapes, seed):
        seen += len(points.rows)
        if found := violated(points, given, goals):
            return "refuted", found
    for k, aims in enumerate(opposites(goals, np.random.default_rng(seed))):
        for points in feasible(names, [*given, *aims], landscapes, seed + k + 1):
            if found := violated(points, given, goals):
                return "refuted", found
    return ("proved", f"{seen} points") if seen else ("vacuous", nowhere(names, given, landscapes, seed))


def nowhere(names, texts, landscapes, seed):
    """Return that no point was found, and how many are found if one of the relations is left out."""
    found = 0
    for k in range(len(texts)):
        fewer = [*texts[:k], *texts[k + 1 :]]
        found = max(found, *(len(points.rows) for points in feasible(names, fewer, landscapes, seed + k + 1)))
    return f"no point, {found} without one of the relations"


def violated(points, given, goals):
    """Return how a point was found at which every alternative fails, "" if there is none."""
    failing = failures(points, goals) if len(points.rows) else np.zeros(0, bool)
    if not failing.any():
        return "" if points.exact or not len(points.rows) else violated(simplified(points, given), given, goals)
    rows = np.array([[Q(x) for x in row] for row in points.rows[failing][:5]], dtype=object)
    exact = Points(points.names, rows, points.landscapes, exact=True)
    true = admitted([pair for text in given for pair in relations(text, exact)], exact)
    return EXACTLY if (true & failures(exact, goals)).any() else NEARLY


def simplified(points, given):
    """Return simple fractions near points where the hypotheses hold exactly, and what floats leave open is decided."""
    near = {tuple(Q(x).limit_denominator(12) for x in row) for row in points.rows if np.abs(row).max(initial=0) < 100}
    distances = sorted(near, key=lambda row: (sum(x.denominator for x in row), row))[:GRID]
    rows = np.array(distances, dtype=object).reshape(len(distances), len(points.names))
    exact = Points(points.names, rows, points.landscapes, exact=True)
    if not len(rows):
        return exact
    return exact.at(rows[admitted([pair for text in given for pair in relations(text, exact)], exact)])


def failures(points, goals):
    failing = np.ones(len(points.rows), bool)
    for goal in goals:
        failing &= together([pair for text in goal for pair in relations(text, points)], points)[1]
    return failing


def opposites(goals, rng):
    """Return aims for a search: the opposite of each relation of one alternative, or of one at random of each."""
    found = [[each for text in goal if (each := opposite(text))] for goal in goals]
    if not all(found):
        return []
    if len(found) == 1:
        return [[each] for each in found[0]]
    drawn = ([goal[rng.integers(len(goal))] for goal in found] for _ in range(COMBINATIONS))
    return [list(dict.fromkeys(each)) for each in drawn]


def opposite(text):
    """Return a relation that excludes one, with room between; "" where there is none of that form."""
    node = tree(text)
    if not isinstance(node, ast.Compare) or len(node.ops) > 1 or isinstance(node.ops[0], ast.Eq):
        return ""
    word = {"!=": "==", "<": ">", "<=": ">", ">": "<", ">=": "<"}[RELATIONS[type(node.ops[0])]]
    return f"{ast.unparse(node.left)} {word} {ast.unparse(node.comparators[0])}"


def existential(statement, landscapes, seed):
    """Return (verdict, how) of a statement that there are values."""
    texts = statement["such that"]
    for points in feasible(statement["exists"], texts, landscapes, seed):
        if len(points.rows):
            return "proved", EXACTLY if points.exact else NEARLY
    return "refuted", nowhere(statement["exists"], texts, landscapes, seed)


def rederived(statement, landscapes, seed=0):
    """Return "proved", "refuted" or "vacuous", and how that was found."""
    match statement:
        case {"all of": parts}:
            found = [rederived(part, landscapes, seed + k) for k, part in enumerate(parts)]
            for verdict in ("refuted", "vacuous"):
                for each in found:
                    if each[0] == verdict:
                        return each
            return "proved", "; ".join(dict.fromkeys(how for _, how in found))
        case {"not": inner}:
            verdict, how = rederived(inner, landscapes, seed)
            return {"proved": "refuted", "refuted": "proved"}.get(verdict, verdict), how
        case {"for all": _}:
            return universal(statement, landscapes, seed)
        case {"exists": _}:
            return existential(statement, landscapes, seed)
    raise AssertionError(statement)
