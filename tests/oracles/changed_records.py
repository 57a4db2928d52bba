"""Changed copies of true records of every format: the same ones for the checker and for its second implementation."""

import json
import random
from fractions import Fraction
from functools import reduce

import checked_flows
import checked_records
import checked_sets
from forged_records import FORGED, about_points, broken_copies, changed, forged_copy, honest, nodes, replaced, sealed

SWAPS = [
    (">=", ">"),
    (">=", "<="),
    ("<=", "<"),
    ("<=", ">="),
    (">", "<"),
    ("<", ">"),
    ("==", "!="),
    ("!=", "=="),
]
SWAPS += [
    (">", ">="),
    ("<", "<="),
    ("==", ">="),
    ("+", "-"),
    ("-", "+"),
    ("*", "+"),
    ("d1", "loss"),
    ("d1", "autograd"),
]


def mutants(value):
    """Yield changed copies of one node of a record about points."""
    if isinstance(value, str):
        yield from (value[:k] + str((int(c) + 1) % 10) + value[k + 1 :] for k, c in enumerate(value) if c.isdigit())
        yield from (value.replace(a, b) for a, b in SWAPS if a in value)
        yield from (value.removeprefix("-") if value[:1] == "-" else f"-{value}", "0", "1", "")
        yield from {
            "proved": ["refuted", "vacuous"],
            "refuted": ["proved", "vacuous"],
            "vacuous": ["proved", "refuted"],
        }.get(value, [])
    elif value is None:
        yield from ([], 0, [{"of": [], "weight": "1"}])
    elif isinstance(value, int):
        yield from (value + 1, value - 1, -value - 1, str(value), True, float(value), [value])
    elif isinstance(value, list):
        yield from (value[:k] + value[k + 1 :] for k in range(len(value)))
        yield from ([*value[:k], value[k], *value[k:]] for k in range(len(value)))
        yield from ([], value[::-1], None, {str(k): x for k, x in enumerate(value)}, "".join(map(str, value)))
    elif isinstance(value, dict):
        yield from ({k: v for k, v in value.items() if k != drop} for drop in value)
        yield {**value, "comment": "true"}
        if "-" in value and "+" in value:
            yield {**value, "-": value["+"], "+": value["-"]}
        if "for all" in value:
            yield {**value, "given": []}


def changed_points(name, most=160):
    """Return (path, changed copy) of a record about points, not sealed."""
    record = checked_records.records()[name]
    parts = [(path, old) for path, old in nodes(record) if path and path != ("id",)]
    pairs = [(path, new) for path, old in parts for new in mutants(old) if json.dumps(new) != json.dumps(old)]
    picked = pairs if len(pairs) <= most else random.Random(0).sample(pairs, most)
    return [(path, replaced(record, path, new)) for path, new in picked]


