"""Statements about trajectories, and their proofs, are taken in one form, to its bounds, and refused beside it."""

import pytest
from hand_made import Shape, data_of, rejects

from stability.checker import flow_grammar as grammar

LANDS = {"L": data_of(["0", "1", "0/3"], ["0", "1", "2"], units=2)}
SHAPES = {"L": Shape(2, 2, 3)}
START = [["0", "1"], ["1/2", "-1"]]
CROSSING = ["crossing", 1, 1, "0", "1/2"]
BOTH = ["sliding begins", 0, [0, 2], "1", "1"]
FLOW = {"flow on": "L", "from": START, "has": []}


def statement(value):
    return grammar.Reading(LANDS, SHAPES).statement(value)


def has(*conditions):
    return {**FLOW, "has": list(conditions)}


def event(place, value):
    return has(["events", "=", [[*CROSSING[:place], value, *CROSSING[place + 1 :]]]])


def test_examples_at_one_point():
    assert grammar.together([["0", "1"], ["1", "1"], ["0/5", "1.0"]]) == [[0, 2], [1], [0, 2]]
    assert grammar.together([["0"]]) == [[0]]


@pytest.mark.parametrize(
    "value",
    [
        FLOW,
        has(["loss", "<", "1/2"], ["loss", "!=", "0"], ["signs", "=", ["+0-", "000"]], ["within", "0", START]),
        has(["events", "=", []]),
        has(["events", "=", [CROSSING, BOTH]]),
        event(1, 0),
        {"not": FLOW},
        {"all of": [FLOW, {"not": FLOW}]},
    ],
)
def test_statements(value):
    assert statement(value) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({}, "statement: expected a statement: 'flow on', 'not' or 'all of'"),
        (3, "statement: expected a statement"),
        ({"all of": []}, "statement['all of']: expected a list of at least 1"),
        ({"all of": [3]}, "statement['all of'][0]: expected a statement"),
        ({"not": 3}, "statement.not: expected a statement"),
        ({"not": FLOW, "has": []}, "got one called 'has'"),
        ({**FLOW, "flow on": "M"}, "statement['flow on']: expected the name of a landscape"),
        ({**FLOW, "from": START[:1]}, "statement.from: expected a list of 2"),
        ({**FLOW, "to": 1}, "got one called 'to'"),
        (has(["loss", "="]), "statement.has[0]: expected a list of 3"),
        (has(["los", "=", "1"]), "statement.has[0]: expected one of 'loss', 'signs', 'within', 'events'"),
        (has(["loss", "in", "1"]), "statement.has[0]: expected one of '=', '!='"),
        (has(["loss", "=", 1]), "statement.has[0]: expected a number as text"),
        (has(["signs", "!=", ["+++"] * 2]), "statement.has[0]: expected one of '='"),
        (has(["signs", "=", ["+++"]]), "statement.has[0]: expected a list of 2"),
        (has(["signs", "=", ["+++", "++"]]), "statement.has[0]: expected texts of 3 signs"),
        (has(["signs", "=", ["+++", "++++"]]), "statement.has[0]: expected texts of 3 signs"),
        (has(["signs", "=", ["+++", "++x"]]), "statement.has[0]: expected texts of 3 signs"),
        (has(["signs", "=", ["+++", ["+", "+", "+"]]]), "statement.has[0]: expected texts of 3 signs"),
        (has(["within", "-1/9", START]), "statement.has[0]: expected a distance from 0"),
        (has(["within", 1, START]), "statement.has[0]: expected a number as text"),
        (has(["within", "1", START[:1]]), "statement.has[0]: expected a list of 2"),
        (has(["events", "<", []]), "statement.has[0]: expected one of '='"),
        (has(["events", "=", CROSSING]), "statement.has[0][0]: expected a list of 5"),
        (has(["events", "=", [CROSSING, CROSSING]]), "statement.has[0]: expected nothing twice"),
        (has(["loss", "=", "1"], ["loss", "=", "1"]), "statement.has: expected nothing twice"),
        (has(["signs", "=", ["+++"] * 2], ["signs", "=", ["+++", "++-"]]), "statement.has: expected nothing twice"),
        (has(["events", "=", []], ["events", "=", [CROSSING]]), "statement.has: expected nothing twice"),
        (event(0, "cross"), "expected one of 'crossing', 'sliding begins', 'sliding ends'"),
        (event(1, 2), "expected a whole number from 0 to 1"),
        (event(1, -1), "expected a whole number from 0 to 1"),
        (event(2, 3), "expected a whole number from 0 to 2"),
        (event(2, -1), "expected a whole number from 0 to 2"),
        (event(2, 0), "expected all examples at one point, here [0, 2]; got 0"),
        (event(2, [1]), "expected a list of at least 2"),
        (event(2, [1, 1]), "expected all examples at one point, here 1; got a list of 2"),
        (event(2, [0, 1]), "expected all examples at one point, here [0, 2]"),
        (event(2, [2, 0]), "expected all examples at one point, here [0, 2]"),
        (event(2, ["0", 2]), "expected a list of whole numbers"),
        (event(3, "3/4"), "expected two times from 0, the earlier one first"),
        (event(3, "-1/4"), "expected two times from 0, the earlier one first"),
        (event(4, 1), "expected a number as text"),
    ],
)
def test_what_is_no_statement(value, reason):
    with rejects(reason):
        statement(value)


def test_statements_are_nested_up_to_a_limit():
    for wrap in (lambda inner: {"not": inner}, lambda inner: {"all of": [inner]}):
        value = FLOW
        for _ in range(40):
            value = wrap(value)
        statement(value)
        with rejects("at most 40 statements in each other"):
            statement(wrap(value))


