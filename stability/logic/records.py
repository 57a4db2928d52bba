"""Records of settled statements, which anyone can check."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stability.checker import checker
from stability.errors import CertificateError, StabilityError, require_kind
from stability.io.files import write_whole
from stability.io.results import Displayed, ResultTable
from stability.logic.deductions import Deduced
from stability.logic.formulas import decimals
from stability.logic.statements import Settled, Several, Statement

Record = dict[str, Any]

LONGEST = 300
"""Characters of a conclusion up to which it is shown whole."""


@dataclass(frozen=True, repr=False)
class Judged(Displayed):
    """A statement with what became of it; a conclusion stands here only if the checker confirmed it.

    Attributes
    ----------
    conclusion : str or None
        "proved", "refuted" or "vacuous"; None where the question is open.
    record : dict or None
        The certificate.
    reason : str
        Why the question is open, or how a conclusion follows from that of its parts.
    words : str
        What the checker says that the record concludes.
    shown : dict, optional
        What decides a statement about sets, such as the set that offends: "says" in words, and exact attributes.
    decimals : dict of str to str
        The decimals in its formulas, and the exact numbers as which they were read.
    parts : tuple of Judged
        Those of a conjunction, or the facts of a deduction, that have records of their own.
    """

    conclusion: str | None
    record: Record | None = None
    reason: str = ""
    words: str = ""
    shown: dict[str, Any] | None = None
    decimals: dict[str, str] = field(default_factory=dict)
    parts: tuple["Judged", ...] = ()

    @property
    def certificate(self) -> str | None:
        """The id of the record; those of all parts, where each has its own."""
        ids = [str(record["id"]) for record in self.records]
        return ", ".join(ids) or None

    @property
    def records(self) -> list[Record]:
        """All records: one, or one for each part."""
        return [leaf.record for leaf in self.leaves if leaf.record is not None]

    @property
    def leaves(self) -> list["Judged"]:
        """What has a record of its own: this one, or parts of it."""
        return [self] if self.record is not None else [leaf for part in self.parts for leaf in part.leaves]

    def _table(self) -> ResultTable:
        if self.conclusion is None:
            return ResultTable("open", finding=self.reason)
        shown = "" if self.shown is None else str(self.shown.get("says", ""))
        read = ", ".join(f"{decimal} as {number}" for decimal, number in self.decimals.items())
        rows = [("because", shown), ("decimals read", read), ("certificate", self.certificate or "")]
        words = self.words if len(self.words) <= LONGEST else f"{self.words[:LONGEST]}..."
        title, _, finding = words.partition(": ")
        if title != self.conclusion:
            title, finding = words, ""
        return ResultTable(title, (), [row for row in rows if row[1]], finding=finding)

    def to_json(self) -> dict[str, Any]:
        """Return the conclusion with its certificate, or why there is none."""
        return {
            "conclusion": self.conclusion,
            "reason": self.reason,
            "words": self.words,
            "shown": self.shown,
            "decimals": self.decimals,
            "certificate": self.certificate,
            "record": self.record,
        }


def prove(statement: Statement) -> Judged:
    """Settle a statement and have the checker confirm it.

    Examples
    --------
    >>> from stability import ForAll, prove
    >>> prove(ForAll("x", ["x > 1"], ["x**2 > x"])).conclusion
    'proved'
    """
    require_kind(statement, Statement, "a statement", 'Write ForAll("x", [], ["x**2 >= 0"]), for example.')
    if isinstance(statement, Several):
        return _together([prove(part) for part in statement.parts])
    if isinstance(statement, Deduced):
        return statement.judged()
    settled, read = statement.settle(), decimals(statement.formulas())
    if settled.conclusion is None:
        return Judged(None, reason=settled.reason, decimals=read)
    record = build(statement, settled)
    try:
        return Judged(settled.conclusion, record, words=checker.check(record), shown=settled.shown, decimals=read)
    except checker.Rejected as problem:
        return Judged(None, reason=f"the checker rejected the certificate: {problem}")


def confirmed(record: Record, statement: Statement) -> Judged | None:
    """Return what a record concludes, if it says just this statement and the checker accepts it; else None."""
    try:
        own = json.loads(json.dumps({"statement": statement.formal(), "landscapes": statement.landscapes}))
        if record.get("format") != statement.format or any(record.get(key) != part for key, part in own.items()):
            return None
        return Judged(
            record["conclusion"], record, words=checker.check(record), decimals=decimals(statement.formulas())
        )
    except (checker.Rejected, StabilityError, TypeError):
        return None


def _together(parts: Sequence[Judged]) -> Judged:
    """Return what becomes of several statements at once: one that is refuted refutes all."""
    read = {decimal: number for each in parts for decimal, number in each.decimals.items()}
    refuted = next((each for each in parts if each.conclusion == "refuted"), None)
    if refuted is not None:
        return replace(refuted, decimals=read)
    undecided = next((each for each in parts if each.conclusion is None), None)
    if undecided is not None:
        return Judged(None, reason=undecided.reason, decimals=read)
    conclusion = "vacuous" if any(each.conclusion == "vacuous" for each in parts) else "proved"
    reason, words = " ".join(each.reason for each in parts if each.reason), "; ".join(each.words for each in parts)
    return Judged(conclusion, reason=reason, words=words, decimals=read, parts=tuple(parts))


def deduced(conclusion: str, reason: str, facts: Sequence[Statement | Judged]) -> Judged:
    """Return a conclusion that follows from facts if all of them are proved; else it is open, with the reason why.

    Parameters
    ----------
    conclusion : str
        "proved" or "refuted".
    reason : str
        How it follows, in words.
    facts : sequence of Statement or Judged
        Proved here unless that is done.
    """
    parts = []
    for fact in facts:
        parts.append(fact if isinstance(fact, Judged) else prove(fact))
        if parts[-1].conclusion != "proved":
            return Judged(None, reason=parts[-1].reason or f"This is not so: {parts[-1].words}")
    return Judged(conclusion, reason=reason, words=f"{conclusion}: {reason}", parts=tuple(parts))


def build(statement: Statement, settled: Settled) -> Record:
    """Return the record, with its fingerprint as id."""
    record: Record = {
        "format": statement.format,
        "id": "",
        "landscapes": statement.landscapes,
        "statement": statement.formal(),
        "conclusion": settled.conclusion,
        "proof": settled.proof,
    }
    return {**record, "id": checker.digest(record)}


def write(judged: Judged, path: Path) -> None:
    """Write the record to a file, whole or not at all.

    Raises
    ------
    CertificateError
        If there is no record.
    FileError
        If there is no such folder.
    """
    if judged.record is None:
        raise CertificateError("There is no certificate to write.", judged.reason)
    write_record(judged.record, path)


def write_record(record: Record, path: Path) -> None:
    """Write a record to a file, whole or not at all."""
    write_whole(path, json.dumps(record, separators=(",", ":"), sort_keys=True) + "\n")
