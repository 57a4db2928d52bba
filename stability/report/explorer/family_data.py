"""Stationary sets as exact functions of a parameter, for the slider of the page."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from stability.compute.progress import Progress, silent
from stability.dynamics.bifurcation.bifurcation import Bifurcation
from stability.dynamics.bifurcation.questions import ParameterRange, answer, between, family
from stability.dynamics.bifurcation.snapshots import Snapshot, Still
from stability.errors import StabilityError, UnknownNameError, nearest, require_kind
from stability.exact.algebraic_numbers import Algebraic
from stability.exact.numbers import Exact, decimal
from stability.exact.rational_functions import Function, as_function
from stability.geometry.atlas.atlas import Atlas, known_atlas
from stability.geometry.atlas.size import most_choices
from stability.io.printable import brief
from stability.logic.records import Record
from stability.model.network_loss import NetworkLoss
from stability.report.explorer.event_words import event_words
from stability.report.explorer.problem_data import written

FORMS = "slope, label:K or step"

MOST_EXAMPLES, MOST_AT_ONCE = 8, 2_000
"""Up to so many examples, and choices of faces, families take some seconds."""

MOST_RECORDS = 16
"""Up to so many certificates of atlases along a family are carried by its page."""


def asked_ranges(
    landscape: NetworkLoss, vary: Sequence[str] | None, low: Exact | None, high: Exact | None
) -> list[ParameterRange]:
    """Return what sliders vary: what is asked for, or the slope and the first label where that takes some seconds.

    Raises
    ------
    UnknownNameError
        If something else varies than a slope or a label.
    StabilityError
        If the label does not exist, or a range makes no sense.
    """
    if vary is None:
        if low is not None or high is not None:
            raise StabilityError("Expected what varies beside the range; got the range alone.", "Write --vary slope.")
        quick = len(landscape.rows) <= MOST_EXAMPLES and most_choices(landscape) <= MOST_AT_ONCE
        vary = ("slope", "label:1") if quick else ()
    require_kind(vary, list | tuple, "a list of what varies", 'Write vary=["slope"].')
    return [_range(landscape, what, low, high) for what in dict.fromkeys(vary) if what != "step"]


def family_records(landscape: NetworkLoss, data: Mapping[str, Any]) -> dict[str, Record]:
    """Return the certificates of the atlases along a family, by their key."""
    member = family(landscape, data["vary"])
    samples = sorted({each["sample"] for each in data["snapshots"] if each["sample"] is not None}, key=Fraction)
    return {f"{data['vary']}@{each}": known_atlas(member(Fraction(each))).record() for each in samples}


def _range(landscape: NetworkLoss, what: str, low: Exact | None, high: Exact | None) -> ParameterRange:
    require_kind(what, str, "the name of what varies", 'Write "slope" or "label:1".')
    if what.split(":")[0] not in ("slope", "label"):
        raise UnknownNameError(
            f"Expected {FORMS} for the slider; got {brief(what)}.", nearest(what, ["slope", "label:1", "step"])
        )
    family(landscape, what)
    own = default_range(landscape, what)
    return between(what, own.low if low is None else low, own.high if high is None else high)


def family_data(
    landscape: NetworkLoss, asked: ParameterRange, max_faces: int | None = None, progress: Progress = silent
) -> dict[str, Any]:
    """Return all stationary sets of a family over a range, as functions of the parameter.

    Raises
    ------
    TooLargeError
        If there may be too many choices of faces.
    """
    found = answer(landscape, asked, max_faces=max_faces, progress=progress)
    assert isinstance(found, Bifurcation)
    irrational = [each.value for each in found.events if each.value.rational is None]
    listed = {x: known_atlas(found.family.landscape(x)) for x in found.checked} if keeps_records(found) else {}
    return {
        "vary": asked.what,
        "title": title(asked.what),
        "symbol": found.name,
        "low": str(asked.low),
        "high": str(asked.high),
        "base": _own_value(landscape, asked),
        "events": [
            {
                "value": float(each.value),
                "exact": None if each.value.rational is None else str(each.value.rational),
                "text": str(each.value),
                "lines": event_words(found, each),
            }
            for each in found.events
        ],
        "snapshots": [_snapshot(found, each, irrational, listed) for each in found.snapshots],
        "checked": [str(x) for x in found.checked],
    }


def keeps_records(found: Bifurcation) -> bool:
    """Return whether a page carries the certificates of the atlases along a family: where there are not many."""
    return len(found.checked) <= MOST_RECORDS


def title(what: str) -> str:
    """Return what varies, in words."""
    return "slope left of the kink" if what == "slope" else f"label of example {what.split(':')[1]}"


def _own_value(landscape: NetworkLoss, asked: ParameterRange) -> str | None:
    """Return the parameter at which the family is the landscape itself, if that is within the range."""
    if asked.what == "slope":
        unit = landscape.network.unit
        own, same = unit.negative, unit.positive == 1
    else:
        own, same = landscape.data.labels[int(asked.what.split(":")[1]) - 1], True
    return str(own) if same and asked.low <= own <= asked.high else None


def _snapshot(
    found: Bifurcation, each: Snapshot, irrational: list[Any], listed: Mapping[Fraction, Atlas]
) -> dict[str, Any]:
    at = each.low == each.high
    exact = each.low.rational if at else None
    atlas = None if each.sample is None else listed.get(each.sample)
    return {
        "low": float(each.low),
        "high": float(each.high),
        "at": at,
        "exact": None if exact is None else str(exact),
        "event": _position(found, each) if at and each.low in irrational else None,
        "sample": None if atlas is None else str(each.sample),
        "sets": [_set(one, found, atlas) for one in each.sets],
    }


def _position(found: Bifurcation, each: Snapshot) -> int:
    return next(k for k, event in enumerate(found.events) if event.value == each.low)


def _set(each: Still, found: Bifurcation, atlas: Atlas | None) -> dict[str, Any]:
    name, weights = found.name, found.family.first.network.weights
    return {
        "listed": None if atlas is None else _listed(_placed(each.members[0], weights), atlas),
        "formula": each.loss.text(name) if isinstance(each.loss, Function) else None,
        "kind": each.kind,
        "dimension": each.dimension,
        "orbit": each.orbit,
        "loss": number(each.loss),
        "errors": [number(error) for error in each.errors],
        "choices": sorted({written(_placed(member, weights), weights) for member in each.members}),
        "point": None if each.point is None else [[number(x) for x in row] for row in each.point],
    }


def _placed(member: Sequence[Sequence[int]], weights: Sequence[Fraction]) -> list[Sequence[int]]:
    """Return the faces of a set, unit by unit of the network; the list has units with output weights below 0 first."""
    signed = min(weights) < 0
    order = sorted(range(len(weights)), key=lambda j: weights[j] > 0)
    faces = dict(zip(order, (state[signed:] for state in member), strict=True))
    return [faces[j] for j in range(len(weights))]


def _listed(faces: Sequence[Sequence[int]], atlas: Atlas) -> int | None:
    """Return the position in an atlas of the set that meets these faces."""
    found = atlas.on_faces(faces)
    return None if found is None else found.index


def number(value: Any) -> dict[str, Any]:
    """Return a function as its coefficients {n, d}, an irrational number as {v, t}: a float and a text."""
    if isinstance(value, Algebraic):
        return {"v": float(value), "t": f"~{decimal(value.middle)}"}
    function: Function = as_function(value)
    parts = function.to_json()
    return {"n": parts["numerator"], "d": parts["denominator"]}


def default_range(landscape: NetworkLoss, what: str) -> ParameterRange:
    """Return the range of a slider that is asked for without one."""
    if what == "slope":
        own = landscape.network.unit.negative
        return ParameterRange(what, min(Fraction(-1), own), max(Fraction(1), own), "a")
    labels = landscape.data.labels
    low, high = min(labels), max(labels)
    room = (high - low or Fraction(1)) / 2
    return ParameterRange(what, low - room, high + room, "y")
