"""Auditing, reporting and recording of whole write-ups."""

import sys
from collections.abc import Sequence
from typing import Any

from stability.audit.discovery import proofs_folder, require_own_proofs
from stability.audit.measurements import TRAINING_BUDGET
from stability.audit.readers.blocks import DocumentError
from stability.audit.readers.documents import is_document
from stability.audit.readers.writing import stale, write_verdicts
from stability.audit.run import Audited, result_stores, run_audit, select, write_records
from stability.audit.verdicts import STATUSES, Verdict
from stability.cli.options import print_result
from stability.cli.tables import summary, verdict_table
from stability.cli.terminal import Part, shown_progress
from stability.errors import StabilityError, UnknownNameError, nearest
from stability.io.printable import printable
from stability.io.provenance import provenance

INTERRUPTED = 130
MALFORMED = 2
"""The exit status where a claim cannot be judged."""


def audit_and_report(
    names: Sequence[str],
    only: Sequence[str],
    as_json: str | None,
    fail_on: Sequence[str],
    record: bool,
    runs: bool,
    level: str = "quick",
    keep: bool = False,
    form: str | None = None,
    write: bool = False,
    check: bool = False,
    max_seconds: float = TRAINING_BUDGET,
) -> int:
    """Audit, report, and return the exit status: 2 where a claim is an error, 1 where a status of `fail_on` occurs."""
    _refuse(names, only, fail_on, record)
    _refuse_documents(names, only, write, check)
    if keep and (only or level != "full"):
        raise StabilityError("Results are kept of all experiments of a write-up, trained anew.", "Add --level full.")
    if record or keep:
        require_own_proofs()
    chosen = select(names, only)
    wanted = sum(len(claims) for _, claims in chosen)
    stores = result_stores([writeup for writeup, _ in chosen], level)
    with shown_progress() as progress:
        found = run_audit(names, only, runs, progress, stores, max_seconds)
    everything = found.verdicts
    print_result(lambda: _report(found), as_json, lambda: _parts(found, everything), form)
    if len(everything) < wanted:
        print(f"Interrupted: {len(everything)} of {wanted} claims were judged.", file=sys.stderr)
        return INTERRUPTED
    disagrees = _check_documents(found) if check else False
    try:
        changed = write_verdicts(found) if write else []
    except DocumentError as problem:
        raise StabilityError(f"Nothing was written: line {problem.line}: {problem.problem}", problem.remedy) from None
    for path in changed if as_json is None else ():
        print(f"{path} written", file=sys.stderr)
    if _report_errors(everything, record or keep):
        return MALFORMED
    if record:
        print(f"{write_records(found)} records written to {proofs_folder() / 'records'}")
    if keep:
        kept = sum(store.keep() for store in stores.values() if store.made)
        print(f"{kept} results of experiments written to {proofs_folder() / 'measured'}")
    return int(disagrees or any(verdict.status in fail_on for verdict in everything))


def _check_documents(found: Audited) -> bool:
    """Say on stderr what does not agree in documents; return whether something does not."""
    problems = stale(found)
    for problem in problems:
        print(printable(problem), file=sys.stderr)
    return bool(problems)


def _refuse_documents(names: Sequence[str], only: Sequence[str], write: bool, check: bool) -> None:
    if not (write or check):
        return
    word = "--write" if write else "--check"
    others = [name for name in names if not is_document(name)]
    if write and check:
        raise StabilityError("Expected --write or --check; got both.", "Leave one out.")
    if others or not names:
        raise StabilityError(
            f"Expected documents for {word}; got {others[0] if others else 'none'}.",
            f"Write stability audit notes.md {word}.",
        )
    if only:
        raise StabilityError(f"Expected all claims of a document for {word}; got --only.", "Leave --only out.")


def _refuse(names: Sequence[str], only: Sequence[str], fail_on: Sequence[str], record: bool) -> None:
    for status in fail_on:
        if status not in STATUSES:
            raise UnknownNameError(f"Expected a status; got {status!r}.", nearest(status, list(STATUSES)))
    if record and (names or only):
        raise StabilityError("Records are renewed all together.", "Leave out the write-ups and --only.")


def _parts(found: Audited, everything: Sequence[Verdict]) -> list[Part]:
    parts: list[Part] = []
    for writeup, verdicts in ((w, v) for w, v in found if v):
        parts += [verdict_table(writeup, verdicts), summary(verdicts) + "\n"]
    if len(found) > 1:
        parts.append(f"Altogether {summary(everything)}")
    return parts


def _report_errors(everything: Sequence[Verdict], writing: bool) -> bool:
    """Say on stderr which claims could not be judged; return whether there are some."""
    errors = [verdict for verdict in everything if verdict.status == "error"]
    for verdict in errors:
        place = verdict.claim.place
        where = f" ({place.file}, line {place.line})" if place else ""
        print(printable(f"Error in {verdict.claim.id}{where}: {verdict.reason}"), file=sys.stderr)
    if errors and writing:
        print("Nothing was written to proofs/, since that would drop what belongs to these claims.", file=sys.stderr)
    return bool(errors)


def _report(found: Audited) -> dict[str, Any]:
    """Return all verdicts as plain data."""
    return {**provenance(), **found.to_json()}
