"""Gradient flow from many starts, all at once in floats; what floats cannot decide is decided exactly.

The motion between events is the closed form of `event_tracking.py`, in units in which labels and data are of size 1.
Every start carries a bound of what rounding has cost it; a decision closer than that, or than `CLOSE`, is left to exact
arithmetic.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Booleans, Floats, Ints
from stability.dynamics.flow.batch_faces import FAINT, NEGLIGIBLE, Local, Pattern, local, setting, sides
from stability.dynamics.flow.first_roots import first_roots
from stability.dynamics.flow.flow import flow
from stability.dynamics.flow.kink_starts import leave_kinks
from stability.dynamics.flow.stacked_faces import StackedFaces
from stability.errors import PointError
from stability.exact.numbers import float64
from stability.geometry.atlas.atlas import known_atlas
from stability.io.printable import amount
from stability.io.results import ResultTable, Tabular, json_data
from stability.model.flat_points import exact_rows_of, point_shape
from stability.model.network_loss import NetworkLoss, require_landscape
from stability.model.restrictions import NOT_LINEAR, require_fixed
from stability.model.wilson import wilson

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CLOSE = 1e-9
"""Quantities nearer to 0 than this, relative to what they are made of, are not trusted."""

ROUNDING = 4e-15
"""Of a few operations on floats, relative to the numbers that they start from."""

ROUNDS = 300
UNDECIDED = -1


@dataclass(frozen=True, repr=False)
class FlowLimits(Tabular):
    """Where starts end.

    Attributes
    ----------
    sets : array of int of shape (starts,)
        The position in the atlas, or -1 where it is undecided.
    points : array of shape (starts, units, d + 1), or (starts, parameters) with an output bias
        The limits.
    exact : int
        How many starts floats could not decide.
    several : array of bool of shape (starts,)
        Whether several solutions leave the start, at once or later; `sets` and `points` are those of `flow`, one of
        them.
    unique : array of bool of shape (starts,)
        Whether there is one solution only. Where neither is so, that is undecided.
    """

    sets: Ints
    points: Floats
    exact: int
    several: Booleans
    unique: Booleans

    @property
    def decided(self) -> Ints:
        """The sets, -1 also where the start has more than one solution, or may have."""
        return np.where(self.unique, self.sets, UNDECIDED)

    def _counts(self) -> list[tuple[str, int]]:
        sets, counts = np.unique(self.sets, return_counts=True)
        names = ["undecided" if k == UNDECIDED else f"set {k} of the atlas" for k in sets.tolist()]
        return sorted(zip(names, counts.tolist(), strict=True), key=lambda each: -each[1])

    def _table(self) -> ResultTable:
        starts = amount(len(self.sets), "start", ",")
        head = f"Limits of gradient flow from {starts}, {self.exact:,} of them followed exactly"
        alone = f"{int(self.several.sum()):,} with several solutions, {int((~self.unique).sum()):,} not decided unique"
        rows = [(name, f"{count:,}", f"{count / len(self.sets):.2%}") for name, count in self._counts()]
        return ResultTable(head, ("ends on", "starts", "share"), rows, finding=alone)

    def _records(self) -> list[dict[str, Any]]:
        columns = {"set": self.sets, "several": self.several, "unique": self.unique, "point": self.points}
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def to_json(self) -> dict[str, Any]:
        """Return the position in the atlas (-1 where it is undecided) and the limit of every start; None for nan."""
        return {
            "sets": self.sets.tolist(),
            "points": json_data(self.points),
            "followed_exactly": self.exact,
            "several": self.several.tolist(),
            "unique": self.unique.tolist(),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the share of starts that end on each set, with 95% intervals; return the Axes."""
        from stability.plot.end_states import draw_bars

        total = len(self.sets)
        bars = [(name, count / total, *wilson(count, total)) for name, count in self._counts()]
        return draw_bars(ax, bars, f"share of {total:,} starts")


