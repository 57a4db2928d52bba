"""Which exact point satisfies a linear system, and how free is it there?"""

from collections.abc import Sequence

from flint import fmpq, fmpq_mat

from stability.exact.linear import combination

Vector = list[fmpq]


def solve(equal: Sequence[tuple[Vector, fmpq]], at_least: Sequence[tuple[Vector, fmpq]], size: int) -> Vector | None:
    """Return x with a.x = c for (a, c) in `equal` and a.x >= c for (a, c) in `at_least`, or None."""
    rows = [*equal, *at_least]
    columns: list[dict[int, fmpq]] = []
    for k in range(size):
        column = {r: a[k] for r, (a, _) in enumerate(rows) if a[k]}
        columns += [column, {r: -value for r, value in column.items()}]
    columns += [{len(equal) + r: fmpq(-1)} for r in range(len(at_least))]
    found = combination(columns, len(rows), {r: c for r, (_, c) in enumerate(rows)})
    return None if found is None else [found[2 * k] - found[2 * k + 1] for k in range(size)]


def dimension(equal: Sequence[Vector], at_least: Sequence[Vector], size: int) -> int:
    """Return the dimension of the cone a.x = 0 for a in `equal`, a.x >= 0 for a in `at_least`."""
    zero = fmpq(0)
    tight = list(equal)
    for a in at_least:
        others = [(b, zero) for b in at_least if b is not a]
        if solve([(e, zero) for e in equal], [*others, (a, fmpq(1))], size) is None:
            tight.append(a)
    return size - rank(tight)


def rank(rows: Sequence[Vector]) -> int:
    """Return the rank of a list of rows."""
    return int(fmpq_mat([list(row) for row in rows]).rank()) if rows else 0
