"""Statements within the grammar are concluded as an independent reading does, one step outside it they are rejected."""

import json
from fractions import Fraction as Q
from operator import eq, ge, gt, le, lt, ne

import pytest
from forged_records import (
    ABS1,
    KINK,
    about_points,
    broken_copies,
    changed,
    honest,
    nodes,
    once_across,
    outside,
    verdict,
)
from hand_made import Shape, data_of, rejects
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stability.checker import grammar

COMPARE = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
FEW = settings(max_examples=100, deadline=None)
digits = st.integers(0, 12)


def output(p, q):
    """Return |p + q|, what the unit of KINK puts out."""
    return abs(p + q)


@st.composite
def formulas(draw, depth=3):
    """Return a text and its value, found while it is built."""
    kind = (
        draw(st.sampled_from(["number", "sum", "product", "quotient", "power", "minus", "out", "loss"]))
        if depth
        else ""
    )
    if kind in ("number", ""):
        n = draw(digits)
        return str(n), Q(n)
    text, value = draw(formulas(depth=depth - 1))
    if kind == "minus":
        return f"-({text})", -value
    if kind == "power":
        n = draw(st.integers(1, 4))
        return f"({text})**{n}", value**n
    other, more = draw(formulas(depth=depth - 1))
    if kind == "sum":
        sign = draw(st.sampled_from("+-"))
        return f"({text} {sign} ({other}))", value + more if sign == "+" else value - more
    if kind == "product":
        return f"({text})*({other})", value * more
    if kind == "quotient":
        assume(more != 0)
        return f"({text})/({other})", value / more
    if kind == "out":
        return f"L.out([{text}, {other}], 0)", output(value, more)
    return f"L.loss([{text}, {other}])", (output(value, more) - 1) ** 2


@st.composite
def relations(draw):
    """Return a relation between numbers and whether it holds."""
    (left, a), (right, b) = draw(formulas()), draw(formulas())
    sign = draw(st.sampled_from(sorted(COMPARE)))
    return f"{left} {sign} {right}", COMPARE[sign](a, b)


def claim(text, conclusion):
    statement = {"for all": [], "given": [], "then": [[text]]}
    proof = {"tree": {"goal": 0, "by": [None]}} if conclusion == "proved" else {"witness": {}}
    return about_points(statement, conclusion, proof, {"L": KINK})


@FEW
@given(relations())
def test_a_relation_between_numbers_is_concluded_as_it_is(found):
    text, true = found
    assert (verdict(claim(text, "proved")) is None) == true
    assert (verdict(claim(text, "refuted")) is None) == (not true)


OUTSIDE = [
    "1.5",
    "1e3",
    "x",
    "True",
    "L",
    "L.loss",
    "L.loss(1)",
    "L.loss([1])",
    "L.out([1, 2], 1)",
    "L.out([1, 2], -1)",
]
OUTSIDE += [
    "[1]",
    "(1, 2)",
    "1 if 1 else 0",
    "1 and 1",
    "not 1",
    "~1",
    "1 // 1",
    "1 % 2",
    "1 @ 1",
    "1 << 1",
    "2**-1",
    "2**x",
]
OUTSIDE += [
    "2**1.0",
    "2**2**2",
    "sin(1)",
    "L.__class__",
    "L.width",
    "'1'",
    "1 # 2",
    "1\n",
    "\u0661",
    "1_0",
    "0x1",
    "()",
    "",
]
OUTSIDE += [
    "L.loss([1, 2]).real",
    "L.loss(*[1, 2])",
    "L.loss(p=[1, 2])",
    "1 < 2",
    "L.generic([1, 2], [1, 2])",
    "(1",
    "1)",
    "1 1",
]


@FEW
@given(
    formulas(),
    st.sampled_from(OUTSIDE),
    st.sampled_from(["({a}) + ({b}) > 0", "L.out([{a}, {b}], 0) > 0", "({b}) > {a}"]),
)
def test_a_formula_with_a_part_outside_the_grammar_is_rejected(found, part, frame):
    text = frame.format(a=found[0], b=part)
    for conclusion in ("proved", "refuted"):
        assert verdict(claim(text, conclusion))


def test_every_part_outside_the_grammar_is_rejected_by_itself():
    for part in OUTSIDE:
        for text in (f"{part} >= 0", f"0 <= {part}", f"1 + {part} > 0"):
            assert verdict(claim(text, "proved")) or part == "1 < 2", text


