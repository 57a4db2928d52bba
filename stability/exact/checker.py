"""Does a record prove what it says? Standard library only; shares no code with the finders.

See docs/certificates.md. The one rule: a non-negative combination of products of facts that is 0, one > 0, is absurd.
"""

import ast
import hashlib
import json
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial, reduce
from pathlib import Path
from runpy import run_path
from typing import Any

Poly = dict[Any, Fraction]  # {((variable, power), ...): coefficient}, no zeros
Vector = list[Poly]
Sign = Any  # a function from polynomials to -1, 0, 1
Atom = tuple[Poly, str]  # (polynomial, how it compares with 0)


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


def relations(texts: list[str]) -> str:
    """Return relations in words, as they are read."""
    nodes = [ast.parse(text, mode="eval").body for text in texts]
    need(all(isinstance(node, ast.Compare | ast.Call) for node in nodes), "only relations can be stated")
    return " and ".join(" ".join(ast.unparse(node).split()) for node in nodes)


def constant(value: Fraction | int) -> Poly:
    """Return the constant polynomial."""
    return {(): Fraction(value)} if value else {}


def add(p: Poly, q: Poly, factor: Fraction | int = 1) -> Poly:
    """Return p + factor * q."""
    total = {mono: p.get(mono, Fraction(0)) + factor * q.get(mono, 0) for mono in {*p, *q}}
    return {mono: c for mono, c in total.items() if c}


def multiply(p: Poly, q: Poly) -> Poly:
    """Return the product."""
    total = constant(0)
    for a, b in [(a, b) for a in p for b in q]:
        mono = tuple(sorted((Counter(dict(a)) + Counter(dict(b))).items()))
        total[mono] = total.get(mono, Fraction(0)) + p[a] * q[b]
    return {mono: c for mono, c in total.items() if c}


def number(p: Poly) -> Fraction:
    """Return the value of a polynomial that must be constant."""
    need(set(p) <= {()}, "a number was needed here")
    return p.get((), Fraction(0))


def ray(p: Poly) -> tuple[Any, int]:
    """Return the polynomial scaled to leading coefficient 1, hashable, and the sign of the scale."""
    lead = p[max(p)]
    return tuple(sorted((m, c / lead) for m, c in p.items())), 1 if lead > 0 else -1


