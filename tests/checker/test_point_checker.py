"""One rule of proof and what is built on it: each confirms what is true, and nothing that is one step off."""

from fractions import Fraction as Q

import pytest
from hand_made import LEAKY, SIZE, Shape, data_of, meter_of, rejects

from stability.checker import point_checker as checker
from stability.checker.parts import part

places, reading = part("point_landscapes"), part("point_grammar")
KINK = data_of(["1"], ["1"])
X, Y = {(("x", 1),): Q(1)}, {(("y", 1),): Q(1)}


def prover(meter=None, **landscapes):
    """Return the confirming of statements about landscapes."""
    algebra = places.Algebra(meter or meter_of())
    shapes = part("grammar").landscapes(landscapes)
    lands = {name: places.Landscape(name, data, algebra) for name, data in landscapes.items()}
    return checker.Prover(lands, reading.Reading(shapes, algebra.meter), algebra)


def branch(names="x y", facts=(), **landscapes):
    here = prover(**landscapes).start(names.split())
    return here.having(*((here.read(text), relation) for text, relation in facts))


def poly(text):
    return branch().read(text)


# Signs


def test_the_sign_of_a_number_is_known_and_of_others_where_it_was_fixed():
    here = branch()
    assert [here.sign(places.constant(Q(x))) for x in (-2, 0, Q(1, 3))] == [-1, 0, 1]
    with pytest.raises(checker.Open):
        here.sign(X)
    key, turn = places.ray(poly("x - y"))
    fixed = here.having(signs={key: 1 * turn})
    assert fixed.sign(poly("x - y")) == fixed.sign(poly("3*x - 3*y")) == 1
    assert fixed.sign(poly("y - x")) == fixed.sign(poly("(y - x)/7")) == -1
    with pytest.raises(checker.Open):
        fixed.sign(poly("x + y"))
    with pytest.raises(checker.Open):
        here.sign(poly("x - y"))
    more = fixed.having((X, ">"), signs={places.ray(X)[0]: 0})
    assert (more.sign(X), more.sign(poly("x - y")), more.facts) == (0, 1, ((X, ">"),))


# Values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3", {(): 3}),
        ("x - x", {}),
        ("(x + 1)**2", {(("x", 2),): 1, (("x", 1),): 2, (): 1}),
        ("x**0", {(): 1}),
        ("-x/2", {(("x", 1),): Q(-1, 2)}),
        ("6/4*x*y", {(("x", 1), ("y", 1)): Q(3, 2)}),
        ("1/(1 + 1)/2", {(): Q(1, 4)}),
        ("x/(y - y + 2)", {(("x", 1),): Q(1, 2)}),
        ("abs(-3)", {(): 3}),
        ("relu(-3)", {}),
        ("relu(3)", {(): 3}),
        ("max(1, 3, 2)", {(): 3}),
        ("min(1, 3, -2)", {(): -2}),
        ("L.loss([3, 0])", {(): 4}),
        ("L.out([-3, 1], 0)", {(): 2}),
    ],
)
def test_formulas_stand_for_polynomials(text, found):
    assert branch(L=KINK).read(text) == found


@pytest.mark.parametrize("text", ["1/x", "1/0", "x/(y - y)", "1/(x - x)"])
def test_only_numbers_other_than_0_divide(text):
    with rejects("only numbers other than 0 can be divided by"):
        branch().read(text)


def test_signs_decide_functions():
    here = branch(L=KINK)
    key, turn = places.ray(poly("x - y"))
    less = here.having(signs={key: -turn})
    assert less.read("max(x, y)") == Y
    assert less.read("min(x, y)") == X
    assert less.read("min(y, x)") == X
    assert less.read("abs(x - y)") == poly("y - x")
    assert less.read("relu(x - y)") == {}
    assert less.read("relu(y - x)") == poly("y - x")
    even = here.having(signs={key: 0})
    assert even.read("max(x, y)") == X
    assert even.read("abs(x - y)") == {}
    with pytest.raises(checker.Open):
        here.read("L.loss([x, y])")


