"""Planes of parameter space, and room in a layout."""

import numpy as np
import pytest

from stability import StabilityError, landscape
from stability.geometry.sections.layout import along, room
from stability.geometry.sections.planes import plane


def test_points_are_origin_and_steps():
    found = plane(landscape("abs1", "xor"), [[1, 0, 0]], [[0, "1/2", 2]], [[0, 0, 5]])
    assert found.points(np.array([2.0]), np.array([4.0])).tolist() == [[[2.0, 2.0, 13.0]]]
    assert plane(landscape("abs1", "xor"), [[1, 0, 0]], [[0, 1, 0]]).origin.tolist() == [[0, 0, 0]]


def test_directions_must_span_a_plane():
    with pytest.raises(StabilityError, match="do not span a plane"):
        plane(landscape("abs1", "xor"), [[1, 0, 2]], [[-2, 0, -4]])


def test_room_is_the_distance_to_the_nearest_in_scaled_coordinates():
    found = room(np.array([[0.0, 0.0], [10.0, 1.0]]), np.array([[3.0, 0.0], [10.0, 5.0]]), (1.0, 2.0))
    assert found.tolist() == [3.0, 2.0]


def test_points_along_a_segment():
    assert along((0, 2), (4, 0), 3).tolist() == [[0, 2], [2, 1], [4, 0]]
