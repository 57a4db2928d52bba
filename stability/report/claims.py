"""One claim as an element of a page: its sentence and status, and all that is known of it behind them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stability.audit.claims import Writeup
from stability.audit.formal_text import settled_or_stated
from stability.audit.summary import decided, why
from stability.audit.verdicts import Verdict, repair_name
from stability.io.printable import amount, shortened
from stability.report.formal import statement_markup
from stability.report.markup import Markup, element, isolated
from stability.report.pictures import pictures_of

MARKS = {
    "proved": "✓",
    "refuted": "✕",
    "vacuous": "∅",
    "reproduced": "≈",
    "not-reproduced": "≉",
    "open": "?",
    "opinion": "~",
    "error": "!",
}
"""The sign of every status, so that its colour is never the only difference."""

REPAIR = "#repair"
"""What the name of a record of a repair has behind the id; no id has such a sign."""

NO_FORMULA = {
    "measurement": "None: it is measured, on random starts or by training.",
    "opinion": "None: it cannot be checked.",
    "unsettled": "None: it was not stated.",
}


@dataclass(frozen=True)
class EmbeddedRecord:
    """A record with what must be found in it.

    Attributes
    ----------
    name : str
        The id of the claim in the page, with "#repair", and with a number where a conclusion rests on several records.
    record : dict
    words : str
        What the checker said that it concludes.
    settles : str
        The status that it gives to its statement by itself; "" where that follows from several, or in words.
    """

    name: str
    record: Mapping[str, Any]
    words: str
    settles: str


def records_of(verdict: Verdict, id: str) -> list[EmbeddedRecord]:
    """Return the records of a claim, which has this id in the page, and of its repair."""
    found = []
    for part, judged in verdict.judgements():
        name = f"{id}{REPAIR}" if part == repair_name(verdict.claim) else id
        for k, leaf in enumerate(judged.leaves, 1):
            own = name if len(judged.leaves) == 1 else f"{name}#{k}"
            settles = leaf.conclusion or "" if leaf is judged else ""
            found.append(EmbeddedRecord(own, leaf.record or {}, leaf.words, settles))
    return found


def status_markup(status: str, said: str = "") -> Markup:
    """Return a status with its sign, and in words what becomes of the conclusion."""
    mark = element("span", MARKS[status], class_="mark", aria_hidden="true")
    return element("span", mark, " ", said or status, class_="status", data_status=status)


def section_of(where: str) -> str:
    """Return under which heading a claim is listed: the first section that is named.

    Examples
    --------
    >>> section_of("3.1 (1), 3.3 table"), section_of("Chat, why 2"), section_of("1, 3.1"), section_of("")
    ('3.1', 'Chat', '1', 'document')
    """
    first = where.split(",")[0].strip()
    match = re.match(r"[0-9]+(?:\.[0-9]+)*|[A-Z](?:\.[0-9]+)+", first)
    return match[0] if match else first or "document"


def claim_markup(writeup: Writeup, verdict: Verdict, ids: Mapping[str, str], *, repeated: bool = True) -> Markup:
    """Return a claim as an article that unfolds.

    Parameters
    ----------
    writeup : Writeup
    verdict : Verdict
    ids : dict of str to str
        By the id of a claim of the write-up, that of its element in the page.
    repeated : bool
        Whether its sentence is shown here; not where it stands in the rendered document just before, unless filters
        take that away.
    """
    claim, id = verdict.claim, ids[verdict.claim.id]
    meta = [
        status_markup(verdict.status, decided(verdict)),
        element("span", claim.where, class_="where"),
        element("span", claim.weight, class_="weight"),
        element("a", f"#{id}", href=f"#{id}", class_="permalink"),
        element("span", class_="checked", aria_live="polite"),
    ]
    says = element("span", isolated(shortened(claim.says)), class_="says" if repeated else "says said-before")
    summary = element("summary", says, element("span", _spaced(meta), class_="meta"))
    return element(
        "article",
        element("details", summary, element("div", _sections(writeup, verdict, ids), class_="unfolded")),
        id=id,
        class_="claim",
        data_status=verdict.status,
        data_decision=verdict.decision,
        data_weight=claim.weight,
        data_section=f"{writeup.id}/{section_of(claim.where)}",
    )


def _spaced(parts: list[Markup]) -> list[Markup | str]:
    return [each for part in parts for each in (part, " ")]


def _sections(writeup: Writeup, verdict: Verdict, ids: Mapping[str, str]) -> Iterator[Markup]:
    claim = verdict.claim
    yield _section("Place", "place", _place(writeup, verdict))
    yield _section("Formal statement", "statement", _formally(verdict))
    said = element("p", isolated(shortened(" ".join(verdict.reason.split()))))
    yield _section("Why", "reason", said, _fallen(verdict, ids))
    if claim.repair is not None:
        status = verdict.repair_status or "open"
        head = element("p", status_markup(status), " ", isolated(shortened(claim.repair.says)), class_="instead")
        formal = statement_markup(verdict.repair) if verdict.repair is not None else None
        yield _section("Nearest true statement", "repair", head, formal)
    elif verdict.measured:
        yield _section("Measured instead", "measured", element("p", isolated(verdict.measured), class_="instead"))
    picture = pictures_of(verdict.judged) or pictures_of(verdict.repair)
    if picture is not None:
        yield _section("Picture", "picture", picture)
    if verdict.agreement:
        yield _section("Training", "agreement", element("p", isolated(verdict.agreement)))
    if claim.uses:
        yield _section("Rests on", "premises", element("p", *_links(claim.uses, ids)))
    records = [_record(each) for each in records_of(verdict, ids[claim.id])]
    if records:
        yield _section("Records" if len(records) > 1 else "Record", "records", records)


def _section(head: str, name: str, *children: Markup | list[Markup] | None) -> Markup:
    return element("section", element("h4", head), element("div", *children), class_=f"part {name}")


def _place(writeup: Writeup, verdict: Verdict) -> Markup:
    claim, place = verdict.claim, verdict.claim.place
    said = f"{writeup.title}, {claim.where}" if claim.where else writeup.title
    file = [" · ", element("code", f"{_shown_path(place.file)}:{place.line}")] if place is not None else []
    return element("p", isolated(said), file)


def _shown_path(file: str) -> str:
    """Return a path for other people's eyes: one from the root of this machine is cut to its name."""
    return Path(file).name if Path(file).is_absolute() else file


