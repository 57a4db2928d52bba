"""Branches of a proof: what is known on each, and how formulas read there or at one point."""

import operator
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import fmpq

from stability.logic.budget import Budget
from stability.logic.contradiction import Fact
from stability.logic.polynomial_losses import OnKink, PolynomialLoss, RecordLandscape, setting
from stability.logic.polynomials import SIGN, Poly, constraints, key, ring, value
from stability.logic.roots import known, roots_in, valued

PER_SIGN = 25
"""Steps for reading one pre-activation in a formula."""

Landscapes = dict[str, dict[str, Any]]
NEGATION = {">": (-1, ">="), ">=": (-1, ">"), "=": (1, "!="), "!=": (1, "=")}


class Ask(Exception):  # noqa: N818 - a question, not an error
    """Asks for the sign of a polynomial that no branch has fixed yet."""

    def __init__(self, poly: Poly) -> None:
        self.poly = poly


@dataclass(frozen=True)
class UniversalStatement:
    """A universal statement: for all variables with the givens, one of the goals holds.

    Attributes
    ----------
    names : sequence of str
        The variables, ranging over the reals.
    given : sequence of str
        Relations that are assumed.
    goals : sequence of sequence of str
        Alternatives; each is a list of relations that hold together.
    landscapes : dict
        By name, as in a record.
    squares : sequence of str
        Hints: polynomials whose squares may help.
    splits : sequence of str
        Hints: polynomials by whose sign to distinguish cases when nothing else helps.
    budget : Budget, optional
        How much work all searches may be together; each has a limit of its own if left out.
    """

    names: Sequence[str]
    given: Sequence[str]
    goals: Sequence[Sequence[str]]
    landscapes: Landscapes = field(default_factory=dict)
    squares: Sequence[str] = ()
    splits: Sequence[str] = ()
    budget: Budget | None = None

    @cached_property
    def reading(self) -> int:
        """How many steps it is to read the formulas once, by the pre-activations that they depend on."""
        texts = [*self.given, *(text for goal in self.goals for text in goal)]
        signs = sum(
            text.count(f"{name}.") * place["units"] * len(place["points"])
            for name, place in self.landscapes.items()
            for text in texts
        )
        return PER_SIGN * int(signs) + sum(map(len, texts))

    def spend(self, steps: int) -> None:
        """Count steps outside of a search, where all together are bounded.

        Raises
        ------
        CertificateError
            If there are none left.
        """
        if self.budget is not None:
            self.budget.spend(steps)

    @cached_property
    def settings(self) -> dict[str, RecordLandscape]:
        """The numbers of each landscape."""
        return {name: setting(data) for name, data in self.landscapes.items()}


class ProofBranch:
    """One branch of the search: the same facts, in the same order, as the checker will have."""

    def __init__(
        self,
        question: UniversalStatement,
        values: dict[str, Any],
        facts: list[Fact],
        signs: dict[str, int],
        read: Mapping[str, list[Fact]] | None = None,
    ) -> None:
        self.question, self.facts, self.signs = question, facts, signs
        self.variables = values
        zero = values["1"] * 0
        losses = {n: PolynomialLoss(numbers, self.sign, zero) for n, numbers in question.settings.items()}
        self.values = {**values, **losses, SIGN: self.sign}
        self._read = dict(read or {})

    def relations(self, text: str) -> list[Fact]:
        """Return the constraints that a relation is here; once no sign is missing, it is that on later branches."""
        if text not in self._read:
            self._read[text] = constraints(text, self.values)
        return self._read[text]

    def sign(self, p: Poly) -> int:
        """Return the sign of a polynomial, or ask for it."""
        number = value(p)
        if number is not None:
            return int(number > 0) - int(number < 0)
        name, turn = key(p)
        if name not in self.signs:
            self._open(p)
        return self.signs[name] * turn

    def _open(self, p: Poly) -> None:
        """Fix a sign that is not known yet; here there is only asking for it."""
        raise Ask(p)

    def split(self, p: Poly, side: int) -> "ProofBranch":
        """Return the branch on which moreover a polynomial has this sign."""
        name, turn = key(p)
        fact = (p, "=") if side == 0 else (side * p, ">")
        signs = {**self.signs, name: side * turn}
        return ProofBranch(self.question, self.variables, [*self.facts, fact], signs, self._read)

    def assumed(self) -> tuple[list[Fact], Poly | None]:
        """Return all facts, the givens' included, and a polynomial whose sign is needed for more."""
        facts, wanted = list(self.facts), None
        for text in self.question.given:
            try:
                for p, relation in self.relations(text):
                    apart = relation == "!="
                    facts.append((p * 0 + (1 if self.sign(p) else -1), ">") if apart else (p, relation))
            except Ask as ask:
                wanted = ask.poly if wanted is None else wanted
        return facts, wanted


