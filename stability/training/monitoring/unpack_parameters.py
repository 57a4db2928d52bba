"""What the packed numbers say of parameters by themselves: layers without ReLUs, updates, and where nan began."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from math import nan
from typing import Any

import numpy as np

from stability.training.monitoring.columns import PLACE, Columns, blank
from stability.training.monitoring.extra_numbers import Unpacked
from stability.training.monitoring.pack import Layout
from stability.training.monitoring.row_norms import Floats, Rows
from stability.training.monitoring.updates import Ratios

Own = Sequence[tuple[str, int, int]]


def updates_of(layout: Layout, ratios: Ratios | None, steps: int) -> Floats:
    """Return ratios of updates of the weights that make the layers, as an array (steps, layers): nan if not known."""
    if ratios is None:
        return np.full((steps, len(layout.names)), nan)
    known = np.concatenate([ratios.each, np.full((steps, 1), nan)], axis=1)
    places = {name: k for k, name in enumerate(layout.extra.weights)}
    makers = ["" if each is None else layout.members[each[0]][each[1]] for each in layout.weights]
    return known[
        :, [-1 if maker is None else places.get(name, -1) for name, maker in zip(makers, layout.weights, strict=True)]
    ]


def plain_columns(
    layout: Layout, others: Floats, slopes: Floats, extra: Unpacked, steps: list[int], network: Mapping[str, Any]
) -> Columns:
    """Return the columns of a network in which no ReLU was seen: norms, updates and ranks of its weights."""
    weights = {name: (rows, norms) for name, rows, norms in _norms(layout.own, others) if rows}
    gradients = {name: norms for name, rows, norms in _norms(layout.own_slopes, slopes) if rows}
    places = {name: k for k, name in enumerate(layout.extra.weights)}
    table = blank(len(steps), len(weights))
    known = {name: table[k] for name, k in PLACE.items()}
    known["dead_units"][:] = known["affine_units"][:] = 0
    for k, (name, (_, norms)) in enumerate(weights.items()):
        known["weight_norm"][:, k] = norms
        if name in gradients:
            known["gradient_norm"][:, k] = gradients[name]
        if extra.ratios is not None and name in places:
            known["update_ratio"][:, k] = extra.ratios.each[:, places[name]]
        if name in extra.ranks:
            known["effective_rank"][:, k], known["stable_rank"][:, k] = extra.ranks[name].T
    units, none = [rows for rows, _ in weights.values()], [None] * len(weights)
    return Columns(steps, [*weights], none, units, [0] * len(weights), table, network, {})


def _norms(own: Own, table: Floats) -> Iterator[tuple[str, int, Floats]]:
    """Yield the module, the rows and the norms at every step of parameters."""
    ends = accumulate(size for _, size, _ in own)
    for (name, size, rows), end in zip(own, ends, strict=True):
        yield name, rows, np.linalg.norm(table[:, end - size : end].astype(np.float64), axis=1)


def first_not_finite(
    layout: Layout,
    others: Floats,
    slopes: Floats,
    t: int,
    ends: Sequence[Floats],
    rows: Sequence[Rows],
    loss: float | None,
) -> tuple[str, str]:
    """Return which quantity of a reading is not finite, and at which module: weights, pre-activations, loss, gradients.

    Of pre-activations the first layer, of gradients the last: there the pass that computes them meets it first.

    Parameters
    ----------
    layout : Layout
    others, slopes : arrays
        What has the norms of parameters that are in no group, and of the gradients by them.
    t : int
        Its place among the readings of this layout.
    ends, rows : sequences
        Of all these readings; see `unpack`.
    loss : float or None
    """
    order = {name: k for k, name in enumerate(layout.order)}
    weights = [*_bad_rows(layout, t, rows, "weight"), *_bad(layout.own, others)]
    if weights:
        return "weight", min(weights, key=lambda name: order.get(name, -1))
    layers = [
        place
        for (places, *_), table in zip(layout.extremes, ends, strict=True)
        for k, place in enumerate(places)
        if not np.isfinite(table[t * len(places) + k]).all()
    ]
    if layers:
        return "pre-activations", layout.names[min(layers)]
    if loss is not None and not np.isfinite(loss):
        return "loss", ""
    gradients = [*_bad(layout.own_slopes, slopes), *_bad_rows(layout, t, rows, "gradient"), ""]
    return "gradient", max(gradients, key=lambda name: order.get(name, -1))


def _bad(own: Own, numbers: Floats) -> Iterator[str]:
    """Yield the modules of parameters whose numbers are not all finite."""
    ends = accumulate(size for _, size, _ in own)
    for (name, size, _), end in zip(own, ends, strict=True):
        if not np.isfinite(numbers[end - size : end]).all():
            yield name


def _bad_rows(layout: Layout, t: int, rows: Sequence[Rows], what: str) -> Iterator[str]:
    for names, each in zip(layout.members, rows, strict=True):
        for member, name in enumerate(names):
            if not np.isfinite(getattr(each, what)[t * len(names) + member]).all():
                yield name
