"""Non-negative combinations of exact vectors that give a vector, or what shows that there is none."""

from collections.abc import Callable, Sequence

from flint import fmpq

ZERO, ONE = fmpq(0), fmpq(1)
Row = list[fmpq]
Sparse = dict[int, fmpq]


def combination(
    columns: Sequence[Sparse], size: int, target: Sparse, at_pivot: Callable[[], None] = lambda: None
) -> Row | None:
    """Return non-negative multipliers c with sum of c_k * columns_k = target, or None where there are none.

    Parameters
    ----------
    columns : sequence of sparse vectors
        Each maps a coordinate (0 .. size - 1) to its value.
    size : int
        The number of coordinates.
    target : sparse vector
        What the combination must equal.
    at_pivot : callable
        Called before every pivot; what it raises ends the search.
    """
    return alternative(columns, size, target, at_pivot)[0]


def alternative(
    columns: Sequence[Sparse], size: int, target: Sparse, at_pivot: Callable[[], None] = lambda: None
) -> tuple[Row | None, Row | None]:
    """Return multipliers as `combination` does, or else a vector y that separates (Farkas).

    Exactly one of the two is not None; the other alternative is y with y . column <= 0 for every column and
    y . target > 0. Phase one of the simplex method in exact arithmetic, with Bland's rule against cycling; the
    columns of the artificial variables are carried along, since their reduced costs are y.
    """
    count = len(columns)
    flipped = {r for r, value in target.items() if value < 0}
    table = [[ZERO] * (count + size + 1) for _ in range(size)]
    sides = {r: -value if r in flipped else value for r, value in target.items()}
    cost = [ZERO] * count + [ONE] * size + [sum(sides.values(), ZERO)]
    for k, column in enumerate(columns):
        for r, value in column.items():
            table[r][k] = signed = -value if r in flipped else value
            cost[k] += signed
    for r in range(size):
        table[r][count + r] = ONE
    for r, value in sides.items():
        table[r][-1] = value
    basis: list[int | None] = [None] * size
    while cost[-1] > ZERO:
        at_pivot()
        entering = next((k for k, each in enumerate(cost[:count]) if each and each > ZERO), None)
        if entering is None:
            return None, [-cost[count + r] if r in flipped else cost[count + r] for r in range(size)]
        leaving = _leaving(table, basis, entering)
        _pivot(table, cost, leaving, entering)
        basis[leaving] = entering
    result = [ZERO] * count
    for row, member in zip(table, basis, strict=True):
        if member is not None:
            result[member] = row[-1]
    return result, None


def _leaving(table: list[Row], basis: list[int | None], entering: int) -> int:
    best: tuple[fmpq, int] | None = None
    leaving = -1
    for r, (row, member) in enumerate(zip(table, basis, strict=True)):
        if (pivot := row[entering]) and pivot > ZERO:
            ratio = row[-1] / pivot
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
