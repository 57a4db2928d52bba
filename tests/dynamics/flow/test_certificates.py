"""Steps and passages of a certificate, against closed forms: one leaky unit that crosses its kink at a known time."""

from fractions import Fraction as Q
from math import log

import numpy as np
import pytest
from flint import arb
from forged_records import record_of, verdict
from scipy.linalg import expm
from slow_flow import mp, number

from stability import Dataset, StabilityError, landscape
from stability.dynamics.flow.certificates import Care, flowed, passages, search_certificate
from stability.dynamics.flow.face_flow import field_of
from stability.dynamics.flow.solve import followed

UP = landscape("leaky1/2:1", Dataset("up", [[0]], [1]))
"""With slope 1/2 left of 0 the bias obeys b' = 1 - b/2, from -1 as b = 2 - 3 exp(-t/2): it crosses 0 at 2 log(3/2)."""

CARE = Care(0.5, 100, 80)


def test_a_crossing_lies_between_its_two_times():
    found = search_certificate(followed(UP, [[Q(3), Q(-1)]]), CARE)
    ((kind, unit, example, before, after),) = found.events
    assert (kind, unit, example) == ("crossing", 0, 0)
    assert Q(before) < 2 * log(1.5) < Q(after) < Q(before) + Q(1, 100)
    assert (found.loss, found.signs) == (0, ["+"])
    assert [float(x) for x in found.target] == [3, 1]


def test_the_path_is_steps_and_one_passage_that_add_up():
    proof = search_certificate(followed(UP, [[Q(3), Q(-1)]]), CARE).proof
    assert (proof["bits"], proof["signs"]) == (80, ["-"])
    passed = [step for step in proof["path"] if isinstance(step, list)]
    assert [changes for _, changes in passed] == [[[0, 0, 1]]]
    k = proof["path"].index(passed[0])
    before = sum(Q(step) for step in proof["path"][:k])
    met = 2 * mp.log(mp.mpf(3) / 2)
    assert number(before) < met < number(before + Q(passed[0][0]))


@pytest.mark.parametrize("care", [CARE, Care(0.1, 1000, 120)])
def test_the_checker_accepts_what_is_shown(care):
    """The statement is written here, not by the finder: the end has loss 0, and its sign is +."""
    found = search_certificate(followed(UP, [[Q(3), Q(-1)]]), care)
    statement = {"flow on": "up", "from": [["3", "-1"]], "has": [["loss", "=", "0"], ["signs", "=", ["+"]]]}
    assert verdict(record_of("stability-flow/1", {"up": UP.to_record()}, statement, "proved", found.proof)) is None


def test_a_start_that_stays_in_its_cell_has_no_events():
    found = search_certificate(followed(UP, [[Q(0), Q(1, 2)]]), CARE)
    assert found.events == []
    assert found.target == [0, 1] or abs(found.target[1] - 1) <= found.distance


def test_a_passage_of_two_examples_at_one_point_names_both():
    twice = landscape("leaky1/2:1", Dataset("twice", [[0], [0]], [1, 1]))
    ((_, _, examples, before, after),) = search_certificate(followed(twice, [[Q(3), Q(-1)]]), CARE).events
    assert examples == [0, 1]
    assert Q(before) < log(1.5) < Q(after), "twice as fast"


def test_passages_are_those_of_the_faces():
    (passage,) = passages(followed(UP, [[Q(3), Q(-1)]]))
    assert passage.changes == [(0, 0, 1)]
    assert float(passage.time[0]) == pytest.approx(2 * log(1.5))


def test_sliding_begins_where_the_loss_rises_on_both_sides():
    """(|b| + 1)^2: from b = 1 the bias obeys b' = -2 (b + 1), reaches 0 at log(2)/2 and stays."""
    down = landscape("abs1", Dataset("down", [[0]], [-1]))
    found = search_certificate(followed(down, [[Q(3), Q(1)]]), CARE)
    ((kind, *_, before, after),) = found.events
    assert kind == "sliding begins"
    assert Q(before) < log(2) / 2 < Q(after)
    assert (found.loss, found.signs, found.target) == (1, ["0"], [3, 0])


def test_several_solutions_have_no_passages():
    split = landscape("abs1", Dataset("split", [[0]], [1]))
    with pytest.raises(StabilityError, match="Other solutions leave"):
        passages(followed(split, [[Q(0), Q(0)]]))


def test_a_trajectory_that_was_given_up_has_no_passages():
    with pytest.raises(StabilityError, match="not followed to its end: more than 1 events"):
        passages(followed(UP, [[Q(3), Q(-1)]], max_events=1))


@pytest.mark.parametrize("time", [Q(0), Q(1, 10), Q(3)])
def test_flowed_is_the_matrix_exponential(time):
    place = landscape("leaky1/2:2", "xor")
    motion = field_of(place, tuple(map(tuple, place.pattern([[Q(1), Q(1, 2), Q(1, 3)], [Q(-1), Q(2), Q(1, 5)]]))))
    matrix = np.array([[float(Q(int(x.p), int(x.q))) for x in row] for row in motion.matrix.tolist()])
    force = np.array([float(Q(int(x.p), int(x.q))) for x in motion.force])
    start = np.array([1, 0.5, 1 / 3, -1, 2, 0.2])
    whole = np.block([[-matrix, force[:, None]], [np.zeros((1, 7))]])
    wanted = (expm(whole * float(time)) @ [*start, 1])[:6]
    found = flowed(motion, [arb(x) for x in start.tolist()], time)
    assert [float(x) for x in found] == pytest.approx(wanted.tolist(), abs=1e-12)


def test_a_force_without_a_constant_part_ends_sliding():
    """The labels cancel in the force to one side of the kink, which is then proportional to the parameters."""
    place = landscape("leaky1/10:1", Dataset("odd", [[0], [2], [-2]], [-1, 0, 1]))
    found = search_certificate(followed(place, [[Q(-2, 3), Q(2, 3)]]), Care(0.5, 100, 96))
    assert [event[:3] for event in found.events] == [["sliding begins", 0, 0], ["sliding ends", 0, 0]]
    statement = {"flow on": "odd", "from": [["-2/3", "2/3"]], "has": [["events", "=", found.events]]}
    assert verdict(record_of("stability-flow/1", {"odd": place.to_record()}, statement, "proved", found.proof)) is None
