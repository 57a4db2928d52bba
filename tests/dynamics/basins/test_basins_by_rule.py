"""Basins under update rules: torch, the exact maps and the flow say the same; what does not arrive is counted."""

import sys
from fractions import Fraction

import numpy as np
import pytest
import torch

from stability import landscape
from stability.dynamics.basins.attribution import DIVERGED, UNEXPLAINED
from stability.dynamics.basins.basins import basins
from stability.dynamics.flow.batch import flow_limits
from stability.dynamics.maps.iterate import follow, orbit, rule_ends
from stability.dynamics.maps.settling import motions
from stability.errors import DataError, NumberError, StabilityError, UnknownNameError
from stability.geometry.stationary.distances import nearness
from stability.initialisation.sampling import starts
from stability.model.datasets import Dataset
from stability.model.float_loss import gradients, inwards
from stability.model.update_rules import update_rule
from stability.training.ensembles.autograd_problem import Problem
from stability.training.ensembles.reference_descent import descend

LAW = "normal:0.5:0.5"
ABS1, RELU2 = landscape("abs1", "xor"), landscape("relu2", "xor")
TORCH = {
    "gd": (torch.optim.SGD, {"step": "1/20"}, {"lr": 0.05}),
    "heavy-ball": (torch.optim.SGD, {"step": "1/50", "momentum": "4/5"}, {"lr": 0.02, "momentum": 0.8}),
    "nesterov": (
        torch.optim.SGD,
        {"step": "1/50", "momentum": "9/10"},
        {"lr": 0.02, "momentum": 0.9, "nesterov": True},
    ),
    "adam": (
        torch.optim.Adam,
        {"step": "1/25", "beta1": "4/5", "beta2": "999/1000"},
        {"lr": 0.04, "betas": (0.8, 0.999)},
    ),
}