def paths_of(value, path=()):
    """Yield the paths of all lists and of all that is in no other part."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_of(inner, (*path, key))
    elif isinstance(value, list):
        yield path
        for k, inner in enumerate(value):
            yield from paths_of(inner, (*path, k))
    else:
        yield path


def in_a_set(old, rng):
    """Return another value for a part of a record about all sets, which is no list."""
    if isinstance(old, bool) or old is None:
        return rng.choice([not old, 1, "true"])
    if isinstance(old, int):
        return rng.choice([old + 1, old - 1, -old, 0, old * 2, str(old), True])
    return rng.choice(["0", "1", "1/2", "-1", "=", "<", "!=", "saddle", "local minimum", "proved", ""])


def numeric(text):
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None


def in_a_flow(old, rng):
    """Return another value for a part of a record about trajectories, which is no list."""
    if isinstance(old, int) or old is None:
        return rng.choice([1, 0, -1, 2, "1", None, *([old + 1, old - 1, 2 * old] if old is not None else [])])
    if (x := numeric(old)) is not None:
        small, tiny = Fraction(1, 10**3), Fraction(1, 10**9)
        near = [x * 2, -x, x + Fraction(1, 7), x * (1 + tiny), x - small, x * 1000, x / 1000, Fraction(0), Fraction(1)]
        return str(rng.choice(near))
    if old and set(old) <= set("-0+"):
        k = rng.randrange(len(old))
        return old[:k] + rng.choice("-0+") + old[k + 1 :]
    return rng.choice(["=", "<", "!=", ">=", "crossing", "sliding ends", "proved", "refuted", "mean", ""])


def mutated(record, rng, paths, another, more):
    """Return a copy with one part changed: a list by an entry more or less, anything else to another value."""
    path = rng.choice(paths)
    old = reduce(lambda part, key: part[key], path, record)
    if not isinstance(old, list):
        new = another(old, rng)
    elif old:
        k = rng.randrange(len(old))
        new = rng.choice([[*old, 0], [*old[: k + 1], *old[k:]], [*old[:k], *old[k + 1 :]]])
    else:
        new = [rng.choice(more)]
    return replaced(record, path, new)


def at_random(name, record, times, another, more):
    """Return changed copies, not sealed: every second one with a change outside the proof."""
    rng = random.Random(name)
    everywhere = [path for path in paths_of(record) if path and path[0] != "id"]
    outside = [path for path in everywhere if path[0] != "proof"]
    copies = [mutated(record, rng, outside if k % 2 else everywhere, another, more) for k in range(times)]
    return [each for each in copies if each != record]


def changed_sets(name):
    return at_random(name, checked_sets.records()[name], 120, in_a_set, [0, 1, "0"])


def changed_flows(name):
    return at_random(name, checked_flows.records()[name], 45, in_a_flow, [0, "0", None])


NEAR = [Fraction(x) for x in ("0", "-1", "1/2", "2", "9/10", "11/10", "1000001/1000000")]


def near_misses(value):
    """Return values a little beside one of a proof: another number, a list with a part less or in another order."""
    if isinstance(value, int) and not isinstance(value, bool):
        return [value + 1, value - 1, -value, 0]
    if isinstance(value, list):
        return [*(value[:k] + value[k + 1 :] for k in range(min(len(value), 4))), value[::-1]]
    if not isinstance(value, str):
        return [None]
    if (x := numeric(value)) is not None:
        return [str(x * factor) for factor in NEAR]
    if set(value) <= set("-0+"):
        return [value[:k] + c + value[k + 1 :] for k in range(len(value)) for c in "-0+" if c != value[k]]
    return []


def nearly_proved(record, most):
    """Return sealed copies with one value of the proof a little beside what it was, at most so many."""
    proof = [(path, old) for path, old in nodes(record) if path[:1] == ("proof",)]
    found = [(path, new) for path, old in proof for new in near_misses(old) if new != old]
    picked = found if len(found) <= most else random.Random(1).sample(found, most)
    return [sealed(replaced(record, path, new)) for path, new in picked]


TWO_ROOTS = {"for all": [], "given": [], "then": [["sqrt(2) > 0", "sqrt(3) > 0"]]}
CHAIN = {"for all": ["x"], "given": ["x <= 0"], "then": [["1 < 0 < x"]]}
BEYOND = [
    about_points(TWO_ROOTS, "proved", {"tree": {"goal": 0, "by": [None, None]}}),
    about_points({"not": TWO_ROOTS}, "refuted", {"tree": {"goal": 0, "by": [None, None]}}),
    about_points(
        CHAIN,
        "refuted",
        {
            "never": {"goal": 0, "by": [None, [{"of": [0], "weight": "1"}, {"of": [1], "weight": "1"}]]},
            "picks": [0],
            "instance": {"x": "-1"},
        },
    ),
]
"""What is true, and shown, but not in a form that the documentation allows: several roots, a chain that is denied."""


def campaign():
    """Return the texts of all these records, true, changed, broken and forged, for each format once."""
    found = []
    for name, record in checked_records.records().items():
        copies = [each for _, each in changed_points(name)]
        found += [record, *copies[:20], *map(sealed, copies), *(each for *_, each in broken_copies(record, 25))]
    for records, copies_of in ((checked_sets.records(), changed_sets), (checked_flows.records(), changed_flows)):
        for name, record in records.items():
            found += [record, *map(sealed, copies_of(name)), *(each for *_, each in broken_copies(record, 20))]
            found += nearly_proved(record, 250)
    for record in honest().values():
        turned = [changed(record, ("conclusion",), word) for word in ("proved", "refuted", "vacuous")]
        found += [record, *turned, *(each for *_, each in broken_copies(record, 20))]
    found += [*BEYOND, *(forged_copy(*each) for each in FORGED)]
    return list(dict.fromkeys(map(json.dumps, found)))
