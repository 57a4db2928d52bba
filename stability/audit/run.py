"""Whole write-ups: which claims are judged, what became of them, and the records of it."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stability.audit.claims import Claim, Writeup, premises_of
from stability.audit.decisions import with_premises
from stability.audit.discovery import proofs_folder, refuse_unheard, writeups
from stability.audit.kept_records import KeptRecords
from stability.audit.measurements import TRAINING_BUDGET
from stability.audit.published import published_judgements
from stability.audit.result_store import ResultStore
from stability.audit.summary import first_page
from stability.audit.theorems import theorem_names, theorem_verdict
from stability.audit.verdicts import Verdict, counted, settle
from stability.compute.notebook import reporting
from stability.compute.progress import Progress, silent
from stability.errors import StabilityError, UnknownNameError, nearest, require_kind
from stability.io.printable import amount
from stability.io.results import ResultTable, Tabular
from stability.logic.records import Judged, write
from stability.logic.validation import finite

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Audited(Tabular, list[tuple[Writeup, list[Verdict]]]):
    """The verdicts on the claims of write-ups: a list of each write-up with its verdicts."""

    @property
    def verdicts(self) -> list[Verdict]:
        """All verdicts, in order."""
        return [verdict for _, verdicts in self for verdict in verdicts]

    def to_json(self) -> dict[str, Any]:
        """Return the verdicts as plain data, by write-up."""
        return {"writeups": [_plain(writeup, found) for writeup, found in self]}

    def _table(self) -> ResultTable:
        present = counted(self.verdicts)
        counts = [(w.id, counted(found)) for w, found in self]
        rows = [[name, *(str(count.get(status, 0)) for status in present)] for name, count in counts]
        finding = ", ".join(f"{count} {status}" for status, count in present.items())
        return ResultTable(f"Audit of {amount(len(self.verdicts), 'claim')}", ["write-up", *present], rows, (), finding)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw how many claims of each write-up have each status; return the Axes."""
        from stability.plot.statuses import draw_statuses

        order = counted(self.verdicts)
        each = [(w.id, counted(found)) for w, found in self]
        return draw_statuses(ax, [(name, {status: own.get(status, 0) for status in order}) for name, own in each])

    def _records(self) -> list[dict[str, Any]]:
        return [
            {"writeup": w.id, "claim": v.claim.id, "says": v.claim.says, "status": v.status, "reason": v.reason}
            for w, found in self
            for v in found
        ]


