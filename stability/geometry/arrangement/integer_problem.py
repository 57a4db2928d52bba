"""The landscape in whole numbers, with the same signs, stationary points and directions."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from operator import mul

import numpy as np
from flint import fmpz_mat

from stability.model.network_loss import NetworkLoss

Vector = tuple[int, ...]


@dataclass(frozen=True)
class Integers:
    """A landscape scaled to whole numbers: errors are `unit` times the true ones, parameters stay as they are.

    Attributes
    ----------
    rows : tuple of tuple of int
        n data points (x, 1), all multiplied by one positive number, in the coordinates `kept`.
    labels : tuple of int
        n labels, scaled like the outputs.
    slopes : tuple of int
        The slope left of the kink, torch's at the kink, and right of it, all multiplied by one positive number.
    units, width : int
        The number of units, and of parameters per unit (d + 1).
    kept : tuple of int
        Columns of the data that span all of them; the other parameters of a unit change no output.
    unit : Fraction
        By what the true outputs and errors are multiplied.
    scale : Fraction
        The factor before the sum of squares.
    """

    rows: tuple[Vector, ...]
    labels: Vector
    slopes: Vector
    units: int
    width: int
    kept: Vector
    unit: Fraction
    scale: Fraction

    @property
    def rank(self) -> int:
        """The rank of the data with a 1 appended: the dimension of a unit's parameters that matter."""
        return len(self.kept)

    @property
    def idle(self) -> int:
        """How many dimensions of a unit's parameters change no output on the data."""
        return self.width - self.rank

    def outputs(self, vectors: Sequence[Vector]) -> list[Vector]:
        """Return one unit's outputs on every data point at each vector, divided by their common divisor."""
        if not vectors:
            return []
        largest = max(abs(x) for row in (*self.rows, self.slopes) for x in row)
        if largest**2 * max(abs(x) for v in vectors for x in v) * self.rank < 2**63:
            z = np.array(vectors, dtype=np.int64) @ np.array(self.rows, dtype=np.int64).T
            values = np.where(z > 0, self.slopes[2], self.slopes[0]) * z
            common = np.maximum(np.gcd.reduce(values, axis=1, keepdims=True), 1)
            return [tuple(row) for row in (values // common).tolist()]
        return [primitive([self.activation(dot(row, v)) for row in self.rows]) for v in vectors]

    def activation(self, z: int) -> int:
        """Return the scaled output of a unit with pre-activation z."""
        return (self.slopes[2] if z > 0 else self.slopes[0]) * z

    def full(self, vector: Sequence[Fraction]) -> list[Fraction]:
        """Return a vector of the kept coordinates as (w_1, ..., w_d, b), other coordinates 0."""
        values = dict(zip(self.kept, vector, strict=True))
        return [values.get(c, Fraction(0)) for c in range(self.width)]

    def loss(self, errors: Sequence[Fraction | int]) -> Fraction:
        """Return the true loss of scaled errors."""
        return self.scale * sum((Fraction(e) ** 2 for e in errors), Fraction(0)) / self.unit**2


def integers(landscape: NetworkLoss) -> Integers:
    """Return the landscape in whole numbers."""
    unit = landscape.network.unit
    slopes = [unit.negative, unit.kink_slope, unit.positive]
    steep = lcm(*(s.denominator for s in slopes))
    factor = lcm(*(x.denominator for row in landscape.rows for x in row))
    factor *= lcm(*((y * steep * factor).denominator for y in landscape.data.labels))
    rows = [tuple(int(x * factor) for x in row) for row in landscape.rows]
    kept = independent([list(column) for column in zip(*rows, strict=True)])
    return Integers(
        rows=tuple(tuple(row[c] for c in kept) for row in rows),
        labels=tuple(int(y * steep * factor) for y in landscape.data.labels),
        slopes=tuple(int(s * steep) for s in slopes),
        units=landscape.units,
        width=landscape.width,
        kept=tuple(kept),
        unit=Fraction(steep * factor),
        scale=landscape.scale,
    )


def independent(vectors: Sequence[Sequence[int]]) -> list[int]:
    """Return the positions of the first vectors that span all of them."""
    reduced, _, rank = fmpz_mat([list(column) for column in zip(*vectors, strict=True)]).rref()
    return pivots(reduced, rank)


def pivots(reduced: fmpz_mat, rank: int) -> list[int]:
    """Return the pivot columns of a matrix in reduced row echelon form."""
    found: list[int] = []
    column = 0
    for r in range(rank):
        while not reduced[r, column]:
            column += 1
        found.append(column)
        column += 1
    return found


def dot(a: Sequence[int], b: Sequence[int]) -> int:
    """Return the sum of products."""
    return sum(map(mul, a, b))


def primitive(vector: Sequence[int]) -> Vector:
    """Return the vector divided by the greatest common divisor of its entries."""
    divisor = gcd(*vector)
    return tuple(vector) if divisor < 2 else tuple(x // divisor for x in vector)
