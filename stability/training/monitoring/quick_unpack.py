"""What extremes and norms of rows say of layers, in one pass over the numbers of many readings.

The same as `of_extremes` and `of_rows` of `unpack`, up to the order of sums, by the library of `one_pass`.
"""

from ctypes import c_double
from typing import TYPE_CHECKING

import numpy as np

from stability.training.monitoring.columns import OF_EXTREMES, OF_ROWS
from stability.training.monitoring.layer_columns import Group, Said
from stability.training.monitoring.one_pass import Size, compiled
from stability.training.monitoring.packed_rows import PackedRows, address
from stability.training.monitoring.row_norms import Floats

if TYPE_CHECKING:
    from stability.training.monitoring.pack import Layout

LEAST = 2**12
"""From how many numbers of a reading on the library is used, which large networks alone have."""

LOW = 0.1
"""The percentile of torques that is kept."""


def takes(ends: PackedRows, norms: PackedRows) -> bool:
    """Return whether there are enough numbers, of 32 bits, for the library."""
    return len(ends.rows[0]) + len(norms.rows[0]) >= LEAST and ends.single and norms.single


def said(ends: PackedRows, norms: PackedRows, layout: "Layout", scales: Floats) -> Said | None:
    """Return what extremes and norms of rows say; None where a number is not finite, or there is no library.

    Parameters
    ----------
    ends, norms : PackedRows
        The extremes of all layers, and the norms of the rows of all weights.
    layout : Layout
    scales : array (steps, 1)
        By what gradients are too large.
    """
    steps, by = len(ends.rows), np.ascontiguousarray(scales[:, 0], np.float64)
    own = compiled() if takes(ends, norms) else None
    if own is None or not (np.isfinite(by) & (by > 0)).all():
        return None
    extremes, rows, squares = [], [], np.zeros((2, steps))
    at, pointers = 0, ends.pointers
    for places, units, examples in layout.extremes:
        found = np.empty((steps, len(places), len(OF_EXTREMES)))
        sizes = map(Size, (steps, at, len(places), units, examples))
        if own.extremes_say(pointers, *sizes, address(found)):
            return None
        extremes.append(Group(found.transpose(2, 0, 1), {}))
        at += len(places) * (2 * units + examples)
    at, pointers = 0, norms.pointers
    for trained, count, turn in layout.rows:
        found, work = np.empty((steps, len(trained), len(OF_ROWS))), np.empty(count)
        sizes = map(Size, (steps, at, len(trained), count, turn))
        if own.rows_say(pointers, *sizes, c_double(LOW), *map(address, (by, work, found))):
            return None
        rows.append(Group(found.transpose(2, 0, 1), {}))
        squares += np.square(found[:, list(trained), 3:]).sum(1).T
        at += 3 * count * len(trained)
    return Said(extremes, rows, squares)
