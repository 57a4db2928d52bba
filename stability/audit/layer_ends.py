"""The stationary sets on which runs with trained output weights ended: where small steps lead, and what is there.

Where output weights are trained, gradient flow is no motion of closed form, so small steps in float64 stand for it.
The point at which they come to rest is named by the signs of its output weights and pre-activations, up to rounding,
and by its outputs; the loss is not asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice, product

import numpy as np
import torch
from numpy.typing import NDArray

from stability.arrays import Booleans, Floats, Ints
from stability.dynamics.basins.attribution import DIVERGED, NEAR, UNEXPLAINED, bound
from stability.geometry.atlas.atlas import Atlas, known_atlas
from stability.geometry.stationary.sets import StationarySet
from stability.model.flat_points import by_rows
from stability.training.ensembles.gradients import Passed, examples, forward, output_weights, stacked
from stability.training.ensembles.problem import Task

STEPS, MORE = 1000, 3000
"""Steps of descent that all runs take, and that those take besides, gliding along kinks, which are at no set then."""

LOOK = 50
"""Steps between two looks at which runs are at rest."""

RESTS = 1e-6
"""A gradient below this, relative to the curvature, moves nothing."""

FIRST = 1 / 64
"""The first step, as a share of what curvature allows: a point beside a kink that holds it is not thrown over it."""

GROWTH, ALONG = 1.1, 0.02
"""How much longer a step becomes, up to what curvature allows, and what `settled` takes for gliding along kinks."""

INSIDE = 1e-9
"""A pre-activation this small, relative to the unit, counts as 0."""

CLOSE = 1e-2
"""How far outputs may be from those of a set, relative to the largest label and to 1."""

MOST = 5000
"""Choices of signs near a point that are tried, at most."""


@dataclass(frozen=True)
class LayerEnds:
    """At which stationary set each run is.

    Attributes
    ----------
    sets : array of int of shape (runs,)
        The position in the atlas; -1 if it is at no set (unexplained), -2 if it is not finite or too large.
    limits : array of int of shape (runs,)
        The set on which small steps from there end, however far away; -1 where they end on none.
    distances : array of shape (runs,)
        How far away that is.
    moving : array of bool of shape (runs,)
        Which runs still move there, so that more steps would help.
    """

    sets: Ints
    limits: Ints
    distances: Floats
    moving: Booleans


def layer_ends(task: Task, points: Floats, near: float = NEAR) -> LayerEnds:
    """Return at which stationary set each run is: where small steps of descent end, if that is near.

    Parameters
    ----------
    task : Task
        Of one output, or of two one-hot ones.
    points : array of shape (runs, parameters)
        Layer after layer, as the task has them.
    near : float
        How far the end may be from the point, in Euclidean distance.
    """
    atlas = known_atlas(task.landscape)
    limits, ways = np.full(len(points), UNEXPLAINED), np.full(len(points), np.nan)
    with np.errstate(invalid="ignore"):
        lost = ~(np.abs(points).max(axis=1, initial=0) <= bound(task.landscape))
    ends, moving, left = points.astype(float), ~lost, np.flatnonzero(~lost)
    for steps, along in ((STEPS, np.inf), (MORE, ALONG)):
        if len(left):
            ends[left], moving[left] = settled(task, ends[left], steps, along)
            limits[left] = Located(task, atlas).sets(ends[left])
            left = left[(limits[left] == UNEXPLAINED) & moving[left]]
    ways[~lost] = np.linalg.norm(ends[~lost] - points[~lost], axis=1)
    sets = np.where(lost, DIVERGED, np.where(ways <= near, limits, UNEXPLAINED))
    return LayerEnds(sets, limits, ways, moving)


def settled(task: Task, points: Floats, steps: int = STEPS, along: float = np.inf) -> tuple[Floats, Booleans]:
    """Return where gradient descent leads from points of shape (runs, parameters), and which of them still move.

    A step is the inverse of a bound on the curvature, too small to overshoot, and halved after each crossing of a kink,
    so that what a kink holds comes to it. Where two steps together lead on further than `along`, relative to the last
    one, it is not, so that a run can glide along a kink.
    """
    whole = torch.as_tensor(points.T.copy(), dtype=torch.float64)
    given, sizes, sides = examples(task, whole), _sizes(task), torch.zeros(0, dtype=torch.bool)
    own, before, move = torch.arange(len(points)), torch.zeros_like(whole), torch.zeros_like(whole)
    short = torch.full((len(points),), FIRST, dtype=torch.float64)
    for k in range(steps):
        p = whole[:, own]
        passed = forward(task, p, given)
        slopes, curved, now = stacked(task, p, given, passed)[1], _curvature(task, p, passed, sizes), passed[0] > 0
        if k:
            crossed = (sides != now).any(0).any(0)
            stays = crossed & ((before + move).norm(dim=0) < along * move.norm(dim=0))
            short[own] = torch.where(stays, short[own] / 2, (short[own] * GROWTH).clamp(max=1))
        if k % LOOK == 0:
            on = slopes.norm(dim=0) > RESTS * curved
            own, p, slopes, curved = own[on], p[:, on], slopes[:, on], curved[on]
            now, move = now[..., on], move[:, on]
            if not len(own):
                break
        sides, before, move = now, move, -slopes * (short[own] / curved)
        whole[:, own] = p + move
    found: Floats = whole.T.numpy().copy()
    moving = np.zeros(len(points), dtype=bool)
    moving[own.numpy()] = True
    return found, moving


def _sizes(task: Task) -> torch.Tensor:
    """Return the square of each example, with the 1 of a bias, (n, 1)."""
    return torch.as_tensor((task.points**2).sum(1) + task.network.hidden_biases)[:, None]


def _curvature(task: Task, p: torch.Tensor, passed: Passed, sizes: torch.Tensor) -> torch.Tensor:
    """Return a bound on the curvature at parameters (parameters, restarts): the trace, and what bends by the errors."""
    z, h, _, errors = passed
    negative, positive, _ = task.slopes
    steep = torch.where(z > 0, positive, negative) ** 2
    outer = output_weights(task, p).square().sum(0)
    total = (outer[:, None] * steep * sizes).sum((0, 1))
    if task.network.trainable:
        mixed = (errors.abs().sum(1) * sizes.sqrt()).sum(0) * max(abs(negative), abs(positive))
        total = total + (h * h).sum((0, 1)) * task.outputs + mixed
    total = total + task.examples * task.outputs * task.network.output_bias
    return 2 * task.scale * total + torch.finfo(torch.float64).tiny


class Located:
    """Finds the stationary set on which points are, up to rounding.

    Parameters
    ----------
    task : Task
    atlas : Atlas
    """

    def __init__(self, task: Task, atlas: Atlas) -> None:
        self.task, self.atlas, self.place = task, atlas, atlas.landscape
        self.rows = np.array([[float(x) for x in row] for row in self.place.rows])
        self.lengths = np.linalg.norm(self.rows, axis=1)
        self.lengths[self.lengths == 0] = np.inf
        faces, n = atlas.arrangement.faces, len(self.rows)
        self.faces = np.array([face.signs(n) for face in faces], dtype=np.int8)
        self.outputs = np.array([[float(y) for y in each.outputs] for each in atlas.sets])
        self.labels = np.array([float(y) for y in self.place.data.labels])
        self.close = CLOSE * max(1.0, float(np.abs(self.labels).max()))
        self._known: dict[bytes, StationarySet | None] = {}

    def sets(self, points: Floats) -> Ints:
        """Return the position of the set of each of the points (runs, parameters), -1 where there is none."""
        hidden, outer, outputs = self._parts(points)
        heights, found = hidden @ self.rows.T, np.full(len(points), UNEXPLAINED)
        sizes = np.linalg.norm(hidden, axis=2)[:, :, None] * self.lengths
        heights = np.where(np.abs(heights) <= INSIDE * sizes, 0, heights)
        signs = np.sign(np.concatenate([outer[:, :, None], heights], axis=2)).astype(np.int8)
        for own in _alike(signs.reshape(len(points), -1)):
            each = self.atlas.on_faces(signs[own[0], :, 1:].tolist(), signs[own[0], :, 0].tolist())
            if each is not None and all(signs[own[0], :, 0]):
                close = np.abs(outputs[own] - self.outputs[each.index]).max(axis=1) <= self.close
                found[own[close]] = each.index
        for k in np.flatnonzero(found == UNEXPLAINED):
            fits = np.abs(self.outputs - outputs[k]).max(axis=1) <= self.close
            if fits.any():
                found[k] = self._set(heights[k], outer[k], fits)
        return found

    def _parts(self, points: Floats) -> tuple[Floats, Floats, Floats]:
        """Return hidden parameters (runs, units, width), output weights (runs, units) and outputs (runs, n).

        Two one-hot outputs come as one; its outputs are NaN where theirs do not sum to 1.
        """
        task, units = self.task, self.task.units
        rows = by_rows(self.place, points).reshape(len(points), -1)[:, : units * self.place.stride]
        rows = rows.reshape(len(points), units, self.place.stride)
        p = torch.as_tensor(points.T.copy())
        outputs = forward(task, p)[2].permute(2, 0, 1).numpy()
        if not task.network.trainable:
            return rows, np.tile(task.weights, (len(points), 1)), outputs[..., 0]
        hidden, outer = rows[..., : self.place.width], rows[..., self.place.width :]
        if task.outputs == 1:
            return hidden, outer[..., 0], outputs[..., 0]
        apart = np.abs(outputs.sum(axis=2) - 1).max(axis=1, keepdims=True) > self.close
        return hidden, (outer[..., 1] - outer[..., 0]) / 2, np.where(apart, np.nan, outputs[..., 1])

    def _set(self, heights: Floats, outer: Floats, fits: NDArray[np.bool_]) -> int:
        """Return the set whose signs need the least change of a point, among those that fit its outputs."""
        for signs, faces in self._near(heights, outer):
            found = self._on(signs, faces)
            if found is not None and fits[found.index] and self._rests(heights, signs, found):
                return found.index
        return UNEXPLAINED

    def _near(self, heights: Floats, outer: Floats) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Yield signs of output weights and faces of units near a point, those first that need the least change."""
        units = [self._states(z, a) for z, a in zip(heights, outer, strict=True)]
        choices = islice(product(*units), 20 * MOST)
        for choice in nsmallest(MOST, choices, key=lambda each: sum(cost for cost, _, _ in each)):
            yield tuple(s for _, s, _ in choice), tuple(f for _, _, f in choice)

    def _states(self, z: Floats, a: float) -> list[tuple[float, int, int]]:
        """Return (change, sign, face) of each state of a unit that is near."""
        moves = np.where(self.faces != np.sign(z), np.abs(z) / self.lengths, 0).max(axis=1)
        signs = [(0.0, int(np.sign(a)))] if a else []
        if self.task.network.trainable and abs(a) <= NEAR:
            signs.append((abs(a), 0))
        return sorted((moves[f] + cost, s, int(f)) for f in np.flatnonzero(moves <= NEAR) for cost, s in signs)

    def _on(self, signs: tuple[int, ...], faces: tuple[int, ...]) -> StationarySet | None:
        key = np.array([*signs, *faces]).tobytes()
        if key not in self._known:
            self._known[key] = self.atlas.on_faces([self.faces[f].tolist() for f in faces], signs)
        return self._known[key]

    def _rests(self, heights: Floats, signs: tuple[int, ...], found: StationarySet) -> bool:
        """Return whether silent units feel none of the errors of a set, up to rounding."""
        unit = self.place.network.unit
        errors = self.outputs[found.index] - self.labels
        for z, s in zip(heights, signs, strict=True):
            values = np.where(z > 0, float(unit.positive), float(unit.negative)) * z
            if s == 0 and abs(errors @ values) > CLOSE * (1 + np.abs(values).max()):
                return False
        return True


def _alike(signs: NDArray[np.int8]) -> Iterator[Ints]:
    """Yield the positions of equal rows."""
    _, names = np.unique(signs, axis=0, return_inverse=True)
    order = np.argsort(names.ravel(), kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(names.ravel()[order])) + 1)
