"""Does a record prove what it says about where gradient flow goes from a start? Standard library only.

The trajectory is enclosed by `flow_replay.py`, which stands beside this file; here, statements about it are decided.
"""

import hashlib
import json
import sys
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from pathlib import Path
from runpy import run_path
from typing import Any

REPLAY = run_path(str(Path(__file__).with_name("flow_replay.py")))
Rejected, need, exact, length = REPLAY["Rejected"], REPLAY["need"], REPLAY["exact"], REPLAY["length"]

TESTS = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def holds(condition: Any, tube: Any) -> bool:
    """Tell whether a trajectory meets a condition; reject the record if its enclosure does not decide that."""
    match condition:
        case ["loss", relation, value]:
            return bool(TESTS[relation](tube.loss, exact(value)))
        case ["signs", "=", signs]:
            return bool(tube.signs == signs)
        case ["within", distance, point]:
            return within(exact(distance), [exact(x) for row in point for x in row], tube)
        case ["events", "=", events]:
            kinds = [event[:3] for event in events] == [event[:3] for event in tube.events]
            return kinds and all(timely(*pair) for pair in zip(events, tube.events, strict=True))
    raise Rejected("a condition of no known form")


def within(distance: Fraction, point: list[Fraction], tube: Any) -> bool:
    """Tell whether the limit is within a distance of a point."""
    unit = Fraction(1, 2**tube.bits)
    apart = length((x - y) / unit for x, y in zip(point, tube.target, strict=True)) * unit
    near = apart + tube.near <= distance
    need(near or apart - tube.near - unit * (len(point) + 2) > distance, "a distance that is not decided")
    return bool(near)


def timely(claimed: list[Any], found: list[Any]) -> bool:
    """Tell whether an event happened between the two times that are claimed."""
    first, last, begin, end = *map(exact, claimed[3:]), *found[3:]
    inside = bool(first <= begin and end <= last)
    need(inside or end < first or last < begin, "a time that is not decided")
    return inside


def said(condition: Any) -> str:
    """Return a condition in words."""
    match condition:
        case ["within", distance, point]:
            zeros = str(1 / exact(distance)).removeprefix("1") if exact(distance) else ""
            far = distance if not zeros or zeros.strip("0") else f"10^-{len(zeros)}"
            return f"within {far} of {told(point)}"
        case ["events", _, events]:
            each = [f"{kind} (unit {j}, example {i}) between {a} and {b}" for kind, j, i, a, b in events]
            return f"after {', '.join(each) or 'no event'}"
        case ["signs", _, signs]:
            return f"with signs {' '.join(signs)}"
    name, relation, value = condition
    return f"with {name} {relation} {value}"


def told(point: list[list[str]]) -> str:
    """Return a point in words."""
    return f"({'; '.join(', '.join(row) for row in point)})"


def truth(statement: Any, proof: Any, lands: dict[str, Any]) -> tuple[str, str]:
    """Return "proved" or "refuted", and the statement in words; units and examples are counted from 0."""
    match statement:
        case {"all of": parts}:
            found = [truth(part, each, lands) for part, each in zip(parts, proof["parts"], strict=True)]
            verdict = "refuted" if "refuted" in [each for each, _ in found] else "proved"
            return verdict, " and ".join(f"[{words}]" for _, words in found)
        case {"not": inner}:
            verdict, words = truth(inner, proof, lands)
            return {"proved": "refuted", "refuted": "proved"}[verdict], f"not [{words}]"
        case {"flow on": name, "from": start, "has": conditions}:
            tube = REPLAY["Tube"](lands[name], start, proof)
            verdict = "proved" if all(holds(condition, tube) for condition in conditions) else "refuted"
            ends = ", ".join(["ends at a stationary point", *map(said, conditions)])
            return verdict, f"every solution of gradient flow on {name} from {told(start)} {ends}"
    raise Rejected("a statement of no known kind")


def digest(record: dict[str, Any]) -> str:
    """Return the fingerprint of everything in a record but its id."""
    return hashlib.sha256(json.dumps({**record, "id": ""}, sort_keys=True).encode()).hexdigest()[:20]


def check(record: dict[str, Any]) -> str:
    """Return what the record concludes, in words; raise Rejected if it does not prove it."""
    try:
        need(record["format"] == "stability-flow/1", "an unknown format")
        need(record["id"] == digest(record), "the fingerprint does not fit: the record was altered")
        lands = {name: REPLAY["Landscape"](name, data) for name, data in record["landscapes"].items()}
        verdict, words = truth(record["statement"], record["proof"], lands)
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
