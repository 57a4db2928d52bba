"""Conditions on a trajectory: each kind as it may be written, at its borders, and each way to write it wrongly."""

from fractions import Fraction

import pytest

from stability import Dataset, flow_ends, landscape
from stability.dynamics.flow.conditions import check_conditions
from stability.errors import StatementError

XOR = landscape("abs1", "xor")
TWO = landscape("relu2", "xor")
TWICE = landscape("relu1", Dataset("twice", [[0], [1], [3], [1], [0], [1]], [0, 1, 0, 1, 0, 1]))
ORIGIN = [[0, 0, 0]]


def event(kind="crossing", unit=0, example=0, first="1/2", last="3/4"):
    return ["events", "=", [[kind, unit, example, first, last]]]


GOOD = [
    [],
    (),
    *([("loss", relation, "1/3")] for relation in ("=", "!=", "<", "<=", ">", ">=")),
    [["loss", "=", Fraction(1, 3)], ["loss", ">", -2]],
    [("signs", "=", ["-0+-"])],
    [("within", 0, ORIGIN)],
    [("within", "1/100", ORIGIN)],
    [("events", "=", [])],
    *([event(kind)] for kind in ("crossing", "sliding begins", "sliding ends")),
    [event(example=3)],
    [event(first=0, last=0)],
    [event(first="1/2", last="1/2")],
]


@pytest.mark.parametrize("conditions", GOOD, ids=str)
def test_what_may_be_written(conditions):
    assert check_conditions(XOR, conditions) is None


BAD = [
    ("loss < 1", "Expected a list for the conditions on a trajectory"),
    (["loss"], "Expected a list for a condition"),
    ([[]], "at least one entry for a condition"),
    ([("loss", "<")], "no condition"),
    ([("loss", "<", 1, 2)], "no condition"),
    ([("speed", "<", 1)], "no condition"),
    ([(1, "<", 1)], "no condition"),
    ([(["loss"], "<", 1)], "no condition"),
    ([("loss", "~", 1)], "a relation after loss"),
    ([("loss", "<", 0.5)], "exact number for a loss"),
    ([("loss", "<", None)], "exact number for a loss"),
    ([("signs", "<", ["-0+-"])], "a relation after signs"),
    ([("signs", "!=", ["-0+-"])], "a relation after signs"),
    ([("signs", "=", "-0+-")], "Expected a list for signs"),
    ([("signs", "=", [])], "at least one entry for signs"),
    ([("signs", "=", ["-0+"])], "a text of 4 signs"),
    ([("signs", "=", ["-0+-0"])], "a text of 4 signs"),
    ([("signs", "=", ["-0+x"])], "a text of 4 signs"),
    ([("signs", "=", ["-0+-\n"])], "a text of 4 signs"),
    ([("signs", "=", ["-0+-", "-0+-"])], "for each of 1 units"),
    ([("signs", "=", [1])], "a text of 4 signs"),
    ([("within", -1, ORIGIN)], "a distance of at least 0"),
    ([("within", "-1/1000000", ORIGIN)], "a distance of at least 0"),
    ([("within", 0.1, ORIGIN)], "exact number for a distance"),
    ([("within", 1, [[0, 0]])], "has 3 parameters"),
    ([("within", 1, [[0, 0, 0.5]])], "exact number for a point"),
    ([("events", "<", [])], "a relation after events"),
    ([("events", "=", "crossing")], "Expected a list for events"),
    ([("events", "=", ["crossing"])], "Expected a list for an event"),
    ([("events", "=", [["crossing", 0, 0, "1/2"]])], "a kind, a unit, an example and two times"),
    ([("events", "=", [["crossing", 0, 0, "1/2", "3/4", 1]])], "a kind, a unit, an example and two times"),
    ([event("stop")], "a kind of event"),
    ([event(unit=1)], "a unit"),
    ([event(unit=-1)], "a unit"),
    ([event(unit=True)], "a unit"),
    ([event(example=4)], "an example"),
    ([event(example=-1)], "an example"),
    ([event(first="3/4", last="1/2")], "two times, the earlier one first"),
    ([event(first="-1/2")], "two times, the earlier one first"),
    ([event(first=0.5)], "exact number for a time"),
    ([event(last=0.75)], "exact number for a time"),
    ([("loss", "<", 1), ("loss", "~", 1)], "a relation after loss"),
    ([("events", "=", [["crossing", 0, 0, 0, 1], ["crossing", 9, 0, 0, 1]])], "a unit"),
]


@pytest.mark.parametrize(("conditions", "problem"), BAD, ids=str)
def test_what_is_refused(conditions, problem):
    with pytest.raises(ValueError, match=problem):
        check_conditions(XOR, conditions)


def test_every_unit_has_signs_and_events_of_its_own():
    check_conditions(TWO, [("signs", "=", ["-0+-", "++++"]), event(unit=1)])
    with pytest.raises(StatementError, match="for each of 2 units"):
        check_conditions(TWO, [("signs", "=", ["-0+-"])])
    with pytest.raises(StatementError, match="a unit"):
        check_conditions(TWO, [event(unit=2)])


@pytest.mark.parametrize("examples", [0, 1, 2, 5, [0, 4], (0, 4), [1, 3, 5]], ids=str)
def test_examples_at_one_point_are_named_together_or_one_of_them(examples):
    assert check_conditions(TWICE, [event(example=examples)]) is None


@pytest.mark.parametrize(
    ("examples", "remedy"),
    [([4, 0], "[0, 4]"), ([0], "[0, 4]"), ([1, 3], "[1, 3, 5]"), ([0, 1], "[0, 4]"), ([2], "2"), ([2, 2], "2")],
    ids=str,
)
def test_of_examples_at_one_point_all_are_named_in_order(examples, remedy):
    with pytest.raises(StatementError, match="all examples at one point") as caught:
        check_conditions(TWICE, [event(example=examples)])
    assert caught.value.remedy == f"Write {remedy}."


@pytest.mark.parametrize("examples", [6, -1, [], [0, 6], [-1, 4], ["0"], "0"], ids=str)
def test_examples_that_there_are_not(examples):
    with pytest.raises(StatementError):
        check_conditions(TWICE, [event(example=examples)])


@pytest.mark.parametrize("place", ["abs1", None, XOR.to_record(), Fraction(1), [XOR]])
def test_what_is_no_landscape_is_refused(place):
    with pytest.raises(TypeError, match="Expected a landscape"):
        flow_ends(place, ORIGIN, [])


@pytest.mark.parametrize("name", ["1x", "a b", None, 5, "lambda", ["L"]])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(StatementError, match="Expected a name for the landscape"):
        flow_ends(XOR, ORIGIN, [], name)
