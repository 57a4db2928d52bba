"""Stationary points by numerical search from many starts, compared with the exact list.

A search can miss points, so it proves no list complete; it is a second witness for atlases, and the only one for
networks that have none. Of networks with an output layer, points in an open cell that are isolated, up to scaling
units, are certified one by one (see `enclosures`).
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from stability.arrays import Floats
from stability.compute.notebook import reporting
from stability.compute.progress import Progress
from stability.dynamics.search.enclosures import Enclosure
from stability.dynamics.search.float_networks import Kinks, TwoLayer, in_floats
from stability.dynamics.search.layer_batch import LayerBatch
from stability.dynamics.search.layer_search import layer_ends, layer_points
from stability.dynamics.search.newton import TOLERANCE, different, ends, force, is_stationary, kinks
from stability.errors import NumberError
from stability.geometry.atlas.atlas import is_affordable, known_atlas
from stability.geometry.stationary.sets import StationarySet
from stability.io.printable import amount
from stability.io.results import Displayed, ResultTable, Tabular, json_data
from stability.model.network_loss import NetworkLoss

CURVATURE = 1e-6
"""Up to which share of the largest an eigenvalue of a Hessian counts as 0."""

MOST_SPREAD = 1e6
"""Starts that are farther away end at points that floats do not distinguish."""


@dataclass(frozen=True, repr=False)
class FoundPoint(Displayed):
    """A point that a search ended on, and that is stationary up to the tolerances.

    Attributes
    ----------
    point : array
        Flat parameters: (w, b) unit by unit, then output weights and constant if they are trained.
    loss : float
    outputs : array
        On the data.
    force : float
        The norm of the smallest mean of the gradients around the point.
    kinks : list of (unit, example)
        Where the pre-activation is 0.
    kind : str
        "minimum", "maximum", "saddle" by the eigenvalues of the Hessian; "flat" if none is negative and some are 0;
        "kink" where it was not asked because of a kink.
    hits : int
        How many starts ended there.
    enclosure : Enclosure or None
        A box that is proved to hold exactly one stationary point, up to scaling units.
    """

    point: Floats
    loss: float
    outputs: Floats
    force: float
    kinks: Kinks
    kind: str
    hits: int
    enclosure: Enclosure | None = None

    def _table(self) -> ResultTable:
        rows = [
            ("point", ", ".join(f"{x:.6g}" for x in self.point)),
            ("outputs", ", ".join(f"{x:.6g}" for x in self.outputs.ravel())),
            ("force", f"{self.force:.2g}"),
            ("kinks", f"{len(self.kinks)}"),
            ("starts that ended there", str(self.hits)),
        ]
        if self.enclosure is not None:
            rows.append(("certified", f"the only one, up to scaling units, within {self.enclosure.radius:.2g}"))
        return ResultTable("Point found by a search", (), rows, finding=f"{self.kind} of loss {self.loss:.9g}")

    def to_json(self) -> dict[str, Any]:
        """Return the point as plain numbers; None for those that are not finite."""
        return {
            "point": json_data(self.point),
            "loss": json_data(self.loss),
            "outputs": json_data(self.outputs),
            "force": json_data(self.force),
            "kinks": [list(pair) for pair in self.kinks],
            "kind": self.kind,
            "hits": self.hits,
            "enclosure": None if self.enclosure is None else self.enclosure.to_json(),
        }


@dataclass(frozen=True)
class FixedPoints(Tabular):
    """What a search from many starts found.

    Attributes
    ----------
    problem : NetworkLoss or TwoLayer
    starts, seed : int
    tolerance : float
    points : list of FoundPoint
        Least loss first; points closer than the tolerance, units in any order, are one.
    failed : int
        Starts that ended nowhere.
    """

    problem: NetworkLoss | TwoLayer
    starts: int
    seed: int
    tolerance: float
    points: list[FoundPoint]
    failed: int

    @property
    def certified(self) -> list[FoundPoint]:
        """The points with an enclosure, pairwise surely different, however units are scaled or ordered."""
        return [each for each in self.points if each.enclosure is not None]

    @property
    def losses(self) -> list[float]:
        """The different losses, up to the tolerance, in ascending order."""
        found: list[float] = []
        for each in self.points:
            if not found or each.loss - found[-1] > self.tolerance:
                found.append(each.loss)
        return found

    def levels(self) -> list[tuple[float, str, list[FoundPoint]]]:
        """Return the points by loss, up to the tolerance, and kind: the least loss of each level, kind, points."""
        found: dict[tuple[float, str], list[FoundPoint]] = {}
        for each in self.points:
            near = next(loss for loss in self.losses if each.loss - loss <= self.tolerance)
            found.setdefault((near, each.kind), []).append(each)
        return [(loss, kind, same) for (loss, kind), same in found.items()]

    def agreement(self) -> "Agreement | None":
        """Return the comparison with the atlas; None where there is none, or where it is too large to compute here."""
        if not isinstance(self.problem, NetworkLoss) or not has_atlas(self.problem) or not is_affordable(self.problem):
            return None
        return agreement(self.problem, self.points, self.tolerance)

    def __repr__(self) -> str:
        lines = [": ".join(self._head())]
        for loss in self.losses:
            same = [each for each in self.points if 0 <= each.loss - loss <= self.tolerance]
            kinds = sorted({each.kind for each in same})
            points, hits = amount(len(same), "point"), amount(sum(each.hits for each in same), "start")
            sure = sum(each.enclosure is not None for each in same)
            proved = f", {sure} certified" if sure else ""
            lines.append(f"  loss {loss:.9g}: {points}, {hits}, {', '.join(kinds)}{proved}")
        return "\n".join(lines)

    def _head(self) -> tuple[str, str]:
        found = f"{len(self.points)} from {amount(self.starts, 'start')} (seed {self.seed})"
        rest = f"{amount(self.failed, 'start')} ended nowhere, points within {self.tolerance:g} are one"
        sure = f", {len(self.certified)} certified; the list is not complete" if self.is_layer else ""
        return f"Fixed points of {self.problem!r}", f"{found}, {rest}{sure}"

    @property
    def is_layer(self) -> bool:
        """Whether points are certified: of landscapes with an output layer."""
        return isinstance(self.problem, NetworkLoss) and not self.problem.network.is_plain

    def _table(self) -> ResultTable:
        rows = [
            (f"{e.loss:.9g}", e.kind, str(e.hits), ", ".join(f"{x:.6g}" for x in e.point), str(len(e.kinks)))
            for e in self.points
        ]
        head, finding = self._head()
        return ResultTable(head, ("loss", "kind", "starts", "point", "kinks"), rows, finding=finding)

    def _records(self) -> list[dict[str, Any]]:
        return [each.to_json() for each in self.points]

    def to_json(self) -> dict[str, Any]:
        """Return points and, where there is an atlas, the comparison with it."""
        compared = self.agreement()
        return {
            "problem": repr(self.problem),
            "starts": self.starts,
            "seed": self.seed,
            "tolerance": self.tolerance,
            "failed": self.failed,
            "points": [each.to_json() for each in self.points],
            "agreement": None if compared is None else compared.to_json(),
        }


@dataclass(frozen=True)
class Agreement(Displayed):
    """How a search compares with the complete list of stationary sets.

    Attributes
    ----------
    found : list of (StationarySet, int)
        Sets that were found, with how many different points on them.
    missed : list of StationarySet
    strangers : list of FoundPoint
        Points that fit none of the sets: mistakes of the search.
    """

    found: list[tuple[StationarySet, int]]
    missed: list[StationarySet]
    strangers: list[FoundPoint]

    @property
    def complete(self) -> bool:
        """Whether every set was found and every point fits one."""
        return not self.missed and not self.strangers

    def __repr__(self) -> str:
        lines = [self._head()]
        lines += [f"  found: {each!r} ({amount(count, 'point')})" for each, count in self.found]
        lines += [f"  missed: {each!r}" for each in self.missed]
        lines += [f"  fits none: loss {each.loss:.9g} at {np.round(each.point, 6).tolist()}" for each in self.strangers]
        return "\n".join(lines)

    def _head(self) -> str:
        total = len(self.found) + len(self.missed)
        return f"{len(self.found)} of {total} exact sets found, {len(self.strangers)} points fit none"

    def _table(self) -> ResultTable:
        rows = [("found", repr(each), str(count)) for each, count in self.found]
        rows += [("missed", repr(each), "0") for each in self.missed]
        rows += [("fits none", f"loss {each.loss:.9g}", "1") for each in self.strangers]
        return ResultTable("Agreement of a search with the atlas", ("", "set", "points"), rows, finding=self._head())

    def to_json(self) -> dict[str, Any]:
        """Return which sets of the atlas were found and missed, by index, and the points that fit none."""
        return {
            "found": {str(each.index): count for each, count in self.found},
            "missed": [each.index for each in self.missed],
            "strangers": [each.to_json() for each in self.strangers],
        }


def fixed_points(
    problem: NetworkLoss | TwoLayer,
    starts: int = 200,
    seed: int = 0,
    spread: float = 1.5,
    tolerance: float = TOLERANCE,
    chunk: int = 50,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> FixedPoints:
    """Return the stationary points that a search from random starts ends on.

    Networks with output weights, an output bias or units without biases are searched by Newton's method from all
    starts at once, in open cells only. What is isolated there, up to scaling units and to parameters of dead ones, is
    certified; points that are not isolated are one where outputs agree.

    Of other networks, half of the starts look for a zero of the gradient; the others also guess some pre-activations
    that are 0 and look for slopes at these kinks, between those on both sides, that balance the gradient. Start i is
    the same for every number of starts, and what it ends on does not depend on how starts are shared out.

    Parameters
    ----------
    problem : NetworkLoss or TwoLayer
    starts, seed : int
    spread : float
        The standard deviation of every parameter at the start.
    tolerance : float
        Distance up to which two points are one and a pre-activation is 0.
    chunk : int
        How many starts a worker is given at once.
    executor : concurrent.futures.Executor, optional
        Shares the work.
    progress : callable, optional
        Called with (stage, starts followed, starts in all); in a notebook there is a bar if it is left out.

    Raises
    ------
    NumberError
        If numbers make no sense.
    """
    _require_numbers(starts, seed, spread, tolerance, chunk)
    if isinstance(problem, NetworkLoss) and not problem.network.is_plain:
        return _of_output_layers(problem, starts, seed, spread, tolerance, chunk, executor, progress)
    place = in_floats(problem) if isinstance(problem, NetworkLoss) else problem
    ranges = [range(k, min(k + chunk, starts)) for k in range(0, starts, chunk)]
    work = partial(ends, place, seed=seed, spread=spread)
    found: list[Floats] = []
    with reporting(progress, "fixed points") as report:
        for part in (executor.map if executor else map)(work, ranges):
            found += part
            report("starts", len(found), starts)
    kept = [end for end in found if is_stationary(place, end, tolerance)]
    points = [_described(place, first, hits, tolerance) for first, hits in different(place, kept, tolerance)]
    points.sort(key=lambda each: (round(each.loss / tolerance), each.point.tolist()))
    return FixedPoints(problem, starts, seed, tolerance, points, starts - len(kept))


def _of_output_layers(
    problem: NetworkLoss,
    starts: int,
    seed: int,
    spread: float,
    tolerance: float,
    chunk: int,
    executor: Executor | None,
    progress: Progress | None,
) -> FixedPoints:
    batch = LayerBatch(problem)
    ranges = [range(k, min(k + chunk, starts)) for k in range(0, starts, chunk)]
    found: list[Floats] = []
    with reporting(progress, "fixed points") as report:
        for part in (executor.map if executor else map)(partial(layer_ends, batch, seed=seed, spread=spread), ranges):
            found += list(part)
            report("starts", len(found), starts)
    ends = layer_points(batch, np.array(found), tolerance)
    points = [FoundPoint(**vars(end)) for end in ends]
    points.sort(key=lambda each: (round(each.loss / tolerance), each.point.tolist()))
    return FixedPoints(problem, starts, seed, tolerance, points, starts - sum(each.hits for each in points))


def has_atlas(problem: NetworkLoss) -> bool:
    """Return whether there are atlases of such networks: those of one output, or of two that are one-hot."""
    return problem.network.outputs == 1 or (problem.network.one_hot and problem.network.outputs == 2)


def _require_numbers(starts: int, seed: int, spread: float, tolerance: float, chunk: int) -> None:
    for name, value, least in (("starts", starts, 1), ("chunk", chunk, 1), ("seed", seed, 0)):
        if value < least:
            raise NumberError(f"Expected {name} of at least {least}; got {value}.", f"Take {least}.")
    if not 0 < spread <= MOST_SPREAD:
        raise NumberError(
            f"Expected a spread above 0 and at most {MOST_SPREAD:g}; got {spread:g}.",
            "Take 1.5, or rescale the data where points are farther away.",
        )
    if not 0 < tolerance < 1:
        raise NumberError(f"Expected a tolerance between 0 and 1; got {tolerance:g}.", f"Take {TOLERANCE:g}.")


def _described(place: TwoLayer, point: Floats, hits: int, tolerance: float) -> FoundPoint:
    held = kinks(place, point, tolerance)
    kind = "kink" if held else _kind(np.asarray(np.linalg.eigvalsh(place.hessian(point)), dtype=np.float64))
    return FoundPoint(point, place.loss(point), place.outputs(point), force(place, point, tolerance), held, kind, hits)


def _kind(eigenvalues: Floats) -> str:
    bound = CURVATURE * max(1.0, float(np.max(np.abs(eigenvalues))))
    if np.all(eigenvalues > bound):
        return "minimum"
    if np.all(eigenvalues < -bound):
        return "maximum"
    return "saddle" if np.any(eigenvalues < -bound) else "flat"


def agreement(problem: NetworkLoss, points: Sequence[FoundPoint], tolerance: float = TOLERANCE) -> Agreement:
    """Return which sets of the atlas points belong to: on the same faces, with the same outputs up to the tolerance."""
    place, atlas = LayerBatch(problem), known_atlas(problem)
    counts = [0] * len(atlas.sets)
    strangers = []
    for each in points:
        outer = place.parts(each.point[None])[1][0]
        last = outer[:, 1] - outer[:, 0] if outer.shape[1] > 1 else outer[:, 0]
        signs, weights = (_signs(part, tolerance) for part in (place.heights(each.point[None])[0], last))
        own = _set_on(atlas, signs, weights)
        found = np.reshape(each.outputs, (len(place.rows), -1))[:, -1]
        if own is not None and np.max(np.abs(found - [float(f) for f in own.outputs])) <= 100 * tolerance:
            counts[own.index] += 1
        else:
            strangers.append(each)
    reached = [(each, counts[each.index]) for each in atlas.sets if counts[each.index]]
    return Agreement(reached, [each for each in atlas.sets if not counts[each.index]], strangers)


def _signs(values: Floats, tolerance: float) -> Any:
    return np.where(np.abs(values) <= tolerance, 0, np.sign(values)).astype(int).tolist()


def _set_on(atlas: Any, signs: list[list[int]], weights: list[int]) -> StationarySet | None:
    try:
        own: StationarySet | None = atlas.on_faces(signs, weights)
    except KeyError:
        return None
    return own
