"""Does a record prove what it says about all stationary sets of landscapes? Standard library only.

The sets are rebuilt by `atlas_replay.py`, which stands beside this file; here, statements about them are decided.
"""

import hashlib
import json
import sys
from operator import eq, ge, gt, le, lt, ne
from pathlib import Path
from runpy import run_path
from typing import Any

REPLAY = run_path(str(Path(__file__).with_name("atlas_replay.py")))
Rejected, need, exact = REPLAY["Rejected"], REPLAY["need"], REPLAY["exact"]

TESTS = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
NUMBERS = ("loss", "dimension", "faces", "autograd_faces", "smooth_faces", "orbit", "right")
WORDS = ("kind", "isolated", "strict", "clarke", "directional", "autograd_rests")
Set = dict[str, Any]
Conditions = list[list[Any]]


def holds(each: Set, conditions: Conditions) -> bool:
    """Tell whether a set satisfies all conditions, each an attribute, a relation and a value."""
    for name, relation, value in conditions:
        need(name in NUMBERS or (name in WORDS and relation in ("=", "!=", "in")), f"no such condition: {name}")
        values = value if relation == "in" else [value]
        known = [exact(str(v)) for v in values] if name in NUMBERS else values
        found = each[name] in known if relation == "in" else TESTS[relation](each[name], known[0])
        if not found:
            return False
    return True


def said(conditions: Conditions) -> str:
    """Return conditions in words."""
    return " and ".join(f"{name} {relation} {value}" for name, relation, value in conditions) or "anything"


def truth(statement: Any, atlases: dict[str, Any]) -> tuple[str, str]:
    """Return "proved", "refuted" or "vacuous", and the statement in words."""
    match statement:
        case {"all of": parts}:
            found = [truth(part, atlases) for part in parts]
            verdict = next((v for v in ("refuted", "vacuous") if (v in [each for each, _ in found])), "proved")
            return verdict, " and ".join(f"[{words}]" for _, words in found)
        case {"not": inner}:
            verdict, words = truth(inner, atlases)
            return {"proved": "refuted", "refuted": "proved"}.get(verdict, verdict), f"not [{words}]"
        case {"every set of": name, "with": given, "has": wanted}:
            chosen = [each for each in atlases[name].sets if holds(each, given)]
            verdict = "proved" if all(holds(each, wanted) for each in chosen) else "refuted"
            words = f"every stationary set of {name} with {said(given)} has {said(wanted)}"
            return (verdict if chosen else "vacuous"), words
        case {"sets of": name, "with": given, "number": [relation, number]}:
            count = sum(each["orbit"] for each in atlases[name].sets if holds(each, given))
            words = f"the number of stationary sets of {name} with {said(given)} is {relation} {number}"
            return ("proved" if TESTS[relation](count, number) else "refuted"), words
        case {"set of": name, "at": point, "has": wanted}:
            found = atlases[name].locate(point)
            words = f"the point {point} of {name} is in a stationary set with {said(wanted)}"
            return ("proved" if found is not None and holds(found, wanted) else "refuted"), words
        case {"all sets of": name, "are": sets}:
            listed = all(same(atlases[name], each) for each in sets)
            places = [id(atlases[name].locate(each["witness"])) for each in sets]
            complete = len(sets) == len(atlases[name].sets) and len(set(places)) == len(places)
            kinds = ", ".join(f"{each['orbit']} {each['kind']} of loss {each['loss']}" for each in sets)
            words = f"the stationary sets of {name} are exactly: {kinds}"
            return ("proved" if listed and complete else "refuted"), words
    raise Rejected("a statement of no known kind")


def same(atlas: Any, claimed: Set) -> bool:
    """Tell whether a set is what is said of it, at its witness."""
    found = atlas.locate(claimed["witness"])
    attributes = [[name, "=", claimed[name]] for name in (*NUMBERS, *WORDS) if name in claimed]
    outputs = claimed.get("outputs")
    return found is not None and holds(found, attributes) and outputs in (None, [str(x) for x in found["outputs"]])


def digest(record: dict[str, Any]) -> str:
    """Return the fingerprint of everything in a record but its id."""
    return hashlib.sha256(json.dumps({**record, "id": ""}, sort_keys=True).encode()).hexdigest()[:20]


def check(record: dict[str, Any]) -> str:
    """Return what the record concludes, in words; raise Rejected if it does not prove it."""
    try:
        need(record["format"] == "stability-atlas/1", "an unknown format")
        need(record["id"] == digest(record), "the fingerprint does not fit: the record was altered")
        lands = {name: REPLAY["Landscape"](name, data) for name, data in record["landscapes"].items()}
        need(all(map(str.isidentifier, lands)), "names of landscapes")
        atlases = {name: REPLAY["Atlas"](land, record["proof"][name]) for name, land in lands.items()}
        verdict, words = truth(record["statement"], atlases)
        need(verdict == record["conclusion"], f"the conclusion is {verdict}")
        return "; ".join([f"{verdict}: {words}", *(land.words for land in lands.values())])
    except Exception as problem:
        raise Rejected(f"{type(problem).__name__}: {problem}") from problem


def main(paths: list[str]) -> int:
    """Check the records in files, say what each concludes, return the exit status."""
    failures = 0
    for path in paths:
        try:
            print(f"ok    {path}: {check(json.loads(Path(path).read_text(encoding='utf-8')))}")
        except (Rejected, OSError, ValueError, RecursionError) as problem:
            failures += 1
            print(f"FAIL  {path}: {problem}")
    return int(failures > 0 or not paths)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
