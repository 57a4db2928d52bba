"""The verdict on a claim, and its ground."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stability.audit.claims import Claim, Formal
from stability.audit.grounds import ground
from stability.audit.kept_records import KeptRecords
from stability.audit.measurements import TRAINING_BUDGET, EstimatedMeasure, Measurement
from stability.audit.missing import error_line
from stability.audit.protocols import Study
from stability.errors import (
    CertificateError,
    MissingExtraError,
    StabilityError,
    StatementError,
    TooLargeError,
    extras_named,
)
from stability.io.printable import shortened
from stability.io.results import Displayed, ResultTable
from stability.logic.formulas import short
from stability.logic.records import Judged, prove
from stability.logic.statements import Statement
from stability.logic.validation import member

if TYPE_CHECKING:
    from stability.audit.result_store import ResultStore

STATUSES = ("proved", "refuted", "vacuous", "reproduced", "not-reproduced", "open", "opinion", "error")
"""What can become of a claim; an error is one that cannot be judged, because it is malformed or breaks."""


FAILED = ("refuted", "vacuous", "not-reproduced")
"""What becomes of a claim that does not hold."""

HELD = ("proved", "reproduced")
"""What becomes of one that does."""


@dataclass(frozen=True, repr=False)
class Verdict(Displayed):
    """A claim with its status, computed.

    Attributes
    ----------
    claim : Claim
        What was judged.
    status : str
        One of STATUSES.
    reason : str
        One line: how it was shown, or why it stays open.
    judged : Judged or None
        The certificate, where there is one.
    repair : Judged or None
        The verdict on the repair, where there is one.
    agreement : str
        What training runs say of the prediction; never a proof.
    fallen : tuple of str
        The ids of the premises that fall.
    measured : str
        What was measured instead of what is not reproduced, in the words of the claim; never a proof.

    Raises
    ------
    StatementError
        If there is no such status.

    Examples
    --------
    >>> from stability import run_audit
    >>> (_, (verdict,)), = run_audit(["prototype-surface-control"], only=["unique-stable-equilibrium"], runs=False)
    >>> verdict.status, verdict.repair_status
    ('refuted', 'proved')
    """

    claim: Claim
    status: str
    reason: str
    judged: Judged | None = None
    repair: Judged | None = None
    agreement: str = ""
    fallen: tuple[str, ...] = ()
    measured: str = ""

    def __post_init__(self) -> None:
        member(self.status, STATUSES, "a status")

    @property
    def repair_status(self) -> str | None:
        """The status of the repair, or None where there is no repair."""
        if self.claim.repair is None:
            return None
        return (self.repair.conclusion if self.repair else None) or "open"

    def judgements(self) -> Iterator[tuple[str, Judged]]:
        """Yield what was concluded on the claim and on its repair, under the names that their records have."""
        for name, judged in ((self.claim.id, self.judged), (repair_name(self.claim), self.repair)):
            if judged is not None:
                yield name, judged

    @property
    def correction(self) -> str:
        """What is true instead, with its status; "" where nothing is said."""
        return "" if self.claim.repair is None else f"{self.claim.repair.says} ({self.repair_status})"

    @property
    def instead(self) -> tuple[str, str]:
        """What is true instead, with its status, or what was measured, and which of the two it is."""
        if self.claim.repair is not None or not self.measured:
            return "true instead", self.correction
        return "measured instead", self.measured

    @property
    def decision(self) -> str:
        """What becomes of the conclusion, one of DECISIONS: it falls with the claim, or with one of its premises."""
        if self.fallen:
            return "falls"
        if self.status in FAILED:
            return self.claim.decision or ("none" if self.is_number else "falls")
        return "stands" if self.status in HELD else "none"

    @property
    def is_number(self) -> bool:
        """Whether the claim is one about given numbers alone, without variables and landscapes."""
        record = None if self.judged is None else self.judged.record
        return record is not None and not record["landscapes"] and _is_number(record["statement"])

    def _table(self) -> ResultTable:
        rows = [
            ("says", self.claim.says),
            ("because", self.reason),
            ("falls with", ", ".join(self.fallen)),
            self.instead,
            ("agreement", self.agreement),
            ("certificate", "" if self.judged is None else self.judged.certificate or ""),
        ]
        shown = [(name, shortened(text)) for name, text in rows if text]
        return ResultTable(self.status, (), shown, finding=f"{self.claim.id}, {self.claim.where}")

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain data."""
        repair, place = self.claim.repair, self.claim.place
        return {
            "id": self.claim.id,
            "where": self.claim.where,
            "says": self.claim.says,
            "kind": self.claim.kind,
            "status": self.status,
            "reason": self.reason,
            "repair": None if repair is None else {"says": repair.says, "status": self.repair_status},
            "measured_instead": self.measured or None,
            "counterexample": None if self.judged is None else self.judged.shown,
            "certificate": None if self.judged is None else self.judged.certificate,
            "agreement": self.agreement or None,
            "file": None if place is None else place.file,
            "line": None if place is None else place.line,
            "message": self.reason if self.status == "error" else None,
            "weight": self.claim.weight,
            "decision": self.decision,
            "uses": list(self.claim.uses),
            "falls_with": list(self.fallen),
        }


