"""What a batch needs of each choice of faces: the restricted flow, and what ends it, in floats.

Data points that coincide act as one, with their number as weight and their mean label. What is 0 by structure is so in
exact arithmetic; where floats do not hold what matters, a choice of faces is not trusted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.typing import NDArray

from stability.arrays import Floats
from stability.dynamics.flow.face_flow import Field
from stability.dynamics.flow.filippov import guards, lines
from stability.model.network_loss import NetworkLoss

Pattern = tuple[tuple[int, ...], ...]

NEGLIGIBLE = 1e-11
"""Below this, relative to its size, a coefficient counts as 0 by structure."""

DOUBTFUL = 1e-8
"""A coefficient between `NEGLIGIBLE` and this, relative to its size, is too small to be trusted."""

MOST_UNEQUAL = 1000
"""With output weights that differ more than so many times, floats decide nothing."""

FAINT = 2.0**-500
"""The least size of a number that floats hold together with its square."""


@dataclass(frozen=True)
class FloatProblem:
    """A landscape in floats, each data point once.

    Attributes
    ----------
    rows : array of shape (points, d + 1)
        Of the examples; pre-activations are row . (w, b).
    weights, labels : arrays of shape (points,)
    slopes : array of shape (3,)
        By sign: mean at the kink, right, left.
    units, width : int
    scale : float
    place : list of int
        For every point of the dataset, its row here.
    shift : int
        Points here are points of parameter space times 2^shift.
    held : bool
        Whether floats hold all numbers of the data.
    outer : array of shape (units,)
        The output weights.
    lines : list of (int, float)
        For every row, the first row that is a multiple of it, and which multiple of that it is.
    bias : float
        The derivative of every output in the output bias, in the units of points here; 0 where there is none.
    """

    rows: Floats
    weights: Floats
    labels: Floats
    slopes: Floats
    units: int
    width: int
    scale: float
    place: list[int]
    shift: int = 0
    held: bool = True
    outer: Floats = field(default_factory=lambda: np.ones(1))
    lines: list[tuple[int, float]] = field(default_factory=list)
    bias: float = 0.0

    @property
    def size(self) -> int:
        """The number of parameters."""
        return self.units * self.width + bool(self.bias)

    @cached_property
    def bends(self) -> NDArray[np.bool_]:
        """For every row, whether units bend there: not where it is 0."""
        return np.asarray(self.rows.any(axis=1))

    def heights(self, points: Floats) -> Floats:
        """Return the pre-activations of points of shape (..., parameters), as (..., units, points)."""
        hidden = points[..., : self.units * self.width]
        return hidden.reshape(*points.shape[:-1], self.units, self.width) @ self.rows.T

    def jacobian(self, signs: NDArray[np.int_]) -> Floats:
        """Return the derivatives of the outputs on faces, of shape (points, parameters)."""
        steep = self.outer[:, None] * self.slopes[signs]
        blocks = [steep[j][:, None] * self.rows for j in range(self.units)]
        return np.concatenate(
            [*blocks, np.full((len(self.rows), self.size - self.units * self.width), self.bias)], axis=1
        )


def setting(landscape: NetworkLoss, rescaled: bool = False) -> FloatProblem:
    """Return a landscape in floats.

    Rescaled, the largest entry of the rows and the largest label are between 1 and 2, and the factor before the squares
    is 1. As units are positively homogeneous, the flow is the same one, in other units of parameters and of time.
    """
    distinct = list(dict.fromkeys(map(tuple, landscape.rows)))
    place = [distinct.index(tuple(row)) for row in landscape.rows]
    own = [lines(landscape)[place.index(k)] for k in range(len(distinct))]
    weights = np.bincount(place, minlength=len(distinct))
    labels = [Fraction(0)] * len(distinct)
    for k, y in zip(place, landscape.data.labels, strict=True):
        labels[k] += Fraction(y) / int(weights[k])
    across, up = (_exponent(x for row in distinct for x in row), _exponent(labels)) if rescaled else (0, 0)
    rows = [[x * Fraction(2) ** -across for x in row] for row in distinct]
    heights = [y * Fraction(2) ** -up for y in labels]
    net = landscape.network
    unit, sizes = net.unit, [abs(a) for a in net.weights]
    slopes = [(unit.negative + unit.positive) / 2, unit.positive, unit.negative]
    held = all(_held(x) for x in (*(x for row in rows for x in row), *heights, *slopes))
    held = held and max(sizes) <= MOST_UNEQUAL * min(sizes) and _held(max(sizes))
    held = held and not (rescaled and (_too_close(rows) or _too_far(labels)))
    return FloatProblem(
        rows=np.array([[_float(x, held) for x in row] for row in rows]),
        weights=weights.astype(float),
        labels=np.array([_float(y, held) for y in heights]),
        slopes=np.array([_float(x, held) for x in slopes]),
        units=landscape.units,
        width=landscape.width,
        scale=1.0 if rescaled else float(landscape.scale),
        place=place,
        shift=across - up,
        held=held,
        outer=np.array([_float(a, held) for a in net.weights]),
        lines=[(place[place.index(k) if first is None else first], float(t)) for k, (first, t) in enumerate(own)],
        bias=2.0**-across if net.output_bias else 0.0,
    )


def _exponent(numbers: Iterable[Fraction]) -> int:
    """Return the k for which the largest of the numbers is about 2^k; 0 if all are 0."""
    largest = max(map(abs, numbers))
    return largest.numerator.bit_length() - largest.denominator.bit_length() if largest else 0


def _too_close(rows: Sequence[Sequence[Fraction]]) -> bool:
    """Return whether two kinks are so close that floats may take them for one."""
    table = np.array([[float(x) for x in row] for row in rows])
    table = table[table.any(axis=1)]
    table = table / np.linalg.norm(table, axis=1, keepdims=True)
    return any((np.abs(table[:k] - table[k]).max(axis=1) < DOUBTFUL).any() for k in range(1, len(table)))


def _too_far(numbers: Iterable[Fraction]) -> bool:
    """Return whether some of the numbers, or differences of two, are so small beside others that floats lose them."""
    order = sorted({Fraction(0), *numbers})
    least = min((b - a for a, b in pairwise(order)), default=Fraction(1))
    return least < max(map(abs, order)) * Fraction(DOUBTFUL)


def _held(x: Fraction) -> bool:
    return x == 0 or FAINT <= abs(x) <= 1 / FAINT


def _float(x: Fraction, held: bool) -> float:
    return float(x) if held else 0.0


@dataclass(frozen=True)
class Local:
    """The restricted flow p' = force - matrix p of one choice of faces, and what ends it when it becomes negative.

    Attributes
    ----------
    rates : array of shape (size,)
        Eigenvalues, ascending; those that are 0 by structure are 0.
    modes : array of shape (size, size)
        Eigenvectors, as columns.
    rest : array of shape (size,)
        A point with matrix rest = force.
    projection : array of shape (size, size)
    matrix : array, force : array
        Of the flow.
    functions : array of shape (functions, size), constants : array of shape (functions,)
        First s z for every unit and point (0 on kinks), then the guards of every kink: side -1, side 1.
    in_range : array of bool of shape (functions,)
        Whether the limit of the event function does not depend on the start.
    levels : array of shape (functions,)
        That limit; exactly 0 where it is 0.
    null : array of bool of shape (functions,)
        Whether it is 0 by structure.
    calm : array of bool of shape (functions,)
        Whether it never becomes 0: it is 0 by structure, or decays to 0 at one rate.
    merge : array of shape (size, size)
        Adds up the weights of modes with the same rate, in the place of the first of them.
    norms : array of shape (functions,)
    gains : array of shape (functions, size)
        What each mode that decays adds to each event function.
    spread : float
        The largest rate, divided by the least above 0.
    sound : bool
        Whether floats hold what matters, and the kinks of no unit depend on each other.
    """

    rates: Floats
    modes: Floats
    rest: Floats
    projection: Floats
    matrix: Floats
    force: Floats
    functions: Floats
    constants: Floats
    in_range: NDArray[np.bool_]
    levels: Floats
    null: NDArray[np.bool_]
    calm: NDArray[np.bool_]
    merge: Floats
    norms: Floats
    gains: Floats
    spread: float
    sound: bool

    def speed(self, points: Floats) -> Floats:
        """Return the velocities at points, both of shape (points, size)."""
        found: Floats = self.force - points @ self.matrix
        return found


def local(landscape: NetworkLoss, place: FloatProblem, pattern: Pattern) -> Local:
    """Return the restricted flow of one choice of faces, of a landscape in floats."""
    signs, motion = np.array(pattern), Field(landscape, tuple(map(tuple, sides(pattern, place.place))))
    jacobian = place.jacobian(signs)
    weighted = jacobian.T * (2 * place.scale * place.weights)
    full_matrix, full_force = weighted @ jacobian, weighted @ place.labels
    projection, shares, sound = _spans(place, signs)
    matrix, force = projection @ full_matrix @ projection, projection @ full_force
    rates, modes = np.linalg.eigh((matrix + matrix.T) / 2)
    free = _free(motion, rates, float(np.trace(full_matrix)))
    sound = sound and bool((rates[free:] > 0).all())
    rates[:free] = 0.0
    inverse = np.where(rates > 0, 1 / np.where(rates > 0, rates, 1), 0)
    rest = modes @ (inverse * (modes.T @ force))
    functions, constants, sizes, scales = _event_functions(place, signs, jacobian, full_matrix, full_force, shares)
    functions = functions @ projection
    norms = np.linalg.norm(functions, axis=1)
    drift = np.linalg.norm(functions @ modes[:, :free], axis=1)
    null = (norms <= NEGLIGIBLE * sizes) & (np.abs(constants) <= NEGLIGIBLE * scales)
    in_range = drift <= NEGLIGIBLE * sizes
    for value, size in ((norms, sizes), (np.abs(constants), scales), (drift, sizes)):
        sound = sound and not bool(((value > NEGLIGIBLE * size) & (value < DOUBTFUL * size)).any())
    levels, gains = functions @ rest + constants, (functions @ modes) * (rates > 0)
    gains = np.where(np.abs(gains) > 1e-14 * norms[:, None], gains, 0.0)
    small = np.abs(levels) <= DOUBTFUL * (norms * np.linalg.norm(rest) + np.abs(constants))
    for q in np.flatnonzero(in_range & ~null & small) if sound else []:
        levels[q] = 0.0
        sound = sound and _level_is_zero(motion, place, int(q))
    for q in np.flatnonzero(null & (sizes > 0)) if sound else []:
        row, constant = _functional(motion, place, int(q))
        sound = sound and not constant and not any(row)
    merge = _merge(rates)
    calm = in_range & (levels == 0) & (((np.abs(gains) @ merge) > 0).sum(axis=1) <= 1)
    spread = float(rates[-1] / rates[free]) if free < len(rates) else 1.0
    return Local(
        rates,
        modes,
        rest,
        projection,
        matrix,
        force,
        functions,
        constants,
        in_range,
        levels,
        null,
        null | calm,
        merge,
        norms,
        gains,
        spread,
        sound,
    )


def _free(field: Field, rates: Floats, size: float) -> int:
    """Return how many rates are 0: exactly, where some are small."""
    if (rates > DOUBTFUL * size).all():
        return 0
    return len(rates) - int(field.matrix.rank())


def _level_is_zero(field: Field, place: FloatProblem, q: int) -> bool:
    """Return whether the limit of an event function is exactly 0."""
    row, constant = _functional(field, place, q)
    return bool(sum((x * y for x, y in zip(row, field.rest, strict=True)), fmpq(0)) + constant == 0)


def _functional(field: Field, place: FloatProblem, q: int) -> tuple[list[fmpq], fmpq]:
    """Return an event function as an exact functional on the span of the faces, up to a positive factor."""
    land, count = field.landscape, len(place.rows)
    kind, at = divmod(q, place.units * count)
    unit, point = divmod(at, count)
    example = place.place.index(point)
    if kind:
        row, constant = next(g.slope for g in guards(field, unit) if g.leaves == ((example, 2 * kind - 3),))
    else:
        row, constant = [fmpq(0)] * land.parameters, fmpq(0)
        row[land.blocks[unit]] = field.rows[example]
    within = field.projection * fmpq_mat(land.parameters, 1, list(row))
    return [within[r, 0] for r in range(land.parameters)], constant


def _merge(rates: Floats) -> Floats:
    same = np.abs(rates[:, None] - rates[None, :]) <= 1e-9 * np.maximum(rates[:, None], 1e-300)
    first = same.argmax(axis=1)
    merge: Floats = np.eye(len(rates))[first]
    return merge


def _spans(place: FloatProblem, signs: NDArray[np.int_]) -> tuple[Floats, dict[tuple[int, int], Floats], bool]:
    """Return the projection onto the span, and for every kink how its weight is read off a unit's gradient."""
    projection, shares, sound = np.eye(place.size), dict[tuple[int, int], Floats](), True
    for j in range(place.units):
        kinks = np.array(
            [i for i in np.flatnonzero((signs[j] == 0) & place.bends) if place.lines[i][0] == i], dtype=int
        )
        if not len(kinks):
            continue
        table = place.rows[kinks]
        inverse = np.linalg.pinv(table.T)
        sound = sound and np.linalg.matrix_rank(table) == len(kinks)
        block = slice(j * place.width, (j + 1) * place.width)
        projection[block, block] -= table.T @ inverse
        for k, i in enumerate(kinks):
            shares[j, int(i)] = inverse[k]
    return projection, shares, bool(sound)