@pytest.fixture(autouse=True)
def _one_thread():
    """Steps this small are slower in several threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def by_torch(place, begin, name, steps):
    """Return the points that torch.optim visits from starts, as an array of shape (steps + 1, starts, units, d + 1)."""
    optimiser, _, settings = TORCH[name]
    p = torch.tensor(begin, dtype=torch.float64, requires_grad=True)
    moves, problem, points = optimiser([p], **settings), Problem(place, "cpu"), [begin]
    for _ in range(steps):
        p.grad = problem.evaluate(p)[2]
        moves.step()
        points.append(p.detach().numpy().copy())
    return np.array(points)


@pytest.mark.parametrize("name", list(TORCH))
@pytest.mark.parametrize(
    "place", [ABS1, RELU2, landscape("leaky1/100:2", "xor", "mean"), landscape("relu1", "moons:9:1")], ids=repr
)
def test_orbits_are_those_of_torch(place, name):
    update, begin = update_rule(name, **TORCH[name][1]), starts(place, LAW, 20, seed=6)
    theirs = by_torch(place, begin, name, 60)
    for k, start in enumerate(begin[:3]):
        assert orbit(place, update, start, 60) == pytest.approx(theirs[:, k], abs=1e-9)
    runs = follow(place, update, begin, 40)
    assert runs.points == pytest.approx(theirs[runs.steps, range(20)], abs=1e-9)


def test_a_tiny_step_has_the_basins_of_the_flow():
    begin = starts(RELU2, LAW, 400, seed=1)
    found = rule_ends(RELU2, begin, update_rule("gd", step="1/200"))
    assert (found.sets == flow_limits(RELU2, begin).sets).mean() > 0.99
    flow, small = (RELU2.basins(LAW, 400, 1, each) for each in (None, update_rule("gd", step="1/200")))
    assert [each.set.index for each in flow.shares] == [each.set.index for each in small.shares]
    assert max(abs(a.count - b.count) for a, b in zip(flow.shares, small.shares, strict=True)) <= 3
    assert (flow.rule, flow.steps) == ("flow", None)
    assert (small.rule, small.steps, small.diverged, small.unexplained) == ("gd (step 1/200)", 10_000, 0, 0)


@pytest.mark.parametrize("step", ["1/20", "1/5", "6/25"])
def test_descent_ends_where_torch_descends_to(step):
    begin = starts(ABS1, LAW, 60, seed=7)
    mine = rule_ends(ABS1, begin, update_rule("gd", step=step)).sets
    end = descend(ABS1, begin, step=float(Fraction(step)), epochs=400, device="cpu")
    for k, point in enumerate(end.points):
        exact = [[Fraction(x).limit_denominator(12) for x in row] for row in point]
        assert np.abs(np.array(exact, dtype=float) - point).max() < 1e-6
        assert ABS1.atlas().of(exact).index == mine[k]


@pytest.mark.parametrize("name", ["heavy-ball", "nesterov", "adam"])
def test_other_rules_end_where_torch_takes_them(name):
    begin = starts(ABS1, LAW, 50, seed=9)
    mine = rule_ends(ABS1, begin, update_rule(name, **TORCH[name][1])).sets
    for last, set_ in zip(by_torch(ABS1, begin, name, 600)[-1], mine, strict=True):
        exact = [[Fraction(x).limit_denominator(12) for x in row] for row in last]
        assert ABS1.atlas().of(exact).index == set_


def test_too_large_a_step_diverges():
    found = ABS1.basins(LAW, 200, rule=update_rule("gd", step="1/2"))
    assert (found.diverged, found.unexplained, found.undecided, found.shares) == (200, 0, 0, [])
    assert found.to_json()["diverged"] == 200
    mixed = ABS1.basins("normal:1:1", 200, rule=update_rule("heavy-ball", step="1/2", momentum="1/2"))
    assert mixed.diverged + mixed.unexplained + sum(each.count for each in mixed.shares) == 200


def test_cycles_are_unexplained():
    """At step 1/4 gradient descent maps p to -p around every minimum of abs1, whose eigenvalues are 8."""
    found = ABS1.basins(LAW, 100, rule=update_rule("gd", step="1/4"), max_steps=2000)
    assert (found.unexplained, found.undecided, found.diverged) == (100, 100, 0)
    assert not any(each.count for each in found.shares)
    assert {each.reason for each in found.unsettled} <= {"cycle of period 2", "cycle of period 2 across kinks"}
    begin = np.array([[[0.5, -0.5, 0.01]]])
    points = orbit(ABS1, update_rule("gd", step="1/4"), begin[0], 4)
    assert points[2:] == pytest.approx(points[:3], abs=1e-12), "a cycle of period 2, next to a minimum"
    assert rule_ends(ABS1, begin, update_rule("gd", step="1/4"), 50).sets.tolist() == [UNEXPLAINED]
    assert rule_ends(ABS1, begin, update_rule("gd", step="1/5"), 500).sets.tolist() == [0]
    assert (rule_ends(ABS1, starts(ABS1, LAW, 9, 0), update_rule("sign", step="1/100"), 500).sets == UNEXPLAINED).all()


def test_what_has_no_time_to_rest_is_unexplained():
    few, many = (
        ABS1.basins(LAW, 50, rule=update_rule("heavy-ball", step="1/100"), max_steps=steps) for steps in (20, 2000)
    )
    assert (few.unexplained, many.unexplained) == (50, 0)
    assert few.to_json()["undecided"] == 50


def test_a_momentum_carries_over_a_dead_region():
    """A velocity that has not died down keeps a run from resting where the gradient is 0."""
    place = landscape("relu1", "xor")
    update = update_rule("heavy-ball", step="1/10", momentum="9/10")
    begin = starts(place, LAW, 300, 2)
    runs = follow(place, update, begin)
    assert runs.resting.all()
    dead = [k for k in range(300) if runs.steps[k] and not gradients(place, runs.points[k]).any()]
    assert len(dead) > 3
    for k in dead:
        path = orbit(place, update, begin[k], int(runs.steps[k]))
        first = next(t for t, point in enumerate(path) if not gradients(place, point).any())
        assert np.abs(path[-1] - path[first]).max() > 1e-3, "it went on after the gradient was 0"
        assert np.abs(path[-1] - path[-2]).max() < 1e-8


@pytest.mark.parametrize("update", [update_rule("gd", step="6/25"), update_rule("adam", step="1/20")], ids=str)
def test_runs_depend_on_no_chunk_and_on_no_other_run(update, monkeypatch):
    whole = RELU2.basins(LAW, 300, 4, update, 800).to_json()
    monkeypatch.setattr(sys.modules["stability.dynamics.basins.basins"], "CHUNK", 37)
    assert {**RELU2.basins(LAW, 300, 4, update, 800).to_json(), "followed_exactly": 0} == {
        **whole,
        "followed_exactly": 0,
    }
    begin = starts(RELU2, LAW, 60, 4)
    runs, order = follow(RELU2, update, begin, 800), np.random.default_rng(0).permutation(60)
    again = follow(RELU2, update, begin[order], 800)
    assert np.array_equal(again.points, runs.points[order]), "bit for bit"
    assert np.array_equal(follow(RELU2, update, begin[7:8], 800).points[0], runs.points[7])
    assert RELU2.basins(LAW, 300, 5, update, 800).to_json()["sets"] != whole["sets"]


def test_json_keeps_its_keys():
    found = ABS1.basins(LAW, 60, 3, update_rule("nesterov", step="1/20")).to_json()
    agreed = {"model", "data", "loss_kind", "law", "samples", "seed", "undecided", "sets"}
    assert agreed | {"rule", "steps", "diverged", "unexplained"} <= set(found)
    assert {"loss", "kind", "share", "low", "high", "witness"} <= set(found["sets"][0])
    assert found["rule"] == "nesterov (step 1/20, momentum 9/10)"
    assert sum(each["count"] for each in found["sets"]) + found["undecided"] + found["diverged"] == 60


def test_points_that_coincide_and_other_data():
    twice = Dataset("twice", [[0, 0], [1, 1], [2, 2], [1, 1]], [0, 1, 0, 0])
    for place in (landscape("relu2", twice), landscape("abs2", twice, "mean"), landscape("relu1", "moons:6:1")):
        found = place.basins("uniform:1", 60, rule=update_rule("gd", step="1/100"), max_steps=4000)
        assert sum(each.count for each in found.shares) + found.undecided + found.diverged == 60
        assert sum(each.count for each in found.shares) > 30


@pytest.mark.parametrize("law", ["normal:0", "normal:0:0"])
@pytest.mark.parametrize("update", [None, update_rule("gd", step="1/10")], ids=str)
def test_a_law_that_gives_one_point_is_refused(law, update):
    with pytest.raises(NumberError, match=r"spreads.*same point") as report:
        ABS1.basins(law, 10, rule=update)
    assert report.value.remedy
    assert starts(ABS1, "normal:0:0", 2, 0).shape == (2, 1, 3), "training may start there"


@pytest.mark.parametrize("law", ["normal:0.5", "normal:0:1", "uniform:0:1"])
def test_laws_with_biases_or_weights_of_0_are_allowed(law):
    assert basins(ABS1, law, 20, rule=update_rule("gd", step="1/10")).samples == 20


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"rule": "gd"}, "Expected an update rule; got the str 'gd'"),
        ({"rule": 0.1}, "update rule"),
        ({"rule": update_rule("gd", step="1/10"), "max_steps": 0}, "at least one step; got 0"),
        ({"rule": update_rule("gd", step="1/10"), "max_steps": -1}, "at least one step"),
        ({"max_steps": 10}, "takes no steps; got 10"),
        ({"law": "gauss:1"}, "an initialisation"),
        ({"samples": 0}, "at least one start"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_makes_no_sense_is_reported(wrong, words):
    with pytest.raises((StabilityError, UnknownNameError), match=words) as report:
        ABS1.basins(**{"law": LAW, "samples": 10, **wrong})
    assert report.value.remedy


def test_a_start_that_is_not_finite_diverges_at_once():
    runs = follow(ABS1, update_rule("gd", step="1/10"), np.array([[[np.nan, 0, 0]], [[1e200, 0, 0]]]), 5)
    assert (runs.diverged.tolist(), runs.steps.tolist()) == ([True, True], [0, 0])
    assert rule_ends(ABS1, np.array([[[np.inf, 0, 0]]]), update_rule("gd", step="1/10")).sets.tolist() == [DIVERGED]


@pytest.mark.parametrize("step", ["1/100", "1/200"])
def test_chattering_about_a_kink_is_explained_with_a_distance_in_proportion_to_the_step(step):
    """The global minimum of abs1 on a label below 0 is a kink, where torch's gradient jumps by 2 on the way across."""
    place = landscape("abs1", Dataset("low", [[0], [1]], [-1, -1]))
    found = place_basins(place, update_rule("gd", step=step))
    assert found.unexplained + sum(each.count for each in found.shares) == 200
    distances = [each.largest for each in found.unsettled if each.set.index == 0]
    assert distances
    assert 0.1 * float(Fraction(step)) < max(distances) < 8 * float(Fraction(step))


