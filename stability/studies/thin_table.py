"""The measurement of what helps deep thin networks: which runs it takes, and what they add up to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stability.compute.code_version import code_of
from stability.compute.grids import Grid
from stability.compute.progress import Progress
from stability.io.provenance import provenance
from stability.io.results import json_data
from stability.studies.deep_starts import WORKS
from stability.studies.exact_counts import exact_interval, mcnemar
from stability.studies.kept_measurements import KeptMeasurement, computed, results
from stability.studies.thin_networks import CONTENDERS, PROTOCOL, SIZES
from stability.training.control.policies import POLICIES

RUN = "stability.studies.thin_networks:thin_run"

MEASURED = tuple(range(300, 308))
"""Seeds that are measured; no limit, penalty or start was chosen on them."""

NETWORKS = tuple(SIZES)
"""Sizes that are measured."""

REFERENCES = ("plain", "spheres", "better")
"""The contenders that all others are compared with, seed by seed."""

STRICT = 0.95
"""The accuracy that `stability control moons` asks for, and must be exceeded."""

KEPT = KeptMeasurement(
    "deep-starts",
    "thin-networks.json",
    "trainings of deep thin networks",
    ("settings", "runs"),
    "stability control --thin --measure thin.sqlite --keep",
)
"""Where the result is kept."""


@dataclass(frozen=True)
class ThinRow:
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

    def row(self) -> str:
        """Return its line of the table in docs/controller.md."""
        return f"| {' | '.join(self.cells())} |"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, with counts, intervals and p-values."""
        more = {"works": self.works, "interval": self.interval, "p_values": self.p_values}
        found: dict[str, Any] = json_data({**vars(self), **more})
        return found


def grid(
    networks: Sequence[str] = NETWORKS,
    contenders: Sequence[str] = tuple(CONTENDERS),
    seeds: Sequence[int] = MEASURED,
) -> Grid:
    """Return the runs as a grid of tasks, seed after seed."""
    axes: dict[str, list[Any]] = {"seed": [*seeds], "network": [*networks], "contender": [*contenders]}
    return Grid("thin networks", RUN, axes=axes)


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
        provenance, code, settings, and `runs`: of each its seed, network and contender, and what `thin_run` has. None
        if it was interrupted.

    Raises
    ------
    SweepError
        If a task failed.
    """
    chosen = grid() if runs is None else runs
    if not computed(file, [chosen], workers, progress):
        return None
    remedies = {CONTENDERS[each].remedy for each in chosen.axes["contender"]}
    return {
        **provenance(),
        "code": code_of(RUN).version,
        "settings": {
            **{name: [*values] for name, values in chosen.axes.items()},
            "steps": chosen.fixed.get("steps", PROTOCOL.steps),
            "policies": {each: repr(POLICIES[each]) for each in sorted(remedies) if each in POLICIES},
        },
        "runs": [{**given, **found} for given, found in results(file, chosen)],
    }


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
