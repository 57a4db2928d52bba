"""Starts on a kink by structure: floats leave it as the exact flow does, or leave it to that."""

import random

import numpy as np
import pytest
from some_slow import some_slow

from stability import Dataset, landscape
from stability.dynamics.flow.batch import UNDECIDED, FlowBatch, flow_limits
from stability.dynamics.flow.flow import flow
from stability.model.flat_points import exact_rows_of

MODELS = ["relu1", "abs1", "relu2", "abs2", "leaky1/10:1", "relu[1,-1]", "leaky1/3:2", "relu1+c"]


def place(rng, model):
    """Return a landscape on a few points of which one or two are the origin."""
    width, count = rng.choice([1, 2]), rng.choice([2, 3, 4])
    points = [[0] * width, *([rng.randint(-2, 2) for _ in range(width)] for _ in range(count - 1))]
    points += [[0] * width] * rng.randint(0, 1)
    return landscape(model, Dataset("with the origin", points, [rng.randint(-2, 2) for _ in points]))


def without_biases(rng, land, many):
    """Return starts whose biases are 0, some of them with simple numbers, so that speeds vanish too."""
    starts = np.random.default_rng(rng.randint(0, 10**6)).normal(size=(many, land.parameters))
    if rng.random() < 0.3:
        starts = np.round(2 * starts) / 2
        starts[~starts.any(axis=1)] = 1
    starts[:, [land.width * (j + 1) - 1 for j in range(land.units)]] = 0
    return starts


def compared(model, seed, many=12):
    """Return how many starts floats decide; each of them ends where the exact flow does, its only solution."""
    rng = random.Random(seed)
    land = place(rng, model)
    starts = without_biases(rng, land, many)
    found = FlowBatch(land, starts.copy())
    found.run()
    decided = np.flatnonzero(found.sets != UNDECIDED)
    for k in decided:
        true = flow(land, exact_rows_of(land, starts[k]))
        assert true.unique
        assert true.ends_on.index == found.sets[k]
        assert np.allclose(found.points[k], [float(x) for row in true.point for x in row], atol=1e-6)
    return len(decided)


@pytest.mark.parametrize("model", some_slow(MODELS, 4))
def test_what_floats_decide_is_what_the_exact_flow_does(model):
    assert sum(compared(model, seed) for seed in range(6)) > 5


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_what_floats_decide_on_more_data_is_what_the_exact_flow_does(model):
    assert sum(compared(model, seed) for seed in range(6, 60)) > 60


def test_a_start_between_two_solutions_is_left_to_exact_arithmetic():
    """One example at the origin, label 1: an absolute value with bias 0 may rise on either side."""
    land = landscape("abs1", Dataset("origin", [[0], [1]], [1, 1]))
    found = flow_limits(land, np.array([[[1.0, 0.0]]]))
    assert (found.exact, found.unique.tolist()) == (1, [False])


def test_few_starts_without_biases_are_followed_exactly():
    """Of a unit that is off elsewhere the speed is 0; of an absolute value it never is."""
    data = Dataset("corner", [[0, 0], [1, 0], [0, 1]], [0, 1, 1])
    assert landscape("abs1", data).basins("normal:1", 300).exact == 0
    assert landscape("relu1", data).basins("normal:1", 300).exact < 100


def test_a_start_that_is_0_stays_with_exact_arithmetic():
    """There two examples are on kinks of one unit, which do not act alone."""
    land = landscape("relu1", Dataset("corner", [[0, 0], [1, 0], [0, 1]], [0, 1, 1]))
    starts = np.array([[[0.0, 1.0, 0.0]]])
    assert flow_limits(land, starts).exact == 1


def test_a_bias_that_is_nearly_0_is_as_near_a_kink_as_before():
    land = landscape("abs1", Dataset("corner", [[0, 0], [1, 0], [0, 1]], [0, 1, 1]))
    near = FlowBatch(land, np.array([[0.5, 0.7, 1e-300], [0.5, 0.7, 0.0]]))
    near.run()
    assert near.sets[1] != UNDECIDED
