"""Losses over time are those of plain gradient descent, and plateaus those of curves that are known."""

import numpy as np
import pytest

from stability import landscape
from stability.errors import PointError, StabilityError
from stability.training.ensembles.loss_curves import LossCurves, loss_curves


def by_hand(place, flat, step, count):
    """Return the losses of gradient descent with two ReLU units, an output layer and a bias, in numpy."""
    x, y = np.array(place.rows, float), np.array(place.data.labels, float)
    units, c, found = flat[:8].reshape(2, 4).copy(), flat[8], []
    for _ in range(count + 1):
        z = x @ units[:, :3].T
        errors = np.maximum(z, 0) @ units[:, 3] + c - y
        found.append(errors @ errors)
        own = 2 * ((errors[:, None] * (z > 0)) * units[:, 3]).T @ x
        outer = 2 * np.maximum(z, 0).T @ errors
        units -= step * np.concatenate([own, outer[:, None]], axis=1)
        c -= step * 2 * errors.sum()
    return np.array(found)


def test_losses_are_those_of_plain_descent():
    place = landscape("relu2-out+c", "xor")
    starts = np.random.default_rng(1).normal(size=(3, 9)) * 0.3
    found = loss_curves(place, starts, step=0.01, until=1.2, every=4)
    assert found.times == pytest.approx(np.arange(31) * 0.04)
    for start, losses in zip(starts, found.losses, strict=True):
        assert losses == pytest.approx(by_hand(place, start, 0.01, 120)[::4], rel=1e-10)
    for point, losses in zip(found.points, found.losses, strict=True):
        assert float(place.loss(place.by_unit(point.tolist()))) == pytest.approx(losses[-1])


def test_plateaus_are_slow_and_long():
    times = np.arange(0, 10, 0.5)
    stairs = np.where(times < 3, 2.0, np.where(times < 6, 1.0, 0.25)) + 0.001 * np.exp(-times)
    short = np.where(times < 4, 2 - 0.5 * times, 0.0)
    found = LossCurves(times, np.array([stairs, short]), np.zeros((2, 3))).plateaus(rate=0.1, least=2)
    assert [(each.run, each.start, each.end, each.final) for each in found] == [
        (0, 0, 2.5, False),
        (0, 3, 5.5, False),
        (0, 6, 9.5, True),
        (1, 4, 9.5, True),
    ]
    assert [each.loss for each in found] == pytest.approx([2, 1, 0.25, 0], abs=0.001)
    assert all(each.start <= each.middle <= each.end for each in found)


def test_nothing_is_a_plateau_where_the_loss_falls():
    times = np.arange(0, 10, 0.5)
    assert LossCurves(times, 5 - 0.1 * times[None], np.zeros((1, 3))).plateaus(rate=0.05) == []


@pytest.mark.parametrize("wrong", [{"every": 0}, {"step": 0.5, "until": 1}, {"step": 0.0}, {"until": np.inf}])
def test_settings_that_make_no_sense(wrong):
    with pytest.raises(StabilityError, match="Expected"):
        loss_curves(landscape("abs1", "xor"), [[[0, 0, 1]]], **{"step": 0.01, "until": 2, **wrong})


def test_starts_of_a_wrong_shape():
    with pytest.raises(PointError, match="shape"):
        loss_curves(landscape("abs1", "xor"), [[0, 0, 1]], step=0.01, until=1)


def test_the_loss_of_a_plateau_is_that_where_it_changes_least():
    (found,) = LossCurves(np.arange(4.0), np.array([[1.06, 1.02, 1.01, 0.99]]), np.zeros((1, 3))).plateaus(rate=0.1)
    assert (found.middle, found.loss) == (1, 1.02)
