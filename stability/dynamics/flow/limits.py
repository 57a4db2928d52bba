"""Limits of trajectories: from when on nothing happens any more, where they end, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb, arb_mat, fmpq, fmpq_mat

from stability.dynamics.flow.face_flow import Field
from stability.dynamics.flow.filippov import Functional, guards, tangled
from stability.dynamics.flow.invariance import Chain, Course, DecayingFunction, norm, value
from stability.errors import CertificateError
from stability.exact.systems import kernel
from stability.geometry.arrangement.cells import exact

WITHOUT = "The end is decided all the same: take the trajectory without its certificate, or start elsewhere."

DIGITS = 24
"""Decimal digits of the coordinates of a target that are not known exactly."""

Flat = list[Fraction]


def fraction(x: fmpq) -> Fraction:
    """Return the number in the standard library's type."""
    return Fraction(int(x.p), int(x.q))


def decimal(x: Fraction) -> str:
    """Return an exact text: a simple fraction, else with a point where that is not longer."""
    rest, digits = x.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        digits = max(digits, power)
    if rest > 1 or x.denominator < 20:
        return str(x)
    text = f"{abs(int(x * 10**digits)):0{digits + 1}d}"
    return min(f"{'-' * (x < 0)}{text[:-digits]}.{text[-digits:]}", str(x), key=len)


def near(x: arb, digits: int = DIGITS) -> Fraction:
    """Return a decimal fraction near the middle of a ball."""
    mantissa, exponent = x.mid().man_exp()
    return Fraction(round(Fraction(int(mantissa)) * Fraction(2) ** int(exponent) * 10**digits), 10**digits)


@dataclass(frozen=True)
class TrajectoryLimit:
    """The end of a trajectory.

    Attributes
    ----------
    target : list of Fraction
        A point near the limit, at which the motion rests.
    shift : list of Fraction
        The way to the target is nearly the matrix of the motion times this, so that the limit is near the target.
    chains : list of Chain or None
        For every function that must stay positive; None where its distance to the kink is enough.
    signs : list of str
    loss : Fraction
    distance : Fraction
        How near the limit is to the target.
    """

    target: Flat
    shift: Flat
    chains: list[Chain | None]
    signs: list[str]
    loss: Fraction
    distance: Fraction

    def to_record(self) -> dict[str, Any]:
        """Return the end as the checker reads it."""
        return {
            "target": [decimal(x) for x in self.target],
            "shift": [decimal(x) for x in self.shift],
            "chains": [chain and chain.to_record() for chain in self.chains],
        }


