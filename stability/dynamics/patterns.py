"""What does a swarm need to know of each choice of faces: the restricted flow, and what ends it, in floats?

Data points that coincide act as one, with their number as weight and their mean label.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stability.model.landscapes import Landscape

Floats = NDArray[np.float64]
Pattern = tuple[tuple[int, ...], ...]

NEGLIGIBLE = 1e-11
"""Below this, relative to its size, a coefficient counts as 0 by structure."""


@dataclass(frozen=True)
class Setting:
    """A landscape in floats, each data point once.

    Attributes
    ----------
    rows : array of shape (points, d + 1)
    weights, labels : arrays of shape (points,)
    slopes : array of shape (3,)
        By sign: mean at the kink, right, left.
    units, width : int
    scale : float
    place : list of int
        For every point of the dataset, its row here.
    """

    rows: Floats
    weights: Floats
    labels: Floats
    slopes: Floats
    units: int
    width: int
    scale: float
    place: list[int]

    @property
    def size(self) -> int:
        """The number of parameters."""
        return self.units * self.width

    def heights(self, points: Floats) -> Floats:
        """Return the pre-activations of points of shape (..., units * width), as (..., units, points)."""
        shaped = points.reshape(*points.shape[:-1], self.units, self.width)
        return shaped @ self.rows.T


def setting(landscape: Landscape) -> Setting:
    """Return a landscape in floats."""
    distinct = list(dict.fromkeys(map(tuple, landscape.rows)))
    place = [distinct.index(tuple(row)) for row in landscape.rows]
    weights = np.bincount(place, minlength=len(distinct)).astype(float)
    sums = np.bincount(place, weights=[float(y) for y in landscape.data.labels], minlength=len(distinct))
    unit = landscape.network.unit
    mean = (unit.negative + unit.positive) / 2
    return Setting(
        rows=np.array([[float(x) for x in row] for row in distinct]),
        weights=weights,
        labels=sums / weights,
        slopes=np.array([float(mean), float(unit.positive), float(unit.negative)]),
        units=landscape.units,
        width=landscape.width,
        scale=float(landscape.scale),
        place=place,
    )


@dataclass(frozen=True)
class Local:
    """The restricted flow p' = force - matrix p of one choice of faces, and what ends it when it becomes negative.

    Attributes
    ----------
    rates : array of shape (size,)
        Eigenvalues, ascending; those that are 0 by structure are 0.
    modes : array of shape (size, size)
        Eigenvectors, as columns.
    rest : array of shape (size,)
        A point with matrix rest = force.
    projection : array of shape (size, size)
    matrix : array, force : array
        Of the flow.
    watched : array of shape (watched, size), constants : array of shape (watched,)
        First s z for every unit and point (0 on kinks), then the guards of every kink: side -1, side 1.
    in_range : array of bool of shape (watched,)
        Whether the limit of the watched quantity does not depend on the start.
    null : array of bool of shape (watched,)
        Whether it is 0 by structure.
    merge : array of shape (size, size)
        Adds up the weights of modes with the same rate, in the place of the first of them.
    """

    rates: Floats
    modes: Floats
    rest: Floats
    projection: Floats
    matrix: Floats
    force: Floats
    watched: Floats
    constants: Floats
    in_range: NDArray[np.bool_]
    null: NDArray[np.bool_]
    merge: Floats
    sound: bool


def local(place: Setting, pattern: Pattern) -> Local:
    """Return the restricted flow of one choice of faces. Not sound: the kinks of a unit depend on each other."""
    signs = np.array(pattern)
    steep = place.slopes[signs]
    jacobian = np.concatenate([steep[j][:, None] * place.rows for j in range(place.units)], axis=1)
    weighted = jacobian.T * (2 * place.scale * place.weights)
    full_matrix, full_force = weighted @ jacobian, weighted @ place.labels
    projection, shares, sound = _spans(place, signs)
    matrix, force = projection @ full_matrix @ projection, projection @ full_force
    rates, modes = np.linalg.eigh((matrix + matrix.T) / 2)
    rates = np.where(rates > NEGLIGIBLE * max(rates[-1], 1), rates, 0.0)
    inverse = np.where(rates > 0, 1 / np.where(rates > 0, rates, 1), 0)
    rest = modes @ (inverse * (modes.T @ force))
    watched, constants = _watched(place, signs, jacobian, full_matrix, full_force, shares)
    size = np.maximum(np.linalg.norm(watched, axis=1), 1) * NEGLIGIBLE
    watched = watched @ projection
    null = (np.linalg.norm(watched, axis=1) < size) & (np.abs(constants) < size)
    in_range = np.linalg.norm(watched @ (modes * (rates == 0)), axis=1) < size
    return Local(
        rates, modes, rest, projection, matrix, force, watched, constants, in_range, null, _merge(rates), sound
    )


def _merge(rates: Floats) -> Floats:
    same = np.abs(rates[:, None] - rates[None, :]) <= 1e-9 * np.maximum(rates[:, None], 1e-300)
    first = same.argmax(axis=1)
    merge: Floats = np.eye(len(rates))[first]
    return merge


def _spans(place: Setting, signs: NDArray[np.int_]) -> tuple[Floats, dict[tuple[int, int], Floats], bool]:
    """Return the projection onto the span, and for every kink how its weight is read off a unit's gradient."""
    projection, shares, sound = np.eye(place.size), dict[tuple[int, int], Floats](), True
    for j in range(place.units):
        kinks = np.flatnonzero(signs[j] == 0)
        if not len(kinks):
            continue
        table = place.rows[kinks]
        inverse = np.linalg.pinv(table.T)
        sound = sound and np.linalg.matrix_rank(table) == len(kinks)
        block = slice(j * place.width, (j + 1) * place.width)
        projection[block, block] -= table.T @ inverse
        for k, i in enumerate(kinks):
            shares[j, int(i)] = inverse[k]
    return projection, shares, bool(sound)


def _watched(
    place: Setting,
    signs: NDArray[np.int_],
    jacobian: Floats,
    matrix: Floats,
    force: Floats,
    shares: dict[tuple[int, int], Floats],
) -> tuple[Floats, Floats]:
    count = len(place.rows)
    watched, constants = np.zeros((3 * place.units * count, place.size)), np.zeros(3 * place.units * count)
    bend = place.slopes[1] - place.slopes[2]
    for j in range(place.units):
        block = slice(j * place.width, (j + 1) * place.width)
        for i in range(count):
            at = j * count + i
            watched[at, block] = signs[j, i] * place.rows[i]
            if signs[j, i] == 0:
                room = bend * place.scale * place.weights[i]
                for side, k in ((-1, 1), (1, 2)):
                    row = k * place.units * count + at
                    watched[row] = room * jacobian[i] + side * (shares[j, i] @ matrix[block])
                    constants[row] = -room * place.labels[i] - side * (shares[j, i] @ force[block])
    return watched, constants


def sides(pattern: Pattern, place: Sequence[int]) -> list[list[int]]:
    """Return the sign of every unit at every point of the dataset."""
    return [[row[i] for i in place] for row in pattern]
