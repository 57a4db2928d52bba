"""The measurement of what helps deep thin networks: which runs it takes, and what they add up to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from stability.compute.grids import Grid
from stability.studies.deep_starts import WORKS
from stability.studies.exact_counts import exact_interval, mcnemar
from stability.studies.kept_measurements import KeptMeasurement, TableRow
from stability.studies.thin_networks import CONTENDERS, PROTOCOL, SIZES
from stability.training.control.policies import POLICIES

RUN = "stability.studies.thin_networks:thin_run"

MEASURED = tuple(range(300, 316))
"""Seeds that are measured; no limit, penalty or start was chosen on them."""

NETWORKS = tuple(SIZES)
"""Sizes that are measured."""

REFERENCES = ("plain", "spheres", "better")
"""The contenders that all others are compared with, seed by seed."""

STRICT = 0.95
"""The accuracy that `stability control moons` asks for, and must be exceeded."""


@dataclass(frozen=True)
class ThinRow(TableRow):
    """What a contender comes to on networks of one size.

    Attributes
    ----------
    network, contender : str
        Keys of `SIZES` and `CONTENDERS` of `stability.studies.thin_networks`.
    accuracies : tuple of float
        At the end, by seed.
    interventions : float
        Their mean number.
    only : dict of str to (int, int)
        By reference: seeds that only this contender brings to work, and those that only the reference does.
    """

    network: str
    contender: str
    accuracies: tuple[float, ...]
    interventions: float
    only: Mapping[str, tuple[int, int]]

    derived: ClassVar[tuple[str, ...]] = ("works", "interval", "p_values")

    @property
    def works(self) -> int:
        """Seeds whose accuracy at the end is at least `WORKS`."""
        return sum(each >= WORKS for each in self.accuracies)

    @property
    def interval(self) -> tuple[float, float]:
        """The exact 95% interval (Clopper and Pearson) of the share of seeds that work."""
        return exact_interval(self.works, len(self.accuracies))

    @property
    def p_values(self) -> dict[str, float]:
        """The p-value of McNemar's exact test against each reference."""
        return {name: mcnemar(*counts) for name, counts in self.only.items()}

    def compared(self, reference: str) -> str:
        """Return the comparison with a reference, as "7 : 0 (p = 0.016)"; nothing with itself."""
        if reference not in self.only:
            return ""
        own, other = self.only[reference]
        return f"{own} : {other} (p = {self.p_values[reference]:.2g})"

    def share(self) -> str:
        """Return how many seeds work, with the interval of the share: "8 of 16 (25% to 75%)"."""
        low, high = self.interval
        return f"{self.works} of {len(self.accuracies)} ({low:.0%} to {high:.0%})"

    def cells(self) -> tuple[str, ...]:
        """Return what a table shows of it."""
        strict = sum(each > STRICT for each in self.accuracies)
        means = str(strict), f"{np.mean(self.accuracies):.3f}", f"{self.interventions:.1f}"
        return self.network, self.contender, self.share(), *means, *map(self.compared, REFERENCES)


def grid(
    networks: Sequence[str] = NETWORKS,
    contenders: Sequence[str] = tuple(CONTENDERS),
    seeds: Sequence[int] = MEASURED,
) -> Grid:
    """Return the runs as a grid of tasks, seed after seed."""
    axes: dict[str, list[Any]] = {"seed": [*seeds], "network": [*networks], "contender": [*contenders]}
    return Grid("thin networks", RUN, axes=axes)


def thin_rows(study: Mapping[str, Any]) -> Iterator[ThinRow]:
    """Yield a row for each size of network and contender."""
    runs = {(each["network"], each["contender"], each["seed"]): each for each in study["runs"]}
    settings = study["settings"]
    for network in settings["network"]:
        found = {name: [runs[network, name, seed] for seed in settings["seed"]] for name in settings["contender"]}
        works = {name: [each["accuracy"] >= WORKS for each in own] for name, own in found.items()}
        for name, own in found.items():
            others = [each for each in REFERENCES if each in found and each != name]
            yield ThinRow(
                network,
                name,
                tuple(each["accuracy"] for each in own),
                float(np.mean([sum(each["interventions"].values()) for each in own])),
                {other: _only(works[name], works[other]) for other in others},
            )


def _only(one: Sequence[bool], other: Sequence[bool]) -> tuple[int, int]:
    pairs = [*zip(one, other, strict=True)]
    return pairs.count((True, False)), pairs.count((False, True))


def _settings(grids: Sequence[Grid]) -> dict[str, Any]:
    (runs,) = grids
    remedies = {CONTENDERS[each].remedy for each in runs.axes["contender"]}
    return {
        **{name: [*values] for name, values in runs.axes.items()},
        "steps": runs.fixed.get("steps", PROTOCOL.steps),
        "policies": {each: repr(POLICIES[each]) for each in sorted(remedies) if each in POLICIES},
    }


KEPT = KeptMeasurement(
    "deep-starts",
    "thin-networks.json",
    "trainings of deep thin networks",
    "stability control --thin --measure thin.sqlite --keep",
    lambda: [grid()],
    _settings,
    thin_rows,
)
"""The measurement, and where its result is kept."""
