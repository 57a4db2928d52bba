"""The prover, which finds the tree of cases of a universal statement about landscapes."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from time import monotonic
from typing import Any

from stability.errors import CertificateError
from stability.logic.contradiction import HARDEST, Fact, contradiction
from stability.logic.polynomial_losses import OnKink, PolynomialLoss, RecordLandscape, setting
from stability.logic.polynomials import SIGN, Poly, constraints, evaluate, key, ring, value, written
from stability.logic.roots import known, roots_in, valued
from stability.logic.squares import squares_of

Tree = dict[str, Any]
Landscapes = dict[str, dict[str, Any]]
NEGATION = {">": (-1, ">="), ">=": (-1, ">"), "=": (1, "!="), "!=": (1, "=")}
LARGEST = 20_000
"""Branches after which a search gives up, so that an answer is open rather than never."""

HINTS = (
    f"Products of up to {HARDEST} facts, and squares in quadratic polynomials, were tried. If it is true there, name "
    'polynomials whose squares help, as squares=["x - y"], or whose signs do, as splits=["x"].'
)
"""What to do where no proof is found."""

Squares = Callable[[Poly], Sequence[Poly]]
"""From a polynomial that is to be shown positive to polynomials whose squares may help."""

LONGEST = 300.0
"""Seconds after which it gives up, by the clock."""


def none(p: Poly) -> Sequence[Poly]:
    """Return no polynomials."""
    return ()


class _Ask(Exception):  # noqa: N818 - a question, not an error
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
    """

    names: Sequence[str]
    given: Sequence[str]
    goals: Sequence[Sequence[str]]
    landscapes: Landscapes = field(default_factory=dict)
    squares: Sequence[str] = ()
    splits: Sequence[str] = ()

    @cached_property
    def settings(self) -> dict[str, RecordLandscape]:
        """The numbers of each landscape."""
        return {name: setting(data) for name, data in self.landscapes.items()}


class _Branch:
    """One branch of the search: the same facts, in the same order, as the checker will have."""

    def __init__(
        self, question: UniversalStatement, values: dict[str, Any], facts: list[Fact], signs: dict[str, int]
    ) -> None:
        self.question, self.facts, self.signs = question, facts, signs
        self.variables = values
        zero = values["1"] * 0
        losses = {n: PolynomialLoss(numbers, self.sign, zero) for n, numbers in question.settings.items()}
        self.values = {**values, **losses, SIGN: self.sign}

    def sign(self, p: Poly) -> int:
        number = value(p)
        if number is not None:
            return int(number > 0) - int(number < 0)
        name, turn = key(p)
        if name not in self.signs:
            raise _Ask(p)
        return self.signs[name] * turn

    def split(self, p: Poly, side: int) -> "_Branch":
        name, turn = key(p)
        fact = (p, "=") if side == 0 else (side * p, ">")
        return _Branch(self.question, self.variables, [*self.facts, fact], {**self.signs, name: side * turn})

    def assumed(self) -> tuple[list[Fact], Poly | None]:
        """Return all facts, the givens' included, and a polynomial whose sign is needed for more."""
        facts, wanted = list(self.facts), None
        for text in self.question.given:
            try:
                for p, relation in constraints(text, self.values):
                    apart = relation == "!="
                    facts.append((p * 0 + (1 if self.sign(p) else -1), ">") if apart else (p, relation))
            except _Ask as ask:
                wanted = ask.poly if wanted is None else wanted
        return facts, wanted


class Stuck(CertificateError):  # noqa: N818 - a place to look, not only an error
    """No proof was found on one branch; if the statement is false, then probably there.

    Attributes
    ----------
    facts : list of Fact
        What holds on the branch.
    hopes : list of Fact
        The relations that could not be shown.
    """

    def __init__(self, facts: list[Fact], hopes: list[Fact]) -> None:
        self.facts, self.hopes = facts, hopes
        known = ", ".join(f"{written(p)} {relation} 0" for p, relation in facts)
        where = f" where {known}" if known else "; nothing is given"
        super().__init__(f"No proof was found{where}.", HINTS)


