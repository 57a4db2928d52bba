"""Where do many starts go under gradient flow? All at once in floats; what floats cannot decide is decided exactly.

The motion between events is the closed form of `walk.py`. First roots are found by steps that a parabola below the
function allows, as in `decay.py`; narrow bands are therefore not skipped.
"""

from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from stability.dynamics.flow import flow
from stability.dynamics.patterns import Floats, Local, Pattern, local, setting, sides
from stability.errors import PointError
from stability.geometry.atlas import known_atlas
from stability.model.landscapes import Landscape

Ints = NDArray[np.int64]

CLOSE = 1e-9
"""Quantities nearer to 0 than this are not trusted."""

ROUNDS, STEPS = 300, 80
UNDECIDED = -1


@dataclass(frozen=True)
class Ends:
    """Where starts end.

    Attributes
    ----------
    sets : array of int of shape (starts,)
        The position in the atlas, or -1 where it is undecided.
    points : array of shape (starts, units, d + 1)
        The limits.
    exact : int
        How many starts floats could not decide.
    several : array of bool of shape (starts,)
        Which starts were followed exactly and not found to have one solution only; `sets` then names the end of one of
        them, that of `flow`.
    """

    sets: Ints
    points: Floats
    exact: int
    several: NDArray[np.bool_]


def ends(landscape: Landscape, starts: Floats, decide: bool = True) -> Ends:
    """Return where gradient flow takes starts of shape (starts, units, d + 1).

    Parameters
    ----------
    landscape : Landscape
    starts : array
    decide : bool
        Whether starts that floats cannot decide are followed exactly, one by one.
    """
    swarm = Swarm(landscape, np.asarray(starts, dtype=float).reshape(len(starts), -1))
    swarm.run()
    hard, several = np.flatnonzero(swarm.sets == UNDECIDED), np.zeros(len(starts), dtype=bool)
    if decide:
        for k in hard:
            found = flow(landscape, np.asarray(starts)[k].tolist())
            several[k] = not found.unique
            if found.ends_on is not None:
                swarm.sets[k] = found.ends_on.index
                swarm.points[k] = [float(x) for row in found.point for x in row]
    shape = (len(starts), landscape.units, landscape.width)
    return Ends(swarm.sets, swarm.points.reshape(shape), len(hard), several)


