"""The checker is attacked: false statements with forged proofs, and every field of true records changed."""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from changed_records import changed_points
from checked_records import ONE, records
from float_oracle import wrong
from forged_records import broken_copies
from hand_made import rejects

from stability.checker import checker

PATH = Path(checker.__file__)
L = ONE.to_record()
ABSURD = [{"of": [0], "weight": "1"}, {"of": [1], "weight": "1"}]


def sealed(record):
    record = {**record, "id": ""}
    return {**record, "id": checker.digest(record)}


def forged(statement, conclusion, proof, landscapes=None):
    return sealed(
        {
            "format": "stability-record/1",
            "landscapes": {"L": L} if landscapes is None else landscapes,
            "statement": statement,
            "conclusion": conclusion,
            "proof": proof,
        }
    )


def for_all(names, given, *goals):
    return {"for all": names.split(), "given": given, "then": [list(goal) for goal in goals]}


def accepted(record):
    try:
        checker.check(record)
    except checker.Rejected:
        return False
    return True


def test_the_honest_records_are_accepted_and_true():
    for name, record in records().items():
        assert record is not None, name
        assert accepted(record), name
        assert not wrong(record), name


# x >= 1 and y >= 2 give x + y >= 3; all attacks try to reach x + y >= 4 or worse with the same facts.
SUM = for_all("x y", ["x >= 1", "y >= 2"], ["x + y >= 4"])
HOME = {"x": "5", "y": "5"}
WEIGHTS = {"of": [2], "weight": "1"}, {"of": [0], "weight": "1"}, {"of": [1], "weight": "1"}
ONCE = {"of": [], "weight": "1"}


def linear(*terms, goal=0, **more):
    return {"tree": {"goal": goal, "by": [list(terms)]}, "instance": HOME, **more}


def test_the_base_of_the_linear_attacks_is_accepted_for_the_true_bound():
    assert accepted(forged(for_all("x y", ["x >= 1", "y >= 2"], ["x + y >= 3"]), "proved", linear(*WEIGHTS)))


@pytest.mark.parametrize(
    "terms",
    [
        [*WEIGHTS],  # leaves 1
        [*WEIGHTS, {"of": [], "weight": "-1"}],  # cancels with a negative weight
        [*WEIGHTS, {"of": [], "weight": "0"}],
        [*WEIGHTS, {"of": [0], "times": "1"}],  # an inequality times anything
        [*WEIGHTS, {"of": [2, 0], "times": "x + 7"}],
        [*WEIGHTS, {"of": [], "times": "-1"}],  # the empty product is no equation
        [*WEIGHTS, {"of": [3], "weight": "1"}],  # no such fact
        [*WEIGHTS, {"of": [-1], "weight": "1"}],
        [*WEIGHTS, {"of": [True], "weight": "1"}],
        [*WEIGHTS, {"of": [0.0], "weight": "1"}],
        [*WEIGHTS, {"of": ["0"], "weight": "1"}],
        [*WEIGHTS, {"of": [], "weight": "1", "square": "x - x"}],
        [{"of": [0], "weight": "1", "square": "0"}],  # zero, but nothing strict
        [{"of": [], "weight": "1", "square": "0"}],  # a square is not strictly positive
        [{"of": [2], "weight": "1", "square": "0"}],
        [{"of": [2], "weight": 0.5}, *WEIGHTS],
        [{"of": [2], "weight": "nan"}],
        [{"of": [2], "weight": "1e9"}],
        [{"weight": "1"}],
        [{"of": [2]}],
        [],
        None,
        0,
        "",
    ],
)
def test_no_combination_proves_more_than_the_facts_give(terms):
    proof = {"tree": {"goal": 0, "by": [terms]}, "instance": HOME}
    assert not accepted(forged(SUM, "proved", proof))


@pytest.mark.parametrize("number", [-1, -3, 2.0, "2", [2]])
def test_facts_are_called_by_their_numbers_only(number):
    by = [{"of": [number], "weight": "1"}, *WEIGHTS[1:]]
    true = for_all("x y", ["x >= 1", "y >= 2"], ["x + y >= 3"])
    assert not accepted(forged(true, "proved", {"tree": {"goal": 0, "by": [by]}, "instance": HOME}))


def test_a_truth_value_is_no_number_of_a_fact():
    by = [{"of": [2], "weight": "1"}, {"of": [False], "weight": "1"}, {"of": [True], "weight": "1"}]
    true = for_all("x y", ["x >= 1", "y >= 2"], ["x + y >= 3"])
    assert not accepted(forged(true, "proved", {"tree": {"goal": 0, "by": [by]}, "instance": HOME}))


