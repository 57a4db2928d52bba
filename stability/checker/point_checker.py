"""Verification of records about points. Standard library only; shares no code with the finders.

See docs/certificates.md. The one rule: a non-negative combination of products of facts that is 0, one > 0, is absurd.
"""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import isqrt
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, grammar, reading, places = map(part, ("limits", "grammar", "point_grammar", "point_landscapes"))
need, exact, constant, number, ray = limits.need, limits.exact, places.constant, places.number, places.ray

Poly = dict[Any, Fraction]
Atom = tuple[Poly, str]  # (polynomial, how it compares with 0)

TESTS = {">": Fraction.__gt__, ">=": Fraction.__ge__, "=": Fraction.__eq__, "!=": Fraction.__ne__}
FINE = 1000  # one part of so many is between the two numbers that are known around a square root
NEGATION = {">": (-1, ">="), ">=": (-1, ">"), "=": (1, "!="), "!=": (1, "=")}


class Open(Exception):  # noqa: N818 - it is no error
    """A sign is needed that a branch has not fixed."""


@dataclass(frozen=True)
class Branch:
    """What is known on one branch of a proof: values of variables, facts and signs."""

    scope: Any
    landscapes: dict[str, Any]
    algebra: Any
    values: dict[str, Poly]
    facts: tuple[Atom, ...] = ()
    signs: dict[Any, int] = field(default_factory=dict)

    def sign(self, p: Poly) -> int:
        """Return the sign of a polynomial, if this branch has fixed it."""
        if places.is_number(p):
            return int(number(p) > 0) - int(number(p) < 0)
        self.algebra.meter.spend(len(p))
        key, turn = ray(p)
        if key not in self.signs:
            raise Open
        return self.signs[key] * int(turn)

    def having(self, *facts: Atom, **signs: Any) -> "Branch":
        """Return this branch with more facts, and with the signs of more polynomials."""
        return replace(self, facts=(*self.facts, *facts), signs={**self.signs, **signs.get("signs", {})})

    def value(self, node: Any) -> Any:
        """Return the value of the tree of a formula: a polynomial, or constraints."""
        match node:
            case ("number", whole):
                return constant(whole)
            case ("root", whole):
                return places.root(whole)
            case ("variable", name):
                return self.values[name]
            case ("sum", terms):
                return self.algebra.total([(turn, self.value(each)) for turn, each in terms])
            case ("product", factors):
                return self.quotient(factors)
            case ("power", base, exponent):
                return self.algebra.product([self.value(base)] * exponent)
            case ("abs" | "relu" | "max" | "min" as name, arguments):
                return self.piecewise(name, [self.value(each) for each in arguments])
        _, name, function, arguments = node
        found = [[self.value(x) for x in each] if type(each) is list else each for each in arguments]
        return getattr(self.landscapes[name], function)(self.sign, *found)

    def piecewise(self, name: str, values: list[Poly]) -> Poly:
        """Return a function of numbers, where this branch has fixed the signs that it depends on."""
        found, *more = values
        if not more:
            side = self.sign(found)
            return self.minus(found, side if name == "abs" else max(side, 0))
        for each in more:
            side = self.sign(self.algebra.add(each, found, -1))
            found = each if side == (1 if name == "max" else -1) else found
        return found

    def quotient(self, factors: list[Any]) -> Poly:
        """Return a product, some factors of which are divided by."""
        found = constant(1)
        for sign, each in factors:
            factor = self.value(each)
            if sign == "/":
                need(set(factor) == {()}, "only numbers other than 0 can be divided by")
                factor = constant(1 / number(factor))
            found = self.algebra.multiply(found, factor)
        return dict(found)

    def read(self, text: str) -> Poly:
        """Return the polynomial that a text stands for."""
        return dict(self.value(self.scope.expression(text)))

    def atoms(self, text: str) -> list[Atom]:
        """Return the constraints that a text stands for."""
        node, add = self.scope.relation(text), self.algebra.add
        if node[0] != "compare":
            return list(self.value(node))
        sides = [self.value(each) for each in node[1]]
        found = zip(sides, sides[1:], node[2], strict=False)
        return [(add(b, a, -1), ">" + r[1:]) if r[0] == "<" else (add(a, b, -1), r) for a, b, r in found]

    def assume(self, given: list[str]) -> "Branch":
        """Return the branch with every given constraint whose signs are known added to the facts."""
        facts: list[Atom] = []
        for text in given:
            with suppress(Open):
                for p, r in self.atoms(text):
                    facts.append((constant(1 if self.sign(p) else -1), ">") if r == "!=" else (p, r))
        return self.having(*facts)

    def absurd(self, terms: list[Any]) -> None:
        """Confirm that the facts contradict each other."""
        parts: list[tuple[Fraction | int, Poly]] = []
        strict, multiply = False, self.algebra.multiply
        for term in terms:
            need(all(0 <= k < len(self.facts) for k in term["of"]), "no such fact")
            facts = [self.facts[k] for k in term["of"]]
            factor = self.algebra.product(p for p, _ in facts)
            if "times" in term:
                need(any(relation == "=" for _, relation in facts), "only an equation has any multiple")
                parts.append((1, multiply(factor, self.read(term["times"]))))
                continue
            weight, square = exact(term["weight"]), self.read(term.get("square", "1"))
            need(weight > 0, "weights must be positive")
            strict |= "square" not in term and all(relation == ">" for _, relation in facts)
            parts.append((weight, multiply(multiply(square, square), factor)))
        need(strict and not self.algebra.total(parts), "the combination of facts is no contradiction")

    def minus(self, p: Poly, turn: int) -> Poly:
        """Return a polynomial, with the other sign if the turn is -1; nothing is left of it if the turn is 0."""
        return dict(self.algebra.total([(turn, p)]))

    def confirm(self, p: Poly, relation: str, by: Any) -> None:
        """Confirm one relation: at once for a number, else because its negation is absurd."""
        if by is None:
            need(TESTS[relation](number(p), Fraction(0)), "a relation that does not hold")
        elif relation == "=":
            need(len(by) == 2 and all(type(each) is list for each in by), "an equation needs two reasons")
            self.having((p, ">")).absurd(by[0])
            self.having((self.minus(p, -1), ">")).absurd(by[1])
        else:
            need(not any(type(each) is list for each in by), "one reason for one relation")
            turn, opposite = NEGATION[relation]
            self.having((self.minus(p, turn), opposite)).absurd(by)

    def replay(self, tree: Any, given: list[str], goals: list[list[str]], negate: bool = False) -> None:
        """Confirm that on every sub-branch the givens are absurd or one of the goals holds (or fails)."""
        if "split" in tree:
            p = self.read(tree["split"])
            need(p, "a distinction by the sign of 0")
            key, turn = ray(p)
            for side, name in ((-1, "-"), (0, "0"), (1, "+")):
                fact = (self.minus(p, side), ">") if side else (p, "=")
                self.having(fact, signs={key: side * turn}).replay(tree[name], given, goals, negate)
            return
        here = self.assume(given)
        if "absurd" in tree:
            return here.absurd(tree["absurd"])
        try:
            wanted = [here.atoms(text) for text in goals[tree["goal"]]]
        except Open:
            raise limits.Rejected("a sign that is needed is not distinguished by the proof") from None
        need(not negate or all(len(atoms) == 1 for atoms in wanted), "only single relations can be negated")
        atoms = [atom for each in wanted for atom in each]
        need(len(atoms) == len(tree["by"]), f"expected {len(atoms)} reasons; got {len(tree['by'])}")
        for (p, relation), by in zip(atoms, tree["by"], strict=True):
            turn, opposite = NEGATION[relation]
            here.confirm(*((self.minus(p, turn), opposite) if negate else (p, relation)), by)


