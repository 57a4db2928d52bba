"""Steps by which, and past which kinks, a checker can follow a trajectory to its end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby, product
from math import ceil, floor, log2, log10
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from stability.dynamics.flow.batch_faces import Local, local, setting
from stability.dynamics.flow.face_flow import Field, Signs
from stability.dynamics.flow.filippov import Functional, along, guards, kinks, tangled
from stability.dynamics.flow.invariance import Course, norm, value
from stability.dynamics.flow.limits import WITHOUT, Last, TrajectoryLimit, decimal, height, size
from stability.dynamics.flow.solutions import FlowPiece, Solution
from stability.errors import CertificateError
from stability.exact.exponential_sums import Undecided
from stability.geometry.arrangement.cells import exact

Change = tuple[int, int, int]
"""Unit, example, new sign."""

MORE = 96
"""Bits that are computed with beyond those of the certificate."""

MOST_STEPS = 600
REFINED = 4
"""How often the time of a passage is improved by Newton's method."""

SAMPLES = np.linspace(0, 1, 13)
NOISE = 1e-14
"""Below this, what floats say of a sign is not trusted."""

SOON = 1e-6
"""The longest time that may be left before a kink is met, for the room that is needed there."""


@dataclass(frozen=True)
class Care:
    """How cautious a certificate is.

    Attributes
    ----------
    stride : float
        The longest step, times the fastest rate.
    room : int
        How many radii before a kink a step ends.
    bits : int
        Bits after the point in the certificate.
    """

    stride: float
    room: int
    bits: int


@dataclass(frozen=True)
class FlowCertificate:
    """A certificate, and what it shows.

    Attributes
    ----------
    proof : dict
        As `stability.checker.flow_replay` reads it.
    loss : Fraction
    signs : list of str
        The signs of the limit at all examples, by unit.
    target : list of Fraction
    distance : Fraction
        How near the limit is to the target.
    events : list
        Kind, unit, example (all those at one point, where there are several), and two times between which it happens.
    """

    proof: dict[str, Any]
    loss: Fraction
    signs: list[str]
    target: list[Fraction]
    distance: Fraction
    events: list[list[Any]]


@dataclass(frozen=True)
class Passage:
    """The passage from one piece of a trajectory to the next, between two times."""

    time: tuple[Fraction, Fraction]
    changes: list[Change]


def search_certificate(found: Solution, care: Care) -> FlowCertificate:
    """Return a certificate of where a trajectory goes, not yet checked.

    Raises
    ------
    CertificateError
        If it leaves no room for one.
    """
    old, ctx.prec = ctx.prec, care.bits + MORE
    try:
        return Guide(found, care).search()
    except Undecided:
        raise CertificateError("A sign is not decided.", WITHOUT) from None
    finally:
        ctx.prec = old


def passages(found: Solution) -> list[Passage]:
    """Return the passages between the pieces of a trajectory.

    Raises
    ------
    CertificateError
        If it is not the only one from its start, was not followed to its end, touches a kink, or is held on kinks of
        proportional points.
    """
    if not found.unique:
        raise CertificateError("Other solutions leave the same start, or a point that is passed.", WITHOUT)
    if not found.pieces or np.isfinite(found.pieces[-1].end):
        raise CertificateError(f"The trajectory was not followed to its end: {found.reason}.", WITHOUT)
    if any(_proportional(found, piece.signs) for piece in found.pieces):
        raise CertificateError("Kinks that depend on each other are held: those of proportional points.", WITHOUT)
    events = [event for event in found.events if event.kind not in ("branch", "stop")]
    times = [time for time, _ in groupby(event.time for event in events)]
    pairs = list(zip(found.pieces, found.pieces[1:], strict=False))
    changes = [_changes(found, before.signs, after.signs) for before, after in pairs]
    if len(times) != len(pairs) or not all(changes):
        raise CertificateError("The trajectory touches a kink.", WITHOUT)
    return [Passage(time, own) for time, own in zip(times, changes, strict=True)]


def _proportional(found: Solution, signs: Signs) -> bool:
    """Return whether a unit is on kinks of different points that are one hyperplane, as may be without biases."""
    land = found.landscape
    return any(len({tuple(land.rows[i]) for i in own}) > 1 for face in signs for own in kinks(land, face))


def _changes(found: Solution, before: Signs, after: Signs) -> list[Change]:
    rows = found.landscape.rows
    first = [i for i, row in enumerate(rows) if rows.index(row) == i]
    pairs = enumerate(zip(before, after, strict=True))
    return [(j, i, new[i]) for j, (old, new) in pairs for i in first if old[i] != new[i]]