def test_weak_facts_give_no_strict_conclusion():
    """From x >= 0 follows x >= 0, not x > 0; the two combinations differ only in being strict."""
    by = [{"of": [0], "weight": "1"}, {"of": [1], "weight": "1"}]
    proof = {"tree": {"goal": 0, "by": [by]}, "instance": {"x": "1"}}
    assert accepted(forged(for_all("x", ["x >= 0"], ["x >= 0"]), "proved", proof))
    assert not accepted(forged(for_all("x", ["x >= 0"], ["x > 0"]), "proved", proof))
    twice = [{"of": [0, 0], "weight": "1"}, {"of": [0, 1], "weight": "1"}]
    assert not accepted(
        forged(for_all("x", ["x >= 0"], ["x > 0"]), "proved", {**proof, "tree": {"goal": 0, "by": [twice]}})
    )


def test_an_equation_has_multiples_of_either_sign_and_an_inequality_has_none():
    by = [{"of": [1], "weight": "1"}, {"of": [0], "times": "-x - 1"}, ONCE]
    proof = {"tree": {"goal": 0, "by": [by]}, "instance": {"x": "1"}}
    assert accepted(
        forged(
            for_all("x", ["x - 1 == 0"], ["x**2 <= 1 + 1"]),
            "proved",
            {
                **proof,
                "tree": {
                    "goal": 0,
                    "by": [[{"of": [1], "weight": "1"}, {"of": [0], "times": "-x - 1"}, ONCE]],
                },
            },
        )
    )
    assert not accepted(forged(for_all("x", ["x - 1 <= 0"], ["x**2 <= 1 + 1"]), "proved", proof))


def test_a_false_disjunction_needs_every_branch():
    statement = for_all("x", [], ["x >= 0"])
    right = {"goal": 0, "by": [ABSURD]}
    whole = {
        "split": "x",
        "-": right,
        "0": {"goal": 0, "by": [[*ABSURD[:0], {"of": [1], "weight": "1"}, {"of": [0], "times": "1"}]]},
        "+": right,
    }
    for tree in (
        whole,
        {k: v for k, v in whole.items() if k != "-"},
        right,
        {**whole, "split": "0"},
        {**whole, "split": "1"},
    ):
        assert not accepted(forged(statement, "proved", {"tree": tree}))
    truth = for_all("x", [], ["x >= 0"], ["x <= 0"])
    tree = {**whole, "-": {"goal": 1, "by": [ABSURD]}}
    assert accepted(forged(truth, "proved", {"tree": tree}))
    for name in "-0+":
        assert not accepted(forged(truth, "proved", {"tree": {k: v for k, v in tree.items() if k != name}}))


TRIVIAL = {"goal": 0, "by": [None]}
FALSE = for_all("", [], ["1 < 0"])


