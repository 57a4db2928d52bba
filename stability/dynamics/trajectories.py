"""What is a trajectory: its pieces, its events, and where it ends?"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stability.dynamics.motion import Signs
from stability.errors import CertificateError
from stability.exact.records import Judged, Record
from stability.geometry.sets import StationarySet
from stability.model.landscapes import Landscape


@dataclass(frozen=True)
class Event:
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
class Piece:
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


@dataclass(frozen=True)
class Trajectory:
    """A solution of gradient flow from a start.

    Attributes
    ----------
    landscape : Landscape
    start : list of list of Fraction
    pieces : list of Piece
    events : list of Event
    point : list of list of Fraction or float
        The limit; coordinates that are known exactly are Fractions.
    loss : Fraction or None
        The exact loss of the limit.
    ends_on : StationarySet or None
        The stationary set that contains the limit; None where that is undecided, with the reason.
    unique : bool
        Whether it is the only solution (no branch was passed).
    reason : str
        Why the end is not decided.
    """

    landscape: Landscape
    start: list[list[Fraction]]
    pieces: list[Piece]
    events: list[Event]
    point: list[list[Fraction | float]]
    loss: Fraction | None
    ends_on: StationarySet | None
    unique: bool = True
    reason: str = ""

    def at(self, times: Sequence[float]) -> NDArray[np.float64]:
        """Return the points at times >= 0, as an array of shape (times, units, d + 1); NaN beyond the last piece."""
        times_ = np.asarray(times, dtype=float)
        found = np.full((len(times_), self.landscape.parameters), np.nan)
        for piece in self.pieces:
            chosen = (times_ >= piece.start) & (times_ <= piece.end)
            found[chosen] = piece.at(times_[chosen])
        return found.reshape(len(times_), self.landscape.units, self.landscape.width)

    @cached_property
    def certificate(self) -> Judged:
        """The certificate of its end, confirmed by the checker; open, with the reason, where margins are missing."""
        from stability.dynamics.certified import certificate

        return certificate(self)

    def record(self) -> Record:
        """Return the certificate of where it ends, by which events, as `stability check` reads it.

        Raises
        ------
        CertificateError
            If there is none, or the checker does not accept it.
        """
        found = self.certificate
        if found.record is None:
            raise CertificateError("The trajectory could not be certified.", found.reason)
        return found.record

    def to_json(self) -> dict[str, Any]:
        """Return start, events and end, exact numbers as text."""
        end: dict[str, Any] = {
            "point": [[str(x) if isinstance(x, Fraction) else x for x in row] for row in self.point],
            "loss": None if self.loss is None else str(self.loss),
            "kind": None if self.ends_on is None else self.ends_on.kind,
            "set": None if self.ends_on is None else self.ends_on.index,
            "reason": self.reason,
        }
        return {
            "model": self.landscape.network.name,
            "data": self.landscape.data.name,
            "loss_kind": self.landscape.loss_kind,
            "start": [[str(x) for x in row] for row in self.start],
            "events": [event.to_json() for event in self.events],
            "unique": self.unique,
            "end": end,
        }
