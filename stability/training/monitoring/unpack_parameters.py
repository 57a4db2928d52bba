"""What the packed numbers say of parameters by themselves: layers without ReLUs, updates, and where nan began."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from math import nan

import numpy as np

from stability.training.monitoring.pack import Layout
from stability.training.monitoring.readings import LayerReading
from stability.training.monitoring.row_norms import Floats, Rows, plain_number
from stability.training.monitoring.updates import Ratios

Own = Sequence[tuple[str, int, int]]


def updates_of(layout: Layout, ratios: Ratios | None, steps: int) -> tuple[Floats, dict[tuple[int, int], int]]:
    """Return ratios of updates as an array (steps, weights + 1), and the column of each member of groups of weights.

    The last column is nan: that of weights of which nothing is known.
    """
    known: Floats = np.full((steps, 0), nan) if ratios is None else ratios.each
    places = {name: k for k, name in enumerate(layout.extra.weights)}
    columns = {
        (group, member): places.get(name, len(places))
        for group, names in enumerate(layout.members)
        for member, name in enumerate(names)
    }
    return np.concatenate([known, np.full((steps, 1), nan)], axis=1), columns


def plain_layers(
    layout: Layout, others: Floats, slopes: Floats, ratios: Ratios | None, ranks: Mapping[str, Floats]
) -> list[tuple[LayerReading, ...]]:
    """Return readings of the weights of a network in which no ReLU was seen: norms, updates and ranks."""
    weights = {name: (rows, norms) for name, rows, norms in _norms(layout.own, others) if rows}
    gradients = {name: norms for name, rows, norms in _norms(layout.own_slopes, slopes) if rows}
    places = {name: k for k, name in enumerate(layout.extra.weights)}
    none = np.full(len(others), nan)
    unknown = np.full((len(others), 2), nan)

    def layer(t: int, name: str) -> LayerReading:
        rows, norms = weights[name]
        moved = ratios.each[t, places[name]] if ratios is not None and name in places else nan
        return LayerReading(
            *(name, rows, 0, nan, 0, 0),
            weight_norm=plain_number(norms[t]),
            gradient_norm=plain_number(gradients.get(name, none)[t]),
            slope=None,
            update_ratio=plain_number(moved),
            effective_rank=plain_number(ranks.get(name, unknown)[t, 0]),
            stable_rank=plain_number(ranks.get(name, unknown)[t, 1]),
        )

    return [tuple(layer(t, name) for name in weights) for t in range(len(others))]


def _norms(own: Own, table: Floats) -> Iterator[tuple[str, int, Floats]]:
    """Yield the module, the rows and the norms at every step of parameters."""
    ends = accumulate(size for _, size, _ in own)
    for (name, size, rows), end in zip(own, ends, strict=True):
        yield name, rows, np.linalg.norm(table[:, end - size : end].astype(np.float64), axis=1)


def first_not_finite(
    layout: Layout, numbers: Floats, t: int, ends: Sequence[Floats], rows: Sequence[Rows], loss: float | None
) -> tuple[str, str]:
    """Return which quantity of a reading is not finite, and at which module: weights, pre-activations, loss, gradients.

    Of pre-activations the first layer, of gradients the last: there the pass that computes them meets it first.

    Parameters
    ----------
    layout : Layout
    numbers : array (count,)
        All numbers of the reading.
    t : int
        Its place among the readings of this layout.
    ends, rows : sequences
        Of all these readings; see `unpack`.
    loss : float or None
    """
    start = int(layout.with_loss) + int(layout.scaled) + sum(layout.biases)
    others, slopes = numbers[start : start + layout.others], numbers[start + layout.others :][: layout.gradients]
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
