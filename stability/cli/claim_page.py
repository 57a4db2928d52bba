"""One claim on the screen: where it stands, our words, the formal text and what it assumes, side by side."""

from rich.table import Table
from rich.text import Text

from stability.audit.claims import Writeup
from stability.audit.formal_text import assumptions, formal_text, landscapes, settled_or_stated
from stability.audit.readers.documents import DocumentWriteup
from stability.audit.summary import decided, reason_of
from stability.audit.verdicts import Verdict
from stability.cli.audit_report import STACKED_BELOW
from stability.cli.tables import COLOURS
from stability.cli.terminal import Part, wrapped
from stability.logic.records import Judged
from stability.logic.statements import Statement

Entries = list[tuple[str, str]]

NOT_FORMAL = {
    "measurement": "none: it is measured, on random starts or by training",
    "opinion": "none: it cannot be checked",
}
NOTHING = "nothing: it is claimed without conditions"


def claim_parts(writeup: Writeup, verdict: Verdict, width: int) -> list[Part]:
    """Return all that is known of one claim."""
    if width < STACKED_BELOW:
        return [_stacked(writeup, verdict, width)]
    table = Table(title=Text(_head(verdict), style=COLOURS[verdict.status]), title_justify="left", show_header=False)
    table.show_lines = True
    table.add_row(_texts(_document(writeup, verdict)), _texts(_formula(verdict)))
    table.add_row(_texts(_verdict(verdict)), _texts(_correction(verdict)))
    return [table, ""]


def _head(verdict: Verdict) -> str:
    return f"{verdict.claim.id} - {decided(verdict)}"


def _stacked(writeup: Writeup, verdict: Verdict, width: int) -> str:
    lines = wrapped(_head(verdict), width, "  ")
    for name, text in [*_document(writeup, verdict), *_formula(verdict), *_verdict(verdict), *_correction(verdict)]:
        lines += [*wrapped(f"{name}:", width, "  ", "  "), *wrapped(text, width, "    ", "    ")]
    return "\n".join([*lines, ""])


def _texts(entries: Entries) -> Text:
    found = Text()
    for k, (name, text) in enumerate(entries):
        found.append("\n\n" if k else "").append(f"{name}:", style="bold").append(f"\n{text}")
    return found


def _document(writeup: Writeup, verdict: Verdict) -> Entries:
    claim = verdict.claim
    names = dict.fromkeys(filter(None, [writeup.title, claim.where]))  # a document without a title has its heading's
    found = [("place", ", ".join(names))]
    if claim.place is not None:
        found.append(("file", f"{claim.place.file}, line {claim.place.line}"))
    words = "words" if isinstance(writeup, DocumentWriteup) else "our words"
    found += [(words, claim.says), ("weight", claim.weight)]
    return found + ([("rests on", ", ".join(claim.uses))] if claim.uses else [])


def _formula(verdict: Verdict) -> Entries:
    if verdict.judged is None:
        return [("formal text", NOT_FORMAL.get(verdict.claim.kind, "none: it was not stated"))]
    return _formal_entries(settled_or_stated(verdict), "formal text")


def _formal_entries(judged: Judged | Statement, name: str) -> Entries:
    said, given, places = formal_text(judged), assumptions(judged), landscapes(judged)
    if not said:
        return [(name, "none is settled")]
    found = [(name, said), ("the formula assumes", "\n".join(given) or NOTHING)]
    return found + ([("landscapes", "\n".join(places))] if places else [])


def _verdict(verdict: Verdict) -> Entries:
    found = [("because", reason_of(verdict))]
    certificate = "" if verdict.judged is None else verdict.judged.certificate
    return found + ([("certificate", certificate)] if certificate else [])


def _correction(verdict: Verdict) -> Entries:
    found = [verdict.instead] if verdict.instead[1] else []
    return found if verdict.repair is None else found + _formal_entries(verdict.repair, "its formal text")
