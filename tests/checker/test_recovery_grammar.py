"""What is one step outside the grammar of records that units stay dead is rejected with a reason."""

import pytest
from dead_unit_simulation import true_records
from forged_records import also, broken_copies, changed, verdict, without

TRUE = true_records()
UNIT, RULE, INPUTS = ("statement", "units", 0), ("statement", "rule"), ("statement", "inputs")


@pytest.mark.parametrize("name", ["momentum", "adamw", "box"])
def test_values_outside_the_grammar_are_rejected(name):
    for path, value, record in broken_copies(TRUE[name], 60):
        no_bound = value is None and "box" in path
        assert no_bound or verdict(record), (path, value)


FORGED = [
    ("sgd", ("statement",), also("not", True), "one called 'not'"),
    ("sgd", ("statement",), without("roundoff"), "none called 'roundoff'"),
    ("sgd", (*UNIT, "weights"), [], "at least 1"),
    ("sgd", (*UNIT, "weights"), ["1"], "list of 2"),
    ("sgd", (*UNIT, "velocity"), ["0", "0"], "list of 3"),
    ("sgd", UNIT, without("velocity"), "none called 'velocity'"),
    ("sgd", UNIT, also("m", ["0", "0", "0"]), "one called 'm'"),
    ("adam", (*UNIT, "v", 1), "-1", "not negative"),
    ("sgd", (*RULE, "name"), "rmsprop", "one of 'sgd', 'adam', 'adamw'"),
    ("sgd", (*RULE, "lr"), "-1", "at least 0"),
    ("sgd", (*RULE, "momentum"), "1", "below 1"),
    ("sgd", (*RULE, "nesterov"), True, "expected momentum"),
    ("sgd", (*RULE, "nesterov"), 0, "true or false"),
    ("sgd", (*RULE, "dampening"), "2", "at most 1"),
    ("adam", (*RULE, "beta2"), "1", "below 1"),
    ("adam", (*RULE, "taken"), -1, "from 0"),
    ("adam", (*RULE, "eps"), "-1", "at least 0"),
    ("sgd", INPUTS, {"points": []}, "at least 1"),
    ("sgd", INPUTS, {"points": [["1"]]}, "list of 2"),
    ("sgd", INPUTS, {"box": [["0", "1"]]}, "list of 2"),
    ("sgd", INPUTS, {"box": [["1", "0"], ["0", "1"]]}, "lower bound"),
    ("sgd", INPUTS, {"points": [["1", "1"]], "box": []}, "field 'points' or the field 'box'"),
    ("sgd", ("statement", "roundoff"), "1/3", "less than 1 over"),
    ("sgd", ("statement", "steps"), 0, "from 1"),
    ("sgd", ("statement", "steps"), "for ever", "whole number"),
    ("sgd", ("proof", "bits"), 0, "from 1"),
    ("sgd", ("proof", "ratios"), ["1"], "list of 2"),
    ("decayed", ("proof", "ratios"), [None, None], "expected a number"),
    ("decayed", ("proof", "ratios"), ["0", "0"], "above 0"),
    ("decayed", ("proof", "ratios"), ["100", "100"], "this ratio"),
    ("decayed", ("proof", "ratios"), ["1/1000", "1/1000"], "this ratio"),
    ("adam", ("proof", "explicit"), 10_001, "to 10000"),
]


@pytest.mark.parametrize(("name", "path", "value", "reason"), FORGED)
def test_a_forged_record_is_rejected_with_the_reason(name, path, value, reason):
    assert reason in verdict(changed(TRUE[name], path, value))
