"""Reasons why a run of an update rule comes to rest at no stationary set, by its next steps."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Booleans, Floats, Ints
from stability.geometry.stationary.distances import Nearness, nearness
from stability.model.float_loss import FloatLoss, float_loss
from stability.model.network_loss import NetworkLoss
from stability.model.update_rules import State, UpdateRule

WINDOW = 128
"""So many steps after the last are looked at."""

PARTS = 2**23
"""Numbers of the paths that are in memory at once."""

CYCLE, CHATTERING, CIRCLING, APPROACHING, MOVING, RESTING = range(6)
WORDS = {
    CYCLE: "cycle",
    CHATTERING: "chattering at a kink",
    CIRCLING: "circling",
    APPROACHING: "beyond the budget",
    MOVING: "still moving",
    RESTING: "at rest, where the flow leads on",
}
"""Why a run is at no set. The first three go on for ever, as far as the steps that are looked at show."""

MEANS = {
    CYCLE: "the same points again, up to rounding",
    CHATTERING: "from side to side of a kink, about the same place",
    CIRCLING: "about the same place, without a kink",
    APPROACHING: "still coming closer to the set: more steps would help",
    MOVING: "on its way, not towards the nearest set",
    RESTING: "torch's gradient is 0, but gradient flow leaves",
}

REPEATS = 1e-6
"""Points of a cycle come back as closely as this, relative to how far the run moves."""

ROUNDING = 1e-14
"""Motion smaller than this, relative to the point, is none."""

STAYS = 0.5
"""A run stays about a place if its mean moves less than this, relative to how far it moves about it, or, where it
crosses kinks, to its distance from the nearest set."""

STEADY = 0.8
"""A motion about a place goes on if it shrinks by less than this from one half of the window to the other."""

SPOTS = (0, 1, 2, 3, WINDOW // 2, WINDOW - 2, WINDOW - 1, WINDOW)
"""After these steps the distance to the nearest set is measured; the largest counts."""


@dataclass(frozen=True)
class Motions:
    """What runs that are at no set do.

    Attributes
    ----------
    reasons : array of int of shape (runs,)
        Keys of `WORDS`.
    periods : array of int of shape (runs,)
        Of cycles; 0 for other motions.
    kinked : array of bool of shape (runs,)
        Whether a pre-activation changes its sign again and again.
    sets : array of int of shape (runs,)
        The nearest set; -1 where that is not known.
    distances : array of shape (runs,)
        The largest distance to it during the steps that are looked at; NaN where it is not known.
    """

    reasons: Ints
    periods: Ints
    kinked: Booleans
    sets: Ints
    distances: Floats

    def words(self, k: int) -> str:
        """Return what run k does, in words."""
        return words(int(self.reasons[k]), int(self.periods[k]), bool(self.kinked[k]))


def words(reason: int, period: int = 0, kinked: bool = False) -> str:
    """Return why a run is at no set, in words."""
    return f"cycle of period {period}{' across kinks' * kinked}" if reason == CYCLE else WORDS[reason]


def motions(landscape: NetworkLoss, rule: UpdateRule, state: State, resting: Booleans | None = None) -> Motions:
    """Return what runs do in the next steps, and which set they are nearest to.

    Parameters
    ----------
    landscape : NetworkLoss
    rule : UpdateRule
    state : (p, buffers..., t)
        Where the runs are: arrays of shape (units, d + 1, runs), and the number of steps, one for all or one each.
    resting : array of bool of shape (runs,), optional
        Which of them rest, so that no steps are looked at.
    """
    count = state[0].shape[-1]
    still = np.zeros(count, dtype=bool) if resting is None else resting
    loss, near = float_loss(landscape), nearness(landscape)
    size = max(1, PARTS // (WINDOW * max(1, landscape.parameters)))
    parts = []
    for first in range(0, count, size):
        own = slice(first, first + size)
        parts.append(_part(loss, near, rule, tuple(_taken(each, own) for each in state), still[own]))
    if not parts:
        none = np.zeros(0, dtype=int)
        return Motions(none, none, none.astype(bool), none, none.astype(float))
    return Motions(*(np.concatenate([part[k] for part in parts]) for k in range(5)))


def _taken(each: Any, own: slice) -> Any:
    return each[..., own] if isinstance(each, np.ndarray) else each


def _part(loss: FloatLoss, near: Nearness, rule: UpdateRule, state: State, resting: Booleans) -> tuple[Any, ...]:
    path = [state[0]]
    with np.errstate(all="ignore"):
        for _ in range(WINDOW):
            state = rule.step(state, loss.gradients(state[0]))
            path.append(state[0])
        points = np.stack(path)
        signs = np.stack([np.sign(loss.heights(each)).astype(np.int8) for each in path])
        reasons, periods, kinked, drift = _kinds(points, signs)
    sets, first = near.nearest(np.moveaxis(points[0], -1, 0))
    ways = np.array([first, *(near.nearest(np.moveaxis(points[k], -1, 0), sets)[1] for k in SPOTS[1:])])
    closer, hangs = ways[-1] < STEADY * ways[0], kinked & (drift <= STAYS * ways.max(axis=0))
    reasons = np.where((reasons == MOVING) & hangs & ~closer, CHATTERING, reasons)
    reasons = np.where((reasons == MOVING) & (closer | _slower(points)), APPROACHING, reasons)
    reasons = np.where(resting, RESTING, reasons)
    distances = np.where(resting, first, ways.max(axis=0))
    return reasons, np.where(resting, 0, periods), kinked & ~resting, sets, distances


def _kinds(points: Floats, signs: NDArray[np.int8]) -> tuple[Ints, Ints, Booleans, Floats]:
    """Return what paths of shape (steps, units, d + 1, runs) do: reasons, periods, whether they chatter, and drifts.

    `signs` are those of the pre-activations, of shape (steps, units, n, runs).
    """
    flat = points.reshape(len(points), -1, points.shape[-1])
    extent = np.ptp(flat, axis=0).max(axis=0)
    size = np.abs(flat).max(axis=(0, 1))
    periods = _periods(flat, REPEATS * extent + ROUNDING * size)
    kinked = ((signs[1:] != signs[:-1]).sum(axis=0) >= 2).any(axis=(0, 1))
    half = len(flat) // 2
    means = [part.mean(axis=0) for part in (flat[:half], flat[half:])]
    about = [np.abs(part - mean).max(axis=(0, 1)) for part, mean in zip((flat[:half], flat[half:]), means, strict=True)]
    drift = np.abs(means[1] - means[0]).max(axis=0)
    stays = (drift <= STAYS * about[1]) & (about[1] >= STEADY * about[0])
    reasons = np.where(stays, np.where(kinked, CHATTERING, CIRCLING), MOVING)
    reasons = np.where(periods > 0, CYCLE, reasons)
    return np.where(extent <= ROUNDING * size, RESTING, reasons), periods, kinked, drift


def _periods(flat: Floats, close: Floats) -> Ints:
    """Return after how many steps each path comes back to where it was, at all of its points; 0 if it does not."""
    found = np.zeros(flat.shape[-1], dtype=int)
    for k in range(1, len(flat) // 2 + 1):
        open_ = np.flatnonzero((found == 0) & (np.abs(flat[k] - flat[0]).max(axis=0) <= close))
        again = (
            (np.abs(flat[k:, :, open_] - flat[:-k, :, open_]).max(axis=(0, 1)) <= close[open_]) if len(open_) else []
        )
        found[open_[again]] = k
    return found


def _slower(points: Floats) -> Booleans:
    """Return which paths move by less and less, so that they would come to rest."""
    steps = np.abs(np.diff(points, axis=0)).max(axis=tuple(range(1, points.ndim - 1)))
    half = len(steps) // 2
    found: Booleans = steps[half:].max(axis=0) < STEADY * steps[:half].max(axis=0)
    return found
