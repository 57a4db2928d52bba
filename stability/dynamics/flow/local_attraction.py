"""Local attraction: the ends of gradient flow from points next to their limit, decided without following it.

- Inside a cell the flow leads straight to the projection of the point on the minimisers of one quadratic, if the ball
  around that limit with the length of the way as its radius lies inside the cell.
- Next to kinks at which the residual is 0, as at every solution, the quadratics of all faces around have the same least
  value L*. Then |grad L|^2 >= 2 m (L - L*), also while the flow slides, where m is the least eigenvalue above 0 of
  their Hessians. So the way is at most sqrt(2 (L - L*) / m) long, and it ends on a stationary point of these faces.
- Where the origin is a strict minimum and the one stationary point, all flow ends there: along every ray from it the
  loss is a quadratic that rises without bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Floats, Ints
from stability.dynamics.flow.batch import CLOSE, UNDECIDED
from stability.dynamics.flow.batch_faces import setting
from stability.geometry.atlas.atlas import known_atlas
from stability.model.network_loss import NetworkLoss

Signs = NDArray[np.int8]
Faces = tuple[int, ...]
"""One face of the arrangement per unit."""

TOUCHES = (0.0, 1e-5, 1e-2)
"""Kinks whose pre-activation is at most this, tried in turn, are those that the flow may meet."""

MOST_FACES = 2000
"""With more choices of faces around than this, nothing is decided here."""

ROUNDING = 1e-13
"""Of a loss, relative to the squares that it is made of."""

SAME = 1e-9
"""Least values that differ less than this, relative to the squares of the labels, are the same."""

RANK = 1e-10
"""Singular values below this, relative to the largest that there may be, are 0 by structure."""


@dataclass(frozen=True)
class Corner:
    """What is around a choice of faces where the quadratics of all faces around have the same least value.

    Attributes
    ----------
    set : int
        The stationary set that all stationary points of these faces are on.
    least : float
        That value.
    rate : float
        The least eigenvalue above 0 of their Hessians; infinite if there is none.
    """

    set: int
    least: float
    rate: float


class LocalAttraction:
    """Decides for points next to their limit on which stationary set that is.

    On every choice of faces the loss is |A p - b|^2 / 2, but for what points that coincide add to it everywhere.

    Parameters
    ----------
    landscape : NetworkLoss
    near : float
        A point whose limit is farther is at no set.
    """

    def __init__(self, landscape: NetworkLoss, near: float) -> None:
        self.atlas, self.place, self.near = known_atlas(landscape), setting(landscape), near
        self.norms = np.linalg.norm(self.place.rows, axis=1)
        self.weights = np.sqrt(2 * self.place.scale * self.place.weights)
        self.target = self.weights * self.place.labels
        steep = float(np.abs(self.place.slopes).max() * np.abs(self.place.outer).max())
        self.tiny = RANK * steep * float(np.linalg.norm(self.weights * self.norms))
        self.bias = (self.weights * self.place.bias)[:, None][:, : landscape.network.output_bias]
        examples, faces = [self.place.place.index(k) for k in range(len(self.norms))], self.atlas.arrangement.faces
        table = [[(face.plus >> i & 1) - (face.minus >> i & 1) for i in examples] for face in faces]
        self.signs = np.array(table, dtype=np.int8)
        self.all_signs = [face.signs(len(landscape.rows)) for face in faces]
        self.found: dict[Faces, int | None] = {}
        self.blocks: dict[int, Floats] = {}
        first = self.atlas.sets[0]
        self._only_origin = len(self.atlas.sets) == 1 and first.strict and not any(map(any, first.witness))

    def decide(self, points: Floats, sets: Ints, who: Ints) -> Ints:
        """Fill in the sets of those of the points (points, parameters) for which it is clear; return the others."""
        if not self.place.held:
            return who
        if self._only_origin:
            sets[who] = np.where(np.linalg.norm(points[who], axis=1) <= self.near, 0, UNDECIDED)
            return who[:0]
        for touch in TOUCHES:
            if not len(who):
                break
            heights = self.place.heights(points[who])
            signs = np.where(np.abs(heights) <= touch, 0, np.sign(heights)).astype(np.int8)
            unique, inverse = np.unique(signs.reshape(len(who), -1), axis=0, return_inverse=True)
            clear = np.zeros(len(who), dtype=bool)
            for k, row in enumerate(unique):
                group = np.flatnonzero(inverse.ravel() == k)
                decide = self._inside if row.all() else self._beside
                found, clear[group] = decide(row.reshape(signs.shape[1:]), points[who[group]], heights[group])
                sets[who[group]] = np.where(clear[group], found, UNDECIDED)
            who = who[~clear]
        return who

    def _inside(self, signs: Signs, points: Floats, heights: Floats) -> tuple[Ints, NDArray[np.bool_]]:
        """Return the sets of points inside a cell, and for which of them that is clear."""
        cells = [np.flatnonzero((self.signs == row).all(axis=1)) for row in signs]
        set_ = self._set(tuple(int(cell[0]) for cell in cells)) if all(len(cell) for cell in cells) else None
        if set_ is None:
            return np.full(len(points), UNDECIDED), np.zeros(len(points), dtype=bool)
        matrix = self._matrices([tuple(int(cell[0]) for cell in cells)])[0]
        left, sizes, right = np.linalg.svd(matrix, full_matrices=False)
        kept = sizes > self.tiny
        moves = (self.target - points @ matrix.T) @ (left[:, kept] / sizes[kept]) @ right[kept]
        ways = np.linalg.norm(moves, axis=1)
        room = np.abs(self.place.heights(points + moves)) - ways[:, None, None] * self.norms
        return np.where(ways <= self.near, set_, UNDECIDED), (room > CLOSE).all(axis=(1, 2))

    def _beside(self, signs: Signs, points: Floats, heights: Floats) -> tuple[Ints, NDArray[np.bool_]]:
        """Return the sets of points next to kinks, and for which of them that is clear."""
        found = self._corner(signs)
        if found is None:
            return np.full(len(points), UNDECIDED), np.zeros(len(points), dtype=bool)
        steep = self.place.outer[:, None] * self.place.slopes[np.sign(heights).astype(int)]
        outputs = self.weights * ((steep * heights).sum(axis=1) + self.place.bias * points[:, -1:])
        loss, size = ((x**2).sum(axis=1) / 2 for x in (outputs - self.target, np.abs(outputs) + np.abs(self.target)))
        ways = np.sqrt(2 * (np.maximum(loss - found.least, 0) + ROUNDING * size) / found.rate)
        room = (np.abs(heights) - ways[:, None, None] * self.norms)[:, signs != 0]
        return np.full(len(points), found.set), (ways <= self.near) & (room > CLOSE).all(axis=1)

    def _corner(self, signs: Signs) -> Corner | None:
        """Return what is around the faces on which the kinks with sign 0 are, if all quadratics are alike there."""
        around = [np.flatnonzero(((row == 0) | (self.signs == row)).all(axis=1)).tolist() for row in signs]
        if not 0 < prod(map(len, around)) <= MOST_FACES:
            return None
        choices = list(product(*around))
        sets = [found for found in map(self._set, choices) if found is not None]
        left, sizes, _ = np.linalg.svd(self._matrices(choices), full_matrices=False)
        kept = sizes > self.tiny
        parts = np.where(kept, self.target @ left, 0)
        least = ((self.target**2).sum() - (parts**2).sum(axis=1)) / 2
        if len({*sets}) != 1 or np.ptp(least) > SAME * ((self.target**2).sum() or 1):
            return None
        return Corner(sets[0], max(least.min(), 0.0), np.where(kept, sizes, np.inf).min() ** 2)

    def _matrices(self, choices: Sequence[Faces]) -> Floats:
        """Return A of each choice of faces, restricted to their span."""
        outer = self.place.outer
        blocks = [[a * self._block(face) for a, face in zip(outer, faces, strict=True)] for faces in choices]
        return np.array([np.concatenate([*own, self.bias], axis=1) for own in blocks])

    def _block(self, face: int) -> Floats:
        """Return what one unit on a face adds to A: a column per parameter."""
        if face not in self.blocks:
            signs, rows = self.signs[face], self.place.rows
            kinks = rows[signs == 0]
            span = np.eye(rows.shape[1]) - np.linalg.pinv(kinks) @ kinks
            self.blocks[face] = (self.weights * self.place.slopes[signs])[:, None] * rows @ span
        return self.blocks[face]

    def _set(self, faces: Faces) -> int | None:
        if faces not in self.found:
            found = self.atlas.on_faces([self.all_signs[face] for face in faces])
            self.found[faces] = None if found is None else found.index
        return self.found[faces]