# Statements about all sets

KINDS = ["global minimum", "local minimum", "saddle", "local maximum"]
COUNTS = ["dimension", "faces", "autograd_faces", "smooth_faces", "orbit", "right"]
TRUTHS = ["isolated", "strict", "clarke", "directional", "autograd_rests"]
ORDER = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
losses = st.sampled_from(["0", "1", "4/3", "2", "0.5", "-1", "1.0"])


@st.composite
def conditions(draw):
    """Return a condition and what it says of a set, read from the finder's sets."""
    name = draw(st.sampled_from(["kind", "loss", *COUNTS, *TRUTHS]))
    if name == "kind" or name in TRUTHS:
        values, ordered = (st.sampled_from(KINDS) if name == "kind" else st.booleans()), ["=", "!="]
    else:
        values, ordered = (losses | st.integers(0, 4) if name == "loss" else st.integers(0, 4)), list(ORDER)
    relation = draw(st.sampled_from([*ordered, "in"]))
    value = draw(st.lists(values, min_size=1, max_size=3) if relation == "in" else values)

    def plain(x):
        return Q(x) if name == "loss" else x

    def says(each):
        found = getattr(each, name)
        if relation == "in":
            return any(found == plain(x) for x in value)
        return ORDER[relation](found, plain(value))

    return [name, relation, value], says


@st.composite
def set_statements(draw, depth=2):
    """Return a statement about the sets of abs1 on xor and its conclusion."""
    kind = draw(st.sampled_from(["every", "number", "at", *(["not", "all"] if depth else [])]))
    if kind == "not":
        inner, found = draw(set_statements(depth=depth - 1))
        return {"not": inner}, {"proved": "refuted", "refuted": "proved"}.get(found, found)
    if kind == "all":
        parts = draw(st.lists(set_statements(depth=depth - 1), min_size=1, max_size=3))
        found = [each for _, each in parts]
        return {"all of": [each for each, _ in parts]}, next(
            (c for c in ("refuted", "vacuous") if c in found), "proved"
        )
    unique = st.lists(conditions(), max_size=2, unique_by=lambda each: json.dumps(each[0]))
    given_, wanted = draw(unique), draw(unique)
    sets = ABS1.atlas().sets
    chosen = [each for each in sets if all(says(each) for _, says in given_)]
    texts = [[each for each, _ in some] for some in (given_, wanted)]
    if kind == "every":
        assume(wanted)
        good = all(says(each) for each in chosen for _, says in wanted)
        found = "vacuous" if not chosen else "proved" if good else "refuted"
        return {"every set of": "abs1", "with": texts[0], "has": texts[1]}, found
    if kind == "number":
        relation, n = draw(st.sampled_from(sorted(ORDER))), draw(st.integers(-1, 10))
        true = ORDER[relation](sum(each.orbit for each in chosen), n)
        return {"sets of": "abs1", "with": texts[0], "number": [relation, n]}, "proved" if true else "refuted"
    row = draw(
        st.sampled_from(
            [["0", "0", "1/2"], ["0", "0", "0"], ["1/2", "-1/2", "0"], ["1/6", "-1/6", "1/3"], ["1", "1", "1"]]
        )
    )
    here = ABS1.atlas().of([[Q(x) for x in row]])
    true = here is not None and all(says(here) for _, says in wanted)
    return {"set of": "abs1", "at": [row], "has": texts[1]}, "proved" if true else "refuted"


def about_sets(statement, conclusion):
    return changed({**honest()["number"], "conclusion": conclusion}, ("statement",), statement)


@settings(max_examples=30, deadline=None)
@given(set_statements())
def test_a_statement_about_sets_is_concluded_as_the_finder_reads_it(found):
    statement, conclusion = found
    for each in ("proved", "refuted", "vacuous"):
        assert (verdict(about_sets(statement, each)) is None) == (each == conclusion)


@settings(max_examples=40, deadline=None)
@given(set_statements(), st.data())
def test_one_step_outside_the_grammar_of_sets_is_rejected(found, data):
    statement, _ = found
    places = [(path, value) for path, value in nodes(statement) if value != []]
    path, value = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from(outside(value)))
    broken = changed(about_sets(statement, "proved"), ("statement", *path), lambda _: other)
    for conclusion in ("proved", "refuted", "vacuous"):
        assert verdict({**broken, "conclusion": conclusion, "id": about_sets(broken["statement"], conclusion)["id"]})


