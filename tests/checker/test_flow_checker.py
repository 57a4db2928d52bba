"""The checker of trajectories is attacked: forged paths, ends and starts, and every field changed."""

import copy
import json
import subprocess
import sys
from fractions import Fraction as Q
from itertools import product
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import pytest
from changed_records import changed_flows
from checked_flows import STARTS, records
from flow_truth import conclusion
from forged_records import broken_copies
from hand_made import Shape, data_of, meter_of, rejects

from stability import landscape
from stability.checker import checker, flow_checker
from stability.dynamics.flow.statements import certify
from stability.model.datasets import Dataset

FOLDER = Path(checker.__file__).parent
FLOW = run_path(str(FOLDER / "flow_checker.py"))
"""The checker of trajectories, compiled once."""


def sealed(record):
    return {**record, "id": checker.digest({**record, "id": ""})}


def accepted(record):
    try:
        FLOW["check"](sealed(record))
    except FLOW["Rejected"]:
        return False
    return True


@pytest.mark.parametrize("name", [*STARTS, "refuted", "all"])
def test_the_honest_records_are_accepted_and_true(name):
    record = records()[name]
    assert accepted(record)
    assert conclusion(record["statement"], record["landscapes"]) == record["conclusion"]
    assert not accepted({**record, "conclusion": {"proved": "refuted", "refuted": "proved"}[record["conclusion"]]})


# One attack after the other


def attack(name, change):
    record = copy.deepcopy(records()[name])
    change(record)
    assert record != records()[name], "the attack changed nothing"
    assert not accepted(record)


def conditions(record):
    return {condition[0]: condition for condition in record["statement"]["has"]}


def passages(name):
    return [k for k, entry in enumerate(records()[name]["proof"]["path"]) if isinstance(entry, list)]


MOVING = ["slides", "crosses", "together"]


@pytest.mark.parametrize("name", MOVING)
def test_time_must_go_forward_and_fit(name):
    path = records()[name]["proof"]["path"]
    for k, entry in enumerate(path):
        old = entry if isinstance(entry, str) else entry[0]
        for new in ("0", str(-Q(old)), str(Q(old) * 10**6), str(Q(old) * 10**24), "9" * 5000, "1e3", "1/0", "", "x"):
            wanted = new if isinstance(entry, str) else [new, entry[1]]
            attack(name, lambda record, k=k, wanted=wanted: record["proof"]["path"].__setitem__(k, wanted))


@pytest.mark.parametrize("name", MOVING)
def test_a_passage_cannot_be_left_out_or_come_early(name):
    for k in passages(name):
        attack(name, lambda record, k=k: record["proof"]["path"].pop(k))
        attack(name, lambda record, k=k: record["proof"]["path"].pop(k - 1))
        attack(name, lambda record, k=k: record["proof"]["path"].insert(k, record["proof"]["path"][k]))

        def only_time(record, k=k):
            record["proof"]["path"][k] = record["proof"]["path"][k][0]

        attack(name, only_time)


@pytest.mark.parametrize("name", MOVING)
def test_a_passage_must_lead_where_the_flow_goes(name):
    for k in passages(name):
        for c, (_, _, s) in enumerate(records()[name]["proof"]["path"][k][1]):
            for other in {-1, 0, 1, 2, "0", None} - {s}:

                def turn(record, k=k, c=c, other=other):
                    record["proof"]["path"][k][1][c][2] = other

                attack(name, turn)
            for place_, value in product((0, 1), (-1, 0, 1, 2, 3, 7)):

                def elsewhere(record, k=k, c=c, place_=place_, value=value):
                    record["proof"]["path"][k][1][c][place_] = value

                if records()[name]["proof"]["path"][k][1][c][place_] != value:
                    attack(name, elsewhere)


@pytest.mark.parametrize("name", [*MOVING, "at once", "no bias", "from a kink"])
def test_another_cell_at_the_start_is_rejected(name):
    signs = records()[name]["proof"]["signs"]
    for j, row in enumerate(signs):
        for i, s in enumerate(row):
            for other in {"-", "0", "+", "?"} - {s}:
                forged = [*signs[:j], row[:i] + other + row[i + 1 :], *signs[j + 1 :]]
                attack(name, lambda record, forged=forged: record["proof"].__setitem__("signs", forged))


