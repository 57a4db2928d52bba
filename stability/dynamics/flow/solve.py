"""Gradient flow followed from a start, with more and more bits until every sign is decided."""

from collections.abc import Sequence
from fractions import Fraction

from flint import ctx

from stability.dynamics.flow.event_tracking import EventTracker
from stability.dynamics.flow.face_flow import Signs
from stability.dynamics.flow.solutions import Solution
from stability.exact.exponential_sums import Undecided, Unsettled
from stability.model.network_loss import NetworkLoss

PRECISIONS = (128, 512, 2048, 8192)
"""Bits, tried in turn until every sign is decided."""


MOST_EVENTS = 1000


def followed(
    landscape: NetworkLoss,
    start: list[list[Fraction]],
    choices: Sequence[tuple[int, Signs]] = (),
    max_events: int = MOST_EVENTS,
    torch: bool = False,
) -> Solution:
    """Return the trajectory from a start on which some faces are chosen where there are several ways."""
    reason = ""
    for bits in PRECISIONS:
        old, ctx.prec = ctx.prec, bits
        tracker = EventTracker(landscape, start, max_events, torch, dict(choices))
        try:
            return tracker.run()
        except Unsettled as problem:
            return tracker.stopped(str(problem))
        except Undecided as problem:
            reason = f"{str(problem) or 'a sign'} is not decided with {bits} bits"
        finally:
            ctx.prec = old
    return tracker.stopped(reason)
