"""Which share of random starts does each stationary set attract, under gradient flow or an update rule?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from stability.dynamics.orbits import STEPS, require_rule, rule_ends
from stability.dynamics.outcomes import DIVERGED
from stability.dynamics.patterns import Floats
from stability.dynamics.swarm import UNDECIDED, Ints, ends
from stability.errors import NumberError, StabilityError
from stability.geometry.atlas import known_atlas
from stability.geometry.sets import StationarySet
from stability.model.correctness import threshold
from stability.model.intervals import wilson
from stability.model.landscapes import Landscape
from stability.model.laws import starts
from stability.model.rules import UpdateRule

CHUNK = 5000
"""Starts that are followed at once."""

Progress = Callable[[int, int], None]
"""Called with (starts done, starts in all)."""


@dataclass(frozen=True)
class Share:
    """The share of starts that end on a stationary set, its images by permuting the units included.

    Attributes
    ----------
    set : StationarySet
    count : int
    share, low, high : float
        The frequency and its 95% interval (Wilson).
    """

    set: StationarySet
    count: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Basins:
    """Where gradient flow, or an update rule, takes random starts.

    Attributes
    ----------
    landscape : Landscape
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
    """

    landscape: Landscape
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

    def to_json(self) -> dict[str, Any]:
        """Return the shares, with exact losses and witnesses as text."""
        middle = threshold(self.landscape.data.labels)
        return {
            "model": self.landscape.network.name,
            "data": self.landscape.data.name,
            "loss_kind": self.landscape.loss_kind,
            "rule": self.rule,
            "steps": self.steps,
            "law": self.law,
            "samples": self.samples,
            "seed": self.seed,
            "undecided": self.undecided,
            "diverged": self.diverged,
            "unexplained": self.unexplained,
            "followed_exactly": self.exact,
            "threshold": None if middle is None else str(middle),
            "sets": [
                {
                    "loss": str(each.set.loss),
                    "kind": each.set.kind,
                    "share": each.share,
                    "low": each.low,
                    "high": each.high,
                    "count": each.count,
                    "set": each.set.index,
                    "right": each.set.right,
                    "witness": [[str(x) for x in row] for row in each.set.witness],
                }
                for each in self.shares
            ],
        }


def basins(
    landscape: Landscape,
    law: str,
    samples: int,
    seed: int = 0,
    progress: Progress | None = None,
    rule: UpdateRule | None = None,
    steps: int | None = None,
) -> Basins:
    """Return the share of random starts that each stationary set attracts.

    Parameters
    ----------
    landscape : Landscape
    law : str
        "normal:STD" (biases 0), "normal:STD:BIAS_STD", "uniform:A" or "uniform:A:B".
    samples, seed : int
        Start i is the same for every number of samples.
    progress : callable, optional
    rule : UpdateRule, optional
        What moves the starts, with torch's gradient at kinks; gradient flow if left out.
    steps : int, optional
        The most steps of the rule, 10,000 by default. A run counts for the set that `outcomes` finds where it rests.

    Raises
    ------
    UnknownNameError, NumberError, StabilityError
        If the law, the number, the seed or the steps make no sense, or all starts of the law are one point.
    """
    if rule is None and steps is not None:
        raise StabilityError(f"Gradient flow takes no steps; got {steps}.", "Give a rule too, or leave out the steps.")
    most = STEPS if steps is None else steps
    if rule is not None:
        require_rule(rule, most)
    points = _random_starts(landscape, law, samples, seed)
    found: list[Ints] = []
    exact = 0
    for first in range(0, samples, CHUNK):
        sets, hard = _destinations(landscape, points[first : first + CHUNK], rule, most)
        found.append(sets)
        exact += hard
        if progress is not None:
            progress(min(first + CHUNK, samples), samples)
    sets = np.concatenate(found)
    atlas = known_atlas(landscape)
    shares = []
    for k in sorted(set(sets.tolist()) - {UNDECIDED, DIVERGED}):
        count = int((sets == k).sum())
        shares.append(Share(atlas.sets[k], count, count / samples, *wilson(count, samples)))
    undecided = int((sets == UNDECIDED).sum())
    parts = (landscape, law, samples, seed, shares, undecided, exact)
    if rule is None:
        return Basins(*parts)
    return Basins(*parts, str(rule), most, int((sets == DIVERGED).sum()), undecided)


def _random_starts(landscape: Landscape, law: str, samples: int, seed: int) -> Floats:
    """Return the starts, unless all that the law can give are one point."""
    points = starts(landscape, law, samples, seed)
    first, second = starts(landscape, law, 2, seed)
    if np.array_equal(first, second):
        raise NumberError(
            f"Expected a law of starts that spreads; got {law}, by which all starts are the same point.",
            "Write normal:0.5, or use flow for the way of one start.",
        )
    return points


def _destinations(landscape: Landscape, points: Floats, rule: UpdateRule | None, steps: int) -> tuple[Ints, int]:
    """Return on which sets starts end (-1: undecided, -2: diverged), and how many were decided exactly."""
    if rule is None:
        flowed = ends(landscape, points)
        return flowed.sets, flowed.exact
    ruled = rule_ends(landscape, points, rule, steps)
    return ruled.sets, ruled.exact
