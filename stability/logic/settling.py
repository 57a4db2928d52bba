"""How a universal statement is settled: the order in which counterexamples, instances and proofs are looked for."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from stability.errors import CertificateError, StatementError
from stability.logic.branches import Ground, UniversalStatement, roots_of
from stability.logic.instances import exclude_each_other, interior_points, suspects
from stability.logic.kinks import near_kinks
from stability.logic.parts import Proof, Settled
from stability.logic.prover import Search, Stuck
from stability.logic.reasons import too_long, unsettled, without_instance
from stability.logic.regions import region_points, scattered_points
from stability.logic.roots import values_in_records
from stability.logic.wide_search import WideSearch

Witness = Mapping[str, Fraction | int | str]

NICE = [Fraction(n, d) for d in (1, 2, 3, 4, 10) for n in range(-3 * d, 3 * d + 1)]
"""Values tried when a counterexample or an instance is looked for."""

EVERY_BRANCH = 12
"""Branches without a proof on which many points are tried; on others a few."""


class _Refuted(Exception):  # noqa: N818 - an answer, not an error
    """A counterexample was found where a proof was stuck."""

    def __init__(self, witness: Witness) -> None:
        self.witness = witness


@dataclass(frozen=True)
class Settling:
    """What is known of a universal statement before it is settled.

    Attributes
    ----------
    question : UniversalStatement
    try_at : sequence of mappings
        Values at which to look first.
    root : pair of str, optional
        Where the only variable is fixed by an equation: a bracket around its value.
    samples : int
        How many random values to try first.
    """

    question: UniversalStatement
    try_at: Sequence[Witness]
    root: tuple[str, str] | None
    samples: int

    def settle(self) -> Settled:
        """Look for a counterexample, then for a proof, then for a contradiction in the givens, then with more means."""
        budget = self.question.budget
        try:
            settled = self._settle()
        except CertificateError:
            if budget is None or not budget.spent:
                raise
            return Settled(None, reason=too_long(budget.steps))
        if settled.conclusion is None and budget is not None and budget.spent:
            return Settled(None, reason=too_long(budget.steps))
        return settled

    def _settle(self) -> Settled:
        failing, instance = self._try(self._candidates())
        if failing is not None:
            return self._refuted(failing)
        if self.root is not None:
            return self._at_root()
        if self.question.given and instance is None:
            return self._without_instance()
        return self._with_instance(instance)

    def _with_instance(self, instance: Witness | None) -> Settled:
        """Look for a proof, now that the givens are known to have an instance."""
        try:
            return self._proved(Search(self.question).tree(), instance)
        except Stuck as stuck:
            failing, _ = self._try(suspects(self.question.names, stuck))
        except StatementError:
            raise
        except CertificateError:
            failing = None
        if failing is None:
            failing, _ = self._try(self._scattered())
        return self._refuted(failing) if failing is not None else self._with_more_means(instance)

    def _with_more_means(self, instance: Witness | None) -> Settled:
        search = WideSearch(self.question, self._look_closely)
        try:
            return self._proved(search.tree(), instance)
        except _Refuted as found:
            return self._refuted(found.witness)
        except StatementError:
            raise
        except CertificateError as problem:
            return Settled(None, reason=unsettled(self.question, search, problem))

    def _look_closely(self, stuck: Stuck) -> None:
        """Raise a counterexample if one is found on a branch without a proof."""
        self._try_near(stuck)

    def _try_near(self, stuck: Stuck) -> Witness | None:
        """Return an instance of the givens on a branch without a proof, if one is found; raise a counterexample."""
        if roots_of(self.question):
            return None
        failing, instance = self._try(region_points(self.question.names, stuck.facts, stuck.hopes))
        if failing is not None:
            raise _Refuted(failing)
        return instance

    def _without_instance(self) -> Settled:
        """Look for a contradiction in the givens, then for an instance in more places."""
        empty = replace(self.question, goals=[])
        try:
            return Settled("vacuous", {"empty": Search(empty).tree()})
        except StatementError:
            raise
        except CertificateError:
            failing, instance = self._try(self._scattered())
        if failing is not None:
            return self._refuted(failing)
        if instance is not None:
            return self._with_instance(instance)
        return self._vacuous_or_not(empty)

    def _vacuous_or_not(self, empty: UniversalStatement) -> Settled:
        """Look for a contradiction in the givens with more means, and for an instance where there is none."""
        instances: list[Witness] = []

        def look(stuck: Stuck) -> None:
            instance = self._try_near(stuck)
            if instance is not None:
                instances.append(instance)
                raise stuck

        search = WideSearch(empty, look)
        try:
            return Settled("vacuous", {"empty": search.tree()})
        except _Refuted as found:
            return self._refuted(found.witness)
        except StatementError:
            raise
        except CertificateError:
            if instances:
                return self._with_instance(instances[0])
            return Settled(None, reason=without_instance(self.question, search))

    def _at_root(self) -> Settled:
        root = [str(Fraction(end)) for end in self.root or ()]
        goals = self.question.goals
        for search in (Search(self.question), WideSearch(self.question)):
            try:
                return Settled("proved", {"tree": search.tree(), "root": root})
            except StatementError:
                raise
            except CertificateError:
                continue
        for pick in range(max(map(len, goals))):
            picks = [min(pick, len(goal) - 1) for goal in goals]
            picked = [goal[k] for goal, k in zip(goals, picks, strict=True)]
            try:
                tree = Search(replace(self.question, goals=[picked]), negate=True).tree()
            except CertificateError:
                continue
            return Settled("refuted", {"never": tree, "picks": picks, "root": root})
        return Settled(None, reason=unsettled(self.question))

    def _proved(self, tree: Proof, instance: Witness | None) -> Settled:
        shown = {"instance": values_in_records(instance)} if self.question.given and instance is not None else {}
        return Settled("proved", {"tree": tree, **shown})

    def _refuted(self, witness: Witness) -> Settled:
        return Settled("refuted", {"witness": values_in_records(witness)})

    def _try(self, witnesses: Iterable[Witness]) -> tuple[Witness | None, Witness | None]:
        """Return the first counterexample, if any, and the first instance of the givens before it."""
        instance: Witness | None = None
        for witness in witnesses:
            here = Ground(self.question, witness)
            self.question.spend(self.question.reading)
            if not here.satisfies(self.question.given):
                continue
            if not any(here.satisfies(goal) for goal in self.question.goals):
                return witness, instance
            instance = instance or witness
        return None, instance

    def _candidates(self) -> Iterator[Witness]:
        names = self.question.names
        if not names:
            yield {}
        if not names or self.root is not None:
            return
        yield from (witness for witness in self.try_at if set(witness) == set(names))
        if self.samples and self.question.given:
            if exclude_each_other(self.question):
                return
            yield from interior_points(self.question)
        draw = random.Random(0)
        for _ in range(self.samples):
            yield {name: draw.choice(NICE) for name in names}

    def _scattered(self) -> Iterator[Witness]:
        """Yield points of many regions, then points near kinks."""
        if self.question.names and not roots_of(self.question):
            yield from scattered_points(self.question)
            yield from near_kinks(self.question)
