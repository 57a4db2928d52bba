"""Event tracking: gradient flow followed from event to event, with every sign decided."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat

from stability.dynamics.flow.coincidences import earliest
from stability.dynamics.flow.face_flow import Field, Signs, field_of
from stability.dynamics.flow.filippov import (
    FlowPoint,
    Functional,
    Way,
    along,
    guards,
    is_held,
    kinks,
    stays_for_ever,
    tangled,
    ways,
)
from stability.dynamics.flow.linear_relations import Relations, Row, exact_point
from stability.dynamics.flow.solutions import FlowEvent, FlowPiece, OtherSolution, Solution
from stability.exact.exponential_sums import Decay, RootBall, Unsettled
from stability.geometry.arrangement.cells import exact
from stability.geometry.atlas.atlas import Atlas, known_atlas
from stability.geometry.stationary.sets import StationarySet
from stability.model.network_loss import NetworkLoss

EventKey = tuple[str, int, int, int]
"""What ends a motion: "kink" or "guard", the unit, the example of a kink or the number of a guard, and a side."""


@dataclass
class EventTracker:
    """The state while a trajectory is followed."""

    landscape: NetworkLoss
    start: list[list[Fraction]]
    max_events: int
    torch: bool = False
    choices: Mapping[int, Signs] = field(default_factory=dict)
    events: list[FlowEvent] = field(default_factory=list)
    pieces: list[FlowPiece] = field(default_factory=list)
    branches: list[OtherSolution] = field(default_factory=list)
    time: arb = field(default_factory=lambda: arb(0))
    unique: bool = True
    turns: int = 0
    torn: bool = False

    def __post_init__(self) -> None:
        flat = [exact(x) for row in self.start for x in row]
        self.place = FlowPoint([arb(x) for x in flat], exact_point(flat))
        self.signs: Signs = tuple(tuple(row) for row in self.landscape.pattern(self.start))
        self.limit = self.place.point
        self.invariants = self.place.relations

    @property
    def atlas(self) -> Atlas:
        """The atlas of the landscape."""
        return known_atlas(self.landscape)

    def run(self) -> Solution:
        """Return the trajectory; raise Undecided where the working precision does not suffice."""
        if self._rests():
            self._note("stop")
            self.pieces.append(_piece(self.signs, self.time, None, self.place.point, [], []))
            end = self.atlas.of(self.start)
            reason = "" if end is not None else "torch rests here, though it is no stationary point"
            return Solution(
                self.landscape,
                self.start,
                self.pieces,
                self.events,
                [list(row) for row in self.start],
                self.landscape.loss(self.start),
                end,
                self.unique,
                reason,
                self.branches,
            )
        if not self.pieces:
            self._turn(self.signs)
        for _ in range(self.max_events):
            if not self._advance():
                return self._finished()
        return self.stopped(f"more than {self.max_events} events")

    def _rests(self) -> bool:
        """Return whether the start is at rest; note the branches where descent leads away from it."""
        if 0 in self.choices:
            return False
        if self.torch and any(self.landscape.autograd_gradient(self.start)):
            return False
        found = self.atlas.of(self.start)
        if found is not None and not found.directional:
            self.unique = False
            self._note("branch", detail=f"it may also leave: {found.kind}")
            self._branch([way for way in ways(self.landscape, self.signs, self.place) if way.signs != self.signs])
        return found is not None or self.torch

    def _turn(self, at: Signs) -> None:
        """Choose the faces that the units move on, from those that they are on."""
        found = ways(self.landscape, at, self.place)
        if not found:
            raise Unsettled("no face is found on which the flow goes on")
        chosen = next((w for w in found if w.signs == self.choices.get(self.turns)), max(found, key=self._preferred))
        self.signs, self.torn = chosen.signs, not chosen.held
        others = [way for way in found if way.signs != self.signs]
        if self.turns in self.choices or not all(way.held and way.known for way in found):
            self.unique = False
        if others and self.turns not in self.choices:
            self.unique = False
            self._branch(others)
            for unit, (here, now) in enumerate(zip(at, self.signs, strict=True)):
                faces = {way.signs[unit] for way in found}
                if now != here and here in faces:
                    self._note("branch", unit, detail="it may also stay")
                elif len(faces) > 1:
                    self._note("branch", unit, detail=f"{len(faces)} ways")
        self.turns += 1

    def _preferred(self, way: Way) -> tuple[int, bool, int]:
        """Rank ways: units that are torn and were chosen to stay do so, then what is held, and on most kinks."""
        same = sum(a == b for a, b in zip(way.signs, self.signs, strict=True)) if self.torn else 0
        return same, way.held and way.known, sum(face.count(0) for face in way.signs)

    def _branch(self, others: Sequence[Way]) -> None:
        """List other solutions from here."""
        taken = tuple((turn, signs) for turn, signs in self.choices.items() if turn < self.turns)
        for way in others:
            choices = (*taken, (self.turns, way.signs))
            self.branches.append(
                OtherSolution(
                    self.landscape, self.start, _bounds(self.time), way.signs, way.held, way.known, choices,
                    self.max_events,
                )
            )  # fmt: skip

    def _note(self, kind: str, unit: int | None = None, example: int | None = None, detail: str = "") -> None:
        self.events.append(FlowEvent(_bounds(self.time), kind, unit, example, detail))

    def _advance(self) -> bool:
        """Follow the motion to its next event; return whether there is one."""
        motion = field_of(self.landscape, self.signs)
        invariants = self.place.relations.invariants(motion.matrix, motion.force)
        level, terms, rates = self._closed_form(motion)
        functions = list(self._event_functions(motion))
        rest = _rest_relations(motion, invariants)
        roots: list[tuple[RootBall, EventKey, Functional]] = []
        for name, functional in functions:
            decay = self._decay(motion, functional, level, terms, invariants, rest)
            root = None if decay is None else decay.first_root()
            if root is not None:
                roots.append((root, name, functional))
        first = earliest(roots, invariants)
        now = self.time
        stop = now + first[0][0].time if first else None
        self.pieces.append(_piece(self.signs, now, stop, level, terms, rates))
        if stop is None or not first:
            self.limit = level
            self.invariants = invariants
            return False
        self._move(first, level, terms, rates, invariants)
        return True

    def _move(
        self,
        first: Sequence[tuple[RootBall, EventKey, Functional]],
        level: list[arb],
        terms: list[list[arb]],
        rates: list[arb],
        invariants: Relations,
    ) -> None:
        elapsed = first[0][0].time
        self.time += elapsed
        point = list(level)
        for term, rate in zip(terms, rates, strict=True):
            factor = (-rate * elapsed).exp()
            point = [x + factor * y for x, y in zip(point, term, strict=True)]
        more: list[Row] = [[*row, -constant] for _, _, (row, constant) in first]
        self.place = FlowPoint(point, invariants.joined(more))
        at, before = [list(signs) for signs in self.signs], self.signs
        for _, (kind, unit, example, _), _ in first:
            if kind == "kink":
                at[unit][example] = 0
        self._turn(tuple(tuple(signs) for signs in at))
        for unit, (old, now) in enumerate(zip(before, self.signs, strict=True)):
            for members in kinks(self.landscape, old):
                if now[members[0]]:
                    self._note("sliding ends", unit, members[0])
        for _, (kind, unit, example, _), _ in first:
            if kind == "kink":
                now = self.signs[unit]
                met = "touch" if now[example] == before[unit][example] else "crossing" if now[example] else ""
                self._note(met or "sliding begins", unit, example)

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

    def _event_functions(self, motion: Field) -> Iterator[tuple[EventKey, Functional]]:
        """Yield what ends the motion on these faces when it becomes negative."""
        blocks, size = self.landscape.blocks, self.landscape.parameters
        for unit, signs in enumerate(self.signs):
            for i, s in enumerate(signs):
                if s:
                    row = [fmpq(0)] * size
                    row[blocks[unit]] = [s * x for x in motion.rows[i]]
                    yield ("kink", unit, i, s), (row, fmpq(0))
            yield from self._held(motion, unit)

    def _held(self, motion: Field, unit: int) -> Iterator[tuple[EventKey, Functional]]:
        """Yield what keeps a unit on its kinks, or at independent ones between which it is torn, what lets it stay."""
        torn = not is_held(motion, unit, self.place)
        if torn and tangled(motion, unit):
            if stays_for_ever(motion, unit):
                return
            raise Unsettled("a unit may stay where many kinks meet, and it is not decided how long")
        for k, guard in enumerate(guards(motion, unit)):
            row, constant = guard.slope
            turned = torn and self.place.soon(guard.slope, motion) < 0
            yield ("guard", unit, k, 0), ([-x for x in row], -constant) if turned else guard.slope

    def _decay(
        self,
        motion: Field,
        functional: Functional,
        level: list[arb],
        terms: list[list[arb]],
        invariants: Relations,
        rest: Relations,
    ) -> Decay | None:
        """Return an event function as a sum of exponentials; None where it is constant."""
        row, constant = functional
        if invariants.value(row) is not None:
            return None
        absent = {k for k in range(len(motion.factors)) if self._absent(motion, k, row)}
        kept = [(rate, term) for (k, rate, _), term in zip(motion.spectral(), terms, strict=True) if k not in absent]
        weights = [sum((arb(r) * x for r, x in zip(row, term, strict=True) if r), arb(0)) for _, term in kept]
        known = rest.value(row)
        if known is not None:
            base = arb(known + constant)
        else:
            base = sum((arb(r) * x for r, x in zip(row, level, strict=True) if r), arb(constant))
        zero = known is not None and known + constant == 0
        return Decay(base, weights, [rate for rate, _ in kept], self._order(motion, functional), zero)

    def _order(self, motion: Field, functional: Functional) -> int:
        """Return how many derivatives of an event function are exactly 0 now, from the value on."""
        order = 0
        while order <= self.landscape.parameters:
            row, constant = functional
            known = self.place.relations.value(row)
            if known is None or known + constant != 0:
                break
            functional, order = along(row, motion.matrix, motion.force), order + 1
        return order

    def _absent(self, motion: Field, k: int, row: Sequence[fmpq]) -> bool:
        """Return whether the eigenvalues of one factor provably do not enter r . p(t)."""
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

    def _finished(self) -> Solution:
        self._note("stop")
        return self._trajectory(*self._end())

    def _end(self) -> tuple[Fraction | None, StationarySet | None, str]:
        """Return the exact loss of the limit and the set it lies on."""
        motion = field_of(self.landscape, self.signs)
        rest = FlowPoint(self.limit, _rest_relations(motion, self.invariants))
        faces = []
        for unit, signs in enumerate(self.signs):
            faces.append([s and rest.sign(_height(motion, unit, i)) for i, s in enumerate(signs)])
        found = self.atlas.on_faces(faces)
        return (found.loss, found, "") if found is not None else (None, None, "the limit is on no stationary face")

    def _trajectory(self, loss: Fraction | None, end: StationarySet | None, reason: str) -> Solution:
        size = self.landscape.parameters
        motion = field_of(self.landscape, self.signs)
        known = self.invariants if end is None else _rest_relations(motion, self.invariants)
        exact_ = [known.value([fmpq(int(c == k)) for c in range(size)]) for k in range(size)]
        flat = [
            float(ball.mid()) if x is None else Fraction(int(x.p), int(x.q))
            for x, ball in zip(exact_, self.limit, strict=True)
        ]
        point = [flat[block] for block in self.landscape.blocks]
        return Solution(
            self.landscape, self.start, self.pieces, self.events, point, loss, end, self.unique, reason, self.branches
        )

    def stopped(self, reason: str) -> Solution:
        """Return the trajectory as far as it got."""
        self.limit, self.invariants = self.place.point, self.place.relations
        return self._trajectory(None, None, reason)


def _height(motion: Field, unit: int, example: int) -> Functional:
    row = [fmpq(0)] * motion.landscape.parameters
    row[motion.landscape.blocks[unit]] = motion.rows[example]
    return row, fmpq(0)


def _rest_relations(motion: Field, invariants: Relations) -> Relations:
    """Return equations of the limit: those that last, and matrix p = force."""
    rows = [[*map(fmpq, row), f] for row, f in zip(motion.matrix.tolist(), motion.force, strict=True)]
    return invariants.joined([row for row in rows if any(row)])


def _bounds(time: arb) -> tuple[Fraction, Fraction]:
    """Return rational bounds of a ball."""
    ends = []
    for end in (time.lower(), time.upper()):
        mantissa, exponent = end.mid().man_exp()
        ends.append(Fraction(int(mantissa)) * Fraction(2) ** int(exponent))
    return ends[0], ends[1]


def _piece(
    signs: Signs, start: arb, end: arb | None, level: list[arb], terms: list[list[arb]], rates: list[arb]
) -> FlowPiece:
    size = len(level)
    table = np.array([[float(x.mid()) for x in term] for term in terms]).reshape(len(terms), size)
    last = np.inf if end is None else float(end.mid())
    numbers = np.array([float(x.mid()) for x in level])
    return FlowPiece(signs, float(start.mid()), last, numbers, table, np.array([float(r.mid()) for r in rates]))
