"""Conditions on stationary sets in words, of one set and of several."""

from fractions import Fraction as Q

import pytest

from stability.geometry.atlas.conditions import ATTRIBUTES
from stability.geometry.atlas.wording import in_words


@pytest.mark.parametrize(
    ("condition", "one", "several"),
    [
        (("strict", "=", True), "is strict", "are strict"),
        (("strict", "=", False), "is not strict", "are not strict"),
        (("isolated", "!=", True), "is not isolated", "are not isolated"),
        (("isolated", "in", [False, True]), "is isolated or is not isolated", "are isolated or are not isolated"),
        (("clarke", "=", False), "is not Clarke-stationary", "are not Clarke-stationary"),
        (("autograd_rests", "!=", False), "lets autograd rest", "let autograd rest"),
        (("autograd_rests", "=", False), "does not let autograd rest", "do not let autograd rest"),
        (("kind", "=", "saddle"), "is a saddle", "are saddles"),
        (("kind", "!=", "saddle"), "is not a saddle", "are not saddles"),
        (
            ("kind", "in", ["global minimum", "local maximum"]),
            "is a global minimum or a local maximum",
            "are global minima or local maxima",
        ),
        (("loss", "=", Q(1, 3)), "has loss 1/3", "have loss 1/3"),
        (("loss", "<", Q(1, 3)), "has loss below 1/3", "have loss below 1/3"),
        (("loss", "in", [Q(0), Q(1)]), "has loss 0 or 1", "have loss 0 or 1"),
        (("dimension", ">=", Q(2)), "has dimension at least 2", "have dimension at least 2"),
        (("right", "=", Q(1)), "has 1 correct example", "have 1 correct example"),
        (("right", "<", Q(3)), "has fewer than 3 correct examples", "have fewer than 3 correct examples"),
        (("correct of class 1", "!=", 2), "has other than 2 correct examples of class 1", None),
        (("faces", ">", Q(1)), "has more than 1 face", "have more than 1 face"),
        (("autograd_faces", "=", 2), "has 2 faces where autograd rests", "have 2 faces where autograd rests"),
        (("outputs", "=", [Q(0), Q(1, 2)]), "has outputs [0, 1/2]", "have outputs [0, 1/2]"),
        (("correct", "!=", [True, False]), "has correctness other than [yes, no]", None),
    ],
)
def test_a_condition_in_words(condition, one, several):
    assert in_words([condition]) == one
    assert in_words([condition], several=True) == (several or one.replace("has", "have", 1))


def test_several_conditions_are_one_sentence():
    conditions = [("strict", "=", False), ("dimension", "=", 2), ("loss", "=", Q(1))]
    assert in_words(conditions) == "is not strict, has dimension 2 and has loss 1"
    assert in_words(conditions[:2], several=True) == "are not strict and have dimension 2"


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_no_attribute_is_said_as_a_setting(name):
    values = {"kind": "saddle", "outputs": [Q(1)], "correct": [True]}
    flag = name in ("isolated", "strict", "clarke", "directional", "autograd_rests")
    said = in_words([(name, "=", values.get(name, True if flag else Q(1)))])
    assert said.split()[0] in ("is", "has", "lets")
    assert not {"=", "true", "false", "True", "_"} & {*said, *said.split()}
