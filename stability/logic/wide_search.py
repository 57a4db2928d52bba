"""The second search for a proof tree: with more means on every branch, and on to other branches where one is stuck."""

from collections.abc import Callable, Iterator

from stability.logic.branches import ProofBranch, UniversalStatement
from stability.logic.contradiction import HARDEST, Fact, Term
from stability.logic.convex import convex_contradiction
from stability.logic.factors import splitting
from stability.logic.polynomials import Poly, key
from stability.logic.positivity import wide_contradiction
from stability.logic.prover import Refute, Search, Stuck, Tree
from stability.logic.squares import squares_of

MOST_STUCK = 20
"""Branches without a proof after which it gives up."""

LONGEST = 40_000_000
"""Steps after which it gives up."""


class WideSearch(Search):
    """A search that tries squares, factors and wide combinations, and looks at every branch where it is stuck.

    Parameters
    ----------
    question : UniversalStatement
    at_stuck : callable, optional
        Called with every branch without a proof; what it raises ends the search.
    steps : int, optional
        How much work it may be.
    """

    def __init__(
        self,
        question: UniversalStatement,
        at_stuck: Callable[[Stuck], None] = lambda stuck: None,
        steps: int = LONGEST,
    ) -> None:
        super().__init__(question, steps=steps)
        self.at_stuck = at_stuck
        self.stuck: list[Stuck] = []

    def tree(self) -> Tree:
        """Return a proof tree.

        Raises
        ------
        Stuck
            With the first branch on which none was found.
        CertificateError
            If there are too many steps.
        """
        found = super().tree()
        if self.stuck:
            raise self.stuck[0]
        return found

    def _leaf(self, branch: ProofBranch, facts: list[Fact], hints: int) -> Tree:
        found = self._at_level(branch, facts, 1) or self._by_squares(branch, facts)
        zero = None if found is not None else self._vanishing(branch, facts)
        if zero is not None:
            return self._cases(branch, zero, hints)
        found = found or self._widely(branch, facts) or self._by_least_values(branch, facts)
        if found is not None:
            return found
        if hints < len(self.question.splits):
            return self._hint(branch, hints)
        p = splitting(facts, self._hopes(branch), branch.signs, len(self.question.goals) > 1)
        if p is not None:
            return self._cases(branch, p, hints)
        for level in range(2, HARDEST + 1):
            found = self._at_level(branch, facts, level)
            if found is not None:
                return found
        return self._give_up(branch, facts)

    def _by_squares(self, branch: ProofBranch, facts: list[Fact]) -> Tree | None:
        """Return a leaf where completing the square in a quadratic fact, or in a goal, is enough."""
        for squares in _sums(facts):
            level = 2 if any(branch.signs.get(key(each)[0]) for each in squares) else 1
            absurd = self._contradiction(facts, level, squares)
            if absurd is not None:
                return {"absurd": absurd}
        return self._some_goal(branch, facts, self._by_products(branch, 1, squares_of))

    def _vanishing(self, branch: ProofBranch, facts: list[Fact]) -> Poly | None:
        """Return a polynomial of open sign that is 0, as the sum of its square and others is not positive."""
        for squares in _sums(facts):
            signs = [branch.signs.get(key(each)[0]) for each in squares]
            if None in signs and not any(signs):
                return squares[signs.index(None)]
        return None

    def _by_least_values(self, branch: ProofBranch, facts: list[Fact]) -> Tree | None:
        """Return a leaf where a quadratic goal, or the contrary of a fact, is bounded below on a polyhedron."""

        def refuted(facts: list[Fact]) -> list[Term] | None:
            return convex_contradiction(facts, self.budget.spend)

        found = self._some_goal(branch, facts, lambda p, relation: refuted)
        absurd = None if found is not None else refuted(facts)
        return found if absurd is None else {"absurd": absurd}

    def _widely(self, branch: ProofBranch, facts: list[Fact]) -> Tree | None:
        """Return a leaf by a wide combination, for the facts by themselves or with what contradicts a goal."""
        found = self._some_goal(branch, facts, self._by_wide_combinations)
        if found is not None or not facts:
            return found
        absurd = wide_contradiction(facts, [], self.budget.spend)
        return None if absurd is None else {"absurd": absurd}

    def _by_wide_combinations(self, p: Poly, relation: str) -> Refute:
        squares = [] if relation == "=" else squares_of(p)
        return lambda facts: wide_contradiction(facts, squares, self.budget.spend)

    def _give_up(self, branch: ProofBranch, facts: list[Fact]) -> Tree:
        """Note the branch and go on, unless there are too many."""
        stuck = Stuck(facts, self._hopes(branch))
        self.stuck.append(stuck)
        self.at_stuck(stuck)
        if len(self.stuck) >= MOST_STUCK:
            raise self.stuck[0]
        return {}


def _sums(facts: list[Fact]) -> Iterator[list[Poly]]:
    """Yield the polynomials in sums of squares, with or without a positive number, that facts say are not positive."""
    for p, relation in facts:
        squares = squares_of(-p) or (squares_of(p) if relation == "=" else [])
        if squares:
            yield squares