@pytest.mark.parametrize(
    ("statement", "conclusion", "proof"),
    [
        (FALSE, "proved", {"tree": TRIVIAL}),
        (FALSE, "proved", {"tree": {"goal": 0, "by": []}}),
        (FALSE, "proved", {"tree": {"goal": 0, "by": [None, None]}}),
        (FALSE, "proved", {"never": TRIVIAL, "picks": [0]}),
        (FALSE, "proved", {"witness": {}}),
        (FALSE, "vacuous", {"empty": TRIVIAL}),
        (FALSE, "vacuous", {"empty": {"absurd": [ONCE]}}),
        # the proof of a refutation under a conclusion of another name
        (FALSE, "proved!", {"never": TRIVIAL, "picks": [0]}),
        (FALSE, "Proved", {"never": TRIVIAL, "picks": [0]}),
        (FALSE, "", {"never": TRIVIAL, "picks": [0]}),
        (FALSE, None, {"never": TRIVIAL, "picks": [0]}),
        (FALSE, ["proved"], {"never": TRIVIAL, "picks": [0]}),
        ({"not": FALSE}, "refuted", {"never": TRIVIAL, "picks": [0]}),
        ({"not": FALSE}, "vacuous", {"never": TRIVIAL, "picks": [0]}),
        ({"not": {"not": FALSE}}, "proved", {"never": TRIVIAL, "picks": [0]}),
        ({"all of": [FALSE]}, "proved", {"parts": []}),
        ({"all of": [FALSE]}, "proved!", {"parts": []}),
        ({"all of": []}, "refuted", {"part": 0, "proof": {}}),
        (for_all("", [], ["1 > 0"]), "refuted", {"witness": {}}),
        (for_all("", [], ["1 > 0"]), "refuted", {"never": TRIVIAL, "picks": [0]}),
        (for_all("", [], []), "refuted", {"witness": {}}),  # nothing to hold: true
        (for_all("", []), "proved", {"tree": TRIVIAL}),  # no alternative: false
        (for_all("", []), "proved", {"tree": {"goal": -1, "by": []}}),
        (for_all("x", ["x > 0"], ["1 < 0"]), "vacuous", {"empty": {"goal": -1, "by": []}}),
        (for_all("x", ["x > 0"], ["1 < 0"]), "vacuous", {"empty": {"absurd": [{"of": [0], "weight": "1"}]}}),
        (for_all("x", ["x > 0", "x < 0"], ["1 < 0"]), "proved", {"tree": {"absurd": ABSURD}}),
        (
            for_all("x", ["x > 0", "x < 0"], ["1 < 0"]),
            "proved",
            {"tree": {"absurd": ABSURD}, "instance": {"x": "1"}},
        ),
        (for_all("x", ["x > 0"], ["x > -1"]), "refuted", {"witness": {"x": "-2"}}),  # violates the given
        (for_all("x", ["x > 0"], ["x > 1"], ["x < 2"]), "refuted", {"witness": {"x": "1/2"}}),  # one holds
        (for_all("x y", [], ["y > 0"]), "refuted", {"witness": {"x": "0"}}),  # y has no value
        (for_all("x", [], ["x > 0"]), "refuted", {"witness": {"x": "nan"}}),
        (for_all("x", [], ["x > 0"]), "refuted", {"witness": {"x": -0.5}}),
        (for_all("x", [], ["x > 0"]), "refuted", {"witness": {"x": "-1e999999999"}}),
        ({"exists": ["x"], "such that": ["x**2 < 0"]}, "proved", {"witness": {"x": "1"}}),
        (
            {"exists": ["x"], "such that": ["x**2 < 0"]},
            "proved",
            {"never": {"goal": 0, "by": []}, "picks": []},
        ),
        ({"exists": ["x"], "such that": ["x**2 < 0"]}, "proved", {"empty": TRIVIAL}),
        (
            {"exists": ["x"], "such that": ["x**2 < 0"]},
            "proved",
            {"instance": {"x": "1"}, "never": {"goal": 0, "by": []}, "picks": []},
        ),
        (
            {"exists": ["x"], "such that": ["x > 0"]},
            "refuted",
            {"empty": {"absurd": [{"of": [0], "weight": "1"}]}},
        ),
        ({"exists": ["x"], "such that": ["x > 0"]}, "refuted", {"witness": {"x": "-1"}}),
        ({"exists": ["x"], "such that": []}, "refuted", {"empty": {"absurd": [ONCE]}}),
        ({"exists": ["x"], "such that": ["x > 0"]}, "vacuous", {"empty": {"absurd": [ONCE]}}),
        ({"some": ["x"]}, "proved", {}),
        ({}, "proved", {}),
        ([], "proved", {}),
        ("for all", "proved", {}),
        (None, "proved", {}),
    ],
)
def test_false_statements_and_wrong_paths_are_rejected(statement, conclusion, proof):
    assert not accepted(forged(statement, conclusion, proof))


def test_a_vacuous_statement_has_no_opposite():
    """Nor is it proved, or part of anything proved."""
    empty, proof = for_all("x", ["x > 0", "x < 0"], ["x > 5"]), {"empty": {"absurd": ABSURD}}
    assert accepted(forged(empty, "vacuous", proof))
    for conclusion in ("proved", "refuted", "vacuous"):
        assert not accepted(forged({"not": empty}, conclusion, proof))
        assert not accepted(forged({"all of": [empty]}, conclusion, {"parts": [proof]}))
        assert not accepted(forged({"all of": [empty]}, conclusion, {"part": 0, "proof": proof}))
        assert conclusion == "vacuous" or not accepted(forged(empty, conclusion, proof))


