"""The set on which each point of a plane of parameter space ends."""

import numpy as np

from stability.arrays import Floats, Ints
from stability.dynamics.flow.batch import flow_limits
from stability.errors import StabilityError
from stability.geometry.sections.planes import Plane
from stability.model.flat_points import point_shape
from stability.model.network_loss import NetworkLoss

CHUNK = 5000
"""Starts that are followed at once."""


def basin_map(landscape: NetworkLoss, place: Plane, x: Floats, y: Floats) -> Ints:
    """Return on which stationary set each point of a grid ends, as an array of shape (len(y), len(x)).

    -1 is where that is undecided, or several solutions leave the point.

    Raises
    ------
    StabilityError
        If an axis is empty.
    """
    if not len(x) or not len(y):
        raise StabilityError("Expected points on both axes.", "Write np.linspace(-1, 1, 200).")
    grid = place.points(*np.meshgrid(x, y)).reshape(-1, *point_shape(landscape))
    found = [flow_limits(landscape, grid[k : k + CHUNK]).decided for k in range(0, len(grid), CHUNK)]
    return np.concatenate(found).reshape(len(y), len(x))
