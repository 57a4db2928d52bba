"""Losses, gradients and Hessians of many points at once against the exact ones; Newton's method on quadratics."""

from fractions import Fraction as Q

import numpy as np
import pytest

from stability import Dataset, landscape
from stability.dynamics.search.layer_batch import LayerBatch, descended, newton

TWO = Dataset("two", [[-2, 1], [-1, 0], [1, 3], [2, 2]], [[3, 0], [1, 1], [1, 2], [2, "1/2"]])
ONE = Dataset("one", TWO.points, [3, 1, 0, 2])
MODELS = [
    ("relu2", ONE),
    ("relu[+,-1/2]+c", ONE),
    ("abs2-out-nob", ONE),
    ("leaky1/4:2-out+c", ONE),
    ("relu2-out2", TWO),
    ("relu2-out2+c-nob", TWO),
    ("relu1-linear", Dataset("classes", TWO.points, [0, 1, 2, 1])),
]


@pytest.mark.parametrize("loss", ["sum", "mean"])
@pytest.mark.parametrize(("model", "data"), MODELS)
def test_losses_gradients_and_hessians_are_the_exact_ones(model, data, loss):
    place = landscape(model, data, loss)
    batch = LayerBatch(place)
    size = place.parameters
    flats = [[Q((7 * k * k + 3 * k * s + s) % 13 - 6, 3) + Q(k + 1, 97) for k in range(size)] for s in range(4)]
    points = np.array(flats, dtype=float)
    for k, flat in enumerate(flats):
        layer = place.units * place.stride
        rows = [flat[j : j + place.stride] for j in range(0, layer, place.stride)] + [flat[layer:]] * bool(flat[layer:])
        assert batch.losses(points)[k] == pytest.approx(float(place.loss(rows)))
        assert batch.gradients(points)[k] == pytest.approx([float(x) for x in place.gradient(rows)])
        exact = np.array(place.hessian(rows), dtype=float)
        assert batch.hessians(points)[k] == pytest.approx(exact)
        assert batch.outputs(points)[k].ravel() == pytest.approx(np.array(place.outputs(rows), dtype=float).ravel())
        assert batch.heights(points)[k] == pytest.approx(np.array(place.preactivations(rows), dtype=float))


def test_scaling_units_changes_no_output():
    batch = LayerBatch(landscape("relu2-out2+c", TWO))
    points = np.random.default_rng(0).standard_normal((5, batch.landscape.parameters))
    balanced = batch.balanced(points)
    assert batch.outputs(balanced) == pytest.approx(batch.outputs(points))
    hidden, outer, _ = batch.parts(balanced)
    assert np.linalg.norm(hidden, axis=2) == pytest.approx(np.linalg.norm(outer, axis=2))
    moved = points + 1e-6 * batch.scalings(points).sum(1)
    assert batch.losses(moved) == pytest.approx(batch.losses(points), rel=1e-9)
    silent = np.zeros((1, batch.landscape.parameters))
    assert not np.any(batch.balanced(silent))
    fixed = LayerBatch(landscape("relu[+,-]", ONE))
    assert fixed.balanced(points[:, :6]) is not None
    assert not np.any(fixed.scalings(points[:, :6]))


def test_dead_units():
    batch = LayerBatch(landscape("relu2-out", ONE))
    assert batch.dead(np.array([0, 0, -1, 5, 1, 0, 0, 1.0])) == [0]
    assert batch.dead(np.array([0, 0, 0, 5, 1, 0, 0, 1.0])) == []
    assert LayerBatch(landscape("leaky1/4:1-out", ONE)).dead(np.array([0, 0, -1, 5.0])) == []


def test_newton_solves_least_squares_in_one_step():
    """A linear unit with output weight 1 and an output bias is an affine fit."""
    place = landscape("relu1", Dataset("up", [[1], [2], [3]], [2, 3, 5]))
    found = newton(LayerBatch(place), np.array([[1.0, 1.0], [2.0, 0.5], [-1.0, -1.0]]))
    assert found[:2] == pytest.approx(np.array([[1.5, 1 / 3]] * 2))
    assert found[2] == pytest.approx([-1, -1])  # a dead unit stays where it is


def test_descent_never_climbs_and_finds_fits():
    batch = LayerBatch(landscape("relu2-out", ONE))
    starts = np.random.default_rng(1).standard_normal((40, batch.landscape.parameters))
    found = descended(batch, starts)
    assert np.all(batch.losses(found) <= batch.losses(starts))
    assert np.median(batch.losses(found)) < np.median(batch.losses(starts)) / 2
    assert np.array_equal(descended(batch, starts, steps=0), starts)
