"""Solutions of gradient flow: their pieces, their events, and where they end."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stability.arrays import Floats
from stability.dynamics.flow.face_flow import Signs
from stability.exact.numbers import formatted, formatted_vector
from stability.geometry.stationary.sets import StationarySet
from stability.io.results import Displayed, ResultTable
from stability.model.flat_points import point_shape
from stability.model.float_loss import losses
from stability.model.network_loss import NetworkLoss

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class FlowEvent:
    """What happened at a time.

    Attributes
    ----------
    time : tuple of Fraction
        An interval that contains it; equal ends where it is exact.
    kind : str
        "crossing", "sliding begins", "sliding ends", "branch" or "stop".
    unit, example : int or None
        Which kink, counted from 0.
    detail : str
        For a branch: how many ways there were.
    """

    time: tuple[Fraction, Fraction]
    kind: str
    unit: int | None = None
    example: int | None = None
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the event, with its time rounded and in exact bounds."""
        return {
            "time": float(sum(self.time)) / 2,
            "between": [str(t) for t in self.time],
            "kind": self.kind,
            "unit": self.unit,
            "example": self.example,
            "detail": self.detail,
        }


@dataclass(frozen=True)
class OtherSolution:
    """Another solution of gradient flow that leaves a trajectory at a point where there are several.

    Attributes
    ----------
    landscape : NetworkLoss
    start : list of list of Fraction
        Of the trajectory.
    time : tuple of Fraction
        An interval that contains the time at which it leaves.
    signs : Signs
        The faces that it moves on from there.
    held : bool
        Whether no other solution leaves these faces right after; else it may be left at any later time.
    known : bool
        Whether it is decided that there is this solution.
    choices : tuple of (int, Signs)
        What was chosen at which turn, this branch being the last: by that it is followed.
    max_events : int
    """

    landscape: NetworkLoss
    start: list[list[Fraction]]
    time: tuple[Fraction, Fraction]
    signs: Signs
    held: bool
    known: bool
    choices: tuple[tuple[int, Signs], ...]
    max_events: int

    @cached_property
    def trajectory(self) -> "Solution":
        """The solution from the start that follows this branch, with the branches that leave it later."""
        from stability.dynamics.flow.solve import followed

        return followed(self.landscape, self.start, self.choices, self.max_events)

    def to_json(self) -> dict[str, Any]:
        """Return when it leaves, its faces, and where it ends."""
        return {
            "time": float(sum(self.time)) / 2,
            "between": [str(t) for t in self.time],
            "faces": ["".join("-0+"[s + 1] for s in row) for row in self.signs],
            "held": self.held,
            "known": self.known,
            "end": self.trajectory.end_to_json(),
        }