def _plain(writeup: Writeup, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the verdicts on a write-up as plain data."""
    return {
        "id": writeup.id,
        "title": writeup.title,
        "summary": first_page(writeup, verdicts).to_json(),
        "claims": [each.to_json() for each in verdicts],
    }


def run_audit(
    names: Sequence[str] = (),
    only: Sequence[str] = (),
    runs: bool = True,
    progress: Progress | None = None,
    stores: dict[str, ResultStore] | None = None,
    max_seconds: float = TRAINING_BUDGET,
) -> Audited:
    """Return the verdicts on the claims of write-ups; after Ctrl-C, those that were reached.

    Parameters
    ----------
    names : sequence of str
        Ids of write-ups, or paths of documents in Markdown or LaTeX; all write-ups of the project by default.
    only : sequence of str
        Ids of claims; all by default.
    runs : bool
        Whether to compare predictions with training runs.
    progress : callable, optional
        Called with (claim, claims judged, claims in all); in a notebook there is a bar if it is left out.
    stores : dict of str to ResultStore, optional
        Where the studies of each write-up get their results from.
    max_seconds : float
        Seconds, as estimated before it runs, beyond which a measured claim of a document stays open.

    Raises
    ------
    UnknownNameError
        If an id is unknown.
    StatementError
        If `max_seconds` is no finite number.

    Examples
    --------
    >>> from stability import run_audit
    >>> audited = run_audit(["prototype-surface-control"], only=["unique-stable-equilibrium"], runs=False)
    >>> [(writeup.id, [verdict.status for verdict in verdicts]) for writeup, verdicts in audited]
    [('prototype-surface-control', ['refuted'])]
    """
    for each in (names, only):
        require_kind(each, str | Sequence, "ids in a list", 'Write ["two-relu-xor"].')
        for name in [each] if isinstance(each, str) else each:
            require_kind(name, str, "the id of a claim, a write-up or a document", 'Write ["two-relu-xor"].')
    names, only = ([each] if isinstance(each, str) else each for each in (names, only))
    finite(max_seconds, "the seconds of a budget")
    chosen = select(names, only)
    stores = stores or result_stores([writeup for writeup, _ in chosen])
    found = Audited((writeup, []) for writeup, _ in chosen)
    total = sum(len(claims) for _, claims in chosen)
    with suppress(KeyboardInterrupt), reporting(progress, "audit") as report:
        for (writeup, claims), (_, verdicts) in zip(chosen, found, strict=True):
            before = len(found.verdicts)

            def ahead(id: str, done: int, _: int, before: int = before) -> None:
                report(id, before + done, total)

            judge(writeup, claims, verdicts, runs, stores[writeup.id], ahead, max_seconds)
    return found


def judge(
    writeup: Writeup,
    claims: Sequence[Claim],
    verdicts: list[Verdict],
    runs: bool = True,
    store: ResultStore | None = None,
    progress: Progress = silent,
    max_seconds: float = TRAINING_BUDGET,
    kept: KeptRecords | None = None,
) -> None:
    """Judge claims of a write-up one by one into a list, which Ctrl-C leaves as far as it is.

    Parameters
    ----------
    writeup : Writeup
    claims : sequence of Claim
        Those to judge. Where they are all of the write-up, its failed definitions that no claim reports are judged too.
    verdicts : list of Verdict
        Where the verdicts are put.
    runs : bool
        Whether to compare predictions with training runs.
    store : ResultStore, optional
        Where studies get their results from.
    progress : callable
        Called with (claim, claims judged, claims in all).
    max_seconds : float
        Seconds that a claim of training may need, as estimated before; one that needs more stays open.
    kept : KeptRecords, optional
        Records that are confirmed again instead of a new search.
    """
    finite(max_seconds, "the seconds of a budget")
    for done, claim in enumerate(claims):
        progress(claim.id, done, len(claims))
        verdicts.append(settle(claim, runs, store, max_seconds, kept))
    if len(claims) == len(writeup.claims):
        verdicts += [settle(claim) for claim in writeup.faults()]
    verdicts[:] = with_premises(verdicts, _premises(writeup, claims, store, max_seconds, kept))


def _premises(
    writeup: Writeup, claims: Sequence[Claim], store: ResultStore | None, max_seconds: float, kept: KeptRecords | None
) -> list[Verdict]:
    """Return the verdicts on the premises of claims that are not among them."""
    uses = {claim.id: claim.uses for claim in writeup.claims}
    wanted = {id for claim in claims for id in premises_of(claim.id, uses)} - {claim.id for claim in claims}
    return [settle(claim, False, store, max_seconds, kept) for claim in writeup.claims if claim.id in wanted]


def result_stores(chosen: Sequence[Writeup], level: str = "quick") -> dict[str, ResultStore]:
    """Return a result store for each write-up; results are kept in proofs/measured."""
    kept = measured_folder()
    return {writeup.id: ResultStore(kept / writeup.id, level) for writeup in chosen}


def kept_records(writeup: Writeup) -> KeptRecords | None:
    """Return the records that the project keeps of a write-up; None where there are no proofs."""
    with suppress(StabilityError):
        return KeptRecords(proofs_folder() / "records" / writeup.id)
    return None


def measured_folder() -> Path:
    """Return where results of experiments are kept; a place that does not exist where there are no proofs."""
    with suppress(StabilityError):
        return proofs_folder() / "measured"
    return Path("measured")


def select(names: Sequence[str], only: Sequence[str]) -> list[tuple[Writeup, list[Claim]]]:
    """Return the write-ups, each with the claims to judge.

    Raises
    ------
    UnknownNameError
        If an id is unknown.
    """
    if not names:
        refuse_unheard(only)
    chosen = [*writeups_and_documents(names)]
    known = [claim.id for writeup in chosen for claim in writeup.claims]
    for name in only:
        if name not in known:
            raise UnknownNameError(f"Expected the id of a claim; got {name!r}.", nearest(name, known))
    pairs = [(w, [claim for claim in w.claims if not only or claim.id in only]) for w in chosen]
    return [(writeup, claims) for writeup, claims in pairs if claims]


def writeups_and_documents(names: Sequence[str]) -> Iterator[Writeup]:
    """Yield the write-ups of ids and of documents, in order; all write-ups of the project by default."""
    from stability.audit.readers.documents import is_document, writeup_of

    if not names:
        yield from writeups()
    for name in names:
        yield writeup_of(Path(name)) if is_document(name) else writeups([name])[0]


def statuses(found: Audited) -> dict[str, Any]:
    """Return the status of every claim and repair, as recorded for comparison."""
    return {
        f"{w.id}/{v.claim.id}": {"status": v.status, "repair": v.repair_status}
        for w, verdicts in found
        for v in verdicts
    }


def write_records(found: Audited) -> int:
    """Write every certificate and the table of statuses; remove those that no longer belong; return how many."""
    folder = proofs_folder() / "records"
    records: dict[Path, Judged] = {}
    for writeup, verdicts in found:
        for verdict in verdicts:
            for name, judged in verdict.judgements():
                if judged.record is not None:
                    records[folder / writeup.id / f"{name}.json"] = judged
    for name in theorem_names():
        judged = theorem_verdict(name)
        if judged.record is not None:
            records[folder / "theorems" / f"{name}.json"] = judged
    records |= {folder / "published" / path: judged for path, judged in published_judgements().items()}
    for path in set(folder.rglob("*.json")) - set(records):
        path.unlink()
    for path, judged in records.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write(judged, path)
    table = folder.parent / "statuses.json"
    table.write_text(json.dumps(statuses(found), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return len(records)
