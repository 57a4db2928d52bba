"""The report of an audit on the screen: a page on each document, then its claims in a table, or stacked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from stability.audit.claims import WEIGHTS, Writeup
from stability.audit.readers.documents import is_document
from stability.audit.summary import FirstPage, decided, first_page, leading, reason_of, why
from stability.audit.verdicts import Verdict
from stability.cli.tables import COLOURS, instead_of, summary
from stability.cli.terminal import Part, console, wrapped
from stability.io.printable import amount

STACKED_BELOW = 120
"""Columns below which the entries of a claim stand one below the other."""

SMALL = 20
"""Claims up to which all of a document are shown."""


@dataclass(frozen=True)
class View:
    """Which claims a report shows, and in which order.

    Attributes
    ----------
    everything : bool
        Whether claims that are not central are shown.
    order : str
        "weight", or "document".
    statuses : sequence of str
        Only claims with one of these; all by default.
    where, grep : str
        Only claims of this section, or with this word in their texts.
    """

    everything: bool = False
    order: str = "weight"
    statuses: Sequence[str] = ()
    where: str = ""
    grep: str = ""

    @property
    def filters(self) -> bool:
        """Whether some claims are left out by what they are."""
        return bool(self.statuses or self.where or self.grep)

    def matches(self, verdict: Verdict) -> bool:
        """Return whether a claim passes the filters."""
        return (
            (not self.statuses or verdict.status in self.statuses)
            and (not self.where or in_section(verdict.claim.where, self.where))
            and (not self.grep or self.grep.casefold() in _texts(verdict).casefold())
        )

    def chosen(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        """Return the claims that are shown, in order."""
        found = [each for each in verdicts if self.matches(each)]
        if not (self.filters or self.everything or len(found) <= SMALL):
            central = leading(found)
            found = [each for each in found if each.status == "error" or each in central]
        return found if self.order == "document" else sorted(found, key=lambda each: WEIGHTS.index(each.claim.weight))


def in_section(where: str, section: str) -> bool:
    """Return whether a claim stands in a section: 3 holds 3.1 and 3.1 (2), but not 30.

    Examples
    --------
    >>> in_section("1, 3.1 Theorem 1", "3"), in_section("30", "3")
    (True, False)
    """
    section = section.strip().casefold()
    for place in [where, *where.split(",")]:
        rest = place.strip().casefold()
        if rest.startswith(section) and not rest[len(section) : len(section) + 1].isalnum():
            return True
    return False


def _texts(verdict: Verdict) -> str:
    claim, repair = verdict.claim, verdict.claim.repair
    return "\n".join([claim.id, claim.where, claim.says, verdict.reason, repair.says if repair else ""])


def document_parts(writeup: Writeup, verdicts: Sequence[Verdict], view: View) -> list[Part]:
    """Return the report on one document."""
    shown, width = view.chosen(verdicts), console().width
    parts: list[Part] = [] if view.filters else [page(first_page(writeup, verdicts), width)]
    if view.filters:
        parts.append(f"{writeup.title}: {amount(len(shown), 'claim')} of {len(verdicts)} as asked for.\n")
    if shown:
        parts.append(stacked(shown, width) if width < STACKED_BELOW else claims_table(shown))
    left = len(verdicts) - len(shown)
    if left and not view.filters:
        parts.append(f"Shown: the central claims, {len(shown)} of {len(verdicts)}; --all shows the rest.")
    return [*parts, summary(verdicts) + "\n"]


def page(found: FirstPage, width: int) -> str:
    """Return the first page on a document."""
    lines = [found.title, "=" * min(len(found.title), width), "", *wrapped(found.says, width), ""]
    if found.findings:
        lines.append("Findings")
    for k, each in enumerate(found.findings, 1):
        indent = " " * 4
        head = f"{k:>2}. {each.claim.id} ({each.claim.where}): {decided(each)}"
        lines += wrapped(head, width, "    ")
        lines += wrapped(each.claim.says, width, indent, indent)
        lines += wrapped(f"Why: {why(each)}", width, indent + "     ", indent)
        if each.claim.repair is not None:
            said = f"Instead ({each.repair_status}): {each.claim.repair.says}"
            lines += wrapped(said, width, indent + "  ", indent)
        elif each.measured:
            lines += wrapped(f"Measured instead: {each.measured}", width, indent + "  ", indent)
    weights, decisions = (_counts(each) for each in (found.weights, found.decisions))
    return "\n".join([*lines, "", *wrapped(f"Claims: {weights}. Conclusions: {decisions}.", width), ""])


COUNTED = {"falls": "fall", "stands": "stand", "none": "undecided", "ours": "the auditor's own"}
"""How words are written after a number."""


def _counts(found: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {COUNTED.get(name, name)}" for name, count in found.items())


def place_of(verdict: Verdict) -> str:
    """Return the section of a claim, with file and line where its document is a file."""
    place = verdict.claim.place
    if place is None or not (is_document(Path(place.file).name) or verdict.status == "error"):
        return verdict.claim.where
    return f"{verdict.claim.where} ({place.file}:{place.line})"


def stacked(verdicts: Sequence[Verdict], width: int) -> str:
    """Return claims as blocks of lines, in which no word is cut."""
    return "\n".join(line for verdict in verdicts for line in block(verdict, width))


def block(verdict: Verdict, width: int) -> list[str]:
    """Return the lines on one claim."""
    entries = [
        ("", f"{place_of(verdict)}; {verdict.claim.weight}"),
        ("", verdict.claim.says),
        ("because: ", reason_of(verdict)),
        (f"{verdict.instead[0]}: ", verdict.instead[1]),
    ]
    lines = wrapped(f"{verdict.claim.id} - {decided(verdict)}", width, "  ")
    for name, text in entries:
        if text:
            lines += wrapped(f"{name}{text}", width, "    " if name else "  ", "  ")
    return [*lines, ""]


def claims_table(verdicts: Sequence[Verdict]) -> Table:
    """Return one row per claim for a wide screen: what and where, the claim, the reason and what is true instead."""
    table = Table(show_lines=True)
    for name in ("claim", "says", "because", "true instead"):
        table.add_column(name)
    for verdict in verdicts:
        head = Text(f"{verdict.claim.id}\n")
        head.append(decided(verdict), style=COLOURS[verdict.status])
        head.append(f"\n{place_of(verdict)}; {verdict.claim.weight}")
        table.add_row(head, verdict.claim.says, reason_of(verdict), instead_of(verdict))
    return table
