"""Gradient flow from a start, event by event, with the certificate of where it ends."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property

from stability.dynamics.flow.solutions import Solution
from stability.dynamics.flow.solve import MOST_EVENTS, followed
from stability.dynamics.flow.statements import certificate
from stability.errors import CertificateError, StabilityError
from stability.logic.records import Judged, Record
from stability.model.network_loss import NetworkLoss, Point
from stability.model.restrictions import NOT_LINEAR, require_fixed


class FlowError(StabilityError, ValueError):
    """A flow that cannot be followed as asked."""


@dataclass(frozen=True, repr=False)
class Trajectory(Solution):
    """A solution of gradient flow from a start, with the certificate of where it ends.

    Examples
    --------
    >>> from stability import landscape
    >>> found = landscape("abs1", "xor").flow([["1/2", "-1/3", "1/10"]])
    >>> found.ends_on.kind
    'global minimum'
    """

    def solutions(self, max_solutions: int = 64) -> "Iterator[Trajectory]":
        """Yield this trajectory and those along its branches, and along theirs, nearest first; at most so many."""
        return map(_trajectory, super().solutions(max_solutions))

    @cached_property
    def certificate(self) -> Judged:
        """The certificate of its end, confirmed by the checker; open, with the reason, where margins are missing."""
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


def _trajectory(found: Solution) -> Trajectory:
    return Trajectory(**{each.name: getattr(found, each.name) for each in fields(found)})


def flow(landscape: NetworkLoss, start: Point, kinks: str = "filippov", max_events: int = MOST_EVENTS) -> Trajectory:
    """Return the trajectory of gradient flow p' = -grad L from a start.

    At kinks the velocity is any mean of those in the cells around (Filippov). Where several solutions leave a point,
    one that is held on its faces is followed, and `branches` lists the others; a start that is stationary rests.

    Parameters
    ----------
    landscape : NetworkLoss
    start : rows (w_1, ..., w_d, b), one per unit, and the output bias where there is one
    kinks : str
        "filippov", or "torch": a start on kinks rests or leaves them as torch's gradient there says.
    max_events : int
        After so many events the trajectory is given up and returned as far as it got.

    Raises
    ------
    PointError, NumberError
        If the start has the wrong shape or is not finite.
    """
    require_fixed(landscape, "gradient flow", NOT_LINEAR)
    if kinks not in ("filippov", "torch"):
        raise FlowError(f"Expected the kinks 'filippov' or 'torch'; got {kinks!r}.", "Write filippov, or leave it out.")
    return _trajectory(followed(landscape, landscape.point(start), (), max_events, kinks == "torch"))
