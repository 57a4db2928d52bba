"""Readings judged by the table of alarms: many at once, and those alone that have an alarm one by one."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import nan
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from stability.training.monitoring.alarm_kinds import (
    AlarmKind,
    Bools,
    Context,
    JudgedNumbers,
    OfLayer,
    OfNetwork,
    Start,
)
from stability.training.monitoring.alarms import ALARMS, Alarm
from stability.training.monitoring.column_readings import columns_of_reading
from stability.training.monitoring.limits import Limits
from stability.training.monitoring.readings import Reading


def alarms(reading: Reading, limits: Limits, first: Reading | None = None) -> tuple[Alarm, ...]:
    """Return the alarms of one reading by itself; growth is judged against the first one, if it is given.

    Whether they last is for `Episodes` to say.
    """
    return tuple(alarms_of(context_of(reading, limits, first)).get(0, ()))


def context_of(reading: Reading, limits: Limits, first: Reading | None) -> Context:
    """Return what the alarms of a reading are judged by."""
    now = columns_of_reading(reading)
    return Context(now, None if first is None else start_of(first, now.names, limits), limits)


def start_of(first: Reading, names: Sequence[str], limits: Limits) -> Start:
    """Return the first reading of a training beside layers of these names."""
    return Start.of(first, columns_of_reading(first), names, limits)


@np.errstate(all="ignore")
def alarms_of(context: Context) -> dict[int, list[Alarm]]:
    """Return the alarms of readings by their place, where there are any: those of the network, then of each layer."""
    found: dict[int, list[Alarm]] = {}
    of_layers: list[tuple[int, int, Alarm]] = []
    for kind, judged, limit, layered in judged_by(context):
        bounds = limit if layered else limit * judged.references
        beyond = kind.beyond(judged.values, bounds)
        if not np.count_nonzero(beyond):
            continue
        values = judged.values if kind.limit else np.full_like(judged.values, nan)
        for t, place in zip(*(each.tolist() for each in _first(beyond, layered)), strict=True):
            layer, of = judged.named(t, place)
            bound = bounds if isinstance(bounds, float | int) else float(bounds[place])
            alarm = Alarm(kind.name, layer, float(values[t, place]), bound, of)
            if layered:
                of_layers.append((t, place, alarm))
            else:
                found.setdefault(t, []).append(alarm)
    for t, _, alarm in sorted(of_layers, key=itemgetter(0, 1)):
        found.setdefault(t, []).append(alarm)
    return found


def _first(beyond: Bools, each: bool) -> tuple[NDArray[np.intp], ...]:
    """Return the steps and places of numbers beyond their limits: of each layer, or of the first one at every step."""
    if each:
        return beyond.nonzero()
    steps = np.flatnonzero(beyond.any(1))
    return steps, beyond[steps].argmax(1)


def judged_by(context: Context) -> Iterator[tuple[AlarmKind, JudgedNumbers, float, bool]]:
    """Yield what every kind of alarm that is on judges, with its limit, nan if it has none, and whether of layers.

    Those of the network as a whole come first.
    """
    whole, each = kinds_on(context.limits)
    for kind, numbers, limit in whole:
        judged = numbers(context)
        if judged is not None:
            yield kind, judged, limit, False
    for kind, of_layer, limit in each:
        values = of_layer(context)
        if values is not None:
            yield kind, JudgedNumbers(values, context.now.names), limit, True


@lru_cache(maxsize=64)
def kinds_on(limits: Limits) -> tuple[list[tuple[AlarmKind, OfNetwork, float]], list[tuple[AlarmKind, OfLayer, float]]]:
    """Return the kinds of alarms that are on and judge networks, and those that judge layers, with their limits."""
    limited = [(kind, getattr(limits, kind.limit) if kind.limit else nan) for kind in ALARMS.values()]
    on = [(kind, limit) for kind, limit in limited if limit is not None]
    whole = [(kind, kind.of_network, limit) for kind, limit in on if kind.of_network is not None]
    return whole, [(kind, kind.of_layer, limit) for kind, limit in on if kind.of_layer is not None]
