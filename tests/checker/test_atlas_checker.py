"""The checker of atlases is attacked: false statements over honest proofs, forged proofs, and every field changed."""

import copy
import json
import subprocess
import sys
from fractions import Fraction as Q
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from changed_records import changed_sets
from checked_sets import ABS1, LINE, RELU1, records, statements
from forged_records import broken_copies
from hand_made import Shape, data_of, meter_of, rejects

from stability import landscape
from stability.checker import atlas_checker, checker
from stability.geometry.atlas.statements import AllAboutSets, complete_list, number_of_sets
from stability.logic.records import prove
from stability.model.datasets import Dataset
from stability.model.networks import Network
from stability.model.units import Unit

FOLDER = Path(checker.__file__).parent


def sealed(record):
    return {**record, "id": checker.digest({**record, "id": ""})}


def accepted(record):
    try:
        checker.check(sealed(record))
    except checker.Rejected:
        return False
    return True


def true(record):
    """Return whether the conclusion is right, by an atlas computed anew and a reading of its own."""
    statement = record["statement"]
    return _conclusion(statement, record["landscapes"]) == record["conclusion"]


def _conclusion(statement, lands):
    if "all of" in statement:
        found = [_conclusion(part, lands) for part in statement["all of"]]
        return next((c for c in ("refuted", "vacuous") if c in found), "proved")
    if "not" in statement:
        inner = _conclusion(statement["not"], lands)
        return {"proved": "refuted", "refuted": "proved"}.get(inner, inner)
    name = next(statement[key] for key in ("all sets of", "every set of", "sets of", "set of") if key in statement)
    atlas = _atlas(json.dumps(lands[name]))
    if "at" in statement:
        each = atlas.of(statement["at"])
        return "proved" if each is not None and _meets(each, statement["has"]) else "refuted"
    if "are" in statement:
        found = [atlas.of(each["witness"]) for each in statement["are"]]
        facts = all(
            each is not None
            and all(_value(each.stated()[key]) == _value(said[key]) for key in said if key != "witness")
            for each, said in zip(found, statement["are"], strict=True)
        )
        return "proved" if facts and len({id(each) for each in found}) == len(found) == len(atlas.sets) else "refuted"
    chosen = [each for each in atlas.sets if _meets(each, statement["with"])]
    if "number" in statement:
        relation, number = statement["number"]
        return "proved" if _compare(sum(each.orbit for each in chosen), relation, number) else "refuted"
    if not chosen:
        return "vacuous"
    return "proved" if all(_meets(each, statement["has"]) for each in chosen) else "refuted"


@cache
def _atlas(text):
    data = json.loads(text)
    slopes = data["slopes"]
    unit = Unit("any", Q(slopes["-"]), Q(slopes["+"]), Q(slopes["0"]))
    points = Dataset("any", data["points"], data["labels"])
    return landscape(Network(unit, data["units"]), points, data["loss"]).atlas()


def _meets(each, conditions):
    return all(_compare(getattr(each, name), relation, value) for name, relation, value in conditions)


def _compare(found, relation, value):
    if relation == "in":
        return any(_compare(found, "=", each) for each in value)
    found, value = _value(found), _value(value)
    return {
        "=": lambda: found == value,
        "!=": lambda: found != value,
        "<": lambda: found < value,
        "<=": lambda: found <= value,
        ">": lambda: found > value,
        ">=": lambda: found >= value,
    }[relation]()


def _value(x):
    if isinstance(x, list):
        return [_value(each) for each in x]
    try:
        return x if isinstance(x, bool) else Q(x)
    except ValueError:
        return x


@pytest.mark.parametrize("name", statements())
def test_the_honest_records_are_accepted_and_true(name):
    record = records()[name]
    assert accepted(record)
    assert true(record)


@pytest.mark.parametrize("name", statements())
def test_the_opposite_conclusion_is_rejected(name):
    for conclusion in {"proved", "refuted", "vacuous"} - {records()[name]["conclusion"]}:
        assert not accepted({**records()[name], "conclusion": conclusion})


def changed(name, change):
    record = copy.deepcopy(records()[name])
    change(record)
    return record


def proof(record, name="relu1"):
    return record["proof"][name]


def attack(name, change):
    record = changed(name, change)
    assert record != records()[name], "the attack changed nothing"
    assert not accepted(record)


def test_a_list_without_one_set_is_rejected():
    for k in range(len(records()["relu1"]["statement"]["are"])):
        attack("relu1", lambda record, k=k: record["statement"]["are"].pop(k))


