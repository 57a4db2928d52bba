"""Statements about points, and their proofs, are taken in one form, at every bound of it, and refused beside it."""

import pytest
from hand_made import Shape, meter_of, rejects

from stability.checker import point_grammar as grammar

SHAPES = {"L": Shape(1, 2, 1)}
ALL = {"for all": ["x", "y"], "given": ["x > 0"], "then": [["x >= 0"], ["y > 0", "y < 1"]]}
FREE = {**ALL, "given": []}
SOME = {"exists": ["x"], "such that": ["x > 1"]}
CLARKE = {"clarke": "L", "at": ["0", "1/2"]}
REFUSED = "statement: expected a statement: 'for all', 'exists', 'clarke', 'not' or 'all of'"


def reading():
    return grammar.Reading(SHAPES, meter_of())


def statement(value):
    return reading().statement(value)


@pytest.mark.parametrize(
    "value",
    [
        ALL,
        FREE,
        {"for all": [], "given": [], "then": [["L.loss([0, 1]) > 0"]]},
        SOME,
        CLARKE,
        {"not": SOME},
        {"all of": [ALL, {"not": CLARKE}]},
    ],
)
def test_statements(value):
    assert statement(value) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({}, REFUSED),
        ("x > 0", REFUSED),
        ({**ALL, "for": 1}, "got one called 'for'"),
        ({**ALL, "for all": "x"}, "statement['for all']: expected a list"),
        ({**ALL, "for all": ["x", "x"]}, "statement['for all']: expected nothing twice"),
        ({**ALL, "for all": ["x", "L"]}, "statement['for all']: expected variables; got the name of a landscape"),
        ({**ALL, "for all": ["x", "2y"]}, "statement['for all'][1]: expected a name"),
        ({**ALL, "for all": ["x", "if"]}, "statement['for all'][1]: expected a name"),
        ({**ALL, "given": ["x > 0", "z > 0"]}, "statement.given[1]: expected a number, a variable"),
        ({**ALL, "given": "x > 0"}, "statement.given: expected a list"),
        ({**ALL, "then": []}, "statement.then: expected a list of at least 1"),
        ({**ALL, "then": [["x > 0"], []]}, "statement.then[1]: expected a list of at least 1"),
        ({**ALL, "then": [["x > 0"], ["y > 0", "x"]]}, "statement.then[1][1]: expected a relation"),
        ({**SOME, "such that": []}, "statement['such that']: expected a list of at least 1"),
        ({**SOME, "such that": ["y > 1"]}, "statement['such that'][0]: expected a number, a variable"),
        ({**SOME, "exists": ["L"]}, "statement.exists: expected variables"),
        ({**SOME, "given": []}, "got one called 'given'"),
        ({**CLARKE, "clarke": "M"}, "statement.clarke: expected the name of a landscape"),
        ({**CLARKE, "at": ["0"]}, "statement.at: expected a list of 2"),
        ({**CLARKE, "at": ["0", 1]}, "statement.at[1]: expected a number as text"),
        ({"not": 3}, "statement.not: expected a statement"),
        ({"not": SOME, "at": []}, "got one called 'at'"),
        ({"all of": []}, "statement['all of']: expected a list of at least 1"),
        ({"all of": [SOME, 3]}, "statement['all of'][1]: expected a statement"),
    ],
)
def test_what_is_no_statement(value, reason):
    with rejects(reason):
        statement(value)


def test_statements_are_nested_up_to_a_limit():
    for wrap in (lambda inner: {"not": inner}, lambda inner: {"all of": [inner]}):
        value = SOME
        for _ in range(40):
            value = wrap(value)
        statement(value)
        with rejects("at most 40 statements in each other"):
            statement(wrap(value))


def test_formulas_in_the_same_variables_are_read_in_one_place():
    read = reading()
    assert read.scope(["x", "y"]) is read.scope(["x", "y"])
    assert read.scope(["x", "y"]) is not read.scope(["y", "x"])
    assert read.scope(["x"]).names == ("x",)
    assert read.variables(["x", "y"], "here") is read.scope(["x", "y"])


LEAF = {"goal": 0, "by": [None]}
HOME = {"x": "1", "y": "1/2"}


def proof(of, conclusion, value):
    return reading().proof(of, conclusion, value)