@dataclass
class Swarm:
    """The state of all starts.

    Attributes
    ----------
    landscape : Landscape
    points : array of shape (starts, parameters)
        Where they are; at the end, their limits.
    sets : array of shape (starts,)
        Where they ended; -1 while they move, and where floats do not decide.
    """

    landscape: Landscape
    points: Floats
    sets: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.points = self.points.copy()
        self.place = setting(self.landscape)
        self.count = len(self.place.rows)
        self.sets = np.full(len(self.points), UNDECIDED)
        self.ids: dict[Pattern, int] = {}
        self.patterns: list[Pattern] = []
        self.locals: list[Local] = []
        self.found: dict[Pattern, int] = {}

    def number(self, pattern: Pattern) -> int:
        """Return the number of a pattern, preparing what is needed there."""
        if pattern not in self.ids:
            self.ids[pattern] = len(self.patterns)
            self.patterns.append(pattern)
            self.locals.append(local(self.place, pattern))
        return self.ids[pattern]

    def run(self) -> None:
        """Move all starts to their ends."""
        if not np.isfinite(self.points).all():
            raise PointError("Expected finite starts; some have a NaN or an infinity.", "Leave them out.")
        heights = self.place.heights(self.points)
        signs = np.sign(heights).astype(int)
        moving = np.flatnonzero(~(np.abs(heights) < CLOSE).any(axis=(1, 2)))
        if not len(moving):
            return
        unique, inverse = np.unique(signs[moving].reshape(len(moving), -1), axis=0, return_inverse=True)
        numbers = [self.number(self._pattern(row)) for row in unique]
        where = np.zeros(len(self.points), dtype=int)
        where[moving] = np.array(numbers, dtype=int)[inverse.ravel()]
        fresh = np.zeros((len(self.points), self.place.units * self.count), dtype=np.int8)
        for _ in range(ROUNDS):
            if not len(moving):
                return
            moving = self._round(moving, where, fresh)

    def _pattern(self, row: Ints) -> Pattern:
        table = row.reshape(self.place.units, self.count)
        return tuple(tuple(int(s) for s in signs) for signs in table)

    def _round(self, moving: Ints, where: Ints, fresh: NDArray[np.int8]) -> Ints:
        """Move to the next event; return the starts that go on moving."""
        ids, inverse = np.unique(where[moving], return_inverse=True)
        here = [self.locals[k] for k in ids]
        modes, rates = np.array([x.modes for x in here])[inverse], np.array([x.rates for x in here])[inverse]
        rest, watched = np.array([x.rest for x in here])[inverse], np.array([x.watched for x in here])[inverse]
        constants = np.array([x.constants for x in here])[inverse]
        away = np.einsum("bpl,bp->bl", modes, self.points[moving] - rest) * (rates > 0)
        level = self.points[moving] - np.einsum("bpl,bl->bp", modes, away)
        merge = np.array([x.merge for x in here])[inverse]
        weights = (np.einsum("bqp,bpl->bql", watched, modes) * away[:, None, :]) @ merge
        base = np.einsum("bqp,bp->bq", watched, level) + constants
        structural = np.array([x.in_range for x in here])[inverse]
        size = np.abs(base) + np.abs(weights).sum(axis=2) + 1e-300
        base = np.where(structural & (np.abs(base) < NEGLIGIBLE_LEVEL * np.maximum(size, 1)), 0.0, base)
        orders = np.zeros(base.shape, dtype=np.int8)
        orders[:, : fresh.shape[1]] = fresh[moving]
        null = np.array([x.null for x in here])[inverse]
        live = ~null & (np.abs(weights).max(axis=2) > 1e-13 * np.maximum(size, 1))
        times, hard = first_roots(base, weights, rates, orders, live)
        first = times.min(axis=1)
        stopping = np.isinf(first) & ~hard
        self._stop(moving[stopping], where, level[stopping], base[stopping], live[stopping], weights[stopping])
        going = ~np.isinf(first) & ~hard
        now = first[going]
        decay = np.exp(-rates[going] * now[:, None])
        self.points[moving[going]] = level[going] + np.einsum("bpl,bl->bp", modes[going], away[going] * decay)
        hits = times[going] <= now[:, None] * (1 + 1e-10) + 1e-14
        together = self._together(hits, base[going], weights[going])
        fresh[moving] = 0
        return self._turn(moving[going][together], hits[together], where, fresh)

    def _together(self, hits: NDArray[np.bool_], base: Floats, weights: Floats) -> NDArray[np.bool_]:
        """Tell where events at the same time are so by structure: multiples of each other."""
        good = np.ones(len(hits), dtype=bool)
        for b in np.flatnonzero(hits.sum(axis=1) > 1):
            rows = np.column_stack([base[b, hits[b]], weights[b, hits[b]]])
            rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
            good[b] = bool((np.abs(rows - rows[0]).max() < 1e-8) and len(rows) <= 4)
        return good

    def _stop(
        self, who: Ints, where: Ints, level: Floats, base: Floats, live: NDArray[np.bool_], weights: Floats
    ) -> None:
        """Note the limits, and on which set they lie."""
        self.points[who] = level
        cells = base[:, : self.place.units * self.count]
        for b, k in enumerate(who):
            pattern = np.array(self.patterns[where[k]]).reshape(-1)
            limit = np.where(cells[b] == 0, 0, pattern)
            near = (np.abs(cells[b]) < CLOSE) & (cells[b] != 0) & (pattern != 0)
            if near.any():
                continue
            self.sets[k] = self._set(self._pattern(limit))

    def _set(self, pattern: Pattern) -> int:
        if pattern not in self.found:
            found = known_atlas(self.landscape).on_faces(sides(pattern, self.place.place))
            self.found[pattern] = UNDECIDED if found is None else found.index
        return self.found[pattern]

    def _turn(self, who: Ints, hits: NDArray[np.bool_], where: Ints, fresh: NDArray[np.int8]) -> Ints:
        """Choose the faces to go on; return the starts that do."""
        if not len(who):
            return who
        keys = np.column_stack([where[who], hits])
        unique, inverse = np.unique(keys, axis=0, return_inverse=True)
        going = []
        for u, key in enumerate(unique):
            members = who[inverse.ravel() == u]
            going.append(self._turn_alike(members, int(key[0]), np.flatnonzero(key[1:]), where, fresh))
        return np.sort(np.concatenate(going))

    def _turn_alike(self, who: Ints, at: int, hit: Ints, where: Ints, fresh: NDArray[np.int8]) -> Ints:
        """Do so for starts that meet the same kinks from the same faces."""
        cells = self.place.units * self.count
        old = np.array(self.patterns[at]).reshape(-1)
        if len(hit) == 1 and hit[0] >= cells:
            side, kink = (-1 if hit[0] < 2 * cells else 1), int(hit[0]) % cells
            new = old.copy()
            new[kink] = side
            where[who], fresh[who, kink] = self.number(self._pattern(new)), 2
            return who
        left, hit = np.ones(len(who), dtype=bool), hit[hit < cells]
        for choice in product((True, False), repeat=len(hit)):
            new = old.copy()
            new[hit] = np.where(choice, -old[hit], 0)
            number = self.number(self._pattern(new))
            good = left & self._possible(self.points[who], self.locals[number], new, hit[list(choice)])
            if good.any():
                where[who[good]] = number
                for kink in hit[list(choice)]:
                    fresh[who[good], kink] = 1
                if not all(choice):
                    self.points[who[good]] = self.points[who[good]] @ self.locals[number].projection
            left &= ~good
        return who[~left]

    def _possible(self, points: Floats, here: Local, signs: Ints, crossed: Ints) -> NDArray[np.bool_]:
        """Tell for which points the flow on these faces leads away from the crossed kinks and stays on the others."""
        if not here.sound:
            return np.zeros(len(points), dtype=bool)
        cells = self.place.units * self.count
        speed = here.force - points @ here.matrix
        good = np.ones(len(points), dtype=bool)
        if len(crossed):
            good &= (speed @ here.watched[crossed].T > CLOSE).all(axis=1)
        kinks = np.flatnonzero(signs == 0)
        if len(kinks):
            guards = np.concatenate([kinks + cells, kinks + 2 * cells])
            values = points @ here.watched[guards].T + here.constants[guards]
            good &= (here.null[guards] | (values > CLOSE)).all(axis=1)
        return good