def flow_limits(landscape: NetworkLoss, starts: Floats, decide: bool = True) -> FlowLimits:
    """Return where gradient flow takes starts of shape (starts, units, d + 1), or (starts, parameters) with a bias.

    Parameters
    ----------
    landscape : NetworkLoss
    starts : array
    decide : bool
        Whether starts that floats cannot decide are followed exactly, one by one.

    Examples
    --------
    >>> import numpy as np
    >>> from stability import flow_limits, landscape
    >>> place = landscape("abs1", "xor")
    >>> limits = flow_limits(place, np.array([[[0.5, -0.4, 0.1]], [[0.1, 0.1, 0.5]]]))
    >>> [place.atlas().sets[k].kind for k in limits.sets]
    ['global minimum', 'local minimum']
    """
    require_landscape(landscape)
    require_fixed(landscape, "gradient flow", NOT_LINEAR)
    begin = np.asarray(starts, dtype=float)
    if begin.size != len(begin) * landscape.parameters or not begin.size:
        shape = ", ".join(["starts", *map(str, point_shape(landscape))])
        raise PointError(
            f"Expected starts of shape ({shape}); got {begin.shape}.",
            f"Give one start at least, with the numbers of {landscape.form}.",
        )
    batch = FlowBatch(landscape, begin.reshape(len(begin), -1))
    batch.run()
    hard = np.flatnonzero(batch.sets == UNDECIDED)
    several, unique = np.zeros(len(begin), dtype=bool), np.ones(len(begin), dtype=bool)
    alike, which = np.unique(begin[hard if decide else []], axis=0, return_inverse=True)
    for k, start in enumerate(alike):
        found, same = flow(landscape, exact_rows_of(landscape, start)), hard[which.ravel() == k]
        several[same], unique[same] = any(branch.known for branch in found.branches), found.unique
        if found.ends_on is not None:
            batch.sets[same] = found.ends_on.index
            batch.points[same] = [_float(x) for row in found.point for x in row]
    limits = batch.points.reshape(len(begin), *point_shape(landscape))
    return FlowLimits(batch.sets, limits, len(hard), several, unique)


def _float(x: Fraction | float) -> float:
    return float64(x, "the limit of a start") if isinstance(x, Fraction) else x


