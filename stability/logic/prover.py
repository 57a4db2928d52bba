"""The prover, which finds the tree of cases of a universal statement about landscapes."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from stability.errors import CertificateError
from stability.logic.branches import NEGATION, Ask, ProofBranch, UniversalStatement, holds, start
from stability.logic.budget import Budget
from stability.logic.contradiction import HARDEST, Fact, contradiction
from stability.logic.polynomial_losses import OnKink
from stability.logic.polynomials import Poly, evaluate, value, written

Tree = dict[str, Any]
LARGEST = 20_000
"""Branches after which a search gives up, so that an answer is open rather than never."""

DEEPEST = 250
"""Signs on one branch after which it gives up; a record holds some more in each other, Python's stack not many more."""

LONGEST = 200_000_000
"""Steps after which it gives up."""

PER_BRANCH = 100
"""Steps for reading the formulas on a branch."""

Squares = Callable[[Poly], Sequence[Poly]]
"""From a polynomial that is to be shown positive to polynomials whose squares may help."""


Refute = Callable[[list[Fact]], list[Any] | None]
"""From facts to what shows that they contradict each other, if that is found."""

Means = Callable[[Poly, str], Refute]
"""From a relation that is to be shown to what refutes its contrary."""


def none(p: Poly) -> Sequence[Poly]:
    """Return no polynomials."""
    return ()


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
        super().__init__("No proof was found.")


class Search:
    """The search for one proof tree.

    Parameters
    ----------
    question : UniversalStatement
    negate : bool
        Whether the contrary of the goals is to be shown.
    steps : int, optional
        How much work it may be; `LONGEST` by default.
    """

    def __init__(self, question: UniversalStatement, negate: bool = False, steps: int | None = None) -> None:
        self.question, self.negate, self.branches, self.depth = question, negate, 0, 0
        steps, whole = LONGEST if steps is None else steps, question.budget
        self.budget, self.reading = Budget(steps), PER_BRANCH
        if whole is not None:
            self.budget = Budget(min(steps, 2 * whole.steps // 3), whole=whole)
            self.reading += question.reading

    def tree(self) -> Tree:
        """Return a proof tree.

        Raises
        ------
        CertificateError
            If none is found, or not in time; that decides nothing.
        """
        return self._search(start(self.question), 0)

    def _contradiction(self, facts: list[Fact], level: int = 1, squares: Sequence[Poly] = ()) -> list[Any] | None:
        return contradiction(facts, level, squares, self.budget.spend)

    def _search(self, branch: ProofBranch, hints: int) -> Tree:
        self.budget.spend(self.reading)
        self.branches += 1
        if self.branches > LARGEST:
            raise CertificateError(f"No proof was found within {LARGEST} cases.", "Narrow the statement.")
        facts, wanted = branch.assumed()
        absurd = self._contradiction(facts)
        if absurd is not None:
            return {"absurd": absurd}
        if wanted is not None:
            return self._at_once(branch) or self._cases(branch, wanted, hints)
        try:
            return self._leaf(branch, facts, hints)
        except Ask as ask:
            return self._cases(branch, ask.poly, hints)

    def _leaf(self, branch: ProofBranch, facts: list[Fact], hints: int) -> Tree:
        """Return the proof where every sign that the givens need is known."""
        for level in range(1, HARDEST + 1):
            found = self._at_level(branch, facts, level)
            if found is not None:
                return found
        if hints < len(self.question.splits):
            return self._hint(branch, hints)
        raise Stuck(facts, self._hopes(branch))

    def _at_level(self, branch: ProofBranch, facts: list[Fact], level: int) -> Tree | None:
        """Return a leaf by products of so many facts."""
        absurd = self._contradiction(facts, level) if level > 1 else None
        if absurd is not None:
            return {"absurd": absurd}
        return self._some_goal(branch, facts, self._by_products(branch, level))

    def _by_products(self, branch: ProofBranch, level: int, more: Squares = none) -> Means:
        """Return what shows relations by products of so many facts and by squares."""

        def means(p: Poly, relation: str) -> Refute:
            squares = [*(evaluate(text, branch.values) for text in self.question.squares), *more(p)]
            return lambda facts: self._contradiction(facts, level, squares)

        return means

    def _some_goal(self, branch: ProofBranch, facts: list[Fact], means: Means) -> Tree | None:
        """Return a leaf where one of the goals holds."""
        for number in range(len(self.question.goals)):
            by = self._goal(branch, facts, number, means)
            if by is not None:
                return {"goal": number, "by": by}
        return None

    def _hopes(self, branch: ProofBranch) -> list[Fact]:
        """Return the relations of the goals that can be read on a branch."""
        hopes: list[Fact] = []
        for text in (text for goal in self.question.goals for text in goal):
            with suppress(Ask):
                hopes += branch.relations(text)
        return hopes

    def _at_once(self, branch: ProofBranch) -> Tree | None:
        """Return a leaf where some goal holds between numbers already, whatever the open signs are."""
        for number, goal in enumerate(self.question.goals):
            with suppress(Ask, OnKink):
                atoms = [self._aim(*atom) for text in goal for atom in branch.relations(text)]
                numbers = [(value(p), relation) for p, relation in atoms]
                if all(x is not None and holds(x, relation) for x, relation in numbers):
                    return {"goal": number, "by": [None] * len(atoms)}
        return None

    def _aim(self, p: Poly, relation: str) -> Fact:
        turn, opposite = NEGATION[relation]
        return (turn * p, opposite) if self.negate else (p, relation)

    def _cases(self, branch: ProofBranch, p: Poly, hints: int) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            raise CertificateError(f"No proof was found by {DEEPEST} signs.", "Narrow the statement.")
        parts = {name: self._search(branch.split(p, side), hints) for side, name in ((-1, "-"), (0, "0"), (1, "+"))}
        self.depth -= 1
        return {"split": written(p), **parts}

    def _hint(self, branch: ProofBranch, hints: int) -> Tree:
        try:
            hint = evaluate(self.question.splits[hints], branch.values)
            branch.sign(hint)
        except Ask as ask:
            return self._cases(branch, ask.poly, hints)
        return self._search(branch, hints + 1)

    def _goal(self, branch: ProofBranch, facts: list[Fact], number: int, means: Means) -> list[Any] | None:
        reasons = []
        for text in self.question.goals[number]:
            for p, relation in branch.relations(text):
                found, reason = self._reason(facts, *self._aim(p, relation), means)
                if not found:
                    return None
                reasons.append(reason)
        return reasons

    def _reason(self, facts: list[Fact], p: Poly, relation: str, means: Means) -> tuple[bool, Any]:
        number = value(p)
        if number is not None:
            return holds(number, relation), None
        refute = means(p, relation)
        if relation == "=":
            sides = [refute([*facts, fact]) for fact in ((p, ">"), (-p, ">"))]
            return None not in sides, sides
        turn, opposite = NEGATION[relation]
        terms = refute([*facts, (turn * p, opposite)])
        return terms is not None, terms
