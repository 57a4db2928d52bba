"""What extremes and norms of rows say of layers, by numpy: the definition, at any numbers and on request in detail."""

from collections.abc import Sequence
from itertools import accumulate
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from stability.training.monitoring.columns import OF_EXTREMES, OF_ROWS
from stability.training.monitoring.layer_columns import Said, group_of
from stability.training.monitoring.packed_rows import PackedRows
from stability.training.monitoring.row_norms import Floats, Rows, rows_of

if TYPE_CHECKING:
    from stability.training.monitoring.pack import Layout


def said_by_numpy(ends: Sequence[Floats], rows: Sequence[Rows], layout: "Layout", steps: int, detail: bool) -> Said:
    """Return what extremes and norms of rows say, in several passes.

    Parameters
    ----------
    ends : sequence of array (steps * layers, 2 units + examples)
        Of every group of layers; see `tables`.
    rows : sequence of Rows
        Of every group of weights, all of a step, then those of the next.
    layout : Layout
    steps : int
    detail : bool
        Whether to return the numbers of every unit, example and row.
    """
    extremes = [
        of_extremes(table[:, :units], table[:, units : 2 * units], table[:, 2 * units :], detail)
        for (_, units, _), table in zip(layout.extremes, ends, strict=True)
    ]
    squares = np.zeros((2, steps))
    for (trained, *_), each in zip(layout.rows, rows, strict=True):
        for k, part in enumerate((each.weight, each.gradient)):
            own = part.reshape(steps, len(trained), -1)[:, list(trained)].reshape(steps, -1)
            squares[k] += squares_by_numpy(own)
    of_layers = [group_of(each, OF_EXTREMES, steps) for each in extremes]
    return Said(of_layers, [group_of(of_rows(each, detail), OF_ROWS, steps) for each in rows], squares)


def squares_by_numpy(table: Floats) -> Floats:
    """Return the sum of squares of every row, in 64 bits: no square of 32 bits overflows or is rounded there."""
    found: Floats = np.square(table.astype(np.float64)).sum(1)
    return found


def tables(ends: PackedRows, norms: PackedRows, layout: "Layout", scales: Floats) -> tuple[list[Floats], list[Rows]]:
    """Return the extremes of every group of layers, and the norms of every group of weights, of all steps."""
    extremes = _cut(ends.table(), [(len(places), 2 * units + examples) for places, units, examples in layout.extremes])
    parts = _cut(norms.table(), [(len(own), 3 * count) for own, count, _ in layout.rows])
    rows = [
        rows_of(part.reshape(-1, 3, count), np.repeat(scales, len(own), 0), turn)
        for part, (own, count, turn) in zip(parts, layout.rows, strict=True)
    ]
    return extremes, rows


def _cut(table: Floats, sizes: Sequence[tuple[int, int]]) -> list[Floats]:
    """Return parts of a table (steps, numbers) as arrays (steps * members, numbers of each)."""
    ends = [*accumulate(count * size for count, size in sizes)]
    return [
        table[:, end - count * size : end].reshape(-1, size) for (count, size), end in zip(sizes, ends, strict=True)
    ]


def all_finite(tables: Sequence[Floats], steps: int) -> Any:
    """Return at which steps all numbers of tables, whose first axis goes step by step, are finite."""
    found = np.ones(steps, dtype=bool)
    for each in tables:
        found &= np.isfinite(each.reshape(steps, -1)).all(1)
    return found


def share_dead(tops: Floats) -> Floats:
    """Return the share of every row that is at most 0; nan if there is a nan in it, which is neither on nor off."""
    found: Floats = np.where(np.isnan(tops).any(1), nan, (tops <= 0).mean(1))
    return found


def of_extremes(tops: Floats, bottoms: Floats, point_tops: Floats, detail: bool = False) -> dict[str, Any]:
    """Return what extremes say of each layer, by the names of the numbers.

    Parameters
    ----------
    tops, bottoms : arrays (layers, units)
        The largest and the smallest value of every unit.
    point_tops : array (layers, examples)
        The largest value of every example.
    detail : bool
        Whether to return them as well.
    """
    columns: dict[str, Any] = {
        "dead_fraction": share_dead(point_tops),
        "dead_units": (tops <= 0).sum(1),
        "affine_units": (bottoms > 0).sum(1),
        "largest_preactivation": np.maximum(tops.max(1), -bottoms.min(1)),
        "lowest_top": point_tops.min(1),
        "largest_range": (tops - bottoms).max(1),
        "slack_plus": np.maximum(0, 1 - tops).sum(1, dtype=np.float64),
        "slack_minus": np.maximum(0, 1 + bottoms).sum(1, dtype=np.float64),
    }
    if detail:
        columns |= {"tops": _tuples(tops), "bottoms": _tuples(bottoms), "point_tops": _tuples(point_tops)}
    return columns


def of_rows(rows: Rows, detail: bool = False) -> dict[str, Any]:
    """Return what the norms of rows say of each weight, by the names of the numbers."""
    torques = rows.torques
    ordered, none = np.sort(torques, axis=1), np.isnan(torques)
    counts = torques.shape[1] - none.sum(1)
    sums = np.where(none, 0, torques).sum(1)
    means = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    columns = {
        "torque_mean": means,
        "torque_p10": percentiles(ordered, counts, 0.1),
        "units_without_gradient": (rows.gradient == 0).sum(1),
        "weight_norm": np.linalg.norm(rows.weight, axis=1),
        "gradient_norm": np.linalg.norm(rows.gradient, axis=1),
    }
    return columns | ({"torques": _tuples(torques)} if detail else {})


def percentiles(ordered: Floats, counts: Any, share: float) -> Floats:
    """Return a percentile of the first numbers of every row, on the line between its neighbours; nan of none.

    Parameters
    ----------
    ordered : array (rows, most)
        In increasing order as far as they count.
    counts : array of int (rows,)
        How many of each row count.
    share : float
        From 0 to 1.
    """
    last = np.maximum(counts - 1, 0)
    places = share * last
    low = places.astype(int)
    row = np.arange(len(ordered))
    here, there = ordered[row, low], ordered[row, np.minimum(low + 1, last)]
    found: Floats = np.where(counts > 0, here + (places - low) * (there - here), nan)
    return found


def _tuples(table: Floats) -> list[tuple[float, ...]]:
    return [tuple(row) for row in table.tolist()]