# The statement is said in words; the words must be what was read.
@pytest.mark.parametrize(
    ("statement", "conclusion", "proof"),
    [
        # as a mapping, a goal would be said by its keys and checked by its values
        (
            {"for all": ["x"], "given": ["x == 7"], "then": [{"x > 5": "x < 5"}]},
            "refuted",
            {
                "instance": {"x": "7"},
                "picks": ["x > 5"],
                "never": {
                    "goal": 0,
                    "by": [[{"of": [0], "times": "1"}, {"of": [1], "weight": "1"}, {"of": [], "weight": "2"}]],
                },
            },
        ),
        (for_all("", [], ["1 < 0", "1 > 0 or 1 > 0"]), "refuted", {"witness": {}}),
        ({"for all": ["x with x > 5 and y"], "given": [], "then": [["1 > 0"]]}, "proved", {"tree": TRIVIAL}),
        ({"for all": ["x:\nok"], "given": [], "then": [["1 > 0"]]}, "proved", {"tree": TRIVIAL}),
        ({"for all": [["x"]], "given": [], "then": [["1 > 0"]]}, "proved", {"tree": TRIVIAL}),
        ({"for all": [], "given": [], "then": ["1 > 0"]}, "proved", {"tree": TRIVIAL}),
        (
            {"for all": [], "given": [], "then": {"0": ["1 > 0"]}},
            "proved",
            {"tree": {"goal": "0", "by": [None]}},
        ),
    ],
)
def test_what_is_said_is_what_is_checked(statement, conclusion, proof):
    assert not accepted(forged(statement, conclusion, proof))


@pytest.mark.parametrize("text", ["1 > 0 # and 0 > 1", "1 > 0\n", "1\t> 0", "1 > 0;", "1 > 0\u202e", "(1\n> 0)"])
def test_comments_and_line_breaks_are_no_formulas(text):
    assert not accepted(forged(for_all("", [], [text]), "proved", {"tree": TRIVIAL}))


def test_formulas_are_said_as_they_stand_with_even_blanks():
    text = "2*(1+-1)**2<=( 1 )/  2+L.out([1,-2],0)"
    said = checker.check(forged(for_all("", [], [text]), "proved", {"tree": TRIVIAL}))
    assert said.startswith("proved: for all : 2 * (1 + -1) ** 2 <= (1) / 2 + L.out([1, -2], 0); L is the sum")


@pytest.mark.parametrize(
    "text",
    [
        "1 > 0 and 1 > 0",
        "not 1 > 0",
        "True",
        "1",
        "[1]",
        "1.0 > 0",
        "1e5 > 0",
        "'b' > 'a'",
        "max(1) > 0",
        "(1).bit_length() > 0",
        "L.__init__([1], [2]) > 0",
        "L.linear([0, 0]) > 0",
        "L.jet([0, 0]) >= 0",
        "L.loss([0, 0], [1, 0]) <= 0",  # d1 under another name
        "L.d1([0, 0]) > 0",  # the loss under another name
        "L.d2([0, 0], [1, 0]) < 0",
        "L.d2([0, 0], [1, 0], [0, 0], [0, 0]) >= 0",
        "L.slope([1, 0], [1, 0]) >= 0",
        "L.autograd([1, 0], [1, 0], [1, 0]) >= 0",
        "L.loss([0]) > 0",
        "L.loss([0, 0, 0]) > 0",
        "L.loss(0) > 0",
        "L.loss(p=[0, 0]) > 0",
        "L.out([1, 0], -1) > 0",  # examples count from 0
        "L.out([1, 0], 1/2) > 0",
        "L.out([1, 0], 1) > 0",
        "L.pre([1, 0], 0, -1) > 0",
        "L.pre([1, 0], 1/2, 0) > 0",
        "M.loss([0, 0]) > 0",
        "x > 0",
        "1/0 > 0",
        "2**1001 > 0",
        "0 < 2**3**2",
        "1_000 > 0",
        "0x10 > 0",
        "01 > x",
        "L.loss([0, 0],) >= 0",
        "L.loss([[0, 0], [0, 0]]) >= 0",
        "L.loss([0 0]) >= 0",
        "L . loss([0, 0]) >= 0 >",
        "[0] == [0]",
        "L.generic([0, 0], [1, 0]) > 0",
        "L.generic([0, 0], [1, 0]) + 1",
        "L.rest([0, 0], [0, 0])",
        "+1 > 0",
        "2**999999999 > 0",
        "2**-1 > 0",
        "2**(1/2) > 0",
        "5 // 2 > 0",
        "1 in [1]",
        "(lambda: 1)() > 0",
        "1 > 0; 2 > 1",
        "1 >",
        "",
        "é > 0",
        "\ud800 > 0",
        "\x00",
    ],
)
def test_texts_that_mean_nothing_definite_are_rejected(text):
    assert not accepted(forged(for_all("", [], [text]), "proved", {"tree": TRIVIAL}))


@pytest.mark.parametrize(
    "text",
    [
        "-" * 100_000 + "1 > 0",
        "(" * 100_000 + "1",
        "1" + " + 1" * 100_000 + " > 0",
        "9" * 100_000 + " > 0",
        "[" * 5000,
    ],
)
def test_texts_beyond_the_interpreters_limits_are_rejected(text):
    """In a process of its own: a parser that overflows its stack would end the interpreter."""
    record = forged(for_all("", [], [text]), "proved", {"tree": TRIVIAL})
    run = alone("-", record=record)
    assert run.returncode == 1, run.stderr[-300:]
    assert "Traceback" not in run.stderr


