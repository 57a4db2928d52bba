"""Shares of random starts that each stationary set attracts, under gradient flow or an update rule."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from stability.arrays import Booleans, Floats, Ints
from stability.compute.notebook import reporting
from stability.compute.progress import Progress
from stability.dynamics.basins.attribution import DIVERGED, NEAR
from stability.dynamics.flow.batch import UNDECIDED, flow_limits
from stability.dynamics.flow.solution_ends import SeveralEnds, several_ends
from stability.dynamics.maps.iterate import STEPS, follow, require_rule, settled
from stability.dynamics.maps.settling import CYCLE, MEANS, Motions, motions, words
from stability.errors import NumberError, StabilityError
from stability.exact.numbers import formatted, formatted_vector
from stability.geometry.atlas.atlas import known_atlas
from stability.geometry.stationary.sets import StationarySet
from stability.initialisation.sampling import starts
from stability.io.printable import amount
from stability.io.results import ResultTable, Tabular, json_data
from stability.model.correctness import threshold
from stability.model.float_loss import inwards
from stability.model.network_loss import NetworkLoss
from stability.model.restrictions import NOT_LINEAR, require_fixed
from stability.model.update_rules import UpdateRule
from stability.model.wilson import wilson

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SEVERAL = -3
"""Stands for starts from which several solutions leave; see `UNDECIDED` and `DIVERGED`."""

CHUNK = 5000
"""Starts that are followed at once."""


@dataclass(frozen=True)
class Share:
    """The share of starts that end on a stationary set, its images by permuting the units included.

    Attributes
    ----------
    set : StationarySet
    count : int
    share, low, high : float
        The frequency and its 95% interval (Wilson).
    near : int
        How many runs of a rule are at no set, but stay within the tolerance of this one, which is the nearest.
    """

    set: StationarySet
    count: int
    share: float
    low: float
    high: float
    near: int = 0


@dataclass(frozen=True)
class UnsettledRuns:
    """Runs of a rule that are at no set for the same reason, with the same nearest set.

    Attributes
    ----------
    reason : str
        As `stability.dynamics.maps.settling.words` says it.
    meaning : str
        The same at length.
    set : StationarySet or None
        The nearest; None where it is not known.
    count, near : int
        How many runs, and how many of them stay within the tolerance of the set.
    median, largest : float
        Of their distances to the set; of each run the largest distance in the steps that are looked at.
    """

    reason: str
    meaning: str
    set: StationarySet | None
    count: int
    near: int
    median: float
    largest: float

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        known = self.set is not None
        return {
            "reason": self.reason,
            "meaning": self.meaning,
            "set": None if self.set is None else self.set.index,
            "kind": None if self.set is None else self.set.kind,
            "loss": None if self.set is None else str(self.set.loss),
            "count": self.count,
            "within": self.near,
            "distance_median": json_data(self.median) if known else None,
            "distance_largest": json_data(self.largest) if known else None,
        }


def asked(landscape: NetworkLoss, rule: str, steps: int | None, law: str, samples: int, seed: int) -> dict[str, Any]:
    """Return what starts were followed, as plain data: the head of every report on them."""
    return {**landscape.names, "rule": rule, "steps": steps, "law": law, "samples": samples, "seed": seed}


@dataclass(frozen=True)
class Basins(Tabular):
    """Where gradient flow, or an update rule, takes random starts.

    Attributes
    ----------
    landscape : NetworkLoss
    law : str
    samples, seed : int
    shares : list of Share
        Of the sets that starts ended on, in the order of the atlas.
    undecided : int
        Starts that ended on no set, as far as it was decided; those that diverged are not among them.
    exact : int
        Starts, or ends of a rule, that were too close to a boundary for floats and were followed exactly.
    rule : str
        "flow", or the update rule with its parameters.
    steps : int or None
        The most steps of the rule; None for the flow.
    diverged : int
        Runs of the rule that left all bounds.
    unexplained : int
        Runs of the rule that came to rest at no set within the steps: they still move, cycle, or rest where the flow
        leads on. They are undecided.
    several : int
        Starts from which several solutions of the flow leave; they are in no share.
    unsettled : list of UnsettledRuns
        Why the unexplained runs are at no set, most runs first.
    within : float
        The tolerance: up to this distance a run counts as near a set.
    several_ends : list of SeveralEnds
        Where the solutions end that leave the first of those starts; few are followed.

    Examples
    --------
    >>> from stability import landscape
    >>> basins = landscape("abs1", "xor").basins("normal:1", samples=100, seed=1)
    >>> sum(share.count for share in basins.shares), basins.undecided
    (100, 0)
    """

    landscape: NetworkLoss
    law: str
    samples: int
    seed: int
    shares: list[Share]
    undecided: int
    exact: int
    rule: str = "flow"
    steps: int | None = None
    diverged: int = 0
    unexplained: int = 0
    several: int = 0
    unsettled: list[UnsettledRuns] = field(default_factory=list)
    within: float = NEAR
    several_ends: list[SeveralEnds] = field(default_factory=list)

    def __repr__(self) -> str:
        """Return a line for the whole and one for each share; `to_json` has everything."""
        lines = [f"  {each.share:.2%} ({each.low:.2%} to {each.high:.2%})  {each.set!r}" for each in self.shares]
        return "\n".join(["; ".join(self._head()), *lines])

    def _head(self) -> tuple[str, str]:
        how = "gradient flow" if self.steps is None else f"{self.rule}, at most {self.steps:,} steps"
        counts = {"undecided": self.undecided, "diverged": self.diverged, "with several solutions": self.several}
        left = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count) or "0 undecided"
        starts = amount(self.samples, "start", ",")
        return f"{self.landscape!r}: {how} from {starts}, {self.law}, seed {self.seed}", left

    def _table(self) -> ResultTable:
        rows = [
            (f"{e.share:.2%}", f"{e.low:.2%} to {e.high:.2%}", e.set.kind, formatted(e.set.loss), _point(e.set))
            for e in self.shares
        ]
        head, left = self._head()
        best, _, _ = self.share_of(lambda each: each.kind == "global minimum")
        finding = f"{best:.2%} end on a global minimum; {left}"
        return ResultTable(head, ("share", "95% interval", "ends on", "loss", "a point of it"), rows, finding=finding)

    def _records(self) -> list[dict[str, Any]]:
        sets: list[dict[str, Any]] = self.to_json()["sets"]
        return sets

    def share_of(self, chosen: Callable[[StationarySet], bool]) -> tuple[float, float, float]:
        """Return the share of starts that end on chosen sets, and its 95% interval (Wilson)."""
        count = sum(each.count for each in self.shares if chosen(each.set))
        return count / self.samples, *wilson(count, self.samples)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the share of every set with its 95% interval; return the Axes."""
        from stability.plot.end_states import draw_bars

        bars = [
            (f"{e.set.kind}, loss {formatted(e.set.loss)}, set {e.set.index}", e.share, e.low, e.high)
            for e in self.shares
        ]
        return draw_bars(ax, bars, f"share of {self.samples:,} starts")

    def to_json(self) -> dict[str, Any]:
        """Return the shares, with exact losses and witnesses as text."""
        middle = threshold(self.landscape.data.labels)
        return {
            **asked(self.landscape, self.rule, self.steps, self.law, self.samples, self.seed),
            "undecided": self.undecided,
            "diverged": self.diverged,
            "unexplained": self.unexplained,
            "several_solutions": self.several,
            "several_ends": [each.to_json() for each in self.several_ends],
            "followed_exactly": self.exact,
            "threshold": None if middle is None else str(middle),
            "within": None if self.steps is None else self.within,
            "at_no_set": [each.to_json() for each in self.unsettled],
            "sets": [
                {
                    "loss": str(each.set.loss),
                    "kind": each.set.kind,
                    "share": each.share,
                    "low": each.low,
                    "high": each.high,
                    "count": each.count,
                    "within": each.near,
                    "set": each.set.index,
                    "right": each.set.right,
                    "witness": [[str(x) for x in row] for row in each.set.witness],
                }
                for each in self.shares
            ],
        }


