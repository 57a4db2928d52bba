"""Verdicts in the text of a Markdown document: a pair of comments after each block, and nothing else is changed.

<!-- stability:two-minima proved 9ba6c736 --> **proved**, by the complete list <!-- /stability -->
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stability.audit.readers.blocks import DocumentError, lines_of
from stability.audit.readers.documents import DocumentClaim, ReadDocument
from stability.audit.verdicts import Verdict
from stability.io.printable import printable

OPEN = re.compile(r"<!--\s*stability:([A-Za-z0-9][A-Za-z0-9._-]*)[^\r\n]*?-->")
CLOSE = re.compile(r"<!--\s*/stability\s*-->")
FENCE = re.compile(r"[>\s\d.)*+-]*(?:`{3,}|~{3,})")
LONGEST = 400
"""Characters of a reason in the text of a document."""


@dataclass(frozen=True)
class Annotation:
    """Where the pair of comments of a block stands in a text: from `start` up to `stop`, empty where there is none."""

    start: int
    stop: int
    found: bool


def annotated(read: ReadDocument, verdicts: Mapping[str, Verdict]) -> str:
    """Return the text of a document with its verdicts; what is outside pairs of comments stays, byte for byte.

    Parameters
    ----------
    read : ReadDocument
    verdicts : dict
        By the id of the claim; a block whose claim has none keeps what stands there.

    Raises
    ------
    DocumentError
        If a pair is not closed.
    """
    text = read.document.text
    parts, at = [], 0
    for each, place in zip(read.claims, annotations(read), strict=True):
        verdict = verdicts.get(each.claim.id)
        if verdict is None or place.start < at:
            continue
        parts += [text[at : place.start], _written(each, verdict, place, text)]
        at = place.stop
    return "".join([*parts, text[at:]])


def has_verdicts(read: ReadDocument) -> bool:
    """Return whether some verdict stands in the text of a document.

    Raises
    ------
    DocumentError
        If a pair is not closed.
    """
    return any(each.found for each in annotations(read))


def annotations(read: ReadDocument) -> list[Annotation]:
    """Return where the pair of each block stands, or where it will.

    Raises
    ------
    DocumentError
        If a pair is not closed.
    """
    text = read.document.text
    rows = lines_of(text)
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row))
    return [_annotation(each, rows, starts, text) for each in read.claims]


def _annotation(each: DocumentClaim, rows: Sequence[str], starts: Sequence[int], text: str) -> Annotation:
    first = each.block.after
    k = first
    while k < len(rows):
        match = OPEN.search(rows[k])
        if match is None and rows[k].strip(" \t\r\n>"):
            break
        if match is not None:
            stop = _closing(rows, k, match.end())
            if match[1] == each.claim.id:
                return Annotation(starts[k] + match.start(), starts[stop[0]] + stop[1], True)
            k = stop[0]
        k += 1
    return Annotation(starts[first], starts[first], False)


def _closing(rows: Sequence[str], k: int, after: int) -> tuple[int, int]:
    """Return the line and the column where a pair ends."""
    opened = k
    while k < len(rows):
        if k > opened and (OPEN.search(rows[k]) or FENCE.match(rows[k])):
            break
        match = CLOSE.search(rows[k], after if k == opened else 0)
        if match:
            return k, match.end()
        k += 1
    raise DocumentError("Expected an end of the verdict; got none.", "Write <!-- /stability --> behind it.", opened + 1)


def _written(each: DocumentClaim, verdict: Verdict, place: Annotation, text: str) -> str:
    pair = f"<!-- stability:{each.claim.id} {verdict.status} {each.digest} --> {said(verdict)} <!-- /stability -->"
    if place.found:
        return pair
    ending = _line_end_before(place.start, text)
    before = ending if place.start and text[place.start - 1] not in "\r\n" else ""
    return f"{before}{each.block.prefix}{pair}{ending}"


def said(verdict: Verdict) -> str:
    """Return a verdict in one line of Markdown that ends no comment and begins no other."""
    reason, instead = (text.replace("<!--", "<! --").replace("-->", "-- >") for text in reason_of(verdict))
    lowered = reason[:1].lower() + reason[1:] if reason[:2] != reason[:2].upper() else reason
    return f"**{verdict.status}**{', ' if lowered else ''}{lowered.rstrip('.')}{'.' if instead else ''}{instead}"


def reason_of(verdict: Verdict) -> tuple[str, str]:
    """Return why a claim has its status and what is true instead, "" where nothing is said; each in one line."""
    reason = " ".join(printable(verdict.reason).split())
    reason = reason if len(reason) <= LONGEST else f"{reason[:LONGEST].rstrip()}..."
    repair = verdict.claim.repair
    instead = "" if repair is None else f" Instead ({verdict.repair_status}): {' '.join(repair.says.split())}"
    if repair is None and verdict.measured:
        instead = f" Measured instead: {' '.join(verdict.measured.split())}"
    return reason, instead


def _line_end_before(at: int, text: str) -> str:
    """Return the last end of a line up to a place: of the fence that a pair follows, as others may differ from it."""
    last = at - 1 if text[at - 1 : at] in ("\n", "\r") else max(text.rfind("\n", 0, at), text.rfind("\r", 0, at))
    return "\n" if last < 0 else "\r\n" if text[max(last - 1, 0) : last + 1] == "\r\n" else text[last]
