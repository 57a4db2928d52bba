"""Statements about sets, and their proofs, are taken in one form, at every bound of it, and refused beside it."""

import copy
from fractions import Fraction as Q

import pytest
from hand_made import Shape, rejects

from stability.checker import atlas_grammar as grammar

SHAPES = {"L": Shape(1, 2, 2), "M": Shape(2, 2, 1)}
"""Units, numbers of a unit, examples."""
SET = {"kind": "saddle", "loss": "1/2", "orbit": 1, "witness": [["0", "1"]]}


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("kind", "local maximum", "local maximum"),
        ("loss", 2, 2),
        ("loss", "1/2", Q(1, 2)),
        ("dimension", -3, -3),
        ("right", 0, 0),
        ("correct of class 1/2", 2, 2),
        ("outputs", ["1", "1/2"], [1, Q(1, 2)]),
        ("correct", [True, False], [True, False]),
        ("isolated", False, False),
        ("autograd_rests", True, True),
    ],
)
def test_attributes_have_their_values(name, value, found):
    assert grammar.attribute(name, value, "here") == found
    assert type(grammar.attribute(name, value, "here")) is type(found)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("kind", "minimum", "here: expected one of 'global minimum', 'local minimum', 'saddle', 'local maximum'"),
        ("kind", None, "here: expected one of"),
        ("loss", 0.5, "here: expected a whole number, or a number as text; got 0.5"),
        ("loss", True, "here: expected a whole number, or a number as text; got True"),
        ("loss", "x", "here: expected a number as text"),
        ("orbit", "1", "here: expected a whole number"),
        ("orbit", True, "here: expected a whole number"),
        ("strict", 1, "here: expected true or false; got 1"),
        ("clarke", "true", "here: expected true or false"),
        ("outputs", "1", "here: expected a list of at least 1; got '1'"),
        ("outputs", [], "here: expected a list of at least 1"),
        ("outputs", [1], "here[0]: expected a number as text"),
        ("correct", [True, 1], "here[1]: expected true or false; got 1"),
        ("correct", True, "here: expected a list of at least 1"),
        ("correct of class 1", "1", "here: expected a whole number"),
    ],
)
def test_attributes_have_no_other_values(name, value, reason):
    with rejects(reason):
        grammar.attribute(name, value, "here")


GOOD = [
    {"every set of": "L", "with": [], "has": [["kind", "=", "saddle"]]},
    {"every set of": "L", "with": [["loss", ">=", 0], ["orbit", "in", [1, 2]]], "has": [["kind", "in", ["saddle"]]]},
    {"sets of": "L", "with": [["strict", "!=", True]], "number": ["<", 3]},
    {"sets of": "L", "with": [], "number": ["=", -1]},
    {"set of": "M", "at": [["0", "1"], ["1/2", "-3"]], "has": []},
    {"all sets of": "L", "are": [SET]},
    {"all sets of": "L", "are": [{**SET, "outputs": ["1", "2"], "right": 0, "strict": False}]},
    {"not": {"sets of": "L", "with": [], "number": ["=", 1]}},
    {"all of": [{"set of": "L", "at": [["0", "1"]], "has": []}]},
    {"every set of": "L", "with": [["outputs", "!=", ["0", "1"]]], "has": [["correct", "=", [True, False]]]},
    {"sets of": "L", "with": [["correct of class -1/2", "in", [0, 1]]], "number": ["=", 0]},
    {"set of": "M", "at": [["0", "1"], ["1/2", "-3"]], "has": [["outputs", "=", ["0"]]]},
    {"all sets of": "L", "are": [{**SET, "correct": [True, False]}]},
]


