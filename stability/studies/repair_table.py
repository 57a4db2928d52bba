"""The measurement of what remedies do for trainings that start badly: which runs it takes, and what they add up to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from stability.audit.hypothesis_tests import mean_interval
from stability.compute.grids import Grid
from stability.studies.bad_starts import BAD_STARTS, REMEDIES
from stability.studies.kept_measurements import KeptMeasurement, TableRow
from stability.training.control.policies import POLICIES

RUN = "stability.studies.bad_starts:badly_started_run"

CHOSEN, MEASURED = (0, 1, 2), tuple(range(100, 106))
"""Seeds on which the limits of policies were chosen, and those that are measured."""

COMPARED = ("none", "better", "careful", *REMEDIES[1:])
"""Policies and other remedies, in the order of the table."""

OWN = "careful"
"""The policy that is compared with the others, seed by seed."""


@dataclass(frozen=True)
class RepairRow(TableRow):
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

    derived: ClassVar[tuple[str, ...]] = ("mean", "interval", "gain_interval")

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


def grid(
    starts: Sequence[str] = tuple(BAD_STARTS), remedies: Sequence[str] = COMPARED, seeds: Sequence[int] = MEASURED
) -> Grid:
    """Return the runs as a grid of tasks."""
    return Grid("repairs", RUN, axes={"start": [*starts], "remedy": [*remedies], "seed": [*seeds]})


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


def _settings(grids: Sequence[Grid]) -> dict[str, Any]:
    (runs,) = grids
    policies = {each: repr(POLICIES[each]) for each in runs.axes["remedy"] if each in POLICIES}
    return {**{name: [*values] for name, values in runs.axes.items()}, "policies": policies}


KEPT = KeptMeasurement(
    "controller",
    "repairs.json",
    "repairs",
    "stability control --repairs --measure repairs.sqlite --keep",
    lambda: [grid()],
    _settings,
    repair_rows,
)
"""The measurement, and where its result is kept."""
