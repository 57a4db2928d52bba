"""Stationary points on one choice of states, and what they are: the pieces of which stationary sets consist.

Where output weights are trained, a choice with silent units makes several pieces: the units stand where they are at
local minima, in one connected region each, or not all of them do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations_with_replacement
from math import prod

from stability.geometry.arrangement.enumerate import Arrangement
from stability.geometry.arrangement.integer_problem import Integers, Vector, primitive
from stability.geometry.stationary.least_squares import Combination, Fits, Generators
from stability.geometry.stationary.search import Faces, UnitStates, generators
from stability.geometry.stationary.silent_units import SilentRegion, SilentUnit
from stability.geometry.stationary.unit_balance import Balance, UnitBalance

Errors = tuple[tuple[int, ...], int]
"""Scaled errors, as integers over a positive denominator, without a common divisor."""


@dataclass(frozen=True)
class StationaryPiece:
    """The stationary points on one choice of states.

    Attributes
    ----------
    faces : tuple of int
        The states, one per unit, in ascending order; those of silent units are numbered behind the active ones, by the
        regions of `SilentUnit` under these errors.
    errors : Errors
    dimension : int
    sort : str
        "minimum", "maximum" or "saddle".
    autograd_rests : bool
    smooth : bool
        Whether the loss is differentiable there.
    directional : bool
        Whether no direction descends to first order.
    count : int
        How many choices of a sign and a face for each unit it stands for, units in this order.
    """

    faces: Faces
    errors: Errors
    dimension: int
    sort: str
    autograd_rests: bool
    smooth: bool
    directional: bool = True
    count: int = 1


class Choices:
    """The pieces of the stationary choices of a landscape.

    Parameters
    ----------
    problem : Integers
    arrangement : Arrangement
    stationary : sequence of faces
    """

    def __init__(self, problem: Integers, arrangement: Arrangement, stationary: Sequence[Faces]) -> None:
        self.problem = problem
        self.arrangement = arrangement
        self.states = UnitStates(len(arrangement.faces), problem.signs, problem.trainable)
        active = {s for choice in stationary for s in choice if s < self.states.active}
        self.used = sorted({self.states.face(s) for s in active})
        names, generated, self.examples = generators(problem, [arrangement.faces[f] for f in self.used])
        self.generated = {
            self.states.state(sign, f): generated[len(self.used) * k + i]
            for k, sign in enumerate(problem.signs)
            for i, f in enumerate(self.used)
        }
        self.fits = Fits(names, problem.labels)
        self.unit = UnitBalance(
            problem, [(arrangement.faces[c].plus, arrangement.faces[c].minus) for c in arrangement.cells]
        )
        self.stationary = set(stationary)
        self._errors: dict[Generators, tuple[tuple[Vector, int], int]] = {}
        self._answers: dict[tuple[str, int, Vector], bool] = {}
        self._silent: dict[Vector, SilentUnit] = {}

    def key(self, choice: Faces) -> Generators:
        """Return the generators of a choice of states."""
        return frozenset().union(*(self.generated[s] for s in choice if s < self.states.active))

    def errors(self, choice: Faces) -> tuple[tuple[Vector, int], int]:
        """Return the errors on the stationary set of a choice, and the rank of its outputs."""
        key = self.key(choice)
        if key not in self._errors:
            fit = self.fits.fit(key)
            self._errors[key] = self.fits.errors(fit), fit.rank
        return self._errors[key]

    def weights(self, choice: Faces) -> Combination:
        """Return positive weights of the generators that put out the fit."""
        return self.fits.inside(self.fits.fit(self.key(choice)))[1]

    def balance(self, face: int, errors: Vector) -> Balance:
        """Return why a unit of sign 1 is in balance on a face."""
        return self.unit.balance(self.arrangement.faces[face], errors)

    def silent(self, errors: Vector) -> SilentUnit:
        """Return where a silent unit rests under these errors, of which only the direction matters."""
        direction = primitive(errors)
        if direction not in self._silent:
            self._silent[direction] = SilentUnit(self.problem, self.arrangement, direction)
        return self._silent[direction]

    def pieces(self, choice: Faces) -> Iterator[StationaryPiece]:
        """Yield the pieces of a stationary choice of states."""
        errors, rank = self.errors(choice)
        e = primitive(errors[0])
        active = tuple(s for s in choice if s < self.states.active)
        many = len(choice) - len(active)
        least, rests, smooth = (all(self._is(n, s, e) for s in active) for n in ("least", "resting", "smooth"))
        most = not least and not self.problem.centred and all(self._is("most", s, e) for s in active)
        free = sum(self.arrangement.faces[self.states.face(s)].dimension + self.problem.trainable for s in active)
        free += self.problem.units * self.problem.idle - rank
        make = partial(StationaryPiece, errors=errors, autograd_rests=rests, smooth=smooth, directional=least)
        if not many:
            yield make(choice, dimension=free, sort="minimum" if least else "maximum" if most else "saddle")
            return
        unit, first = self.silent(e), self.states.active
        special, name, start = [], "", first
        if least:
            special, name = unit.parts, "minimum"
        elif most:
            special, name, start = unit.dead_parts, "maximum", first + len(unit.parts) + 1
        for regions in combinations_with_replacement(range(len(special)), many):
            yield make(
                (*active, *(start + k for k in regions)),
                dimension=free + sum(special[k].dimension for k in regions),
                sort=name,
                count=prod(len(special[k].faces) for k in regions),
            )
        covered = frozenset().union(*(region.faces for region in special))
        elsewhere = unit.largest(covered)
        if elsewhere >= 0:
            yield make(
                (*active, *[first + len(unit.parts)] * many),
                dimension=free + elsewhere + (many - 1) * unit.resting.dimension,
                sort="saddle",
                count=len(unit.resting.faces) ** many - len(covered) ** many,
            )

    def silent_states(self, errors: Vector) -> list[SilentRegion]:
        """Return the regions that the states of silent units stand for: of minima, of the rest, of dead units."""
        unit = self.silent(errors)
        return [*unit.parts, unit.resting, *unit.dead_parts]

    def located(self, units: Sequence[tuple[int, int]]) -> Faces | None:
        """Return the states of the piece with points of these signs and faces of the units; None if there is none.

        Parameters
        ----------
        units : sequence of (sign, face)
            The sign of the output weight, 0 of a silent unit, in any order.
        """
        active = sorted(self.states.state(sign, face) for sign, face in units if sign)
        idle = [face for sign, face in units if not sign]
        choice = (*active, *[self.states.active] * len(idle))
        if choice not in self.stationary or not idle:
            return choice if choice in self.stationary else None
        e = primitive(self.errors(choice)[0][0])
        unit, first = self.silent(e), self.states.active
        if not unit.resting.faces.issuperset(idle):
            return None
        least = all(self._is("least", s, e) for s in active)
        most = not least and not self.problem.centred and all(self._is("most", s, e) for s in active)
        special = unit.parts if least else unit.dead_parts if most else []
        start = first if least else first + len(unit.parts) + 1
        regions = [next((k for k, part in enumerate(special) if face in part.faces), -1) for face in idle]
        if not special or min(regions) < 0:
            return (*active, *[first + len(unit.parts)] * len(idle))
        return (*active, *(start + k for k in sorted(regions)))

    def stands_at(self, piece: Faces, errors: Vector) -> list[tuple[int, int]]:
        """Return a sign and a face for each unit of a piece: for silent units those with the most dimensions."""
        unit, first = self.silent(errors) if piece[-1] >= self.states.active else None, self.states.active
        found = [(self.states.sign(s), self.states.face(s)) for s in piece if s < first]
        if unit is None:
            return found
        regions = self.silent_states(errors)
        idle = [s - first for s in piece if s >= first]
        chosen = [unit.largest_face(regions[k].faces) for k in idle]
        if idle[0] == len(unit.parts):  # not all of them stand where only minima or dead units do
            least = all(self._is("least", s, primitive(errors)) for s in piece if s < first)
            chosen[0] = unit.largest_face(unit.resting.faces - (unit.least if least else frozenset()))
        return [*found, *((0, face) for face in chosen)]

    def _is(self, what: str, state: int, errors: Vector) -> bool:
        """Return whether one unit is a least or a most, whether torch lets it rest, or whether it is smooth."""
        key = what, state, errors
        if key not in self._answers:
            place, rays = self.arrangement.faces[self.states.face(state)], self.arrangement.rays
            signed = errors if self.states.sign(state) > 0 else tuple(-e for e in errors)
            self._answers[key] = {
                "least": partial(self.unit.nothing_descends, place, signed, rays),
                "most": partial(self.unit.nothing_ascends, place, signed, rays),
                "resting": partial(self.unit.autograd_rests, place, signed),
                "smooth": partial(self.unit.is_smooth, place, signed),
            }[what]()
        return self._answers[key]
