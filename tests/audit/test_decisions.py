"""A wrong number is no fallen conclusion, and what rests on a fallen claim falls with it."""

import pytest

from stability.audit.claims import Claim, Writeup, premises_of, wrong_premises
from stability.audit.decisions import with_premises
from stability.audit.measurements import Measurement
from stability.audit.readers.documents import writeup_of
from stability.audit.run import run_audit
from stability.audit.verdicts import settle
from stability.errors import StatementError
from stability.logic.statements import ForAll

TRUE = ForAll("x", ["x >= 1"], ["2*x >= 2"])
FALSE = ForAll("x", ["x >= 1"], ["2*x >= 3"])
EMPTY = ForAll("x", ["x >= 1", "x <= 0"], ["2*x >= 3"])
WRONG = ForAll("", [], ["43/50 == 85/100"])
ANNOTATED = "# Notes\n\n```stability\n:id: {id}\n{options}\n{claim}\n```\n"


def claim(id, statement=None, **more):
    return Claim(id, "1", "It is so.", statement=statement, **more)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"statement": TRUE}, "stands"),
        ({"statement": TRUE, "decision": "falls"}, "stands"),
        ({"statement": FALSE}, "falls"),
        ({"statement": EMPTY}, "falls"),
        ({"statement": WRONG}, "none"),
        ({"statement": WRONG, "decision": "stands"}, "stands"),
        ({"statement": WRONG, "decision": "falls"}, "falls"),
        ({"statement": FALSE, "decision": "stands"}, "stands"),
        ({"measure": lambda: Measurement(True, "7 of 9")}, "stands"),
        ({"measure": lambda: Measurement(False, "7 of 9")}, "falls"),
        ({"opinion": "a matter of taste"}, "none"),
        ({"unsettled": "too large"}, "none"),
    ],
)
def test_a_decision_is_apart_from_the_status(given, expected):
    assert settle(claim("one", **given)).decision == expected
    assert settle(claim("one", **given)).to_json()["decision"] == expected


def fallen(*claims):
    return {each.claim.id: list(each.fallen) for each in with_premises([settle(each) for each in claims])}


def test_a_claim_falls_with_its_premise_and_with_those_of_its_premise():
    found = fallen(claim("a", FALSE), claim("b", TRUE, uses=["a"]), claim("c", TRUE, uses=["b"]), claim("d", TRUE))
    assert found == {"a": [], "b": ["a"], "c": ["a"], "d": []}


def test_a_wrong_number_whose_conclusion_stands_takes_nothing_with_it():
    assert fallen(claim("a", WRONG, decision="stands"), claim("b", TRUE, uses=["a"])) == {"a": [], "b": []}
    assert fallen(claim("a", WRONG), claim("b", TRUE, uses=["a"]))["b"] == ["a"]


def test_the_status_stays_where_a_premise_falls():
    _, held = with_premises([settle(claim("a", FALSE)), settle(claim("b", TRUE, uses=["a"]))])
    assert (held.status, held.decision) == ("proved", "falls")
    assert "falls with" in repr(held)


def test_premises_that_are_not_asked_for_are_judged_as_well():
    writeup = Writeup("notes", "Notes", [claim("a", FALSE), claim("b", TRUE, uses=["a"])])
    _, verdict = with_premises([settle(each) for each in writeup.claims])
    assert with_premises([settle(writeup.claims[1])], [settle(writeup.claims[0])])[0].fallen == verdict.fallen


@pytest.mark.parametrize(
    ("uses", "says"), [(["frist"], "Did you mean 'first'"), (["one"], "a circle"), (["two"], "a circle")]
)
def test_a_premise_is_another_claim(uses, says):
    claims = [claim("first", TRUE), claim("one", TRUE, uses=uses), claim("two", TRUE, uses=["one"])]
    assert says in str(wrong_premises(claims)["one"])
    with pytest.raises(StatementError, match="premise"):
        Writeup("notes", "Notes", claims)


def test_circles_of_premises_end():
    assert premises_of("a", {"a": ["b"], "b": ["a"]}) == ["b", "a"]


@pytest.mark.parametrize(
    "wrong", [{"weight": "centre"}, {"decision": "fall"}, {"uses": "one"}, {"uses": [1]}, {"weight": None}]
)
def test_what_a_claim_says_of_itself_is_checked(wrong):
    with pytest.raises(StatementError, match="Expected"):
        claim("one", TRUE, **wrong)


def document(tmp_path, *blocks):
    path = tmp_path / "notes.md"
    path.write_text("".join(ANNOTATED.format(id=i, options=options, claim=text) for i, options, text in blocks))
    return path


def test_blocks_have_weights_decisions_and_premises(tmp_path):
    path = document(
        tmp_path,
        ("a", ":weight: central", "numbers 43/50 = 85%"),
        ("b", ":uses: a", "numbers 1/2 = 50%"),
        ("c", ":decision: stands\n:weight: notation", "numbers 1/2 = 51%"),
    )
    ((_, verdicts),) = run_audit([str(path)])
    assert [(v.status, v.claim.weight, v.decision) for v in verdicts] == [
        ("refuted", "central", "none"),
        ("proved", "detail", "falls"),
        ("refuted", "notation", "stands"),
    ]
    ((_, (only,)),) = run_audit([str(path)], only=["b"])
    assert only.fallen == ("a",)


@pytest.mark.parametrize(
    ("option", "says", "line"),
    [
        (":weight: centrl", "Did you mean 'central'", 5),
        (":decision: no", "falls, stands or none", 5),
        (":uses: nobody", "Expected the id of a claim as a premise", 5),
        (":uses: a", "a circle", 5),
    ],
)
def test_a_malformed_option_is_an_error_of_its_claim(tmp_path, option, says, line):
    path = document(tmp_path, ("a", option, "numbers 1/2 = 50%"), ("b", ":weight: ours", "numbers 1/2 = 50%"))
    first, second = (settle(each) for each in writeup_of(path).claims)
    assert first.status == "error"
    assert says in first.reason
    assert first.claim.place.line == line
    assert second.status == "proved"
