"""Which non-negative combination of exact vectors is zero?"""

from collections.abc import Sequence

from flint import fmpq

ZERO, ONE = fmpq(0), fmpq(1)
Row = list[fmpq]


def combination(columns: Sequence[dict[int, fmpq]], size: int, target: dict[int, fmpq]) -> list[fmpq] | None:
    """Return non-negative multipliers c with sum of c_k * columns_k = target, or None where there are none.

    Phase one of the simplex method in exact arithmetic, with Bland's rule against cycling.

    Parameters
    ----------
    columns : sequence of sparse vectors
        Each maps a coordinate (0 .. size - 1) to its value.
    size : int
        The number of coordinates.
    target : sparse vector
        What the combination must equal.
    """
    count = len(columns)
    flip = [target.get(r, ZERO) < 0 for r in range(size)]
    table = [[ZERO] * count + [-target[r] if flip[r] else target.get(r, ZERO)] for r in range(size)]
    for k, column in enumerate(columns):
        for r, value in column.items():
            table[r][k] = -value if flip[r] else value
    cost = [sum((row[k] for row in table), ZERO) for k in range(count + 1)]
    basis: list[int | None] = [None] * size
    while cost[count] > 0:
        entering = _entering(cost, count, basis)
        if entering is None:
            return None
        leaving = _leaving(table, basis, entering)
        _pivot(table, cost, leaving, entering)
        basis[leaving] = entering
    result = [ZERO] * count
    for row, member in zip(table, basis, strict=True):
        if member is not None:
            result[member] = row[count]
    return result


def _entering(cost: Row, count: int, basis: list[int | None]) -> int | None:
    return next((k for k in range(count) if cost[k] > 0 and k not in basis), None)


def _leaving(table: list[Row], basis: list[int | None], entering: int) -> int:
    best: tuple[fmpq, int] | None = None
    leaving = -1
    for r, (row, member) in enumerate(zip(table, basis, strict=True)):
        if row[entering] > 0:
            ratio = row[-1] / row[entering]
            rank = (ratio, -1 if member is None else member)
            if best is None or rank < best:
                best, leaving = rank, r
    return leaving


def _pivot(table: list[Row], cost: Row, leaving: int, entering: int) -> None:
    pivot = table[leaving]
    scale = ONE / pivot[entering]
    pivot[:] = [value * scale if value else value for value in pivot]
    used = [k for k, value in enumerate(pivot) if value]
    for row in [*table, cost]:
        factor = row[entering]
        if row is not pivot and factor:
            for k in used:
                row[k] -= factor * pivot[k]
