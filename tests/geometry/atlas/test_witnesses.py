"""Witnesses in words, of sets put together by hand."""

from fractions import Fraction as Q
from types import SimpleNamespace

import pytest

from stability.geometry.atlas.witnesses import at_point, counted, described, differences, listing, offending


def a_set(**more):
    flags = {"isolated": True, "strict": False, "clarke": True, "directional": False, "autograd_rests": True}
    counts = {"dimension": 0, "faces": 1, "autograd_faces": 1, "smooth_faces": 0, "orbit": 1, "right": 2}
    place = {"outputs": [Q(1), Q(0)], "witness": [[Q(1, 3), Q(-2)]]}
    known = {"kind": "saddle", "loss": Q(1, 2), **flags, **counts, **place}
    return SimpleNamespace(**{**known, **more})


SADDLE = a_set()
PLAIN = {"kind": "saddle", "loss": "1/2", "point": [["1/3", "-2"]]}
MINIMUM = a_set(kind="global minimum", loss=Q(0), witness=[[Q(0), Q(1)], [Q(2), Q(3)]])


def test_a_set_as_plain_data():
    assert described(SADDLE) == PLAIN
    assert described(MINIMUM) == {"kind": "global minimum", "loss": "0", "point": [["0", "1"], ["2", "3"]]}


def test_the_first_that_offends_with_what_it_fails_only():
    found = offending([SADDLE], [("kind", "=", "local minimum"), ("loss", "<", 1), ("dimension", ">", 0)])
    assert found == {
        **PLAIN,
        "number": 1,
        "says": "Counterexample: the saddle of loss 1/2 at (1/3, -2), which has dimension 0.",
    }


def test_how_many_offend_counts_units_in_every_order():
    found = offending([SADDLE, a_set(orbit=4)], [("isolated", "=", False)])
    assert found["number"] == 5
    assert found["says"].endswith("which is isolated, and 4 more.")
    assert offending([a_set(orbit=2)], [("isolated", "=", False)])["says"].endswith("isolated, and 1 more.")


def test_an_attribute_that_fails_twice_is_named_once():
    found = offending([SADDLE], [("dimension", ">", 1), ("dimension", "!=", 0), ("dimension", "=", 1)])
    assert found["says"].endswith("which has dimension 0.")


@pytest.mark.parametrize(
    ("sets", "count", "conditions", "says", "more"),
    [
        ([], 0, [], "There are no stationary sets.", {}),
        ([], 0, [("loss", "=", Q(1))], "There are no stationary sets that have loss 1.", {}),
        (
            [SADDLE],
            1,
            [("strict", "=", False)],
            "There is 1 stationary set that is not strict, units in every order, such as the saddle of loss 1/2 "
            "at (1/3, -2).",
            PLAIN,
        ),
        (
            [MINIMUM, SADDLE],
            2,
            [],
            "There are 2 stationary sets, units in every order, such as the global minimum of loss 0 "
            "at (0, 1), (2, 3).",
            described(MINIMUM),
        ),
    ],
)
def test_how_many_there_are(sets, count, conditions, says, more):
    assert counted(sets, count, conditions) == {**more, "number": count, "says": says}


def test_what_stands_at_a_point():
    rows = [[Q(1), Q(1, 2)]]
    assert at_point(rows, None, []) == {
        "kind": "not stationary",
        "point": [["1", "1/2"]],
        "says": "The point (1, 1/2) is not stationary.",
    }
    assert at_point(rows, SADDLE, [("kind", "=", "local minimum"), ("strict", "=", False)]) == {
        "kind": "saddle",
        "loss": "1/2",
        "point": [["1", "1/2"]],
        "says": "The point (1, 1/2) is on a saddle of loss 1/2.",
    }


def test_in_what_a_set_differs_from_what_is_claimed():
    assert differences(SADDLE, a_set()) == []
    assert differences(SADDLE, a_set(witness=[[Q(9), Q(9)]])) == []
    changed = {"kind": "local minimum", "loss": Q(1), "orbit": 2, "strict": True, "outputs": [Q(1), Q(1)]}
    assert sorted(differences(SADDLE, a_set(**changed))) == sorted(changed)


def test_a_list_that_leaves_something_out():
    found = listing([MINIMUM, SADDLE], [])
    assert found == {
        **described(MINIMUM),
        "missing": [described(MINIMUM), PLAIN],
        "wrong": [],
        "says": "The list leaves out the global minimum of loss 0 at (0, 1), (2, 3).",
    }


@pytest.mark.parametrize(
    ("real", "there", "first"),
    [
        (None, "is not stationary", SADDLE),
        (a_set(), "stands twice", SADDLE),
        (a_set(loss=Q(3), strict=True, witness=[[Q(5), Q(6)]]), "has loss 3 and is strict", None),
    ],
)
def test_a_list_in_which_something_is_not_so(real, there, first):
    found = listing([], [(SADDLE, real)])
    assert found["says"] == f"It says that there is the saddle of loss 1/2 at (1/3, -2), which {there}."
    assert (found["missing"], found["wrong"]) == ([], [PLAIN])
    assert {key: found[key] for key in PLAIN} == described(first or real)


def test_a_list_that_leaves_out_one_thing_and_has_another_wrong():
    found = listing([MINIMUM], [(SADDLE, None), (MINIMUM, None)])
    assert found["says"].startswith("The list leaves out the global minimum")
    assert found["says"].endswith("It says that there is the saddle of loss 1/2 at (1/3, -2), which is not stationary.")
    assert found["kind"] == "global minimum"
    assert found["wrong"] == [PLAIN, described(MINIMUM)]