def place_basins(place, update):
    return basins(place, LAW, 200, rule=update, max_steps=4000)


def test_halving_the_step_halves_the_distance():
    place = landscape("abs1", Dataset("low", [[0], [1]], [-1, -1]))
    medians = [
        max(each.median for each in place_basins(place, update_rule("gd", step=step)).unsettled)
        for step in ("1/50", "1/100")
    ]
    assert medians[1] == pytest.approx(medians[0] / 2, rel=0.2)


def test_what_lacks_time_is_beyond_the_budget_and_what_rests_off_the_flow_says_so():
    few = ABS1.basins(LAW, 60, 1, update_rule("gd", step="1/100"), 20)
    assert {each.reason for each in few.unsettled} == {"beyond the budget"}
    place = landscape("abs1", Dataset("constant", [[0]], [1]))
    resting = rule_motions(place, np.zeros((1, 1, 2)))
    assert [resting.words(0), resting.distances[0]] == ["at rest, where the flow leads on", pytest.approx(0, abs=1e-9)]


def rule_motions(place, points):
    update = update_rule("gd", step="1/10")
    return motions(place, update, update.start(inwards(points)), np.ones(len(points), dtype=bool))


def test_reasons_and_shares_within_a_tolerance_add_up():
    found = ABS1.basins(LAW, 100, 3, update_rule("sign", step="1/100"), 500)
    assert sum(each.count for each in found.unsettled) == found.unexplained == 100
    assert sum(each.near for each in found.shares) == sum(each.near for each in found.unsettled) == 100
    report = found.to_json()
    assert report["within"] == 0.05
    assert {"reason", "set", "count", "within", "distance_largest"} <= set(report["at_no_set"][0])
    close = basins(ABS1, LAW, 100, 3, rule=update_rule("sign", step="1/100"), max_steps=500, within=1e-4)
    assert not close.shares
    assert [each.count for each in close.unsettled] == [each.count for each in found.unsettled]
    with pytest.raises(StabilityError, match="tolerance above 0"):
        basins(ABS1, LAW, 10, within=0)


