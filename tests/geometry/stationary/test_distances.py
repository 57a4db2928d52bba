"""Distances from stationary sets: of isolated points, and of a cone by the projection on its polar cone."""

import numpy as np
import pytest
from scipy.optimize import nnls

from stability import landscape
from stability.geometry.stationary.distances import Nearness

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


def test_the_order_of_the_units_does_not_matter_and_rubbish_is_nowhere():
    near = Nearness(landscape("relu2", "xor").atlas())
    points = np.random.default_rng(5).normal(size=(3, 2, 3))
    first, swapped = near.nearest(points), near.nearest(points[:, ::-1])
    assert first[0].tolist() == swapped[0].tolist()
    assert first[1] == pytest.approx(swapped[1], abs=1e-4)
    sets, distances = near.nearest(np.full((1, 2, 3), np.nan))
    assert sets.tolist() == [-1]
    assert np.isnan(distances).all()
