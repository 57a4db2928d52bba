"""Readings from the packed numbers of a network: plain numpy, all steps and layers of one shape at once."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import nan
from typing import Any, NamedTuple

import numpy as np
import torch

from stability.training.monitoring.extra_numbers import Unpacked, changes, noise_scales, unpacked
from stability.training.monitoring.pack import Layout, Packed
from stability.training.monitoring.quick_unpack import Said, said
from stability.training.monitoring.readings import LayerReading, Reading
from stability.training.monitoring.row_norms import Floats, Rows, plain_number, rows_of
from stability.training.monitoring.unpack_parameters import first_not_finite, plain_layers, updates_of
from stability.training.monitoring.updates import Ratios

Fields = dict[str, Any]


class Before(NamedTuple):
    """What later readings are compared with: the biases of all layers at the last reading, and its outputs.

    Attributes
    ----------
    sizes : tuple of int
        How many biases every layer has.
    values, outputs : array
        All biases, and entries of the outputs.
    step : int
    noise : (float, float) or None
        See `noise_scales`.
    """

    sizes: tuple[int, ...]
    values: Floats
    outputs: Floats
    step: int = 0
    noise: tuple[float, float] | None = None

    def plain(self) -> tuple[Any, ...]:
        """Return it as plain data and tensors."""
        arrays = (torch.from_numpy(each.copy()) for each in (self.values, self.outputs))
        return (self.sizes, *arrays, self.step, self.noise)

    @classmethod
    def of(cls, plain: Sequence[Any]) -> "Before":
        """Return what became plain data."""
        sizes, values, outputs, step, noise = plain
        return cls(tuple(sizes), values.numpy(), outputs.numpy(), int(step), None if noise is None else tuple(noise))


class _Cuts:
    """Takes columns off a table, from the left."""

    def __init__(self, table: Floats) -> None:
        self.table, self.at = table, 0

    def __call__(self, columns: int) -> Floats:
        self.at += columns
        return self.table[:, self.at - columns : self.at]


@np.errstate(all="ignore")
def readings_of(packs: Sequence[Packed], before: Before | None, detail: bool = False) -> tuple[list[Reading], Before]:
    """Return the readings of one layout, without alarms, and what those to come are compared with.

    Parameters
    ----------
    packs : sequence of Packed
        One or more, in the order of their steps, all of one layout.
    before : Before or None
        What the readings before left.
    detail : bool
        Whether to keep the numbers of every unit, example and row.
    """
    layout, steps = packs[0].layout, len(packs)
    cut = _Cuts(torch.stack([pack.numbers for pack in packs]).cpu().numpy())
    losses = cut(1)[:, 0].tolist() if layout.with_loss else [pack.loss for pack in packs]
    scales = cut(1) if layout.scaled else np.array([[pack.scale or 1.0] for pack in packs])
    biases = cut(sum(layout.biases))
    others, slopes = cut(layout.others), cut(layout.gradients) / scales
    squares = [_squares(others), _squares(slopes)]
    finite = np.isfinite(cut.table[:, : cut.at]).all(1) & np.isfinite([0.0 if x is None else x for x in losses])
    quick = said(cut.table, cut.at, layout, scales) if finite.all() and not detail else None
    ends = [cut(len(places) * (2 * u + n)).reshape(-1, 2 * u + n) for places, u, n in layout.extremes]
    norm_tables = [cut(3 * n * len(own)).reshape(-1, 3, n) for own, n, _ in layout.rows]
    if quick is None:
        rows = [
            rows_of(each, np.repeat(scales, len(own), 0), turn)
            for (own, _, turn), each in zip(layout.rows, norm_tables, strict=True)
        ]
        finite &= _finite(ends, steps) & _finite(
            [part for each in rows for part in (each.weight, each.gradient)], steps
        )
        of_layers = _by_numpy(layout, ends, rows, steps, detail)
    else:
        rows, of_layers = [], quick
    squares = [own + more for own, more in zip(squares, of_layers.squares, strict=True)]
    known = layout.order or layout.own or layout.rows
    norms = np.sqrt(squares) if known else np.full((2, steps), nan)  # no parameter could be read
    sizes = cut(2).astype(np.float64).T.tolist() if layout.sized else [[nan] * steps] * 2
    clipped = (cut(1).astype(np.float64) / scales)[:, 0] if layout.clipped else norms[1]
    whole = np.where(np.isfinite(clipped), clipped, norms[1])
    extra = unpacked(cut.table[:, cut.at :], layout.extra, [pack.rates for pack in packs], detail)
    layers = _layers(layout, of_layers, _changes(layout, biases, before), steps, extra)
    if not layout.names:
        layers = plain_layers(layout, others, slopes, extra.ratios, extra.ranks)
    took = [pack.step for pack in packs]
    last, at = (None, 0) if before is None else (before.outputs, before.step)
    noise, average = noise_scales(extra.noise, None if before is None else before.noise)
    where = [
        ("", "") if fine else first_not_finite(layout, cut.table[t], t, ends, rows, losses[t])
        for t, fine in enumerate(finite)
    ]
    columns: list[Sequence[Any]] = [layers, losses, _dead_anywhere(layout, ends, steps), norms[0].tolist()]
    columns += [whole.tolist(), finite.tolist(), [()] * steps, norms[1].tolist()]
    columns += [[nan if size < 0 else size for size in each] for each in sizes]
    columns += [[p.unread.texts for p in packs], [p.passes for p in packs], [p.unread.number for p in packs]]
    columns += [
        extra.rates,
        *_updates(layout, extra.ratios, steps),
        changes(extra.outputs, last, took, at),
        extra.spreads,
        where,
        noise,
    ]
    found = [Reading(pack.step, *row) for pack, *row in zip(packs, *columns, strict=True)]
    return found, Before(layout.biases, biases[-1].copy(), extra.outputs[-1].copy(), took[-1], average)


def _updates(layout: Layout, ratios: Ratios | None, steps: int) -> tuple[list[float], list[str]]:
    """Return the ratio of the update of all weights, and the module with most of it, at every step."""
    if ratios is None:
        return [nan] * steps, [""] * steps
    return [*map(plain_number, ratios.whole)], [layout.extra.weights[k] for k in ratios.most]


def _squares(table: Floats) -> Floats:
    """Return the sum of squares of every row."""
    wide = table.astype(np.float64)
    found: Floats = np.einsum("ij,ij->i", wide, wide)
    return found


def _finite(tables: Sequence[Floats], steps: int) -> Any:
    """Return at which steps all numbers of tables, whose first axis goes step by step, are finite."""
    found = np.ones(steps, dtype=bool)
    for each in tables:
        found &= np.isfinite(each.reshape(steps, -1)).all(1)
    return found


def _by_numpy(layout: Layout, ends: Sequence[Floats], rows: Sequence[Rows], steps: int, detail: bool) -> Said:
    """Return what extremes and norms of rows say, in several passes."""
    extremes = [
        of_extremes(table[:, :units], table[:, units : 2 * units], table[:, 2 * units :], detail)
        for (_, units, _), table in zip(layout.extremes, ends, strict=True)
    ]
    squares = np.zeros((2, steps))
    for (trained, *_), each in zip(layout.rows, rows, strict=True):
        for k, part in enumerate((each.weight, each.gradient)):
            squares[k] += _squares(part.reshape(steps, len(trained), -1)[:, list(trained)].reshape(steps, -1))
    return Said(extremes, [of_rows(each, detail) for each in rows], squares)


def _layers(
    layout: Layout, of_layers: Said, changes: Floats, steps: int, extra: Unpacked
) -> list[tuple[LayerReading, ...]]:
    """Return the readings of the layers at every step."""
    found: dict[tuple[int, int], Fields] = {}
    for (places, *_), fields in zip(layout.extremes, of_layers.extremes, strict=True):
        found |= zip(((t, place) for t in range(steps) for place in places), fields, strict=True)
    by_weight = of_layers.rows
    updates, columns = updates_of(layout, extra.ratios, steps)

    def layer(t: int, place: int) -> LayerReading:
        maker = layout.weights[place]
        own = {} if maker is None else by_weight[maker[0]][t * len(layout.rows[maker[0]][0]) + maker[1]]
        more = extra.layers[place][t] if extra.layers else {}
        change = plain_number(changes[t, place])
        moved = nan if maker is None else plain_number(updates[t, columns[maker]])
        fixed: Fields = {"name": layout.names[place], "slope": layout.slopes[place]}
        return LayerReading(**fixed, **found[t, place], **own, **more, bias_change=change, update_ratio=moved)

    return [tuple(layer(t, place) for place in range(len(layout.names))) for t in range(steps)]


def _changes(layout: Layout, biases: Floats, before: Before | None) -> Floats:
    """Return the largest change of a bias of every layer since the reading before, as an array (steps, layers)."""
    found = np.full((len(biases), len(layout.names)), nan)
    known = before is not None and before.sizes == layout.biases
    first = before.values[None] if before is not None and known else np.full_like(biases[:1], nan)
    moved = np.abs(np.diff(np.concatenate([first, biases]), axis=0))
    for place, (end, size) in enumerate(zip(accumulate(layout.biases), layout.biases, strict=True)):
        if size:
            found[:, place] = moved[:, end - size : end].max(1)
    return found


def _dead_anywhere(layout: Layout, ends: Sequence[Floats], steps: int) -> list[float]:
    """Return the shares of examples that are dead at some ReLU; nan if there is none, or they see other examples."""
    lowest, counts = None, set()
    for (places, units, points), table in zip(layout.extremes, ends, strict=True):
        relus = [k for k, place in enumerate(places) if layout.slopes[place] == 0]
        if relus:
            counts.add(points)
            tops = table.reshape(steps, len(places), -1)[:, relus, 2 * units :].min(1)
            lowest = tops if lowest is None or len(counts) > 1 else np.minimum(lowest, tops)
    known = lowest is not None and len(counts) == 1 and layout.aligned
    return _share_dead(lowest).tolist() if known and lowest is not None else [nan] * steps


def _share_dead(tops: Floats) -> Floats:
    """Return the share of every row that is at most 0; nan if there is a nan in it, which is neither on nor off."""
    found: Floats = np.where(np.isnan(tops).any(1), nan, (tops <= 0).mean(1))
    return found


def of_extremes(tops: Floats, bottoms: Floats, point_tops: Floats, detail: bool = False) -> list[Fields]:
    """Return what extremes say of each layer.

    Parameters
    ----------
    tops, bottoms : arrays (layers, units)
        The largest and the smallest value of every unit.
    point_tops : array (layers, examples)
        The largest value of every example.
    detail : bool
        Whether to return them as well.
    """
    columns: dict[str, list[Any]] = {
        "units": [tops.shape[1]] * len(tops),
        "points": [point_tops.shape[1]] * len(tops),
        "dead_fraction": _share_dead(point_tops).tolist(),
        "dead_units": (tops <= 0).sum(1).tolist(),
        "affine_units": (bottoms > 0).sum(1).tolist(),
        "largest_preactivation": np.maximum(tops.max(1), -bottoms.min(1)).tolist(),
        "lowest_top": point_tops.min(1).tolist(),
        "largest_range": (tops - bottoms).max(1).tolist(),
        "slack_plus": np.maximum(0, 1 - tops).sum(1, dtype=np.float64).tolist(),
        "slack_minus": np.maximum(0, 1 + bottoms).sum(1, dtype=np.float64).tolist(),
    }
    if detail:
        columns |= {"tops": _tuples(tops), "bottoms": _tuples(bottoms), "point_tops": _tuples(point_tops)}
    return _by_layer(columns)


def of_rows(rows: Rows, detail: bool = False) -> list[Fields]:
    """Return what the norms of rows say of each weight."""
    torques = rows.torques
    ordered, none = np.sort(torques, axis=1), np.isnan(torques)
    counts = torques.shape[1] - none.sum(1)
    sums = np.where(none, 0, torques).sum(1)
    means = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    columns = {
        "torque_mean": [*map(plain_number, means)],
        "torque_p10": [*map(plain_number, percentiles(ordered, counts, 0.1))],
        "units_without_gradient": (rows.gradient == 0).sum(1).tolist(),
        "weight_norm": np.linalg.norm(rows.weight, axis=1).tolist(),
        "gradient_norm": np.linalg.norm(rows.gradient, axis=1).tolist(),
    }
    return _by_layer(columns | ({"torques": _tuples(torques)} if detail else {}))


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


def _by_layer(columns: Mapping[str, Sequence[Any]]) -> list[Fields]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
