"""Reasons say in words why: cases, examples in the letters of documents, and numbers that are right."""

from dataclasses import replace

import pytest

from stability import landscape
from stability.audit.claims import Claim
from stability.audit.discovery import proofs_folder
from stability.audit.grounds import ground
from stability.audit.run import run_audit, select
from stability.audit.verdicts import settle
from stability.audit.wrong_numbers import decimal, wrong_numbers
from stability.geometry.stationary.senses import clarke_stationary
from stability.logic.records import Judged, prove
from stability.logic.statements import AllOf, Exists, ForAll, Not
from stability.model.datasets import Dataset

ONE = landscape("abs1", Dataset("one", [[1]], [1]))
XOR = {"L": landscape("relu1", "xor")}
PAIR = {"L": landscape("relu2", "xor")}
TRUE = ForAll("x", ["x >= 1"], ["2*x >= 2"])
EMPTY = ForAll("x", ["x >= 1", "x <= 0"], ["2*x >= 3"])
NEVER = ForAll("x", ["x**2 == 2", "x > 0"], ["x > 3/2"], root=("1", "2"))
SPLIT = ForAll("x", [], [["x > 0"], ["x < 0"], ["x == 0"]], splits=["x"])
HALF = ForAll("x", [], ["x > 4"], try_at=[{"x": "1/2"}])
CONTRADICTION = "adding multiples of the conditions gives a contradiction."
UNIT = "L.loss([u, v, b]) < 0"
UNITS = "L.loss([u, v, b, s, t, c]) < 0"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (HALF, "Counterexample: x = 1/2."),
        (Exists("x y", ["x == y"], try_at=[{"x": "2", "y": 2}]), "Example: x = 2, y = 2."),
        (Exists("x", ["x > 1", "x < 1"]), f"No values satisfy all conditions: {CONTRADICTION}"),
        (EMPTY, f"The hypotheses contradict each other: {CONTRADICTION}"),
        (TRUE, "It follows by adding multiples of the conditions."),
        (SPLIT, "It holds in each of 3 cases (by the sign of x), by exact algebra."),
        (ForAll("x", [], ["x + x == 2*x"]), "Both sides written out, it holds for all values."),
        (NEVER, "Fails at the only value that the conditions allow, x between 1 and 2."),
        (AllOf([TRUE, TRUE]), "Each of its 2 parts holds. It follows by adding multiples of the conditions."),
        (AllOf([TRUE]), "It follows by adding multiples of the conditions."),
        (AllOf([TRUE, HALF]), "Counterexample: x = 1/2."),
        (Not(TRUE), "The opposite is proved. It follows by adding multiples of the conditions."),
        (Not(HALF), "Counterexample: x = 1/2."),
        (clarke_stationary(ONE, [[0, 0]]), "The gradients around it average to 0, by convex weights on them."),
        (clarke_stationary(ONE, [[1, 1]]), "A direction along which every nearby gradient descends."),
    ],
)
def test_the_ground_says_what_the_certificate_shows(statement, expected):
    assert ground(prove(statement)) == expected


def test_values_stand_in_the_order_of_the_variables_whatever_that_of_a_record():
    found = prove(ForAll("y b a", ["y == 1"], ["a + b > 4"], try_at=[{"a": 2, "b": 1, "y": 1}]))
    kept = {**found.record, "proof": {"witness": {"a": "2", "b": "1", "y": "1"}}}
    assert ground(replace(found, record=kept)) == "Counterexample: y = 1, b = 1, a = 2."


def test_parts_of_different_kinds_are_counted_and_examples_shown():
    found = ground(prove(AllOf([TRUE, SPLIT, AllOf([TRUE, Exists("x", ["x > 1"], try_at=[{"x": 2}])])])))
    kinds = "2 by adding multiples of the conditions, 1 by cases of signs, 1 by an example"
    assert found == f"Each of its 4 parts holds: {kinds}. Example: x = 2."