@dataclass
class FlowBatch:
    """The state of all starts.

    Attributes
    ----------
    landscape : NetworkLoss
    points : array of shape (starts, parameters)
        Where they are; at the end, their limits.
    sets : array of shape (starts,)
        Where they ended; -1 while they move, and where floats do not decide.
    lost : array of shape (starts,)
        How far each may be from where it should be, but for a moment more or less.
    slack : array of shape (starts,)
        How far the time of its last event may be off.
    """

    landscape: NetworkLoss
    points: Floats
    sets: Ints = field(init=False)
    lost: Floats = field(init=False)
    slack: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.place = setting(self.landscape, rescaled=True)
        self.count = len(self.place.rows)
        self.sets = np.full(len(self.points), UNDECIDED)
        self.lost, self.slack = np.zeros(len(self.points)), np.zeros(len(self.points))
        self.ids: dict[Pattern, int] = {}
        self.patterns: list[Pattern] = []
        self.locals: list[Local] = []
        self.found: dict[Pattern, int] = {}

    def number(self, pattern: Pattern) -> int:
        """Return the number of a pattern, preparing what is needed there."""
        if pattern not in self.ids:
            self.ids[pattern] = len(self.patterns)
            self.patterns.append(pattern)
            self.locals.append(local(self.landscape, self.place, pattern))
        return self.ids[pattern]

    def run(self) -> None:
        """Move all starts to their ends."""
        if not np.isfinite(self.points).all():
            raise PointError("Expected finite starts; some have a NaN or an infinity.", "Leave them out.")
        with np.errstate(all="ignore"):
            self._run()

    def _run(self) -> None:
        given, self.points = self.points, np.ldexp(self.points, self.place.shift)
        moving, signs = self._clear(given)
        fresh = np.zeros((len(given), self.place.units * self.count), dtype=np.int8)
        moving = leave_kinks(self, moving, signs, fresh, (CLOSE, ROUNDING))
        where = np.zeros(len(given), dtype=int)
        unique, inverse = np.unique(signs[moving], axis=0, return_inverse=True)
        numbers = np.array([self.number(self._pattern(row)) for row in unique], dtype=int)
        where[moving] = numbers[inverse.ravel()] if len(moving) else 0
        for _ in range(ROUNDS):
            moving = moving[[self.locals[k].sound for k in where[moving]]]
            if not len(moving):
                break
            moving = self._round(moving, where, fresh)
        self.points = np.ldexp(self.points, -self.place.shift)
        self.sets[~np.isfinite(self.points).all(axis=1)] = UNDECIDED

    def _clear(self, given: Floats) -> tuple[Ints, Ints]:
        """Return the starts that floats hold, near no kink but those on which they are, and the signs of all."""
        size = np.abs(self.points).max(axis=1)
        fits = (size < 1 / FAINT) & ((self.points == 0) == (given == 0)).all(axis=1) & (size > FAINT)
        fits &= (np.abs(self.points) > FAINT).all(axis=1, where=self.points != 0)
        heights = self.place.heights(self.points)
        scale = replace(self.place, rows=np.abs(self.place.rows)).heights(np.abs(self.points))
        near = (np.abs(heights) <= CLOSE * scale) & self.place.bends & (scale > 0)
        clear = ~near.any(axis=(1, 2)) & fits & self.place.held
        return np.flatnonzero(clear), np.sign(heights).astype(int).reshape(len(given), -1)

    def at(self, row: Ints) -> Local:
        """Return the restricted flow of one choice of faces."""
        return self.locals[self.number(self._pattern(row))]

    def _pattern(self, row: Ints) -> Pattern:
        table = row.reshape(self.place.units, self.count)
        return tuple(tuple(int(s) for s in signs) for signs in table)

    def _round(self, moving: Ints, where: Ints, fresh: NDArray[np.int8]) -> Ints:
        """Move to the next event; return the starts that go on moving."""
        here = StackedFaces([self.locals[k] for k in where[moving]])
        points, size = self.points[moving], here.rest_size
        away = np.einsum("bpl,bp->bl", here.modes, points - here.rest) * (here.rates > 0)
        level = points - np.einsum("bpl,bl->bp", here.modes, away)
        weights = (here.gains * away[:, None, :]) @ here.merge
        cost = self.lost[moving] + ROUNDING * here.spread * (np.linalg.norm(points, axis=1) + size)
        settled = np.where((here.rates == 0).any(axis=1), cost, ROUNDING * here.spread * size)
        base = np.where(here.in_range, here.levels, np.einsum("bqp,bp->bq", here.functions, level) + here.constants)
        doubt = here.norms * np.where(here.in_range, (ROUNDING * here.spread * size)[:, None], settled[:, None])
        doubt = np.where(here.in_range & (base == 0), 0, doubt + ROUNDING * np.abs(here.constants))
        blur = (np.abs(here.gains) * cost[:, None, None]) @ here.merge
        orders = np.zeros(base.shape, dtype=np.int8)
        orders[:, : fresh.shape[1]] = fresh[moving]
        live = ~here.calm & (np.abs(weights).max(axis=2) > 1e-13 * (np.abs(base) + np.abs(weights).sum(axis=2)))
        times, slacks, hard = first_roots(base, weights, here.rates, orders, live, (doubt, blur))
        first = times.min(axis=1)
        stopping = np.isinf(first) & ~hard
        limits = self.place.units * self.count
        near = doubt + CLOSE * (here.norms * np.linalg.norm(level, axis=1)[:, None] + np.abs(here.constants))
        self._stop(moving[stopping], where, level[stopping], base[stopping, :limits], near[stopping, :limits])
        going = ~np.isinf(first) & ~hard
        now, slack = first[going], np.where(times == first[:, None], slacks, 0).max(axis=1)[going]
        decay = np.exp(-here.rates[going] * now[:, None])
        left = away[going] * decay
        self.points[moving[going]] = level[going] + np.einsum("bpl,bl->bp", here.modes[going], left)
        self.lost[moving[going]] = self._aged(here, points, self.lost[moving], going, now)
        self.slack[moving[going]] = slack
        hits = times[going] - slacks[going] <= (now * (1 + 1e-10) + slack)[:, None]
        together = self._together(moving[going], where, hits)
        fresh[moving] = 0
        return self._turn(moving[going][together], hits[together], where, fresh)

    def _aged(self, here: StackedFaces, points: Floats, lost: Floats, going: Booleans, now: Floats) -> Floats:
        """Return how far points may be off after some time: flow on one choice of faces brings no two apart."""
        rates, size = here.rates[going], np.linalg.norm(points[going], axis=1) + here.rest_size[going]
        apart = lost[going] * np.exp(-rates[:, 0] * now)
        found: Floats = apart + ROUNDING * (1 + np.minimum(rates[:, -1] * now, here.spread[going])) * size
        return found

    def _together(self, who: Ints, where: Ints, hits: Booleans) -> Booleans:
        """Return where events at the same time are so by structure: multiples of each other, as functions."""
        good = np.ones(len(hits), dtype=bool)
        for b in np.flatnonzero(hits.sum(axis=1) > 1):
            here = self.locals[where[who[b]]]
            rows = np.column_stack([here.functions[hits[b]], here.constants[hits[b]]])
            rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
            good[b] = bool((np.abs(rows - rows[0]).max() < NEGLIGIBLE) and len(rows) <= 4)
        return good

    def _stop(self, who: Ints, where: Ints, level: Floats, cells: Floats, near: Floats) -> None:
        """Note the limits, and on which set they lie."""
        self.points[who] = level
        for b, k in enumerate(who):
            pattern = np.array(self.patterns[where[k]]).reshape(-1)
            limit = np.where(cells[b] == 0, 0, pattern)
            if ((np.abs(cells[b]) <= near[b]) & (limit != 0)).any():
                continue
            self.sets[k] = self._set(self._pattern(limit))

    def _set(self, pattern: Pattern) -> int:
        if pattern not in self.found:
            found = known_atlas(self.landscape).on_faces(sides(pattern, self.place.place))
            self.found[pattern] = UNDECIDED if found is None else found.index
        return self.found[pattern]

    def _turn(self, who: Ints, hits: Booleans, where: Ints, fresh: NDArray[np.int8]) -> Ints:
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
        """Do so for starts that meet the same kinks from the same faces; those with no or several ways stay behind."""
        cells = self.place.units * self.count
        old = np.array(self.patterns[at]).reshape(-1)
        if len(hit) == 1 and hit[0] >= cells:
            side, kink = (-1 if hit[0] < 2 * cells else 1), int(hit[0]) % cells
            if self.locals[at].null[kink + (cells if side > 0 else 2 * cells)]:
                return who[:0]  # no error ever moves it to the other side, so it may also stay
            new, unit = old.copy(), kink // self.count * self.count
            for k, (first, t) in enumerate(self.place.lines):
                if first == kink - unit:
                    new[unit + k] = side if t > 0 else -side
                    fresh[who, unit + k] = 2
            where[who] = self.number(self._pattern(new))
            return who
        groups = self._groups(old, hit[hit < cells])
        hit = np.array([k for group in groups for k in group], dtype=int)
        ways, chosen = np.zeros(len(who), dtype=int), np.zeros(len(who), dtype=int)
        sides = product((True, False), repeat=len(groups))
        choices = [tuple(s for s, group in zip(own, groups, strict=True) for _ in group) for own in sides]
        for c, choice in enumerate(choices):
            new = self._after(old, hit, choice)
            there = self.locals[self.number(self._pattern(new))]
            if not there.sound:
                return who[:0]  # where kinks depend on each other it may stay too
            good = self.possible(who, there, new, hit[list(choice)])
            ways, chosen = ways + good, np.where(good, c, chosen)
        for c, choice in enumerate(choices):
            mine = who[(ways == 1) & (chosen == c)]
            if len(mine):
                number = self.number(self._pattern(self._after(old, hit, choice)))
                where[mine] = number
                fresh[np.ix_(mine, hit[list(choice)])] = 1
                jump = self.locals[number].speed(self.points[mine]) - self.locals[at].speed(self.points[mine])
                self.lost[mine] += any(choice) * self.slack[mine] * np.linalg.norm(jump, axis=1)
                self.points[mine] = self.points[mine] @ self.locals[number].projection
        going: Ints = who[ways == 1]
        return going

    def _groups(self, old: Ints, hit: Ints) -> list[list[int]]:
        """Return the kinks that are hit, those on one line together, whether all of them are noticed or not."""
        found: dict[tuple[int, int], list[int]] = {}
        for unit, line in ((int(h) // self.count, self.place.lines[int(h) % self.count][0]) for h in hit):
            own = [k for k, (first, _) in enumerate(self.place.lines) if first == line]
            found[unit, line] = [unit * self.count + k for k in own if old[unit * self.count + k]]
        return list(found.values())

    def _after(self, old: Ints, hit: Ints, choice: tuple[bool, ...]) -> Ints:
        """Return the signs once the kinks that are hit are crossed, or stayed on."""
        new = old.copy()
        new[hit] = np.where(choice, -old[hit], 0)
        return new

    def possible(self, who: Ints, here: Local, signs: Ints, crossed: Ints) -> Booleans:
        """Return for which points the flow on these faces leads away from the crossed kinks and stays on the others."""
        points, good = self.points[who], np.ones(len(who), dtype=bool)
        cells = self.place.units * self.count
        length = np.linalg.norm(points, axis=1)
        lost = (self.lost[who] + ROUNDING * length)[:, None]
        if len(crossed):
            speed = here.speed(points)
            trust = here.rates[-1] * lost + CLOSE * np.linalg.norm(speed, axis=1)[:, None]
            good &= (speed @ here.functions[crossed].T > trust * here.norms[crossed]).all(axis=1)
        kinks = np.flatnonzero((signs == 0) & np.tile(self.place.bends, self.place.units))
        if len(kinks):
            guards = np.concatenate([kinks + cells, kinks + 2 * cells])
            values = points @ here.functions[guards].T + here.constants[guards]
            part = np.linalg.norm((points @ here.modes) * (here.rates > 0), axis=1)[:, None]
            trust = here.norms[guards] * (lost + CLOSE * part) + CLOSE * np.abs(here.constants[guards])
            good &= (here.null[guards] | (values > trust)).all(axis=1)
        return good