class Landscape:
    """The loss of a sum of two-slope units on exact data, rebuilt from a record."""

    def __init__(self, name: str, data: Any) -> None:
        self.points = [[*map(exact, point), Fraction(1)] for point in data["points"]]
        self.labels = [exact(y) for y in data["labels"]]
        self.width, self.count = len(self.points[0]), data["units"]
        need(name.isidentifier() and type(self.count) is int and self.count > 0, "a name and some units")
        self.scale = {"sum": Fraction(1), "mean": Fraction(1, len(self.points))}[data["loss"]]
        self.slopes = {s: exact(data["slopes"][k]) for s, k in ((-1, "-"), (0, "0"), (1, "+"))}
        pairs = ", ".join(f"({', '.join(x)}): {y}" for x, y in zip(data["points"], self.labels, strict=True))
        slopes = f"slopes {self.slopes[-1]} and {self.slopes[1]} (at 0: {self.slopes[0]}) on {pairs}"
        self.words = f"{name} is the {data['loss']} of squared errors of {self.count} unit(s) with {slopes}"

    def linear(self, p: Vector) -> dict[tuple[int, int], Poly]:
        """Return the pre-activations {(unit, example): polynomial} of a parameter vector."""
        need(len(p) == self.width * self.count, "a parameter vector of the wrong length")
        rows = list(enumerate(p[j * self.width : (j + 1) * self.width] for j in range(self.count)))
        pairs = {(j, i): zip(p, x, strict=True) for j, p in rows for i, x in enumerate(self.points)}
        return {key: reduce(lambda z, t: add(z, *t), terms, constant(0)) for key, terms in pairs.items()}

    def expand(self, sign: Sign, *curve: Vector) -> list[Vector]:
        """Return per example the one-sided Taylor terms of f - y along p + t d + t^2 a / 2."""
        terms = [self.linear(p) for p in curve]
        rows: list[Vector] = [[constant(-y)] + [{} for _ in curve[1:]] for y in self.labels]
        for j, i in terms[0]:
            side = next(filter(None, (sign(t[j, i]) for t in terms)), 0)
            if side:
                rows[i] = [add(e, t[j, i], self.slopes[side]) for e, t in zip(rows[i], terms, strict=True)]
        return rows

    def jet(self, sign: Sign, *curve: Vector) -> Poly:
        """Return the loss (p), its one-sided slope (p, d), or second derivative (p, d, a) along the curve."""
        total: Poly = {}
        for e, *more in self.expand(sign, *curve):
            total = add(total, multiply(e, more[-1] if more else e), self.scale * (2 if more else 1))
            total = add(total, multiply(more[0], more[0]), 2 * self.scale) if len(more) == 2 else total
        return total

    def slope(self, sign: Sign, p: Vector, d: Vector, u: Vector | None = None) -> Poly:
        """Return the slope along d that automatic differentiation reports, or that the cell towards u has."""
        z, along, into, total = self.linear(p), self.linear(d), self.linear(u or p), constant(0)
        for i, (e,) in enumerate(self.expand(sign, p)):
            for j in (j for j in range(self.count) if along[j, i]):
                side = sign(z[j, i]) or sign(into[j, i])
                need(side or u is None, "a direction that stays on a kink enters no cell")
                total = add(total, multiply(e, along[j, i]), 2 * self.scale * self.slopes[side])
        return total

    def out(self, sign: Sign, p: Vector, i: Poly) -> Poly:
        """Return the network output at example i."""
        parts = [(z, sign(z)) for (_, k), z in self.linear(p).items() if k == number(i)]
        return reduce(add, (add({}, z, self.slopes[s] if s else 0) for z, s in parts))

    def pre(self, sign: Sign, p: Vector, j: Poly, i: Poly) -> Poly:
        """Return the pre-activation of unit j at example i."""
        return self.linear(p)[number(j), number(i)]  # type: ignore[index]

    def generic(self, sign: Sign, p: Vector, u: Vector) -> list[Atom]:
        """Return the constraint that u enters an open cell from p."""
        z, into = self.linear(p), self.linear(u)
        return [(constant(-1 if any(sign(into[k]) == 0 for k in z if sign(z[k]) == 0) else 1), ">")]

    def rest(self, sign: Sign, p: Vector, slopes: Vector) -> list[Atom]:
        """Return the chain-rule equations of a stationary point, slopes at kinks free between the two."""
        z, gradient, bounds = self.linear(p), [constant(0) for _ in p], list[Atom]()
        low, high = sorted((self.slopes[-1], self.slopes[1]))
        for i, (e,) in enumerate(self.expand(sign, p)):
            for j in range(self.count):
                side, s = sign(z[j, i]), slopes[j * len(self.points) + i]
                if side == 0:
                    bounds += [(add(s, constant(low), -1), ">="), (add(constant(high), s, -1), ">=")]
                force = multiply(e, constant(self.slopes[side]) if side else s)
                for c, x in enumerate(self.points[i], start=j * self.width):
                    gradient[c] = add(gradient[c], force, x)
        return [(g, "=") for g in gradient] + bounds

    loss, d1, d2, autograd = jet, jet, jet, slope


ARITHMETIC: dict[str, Any] = {"Add": add, "Sub": partial(add, factor=-1), "Mult": multiply}
RELATIONS = {"Gt": ">", "GtE": ">=", "Lt": "<", "LtE": "<=", "Eq": "=", "NotEq": "!="}
TESTS = {">": Fraction.__gt__, ">=": Fraction.__ge__, "=": Fraction.__eq__, "!=": Fraction.__ne__}
NEGATION = {">": (-1, ">="), ">=": (-1, ">"), "=": (1, "!="), "!=": (1, "=")}
ARITY = {"loss": 1, "d1": 2, "d2": 3, "slope": 3, "autograd": 2, "out": 2, "pre": 3, "generic": 2, "rest": 2}


