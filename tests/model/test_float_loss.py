"""The loss in floats, compared with the exact loss, torch's gradient, and itself in other company."""

import doctest
import sys

import numpy as np
import pytest

from stability import landscape
from stability.errors import DataError, UnknownNameError
from stability.model.datasets import Dataset
from stability.model.flat_points import point_shape
from stability.model.float_loss import float_loss, gradients, inwards, losses, outwards

PLACES = [
    landscape("relu2", "xor"),
    landscape("leaky1/100:2", "xor", "mean"),
    landscape("abs3", "parity:3", "mean"),
    landscape("relu1", "moons:7:1"),
    landscape("relu[1,-1/2]", "xor"),
    landscape("leaky1/10[+,-,2]+c", "xor", "mean"),
    landscape("abs2-nob", "xor"),
]


def on_kinks(place, count=12):
    """Return points on a coarse grid, so that many lie on kinks of data with small integers."""
    return np.random.default_rng(5).integers(-2, 3, (count, *point_shape(place))) / 2


def rows(place, point):
    """Return a point of many as the landscape takes it."""
    return place.by_unit(point.ravel().tolist())


@pytest.mark.parametrize("place", PLACES, ids=repr)
def test_outputs_losses_and_gradients_are_the_exact_ones(place):
    loss, points = float_loss(place), on_kinks(place)
    for found, value, own in zip(loss.outputs(inwards(points)).T, losses(place, points), points, strict=True):
        assert found == pytest.approx([float(x) for x in place.outputs(rows(place, own))], abs=1e-12)
        assert value == pytest.approx(float(place.loss(rows(place, own))), abs=1e-12)
    for found, own in zip(gradients(place, points), points, strict=True):
        assert found.ravel() == pytest.approx([float(x) for x in place.autograd_gradient(rows(place, own))], abs=1e-12)


@pytest.mark.parametrize("place", PLACES, ids=repr)
def test_a_point_has_the_same_bits_in_any_company(place):
    loss, points = float_loss(place), inwards(np.random.default_rng(1).normal(size=(9, *point_shape(place))))
    values, slopes = loss.losses(points), loss.gradients(points)
    for k in range(9):
        alone = points[..., k : k + 1]
        assert loss.losses(alone)[0] == values[k]
        assert np.array_equal(loss.gradients(alone)[..., 0], slopes[..., k])


def test_gradients_are_the_derivatives_of_losses():
    loss = float_loss(landscape("relu2", "xor", "mean"))
    point = inwards(np.random.default_rng(4).normal(size=(1, 2, 3)))
    for spot in np.ndindex(2, 3):
        shift = np.zeros_like(point)
        shift[spot] = 1e-5
        slope = (loss.losses(point + shift) - loss.losses(point - shift)) / 2e-5
        assert slope == pytest.approx(loss.gradients(point)[spot], rel=1e-6)


def test_trained_output_weights_are_refused():
    with pytest.raises(UnknownNameError, match="fixed output weights for floats in bulk"):
        float_loss(landscape("relu2-out", "xor"))


def test_shapes_are_kept():
    biased = PLACES[5]
    assert gradients(biased, np.zeros((0, 10))).shape == (0, 10)
    assert losses(biased, np.zeros((2, 3, 10))).shape == (2, 3)
    assert gradients(biased, np.zeros((2, 3, 10))).shape == (2, 3, 10)
    place, points = PLACES[0], np.zeros((2, 3, 2, 3))
    assert losses(place, points).shape == (2, 3)
    assert losses(place, points[0, 0]) == float(place.loss([[0, 0, 0], [0, 0, 0]]))
    assert gradients(place, points).shape == points.shape
    assert np.array_equal(outwards(inwards(points[0])), points[0])


def test_numbers_beyond_floats_are_refused():
    with pytest.raises(DataError, match="range of float64"):
        float_loss(landscape("relu1", Dataset("big", [["1e400"]], [0])))


def test_the_example_holds():
    assert doctest.testmod(sys.modules["stability.model.float_loss"]).failed == 0