ROOT = {"tree": {"goal": 0, "by": [[{"of": [0], "weight": "1"}, {"of": [1], "weight": "1"}]]}}


@pytest.mark.parametrize(
    ("given", "root", "good"),
    [
        (["x**2 == 2", "x > 0"], ["1", "2"], True),
        (["x**2 == 2", "x >= 0"], ["0", "2"], True),
        (["x**2 == 2", "x > 0"], ["2", "1"], False),
        (["x**2 == 2", "x > 0"], ["1", "1"], False),
        (["x**2 == 2", "x > 0"], ["2", "3"], False),  # no change of sign
        (["x**2 == 2", "x > 0"], ["-2", "2"], False),
        (["x**2 == 4", "x > 0"], ["2", "3"], False),  # ends on the root: not shown
        (["x**2 == -1", "x > 0"], ["0", "1"], False),
        (["x**2 == 2", "x > 0"], ["-2", "-1"], False),  # the root violates the other given
        (["x**2 == 2", "x**2 > 3", "x > 0"], ["1", "2"], False),
        (["x**2 == 2", "x**3 - 6*x**2 + 11*x - 5 > 0", "x > 0"], ["1", "2"], False),  # curved
        (["x**2 == 2", "x == 1", "x > 0"], ["1/2", "2"], False),  # two equations
        (["x**2 == 2", "x != 3", "x > 0"], ["1", "2"], False),
        (["x >= 1", "x > 0"], ["1", "2"], False),  # no equation
        (["x**2 == 2", "x > 0"], ["1", "1e1"], False),
        (["x**2 == 2", "x > 0"], ["1"], False),
        (["x**2 == 2", "x > 0"], ["1", "2", "3"], False),
        (["x - x == 0", "x > 0"], ["1", "2"], False),
        (["x**2 == 2", "L.loss([x, 0]) >= 0"], ["1", "2"], False),
    ],
)
def test_only_a_bracketed_root_is_a_root(given, root, good):
    """The goal 1 > 0 is beside the point: what is at stake is that there is such an x at all."""
    tree = {"goal": 0, "by": [None]}
    record = forged(
        {"exists": ["x"], "such that": given},
        "proved",
        {"root": root, "never": {"goal": 0, "by": []}, "picks": []},
    )
    assert accepted(record) == good
    assert accepted(forged(for_all("x", given, ["1 > 0"]), "proved", {"root": root, "tree": tree})) == good


def test_a_root_needs_a_single_variable():
    record = forged(
        {"exists": ["x", "y"], "such that": ["x == y"]},
        "proved",
        {"root": ["1", "2"], "never": {"goal": 0, "by": []}, "picks": []},
    )
    assert not accepted(record)


POINT = {"clarke": "L", "at": ["0", "0"]}
MEAN = {"weights": ["1/2", "1/2"], "toward": [["1", "0"], ["-1", "0"]]}


@pytest.mark.parametrize(
    ("statement", "proof"),
    [
        (POINT, {**MEAN, "weights": ["1", "1"]}),
        (POINT, {**MEAN, "weights": ["1/4", "1/4"]}),
        (POINT, {**MEAN, "weights": ["2", "-1"]}),
        (POINT, {**MEAN, "weights": ["1/3", "2/3"]}),
        (POINT, {**MEAN, "weights": ["1/2"]}),
        (POINT, {**MEAN, "weights": []}),
        (POINT, {"weights": ["0", "0"], "toward": MEAN["toward"]}),
        (POINT, {"weights": ["1"], "toward": [["1", "-1"]]}),  # stays on the kink
        (POINT, {"weights": ["1"], "toward": [["0", "0"]]}),
        (POINT, {"weights": ["1"], "toward": [[]]}),
        (POINT, {"weights": ["1"], "toward": [["1"]]}),
        (POINT, {**MEAN, "toward": [["1", "0"], ["1", "0"]]}),
        ({"clarke": "L", "at": ["1", "1"]}, MEAN),
        ({"clarke": "L", "at": ["0"]}, MEAN),
        ({"clarke": "L", "at": []}, {"weights": ["1"], "toward": [[]]}),
        ({"clarke": "M", "at": []}, {"weights": ["1"], "toward": [[]]}),
        ({"clarke": "M", "at": ["0", "0"]}, MEAN),
        ({"clarke": "L", "at": ["0", "0*L.loss([0, 0])"]}, MEAN),
    ],
)
def test_clarke_weights_must_be_a_mean_of_gradients_of_open_cells(statement, proof):
    assert accepted(forged(POINT, "proved", MEAN))
    assert not accepted(forged(statement, "proved", proof))


