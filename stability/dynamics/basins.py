"""Which share of random starts does each stationary set attract?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stability.dynamics.patterns import Floats
from stability.dynamics.swarm import UNDECIDED, Ints, ends
from stability.errors import PointError, StabilityError
from stability.exact.numbers import rational
from stability.geometry.atlas import known_atlas
from stability.geometry.sets import StationarySet
from stability.model.intervals import wilson
from stability.model.landscapes import Landscape
from stability.model.laws import starts

CHUNK = 5000
"""Starts that are followed at once."""

Progress = Callable[[int, int], None]
"""Called with (starts done, starts in all)."""


@dataclass(frozen=True)
class Share:
    """The share of starts that end on a stationary set, its images by permuting the units included.

    Attributes
    ----------
    set : StationarySet
    count : int
    share, low, high : float
        The frequency and its 95% interval (Wilson).
    """

    set: StationarySet
    count: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Basins:
    """Where gradient flow takes random starts.

    Attributes
    ----------
    landscape : Landscape
    law : str
    samples, seed : int
    shares : list of Share
        Of the sets that starts ended on, in the order of the atlas.
    undecided : int
        Starts whose end was not decided.
    exact : int
        Starts that were too close to a boundary for floats and were followed exactly.
    """

    landscape: Landscape
    law: str
    samples: int
    seed: int
    shares: list[Share]
    undecided: int
    exact: int

    def to_json(self) -> dict[str, Any]:
        """Return the shares, with exact losses and witnesses as text."""
        return {
            "model": self.landscape.network.name,
            "data": self.landscape.data.name,
            "loss_kind": self.landscape.loss_kind,
            "law": self.law,
            "samples": self.samples,
            "seed": self.seed,
            "undecided": self.undecided,
            "followed_exactly": self.exact,
            "sets": [
                {
                    "loss": str(each.set.loss),
                    "kind": each.set.kind,
                    "share": each.share,
                    "low": each.low,
                    "high": each.high,
                    "count": each.count,
                    "set": each.set.index,
                    "witness": [[str(x) for x in row] for row in each.set.witness],
                }
                for each in self.shares
            ],
        }


def basins(landscape: Landscape, law: str, samples: int, seed: int = 0, progress: Progress | None = None) -> Basins:
    """Return the share of random starts that each stationary set attracts under gradient flow.

    Parameters
    ----------
    landscape : Landscape
    law : str
        "normal:STD" (biases 0), "normal:STD:BIAS_STD", "uniform:A" or "uniform:A:B".
    samples, seed : int
        Start i is the same for every number of samples.
    progress : callable, optional

    Raises
    ------
    UnknownNameError, NumberError, StabilityError
        If the law, the number or the seed make no sense.
    """
    points = starts(landscape, law, samples, seed)
    found: list[Ints] = []
    exact = 0
    for first in range(0, samples, CHUNK):
        part = ends(landscape, points[first : first + CHUNK])
        found.append(part.sets)
        exact += part.exact
        if progress is not None:
            progress(min(first + CHUNK, samples), samples)
    sets = np.concatenate(found)
    atlas = known_atlas(landscape)
    shares = []
    for k in sorted(set(sets.tolist()) - {UNDECIDED}):
        count = int((sets == k).sum())
        shares.append(Share(atlas.sets[k], count, count / samples, *wilson(count, samples)))
    return Basins(landscape, law, samples, seed, shares, int((sets == UNDECIDED).sum()), exact)


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
    at, across, above = (np.array([[float(x) for x in row] for row in each]) for each in rows)
    if np.linalg.matrix_rank(np.stack([across.ravel(), above.ravel()])) < 2:
        raise PointError("The two directions do not span a plane.", "Give two that are not multiples of each other.")
    return Plane(at, across, above, ("x", "y"))


def basin_map(landscape: Landscape, place: Plane, x: Floats, y: Floats) -> Ints:
    """Return on which stationary set each point of a grid ends, as an array of shape (len(y), len(x)).

    Raises
    ------
    StabilityError
        If an axis is empty.
    """
    if not len(x) or not len(y):
        raise StabilityError("Expected points on both axes.", "Write np.linspace(-1, 1, 200).")
    grid = place.points(*np.meshgrid(x, y)).reshape(-1, landscape.units, landscape.width)
    found = [ends(landscape, grid[k : k + CHUNK]).sets for k in range(0, len(grid), CHUNK)]
    return np.concatenate(found).reshape(len(y), len(x))
