"""What is the verdict on a claim, and on what ground?"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stability.audit.claims import Claim, Formal
from stability.audit.measurements import Measurement
from stability.audit.studies import Study
from stability.errors import StabilityError
from stability.exact.records import Judged, judge
from stability.exact.statements import Statement

if TYPE_CHECKING:
    from stability.audit.laboratory import Laboratory

STATUSES = ("proved", "refuted", "vacuous", "reproduced", "not-reproduced", "open", "opinion")


@dataclass(frozen=True)
class Verdict:
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
    """

    claim: Claim
    status: str
    reason: str
    judged: Judged | None = None
    repair: Judged | None = None
    agreement: str = ""

    @property
    def repair_status(self) -> str | None:
        """The status of the repair, or None where there is no repair."""
        if self.claim.repair is None:
            return None
        return (self.repair.conclusion if self.repair else None) or "open"

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain data."""
        repair = self.claim.repair
        return {
            "id": self.claim.id,
            "where": self.claim.where,
            "says": self.claim.says,
            "kind": self.claim.kind,
            "status": self.status,
            "reason": self.reason,
            "repair": None if repair is None else {"says": repair.says, "status": self.repair_status},
            "counterexample": None if self.judged is None else self.judged.shown,
            "certificate": None if self.judged is None else self.judged.certificate,
            "agreement": self.agreement or None,
        }


def settle(claim: Claim, runs: bool = True, laboratory: "Laboratory | None" = None) -> Verdict:
    """Return the verdict on a claim, computed from its statement or its measurement.

    Parameters
    ----------
    claim : Claim
        What to judge.
    runs : bool
        Whether to compare predictions with training runs.
    laboratory : Laboratory, optional
        Where studies get their results from; without it they are made now, with few runs.
    """
    if claim.opinion:
        return Verdict(claim, "opinion", claim.opinion)
    if claim.unsettled:
        return Verdict(claim, "open", claim.unsettled)
    if claim.measure is not None:
        measured = _measured(claim.measure, laboratory)
        borne_out = measured.reproduced == 1  # NaN is not
        status = "reproduced" if borne_out else "not-reproduced"
        return Verdict(claim, status, _reason(claim, status, measured.says), repair=_repair(claim))
    judged = _judge(claim.statement)
    agreement = claim.predicts.run() if runs and claim.predicts is not None else ""
    status = judged.conclusion or "open"
    return Verdict(claim, status, _reason(claim, status, ground(judged)), judged, _repair(claim), agreement)


def _measured(measure: Study | Callable[[], Measurement], laboratory: "Laboratory | None") -> Measurement:
    if not isinstance(measure, Study):
        return measure()
    from stability.audit.laboratory import Laboratory

    return (laboratory or Laboratory(Path())).judge(measure)


def _reason(claim: Claim, status: str, computed: str) -> str:
    failed = status in ("refuted", "vacuous", "not-reproduced")
    return f"{claim.because} {computed}" if failed and claim.because else computed


def _repair(claim: Claim) -> Judged | None:
    return None if claim.repair is None else _judge(claim.repair.statement)


def _judge(statement: Formal | None) -> Judged:
    try:
        built = statement if isinstance(statement, Statement) or statement is None else statement()
        if built is None:
            return Judged(None, reason="nothing formal was stated")
        return judge(built)
    except StabilityError as problem:
        return Judged(None, reason=str(problem))


def ground(judged: Judged) -> str:
    """Return in a few words what kind of certificate settles it."""
    record = judged.record
    if record is None:
        return judged.reason
    if record["format"] == "stability-atlas/1":
        listed = f"By the complete list of stationary sets of {' and '.join(record['landscapes'])}."
        return listed if judged.shown is None else f"{judged.shown['says']} {listed}"
    proof = record["proof"]
    while "proof" in proof:
        proof = proof["proof"]
    if "witness" in proof:
        values = ", ".join(f"{name} = {value}" for name, value in proof["witness"].items())
        word = "Counterexample" if judged.conclusion == "refuted" else "Example"
        return f"{word}: {values}." if values else "By evaluation."
    if judged.conclusion == "vacuous":
        return f"The hypotheses contradict each other ({_cases(proof['empty'])})."
    if "empty" in proof:
        return f"Impossible ({_cases(proof['empty'])})."
    if "never" in proof:
        return "Fails at the only value allowed."
    if "parts" in proof:
        return f"In {len(proof['parts'])} parts."
    if "separator" in proof:
        return "A direction along which every nearby gradient descends."
    return "By convex weights on the gradients around it." if "weights" in proof else f"By {_cases(proof['tree'])}."


def _cases(tree: dict[str, Any]) -> str:
    count = _leaves(tree)
    return f"{count} cases" if count > 1 else "one combination of the constraints"


def _leaves(tree: dict[str, Any]) -> int:
    return sum(_leaves(tree[side]) for side in "-0+") if "split" in tree else 1


def counted(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Return how many verdicts have each status, in the order of STATUSES."""
    count = Counter(verdict.status for verdict in verdicts)
    return {status: count[status] for status in STATUSES if count[status]}
