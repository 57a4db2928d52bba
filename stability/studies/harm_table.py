"""The measurement of what controllers cost healthy trainings: which runs it takes, and what they add up to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from stability.audit.hypothesis_tests import mean_interval
from stability.compute.grids import Grid
from stability.studies.controller_harm import EVERY, NONE, OTHERS
from stability.studies.healthy_trainings import TRAININGS
from stability.studies.kept_measurements import KeptMeasurement, TableRow
from stability.training.control.policies import POLICIES

RUN = "stability.studies.controller_harm:controlled_run"

MEASURED, OTHER_SEEDS = (100, 101, 102), tuple(range(3, 11))
"""Seeds of the healthy trainings, and of the others; no limit of a policy was chosen on them."""

OWN_POLICIES = ("careful",)
"""The policies whose harm is measured."""

ALL = "all healthy trainings"


@dataclass(frozen=True)
class HarmRow(TableRow):
    """What a policy costs a training, seed by seed.

    Attributes
    ----------
    training, policy : str
    without, controlled : tuple of float
        Points at the end without a controller and with one, 100 at best, by seed.
    acted : int
        In how many runs it intervened.
    same : int
        In how many runs all weights are those without a controller, bit for bit.
    groups : int
        Trainings of which this is the mean; the interval is that of a mean over them, or over seeds if it is one.
    """

    training: str
    policy: str
    without: tuple[float, ...]
    controlled: tuple[float, ...]
    acted: int
    same: int
    groups: int = 1

    derived: ClassVar[tuple[str, ...]] = ("change", "interval")

    @property
    def change(self) -> float:
        """The mean change in points."""
        return float(np.mean(self._changes()))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval (Student) of the mean change; without width where all weights are the same."""
        return (0.0, 0.0) if self.same == len(self.without) else mean_interval(self._changes())

    def _changes(self) -> Any:
        changes = np.array(self.controlled) - np.array(self.without)
        return changes.reshape(self.groups, -1).mean(1) if self.groups > 1 else changes

    def cells(self) -> tuple[str, ...]:
        """Return what a table shows of it."""
        numbers = f"{np.mean(self.without):.1f}", f"{np.mean(self.controlled):.1f}", f"{self.change:+.2f}"
        low, high = self.interval
        exact = self.same == len(self.without)
        between = "exactly 0: the same weights" if exact else f"{low:+.2f} to {high:+.2f}"
        acted = f"{self.acted} of {len(self.without)}"
        return self.training, f"`{self.policy}`", str(len(self.without)), *numbers, between, acted


def grids(
    names: Sequence[str] = tuple(TRAININGS),
    seeds: Sequence[int] = MEASURED,
    other_seeds: Sequence[int] = OTHER_SEEDS,
    policies: Sequence[str] = OWN_POLICIES,
) -> tuple[Grid, Grid]:
    """Return the healthy runs, and those of the other trainings, as grids of tasks."""
    each = [NONE, *policies]
    return (
        Grid("trainings", RUN, axes={"seed": [*seeds], "training": [*names], "policy": each}),
        Grid("others", RUN, axes={"training": [*OTHERS], "seed": [*other_seeds], "policy": each}),
    )


def harm_rows(study: Mapping[str, Any], policy: str) -> list[HarmRow]:
    """Return a row of a policy for each training, and one for all that are healthy."""
    runs = {(each["training"], each["seed"], each["policy"]): each for each in study["runs"]}
    seeds: dict[str, list[int]] = {}
    for training, seed, own in runs:
        if own == policy:
            seeds.setdefault(training, []).append(seed)
    rows = [
        _row([runs[name, s, NONE] for s in own], [runs[name, s, policy] for s in own]) for name, own in seeds.items()
    ]
    healthy = [row for row in rows if row.training not in OTHERS]
    return [*rows, _together(healthy, policy)] if len(healthy) > 1 else rows


def _row(plain: Sequence[Mapping[str, Any]], controlled: Sequence[Mapping[str, Any]]) -> HarmRow:
    return HarmRow(
        controlled[0]["training"],
        controlled[0]["policy"],
        tuple(each["points"] for each in plain),
        tuple(each["points"] for each in controlled),
        acted=sum(bool(each["acted"]) for each in controlled),
        same=sum(one["weights"] == other["weights"] for one, other in zip(plain, controlled, strict=True)),
    )


def _together(rows: Sequence[HarmRow], policy: str) -> HarmRow:
    return HarmRow(
        ALL,
        policy,
        tuple(x for row in rows for x in row.without),
        tuple(x for row in rows for x in row.controlled),
        sum(row.acted for row in rows),
        sum(row.same for row in rows),
        groups=len(rows),
    )


def _settings(pair: Sequence[Grid]) -> dict[str, Any]:
    return {
        "seeds": [*pair[0].axes["seed"]],
        "other_seeds": [*pair[1].axes["seed"]],
        "every": EVERY,
        "policies": {each: repr(POLICIES[each]) for each in pair[0].axes["policy"] if each != NONE},
    }


def _all_rows(study: Mapping[str, Any]) -> list[HarmRow]:
    return [row for policy in study["settings"]["policies"] for row in harm_rows(study, policy)]


KEPT = KeptMeasurement(
    "controller",
    "harm.json",
    "harm",
    "stability control --harm --measure harm.sqlite --keep",
    grids,
    _settings,
    _all_rows,
)
"""The measurement, and where its result is kept."""