def test_there_are_signs_for_every_unit_and_example():
    grammar.signs(["+-0", "000"], "here", (2, 5, 3))
    for texts in (["+-0"], ["+-0"] * 5, ["+-", "+-"]):
        with rejects("here: expected"):
            grammar.signs(texts, "here", (2, 5, 3))


PROOF = {
    "bits": 96,
    "signs": ["+0+", "---"],
    "path": ["1/4", ["1/8", [[1, 2, -1], [0, 0, 1]]]],
    "target": ["0"] * 4,
    "shift": ["1"] * 4,
    "chains": [None, [[], ["2"]], [["1"], ["2", "3"]]],
}


def proof(value, of=FLOW):
    return grammar.Reading(LANDS, SHAPES).proof(of, value)


@pytest.mark.parametrize(
    "more",
    [{}, {"bits": 1}, {"bits": 4096}, {"path": []}, {"chains": []}, {"path": [["1", [[0, 0, 0]]]]}],
)
def test_proofs(more):
    assert proof({**PROOF, **more}) is None


def test_proofs_follow_their_statements():
    proof(PROOF, {"not": FLOW})
    proof({"parts": [PROOF, PROOF]}, {"all of": [FLOW, {"not": FLOW}]})
    with rejects("proof.parts: expected a list of 2"):
        proof({"parts": [PROOF]}, {"all of": [FLOW, FLOW]})
    with rejects("proof.parts[1].bits"):
        proof({"parts": [PROOF, {**PROOF, "bits": 0}]}, {"all of": [FLOW, FLOW]})
    with rejects("proof: expected an object"):
        proof(PROOF, {"all of": [FLOW]})
    with rejects("proof.bits"):
        proof({**PROOF, "bits": 0}, {"not": FLOW})


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"radius": 0}, "got one called 'radius'"),
        ({"bits": 0}, "proof.bits: expected a whole number from 1 to 4096"),
        ({"bits": 4097}, "proof.bits: expected a whole number from 1 to 4096"),
        ({"signs": ["+0+"]}, "proof.signs: expected a list of 2"),
        ({"path": ["0"]}, "proof.path[0]: expected a number above 0"),
        ({"path": ["-1"]}, "proof.path[0]: expected a number above 0"),
        ({"path": [1]}, "proof.path[0]: expected a list of 2"),
        ({"path": [["0", [[0, 0, 1]]]]}, "proof.path[0]: expected a number above 0"),
        ({"path": [["1", []]]}, "proof.path[0]: expected a list of at least 1"),
        ({"path": [["1", [[0, 0]]]]}, "proof.path[0]: expected a list of 3"),
        ({"path": [["1", [[2, 0, 1]]]]}, "proof.path[0]: expected a unit and an example, from 0"),
        ({"path": [["1", [[-1, 0, 1]]]]}, "proof.path[0]: expected a unit and an example, from 0"),
        ({"path": [["1", [[0, 3, 1]]]]}, "proof.path[0]: expected a unit and an example, from 0"),
        ({"path": [["1", [[0, -1, 1]]]]}, "proof.path[0]: expected a unit and an example, from 0"),
        ({"path": [["1", [[0, 0, 2]]]]}, "proof.path[0]: expected a whole number from -1 to 1"),
        ({"path": [["1", [[0, 0, -2]]]]}, "proof.path[0]: expected a whole number from -1 to 1"),
        ({"target": ["0"] * 3}, "proof.target: expected a list of 4"),
        ({"shift": ["0"] * 5}, "proof.shift: expected a list of 4"),
        ({"chains": [[[]]]}, "proof.chains[0]: expected a list of 2"),
        ({"chains": [[[], []]]}, "proof.chains[0]: expected a list of 1"),
        ({"chains": [None, [["1"], ["2"]]]}, "proof.chains[1]: expected a list of 2"),
    ],
)
def test_what_is_no_proof(more, reason):
    with rejects(reason):
        proof({**PROOF, **more})


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (["loss", "<=", "1/2"], "with loss <= 1/2"),
        (["signs", "=", ["+0-", "---"]], "with signs +0- ---"),
        (["within", "1/100", START], "within 10^-2 of (0, 1; 1/2, -1)"),
        (["within", "1/20", START], "within 1/20 of (0, 1; 1/2, -1)"),
        (["events", "=", []], "after no event"),
        (
            ["events", "=", [CROSSING, BOTH]],
            "after crossing (unit 2, example 2) between 0 and 1/2, "
            "sliding begins (unit 1, examples 1 and 3) between 1 and 1",
        ),
    ],
)
def test_conditions_are_said(condition, said):
    assert grammar.condition_said(condition) == said
    start = "every solution of gradient flow on L from (0, 1; 1/2, -1) ends at a stationary point"
    assert grammar.said(has(condition)) == f"{start}, {said}"
    assert grammar.said({"not": FLOW}) == f"not [{start}]"
    assert grammar.said({"all of": [FLOW, has(condition)]}) == f"[{start}] and [{start}, {said}]"


@pytest.mark.parametrize(
    ("distance", "said"),
    [
        ("1/10", "10^-1"),
        ("0.001", "10^-3"),
        ("1", "1"),
        ("2/10", "2/10"),
        ("3/100", "3/100"),
        ("1/11", "1/11"),
        ("1/1001", "1/1001"),
        ("1/2", "1/2"),
        ("0", "0"),
        ("10", "10"),
    ],
)
def test_small_distances_are_powers_of_ten(distance, said):
    assert grammar.power_of_ten(distance) == said
