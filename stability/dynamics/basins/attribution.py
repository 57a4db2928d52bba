"""The stationary set of a point where training finished: never by its loss, gradient flow from it decides."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from stability.arrays import Floats, Ints
from stability.dynamics.flow.batch import UNDECIDED, flow_limits
from stability.dynamics.flow.local_attraction import LocalAttraction
from stability.errors import PointError, StabilityError
from stability.geometry.atlas.atlas import is_affordable, known_atlas
from stability.model.flat_points import point_shape
from stability.model.network_loss import NetworkLoss

UNEXPLAINED, DIVERGED = UNDECIDED, -2

NEAR = 0.05
"""How far from its limit a point may be.

Rounding to float32, or a stop at a loss of 1e-4, leaves a point within about 0.01 of its limit, and isolated stationary
points of the landscapes on XOR are at least 0.28 apart. A point that is farther from its limit has not finished.
"""

FAR = 1e6
"""A point with an entry beyond this, relative to the largest of all witnesses and of 1, has diverged."""

LARGEST = 10**300
"""No bound is larger."""

CHUNK = 5000
"""Points whose flow is followed at once."""


@dataclass(frozen=True)
class Outcomes:
    """At which stationary set each point is.

    Attributes
    ----------
    sets : array of int of shape (points,)
        The position in the atlas; -1 if the point is at no set (unexplained), -2 if it is not finite or too large.
    followed : int
        For how many points the flow was followed, event by event.
    exact : int
        For how many of these it was followed exactly, as floats did not decide.
    """

    sets: Ints
    followed: int
    exact: int

    @property
    def unexplained(self) -> int:
        """How many points are at no set."""
        return int((self.sets == UNEXPLAINED).sum())

    @property
    def diverged(self) -> int:
        """How many points are not finite or too large."""
        return int((self.sets == DIVERGED).sum())


def outcomes(landscape: NetworkLoss, points: Floats, near: float = NEAR, shortcut: bool = True) -> Outcomes:
    """Return at which stationary set each point is: where gradient flow from it ends, if that is near.

    Parameters
    ----------
    landscape : NetworkLoss
    points : array of shape (points, units, d + 1), or (points, parameters) with an output bias
        However they came about.
    near : float
        How far the limit may be from the point, in Euclidean distance.
    shortcut : bool
        Whether what is clear without following the flow is decided so; the answers are the same.

    Raises
    ------
    PointError
        If the points have another shape.
    StabilityError
        If `near` is not above 0.
    """
    found = _checked(landscape, points, near)
    flat = found.reshape(-1, landscape.parameters)
    sets = np.full(len(found), UNEXPLAINED)
    lost = ~(np.abs(flat).max(axis=1) <= bound(landscape))
    sets[lost] = DIVERGED
    left, exact = np.flatnonzero(~lost), 0
    if shortcut:
        left = LocalAttraction(landscape, near).decide(flat, sets, left)
    for part in (left[k : k + CHUNK] for k in range(0, len(left), CHUNK)):
        end = flow_limits(landscape, found[part])
        ways = np.linalg.norm((end.points - found[part]).reshape(-1, landscape.parameters), axis=1)
        sets[part] = np.where(ways <= near, end.sets, UNEXPLAINED)
        exact += end.exact
    return Outcomes(sets, len(left), exact)


def bound(landscape: NetworkLoss) -> float:
    """Return the size of an entry beyond which a point has diverged.

    It is relative to the witnesses of the atlas, or, where there is none, to the largest label over the least entry.
    """
    if is_affordable(landscape):
        entries = [abs(x) for each in known_atlas(landscape).sets for row in each.witness for x in row]
    else:
        least = min(abs(x) for row in landscape.rows for x in row if x)
        entries = [abs(y) / least for y in landscape.data.labels]
    largest = max([Fraction(1), *entries])
    return FAR * float(largest) if FAR * largest < LARGEST else float(LARGEST)


def _checked(landscape: NetworkLoss, points: Floats, near: float) -> Floats:
    try:
        found = np.asarray(points, dtype=float)
    except (TypeError, ValueError):
        found = np.empty(0)
    wanted = point_shape(landscape)
    if found.shape[1:] != wanted:
        shape = ", ".join(["points", *map(str, wanted)])
        raise PointError(
            f"Expected points of shape ({shape}); got {np.shape(found)}.",
            f"Give the numbers of {landscape.form} for each point.",
        )
    if not near > 0:
        raise StabilityError(f"Expected a distance near above 0; got {near}.", f"Write near={NEAR}.")
    return found
