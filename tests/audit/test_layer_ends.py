"""Ends of runs with an output layer: points of every set are found on it, and what is near, far or nowhere."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from stability.audit.end_states import labels, named_states
from stability.audit.layer_ends import STEPS, LayerEnds, Located, layer_ends, settled
from stability.geometry.atlas.atlas import known_atlas
from stability.model.datasets import Dataset
from stability.model.flat_points import layer_order
from stability.model.update_rules import update_rule
from stability.training.ensembles.ensemble import train
from stability.training.ensembles.gradients import stacked
from stability.training.ensembles.problem import task

LINE = Dataset("line", [[-1], [0], [2]], [0, 1, "1/2"])
CASES = [
    ("relu2-out+c", "xor"),
    ("relu2-out", "xor"),
    ("relu2-linear", "xor"),
    ("abs1-out", "xor"),
    ("leaky1/10:2-out-nob", "xor"),
    ("relu[+,-]+c", "xor"),
    ("relu[1,-1/2]", LINE),
    ("relu2-out+c", LINE),
]


def flat(given, point):
    """Return a point in its rows as the task has it, layer after layer."""
    row = np.array([float(v) for own in given.landscape.point(point) for v in own])
    return row[layer_order(given.landscape)]


def witnesses(given):
    atlas = known_atlas(given.landscape)
    return atlas, np.array([flat(given, each.witness) for each in atlas.sets])


@pytest.mark.parametrize(("model", "data"), CASES, ids=str)
def test_a_point_of_every_set_is_found_on_it(model, data):
    given = task(model, data)
    atlas, points = witnesses(given)
    assert Located(given, atlas).sets(points).tolist() == list(range(len(atlas.sets)))
    ends, _ = settled(given, points)
    still = np.linalg.norm(stacked(given, torch.as_tensor(points.T.copy()))[1].numpy(), axis=0) < 1e-12
    assert still.any()
    assert np.array_equal(ends[still], points[still])
    found = layer_ends(given, points[still])
    assert found.sets.tolist() == np.flatnonzero(still).tolist()
    assert (found.distances == 0).all()


@pytest.mark.parametrize(("model", "data"), CASES, ids=str)
def test_minima_are_found_again_from_close_by(model, data):
    """Sets of minima whose points are inside: small noise does not lead off, and descent leads back."""
    given = task(model, data)
    atlas, points = witnesses(given)
    minima = [each.index for each in atlas.minima]
    noise = np.random.default_rng(0).normal(size=(20, len(minima), given.parameters)) * 1e-4
    found = layer_ends(given, (points[minima] + noise).reshape(-1, given.parameters))
    assert (found.sets.reshape(20, -1) == minima).mean() > 0.98
    assert found.distances.max() < 0.01


@pytest.mark.parametrize("model", ["relu2-out+c", "relu2-linear", "abs1-out"])
def test_scaled_and_permuted_units_are_on_the_same_set(model):
    given = task(model, "xor")
    atlas, points = witnesses(given)
    units, hidden = given.units, given.hidden
    scaled = points.copy()
    for j, t in enumerate((2.0, 1 / 3)[:units]):
        scaled[:, j * 3 : j * 3 + 3] *= t
        for o in range(given.outputs):
            scaled[:, hidden + o * given.head_width + j] /= t
    assert Located(given, atlas).sets(scaled).tolist() == list(range(len(points)))
    if units == 2:
        order = [3, 4, 5, 0, 1, 2]
        for o in range(given.outputs):
            first = hidden + o * given.head_width
            order += [first + 1, first, *range(first + 2, first + given.head_width)]
        own = Located(given, atlas).sets(points[:, order])
        assert own.tolist() == list(range(len(points)))


@pytest.mark.parametrize(
    "model", ["relu2-out+c", "relu2-linear", "relu[+,-]+c", pytest.param("relu3-out", marks=pytest.mark.slow)]
)
def test_runs_end_on_sets_of_their_loss(model):
    """The loss is not asked where a run ended; so it confirms the answer."""
    given = task(model, "xor")
    runs = train(given, "kaiming-normal:0.3", update_rule("adam", step="1/50"), epochs=1500, restarts=150, seed=2,
                 dtype="float64", device="cpu")  # fmt: skip
    sets, atlas = labels(runs), known_atlas(given.landscape)
    assert (sets >= 0).mean() > 0.9
    on = sets >= 0
    exact = np.array([float(atlas.sets[k].loss) for k in sets[on]])
    assert np.abs(runs.losses[on] - exact).max() < 2e-3
    correct = [atlas.sets[k].right for k in sets[on]]
    assert (runs.accuracies[on] * 4 == correct).mean() > 0.98
    states = named_states(runs, sets)
    assert sum(state.count for state in states) == 150
    named = {state.set: state for state in states if not state.reason and state.set is not None}
    assert {k: int((sets == k).sum()) for k in set(sets[on].tolist())} == {k: s.count for k, s in named.items()}
    assert not any("no atlas" in state.kind for state in states)


@pytest.mark.parametrize("model", ["relu2", "relu[+,-]+c", "abs[1,-1/2]"])
def test_small_steps_end_where_gradient_flow_does(model):
    """Where gradient flow is followed event by event, both must name the same sets."""
    given = task(model, "xor")
    runs = train(given, "kaiming-normal:0.3", update_rule("gd", step="1/5"), epochs=800, restarts=200, dtype="float64")
    by_flow, by_steps = labels(runs), layer_ends(given, runs.points).sets
    assert (by_flow >= 0).mean() > 0.9
    assert np.array_equal(by_flow[by_flow >= 0], by_steps[by_flow >= 0])
    assert (by_flow == by_steps).mean() > 0.97


def test_a_symmetry_of_the_data_maps_ends_to_images():
    """The data are the same when x becomes -x: then a run ends on an image of its set."""
    given = task("relu2-out+c", "xor")
    runs = train(given, "torch-default", update_rule("gd", step="1/5"), epochs=1500, restarts=100, dtype="float64")
    turned = runs.points.copy()
    turned[:, [0, 1, 3, 4]] *= -1
    atlas = known_atlas(given.landscape)
    pairs = list(zip(layer_ends(given, runs.points).sets, layer_ends(given, turned).sets, strict=True))
    assert sum(a >= 0 for a, _ in pairs) > 90
    for a, b in pairs:
        assert (a < 0) == (b < 0)
        assert a < 0 or b in atlas.sets[a].images
    assert any(a != b for a, b in pairs)


def test_ends_that_are_far_are_named_with_their_distance():
    given = task("relu2-out+c", "xor")
    atlas, points = witnesses(given)
    k = next(each.index for each in atlas.minima if each.loss == 0)
    away = points[k : k + 1].copy()
    away[0, -1] += 0.3
    found = layer_ends(given, away)
    assert found.sets.tolist() == [-1]
    assert found.limits[0] >= 0
    assert atlas.sets[found.limits[0]].loss == 0
    assert 0.05 < found.distances[0] < 0.4
    assert layer_ends(given, away, near=0.4).sets.tolist() == found.limits.tolist()


def test_what_is_not_finite_or_too_large_has_diverged():
    given = task("relu1-out", "xor")
    points = np.array([[np.nan, 0, 0, 1], [np.inf, 0, 0, 1], [1e12, 0, 0, 1], [0, 0, -1, 0.5]])
    found = layer_ends(given, points)
    assert found.sets[:3].tolist() == [-2, -2, -2]
    assert found.sets[3] >= 0
    assert isinstance(layer_ends(given, points[:0]), LayerEnds)


def test_outputs_that_do_not_sum_to_one_are_on_no_set():
    given = task("relu1-linear", "xor")
    atlas, points = witnesses(given)
    assert Located(given, atlas).sets(points)[0] == 0
    points[:, -1] += 0.5
    assert (Located(given, atlas).sets(points) == -1).all()


def test_silent_units_that_feel_the_errors_are_on_no_set():
    """At the best constant a unit without output weight rests where h is 0, and nowhere else."""
    given = task("relu1-out", LINE)
    atlas = known_atlas(given.landscape)
    inside = [flat(given, [[0, -1, 0]]), flat(given, [[1, 1, 0]])]
    assert [atlas.of([[0, -1, 0]]) is not None, atlas.of([[1, 1, 0]]) is not None] == [True, False]
    found = Located(given, atlas).sets(np.array(inside))
    assert (found >= 0).tolist() == [True, False]


def test_descent_takes_no_longer_steps_than_curvature_allows():
    given = task("leaky1/10:2-out+c", "xor", "sum")
    points = np.random.default_rng(3).normal(size=(40, given.parameters)) * 3
    losses = [stacked(given, torch.as_tensor(points.T.copy()))[0].numpy()]
    for steps in (1, 5, 50, STEPS):
        ends, _ = settled(given, points, steps)
        losses.append(stacked(given, torch.as_tensor(ends.T.copy()))[0].numpy())
    assert all((after <= before + 1e-9).mean() > 0.95 for before, after in pairwise(losses))
