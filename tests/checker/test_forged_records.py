"""Records of a form that docs/certificates.md does not allow are rejected with a reason, whatever their proof shows."""

import json

import pytest
from forged_records import CROSSING, SEVERAL, also, changed, honest, once_across, two_across, verdict, without

from stability.checker import checker

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


@pytest.mark.parametrize("name", honest())
def test_the_honest_records_are_accepted(name):
    assert verdict(honest()[name]) is None


@pytest.mark.parametrize(("name", "path", "value"), FORGED)
def test_a_forged_record_is_rejected_with_a_reason(name, path, value):
    record = honest()[name]
    if path:
        forged = changed(record, path, value)
    else:
        forged = value(record)
        forged = {**forged, "id": checker.digest(forged)}
    reason = verdict(forged)
    assert reason
    assert reason.isprintable()
    for words_of_python in ("Error", "Rejected", "zip()", "unpack", "out of range"):
        assert words_of_python not in reason


@pytest.mark.parametrize("name", ["every", "number", "at", "flow"])
def test_a_forged_statement_is_no_true_one_in_a_negation_either(name):
    """What is misspelt holds nowhere, and so would make its opposite true."""
    for path, value in [(path, value) for other, path, value in FORGED if other == name and path[0] == "statement"]:
        forged = changed(honest()[name], path, value)
        for conclusion in ("proved", "refuted"):
            inverse = changed({**forged, "conclusion": conclusion}, ("statement",), lambda old: {"not": old})
            assert verdict(inverse), (path, conclusion)


@pytest.mark.parametrize("name", honest())
def test_a_repeated_key_is_rejected_even_with_the_same_value(name):
    text = json.dumps(honest()[name])
    for key in ("statement", "conclusion", "loss", "proof"):
        at = text.find(f'"{key}": ')
        if at < 0:
            continue
        for value in ('"proved", ', "{}, ", "null, "):
            forged = f'{text[:at]}"{key}": {value}{text[at:]}'
            assert "every key once" in (verdict(forged) or ""), key


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_rejected(word):
    assert "expected numbers" in verdict(json.dumps(honest()["flow"]).replace("96", word))


@pytest.mark.parametrize("events", [SEVERAL, SEVERAL[::-1]])
@pytest.mark.parametrize("conclusion", ["proved", "refuted"])
def test_an_order_within_one_enclosure_is_neither_proved_nor_refuted(events, conclusion):
    assert "not decided" in verdict(changed(two_across(events), ("conclusion",), conclusion))


def test_that_other_events_happened_is_refuted_though_the_order_is_not_decided():
    for events in ([], SEVERAL[:1], [["sliding begins", *SEVERAL[0][1:]], SEVERAL[1]], [SEVERAL[0], SEVERAL[0]][:1]):
        assert verdict(two_across(events))
        assert verdict(changed(two_across(events), ("conclusion",), "refuted")) is None


def test_a_condition_that_fails_refutes_though_another_is_not_decided():
    both = two_across(SEVERAL)
    both["statement"]["has"].append(["loss", ">", "1"])
    assert verdict(changed(both, ("conclusion",), "refuted")) is None
    assert verdict(changed(both, ("conclusion",), "proved"))


def test_events_at_exactly_the_same_time_may_be_reported_in_either_order():
    """Both units start alike, so that their pre-activations are multiples of each other on the whole course."""
    for events in (SEVERAL, SEVERAL[::-1]):
        record = changed(two_across(events), ("statement", "from"), [["0", "1"], ["0", "1"]])
        assert verdict(record) is None
        assert verdict(changed(record, ("conclusion",), "refuted"))


def test_an_event_names_all_examples_at_its_point():
    assert "examples 1 and 2" in checker.check(once_across())


def test_outputs_are_compared_as_numbers():
    def decimals(outputs):
        return ["0.50" if x == "1/2" else x for x in outputs]

    sets = honest()["list"]["statement"]["are"]
    k = next(k for k, each in enumerate(sets) if "1/2" in each["outputs"])
    record = changed(honest()["list"], ("statement", "are", k, "outputs"), decimals)
    assert verdict(record) is None
    assert verdict(changed(record, ("conclusion",), "refuted"))


def test_what_is_said_of_a_list_of_sets_reports_that_more_is_stated():
    assert "with the autograd_faces" in checker.check(honest()["list"])


@pytest.mark.parametrize("problem", [IndexError("list index out of range"), ValueError("not enough values to unpack")])
def test_what_no_reason_foresees_is_a_sentence_all_the_same(problem, monkeypatch):
    def fail(*_):
        raise problem

    monkeypatch.setattr(checker, "confirmed", fail)
    reason = verdict(honest()["sums"])
    assert reason.startswith("expected a proof whose parts fit each other")
    assert str(problem) not in reason


def test_too_little_memory_is_named_as_a_limit(monkeypatch):
    def fail(*_):
        raise MemoryError

    monkeypatch.setattr(checker, "confirmed", fail)
    assert "beyond a limit of the checker" in verdict(honest()["sums"])
