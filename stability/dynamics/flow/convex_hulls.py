"""Whether 0 is a convex combination of vectors known in balls. Floats suggest why, balls decide."""

from collections.abc import Sequence

import numpy as np
from flint import arb, arb_mat

TINY = 1e-9
"""Below this, floats do not suggest anything."""


def holds_zero(vectors: Sequence[Sequence[arb]]) -> bool | None:
    """Return whether 0 is a convex combination of vectors; None where it is on the edge of being so.

    No: along some direction all of them provably grow. Yes: all of them together, with positive weights, add up to 0
    and they span the space, so that it goes on to be so when they change a little.

    >>> holds_zero([[arb(1)], [arb(2)]]), holds_zero([[arb(1)], [arb(-2)]]), holds_zero([[arb(1)], [arb(0)]])
    (False, True, None)
    """
    table = np.array([[float(x.mid()) for x in vector] for vector in vectors])
    size = np.abs(table).max()
    if not 0 < size < np.inf:
        return None
    table = table / size
    if _apart(vectors, table):
        return False
    return True if _around(vectors, table) else None


def _apart(vectors: Sequence[Sequence[arb]], table: np.ndarray) -> bool:
    """Return whether all vectors provably grow along one direction."""
    from scipy.optimize import linprog

    count, width = table.shape
    found = linprog(
        [0.0] * width + [-1.0],
        A_ub=np.column_stack([-table, np.ones(count)]),
        b_ub=np.zeros(count),
        bounds=[(-1, 1)] * width + [(None, 1)],
    )
    if found.status or found.x[-1] < TINY:
        return False
    direction = [arb(float(x)) for x in found.x[:width]]
    return all(sum((g * d for g, d in zip(vector, direction, strict=True)), arb(0)) > 0 for vector in vectors)


def _around(vectors: Sequence[Sequence[arb]], table: np.ndarray) -> bool:
    """Return whether positive weights of all vectors provably add up to 0, and they span the space."""
    from scipy.linalg import qr
    from scipy.optimize import linprog

    count, width = table.shape
    found = linprog(
        [0.0] * count + [-1.0],
        A_eq=np.vstack([np.column_stack([table.T, np.zeros(width)]), [*([1.0] * count), 0.0]]),
        b_eq=[*([0.0] * width), 1.0],
        A_ub=np.column_stack([-np.eye(count), np.ones(count)]),
        b_ub=np.zeros(count),
        bounds=[(0, 1)] * count + [(None, 1)],
    )
    if found.status or found.x[-1] < TINY / count:
        return False
    weights = [arb(float(x)) for x in found.x[:count]]
    chosen = sorted(qr(table.T, pivoting=True, mode="r")[-1][:width].tolist())
    rest = [sum((-weights[k] * vectors[k][r] for k in range(count) if k not in chosen), arb(0)) for r in range(width)]
    matrix = arb_mat([[vectors[k][r] for k in chosen] for r in range(width)])
    try:
        solved = matrix.solve(arb_mat(width, 1, rest))
    except ZeroDivisionError:
        return False
    return all(solved[r, 0] > 0 for r in range(width))
