"""The first events along a motion, and whether several come together for a reason."""

from collections.abc import Sequence
from typing import TypeVar

from stability.dynamics.flow.filippov import Functional
from stability.dynamics.flow.linear_relations import Relations
from stability.exact.exponential_sums import RootBall, Undecided

Name = TypeVar("Name")


def earliest(
    roots: Sequence[tuple[RootBall, Name, Functional]], invariants: Relations
) -> list[tuple[RootBall, Name, Functional]]:
    """Return the events that come first; several only if they provably come at the same time."""
    if not roots:
        return []
    order = sorted(roots, key=lambda entry: entry[0].time.mid())
    first = [order[0]]
    for other in order[1:]:
        if other[0].time > order[0][0].time:
            continue
        if not _proportional(order[0][2], other[2], invariants):
            raise Undecided("whether two events come at the same time")
        first.append(other)
    return first


def _proportional(a: Functional, b: Functional, invariants: Relations) -> bool:
    """Return whether one functional is a multiple of the other along the motion."""
    joined = invariants.joined([[*a[0], -a[1]]])
    value = joined.value(b[0])
    return value is not None and value + b[1] == 0
