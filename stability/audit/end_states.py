"""The exact stationary sets on which the runs of an ensemble ended."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Floats, Ints
from stability.audit.layer_ends import layer_ends
from stability.dynamics.basins.attribution import DIVERGED, UNEXPLAINED, outcomes
from stability.dynamics.basins.loss_levels import rounded
from stability.dynamics.maps.settling import APPROACHING, CHATTERING, CIRCLING, CYCLE, WORDS, Motions, motions
from stability.geometry.atlas.atlas import Atlas, known_atlas
from stability.geometry.atlas.size import work_of
from stability.geometry.stationary.one_hot import is_reducible
from stability.geometry.stationary.sets import StationarySet
from stability.io.printable import grouped
from stability.model.flat_points import by_rows
from stability.model.float_loss import inwards
from stability.model.network_loss import NetworkLoss
from stability.training.ensembles.ensemble import Ensemble
from stability.training.ensembles.epochs import REASONS

NO_ATLAS = "no atlas"
"""The kind of the end of runs where no atlas is computed."""

CIRCLES = "circling"
"""The kind of the end of runs that stay about a place."""

LARGEST = 200_000
"""Beyond so many choices of faces no atlas is computed for the sake of end states."""


NOWHERE = -1
"""In place of a reason: a run with trained output weights that is at rest, as far as floats show, on no set."""

NO_LOSS = 1e-3
"""Where there is no atlas, losses up to this count as 0."""


def why_no_atlas(ensemble: Ensemble) -> str:
    """Return in words why ends are named by their loss alone."""
    place = ensemble.task.landscape
    if place.network.outputs > 1 and not is_reducible(place):
        return f"no atlas: {place.network.name} has {place.network.outputs} outputs; levels of loss to two digits"
    return (
        f"no atlas: it has up to {grouped(work_of(place))} choices of faces, above {LARGEST:,}; levels of loss to two "
        "digits, which distinguish no sets"
    )


@dataclass(frozen=True)
class EndState:
    """What several runs ended on.

    Attributes
    ----------
    loss, loss_sum : str
        As it is trained, and as the sum of squares. Exact where there is an atlas: the loss of the set, which is not
        that of runs at no set (`own_loss`); else rounded.
    kind : str
        That of the set; "no atlas" where there is none; "diverged" and "unexplained" for runs at no set. `named_states`
        says "circling" of those that stay about a place, and what the others do.
    set : int or None
        Its position in the atlas; that of the nearest set for runs at no set whose motion is named.
    count : int
        How many runs.
    right : int or None
        How many of them have all examples correct; None where nothing is correct or wrong, as there are not two labels.
    reason : str
        What runs at no set do, as `stability.dynamics.maps.settling.words` says it.
    median, largest : float or None
        Of their distances to that set; of each run the largest distance in the steps after its stop.
    own_loss : float or None
        The mean, over these runs, of the losses that they have themselves, as it is trained; None if it is not finite.
    """

    loss: str
    loss_sum: str
    kind: str
    set: int | None
    count: int
    right: int | None
    reason: str = ""
    median: float | None = None
    largest: float | None = None
    own_loss: float | None = None

    @property
    def name(self) -> str:
        """What tables call it."""
        if not self.reason or self.set is None or self.median is None:
            return self.reason or self.kind
        if self.kind != CIRCLES:
            return f"{self.reason}, {self.median:.2g} from set {self.set}"
        why = f" ({self.reason})" if self.reason != CIRCLES else ""
        return f"circling set {self.set} at distance {self.median:.2g}, at most {self.largest:.2g}{why}"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        losses = {"loss": self.loss, "loss_sum": self.loss_sum}
        found: dict[str, Any] = {**losses, "kind": self.kind, "set": self.set, "count": self.count, "right": self.right}
        if self.reason:
            found |= {"reason": self.reason, "distance_median": self.median, "distance_largest": self.largest}
        return {**found, "runs_loss": self.own_loss}


@lru_cache(maxsize=8)
def _atlas(landscape: Any) -> Atlas:
    return known_atlas(landscape)


def labels(ensemble: Ensemble) -> Ints | None:
    """Return the position in the atlas on which each run ended, -1 unexplained, -2 diverged; None without an atlas.

    A run is at a set if gradient flow from where it stopped ends there, not far away; its loss is not asked. Where
    output weights are trained, small steps stand for the flow.
    """
    landscape = ensemble.task.landscape
    if not is_reducible(landscape) or work_of(landscape) > LARGEST:
        return None
    if _by_flow(landscape):
        return outcomes(landscape, by_rows(landscape, ensemble.points)).sets
    return layer_ends(ensemble.task, ensemble.points).sets


def _by_flow(landscape: NetworkLoss) -> bool:
    """Return whether gradient flow is followed event by event: where no output weights are trained."""
    return not landscape.network.trainable


def end_states(ensemble: Ensemble, sets: Ints | None) -> list[EndState]:
    """Return what the runs ended on, given `labels`: sets in the order of the atlas, then runs at no set."""
    if sets is None:
        return _patterns(ensemble)
    atlas = _atlas(ensemble.task.landscape)
    found = []
    for k in [*range(len(atlas.sets)), UNEXPLAINED, DIVERGED]:
        here = sets == k
        if here.any():
            loss, total, kind = "", "", "unexplained" if k == UNEXPLAINED else "diverged"
            if k >= 0:
                each = atlas.sets[k]
                (loss, total), kind = _losses(each), each.kind
            own = int(here.sum()), _right(ensemble, here)
            found.append(EndState(loss, total, kind, k if k >= 0 else None, *own, own_loss=_own_loss(ensemble, here)))
    return found


def named_states(ensemble: Ensemble, sets: Ints | None) -> list[EndState]:
    """Return `end_states`, with what the runs at no set do by their next steps, in place of "unexplained".

    Those that stay about a place are said to circle the nearest set. A run that stopped before the last epoch goes on
    as if its rule started there, since what the rule remembered then is not kept.
    """
    found = end_states(ensemble, sets)
    who = np.array([], dtype=int) if sets is None else np.flatnonzero(sets == UNEXPLAINED)
    if not len(who):
        return found
    reasons, nearest, distances = _reasons(ensemble, who)
    own: list[EndState] = []
    keys = list(zip(reasons.tolist(), nearest.tolist(), strict=True))
    for (reason, k), _ in Counter(keys).most_common():
        here = np.array([key == (reason, k) for key in keys])
        runs = np.zeros(ensemble.restarts, dtype=bool)
        runs[who[here]] = True
        own.append(_named(ensemble, reason, k, distances[here], runs))
    return [*(each for each in found if each.kind not in ("unexplained", "diverged")), *own] + [
        each for each in found if each.kind == "diverged"
    ]


def _reasons(ensemble: Ensemble, who: Ints) -> tuple[Ints, Ints, Floats]:
    """Return why runs are at no set, the set that they are nearest to or come to, and how far away it is."""
    if _by_flow(ensemble.task.landscape):
        moved = _motions(ensemble, who)
        return moved.reasons, moved.sets, moved.distances
    ends = layer_ends(ensemble.task, ensemble.points[who])
    return np.where((ends.limits >= 0) | ends.moving, APPROACHING, NOWHERE), ends.limits, ends.distances


def _named(ensemble: Ensemble, reason: int, k: int, ways: NDArray[np.float64], runs: NDArray[np.bool_]) -> EndState:
    count, right, own = int(runs.sum()), _right(ensemble, runs), _own_loss(ensemble, runs)
    if reason == NOWHERE:
        return EndState("", "", "unexplained", None, count, right, own_loss=own)
    kind = CIRCLES if reason in (CYCLE, CHATTERING, CIRCLING) else WORDS[reason]
    if k < 0:
        return EndState("", "", WORDS[reason], None, count, right, WORDS[reason], own_loss=own)
    losses = _losses(_atlas(ensemble.task.landscape).sets[k])
    spread = float(np.median(ways)), float(ways.max())
    return EndState(*losses, kind, k, count, right, WORDS[reason], *spread, own)


def _losses(each: StationarySet) -> tuple[str, str]:
    """Return the exact loss of a set as it is trained, and as the sum of squares."""
    return str(each.loss), str(each.loss / each.landscape.scale)


def _motions(ensemble: Ensemble, who: Ints) -> Motions:
    """Return what these runs do next."""
    landscape, buffers = ensemble.task.landscape, ensemble.buffers[who]
    points = by_rows(landscape, ensemble.points[who])
    remembered = [inwards(by_rows(landscape, buffers[:, k])) for k in range(buffers.shape[1])]
    steps = np.where(ensemble.reasons[who] == REASONS.index("epochs"), ensemble.stopped[who], 0).astype(float)
    return motions(landscape, ensemble.rule, (inwards(points), *remembered, steps))


def _right(ensemble: Ensemble, which: NDArray[np.bool_]) -> int | None:
    """Return how many of these runs have all examples correct, if that means something."""
    return int((which & ensemble.success).sum()) if ensemble.task.classifies else None


def _own_loss(ensemble: Ensemble, which: NDArray[np.bool_]) -> float | None:
    """Return the mean of the losses of these runs, as they are trained; None if it is not finite."""
    mean = float(np.mean(ensemble.losses[which], dtype=float))
    return mean if np.isfinite(mean) else None


def _patterns(ensemble: Ensemble) -> list[EndState]:
    """Return the ends by the loss to two digits: without an atlas they are a description, not an explanation."""
    keys = rounded(ensemble.losses, NO_LOSS)
    counts = Counter(keys.tolist())
    return [
        EndState(
            "" if np.isinf(key) else f"~{key:g}",
            "" if np.isinf(key) else f"~{key / ensemble.task.scale:g}",
            "diverged" if np.isinf(key) else NO_ATLAS,
            None,
            count,
            _right(ensemble, keys == key),
            own_loss=_own_loss(ensemble, keys == key),
        )
        for key, count in sorted(counts.items())
    ]