@pytest.mark.parametrize(
    ("of", "conclusion", "value"),
    [
        (ALL, "proved", {"tree": LEAF, "instance": HOME}),
        (ALL, "proved", {"tree": {"goal": 1, "by": []}, "root": ["0", "1"]}),
        (FREE, "proved", {"tree": LEAF}),
        (ALL, "vacuous", {"empty": {"absurd": []}}),
        (ALL, "refuted", {"witness": HOME}),
        (ALL, "refuted", {"never": LEAF, "picks": [0, 1], "instance": HOME}),
        (ALL, "refuted", {"never": LEAF, "picks": [0, 0], "root": ["0", "1"]}),
        (FREE, "refuted", {"never": LEAF, "picks": [0, 1]}),
        (SOME, "proved", {"witness": {"x": "2"}}),
        (SOME, "proved", {"never": LEAF, "picks": [], "root": ["1", "2"]}),
        (SOME, "refuted", {"empty": {"absurd": []}}),
        (CLARKE, "proved", {"weights": ["1"], "toward": [["1", "0"]]}),
        (CLARKE, "refuted", {"separator": ["1", "0"], "tree": LEAF}),
        ({"not": SOME}, "refuted", {"witness": {"x": "2"}}),
        ({"all of": [SOME, SOME]}, "proved", {"parts": [{"witness": {"x": "2"}}] * 2}),
        ({"all of": [SOME, {"not": SOME}]}, "refuted", {"part": 1, "proof": {"witness": {"x": "2"}}}),
    ],
)
def test_proofs(of, conclusion, value):
    assert proof(of, conclusion, value) is None


@pytest.mark.parametrize(
    ("of", "conclusion", "value", "reason"),
    [
        (ALL, "proved", {"tree": LEAF}, "got none called 'instance'"),
        (ALL, "proved", {"tree": LEAF, "instance": HOME, "root": ["0", "1"]}, "got one called 'instance'"),
        (ALL, "proved", {"tree": LEAF, "root": ["0"]}, "proof.root: expected a list of 2"),
        (ALL, "proved", {"tree": LEAF, "instance": {"x": "1"}}, "got none called 'y'"),
        (ALL, "proved", {"tree": LEAF, "instance": {**HOME, "z": "1"}}, "got one called 'z'"),
        (ALL, "proved", {"tree": LEAF, "instance": {**HOME, "x": 1}}, "proof.instance.x: expected a number as text"),
        (ALL, "proved", {"tree": {"goal": 2, "by": []}, "instance": HOME}, "goal: expected a whole number from 0 to 1"),
        (
            ALL,
            "proved",
            {"tree": {"goal": -1, "by": []}, "instance": HOME},
            "goal: expected a whole number from 0 to 1",
        ),
        (ALL, "proved", {"witness": HOME}, "got none called 'tree'"),
        (FREE, "proved", {"tree": LEAF, "instance": HOME}, "got one called 'instance'"),
        (ALL, "vacuous", {"empty": LEAF}, "goal: expected a whole number from 0 to -1"),
        (ALL, "vacuous", {"tree": LEAF}, "got none called 'empty'"),
        (ALL, "refuted", {"witness": {"x": "1"}}, "got none called 'y'"),
        (ALL, "refuted", {"witness": HOME, "picks": []}, "got one called 'picks'"),
        (ALL, "refuted", {"never": LEAF, "instance": HOME}, "got none called 'picks'"),
        (ALL, "refuted", {"never": LEAF, "picks": [0], "instance": HOME}, "proof.picks: expected a list of 2"),
        (ALL, "refuted", {"never": LEAF, "picks": [1, 1], "instance": HOME}, "proof.picks[0]: expected a whole number"),
        (ALL, "refuted", {"never": LEAF, "picks": [0, 2], "instance": HOME}, "proof.picks[1]: expected a whole number"),
        (
            ALL,
            "refuted",
            {"never": LEAF, "picks": [0, -1], "instance": HOME},
            "proof.picks[1]: expected a whole number",
        ),
        (
            ALL,
            "refuted",
            {"never": {"goal": 1, "by": []}, "picks": [0, 0], "instance": HOME},
            "goal: expected a whole number from 0 to 0",
        ),
        (SOME, "vacuous", {"witness": {"x": "2"}}, "a statement of existence is proved or refuted"),
        (SOME, "proved", {"empty": {"absurd": []}}, "got none called"),
        (SOME, "refuted", {"witness": {"x": "2"}}, "got none called 'empty'"),
        (CLARKE, "vacuous", {}, "a point is Clarke-stationary or not"),
        (CLARKE, "proved", {"weights": [], "toward": []}, "proof.weights: expected a list of at least 1"),
        (CLARKE, "proved", {"weights": ["1"], "toward": []}, "proof.toward: expected a list of 1"),
        (CLARKE, "proved", {"weights": ["1"], "toward": [["1"]]}, "proof.toward[0]: expected a list of 2"),
        (CLARKE, "refuted", {"separator": ["1"], "tree": LEAF}, "proof.separator: expected a list of 2"),
        (
            CLARKE,
            "refuted",
            {"separator": ["1", "0"], "tree": {"split": "u2", "-": LEAF, "0": LEAF, "+": LEAF}},
            "expected a number, a variable",
        ),
        ({"not": SOME}, "vacuous", {}, "the opposite of a statement is proved or refuted"),
        ({"not": SOME}, "proved", {"witness": {"x": "2"}}, "got none called 'empty'"),
        ({"all of": [SOME]}, "vacuous", {}, "several statements at once are proved or refuted"),
        ({"all of": [SOME, SOME]}, "proved", {"parts": []}, "proof.parts: expected a list of 2"),
        ({"all of": [SOME]}, "proved", {"parts": [{"x": 1}]}, "proof.parts[0]: expected an object"),
        ({"all of": [SOME]}, "refuted", {"part": 1, "proof": {}}, "proof.part: expected a whole number from 0 to 0"),
        ({"all of": [SOME]}, "refuted", {"part": -1, "proof": {}}, "proof.part: expected a whole number from 0 to 0"),
        ({"all of": [SOME]}, "refuted", {"part": 0, "proof": {}}, "proof.proof: expected an object"),
    ],
)
def test_what_is_no_proof(of, conclusion, value, reason):
    with rejects(reason):
        proof(of, conclusion, value)


