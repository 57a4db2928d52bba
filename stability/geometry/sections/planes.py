"""Planes of parameter space: an origin and two directions."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from stability.arrays import Floats
from stability.errors import PointError
from stability.exact.numbers import float64
from stability.model.flat_points import point_shape
from stability.model.network_loss import NetworkLoss


@dataclass(frozen=True)
class Plane:
    """A plane of parameter space: origin + x * right + y * up.

    Attributes
    ----------
    origin, right, up : arrays of shape (units, d + 1), or (parameters,) with an output bias
    names : tuple of str
        How the two axes are labelled.
    """

    origin: Floats
    right: Floats
    up: Floats
    names: tuple[str, str]

    def points(self, x: Floats, y: Floats) -> Floats:
        """Return the points at x, y of any common shape, as an array with its axes before those of the origin."""
        across = np.multiply.outer(x, self.right) + np.multiply.outer(y, self.up)
        moved: Floats = across + self.origin
        return moved


def plane(
    landscape: NetworkLoss, right: Sequence[Sequence[Any]], up: Sequence[Sequence[Any]], origin: Any = None
) -> Plane:
    """Return the plane through an origin (0 by default) with two directions, written as points.

    Raises
    ------
    PointError
        If a shape does not fit, or the directions do not span a plane.
    """
    zero = landscape.by_unit([Fraction(0)] * landscape.parameters)
    flat = [[float64(x, "the plane") for row in landscape.point(p) for x in row] for p in (origin or zero, right, up)]
    at, across, above = (np.array(each).reshape(point_shape(landscape)) for each in flat)
    if np.linalg.matrix_rank(np.stack([across.ravel(), above.ravel()])) < 2:
        raise PointError("The two directions do not span a plane.", "Give two that are not multiples of each other.")
    return Plane(at, across, above, ("x", "y"))