@dataclass(frozen=True)
class Branch:
    """What is known on one branch of a proof: values of variables, facts and signs."""

    landscapes: dict[str, Landscape]
    values: dict[str, Poly]
    facts: tuple[Atom, ...] = ()
    signs: dict[Any, int] = field(default_factory=dict)

    def sign(self, p: Poly) -> int:
        """Return the sign of a polynomial, if this branch has fixed it."""
        if set(p) <= {()}:
            return (number(p) > 0) - (number(p) < 0)
        key, turn = ray(p)
        return self.signs[key] * turn

    def having(self, *facts: Atom, **signs: Any) -> "Branch":
        """Return this branch with more facts, and with the signs of more polynomials."""
        return replace(self, facts=(*self.facts, *facts), signs={**self.signs, **signs.get("signs", {})})

    def value(self, node: ast.AST) -> Any:
        """Return the value of an expression: a polynomial, a list of values, or constraints."""
        match node:
            case ast.Constant(value=int(whole)):
                return constant(whole)
            case ast.Name(id=name):
                return self.values[name]
            case ast.List(elts=items):
                return [self.value(item) for item in items]
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return add({}, self.value(inner), -1)
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))) if 0 < power < 13:
                return reduce(multiply, [self.value(left)] * power)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return add({}, self.value(left), 1 / number(self.value(right)))
            case ast.BinOp(left=left, op=op, right=right):
                return ARITHMETIC[type(op).__name__](self.value(left), self.value(right))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr), args=args, keywords=[]):
                need(len(args) == ARITY.get(attr), f"{attr} of {len(args)} is no known function")
                return getattr(self.landscapes[name], attr)(self.sign, *map(self.value, args))
        raise Rejected(f"cannot read {ast.unparse(node)}")

    def read(self, text: str) -> Poly:
        """Return the polynomial that a text stands for."""
        return dict(self.value(ast.parse(text, mode="eval").body))

    def atoms(self, text: str) -> list[Atom]:
        """Return the constraints that a text stands for."""
        node = ast.parse(text, mode="eval").body
        if isinstance(node, ast.Compare):
            sides = [self.value(n) for n in (node.left, *node.comparators)]
            found = zip(sides, sides[1:], (RELATIONS[type(op).__name__] for op in node.ops), strict=False)
            return [(add(b, a, -1), ">" + r[1:]) if r[0] == "<" else (add(a, b, -1), r) for a, b, r in found]
        constraints = self.value(node)
        need(isinstance(constraints, list) and isinstance(node, ast.Call), f"{text} is not a relation")
        return list(constraints)

    def assume(self, given: list[str]) -> "Branch":
        """Return the branch with every given constraint whose signs are known added to the facts."""
        facts: list[Atom] = []
        for text in given:
            with suppress(LookupError):  # a sign that is not fixed yet
                for p, r in self.atoms(text):
                    facts.append((constant(1 if self.sign(p) else -1), ">") if r == "!=" else (p, r))
        return self.having(*facts)

    def absurd(self, terms: list[Any]) -> None:
        """Confirm that the facts contradict each other."""
        total, strict = constant(0), False
        for term in terms:
            need(all(type(k) is int and 0 <= k < len(self.facts) for k in term["of"]), "no such fact")
            facts = [self.facts[k] for k in term["of"]]
            factor = reduce(multiply, (p for p, _ in facts), constant(1))
            if "times" in term:
                need(any(relation == "=" for _, relation in facts), "only an equation has any multiple")
                total = add(total, multiply(factor, self.read(term["times"])))
                continue
            weight, square = exact(term["weight"]), self.read(term.get("square", "1"))
            need(weight > 0, "weights must be positive")
            strict |= "square" not in term and all(relation == ">" for _, relation in facts)
            total = add(total, multiply(multiply(square, square), factor), weight)
        need(strict and not total, "the combination of facts is no contradiction")

    def confirm(self, p: Poly, relation: str, by: Any) -> None:
        """Confirm one relation: at sight for a number, else because its negation is absurd."""
        if by is None:
            need(TESTS[relation](number(p), 0), "a relation that does not hold")
        elif relation == "=":
            self.having((p, ">")).absurd(by[0])
            self.having((add({}, p, -1), ">")).absurd(by[1])
        else:
            turn, opposite = NEGATION[relation]
            self.having((add({}, p, turn), opposite)).absurd(by)

    def walk(self, tree: Any, given: list[str], goals: list[list[str]], negate: bool = False) -> None:
        """Confirm that on every sub-branch the givens are absurd or one of the goals holds (or fails)."""
        if "split" in tree:
            p = self.read(tree["split"])
            key, turn = ray(p)
            for side, name in ((-1, "-"), (0, "0"), (1, "+")):
                fact = (add({}, p, side), ">") if side else (p, "=")
                self.having(fact, signs={key: side * turn}).walk(tree[name], given, goals, negate)
            return
        here = self.assume(given)
        if "absurd" in tree:
            return here.absurd(tree["absurd"])
        wanted = [here.atoms(text) for text in goals[tree["goal"]]]
        need(not negate or all(len(atoms) == 1 for atoms in wanted), "only single relations can be negated")
        for (p, relation), by in zip([atom for atoms in wanted for atom in atoms], tree["by"], strict=True):
            turn, opposite = NEGATION[relation]
            here.confirm(*((add({}, p, turn), opposite) if negate else (p, relation)), by)


