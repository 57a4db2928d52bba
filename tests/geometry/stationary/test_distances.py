"""Distances from stationary sets: of isolated points, and of a cone by the projection on its polar cone."""

import numpy as np
import pytest
from scipy.optimize import nnls

from stability import landscape
from stability.geometry.stationary.distances import Nearness
from stability.model.flat_points import point_shape

POINTS = np.random.default_rng(4).normal(size=(40, 1, 3))


def test_isolated_sets_are_as_far_as_their_points():
    atlas = landscape("abs1", "xor").atlas()
    spots = np.array([[float(x) for x in each.witness[0]] for each in atlas.sets])
    every = np.linalg.norm(POINTS[:, 0, None] - spots, axis=2)
    sets, distances = Nearness(atlas).nearest(POINTS)
    assert sets.tolist() == every.argmin(axis=1).tolist()
    assert distances == pytest.approx(every.min(axis=1))
    _, from_third = Nearness(atlas).nearest(POINTS, np.full(len(POINTS), 3))
    assert from_third == pytest.approx(every[:, 3])


def test_the_dead_cone_is_as_far_as_the_projection_on_its_polar_cone_is_long():
    """Dead are w . x + b <= 0 at all points, a cone; p is the sum of its projections on it and on its polar cone."""
    place = landscape("relu1", "xor")
    dead, rows = place.atlas().of([[0, 0, -1]]), np.array([[float(x) for x in row] for row in place.rows])
    _, distances = Nearness(place.atlas()).nearest(POINTS, np.full(len(POINTS), dead.index))
    wanted = [np.linalg.norm(rows.T @ nnls(rows.T, p)[0]) for p in POINTS[:, 0]]
    assert distances == pytest.approx(wanted, abs=1e-4)
    assert min(wanted) < 1e-9 < max(wanted)


@pytest.mark.parametrize("model", ["relu[+,-]", "relu[2,-3]+c", "abs2-nob", "relu[-]+c"])
def test_points_of_a_set_are_at_it_and_moved_ones_no_farther_than_the_move(model):
    place = landscape(model, "xor")
    atlas = place.atlas()
    spots = np.array([[float(x) for row in each.witness for x in row] for each in atlas.sets])
    sets, distances = Nearness(atlas).nearest(spots.reshape(-1, *point_shape(place)))
    assert distances == pytest.approx(np.zeros(len(spots)), abs=1e-6)
    assert all(sets[k] == k or k in atlas.sets[sets[k]].borders for k in range(len(spots)))
    moves = np.random.default_rng(7).normal(size=spots.shape) / 10
    _, moved = Nearness(atlas).nearest((spots + moves).reshape(-1, *point_shape(place)), np.arange(len(spots)))
    assert (moved <= np.linalg.norm(moves, axis=1) + 1e-5).all()


def test_an_isolated_set_with_a_bias_is_as_far_as_its_point():
    place = landscape("abs[-1]+c", "xor")
    atlas = place.atlas()
    lone = next(each for each in atlas.sets if each.dimension == 0)
    spot = np.array([float(x) for row in lone.witness for x in row])
    points = np.random.default_rng(8).normal(size=(30, place.parameters))
    _, distances = Nearness(atlas).nearest(points, np.full(30, lone.index))
    assert distances == pytest.approx(np.linalg.norm(points - spot, axis=1), abs=1e-4)


def test_only_units_of_one_sign_may_be_swapped():
    place = landscape("relu[+,-]", "xor")
    near, lone = Nearness(place.atlas()), next(each for each in place.atlas().sets if each.loss == 0)
    spot = np.array([[float(x) for x in row] for row in lone.witness])
    _, (here, there) = near.nearest(np.array([spot, spot[::-1]]), np.full(2, lone.index))
    assert here == pytest.approx(0, abs=1e-6)
    assert there > 0.1


def test_the_order_of_the_units_does_not_matter_and_rubbish_is_nowhere():
    near = Nearness(landscape("relu2", "xor").atlas())
    points = np.random.default_rng(5).normal(size=(3, 2, 3))
    first, swapped = near.nearest(points), near.nearest(points[:, ::-1])
    assert first[0].tolist() == swapped[0].tolist()
    assert first[1] == pytest.approx(swapped[1], abs=1e-4)
    sets, distances = near.nearest(np.full((1, 2, 3), np.nan))
    assert sets.tolist() == [-1]
    assert np.isnan(distances).all()