def test_a_set_listed_twice_is_rejected():
    def double(record):
        record["statement"]["are"][1] = record["statement"]["are"][0]

    attack("relu1", double)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("kind", "saddle"),
        ("loss", "1/2"),
        ("dimension", 9),
        ("isolated", None),
        ("strict", None),
        ("faces", 77),
        ("directional", None),
        ("autograd_rests", None),
        ("autograd_faces", 99),
        ("smooth_faces", 99),
        ("orbit", 5),
        ("right", 0),
        ("correct", [False, False, False, False]),
        ("outputs", ["0", "0", "0", "1"]),
        ("witness", [["5", "5", "5"]]),
    ],
)
def test_a_false_attribute_is_rejected(attribute, value):
    def lie(record):
        first = record["statement"]["are"][0]
        first[attribute] = not first[attribute] if value is None else value

    attack("relu1", lie)


def test_a_branch_cannot_be_pruned_without_a_reason():
    def prune(record):
        tree = proof(record)["tree"]
        leaf = next(k for k, node in enumerate(tree) if node[0] == [-1] and len(node) > 1)
        tree[leaf] = [[-1]]

    attack("relu1", prune)


def test_a_forced_sign_needs_multipliers_that_add_up():
    reasons = [
        (k, r, reason)
        for k, node in enumerate(records()["relu1"]["proof"]["relu1"]["tree"])
        for r, reason in enumerate(node[1:], 1)
    ]
    for k, r, (i, sign, *rest) in reasons:
        for forged in ([i, -sign or 1, *rest], [i, sign, *rest[:-1], rest[-1] + 1]):
            attack("relu1", lambda record, k=k, r=r, forged=forged: proof(record)["tree"][k].__setitem__(r, forged))


def test_a_sign_cannot_be_forced_by_a_negative_multiplier_or_by_nothing():
    line = landscape("relu1", Dataset("two", [[0], [1]], [0, 1]))
    record = prove(complete_list(line.atlas())).record
    fake = copy.deepcopy(record)
    tree = fake["proof"]["relu1"]["tree"]
    assert [node[0] for node in tree].count([-1]) == len(tree) - 4
    # 0 * x_1 = 0: "example 1 is positive" out of no reason, so that two thirds of the faces are lost
    fake["proof"]["relu1"]["tree"] = [[[0]], *([[-1], [1, 1, 1, 0, -1]] for _ in range(3))]
    assert not accepted(fake)
    fake["proof"]["relu1"]["tree"] = [[[0]], *([[-1], [1, 1, 0]] for _ in range(3))]
    assert not accepted(fake)
    fake["proof"]["relu1"]["tree"] = [[[0]], *([[-1], [1, 1, 1]] for _ in range(3))]
    assert not accepted(fake)


def test_a_tree_that_is_cut_off_or_too_long_is_rejected():
    attack("relu1", lambda record: proof(record)["tree"].pop())
    attack("relu1", lambda record: proof(record)["tree"].append([[-1]]))


def test_rays_must_lie_on_their_faces():
    attack("relu1", lambda record: proof(record)["rays"].pop())
    attack("relu1", lambda record: proof(record)["rays"].reverse())
    attack("relu1", lambda record: proof(record)["rays"][0].append(0))

    def turn(record):
        proof(record)["rays"][0] = [-x for x in proof(record)["rays"][0]]

    attack("relu1", turn)


def entries(name, verdict, land="relu1"):
    return [k for k, fit in enumerate(records()[name]["proof"][land]["fits"]) if fit[1] == verdict]


def test_a_stationary_face_cannot_be_declared_outside():
    for k in entries("relu1", 1):
        names = records()["relu1"]["proof"]["relu1"]["fits"][k][0]
        for weights in ([1, *([1] * len(names))], [1, *([-1] * len(names))], [1, *([0] * len(names))]):
            forged = [names, 0, weights, [], []]
            attack("relu1", lambda record, k=k, forged=forged: proof(record)["fits"].__setitem__(k, forged))


def test_an_empty_face_cannot_be_declared_inside():
    for k in entries("relu1", 0):
        attack("relu1", lambda record, k=k: proof(record)["fits"][k].__setitem__(1, 1))
        attack("relu1", lambda record, k=k: proof(record)["fits"][k].__setitem__(1, 2))


def test_a_stationary_face_cannot_be_separated_away():
    directions = [[a, b, c] for a in (-1, 0, 1) for b in (-1, 0, 1) for c in (-1, 0, 1)]
    for k in entries("relu1", 1):
        for face in [entry[0] for entry in records()["relu1"]["proof"]["relu1"]["fits"][k][4]]:
            for d in directions:
                direction = [face, *d]
                attack("relu1", lambda record, k=k, direction=direction: proof(record)["fits"][k][3].append(direction))