def dykstra(points, rows, most, equal, rounds=4000):
    """Return the distances of points to where rows p <= most, some with equality, by alternating projections."""
    p, shifts = points.copy(), np.zeros((len(rows), *points.shape))
    for _ in range(rounds):
        for k, row in enumerate(rows):
            moved = p + shifts[k]
            excess = (moved @ row - most[k]) / (row @ row)
            p = moved - (excess if equal[k] else np.maximum(excess, 0))[:, None] * row
            shifts[k] = moved - p
    return np.linalg.norm(p - points, axis=1)


def test_distances_to_flat_sets_are_those_of_alternating_projections():
    """The sets of one ReLU on XOR: three points, two planes on which one example is right, and the dead cone."""
    place = landscape("relu1", "xor")
    rows, points = np.array(place.rows, dtype=float), np.random.default_rng(4).normal(size=(25, 1, 3))
    sets, distances = nearness(place).nearest(points)
    single = [[0, 0, 0.5], [1 / 6, -1 / 6, 1 / 3], [-1 / 6, 1 / 6, 1 / 3]]
    columns = [np.linalg.norm(points[:, 0] - s, axis=1) for s in single]
    for one in (0, 1, None):
        most = np.array([float(i == one) for i in range(4)])
        columns.append(dykstra(points[:, 0], rows, most, most == 1))
    for expected, k, distance in zip(np.transpose(columns), sets, distances, strict=True):
        assert distance == pytest.approx(min(expected), abs=1e-5)
        assert k in ({0}, {3, 4}, {3, 4}, {1, 2}, {1, 2}, {5, 6, 7, 8})[int(np.argmin(expected))]


def test_data_beyond_floats_are_refused_by_rules_and_overflow_is_divergence(recwarn):
    beyond = landscape("abs1", Dataset("beyond", [[10**400], [0]], [1, 0]))
    with pytest.raises(DataError, match="range of float64"):
        beyond.basins(LAW, 10, rule=update_rule("gd", step="1/10"))
    large = landscape("abs1", Dataset("large", [[10**300], [0]], [1, 0]))
    found = large.basins(LAW, 10, rule=update_rule("gd", step="1/10"))
    assert (found.diverged, found.unexplained) == (10, 0)
    assert not recwarn.list


def test_as_many_starts_as_memory_does_not_hold_are_refused_at_once():
    with pytest.raises(NumberError, match="which is what memory holds"):
        ABS1.basins(LAW, 10**20)