NEGLIGIBLE_LEVEL = 1e-12


def first_roots(
    base: Floats, weights: Floats, rates: Floats, orders: NDArray[np.int8], live: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the first positive roots of base + sum of weights exp(-rates t), inf where there is none.

    Parameters
    ----------
    base : array of shape (starts, watched)
    weights : array of shape (starts, watched, modes)
    rates : array of shape (starts, modes)
    orders : array of shape (starts, watched)
        How many derivatives vanish at 0, the value included.
    live : array of shape (starts, watched)
        Which of them change at all.

    Returns
    -------
    times, hard
        `hard` tells for which starts floats do not decide.
    """
    times = np.full(base.shape, np.inf)
    hard = np.zeros(len(base), dtype=bool)
    b, q = np.nonzero(live)
    level, c, m = base[b, q], weights[b, q], rates[b]
    t = _away(c, m, orders[b, q])
    best = np.full(len(base), np.inf)
    for _ in range(STEPS):
        parts = c * np.exp(-m * t[:, None])
        falling = np.minimum(parts, 0).sum(axis=1)
        slowest = np.take_along_axis(parts, _slowest(c)[:, None], axis=1)[:, 0]
        safe = np.where(level != 0, level + falling > 0, (slowest > 0) & (slowest + falling > 0))
        late = t > best[b]
        value, slope = level + parts.sum(axis=1), -(parts * m).sum(axis=1)
        bend = (np.abs(parts) * m**2).sum(axis=1)
        simple = ~safe & ~late & (slope < 0) & (2 * bend * value < slope**2) & (value >= 0)
        if simple.any():
            found = _newton(level[simple], c[simple], m[simple], t[simple])
            times[b[simple], q[simple]] = found
            np.minimum.at(best, b[simple], found)
        lost = ~safe & ~late & ~simple & ~(value > 0)
        hard[b[lost]] = True
        keep = ~(safe | late | simple | lost)
        if not keep.any():
            return times, hard
        step = (slope + np.sqrt(slope**2 + 2 * bend * np.maximum(value, 0))) / bend
        t = (t + 0.98 * step)[keep]
        b, q, level, c, m = b[keep], q[keep], level[keep], c[keep], m[keep]
    hard[b] = True
    return times, hard


def _slowest(c: Floats) -> Ints:
    """Return which mode decays last among those with a weight; modes are sorted by their rate."""
    found: Ints = np.argmax(np.abs(c) > 1e-13 * np.abs(c).max(axis=1, keepdims=True), axis=1)
    return found


def _away(c: Floats, m: Floats, orders: NDArray[np.int8]) -> Floats:
    """Return times up to which functions that start at 0 are positive."""
    t = np.zeros(len(c))
    for order in (1, 2):
        chosen = orders == order
        if chosen.any():
            first = (c[chosen] * (-m[chosen]) ** order).sum(axis=1)
            bound = (np.abs(c[chosen]) * m[chosen] ** (order + 1)).sum(axis=1)
            t[chosen] = 0.5 * np.maximum(first, 0) * (order + 1) / bound
    return t


def _newton(level: Floats, c: Floats, m: Floats, t: Floats) -> Floats:
    """Return roots next to t, by Newton's method."""
    for _ in range(6):
        parts = c * np.exp(-m * t[:, None])
        t = t + (level + parts.sum(axis=1)) / np.abs((parts * m).sum(axis=1))
    return t
