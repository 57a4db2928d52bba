"""A stationary point on one choice of states, with small entries where there are some."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from stability.geometry.arrangement.enumerate import Arrangement, Face
from stability.geometry.arrangement.integer_problem import Integers, Vector, dot, primitive
from stability.geometry.stationary.choices import Choices
from stability.geometry.stationary.search import Faces
from stability.geometry.stationary.simple_points import on_same_faces
from stability.model.network_loss import Matrix, NetworkLoss

LONGEST = 9
"""Characters of a number up to which a point is left as it is."""


def stationary_point(landscape: NetworkLoss, choices: Choices, piece: Faces) -> Matrix:
    """Return a point on a piece, in the layer form; units stand in the order of the states."""
    problem, first = choices.problem, choices.states.active
    if problem.trainable:  # units are alike, and silent ones stand last
        piece = tuple(sorted(piece))
    units = choices.stands_at(piece, choices.errors(_base(choices, piece))[0][0])
    active = tuple(s for s in piece if s < first)
    rows = [problem.full(row) for row in _Point(choices, active).rows()] if active else []
    if problem.trainable:
        signed = [[*row, Fraction(sign)] for row, (sign, _) in zip(rows, units, strict=False)]
        silent = choices.silent(choices.errors(_base(choices, piece))[0][0])
        idle = [
            _simple(problem, choices.arrangement, face) if silent.is_flat(face) else silent.point(face)
            for sign, face in units
            if not sign
        ]
        rows = [*signed, *([*problem.full([Fraction(x) for x in u]), Fraction(0)] for u in idle)]
    placed = [list[Fraction]()] * len(rows)
    for row, unit, length in zip(rows, problem.order, problem.lengths, strict=True):
        placed[unit] = row if problem.trainable else [x / length for x in row]
    if not problem.centred:
        return placed
    outputs = _one_output(landscape).outputs([*placed, [Fraction(0)]])
    errors = [f - y for f, y in zip(outputs, landscape.data.labels, strict=True)]
    return [*placed, [-sum(errors, Fraction(0)) / len(errors)]]


def _one_output(landscape: NetworkLoss) -> NetworkLoss:
    """Return the landscape, or that of the one output to which two one-hot ones reduce."""
    if landscape.network.outputs == 1:
        return landscape
    return NetworkLoss(replace(landscape.network, outputs=1, one_hot=False), landscape.data, landscape.loss_kind)


def _base(choices: Choices, piece: Faces) -> Faces:
    first = choices.states.active
    return tuple(min(s, first) for s in piece)


class _Point:
    """Weights of the fit on a choice of active states, and the point that they make of rays."""

    def __init__(self, choices: Choices, active: Faces) -> None:
        self.problem, self.arrangement, self.fits = choices.problem, choices.arrangement, choices.fits
        self.weights = choices.weights(active)
        self.units = [(choices.states.sign(s), choices.states.face(s)) for s in active]

    def rows(self) -> Matrix:
        """Return v, one row per unit, in the kept coordinates."""
        rows = self._combined()
        if max(len(str(x)) for row in rows for x in row) > LONGEST:
            signs = [sign for sign, _ in self.units]
            rows = on_same_faces(self.problem, self._combined(even=True), signs)
        return rows

    def _combined(self, even: bool = False) -> Matrix:
        """Return the point that weights of the fit make of rays; `even`: rays without outputs get a size of 1."""
        weights, problem = self.weights, self.problem
        sources = [
            (unit, sign, ray, out)
            for unit, (sign, f) in enumerate(self.units)
            for ray in self.arrangement.faces[f].rays
            for out in problem.outputs([ray], sign)
        ]
        names = {out: g for g, out in enumerate(self.fits.outputs)}
        share: dict[int, int] = {}
        for *_, out in sources:
            share[names[out]] = share.get(names[out], 0) + 1
        rows = [[Fraction(0)] * problem.rank for _ in self.units]
        for unit, sign, ray, out in sources:
            factor = Fraction(1, max(map(abs, ray)) if even else 1)
            if any(out):
                g, i = names[out], next(i for i, x in enumerate(out) if x)
                raw = problem.scaled_outputs(ray, sign)[i]
                factor = Fraction(weights.numerators.get(g, 0), weights.denominator * share[g]) * Fraction(out[i], raw)
            rows[unit] = [x + factor * y for x, y in zip(rows[unit], ray, strict=True)]
        alive = {unit for unit, *_, out in sources if any(out)}
        for unit, (_, face) in enumerate(self.units):
            if unit not in alive:
                rows[unit] = [Fraction(x) for x in _simple(problem, self.arrangement, face)]
        return rows


def _simple(problem: Integers, arrangement: Arrangement, f: int) -> Vector:
    """Return a vector of a face with small entries, where rounding finds one."""
    face, inside = arrangement.faces[f], primitive(arrangement.inside(f))
    largest = max(map(abs, inside))
    for bound in (1, 2, 4, 8, 16):
        near = _rounded(inside, bound)
        if _lies_on(problem, face, near):
            return near
    sizes = [max(map(abs, ray)) for ray in face.rays]
    scales = [max(sizes) // size for size in sizes]
    even = tuple(map(sum, zip(*([k * x for x in ray] for k, ray in zip(scales, face.rays, strict=True)), strict=True)))
    bound = 32
    while bound < largest:
        for middle in (even, inside):
            near = _rounded(middle, bound)
            if _lies_on(problem, face, near):
                return near
        bound *= 2
    return inside


def _lies_on(problem: Integers, face: Face, vector: Vector) -> bool:
    """Return whether a vector has the signs of a face."""
    heights = [dot(row, vector) for row in problem.rows]
    plus = sum(1 << i for i, z in enumerate(heights) if z > 0)
    minus = sum(1 << i for i, z in enumerate(heights) if z < 0)
    return (plus, minus) == (face.plus, face.minus)


def _rounded(vector: Sequence[int], bound: int) -> Vector:
    """Return a vector of the same direction, nearly, with entries up to a bound."""
    largest = max(map(abs, vector))
    if largest <= bound:
        return tuple(vector)
    return tuple(round(Fraction(bound * x, largest)) for x in vector)
