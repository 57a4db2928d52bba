"""Sums of squares of many readings in one pass, in the order in which numpy adds, by the library of `one_pass`."""

from collections.abc import Sequence

import numpy as np

from stability.training.monitoring.one_pass import LEAST, Size, compiled
from stability.training.monitoring.packed_rows import PackedRows, address
from stability.training.monitoring.row_norms import Floats

MANY = 2**10
"""From how many numbers of a reading on the library is used, of a network that is large enough for it anyway."""


def squares_of(rows: PackedRows) -> Floats | None:
    """Return the sum of squares of every row, with the bits of numpy; None if they are few or there is no library."""
    steps, count = len(rows.rows), len(rows.rows[0])
    own = compiled() if count >= MANY and rows.single else None
    if own is None:
        return None
    found = np.empty(steps)
    own.squares_say(rows.pointers, Size(steps), Size(count), address(found))
    return found


def squares_of_moves(
    before: PackedRows, after: PackedRows, sizes: Sequence[tuple[int, int]]
) -> tuple[Floats, Floats] | None:
    """Return the sums of the squares of entries of weights, and of their updates; None if there is no library.

    Parameters
    ----------
    before, after : PackedRows
    sizes : sequence of (int, int)
        See `Entries`.

    Returns
    -------
    arrays (steps, weights) or None
    """
    known = sum(whole for _, whole in sizes) >= LEAST and before.single and after.single
    own = compiled() if known else None
    if own is None:
        return None
    weights, updates = np.empty((2, len(before.rows), len(sizes)))
    counts = (Size * len(sizes))(*[count for count, _ in sizes])
    own.moves_say(
        before.pointers, after.pointers, *map(Size, weights.shape), counts, address(weights), address(updates)
    )
    return weights, updates