def _point(each: StationarySet) -> str:
    return "; ".join(map(formatted_vector, each.witness))


def basins(
    landscape: NetworkLoss,
    law: str,
    samples: int,
    seed: int = 0,
    progress: Progress | None = None,
    rule: UpdateRule | None = None,
    max_steps: int | None = None,
    within: float = NEAR,
) -> Basins:
    """Return the share of random starts that each stationary set attracts.

    Parameters
    ----------
    landscape : NetworkLoss
    law : str
        An initialisation of the table, as "normal:0.5" (biases 0), "uniform:-1:1" or "xavier-normal".
    samples, seed : int
        Start i is the same for every number of samples.
    progress : callable, optional
        Called with ("starts", how many are done, how many there are); in a notebook there is a bar if it is left out.
    rule : UpdateRule, optional
        What moves the starts, with torch's gradient at kinks; gradient flow if left out.
    max_steps : int, optional
        The most steps of the rule, 10,000 by default. A run counts for the set that `outcomes` finds where it rests.
    within : float
        Up to this distance a run that is at no set counts as near the nearest one.

    Raises
    ------
    UnknownNameError, NumberError, StabilityError
        If the law, the number, the seed, the steps or the tolerance make no sense, all starts of the law are one
        point, or memory cannot hold so many.
    DataError
        If an update rule, or an initialisation that looks at the data, cannot hold them in floats.
    """
    require_fixed(landscape, "basins", NOT_LINEAR)
    if rule is None and max_steps is not None:
        raise StabilityError(
            f"Gradient flow takes no steps; got {max_steps}.", "Give a rule too, or leave out the steps."
        )
    if not 0 < within < inf:
        raise StabilityError(f"Expected a tolerance above 0; got {within:g}.", f"Write within={NEAR}.")
    most = STEPS if max_steps is None else max_steps
    if rule is not None:
        require_rule(rule, most)
    points = random_starts(landscape, law, samples, seed)
    if rule is None:
        known_atlas(landscape)
    batch = ChunkedEnds(landscape, rule, most)
    with reporting(progress, "basins") as report:
        for first in range(0, samples, CHUNK):
            batch.add(points[first : first + CHUNK])
            report("starts", min(first + CHUNK, samples), samples)
    sets, several = np.concatenate(batch.sets), np.concatenate(batch.several)
    unsettled = batch.unsettled(within)
    sets = np.where(several, SEVERAL, sets)
    shares = _shares(landscape, sets, unsettled)
    undecided = int((sets == UNDECIDED).sum())
    parts = (landscape, law, samples, seed, shares, undecided, batch.exact)
    if rule is None:
        torn = several_ends(landscape, points[several])
        return Basins(*parts, several=int(several.sum()), within=within, several_ends=torn)
    diverged = int((sets == DIVERGED).sum())
    return Basins(*parts, str(rule), most, diverged, undecided, unsettled=unsettled, within=within)