@pytest.mark.parametrize(
    ("text", "atoms"),
    [
        ("x > y", [("x - y", ">")]),
        ("x <= y", [("y - x", ">=")]),
        ("0 < x <= y != 1", [("x", ">"), ("y - x", ">="), ("y - 1", "!=")]),
        ("x == 1", [("x - 1", "=")]),
        ("x >= 1", [("x - 1", ">=")]),
    ],
)
def test_relations_are_constraints(text, atoms):
    assert branch().atoms(text) == [(poly(p), r) for p, r in atoms]


def test_constraints_of_a_landscape():
    assert branch(L=KINK).atoms("L.generic([0, 0], [1, 0])") == [({(): 1}, ">")]
    assert branch(L=KINK).atoms("L.generic([0, 0], [1, -1])") == [({(): -1}, ">")]


def test_givens_are_assumed_where_their_signs_are_known():
    here = branch(L=KINK)
    assert here.assume(["x >= y", "x == 2"]).facts == ((poly("x - y"), ">="), (poly("x - 2"), "="))
    assert here.assume(["L.loss([x, y]) > 0"]).facts == ()
    assert here.assume(["x > 0", "x != y", "y > 0"]).facts == ((X, ">"), (Y, ">"))
    key, _ = places.ray(poly("x - y"))
    assert here.having(signs={key: 1}).assume(["x != y"]).facts == (({(): 1}, ">"),)
    assert here.having(signs={key: 0}).assume(["x != y"]).facts == (({(): -1}, ">"),)


# The one rule


def one(of, weight="1", **more):
    return {"of": list(of), "weight": weight, **more}


ABOVE, BELOW = ("x - 1", ">"), ("-x", ">=")


@pytest.mark.parametrize(
    ("facts", "terms"),
    [
        ([ABOVE, BELOW], [one([0]), one([1]), one([])]),  # x - 1 > 0 and -x >= 0 and 1 > 0 have the sum 0
        ([("-1", ">")], [one([0]), one([])]),
        ([("-1/2", ">")], [one([0], "2"), one([])]),
        ([("-x*x - 1", ">")], [one([0]), one([], square="x"), one([])]),
        ([("x", "="), ("-x - 1", ">")], [one([1]), {"of": [0], "times": "1"}, one([])]),
        (
            [("x - 2", "="), ("3 - y*x", ">"), ("y - 2", ">")],
            [one([1]), one([2], "2"), {"of": [0], "times": "y"}, one([])],
        ),
        ([("x", ">"), ("y", ">"), ("-x*y", ">=")], [one([0, 1]), one([2])]),
    ],
)
def test_facts_that_contradict_each_other(facts, terms):
    branch(facts=facts).absurd(terms)


@pytest.mark.parametrize(
    ("facts", "terms", "reason"),
    [
        ([ABOVE, BELOW], [one([0]), one([1])], "no contradiction"),  # leaves -1
        ([ABOVE, BELOW], [one([0]), one([1]), one([], "2")], "no contradiction"),
        ([ABOVE, BELOW], [one([0]), one([1]), one([], "-1")], "weights must be positive"),
        ([ABOVE, BELOW], [one([0]), one([1]), one([], "0")], "weights must be positive"),
        ([ABOVE, BELOW], [one([0]), one([2]), one([])], "no such fact"),
        ([ABOVE, BELOW], [one([0]), one([-1]), one([])], "no such fact"),
        ([("x", ">="), ("-x", ">=")], [one([0]), one([1])], "no contradiction"),  # nothing is strict
        ([("x", ">"), ("-x", ">=")], [one([0], square="1"), one([1])], "no contradiction"),
        ([("x", ">"), ("y", ">="), ("-x*y", ">=")], [one([0, 1]), one([2])], "no contradiction"),
        ([("x", ">"), ("-x", ">")], [{"of": [0], "times": "1"}, one([1])], "only an equation has any multiple"),
        ([("x", "=")], [one([0]), {"of": [0], "times": "-1"}], "no contradiction"),
        ([], [], "no contradiction"),
        ([("x", "=")], [{"of": [], "times": "0"}], "only an equation has any multiple"),
    ],
)
def test_facts_that_do_not_contradict_each_other(facts, terms, reason):
    with rejects(reason):
        branch(facts=facts).absurd(terms)


