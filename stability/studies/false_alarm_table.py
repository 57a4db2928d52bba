"""The measurement of false alarms: which runs it takes, what they add up to, and where the result is kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isnan
from typing import Any, ClassVar

from stability.compute.grids import Arguments, Grid
from stability.studies.exact_counts import upper_bound
from stability.studies.false_alarms import joined
from stability.studies.healthy_trainings import TRAININGS
from stability.studies.kept_measurements import Found, KeptMeasurement, TableRow
from stability.training.monitoring.alarms import ALARMS
from stability.training.monitoring.limits import Limits

RUNS, STARTS = "stability.studies.false_alarms:healthy_run", "stability.studies.false_alarms:healthy_starts"

CHOSEN, MEASURED = (0, 1, 2), (100, 101, 102)
"""Seeds on which limits were chosen, and those on which false alarms are counted."""

EVERY = 1
"""A reading at every so many steps."""

FIRST_START, STARTS_EACH, CHUNK = 1000, 600, 50
"""The first seed of the starts, how many there are of each training, and how many make a task."""


@dataclass(frozen=True)
class FalseAlarmRow(TableRow):
    """How often a kind of alarm rang in healthy trainings.

    Attributes
    ----------
    kind : str
    of : int
        Readings of networks in which there ever is such a number.
    readings : int
        Readings that had a number to judge: the opportunities to ring.
    in_alarm, episodes : int
        Readings at which it rang at any layer, and how many of them had it begin at some layer.
    starts, starts_in_alarm : int
        The same of readings before the first step, in runs of their own.
    trainings : tuple of str
        Those in which it rang.
    """

    kind: str
    of: int
    readings: int
    in_alarm: int
    episodes: int
    starts: int
    starts_in_alarm: int
    trainings: tuple[str, ...]

    derived: ClassVar[tuple[str, ...]] = ("bound", "starts_bound")

    @property
    def bound(self) -> float:
        """The 95% upper bound of the share of readings in alarm."""
        return upper_bound(self.in_alarm, self.readings)

    @property
    def starts_bound(self) -> float:
        """The 95% upper bound of the share of starts in alarm."""
        return upper_bound(self.starts_in_alarm, self.starts)

    def cells(self) -> tuple[str, ...]:
        """Return what a table shows of it."""
        runs = (f"{self.readings:,}", f"{self.in_alarm:,}", _percent(self.bound))
        return self.kind, *runs, f"{self.starts:,}", f"{self.starts_in_alarm:,}", _percent(self.starts_bound)


def _percent(share: float) -> str:
    return "" if isnan(share) else f"{share:.3%}"


def grids(
    names: Sequence[str] = tuple(TRAININGS),
    seeds: Sequence[int] = MEASURED,
    every: int = EVERY,
    starts: int = STARTS_EACH,
) -> tuple[Grid, Grid]:
    """Return the runs and the starts of the measurement, as grids of tasks."""
    firsts = range(FIRST_START, FIRST_START + starts, min(CHUNK, starts))
    fixed = {"count": min(CHUNK, starts)}
    return (
        Grid("runs", RUNS, axes={"training": [*names], "seed": [*seeds]}, fixed={"every": every}),
        Grid("starts", STARTS, axes={"training": [*names], "seed": [*firsts]}, fixed=fixed),
    )


def collected(found: Found) -> dict[str, Any]:
    """Return what runs and starts come to, as plain data.

    Returns
    -------
    dict
        For each training under `trainings` scores, whether all runs were healthy, seconds, readings and counts of
        alarms; under `starts` the counts of alarms at the start.
    """
    runs, starts = map(_by_training, found)
    return {
        "trainings": {name: _of_runs(own) for name, own in runs.items()},
        "starts": {name: _of_starts(own) for name, own in starts.items()},
    }


def _by_training(found: Sequence[tuple[Arguments, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    parts: dict[str, list[dict[str, Any]]] = {}
    for given, result in found:
        parts.setdefault(given["training"], []).append(result)
    return parts


def _of_runs(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "scores": [each["score"] for each in found],
        "healthy": all(each["learned"] for each in found),
        "seconds": sum(each["seconds"] for each in found),
        "readings": sum(sum(each["readings"].values()) for each in found),
        "alarms": joined([counts for each in found for counts in each["alarms"].values()]),
    }


def _of_starts(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"seconds": sum(each["seconds"] for each in found), "alarms": joined([each["alarms"] for each in found])}


def table_rows(study: Mapping[str, Any], kinds: Iterable[str] = ALARMS) -> list[FalseAlarmRow]:
    """Return a row for each kind of alarm; with zeros for those that never had a number to judge."""
    return [_row(study, kind) for kind in kinds]


def _row(study: Mapping[str, Any], kind: str) -> FalseAlarmRow:
    runs = {name: each["alarms"].get(kind) for name, each in study["trainings"].items()}
    starts = [each["alarms"].get(kind) for each in study["starts"].values()]
    ran = [each for each in runs.values() if each]
    begun = [each for each in starts if each]

    def total(parts: Sequence[Mapping[str, Any]], name: str) -> int:
        return sum(each[name] for each in parts)

    return FalseAlarmRow(
        kind,
        of=total(ran, "of"),
        readings=total(ran, "readings"),
        in_alarm=total(ran, "in_alarm"),
        episodes=total(ran, "episodes"),
        starts=total(begun, "readings"),
        starts_in_alarm=total(begun, "in_alarm"),
        trainings=tuple(name for name, each in runs.items() if each and each["in_alarm"]),
    )


def _settings(pair: Sequence[Grid]) -> dict[str, Any]:
    runs, starts = pair
    return {
        "seeds": [*runs.axes["seed"]],
        "every": runs.fixed["every"],
        "starts": len(starts.axes["seed"]) * int(starts.fixed["count"]),
        "limits": asdict(Limits()),
    }


KEPT = KeptMeasurement(
    "healthy-trainings",
    "false-alarms.json",
    "false alarms",
    "stability control --false-alarms --measure alarms.sqlite --keep",
    grids,
    _settings,
    table_rows,
    collected,
    ("settings", "trainings", "starts"),
)
"""The measurement, and where its result is kept."""