def test_no_fit_no_balance_and_no_direction_can_be_left_out():
    fits = records()["abs1 on a line"]["proof"]["abs1"]["fits"]
    for k, (_, _, _, directions, balances) in enumerate(fits):
        attack("abs1 on a line", lambda record, k=k: proof(record, "abs1")["fits"].pop(k))
        for part, entries_ in ((3, directions), (4, balances)):
            for j in range(len(entries_)):
                attack(
                    "abs1 on a line", lambda record, k=k, j=j, part=part: proof(record, "abs1")["fits"][k][part].pop(j)
                )


def test_a_proof_does_not_serve_other_data_or_another_loss():
    attack("relu1", lambda record: record["landscapes"]["relu1"].__setitem__("loss", "mean"))
    attack("relu1", lambda record: record["landscapes"]["relu1"]["labels"].__setitem__(0, "2"))
    attack("relu1", lambda record: record["landscapes"]["relu1"]["points"].__setitem__(0, ["1", "-2"]))
    attack("relu1", lambda record: record["landscapes"]["relu1"]["slopes"].__setitem__("-", "1/100"))
    attack("relu1", lambda record: record["landscapes"]["relu1"]["slopes"].__setitem__("0", "1"))
    attack("relu1", lambda record: record["landscapes"]["relu1"].__setitem__("units", 2))


@pytest.mark.parametrize("name", statements())
def test_no_changed_record_that_is_accepted_concludes_anything_wrong(name):
    survivors = [other for other in changed_sets(name) if accepted(other)]
    for other in survivors:
        assert true(other), other["statement"]
    assert len(survivors) < 120


@pytest.mark.parametrize("name", statements())
def test_no_changed_record_of_another_form_is_accepted(name):
    for path, other, broken in broken_copies(records()[name], 20):
        assert not accepted(broken), (path, other)


def test_an_altered_record_is_rejected_by_its_fingerprint():
    record = copy.deepcopy(records()["relu1"])
    record["statement"]["are"][0]["witness"] = [["1", "0", "0"]]
    with pytest.raises(checker.Rejected, match="altered"):
        checker.check(record)


@pytest.mark.parametrize("script", ["checker.py", "atlas_checker.py"])
def test_the_checkers_run_on_their_own(script, tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(records()["every"]))
    bad.write_text(json.dumps({**records()["every"], "conclusion": "refuted"}))

    def run(path):
        return subprocess.run(
            [sys.executable, "-I", FOLDER / script, path], capture_output=True, text=True, cwd=tmp_path, check=False
        )

    assert run(good).returncode == 0
    assert "every stationary set" in run(good).stdout
    assert run(bad).returncode == 1
    assert run(tmp_path / "none.json").returncode == 2


def test_two_landscapes_need_two_names():
    from stability.errors import CertificateError

    two = [number_of_sets(ABS1, [], ">", 0), number_of_sets(landscape("abs1", "xor"), [], "=", 9)]
    with pytest.raises(CertificateError, match="Two landscapes are called abs1"):
        AllAboutSets(two)
    named = number_of_sets(landscape("abs1", "xor"), [], "=", 9, name="other")
    assert prove(AllAboutSets([two[0], named])).conclusion == "proved"


def test_atlas_statements_do_not_mix_with_others():
    from stability.errors import CertificateError
    from stability.logic.statements import ForAll

    with pytest.raises(CertificateError, match="AllOf"):
        AllAboutSets([number_of_sets(RELU1, [], ">", 0), ForAll("x", [], ["x == x"])])


@pytest.mark.parametrize("size", [5, 60])
@pytest.mark.parametrize("data", ["parity:3", LINE], ids=str)
def test_a_search_in_many_shares_is_certified_too(size, data, monkeypatch):
    """Shares may meet the same outputs by different rays."""
    from stability.geometry.atlas import atlas as module

    monkeypatch.setattr(module, "CHOICES_PER_PART", size)
    assert accepted(landscape("relu1", data).atlas().record())


# What is true of sets that are known


LOW = {"kind": "global minimum", "loss": Q(0), "orbit": 2, "strict": True, "right": 2, "outputs": [Q(0), Q(1)]}
LOW |= {"correct": [True, True], "correct of class 0": 1}
HIGH = {"kind": "saddle", "loss": Q(3, 2), "orbit": 1, "strict": False, "right": 1, "outputs": [Q(1), Q(1)]}
HIGH |= {"correct": [False, True], "correct of class 0": 0}
PLACES = {"low": LOW, "high": HIGH}


