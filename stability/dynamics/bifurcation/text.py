"""Reports of a bifurcation: in a few lines for people, and as JSON."""

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from stability.dynamics.bifurcation.events import BifurcationEvent, SetChange
from stability.dynamics.bifurcation.families import LandscapeFamily
from stability.dynamics.bifurcation.snapshots import Still, value
from stability.exact.numbers import decimal
from stability.exact.rational_functions import Function
from stability.exact.real_roots import Root, exactly
from stability.geometry.atlas.text import several
from stability.io.printable import amount, printable
from stability.io.results import aligned

if TYPE_CHECKING:
    from stability.dynamics.bifurcation.bifurcation import Bifurcation


def summary(diagram: "Bifurcation") -> str:
    """Return the branches and the events, one line for those that differ in nothing but the place."""
    lines = [title(diagram), *(f"  {line}" for line in aligned(rows(diagram)))]
    for happening in diagram.events:
        lines.append(f"  at {diagram.name} = {happening.value}")
        lines += [f"    {line}" for line in event_lines(diagram, happening)]
    lines.append(f"  {len(diagram.checked)} atlases agree")
    return "\n".join(lines)


def title(diagram: "Bifurcation") -> str:
    """Return what was asked, in a line."""
    family = diagram.family
    squares = f"{described(family, diagram.name)} ({family.first.loss_kind} of squares)"
    return printable(f"Stationary sets of {squares}, {family.low} <= {diagram.name} <= {family.high}")


def rows(diagram: "Bifurcation") -> list[list[str]]:
    """Return range, number and kind, loss and size of the branches, one row for those that differ only in the place."""
    found = []
    for same in diagram.groups():
        each, count = same[0], sum(branch.orbit for branch in same)
        size = f"dimension {each.dimension}" if each.dimension else "point"
        span = f"{each.low} < {diagram.name} < {each.high}"
        found.append([span, f"{count} x {each.kind}", f"loss {each.loss.text(diagram.name)}", size])
    return found


def described(family: LandscapeFamily, name: str) -> str:
    """Return what varies and what does not, as "1 unit with slopes (a, 1) on xor"."""
    net, slopes = family.first.network, _tuple(family.slopes, name)
    layer = net.in_words.partition(" with ")[2]
    parts = [f" and {layer}"] * bool(layer) + [" without biases"] * (not net.hidden_biases)
    text = f"{family.first.units} unit{'s' if family.first.units > 1 else ''} with slopes {slopes}{''.join(parts)} on "
    moving = [(k, row) for k, row in enumerate(family.rows, 1) if not all(x.is_constant for x in row)]
    labels = [(k, y) for k, y in enumerate(family.labels, 1) if not y.is_constant]
    if not moving and not labels:
        return text + family.first.data.name
    parts = [f"x_{k} = {_tuple(row[: family.first.data.dimension], name)}" for k, row in moving]
    parts += [f"y_{k} = {y.text(name)}" for k, y in labels]
    return text + f"{amount(len(family.rows), 'point')}, {', '.join(parts)}"


def _tuple(functions: Iterable[Function], name: str) -> str:
    return f"({', '.join(f.text(name) for f in functions)})"


def event_lines(diagram: "Bifurcation", happening: BifurcationEvent) -> list[str]:
    """Return what happens at an event, one line for changes that look alike, with their number."""
    counts: dict[str, int] = {}
    for change in happening.changes:
        line = _line(diagram, change, happening.value)
        counts[line] = counts.get(line, 0) + 1
    return [repeated(line, count) for line, count in counts.items()]


def repeated(line: str, count: int) -> str:
    """Return a line "what: details" with how often it happens."""
    what, _, details = line.partition(": ")
    return line if count == 1 else f"{what}, {count} times: {details}"


def _line(diagram: "Bifurcation", change: SetChange, root: Root) -> str:
    if change.kind == "change of shape":
        return f"{change.kind}: {kinds_of(diagram, change.before)}"
    before, there, after = around(diagram, change, root)
    left, right = ("" if side is None else side or "nothing" for side in (before, after))
    said = (("before", left), ("there", there or "infinity"), ("after", right))
    return f"{change.kind}: " + "; ".join(f"{when} {what}" for when, what in said if what)


def around(
    diagram: "Bifurcation", change: SetChange, root: Root, joint: str = " + "
) -> tuple[str | None, str, str | None]:
    """Return the sets before an event, at it and after it in words; None on the side where the range ends."""
    onto, goes = kinds_of(diagram, change.onto, joint), "goes" if len(change.onto) == 1 else "go"
    there = [listed(map(still_text, change.at), joint), f"{onto} that {goes} on" if onto else ""]
    ends = ((diagram.family.low, change.before), (diagram.family.high, change.after))
    before, after = (None if root == exactly(end) else kinds_of(diagram, side, joint) for end, side in ends)
    return before, joint.join(filter(None, there)), after


def kinds_of(diagram: "Bifurcation", branches: Iterable[int], joint: str = " + ") -> str:
    """Return the kinds of branches in words, equal ones once with their number."""
    return listed((diagram.branches[k].kind for k in branches), joint)


def still_text(still: Still) -> str:
    """Return the kind of a set at one parameter, its dimension if it is more than a point, and its loss."""
    size = f" of dimension {still.dimension}" if still.dimension else ""
    return f"{still.kind}{size}, loss {loss_text(still)}"


def loss_text(still: Still) -> str:
    """Return the loss of a set at one parameter, with ~ in front where it is irrational and rounded."""
    loss = value(still.loss, None)
    return str(loss) if isinstance(loss, Fraction) else f"~{decimal(loss.middle, 9)}"


def listed(words: Iterable[str], joint: str = " + ") -> str:
    """Return words with a plus or another joint between them, equal ones once with their number."""
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return joint.join(several(word, count) for word, count in counts.items())


def to_json(diagram: "Bifurcation") -> dict[str, Any]:
    """Return branches and events, with exact numbers as text."""
    family = diagram.family
    return {
        "family": described(family, diagram.name),
        "loss_kind": family.first.loss_kind,
        "parameter": diagram.name,
        "low": str(family.low),
        "high": str(family.high),
        "branches": [each.to_json(diagram.name) for each in diagram.branches],
        "events": [_event_json(diagram, each) for each in diagram.events],
        "checked_by_atlases_at": [str(x) for x in diagram.checked],
    }


def _event_json(diagram: "Bifurcation", happening: BifurcationEvent) -> dict[str, Any]:
    changes = [
        {
            "kind": change.kind,
            "before": change.before,
            "at": [
                {"kind": s.kind, "loss": loss_text(s), "dimension": s.dimension, "orbit": s.orbit} for s in change.at
            ],
            "after": change.after,
            "onto": change.onto,
        }
        for change in happening.changes
    ]
    return {
        **happening.value.to_json(),
        "kinds": happening.kinds,
        "told": event_lines(diagram, happening),
        "changes": changes,
    }
