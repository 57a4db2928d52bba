"""Where does gradient flow go from a start, event by event, and on which stationary set does it end?"""

from flint import ctx

from stability.dynamics.decay import Undecided
from stability.dynamics.trajectories import Trajectory
from stability.dynamics.walk import Walk
from stability.errors import StabilityError
from stability.model.landscapes import Landscape, Point

PRECISIONS = (128, 512, 2048)
"""Bits, tried in turn until every sign is decided."""

MOST_EVENTS = 1000


class FlowError(StabilityError):
    """A flow that cannot be followed as asked."""


def flow(landscape: Landscape, start: Point, kinks: str = "filippov", most_events: int = MOST_EVENTS) -> Trajectory:
    """Return the trajectory of gradient flow p' = -grad L from a start.

    At kinks the velocity is any mean of those on both sides (Filippov). A start that is stationary rests, though
    other solutions may leave it; that is noted as a branch.

    Parameters
    ----------
    landscape : Landscape
    start : rows (w_1, ..., w_d, b), one per unit
    kinks : str
        "filippov", or "torch": a start on kinks rests or leaves them as torch's gradient there says.
    most_events : int
        After so many events the trajectory is given up and returned as far as it got.

    Raises
    ------
    PointError, NumberError
        If the start has the wrong shape or is not finite.
    """
    if kinks not in ("filippov", "torch"):
        raise FlowError(f"Expected the kinks 'filippov' or 'torch'; got {kinks!r}.", "Write kinks='filippov'.")
    rows = landscape.point(start)
    reason = ""
    for bits in PRECISIONS:
        old, ctx.prec = ctx.prec, bits
        walk = Walk(landscape, rows, most_events, kinks == "torch")
        try:
            return walk.run()
        except Undecided:
            reason = f"a sign is not decided with {bits} bits"
        finally:
            ctx.prec = old
    return walk.stopped(reason)