@dataclass(frozen=True)
class Prover:
    """The statements of one record, confirmed one by one."""

    landscapes: dict[str, Landscape]

    def start(self, names: list[str], witness: dict[str, str] | None = None) -> Branch:
        """Return the branch on which the variables have their witness values, or nothing is known of them."""
        values = {n: constant(exact(witness[n])) if witness else {((n, 1),): Fraction(1)} for n in names}
        return Branch(self.landscapes, values)

    def holds(self, branch: Branch, texts: list[str]) -> bool:
        """Tell whether all relations hold on a branch where everything is a number."""
        return all(TESTS[relation](number(p), 0) for text in texts for p, relation in branch.atoms(text))

    def inhabited(self, names: list[str], given: list[str], proof: Any) -> None:
        """Confirm that the givens can be met: by an instance, or by a root that is bracketed."""
        if not given or "instance" in proof:
            return need(not given or self.holds(self.start(names, proof["instance"]), given), "no instance")
        need(len(names) == 1 and exact(proof["root"][0]) < exact(proof["root"][1]), "a bracket for one")
        ends = [[a for t in given for a in self.start(names, {names[0]: e}).atoms(t)] for e in proof["root"]]
        atoms = [a for t in given for a in self.start(names).atoms(t)]
        need([relation for _, relation in atoms].count("=") == 1, "one equation for one root")
        for (p, relation), (low, _), (high, _) in zip(atoms, *ends, strict=True):
            a, b, degree = number(low), number(high), max(sum(n for _, n in mono) for mono in p)
            straight = relation in (">", ">=") and degree < 2 and min(a, b) >= 0 and a + b > 0
            need(a * b < 0 if relation == "=" else straight, "the bracket shows no such root")

    def for_all(self, names: Any, given: Any, goals: Any, conclusion: str, proof: Any) -> None:
        """Confirm a universal statement, its refutation, or that its givens contradict each other."""
        need(all(map(str.isidentifier, names)) and all(type(g) is list for g in goals), "names, and lists")
        start = self.start(names)
        if conclusion == "vacuous":
            return start.walk(proof["empty"], given, [])
        if conclusion == "refuted" and "witness" in proof:
            here = self.start(names, proof["witness"])
            need(not any(self.holds(here, goal) for goal in goals), "the counterexample is none")
            return need(self.holds(here, given), "the counterexample violates the givens")
        self.inhabited(names, given, proof)
        if conclusion == "proved":
            return start.walk(proof["tree"], given, goals)
        need(conclusion == "refuted", "a conclusion of no known kind")
        picked = [goal[k] for goal, k in zip(goals, proof["picks"], strict=True)]
        return start.walk(proof["never"], given, [picked], negate=True)

    def clarke(self, name: str, at: list[str], conclusion: str, proof: Any) -> None:
        """Confirm that 0 is, or is not, a convex combination of the gradients of the cells around a point."""
        place, point = self.landscapes[name], [constant(exact(x)) for x in at]
        need(len(at) == place.width * place.count, "a point of the wrong length")
        if conclusion == "refuted":
            names = [f"u{k}" for k in range(len(at))]
            p, u, d = (f"[{', '.join(v)}]" for v in (at, names, map(str, map(exact, proof["separator"]))))
            given, goal = [f"{name}.generic({p}, {u})"], f"{name}.slope({p}, {d}, {u}) < 0"
            return self.start(names).walk(proof["tree"], given, [[goal]])
        weights, here = [exact(w) for w in proof["weights"]], Branch(self.landscapes, {})
        need(conclusion == "proved" and min(weights) >= 0 and sum(weights) == 1, "weights of a mean")
        for k in range(len(at)):
            axis, total = [constant(int(k == c)) for c in range(len(at))], constant(0)
            for weight, toward in zip(weights, proof["toward"], strict=True):
                into = [constant(exact(x)) for x in toward]
                total = add(total, place.slope(here.sign, point, axis, into), weight)
            need(not total, "the combination of gradients is not 0")

    def confirm(self, statement: Any, conclusion: str, proof: Any) -> str:
        """Confirm that the proof shows this conclusion about the statement; return the statement in words."""
        match statement:
            case {"for all": names, "given": given, "then": goals}:
                self.for_all(names, given, goals, conclusion, proof)
                said = " or ".join(map(relations, goals))
                return f"for all {', '.join(names)}{' with ' * bool(given)}{relations(given)}: {said}"
            case {"exists": names, "such that": given}:
                self.for_all(names, given, [], {"proved": "refuted", "refuted": "vacuous"}[conclusion], proof)
                return f"there are {', '.join(names)} with {relations(given)}"
            case {"clarke": name, "at": at}:
                self.clarke(name, at, conclusion, proof)
                return f"({', '.join(at)}) is a Clarke-stationary point of {name}"
            case {"not": inner}:
                opposite = {"proved": "refuted", "refuted": "proved"}[conclusion]
                return f"not [{self.confirm(inner, opposite, proof)}]"
            case {"all of": parts} if conclusion == "proved":
                pairs = zip(parts, proof["parts"], strict=True)
                return " and ".join(f"[{self.confirm(part, conclusion, why)}]" for part, why in pairs)
            case {"all of": parts} if conclusion == "refuted":
                return f"[{self.confirm(parts[proof['part']], conclusion, proof['proof'])}] and more"
        raise Rejected("a statement or conclusion of no known kind")


