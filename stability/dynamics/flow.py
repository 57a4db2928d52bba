"""Where does gradient flow go from a start, event by event, and on which stationary set does it end?"""

from collections.abc import Sequence
from fractions import Fraction

from flint import ctx

from stability.dynamics.decay import Undecided, Unsettled
from stability.dynamics.motion import Signs
from stability.dynamics.trajectories import Trajectory
from stability.dynamics.walk import Walk
from stability.errors import StabilityError
from stability.model.landscapes import Landscape, Point

PRECISIONS = (128, 512, 2048, 8192)
"""Bits, tried in turn until every sign is decided."""

MOST_EVENTS = 1000


class FlowError(StabilityError):
    """A flow that cannot be followed as asked."""


def flow(landscape: Landscape, start: Point, kinks: str = "filippov", most_events: int = MOST_EVENTS) -> Trajectory:
    """Return the trajectory of gradient flow p' = -grad L from a start.

    At kinks the velocity is any mean of those in the cells around (Filippov). Where several solutions leave a point,
    one that is held on its faces is followed, and `branches` lists the others; a start that is stationary rests.

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
        raise FlowError(f"Expected the kinks 'filippov' or 'torch'; got {kinks!r}.", "Write filippov, or leave it out.")
    return followed(landscape, landscape.point(start), (), most_events, kinks == "torch")


def followed(
    landscape: Landscape,
    start: list[list[Fraction]],
    choices: Sequence[tuple[int, Signs]],
    most_events: int,
    torch: bool = False,
) -> Trajectory:
    """Return the trajectory from a start on which some faces are chosen where there are several ways."""
    reason = ""
    for bits in PRECISIONS:
        old, ctx.prec = ctx.prec, bits
        walk = Walk(landscape, start, most_events, torch, dict(choices))
        try:
            return walk.run()
        except Unsettled as problem:
            return walk.stopped(str(problem))
        except Undecided as problem:
            reason = f"{str(problem) or 'a sign'} is not decided with {bits} bits"
        finally:
            ctx.prec = old
    return walk.stopped(reason)