@pytest.mark.parametrize("value", GOOD)
def test_statements(value):
    assert grammar.statement(value, SHAPES) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({}, "statement: expected a statement: 'all sets of', 'every set of', 'sets of', 'set of', 'not' or 'all of'"),
        ([], "statement: expected a statement"),
        ({"all of": []}, "statement['all of']: expected a list of at least 1"),
        ({"all of": [3]}, "statement['all of'][0]: expected a statement"),
        ({"all of": [GOOD[0]], "not": GOOD[0]}, "got one called 'not'"),
        ({"not": 3}, "statement.not: expected a statement"),
        ({"not": GOOD[0], "with": []}, "got one called 'with'"),
        ({**GOOD[0], "every set of": "N"}, "expected the name of a landscape"),
        ({**GOOD[0], "has": []}, "statement.has: expected a list of at least 1; got a list of 0"),
        ({**GOOD[0], "with": {}}, "statement.with: expected a list"),
        ({**GOOD[0], "with": [["loss", "=", 1]] * 2}, "statement.with: expected nothing twice"),
        ({**GOOD[0], "has": [["loss", "="]]}, "statement.has[0]: expected a list of 3"),
        ({**GOOD[0], "has": [["los", "=", 1]]}, "statement.has[0]: expected one of 'kind', 'loss'"),
        ({**GOOD[0], "has": [["kind", "<", "saddle"]]}, "statement.has[0]: expected one of '=', '!=', 'in'"),
        ({**GOOD[0], "has": [["strict", ">=", True]]}, "statement.has[0]: expected one of '=', '!=', 'in'"),
        ({**GOOD[0], "has": [["loss", "in", []]]}, "statement.has[0]: expected a list of at least 1"),
        ({**GOOD[0], "has": [["loss", "in", 1]]}, "statement.has[0]: expected a list of at least 1"),
        ({**GOOD[0], "has": [["loss", "=", [1]]]}, "statement.has[0]: expected a whole number, or a number as text"),
        ({**GOOD[0], "has": [["dimension", "in", [1, "1"]]]}, "statement.has[0]: expected a whole number"),
        ({**GOOD[0], "has": [["outputs", "=", ["0"]]]}, "statement.has[0]: expected a list of 2; got a list of 1"),
        ({**GOOD[0], "with": [["outputs", "=", ["0"] * 3]]}, "statement.with[0]: expected a list of 2"),
        ({**GOOD[2], "with": [["correct", "=", [True]]]}, "statement.with[0]: expected a list of 2"),
        ({**GOOD[4], "has": [["correct", "=", [True, True]]]}, "statement.has[0]: expected a list of 1"),
        (
            {**GOOD[0], "has": [["outputs", "in", [["0", "1"]]]]},
            "statement.has[0]: expected one of '=', '!='; got 'in'",
        ),
        ({**GOOD[0], "has": [["correct", "<", [True, True]]]}, "statement.has[0]: expected one of '=', '!='; got '<'"),
        ({**GOOD[0], "has": [["correct of class 2/2", "=", 1]]}, "expected a label in lowest terms; got '2/2'"),
        ({**GOOD[0], "has": [["correct of class x", "=", 1]]}, "statement.has[0]: expected a number as text"),
        ({**GOOD[0], "has": [["correct of class", "=", 1]]}, "statement.has[0]: expected one of 'kind', 'loss'"),
        ({**GOOD[2], "number": ["<"]}, "statement.number: expected a list of 2"),
        ({**GOOD[2], "number": ["in", 1]}, "statement.number: expected one of '=', '!='"),
        ({**GOOD[2], "number": ["<", "1"]}, "statement.number: expected a whole number"),
        ({**GOOD[2], "sets of": "N"}, "expected the name of a landscape"),
        ({**GOOD[2], "with": [3]}, "statement.with[0]: expected a list of 3"),
        ({**GOOD[4], "at": [["0", "1"]]}, "statement.at: expected a list of 2"),
        ({**GOOD[4], "at": [["0"], ["1", "2"]]}, "statement.at[0]: expected a list of 2"),
        ({**GOOD[4], "has": 1}, "statement.has: expected a list"),
        ({**GOOD[5], "are": []}, "statement.are: expected a list of at least 1"),
        ({**GOOD[5], "all sets of": "N"}, "expected the name of a landscape"),
        *(
            ({**GOOD[5], "are": [{k: v for k, v in SET.items() if k != key}]}, f"got none called '{key}'")
            for key in ("kind", "loss", "orbit", "witness")
        ),
        ({**GOOD[5], "are": [{**SET, "colour": 1}]}, "got one called 'colour'"),
        ({**GOOD[5], "are": [{**SET, "correct of class 1": 1}]}, "got one called 'correct of class 1'"),
        ({**GOOD[5], "are": [{**SET, "correct": [True]}]}, "statement.are[0].correct: expected a list of 2"),
        ({**GOOD[5], "are": [{**SET, "orbit": -1}]}, "statement.are[0].orbit: expected a whole number from 0"),
        ({**GOOD[5], "are": [{**SET, "witness": [["0"]]}]}, "statement.are[0].witness[0]: expected a list of 2"),
        ({**GOOD[5], "are": [{**SET, "outputs": ["1"]}]}, "statement.are[0].outputs: expected a list of 2"),
        ({**GOOD[5], "are": [{**SET, "kind": "low"}]}, "statement.are[0].kind: expected one of"),
        ({**GOOD[5], "are": [{**SET, "strict": 0}]}, "statement.are[0].strict: expected true or false"),
    ],
)
def test_what_is_no_statement(value, reason):
    with rejects(reason):
        grammar.statement(value, SHAPES)


def test_statements_are_nested_up_to_a_limit():
    for wrap in (lambda inner: {"not": inner}, lambda inner: {"all of": [inner]}):
        value = GOOD[0]
        for _ in range(40):
            value = wrap(value)
        grammar.statement(value, SHAPES)
        with rejects("at most 40 statements in each other"):
            grammar.statement(wrap(value), SHAPES)


PROOF = {
    "L": {
        "tree": [[[0]], [[-1], [1, 0, 1, 0, 1]], [[1]]],
        "rays": [[0, 1]],
        "fits": [[[0, 1], 1, [1, 2, 3], [[0, 1, 1]], [[0, [0, 1], [2, 1]]]]],
    }
}
SHAPE = {"L": SHAPES["L"]}


def altered(*path, value):
    found = copy.deepcopy(PROOF)
    here = found
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return found