def test_negative_weights_reach_beyond_the_hull():
    """Gradients g and g/2 on the two sides of a kink: 2 (g/2) - g is 0, but 0 is not between them."""
    leaky = {**L, "slopes": {"-": "1/2", "0": "1/2", "+": "1"}}
    for weights in (["-1", "2"], ["1/2", "1/2"], ["1", "0"]):
        assert not accepted(forged(POINT, "proved", {**MEAN, "weights": weights}, {"L": leaky}))


def falls(separator, at="u0+u1"):
    """Return a tree that would show the slope along the separator to be negative on both sides."""
    down = {"goal": 0, "by": [[{"of": [0], "weight": "2"}, {"of": [2], "weight": "1"}]]}
    flat = {"absurd": [{"of": [1], "weight": "1"}, ONCE]}
    return {"separator": separator, "tree": {"split": at, "-": down, "0": flat, "+": down}}


def test_one_direction_must_serve_all_cells():
    """At a maximum every direction u descends into its own cell; that must not refute Clarke stationarity."""
    assert not accepted(forged(POINT, "refuted", falls(["u0", "u1"])))
    assert not accepted(forged(POINT, "refuted", falls(["u0 + 0", "u1"])))
    assert not accepted(forged(POINT, "refuted", falls(["1", "0"])))
    assert not accepted(forged(POINT, "refuted", falls(["1], [1", "0"])))
    free = forged({"clarke": "L", "at": ["u0", "u1"]}, "refuted", falls(["1", "0"]))
    assert not accepted(free)


@pytest.mark.parametrize("name", ["0 > 1 #", "L.generic([0, 0], [1, 0])\n#", "L and M", "", "9"])
def test_a_landscapes_name_cannot_smuggle_in_a_formula(name):
    false = {"absurd": [{"of": [0], "weight": "1"}, ONCE]}
    record = forged({"clarke": name, "at": ["0", "0"]}, "refuted", {"separator": ["0", "0"], "tree": false}, {name: L})
    assert not accepted(record)


def test_the_landscape_is_part_of_the_statement():
    """The same proof on data that make the statement false: loss 0 at (1, 0), slope -2 at the kink."""
    record = records()["numbers"]
    assert accepted(record)
    for change in (
        {"labels": ["2"]},
        {"points": [["2"]]},
        {"points": [["1"], ["2"]], "labels": ["1", "1"]},
        {"slopes": {"-": "-1", "0": "0", "+": "2"}},
        {"units": 2},
        {"units": 0},
        {"units": -1},
        {"units": True},
        {"units": 1.0},
        {"loss": "max"},
        {"labels": []},
        {"labels": ["1", "1"]},
        {"labels": [1.0]},
        {"labels": ["1e0"]},
        {"labels": ["nan"]},
        {"points": []},
        {"points": [[]]},
        {"points": [["1", "0"]]},
        {"slopes": {"-": "-1", "+": "1"}},
    ):
        assert not accepted(sealed({**record, "landscapes": {"L": {**L, **change}}})), change
    assert not accepted(sealed({**record, "landscapes": {}}))
    assert not accepted(sealed({**record, "landscapes": {"L": {}}}))


@pytest.mark.parametrize(
    "record",
    [None, [], 3, "x", {}, {"format": "stability-record/1"}, {"format": "stability-record/2", "id": ""}],
)
def test_anything_that_is_no_record_is_rejected(record):
    assert not accepted(record)


def test_a_deeply_nested_statement_is_rejected_not_a_crash():
    statement = FALSE
    for _ in range(5000):
        statement = {"not": statement}
    record = {
        "format": "stability-record/1",
        "landscapes": {},
        "statement": statement,
        "conclusion": "proved",
        "proof": {},
    }
    assert not accepted({**record, "id": "0" * 20})


def what(record):
    return json.dumps([record["landscapes"], record["statement"], record["conclusion"]], sort_keys=True)


@pytest.mark.parametrize("name", list(records()))
def test_no_changed_record_concludes_something_wrong(name):
    record = records()[name]
    proofs = others = 0
    copies = changed_points(name)
    for path, mutant in copies:
        assert not accepted(mutant), f"{path}: altered without a new fingerprint"
        mutant = sealed(mutant)
        if not accepted(mutant):
            continue
        if what(mutant) == what(record):
            proofs += 1
        else:
            others += 1
            assert not wrong(mutant), f"{path}: {json.dumps(mutant['statement'])} is not {mutant['conclusion']}"
    assert proofs + others < 0.6 * len(copies), "the checker accepts nearly anything"


