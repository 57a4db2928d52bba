"""The first page on a document: what stands, what falls, and the findings that matter."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stability.audit.claims import DECISIONS, WEIGHTS, Writeup
from stability.audit.verdicts import FAILED, HELD, Verdict, counted
from stability.io.printable import amount

MOST_FINDINGS = 10
MOST_NAMED = 3
"""Claims that the paragraph names as standing, and as fallen."""

UNSETTLED = ("error", "open")


@dataclass(frozen=True)
class FirstPage:
    """What a reader should know of a document before its table.

    Attributes
    ----------
    title : str
    says : str
        What stands and what falls, in one paragraph.
    findings : sequence of Verdict
        The ten that matter most, in the order of the document.
    counts, weights, decisions : dict of str to int
        How many claims have each status, weight and decision.
    """

    title: str
    says: str
    findings: Sequence[Verdict]
    counts: dict[str, int]
    weights: dict[str, int]
    decisions: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """Return the page as plain data."""
        return {
            "title": self.title,
            "says": self.says,
            "findings": [finding(each) for each in self.findings],
            "counts": self.counts,
            "weights": self.weights,
            "decisions": self.decisions,
        }


def finding(verdict: Verdict) -> dict[str, Any]:
    """Return a finding as plain data."""
    claim, repair = verdict.claim, verdict.claim.repair
    return {
        "id": claim.id,
        "where": claim.where,
        "says": claim.says,
        "status": verdict.status,
        "decision": verdict.decision,
        "weight": claim.weight,
        "reason": why(verdict),
        "falls_with": list(verdict.fallen),
        "correction": None if repair is None else {"says": repair.says, "status": verdict.repair_status},
        "measured_instead": verdict.measured or None,
    }


def why(verdict: Verdict) -> str:
    """Return why a claim has its status in few words: the author's note where there is one, else what was computed."""
    return " ".join((verdict.claim.because or verdict.reason).split())


def first_page(writeup: Writeup, verdicts: Sequence[Verdict]) -> FirstPage:
    """Return the first page on a document."""
    weights, decisions = (
        Counter(each) for each in ([v.claim.weight for v in verdicts], [v.decision for v in verdicts])
    )
    return FirstPage(
        writeup.title,
        paragraph(verdicts),
        findings(verdicts),
        counted(verdicts),
        {each: weights[each] for each in WEIGHTS if weights[each]},
        {each: decisions[each] for each in DECISIONS if decisions[each]},
    )


def findings(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the findings that matter most: claims that fail or fall, or are not settled, central ones first."""
    found = [each for each in verdicts if each.status in (*FAILED, *UNSETTLED) or each.fallen]
    chosen = sorted(found, key=_rank)[:MOST_FINDINGS]
    return [each for each in verdicts if any(each is other for other in chosen)]


def _rank(verdict: Verdict) -> tuple[int, ...]:
    """Return by what findings are ordered: errors, weight, fallen conclusions, certificates, corrections."""
    return (
        verdict.status != "error",
        WEIGHTS.index(verdict.claim.weight),
        DECISIONS.index(verdict.decision) if verdict.status in FAILED else len(DECISIONS),
        verdict.status == "not-reproduced",
        verdict.claim.repair is None,
        not verdict.claim.because,
    )


def leading(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the central claims; all where none is central."""
    return [each for each in verdicts if each.claim.weight == "central"] or list(verdicts)


def paragraph(verdicts: Sequence[Verdict]) -> str:
    """Return what stands and what falls in one paragraph."""
    chosen = leading(verdicts)
    word = "central claim" if any(each.claim.weight == "central" for each in chosen) else "claim"
    stands, falls = ([each for each in chosen if each.decision == name] for name in ("stands", "falls"))
    parts = [
        f"Of {amount(len(chosen), word)} {_are(len(stands), 'stands', 'stand')} and {_are(len(falls), 'falls', 'fall')}"
    ]
    left = len(chosen) - len(stands) - len(falls)
    parts[0] += f"; on {left} nothing is decided." if left else "."
    parts += _named("What stands", [each for each in stands if each.status in HELD]) + _named(
        "What falls", sorted(falls, key=_rank)
    )
    premises = [each for each in verdicts if each.fallen]
    if premises:
        said = ", ".join(f"{each.claim.id} with {' and '.join(each.fallen)}" for each in premises)
        parts.append(f"Conclusions fall with their premises: {said}.")
    wrong = [each for each in verdicts if each.status in FAILED and each.decision != "falls"]
    if wrong:
        verb = "is" if len(wrong) == 1 else "are"
        parts.append(f"{amount(len(wrong), 'claim')} {verb} wrong without a conclusion that falls.")
    return " ".join(parts)


def _are(count: int, one: str, several: str) -> str:
    return f"{count or 'none'} {one if count in (0, 1) else several}"


def _named(head: str, verdicts: Sequence[Verdict]) -> list[str]:
    """Return the first of some claims in a sentence."""
    if not verdicts:
        return []
    texts = "; ".join(each.claim.says.rstrip(".") for each in verdicts[:MOST_NAMED])
    more = len(verdicts) - MOST_NAMED
    return [f"{head}: {texts}{f'; and {more} more' if more > 0 else ''}."]


def decided(verdict: Verdict) -> str:
    """Return the status of a claim with what becomes of its conclusion."""
    if verdict.fallen:
        return f"{verdict.status}, falls with {' and '.join(verdict.fallen)}"
    extra = {"falls": "the conclusion falls", "stands": "the conclusion stands", "none": ""}[verdict.decision]
    failed = verdict.decision != "stands" or verdict.claim.decision
    return f"{verdict.status}, {extra}" if extra and failed and verdict.status not in HELD else verdict.status


def reason_of(verdict: Verdict) -> str:
    """Return the reason of a verdict, with what training runs say of it."""
    falls = f" Falls with its premise {' and '.join(verdict.fallen)}." if verdict.fallen else ""
    return " ".join(verdict.reason.split()) + falls + (f" [{verdict.agreement}]" if verdict.agreement else "")
