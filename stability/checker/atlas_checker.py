"""Verification of records about all stationary sets of landscapes. Standard library only.

The sets are rebuilt by `atlas_replay.py`, which stands beside this file; here, statements about them are decided.
"""

import sys
from operator import eq, ge, gt, le, lt, ne
from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, reading, lands_of, replay = map(part, ("limits", "atlas_grammar", "atlas_landscapes", "atlas_replay"))
Rejected, need = limits.Rejected, limits.need

TESTS = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
Set = dict[str, Any]
Conditions = list[list[Any]]


def holds(each: Set, conditions: Conditions) -> bool:
    """Return whether a set satisfies all conditions, each an attribute, a relation and a value."""
    return all(satisfied(each[condition[0]], condition) for condition in conditions)


def satisfied(found: Any, condition: list[Any]) -> bool:
    """Return whether an attribute is as a condition says."""
    known = reading.values(condition)
    return found in known if condition[1] == "in" else bool(TESTS[condition[1]](found, known[0]))


def meaningful(atlas: Any, *conditions: Conditions) -> None:
    """Reject conditions on which examples are correct where there are not two labels, or not the one that is named."""
    for name in (name for group in conditions for name, *_ in group):
        if name in ("right", "correct") or name.startswith(reading.CLASS):
            need(atlas.sets[0]["right"] is not None, f"{name} has no meaning here: there are not two labels")
            need(name in atlas.sets[0], f"{name} has no meaning here: there is no such label")


def truth(statement: Any, atlases: dict[str, Any]) -> str:
    """Return "proved", "refuted" or "vacuous"."""
    match statement:
        case {"all of": parts}:
            found = [truth(part, atlases) for part in parts]
            return next((v for v in ("refuted", "vacuous") if v in found), "proved")
        case {"not": inner}:
            verdict = truth(inner, atlases)
            return {"proved": "refuted", "refuted": "proved"}.get(verdict, verdict)
        case {"every set of": name, "with": given, "has": wanted}:
            meaningful(atlases[name], given, wanted)
            chosen = [each for each in atlases[name].sets if holds(each, given)]
            verdict = "proved" if all(holds(each, wanted) for each in chosen) else "refuted"
            return verdict if chosen else "vacuous"
        case {"sets of": name, "with": given, "number": [relation, number]}:
            meaningful(atlases[name], given)
            count = sum(each["orbit"] for each in atlases[name].sets if holds(each, given))
            return "proved" if TESTS[relation](count, number) else "refuted"
        case {"set of": name, "at": point, "has": wanted}:
            meaningful(atlases[name], wanted)
            found = atlases[name].locate(point)
            return "proved" if found is not None and holds(found, wanted) else "refuted"
    atlas, sets = atlases[statement["all sets of"]], statement["are"]
    meaningful(atlas, *([[name] for name in each] for each in sets))
    places = [id(atlas.locate(each["witness"])) for each in sets]
    complete = len(sets) == len(atlas.sets) and len(set(places)) == len(places)
    return "proved" if complete and all(same(atlas, each) for each in sets) else "refuted"


def same(atlas: Any, claimed: Set) -> bool:
    """Return whether a set is what is said of it, at its witness."""
    found = atlas.locate(claimed["witness"])
    attributes = [[name, "=", claimed[name]] for name in reading.ATTRIBUTES if name in claimed]
    return found is not None and holds(found, attributes)


def conclude(record: dict[str, Any], shapes: dict[str, Any], meter: Any) -> str:
    """Return what a record concludes, in words; reject it if it does not prove that."""
    reading.statement(record["statement"], shapes)
    reading.proof(record["proof"], shapes)
    lands = {name: lands_of.Landscape(name, data, meter) for name, data in record["landscapes"].items()}
    atlases = {name: replay.Atlas(land, record["proof"][name]) for name, land in lands.items()}
    verdict = truth(record["statement"], atlases)
    need(verdict == record["conclusion"], f"the conclusion is {verdict}")
    return "; ".join([f"{verdict}: {reading.said(record['statement'])}", *(land.words for land in lands.values())])


def check(record: dict[str, Any]) -> str:
    """Return what a record of any format concludes, in words; reject it if it does not prove that."""
    return str(part("checker").check(record))


if __name__ == "__main__":
    sys.exit(part("checker").command(sys.argv[1:]))
