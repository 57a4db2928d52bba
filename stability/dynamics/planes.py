"""Where does each point of a plane of parameter space end?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stability.dynamics.patterns import Floats
from stability.dynamics.swarm import Ints, ends
from stability.errors import PointError, StabilityError
from stability.exact.numbers import float64, rational
from stability.model.landscapes import Landscape

CHUNK = 5000
"""Starts that are followed at once."""


@dataclass(frozen=True)
class Plane:
    """A plane of parameter space: origin + x * right + y * up.

    Attributes
    ----------
    origin, right, up : arrays of shape (units, d + 1)
    names : tuple of str
        How the two axes are labelled.
    """

    origin: Floats
    right: Floats
    up: Floats
    names: tuple[str, str]

    def points(self, x: Floats, y: Floats) -> Floats:
        """Return the points at x, y of any common shape, as an array of shape (..., units, d + 1)."""
        across = np.multiply.outer(x, self.right) + np.multiply.outer(y, self.up)
        moved: Floats = across + self.origin
        return moved


def plane(
    landscape: Landscape, right: Sequence[Sequence[Any]], up: Sequence[Sequence[Any]], origin: Any = None
) -> Plane:
    """Return the plane through an origin (0 by default) with two directions, each with one row per unit.

    Raises
    ------
    PointError
        If a shape does not fit, or the directions do not span a plane.
    """
    zero = [[0] * landscape.width for _ in range(landscape.units)]
    rows = [[[rational(x) for x in row] for row in landscape.point(p)] for p in (origin or zero, right, up)]
    at, across, above = (np.array([[float64(x, "the plane") for x in row] for row in each]) for each in rows)
    if np.linalg.matrix_rank(np.stack([across.ravel(), above.ravel()])) < 2:
        raise PointError("The two directions do not span a plane.", "Give two that are not multiples of each other.")
    return Plane(at, across, above, ("x", "y"))


def basin_map(landscape: Landscape, place: Plane, x: Floats, y: Floats) -> Ints:
    """Return on which stationary set each point of a grid ends, as an array of shape (len(y), len(x)).

    -1 is where that is undecided, or several solutions leave the point.

    Raises
    ------
    StabilityError
        If an axis is empty.
    """
    if not len(x) or not len(y):
        raise StabilityError("Expected points on both axes.", "Write np.linspace(-1, 1, 200).")
    grid = place.points(*np.meshgrid(x, y)).reshape(-1, landscape.units, landscape.width)
    found = [ends(landscape, grid[k : k + CHUNK]).decided for k in range(0, len(grid), CHUNK)]
    return np.concatenate(found).reshape(len(y), len(x))
