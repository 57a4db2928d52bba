"""What packed numbers say, as columns of readings: plain numpy, all steps and layers of one shape at once."""

from collections.abc import Sequence
from itertools import accumulate
from math import nan
from typing import Any, NamedTuple

import numpy as np
import torch

from stability.training.monitoring.columns import Columns
from stability.training.monitoring.extra_numbers import changes, noise_scales, unpacked
from stability.training.monitoring.layer_columns import Said, layer_columns
from stability.training.monitoring.numpy_unpack import (
    all_finite,
    said_by_numpy,
    share_dead,
    squares_by_numpy,
    tables,
)
from stability.training.monitoring.one_pass import compiled
from stability.training.monitoring.pack import Layout, Packed
from stability.training.monitoring.packed_rows import PackedRows
from stability.training.monitoring.quick_sums import squares_of
from stability.training.monitoring.quick_unpack import said, takes
from stability.training.monitoring.row_norms import Floats
from stability.training.monitoring.unpack_parameters import first_not_finite, plain_columns, updates_of
from stability.training.monitoring.updates import Ratios


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
    names : tuple of str or None
        Those of the layers; None where they were not kept.
    """

    sizes: tuple[int, ...]
    values: Floats
    outputs: Floats
    step: int = 0
    noise: tuple[float, float] | None = None
    names: tuple[str, ...] | None = None

    def plain(self) -> tuple[Any, ...]:
        """Return it as plain data and tensors."""
        arrays = (torch.from_numpy(each.copy()) for each in (self.values, self.outputs))
        return (self.sizes, *arrays, self.step, self.noise, self.names)

    @classmethod
    def of(cls, plain: Sequence[Any]) -> "Before":
        """Return what became plain data."""
        sizes, values, outputs, step, noise, names = (*plain, None)[:6]
        average = None if noise is None else tuple(noise)
        own = None if names is None else tuple(names)
        return cls(tuple(sizes), values.numpy(), outputs.numpy(), int(step), average, own)

    def biases_of(self, layout: Layout) -> Floats:
        """Return the biases of the layers of a layout, in its order; nan for those of layers that were not there."""
        names = layout.names if self.names is None else self.names
        if names == layout.names and self.sizes == layout.biases:
            return self.values
        ends = accumulate(self.sizes)
        known = {} if self.names is None else dict(zip(zip(names, self.sizes, strict=True), ends, strict=True))
        found = np.full(sum(layout.biases), nan, self.values.dtype)
        for name, end, size in zip(layout.names, accumulate(layout.biases), layout.biases, strict=True):
            if (name, size) in known:
                last = known[name, size]
                found[end - size : end] = self.values[last - size : last]
        return found


@np.errstate(all="ignore")
def columns_of(packs: Sequence[Packed], before: Before | None, detail: bool = False) -> tuple[Columns, Before] | None:
    """Return the readings of one layout as columns, and what those to come are compared with.

    None of several where some numbers are not finite, so that these have to be taken one by one: readings do not depend
    on which others are worked out with them.

    Parameters
    ----------
    packs : sequence of Packed
        One or more, in the order of their steps, all of one layout.
    before : Before or None
        What the readings before left.
    detail : bool
        Whether to keep the numbers of every unit, example and row.
    """
    layout, steps, numbers = packs[0].layout, len(packs), PackedRows.of([pack.numbers for pack in packs])
    head = numbers.take(layout.with_loss + layout.scaled + sum(layout.biases)).table()
    losses = head[:, 0].tolist() if layout.with_loss else [pack.loss for pack in packs]
    scales = np.array([[pack.scale or 1.0] for pack in packs])
    biases = head[:, layout.with_loss + layout.scaled :]
    if layout.scaled:
        scales = head[:, layout.with_loss :][:, :1]
    others, slopes = numbers.take(layout.others), numbers.take(layout.gradients)
    squares = [_squares(others), _squares(slopes, scales)]
    finite = np.isfinite(head).all(1) & np.isfinite([0.0 if x is None else x for x in losses])
    finite &= _finite(others, squares[0]) & _finite(slopes, squares[1])
    ends = numbers.take(sum(len(places) * (2 * u + n) for places, u, n in layout.extremes))
    norms = numbers.take(sum(3 * n * len(own) for own, n, _ in layout.rows))
    of_layers, named = said(ends, norms, layout, scales) if finite.all() and not detail else None, [("", "")] * steps
    if of_layers is None and steps > 1 and not detail and takes(ends, norms) and compiled() is not None:
        return None
    if of_layers is None:
        of_ends, rows = tables(ends, norms, layout, scales)
        of_layers = said_by_numpy(of_ends, rows, layout, steps, detail)
        finite &= all_finite([*of_ends, *(part for each in rows for part in (each.weight, each.gradient))], steps)
        for t in (~finite).nonzero()[0].tolist():
            named[t] = first_not_finite(layout, others.rows[t], slopes.rows[t], t, of_ends, rows, losses[t])
    squares = [own + more for own, more in zip(squares, of_layers.squares, strict=True)]
    known = layout.order or layout.own or layout.rows
    norm, step_norm = np.sqrt(squares) if known else np.full((2, steps), nan)  # no parameter could be read
    sizes = numbers.take(2).table().astype(np.float64).T if layout.sized else np.full((2, steps), nan)
    if layout.sized and not finite.all():
        bad = ~finite & ~np.isfinite(sizes[0])
        named = [("input", "") if bad[t] and each[0] != "weight" else each for t, each in enumerate(named)]
    clipped = (numbers.take(1).table().astype(np.float64) / scales)[:, 0] if layout.clipped else step_norm
    made = np.where(np.isfinite(clipped), clipped, step_norm)
    extra = unpacked(numbers, layout.extra, [pack.rates for pack in packs], detail)
    took = [pack.step for pack in packs]
    last, at = (None, 0) if before is None else (before.outputs, before.step)
    noise, average = noise_scales(extra.noise, None if before is None else before.noise)
    moved, most = _updates(layout, extra.ratios, steps)
    network = {
        "loss": losses,
        "dead_fraction": _dead_anywhere(layout, of_layers, ends),
        "weight_norm": norm,
        "gradient_norm": np.where([pack.norm_known for pack in packs], made, nan),
        "finite": finite,
        "step_gradient_norm": step_norm,
        "largest_input": np.where(sizes[0] < 0, nan, sizes[0]),
        "largest_output": np.where(sizes[1] < 0, nan, sizes[1]),
        "skipped": [pack.unread.texts for pack in packs],
        "passes": [pack.passes for pack in packs],
        "unread": [pack.unread.number for pack in packs],
        "learning_rates": extra.rates,
        "update_ratio": moved,
        "update_layer": most,
        "output_change": changes(extra.outputs, last, took, at),
        "output_spread": extra.spreads,
        "not_finite": named,
        "noise_scale": noise,
        "gradient_kept": [pack.kept for pack in packs],
    }
    if layout.names:
        own = _changes(layout, biases, before), updates_of(layout, extra.ratios, steps), extra.layers
        found = layer_columns(layout, of_layers, *own, took, network)
    else:
        found = plain_columns(layout, others.table(), slopes.table() / scales, extra, took, network)
    return found, Before(layout.biases, biases[-1].copy(), extra.outputs[-1].copy(), took[-1], average, layout.names)


def _updates(layout: Layout, ratios: Ratios | None, steps: int) -> tuple[Floats, list[str]]:
    """Return the ratio of the update of all weights, and the module with most of it, at every step."""
    if ratios is None:
        return np.full(steps, nan), [""] * steps
    return ratios.whole, [layout.extra.weights[k] for k in ratios.most.tolist()]


def _squares(numbers: PackedRows, scales: Floats | None = None) -> Floats:
    """Return the sum of squares of every row, of gradients that are too large by a scale."""
    if scales is None or (scales == 1).all():
        quick = squares_of(numbers)
        return squares_by_numpy(numbers.table()) if quick is None else quick
    return squares_by_numpy(numbers.table() / scales)


def _finite(numbers: PackedRows, squares: Floats) -> Any:
    """Return which rows are finite: squares of 32 bits do not overflow, so their sum says it, if they are unscaled."""
    found = np.isfinite(squares)
    return found if found.all() and numbers.single else np.isfinite(numbers.table()).all(1)


def _changes(layout: Layout, biases: Floats, before: Before | None) -> Floats:
    """Return the largest change of a bias of every layer since the reading before, as an array (steps, layers)."""
    found = np.full((len(biases), len(layout.names)), nan)
    first = np.full_like(biases[:1], nan) if before is None else before.biases_of(layout)[None]
    moved = np.abs(np.diff(np.concatenate([first, biases]), axis=0))
    for place, (end, size) in enumerate(zip(accumulate(layout.biases), layout.biases, strict=True)):
        if size:
            found[:, place] = moved[:, end - size : end].max(1)
    return found


def _dead_anywhere(layout: Layout, of_layers: Said, ends: PackedRows) -> Floats:
    """Return the shares of examples that are dead at some ReLU; nan if there is none, or they see other examples."""
    steps, groups = len(ends.rows), []
    for (places, units, points), own in zip(layout.extremes, of_layers.extremes, strict=True):
        table = ends.take(len(places) * (2 * units + points))
        relus = [k for k, place in enumerate(places) if layout.slopes[place] == 0]
        if relus:
            groups.append((table, relus, units, points, own.numbers[0][:, relus]))
    if len({points for *_, points, _ in groups}) != 1 or not layout.aligned:
        return np.full(steps, nan)
    some = np.any([(shares != 0).any(1) for *_, shares in groups], axis=0).nonzero()[0]
    found = np.zeros(steps)
    if len(some):
        tops = [
            table.some(some).table().reshape(len(some), -1, 2 * units + points)[:, relus, 2 * units :].min(1)
            for table, relus, units, points, _ in groups
        ]
        found[some] = share_dead(np.minimum.reduce(tops))
    return found
