"""Units with trained output weights over grids of small points: hulls of gradients nearby, one output as two."""

from fractions import Fraction as Q
from itertools import product

import numpy as np
import pytest
import torch
from scipy.optimize import linprog

from stability import Dataset, landscape
from stability.geometry.stationary.layer_units import LayerPoint

POINTS = [[-1], [0], [2]]
LABELS = [[0, 1, 1], [1, -1, 0], [1, 1, 2]]
SMALL = list(product((-1, 0, 1), repeat=3))


def one(model, labels):
    return landscape(model, Dataset("one", POINTS, labels))


def gradients_nearby(place, point, rng, count=400):
    """Gradients of torch at random points so close that errors are the same, one for every cell around the point."""
    flat = torch.tensor([float(x) for row in place.point(point) for x in row], dtype=torch.float64)
    rows = torch.tensor([[float(x) for x in row] for row in place.rows], dtype=torch.float64)
    labels = torch.tensor([float(y) for y in place.data.labels], dtype=torch.float64)

    def loss(v):
        units = v[: place.units * place.stride].reshape(place.units, place.stride)
        return ((torch.relu(rows @ units[:, :-1].T) @ units[:, -1] - labels) ** 2).sum()

    away = 1e-7 * torch.tensor(rng.standard_normal((count, len(flat))))
    return torch.func.vmap(torch.func.grad(loss))(flat + away).numpy()


@pytest.mark.parametrize("labels", LABELS)
def test_clarke_is_that_0_is_in_the_hull_of_gradients_nearby(labels):
    place, rng = one("relu1-out", labels), np.random.default_rng(0)
    for w, b, a in SMALL:
        found = gradients_nearby(place, [[w, b, a]], rng)
        sums = np.vstack([found.T, np.ones(len(found))])
        edge = [(0, None)] * len(found) + [(0, 1e-5)]
        # the largest violation that has to be allowed for 0 to be in the hull
        size = len(sums) - 1
        upper = np.block([[found.T, -np.ones((size, 1))], [-found.T, -np.ones((size, 1))]])
        hull = linprog(
            np.r_[np.zeros(len(found)), 1], upper, np.zeros(2 * size), [np.r_[np.ones(len(found)), 0]], [1], bounds=edge
        )
        at = LayerPoint(place, place.point([[w, b, a]]))
        assert (at.multipliers is not None) == (hull.status == 0)
        if at.multipliers is not None:
            assert sum(weight for weight, _ in at.multipliers) == 1


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("model", ["relu", "abs", "leaky1/2:"])
def test_a_second_output_that_is_fitted_changes_nothing(model, labels):
    single = one(f"{model}1-out", labels)
    double = landscape(f"{model}1-out2", Dataset("two", POINTS, [[y, 0] for y in labels]))
    kinds = set()
    for w, b, a in SMALL:
        first, second = single.classify([[w, b, a]]), double.classify([[w, b, a, 0]])
        for name in ("kind", "clarke", "directional", "differentiable", "autograd_rests", "loss", "silent"):
            assert getattr(first, name) == getattr(second, name)
        kinds.add(first.kind)
    assert {"saddle", "not stationary"} <= kinds


@pytest.mark.parametrize("labels", [[0, 1, 1], [1, 0, 1]])
def test_two_one_hot_outputs_are_one(labels):
    """At f0 = 1 - f1 kinds are those of the single output f1, at twice its loss."""
    single, double = one("relu1-out+c", labels), one("relu1-linear", labels)
    for w, b, a in SMALL:
        for c in ("0", "1/3", "2/3", "1"):
            first = single.classify(([[w, b, a]], c))
            second = double.classify(([[w, b, -a, a]], [1 - Q(c), c]))
            assert (second.kind, second.loss) == (first.kind, 2 * first.loss)
            assert (second.clarke, second.directional) == (first.clarke, first.directional)


def test_an_example_at_the_origin_without_biases_is_no_kink():
    place = landscape("relu1-out-nob", Dataset("origin", [[0], [1]], [1, 1]))
    found = place.classify([[1, 1]])
    assert (found.kind, found.loss) == ("global minimum", 1)
    assert place.classify([[0, 0]]).kind == "saddle"
