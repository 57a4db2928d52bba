"""Where an update rule takes many starts, all at once, and which of them come to rest.

The bits of a run do not depend on the runs beside it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Floats
from stability.dynamics.basins.attribution import DIVERGED, UNEXPLAINED, Outcomes, bound, outcomes
from stability.errors import StabilityError
from stability.model.float_loss import float_loss, inwards, outwards
from stability.model.network_loss import NetworkLoss
from stability.model.update_rules import State, UpdateRule

STEPS = 10_000
"""The most steps of a run."""

REST = 1e-9
"""A run rests once no entry of its gradient and of its velocity is larger, relative to `FloatLoss.size`."""

FULL = 0.8
"""Runs that have ended leave the batch once fewer than this share of it still move."""


@dataclass(frozen=True)
class Runs:
    """Where an update rule took starts.

    Attributes
    ----------
    points : array of shape (starts, units, d + 1), or (starts, parameters) with an output bias
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


def follow(landscape: NetworkLoss, rule: UpdateRule, starts: Floats, max_steps: int = STEPS) -> Runs:
    """Return where an update rule takes starts of shape (starts, units, d + 1) within so many steps.

    Every run stops by itself: at rest, where gradient and velocity (the first buffer of the rule) are next to 0, or
    where it diverges. Adam with a constant step hovers around a minimum in the long run; it stops where it first rests.
    """
    require_rule(rule, max_steps)
    loss, far = float_loss(landscape), bound(landscape)
    rest, count = REST * loss.size, len(starts)
    state = rule.start(inwards(starts))
    going, last = np.arange(0), tuple(each[..., :0] for each in state[:-1])
    points, own, moving = state[0].copy(), np.arange(count), np.ones(count, dtype=bool)
    resting, lost, taken = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool), np.full(count, max_steps)
    with np.errstate(all="ignore"):
        for t in range(max_steps + 1):
            slopes = loss.gradients(state[0])
            gone = ~(_largest(state[0]) <= far)
            still = ~gone & (_largest(slopes, *state[1:-1][:1]) <= rest) & np.isfinite(_largest(slopes))
            ended = moving & (still | gone | (t == max_steps))
            if ended.any():
                who = own[ended]
                points[..., who], taken[who] = state[0][..., ended], t
                resting[who], lost[who] = still[ended], gone[ended]
                if t == max_steps:
                    left = moving & ~still & ~gone
                    going, last = own[left], tuple(each[..., left] for each in state[:-1])
                moving &= ~ended
            if not moving.any():
                break
            if moving.sum() < FULL * len(moving):
                own, slopes = own[moving], slopes[..., moving]
                state, moving = (*(each[..., moving] for each in state[:-1]), state[-1]), moving[moving]
            state = rule.step(state, slopes)
    return Runs(outwards(points), resting, lost, taken, going, (*last, max_steps))


def settled(landscape: NetworkLoss, runs: Runs) -> Outcomes:
    """Return at which sets runs have come to rest.

    A run is unexplained if it does not rest within the steps, or rests where the flow leads on.
    """
    sets = np.where(runs.diverged, DIVERGED, UNEXPLAINED)
    found = outcomes(landscape, runs.points[runs.resting])
    sets[runs.resting] = found.sets
    return Outcomes(sets, found.followed, found.exact)


def rule_ends(landscape: NetworkLoss, points: Floats, rule: UpdateRule, max_steps: int = STEPS) -> Outcomes:
    """Return at which sets an update rule comes to rest from starts of shape (starts, units, d + 1)."""
    return settled(landscape, follow(landscape, rule, points, max_steps))


def _largest(*arrays: Floats) -> Floats:
    """Return the largest size of an entry of each point; NaN if one is."""
    own = tuple(range(arrays[0].ndim - 1))
    found: Floats = np.max([np.abs(each).max(axis=own) for each in arrays], axis=0)
    return found


def require_rule(rule: UpdateRule, max_steps: int = STEPS) -> None:
    """Raise a StabilityError if this is no update rule, or no number of steps."""
    if not isinstance(rule, UpdateRule):
        raise StabilityError(
            f"Expected an update rule; got {rule!r}.",
            "Write update_rule('heavy-ball', step='1/10'), or leave it out for gradient flow.",
        )
    if max_steps < 1:
        raise StabilityError(f"Expected at least one step; got {max_steps}.", f"Write max_steps={STEPS}.")


def orbit(landscape: NetworkLoss, rule: UpdateRule, start: Floats, count: int) -> Floats:
    """Return the points that a rule visits from a start, as an array of shape (at most count + 1, units, d + 1).

    The start is the first; the last is the first that is too far away.
    """
    loss, far = float_loss(landscape), bound(landscape)
    state = rule.start(inwards(np.asarray(start, dtype=float)[None]))
    points = [state[0]]
    while len(points) <= count and np.abs(points[-1]).max() <= far:
        state = rule.step(state, loss.gradients(state[0]))
        points.append(state[0])
    return outwards(np.concatenate(points, axis=-1))
