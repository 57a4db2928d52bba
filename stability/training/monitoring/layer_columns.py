"""What groups of layers and of weights say, put together as the columns of all layers."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stability.training.monitoring.columns import OF_EXTREMES, OF_ROWS, PLACE, Columns, blank
from stability.training.monitoring.row_norms import Floats

if TYPE_CHECKING:
    from stability.training.monitoring.pack import Layout

Lists = dict[str, list[Any]]


class Group(NamedTuple):
    """What is known of layers of one shape, or of weights of one shape.

    Attributes
    ----------
    numbers : array (numbers, steps, members)
        In the order of `OF_EXTREMES`, or of `OF_ROWS`.
    lists : dict of str to sequence
        On request, by their names: one of each step and member, step by step.
    """

    numbers: Floats
    lists: Mapping[str, Sequence[Any]]


class Said(NamedTuple):
    """What the numbers of some readings of one layout say.

    Attributes
    ----------
    extremes, rows : list of Group
        Of every group of layers, and of weights.
    squares : array (2, steps)
        Sums of squares of all trained weights, and of the gradients by them.
    """

    extremes: list[Group]
    rows: list[Group]
    squares: Floats


def group_of(columns: Mapping[str, Any], names: Sequence[str], steps: int) -> Group:
    """Return columns, by their names, as a group."""
    table = np.array([columns[name] for name in names], dtype=np.float64).reshape(len(names), steps, -1)
    return Group(table, {name: values for name, values in columns.items() if name not in names})


def layer_columns(
    layout: "Layout",
    said: Said,
    changes: Floats,
    updates: Floats,
    more: Sequence[Sequence[Mapping[str, Any]]],
    steps: list[int],
    network: Mapping[str, Any],
) -> Columns:
    """Return the columns of a network in which layers were seen.

    Parameters
    ----------
    layout : Layout
    said : Said
    changes, updates : arrays (steps, layers)
        The largest change of a bias, and the ratio of the update of the weight; nan where it is not known.
    more : sequence of sequence of dict
        What was measured on request, of each layer at every step; empty if nothing was.
    steps : list of int
    network : dict
        See `Columns`.
    """
    count = len(layout.names)
    layers, lists = blank(len(steps), count), Lists()
    layers[PLACE["bias_change"]], layers[PLACE["update_ratio"]] = changes, updates
    sizes = {place: (units, points) for places, units, points in layout.extremes for place in places}
    for (places, *_), group in zip(layout.extremes, said.extremes, strict=True):
        _put(layers, lists, group, PLACE[OF_EXTREMES[0]], [*places], [*range(len(places))])
    for k, group in enumerate(said.rows):
        made = [(place, maker[1]) for place, maker in enumerate(layout.weights) if maker is not None and maker[0] == k]
        if made:
            _put(layers, lists, group, PLACE[OF_ROWS[0]], *map(list, zip(*made, strict=True)))
    for place, fields in enumerate(more):
        for name in fields[0]:
            if name in PLACE:
                layers[PLACE[name], :, place] = [each[name] for each in fields]
            else:
                _list(lists, name, len(steps) * count)[place::count] = [each[name] for each in fields]
    units, points = zip(*(sizes[place] for place in range(count)), strict=True)
    return Columns(steps, layout.names, layout.slopes, units, points, layers, network, lists)


def _put(layers: Floats, lists: Lists, group: Group, start: int, places: list[int], members: list[int]) -> None:
    """Put what is known of some members of a group where their layers stand."""
    numbers, _, own = group.numbers.shape
    layers[start : start + numbers, :, places] = group.numbers[:, :, members]
    for name, values in group.lists.items():
        for place, member in zip(places, members, strict=True):
            all_layers = _list(lists, name, layers[0].size)
            all_layers[place :: layers.shape[2]] = values[member::own]


def _list(lists: Lists, name: str, size: int) -> list[Any]:
    return lists.setdefault(name, [None] * size)