@pytest.mark.parametrize("name", STARTS)
def test_the_end_must_rest_and_last(name):
    proof = records()[name]["proof"]
    for k, x in enumerate(proof["target"]):
        for new in (str(Q(x) + Q(1, 10**20)), str(Q(x) + 1)):
            attack(name, lambda record, k=k, new=new: record["proof"]["target"].__setitem__(k, new))
    for k, chain in enumerate(proof["chains"]):
        attack(name, lambda record, k=k: record["proof"]["chains"].pop(k))
        if chain is None:
            continue
        rates, (own, *weights) = chain
        forged = [[rates, [str(Q(own) + 1), *weights]], [rates, [own, *weights, "0"]], [["1", *rates], [own, *weights]]]
        forged += [[rates, [own, *(str(-Q(w) - 1) for w in weights)]]] if weights else []
        for new in forged:
            attack(name, lambda record, k=k, new=new: record["proof"]["chains"].__setitem__(k, new))


def test_what_falls_for_ever_is_no_reason_to_be_far_away():
    """On this face each pre-activation needs its chain."""
    for name in ("at once", "no bias"):
        for k in range(len(records()[name]["proof"]["chains"])):
            attack(name, lambda record, k=k: record["proof"]["chains"].__setitem__(k, None))


@pytest.mark.parametrize("name", STARTS)
def test_a_nearer_limit_another_loss_and_other_signs_are_not_concluded(name):
    attack(name, lambda record: conditions(record)["loss"].__setitem__(2, str(Q(conditions(record)["loss"][2]) + 1)))
    attack(name, lambda record: conditions(record)["within"].__setitem__(1, "1/" + "1" + "0" * 60))

    def away(record):
        conditions(record)["within"][2][0][0] = str(Q(conditions(record)["within"][2][0][0]) + Q(1, 10**12))

    attack(name, away)
    signs = conditions(records()[name])["signs"][2]
    for other in {"-", "0", "+"} - {signs[0][0]}:
        forged = [other + signs[0][1:], *signs[1:]]
        attack(name, lambda record, forged=forged: conditions(record)["signs"].__setitem__(2, forged))


@pytest.mark.parametrize("name", MOVING)
def test_events_cannot_be_denied_invented_or_moved(name):
    for k in range(len(conditions(records()[name])["events"][2])):
        attack(name, lambda record, k=k: conditions(record)["events"][2].pop(k))
        for part, value in ((0, "touch"), (1, 5), (2, 9), (3, "1000"), (4, "0")):

            def lie(record, k=k, part=part, value=value):
                conditions(record)["events"][2][k][part] = value

            attack(name, lie)
    attack(name, lambda record: conditions(record)["events"][2].append(["crossing", 0, 0, "0", "9"]))


def test_a_start_elsewhere_needs_another_proof():
    for j, c in product(range(2), range(3)):
        for shift in (Q(1), Q(1, 10), Q(-1, 10**6)):

            def move(record, j=j, c=c, shift=shift):
                record["statement"]["from"][j][c] = str(Q(record["statement"]["from"][j][c]) + shift)

            attack("slides", move)


def test_a_proof_does_not_serve_other_data_or_another_loss():
    attack("slides", lambda record: record["landscapes"]["relu2"].__setitem__("loss", "mean"))
    attack("slides", lambda record: record["landscapes"]["relu2"]["labels"].__setitem__(0, "2"))
    attack("slides", lambda record: record["landscapes"]["relu2"]["points"].__setitem__(0, ["1", "-2"]))
    attack("slides", lambda record: record["landscapes"]["relu2"]["slopes"].__setitem__("-", "1/100"))
    attack("slides", lambda record: record["landscapes"]["relu2"].__setitem__("units", 1))
    attack("slides", lambda record: record["statement"].__setitem__("flow on", "other"))


@pytest.mark.parametrize("bits", [0, -1, 8, 20, 10**6, True, "96", None, 96.0])
def test_the_grid_must_be_fine_enough_and_no_joke(bits):
    record = copy.deepcopy(records()["slides"])
    record["proof"]["bits"] = bits
    assert not accepted(record)


def test_a_radius_cannot_be_given():
    """It is computed; whatever else stands in the proof changes nothing."""
    record = copy.deepcopy(records()["slides"])
    record["proof"]["radius"] = "0"
    conditions(record)["within"][1] = "1/1" + "0" * 40
    assert not accepted(record)


# What is not unique is not certified


def forged(land, start, signs, path, target, chains=()):
    """Return a record of these parts, which says nothing of the end."""
    width = land.parameters
    proof = {"bits": 96, "signs": signs, "path": path, "target": target, "shift": ["0"] * width, "chains": list(chains)}
    statement = {"flow on": "L", "from": start, "has": []}
    whole = {"format": "stability-flow/1", "id": "", "landscapes": {"L": land.to_record()}}
    return {**whole, "statement": statement, "conclusion": "proved", "proof": proof}