@pytest.mark.parametrize("name", list(records()))
def test_no_changed_record_of_another_form_is_accepted(name):
    for path, other, broken in broken_copies(records()[name], 25):
        assert not accepted(broken), (path, other)


def alone(argument, *more, record=None, folder=None):
    """Run the checker by itself: no site packages, no environment, another folder."""
    command = [sys.executable, "-I", "-S", str(PATH), argument, *more]
    if argument == "-":
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "record.json"
            path.write_text(json.dumps(record))
            return alone(str(path), folder=place)
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=60, check=False)


def test_the_checker_runs_alone_and_its_exit_status_says_whether_all_hold(tmp_path):
    good, bad = tmp_path / "good", tmp_path / "bad"
    for folder in (good, bad):
        folder.mkdir()
        for k, record in enumerate(records().values()):
            (folder / f"{k:02}.json").write_text(json.dumps(record))
    flipped = sealed({**records()["linear"], "conclusion": "refuted"})
    (bad / "99.json").write_text(json.dumps(flipped))
    run = alone(str(good), folder=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{len(records())} records confirmed, 0 rejected" in run.stdout
    run = alone(str(bad), folder=tmp_path)
    assert run.returncode == 1
    assert f"{len(records())} records confirmed, 1 rejected" in run.stdout
    assert "FAIL" in run.stdout
    assert "99.json" in run.stdout


def test_no_records_at_all_is_a_failure(tmp_path):
    assert alone(str(tmp_path), folder=tmp_path).returncode == 2
    assert alone(str(tmp_path / "none.json"), folder=tmp_path).returncode == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "nonsense",
        "[" * 100_000,
        '{"a":' * 100_000,
        "\udcff",
        "NaN",
        '{"format": "\\ud800"}',
        "[1e999]",
        "1" * 10_000,
    ],
)
def test_malformed_files_are_rejected_without_a_traceback(text, tmp_path, capsys):
    path = tmp_path / "bad.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert checker.main([str(path)]) in (1, 2)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(("FAIL  ", "ERROR "))
    assert lines[1].startswith("0 records confirmed")


def test_it_imports_nothing_but_the_standard_library():
    code = (
        "import runpy, sys; before = set(sys.modules); "
        f"runpy.run_path({str(PATH)!r}); "
        "print(*(m.partition('.')[0] for m in set(sys.modules) - before if not m.startswith('stability_checker.')))"
    )
    run = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) <= set(sys.stdlib_module_names)


# What is read, sealed and said

SMALL = forged({"exists": ["x"], "such that": ["x > 1"]}, "proved", {"witness": {"x": "2"}}, {})
WORDS = "proved: there are x with x > 1"
FLIPPED = {**SMALL, "conclusion": "refuted"}


def test_a_fingerprint_is_of_everything_but_itself():
    text = json.dumps({**SMALL, "id": ""}, sort_keys=True)
    assert checker.digest(SMALL) == hashlib.sha256(text.encode()).hexdigest()[:20]
    assert checker.digest({**SMALL, "id": "other"}) == checker.digest(dict(reversed(SMALL.items())))
    assert checker.digest(FLIPPED) != checker.digest(SMALL)


def test_a_record_is_confirmed_or_rejected_with_the_reason():
    assert checker.check(SMALL) == checker.check_text(json.dumps(SMALL)) == WORDS
    assert checker.confirmed(SMALL, 1) == WORDS
    for record, reason in (
        (FLIPPED, "the fingerprint does not fit: the record was altered"),
        (sealed(FLIPPED), "proof: expected an object"),
        (
            {**SMALL, "format": "stability-record/9"},
            "format: expected one of 'stability-record/1', ",
        ),
        (sealed({**SMALL, "conclusion": "true"}), "conclusion: expected one of 'proved', 'refuted', 'vacuous'"),
        (sealed({**SMALL, "note": ""}), "record: expected an object with the fields"),
        (sealed({**SMALL, "landscapes": []}), "landscapes: expected an object"),
        ({"id": 1}, "expected a record, which names its format; got an object with 1 keys"),
        ([], "expected a record, which names its format; got a list of 0"),
        ({"format": 1}, "expected a record, which names its format"),
        ({1: 2, "1": 3}, "expected every key once"),
        ({"a": {1}}, "expected a record as JSON has it; got: "),
        ({"a": float("nan")}, "expected numbers; got NaN"),
    ):
        with rejects(reason):
            checker.check(record)