# Statements about trajectories

EVENT = ["crossing", 0, [0, 1]]
"""The only event of the trajectory: it ends with loss 0 at (0, -200), at time log(3) / 2 at the latest."""


@st.composite
def flow_conditions(draw):
    """Return a condition on the trajectory that crosses once, and whether it holds; by the closed form of the flow."""
    kind = draw(st.sampled_from(["loss", "signs", "within", "events"]))
    if kind == "loss":
        relation, value = draw(st.sampled_from(sorted(ORDER))), draw(losses)
        return ["loss", relation, value], ORDER[relation](0, Q(value))
    if kind == "signs":
        signs = draw(st.sampled_from(["--", "-+", "+-", "00", "++", "0-"]))
        return ["signs", "=", [signs]], signs == "--"
    if kind == "within":
        b, distance = (
            draw(st.sampled_from(["-200", "-190", "0", "200"])),
            draw(st.sampled_from(["100", "150", "350", "1000"])),
        )
        return ["within", distance, [["0", b]]], abs(-200 - Q(b)) <= Q(distance)
    first, last = draw(st.sampled_from([("0", "1"), ("0", "1/10"), ("0", "1/1000000"), ("1", "2"), ("0", "0")]))
    kinds = draw(st.lists(st.sampled_from([EVENT, ["sliding begins", 0, [0, 1]]]), max_size=2, unique_by=str))
    true = kinds == [EVENT] and last in ("1", "1/10") and first == "0"
    return ["events", "=", [[*each, first, last] for each in kinds]], true


@st.composite
def flow_statements(draw):
    few = st.lists(flow_conditions(), max_size=3, unique_by=lambda each: each[0][0])
    found = draw(few)
    true = all(holds for _, holds in found)
    return once_across([condition for condition, _ in found]), "proved" if true else "refuted"


@settings(max_examples=30, deadline=None)
@given(flow_statements(), st.booleans())
def test_a_statement_about_a_trajectory_is_concluded_as_the_closed_form_says(found, inverse):
    record, conclusion = found
    for each in ("proved", "refuted"):
        asked = changed({**record, "conclusion": each}, ("statement",), lambda old: {"not": old} if inverse else old)
        assert (verdict(asked) is None) == ((each == conclusion) != inverse)


@settings(max_examples=40, deadline=None)
@given(flow_statements(), st.data())
def test_one_step_outside_the_grammar_of_trajectories_is_rejected(found, data):
    record, _ = found
    places = [(path, value) for path, value in nodes(record["statement"]) if value != []]
    path, value = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from(outside(value)))
    for conclusion in ("proved", "refuted", "vacuous"):
        assert verdict(changed({**record, "conclusion": conclusion}, ("statement", *path), lambda _: other))


@pytest.mark.parametrize("name", honest())
def test_one_step_outside_the_grammar_is_rejected_wherever_it_is_taken(name):
    """Every value of every record, its proof and its landscapes included."""
    for path, other, broken in broken_copies(honest()[name], 80):
        assert verdict(broken), (path, other)


@pytest.mark.parametrize(
    ("picks", "good"), [([1, 0], True), ([0, 0], True), ([2, 0], False), ([0, 1], False), ([-1, 0], False)]
)
def test_one_relation_of_each_alternative_is_picked(picks, good):
    """Of two and of one: a pick beyond is named, and else what the proof lacks."""
    statement = {"for all": ["t"], "given": ["2*t == 1"], "then": [["t > 1", "t > 2"], ["t > 3"]]}
    proof = {"never": {"goal": 0, "by": [None, None]}, "picks": picks, "root": ["0", "1"]}
    assert ("picks" in verdict(about_points(statement, "refuted", proof))) == (not good)


@pytest.mark.parametrize(("goal", "good"), [(0, True), (1, False), (2, False), (-1, False)])
def test_what_never_holds_is_one_alternative(goal, good):
    """However many there were, those picked stand together."""
    statement = {"for all": ["t"], "given": ["2*t == 1"], "then": [["t > 1", "t > 2"], ["t > 3"]]}
    proof = {"never": {"goal": goal, "by": [None, None]}, "picks": [0, 0], "root": ["0", "1"]}
    assert ("never.goal" in verdict(about_points(statement, "refuted", proof))) == (not good)