@dataclass(frozen=True)
class Prover:
    """The statements of one record, confirmed one by one."""

    landscapes: dict[str, Any]
    reading: Any
    algebra: Any

    def start(self, names: list[str], witness: dict[str, str] | None = None) -> Branch:
        """Return the branch on which the variables have their witness values, or nothing is known of them."""
        values = {n: places.known(witness[n]) if witness else {((n, 1),): Fraction(1)} for n in names}
        return Branch(self.reading.scope(names), self.landscapes, self.algebra, values)

    def free(self, names: list[str], *texts: list[str]) -> Branch:
        """Return the branch on which nothing is known but what the square root in these texts lies between."""
        start = self.start(names)
        for whole in reading.formulas.roots(text for each in texts for text in each):
            p, floor = places.root(whole), Fraction(isqrt(whole * FINE * FINE), FINE)
            low, high = (self.algebra.add(p, constant(x), -1) for x in (floor, floor + Fraction(1, FINE)))
            start = start.having((p, ">"), (low, ">"), (start.minus(high, -1), ">"))
        return start

    def holds(self, branch: Branch, texts: list[str]) -> bool:
        """Return whether all relations hold on a branch where everything is a number."""
        return all(TESTS[r](number(p), Fraction(0)) for text in texts for p, r in branch.atoms(text))

    def inhabited(self, names: list[str], given: list[str], proof: Any) -> None:
        """Confirm that the givens can be met: by an instance, or by a root that is bracketed."""
        if not given or "instance" in proof:
            return need(not given or self.holds(self.start(names, proof["instance"]), given), "no instance")  # type: ignore[no-any-return]
        need(len(names) == 1 and exact(proof["root"][0]) < exact(proof["root"][1]), "a bracket for one")
        ends = [[a for t in given for a in self.start(names, {names[0]: e}).atoms(t)] for e in proof["root"]]
        try:
            atoms = [a for t in given for a in self.start(names).atoms(t)]
        except Open:
            raise limits.Rejected("a bracket of a root decides no sign of a landscape") from None
        need([relation for _, relation in atoms].count("=") == 1, "one equation for one root")
        for (p, relation), (low, _), (high, _) in zip(atoms, *ends, strict=True):
            a, b = number(low), number(high)
            degree = max((sum(n for _, n in mono) for mono in p), default=0)
            straight = relation in (">", ">=") and degree < 2 and min(a, b) >= 0 and a + b > 0
            need(a * b < 0 if relation == "=" else straight, "the bracket shows no such root")

    def for_all(self, names: Any, given: Any, goals: Any, conclusion: str, proof: Any) -> None:
        """Confirm a universal statement, its refutation, or that its givens contradict each other."""
        if conclusion == "vacuous":
            return self.free(names, given).replay(proof["empty"], given, [])
        if conclusion == "refuted" and "witness" in proof:
            here = self.start(names, proof["witness"])
            need(not any(self.holds(here, goal) for goal in goals), "the counterexample is none")
            return need(self.holds(here, given), "the counterexample violates the givens")  # type: ignore[no-any-return]
        self.inhabited(names, given, proof)
        if conclusion == "proved":
            return self.free(names, given, *goals).replay(proof["tree"], given, goals)
        picked = [goal[k] for goal, k in zip(goals, proof["picks"], strict=True)]
        return self.free(names, given, picked).replay(proof["never"], given, [picked], negate=True)

    def clarke(self, name: str, at: list[str], conclusion: str, proof: Any) -> None:
        """Confirm that 0 is, or is not, a convex combination of the gradients of the cells around a point."""
        place, point = self.landscapes[name], [constant(exact(x)) for x in at]
        if conclusion == "refuted":
            names = [f"u{k}" for k in range(len(at))]
            flat = [[str(exact(x)) for x in each] for each in (at, proof["separator"])]
            p, d, u = (f"[{', '.join(v)}]" for v in (*flat, names))
            given, goal = [f"{name}.generic({p}, {u})"], f"{name}.slope({p}, {d}, {u}) < 0"
            return self.start(names).replay(proof["tree"], given, [[goal]])
        weights = [exact(w) for w in proof["weights"]]
        here = self.start([])
        whole = self.algebra.total((1, constant(w)) for w in weights)
        need(min(weights) >= 0 and whole == constant(1), "weights of a mean")
        for k in range(len(at)):
            axis, parts = [constant(int(k == c)) for c in range(len(at))], []
            for weight, toward in zip(weights, proof["toward"], strict=True):
                into = [constant(exact(x)) for x in toward]
                parts.append((weight, place.slope(here.sign, point, axis, into)))
            need(not self.algebra.total(parts), "the combination of gradients is not 0")

    def confirm(self, statement: Any, conclusion: str, proof: Any) -> None:
        """Confirm that the proof shows this conclusion about the statement; both have the form they need."""
        match statement:
            case {"for all": names, "given": given, "then": goals}:
                self.for_all(names, given, goals, conclusion, proof)
            case {"exists": names, "such that": given}:
                self.for_all(names, given, [], reading.EXISTS[conclusion], proof)
            case {"clarke": name, "at": at}:
                self.clarke(name, at, conclusion, proof)
            case {"not": inner}:
                self.confirm(inner, reading.OPPOSITE[conclusion], proof)
            case {"all of": parts} if conclusion == "proved":
                for each, why in zip(parts, proof["parts"], strict=True):
                    self.confirm(each, conclusion, why)
            case {"all of": parts}:
                self.confirm(parts[proof["part"]], conclusion, proof["proof"])


def conclude(record: dict[str, Any], shapes: dict[str, Any], meter: Any) -> str:
    """Return what a record concludes, in words; reject it if it does not prove that."""
    statement, conclusion, proof = record["statement"], record["conclusion"], record["proof"]
    read, algebra = reading.Reading(shapes, meter), places.Algebra(meter)
    read.statement(statement)
    read.proof(statement, conclusion, proof)
    landscapes = {name: places.Landscape(name, data, algebra) for name, data in record["landscapes"].items()}
    Prover(landscapes, read, algebra).confirm(statement, conclusion, proof)
    return "; ".join([f"{conclusion}: {reading.said(statement)}", *(x.words for x in landscapes.values())])
