"""What is true of trajectories, by the reference of 100 digits."""

import json
from fractions import Fraction as Q
from functools import cache

from layer_proofs import network_of
from slow_flow import Hard, losses, number, slow_flow

from stability import Landscape
from stability.model.datasets import Dataset


@cache
def place(text):
    """Return a landscape that records hold."""
    data = json.loads(text)
    return Landscape(network_of(data), Dataset("any", data["points"], data["labels"]), data["loss"])


@cache
def reference(land, start):
    """Return loss, signs, point and events of the end; None where the reference gives up."""
    here, rows = place(land), [[Q(x) for x in row] for row in json.loads(start)]
    if here.atlas().of(rows) is not None:
        flat = [number(Q(x)) for row in rows for x in row]
        signs = ["".join("-0+"[s + 1] for s in row) for row in here.pattern(rows)]
        return number(here.loss(rows)), signs, flat, []
    try:
        slow = slow_flow(here, rows)
    except Hard:
        return None
    signs = ["".join("-0+"[s + 1] for s in row) for row in slow.signs]
    firsts = [here.rows.index(list(event[3])) for event in slow.events]
    events = [(kind, j, i, t) for (t, kind, j, _), i in zip(slow.events, firsts, strict=True)]
    return losses(here, slow.limit), signs, slow.limit, events


def conclusion(statement, lands):
    if "all of" in statement:
        found = [conclusion(part, lands) for part in statement["all of"]]
        return "refuted" if "refuted" in found else None if None in found else "proved"
    if "not" in statement:
        return {"proved": "refuted", "refuted": "proved"}.get(conclusion(statement["not"], lands))
    end = reference(json.dumps(lands[statement["flow on"]]), json.dumps(statement["from"]))
    if end is None:
        return None
    return "proved" if all(meets(condition, *end) for condition in statement["has"]) else "refuted"


def meets(condition, loss, signs, point, events):
    kind, *rest = condition
    if kind == "loss":
        relation, value = rest
        close = abs(loss - number(Q(value))) < 1e-40
        above = not close and loss > number(Q(value))
        return {"=": close, "!=": not close, "<": not (close or above), "<=": not above}.get(relation, above) or (
            relation == ">=" and close
        )
    if kind == "signs":
        return signs == rest[1]
    if kind == "within":
        distance, at = rest
        flat = [number(Q(x)) for row in at for x in row]
        return sum((a - b) ** 2 for a, b in zip(point, flat, strict=True)) <= number(Q(distance)) ** 2
    return timely(rest[1], events)


def timely(claimed, events):
    """Return whether these events happened, but for the ends of sliding that come with another event."""
    claimed = [event for event in claimed if event[0] != "sliding ends"]
    events = [event for event in events if event[0] != "sliding ends"]
    order = sorted(events, key=lambda event: (round(float(event[3]), 9), event[1:3]))
    return [event[:3] for event in claimed] == [list(event[:3]) for event in order] and all(
        number(Q(a)) <= event[3] <= number(Q(b)) for (*_, a, b), event in zip(claimed, order, strict=True)
    )