@pytest.mark.parametrize("change", [[1, 0, -1], [0, 2, -1], [-1, 0, -1], [0, -1, -1]])
def test_a_passage_is_of_a_unit_and_an_example_that_are_there(change):
    """One unit and two examples, counted from 0."""
    assert verdict(once_across()) is None
    said = verdict(changed(once_across(), ("proof", "path", 1, 1, 0), change))
    assert "expected a unit and an example, from 0" in said or "whole number" in said, said


@pytest.mark.parametrize(
    ("first", "last", "concluded"),
    [
        ("0", "1/10", "proved"),
        ("0.0001", "0.0101", "proved"),
        ("0", "0.00005", "refuted"),
        ("0.5", "0.6", "refuted"),
        ("0.005", "1/10", None),
        ("0", "0.005", None),
        ("0.004", "0.005", None),
        ("0.0101", "1", None),
        ("0", "0.0001", None),
    ],
)
def test_an_event_is_concluded_only_where_its_enclosure_decides(first, last, concluded):
    """It happens between the times 0.0001 and 0.0101; what overlaps that in part proves and refutes nothing."""
    record = once_across([["events", "=", [["crossing", 0, [0, 1], first, last]]]])
    for conclusion in ("proved", "refuted"):
        accepted = verdict(changed(record, ("conclusion",), conclusion)) is None
        assert accepted == (conclusion == concluded), conclusion


# The parts of which every grammar is made


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "an object with 0 keys"),
        ({"a": 1}, "an object with 1 keys"),
        ([1, 2], "a list of 2"),
        (None, "null"),
        ("x", "'x'"),
        (True, "True"),
        ("y" * 80, "'" + "y" * 59),
    ],
)
def test_values_are_said_in_a_few_words(value, words):
    assert grammar.got(value) == words
    with rejects(f"here: expected a thing; got {words}"):
        grammar.refuse("here", "a thing", value)


def test_objects_have_their_fields():
    both = {"a": 1, "b": 2}
    assert grammar.fields(both, "here", ("a", "b")) == both
    assert grammar.fields(both, "here", ("a",), ("b", "c")) == both
    assert grammar.fields({}, "here", ()) == {}
    for value, needed, reason in (
        (both, ("a", "c"), "here: expected an object with the fields 'a', 'c'; got none called 'c'"),
        (both, ("a",), "here: expected an object with the fields 'a'; got one called 'b'"),
        (both, (), "here: expected an object with the fields (none); got one called 'a'"),
        ([], ("a",), "here: expected an object with the fields 'a'; got a list of 0"),
    ):
        with rejects(reason):
            grammar.fields(value, "here", needed)


def test_lists_have_their_lengths():
    assert grammar.listed([], "here") == []
    assert grammar.listed([1, 2], "here", 2) == [1, 2]
    assert grammar.listed([1, 2], "here", length=2) == [1, 2]
    for value, bounds, reason in (
        ("ab", {}, "here: expected a list (maybe empty); got 'ab'"),
        ((1,), {}, "here: expected a list (maybe empty); got"),
        ([1], {"least": 2}, "here: expected a list of at least 2; got a list of 1"),
        ([1], {"length": 2}, "here: expected a list of 2; got a list of 1"),
        ([1, 2, 3], {"length": 2}, "here: expected a list of 2; got a list of 3"),
        ([1], {"length": 0}, "here: expected a list of 0; got a list of 1"),
    ):
        with rejects(reason):
            grammar.listed(value, "here", **bounds)


def test_words_and_whole_numbers():
    assert grammar.word("a", "here", ("a", "b")) == "a"
    for value in ("c", 1, None, ["a"]):
        with rejects("here: expected one of 'a', 'b'; got"):
            grammar.word(value, "here", ("a", "b"))
    with rejects("here: expected one of 1"):
        grammar.word(1, "here", (1,))
    assert [grammar.whole(x, "here", -1, 2) for x in (-1, 0, 2)] == [-1, 0, 2]
    assert grammar.whole(-(10**9), "here") == -(10**9)
    for value in (-2, 3, True, 1.0, "1", None):
        with rejects("here: expected a whole number from -1 to 2; got"):
            grammar.whole(value, "here", -1, 2)
    with rejects("here: expected a whole number from 0; got -1"):
        grammar.whole(-1, "here", 0)
    with rejects("here: expected a whole number to 0; got 1"):
        grammar.whole(1, "here", high=0)
    assert grammar.wholes([1, -2], "here", 2, 1) == [1, -2]
    for value, reason in (
        ([1], "a list of 2"),
        ([1, True], "a list of whole numbers; got True"),
        ([1, 2.0], "a list of whole numbers"),
    ):
        with rejects(f"here: expected {reason}"):
            grammar.wholes(value, "here", 2)
    with rejects("here: expected a list of at least 1"):
        grammar.wholes([], "here", least=1)