def test_relations_of_numbers_are_seen():
    here = branch()
    for relation, good, bad in ((">", [1], [0, -1]), (">=", [0, 1], [-1]), ("=", [0], [1, -1]), ("!=", [1, -1], [0])):
        for number in good:
            here.confirm(places.constant(number), relation, None)
        for number in bad:
            with rejects("a relation that does not hold"):
                here.confirm(places.constant(number), relation, None)
    with rejects("a number was needed here"):
        here.confirm(X, ">", None)


def test_other_relations_are_confirmed_by_their_negation():
    here = branch(facts=[("x - 1", ">"), ("y", "=")])
    here.confirm(X, ">", [one([2]), one([0]), one([])])  # -x >= 0
    here.confirm(X, ">=", [one([2]), one([0]), one([])])
    here.confirm(X, "!=", [one([0]), {"of": [2], "times": "-1"}, one([])])  # x = 0
    here.confirm(Y, "=", [[one([2]), {"of": [1], "times": "-1"}], [one([2]), {"of": [1], "times": "1"}]])
    with rejects("no contradiction"):
        here.confirm(Y, "=", [[one([2]), {"of": [1], "times": "-1"}]] * 2)
    with rejects("no contradiction"):
        here.confirm(Y, "=", [[one([2]), {"of": [1], "times": "1"}]] * 2)
    with rejects("no contradiction"):
        here.confirm(poly("-x"), ">", [one([2]), one([0]), one([])])
    for by in ([one([2])], [[one([2])]], [[], [], []], [[one([2])], one([2])]):
        with rejects("an equation needs two reasons"):
            here.confirm(Y, "=", by)
    with rejects("one reason for one relation"):
        here.confirm(X, ">", [[one([2])], [one([2])]])


# Distinctions of cases


def goal(*by, number=0):
    return {"goal": number, "by": list(by)}


def follow(tree, given=(), goals=(("x*x >= 0",),), negate=False, names="x", **landscapes):
    branch(names, **landscapes).replay(tree, list(given), [list(each) for each in goals], negate)


SQUARE = {
    "split": "x",
    "-": goal([one([1]), one([0, 0])]),
    "0": goal([one([1]), {"of": [0], "times": "x"}]),
    "+": goal([one([1]), one([0, 0])]),
}


def test_cases_are_distinguished_by_a_sign():
    follow(SQUARE)
    turned = {"split": "-2*x", "-": SQUARE["+"], "0": goal([one([1]), {"of": [0], "times": "-x/2"}]), "+": SQUARE["-"]}
    turned["-"], turned["+"] = (goal([one([1]), one([0, 0], "1/4")]),) * 2
    follow(turned)
    with rejects("no contradiction"):
        follow({**SQUARE, "0": goal([one([1])])})
    for side in "-+":
        with rejects("no contradiction"):
            follow({**SQUARE, side: goal([one([1]), one([0])])})
    with rejects("no contradiction"):
        follow(SQUARE, goals=[["x*x > 0"]])
    with rejects("a distinction by the sign of 0"):
        follow({"split": "x - x", "-": SQUARE["-"], "0": SQUARE["0"], "+": SQUARE["+"]})


