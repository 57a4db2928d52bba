"""Readings from their columns, made when somebody looks at them, and the columns of a reading."""

from collections.abc import Sequence
from dataclasses import fields
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from stability.training.monitoring.columns import NUMBERS, WHOLE, Columns
from stability.training.monitoring.readings import LayerReading, Reading
from stability.training.monitoring.row_norms import Floats

if TYPE_CHECKING:
    from stability.training.monitoring.alarms import Alarm

FIXED = ("name", "slope", "units", "points")
"""What is the same at all readings of columns."""

LAYER_FIELDS = tuple(each.name for each in fields(LayerReading))
FIELDS = tuple(each.name for each in fields(Reading))


def columns_of_reading(reading: Reading) -> Columns:
    """Return the columns of one reading, without lists.

    Examples
    --------
    >>> columns = columns_of_reading(Reading(20, (LayerReading("net.0", 4, 8, 0.25, 1, 0),), loss=0.5))
    >>> columns.whole("loss"), columns.each("dead_fraction")
    (array([0.5]), array([[0.25]]))
    """
    layers, own = reading.layers, {name: [getattr(reading, name)] for name in FIELDS[2:]}
    names, slopes, units, points = ([getattr(each, name) for each in layers] for name in FIXED)
    table = np.array([[[getattr(each, name) for each in layers]] for name in NUMBERS], dtype=np.float64)
    return Columns([reading.step], names, slopes, units, points, table, own, {})


def readings_of(columns: Columns, alarms: Sequence["tuple[Alarm, ...]"]) -> list[Reading]:
    """Return the readings of columns, given the alarms of each."""
    steps, count = len(columns.steps), len(columns.names)
    fixed = zip(FIXED, (columns.names, columns.slopes, columns.units, columns.points), strict=True)
    known = {name: [*values] * steps for name, values in fixed} | {**columns.lists}
    known |= _numbers(columns.layers.reshape(len(NUMBERS), -1))
    none = [None] * (steps * count)
    layers = [*map(LayerReading, *(known.get(name, none) for name in LAYER_FIELDS))]
    own = {"step": columns.steps, "alarms": alarms}
    own |= {"layers": [tuple(layers[t * count : (t + 1) * count]) for t in range(steps)]}
    own |= {name: _plain(values) for name, values in columns.network.items()}
    return [*map(Reading, *(own[name] for name in FIELDS))]


def _numbers(table: Floats) -> dict[str, list[Any]]:
    """Return the numbers of layers (numbers, layers) by their names, counts as whole numbers."""
    found = dict(zip(NUMBERS, table.tolist(), strict=True))
    for k in np.flatnonzero(np.isnan(table).any(1)).tolist():
        found[NUMBERS[k]] = _one_nan(found[NUMBERS[k]])
    return found | {name: [*map(int, found[name])] for name in WHOLE}


def _plain(values: Any) -> Sequence[Any]:
    """Return numbers as those of Python."""
    return _one_nan(values.tolist()) if isinstance(values, np.ndarray) else values


def _one_nan(numbers: list[Any]) -> list[Any]:
    """Return numbers with one and the same nan, so that readings without a number compare equal."""
    return [nan if number != number else number for number in numbers]