def test_numbers_vectors_and_points():
    assert grammar.number("-3/4", "here") == Q(-3, 4)
    assert grammar.positive("1/9", "here") == Q(1, 9)
    for value in ("0", "-1/9"):
        with rejects("here: expected a number above 0; got"):
            grammar.positive(value, "here")
    with rejects("here: expected a number as text"):
        grammar.number(3, "here")
    assert grammar.vector(["1", "1/2"], "here", 2, 1) == [1, Q(1, 2)]
    with rejects("here[1]: expected a number as text"):
        grammar.vector(["1", 2], "here")
    with rejects("here: expected a list of 3"):
        grammar.vector(["1"], "here", 3)
    with rejects("here: expected a list of at least 1"):
        grammar.vector([], "here", least=1)
    assert grammar.point([["1", "2"], ["3", "4"]], "here", Shape(2, 2, 9)) == [[1, 2], [3, 4]]
    with rejects("here: expected a list of 2"):
        grammar.point([["1", "2"]], "here", Shape(2, 2, 9))
    with rejects("here[1]: expected a list of 2"):
        grammar.point([["1", "2"], ["3"]], "here", Shape(2, 2, 9))


def test_names():
    for good in ("x", "_", "L1", "a" * 80, "A_b9"):
        assert grammar.name(good, "here") == good
    for bad in ("", "1x", "x y", "x-", "a" * 81, "if", "None", "\u00e9", "x\n", 3, None):
        with rejects("here: expected a name of up to 80 of the characters A-Z a-z 0-9 _; got"):
            grammar.name(bad, "here")


def test_landscapes():
    good = data_of(["1 2", "0 1/2", "3 4"], ["1", "2", "3"], units=4, loss="mean")
    assert grammar.landscape(good, "here") == Shape(4, 3, 3)
    assert grammar.landscape({**good, "units": 1_000}, "here")[0] == 1_000
    for change, reason in (
        ({"units": 0}, "here.units: expected a whole number from 1 to 1000"),
        ({"units": 1_001}, "here.units: expected a whole number from 1 to 1000"),
        ({"slopes": {"-": "1", "+": "1"}}, "here.slopes: expected an object"),
        ({"slopes": {"-": "1", "0": 1, "+": "1"}}, "here.slopes['0']: expected a number as text"),
        ({"points": []}, "here.points: expected a list of at least 1"),
        ({"points": [[], [], []]}, "here.points[0]: expected a list of at least 1"),
        ({"points": [["1"], ["1", "2"], ["1"]]}, "here.points[1]: expected a list of 1"),
        ({"labels": ["1"]}, "here.labels: expected a list of 3"),
        ({"loss": "max"}, "here.loss: expected one of 'sum', 'mean'"),
        ({"more": 1}, "got one called 'more'"),
    ):
        with rejects(reason):
            grammar.landscape({**good, **change}, "here")
    assert grammar.landscapes({"L": good, "M": data_of(["1"], ["1"])}) == {"L": Shape(4, 3, 3), "M": Shape(1, 2, 1)}
    assert grammar.landscapes({}) == {}
    with rejects("landscapes: expected an object"):
        grammar.landscapes([])
    with rejects("landscapes: expected a name"):
        grammar.landscapes({"1": good})
    with rejects("landscapes.L.units"):
        grammar.landscapes({"L": {**good, "units": 0}})
    shapes = {"L": Shape(4, 3, 3)}
    assert grammar.known("L", "here", shapes) == Shape(4, 3, 3)
    for value in ("M", 3, ["L"]):
        with rejects("here: expected the name of a landscape of the record"):
            grammar.known(value, "here", shapes)


def test_nothing_is_said_twice_or_too_deep():
    grammar.distinct([1, "1", [1], True], "here")
    for twice in ([1, 2, 1], ["a", "a"], [["a"], ["a"]]):
        with rejects("here: expected nothing twice; got"):
            grammar.distinct(twice, "here")
    grammar.nested(40)
    with rejects("at most 40 statements in each other"):
        grammar.nested(41)