def _shares(landscape: NetworkLoss, sets: Ints, unsettled: Sequence[UnsettledRuns]) -> list[Share]:
    """Return the shares of the sets that starts end on, or that runs are near."""
    near: Counter[int] = Counter()
    for each in unsettled:
        if each.set is not None and each.near:
            near[each.set.index] += each.near
    shares = []
    for k in sorted({*sets[sets >= 0].tolist(), *near}):
        count = int((sets == k).sum())
        low, high = wilson(count, len(sets))
        shares.append(Share(known_atlas(landscape).sets[k], count, count / len(sets), low, high, near[k]))
    return shares


def random_starts(landscape: NetworkLoss, law: str, samples: int, seed: int) -> Floats:
    """Return the starts, unless all that the law can give are one point."""
    points = starts(landscape, law, samples, seed)
    first, second = points[:2] if samples > 1 else starts(landscape, law, 2, seed)
    if np.array_equal(first, second):
        raise NumberError(
            f"Expected a law of starts that spreads; got {law}, by which all starts are the same point.",
            "Write normal:0.5, or use flow for the way of one start.",
        )
    return points


class ChunkedEnds:
    """Where starts end that are followed chunk by chunk.

    Parameters
    ----------
    landscape : NetworkLoss
    rule : UpdateRule or None
        None for gradient flow.
    steps : int
    """

    def __init__(self, landscape: NetworkLoss, rule: UpdateRule | None, steps: int) -> None:
        self.landscape, self.rule, self.steps = landscape, rule, steps
        self.sets: list[Ints] = []
        self.several: list[Booleans] = []
        self.exact = 0
        self.left: list[Motions] = []

    def add(self, points: Floats) -> None:
        """Follow some starts."""
        if self.rule is None:
            flowed = flow_limits(self.landscape, points)
            self.sets.append(flowed.decided)
            self.several.append(flowed.several)
            self.exact += flowed.exact
            return
        runs = follow(self.landscape, self.rule, points, self.steps)
        found = settled(self.landscape, runs)
        self.sets.append(found.sets)
        self.several.append(np.zeros(len(points), dtype=bool))
        self.exact += found.exact
        self.left.append(motions(self.landscape, self.rule, runs.state))
        rest = runs.resting & (found.sets == UNDECIDED)
        if rest.any():
            state = self.rule.start(inwards(runs.points[rest]))
            self.left.append(motions(self.landscape, self.rule, state, np.ones(int(rest.sum()), dtype=bool)))

    def unsettled(self, within: float) -> list[UnsettledRuns]:
        """Return why runs are at no set, most runs first."""
        groups: dict[tuple[int, int, bool, int], list[float]] = {}
        for part in self.left:
            columns = (part.reasons, part.periods, part.kinked & (part.reasons == CYCLE), part.sets, part.distances)
            for reason, period, kinked, k, distance in zip(*(each.tolist() for each in columns), strict=True):
                groups.setdefault((reason, period, kinked, k), []).append(distance)
        sets, found = known_atlas(self.landscape).sets, []
        for (reason, period, kinked, k), ways in sorted(groups.items(), key=lambda each: (-len(each[1]), each[0])):
            near = sum(way <= within for way in ways)
            said = words(reason, period, kinked), MEANS[reason], sets[k] if k >= 0 else None
            found.append(UnsettledRuns(*said, len(ways), near, float(np.median(ways)), max(ways)))
        return found
