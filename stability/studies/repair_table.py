"""The measurement of what remedies do for trainings that start badly: which runs it takes, and what they add up to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stability.audit.hypothesis_tests import mean_interval
from stability.compute.code_version import code_of
from stability.compute.grids import Grid
from stability.compute.progress import Progress
from stability.io.provenance import provenance
from stability.io.results import json_data
from stability.studies.bad_starts import BAD_STARTS, REMEDIES
from stability.studies.kept_measurements import KeptMeasurement, computed, results
from stability.training.control.policies import POLICIES

RUN = "stability.studies.bad_starts:badly_started_run"

CHOSEN, MEASURED = (0, 1, 2), tuple(range(100, 106))
"""Seeds on which the limits of policies were chosen, and those that are measured."""

COMPARED = ("none", "better", "careful", *REMEDIES[1:])
"""Policies and other remedies, in the order of the table."""

OWN = "careful"
"""The policy that is compared with the others, seed by seed."""

KEPT = KeptMeasurement(
    "controller",
    "repairs.json",
    "repairs",
    ("settings", "runs"),
    "stability control --repairs --measure repairs.sqlite --keep",
)
"""Where the result is kept."""


@dataclass(frozen=True)
class RepairRow:
    """What a remedy does for a bad start.

    Attributes
    ----------
    start, remedy : str
    accuracies : tuple of float
        On held-out examples at the end, by seed.
    interventions : float
        Their mean number.
    gain : tuple of float
        By how much the accuracies of `OWN` are higher, by seed.
    """

    start: str
    remedy: str
    accuracies: tuple[float, ...]
    interventions: float
    gain: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean accuracy."""
        return float(np.mean(self.accuracies))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval (Student) of the mean accuracy."""
        return mean_interval(np.array(self.accuracies))

    @property
    def gain_interval(self) -> tuple[float, float]:
        """The 95% interval (Student) of the mean gain; without width where all gains are 0."""
        return mean_interval(np.array(self.gain)) if any(self.gain) else (0.0, 0.0)

    def cells(self) -> tuple[str, ...]:
        """Return what a table shows of it."""
        (low, high), (least, most) = self.interval, self.gain_interval
        against = "" if self.remedy == OWN else f"{np.mean(self.gain):+.3f} ({least:+.3f} to {most:+.3f})"
        own = f"{self.mean:.3f} ({low:.3f} to {high:.3f})"
        return self.start, self.remedy, str(len(self.accuracies)), own, f"{self.interventions:.1f}", against

    def row(self) -> str:
        """Return its line of the table in docs/controller.md."""
        return f"| {' | '.join(self.cells())} |"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, with means and intervals."""
        more = {"mean": self.mean, "interval": self.interval, "gain_interval": self.gain_interval}
        found: dict[str, Any] = json_data({**vars(self), **more})
        return found


def grid(
    starts: Sequence[str] = tuple(BAD_STARTS), remedies: Sequence[str] = COMPARED, seeds: Sequence[int] = MEASURED
) -> Grid:
    """Return the runs as a grid of tasks."""
    return Grid("repairs", RUN, axes={"start": [*starts], "remedy": [*remedies], "seed": [*seeds]})


def measure(
    file: Path, runs: Grid | None = None, workers: int | None = None, progress: Progress | None = None
) -> dict[str, Any] | None:
    """Make all runs; what is in the file already, of this code, is not computed again.

    Parameters
    ----------
    file : Path
        An SQLite file, made if there is none.
    runs : Grid, optional
        As `grid` returns.
    workers : int, optional
        Processes; as many as there are cores by default.
    progress : callable, optional

    Returns
    -------
    dict or None
        provenance, code, settings, and `runs`, each as `Outcome` has it; None if it was interrupted.

    Raises
    ------
    SweepError
        If a task failed.
    """
    chosen = grid() if runs is None else runs
    if not computed(file, [chosen], workers, progress):
        return None
    return {
        **provenance(),
        "code": code_of(RUN).version,
        "settings": {
            **{name: [*values] for name, values in chosen.axes.items()},
            "policies": {each: repr(POLICIES[each]) for each in chosen.axes["remedy"] if each in POLICIES},
        },
        "runs": [found for _, found in results(file, chosen)],
    }


def repair_rows(study: Mapping[str, Any]) -> Iterator[RepairRow]:
    """Yield a row for each start and remedy."""
    runs = {(each["start"], each["remedy"], each["seed"]): each for each in study["runs"]}
    seeds = study["settings"]["seed"]
    for start in study["settings"]["start"]:
        own = [runs[start, OWN, seed]["accuracy"] for seed in seeds]
        for remedy in study["settings"]["remedy"]:
            found = [runs[start, remedy, seed] for seed in seeds]
            accuracies = tuple(each["accuracy"] for each in found)
            gain = tuple(a - b for a, b in zip(own, accuracies, strict=True))
            yield RepairRow(start, remedy, accuracies, float(np.mean([each["interventions"] for each in found])), gain)
