"""What extremes and norms of rows say of layers, in one pass over the numbers of many readings.

The same as `of_extremes` and `of_rows` of `unpack`, up to the order of sums, by the library of `one_pass`.
"""

from ctypes import c_double
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stability.training.monitoring.one_pass import Pointer, Size, compiled
from stability.training.monitoring.row_norms import Floats, plain_number

if TYPE_CHECKING:
    from stability.training.monitoring.pack import Layout

Fields = dict[str, Any]

LEAST = 2**12
"""From how many numbers of a reading on the library is used, which large networks alone have."""

LOW = 0.1
"""The percentile of torques that is kept."""

OF_EXTREMES = (
    *("dead_fraction", "dead_units", "affine_units", "largest_preactivation", "lowest_top"),
    *("largest_range", "slack_plus", "slack_minus"),
)
OF_ROWS = ("torque_mean", "torque_p10", "units_without_gradient", "weight_norm", "gradient_norm")
WHOLE = {"dead_units", "affine_units", "units_without_gradient"}


class Said(NamedTuple):
    """What the numbers of some readings of one layout say.

    Attributes
    ----------
    extremes, rows : list of list of dict
        For every group of layers, and of weights, the fields of each: all of a step, then those of the next.
    squares : array (2, steps)
        Sums of squares of all trained weights, and of the gradients by them.
    """

    extremes: list[list[Fields]]
    rows: list[list[Fields]]
    squares: Floats


def said(table: Floats, at: int, layout: "Layout", scales: Floats) -> Said | None:
    """Return what extremes and norms of rows say; None where a number is not finite, or there is no library.

    Parameters
    ----------
    table : array (steps, numbers)
    at : int
        Where the extremes begin, which the norms follow.
    layout : Layout
    scales : array (steps, 1)
        By what gradients are too large.
    """
    steps, stride = table.shape
    if stride < LEAST or table.dtype != np.float32 or not table.flags.c_contiguous:
        return None
    by = np.ascontiguousarray(scales[:, 0], np.float64)
    own = compiled()
    if own is None or not (np.isfinite(by) & (by > 0)).all():
        return None
    extremes, rows, squares = [], [], np.zeros((2, steps))
    for places, units, examples in layout.extremes:
        found = np.empty((steps, len(places), len(OF_EXTREMES)))
        sizes = map(Size, (steps, stride, len(places), units, examples))
        if own.extremes_say(_pointer(table, at), *sizes, _pointer(found)):
            return None
        extremes.append(_fields(found, OF_EXTREMES, {"units": units, "points": examples}))
        at += len(places) * (2 * units + examples)
    for trained, count, turn in layout.rows:
        found, work = np.empty((steps, len(trained), len(OF_ROWS))), np.empty(count)
        sizes = map(Size, (steps, stride, len(trained), count, turn))
        if own.rows_say(_pointer(table, at), *sizes, c_double(LOW), *map(_pointer, (by, work, found))):
            return None
        rows.append(_fields(found, OF_ROWS, {}))
        squares += np.square(found[:, list(trained), 3:]).sum(1).T
        at += 3 * count * len(trained)
    return Said(extremes, rows, squares)


def _fields(found: Floats, names: tuple[str, ...], others: Fields) -> list[Fields]:
    """Return the numbers (steps, layers, names) of each layer by their names, counts as whole numbers."""
    columns = found.reshape(-1, len(names)).T
    lists = columns.tolist()
    for k, name in enumerate(names):
        if name in WHOLE:
            lists[k] = columns[k].astype(int).tolist()
        elif np.isnan(columns[k]).any():
            lists[k] = [*map(plain_number, lists[k])]
    return [{**others, **dict(zip(names, row, strict=True))} for row in zip(*lists, strict=True)]


def _pointer(array: Floats, at: int = 0) -> Any:
    return Pointer(array.ctypes.data + at * array.itemsize)