@pytest.mark.parametrize(
    ("names", "goal", "on", "at", "expected"),
    [
        ("u v b", UNIT, XOR, {"u": 1, "v": "-1/2", "b": 0}, "w = (1, -1/2), b = 0"),
        ("u v b c", UNIT, XOR, {"u": 1, "v": 2, "b": 3, "c": 4}, "w = (1, 2), b = 3, c = 4"),
        ("c", "L.loss([c, -c, 0]) < 0", XOR, {"c": 2}, "c = 2"),
        (
            *("u v b s t c", UNITS, PAIR, dict(zip("uvbstc", range(6), strict=True))),
            "w1 = (0, 1), b1 = 2, w2 = (3, 4), b2 = 5",
        ),
    ],
)
def test_a_witness_is_a_point_with_weights_and_bias(names, goal, on, at, expected):
    assert ground(prove(ForAll(names, [], [goal], on, try_at=[at]))) == f"Counterexample: {expected}."


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        (["100*(43/50) >= 169/2", "100*(43/50) <= 171/2"], "43/50 is 86%, not 85%."),
        (["100*(5/6) >= 1665/20", "100*(5/6) <= 1667/20"], ""),
        (["(2/3) >= 665/1000", "(2/3) <= 666/1000"], "2/3 is 0.667, not 0.665."),
        (["43/50 == 85/100"], "43/50 is 86%, not 85%."),
        (["7 + 8 == 16"], "7 + 8 is 15, not 16."),
        (["1 > 2"], "1 is not above 2."),
        (["-1 == 0"], "-1 is not 0."),
        (["7 + 8 - 3 * (1 + 2) - 4 * (1 + 1) + 1 / 2 == 1"], "The left side is -1.5, not 1."),
        (["1 < 7 + 8 - 3 * (1 + 2) - 4 * (1 + 1) + 1 / 2 < 2"], "The middle is -1.5, not between 1 and 2."),
        (["3 - 3 != 0"], "3 - 3 is 0."),
        (["1/4 <= 1/3 < 3/10"], "1/3 is ~0.3333, not between 0.25 and 0.3."),
        (["1 < 2", "4 < 3", "1/3 == 1/2"], "4 is not below 3. 1/3 is ~0.3333, not 0.5."),
    ],
)
def test_wrong_numbers_stand_beside_what_is_right(goal, expected):
    assert wrong_numbers({"then": [goal]}) == expected


def test_values_of_a_landscape_are_numbers_too():
    found = ground(prove(ForAll("", [], ["L.loss([0, 0, 0]) == 1"], XOR)))
    assert found == "L.loss([0, 0, 0]) is 2, not 1."


@pytest.mark.parametrize(("value", "text"), [("86", "86"), ("1/8", "0.125"), ("1/3", "~0.3333"), ("-7/4", "-1.75")])
def test_decimals_are_exact_or_marked(value, text):
    from fractions import Fraction

    assert decimal(Fraction(value)) == text


BLOCK = "```stability\n:id: {}\n{}\n```\n"


def test_documents_read_their_own_numbers_and_vectors(tmp_path):
    path = tmp_path / "notes.md"
    texts = [
        ("share", "numbers 43/50 = 85%, 1/2 = 50%"),
        ("sum", "numbers 35 + 14 = 50"),
        ("point", ":on: relu1 xor\nfor all p then loss(p) > 5"),
    ]
    path.write_text("".join(BLOCK.format(*each) for each in texts))
    ((_, (share, total, point)),) = run_audit([str(path)])
    assert share.reason == "43/50 is 86%, not 85%."
    assert total.reason == "35 + 14 is 49, not 50."
    assert point.reason.startswith("Counterexample: p = (")


def test_an_open_statement_says_why():
    assert ground(Judged(None, reason="Nobody looked.")) == "Nobody looked."


@pytest.mark.parametrize("id", ["slope-at-eq", "angle-rate", "can-solve-xor", "monitor-misses-divergence"])
def test_no_reason_of_the_write_ups_is_a_mere_count(id):
    if not (proofs_folder() / "audits").is_dir():
        pytest.skip("no write-ups")
    for _, claims in select([], [id]):
        for claim in claims:
            reason = settle(claim, runs=False).reason
            assert "In 1 parts" not in reason
            assert "combination of the constraints" not in reason
            assert claim.because in reason


def test_a_reader_is_given_the_note_of_what_holds():
    assert settle(Claim("a", "1", "It is.", statement=TRUE, because="Mind b.")).reason.startswith("Mind b. It follows")


def test_a_counterexample_at_a_kink_says_that_there_is_no_gradient():
    """Everywhere else it holds, since w and b have the same derivative where x = 1."""
    one = {"L": ONE}
    goals = ["L.differentiable([w, b])", "L.d1([w, b], [1, 0]) == L.d1([w, b], [0, 1])"]
    at = {"w": 1, "b": -1}
    assert ground(prove(ForAll("w b", [], goals, one, [at]))) == (
        "Counterexample: w = 1, b = -1. It is at a kink, where L has no gradient."
    )
    false = [goals[0], "L.d1([w, b], [1, 0]) == 5"]
    assert ground(prove(ForAll("w b", [], false, one, [{"w": 1, "b": 1}]))) == "Counterexample: w = 1, b = 1."
    relu = {"R": landscape("relu1", Dataset("one", [[1]], [1]))}
    said = ground(prove(ForAll("w b", [], ["R.twice_differentiable([w, b])"], relu, [at])))
    assert said.endswith("It is at a kink, where R has no Hessian.")
