"""True records of every format, small and made by hand, and ways to forge others of them."""

import json
import random
from functools import cache

from stability import landscape
from stability.checker import checker
from stability.geometry.atlas.statements import complete_list, every_set, number_of_sets, set_at
from stability.logic.records import prove

ABS1 = landscape("abs1", "xor")
KINK = {"units": 1, "slopes": {"-": "-1", "0": "0", "+": "1"}, "points": [["1"]], "labels": ["1"], "loss": "sum"}
SLOPED = {"-": "1/2", "0": "1/2", "+": "1"}
SEVERAL = [["crossing", 0, 0, "0.0049", "0.005"], ["crossing", 1, 0, "0.0049", "0.005"]]
"""Two crossings within one enclosure, in an order that it does not decide."""


def sealed(record):
    record = {**record, "id": ""}
    return {**record, "id": checker.digest(record)}


def record_of(format_, landscapes, statement, conclusion, proof):
    whole = {"format": format_, "landscapes": landscapes, "statement": statement}
    return sealed({**whole, "conclusion": conclusion, "proof": proof})


def about_points(statement, conclusion, proof, landscapes=None):
    return record_of("stability-record/1", landscapes or {}, statement, conclusion, proof)


def flow_record(points, labels, start, path, has, units=1):
    """Return a record about units with slopes 1/2 and 1, whose pre-activations begin positive and end negative."""
    data = {"units": units, "slopes": SLOPED, "points": points, "labels": labels, "loss": "sum"}
    target = [x for _ in range(units) for x in ("0", str(sum(map(int, labels)) * 2 // len(labels) // units))]
    proof = {
        "bits": 96,
        "signs": ["+" * len(points)] * units,
        "path": path,
        "target": target,
        "shift": ["0"] * len(target),
        "chains": [None] * units * len({tuple(point) for point in points}),
    }
    statement = {"flow on": "L", "from": start, "has": has}
    return record_of("stability-flow/1", {"L": data}, statement, "proved", proof)


CROSSING = ["crossing", 0, [0, 1], "0", "1/10"]
ENDS = [["loss", "=", "0"], ["signs", "=", ["--"]], ["within", "100", [["0", "-200"]]], ["events", "=", [CROSSING]]]


def once_across(has=None):
    """Return the true record of a unit on two equal points that crosses both at once."""
    path = ["0.0001", ["0.01", [[0, 0, -1]]], "1", "1", "1"]
    return flow_record([["0"], ["0"]], ["-100", "-100"], [["0", "1"]], path, ENDS if has is None else has)


def two_across(events):
    """Return a record about two units that cross the same kink shortly after each other."""
    path = ["0.0049", ["0.0001", [[0, 0, -1], [1, 0, -1]]], "1", "1", "1", "1", "1"]
    start = [["0", "1.001"], ["0", "1"]]
    return flow_record([["0"]], ["-100"], start, path, [["events", "=", events]], units=2)


@cache
def honest():
    """Return true records by name."""
    sums = {"for all": ["x", "y"], "given": ["x >= 1", "y >= x"], "then": [["x + y >= 2"], ["x < y", "y < x"]]}
    tree = {"goal": 0, "by": [[{"of": [2], "weight": "1"}, {"of": [0], "weight": "2"}, {"of": [1], "weight": "1"}]]}
    split = {"split": "x", **{side: {"goal": 0, "by": [None]} for side in "-0+"}}
    mean = {"weights": ["1/2", "1/2"], "toward": [["1", "0"], ["-1", "0"]]}
    numbers = {"for all": [], "given": [], "then": [["L.loss([1, 0]) == 0", "L.out([2, 1], 0) > 2"]]}
    return {
        "sums": about_points(sums, "proved", {"tree": tree, "instance": {"x": "1", "y": "1"}}),
        "split": about_points({"for all": ["x"], "given": [], "then": [["1 > 0"]]}, "proved", {"tree": split}),
        "numbers": about_points(numbers, "proved", {"tree": {"goal": 0, "by": [None, None]}}, {"L": KINK}),
        "clarke": about_points({"clarke": "L", "at": ["0", "0"]}, "proved", mean, {"L": KINK}),
        "exists": about_points({"exists": ["x"], "such that": ["x > 1/2"]}, "proved", {"witness": {"x": "0.75"}}),
        "list": prove(complete_list(ABS1.atlas())).record,
        "every": prove(every_set(ABS1, [("loss", "in", [0, "4/3"])], [("clarke", "=", True)])).record,
        "number": prove(number_of_sets(ABS1, [("kind", "=", "saddle")], ">=", 1)).record,
        "at": prove(set_at(ABS1, [[0, 0, "1/2"]], [("kind", "!=", "saddle")])).record,
        "flow": once_across(),
    }


def replaced(record, path, value):
    """Return a record with another value at a path, which shares all other parts; a function is applied to the old."""
    key, *below = path
    copied = record.copy()
    if below:
        copied[key] = replaced(record[key], below, value)
    else:
        copied[key] = value(record[key]) if callable(value) else value
    return copied


def changed(record, path, value):
    """Return a sealed copy of a record with another value at a path; a function is applied to the old one."""
    return sealed(replaced(record, path, value))


def without(key):
    return lambda old: {k: v for k, v in old.items() if k != key}


def also(key, value=None):
    return lambda old: {**old, key: value}


def verdict(record):
    """Return the reason for which a record is rejected, or None."""
    try:
        checker.check_text(record if isinstance(record, str) else json.dumps(record))
    except (checker.Rejected, checker.files.BadInput) as problem:
        return str(problem)
    return None


def nodes(value, path=()):
    """Yield the path and the value of every part of a record."""
    yield path, value
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from nodes(part, (*path, key))


def outside(value):
    """Return values that are one step outside the grammar, wherever a value stands."""
    if isinstance(value, dict):
        if not value:
            return ["", [], {"comment": ""}]
        key = next(iter(value))
        less = {k: v for k, v in value.items() if k != key}
        return [
            less,
            {**value, "comment": ""},
            {**less, f"{key} ": value[key]},
            {**less, f"{key}s": value[key]},
            [value],
        ]
    if isinstance(value, list):
        return ["".join(map(str, value)), {str(k): v for k, v in enumerate(value)}, None, [*value, None], [value]]
    if isinstance(value, bool):
        return [int(value), str(value).lower(), None, float(value)]
    if isinstance(value, int):
        return [float(value), value + 0.5, None, [value], {"n": value}]
    if value is None:
        return [False, 0, "", {}]
    return [
        f"{value} ",
        f" {value}",
        f"{value}\n",
        f"{value}\u200b",
        f"{value}\x1b[0m",
        value.upper() + "!",
        [value],
        None,
        "",
    ]


def broken_copies(record, most):
    """Yield (path, value, sealed copy) with one value outside the grammar, in at most so many places."""
    places = [(path, value) for path, value in nodes(record) if path and path != ("id",)]
    for path, value in places if len(places) <= most else random.Random(0).sample(places, most):
        for other in outside(value):
            blank = isinstance(other, str) and isinstance(value, str) and other.strip(" ") == value
            if not (blank or isinstance(other, list) or other == ""):
                yield path, other, changed(record, path, lambda _, other=other: other)


STATEMENT, WITH, HAS = ("statement",), ("statement", "with"), ("statement", "has")
L = ("landscapes", "L")
FORGED = [
    # the record itself
    ("sums", (), also("comment", "true by inspection")),
    ("sums", (), without("landscapes")),
    ("sums", ("format",), "stability-record/2"),
    ("sums", ("conclusion",), "Proved"),
    ("sums", ("conclusion",), True),
    ("sums", ("landscapes",), []),
    ("every", ("proof",), also("abs2", {})),
    # statements about points
    ("sums", STATEMENT, also("not", {"clarke": "L", "at": ["0"]})),
    ("sums", STATEMENT, without("given")),
    ("sums", ("statement", "for all"), ["x", "y", "x"]),
    ("sums", ("statement", "for all"), "xy"),
    ("sums", ("statement", "for all"), {"x": 1, "y": 1}),
    ("sums", ("statement", "for all"), ["x", "y", "z\nok    P: proved: P"]),
    ("sums", ("statement", "for all"), ["x", "y", "\u0445"]),  # a Cyrillic letter
    ("sums", ("statement", "for all"), ["x", "y", "x" * 81]),
    ("sums", ("statement", "given"), "x >= 1"),
    ("sums", ("statement", "given", 0), ["x >= 1"]),
    ("sums", ("statement", "given", 0), "x >= 1\u202e"),
    ("sums", ("statement", "given", 0), "x >= 1.0"),
    ("sums", ("statement", "then"), []),
    ("sums", ("statement", "then"), [[]]),
    ("sums", ("statement", "then"), ["x + y >= 2"]),
    ("sums", ("statement", "then"), [{"x + y >= 2": "x > 9"}]),
    ("numbers", ("statement", "for all"), ["L"]),
    ("numbers", ("statement", "then", 0, 0), "L.los([1, 0]) == 0"),
    ("numbers", ("statement", "then", 0, 0), "L.loss(1) == 0"),
    ("numbers", ("statement", "then", 0, 0), "M.loss([1, 0]) == 0"),
    ("exists", ("statement", "such that"), []),
    ("exists", ("proof", "witness", "x"), 0.75),
    ("exists", ("proof", "witness", "x"), True),
    ("exists", ("proof", "witness", "x"), "3/04"),
    ("exists", ("proof", "witness", "x"), "\u0663"),  # an Arabic digit
    ("exists", ("proof", "witness"), also("y", "0")),
    ("clarke", ("statement", "at"), {"0": "0", "1": "0"}),
    ("clarke", ("statement", "at"), "00"),
    ("clarke", ("statement", "at"), [0, 0]),
    ("clarke", ("statement", "clarke"), ["L"]),
    # proofs about points
    ("sums", ("proof", "tree", "goal"), False),
    ("sums", ("proof", "tree", "goal"), -2),
    ("sums", ("proof", "tree", "goal"), 0.0),
    ("sums", ("proof", "tree"), also("note")),
    ("sums", ("proof", "tree", "by", 0, 0), also("times", "0")),
    ("sums", ("proof", "tree", "by", 0, 0, "of"), "2"),
    ("sums", ("proof", "tree", "by", 0, 0, "weight"), 1),
    ("sums", ("proof",), also("root", ["0", "1"])),
    ("sums", ("proof", "instance"), without("y")),
    ("split", ("proof", "tree"), without("0")),
    ("split", ("proof", "tree", "split"), "0*x"),
    ("split", ("proof", "tree", "split"), "x == 1"),
    ("clarke", ("proof", "weights"), "11"),
    ("clarke", ("proof",), also("separator", ["1", "0"])),
    # landscapes
    ("numbers", L, also("name", "L")),
    ("numbers", (*L, "units"), True),
    ("numbers", (*L, "units"), 1.0),
    ("numbers", (*L, "slopes"), also("x", "0")),
    ("numbers", (*L, "points"), "1"),
    ("numbers", (*L, "points"), [1]),
    ("numbers", (*L, "labels"), {"1": "0"}),
    ("numbers", (*L, "loss"), "sums"),
    # statements about all sets
    ("number", WITH, [["kind", "=", "saddles"]]),
    ("number", WITH, [["kind", "=", ["saddle"]]]),
    ("number", WITH, [["kind", "in", "saddle"]]),
    ("number", WITH, [["kind", "in", []]]),
    ("number", WITH, [["kind", "<", "saddle"]]),
    ("number", WITH, [["kinds", "=", "saddle"]]),
    ("number", WITH, [["outputs", "=", "0"]]),
    ("number", WITH, [["outputs", "=", ["0", "0"]]]),
    ("number", WITH, [["outputs", "=", [0, 0, 0, 0]]]),
    ("number", WITH, [["outputs", "in", [["0", "0", "0", "0"]]]]),
    ("number", WITH, [["outputs", "<", ["0", "0", "0", "0"]]]),
    ("number", WITH, [["correct", "=", 4]]),
    ("number", WITH, [["correct", "=", [1, 1, 1, 1]]]),
    ("number", WITH, [["correct", "=", [True]]]),
    ("number", WITH, [["correct of class 7", "=", 0]]),
    ("number", WITH, [["correct of class 2/2", "=", 0]]),
    ("number", WITH, [["correct of class 1 ", "=", 0]]),
    ("number", WITH, [["correct of class ", "=", 0]]),
    ("number", WITH, [["correct of class 1", "=", True]]),
    ("number", WITH, [["correct of class 1", "=", [1]]]),
    ("number", WITH, [["loss", "==", 0]]),
    ("number", WITH, [["loss", ">", 0.5]]),
    ("number", WITH, [["loss", ">", False]]),
    ("number", WITH, [["loss", ">", None]]),
    ("number", WITH, [["loss", ">", "0", "1"]]),
    ("number", WITH, [["loss", ">", "0"], ["loss", ">", "0"]]),
    ("number", WITH, [{"0": "loss", "1": ">", "2": "0"}]),
    ("number", WITH, {"loss": 0}),
    ("number", WITH, None),
    ("number", WITH, [["dimension", "=", "0"]]),
    ("number", WITH, [["right", "in", [4, "4"]]]),
    ("number", WITH, [["orbit", ">=", "1/2"]]),
    ("number", WITH, [["strict", "=", 1]]),
    ("number", WITH, [["strict", "=", "true"]]),
    ("number", WITH, [["isolated", ">", False]]),
    ("number", ("statement", "number"), [">=", 1.0]),
    ("number", ("statement", "number"), [">=", True]),
    ("number", ("statement", "number"), [">=", "1"]),
    ("number", ("statement", "number"), ["in", [1, 2]]),
    ("number", ("statement", "sets of"), "abs2"),
    ("number", STATEMENT, also("has", [])),
    ("every", HAS, []),
    ("every", HAS, [["kind", "!=", "x\r\x1b[2Kok    unique: proved: abs1 has one stationary set\x1b[8m"]]),
    ("at", ("statement", "at"), {"000": "which is the global minimum"}),
    ("at", ("statement", "at"), ["00", "1"]),
    ("at", ("statement", "at"), [["0", "0", 0.5]]),
    ("at", ("statement", "at"), [["0", "0", "1/2"], ["0", "0", "0"]]),
    ("list", ("statement", "are"), []),
    ("list", ("statement", "are", 0), without("witness")),
    ("list", ("statement", "are", 0), without("kind")),
    ("list", ("statement", "are", 0), also("unique", True)),
    ("list", ("statement", "are", 0, "orbit"), 1.0),
    ("list", ("statement", "are", 0, "strict"), "yes"),
    ("list", STATEMENT, lambda old: {"all of": []}),
    ("list", STATEMENT, lambda old: {"all of": [old, {}]}),
    # proofs about all sets
    ("at", ("proof", "abs1"), also("note")),
    ("at", ("proof", "abs1", "tree"), lambda old: [[[True], *old[0][1:]], *old[1:]]),
    ("at", ("proof", "abs1", "rays", 0), lambda old: [float(x) for x in old]),
    ("at", ("proof", "abs1", "fits", 0, 1), True),
    ("at", ("proof", "abs1", "fits", 1, 0), [-1]),
    ("at", ("proof", "abs1", "fits", 0, 4, 0, 0), -1),
    ("at", ("proof", "abs1", "fits", 0), lambda old: [*old, []]),
    # statements about trajectories, and their proofs
    ("flow", HAS, [["loss", "in", ["0"]]]),
    ("flow", HAS, [["loss", "=", 0.0]]),
    ("flow", HAS, [["losses", "=", "0"]]),
    ("flow", HAS, [["signs", "=", "--"]]),
    ("flow", HAS, [["signs", "=", ["- "]]]),
    ("flow", HAS, [["signs", "=", ["\u2212\u2212"]]]),  # minus signs that are no hyphens
    ("flow", HAS, [["signs", "=", ["--", "--"]]]),
    ("flow", HAS, [["signs", "!=", ["++"]]]),
    ("flow", HAS, [["within", "-1", [["0", "-200"]]]]),
    ("flow", HAS, [["within", "1", [["0", "-200", "0"]]]]),
    ("flow", HAS, [["within", "1", ["0", "-200"]]]),
    ("flow", HAS, [["events", "=", [CROSSING, CROSSING]]]),
    ("flow", HAS, [["events", "=", [CROSSING]], ["events", "=", []]]),
    ("flow", HAS, [["events", "=", [["crossing", 0, 0, "0", "1"]]]]),
    ("flow", HAS, [["events", "=", [["crossing", 0, [1, 0], "0", "1"]]]]),
    ("flow", HAS, [["events", "=", [["crosses", 0, [0, 1], "0", "1"]]]]),
    ("flow", HAS, [["events", "=", [["crossing", False, [0, 1], "0", "1"]]]]),
    ("flow", HAS, [["events", "=", [["crossing", 0, [0, 1], "1", "0"]]]]),
    ("flow", HAS, [["events", "=", [["crossing", 0, [0, 1], 0, 1]]]]),
    ("flow", ("statement", "from"), [["0", 1]]),
    ("flow", ("statement", "from"), ["01"]),
    ("flow", ("proof",), also("radius", "0")),
    ("flow", ("proof", "bits"), "96"),
    ("flow", ("proof", "path", 1, 1), []),
    ("flow", ("proof", "path", 1, 1, 0), [0, 0, True]),
    ("flow", ("proof", "chains"), "x"),
    ("flow", ("proof", "chains"), lambda old: old[:-1]),
    ("flow", ("proof", "chains"), lambda old: [*old, None]),
    ("at", ("proof", "abs1", "rays"), lambda old: old[:-1]),
    ("at", ("proof", "abs1", "rays"), lambda old: [*old, old[0]]),
]
"""Records of a form that the documentation does not allow: the name of a true one, where it is changed, and to what."""


def forged_copy(name, path, value):
    """Return the sealed copy of a true record that an entry of this list stands for."""
    return changed(honest()[name], path, value) if path else sealed(value(honest()[name]))