def _is_number(formal: dict[str, Any]) -> bool:
    """Return whether a statement has no variables."""
    parts = formal.get("all of")
    if parts is not None:
        return all(_is_number(part) for part in parts)
    return not formal.get("for all", [""])


def settle(
    claim: Claim,
    runs: bool = True,
    store: "ResultStore | None" = None,
    max_seconds: float = TRAINING_BUDGET,
    kept: KeptRecords | None = None,
) -> Verdict:
    """Return the verdict on a claim, computed from its statement or its measurement; an error if that breaks.

    Parameters
    ----------
    claim : Claim
        What to judge.
    runs : bool
        Whether to compare predictions with training runs.
    store : ResultStore, optional
        Where studies get their results from; without it they are made now, with few runs.
    max_seconds : float
        Seconds, as estimated by `EstimatedMeasure`, beyond which a measured claim of a document stays open.
    kept : KeptRecords, optional
        Records that the checker confirms again instead of a new search; by default all is searched anew.
    """
    try:
        return _settle(claim, runs, store, max_seconds, kept)
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        return Verdict(claim, "error", error_line(problem))


def _settle(
    claim: Claim, runs: bool, store: "ResultStore | None", max_seconds: float, kept: KeptRecords | None
) -> Verdict:
    if claim.opinion:
        return Verdict(claim, "opinion", claim.opinion)
    if claim.unsettled:
        return Verdict(claim, "open", claim.unsettled)
    if claim.measure is not None:
        measured = _measured(claim.measure, store, max_seconds)
        if measured.reproduced is None:
            return Verdict(claim, "open", measured.says, repair=_repair(claim, kept))
        status = "reproduced" if measured.reproduced else "not-reproduced"
        reason = _reason(claim, status, measured.says)
        return Verdict(claim, status, reason, repair=_repair(claim, kept), measured=measured.instead)
    judged = _judge(claim.statement, claim.id, kept)
    agreement = _agreement(claim) if runs else ""
    status = judged.conclusion or "open"
    reason = _reason(claim, status, ground(judged, claim.decimals))
    claim, repair = _corrected(claim, kept) if status == "refuted" else (claim, _repair(claim, kept))
    return Verdict(claim, status, reason, judged, repair, agreement)


def _corrected(claim: Claim, kept: KeptRecords | None) -> tuple[Claim, Judged | None]:
    """Return a refuted claim with its repair, or else with what is true instead as far as that is known and proved."""
    if claim.repair is not None or claim.nearest is None:
        return claim, _repair(claim, kept)
    with suppress(StabilityError):
        for found in claim.nearest():
            judged = _judge(found.statement, repair_name(claim), kept)
            if judged.conclusion == "proved":
                return replace(claim, repair=found), judged
    return claim, None


def _agreement(claim: Claim) -> str:
    """Return how many runs agree with the prediction of a claim; without torch, that there are none."""
    try:
        with extras_named():
            return "" if claim.predicts is None else claim.predicts.run()
    except MissingExtraError as problem:
        return f"no run: {error_line(problem)}"


def _measured(
    measure: Study | Callable[[], Measurement], store: "ResultStore | None", max_seconds: float
) -> Measurement:
    if isinstance(measure, Study):
        from stability.audit.result_store import ResultStore

        found = (store or ResultStore(Path())).judge(measure)
    elif isinstance(measure, EstimatedMeasure):
        found = measure.within(max_seconds)
    else:
        found = measure()
    if not isinstance(found, Measurement):
        raise StatementError(f"Expected a measurement; got {short(found)}.", "Return Measurement(...).")
    return found


def _reason(claim: Claim, status: str, computed: str) -> str:
    return f"{claim.because} {computed}" if claim.because and status != "open" else computed


def repair_name(claim: Claim) -> str:
    """Return how the record of the repair of a claim is named."""
    return f"{claim.id}.repair"


def _repair(claim: Claim, kept: KeptRecords | None) -> Judged | None:
    return None if claim.repair is None else _judge(claim.repair.statement, repair_name(claim), kept)


def _judge(statement: Formal | None, name: str, kept: KeptRecords | None) -> Judged:
    """Return what becomes of a statement: open where no proof was found; it raises where it makes no sense."""
    try:
        built = statement if isinstance(statement, Statement) or statement is None else statement()
        if not isinstance(built, Statement):
            raise StatementError(f"Expected a statement; got {short(built)}.", "Return ForAll(...), for example.")
        known = None if kept is None else kept.judged(name, built)
        return known or prove(built)
    except StatementError:
        raise
    except TooLargeError as problem:
        remedy = re.sub(r"Allow more with --max-faces \d+, or (\w)", lambda match: match[1].upper(), problem.remedy)
        return Judged(None, reason=f"{problem.problem}\n  {remedy}")  # an audit has no such option
    except CertificateError as problem:
        return Judged(None, reason=str(problem))


def counted(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Return how many verdicts have each status, in the order of STATUSES."""
    count = Counter(verdict.status for verdict in verdicts)
    return {status: count[status] for status in STATUSES if count[status]}