@dataclass(frozen=True)
class Last:
    """The last motion of a trajectory.

    Attributes
    ----------
    motion : Field
    course : Course
        A space that contains the trajectory.
    known : list of Fraction, optional
        The limit, where it is known exactly.
    """

    motion: Field
    course: Course
    known: Flat | None = None

    @cached_property
    def kinks(self) -> list[tuple[int, int, int]]:
        """Unit, example and sign of every kink, data points that coincide once."""
        rows = self.motion.landscape.rows
        first = [i for i, row in enumerate(rows) if rows.index(row) == i]
        return [(j, i, signs[i]) for j, signs in enumerate(self.motion.signs) for i in first]

    @cached_property
    def heights(self) -> list[DecayingFunction]:
        """The pre-activations that must stay positive, with their signs."""
        return [self._along(height(self.motion, j, i, s)) for j, i, s in self.kinks if s]

    @cached_property
    def gaps(self) -> list[DecayingFunction]:
        """What keeps the held kinks, in the order in which the checker asks for it, without what is always 0."""
        units = range(self.motion.landscape.units)
        if any(tangled(self.motion, j) for j in units):
            raise CertificateError("Kinks that depend on each other are held.", WITHOUT)
        found = [guard.slope for j in units for guard in guards(self.motion, j)]
        return [self._along(form) for form in found if any(form[0]) or form[1]]

    def _along(self, form: Functional) -> DecayingFunction:
        size = self.motion.landscape.parameters
        flat = self.motion.projection * fmpq_mat(size, 1, form[0])
        return DecayingFunction(self.motion, ([flat[r, 0] for r in range(size)], form[1]), self.course)

    @cached_property
    def level(self) -> list[fmpq]:
        """A point of the face at which the motion rests."""
        size = self.motion.landscape.parameters
        found = self.motion.projection * fmpq_mat(size, 1, self.motion.rest)
        return [found[r, 0] for r in range(size)]

    @cached_property
    def still(self) -> list[list[fmpq]]:
        """A basis of the directions of the face along which nothing moves."""
        land = self.motion.landscape
        held = [height(self.motion, j, i, 1)[0] for j, i, s in self.kinks if s == 0]
        return kernel([*self.motion.matrix.tolist(), *held], land.parameters)

    def target(self, point: Sequence[arb]) -> Flat:
        """Return a rational point near the limit, at which the motion rests."""
        if self.known is not None and self._rests(self.known):
            return self.known
        found = [fraction(x) for x in self.level]
        if self.still:
            table = fmpq_mat(self.still)
            away = arb_mat(len(found), 1, [x - arb(m) for x, m in zip(point, self.level, strict=True)])
            shares = arb_mat((table * table.transpose()).inv() * table) * away
            for r, row in enumerate(self.still):
                share = near(shares[r, 0])
                found = [x + share * fraction(y) for x, y in zip(found, row, strict=True)]
        return found

    def _rests(self, point: Flat) -> bool:
        size = self.motion.landscape.parameters
        column = fmpq_mat(size, 1, [exact(x) for x in point])
        image, flat = self.motion.matrix * column, self.motion.projection * column
        return all(image[r, 0] == self.motion.force[r] and flat[r, 0] == column[r, 0] for r in range(size))

    def shift(self, away: Sequence[arb]) -> Flat:
        """Return what the matrix turns nearly into the part of a vector that vanishes in time."""
        size = self.motion.landscape.parameters
        column, total = arb_mat(size, 1, list(away)), [arb(0)] * size
        for _, rate, projector in self.motion.spectral():
            part = projector * column
            total = [x + part[r, 0] / rate for r, x in enumerate(total)]
        return [near(x, DIGITS + 4) for x in total]

    def limit_at(self, point: Sequence[arb], radius: float) -> TrajectoryLimit | None:
        """Return why nothing happens any more, if that can be decided at a point with an error of some radius.

        Raises
        ------
        CertificateError
            If it never can.
        """
        if any(each.vanishes for each in [*self.heights, *self.gaps]):
            raise CertificateError("The trajectory runs along a kink without being held there by a force.", WITHOUT)
        target = self.target(point)
        balls = [arb(exact(x)) for x in target]
        away = [x - m for x, m in zip(point, balls, strict=True)]
        far = size(away) + 2 * radius
        chains: list[Chain | None] = []
        for each in [*self.heights, *self.gaps]:
            clear = value(each.function, balls) > norm(each.function) * far * 2
            chains.append(None if clear else each.at(point, arb(4 * radius)))
            if not clear and chains[-1] is None:
                return None
        shift = [Fraction(0)] * len(target) if size(away) < radius else self.shift(away)
        image = self.motion.matrix * fmpq_mat(len(shift), 1, [exact(x) for x in shift])
        rest = size([x - arb(image[r, 0]) for r, x in enumerate(away)]) + 2 * radius
        signs = self._signs(target, rest * 2)
        if signs is None:
            return None
        return TrajectoryLimit(target, shift, chains, signs, self._loss(target), _rounded_up(rest))

    def _signs(self, target: Flat, room: arb) -> list[str] | None:
        found = {}
        for j, i, s in self.kinks:
            row, _ = height(self.motion, j, i, s or 1)
            level = sum((r * exact(x) for r, x in zip(row, target, strict=True)), fmpq(0))
            if level and not arb(level) > norm((row, level)) * room:
                return None
            found[j, i] = "-0+"[s + 1] if level else "0"
        rows = self.motion.landscape.rows
        places = [rows.index(row) for row in rows]
        return ["".join(found[j, i] for i in places) for j in range(self.motion.landscape.units)]

    def _loss(self, target: Flat) -> Fraction:
        land = self.motion.landscape
        outputs = self.motion.jacobian * fmpq_mat(len(target), 1, [exact(x) for x in target])
        errors = [fraction(outputs[i, 0]) - y for i, y in enumerate(land.data.labels)]
        return land.scale * sum((e * e for e in errors), Fraction(0))


def height(motion: Field, unit: int, example: int, side: int) -> Functional:
    """Return a pre-activation as a function of the parameters, counted positive on one side."""
    land = motion.landscape
    row = [fmpq(0)] * land.parameters
    row[land.blocks[unit]] = [side * x for x in motion.rows[example]]
    return row, fmpq(0)


def size(vector: Sequence[arb]) -> arb:
    """Return an upper bound of the length of a vector."""
    return arb(sum((x.abs_upper() ** 2 for x in vector), arb(0)).sqrt().abs_upper())


def _rounded_up(x: arb) -> Fraction:
    """Return a power of ten that is well above a number."""
    power = 0
    while power < 300 and arb(10) ** (-power - 1) > 4 * x:
        power += 1
    return Fraction(1, 10**power)
