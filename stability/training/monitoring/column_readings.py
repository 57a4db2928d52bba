"""Readings from their columns, made when somebody looks at them, and the columns of a reading."""

from collections.abc import Sequence
from dataclasses import fields
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from stability.training.monitoring.columns import NUMBERS, PLACE, WHOLE, Columns
from stability.training.monitoring.readings import LayerReading, Reading

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
    known |= {name: _plain(columns.layers[k].reshape(-1), name in WHOLE) for name, k in PLACE.items()}
    none = [None] * (steps * count)
    layers = [*map(LayerReading, *(known.get(name, none) for name in LAYER_FIELDS))]
    own = {"step": columns.steps, "alarms": alarms}
    own |= {"layers": [tuple(layers[t * count : (t + 1) * count]) for t in range(steps)]}
    own |= {name: _plain(values) for name, values in columns.network.items()}
    return [*map(Reading, *(own[name] for name in FIELDS))]


def _plain(values: Any, whole: bool = False) -> Sequence[Any]:
    """Return numbers as those of Python; one and the same nan, so that readings without a number compare equal."""
    if not isinstance(values, np.ndarray):
        return values  # type: ignore[no-any-return]
    found: list[Any] = (values.astype(int) if whole else values).tolist()
    return [nan if value != value else value for value in found]