def test_each_case_has_the_sign_that_its_name_says():
    """Where x < 0, max(x, 0) is the number 0; where x > 0 it is x; where x = 0 it is x, which is 0."""
    zero = goal([[one([1]), {"of": [0], "times": "-1"}], [one([1]), {"of": [0], "times": "1"}]])
    tree = {"split": "x", "-": goal(None), "0": zero, "+": goal(None)}
    follow(tree, goals=[["max(x, 0) == relu(x)"]])
    follow({**tree, "0": goal(None)}, goals=[["abs(x) == relu(x) + relu(-x)"]])
    follow({**tree, "split": "-x", "0": goal(None)}, goals=[["abs(x) == relu(x) + relu(-x)"]])
    with rejects("a number was needed here"):
        follow(tree, goals=[["abs(x) == x"]])
    with rejects("a number was needed here"):
        follow({**tree, "split": "-x"}, goals=[["abs(x) == x"]])


def test_a_sign_that_is_not_given_is_not_known():
    with rejects("a sign that is needed is not distinguished by the proof"):
        follow(goal(None), goals=[["abs(x) >= 0"]])


def test_a_case_is_absurd_by_the_givens():
    follow({"absurd": [one([0]), one([1]), one([])]}, given=["x > 1", "x <= 0"])
    with rejects("no contradiction"):
        follow({"absurd": [one([0]), one([1]), one([])]}, given=["x > 1", "x <= 1"])


def test_a_goal_needs_a_reason_for_each_of_its_relations():
    goals = [["1 > 2"], ["2 > 1", "0 <= 3 < 4"]]
    follow(goal(None, None, None, number=1), goals=goals)
    for by in ([None] * 2, [None] * 4, []):
        with rejects(f"expected 3 reasons; got {len(by)}"):
            follow(goal(*by, number=1), goals=goals)
    with rejects("a relation that does not hold"):
        follow(goal(None), goals=goals)


def test_the_negation_of_a_goal():
    follow(goal(None), goals=[["1 > 2"]], negate=True)
    follow(goal(None), goals=[["1 >= 2"]], negate=True)
    follow(goal(None), goals=[["1 == 2"]], negate=True)
    follow(goal(None), goals=[["1 != 1"]], negate=True)
    for text in ("2 > 1", "1 >= 1", "1 == 1", "1 != 2"):
        with rejects("a relation that does not hold"):
            follow(goal(None), goals=[[text]], negate=True)
    follow(goal(None, None), goals=[["1 > 2", "1 > 3"]], negate=True)
    with rejects("only single relations can be negated"):
        follow(goal(None, None), goals=[["0 < 1 < 0"]], negate=True)


# Statements


def test_the_givens_are_inhabited():
    one_ = prover()
    one_.inhabited(["x"], [], {})
    one_.inhabited(["x"], ["x > 1", "x < 3"], {"instance": {"x": "2"}})
    for x in ("1", "3"):
        with rejects("no instance"):
            one_.inhabited(["x"], ["x > 1", "x < 3"], {"instance": {"x": x}})


@pytest.mark.parametrize(
    ("given", "root", "reason"),
    [
        (["x**2 == 2"], ["1", "2"], None),
        (["x**2 == 2", "x > 0"], ["1", "2"], None),
        (["x**2 == 2", "x >= 1"], ["1", "2"], None),
        (["x**2 == 2", "1 > 0"], ["1", "2"], None),
        (["x**2 == 2"], ["2", "1"], "a bracket for one"),
        (["x**2 == 2"], ["1", "1"], "a bracket for one"),
        (["x**2 == 2"], ["3", "4"], "the bracket shows no such root"),
        (["x**2 == 4"], ["1", "2"], "the bracket shows no such root"),
        (["x**2 == 4"], ["2", "3"], "the bracket shows no such root"),
        (["x**2 == 2", "x > 3/2"], ["1", "2"], "the bracket shows no such root"),
        (["x**2 == 2", "x**2 > 0"], ["1", "2"], "the bracket shows no such root"),
        (["x**2 == 2", "x != 0"], ["1", "2"], "the bracket shows no such root"),
        (["x**2 == 2", "0 >= 0"], ["1", "2"], "the bracket shows no such root"),
        (["x**2 == 2", "x**3 == 3"], ["1", "2"], "one equation for one root"),
        (["x > 1"], ["1", "2"], "one equation for one root"),
        (["abs(x) == 1"], ["0", "2"], "a bracket of a root decides no sign of a landscape"),
    ],
)
def test_a_root_is_bracketed(given, root, reason):
    if reason is None:
        prover().inhabited(["x"], given, {"root": root})
    else:
        with rejects(reason):
            prover().inhabited(["x"], given, {"root": root})