class Piece(ProofBranch):
    """The branch on which a point lies: every sign is the one that it has there.

    Parameters
    ----------
    question : UniversalStatement
    point : sequence of fmpq
        Its coordinates, in the order of the names.
    """

    def __init__(self, question: UniversalStatement, point: Sequence[fmpq]) -> None:
        self.point = list(point)
        super().__init__(question, ring(question.names), [], {})

    def _open(self, p: Poly) -> None:
        """Fix the sign as it is at the point, and note it as a fact."""
        name, turn = key(p)
        here = p(*self.point)
        side = int(here > 0) - int(here < 0)
        self.signs[name] = side * turn
        self.facts.append((p, "=") if side == 0 else (side * p, ">"))

    def read(self) -> tuple[list[Fact], list[Fact]]:
        """Return what holds on the piece if the givens do, and the relations of the goals."""
        assumed, hopes = list[Fact](), list[Fact]()
        texts = [text for goal in self.question.goals for text in goal]
        for found, formulas in ((assumed, self.question.given), (hopes, texts)):
            for text in formulas:
                with suppress(OnKink):
                    found += constraints(text, self.values)
        return [*self.facts, *assumed], hopes


def roots_of(question: UniversalStatement) -> list[str]:
    """Return the generators for the roots in the formulas of a statement."""
    return roots_in([*question.given, *(text for goal in question.goals for text in goal)])


def start(question: UniversalStatement) -> ProofBranch:
    """Return the branch on which nothing is known but roots."""
    values = ring([*question.names, *roots_of(question)])
    return ProofBranch(question, values, known(values), {})


def root_facts(question: UniversalStatement) -> list[Fact]:
    """Return the givens that can be read before any case is distinguished."""
    return start(question).assumed()[0]


COMPARED = {">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne}


def holds(number: Any, relation: str) -> bool:
    """Return whether a number compares with 0 as stated."""
    return bool(COMPARED[relation](number, 0))


class Ground:
    """A point at which relations are evaluated."""

    def __init__(self, question: UniversalStatement, witness: Mapping[str, Fraction | int | str]) -> None:
        self.question, self.witness = question, witness
        self._values: dict[tuple[str, ...], dict[str, Any]] = {}

    @property
    def values(self) -> dict[str, Any]:
        """What the names stand for, where no roots occur."""
        return self._in_ring(())

    def satisfies(self, texts: Sequence[str]) -> bool:
        """Return whether all relations hold."""
        values = self._in_ring(tuple(roots_in([*texts, *(str(x) for x in self.witness.values())])))
        return all(holds(value(p), relation) for text in texts for p, relation in constraints(text, values))

    def _in_ring(self, roots: tuple[str, ...]) -> dict[str, Any]:
        """Return what the names stand for, as numbers with these roots."""
        if roots not in self._values:
            generators = ring(roots) if roots else {"1": fmpq(1)}
            values = {name: valued(x, generators) for name, x in self.witness.items()}
            self._values[roots] = ProofBranch(self.question, {**generators, **values}, [], {}).values
        return self._values[roots]
