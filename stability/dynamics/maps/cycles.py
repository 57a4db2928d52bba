"""Cycles of gradient descent on a line, beyond the limit of stable steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from stability.dynamics.maps.invariant_lines import LineMap, LinePiece, two_inside
from stability.errors import StabilityError
from stability.exact.numbers import formatted
from stability.io.results import Displayed, ResultTable

MOST_PATHS = 100_000
"""Itineraries after which a search for cycles is refused."""

Interval = tuple[Fraction | None, Fraction | None]
"""An open interval; None stands for an infinite end."""


@dataclass(frozen=True, repr=False)
class Cycle(Displayed):
    """A cycle of a piecewise-linear map.

    Attributes
    ----------
    points : list of Fraction
        In the order in which they are visited, the least one first.
    multiplier : Fraction or None
        The derivative of one round; None if a point is a kink.
    family : Interval or None
        Where the first point may move with the cycle remaining one (multiplier 1); None if it is isolated.
    """

    points: list[Fraction]
    multiplier: Fraction | None
    family: Interval | None = None

    @property
    def attracting(self) -> bool:
        """Whether nearby points are drawn to it, |multiplier| < 1."""
        return self.multiplier is not None and abs(self.multiplier) < 1

    def _table(self) -> ResultTable:
        kind = "attracting" if self.attracting else "not attracting" if self.multiplier is not None else "on a kink"
        points = " -> ".join(map(formatted, self.points))
        multiplier = "none" if self.multiplier is None else formatted(self.multiplier)
        family = "" if self.family is None else "one of a family; "
        finding = f"{points}; {family}{kind}, multiplier {multiplier}"
        return ResultTable(f"Cycle of period {len(self.points)}", finding=finding)

    def to_json(self) -> dict[str, Any]:
        """Return the cycle with exact numbers as text."""
        family = None if self.family is None else [None if end is None else str(end) for end in self.family]
        multiplier = None if self.multiplier is None else str(self.multiplier)
        return {"points": [str(c) for c in self.points], "multiplier": multiplier, "family": family}


def cycles(descent: LineMap, period: int) -> list[Cycle]:
    """Return all cycles of exactly this period, 1 for fixed points, 2 for two points in turn; least points first.

    Every itinerary through the pieces gives one linear equation, so the list is complete. Where that equation holds on
    a whole interval the cycles come in a family, which is one entry, with some of its points.

    Raises
    ------
    StabilityError
        If the period is below 1, or there are too many itineraries.
    """
    if period < 1:
        raise StabilityError(f"Expected a period of at least 1; got {period}.", "Write 2.")
    found: dict[Any, Cycle] = {}
    for path in _paths(descent, period):
        if path.slope == 1 and not path.level:
            found.update(_family(descent, path, period))
        elif path.slope != 1 and path.contains(path.level / (1 - path.slope)):
            orbit = _round(descent, path.level / (1 - path.slope), period)
            found.update({tuple(points): Cycle(points, path.slope) for points in orbit})
    for kink in descent.kinks:
        found.update({tuple(points): Cycle(points, None) for points in _round(descent, kink, period)})
    return sorted(found.values(), key=lambda each: each.points)


def _round(descent: LineMap, start: Fraction, period: int) -> list[list[Fraction]]:
    """Return the cycle through a point, least point first, as the only entry; or nothing."""
    orbit = descent.orbit(start, period)
    if orbit[-1] != start or start in orbit[1:-1]:
        return []
    least = orbit.index(min(orbit))
    return [[*orbit[least:-1], *orbit[:least]]]


def _family(descent: LineMap, path: LinePiece, period: int) -> dict[Any, Cycle]:
    """Return the cycles of an itinerary that closes everywhere, under a key that its rotations share."""
    starts = [c for c in two_inside(path.low, path.high) if _round(descent, c, period)]
    if not starts:
        return {}
    orbit = descent.orbit(starts[0], period - 1)
    intervals: list[Interval] = [(path.low, path.high)]
    for c in orbit[:-1]:
        intervals.append(_image(descent.piece(c), *intervals[-1]))
    least = orbit.index(min(orbit))
    points = [*orbit[least:], *orbit[:least]]
    return {frozenset(intervals): Cycle(points, Fraction(1), intervals[least])}


def _image(piece: LinePiece, low: Fraction | None, high: Fraction | None) -> Interval:
    left, right = (None if end is None else piece(end) for end in (low, high))
    return (left, right) if piece.slope > 0 else (right, left)


def _paths(descent: LineMap, period: int) -> Iterator[LinePiece]:
    """Yield, for each itinerary through open pieces, where it holds and the map of one round."""
    stack, seen = [(piece, 1) for piece in descent.pieces], 0
    while stack:
        path, length = stack.pop()
        seen += 1
        if seen > MOST_PATHS:
            raise StabilityError(f"More than {MOST_PATHS} itineraries of length {period}.", "Take a shorter period.")
        if length == period:
            yield path
            continue
        followed = (_after(path, piece) for piece in descent.pieces)
        stack += [(following, length + 1) for following in followed if following is not None]


def _after(path: LinePiece, piece: LinePiece) -> LinePiece | None:
    """Return a path followed by a piece, on those points that the path brings there; None if there are none."""
    slope, level = piece.slope * path.slope, piece.slope * path.level + piece.level
    if path.slope == 0:
        return LinePiece(path.low, path.high, slope, level) if piece.contains(path.level) else None
    ends = [None if end is None else (end - path.level) / path.slope for end in (piece.low, piece.high)]
    left, right = ends if path.slope > 0 else ends[::-1]
    low = max((end for end in (path.low, left) if end is not None), default=None)
    high = min((end for end in (path.high, right) if end is not None), default=None)
    return None if low is not None and high is not None and low >= high else LinePiece(low, high, slope, level)