def known(*sets):
    """Return an atlas of these sets, the points of which bear their names."""
    found = SimpleNamespace(sets=list(sets))
    found.locate = lambda point: next((s for name, s in PLACES.items() if name == point and s in sets), None)
    return found


BOTH = {"L": known(LOW, HIGH)}


def truth(statement, atlases=BOTH):
    return atlas_checker.truth(statement, atlases)


@pytest.mark.parametrize(
    ("relation", "true_for"),
    [("=", "0"), ("!=", "-+"), ("<", "-"), ("<=", "0-"), (">", "+"), (">=", "0+")],
)
def test_attributes_are_compared_exactly(relation, true_for):
    for sign, found in (("-", Q(1, 3)), ("0", Q(1, 2)), ("+", Q(2, 3))):
        assert atlas_checker.satisfied(found, ["loss", relation, "0.5"]) is (sign in true_for)
        assert atlas_checker.holds({"loss": found}, [["loss", relation, "1/2"]]) is (sign in true_for)


def test_conditions_hold_together():
    assert atlas_checker.satisfied(Q(1, 2), ["loss", "in", [1, "1/2"]])
    assert not atlas_checker.satisfied(Q(1, 3), ["loss", "in", [1, "1/2"]])
    assert atlas_checker.holds(LOW, [])
    assert atlas_checker.holds(LOW, [["loss", "=", 0], ["strict", "=", True]])
    assert not atlas_checker.holds(LOW, [["loss", "=", 0], ["strict", "=", False]])
    assert atlas_checker.holds(LOW, [["kind", "in", ["saddle", "global minimum"]]])


def test_how_many_are_right_has_a_meaning_for_two_labels():
    asked, other = [["right", "=", 2]], [["loss", "=", 0]]
    atlas_checker.meaningful(known(LOW), asked, other)
    several = known({**LOW, "right": None})
    atlas_checker.meaningful(several, other, [])
    for conditions in ((asked,), (other, asked), ([*other, *asked],)):
        with rejects("right has no meaning here: there are not two labels"):
            atlas_checker.meaningful(several, *conditions)
    for statement in (
        {"every set of": "L", "with": asked, "has": other},
        {"every set of": "L", "with": other, "has": asked},
        {"sets of": "L", "with": asked, "number": [">", 0]},
        {"set of": "L", "at": "low", "has": asked},
        {"all sets of": "L", "are": [{"witness": "low", "right": 2}]},
        {"all sets of": "L", "are": [{"witness": "high"}, {"witness": "low", "right": 2}]},  # too many, but no sentence
    ):
        with rejects("right has no meaning here"):
            truth(statement, {"L": several})


@pytest.mark.parametrize("name", ["correct", "correct of class 0"])
def test_which_are_correct_has_a_meaning_for_two_labels_and_for_one_of_them(name):
    with rejects(f"{name} has no meaning here: there are not two labels"):
        atlas_checker.meaningful(known({**LOW, "right": None}), [[name, "=", 1]])
    with rejects("correct of class 7 has no meaning here: there is no such label"):
        atlas_checker.meaningful(known(LOW), [["correct of class 7", "=", 1]])


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        (["outputs", "=", ["0", "1"]], 2),
        (["outputs", "=", ["0.0", "2/2"]], 2),
        (["outputs", "!=", ["0", "1"]], 1),
        (["outputs", "=", ["1", "0"]], 0),
        (["correct", "=", [True, True]], 2),
        (["correct", "!=", [True, True]], 1),
        (["correct of class 0", "=", 0], 1),
        (["correct of class 0", ">=", 0], 3),
    ],
)
def test_sets_are_counted_by_what_they_put_out(condition, count):
    assert truth({"sets of": "L", "with": [condition], "number": ["=", count]}) == "proved"
    assert truth({"sets of": "L", "with": [condition], "number": ["=", count + 1]}) == "refuted"


@pytest.mark.parametrize(
    ("given", "wanted", "verdict"),
    [
        ([], [["loss", "<", 2]], "proved"),
        ([], [["loss", "<", 1]], "refuted"),
        ([["strict", "=", True]], [["loss", "=", 0]], "proved"),
        ([["strict", "=", False]], [["loss", "=", 0]], "refuted"),
        ([["loss", ">", 2]], [["loss", "=", 0]], "vacuous"),
    ],
)
def test_every_set(given, wanted, verdict):
    statement = {"every set of": "L", "with": given, "has": wanted}
    assert truth(statement) == verdict
    assert truth({"not": statement}) == {"proved": "refuted", "refuted": "proved"}.get(verdict, "vacuous")
    assert truth({"not": {"not": statement}}) == verdict


