"""The landscape in whole numbers, with the same signs, stationary points and directions.

Units with fixed output weights a are taken as signed ones, with the parameters v = |a| (w, b): the units with output
weights above 0 first, then those below. Where there is an output bias, outputs and labels are taken relative to their
means over the examples, which is what the best bias makes of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from operator import mul

import numpy as np
from flint import fmpz_mat

from stability.errors import DataError
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
    signs : tuple of int
        The signs that output weights have or, where they are trained, can have; 1 before -1.
    counts : tuple of int
        How many units have each of them; all of the units together where output weights are trained.
    trainable : bool
        Whether output weights are trained.
    centred : bool
        Whether there is an output bias.
    order : tuple of int
        Which unit of the network each unit here is.
    lengths : tuple of Fraction
        By what the parameters of each unit here are to be divided to get those of the network.
    """

    rows: tuple[Vector, ...]
    labels: Vector
    slopes: Vector
    units: int
    width: int
    kept: Vector
    unit: Fraction
    scale: Fraction
    signs: tuple[int, ...]
    counts: tuple[int, ...]
    trainable: bool
    centred: bool
    order: tuple[int, ...]
    lengths: tuple[Fraction, ...]

    @property
    def rank(self) -> int:
        """The rank of the data with a 1 appended: the dimension of a unit's parameters that matter."""
        return len(self.kept)

    @property
    def idle(self) -> int:
        """How many dimensions of a unit's parameters change no output on the data."""
        return self.width - self.rank

    def outputs(self, vectors: Sequence[Vector], sign: int = 1) -> list[Vector]:
        """Return one unit's outputs on every data point at each vector, divided by their common divisor.

        With an output bias they are relative to their mean; `sign` is that of the unit.
        """
        if not vectors:
            return []
        largest = max(abs(x) for row in (*self.rows, self.slopes) for x in row)
        often = 2 * len(self.rows) if self.centred else 1
        if largest**2 * max(abs(x) for v in vectors for x in v) * self.rank * often < 2**63:
            z = np.array(vectors, dtype=np.int64) @ np.array(self.rows, dtype=np.int64).T
            values = sign * np.where(z > 0, self.slopes[2], self.slopes[0]) * z
            if self.centred:
                values = values * len(self.rows) - values.sum(axis=1, keepdims=True)
            common = np.maximum(np.gcd.reduce(values, axis=1, keepdims=True), 1)
            return [tuple(row) for row in (values // common).tolist()]
        return [primitive(self.scaled_outputs(v, sign)) for v in vectors]

    def scaled_outputs(self, vector: Vector, sign: int = 1) -> Vector:
        """Return one unit's outputs on every data point, scaled like the labels."""
        raw = tuple(sign * self.activation(dot(row, vector)) for row in self.rows)
        return centred(raw) if self.centred else raw

    def activation(self, z: int) -> int:
        """Return the scaled output of a unit with pre-activation z."""
        return (self.slopes[2] if z > 0 else self.slopes[0]) * z

    def full(self, vector: Sequence[Fraction]) -> list[Fraction]:
        """Return a vector of the kept coordinates as (w_1, ..., w_d, b), other coordinates 0."""
        values = dict(zip(self.kept, vector, strict=True))
        return [values.get(c, Fraction(0)) for c in range(self.width)]

    @property
    def hyperplanes(self) -> int:
        """The examples at which a unit bends, as bits: all but those at the origin, without a bias."""
        return sum(1 << i for i, row in enumerate(self.rows) if any(row))

    def loss(self, errors: Sequence[Fraction | int]) -> Fraction:
        """Return the true loss of scaled errors."""
        return self.scale * sum((Fraction(e) ** 2 for e in errors), Fraction(0)) / self.unit**2


def integers(landscape: NetworkLoss) -> Integers:
    """Return the landscape in whole numbers."""
    net, unit = landscape.network, landscape.network.unit
    slopes = [unit.negative, unit.kink_slope, unit.positive]
    steep = lcm(*(s.denominator for s in slopes))
    factor = lcm(*(x.denominator for row in landscape.rows for x in row))
    factor *= lcm(*((y * steep * factor).denominator for y in landscape.data.labels))
    rows = [tuple(int(x * factor) for x in row) for row in landscape.rows]
    kept = independent([list(column) for column in zip(*rows, strict=True)])
    if not kept:
        raise DataError(
            f"{landscape!r}: expected examples off the origin for units without biases; got none.",
            f"Write {net.name.removesuffix('-nob')}, which has biases.",
        )
    labels = tuple(int(y * steep * factor) for y in landscape.data.labels)
    weights = net.weights
    signs = [1 if a > 0 else -1 for a in weights]
    order = sorted(range(net.count), key=lambda j: -signs[j])
    many = len(labels) if net.output_bias else 1
    return Integers(
        rows=tuple(tuple(row[c] for c in kept) for row in rows),
        labels=centred(labels) if net.output_bias else labels,
        slopes=tuple(int(s * steep) for s in slopes),
        units=landscape.units,
        width=landscape.width,
        kept=tuple(kept),
        unit=Fraction(steep * factor * many),
        scale=landscape.scale * net.outputs,  # one-hot outputs of two labels make the same errors
        signs=(1, -1) if net.trainable else tuple(sorted({*signs}, reverse=True)),
        counts=(net.count,) if net.trainable else tuple(signs.count(s) for s in (1, -1) if s in signs),
        trainable=net.trainable,
        centred=net.output_bias,
        order=tuple(order),
        lengths=tuple(abs(weights[j]) for j in order),
    )


def centred(vector: Sequence[int]) -> Vector:
    """Return n times a vector of n numbers, relative to its mean."""
    total, many = sum(vector), len(vector)
    return tuple(many * x - total for x in vector)


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


def dot(a: Iterable[int], b: Iterable[int]) -> int:
    """Return the sum of products."""
    return sum(map(mul, a, b))


def primitive(vector: Sequence[int]) -> Vector:
    """Return the vector divided by the greatest common divisor of its entries."""
    divisor = gcd(*vector)
    return tuple(vector) if divisor < 2 else tuple(x // divisor for x in vector)
