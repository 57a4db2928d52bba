"""Verification of records about where gradient flow goes from a start. Standard library only.

The trajectory is enclosed by `flow_replay.py`, which stands beside this file; here, statements about it are decided.
"""

import sys
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, reading, faces, replay = map(part, ("limits", "flow_grammar", "flow_faces", "flow_replay"))
Rejected, need, exact, length = limits.Rejected, limits.need, limits.exact, faces.length

TESTS = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def all_hold(conditions: list[Any], tube: Any) -> bool:
    """Return whether a trajectory meets all conditions; reject the record if its enclosure does not decide that."""
    found = [holds(condition, tube) for condition in conditions]
    if False in found:
        return False
    for condition, each in zip(conditions, found, strict=True):
        need(each, f"not decided by the enclosure: {reading.condition_said(condition)}")
    return True


def holds(condition: Any, tube: Any) -> bool | None:
    """Return whether a trajectory meets a condition; None if its enclosure does not decide that."""
    match condition:
        case ["loss", relation, value]:
            return bool(TESTS[relation](tube.loss, exact(value)))
        case ["signs", _, signs]:
            return bool(tube.signs == signs)
        case ["within", distance, point]:
            return within(exact(distance), [exact(x) for row in point for x in row], tube)
    return happened(condition[2], tube.events)


def within(distance: Fraction, point: list[Fraction], tube: Any) -> bool | None:
    """Return whether the limit is within a distance of a point; None if that is not decided."""
    unit = Fraction(1, 2**tube.bits)
    apart = length((x - y) / unit for x, y in zip(point, tube.target, strict=True)) * unit
    if apart + tube.near <= distance:
        return True
    return False if apart - tube.near - unit * (len(point) + 2) > distance else None


def happened(claimed: list[Any], passages: list[Any]) -> bool | None:
    """Return whether these events happened, and no others, in this order and within these times; None if undecided.

    The enclosures of different passages are disjoint, hence in order. Events of one passage are in no order: if they
    happen at exactly the same time, any will do, and else none is decided.
    """
    if len(claimed) != sum(len(passage.events) for passage in passages):
        return False
    rest, decided = list(claimed), True
    for passage in passages:
        own, rest = rest[: len(passage.events)], rest[len(passage.events) :]
        times = [timely(each, passage) for each in own]
        if sorted(str(each[:3]) for each in own) != sorted(map(str, passage.events)) or False in times:
            return False
        decided &= None not in times and (len(own) == 1 or passage.at_once)
    return True if decided else None


def timely(claimed: list[Any], passage: Any) -> bool | None:
    """Return whether an event happened between the two times that are claimed; None if that is not decided."""
    first, last = map(exact, claimed[3:])
    if first <= passage.begin and passage.end <= last:
        return True
    return False if passage.end < first or last < passage.begin else None


def truth(statement: Any, proof: Any, lands: dict[str, Any]) -> str:
    """Return "proved" or "refuted"."""
    match statement:
        case {"all of": parts}:
            found = [truth(each, why, lands) for each, why in zip(parts, proof["parts"], strict=True)]
            return "refuted" if "refuted" in found else "proved"
        case {"not": inner}:
            return {"proved": "refuted", "refuted": "proved"}[truth(inner, proof, lands)]
    tube = replay.Tube(lands[statement["flow on"]], statement["from"], proof)
    return "proved" if all_hold(statement["has"], tube) else "refuted"


def conclude(record: dict[str, Any], shapes: dict[str, Any], meter: Any) -> str:
    """Return what a record concludes, in words; reject it if it does not prove that."""
    statement, proof = record["statement"], record["proof"]
    read = reading.Reading(record["landscapes"], shapes)
    read.statement(statement)
    read.proof(statement, proof)
    lands = {name: faces.Landscape(name, data, meter) for name, data in record["landscapes"].items()}
    verdict = truth(statement, proof, lands)
    need(verdict == record["conclusion"], f"the conclusion is {verdict}")
    return "; ".join([f"{verdict}: {reading.said(statement)}", *(land.words for land in lands.values())])


def check(record: dict[str, Any]) -> str:
    """Return what a record of any format concludes, in words; reject it if it does not prove that."""
    return str(part("checker").check(record))


if __name__ == "__main__":
    sys.exit(part("checker").command(sys.argv[1:]))
