"""The stationary sets on which solutions end where several leave one start."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from stability.arrays import Floats
from stability.dynamics.flow.flow import flow
from stability.geometry.atlas.atlas import known_atlas
from stability.geometry.stationary.sets import StationarySet
from stability.model.flat_points import exact_rows_of
from stability.model.network_loss import NetworkLoss

MOST_STARTS = 20
"""So many starts are followed along all their solutions; they are the first ones."""

MOST_SOLUTIONS = 64
"""So many solutions are followed from one start."""


@dataclass(frozen=True)
class SeveralEnds:
    """Starts whose solutions end on the same sets.

    Attributes
    ----------
    sets : list of StationarySet
        On which the solutions end that leave at once where they can, as far as that is decided.
    count : int
        How many of the starts that were followed.
    undecided : bool
        Whether the end of some solution is not decided, or there are more solutions than are followed.
    """

    sets: list[StationarySet]
    count: int
    undecided: bool

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "count": self.count,
            "undecided": self.undecided,
            "sets": [
                {
                    "set": each.index,
                    "kind": each.kind,
                    "loss": str(each.loss),
                    "witness": [[str(x) for x in row] for row in each.witness],
                }
                for each in self.sets
            ],
        }


def several_ends(landscape: NetworkLoss, starts: Floats) -> list[SeveralEnds]:
    """Return where the solutions end that leave the first of some starts, the most frequent ends first.

    Parameters
    ----------
    landscape : NetworkLoss
    starts : array of shape (starts, units, d + 1), or (starts, parameters) with an output bias
        From each of which several solutions leave; at most `MOST_STARTS` of them are followed.
    """
    counts: Counter[tuple[tuple[int, ...], bool]] = Counter()
    for start in starts[:MOST_STARTS]:
        solutions = list(flow(landscape, exact_rows_of(landscape, start)).solutions(MOST_SOLUTIONS))
        reached = {each.ends_on.index for each in solutions if each.ends_on is not None}
        hidden = len(solutions) >= MOST_SOLUTIONS or any(each.ends_on is None for each in solutions)
        counts[tuple(sorted(reached)), hidden] += 1
    sets = known_atlas(landscape).sets
    order = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return [SeveralEnds([sets[k] for k in reached], count, hidden) for (reached, hidden), count in order]
