"""Rates of success in each group, with their confidence intervals."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Floats, Ints
from stability.audit.end_states import end_states, labels
from stability.geometry.atlas.atlas import known_atlas
from stability.initialisation.sampling import initial
from stability.model.update_rules import update_rule
from stability.model.wilson import wilson
from stability.studies.start_geometry import protocol
from stability.training.ensembles.ensemble import Ensemble, place_of
from stability.training.ensembles.problem import task


@dataclass(frozen=True)
class Rates:
    """Successes of groups of runs.

    Attributes
    ----------
    successes, runs : int arrays of one shape
        How many of how many runs, group by group.
    """

    successes: Ints
    runs: Ints

    @property
    def shares(self) -> Floats:
        """The share of successes; NaN of no runs."""
        found: Floats = np.divide(self.successes, self.runs, out=np.full(self.runs.shape, np.nan), where=self.runs > 0)
        return found

    @property
    def intervals(self) -> tuple[Floats, Floats]:
        """The ends of the 95% intervals (Wilson); NaN of no runs."""
        ends = [
            wilson(int(k), int(n)) if n else (np.nan, np.nan)
            for k, n in zip(self.successes.ravel(), self.runs.ravel(), strict=True)
        ]
        low, high = np.array(ends).T.reshape(2, *self.runs.shape)
        return low, high

    @property
    def text(self) -> str:
        """The share and interval of all runs, in percent."""
        k, n = int(self.successes.sum()), int(self.runs.sum())
        low, high = wilson(k, n)
        return f"{100 * k / n:.1f}% [{100 * low:.1f}, {100 * high:.1f}]"


def rates(success: NDArray[np.bool_], groups: Ints | None = None, count: int = 1) -> Rates:
    """Return the rates of the groups 0 to count - 1; without groups, of all runs. Other groups are left out."""
    own = np.zeros(len(success), dtype=np.int64) if groups is None else groups
    inside = (own >= 0) & (own < count)
    return Rates(*(np.bincount(own[which], minlength=count) for which in (inside & success, inside)))


def bins(values: Floats, edges: Sequence[float] | Floats) -> Ints:
    """Return the bin of each value, [a, b) but for the last, which is closed; -1 outside and for NaN."""
    line = np.asarray(edges, dtype=float)
    found = np.searchsorted(line, values, side="right") - 1
    found = np.where(values == line[-1], len(line) - 2, found)
    inside = (values >= line[0]) & (values <= line[-1])
    return np.where(inside, found, -1).astype(np.int64)


def tangency_rates(shares: Sequence[str], alphas: Sequence[str], restarts: int) -> Rates:
    """Return the rates of relu2 on XOR by partial tangency, shape (alphas, shares).

    Every cell has draws of its own, and 500 epochs of Adam with its default betas and no early stop.
    """
    place = place_of(task("relu2", "xor"))
    cells = [f"partial-tangency:{p}:{alpha}" for alpha in alphas for p in shares]
    starts = np.concatenate([initial(each, place, restarts, seed) for seed, each in enumerate(cells)])
    adam = update_rule("adam", step="1/100")
    found = protocol(starts, len(starts), rule=adam, epochs=500, stop_loss=0, patience=None)
    own = rates(found.success, np.repeat(np.arange(len(cells)), restarts), len(cells))
    shape = (len(alphas), len(shares))
    return Rates(own.successes.reshape(shape), own.runs.reshape(shape))


def ends_by_loss(ensemble: Ensemble) -> dict[tuple[str, int | None], int]:
    """Return how many runs ended on stationary sets with each (exact loss, number of correct outputs).

    Runs at no set, or that diverged, come as ("", None).
    """
    landscape = ensemble.task.landscape
    sets = labels(ensemble)
    right = {each.index: each.right for each in known_atlas(landscape).sets} if sets is not None else {}
    found: Counter[tuple[str, int | None]] = Counter()
    for each in end_states(ensemble, sets):
        found[each.loss, None if each.set is None else right[each.set]] += each.count
    return dict(found)
