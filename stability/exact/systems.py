"""The exact point that satisfies a linear system, and how free it is there."""

from collections.abc import Sequence

from flint import fmpq, fmpq_mat

from stability.exact.linear import Sparse, alternative, combination

Vector = list[fmpq]
ZERO, ONE = fmpq(0), fmpq(1)


def solve(equal: Sequence[tuple[Vector, fmpq]], at_least: Sequence[tuple[Vector, fmpq]], size: int) -> Vector | None:
    """Return x with a.x = c for (a, c) in `equal` and a.x >= c for (a, c) in `at_least`, or None.

    Solved from the other side: either multipliers combine the rows to 0 >= 1, or what separates them is x. This has
    only size + 1 rows, however many constraints there are.
    """
    columns: list[Sparse] = []
    for a, c in equal:
        column = _column([*a, c])
        columns += [column, {r: -value for r, value in column.items()}]
    columns += [_column([*a, c]) for a, c in at_least]
    y = alternative(columns, size + 1, {size: ONE})[1]
    if y is None:
        return None
    bound = {r for column in columns for r in column}
    return [-y[r] / y[size] if r in bound else ZERO for r in range(size)]


def _column(values: Vector) -> Sparse:
    return {r: value for r, value in enumerate(values) if value}


def dimension(equal: Sequence[Vector], at_least: Sequence[Vector], size: int) -> int:
    """Return the dimension of the cone a.x = 0 for a in `equal`, a.x >= 0 for a in `at_least`."""
    return len(span(equal, at_least, size))


def span(equal: Sequence[Vector], at_least: Sequence[Vector], size: int) -> list[Vector]:
    """Return a basis of the span of the cone a.x = 0 for a in `equal`, a.x >= 0 for a in `at_least`.

    A non-negative combination of the constraints that vanishes on the cone's span shows that those with positive
    weight are equations in disguise (Gordan); they join the equations until none is left.
    """
    tight = list(equal)
    while True:
        basis = kernel(tight, size)
        walls = [[dot(a, b) for b in basis] for a in at_least]
        free = [k for k, wall in enumerate(walls) if any(wall)]
        if not free:
            return basis
        columns = [_column([*walls[k], ONE]) for k in free]
        found = combination(columns, len(basis) + 1, {len(basis): ONE})
        if found is None:
            return basis
        tight += [list(at_least[k]) for k, weight in zip(free, found, strict=True) if weight]


def kernel(rows: Sequence[Vector], size: int) -> list[Vector]:
    """Return a basis of the vectors orthogonal to all rows."""
    if not rows:
        return [[ONE if k == c else ZERO for k in range(size)] for c in range(size)]
    reduced, found = fmpq_mat([list(row) for row in rows]).rref()
    table = [[reduced[r, c] for c in range(size)] for r in range(int(found))]
    pivots = [next(c for c, value in enumerate(row) if value) for row in table]
    basis = []
    for free in (c for c in range(size) if c not in pivots):
        vector = [ONE if c == free else ZERO for c in range(size)]
        for pivot, row in zip(pivots, table, strict=True):
            vector[pivot] = -row[free]
        basis.append(vector)
    return basis


def rank(rows: Sequence[Vector]) -> int:
    """Return the rank of a list of rows."""
    return int(fmpq_mat([list(row) for row in rows]).rank()) if rows else 0


def dot(a: Sequence[fmpq], b: Sequence[fmpq]) -> fmpq:
    """Return the sum of products of two vectors."""
    return sum((x * y for x, y in zip(a, b, strict=True) if x and y), ZERO)
