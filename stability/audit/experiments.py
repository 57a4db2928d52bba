"""Training experiments that back the verdicts on measured claims, and what is kept of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Ints
from stability.audit.claims import check_id
from stability.audit.end_states import end_states, labels
from stability.errors import StabilityError
from stability.initialisation.table import parse
from stability.logic.validation import called, finite, member, whole_number
from stability.model.update_rules import optimiser
from stability.model.wilson import wilson
from stability.training.ensembles.ensemble import Ensemble, train
from stability.training.ensembles.epochs import REASONS
from stability.training.ensembles.problem import task
from stability.version import __version__

Group = Callable[[Ensemble], NDArray[np.bool_]]
"""Which runs belong to a group: one bool per run."""

Number = Callable[[Ensemble], float | list[float]]
"""A statistic of an ensemble."""

Counts = dict[int, int]

QUICK = 2000
"""Runs of an experiment of which nothing is kept, where little time is given."""


@dataclass(frozen=True, eq=False)
class Experiment:
    """Training runs by their settings; the defaults are those of the two-ReLU experiments on XOR.

    Attributes
    ----------
    name : str
        Unique within a write-up; also that of the file that keeps the result.
    model, data, loss, init : str
        As `stability train` spells them.
    optimizer, lr, momentum, betas : str or None
        The same.
    epochs, stop_loss, patience, restarts, seed, dtype
        The same; with 0 epochs the starts are looked at and nothing is trained.
    groups : dict of str to Group
        Runs that are counted by themselves.
    numbers : dict of str to Number
        Statistics that are kept.
    ends : bool
        Whether the stationary sets are found on which runs ended.
    """

    name: str
    model: str = "relu2"
    data: str = "xor"
    loss: str = "mean"
    init: str = "normal:0.5"
    optimizer: str = "adam"
    lr: str = "0.01"
    momentum: str | None = None
    betas: str | None = "0.9,0.99"
    epochs: int = 800
    stop_loss: float = 1e-7
    patience: int | None = 11
    restarts: int = 20_000
    seed: int = 0
    dtype: str = "float32"
    groups: Mapping[str, Group] = field(default_factory=dict)
    numbers: Mapping[str, Number] = field(default_factory=dict)
    ends: bool = True

    def __post_init__(self) -> None:
        check_id(self.name, "an experiment")
        task(self.model, self.data, self.loss)
        parse(self.init)
        optimiser(self.optimizer, self.lr, self.momentum, self.betas if self.optimizer == "adam" else None)
        whole_number(self.epochs, "epochs")
        whole_number(self.restarts, "restarts", 1)
        whole_number(self.seed, "the seed")
        finite(self.stop_loss, "the loss at which runs stop")
        if self.patience is not None:
            whole_number(self.patience, "patience", 1)
        member(self.dtype, ("float32", "float64"), "a type of numbers")
        for function in (*self.groups.values(), *self.numbers.values()):
            called(function, f"a group or a number of {self.name}")

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that a kept result must agree with."""
        names = ("model", "data", "loss", "init", "optimizer", "lr", "momentum", "betas", "epochs", "stop_loss")
        more = ("patience", "restarts", "seed", "dtype", "ends")
        found = {name: getattr(self, name) for name in (*names, *more)}
        return {**found, "groups": sorted(self.groups), "numbers": sorted(self.numbers)}

    @property
    def few(self) -> int:
        """Restarts that are made where nothing is kept and little time is given."""
        return min(QUICK, self.restarts)

    def read(self, data: Mapping[str, Any]) -> "Measured":
        """Return what `Measured.to_json` gave."""
        return from_json(data)

    def run(self, restarts: int | None = None) -> "Measured":
        """Train and return what is kept; fewer restarts on request.

        Raises
        ------
        DataError
            If nothing is correct or wrong, since there are not two labels: an experiment counts successes.
        """
        trained = task(self.model, self.data, self.loss)
        if not trained.classifies:
            _ = trained.middle
        rule = optimiser(self.optimizer, self.lr, self.momentum, self.betas if self.optimizer == "adam" else None)
        found = train(
            trained,
            self.init,
            rule,
            epochs=self.epochs,
            stop_loss=self.stop_loss,
            patience=self.patience,
            restarts=restarts or self.restarts,
            seed=self.seed,
            dtype=self.dtype,
        )
        return summary(self, found, labels(found) if self.ends else None)


