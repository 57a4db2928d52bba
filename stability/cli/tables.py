"""Tables of verdicts and classifications for people."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from stability.audit.claims import Writeup
from stability.audit.verdicts import Verdict, counted
from stability.exact.numbers import formatted
from stability.geometry.atlas.atlas import Atlas
from stability.geometry.atlas.text import head, rows
from stability.geometry.stationary.classification import Classification
from stability.geometry.stationary.descent_directions import Descent
from stability.geometry.stationary.layer_classification import LayerClassification
from stability.model.correctness import explained
from stability.model.torque import torque

COLOURS = {
    "proved": "green",
    "reproduced": "green",
    "refuted": "red",
    "not-reproduced": "red",
    "vacuous": "magenta",
    "open": "yellow",
    "opinion": "dim",
    "error": "bold red",
}


def instead_of(verdict: Verdict) -> str:
    """Return what is true instead, as an entry of a column of that name, or that something was measured."""
    name, text = verdict.instead
    return f"{name}: {text}" if name != "true instead" else text


def verdict_table(writeup: Writeup, verdicts: Sequence[Verdict]) -> Table:
    """Return one row per claim: id, section, claim, status, reason, repair and its status."""
    table = Table(title=writeup.title, title_justify="left", title_style="bold", show_lines=True)
    table.add_column("claim", no_wrap=True)
    table.add_column("where", width=11)
    table.add_column("says", overflow="fold", ratio=6)
    table.add_column("status", width=14, no_wrap=True)
    table.add_column("because", overflow="fold", ratio=7)
    table.add_column("true instead", overflow="fold", ratio=7)
    for verdict in verdicts:
        claim = verdict.claim
        reason = verdict.reason + (f" [{verdict.agreement}]" if verdict.agreement else "")
        if verdict.status == "error" and claim.place is not None:
            reason += f" ({claim.place.file}, line {claim.place.line})"
        status = Text(verdict.status, style=COLOURS[verdict.status])
        table.add_row(claim.id, claim.where, claim.says, status, reason, instead_of(verdict))
    return table


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return the counts in one line."""
    parts = ", ".join(f"{count} {status}" for status, count in counted(verdicts).items())
    return f"{len(verdicts)} {'claim' if len(verdicts) == 1 else 'claims'}: {parts}"


CHECKED = {"ok": "confirmed", "FAIL": "rejected", "ERROR": "not read"}
"""What the words of the checker mean."""


def checked_report(found: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """Return what the checker says of records as plain data."""
    counts = {word: sum(verdict == name for verdict, _, _ in found) for name, word in CHECKED.items()}
    records = [{"record": name, "verdict": CHECKED[verdict], "says": words} for verdict, name, words in found]
    return {**counts, "records": records}


def checked_parts(found: Sequence[tuple[str, str, str]]) -> list[Table | str]:
    """Return what the checker says of records as a table, with the counts in a sentence."""
    table = Table("record", "verdict", "says")
    for verdict, name, words in found:
        table.add_row(name, CHECKED[verdict], words)
    counts = checked_report(found)
    return [table, ", ".join(f"{counts[word]:,} {word}" for word in CHECKED.values())]


def classification_table(found: Classification) -> Table:
    """Return a classification as a table of two columns."""
    if isinstance(found, LayerClassification):
        return _pairs(found)
    data = found.to_json()
    table = Table(title=f"{found.landscape!r} at {_rows(data['point'])}", title_justify="left", show_header=False)
    table.add_column("property")
    table.add_column("value", overflow="fold")
    table.add_row("kind", found.kind_in_words.removeprefix("strict "))
    for name in ("loss", "strict", "flat_dimension", "differentiable", "gradient"):
        table.add_row(name.replace("_", " "), _said(data[name]))
    table.add_row("kinks (counted from 1)", _kinks(found) or "none")
    table.add_row("Clarke-stationary", _said(data["clarke"]))
    table.add_row("directionally stationary", _said(data["directional"]))
    table.add_row("autograd rests", _said(data["autograd_rests"]))
    table.add_row("descent direction", _said(data["descent"]))
    if found.steepest is not None:
        table.add_row("descent along it", _descent(found.steepest))
    parts = torque(found.landscape, found.point)
    table.add_row("torque ratio per unit", "; ".join(p.ratio or f"undefined: {p.undefined}" for p in parts))
    reason = found.certificate.reason
    table.add_row("certificate", data["certificate"] or f"none: {reason}")
    return table


def _pairs(found: LayerClassification) -> Table:
    parts = found._table()
    table = Table(title=parts.caption, title_justify="left", show_header=False)
    table.add_column("property")
    table.add_column("value", overflow="fold")
    for row in parts.rows:
        table.add_row(*row)
    several = found.landscape.network.outputs > 1
    none = "none: records know no points of several outputs" if several else "none: the loss falls nowhere"
    fall = "--record FILE writes one, that the loss falls along this curve"
    table.add_row("certificate", none if several or found.escape is None else fall)
    return table


def _descent(found: Descent) -> str:
    """Return how steep a direction d is and how far it leads down."""
    steep = "" if found.slope_per_length is None else f" (~{found.slope_per_length:.4g} per unit length)"
    reach = "for every step" if found.reach is None else f"for every step below {formatted(found.reach)}"
    step = f"a step of {formatted(found.step)} times it gives the loss {formatted(found.loss)}"
    return f"slope {formatted(found.slope)}{steep}; {step}; the loss is lower than here {reach}"


def atlas_table(atlas: Atlas, minima: bool = False, top: int | None = None) -> list[Table | str]:
    """Return an atlas as a table, one row for sets that are images of each other, and what "correct" means in it.

    Parameters
    ----------
    atlas : Atlas
    minima : bool
        Whether only minima have a row.
    top : int, optional
        How many rows there are at most, those of the least losses. A sentence counts the rows that are left out.
    """
    title, *_ = repr(atlas).splitlines()
    table = Table(title=title, title_justify="left")
    for name in head(atlas):
        table.add_column(name, overflow="fold")
    shown, everything = rows(atlas, minima, top), len(rows(atlas))
    for row in shown:
        table.add_row(*row)
    meaning = explained(atlas.landscape.data.labels)
    if meaning is not None and atlas.landscape.network.one_hot:
        meaning = "correct: the larger output is that of the label; equal outputs stand for the smaller label"
    which = "minima" if minima else "stationary sets"
    left = f"shown: {len(shown)} of {everything} rows, the {which} of the least losses"
    return [table, *[left] * (len(shown) < everything), *([] if meaning is None else [meaning])]


def _said(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(f"({', '.join(map(str, v))})" if isinstance(v, list) else str(v) for v in value) or "none"
    return str(value)


def _kinks(found: Classification) -> str:
    """Return at which examples each unit is on its kink."""
    units: dict[int, list[str]] = {}
    for unit, example in found.kinks:
        units.setdefault(unit, []).append(str(example + 1))
    lines = []
    for unit, (*others, last) in units.items():
        at = f"examples {', '.join(others)} and {last}" if others else f"example {last}"
        lines.append(f"unit {unit + 1} at {at}")
    return "; ".join(lines)


def _rows(point: list[list[str]]) -> str:
    return "; ".join(f"({', '.join(row)})" for row in point)