@dataclass(frozen=True)
class FlowPiece:
    """Motion on one choice of faces: p(t) = level + sum of terms_l exp(-rates_l (t - start)), start <= t <= end.

    Attributes
    ----------
    signs : Signs
    start, end : float
        Times; the end of the last piece is infinite.
    level : array of shape (parameters,)
    terms : array of shape (rates, parameters)
    rates : array of shape (rates,)
    """

    signs: Signs
    start: float
    end: float
    level: NDArray[np.float64]
    terms: NDArray[np.float64]
    rates: NDArray[np.float64]

    def at(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the points at times, as an array of shape (times, parameters)."""
        decay = np.exp(-np.multiply.outer(np.asarray(times) - self.start, self.rates))
        return self.level + decay @ self.terms


def _entry(x: Fraction | float) -> str:
    return formatted(x) if isinstance(x, Fraction) else f"~{x:.6g}"


@dataclass(frozen=True, repr=False)
class Solution(Displayed):
    """A solution of gradient flow from a start.

    Attributes
    ----------
    landscape : NetworkLoss
    start : list of list of Fraction
    pieces : list of FlowPiece
    events : list of FlowEvent
    point : list of list of Fraction or float
        The limit; coordinates that are known exactly are Fractions.
    loss : Fraction or None
        The exact loss of the limit.
    ends_on : StationarySet or None
        The stationary set that contains the limit; None where that is undecided, with the reason.
    unique : bool
        Whether it is decided that it is the only solution.
    reason : str
        Why the end is not decided.
    branches : list of OtherSolution
        The other solutions that leave it, each where it leaves, those that leave at one point together. Empty if it is
        unique.
    """

    landscape: NetworkLoss
    start: list[list[Fraction]]
    pieces: list[FlowPiece]
    events: list[FlowEvent]
    point: list[list[Fraction | float]]
    loss: Fraction | None
    ends_on: StationarySet | None
    unique: bool = True
    reason: str = ""
    branches: list[OtherSolution] = field(default_factory=list)

    def __repr__(self) -> str:
        """Return where it starts and ends, and whether it is unique; `to_json` has everything."""
        start = "; ".join(map(formatted_vector, self.start))
        reason = f" ({self.reason})" if self.reason else ""
        alone = "unique" if self.unique else "not decided to be the only solution"
        end = f"{self.end}, at {self.spot}{reason}"
        return f"{self.landscape!r}: gradient flow from {start} ends on {end}; {alone}"

    def _table(self) -> ResultTable:
        rows = [
            ("ends on", self.end),
            ("at", self.spot),
            ("the only solution", "yes" if self.unique else "not decided" if not self.branches else "no"),
            *(("event", f"{each.kind} at time {float(sum(each.time)) / 2:.6g}") for each in self.events),
        ]
        start = "; ".join(map(formatted_vector, self.start))
        notes = [self.reason] if self.reason else []
        return ResultTable(f"{self.landscape!r}: gradient flow from {start}", (), rows, notes, f"ends on {self.end}")

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the loss over time, with a letter at each event; return the Axes."""
        from stability.plot.trajectory import draw_trajectory

        return draw_trajectory(ax, self)

    @property
    def end(self) -> str:
        """On which set it ends, in words, with the loss there."""
        end = "undecided" if self.ends_on is None else f"a {self.ends_on.kind}, set {self.ends_on.index} of the atlas"
        return end if self.loss is None else f"{end}, loss {formatted(self.loss)}"

    @property
    def spot(self) -> str:
        """Where it ends, in words; ~ stands before what is rounded."""
        return "; ".join(f"({', '.join(map(_entry, row))})" for row in self.point)

    def solutions(self, max_solutions: int = 64) -> Iterator["Solution"]:
        """Yield this trajectory and those along its branches, and along theirs, nearest first; at most so many.

        Where a branch may be left at any time, the solutions that leave it later than at once are not among them.
        """
        waiting, count = deque([self]), 0
        while waiting and count < max_solutions:
            found, count = waiting.popleft(), count + 1
            yield found
            waiting.extend(branch.trajectory for branch in found.branches[: max_solutions - count - len(waiting)])

    def ends(self, max_solutions: int = 64) -> list[StationarySet]:
        """Return the sets on which the solutions from the start end, as far as they are decided; each once."""
        found = {each.ends_on.index: each.ends_on for each in self.solutions(max_solutions) if each.ends_on is not None}
        return [found[k] for k in sorted(found)]

    def at(self, times: Sequence[float]) -> NDArray[np.float64]:
        """Return the points at times >= 0; NaN beyond the last piece.

        They have the shape (times, units, d + 1), or (times, parameters) where there is an output bias.
        """
        times_ = np.asarray(times, dtype=float)
        found = np.full((len(times_), self.landscape.parameters), np.nan)
        for piece in self.pieces:
            chosen = (times_ >= piece.start) & (times_ <= piece.end)
            found[chosen] = piece.at(times_[chosen])
        return found.reshape(len(times_), *point_shape(self.landscape))

    def losses(self, times: Sequence[float]) -> Floats:
        """Return the loss at times >= 0, as an array of shape (times,)."""
        return losses(self.landscape, self.at(times))

    def preactivations(self, times: Sequence[float]) -> Floats:
        """Return the pre-activations at times >= 0, as an array of shape (times, units, examples)."""
        land, flat = self.landscape, self.at(times).reshape(len(times), -1)
        units = flat[:, : land.units * land.width].reshape(len(times), land.units, land.width)
        found: Floats = units @ np.array(land.rows, dtype=float).T
        return found

    def to_json(self) -> dict[str, Any]:
        """Return start, events and end, exact numbers as text."""
        return {
            **self.landscape.names,
            "start": [[str(x) for x in row] for row in self.start],
            "events": [event.to_json() for event in self.events],
            "unique": self.unique,
            "branches": [branch.to_json() for branch in self.branches],
            "end": self.end_to_json(),
        }

    def end_to_json(self) -> dict[str, Any]:
        """Return the limit, its loss, and the set that contains it, or why that is not decided."""
        return {
            "point": [[str(x) if isinstance(x, Fraction) else x for x in row] for row in self.point],
            "loss": None if self.loss is None else str(self.loss),
            "kind": None if self.ends_on is None else self.ends_on.kind,
            "set": None if self.ends_on is None else self.ends_on.index,
            "reason": self.reason,
        }
