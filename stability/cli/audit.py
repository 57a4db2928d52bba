"""Auditing, reporting and recording of whole write-ups."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stability.audit.claims import Claim, Writeup
from stability.audit.discovery import documents, proofs_folder, require_own_proofs
from stability.audit.measurements import TRAINING_BUDGET
from stability.audit.readers.blocks import DocumentError
from stability.audit.readers.documents import DocumentWriteup, has_claims, is_document
from stability.audit.readers.writing import keep_records, kept_beside, stale, write_verdicts
from stability.audit.result_store import ResultStore
from stability.audit.run import Audited, judge, kept_records, result_stores, select, write_records
from stability.audit.verdicts import STATUSES, Verdict
from stability.cli.application import INTERRUPTED
from stability.cli.audit_report import View, document_parts
from stability.cli.claim_page import claim_parts
from stability.cli.options import SCREEN, print_result
from stability.cli.tables import summary, verdict_table
from stability.cli.terminal import Part, console, show, shown_with_parts
from stability.errors import StabilityError, UnknownNameError, nearest
from stability.io.printable import printable
from stability.io.provenance import provenance
from stability.report.audit_page import audit_page
from stability.report.page import require_page, write_page

MALFORMED = 2
"""The exit status where a claim cannot be judged."""


@dataclass(frozen=True)
class Request:
    """What `stability audit` is asked for.

    Attributes
    ----------
    names, only : sequence of str
        Write-ups or documents, and claims; all by default.
    as_json, form : str, optional
        Where JSON goes, and in which form tables are printed.
    html : Path, optional
        Where the page goes.
    fail_on : sequence of str
        Statuses with which the command fails.
    record, keep : bool
        Whether records and results of experiments are renewed.
    runs : bool
        Whether predictions are compared with training runs.
    level : str
        "quick", or "full" to train everything anew.
    write, check : bool
        Whether verdicts are written into documents, or compared with what stands there.
    max_seconds : float
        Seconds that a claim of training may need, as estimated before.
    view : View
        Which claims are shown.
    """

    names: Sequence[str] = ()
    only: Sequence[str] = ()
    as_json: str | None = None
    fail_on: Sequence[str] = ()
    record: bool = False
    runs: bool = True
    level: str = "quick"
    keep: bool = False
    form: str | None = None
    html: Path | None = None
    write: bool = False
    check: bool = False
    max_seconds: float = TRAINING_BUDGET
    view: View = field(default_factory=View)

    @property
    def at_once(self) -> bool:
        """Whether the report on a write-up is printed as soon as it is judged."""
        return self.as_json != SCREEN and self.form is None


def audit_and_report(asked: Request) -> int:
    """Audit, report, and return the exit status: 2 where a claim is an error, 1 where a status of `fail_on` occurs."""
    _refuse(asked)
    _refuse_documents(asked)
    if asked.html is not None:
        _refuse_page(asked.html, asked.names)
    if asked.check:
        asked = replace(asked, names=[name for name in asked.names if has_claims(Path(name))])
        if not asked.names:
            print("No claims to check.", file=sys.stderr)
            return 0
    if asked.record or asked.keep:
        require_own_proofs()
    chosen, stores = _chosen(asked), dict[str, ResultStore]()
    found = _judged(asked, chosen, stores)
    everything = found.verdicts
    if asked.as_json is not None or asked.form is not None:
        shown = _filtered(found, asked.view)
        parts: list[Part] = [] if asked.form is None else _tables(shown)
        print_result(lambda: _report(shown), asked.as_json, lambda: parts, asked.form)
    if found.interrupted:
        wanted = found.wanted + sum(len(claims) for _, claims in chosen)
        print(f"Interrupted: {len(everything)} of {wanted} claims were judged.{_kept(asked, found)}", file=sys.stderr)
        return INTERRUPTED
    if asked.html is not None and any(verdicts and not _is_unread(writeup) for writeup, verdicts in found):
        write_page(asked.html, audit_page(_filtered(found, asked.view)))
        print(f"{asked.html} written", file=sys.stderr)
    disagrees = _check_documents(found) if asked.check else False
    try:
        changed = write_verdicts(found) if asked.write else []
    except DocumentError as problem:
        raise StabilityError(f"Nothing was written: {problem.problem}", problem.remedy) from None
    for path in changed if asked.as_json is None else ():
        print(f"{path} written", file=sys.stderr)
    if _report_errors(everything, asked.record or asked.keep):
        return MALFORMED
    _keep(asked, found, stores)
    return int(disagrees or any(verdict.status in asked.fail_on for verdict in everything))


def _chosen(asked: Request) -> Iterator[tuple[Writeup, list[Claim]]]:
    """Return the write-ups with the claims to judge; all write-ups are read one by one, as they are judged."""
    if asked.names or asked.only:
        return iter(select(asked.names, asked.only))
    return (each for id in documents() for each in select([id], []))


class _Reported(Audited):
    """Verdicts as they were reported.

    Attributes
    ----------
    wanted : int
        The claims of the write-ups that were begun.
    interrupted : bool
        Whether Ctrl-C came before all were judged.
    """

    wanted: int = 0
    interrupted: bool = False


def _judged(asked: Request, chosen: Iterator[tuple[Writeup, list[Claim]]], stores: dict[str, ResultStore]) -> _Reported:
    """Judge the claims, and print what was found on each write-up as soon as it is known."""
    found = _Reported()
    try:
        for writeup, claims in chosen:
            verdicts: list[Verdict] = []
            found.append((writeup, verdicts))
            found.wanted += len(claims)
            stores |= result_stores([writeup], asked.level)
            try:
                with shown_with_parts() as progress:
                    kept = kept_beside(writeup) if asked.write else None if asked.record else kept_records(writeup)
                    judge(writeup, claims, verdicts, asked.runs, stores[writeup.id], progress, asked.max_seconds, kept)
            finally:
                if asked.at_once and verdicts and not _is_unread(writeup):
                    show(*_parts(writeup, verdicts, asked))
    except KeyboardInterrupt:
        found.interrupted = True
    if asked.at_once and sum(bool(verdicts) for _, verdicts in found) > 1:
        show(f"Altogether {summary(found.verdicts)}")
    return found


def _is_unread(writeup: Writeup) -> bool:
    """Return whether nothing of a document could be read, so that its error is all there is to say."""
    return isinstance(writeup, DocumentWriteup) and not writeup.read.claims


def _parts(writeup: Writeup, verdicts: Sequence[Verdict], asked: Request) -> list[Part]:
    """Return what is printed on a write-up: claims that are asked for one by one, or a page and a table."""
    if not asked.only:
        return document_parts(writeup, verdicts, asked.view)
    width = console().width
    shown = [each for each in verdicts if asked.view.matches(each)]
    return [*(part for each in shown for part in claim_parts(writeup, each, width)), summary(shown) + "\n"]


def _tables(found: Audited) -> list[Part]:
    parts: list[Part] = []
    for writeup, verdicts in ((w, v) for w, v in found if v):
        parts += [verdict_table(writeup, verdicts), summary(verdicts) + "\n"]
    if len(found) > 1:
        parts.append(f"Altogether {summary(found.verdicts)}")
    return parts


def _filtered(found: Audited, view: View) -> Audited:
    return Audited((writeup, [each for each in verdicts if view.matches(each)]) for writeup, verdicts in found)


def _keep(asked: Request, found: Audited, stores: Mapping[str, ResultStore]) -> None:
    """Renew records and kept results, as far as asked for."""
    if asked.record:
        print(f"{write_records(found)} records written to {proofs_folder() / 'records'}")
    if asked.keep:
        kept = sum(store.keep() for store in stores.values() if store.made)
        print(f"{kept} results of experiments written to {proofs_folder() / 'measured'}")


def _kept(asked: Request, found: Audited) -> str:
    """Keep the records of documents that an interrupted --write has got; return in words where."""
    if not asked.write:
        return ""
    try:
        folders = keep_records(found)
    except StabilityError as problem:
        return f" Nothing was written: {problem}"
    where = ", ".join(map(str, folders))
    return (
        f" Records are kept in {where}; those of relations need no new search. The text is as it was."
        if folders
        else (" Nothing was written.")
    )


def _check_documents(found: Audited) -> bool:
    """Say on stderr what does not agree in documents; return whether something does not."""
    problems = stale(found)
    for problem in problems:
        print(printable(problem), file=sys.stderr)
    return bool(problems)


def _refuse_documents(asked: Request) -> None:
    if not (asked.write or asked.check):
        return
    word = "--write" if asked.write else "--check"
    others = [name for name in asked.names if not is_document(name)]
    if asked.write and asked.check:
        raise StabilityError("Expected --write or --check; got both.", "Leave one out.")
    if others or not asked.names:
        raise StabilityError(
            f"Expected documents for {word}; got {others[0] if others else 'none'}.",
            f"Write stability audit notes.md {word}.",
        )
    if asked.only:
        raise StabilityError(f"Expected all claims of a document for {word}; got --only.", "Leave --only out.")


def _refuse(asked: Request) -> None:
    for status in asked.fail_on:
        if status not in STATUSES:
            raise UnknownNameError(f"Expected a status; got {status!r}.", nearest(status, list(STATUSES)))
    if asked.record and (asked.names or asked.only):
        raise StabilityError("Records are renewed all together.", "Leave out the write-ups and --only.")
    if asked.keep and (asked.only or asked.level != "full"):
        raise StabilityError("Results are kept of all experiments of a write-up, trained anew.", "Add --level full.")
    page = None if asked.html is None else str(asked.html)
    for option, file in (("--json", asked.as_json), ("--table", asked.form), ("--html", page)):
        if file is not None and is_document(file) and Path(file).is_file() and has_claims(Path(file)):
            raise StabilityError(
                f"Expected another file for {option} than a document with claims; got {file}.",
                f"Write stability audit {file} {option}{' audit.html' if option == '--html' else ''}.",
            )


def _refuse_page(html: Path, names: Sequence[str]) -> None:
    """Refuse a page where none can be written, or where a document stands that is audited."""
    if any(is_document(name) and Path(name).resolve() == html.resolve() for name in names):
        raise StabilityError(
            f"Expected another file for --html than a document that is audited; got {html}.",
            "Write --html audit.html.",
        )
    require_page(html)


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
