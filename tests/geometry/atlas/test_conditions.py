"""Every attribute of a stationary set takes its values and no others; what is refuted names a set that offends."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from stability import Dataset, landscape
from stability.errors import PointError, StatementError
from stability.geometry.atlas import statements
from stability.geometry.atlas.certificates import proof
from stability.geometry.atlas.conditions import ATTRIBUTES, TESTS, checked, satisfies
from stability.geometry.atlas.statements import MINIMA, AllAboutSets, complete_list, every_set, number_of_sets, set_at
from stability.geometry.stationary.sets import KINDS
from stability.logic.records import prove
from stability.logic.statements import ForAll, Not

ABS1, RELU2 = landscape("abs1", "xor"), landscape("relu2", "xor")
FLAGS = ("isolated", "strict", "clarke", "directional", "autograd_rests")
LISTS = ("outputs", "correct")
COUNTS = ("dimension", "faces", "autograd_faces", "smooth_faces", "orbit", "right")

GOOD = {
    "kind": list(KINDS),
    "loss": [0, 1, "1/2", "0.25", "-3", Fraction(1, 3), np.int64(2)],
    **{key: [0, 3, "4", Fraction(2), np.int64(1)] for key in COUNTS},
    **{key: [True, False] for key in FLAGS},
    "outputs": [[0, 1, "1/2", "0.25"], (0, 0, 0, Fraction(1, 3))],
    "correct": [[True, False, True, True], (False,) * 4],
}
NEVER = [
    None,
    "",
    "nan",
    "inf",
    float("nan"),
    0.5,
    np.float64(1),
    [],
    {},
    ["saddle", 1],
    b"1",
    1j,
    object(),
    int,
    float,
]
NEVER += [np.array([1, 2]), range(3)]
BAD = {
    "kind": ["local minimun", "minimum", "Saddle", "saddle ", "local  minimum", 1, True],
    "loss": ["1/0", "a", "1/2/3", "--1", True, 1.0, "1_0"],
    **{key: [-1, "1/2", "saddle", True, 2.0] for key in COUNTS},
    **{key: ["True", "true", 0, 1, np.True_] for key in FLAGS},
    "outputs": [0, "0", [0, 1, 1], [0, 1, 1, 0, 0], [0, 1, 1, 0.5], [0, 1, 1, True], [[0, 1, 1, 0]], "0110"],
    "correct": [True, 4, [True] * 3, [True] * 5, [1, 1, 1, 1], ["yes"] * 4, [None] * 4],
}


def everywhere(condition):
    """Return the ways in which a condition can get into a statement."""
    return [
        lambda: every_set(ABS1, [condition], [MINIMA]),
        lambda: every_set(ABS1, [], [condition]),
        lambda: number_of_sets(ABS1, [condition], "=", 0),
        lambda: set_at(ABS1, [[0, 0, 0]], [MINIMA, condition]),
    ]


def test_every_attribute_of_the_table_is_tried():
    assert set(ATTRIBUTES) == set(GOOD) == set(BAD)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_every_attribute_takes_its_values_and_the_checker_reads_them(name):
    words = ["=", "!="] if name in LISTS else ["=", "!=", "in"]
    for relation in [*TESTS, "in"] if name == "loss" or name in COUNTS else words:
        for value in GOOD[name]:
            condition = (name, relation, [value] if relation == "in" else value)
            found = prove(number_of_sets(ABS1, [condition], ">=", 0))
            assert found.conclusion == "proved", found.reason


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_every_misspelt_value_is_refused_by_every_constructor(name):
    for value in (*BAD[name], *NEVER):
        for relation in ("=", "!="):
            for state in everywhere((name, relation, value)):
                with pytest.raises(StatementError, match="Expected"):
                    state()
        for values in ([*GOOD[name][:1], value], [value]):  # lists take no "in" at all
            with pytest.raises(StatementError, match="Expected"):
                number_of_sets(ABS1, [(name, "in", values)], "=", 0)


@pytest.mark.parametrize("name", ATTRIBUTES)
@pytest.mark.parametrize("relation", ["==", "is", "", None, 1, "IN", "not in", "=<", ["="]])
def test_every_unknown_relation_is_refused(name, relation):
    for state in everywhere((name, relation, GOOD[name][0])):
        with pytest.raises(StatementError, match="Expected"):
            state()


@pytest.mark.parametrize("name", ["kind", *FLAGS])
@pytest.mark.parametrize("relation", ["<", "<=", ">", ">="])
def test_words_have_no_order(name, relation):
    with pytest.raises(StatementError, match="Expected one of = != in"):
        number_of_sets(ABS1, [(name, relation, GOOD[name][0])], "=", 0)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("relation", ["<", "<=", ">", ">=", "in"])
def test_lists_are_equal_or_not(name, relation):
    with pytest.raises(StatementError, match=r"Expected one of = != after"):
        number_of_sets(ABS1, [(name, relation, GOOD[name][0])], "=", 0)


BY_HAND = [
    ([("outputs", "=", [0, 0, 1, 1])], 2),  # the two solutions, of XOR in the order 00, 11, 01, 10 of its classes
    ([("outputs", "=", [0, 0, 1, "0.5"])], 0),
    ([MINIMA, ("outputs", "=", ["1/2"] * 4)], 2),  # the two traps
    ([MINIMA, ("outputs", "!=", ["1/2"] * 4)], 2),
    ([MINIMA, ("correct", "=", [True, True, False, False])], 2),
    ([("correct", "=", [True] * 4), ("kind", "=", "global minimum")], 2),
    ([MINIMA, ("correct of class 1", "=", 0), ("correct of class 0", "=", 2)], 2),
    ([MINIMA, ("correct of class 1", ">", 0)], 2),
    ([MINIMA, ("correct of class 1", "in", [0, 2])], 4),
    ([MINIMA, ("correct of class 1.0", "=", 1), ("correct of class 0", "=", 1)], 0),
]


@pytest.mark.parametrize(("given", "number"), BY_HAND)
def test_sets_by_their_outputs(given, number):
    """The minima of |w.x + b| on XOR worked out by hand: two fit all four points, two put out 1/2 everywhere."""
    place = landscape("abs1", Dataset("xor by class", [[-1, -1], [1, 1], [-1, 1], [1, -1]], [0, 0, 1, 1]))
    found = prove(number_of_sets(place, given, "=", number))
    assert found.conclusion == "proved", found.shown
    assert prove(number_of_sets(place, given, "=", number + 1)).conclusion == "refuted"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("correct of class 7", "Write correct of class 0 or 1"),
        ("correct of class x", "Expected an exact number for a class"),
        ("correct of class ", "Expected an exact number for a class"),
        ("correct of class", "Did you mean 'correct of class 1'"),
        ("correct of class nan", "Expected an exact number for a class"),
        ("right of class 1", "Did you mean"),
    ],
)
def test_a_class_is_one_of_the_labels(name, words):
    with pytest.raises(StatementError) as problem:
        number_of_sets(ABS1, [(name, "=", 1)], "=", 0)
    assert words in str(problem.value)


def test_a_set_that_offends_names_its_outputs():
    found = prove(every_set(ABS1, [MINIMA], [("outputs", "=", [0, 1, 1, 0])]))
    assert "has outputs [" in found.shown["says"]
    found = prove(every_set(ABS1, [MINIMA], [("correct of class 1", "=", 2)]))
    assert "which has 0 correct examples of class 1, and 1 more" in found.shown["says"]


@pytest.mark.parametrize(
    "name", ["kinds", "Loss", "output", "witness", "landscape", "__class__", "", None, 1, ["kind"]]
)
def test_every_unknown_attribute_is_refused(name):
    for state in everywhere((name, "=", "saddle")):
        with pytest.raises(StatementError, match="Expected"):
            state()


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (("kind", "=", "local minimun"), "Did you mean 'local minimum'"),
        (("knd", "=", "saddle"), "Did you mean 'kind'"),
        (("loss", "=", 0.5), 'Write "1/2"'),
        (("loss", "=", 0.1), 'Write "1/10"'),
        (("loss", "<=", 1.3333), 'Write "13333/10000" or "4/3"'),
        (("loss", "=", float("nan")), 'Write 1, "1/3" or "0.25"'),
    ],
)
def test_an_error_says_what_would_do(condition, words):
    with pytest.raises(StatementError) as problem:
        number_of_sets(ABS1, [condition], "=", 0)
    assert words in str(problem.value)


@pytest.mark.parametrize(
    "conditions",
    [
        "kind",
        ("kind", "=", "saddle"),
        [("kind", "=")],
        [("kind", "=", "saddle", 1)],
        [("kind", "=", "saddle"), ("kind", "=", "saddle")],
        [("loss", "=", 1), ("loss", "=", "1")],
        [("loss", "in", [1, "1"])],
        [("kind", "in", [])],
        [("kind", "in", "saddle")],
        {"kind": "saddle"},
        None,
        5,
    ],
)
def test_conditions_are_a_list_of_different_triples(conditions):
    for state in (
        lambda: every_set(ABS1, conditions, [MINIMA]),
        lambda: every_set(ABS1, [], conditions),
        lambda: number_of_sets(ABS1, conditions, "=", 0),
        lambda: set_at(ABS1, [[0, 0, 0]], conditions),
    ):
        with pytest.raises(StatementError, match="Expected"):
            state()


def test_other_arguments_are_checked_too():
    with pytest.raises(StatementError, match="at least one"):
        every_set(ABS1, [], [])
    for number in (-1, 1.0, "4", True, None, float("nan")):
        with pytest.raises(StatementError, match="whole number from 0 for a number of sets"):
            number_of_sets(ABS1, [], "=", number)
    for relation in ("in", "==", "", None):
        with pytest.raises(StatementError, match="relation to a number of sets"):
            number_of_sets(ABS1, [], relation, 4)
    for name in ("not a name", "1x", "lambda", 5, "__x"):
        with pytest.raises(StatementError, match="name for the landscape"):
            number_of_sets(ABS1, [], "=", 4, name=name)
    for place in ("abs1", None, ABS1.to_record()):
        with pytest.raises(StatementError, match="Expected a landscape"):
            number_of_sets(place, [], "=", 4)
    for point in ([[0.5, 0, 0]], [[True, 0, 0]], [["x", 0, 0]], [[float("nan"), 0, 0]], [], [[]], "000", None):
        with pytest.raises(StatementError, match="Expected"):
            set_at(ABS1, point, [])
    for point in ([[0, 0]], [[0, 0, 0], [0, 0, 0]]):
        with pytest.raises(PointError):
            set_at(ABS1, point, [])
    for parts in ([], None, [ForAll("", [], ["1 > 0"])], ["x"]):
        with pytest.raises(StatementError, match="Expected"):
            AllAboutSets(parts)


def test_the_certificate_of_an_atlas_is_made_once_for_all_parts(monkeypatch):
    made = []
    monkeypatch.setattr(statements, "proof", lambda atlas: made.append(atlas.landscape) or proof(atlas))
    saddles = number_of_sets(ABS1, [("kind", "=", "saddle")], "=", 5, "A")
    nested = AllAboutSets([saddles, number_of_sets(RELU2, [("loss", "<", 0)], "=", 0, "B")])
    found = prove(AllAboutSets([number_of_sets(ABS1, [], "=", 9, "A"), nested]))
    assert (found.conclusion, made) == ("proved", [ABS1, RELU2])


STATEMENTS = [
    (every_set, [MINIMA], [("loss", "=", 0)]),
    (every_set, [("kind", "=", "saddle")], [("smooth_faces", "=", 0), ("loss", "<", "3/2")]),
    (every_set, [], [("kind", "in", ["saddle", "local maximum"]), ("isolated", "=", True)]),
    (every_set, [("loss", ">", 1)], [MINIMA]),
]


@pytest.mark.parametrize("place", [ABS1, RELU2], ids=repr)
@pytest.mark.parametrize(("state", "given", "wanted"), STATEMENTS)
def test_the_set_that_offends_has_the_givens_and_not_what_was_wanted(place, state, given, wanted):
    """Against a reading of the atlas at the point that is named."""
    found = prove(state(place, given, wanted))
    assert found.conclusion == "refuted"
    here = place.atlas().of(found.shown["point"])
    assert (here.kind, str(here.loss)) == (found.shown["kind"], found.shown["loss"])
    assert satisfies(here, checked(given, "given", empty=True))
    assert not satisfies(here, checked(wanted, "wanted"))
    offending = [each for each in place.atlas().sets if each.index == here.index]
    assert found.shown["number"] >= sum(each.orbit for each in offending)
    assert prove(Not(state(place, given, wanted))).shown == found.shown


def test_what_is_proved_shows_no_offender():
    assert prove(every_set(ABS1, [MINIMA], [("loss", "<=", 1)])).shown is None
    assert prove(number_of_sets(ABS1, [MINIMA], "=", 4)).shown is None


@pytest.mark.parametrize("number", [0, 3, 5, 9])
def test_a_wrong_number_of_sets_says_how_many_there_are(number):
    found = prove(number_of_sets(ABS1, [MINIMA], "=", number))
    assert (found.conclusion, found.shown["number"]) == ("refuted", 4)
    none = prove(number_of_sets(ABS1, [("kind", "=", "local maximum")], ">", number))
    assert (none.shown["number"], none.shown["says"]) == (0, "There are no stationary sets that are local maxima.")


def test_a_wrong_list_names_what_is_missing_and_what_is_not_so():
    atlas = ABS1.atlas()
    assert prove(complete_list(atlas)).conclusion == "proved"
    short = prove(complete_list(replace(atlas, sets=atlas.sets[:-1])))
    assert short.conclusion == "refuted"
    assert [each["point"] for each in short.shown["missing"]] == [[["0", "0", "0"]]]
    first = replace(atlas.sets[0], loss=Fraction(1))
    changed = prove(complete_list(replace(atlas, sets=[first, *atlas.sets[1:]])))
    assert changed.conclusion == "refuted"
    assert not changed.shown["missing"]
    assert "which has loss 0." in changed.shown["says"]
    twice = prove(complete_list(replace(atlas, sets=[*atlas.sets, first])))
    assert twice.conclusion == "refuted"
    assert len(twice.shown["wrong"]) == 1