def test_a_bracket_is_for_one_variable():
    with rejects("a bracket for one"):
        prover().inhabited(["x", "y"], ["x*y == 2"], {"root": ["1", "2"]})


WHOLE = {"for all": ["x"], "given": ["x > 1"], "then": [["x > 2"], ["x < 4", "x > 0"]]}


def confirm(statement, conclusion, proof, **landscapes):
    prover(**landscapes).confirm(statement, conclusion, proof)


def test_a_counterexample_meets_the_givens_and_no_goal():
    two = {"for all": ["x"], "given": ["x > 1"], "then": [["x > 2"], ["x < 0"]]}
    confirm(two, "refuted", {"witness": {"x": "2"}})
    with rejects("the counterexample is none"):
        confirm(two, "refuted", {"witness": {"x": "3"}})
    with rejects("the counterexample violates the givens"):
        confirm(two, "refuted", {"witness": {"x": "1"}})
    with rejects("the counterexample is none"):
        confirm(WHOLE, "refuted", {"witness": {"x": "2"}})


def test_a_universal_statement_needs_an_instance_and_a_tree():
    easy = {**WHOLE, "then": [["x > 0"]]}
    tree = goal([one([1]), one([0]), one([])])
    confirm(easy, "proved", {"tree": tree, "instance": {"x": "2"}})
    with rejects("no instance"):
        confirm(easy, "proved", {"tree": tree, "instance": {"x": "1"}})
    with rejects("no contradiction"):
        confirm({**easy, "then": [["x > 2"]]}, "proved", {"tree": tree, "instance": {"x": "2"}})


def test_a_universal_statement_is_refuted_where_a_goal_never_holds():
    never = {"for all": ["x"], "given": ["x**2 == 2", "x > 0"], "then": [["x > 0", "x*x > 3"]]}
    tree = goal([one([2]), {"of": [0], "times": "-1"}, one([])])
    confirm(never, "refuted", {"never": tree, "picks": [1], "root": ["1", "2"]})
    with rejects("the combination of facts is no contradiction"):
        confirm(never, "refuted", {"never": tree, "picks": [0], "root": ["1", "2"]})


def test_givens_that_contradict_each_other_are_vacuous():
    empty = {**WHOLE, "given": ["x > 1", "x < 0"]}
    confirm(empty, "vacuous", {"empty": {"absurd": [one([0]), one([1]), one([])]}})
    with rejects("no contradiction"):
        confirm(empty, "vacuous", {"empty": {"absurd": [one([0]), one([1])]}})


def test_statements_of_existence_and_of_several_parts():
    some = {"exists": ["x"], "such that": ["x > 1", "x < 3"]}
    confirm(some, "proved", {"witness": {"x": "2"}})
    with rejects("the counterexample violates the givens"):
        confirm(some, "proved", {"witness": {"x": "3"}})
    none = {"exists": ["x"], "such that": ["x > 1", "x < 0"]}
    confirm(none, "refuted", {"empty": {"absurd": [one([0]), one([1]), one([])]}})
    confirm({"not": some}, "refuted", {"witness": {"x": "2"}})
    confirm({"not": none}, "proved", {"empty": {"absurd": [one([0]), one([1]), one([])]}})
    confirm({"all of": [some, some]}, "proved", {"parts": [{"witness": {"x": "2"}}, {"witness": {"x": "5/2"}}]})
    with rejects("the counterexample violates the givens"):
        confirm({"all of": [some, some]}, "proved", {"parts": [{"witness": {"x": "2"}}, {"witness": {"x": "7"}}]})
    absurd = {"empty": {"absurd": [one([0]), one([1]), one([])]}}
    confirm({"all of": [some, none]}, "refuted", {"part": 1, "proof": absurd})
    with rejects("the combination of facts is no contradiction"):
        confirm({"all of": [none, some]}, "refuted", {"part": 1, "proof": absurd})