@dataclass(frozen=True)
class GroupCounts:
    """What is kept of a group of runs.

    Attributes
    ----------
    runs, successes : int
    epochs_all, epochs_success : dict of int to int
        How many runs stopped after so many epochs.
    """

    runs: int
    successes: int
    epochs_all: Counts
    epochs_success: Counts

    def __post_init__(self) -> None:
        whole_number(self.runs, "how many runs a group has")
        whole_number(self.successes, "how many runs of a group succeed", 0, self.runs)

    @property
    def rate(self) -> float:
        """The share of successes; NaN of no runs."""
        return self.successes / self.runs if self.runs else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval (Wilson) of the rate."""
        return wilson(self.successes, self.runs)

    def epochs(self, over: str = "success") -> NDArray[np.int64]:
        """Return the stop epochs, sorted, of "success" or "all" runs."""
        member(over, ("success", "all"), "which runs are meant")
        counts = {"success": self.epochs_success, "all": self.epochs_all}[over]
        return np.repeat(np.array(sorted(counts), dtype=np.int64), [counts[e] for e in sorted(counts)])

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "runs": self.runs,
            "successes": self.successes,
            "epochs_all": {str(e): n for e, n in sorted(self.epochs_all.items())},
            "epochs_success": {str(e): n for e, n in sorted(self.epochs_success.items())},
        }


@dataclass(frozen=True)
class Measured:
    """What is kept of an experiment.

    Attributes
    ----------
    settings : dict
    origin : dict
        Version, device, engine and seconds.
    whole : GroupCounts
        All runs.
    right : dict of int to int
        How many runs have so many examples correct at the stop.
    stops : dict of str to int
        Why runs stopped.
    ends : list of dict
        End states, as `stability train` reports them; empty if they were not asked for.
    groups : dict of str to GroupCounts
    numbers : dict of str to float or list of float
    """

    settings: dict[str, Any]
    origin: dict[str, Any]
    whole: GroupCounts
    right: Counts
    stops: dict[str, int]
    ends: list[dict[str, Any]]
    groups: dict[str, GroupCounts]
    numbers: dict[str, Any]

    @property
    def runs(self) -> int:
        """How many runs there were."""
        return self.whole.runs

    def group(self, name: str | None) -> GroupCounts:
        """Return the counts of a group, or of all runs."""
        if name is None:
            return self.whole
        if name not in self.groups:
            raise StabilityError(f"Expected a group of the experiment; got {name!r}.", f"Known: {list(self.groups)}.")
        return self.groups[name]

    def count(self, **wanted: Any) -> int:
        """Return how many runs ended on end states with these entries: count(kind="local minimum", loss="1/4")."""
        return sum(end["count"] for end in self.ends if all(end[key] == value for key, value in wanted.items()))

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "settings": self.settings,
            "origin": self.origin,
            "all": self.whole.to_json(),
            "right": {str(k): n for k, n in sorted(self.right.items())},
            "stops": self.stops,
            "ends": self.ends,
            "groups": {name: group.to_json() for name, group in self.groups.items()},
            "numbers": self.numbers,
        }


def summary(experiment: Experiment, found: Ensemble, sets: Ints | None) -> Measured:
    """Return what is kept of an ensemble."""
    examples = len(found.task.labels)
    right = np.rint(np.nan_to_num(found.accuracies) * examples).astype(int)
    origin = {"version": __version__, "device": found.device, "mode": found.mode, "seconds": round(found.seconds, 2)}
    return Measured(
        {**experiment.settings, "restarts": found.restarts},
        origin,
        counts_of(found, np.ones(found.restarts, dtype=bool)),
        {k: int((right == k).sum()) for k in range(examples + 1)},
        {reason: int((found.reasons == k).sum()) for k, reason in enumerate(REASONS)},
        [state.to_json() for state in end_states(found, sets)] if experiment.ends else [],
        {name: counts_of(found, group(found)) for name, group in experiment.groups.items()},
        {name: number(found) for name, number in experiment.numbers.items()},
    )


def counts_of(found: Ensemble, which: NDArray[np.bool_]) -> GroupCounts:
    """Return what is kept of the runs of an ensemble that belong to a group, given as one bool per run."""
    well = which & found.success
    return GroupCounts(
        int(which.sum()), int(well.sum()), _frequencies(found.stopped[which]), _frequencies(found.stopped[well])
    )


def _frequencies(stopped: NDArray[np.int64]) -> Counts:
    values, counts = np.unique(stopped, return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


def from_json(data: Mapping[str, Any]) -> Measured:
    """Return what `Measured.to_json` gave.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it is something else.
    """
    return Measured(
        dict(data["settings"]),
        dict(data["origin"]),
        _group(data["all"]),
        {int(k): n for k, n in data["right"].items()},
        dict(data["stops"]),
        list(data["ends"]),
        {name: _group(each) for name, each in data["groups"].items()},
        dict(data["numbers"]),
    )


def _group(data: Mapping[str, Any]) -> GroupCounts:
    epochs = ({int(e): n for e, n in data[name].items()} for name in ("epochs_all", "epochs_success"))
    return GroupCounts(data["runs"], data["successes"], *epochs)
