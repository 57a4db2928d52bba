"""The page on an audit: what matters first, then every claim with its ground and its record, verified by the page."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

from stability.audit.claims import WEIGHTS, Writeup
from stability.audit.readers.documents import DocumentWriteup
from stability.audit.run import Audited
from stability.audit.summary import first_page
from stability.audit.verdicts import Verdict, counted
from stability.errors import StabilityError
from stability.io.printable import amount
from stability.report.claims import (
    claim_markup,
    counts_markup,
    finding_markup,
    records_of,
    section_of,
    status_markup,
    total_said,
)
from stability.report.documents import can_be_rendered, document_markup
from stability.report.markup import Markup, element, isolated, joined
from stability.report.page import ASSETS, Compressed, header, modules, page, stylesheet
from stability.version import __version__

CHECKER = Path(__file__).parent / "checker" / "checker.js"
ANSWER = "onmessage = (event) => postMessage(check(event.data));"
"""What the worker does with the text of a record."""


def audit_page(found: Audited) -> str:
    """Return the page on an audit, one self-contained text in HTML.

    Parameters
    ----------
    found : Audited
        The write-ups with those of their verdicts that are to be shown.

    Raises
    ------
    StabilityError
        If there is no verdict at all.

    Examples
    --------
    >>> from stability import run_audit
    >>> found = run_audit(["prototype-surface-control"], only=["unique-stable-equilibrium"], runs=False)
    >>> 'id="unique-stable-equilibrium"' in audit_page(found)
    True
    """
    shown = _apart(Audited((writeup, verdicts) for writeup, verdicts in found if verdicts))
    if not shown:
        raise StabilityError("Expected claims for a page; got none.", "Leave out --status, --where or --grep.")
    ids = _ids(shown)
    records = {each.name: each for (_, verdicts), own in zip(shown, ids, strict=True)
               for verdict in verdicts for each in records_of(verdict, own[verdict.claim.id])}  # fmt: skip
    texts = {name: json.dumps(each.record, separators=(",", ":")) for name, each in records.items()}
    title = shown[0][0].title if len(shown) == 1 else f"Audit of {len(shown)} write-ups"
    parts = [
        _writeup(writeup, verdicts, own, len(shown) > 1) for (writeup, verdicts), own in zip(shown, ids, strict=True)
    ]
    body = joined(
        header(isolated(title), *_opening(shown, len(records))),
        _controls(shown, len(records)),
        element("noscript", element("p", "Filters, and the verification of records, need JavaScript."), class_="quiet"),
        element("main", *parts, id="_content"),
        element("footer", _footer(), class_="quiet"),
    )
    data = {"_records": Compressed(json.dumps(texts)), "_checker": Compressed(modules(CHECKER, last=ANSWER))}
    return page(title, body, [stylesheet(ASSETS / "audit.css")], [modules(ASSETS / "audit.js")], data)


def _apart(shown: Audited) -> Audited:
    """Return write-ups with ids that differ: documents in two folders may have one name."""
    taken, found = set[str](), Audited()
    for k, (writeup, verdicts) in enumerate(shown):
        id = f"{writeup.id[:90]}.{k + 1}" if writeup.id in taken else writeup.id
        taken.add(id)
        found.append((writeup if id == writeup.id else replace(writeup, id=id), verdicts))
    return found


def _ids(shown: Audited) -> list[dict[str, str]]:
    """Return for every write-up the ids of its claims in the page; one that is taken has the write-up before it."""
    found, taken = list[dict[str, str]](), set[str]()
    for writeup, verdicts in shown:
        found.append({})
        for id in (verdict.claim.id for verdict in verdicts):
            numbered = (f"{writeup.id}.{id}.{k}" for k in count(2))
            free = next(each for each in chain([id, f"{writeup.id}.{id}"], numbered) if each not in taken)
            taken.add(free)
            found[-1][id] = free
    return found


def _opening(shown: Audited, records: int) -> list[Markup]:
    """Return what stands in the header: how much there is, and what became of it."""
    said = total_said(len(shown.verdicts), records)
    first = element("p", f"{said}. Audited by stability {__version__}.", class_="quiet")
    if len(shown) == 1:
        return [first]
    rows = [
        element(
            "li",
            element("a", isolated(writeup.title), href=f"#_writeup-{writeup.id}"),
            element("span", f" {amount(len(verdicts), 'claim')}", class_="quiet"),
            counts_markup(counted(verdicts), words=False),
        )
        for writeup, verdicts in shown
    ]
    return [
        first,
        counts_markup(counted(shown.verdicts)),
        element("nav", element("ol", *rows), class_="writeups", aria_label="Write-ups"),
    ]


def _controls(shown: Audited, records: int) -> Markup:
    """Return the filters, and what verifies all records."""
    search = element("input", id="_search", type="search", placeholder="Search ( / )", aria_label="Search claims")
    unfold = element("button", "Unfold", id="_unfold", type="button", title="Unfold all that is shown")
    choice = element("div", search, _weights(shown.verdicts), _sections(shown), unfold, class_="row")
    return element("div", choice, _chips(shown.verdicts), _state(shown, records), class_="controls", role="search")


def _chips(verdicts: Sequence[Verdict]) -> Markup:
    """Return a button for each status that occurs, and one that shows all again."""
    chips = [
        element("button", status_markup(status, f"{status} {count}"), type="button", class_="chip", data_filter=status)
        for status, count in counted(verdicts).items()
    ]
    every = element("button", "All", id="_reset", type="button", class_="chip")
    return element("div", *chips, every, class_="row chips", role="group", aria_label="Statuses")


def _state(shown: Audited, records: int) -> Markup:
    """Return how many claims are shown, and how many records are verified."""
    total = len(shown.verdicts)
    said = "records not verified here yet" if records else "no records"
    return element(
        "div",
        element("output", f"{total} of {amount(total, 'claim')}", id="_shown", class_="quiet"),
        element("progress", id="_progress", max=str(max(records, 1)), value="0", aria_label="Records verified"),
        element("output", said, id="_verified", class_="quiet", aria_live="polite"),
        element("button", "Verify all", id="_verify-all", type="button", class_="primary", disabled=not records),
        class_="row state",
    )


def _weights(verdicts: Sequence[Verdict]) -> Markup:
    sizes = Counter(verdict.claim.weight for verdict in verdicts)
    options = [element("option", f"{weight} ({sizes[weight]})", value=weight) for weight in WEIGHTS if sizes[weight]]
    return element("select", element("option", "All weights", value=""), *options, id="_weight", aria_label="Weight")


def _sections(shown: Audited) -> Markup:
    """Return the choice of a write-up and a section."""
    groups = []
    for writeup, verdicts in shown:
        sizes = Counter(section_of(verdict.claim.where) for verdict in verdicts)
        own = [element("option", f"{section} ({n})", value=f"{writeup.id}/{section}") for section, n in sizes.items()]
        whole = element("option", "all sections", value=f"{writeup.id}/")
        groups.append(element("optgroup", whole, *own, label=writeup.title) if len(shown) > 1 else joined(own))
    return element("select", element("option", "All sections", value=""), *groups, id="_section", aria_label="Section")


def _writeup(writeup: Writeup, verdicts: Sequence[Verdict], ids: Mapping[str, str], headed: bool) -> Markup:
    """Return a write-up: its first page, then its claims."""
    found = first_page(writeup, verdicts)
    head = element("h2", isolated(writeup.title)) if headed else None
    findings = [finding_markup(each, ids) for each in found.findings]
    listed = [element("h3", "Findings that matter"), element("ol", *findings, class_="findings")] if findings else []
    first = element(
        "div",
        head,
        counts_markup(found.counts),
        element("p", isolated(found.says), class_="lead"),
        *listed,
        class_="first-page",
    )
    return element(
        "section",
        first,
        _claims(writeup, verdicts, ids),
        id=f"_writeup-{writeup.id}",
        class_="writeup",
        aria_label=writeup.title,
    )


def _claims(writeup: Writeup, verdicts: Sequence[Verdict], ids: Mapping[str, str]) -> Markup:
    """Return the claims: in the document itself where that can be rendered, else by section."""
    if isinstance(writeup, DocumentWriteup) and can_be_rendered(writeup, verdicts):

        def placed(verdict: Verdict, before: bool) -> Markup:
            return claim_markup(writeup, verdict, ids, repeated=not before)

        return element("section", document_markup(writeup, verdicts, placed), class_="claims document")
    sections: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        sections.setdefault(section_of(verdict.claim.where), []).append(verdict)
    parts = []
    for name, own in sections.items():
        said = f"Section {name}" if name[:1].isdigit() else name
        head = element("h3", isolated(said), " ", element("span", amount(len(own), "claim"), class_="quiet"))
        parts.append(element("section", head, [claim_markup(writeup, each, ids) for each in own], class_="claims"))
    return joined(parts)


def _footer() -> Markup:
    return element(
        "p",
        "Verify runs an independent checker, written in JavaScript and part of this file, on the embedded records: "
        "nothing is asked of a network. Keys: / searches, j and k go to the next and the previous claim, "
        "Enter unfolds, v verifies it.",
    )
