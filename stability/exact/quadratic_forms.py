"""Signs of exact quadratic forms: a vector on which one is negative, or the space on which it vanishes."""

from collections.abc import Sequence

from flint import fmpq

from stability.exact.systems import Vector

ZERO, ONE = fmpq(0), fmpq(1)


def signs_of_form(matrix: Sequence[Sequence[fmpq]]) -> tuple[Vector | None, list[Vector]]:
    """Return a vector x with x . M x < 0, or None and a basis of the x with M x = 0.

    Squares are split off one by one (Lagrange), each with a positive factor; what is left decides.

    Parameters
    ----------
    matrix : symmetric, n rows of n exact numbers

    Examples
    --------
    >>> from flint import fmpq
    >>> signs_of_form([[fmpq(1), fmpq(2)], [fmpq(2), fmpq(1)]])
    ([-2, 1], [])
    >>> signs_of_form([[fmpq(1), fmpq(2)], [fmpq(2), fmpq(4)]])
    (None, [[-2, 1]])
    """
    size = len(matrix)
    table = [list(row) for row in matrix]
    basis = [[ONE if k == c else ZERO for c in range(size)] for k in range(size)]
    left = list(range(size))
    while left:
        negative = next((k for k in left if table[k][k] < 0), None)
        if negative is not None:
            return basis[negative], []
        pivot = next((k for k in left if table[k][k]), None)
        if pivot is None:
            return _mixed(table, basis, left)
        left.remove(pivot)
        for k in left:
            share = table[k][pivot] / table[pivot][pivot]
            if share:
                basis[k] = [x - share * y for x, y in zip(basis[k], basis[pivot], strict=True)]
                for c in left:
                    table[k][c] -= share * table[pivot][c]
    return None, []


def _mixed(table: list[Vector], basis: list[Vector], left: list[int]) -> tuple[Vector | None, list[Vector]]:
    """Decide where all squares that are left have the factor 0."""
    for k in left:
        for c in left:
            if table[k][c]:
                side = -ONE if table[k][c] > 0 else ONE
                return [side * x + y for x, y in zip(basis[k], basis[c], strict=True)], []
    return None, [basis[k] for k in left]