def test_a_start_on_a_ridge_leaves_to_no_side_and_does_not_stay():
    """|b| with label 1 at the start b = 0: down to 1, down to -1, or at rest."""
    land = landscape("abs1", Dataset("one", [[0]], [1]))
    for sign, end in (("+", "1"), ("-", "-1"), ("0", "0")):
        for chain in (None, [[], ["2"]], [[], ["0"]]):
            for path in ([], ["1/4"], ["1/4", "1/4"]):
                record = forged(land, [["0", "0"]], [sign], path, ["0", end], [chain] * (2 if sign == "0" else 1))
                assert not accepted(record), (sign, chain, path)
    assert accepted(forged(land, [["0", "1/2"]], ["+"], ["1/4"], ["0", "1"], [[[], ["2"]]]))


def test_a_unit_at_the_border_of_its_dead_cells_may_stay_or_leave():
    """max(0, b) with label 1 at b = 0: slope 0 rests, slope 1 leaves, and both are means of the slopes."""
    land = landscape("relu1", Dataset("one", [[0]], [1]))
    for sign, end in (("+", "1"), ("-", "0"), ("0", "0")):
        for chain, path in product((None, [[], ["2"]], [[], ["0"]]), ([], ["1/4"])):
            for count in (1, 2):
                assert not accepted(forged(land, [["0", "0"]], [sign], path, ["0", end], [chain] * count))


def test_a_start_at_the_origin_goes_to_the_line_of_least_squares():
    """All labels are positive and so are all gradients; the line through (0, 5), (1, 2), (4, 1) is by its equations."""
    land = landscape("leaky1/10:1", Dataset("falling", [[0], [1], [4]], [5, 2, 1]))
    slope, level = Q(3 * 6 - 5 * 8, 3 * 17 - 5 * 5), Q(17 * 8 - 5 * 6, 3 * 17 - 5 * 5)
    record = certify(land, [[0, 0]]).record
    assert [Q(x) for x in conditions(record)["within"][2][0]] == [slope, level]
    assert accepted(record)


def test_a_kink_is_not_passed_unseen():
    """|b| with label -1 falls to 0 in finite time and stays there; in the cell alone it would go on to -1."""
    land = landscape("abs1", Dataset("one", [[0]], [-1]))
    assert certify(land, [[0, "1/2"]]).conclusion == "proved"
    for path in (["1/8"], ["1/2"], ["1/16"] * 9, ["4"]):
        for end, chain in product(("0", "-1"), (None, [[], ["2"]], [[], ["0"]])):
            assert not accepted(forged(land, [["0", "1/2"]], ["+"], path, ["0", end], [chain]))


# Changes at random


@pytest.mark.parametrize("name", [*STARTS, "refuted", "all"])
def test_no_changed_record_that_is_accepted_concludes_anything_wrong(name):
    survivors = [other for other in changed_flows(name) if accepted(other)]
    for other in survivors:
        assert conclusion(other["statement"], other["landscapes"]) in (other["conclusion"], None), other
    assert len(survivors) < 45


@pytest.mark.parametrize("name", [*STARTS, "refuted", "all"])
def test_no_changed_record_of_another_form_is_accepted(name):
    for path, other, broken in broken_copies(records()[name], 20):
        assert not accepted(broken), (path, other)


@pytest.mark.parametrize("rows", [[[-3, 1, -2]] * 2, [[1, 0, -2]] * 2, [[2, -2, 2]] * 2])
def test_equal_units_cross_at_exactly_the_same_time_and_again(rows):
    """Where loss is not convex: several crossings of all units at once, in whichever order they are listed."""
    record = certify(landscape("leaky1/10:2", "xor"), rows).record
    assert accepted(record)
    events = conditions(record)["events"][2]
    times = {tuple(event[3:]) for event in events}
    assert 1 < len(times) < len(events)
    other = copy.deepcopy(record)
    conditions(other)["events"][2] = sorted(events, key=lambda event: (Q(event[3]), -event[1], str(event)))
    assert accepted(other)
    assert not accepted({**other, "conclusion": "refuted"})
    conditions(other)["events"][2] = events[::-1]
    assert not accepted(other)


def test_an_altered_record_is_rejected_by_its_fingerprint():
    record = copy.deepcopy(records()["slides"])
    conditions(record)["loss"][2] = "1"
    with pytest.raises(checker.Rejected, match="altered"):
        checker.check(record)


