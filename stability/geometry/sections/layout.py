"""Room and distances in the layout of a picture."""

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from stability.arrays import Floats


def room(places: Floats, taken: Floats, shape: Sequence[float]) -> Floats:
    """Return how far each place is from all that is taken.

    Parameters
    ----------
    places, taken : array
        Of shapes (m, 2) and (n, 2).
    shape : pair of float
        By what the two coordinates of a distance are divided; wide things need more room sideways.
    """
    distance, _ = cKDTree(taken / np.asarray(shape)).query(places / np.asarray(shape))
    return np.asarray(distance)


def along(first: Sequence[float], last: Sequence[float], count: int = 40) -> Floats:
    """Return points on the segment between two points, ends included."""
    share = np.linspace(0, 1, count)[:, None]
    return np.asarray((1 - share) * np.asarray(first) + share * np.asarray(last), dtype=float)
