"""On which exact stationary sets did the runs of an ensemble end?"""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stability.dynamics.outcomes import DIVERGED, UNEXPLAINED, outcomes
from stability.dynamics.swarm import Ints
from stability.geometry.atlas import Atlas, known_atlas, most_choices
from stability.training.ensemble import Ensemble

LARGEST = 200_000
"""Beyond so many choices of faces no atlas is computed for the sake of end states."""


@dataclass(frozen=True)
class EndState:
    """What several runs ended on.

    Attributes
    ----------
    loss, loss_sum : str
        As it is trained, and as the sum of squares. Exact where there is an atlas: the loss of the set; else rounded.
    kind : str
        That of the set; "no atlas" where there is none; "diverged" and "unexplained" for runs at no set.
    set : int or None
        Its position in the atlas.
    count : int
        How many runs.
    right : int or None
        How many of them have all examples right; None where nothing is right or wrong, as there are not two labels.
    """

    loss: str
    loss_sum: str
    kind: str
    set: int | None
    count: int
    right: int | None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        losses = {"loss": self.loss, "loss_sum": self.loss_sum}
        return {**losses, "kind": self.kind, "set": self.set, "count": self.count, "right": self.right}


@lru_cache(maxsize=8)
def _atlas(landscape: Any) -> Atlas:
    return known_atlas(landscape)


def labels(ensemble: Ensemble) -> Ints | None:
    """Return the position in the atlas on which each run ended, -1 unexplained, -2 diverged; None without an atlas.

    A run is at a set if gradient flow from where it stopped ends there, not far away; its loss is not asked.
    """
    landscape = ensemble.task.landscape
    if landscape is None or most_choices(landscape) > LARGEST:
        return None
    return outcomes(landscape, ensemble.rows()).sets


def end_states(ensemble: Ensemble, sets: Ints | None) -> list[EndState]:
    """Return what the runs ended on, given `labels`: sets in the order of the atlas, then runs at no set."""
    if sets is None:
        return _patterns(ensemble)
    landscape = ensemble.task.landscape
    assert landscape is not None
    atlas = _atlas(landscape)
    found = []
    for k in [*range(len(atlas.sets)), UNEXPLAINED, DIVERGED]:
        here = sets == k
        if here.any():
            loss, total, kind = "", "", "unexplained" if k == UNEXPLAINED else "diverged"
            if k >= 0:
                each = atlas.sets[k]
                loss, total, kind = str(each.loss), str(each.loss / landscape.scale), each.kind
            found.append(EndState(loss, total, kind, k if k >= 0 else None, int(here.sum()), _right(ensemble, here)))
    return found


def _right(ensemble: Ensemble, which: NDArray[np.bool_]) -> int | None:
    """Return how many of these runs have all examples right, if that means something."""
    return int((which & ensemble.success).sum()) if ensemble.task.classifies else None


def _patterns(ensemble: Ensemble) -> list[EndState]:
    """Return the ends by the loss to two digits: without an atlas they are a description, not an explanation."""
    finite = np.isfinite(ensemble.losses)
    keys = np.where(finite, [float(f"{x:.1e}") if x > 1e-3 else 0.0 for x in ensemble.losses], np.inf)
    counts = Counter(keys.tolist())
    return [
        EndState(
            "" if np.isinf(key) else f"~{key:g}",
            "" if np.isinf(key) else f"~{key / ensemble.task.scale:g}",
            "diverged" if np.isinf(key) else "no atlas",
            None,
            count,
            _right(ensemble, keys == key),
        )
        for key, count in sorted(counts.items())
    ]
