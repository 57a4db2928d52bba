"""Claims of a write-up: the sentence in our words, where it stands, and what would be true instead."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stability.audit.measurements import Measurement, Prediction
from stability.audit.protocols import Study
from stability.errors import StatementError, nearest
from stability.io.printable import amount, shortened
from stability.io.results import Displayed, ResultTable
from stability.logic.formulas import short
from stability.logic.statements import Statement
from stability.logic.validation import listed, member, words

Formal = Statement | Callable[[], Statement]

WEIGHTS = ("central", "detail", "notation", "ours")
"""What a claim is to its document: a main result, a detail, a definition, or what only the auditor asks."""

DECISIONS = ("falls", "stands", "none")
"""What becomes of the conclusion that a claim draws; none where no conclusion hangs on it."""

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""What an id is: it also names files."""


@dataclass(frozen=True)
class SourcePosition:
    """Where something stands: a file and a line."""

    file: str
    line: int


def fit_for_id(text: str) -> str:
    """Return a text as an id, as far as it can be one."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:100]
    return plain if ID.fullmatch(plain) else ""


def check_id(id: Any, what: str) -> None:
    """Refuse what is no id.

    Raises
    ------
    StatementError
        If it is something else.
    """
    if not isinstance(id, str) or not ID.fullmatch(id):
        raise StatementError(
            f"Expected an id of {what}, letters, digits, . _ and -; got {short(id)}.", 'Write "one-unit", for example.'
        )


def _check_formal(statement: Any, what: str) -> None:
    if not isinstance(statement, Statement) and not callable(statement):
        raise StatementError(f"Expected a statement for {what}; got {short(statement)}.", "Write ForAll(...).")


@dataclass(frozen=True)
class Repair:
    """The nearest true statement to a claim that is false or empty.

    Examples
    --------
    >>> from stability import Claim, ForAll, Repair
    >>> repair = Repair("The square is never negative.", ForAll("x", [], ["x**2 >= 0"]))
    >>> Claim("positive", "2.1", "The square is positive.", ForAll("x", [], ["x**2 > 0"]), repair=repair).kind
    'statement'
    """

    says: str
    statement: Formal

    def __post_init__(self) -> None:
        words(self.says, "what a repair says")
        _check_formal(self.statement, "a repair")


@dataclass(frozen=True, repr=False)
class Claim(Displayed):
    """One claim of a write-up. Exactly one of statement, measure, opinion and unsettled is given.

    Attributes
    ----------
    id : str
        Short and unique within the write-up.
    where : str
        The section.
    says : str
        The claim, in our words.
    statement : Statement or callable, optional
        What it says formally; the verdict is computed from it.
    measure : Study or callable, optional
        A training experiment; its numbers can only reproduce the claim or fail to.
    opinion : str
        Why this cannot be checked.
    unsettled : str
        Why this checkable claim stays open.
    because : str
        What a reader should know about why it fails or holds; shown with the reason that was computed.
    repair : Repair, optional
        What is true instead.
    predicts : Prediction, optional
        Where training must go if the verdict is right; confirmed or contradicted by runs, never a proof.
    weight : str
        One of WEIGHTS.
    decision : str
        What becomes of the conclusion if the claim fails, one of DECISIONS: a wrong number may leave it standing.
        By default a claim that fails falls, and no conclusion hangs on a number alone.
    uses : sequence of str
        Ids of the claims on which this one rests; where one of them falls it falls with it.
    decimals : dict of str to str
        The decimals in the text of a document, and the exact numbers as which they are read.
    place : SourcePosition, optional
        Where the claim stands.
    nearest : callable, optional
        Returns what may be true instead, the best first, where the claim is refuted and has no repair.

    Raises
    ------
    StatementError
        If an entry is none of these, or not exactly one ground is given.

    Examples
    --------
    >>> from stability import Claim, ForAll
    >>> Claim("squares", "2.1", "A square is never negative.", ForAll("x", [], ["x**2 >= 0"])).kind
    'statement'
    >>> Claim("taste", "3", "The method is elegant.", opinion="a matter of taste").kind
    'opinion'
    """

    id: str
    where: str
    says: str
    statement: Formal | None = None
    measure: Study | Callable[[], Measurement] | None = None
    opinion: str = ""
    unsettled: str = ""
    because: str = ""
    repair: Repair | None = None
    predicts: Prediction | None = None
    weight: str = "detail"
    decision: str = ""
    uses: Sequence[str] = ()
    decimals: Mapping[str, str] = field(default_factory=dict)
    place: SourcePosition | None = field(default=None, compare=False)
    nearest: Callable[[], Iterable["Repair"]] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        grounds = [
            self.statement is not None,
            self.measure is not None,
            not isinstance(self.opinion, str) or self.opinion != "",
            not isinstance(self.unsettled, str) or self.unsettled != "",
        ]
        if sum(grounds) != 1:
            raise StatementError(
                f"Claim {short(self.id)} gives {sum(grounds)} of statement, measure, opinion and unsettled.",
                "Give exactly one.",
            )
        self._check_entries()

    def _check_entries(self) -> None:
        check_id(self.id, "a claim")
        words(self.says, f"what {self.id} says")
        for name in ("where", "opinion", "unsettled", "because"):
            value = getattr(self, name)
            if not isinstance(value, str) or (value and not value.strip()):
                raise StatementError(f"Expected a text for {name} of {self.id}; got {short(value)}.", "Leave it out.")
        if self.statement is not None:
            _check_formal(self.statement, self.id)
        if self.measure is not None and not isinstance(self.measure, Study) and not callable(self.measure):
            raise StatementError(f"Expected a study for {self.id}; got {short(self.measure)}.", "Write Study(...).")
        for part, kind in ((self.repair, Repair), (self.predicts, Prediction)):
            if part is not None and not isinstance(part, kind):
                wanted = f"{kind.__name__}(...)"
                raise StatementError(f"Expected {wanted} for {self.id}; got {short(part)}.", f"Write {wanted}.")
        member(self.weight, WEIGHTS, "a weight")
        if not isinstance(self.decision, str) or self.decision:
            member(self.decision, DECISIONS, "a decision")
        for each in listed(self.uses, f"the premises of {self.id}", empty=True):
            check_id(each, "a premise")

    @property
    def kind(self) -> str:
        """What sort of claim it is: "statement", "measurement", "opinion" or "unsettled"."""
        if self.statement is not None:
            return "statement"
        return "measurement" if self.measure is not None else "opinion" if self.opinion else "unsettled"

    def to_json(self) -> dict[str, Any]:
        """Return what it says and where, its kind and weight, as plain data."""
        instead = None if self.repair is None else self.repair.says
        texts = {
            name: getattr(self, name) for name in ("id", "where", "says", "kind", "weight", "opinion", "unsettled")
        }
        return {**texts, "because": self.because, "instead": instead, "uses": [*self.uses]}

    def _table(self) -> ResultTable:
        rows = [
            ("kind", f"{self.kind}, {self.weight}"),
            ("because", self.opinion or self.unsettled or self.because),
            ("true instead", "" if self.repair is None else self.repair.says),
            ("rests on", ", ".join(self.uses)),
        ]
        shown = [(name, shortened(text)) for name, text in rows if text]
        return ResultTable(f"Claim {self.id}, {self.where}", (), shown, finding=shortened(self.says))


@dataclass(frozen=True, repr=False)
class Writeup(Displayed):
    """A document with the claims that it makes.

    Attributes
    ----------
    id, title : str
    claims : sequence of Claim
    faults : callable
        Returns, as claims, the definitions of the document that failed and that no claim has reported so far.

    Raises
    ------
    StatementError
        If something is no claim, two have one id, or a premise is unknown or rests on its own claim.

    Examples
    --------
    >>> from stability import Claim, ForAll, Writeup
    >>> claim = Claim("squares", "1", "A square is never negative.", ForAll("x", [], ["x**2 >= 0"]))
    >>> [claim.id for claim in Writeup("notes", "My notes", [claim]).claims]
    ['squares']
    """

    id: str
    title: str
    claims: Sequence[Claim]
    faults: Callable[[], list[Claim]] = field(default=list, compare=False)

    def __post_init__(self) -> None:
        check_id(self.id, "a write-up")
        words(self.title, "the title of a write-up")
        for claim in listed(self.claims, f"the claims of {self.id}"):
            if not isinstance(claim, Claim):
                raise StatementError(f"Expected a claim in {self.id}; got {short(claim)}.", "Write Claim(...).")
        ids = [claim.id for claim in self.claims]
        double = sorted({i for i in ids if ids.count(i) > 1})
        if double:
            raise StatementError(f"{self.id} has several claims called {', '.join(double)}.", "Rename one.")
        for problem in wrong_premises(self.claims).values():
            raise problem

    def to_json(self) -> dict[str, Any]:
        """Return id, title and claims as plain data."""
        return {"id": self.id, "title": self.title, "claims": [claim.to_json() for claim in self.claims]}

    def _table(self) -> ResultTable:
        rows = [(claim.id, claim.where, claim.kind, shortened(claim.says)) for claim in self.claims]
        finding = f"{self.title}, {amount(len(rows), 'claim')}"
        return ResultTable(f"Write-up {self.id}", ("claim", "where", "kind", "says"), rows, finding=finding)


def wrong_premises(claims: Sequence[Claim]) -> dict[str, StatementError]:
    """Return, by the id of the claim, what is wrong with the premises that claims name: unknown ones, and circles."""
    uses = {claim.id: list(claim.uses) for claim in claims}
    found: dict[str, StatementError] = {}
    for claim in claims:
        unknown = next((each for each in claim.uses if each not in uses), None)
        if unknown is not None:
            found[claim.id] = StatementError(
                f"Expected the id of a claim as a premise of {claim.id}; got {unknown!r}.", nearest(unknown, list(uses))
            )
        elif claim.id in premises_of(claim.id, uses):
            found[claim.id] = StatementError(
                f"Expected premises of {claim.id} that do not rest on it; got a circle.", "Leave one of them out."
            )
    return found


def premises_of(id: str, uses: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the ids of all claims on which a claim rests, those of its premises included.

    Examples
    --------
    >>> premises_of("c", {"a": [], "b": ["a"], "c": ["b"]})
    ['b', 'a']
    """
    found, waiting = dict[str, None](), [*uses.get(id, ())]
    while waiting:
        each = waiting.pop(0)
        if each not in found:
            found[each] = None
            waiting += uses.get(each, ())
    return [*found]
