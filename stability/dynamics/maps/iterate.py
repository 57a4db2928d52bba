"""Where does an update rule take many starts, all at once, and which of them come to rest?

Sums are taken number by number in a fixed order, so the bits of a run do not depend on the runs beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Floats
from stability.dynamics.basins.attribution import DIVERGED, UNEXPLAINED, Outcomes, bound, outcomes
from stability.errors import StabilityError
from stability.exact.numbers import float64
from stability.model.network_loss import NetworkLoss
from stability.model.update_rules import State, UpdateRule

STEPS = 10_000
"""The most steps of a run."""

REST = 1e-9
"""A run rests once no entry of its gradient and of its velocity is larger, relative to `Field.size`."""

SMALL = 1e-4
"""See `Field.size`."""

FULL = 0.8
"""Runs that have ended leave the batch once fewer than this share of it still move."""


@dataclass(frozen=True)
class Field:
    """The gradient in floats for many points at once, with torch's slope at kinks.

    Attributes
    ----------
    rows : array of shape (n, d + 1)
    labels : array of shape (n,)
    slopes : tuple of float
        On the right of the kink, on the left, and at it.
    factor : float
        Twice the factor before the sum of squares.
    """

    rows: Floats
    labels: Floats
    slopes: tuple[float, float, float]
    factor: float

    @property
    def size(self) -> float:
        """The largest entry that one residual as large as the largest label adds to a gradient.

        Labels count at least `SMALL` of the largest entry of a data point, so that rounding does not matter.
        """
        largest = float(np.abs(self.rows).max())
        with np.errstate(over="ignore"):
            return self.factor * largest * max(float(np.abs(self.labels).max()), SMALL * largest)

    def __call__(self, points: Floats) -> Floats:
        """Return the gradients at points, both of shape (units, d + 1, points)."""
        x, (right, left, kink) = self.rows, self.slopes
        z = self._heights(points)
        positive, negative = z > 0, z < 0
        errors = self._errors(z)
        pulls = errors * np.where(positive, right, np.where(negative, left, kink))
        parts = [_in_order(pulls * x[:, c, None]) for c in range(x.shape[1])]
        found: Floats = self.factor * np.stack(parts, axis=1)
        return found

    def losses(self, points: Floats) -> Floats:
        """Return the losses, of shape (points,), at points of shape (units, d + 1, points)."""
        errors = self._errors(self._heights(points))
        found: Floats = self.factor / 2 * _in_order((errors * errors)[None])[0]
        return found

    def _heights(self, points: Floats) -> Floats:
        """Return the pre-activations, of shape (units, n, points)."""
        return _sum([points[:, None, c] * self.rows[:, c, None] for c in range(self.rows.shape[1])])

    def _errors(self, heights: Floats) -> Floats:
        """Return the outputs less the labels, of shape (n, points)."""
        right, left, _ = self.slopes
        return _sum(list(np.where(heights > 0, right * heights, left * heights))) - self.labels[:, None]


def _in_order(terms: Floats) -> Floats:
    """Return the sum over the second of three axes, from the first term to the last, whatever the size of the third.

    Along the last axis but one numpy adds term by term, unless the last has a single entry.
    """
    if terms.shape[2] > 1:
        return np.asarray(np.add.reduce(terms, axis=1))
    return np.asarray(np.add.reduce(np.repeat(terms, 2, axis=2), axis=1)[:, :1])


def _sum(terms: Sequence[Floats]) -> Floats:
    """Return the sum, from the first term to the last."""
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def field(landscape: NetworkLoss) -> Field:
    """Return the gradient of a landscape in floats.

    Raises
    ------
    DataError
        If its data have numbers beyond float64.
    """
    unit, name = landscape.network.unit, landscape.data.name
    slopes = [float64(x, unit.name) for x in (unit.positive, unit.negative, unit.kink_slope)]
    return Field(
        rows=np.array([[float64(x, name) for x in row] for row in landscape.rows]),
        labels=np.array([float64(y, name) for y in landscape.data.labels]),
        slopes=(slopes[0], slopes[1], slopes[2]),
        factor=2 * float(landscape.scale),
    )


def gradients(landscape: NetworkLoss, points: Floats) -> Floats:
    """Return the gradients that torch computes at points, both of shape (..., units, d + 1)."""
    shape = np.shape(points)
    found = field(landscape)(inwards(np.reshape(points, (-1, *shape[-2:]))))
    return _outwards(found).reshape(shape)


def inwards(points: Floats) -> Floats:
    """Return points of shape (points, units, d + 1) with their number last, as loops over them are fast."""
    return np.ascontiguousarray(np.moveaxis(np.asarray(points, dtype=float), 0, -1))


def _outwards(points: Floats) -> Floats:
    return np.ascontiguousarray(np.moveaxis(points, -1, 0))


@dataclass(frozen=True)
class Runs:
    """Where an update rule took starts.

    Attributes
    ----------
    points : array of shape (starts, units, d + 1)
        Where each run came to rest, left the bound of `outcomes`, or was after the last step.
    resting : array of bool of shape (starts,)
        Whether it came to rest.
    diverged : array of bool of shape (starts,)
        Whether it left the bound.
    steps : array of int of shape (starts,)
        The steps it took.
    moving : array of int
        Which runs neither rest nor have diverged after the last step.
    state : (p, buffers..., t)
        Of these, as the rule has it: arrays of shape (units, d + 1, moving).
    """

    points: Floats
    resting: NDArray[np.bool_]
    diverged: NDArray[np.bool_]
    steps: NDArray[np.int64]
    moving: NDArray[np.int64]
    state: State


def follow(landscape: NetworkLoss, rule: UpdateRule, starts: Floats, steps: int = STEPS) -> Runs:
    """Return where an update rule takes starts of shape (starts, units, d + 1) within so many steps.

    Every run stops by itself: at rest, where gradient and velocity (the first buffer of the rule) are next to 0, or
    where it diverges. Adam with a constant step hovers around a minimum in the long run; it stops where it first rests.
    """
    require_rule(rule, steps)
    gradient, far = field(landscape), bound(landscape)
    rest, count = REST * gradient.size, len(starts)
    state = rule.start(inwards(starts))
    going, last = np.arange(0), tuple(each[..., :0] for each in state[:-1])
    points, own, moving = state[0].copy(), np.arange(count), np.ones(count, dtype=bool)
    resting, lost, taken = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool), np.full(count, steps)
    with np.errstate(all="ignore"):
        for t in range(steps + 1):
            slopes = gradient(state[0])
            gone = ~(_largest(state[0]) <= far)
            still = ~gone & (_largest(slopes, *state[1:-1][:1]) <= rest) & np.isfinite(_largest(slopes))
            ended = moving & (still | gone | (t == steps))
            if ended.any():
                who = own[ended]
                points[..., who], taken[who] = state[0][..., ended], t
                resting[who], lost[who] = still[ended], gone[ended]
                if t == steps:
                    left = moving & ~still & ~gone
                    going, last = own[left], tuple(each[..., left] for each in state[:-1])
                moving &= ~ended
            if not moving.any():
                break
            if moving.sum() < FULL * len(moving):
                own, slopes = own[moving], slopes[..., moving]
                state, moving = (*(each[..., moving] for each in state[:-1]), state[-1]), moving[moving]
            state = rule.step(state, slopes)
    return Runs(_outwards(points), resting, lost, taken, going, (*last, steps))


def settled(landscape: NetworkLoss, runs: Runs) -> Outcomes:
    """Return at which sets runs have come to rest.

    A run is unexplained if it does not rest within the steps, or rests where the flow leads on.
    """
    sets = np.where(runs.diverged, DIVERGED, UNEXPLAINED)
    found = outcomes(landscape, runs.points[runs.resting])
    sets[runs.resting] = found.sets
    return Outcomes(sets, found.followed, found.exact)


def rule_ends(landscape: NetworkLoss, points: Floats, rule: UpdateRule, steps: int = STEPS) -> Outcomes:
    """Return at which sets an update rule comes to rest from starts of shape (starts, units, d + 1)."""
    return settled(landscape, follow(landscape, rule, points, steps))


def _largest(*arrays: Floats) -> Floats:
    """Return the largest size of an entry of each point; NaN if one is."""
    found: Floats = np.max([np.abs(each).max(axis=(0, 1)) for each in arrays], axis=0)
    return found


def require_rule(rule: UpdateRule, steps: int = STEPS) -> None:
    """Raise a StabilityError if this is no update rule, or no number of steps."""
    if not isinstance(rule, UpdateRule):
        raise StabilityError(
            f"Expected an update rule; got {rule!r}.",
            "Write stability.model.update_rules.rule('heavy-ball', step='1/10'), or leave it out for gradient flow.",
        )
    if steps < 1:
        raise StabilityError(f"Expected at least one step; got {steps}.", f"Write steps={STEPS}.")


def orbit(landscape: NetworkLoss, rule: UpdateRule, start: Floats, count: int) -> Floats:
    """Return the points that a rule visits from a start, as an array of shape (at most count + 1, units, d + 1).

    The start is the first; the last is the first that is too far away.
    """
    gradient, far = field(landscape), bound(landscape)
    state = rule.start(inwards(np.asarray(start, dtype=float)[None]))
    points = [state[0]]
    while len(points) <= count and np.abs(points[-1]).max() <= far:
        state = rule.step(state, gradient(state[0]))
        points.append(state[0])
    return _outwards(np.concatenate(points, axis=-1))