def clarke(at, conclusion, proof, slopes=SIZE, label="1"):
    confirm({"clarke": "L", "at": at}, conclusion, proof, L=data_of(["1"], [label], slopes))


def test_a_mean_of_gradients_is_0():
    """At 0 the gradients of (|w + b| - 1)^2 are -2 (1, 1) and 2 (1, 1)."""
    near = [["1", "0"], ["-1", "0"]]
    clarke(["0", "0"], "proved", {"weights": ["1/2", "1/2"], "toward": near})
    clarke(["1", "0"], "proved", {"weights": ["1"], "toward": [["0", "0"]]})
    clarke(["0", "0"], "proved", {"weights": ["2/3", "1/3"], "toward": near}, ("1/2", "0", "-1/4"))
    for weights, reason in (
        (["1/3", "2/3"], "the combination of gradients is not 0"),
        (["1", "0"], "the combination of gradients is not 0"),
        (["1", "1"], "weights of a mean"),
        (["3/2", "-1/2"], "weights of a mean"),
        (["1/4", "1/4"], "weights of a mean"),
    ):
        with rejects(reason):
            clarke(["0", "0"], "proved", {"weights": weights, "toward": near})
    clarke(["0", "0"], "proved", {"weights": ["1/2", "1/2", "0"], "toward": [*near, ["5", "0"]]})
    with rejects("a direction that stays on a kink"):
        clarke(["0", "0"], "proved", {"weights": ["1"], "toward": [["1", "-1"]]})


def test_a_direction_separates_all_gradients_from_0():
    """With slopes 1/2 and 1 both gradients at 0 are negative multiples of (1, 1)."""
    tree = {
        "split": "u0 + u1",
        "-": goal(None),
        "0": {"absurd": [one([1]), one([])]},
        "+": goal(None),
    }
    clarke(["0", "0"], "refuted", {"separator": ["1", "0"], "tree": tree}, LEAKY)
    with rejects("a relation that does not hold"):
        clarke(["0", "0"], "refuted", {"separator": ["-1", "0"], "tree": tree}, LEAKY)
    with rejects("a relation that does not hold"):
        clarke(["0", "0"], "refuted", {"separator": ["1", "-1"], "tree": tree}, LEAKY)
    with rejects("a relation that does not hold"):
        clarke(["0", "0"], "refuted", {"separator": ["1", "0"], "tree": tree})


def test_what_a_record_concludes_is_said():
    record = {
        "landscapes": {"L": KINK},
        "statement": {"exists": ["x"], "such that": ["x>1"]},
        "conclusion": "proved",
        "proof": {"witness": {"x": "2"}},
    }
    words = "proved: there are x with x > 1; L is the sum of squared errors of 1 unit(s) "
    words += "with slopes -1 and 1 (at 0: 0) on (1): 1"
    assert checker.conclude(record, {"L": Shape(1, 2, 1)}, meter_of()) == words
    with rejects("the counterexample violates the givens"):
        checker.conclude({**record, "proof": {"witness": {"x": "1"}}}, {"L": Shape(1, 2, 1)}, meter_of())
    with rejects("proof"):
        checker.conclude({**record, "conclusion": "refuted"}, {"L": Shape(1, 2, 1)}, meter_of())
