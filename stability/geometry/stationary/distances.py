"""Distances of points from each stationary set, in floats, for many points at once.

A set is a union of pieces: on a choice of faces, the points of their cones at which the network puts out what it does
on all of the set. The distance to the affine space around a piece is a bound, and exact where its nearest point is on
the faces; else the piece is a least-squares problem with non-negative weights of the rays of its cones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Floats, Ints
from stability.geometry.atlas.atlas import Atlas, known_atlas
from stability.model.network_loss import NetworkLoss
from stability.model.restrictions import require_fixed

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
        net = self.landscape.network
        unit, self.outer = net.unit, np.array([float(a) for a in net.weights])
        self.bias = np.ones((len(self.rows), 1))[:, : net.output_bias]
        self.slopes = np.array([0.0, float(unit.positive), float(unit.negative)])
        self._spans: dict[int, Floats] = {}

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
            for order in self._orders(choice):
                signs = np.array([faces[f].signs(n) for f in order], dtype=np.int8)
                kinks = [self._embedded(j, self.rows[i]) for j, i in np.argwhere(signs == 0)]
                steep = self.slopes[signs]
                blocks = [self.outer[j] * steep[j][:, None] * self.rows for j in range(len(order))]
                jacobian = np.concatenate([*blocks, self.bias], axis=1)
                matrix = np.concatenate([jacobian, np.reshape(kinks, (-1, self.landscape.parameters))])
                values = np.concatenate([outputs[number], np.zeros(len(kinks))])
                yield _Piece(number, signs, matrix, values, np.linalg.pinv(matrix, rcond=1e-10), order)

    def _orders(self, choice: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        """Yield the faces of a choice, unit by unit, in every order of the units with output weights of one sign."""
        problem, many, first = self.atlas.problem, len(self.atlas.arrangement.faces), 0
        groups = []
        for count in problem.counts:
            groups.append(dict.fromkeys(permutations(state % many for state in choice[first : first + count])))
            first += count
        for parts in product(*groups):
            placed = zip(problem.order, [face for part in parts for face in part], strict=True)
            yield tuple(face for _, face in sorted(placed))

    def _embedded(self, unit: int, row: Floats) -> Floats:
        found = np.zeros(self.landscape.parameters)
        found[self.landscape.blocks[unit]] = row
        return found

    def _units(self, flat: Floats) -> Floats:
        """Return the parameters of the units of flat points, of shape (..., units, d + 1)."""
        hidden = flat[..., : self.landscape.units * self.landscape.width]
        return hidden.reshape(*flat.shape[:-1], self.landscape.units, self.landscape.width)

    def nearest(self, points: Floats, of: Ints | None = None) -> tuple[Ints, Floats]:
        """Return the position of the nearest set in the atlas, and the distance to it.

        Parameters
        ----------
        points : array of shape (points, units, d + 1), or (points, parameters)
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
                way = self._cone(flat[b], pieces[k], self._span(int(k), pieces[k]))
                if way < best[b]:
                    sets[b], best[b] = pieces[k].set, way
        return sets, best

    def _bound(self, flat: Floats, piece: _Piece) -> tuple[Floats, NDArray[np.bool_]]:
        """Return distances to the affine space around a piece, and whether the nearest points are on its faces."""
        move = (piece.values - flat @ piece.matrix.T) @ piece.inverse.T
        heights = self._units(flat + move) @ self.rows.T
        slack = INSIDE * (1 + np.abs(flat).max(axis=1))[:, None, None]
        return np.linalg.norm(move, axis=1), (piece.signs * heights >= -slack).all(axis=(1, 2))

    def _span(self, k: int, piece: _Piece) -> Floats:
        """Return the rays of the cones of a piece, as columns; they are kept under its number."""
        if k in self._spans:
            return self._spans[k]
        rays = []
        for unit, f in enumerate(piece.faces):
            for ray in self.atlas.arrangement.faces[f].rays:
                full = self.within @ [float(x) for x in self.atlas.problem.full([Fraction(x) for x in ray])]
                rays.append(self._embedded(unit, full / np.linalg.norm(full)))
        size = self.landscape.parameters
        free = np.eye(size)[self.landscape.units * self.landscape.width :]
        rays += [side * axis for axis in free for side in (1, -1)]
        self._spans[k] = np.array(rays).reshape(-1, size).T
        return self._spans[k]

    def _cone(self, point: Floats, piece: _Piece, span: Floats) -> float:
        """Return the distance of one point to a piece, by the rays of its cones."""
        from scipy.optimize import nnls

        inside = np.concatenate([(self._units(point) @ self.within.T).ravel(), point[self._units(point).size :]])
        n = len(self.rows)
        outer = STIFF * np.concatenate([piece.matrix[:n] @ span, span])
        outer[n:] /= STIFF
        wanted = np.concatenate([STIFF * piece.values[:n], inside])
        if not (np.isfinite(outer).all() and np.isfinite(wanted).all()):
            return np.inf
        found = nnls(outer, wanted)[0] if span.size else np.zeros(0)
        return float(np.linalg.norm(span @ found - inside))


@lru_cache(maxsize=8)
def nearness(landscape: NetworkLoss) -> Nearness:
    """Return what finds the nearest stationary set of points of a landscape.

    Raises
    ------
    UnknownNameError
        If output weights are trained.
    """
    require_fixed(landscape, "distances from stationary sets", "sets are no unions of polyhedra where they are trained")
    return Nearness(known_atlas(landscape))