@pytest.mark.parametrize("script", ["checker.py", "flow_checker.py"])
def test_the_checkers_run_on_their_own(script, tmp_path):
    texts = {
        "good": json.dumps(records()["slides"]),
        "bad": json.dumps({**records()["slides"], "conclusion": "refuted"}),
        "cut": json.dumps(records()["slides"])[:-9],
        "deep": "[" * 100_000,
        "list": "[]",
        "none": "null",
        "format": json.dumps({**records()["slides"], "format": "flow"}),
    }

    def run(path):
        return subprocess.run(
            [sys.executable, "-I", FOLDER / script, path], capture_output=True, text=True, cwd=tmp_path, check=False
        )

    for name, text in texts.items():
        path = tmp_path / f"{name}.json"
        path.write_text(text)
        found = run(path)
        assert found.returncode == {"good": 0, "bad": 1, "deep": 1, "format": 1}.get(name, 2)
        assert not found.stderr
        assert name != "good" or "every solution of gradient flow on relu2" in found.stdout
    assert run(tmp_path / "missing.json").returncode == 2


def test_a_limit_is_within_a_distance_only_where_all_of_its_ball_is():
    """At a grid of 1/1024 the point (3, 4) is 5 + 1/1024 away at most, and a ball of 1/2 reaches from there."""
    tube, unit = SimpleNamespace(bits=10, target=[Q(0), Q(0)], near=Q(1, 2)), Q(1, 1024)
    far, close = 5 + unit + tube.near, 5 + unit - tube.near - 4 * unit
    tiny = Q(1, 10**9)
    found = [FLOW["within"](distance, [Q(3), Q(4)], tube) for distance in (far, far - tiny, close, close - tiny, Q(0))]
    assert found == [True, None, None, False, False]


# What an enclosure decides


def tube(loss="1/2", signs=("+0",), target=(0, 0), near=Q(1, 10), bits=20, events=()):
    """Return what is known of a trajectory."""
    return SimpleNamespace(
        loss=Q(loss), signs=list(signs), target=list(map(Q, target)), near=near, bits=bits, events=list(events)
    )


def passage(begin, end, *events, at_once=True):
    return SimpleNamespace(begin=Q(begin), end=Q(end), events=[list(event) for event in events], at_once=at_once)


@pytest.mark.parametrize(
    ("relation", "true_for"),
    [("=", "0"), ("!=", "-+"), ("<", "+"), ("<=", "0+"), (">", "-"), (">=", "0-")],
)
def test_a_loss_is_compared_exactly(relation, true_for):
    for sign, value in (("-", "1/3"), ("0", "0.5"), ("+", "2/3")):
        assert flow_checker.holds(["loss", relation, value], tube()) is (sign in true_for)


def test_signs_of_the_limit_are_compared():
    assert flow_checker.holds(["signs", "=", ["+0"]], tube()) is True
    assert flow_checker.holds(["signs", "=", ["++"]], tube()) is False
    assert flow_checker.holds(["signs", "=", ["+0", "+0"]], tube()) is False


@pytest.mark.parametrize(
    ("distance", "point", "within"),
    [
        ("6", "3 4", True),
        ("5.11", "3 4", True),
        ("5.1", "3 4", None),  # lengths are rounded up
        ("5.05", "3 4", None),
        ("4.95", "3 4", None),
        ("4.89", "3 4", False),
        ("1", "3 4", False),
        ("0.11", "0 0", True),
        ("0.09", "0 0", None),
        ("0", "0 0", None),
        ("1", "-3 0", False),
    ],
)
def test_a_limit_is_within_a_distance_of_a_point_or_not_or_that_is_open(distance, point, within):
    """The limit is at most 1/10 away from (0, 0)."""
    flat = [Q(x) for x in point.split()]
    assert flow_checker.within(Q(distance), flat, tube()) is within
    assert flow_checker.holds(["within", distance, [point.split()]], tube()) is within
    moved = [x + y for x, y in zip(flat, (Q(7), Q(-2)), strict=True)]
    assert flow_checker.within(Q(distance), moved, tube(target=(7, -2))) is within


CROSS, SLIDE = ("crossing", 0, 1), ("sliding begins", 1, [0, 2])