@pytest.mark.parametrize(
    ("given", "number", "verdict"),
    [
        ([], ["=", 3], "proved"),  # the first counts twice
        ([], ["=", 2], "refuted"),
        ([["strict", "=", True]], ["=", 2], "proved"),
        ([["strict", "=", False]], [">=", 1], "proved"),
        ([["loss", ">", 2]], ["=", 0], "proved"),
        ([["loss", ">", 2]], [">", 0], "refuted"),
    ],
)
def test_the_number_of_sets(given, number, verdict):
    assert truth({"sets of": "L", "with": given, "number": number}) == verdict


@pytest.mark.parametrize(
    ("point", "wanted", "verdict"),
    [
        ("low", [], "proved"),
        ("low", [["loss", "=", 0]], "proved"),
        ("low", [["loss", "=", 1]], "refuted"),
        ("nowhere", [], "refuted"),
    ],
)
def test_the_set_of_a_point(point, wanted, verdict):
    assert truth({"set of": "L", "at": point, "has": wanted}) == verdict


@pytest.mark.parametrize(
    ("sets", "verdict"),
    [
        ([{"witness": "low", "loss": 0}, {"witness": "high", "kind": "saddle"}], "proved"),
        ([{"witness": "high", "loss": "3/2"}, {"witness": "low", "outputs": ["0", "1"]}], "proved"),
        ([{"witness": "low", "loss": 0}], "refuted"),
        ([{"witness": "low"}, {"witness": "low"}], "refuted"),
        ([{"witness": "low"}, {"witness": "nowhere"}], "refuted"),
        ([{"witness": "low", "loss": 1}, {"witness": "high"}], "refuted"),
        ([{"witness": "low"}, {"witness": "high", "strict": True}], "refuted"),
        ([{"witness": "low", "outputs": ["1", "0"]}, {"witness": "high"}], "refuted"),
        ([{"witness": "low", "outputs": ["0"]}, {"witness": "high"}], "refuted"),
        ([{"witness": "low"}, {"witness": "high"}, {"witness": "nowhere"}], "refuted"),
    ],
)
def test_all_sets(sets, verdict):
    assert truth({"all sets of": "L", "are": sets}) == verdict


def test_several_statements_at_once():
    every = {"every set of": "L", "with": [], "has": [["loss", "<", 2]]}
    nothing = {**every, "with": [["loss", ">", 2]]}
    false = {**every, "has": [["loss", "<", 1]]}
    assert truth({"all of": [every, every]}) == "proved"
    assert truth({"all of": [every, nothing]}) == "vacuous"
    assert truth({"all of": [nothing, false]}) == truth({"all of": [false, nothing]}) == "refuted"
    assert truth({"all of": [every, {"not": every}]}) == "refuted"


def test_what_a_record_about_sets_concludes_is_said():
    """|b| = 1 at the point 0: two minima and the maximum between them."""
    fits = [
        [[], 1, [1], [], [[1, [0, 1], [2, 1]]]],
        [[0], 1, [1, 1], [], [[0, [0, 1]], [2, [2, 1]]]],
    ]
    proof = {"L": {"tree": [[[0]], [[-1]], [[-1]], [[-1]]], "rays": [[0, -1], [0, 1]], "fits": fits}}
    record = {
        "landscapes": {"L": data_of(["0"], ["1"])},
        "statement": {"sets of": "L", "with": [["loss", "=", 0]], "number": ["=", 2]},
        "conclusion": "proved",
        "proof": proof,
    }
    shapes = {"L": Shape(1, 2, 1)}
    assert atlas_checker.conclude(record, shapes, meter_of()) == (
        "proved: the number of stationary sets of L with loss = 0 is = 2; "
        "L is the sum of squared errors of 1 unit(s) with slopes -1 and 1 (at 0: 0) on (0): 1"
    )
    with rejects("the conclusion is proved"):
        atlas_checker.conclude({**record, "conclusion": "refuted"}, shapes, meter_of())
    with rejects("got none called 'L'"):
        atlas_checker.conclude({**record, "proof": {}}, shapes, meter_of())
    with rejects("statement: expected a statement"):
        atlas_checker.conclude({**record, "statement": {}}, shapes, meter_of())