TERM = {"of": [0, 1], "weight": "1/2"}


def tree(value):
    return proof(FREE, "proved", {"tree": value})


@pytest.mark.parametrize(
    "value",
    [
        {"split": "x - y", "-": LEAF, "0": {"absurd": [TERM]}, "+": {"split": "x", "-": LEAF, "0": LEAF, "+": LEAF}},
        {"absurd": [{**TERM, "square": "x"}, {"of": [], "times": "y"}]},
        {"goal": 1, "by": [None, [TERM], [[TERM], [TERM, TERM]], []]},
    ],
)
def test_distinctions_of_cases(value):
    assert tree(value) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([], "proof.tree: expected an object"),
        ({"split": "x", "-": LEAF, "0": LEAF}, "got none called '+'"),
        ({"split": "z", "-": LEAF, "0": LEAF, "+": LEAF}, "expected a number, a variable"),
        ({"split": "x", "-": LEAF, "0": 3, "+": LEAF}, "proof.tree0: expected an object"),
        ({"split": "x", "-": 3, "0": LEAF, "+": LEAF}, "proof.tree-: expected an object"),
        ({"split": "x", "-": LEAF, "0": LEAF, "+": 3}, "proof.tree+: expected an object"),
        ({"absurd": [], "by": []}, "got one called 'by'"),
        ({"absurd": 3}, "proof.tree.absurd: expected a list"),
        ({"absurd": [3]}, "proof.tree.absurd[0]: expected an object"),
        ({"absurd": [TERM, {"of": [0]}]}, "proof.tree.absurd[1]: expected an object"),
        ({"absurd": [{**TERM, "weight": 1}]}, "proof.tree.absurd[0].weight: expected a number as text"),
        ({"absurd": [{**TERM, "square": "z"}]}, "expected a number, a variable"),
        ({"absurd": [{**TERM, "square": 1}]}, "expected a formula as text"),
        ({"absurd": [{"of": [0], "times": "z"}]}, "expected a number, a variable"),
        ({"absurd": [{**TERM, "times": "x"}]}, "got one called 'weight'"),
        ({"absurd": [{**TERM, "of": ["0"]}]}, "proof.tree.absurd[0].of: expected a list of whole numbers"),
        ({"absurd": [{"of": 0, "times": "x"}]}, "proof.tree.absurd[0].of: expected a list"),
        ({"goal": 0}, "got none called 'by'"),
        ({"goal": "0", "by": []}, "proof.tree.goal: expected a whole number"),
        ({"goal": 0, "by": None}, "proof.tree.by: expected a list"),
        ({"goal": 0, "by": [3]}, "proof.tree.by[0]: expected a list"),
        ({"goal": 0, "by": [False]}, "proof.tree.by[0]: expected a list"),
        ({"goal": 0, "by": [[TERM], [3]]}, "proof.tree.by[1][0]: expected an object"),
        ({"goal": 0, "by": [[[TERM], [3]]]}, "proof.tree.by[0][0]: expected an object"),
        ({"goal": 0, "by": [[[TERM], [TERM], [TERM]]]}, "proof.tree.by[0][0]: expected an object"),
        ({"goal": 0, "by": [[[TERM], 3]]}, "proof.tree.by[0]: expected a list"),
    ],
)
def test_what_is_no_distinction(value, reason):
    with rejects(reason):
        tree(value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (ALL, "for all x, y with x > 0: x >= 0 or y > 0 and y < 1"),
        ({**FREE, "then": [["x>0"]]}, "for all x, y: x > 0"),
        ({**SOME, "such that": ["x>1", "x<2"]}, "there are x with x > 1 and x < 2"),
        (CLARKE, "(0, 1/2) is a Clarke-stationary point of L"),
        ({"not": SOME}, "not [there are x with x > 1]"),
        ({"all of": [SOME, CLARKE]}, "[there are x with x > 1] and [(0, 1/2) is a Clarke-stationary point of L]"),
    ],
)
def test_statements_are_said(value, said):
    assert grammar.said(value) == said