@pytest.mark.parametrize(
    "value",
    [
        PROOF,
        altered("L", "rays", value=[]),
        altered("L", "fits", 0, value=[[], 0, [1], [], []]),
        altered("L", "fits", 0, 1, value=2),
        altered("L", "tree", 1, 1, value=[1, 0, 1]),
    ],
)
def test_proofs(value):
    assert grammar.proof(value, SHAPE) is None


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("M",), {}, "got one called 'M'"),
        (("L", "more"), 1, "proof.L: expected an object"),
        (("L", "tree"), [], "proof.L.tree: expected a list of at least 1"),
        (("L", "tree", 0), [], "proof.L.tree[0]: expected a list of at least 1"),
        (("L", "tree", 0, 0), [0, 1], "proof.L.tree[0]: expected a list of 1"),
        (("L", "tree", 0, 0), [2], "proof.L.tree[0]: expected a whole number from -1 to 1"),
        (("L", "tree", 0, 0), [-2], "proof.L.tree[0]: expected a whole number from -1 to 1"),
        (("L", "tree", 0, 0), [True], "proof.L.tree[0]: expected a list of whole numbers"),
        (("L", "tree", 1, 1), [1, 0], "proof.L.tree[1]: expected a list of at least 3"),
        (("L", "tree", 1, 1), [1, 0, 1, 0], "proof.L.tree[1]: expected a reason of an odd length"),
        (("L", "rays", 0), [1], "proof.L.rays[0]: expected a list of 2"),
        (("L", "rays", 0), ["1", "0"], "proof.L.rays[0]: expected a list of whole numbers"),
        (("L", "fits"), [], "proof.L.fits: expected a list of at least 1"),
        (("L", "fits", 0), [[], 0, [1], []], "proof.L.fits[0]: expected a list of 5"),
        (("L", "fits", 0, 0), [0, -1], "proof.L.fits[0][0]: expected numbers of generators, from 0"),
        (("L", "fits", 0, 0), [1, 1], "proof.L.fits[0][0]: expected nothing twice"),
        (("L", "fits", 0, 0), [0], "proof.L.fits[0][2]: expected a list of 2"),
        (("L", "fits", 0, 1), 3, "proof.L.fits[0][1]: expected a whole number from 0 to 2"),
        (("L", "fits", 0, 1), -1, "proof.L.fits[0][1]: expected a whole number from 0 to 2"),
        (("L", "fits", 0, 2), [1, 2], "proof.L.fits[0][2]: expected a list of 3"),
        (("L", "fits", 0, 3), [[0, 1]], "proof.L.fits[0][3]: expected a list of 3"),
        (("L", "fits", 0, 3), [[-1, 1, 1]], "proof.L.fits[0][3]: expected the number of a face, from 0"),
        (("L", "fits", 0, 4), [[0]], "proof.L.fits[0][4]: expected a list of at least 2"),
        (("L", "fits", 0, 4), [[-1, [0, 1]]], "proof.L.fits[0][4]: expected a whole number from 0"),
        (("L", "fits", 0, 4), [[0, [0]]], "proof.L.fits[0][4]: expected a list of 2"),
        (("L", "fits", 0, 4), [[0, [0, 1, 2]]], "proof.L.fits[0][4]: expected a list of 2"),
    ],
)
def test_what_is_no_proof(path, value, reason):
    with rejects(reason):
        grammar.proof(altered(*path, value=value), SHAPE)
    with rejects("got none called 'M'"):
        grammar.proof(PROOF, SHAPES)


def test_the_values_of_conditions():
    assert grammar.values(["loss", "in", [1, "1/2"]]) == [1, Q(1, 2)]
    assert grammar.values(["loss", "=", "3"]) == [3]
    assert grammar.values(["kind", "!=", "saddle"]) == ["saddle"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (GOOD[0], "every stationary set of L with anything has kind = saddle"),
        (
            GOOD[1],
            "every stationary set of L with loss >= 0 and orbit in [1, 2] has kind in [saddle]",
        ),
        (GOOD[2], "the number of stationary sets of L with strict != true is < 3"),
        (GOOD[4], "the point (0, 1; 1/2, -3) of M is in a stationary set with anything"),
        (
            {"all sets of": "L", "are": [{**SET, "strict": False}, {**SET, "orbit": 2, "kind": "local minimum"}]},
            "the stationary sets of L are exactly: 1 saddle of loss 1/2, 2 local minimum of loss 1/2; "
            "each with the strict, witness that the record lists",
        ),
        ({"not": GOOD[0]}, "not [every stationary set of L with anything has kind = saddle]"),
        (
            {"all of": [GOOD[2], GOOD[0]]},
            "[the number of stationary sets of L with strict != true is < 3] and "
            "[every stationary set of L with anything has kind = saddle]",
        ),
    ],
)
def test_statements_are_said(value, said):
    assert grammar.said(value) == said


def test_truth_values_are_said_as_in_json():
    assert grammar.words([["strict", "=", False], ["loss", "in", ["1/2", 3]], ["strict", "in", [True]]]) == (
        "strict = false and loss in [1/2, 3] and strict in [true]"
    )
    assert grammar.words([["orbit", "=", 1], ["orbit", ">", 0]]) == "orbit = 1 and orbit > 0"
