"""The measurement of false alarms: which runs it takes, what they add up to, and where the result is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isnan
from pathlib import Path
from typing import Any

from stability.compute.code_version import code_of
from stability.compute.grids import Grid
from stability.compute.progress import Progress
from stability.io.provenance import provenance
from stability.io.results import json_data
from stability.studies.exact_counts import upper_bound
from stability.studies.false_alarms import joined
from stability.studies.healthy_trainings import TRAININGS
from stability.studies.kept_measurements import KeptMeasurement, computed, results
from stability.training.monitoring.limits import Limits

RUNS, STARTS = "stability.studies.false_alarms:healthy_run", "stability.studies.false_alarms:healthy_starts"

CHOSEN, MEASURED = (0, 1, 2), (100, 101, 102)
"""Seeds on which limits were chosen, and those on which false alarms are counted."""

EVERY = 1
"""A reading at every so many steps."""

KEPT = KeptMeasurement(
    "healthy-trainings",
    "false-alarms.json",
    "false alarms",
    ("settings", "trainings", "starts"),
    "stability control --false-alarms --measure alarms.sqlite --keep",
)
"""Where the result is kept."""

FIRST_START, STARTS_EACH, CHUNK = 1000, 600, 50
"""The first seed of the starts, how many there are of each training, and how many make a task."""


@dataclass(frozen=True)
class FalseAlarmRow:
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

    @property
    def bound(self) -> float:
        """The 95% upper bound of the share of readings in alarm."""
        return upper_bound(self.in_alarm, self.readings)

    @property
    def starts_bound(self) -> float:
        """The 95% upper bound of the share of starts in alarm."""
        return upper_bound(self.starts_in_alarm, self.starts)

    def row(self) -> str:
        """Return its line of the table in docs/monitor.md."""
        runs = (f"{self.readings:,}", f"{self.in_alarm:,}", _percent(self.bound))
        starts = (f"{self.starts:,}", f"{self.starts_in_alarm:,}", _percent(self.starts_bound))
        return f"| {' | '.join((self.kind, *runs, *starts))} |"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, with the bounds."""
        found: dict[str, Any] = json_data({**vars(self), "bound": self.bound, "starts_bound": self.starts_bound})
        return found


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


def measure(
    file: Path,
    pair: tuple[Grid, Grid] | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any] | None:
    """Measure false alarms; what is in the file already, of this code, is not measured again.

    Parameters
    ----------
    file : Path
        An SQLite file, made if there is none.
    pair : two grids, optional
        As `grids` returns.
    workers : int, optional
        Processes; as many as there are cores by default.
    progress : callable, optional

    Returns
    -------
    dict or None
        As `collected` has it; None if it was interrupted.

    Raises
    ------
    SweepError
        If a task failed.
    """
    chosen = grids() if pair is None else pair
    return collected(file, chosen) if computed(file, chosen, workers, progress) else None


def collected(file: Path, pair: tuple[Grid, Grid]) -> dict[str, Any]:
    """Return what a finished measurement came to, as plain data.

    Returns
    -------
    dict
        provenance, code, settings, and for each training under `trainings` scores, whether all runs were healthy,
        seconds, readings and counts of alarms; under `starts` the counts of alarms at the start.
    """
    runs, starts = pair
    found = [[(str(given["training"]), each) for given, each in results(file, grid)] for grid in pair]
    names = [*runs.axes["training"]]
    return {
        **provenance(),
        "code": code_of(runs.address).version,
        "settings": {
            "seeds": [*runs.axes["seed"]],
            "every": runs.fixed["every"],
            "starts": len(starts.axes["seed"]) * int(starts.fixed["count"]),
            "limits": asdict(Limits()),
        },
        "trainings": {name: _of_runs([each for which, each in found[0] if which == name]) for name in names},
        "starts": {name: _of_starts([each for which, each in found[1] if which == name]) for name in names},
    }


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


def table_rows(study: Mapping[str, Any], kinds: Sequence[str]) -> list[FalseAlarmRow]:
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