def _event_functions(
    place: FloatProblem,
    signs: NDArray[np.int_],
    jacobian: Floats,
    matrix: Floats,
    force: Floats,
    shares: dict[tuple[int, int], Floats],
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the event functions, and the sizes of the numbers that each row and each constant is the sum of."""
    count = len(place.rows)
    functions, constants = np.zeros((3 * place.units * count, place.size)), np.zeros(3 * place.units * count)
    sizes, scales = np.zeros(len(constants)), np.zeros(len(constants))
    bend = place.slopes[1] - place.slopes[2]
    for j in range(place.units):
        block = slice(j * place.width, (j + 1) * place.width)
        for i in range(count):
            at = j * count + i
            functions[at, block] = signs[j, i] * place.rows[i]
            sizes[at] = np.linalg.norm(functions[at])
            if (j, i) in shares:
                members = [(m, abs(t)) for m, (first, t) in enumerate(place.lines) if first == i and signs[j, m] == 0]
                rooms = [bend * place.outer[j] * place.scale * place.weights[m] * t for m, t in members]
                bent = sum(room * jacobian[m] for room, (m, _) in zip(rooms, members, strict=True))
                level = [room * place.labels[m] for room, (m, _) in zip(rooms, members, strict=True)]
                across, constant = shares[j, i] @ matrix[block], shares[j, i] @ force[block]
                for side, k in ((-1, 1), (1, 2)):
                    row = k * place.units * count + at
                    functions[row] = bent + side * across
                    constants[row] = -sum(level) - side * constant
                    sizes[row] = np.linalg.norm(bent) + np.linalg.norm(across)
                    scales[row] = sum(map(abs, level)) + np.abs(shares[j, i]) @ np.abs(force[block])
    return functions, constants, sizes, scales


def sides(pattern: Pattern, place: Sequence[int]) -> list[list[int]]:
    """Return the sign of every unit at every point of the dataset."""
    return [[row[i] for i in place] for row in pattern]