def _formally(verdict: Verdict) -> Markup:
    if verdict.judged is None:
        return element("p", NO_FORMULA.get(verdict.claim.kind, "None: it was not stated."), class_="quiet")
    found = statement_markup(settled_or_stated(verdict))
    return found if found is not None else element("p", "None is settled.", class_="quiet")


def _fallen(verdict: Verdict, ids: Mapping[str, str]) -> Markup | None:
    if not verdict.fallen:
        return None
    return element("p", "Falls with ", *_links(verdict.fallen, ids), ", on which it rests.")


def _links(wanted: Iterable[str], ids: Mapping[str, str]) -> Iterator[Markup | str]:
    """Yield claims with commas between, as links where they stand in the page."""
    for k, id in enumerate(wanted):
        if k:
            yield ", "
        yield element("a", id, href=f"#{ids[id]}", class_="premise") if id in ids else id


def _record(found: EmbeddedRecord) -> Markup:
    """Return the line on a record, with the words that its checker must say again."""
    name = element("span", "of the correction" if REPAIR in found.name else "of the claim")
    buttons = [
        element("button", "Verify", type="button", class_="verify"),
        element("button", "Show", type="button", class_="show", aria_expanded="false"),
        element("output", "not checked here yet", class_="outcome", data_outcome="none"),
    ]
    return element(
        "div",
        element("p", element("code", str(found.record.get("id", "")), class_="fingerprint"), " ", name, class_="quiet"),
        element("p", isolated(shortened(found.words)), class_="words"),
        element("p", _spaced(buttons), class_="actions"),
        class_="record",
        data_record=found.name,
        data_fingerprint=str(found.record.get("id", "")),
        data_settles=found.settles or None,
    )


def finding_markup(verdict: Verdict, ids: Mapping[str, str]) -> Markup:
    """Return a finding of the first page: what is claimed, why it fails, and what is true instead."""
    claim = verdict.claim
    instead = None
    if claim.repair is not None:
        instead = element(
            "p",
            element("b", f"Instead ({verdict.repair_status}): "),
            isolated(shortened(claim.repair.says)),
            class_="instead",
        )
    elif verdict.measured:
        instead = element("p", element("b", "Measured instead: "), isolated(verdict.measured), class_="instead")
    return element(
        "li",
        element(
            "p", status_markup(verdict.status, decided(verdict)), " ", element("a", claim.id, href=f"#{ids[claim.id]}")
        ),
        element("p", isolated(shortened(claim.says)), class_="says"),
        element("p", element("b", "Why: "), isolated(shortened(why(verdict)))),
        instead,
        class_="finding",
        data_status=verdict.status,
    )


def counts_markup(counts: Mapping[str, int], words: bool = True) -> Markup:
    """Return how many claims have each status as a bar, and in words below it."""
    total, at, parts = sum(counts.values()) or 1, 0.0, []
    for status, count in counts.items():
        width = 1000 * count / total
        parts.append(
            element("rect", x=f"{at:.2f}", y="0", width=f"{max(width - 2, 1):.2f}", height="12", data_status=status)
        )
        at += width
    said = ", ".join(f"{count} {status}" for status, count in counts.items())
    bar = element(
        "svg", *parts, class_="bar", viewBox="0 0 1000 12", preserveAspectRatio="none", role="img", aria_label=said
    )
    listed = [element("li", status_markup(status, f"{count} {status}")) for status, count in counts.items()]
    return element("figure", bar, element("ul", *listed, class_="legend-bar") if words else None, class_="counts")


def total_said(claims: int, records: int) -> str:
    """Return how much stands in a page.

    Examples
    --------
    >>> total_said(1, 2)
    '1 claim, 2 records embedded'
    """
    return f"{amount(claims, 'claim', ',')}, {amount(records, 'record', ',')} embedded"
