"""How are whole write-ups audited, reported and recorded?"""

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stability.audit.claims import Claim, Writeup
from stability.audit.laboratory import Laboratory
from stability.audit.library import proofs_folder, writeups
from stability.audit.reports import summary, verdict_table
from stability.audit.screen import Part, progress_bar, show
from stability.audit.theorems import theorem_names, theorem_verdict
from stability.audit.verdicts import STATUSES, Verdict, settle
from stability.errors import StabilityError, UnknownNameError, nearest
from stability.exact.files import require_folder, write_whole
from stability.exact.printable import printable
from stability.exact.records import Judged, write
from stability.version import __version__

Audited = list[tuple[Writeup, list[Verdict]]]
INTERRUPTED = 130
MALFORMED = 2
"""The exit status where a claim cannot be judged."""


def audit(
    names: Sequence[str] = (),
    only: Sequence[str] = (),
    runs: bool = True,
    quiet: bool = False,
    laboratories: dict[str, Laboratory] | None = None,
) -> Audited:
    """Return the verdicts on the claims of write-ups; after Ctrl-C, those that were reached.

    Parameters
    ----------
    names : sequence of str
        Ids of write-ups; all by default.
    only : sequence of str
        Ids of claims; all by default.
    runs : bool
        Whether to compare predictions with training runs.
    quiet : bool
        Whether to do without a progress bar (there is none anyway where there is no terminal).
    laboratories : dict of str to Laboratory, optional
        Where the studies of each write-up get their results from.
    """
    chosen = select(names, only)
    places = laboratories or laboratories_for([writeup for writeup, _ in chosen])
    found: Audited = [(writeup, []) for writeup, _ in chosen]
    with suppress(KeyboardInterrupt), progress_bar(quiet) as progress:
        task = progress.add_task("auditing", total=sum(len(claims) for _, claims in chosen))
        for (writeup, claims), (_, verdicts) in zip(chosen, found, strict=True):
            for claim in claims:
                progress.update(task, description=claim.id)
                verdicts.append(settle(claim, runs, places[writeup.id]))
                progress.advance(task)
            verdicts += [settle(claim) for claim in (() if only else writeup.faults())]
    return found


def laboratories_for(chosen: Sequence[Writeup], level: str = "quick") -> dict[str, Laboratory]:
    """Return a laboratory for each write-up; results are kept in proofs/measured."""
    return {writeup.id: Laboratory(proofs_folder() / "measured" / writeup.id, level) for writeup in chosen}


def select(names: Sequence[str], only: Sequence[str]) -> list[tuple[Writeup, list[Claim]]]:
    """Return the write-ups, each with the claims to judge.

    Raises
    ------
    UnknownNameError
        If an id is unknown.
    """
    chosen = writeups(names)
    known = [claim.id for writeup in chosen for claim in writeup.claims]
    for name in only:
        if name not in known:
            raise UnknownNameError(f"Expected the id of a claim; got {name!r}.", nearest(name, known))
    pairs = [(w, [claim for claim in w.claims if not only or claim.id in only]) for w in chosen]
    return [(writeup, claims) for writeup, claims in pairs if claims]


def run_audit(
    names: Sequence[str],
    only: Sequence[str],
    json_file: Path | None,
    fail_on: Sequence[str],
    record: bool,
    runs: bool,
    level: str = "quick",
    keep: bool = False,
    form: str | None = None,
) -> int:
    """Audit, report, and return the exit status: 2 where a claim is an error, 1 where a status of `fail_on` occurs."""
    _refuse(names, only, json_file, fail_on, record)
    if keep and (only or level != "full"):
        raise StabilityError("Results are kept of all experiments of a write-up, trained anew.", "Add --level full.")
    chosen = select(names, only)
    wanted = sum(len(claims) for _, claims in chosen)
    places = laboratories_for([writeup for writeup, _ in chosen], level)
    found = audit(names, only, runs, laboratories=places)
    everything = [verdict for _, verdicts in found for verdict in verdicts]
    if json_file is not None:
        _write_json(found, json_file)
    if json_file is None or str(json_file) != "-":
        _report(found, everything, form)
    if len(everything) < wanted:
        print(f"Interrupted: {len(everything)} of {wanted} claims were judged.", file=sys.stderr)
        return INTERRUPTED
    if _report_errors(everything, record or keep):
        return MALFORMED
    if record:
        print(f"{write_records(found)} records written to {proofs_folder() / 'records'}")
    if keep:
        kept = sum(place.keep() for place in places.values() if place.made)
        print(f"{kept} results of experiments written to {proofs_folder() / 'measured'}")
    return int(any(verdict.status in fail_on for verdict in everything))


def _refuse(
    names: Sequence[str], only: Sequence[str], json_file: Path | None, fail_on: Sequence[str], record: bool
) -> None:
    for status in fail_on:
        if status not in STATUSES:
            raise UnknownNameError(f"Expected a status; got {status!r}.", nearest(status, list(STATUSES)))
    if record and (names or only):
        raise StabilityError("Records are renewed all together.", "Leave out the write-ups and --only.")
    require_folder(json_file)


def _report(found: Audited, everything: Sequence[Verdict], form: str | None) -> None:
    parts: list[Part] = []
    for writeup, verdicts in ((w, v) for w, v in found if v):
        parts += [verdict_table(writeup, verdicts), summary(verdicts) + "\n"]
    if len(found) > 1:
        parts.append(f"Altogether {summary(everything)}")
    show(*parts, form=form)


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


def _write_json(found: Audited, path: Path) -> None:
    document = {
        "version": __version__,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "arguments": sys.argv[1:],
        "writeups": [
            {"id": w.id, "title": w.title, "claims": [verdict.to_json() for verdict in verdicts]}
            for w, verdicts in found
        ],
    }
    text = json.dumps(document, indent=2) + "\n"
    if str(path) == "-":
        print(text, end="")
        return
    write_whole(path, text)


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
            for judged, suffix in ((verdict.judged, ""), (verdict.repair, ".repair")):
                if judged is not None and judged.record is not None:
                    records[folder / writeup.id / f"{verdict.claim.id}{suffix}.json"] = judged
    for name in theorem_names():
        judged = theorem_verdict(name)
        if judged.record is not None:
            records[folder / "theorems" / f"{name}.json"] = judged
    for path in set(folder.rglob("*.json")) - set(records):
        path.unlink()
    for path, judged in records.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write(judged, path)
    table = folder.parent / "statuses.json"
    table.write_text(json.dumps(statuses(found), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return len(records)
