"""The loss on the plane w = (p/2, -p/2) is that of its points, and its kinks are where a pre-activation is 0."""

import numpy as np
import pytest

from stability import landscape
from stability.errors import PointError, UnknownNameError
from stability.geometry.sections.loss_plane import SAMPLES, loss_plane


@pytest.mark.parametrize(("model", "data"), [("abs1", "xor"), ("leaky1/3:1", "moons:6:1"), ("relu[-1/2]", "xor")])
def test_the_loss_is_that_of_the_points(model, data):
    place = landscape(model, data)
    found = loss_plane(place, 1.25, "Try.")
    assert found.p.shape == found.b.shape == found.loss.shape == (SAMPLES, SAMPLES)
    assert (found.p[0, 0], found.p[0, -1], found.b[0, 0], found.b[-1, 0]) == (-1.25, 1.25, -1.25, 1.25)
    for i, j in [(0, 0), (3, 200), (120, 120), (240, 17)]:
        p, b = found.p[i, j], found.b[i, j]
        assert found.loss[i, j] == pytest.approx(float(place.loss([[p / 2, -p / 2, b]])))


def test_kinks_are_lines_through_the_origin_each_once():
    """On xor, z = w . x + b is p + b, -p + b, b and b."""
    assert loss_plane(landscape("relu1", "xor"), 1.5, "Try.").kinks == [1, 0, -1]


def test_along_a_kink_a_preactivation_vanishes():
    place = landscape("relu1", "moons:6:1")
    rows = np.array(place.rows, dtype=float)
    for slope in loss_plane(place, 1.5, "Try.").kinks:
        assert np.abs(rows @ [0.5, -0.5, slope]).min() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("model", ["relu1+c", "relu1-nob", "relu1-out"])
def test_networks_with_other_coordinates_are_refused(model):
    with pytest.raises(UnknownNameError, match="for a plane of the loss"):
        loss_plane(landscape(model, "xor"), 1.5, "Try.")


@pytest.mark.parametrize(("model", "data"), [("relu2", "xor"), ("relu1", "parity:3")])
def test_other_landscapes_are_refused_with_the_remedy(model, data):
    with pytest.raises(PointError, match=r"one unit in the plane[^$]*Try"):
        loss_plane(landscape(model, data), 1.5, "Try.")
