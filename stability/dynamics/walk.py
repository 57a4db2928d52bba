"""How is gradient flow followed from event to event, with every sign decided?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat

from stability.dynamics.decay import Decay, Root, Undecided
from stability.dynamics.motion import Field, Signs
from stability.dynamics.relations import Relations, Row, exact_point
from stability.dynamics.trajectories import Event, Piece, Trajectory
from stability.dynamics.turning import (
    Functional,
    Place,
    along,
    guards,
    may_stay,
    options,
    rests_beyond,
    sign_vectors,
)
from stability.geometry.atlas import Atlas, known_atlas
from stability.geometry.cells import exact
from stability.geometry.sets import StationarySet
from stability.model.landscapes import Landscape

Watch = tuple[str, int, int, int]
"""What ends a motion: "kink" or "guard", the unit, the example, and a side."""


@dataclass
class Walk:
    """The state while a trajectory is followed."""

    landscape: Landscape
    start: list[list[Fraction]]
    most_events: int
    torch: bool = False
    events: list[Event] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    time: arb = field(default_factory=lambda: arb(0))
    unique: bool = True

    def __post_init__(self) -> None:
        flat = [exact(x) for row in self.start for x in row]
        self.place = Place([arb(x) for x in flat], exact_point(flat))
        self.signs: Signs = tuple(tuple(row) for row in self.landscape.pattern(self.start))
        self.limit = self.place.point
        self.lasting = self.place.relations

    @property
    def atlas(self) -> Atlas:
        """The atlas of the landscape."""
        return known_atlas(self.landscape)

    def run(self) -> Trajectory:
        """Return the trajectory; raise Undecided where the working precision does not suffice."""
        if self._rests():
            self._note("stop")
            self.pieces.append(_piece(self.signs, self.time, None, self.place.point, [], []))
            end = self.atlas.of(self.start)
            reason = "" if end is not None else "torch rests here, though it is no stationary point"
            return Trajectory(
                self.landscape,
                self.start,
                self.pieces,
                self.events,
                [list(row) for row in self.start],
                self.landscape.loss(self.start),
                end,
                self.unique,
                reason,
            )
        self._turn(list(range(self.landscape.units)), list(self.signs))
        for _ in range(self.most_events):
            if not self._advance():
                return self._finished()
        return self.stopped(f"more than {self.most_events} events")

    def _rests(self) -> bool:
        """Tell whether the start is at rest; note a branch where descent leads away from it."""
        if self.torch:
            return not any(self.landscape.autograd_gradient(self.start))
        found = self.atlas.of(self.start)
        if found is not None and not found.directional:
            self.unique = False
            self._note("branch", detail=f"it may also leave: {found.kind}")
        return found is not None

    def _turn(self, units: Sequence[int], at: list[tuple[int, ...]]) -> None:
        """Choose the faces that these units move on, from those that they are on."""
        signs = list(at)
        for unit in units:
            if 0 not in at[unit]:
                continue
            around = [f for f in sign_vectors(self.landscape) if all(s in (0, f[i]) for i, s in enumerate(at[unit]))]
            ways = options(self.landscape, at, unit, around, self.place)
            if not ways:
                raise Undecided
            if len(ways) > 1:
                self.unique = False
                self._note("branch", unit, detail=f"{len(ways)} ways")
            elif at[unit] not in ways and may_stay(Field(self.landscape, tuple(at)), unit, self.place):
                self.unique = False
                self._note("branch", unit, detail="it may also stay")
            signs[unit] = max(ways, key=lambda way: way.count(0))
        self.signs = tuple(signs)

    def _note(self, kind: str, unit: int | None = None, example: int | None = None, detail: str = "") -> None:
        self.events.append(Event(_bounds(self.time), kind, unit, example, detail))

    def _advance(self) -> bool:
        """Follow the motion to its next event; tell whether there is one."""
        motion = Field(self.landscape, self.signs)
        lasting = self.place.relations.lasting(motion.matrix, motion.force)
        level, terms, rates = self._closed_form(motion)
        watched = list(self._watched(motion))
        roots: list[tuple[Root, Watch, Functional]] = []
        for name, functional in watched:
            decay = self._decay(motion, functional, level, terms, lasting)
            root = None if decay is None else decay.first_root()
            if root is not None:
                roots.append((root, name, functional))
        first = _earliest(roots, lasting)
        now = self.time
        stop = now + first[0][0].time if first else None
        self.pieces.append(_piece(self.signs, now, stop, level, terms, rates))
        if stop is None or not first:
            self.limit = level
            self.lasting = lasting
            return False
        self._move(first, level, terms, rates, lasting)
        return True

    def _move(
        self,
        first: Sequence[tuple[Root, Watch, Functional]],
        level: list[arb],
        terms: list[list[arb]],
        rates: list[arb],
        lasting: Relations,
    ) -> None:
        elapsed = first[0][0].time
        self.time += elapsed
        point = list(level)
        for term, rate in zip(terms, rates, strict=True):
            factor = (-rate * elapsed).exp()
            point = [x + factor * y for x, y in zip(point, term, strict=True)]
        more: list[Row] = [[*row, -constant] for _, _, (row, constant) in first]
        self.place = Place(point, lasting.joined(more))
        at, hit = [list(signs) for signs in self.signs], list[int]()
        before = self.signs
        alone = len(first) == 1
        for _, (kind, unit, example, side), _ in first:
            if kind == "kink":
                at[unit][example] = 0
            if kind == "kink" or not alone:
                hit.append(unit)
                continue
            for i, row in enumerate(self.landscape.rows):
                if row == self.landscape.rows[example] and at[unit][i] == 0:
                    at[unit][i] = side
            self._note("sliding ends", unit, example)
            if rests_beyond(Field(self.landscape, before), unit, example, side):
                self.unique = False
                self._note("branch", unit, example, "it may also stay")
        self.signs = tuple(tuple(signs) for signs in at)
        self._turn(sorted(set(hit)), list(self.signs))
        for _, (kind, unit, example, _), _ in first:
            if kind == "kink":
                now = self.signs[unit][example]
                met = "touch" if now == before[unit][example] else "crossing" if now else "sliding begins"
                self._note(met, unit, example)

    def _closed_form(self, motion: Field) -> tuple[list[arb], list[list[arb]], list[arb]]:
        """Return level, terms and rates of the motion from the present point."""
        spectral = motion.spectral()
        rates, projectors = [rate for _, rate, _ in spectral], [projector for *_, projector in spectral]
        size = self.landscape.parameters
        away = arb_mat(size, 1, [x - arb(r) for x, r in zip(self.place.point, motion.rest, strict=True)])
        terms = []
        for projector in projectors:
            found = projector * away
            terms.append([found[r, 0] for r in range(size)])
        level = [x - sum((term[k] for term in terms), arb(0)) for k, x in enumerate(self.place.point)]
        return level, terms, rates

    def _watched(self, motion: Field) -> Iterator[tuple[Watch, Functional]]:
        """Yield what ends the motion on these faces when it becomes negative."""
        width, size = self.landscape.width, self.landscape.parameters
        for unit, signs in enumerate(self.signs):
            for i, s in enumerate(signs):
                if s:
                    row = [fmpq(0)] * size
                    row[unit * width : (unit + 1) * width] = [s * x for x in motion.rows[i]]
                    yield ("kink", unit, i, s), (row, fmpq(0))
            for example, side, functional in guards(motion, unit).guards:
                yield ("guard", unit, example, side), functional

    def _decay(
        self,
        motion: Field,
        functional: Functional,
        level: list[arb],
        terms: list[list[arb]],
        lasting: Relations,
    ) -> Decay | None:
        """Return a watched quantity as a sum of exponentials; None where it is constant."""
        row, constant = functional
        if lasting.value(row) is not None:
            return None
        absent = {k for k in range(len(motion.factors)) if self._absent(motion, k, row)}
        kept = [(rate, term) for (k, rate, _), term in zip(motion.spectral(), terms, strict=True) if k not in absent]
        weights = [sum((arb(r) * x for r, x in zip(row, term, strict=True) if r), arb(0)) for _, term in kept]
        known = _rest_relations(motion, lasting).value(row)
        if known is not None:
            base = arb(known + constant)
        else:
            base = sum((arb(r) * x for r, x in zip(row, level, strict=True) if r), arb(constant))
        zero = known is not None and known + constant == 0
        return Decay(base, weights, [rate for rate, _ in kept], self._order(motion, functional), zero)

    def _order(self, motion: Field, functional: Functional) -> int:
        """Return how many derivatives of a watched quantity are exactly 0 now, from the value on."""
        order = 0
        while order <= self.landscape.parameters:
            row, constant = functional
            known = self.place.relations.value(row)
            if known is None or known + constant != 0:
                break
            functional, order = along(row, motion.matrix, motion.force), order + 1
        return order

    def _absent(self, motion: Field, k: int, row: Sequence[fmpq]) -> bool:
        """Tell whether the eigenvalues of one factor provably do not enter r . p(t)."""
        size = self.landscape.parameters
        part = motion.idempotents[k] * fmpq_mat(size, 1, list(row))
        for _ in range(motion.factors[k].degree()):
            flat = [part[r, 0] for r in range(size)]
            known = self.place.relations.value(flat)
            rest = sum((x * y for x, y in zip(flat, motion.rest, strict=True)), fmpq(0))
            if known is None or known != rest:
                return False
            part = motion.matrix * part
        return True

    def _finished(self) -> Trajectory:
        self._note("stop")
        return self._trajectory(*self._end())

    def _end(self) -> tuple[Fraction | None, StationarySet | None, str]:
        """Return the exact loss of the limit and the set it lies on."""
        motion = Field(self.landscape, self.signs)
        rest = Place(self.limit, _rest_relations(motion, self.lasting))
        faces = []
        for unit, signs in enumerate(self.signs):
            faces.append([s and rest.sign(_height(motion, unit, i)) for i, s in enumerate(signs)])
        found = self.atlas.on_faces(faces)
        return (found.loss, found, "") if found is not None else (None, None, "the limit is on no stationary face")

    def _trajectory(self, loss: Fraction | None, end: StationarySet | None, reason: str) -> Trajectory:
        width, size = self.landscape.width, self.landscape.parameters
        motion = Field(self.landscape, self.signs)
        known = self.lasting if end is None else _rest_relations(motion, self.lasting)
        exact_ = [known.value([fmpq(int(c == k)) for c in range(size)]) for k in range(size)]
        flat = [
            float(ball.mid()) if x is None else Fraction(int(x.p), int(x.q))
            for x, ball in zip(exact_, self.limit, strict=True)
        ]
        point = [flat[j * width : (j + 1) * width] for j in range(self.landscape.units)]
        return Trajectory(self.landscape, self.start, self.pieces, self.events, point, loss, end, self.unique, reason)

    def stopped(self, reason: str) -> Trajectory:
        """Return the trajectory as far as it got."""
        self.limit, self.lasting = self.place.point, self.place.relations
        return self._trajectory(None, None, reason)


def _height(motion: Field, unit: int, example: int) -> Functional:
    width = motion.landscape.width
    row = [fmpq(0)] * motion.landscape.parameters
    row[unit * width : (unit + 1) * width] = motion.rows[example]
    return row, fmpq(0)


def _rest_relations(motion: Field, lasting: Relations) -> Relations:
    """Return equations of the limit: those that last, and matrix p = force."""
    rows = [[*map(fmpq, row), f] for row, f in zip(motion.matrix.tolist(), motion.force, strict=True)]
    return lasting.joined([row for row in rows if any(row)])


def _earliest(
    roots: Sequence[tuple[Root, Watch, Functional]], lasting: Relations
) -> list[tuple[Root, Watch, Functional]]:
    """Return the events that come first; several only if they provably come at the same time."""
    if not roots:
        return []
    order = sorted(roots, key=lambda entry: float(entry[0].time.mid()))
    first = [order[0]]
    for other in order[1:]:
        if other[0].time > order[0][0].time:
            continue
        if not _proportional(order[0][2], other[2], lasting):
            raise Undecided
        first.append(other)
    return first


def _proportional(a: Functional, b: Functional, lasting: Relations) -> bool:
    """Tell whether one functional is a multiple of the other along the motion."""
    joined = lasting.joined([[*a[0], -a[1]]])
    value = joined.value(b[0])
    return value is not None and value + b[1] == 0


def _bounds(time: arb) -> tuple[Fraction, Fraction]:
    """Return rational bounds of a ball."""
    ends = []
    for end in (time.lower(), time.upper()):
        mantissa, exponent = end.mid().man_exp()
        ends.append(Fraction(int(mantissa)) * Fraction(2) ** int(exponent))
    return ends[0], ends[1]


def _piece(
    signs: Signs, start: arb, end: arb | None, level: list[arb], terms: list[list[arb]], rates: list[arb]
) -> Piece:
    size = len(level)
    table = np.array([[float(x.mid()) for x in term] for term in terms]).reshape(len(terms), size)
    last = np.inf if end is None else float(end.mid())
    numbers = np.array([float(x.mid()) for x in level])
    return Piece(signs, float(start.mid()), last, numbers, table, np.array([float(r.mid()) for r in rates]))
