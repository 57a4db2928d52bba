"""Options, computation and report of a bifurcation on the command line."""

import re
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from flint import fmpz
from rich.table import Table

from stability.dynamics.bifurcation.angular import AngularBifurcation, AngularEvent, Look
from stability.dynamics.bifurcation.bifurcation import Bifurcation
from stability.dynamics.bifurcation.branches import Branch
from stability.dynamics.bifurcation.events import KINDS, BifurcationEvent
from stability.dynamics.bifurcation.questions import AnyBifurcation, ParameterRange
from stability.dynamics.bifurcation.text import event_lines, listed, repeated
from stability.exact.numbers import decimal, formatted
from stability.exact.real_roots import Root
from stability.io.printable import amount
from stability.landscapes import Landscape

LONG, FEW = 40, 8
"""Characters up to which a formula is shown exactly, and parameters up to which they are listed."""


def to_json(place: Landscape, asked: ParameterRange, diagram: AnyBifurcation) -> dict[str, Any]:
    """Return the diagram as plain data, with the model, what varies and from where to where."""
    span = {"parameter": asked.name, "low": str(asked.low), "high": str(asked.high)}
    return {**diagram.to_json(), **place.names, "vary": asked.what, **span}


def title(place: Landscape, asked: ParameterRange) -> str:
    """Return what a picture of the diagram is called."""
    return f"{place!r}\n{_varying(place, asked)}"


def tables(place: Landscape, asked: ParameterRange, diagram: AnyBifurcation) -> list[str | Table]:
    """Return the diagram in words and tables."""
    report_parts = (
        _angular_tables(asked, diagram) if isinstance(diagram, AngularBifurcation) else _tables(asked, diagram)
    )
    counted, kept, states, happenings, meanings = report_parts
    head = (
        f"{place!r} {_varying(place, asked)}, {formatted(asked.low)} <= {asked.name} <= "
        f"{formatted(asked.high)}: {counted}, "
        f"{amount(len(diagram.events), 'event')}\n{kept}"
    )
    shown: list[str | Table] = [head, states]
    return [*shown, happenings, meanings] if diagram.events else shown


ReportParts = tuple[str, str, Table, Table, str]
"""How many branches there are, why the lists are complete, both tables, and what the words in the second one mean."""


def _tables(asked: ParameterRange, diagram: Bifurcation) -> ReportParts:
    states = Table("from", "to", "kind", "how many", "dimension", "loss")
    for same in diagram.groups():
        each, count = same[0], sum(branch.orbit for branch in same)
        ends = (_place(each.low), _place(each.high))
        states.add_row(*ends, each.kind, str(count), str(each.dimension), _loss(each, asked.name))
    happenings = Table(f"at {asked.name} =", "what happens")
    for happening in diagram.events:
        lines = map(_shortened, event_lines(diagram, happening))
        happenings.add_row(_place(happening.value), "\n".join(lines))
    counted = sum(branch.orbit for branch in diagram.branches)
    return amount(counted, "branch"), _kept(asked, diagram), states, happenings, _meanings(diagram.events)


def _kept(asked: ParameterRange, diagram: Bifurcation) -> str:
    """Return in words why the lists are complete."""
    where = [formatted(x) for x in diagram.checked]
    at = f"{asked.name} = {', '.join(where)}" if len(where) <= FEW else f"{len(where)} values of {asked.name}"
    return f"The lists are complete at every {asked.name} of the range; atlases agree at {at}."


def _meanings(events: Iterable[BifurcationEvent]) -> str:
    present = {kind for happening in events for kind in happening.kinds}
    return "\n".join(f"{kind}: {words}" for kind, words in KINDS.items() if kind in present)


def _angular_tables(asked: ParameterRange, diagram: AngularBifurcation) -> ReportParts:
    states = Table("from", "to", "stationary angles")
    for span in diagram.spans:
        states.add_row(_place(span.low), _place(span.high), _kinds((each.kind, each.pattern) for each in span.angles))
    happenings = Table(f"at {asked.name} =", "what happens")
    for event in diagram.events:
        happenings.add_row(_place(event.ratio), "\n".join(_encounters(event)))
    kept = (
        f"Stationary angles at r = {diagram.radius} and b = {asked.name} r, both frozen. Ratios and kinds are exact; "
        "which angles meet is seen just beside an event."
    )
    return amount(len(diagram.spans), "interval"), kept, states, happenings, ANGLES


ANGLES = "neither: the loss goes on as before; edge: the end of a flat arc, on which the loss is constant"


def _encounters(event: AngularEvent) -> list[str]:
    counts = Counter(
        f"{each.kind}: before {_kinds(each.before)}; after {_kinds(each.after)}" for each in event.encounters
    )
    return [repeated(line, count) for line, count in counts.items()] or ["kinks change, and no angles are seen to meet"]


def _kinds(looks: Iterable[Look]) -> str:
    return listed(sorted(kind for kind, _ in looks)) or "nothing"


def _varying(place: Landscape, asked: ParameterRange) -> str:
    """Return what varies in words, with what it replaces."""
    word, *entries = asked.what.split(":")
    if word == "ratio":
        return f"with {asked.name} for the ratio b/r"
    if word == "slope":
        what, old = "the slope left of 0", place.network.unit.negative
    elif word == "label":
        example = int(entries[0]) - 1
        what, old = f"the label of example {entries[0]}", place.data.labels[example]
    else:
        example, axis = (int(entry) - 1 for entry in entries)
        what, old = f"coordinate {entries[1]} of example {entries[0]}", place.data.points[example][axis]
    return f"with {asked.name} for {what} (in place of {formatted(old)})"


def _place(root: Root) -> str:
    """Return a parameter exactly where that is short, and as a decimal where it is irrational or long."""
    text, near = root.text, f"~{decimal(root.middle, 9)}"
    if len(text) > LONG:
        return near if root.rational is not None else f"{near} (of degree {len(root.polynomial) - 1})"
    return text if root.rational is not None or "near" in text else f"{text}, {near}"


def _loss(branch: Branch, name: str) -> str:
    """Return a loss as a formula, or where that is long what it is at both ends."""
    formula = branch.loss.text(name)
    if len(formula) <= LONG:
        return formula
    ends = [formatted(branch.loss(root.between()[0])) for root in (branch.low, branch.high)]
    return f"{ends[0]} to {ends[1]}, a long formula"


def _shortened(line: str) -> str:
    """Return a line with its long numbers rounded."""
    return re.sub(r"\d+(?:/\d+)?", _rounded, line)


def _rounded(number: re.Match[str]) -> str:
    return formatted(Fraction(*(int(fmpz(part)) for part in number[0].split("/"))))