def test_what_is_no_record_is_no_rejection_of_a_text():
    for text in ("", "[]", "{}", '{"format": 1}'):
        with pytest.raises(checker.files.BadInput):
            checker.check_text(text)


def test_failures_of_the_machine_are_rejections(monkeypatch):
    for problem, reason in (
        (RecursionError(), "beyond a limit of the checker: nested too deeply"),
        (MemoryError(), "beyond a limit of the checker: the memory of this machine"),
        (KeyError("x"), "expected a proof whose parts fit each other and the landscapes; got another"),
        (checker.Rejected("a" * 500), "a" * 400 + "..."),
    ):

        def confirmed(record, patience, problem=problem):
            raise problem

        monkeypatch.setattr(checker, "confirmed", confirmed)
        with rejects(reason):
            checker.check_text(json.dumps(SMALL))


def test_patience_is_handed_on(monkeypatch):
    seen, meter = [], checker.limits.Meter
    monkeypatch.setattr(checker.limits, "Meter", lambda *each: seen.append(each) or meter(*each))
    length = len(json.dumps({**SMALL, "id": ""}, sort_keys=True))
    checker.check(SMALL)
    checker.check(SMALL, 7)
    checker.check_text(json.dumps(SMALL), 9)
    assert seen == [(length, 50, patience) for patience in (1, 7, 9)]


def kept(folder, **contents):
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return str(folder)


def test_records_are_judged_one_by_one(tmp_path):
    place = kept(tmp_path, a=SMALL, b=FLIPPED, c="{")
    assert list(checker.judged([place])) == [
        ("ok", "a", WORDS),
        ("FAIL", f"{place}/b.json", "the fingerprint does not fit: the record was altered"),
        ("ERROR", f"{place}/c.json", "expected a record in JSON; line 1, column 2 is none"),
    ]
    (tmp_path / "empty").mkdir()
    ((verdict, name, words),) = checker.judged([f"{place}/empty"])
    assert (verdict, name) == ("ERROR", f"{place}/empty")
    assert words == "expected a folder with records (*.json); found none"
    assert list(checker.judged([])) == []


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [([], 0), (["ok"], 0), (["ok", "FAIL"], 1), (["ERROR", "ok"], 2), (["FAIL", "ERROR"], 2), (["FAIL"] * 3, 1)],
)
def test_the_exit_status(verdicts, status):
    assert checker.exit_status([(verdict, "", "") for verdict in verdicts]) == status


def test_what_was_found_is_counted(tmp_path, capsys):
    assert checker.main([kept(tmp_path, a=SMALL, b=SMALL)]) == 0
    assert capsys.readouterr().out == f"ok    a: {WORDS}\nok    b: {WORDS}\n2 records confirmed, 0 rejected\n"
    assert checker.main([kept(tmp_path, b=FLIPPED)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 records confirmed, 1 rejected"
    assert checker.main([kept(tmp_path, c="")]) == 2
    assert capsys.readouterr().out.splitlines()[-1] == "1 records confirmed, 1 rejected, 1 not read"
    assert checker.main([]) == 2
    assert capsys.readouterr().out == "0 records confirmed, 0 rejected\n"


def test_the_command_and_its_options(tmp_path, capsys, monkeypatch):
    place, seen = kept(tmp_path, a=SMALL), []
    monkeypatch.setattr(checker, "main", lambda paths, patience: seen.append((paths, patience)) or 0)
    for arguments in ([place], ["--patience", "12", place, "b"], ["--patience", "999999999"], []):
        assert checker.command(arguments) == 0
    default = ["proofs/records"]
    assert seen == [([place], 1), ([place, "b"], 12), (default, 999_999_999), (default, 1)]
    for arguments in (["-h"], ["--help"]):
        assert checker.command(arguments) == 0
        assert "usage: checker.py [--patience N]" in capsys.readouterr().out
    for arguments in (["--patience"], ["--patience", "0"], ["--patience", "1234567890"], ["--patience", "2 "]):
        assert checker.command(arguments) == 2
        assert capsys.readouterr().out == "expected --patience with a whole number above 0, such as --patience 10\n"
    assert len(seen) == 4


def test_lines_are_printed_in_any_encoding(capsys, monkeypatch):
    checker.say("a\n\u4e2d")
    assert capsys.readouterr().out == "a\\n\u4e2d\n"
    monkeypatch.setattr(checker.sys, "stdout", stdout := Ascii())
    checker.say("a\u4e2d")
    assert stdout.said == "a\\u4e2d\n"


class Ascii:
    """A screen without an encoding."""

    said = ""

    def write(self, text):
        """Take what is printed."""
        self.said += text
