"""Trajectories in a plane of parameter space, and the jumps of an update rule."""

from dataclasses import dataclass

import numpy as np

from stability.arrays import Floats
from stability.dynamics.flow.solutions import Solution
from stability.dynamics.maps.iterate import orbit
from stability.dynamics.phase_plane.vector_field import coordinates
from stability.geometry.sections.planes import Plane
from stability.model.network_loss import NetworkLoss
from stability.model.update_rules import UpdateRule

PER_PIECE = 60
"""Points of a curve between two events."""

LONG = 16.0
"""How long the last piece is followed, in units of the time in which its slowest mode decays by e."""

JUMPS = 300
"""Steps of an orbit of an update rule, at most."""

SEEN = 1 / 500
"""Share of the span of a picture below which distances are not seen."""


def ring(span: float, count: int) -> Floats:
    """Return starts near the rim of a square from -span to span, of shape (count, 2), off kinks of simple slope."""
    share = (np.arange(count) + 0.37) / max(count, 1)
    turn = 2 * np.pi * share
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    spots: Floats = 0.93 * span * circle / np.abs(circle).max(axis=1, keepdims=True)
    return spots.round(3)


def sample_times(found: Solution) -> Floats:
    """Return times that show a trajectory: evenly from event to event, then ever wider until it is all but at rest."""
    times = [np.linspace(piece.start, piece.end, PER_PIECE) for piece in found.pieces[:-1]]
    last = found.pieces[-1]
    moving = last.rates[(last.rates > 0) & (np.abs(last.terms).max(axis=1, initial=0) > 0)]
    late = LONG / moving.min() if len(moving) else 0.0
    rest = last.start + late * np.expm1(np.linspace(0, 4, PER_PIECE)) / np.expm1(4)
    return np.concatenate([*times, np.minimum(rest, last.end)])


def track(found: Solution, plane: Plane) -> Floats:
    """Return a trajectory in the coordinates of a plane, of shape (times, 2), projected at right angles."""
    if not found.pieces:
        start = np.array([float(x) for row in found.start for x in row]).reshape(plane.origin.shape)
        return coordinates(plane, start[None] - plane.origin)
    return coordinates(plane, found.at(sample_times(found).tolist()) - plane.origin)


@dataclass(frozen=True)
class ProjectedEnd:
    """Where a trajectory ends off the plane that a picture shows.

    Attributes
    ----------
    kind : str
        Of the stationary set on which it ends.
    spot : pair of float
        Its end in the coordinates of the plane, projected at right angles.
    """

    kind: str
    spot: tuple[float, float]


def projected_end(found: Solution, plane: Plane, span: float) -> ProjectedEnd | None:
    """Return the end of a trajectory in a picture of this span; None if it is in the plane, or its set is undecided."""
    if found.ends_on is None:
        return None
    end = np.array([float(x) for row in found.point for x in row]).reshape(plane.origin.shape)
    x, y = coordinates(plane, end[None] - plane.origin)[0].tolist()
    far = float(np.abs(plane.points(x, y) - end).max())
    return ProjectedEnd(found.ends_on.kind, (x, y)) if far > SEEN * span else None


def jumps(landscape: NetworkLoss, rule: UpdateRule, start: Floats, plane: Plane, span: float) -> Floats:
    """Return the points that a rule visits in the coordinates of a plane, of shape (times, 2), projected.

    They end where no later one of the first `JUMPS` differs so much that a picture of this span shows it.
    """
    found = coordinates(plane, orbit(landscape, rule, start, JUMPS) - plane.origin)
    apart = np.flatnonzero(~(np.abs(found - found[-1]).max(axis=1) <= SEEN * span))
    return found[: apart[-1] + 2] if len(apart) else found[:1]
