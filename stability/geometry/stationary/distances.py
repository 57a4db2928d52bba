"""Distances of points from each stationary set, in floats, for many points at once.

A set is a union of pieces: on a choice of faces, the points of their cones at which the network puts out what it does
on all of the set. The distance to the affine space around a piece is a bound, and exact where its nearest point is on
the faces; else the piece is a least-squares problem with non-negative weights of the rays of its cones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Floats, Ints
from stability.geometry.atlas.atlas import Atlas, known_atlas
from stability.model.network_loss import NetworkLoss

MOST_PIECES = 40_000
"""Beyond so many pieces distances are not computed."""

STIFF = 1e5
"""How much more the outputs of a piece count than the distance to it."""

INSIDE = 1e-9
"""A pre-activation beyond its kink by less than this, relative to the point, counts as on the face."""


@dataclass(frozen=True)
class _Piece:
    """A piece of a set: signs of shape (units, n), equations matrix p = values, their pseudo-inverse, and the rays."""

    set: int
    signs: NDArray[np.int8]
    matrix: Floats
    values: Floats
    inverse: Floats
    faces: tuple[int, ...]


class Nearness:
    """Finds the nearest stationary set of points, and their distance to it.

    Parameters
    ----------
    atlas : Atlas
    """

    def __init__(self, atlas: Atlas) -> None:
        self.atlas, self.landscape = atlas, atlas.landscape
        self.rows = np.array([[float(x) for x in row] for row in self.landscape.rows])
        self.within = np.linalg.pinv(self.rows) @ self.rows
        unit = self.landscape.network.unit
        self.slopes = np.array([0.0, float(unit.positive), float(unit.negative)])

    @cached_property
    def pieces(self) -> list[_Piece] | None:
        """The pieces of all sets, for every order of the units; None where there are too many."""
        found: list[_Piece] = []
        for each in self._pieces():
            if len(found) == MOST_PIECES:
                return None
            found.append(each)
        return found

    def _pieces(self) -> Iterator[_Piece]:
        faces, n = self.atlas.arrangement.faces, len(self.rows)
        outputs = [np.array([float(y) for y in each.outputs]) for each in self.atlas.sets]
        for choice, number in self.atlas.number.items():
            for order in dict.fromkeys(permutations(choice)):
                signs = np.array([faces[f].signs(n) for f in order], dtype=np.int8)
                kinks = [self._embedded(j, self.rows[i]) for j, i in np.argwhere(signs == 0)]
                steep = self.slopes[signs]
                jacobian = np.concatenate([steep[j][:, None] * self.rows for j in range(len(order))], axis=1)
                matrix = np.concatenate([jacobian, np.reshape(kinks, (-1, self.landscape.parameters))])
                values = np.concatenate([outputs[number], np.zeros(len(kinks))])
                yield _Piece(number, signs, matrix, values, np.linalg.pinv(matrix, rcond=1e-10), order)

    def _embedded(self, unit: int, row: Floats) -> Floats:
        found = np.zeros(self.landscape.parameters)
        found[unit * self.landscape.width : (unit + 1) * self.landscape.width] = row
        return found

    def nearest(self, points: Floats, of: Ints | None = None) -> tuple[Ints, Floats]:
        """Return the position of the nearest set in the atlas, and the distance to it.

        Parameters
        ----------
        points : array of shape (points, units, d + 1)
        of : array of int of shape (points,), optional
            The set to measure from for each point, instead of the nearest.

        Returns
        -------
        sets, distances : arrays of shape (points,)
            -1 and NaN where there are too many pieces, or a point is not finite.
        """
        flat = np.reshape(points, (len(points), -1))
        sets, best = np.full(len(flat), -1), np.full(len(flat), np.nan)
        known = np.flatnonzero(np.isfinite(flat).all(axis=1))
        if self.pieces and len(known):
            with np.errstate(all="ignore"):  # a distance that overflows is far
                sets[known], best[known] = self._nearest(flat[known], self.pieces, None if of is None else of[known])
        return sets, best

    def _nearest(self, flat: Floats, pieces: list[_Piece], of: Ints | None) -> tuple[Ints, Floats]:
        sets, best = np.full(len(flat), -1), np.full(len(flat), np.inf)
        bounds = np.empty((len(pieces), len(flat)))
        for k, piece in enumerate(pieces):
            bounds[k], inside = self._bound(flat, piece)
            if of is not None:
                bounds[k, of != piece.set] = np.inf
            closer = inside & (bounds[k] < best)
            sets[closer], best[closer] = piece.set, bounds[k][closer]
        for b in np.flatnonzero((bounds < best).any(axis=0)):
            for k in np.argsort(bounds[:, b]):
                if bounds[k, b] >= best[b]:
                    break
                way = self._cone(flat[b], pieces[k])
                if way < best[b]:
                    sets[b], best[b] = pieces[k].set, way
        return sets, best

    def _bound(self, flat: Floats, piece: _Piece) -> tuple[Floats, NDArray[np.bool_]]:
        """Return distances to the affine space around a piece, and whether the nearest points are on its faces."""
        move = (piece.values - flat @ piece.matrix.T) @ piece.inverse.T
        heights = (flat + move).reshape(len(flat), *piece.signs.shape[:1], -1) @ self.rows.T
        slack = INSIDE * (1 + np.abs(flat).max(axis=1))[:, None, None]
        return np.linalg.norm(move, axis=1), (piece.signs * heights >= -slack).all(axis=(1, 2))

    def _cone(self, point: Floats, piece: _Piece) -> float:
        """Return the distance of one point to a piece."""
        from scipy.optimize import nnls

        width, rays = self.landscape.width, []
        for unit, f in enumerate(piece.faces):
            for ray in self.atlas.arrangement.faces[f].rays:
                full = self.within @ [float(x) for x in self.atlas.problem.full([Fraction(x) for x in ray])]
                rays.append(self._embedded(unit, full / np.linalg.norm(full)))
        span = np.array(rays).reshape(-1, len(point)).T
        units = point.reshape(-1, width) @ self.within.T
        n = len(self.rows)
        outer = STIFF * np.concatenate([piece.matrix[:n] @ span, span])
        outer[n:] /= STIFF
        wanted = np.concatenate([STIFF * piece.values[:n], units.ravel()])
        if not (np.isfinite(outer).all() and np.isfinite(wanted).all()):
            return np.inf
        found = nnls(outer, wanted)[0] if span.size else np.zeros(0)
        return float(np.linalg.norm(span @ found - units.ravel()))


@lru_cache(maxsize=8)
def nearness(landscape: NetworkLoss) -> Nearness:
    """Return what finds the nearest stationary set of points of a landscape."""
    return Nearness(known_atlas(landscape))
