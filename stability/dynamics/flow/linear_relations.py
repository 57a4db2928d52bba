"""Linear equations that hold exactly along a trajectory, though its points are known in balls only.

A start in a symmetric position, or a sliding motion, satisfies equations r . p = c for all time. They are carried
along exactly, so that quantities that vanish or coincide for a reason differ from those that are merely small.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flint import fmpq, fmpq_mat

Row = list[fmpq]
"""(r_1, ..., r_m, c) for the equation r . p = c."""


@dataclass(frozen=True)
class Relations:
    """Independent equations that hold exactly, in reduced row echelon form.

    Attributes
    ----------
    rows : list of Row
    size : int
        The number of parameters.
    """

    rows: list[Row]
    size: int

    @cached_property
    def pivots(self) -> list[int]:
        """Where each equation has its first entry that is not 0."""
        return [next(k for k, x in enumerate(row) if x) for row in self.rows]

    def split(self, functional: Sequence[fmpq]) -> tuple[Row, fmpq]:
        """Return the part of r that the equations do not give, and the value of r . p without it."""
        rest, value = list(functional), fmpq(0)
        for pivot, row in zip(self.pivots, self.rows, strict=True):
            factor = rest[pivot]
            if factor:
                rest = [x - factor * y for x, y in zip(rest, row[:-1], strict=True)]
                value += factor * row[-1]
        return rest, value

    def value(self, functional: Sequence[fmpq]) -> fmpq | None:
        """Return the exact value of r . p, or None where the equations do not give it."""
        rest, value = self.split(functional)
        return None if any(rest) else value

    def joined(self, more: Sequence[Row]) -> "Relations":
        """Return these equations with more."""
        return reduced([*self.rows, *more], self.size)

    def invariants(self, matrix: fmpq_mat, force: Sequence[fmpq]) -> "Relations":
        """Return those that go on to hold under p' = force - matrix p, with a symmetric matrix.

        r . p = c lasts if r . p' = r . force - (matrix r) . p vanishes, and goes on to vanish.
        """
        rows = self.rows
        while rows:
            held = Relations(rows, self.size)
            kept = _kernel([_defect(row, matrix, force, held) for row in rows])
            if len(kept) == len(rows):
                break
            rows = reduced([_combined(rows, weights) for weights in kept], self.size).rows
        return Relations(rows, self.size)


def reduced(rows: Sequence[Row], size: int) -> Relations:
    """Return equations in reduced row echelon form."""
    if not rows:
        return Relations([], size)
    table, rank = fmpq_mat([list(row) for row in rows]).rref()
    return Relations([[fmpq(x) for x in row] for row in table.tolist()[: int(rank)]], size)


def exact_point(point: Sequence[fmpq]) -> Relations:
    """Return the equations of a point that is known exactly."""
    size = len(point)
    return Relations([[fmpq(int(k == c)) for c in range(size)] + [x] for k, x in enumerate(point)], size)


def _defect(row: Row, matrix: fmpq_mat, force: Sequence[fmpq], held: Relations) -> Row:
    """Return what keeps r . p' from vanishing: the part of matrix r that the equations do not give, and the value."""
    size = held.size
    image = [fmpq(x) for (x,) in (matrix * fmpq_mat(size, 1, row[:-1])).tolist()]
    rest, value = held.split(image)
    constant = sum((x * y for x, y in zip(row[:-1], force, strict=True)), fmpq(0))
    return [*rest, constant - value]


def _kernel(rows: Sequence[Row]) -> list[Row]:
    """Return weights of rows whose combination is 0."""
    from stability.exact.systems import kernel

    columns = [list(column) for column in zip(*rows, strict=True)]
    return kernel([column for column in columns if any(column)], len(rows))


def _combined(rows: Sequence[Row], weights: Row) -> Row:
    return [sum((w * x for w, x in zip(weights, column, strict=True)), fmpq(0)) for column in zip(*rows, strict=True)]
