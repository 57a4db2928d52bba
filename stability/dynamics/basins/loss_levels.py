"""Where an update rule leaves random starts, by levels of loss: for landscapes whose atlas is too large."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stability.arrays import Booleans, Floats
from stability.compute.notebook import reporting
from stability.compute.progress import Progress
from stability.dynamics.basins.basins import asked, random_starts
from stability.dynamics.maps.iterate import STEPS, follow, require_rule
from stability.geometry.atlas.size import most_choices
from stability.io.printable import amount
from stability.io.results import ResultTable, Tabular, json_data
from stability.model.float_loss import float_loss, inwards
from stability.model.network_loss import NetworkLoss
from stability.model.update_rules import UpdateRule
from stability.model.wilson import wilson

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AT_ONCE = 2**21
"""Pre-activations of the starts that are followed at once; a chunk of them takes seconds, not minutes."""

FLOOR = 1e-3
"""Losses up to this, relative to that of the output 0, count as 0."""


@dataclass(frozen=True)
class Level:
    """Runs that end at about the same loss.

    Attributes
    ----------
    loss : float
        To two digits.
    count, resting : int
        How many runs, and how many of them came to rest within the steps; the others still move.
    share, low, high : float
        The frequency and its 95% interval (Wilson).
    gradient : float
        The largest entry of a gradient among these runs, where they are.
    """

    loss: float
    count: int
    resting: int
    share: float
    low: float
    high: float
    gradient: float

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data; None for a loss or a gradient that is not finite."""
        return {name: json_data(value) for name, value in vars(self).items()}


@dataclass(frozen=True, repr=False)
class LossLevels(Tabular):
    """Where an update rule leaves random starts, as far as floats say: levels of loss, without stationary sets.

    Attributes
    ----------
    landscape : NetworkLoss
    law, rule : str
    samples, seed, steps : int
    levels : list of Level
        In ascending order of loss.
    diverged : int
    """

    landscape: NetworkLoss
    law: str
    samples: int
    seed: int
    rule: str
    steps: int
    levels: list[Level]
    diverged: int

    def _table(self) -> ResultTable:
        starts = amount(self.samples, "start", ",")
        head = f"{self.landscape!r}: {self.rule}, at most {self.steps:,} steps from {starts}, {self.law}"
        rows = [
            (f"{e.share:.2%}", f"{e.low:.2%} to {e.high:.2%}", f"{e.loss:g}", f"{e.resting:,} of {e.count:,}")
            for e in self.levels
        ]
        columns = ("share", "95% interval", "loss", "at rest")
        return ResultTable(f"{head}, seed {self.seed}", columns, rows, finding=f"{self.diverged:,} diverged")

    def _records(self) -> list[dict[str, Any]]:
        return [vars(each).copy() for each in self.levels]

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the share of every level of loss with its 95% interval; return the Axes."""
        from stability.plot.end_states import draw_bars

        bars = [(f"loss {each.loss:g}", each.share, each.low, each.high) for each in self.levels]
        return draw_bars(ax, bars, f"share of {self.samples:,} starts")

    def to_json(self) -> dict[str, Any]:
        """Return the levels; no sets are named, since there is no atlas."""
        return {
            **asked(self.landscape, self.rule, self.steps, self.law, self.samples, self.seed),
            "diverged": self.diverged,
            "choices_of_faces": most_choices(self.landscape),
            "sets": [],
            "levels": [each.to_json() for each in self.levels],
        }


def rounded(losses: Floats, floor: float) -> Floats:
    """Return losses to two digits, 0 up to the floor, and infinity where they are not finite."""
    finite = np.isfinite(losses)
    return np.where(finite, [float(f"{x:.1e}") if x > floor else 0.0 for x in losses], np.inf)


def loss_levels(
    landscape: NetworkLoss,
    law: str,
    samples: int,
    rule: UpdateRule,
    seed: int = 0,
    max_steps: int = STEPS,
    progress: Progress | None = None,
) -> LossLevels:
    """Return at which levels of loss an update rule leaves random starts; the arrangement is not needed.

    Parameters
    ----------
    landscape : NetworkLoss
        On any number of examples.
    law, samples, seed
        As for `basins`.
    rule : UpdateRule
    max_steps : int
        The most steps.
    progress : callable, optional
        Called with ("starts", how many are done, how many there are); in a notebook there is a bar if it is left out.

    Raises
    ------
    UnknownNameError, NumberError, StabilityError
        If the law, the number, the seed or the steps make no sense.
    DataError
        If the data are beyond float64.

    Examples
    --------
    >>> from stability import landscape, update_rule
    >>> found = loss_levels(landscape("abs1", "xor"), "normal:0.5:0.5", 20, update_rule("gd", step="1/20"))
    >>> [(each.loss, each.resting == each.count) for each in found.levels]
    [(0.0, True), (1.0, True)]
    """
    require_rule(rule, max_steps)
    points = random_starts(landscape, law, samples, seed)
    floats = float_loss(landscape)
    chunk = max(1, min(5000, AT_ONCE // (landscape.units * len(landscape.rows))))
    floor = FLOOR * float(landscape.scale) * float((floats.labels**2).sum())
    keys: list[Floats] = []
    resting: list[Booleans] = []
    largest: list[Floats] = []
    diverged = 0
    with reporting(progress, "levels of loss") as report:
        for first in range(0, samples, chunk):
            runs = follow(landscape, rule, points[first : first + chunk], max_steps)
            left = inwards(runs.points[~runs.diverged])
            diverged += int(runs.diverged.sum())
            keys.append(rounded(floats.losses(left), floor))
            resting.append(runs.resting[~runs.diverged])
            own = tuple(range(left.ndim - 1))
            largest.append(np.abs(floats.gradients(left)).max(axis=own, initial=0.0))
            report("starts", min(first + chunk, samples), samples)
    losses, rests, slopes = np.concatenate(keys), np.concatenate(resting), np.concatenate(largest)
    levels = []
    for loss, count in sorted(Counter(losses.tolist()).items()):
        here = losses == loss
        share = count / samples, *wilson(count, samples)
        levels.append(Level(loss, count, int(rests[here].sum()), *share, float(slopes[here].max())))
    return LossLevels(landscape, law, samples, seed, str(rule), max_steps, levels, diverged)