@pytest.mark.parametrize(
    ("first", "last", "timely"),
    [
        ("1", "2", True),
        ("0", "9", True),
        ("1", "1.5", None),
        ("1.5", "2", None),
        ("0", "1", None),
        ("2", "3", None),
        ("1.2", "1.3", None),
        ("0", "0.9", False),
        ("2.1", "3", False),
    ],
)
def test_a_time_is_enclosed_or_not_or_that_is_open(first, last, timely):
    assert flow_checker.timely([*CROSS, first, last], passage(1, 2, CROSS)) is timely
    assert flow_checker.happened([[*CROSS, first, last]], [passage(1, 2, CROSS)]) is timely


def test_events_happened_in_order_and_no_others():
    passages = [passage(1, 2, CROSS), passage(3, 4, SLIDE)]
    first, second = [*CROSS, "1", "2"], [*SLIDE, "3", "4"]
    happened = flow_checker.happened
    assert happened([first, second], passages) is True
    assert happened([second, first], passages) is False
    assert happened([first], passages) is False
    assert happened([first, second, second], passages) is False
    assert happened([first, first], passages) is False
    assert happened([[*CROSS[:2], 2, "1", "2"], second], passages) is False
    assert happened([first, [*SLIDE, "3", "3.5"]], passages) is None
    assert happened([[*CROSS, "1", "1.5"], [*SLIDE, "5", "6"]], passages) is False
    assert happened([], []) is True
    assert happened([], passages) is False
    assert happened([first], []) is False


def test_events_of_one_passage_are_in_any_order_if_they_happen_at_once():
    for at_once, either in ((True, True), (False, None)):
        passages = [passage(1, 2, CROSS, SLIDE, at_once=at_once)]
        first, second = [*CROSS, "1", "2"], [*SLIDE, "1", "2"]
        assert flow_checker.happened([first, second], passages) is either
        assert flow_checker.happened([second, first], passages) is either
        assert flow_checker.happened([first, [*SLIDE, "3", "4"]], passages) is False
        assert flow_checker.happened([first, first], passages) is False
        assert flow_checker.happened([first, [*SLIDE, "1", "1.5"]], passages) is None
    assert flow_checker.happened([[*CROSS, "1", "2"]], [passage(1, 2, CROSS, at_once=False)]) is True


def test_conditions_hold_together_or_one_fails_or_that_is_open():
    good, bad, unknown = ["loss", "=", "1/2"], ["loss", "=", "1"], ["within", "5.05", [["3", "4"]]]
    assert flow_checker.all_hold([], tube()) is True
    assert flow_checker.all_hold([good], tube()) is True
    assert flow_checker.all_hold([good, bad], tube()) is False
    assert flow_checker.all_hold([unknown, bad], tube()) is False
    for open_ in ([unknown], [good, unknown]):
        with rejects("not decided by the enclosure: within 5.05 of (3, 4)"):
            flow_checker.all_hold(open_, tube())
    assert flow_checker.all_hold([["events", "=", []]], tube()) is True


def test_statements_are_concluded_by_their_parts():
    """|b| = 1 on one point at 0: at rest where it starts, with b = 1 and loss 0."""
    data = data_of(["0"], ["1"])
    lands = {"L": flow_checker.faces.Landscape("L", data, meter_of())}
    proof = {"bits": 8, "signs": ["+"], "path": [], "target": ["0", "1"], "shift": ["0", "0"], "chains": [None]}
    true = {"flow on": "L", "from": [["0", "1"]], "has": [["loss", "=", "0"]]}
    false = {**true, "has": [["loss", ">", "0"]]}
    both = {"parts": [proof, proof]}
    truth = flow_checker.truth
    assert truth(true, proof, lands) == truth({"not": false}, proof, lands) == "proved"
    assert truth(false, proof, lands) == truth({"not": true}, proof, lands) == "refuted"
    assert truth({"all of": [true, true]}, both, lands) == "proved"
    for parts in ([true, false], [false, true], [false, false]):
        assert truth({"all of": parts}, both, lands) == "refuted"
    record = {"landscapes": {"L": data}, "statement": true, "conclusion": "proved", "proof": proof}
    words = flow_checker.conclude(record, {"L": Shape(1, 2, 1)}, meter_of())
    assert words.startswith("proved: every solution of gradient flow on L from (0, 1) ends at a stationary point, with")
    assert words.endswith("; " + lands["L"].words)
    with rejects("the conclusion is proved"):
        flow_checker.conclude({**record, "conclusion": "refuted"}, {"L": Shape(1, 2, 1)}, meter_of())
    with rejects("proof.bits"):
        flow_checker.conclude({**record, "proof": {**proof, "bits": 0}}, {"L": Shape(1, 2, 1)}, meter_of())
