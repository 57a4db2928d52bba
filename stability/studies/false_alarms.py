"""How often alarms ring in healthy trainings: counted reading by reading, one task for each training and seed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import isnan
from typing import Any

import numpy as np

from stability.studies.healthy_trainings import run_training, training_named
from stability.training.monitoring.alarms import ALARMS
from stability.training.monitoring.judging import context_of, judged_by
from stability.training.monitoring.limits import Limits
from stability.training.monitoring.readings import Reading

QUANTILES = (0.0, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0)
"""Of the numbers that alarms judge, over the readings of a run; of several layers the worst one counts."""

EXAMPLES = 4
"""How many beginnings of a false alarm are kept of each run."""

Judged = tuple[str, float, float]
"""(layer, number, limit)."""


@np.errstate(all="ignore")
def judged_numbers(reading: Reading, limits: Limits, first: Reading | None) -> dict[str, list[Judged]]:
    """Return for each kind of alarm what it judges at a reading: an alarm without any has no opportunity to ring.

    Parameters
    ----------
    reading : Reading
    limits : Limits
    first : Reading or None
        The first of the run; None if this is it.
    """
    found: dict[str, list[Judged]] = {name: [] for name in ALARMS}
    for kind, judged, limit, _ in judged_by(context_of(reading, limits, first)):
        found[kind.name] += judged.at(0, limit) if kind.limit else [("", float(not reading.finite), 0.5)]
    known = {name: [each for each in numbers if not isnan(each[1])] for name, numbers in found.items()}
    return {name: numbers for name, numbers in known.items() if numbers}


class AlarmCount:
    """Counts of one kind of alarm over readings of one network.

    Parameters
    ----------
    above : bool
        Whether numbers above the limit are out of it.
    """

    def __init__(self, above: bool) -> None:
        self.above, self.ringing = above, set[str]()
        self.readings = self.in_alarm = self.episodes = 0
        self.numbers: list[float] = []
        self.examples: list[tuple[int, str, float, float]] = []

    def add(self, step: int, judged: Sequence[Judged], layers: dict[str, tuple[float, float]]) -> None:
        """Count a reading.

        Parameters
        ----------
        step : int
        judged : sequence of (layer, number, limit)
            All that could have raised the alarm.
        layers : dict
            Where it was raised: number and limit by layer.
        """
        self.readings += 1
        worst = max if self.above else min
        self.numbers.append(worst(value for _, value, _ in judged))
        begun = [each for each in layers if each not in self.ringing]
        self.in_alarm += bool(layers)
        self.episodes += bool(begun)
        self.examples += [(step, each, *layers[each]) for each in begun]
        self.ringing = {*layers}

    def plain(self) -> dict[str, Any]:
        """Return the counts as plain data."""
        return {
            "readings": self.readings,
            "in_alarm": self.in_alarm,
            "episodes": self.episodes,
            "quantiles": [float(each) for each in np.quantile(self.numbers, QUANTILES)],
            "examples": [[step, layer, value, bound] for step, layer, value, bound in self.examples[:EXAMPLES]],
        }


def counted(readings: Sequence[Reading], limits: Limits) -> dict[str, dict[str, Any]]:
    """Return the counts of every kind of alarm that had an opportunity in the readings of one network.

    `readings` of a kind are those with a number to judge, out of all (`of`).

    Parameters
    ----------
    readings : sequence of Reading
        Those of one run, from its first.
    limits : Limits
        By which they were judged.
    """
    counts: dict[str, AlarmCount] = {}
    for reading in readings:
        raised: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
        for alarm in reading.alarms:
            layer = alarm.layer if ALARMS[alarm.kind].of_layer is not None else ""
            raised[alarm.kind][layer] = alarm.value, alarm.limit
        first = None if reading is readings[0] else readings[0]
        for kind, judged in judged_numbers(reading, limits, first).items():
            if kind not in counts:
                counts[kind] = AlarmCount(ALARMS[kind].above)
            counts[kind].add(reading.step, judged, raised.get(kind, {}))
    return {kind: {"of": len(readings), **count.plain()} for kind, count in counts.items()}


def healthy_run(training: str, seed: int, every: int) -> dict[str, Any]:
    """Return how often each alarm rang in a healthy training, network by network; a task of a sweep.

    Parameters
    ----------
    training : str
        A key of `TRAININGS`.
    seed : int
    every : int
        A reading at every so many steps.

    Returns
    -------
    dict
        score, learned (whether the run was healthy), seconds, readings, and for each network and kind of alarm what
        `AlarmCount.plain` has.
    """
    limits, entry = Limits(), training_named(training)
    run = run_training(entry, seed, every=every, limits=limits)
    return {
        "score": run.score,
        "learned": run.score > entry.learned,
        "seconds": run.seconds,
        "readings": {name: len(monitor.readings) for name, monitor in run.monitors.items()},
        "alarms": {name: counted(monitor.readings, limits) for name, monitor in run.monitors.items()},
    }


def healthy_starts(training: str, seed: int, count: int) -> dict[str, Any]:
    """Return how often each alarm rang at the first reading of a healthy training, over seeds; a task of a sweep.

    Parameters
    ----------
    training : str
    seed, count : int
        The first seed, and how many.
    """
    limits, entry = Limits(), training_named(training)
    found = [run_training(entry, each, every=1, steps=1, limits=limits) for each in range(seed, seed + count)]
    alarms = [counted(monitor.readings, limits) for run in found for monitor in run.monitors.values()]
    return {"seconds": sum(run.seconds for run in found), "alarms": joined(alarms)}


def joined(parts: Iterable[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Return the counts of several runs as one; outer quantiles are the extremes, the median is that of medians."""
    together: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for part in parts:
        for kind, count in part.items():
            together[kind].append(count)
    return {kind: dict(_joined(counts)) for kind, counts in sorted(together.items())}


def _joined(counts: Sequence[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for name in ("of", "readings", "in_alarm", "episodes"):
        yield name, sum(count[name] for count in counts)
    rows = np.array([count["quantiles"] for count in counts])
    middle = len(QUANTILES) // 2
    below, above = rows[:, :middle].min(0), rows[:, middle + 1 :].max(0)
    yield "quantiles", [*map(float, below), float(np.median(rows[:, middle])), *map(float, above)]
    yield "examples", [each for count in counts for each in count["examples"]][:EXAMPLES]