def digest(record: dict[str, Any]) -> str:
    """Return the fingerprint of everything in a record but its id."""
    return hashlib.sha256(json.dumps({**record, "id": ""}, sort_keys=True).encode()).hexdigest()[:20]


def check(record: dict[str, Any]) -> str:
    """Return what the record concludes, in words; raise Rejected if it does not prove it."""
    try:
        if (kind := record["format"].removeprefix("stability-").removesuffix("/1")) in ("atlas", "flow"):
            return str(run_path(str(Path(__file__).with_name(f"{kind}_checker.py")))["check"](record))
        need(record["format"] == "stability-record/1", "an unknown format")
        need(record["id"] == digest(record), "the fingerprint does not fit: the record was altered")
        landscapes = {name: Landscape(name, data) for name, data in record["landscapes"].items()}
        said = Prover(landscapes).confirm(record["statement"], record["conclusion"], record["proof"])
        return "; ".join([f"{record['conclusion']}: {said}", *(x.words for x in landscapes.values())])
    except Exception as problem:
        raise Rejected(f"{type(problem).__name__}: {problem}") from problem


def main(paths: list[str]) -> int:
    """Check the records in files and folders, say what each concludes, return the exit status."""
    files, failures = [f for p in map(Path, paths) for f in (sorted(p.rglob("*.json")) if p.is_dir() else [p])], 0
    for file in files:
        try:
            print(f"ok    {file.stem}: {check(json.loads(file.read_text(encoding='utf-8')))}")
        except (Rejected, OSError, ValueError, RecursionError) as problem:
            failures += 1
            print(f"FAIL  {file}: {problem}")
    print(f"{len(files) - failures} records confirmed, {failures} rejected")
    return int(failures > 0 or not files)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["proofs/records"]))
