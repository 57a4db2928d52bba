"""The language of statements about landscapes, and how each is settled with a proof."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from stability.errors import StatementError
from stability.logic.branches import Landscapes, UniversalStatement
from stability.logic.budget import Budget
from stability.logic.formulas import short
from stability.logic.parts import (
    Proof,
    Settled,
    Statement,
    as_records,
    check_part,
    check_parts,
    check_witnesses,
    merged_landscapes,
    scope_of,
)
from stability.logic.polynomials import readable
from stability.logic.scopes import Scope
from stability.logic.settling import Settling, Witness
from stability.logic.validation import exact_number, listed, whole_number

__all__ = ["AllOf", "Exists", "ForAll", "Lazy", "Not", "Settled", "Several", "Statement", "merged_landscapes"]

MOST_SAMPLES = 1_000_000
MOST_STEPS = 10**12


@dataclass(frozen=True)
class ForAll(Statement):
    """For all real values of the variables that satisfy the givens, one of the alternatives holds.

    Attributes
    ----------
    names : str
        The variables, separated by blanks; "" for a matter of numbers.
    given : sequence of str
        Relations such as "c > 0" or "L.rest([u, v, b], [s0, s1, s2, s3])".
    then : sequence of str, or of sequences of str
        Relations that hold together, or alternatives each of which is such a list.
    landscapes : dict
        Those that the relations name, by the names that they have there.
    try_at : sequence of mappings
        Hints: values at which to look first for an instance or a counterexample.
    root : pair of str, optional
        Where the only variable is fixed by an equation: a bracket around its value.
    squares, splits : sequences of str
        Hints for the search, see `UniversalStatement`.
    samples : int
        How many values to try in the search for a counterexample.
    steps : int, optional
        How much work it may be in all, each step about a microsecond; each search has its own limit if left out.

    Raises
    ------
    StatementError
        If a name, a formula, a number or a hint cannot be read.

    Examples
    --------
    >>> from stability import ForAll, landscape, prove
    >>> prove(ForAll("x", ["0 <= x"], ["x + 1 > 0"])).conclusion
    'proved'
    >>> curved = ["L.d2([-c, c, 0], [-c, -c, 0], [c, -c, 0]) > 0"]
    >>> prove(ForAll("c", ["c > 0"], curved, {"L": landscape("relu1", "xor")})).conclusion
    'proved'
    """

    names: str
    given: Sequence[str]
    then: Sequence[str] | Sequence[Sequence[str]]
    landscapes: Landscapes = field(default_factory=dict)
    try_at: Sequence[Witness] = ()
    root: tuple[str, str] | None = None
    squares: Sequence[str] = ()
    splits: Sequence[str] = ()
    samples: int = 80
    steps: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "landscapes", as_records(self.landscapes))
        scope = scope_of(self.names, self.landscapes)
        for text in listed(self.given, "given", empty=True):
            scope.relation(text)
        self._check_goals(scope)
        for text in (*listed(self.squares, "squares", empty=True), *listed(self.splits, "splits", empty=True)):
            scope.expression(text)
        check_witnesses(self.try_at, scope)
        whole_number(self.samples, "samples", 0, MOST_SAMPLES)
        if self.steps is not None:
            whole_number(self.steps, "steps", 1, MOST_STEPS)
        self._check_root(scope)

    def _check_goals(self, scope: Scope) -> None:
        goals = listed(self.then, "then")
        if not isinstance(goals[0], str):
            goals = [text for goal in goals for text in listed(goal, "an alternative of then")]
        for text in goals:
            scope.relation(text)

    def _check_root(self, scope: Scope) -> None:
        if self.root is None:
            return
        ends = [exact_number(end, "an end of root") for end in listed(self.root, "root")]
        if len(scope.names) != 1 or len(ends) != 2 or not ends[0] < ends[1]:
            raise StatementError(
                f"Expected two ends, the smaller one first, around the only variable; got {short(self.root)}.",
                'Write root=("1", "2").',
            )

    @property
    def variables(self) -> list[str]:
        """The names of the variables."""
        return self.names.split()

    @property
    def goals(self) -> list[list[str]]:
        """The alternatives."""
        if self.then and isinstance(self.then[0], str):
            return [[str(text) for text in self.then]]
        return [list(goal) for goal in self.then]

    def formulas(self) -> list[str]:
        """Return the givens and the goals, as they were written."""
        return [*self.given, *(text for goal in self.goals for text in goal)]

    def formal(self) -> dict[str, Any]:
        """Return the statement as the checker reads it."""
        goals = [[readable(text) for text in goal] for goal in self.goals]
        return {"for all": self.variables, "given": [readable(text) for text in self.given], "then": goals}

    def settle(self) -> Settled:
        """Look for a counterexample, then for a proof, then for a contradiction in the givens."""
        question = UniversalStatement(
            self.variables, self.given, self.goals, self.landscapes, self.squares, self.splits,
            None if self.steps is None else Budget(self.steps),
        )  # fmt: skip
        return Settling(question, self.try_at, self.root, self.samples).settle()


class _Never(ForAll):
    """No values of the variables satisfy the givens: no alternative is left."""

    def _check_goals(self, scope: Scope) -> None:
        pass


@dataclass(frozen=True)
class Exists(Statement):
    """There are real values of the variables that satisfy all relations.

    Raises
    ------
    StatementError
        If a name, a formula or a hint cannot be read.

    Examples
    --------
    >>> from stability import Exists, prove
    >>> prove(Exists("x", ["x**2 == x", "x > 0"], try_at=[{"x": 1}])).conclusion
    'proved'
    """

    names: str
    such_that: Sequence[str]
    landscapes: Landscapes = field(default_factory=dict)
    try_at: Sequence[Witness] = ()
    samples: int = 200
    steps: int | None = None

    def __post_init__(self) -> None:
        listed(self.such_that, "such_that")
        object.__setattr__(self, "landscapes", as_records(self.landscapes))
        self._never()

    def _never(self) -> ForAll:
        return _Never(self.names, self.such_that, [], self.landscapes, self.try_at, samples=self.samples,
                      steps=self.steps)  # fmt: skip

    def formulas(self) -> list[str]:
        """Return the relations, as they were written."""
        return list(self.such_that)

    def formal(self) -> dict[str, Any]:
        """Return the statement as the checker reads it."""
        return {"exists": self.names.split(), "such that": [readable(text) for text in self.such_that]}

    def settle(self) -> Settled:
        """Look for values; failing that, for a contradiction."""
        never = self._never().settle()
        flipped = {"refuted": "proved", "vacuous": "refuted"}.get(never.conclusion or "")
        return Settled(flipped, never.proof, never.reason)


@dataclass(frozen=True)
class Not(Statement):
    """The opposite of a statement.

    Examples
    --------
    >>> from stability import ForAll, Not, prove
    >>> prove(Not(ForAll("x", [], ["x**2 > 0"]))).conclusion
    'proved'
    """

    part: Statement

    def __post_init__(self) -> None:
        check_part(self.part)

    @property
    def format(self) -> str:
        """That of the part."""
        return self.part.format

    @property
    def landscapes(self) -> Landscapes:  # type: ignore[override]
        """The landscapes of the part."""
        return self.part.landscapes

    def formulas(self) -> list[str]:
        """Return those of the part."""
        return self.part.formulas()

    def formal(self) -> dict[str, Any]:
        """Return the statement as the checker reads it."""
        return {"not": self.part.formal()}

    def settle(self) -> Settled:
        """Settle the part and turn the conclusion."""
        inner = self.part.settle()
        flipped = {"proved": "refuted", "refuted": "proved"}.get(inner.conclusion or "")
        return Settled(flipped, inner.proof, inner.reason or f"the part is {inner.conclusion}", inner.shown)


@dataclass(frozen=True)
class Conjunction(Statement):
    """Several statements at once; those of each format of records are settled in their own way."""

    parts: Sequence[Statement]

    @property
    def landscapes(self) -> Landscapes:  # type: ignore[override]
        """The landscapes of all parts."""
        return merged_landscapes(self.parts)

    def formulas(self) -> list[str]:
        """Return those of all parts."""
        return [text for part in self.parts for text in part.formulas()]

    def formal(self) -> dict[str, Any]:
        """Return the statement as the checker reads it."""
        return {"all of": [part.formal() for part in self.parts]}


@dataclass(frozen=True)
class Several(Conjunction):
    """Several statements at once, of different formats of records: each has its own record."""

    @property
    def format(self) -> str:
        """No format of records: each part has its own."""
        return ""

    def settle(self) -> Settled:
        """Leave it to `stability.logic.records.prove`, which settles part by part."""
        return Settled(None, reason="Its parts are settled one by one.")


@dataclass(frozen=True)
class AllOf(Conjunction):
    """Several statements at once.

    Raises
    ------
    StatementError
        If there are none, or some are about sets or trajectories.

    Examples
    --------
    >>> from stability import AllOf, ForAll, prove
    >>> prove(AllOf([ForAll("x", ["x > 1"], ["x**2 > x"]), ForAll("x", ["x > 2"], ["x > 1"])])).conclusion
    'proved'
    """

    def __post_init__(self) -> None:
        check_parts(self.parts, "stability-record/1", "AllAboutSets or AllAboutFlows")

    def settle(self) -> Settled:
        """Settle part by part; one refuted part refutes all."""
        proofs: list[Proof] = []
        open_reason = ""
        for k, part in enumerate(self.parts):
            each = part.settle()
            if each.conclusion == "refuted":
                return Settled("refuted", {"part": k, "proof": each.proof})
            if each.conclusion != "proved":
                open_reason = open_reason or each.reason or f"part {k + 1} is {each.conclusion}"
            proofs.append(each.proof)
        return Settled(None, reason=open_reason) if open_reason else Settled("proved", {"parts": proofs})


@dataclass(frozen=True)
class Lazy(Statement):
    """A statement whose proof is found by a procedure of its own (Clarke stationarity, for one)."""

    statement: dict[str, Any]
    landscapes: Landscapes
    procedure: Callable[[], Settled]

    def formal(self) -> dict[str, Any]:
        """Return the statement as the checker reads it."""
        return self.statement

    def settle(self) -> Settled:
        """Run the procedure."""
        return self.procedure()
