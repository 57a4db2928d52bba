"""Starts on a kink by structure, as where biases begin at 0 and an example stands at the origin: how they leave it.

Outputs are continuous, so at such a start the speed across the kink of a unit depends on the side of this unit alone.
If it has one sign on both sides, the flow goes there; if it leads to the kink from both, it stays; that is then the
only solution. Anything else, and whatever floats cannot decide, is left to exact arithmetic.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Booleans, Floats, Ints
from stability.dynamics.flow.batch_faces import FloatProblem, Local


class Faces(Protocol):
    """What the sides of kinks are found by."""

    place: FloatProblem
    points: Floats

    def at(self, row: Ints) -> Local:
        """Return the restricted flow of one choice of faces."""

    def possible(self, who: Ints, here: Local, signs: Ints, crossed: Ints) -> Booleans:
        """Return for which starts the flow leads away from the crossed kinks and stays on the others."""


def leave_kinks(faces: Faces, moving: Ints, signs: Ints, fresh: NDArray[np.int8], trust: tuple[float, float]) -> Ints:
    """Set the signs with which starts leave the kinks on which they are; return the starts for which that is sure.

    Parameters
    ----------
    faces : Faces
    moving : array of int
        Starts that are near no kink but those on which they are.
    signs : array of int of shape (starts, units * points)
        Of all starts; changed in place.
    fresh : array of int8 of the same shape
        Where a kink has just been left there will be a 1.
    trust : (close, rounding)
        As `sides_of_kinks` takes them.
    """
    on = (signs == 0) & np.tile(faces.place.bends, faces.place.units)
    stands = on[moving].any(axis=1)
    who, left = moving[stands], [moving[~stands]]
    unique, inverse = np.unique(signs[who], axis=0, return_inverse=True)
    for u, row in enumerate(unique):
        members = who[inverse.ravel() == u]
        signs[members], sure = sides_of_kinks(faces, members, row, *trust)
        for new in np.unique(signs[members[sure]], axis=0):
            same = members[sure & (signs[members] == new).all(axis=1)]
            here, crossed = faces.at(new), np.flatnonzero(on[members[0]] & (new != 0))
            if here.sound:
                same = same[faces.possible(same, here, new, crossed)]
                fresh[np.ix_(same, crossed)] = 1
                faces.points[same] = faces.points[same] @ here.projection
                left.append(same)
    return np.sort(np.concatenate(left))


def sides_of_kinks(faces: Faces, who: Ints, row: Ints, close: float, rounding: float) -> tuple[Ints, Booleans]:
    """Return the signs with which starts leave the kinks on which they are, and for which of them that is sure.

    Parameters
    ----------
    faces : Faces
    who : array of int of shape (starts,)
        The starts: all of them have the same signs.
    row : array of int of shape (units * points,)
        These signs, 0 on the kinks.
    close, rounding : float
        Relative to what they are made of, below which speeds are not trusted, and what a float costs.

    Returns
    -------
    signs : array of int of shape (starts, units * points)
    sure : array of bool of shape (starts,)
    """
    place, count = faces.place, len(faces.place.rows)
    cells = np.flatnonzero((row == 0) & np.tile(place.bends, place.units))
    turns = np.array([1 if place.lines[k % count][1] > 0 else -1 for k in cells])
    kinks = sorted({(int(k) // count, place.lines[k % count][0]) for k in cells})
    signs, sure = np.tile(row, (len(who), 1)), np.zeros(len(who), dtype=bool)
    if len({unit for unit, _ in kinks}) < len(kinks):
        return signs, sure
    points, speeds = faces.points[who], []
    for side in (1, -1):
        beside = row.copy()
        beside[cells] = side * turns
        here = faces.at(beside)
        if not here.sound:
            return signs, sure
        speed = here.speed(points)
        sizes = here.rates[-1] * np.linalg.norm(points, axis=1) + np.linalg.norm(here.force)
        doubt = close * np.linalg.norm(speed, axis=1) + rounding * sizes
        speeds.append((place.heights(speed), doubt))
    sure[:] = True
    for unit, kink in kinks:
        size = np.linalg.norm(place.rows[kink])
        (right, _), (left, _) = ((z[:, unit, kink], doubt) for z, doubt in speeds)
        doubt = size * np.maximum(speeds[0][1], speeds[1][1])
        chosen = np.where((right > doubt) & (left > doubt), 1, np.where((right < -doubt) & (left < -doubt), -1, 0))
        sure &= (chosen != 0) | ((left > doubt) & (right < -doubt))
        for cell, turn in zip(cells, turns, strict=True):
            if (int(cell) // count, place.lines[cell % count][0]) == (unit, kink):
                signs[:, cell] = chosen * turn
    return signs, sure