@dataclass
class Guide:
    """What is written down while a trajectory is followed once more, in balls; the checker's radius is estimated."""

    found: Solution
    care: Care
    time: Fraction = Fraction(0)
    path: list[Any] = field(default_factory=list)
    events: list[list[Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        start = [exact(x) for row in self.found.start for x in row]
        self.point, self.course = [arb(x) for x in start], Course(start, [])
        self.error = 50 * 2.0**-self.care.bits * len(self.point)
        self.radius = self.error
        self.setting = setting(self.found.landscape)

    def search(self) -> FlowCertificate:
        """Return the certificate."""
        pieces = self.found.pieces
        for passage, before, after in zip(passages(self.found), pieces, pieces[1:], strict=False):
            self._pass(passage, before, after)
        limit = self._end(pieces[-1])
        start = ["".join("-0+"[s + 1] for s in row) for row in pieces[0].signs]
        proof = {"bits": self.care.bits, "signs": start, "path": self.path, **limit.to_record()}
        return FlowCertificate(proof, limit.loss, limit.signs, limit.target, limit.distance, self.events)

    def _pass(self, passage: Passage, before: FlowPiece, after: FlowPiece) -> None:
        """Go to just before a passage, and past it."""
        old, new = (Field(self.found.landscape, piece.signs) for piece in (before, after))
        form, at = _event_function(old, passage), sum(passage.time, Fraction(0)) / 2
        for _ in range(REFINED):
            there = flowed(old, self.point, at - self.time)
            rate = _float(value(along(form[0], old.matrix, old.force), there))
            at -= Fraction(_float(value(form, there)) / rate) if rate else 0
        steps = 8 + 2 * float(at - self.time) * _fastest(old) / self.care.stride
        room = _float(norm(form)) * (self.radius + steps * self.error)
        if -rate * SOON <= room:
            raise CertificateError(f"A kink is met too slowly, at time {float(at):.6g}.", WITHOUT)
        early = self.care.room * room / -rate
        grid = 10 ** (ceil(-log10(early)) + 2)
        start = Fraction(floor((at - Fraction(early)) * grid), grid)
        if start <= self.time:
            raise CertificateError(f"Two things happen at almost the same time, {float(at):.6g}.", WITHOUT)
        self._track(before, start, passage.changes)
        self.course = self.course.widened(_faces(self.found, before.signs, after.signs, passage.changes))
        window = Fraction(ceil(2 * early * grid), grid)
        gone = size([a - b for a, b in zip(_speed(old, there), _speed(new, there), strict=True)])
        self._go(new, window, _float(gone) * float(window))
        self.path[-1] = [self.path[-1], [list(change) for change in passage.changes]]
        first, last = Fraction(floor(start * 10**12), 10**12), Fraction(ceil(self.time * 10**12), 10**12)
        for j, i, s in sorted(passage.changes):
            kind = "sliding begins" if not s else "crossing" if before.signs[j][i] else "sliding ends"
            self.events.append([kind, j, self._named(i), decimal(first), decimal(last)])

    def _named(self, i: int) -> int | list[int]:
        """Return an example as the checker names it: by all examples at the same point, where there are several."""
        rows = self.found.landscape.rows
        same = [k for k, row in enumerate(rows) if row == rows[i]]
        return i if len(same) == 1 else same

    def _track(self, piece: FlowPiece, until: Fraction, met: Sequence[Change]) -> None:
        """Go on by steps on which no other kink comes near."""
        local, motion = self._local(piece.signs), Field(self.found.landscape, piece.signs)
        while self.time < until:
            self._go(motion, min(self._stride(local, piece, until, met), until - self.time))

    def _end(self, piece: FlowPiece) -> TrajectoryLimit:
        """Go on until nothing can happen any more."""
        motion, local = Field(self.found.landscape, piece.signs), self._local(piece.signs)
        flat = [x for row in self.found.point for x in row]
        known = [x for x in flat if isinstance(x, Fraction)]
        last = Last(motion, self.course.widened([motion]), known if len(known) == len(flat) else None)
        while (limit := last.limit_at(self.point, self.radius)) is None:
            self._go(motion, self._stride(local, piece, None, ()))
        return limit

    def _local(self, signs: Signs) -> Local:
        first = [self.setting.place.index(g) for g in range(len(self.setting.rows))]
        return local(self.found.landscape, self.setting, tuple(tuple(row[i] for i in first) for row in signs))

    def _stride(self, local: Local, piece: FlowPiece, until: Fraction | None, met: Sequence[Change]) -> Fraction:
        """Return the length of a step on which every sign lasts, as far as samples show."""
        longest = self.care.stride / max(float(local.rates.max()), 1e-3)
        rest = None if until is None else until - self.time
        step = Fraction(2) ** floor(log2(longest)) if rest is None or rest > longest else rest
        for _ in range(60):
            last = [j * len(self.setting.rows) + self.setting.place[i] for j, i, _ in met] if step == rest else []
            if self._clear(local, piece, float(step), last):
                return step
            step = Fraction(2) ** (ceil(log2(step)) - 1)
        raise CertificateError(f"A kink is not left clearly, after time {float(self.time):.6g}.", WITHOUT)

    def _clear(self, local: Local, piece: FlowPiece, step: float, met: Sequence[int]) -> bool:
        """Return whether all event functions are positive on a step, up to the kinks that are met at its end.

        What is least in between must be above what the checker may lose there, about its second difference.
        """
        points = piece.at(float(self.time) + step * SAMPLES)
        values, many = points @ local.functions.T + local.constants, len(self.setting.rows) * self.setting.units
        changes = (local.force - points @ local.matrix.T) @ local.functions.T
        values[:, local.null | ~(local.functions.any(axis=1) | (local.constants != 0))] = 1
        values[-1, [k for k in range(values.shape[1]) if k % many in met]] = np.inf
        low, bent = values[:-1].min(axis=0), np.abs(np.diff(values[:-1], 2, axis=0)).max(axis=0)
        dips = (values[0] > low) & (values[-2] > low) & (low < bent)
        rates = np.abs(local.functions) @ (np.abs(local.force) + np.abs(local.matrix) @ np.abs(points[0]))
        noise = NOISE * np.maximum(1, rates)
        rises = (np.arange(len(low)) < many) & (changes.min(axis=0) > -noise) & (changes[-1] > noise)
        return bool(np.all(((np.minimum(low, values[-1]) > NOISE) & ~dips) | rises))

    def _go(self, motion: Field, time: Fraction, spread: float = 0.0) -> None:
        if len(self.path) >= MOST_STEPS:
            raise CertificateError(f"More than {MOST_STEPS} steps are needed.", WITHOUT)
        self.point = flowed(motion, self.point, time)
        self.time += time
        self.radius += self.error + spread
        self.path.append(decimal(time))


def flowed(motion: Field, point: Sequence[arb], time: Fraction) -> list[arb]:
    """Return where the motion on a face leads from a point in some time."""
    total, elapsed = list(point), arb(exact(time))
    away = arb_mat(len(total), 1, [x - arb(r) for x, r in zip(point, motion.rest, strict=True)])
    for _, rate, projector in motion.spectral():
        part, factor = projector * away, (-rate * elapsed).expm1()
        total = [x + factor * part[r, 0] for r, x in enumerate(total)]
    return [arb(x.mid()) for x in total]


def _fastest(motion: Field) -> float:
    return max((_float(rate) for _, rate, _ in motion.spectral()), default=0.0)


def _speed(motion: Field, point: Sequence[arb]) -> list[arb]:
    product = arb_mat(motion.matrix) * arb_mat(len(point), 1, list(point))
    return [arb(f) - product[r, 0] for r, f in enumerate(motion.force)]


def _faces(found: Solution, before: Signs, after: Signs, changes: Sequence[Change]) -> list[Field]:
    """Return the faces on which the trajectory may move at a passage."""
    rows, choices = found.landscape.rows, [before, after]
    for sides in product((-1, 1), repeat=len(changes)):
        signs = [list(row) for row in after]
        for (j, i, _), side in zip(changes, sides, strict=True):
            signs[j] = [side if rows[i] == row else s for s, row in zip(signs[j], rows, strict=True)]
        choices.append(tuple(map(tuple, signs)))
    return [Field(found.landscape, each) for each in choices]


def _event_function(motion: Field, passage: Passage) -> Functional:
    """Return what becomes 0 at a passage: the pre-activation that is met, or what keeps a kink."""
    for j, i, _ in passage.changes:
        if motion.signs[j][i]:
            return height(motion, j, i, motion.signs[j][i])
    (unit, example, side), *_ = passage.changes
    if tangled(motion, unit):
        raise CertificateError("Kinks that depend on each other are left.", WITHOUT)
    forces = {s: guard.slope for guard in guards(motion, unit) for i, s in guard.leaves if i == example}
    row, level = forces[-side]
    if not any(row) and not level:
        raise CertificateError("A unit leaves the border of its dead cells, where other solutions stay.", WITHOUT)
    return forces[side]


def _float(x: arb) -> float:
    return float(x.mid())