class Search:
    """The search for one proof tree.

    Parameters
    ----------
    question : UniversalStatement
    negate : bool
        Whether the contrary of the goals is to be shown.
    seconds : float, optional
        How long it may take; `LONGEST` by default.
    """

    def __init__(self, question: UniversalStatement, negate: bool = False, seconds: float | None = None) -> None:
        self.question, self.negate, self.branches = question, negate, 0
        self._seconds = LONGEST if seconds is None else seconds
        self._end = monotonic() + self._seconds

    def tree(self) -> Tree:
        """Return a proof tree.

        Raises
        ------
        CertificateError
            If none is found, or not in time; that decides nothing.
        """
        return self._search(_start(self.question), 0)

    def _go_on(self) -> None:
        if monotonic() > self._end:
            raise CertificateError(f"No proof was found within {self._seconds:g} seconds.", "Narrow the statement.")

    def _contradiction(self, facts: list[Fact], level: int = 1, squares: Sequence[Poly] = ()) -> list[Any] | None:
        return contradiction(facts, level, squares, self._go_on)

    def _search(self, branch: _Branch, hints: int) -> Tree:
        self._go_on()
        self.branches += 1
        if self.branches > LARGEST:
            raise CertificateError(f"No proof was found within {LARGEST} cases.", "Narrow the statement.")
        facts, wanted = branch.assumed()
        absurd = self._contradiction(facts)
        if absurd is not None:
            return {"absurd": absurd}
        if wanted is not None:
            return self._at_once(branch) or self._cases(branch, wanted, hints)
        for level in range(1, HARDEST + 1):
            absurd = self._contradiction(facts, level) if level > 1 else None
            if absurd is not None:
                return {"absurd": absurd}
            try:
                for number in range(len(self.question.goals)):
                    by = self._goal(branch, facts, number, level)
                    if by is not None:
                        return {"goal": number, "by": by}
            except _Ask as ask:
                return self._cases(branch, ask.poly, hints)
        if hints < len(self.question.splits):
            return self._hint(branch, hints)
        try:
            by_squares = self._by_squares(branch, facts)
        except _Ask as ask:
            return self._cases(branch, ask.poly, hints)
        if by_squares is not None:
            return by_squares
        raise Stuck(facts, self._hopes(branch))

    def _by_squares(self, branch: _Branch, facts: list[Fact]) -> Tree | None:
        """Return a leaf where completing the square in a quadratic fact, or in a goal, is enough."""
        for p, relation in facts:
            squares = [*squares_of(-p), *(squares_of(p) if relation == "=" else ())]
            absurd = self._contradiction(facts, 1, squares) if squares else None
            if absurd is not None:
                return {"absurd": absurd}
        for number in range(len(self.question.goals)):
            by = self._goal(branch, facts, number, 1, squares_of)
            if by is not None:
                return {"goal": number, "by": by}
        return None

    def _hopes(self, branch: _Branch) -> list[Fact]:
        """Return the relations of the goals that can be read on a branch."""
        hopes: list[Fact] = []
        for text in (text for goal in self.question.goals for text in goal):
            with suppress(_Ask):
                hopes += constraints(text, branch.values)
        return hopes

    def _at_once(self, branch: _Branch) -> Tree | None:
        """Return a leaf where some goal holds between numbers already, whatever the open signs are."""
        for number, goal in enumerate(self.question.goals):
            with suppress(_Ask, OnKink):
                atoms = [self._aim(*atom) for text in goal for atom in constraints(text, branch.values)]
                numbers = [(value(p), relation) for p, relation in atoms]
                if all(x is not None and holds(x, relation) for x, relation in numbers):
                    return {"goal": number, "by": [None] * len(atoms)}
        return None

    def _aim(self, p: Poly, relation: str) -> Fact:
        turn, opposite = NEGATION[relation]
        return (turn * p, opposite) if self.negate else (p, relation)

    def _cases(self, branch: _Branch, p: Poly, hints: int) -> Tree:
        parts = {name: self._search(branch.split(p, side), hints) for side, name in ((-1, "-"), (0, "0"), (1, "+"))}
        return {"split": written(p), **parts}

    def _hint(self, branch: _Branch, hints: int) -> Tree:
        try:
            hint = evaluate(self.question.splits[hints], branch.values)
            branch.sign(hint)
        except _Ask as ask:
            return self._cases(branch, ask.poly, hints)
        return self._search(branch, hints + 1)

    def _goal(
        self, branch: _Branch, facts: list[Fact], number: int, level: int, more: Squares = none
    ) -> list[Any] | None:
        reasons = []
        for text in self.question.goals[number]:
            for p, relation in constraints(text, branch.values):
                found, reason = self._reason(branch, facts, *self._aim(p, relation), level, more)
                if not found:
                    return None
                reasons.append(reason)
        return reasons

    def _reason(
        self, branch: _Branch, facts: list[Fact], p: Poly, relation: str, level: int, more: Squares
    ) -> tuple[bool, Any]:
        number = value(p)
        if number is not None:
            return holds(number, relation), None
        squares = [*(evaluate(text, branch.values) for text in self.question.squares), *more(p)]
        if relation == "=":
            sides = [self._contradiction([*facts, fact], level, squares) for fact in ((p, ">"), (-p, ">"))]
            return None not in sides, sides
        turn, opposite = NEGATION[relation]
        terms = self._contradiction([*facts, (turn * p, opposite)], level, squares)
        return terms is not None, terms


def roots_of(question: UniversalStatement) -> list[str]:
    """Return the generators for the roots in the formulas of a statement."""
    return roots_in([*question.given, *(text for goal in question.goals for text in goal)])


def _start(question: UniversalStatement) -> _Branch:
    """Return the branch on which nothing is known but roots."""
    values = ring([*question.names, *roots_of(question)])
    return _Branch(question, values, known(values), {})


def root_facts(question: UniversalStatement) -> list[Fact]:
    """Return the givens that can be read before any case is distinguished."""
    return _start(question).assumed()[0]


def holds(number: Any, relation: str) -> bool:
    """Return whether a number compares with 0 as stated."""
    return bool({">": number > 0, ">=": number >= 0, "=": number == 0, "!=": number != 0}[relation])


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
            generators = ring(roots)
            values = {name: valued(x, generators) for name, x in self.witness.items()}
            self._values[roots] = _Branch(self.question, {**generators, **values}, [], {}).values
        return self._values[roots]
