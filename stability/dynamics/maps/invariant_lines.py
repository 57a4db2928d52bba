"""Lines on which gradient descent stays, and the piecewise-linear map that it is there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from stability.errors import PointError, StabilityError
from stability.exact.numbers import Exact, rational
from stability.model.network_loss import NetworkLoss, Point, Vector, dot


class LineError(StabilityError, ValueError):
    """A line that gradient descent leaves."""


@dataclass(frozen=True)
class LinePiece:
    """A linear map c -> slope * c + level on an open interval; None stands for an infinite end."""

    low: Fraction | None
    high: Fraction | None
    slope: Fraction
    level: Fraction

    def __call__(self, c: Fraction) -> Fraction:
        """Return the image of a point."""
        return self.slope * c + self.level

    def contains(self, c: Fraction) -> bool:
        """Return whether c lies in the open interval."""
        return (self.low is None or self.low < c) and (self.high is None or c < self.high)


@dataclass(frozen=True)
class LineMap:
    """One step of gradient descent on an invariant line: c -> T(c), linear between kinks.

    Attributes
    ----------
    pieces : list of LinePiece
        From left to right; each ends where the next begins.
    kinks : dict
        The image of every kink, with torch's slope there.
    """

    pieces: list[LinePiece]
    kinks: dict[Fraction, Fraction]

    def __call__(self, c: Exact) -> Fraction:
        """Return the image of a point."""
        x = rational(c)
        return self.kinks[x] if x in self.kinks else self.piece(x)(x)

    def piece(self, c: Fraction) -> LinePiece:
        """Return the piece that holds a point other than a kink."""
        return next(piece for piece in self.pieces if piece.contains(c))

    def orbit(self, c: Exact, steps: int) -> list[Fraction]:
        """Return a point and its next images, steps + 1 points in all."""
        found = [rational(c)]
        for _ in range(steps):
            found.append(self(found[-1]))
        return found

    def image(self, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
        """Return the least closed interval that contains the image of a closed interval."""
        ends = [image for kink, image in self.kinks.items() if low <= kink <= high]
        for piece in self.pieces:
            left = low if piece.low is None else max(low, piece.low)
            right = high if piece.high is None else min(high, piece.high)
            if left < right or piece.contains(left):
                ends += [piece(left), piece(right)]
        return min(ends), max(ends)

    def slopes(self, low: Fraction, high: Fraction) -> list[Fraction]:
        """Return the slopes of the pieces that meet the interior of an interval."""
        return [p.slope for p in self.pieces if (p.low is None or p.low < high) and (p.high is None or low < p.high)]


@dataclass(frozen=True)
class Line:
    """A line that gradient descent does not leave: the points origin + c * direction.

    Attributes
    ----------
    landscape : NetworkLoss
    origin, direction : list of Fraction
        Flat, unit after unit.
    kinks : list of Fraction
        The c at which some pre-activation changes its sign.
    pieces : list of (Fraction, Fraction)
        (curvature, force) between kinks: the gradient is (curvature * c + force) times the direction.
    at_kinks : list of Fraction
        The same factor at each kink, with torch's slope there.
    """

    landscape: NetworkLoss
    origin: Vector
    direction: Vector
    kinks: list[Fraction]
    pieces: list[tuple[Fraction, Fraction]]
    at_kinks: list[Fraction]

    def map(self, step: Exact) -> LineMap:
        """Return gradient descent with a step above 0 on this line.

        Raises
        ------
        PointError
            If the step is not above 0.
        """
        eta = rational(step)
        if eta <= 0:
            raise PointError(f"Expected a step above 0; got {step}.", "Write '1/10'.")
        ends = [None, *self.kinks, None]
        found = [
            LinePiece(low, high, 1 - eta * curvature, -eta * force)
            for (low, high), (curvature, force) in zip(pairwise(ends), self.pieces, strict=True)
        ]
        return LineMap(found, {c: c - eta * g for c, g in zip(self.kinks, self.at_kinks, strict=True)})


def line(landscape: NetworkLoss, origin: Point, direction: Point) -> Line:
    """Return the restriction of gradient descent to a line.

    Parameters
    ----------
    landscape : NetworkLoss
    origin, direction : rows (w_1, ..., w_d, b), one per unit, and (c) with an output bias
        The line holds the points origin + c * direction.

    Raises
    ------
    PointError, NumberError
        If a shape does not fit, or the direction is 0.
    LineError
        If the gradient leaves the line somewhere; the message says where.
    """
    start, along = ([x for row in landscape.point(p) for x in row] for p in (origin, direction))
    if not any(along):
        raise PointError("Expected a direction other than 0.", "Write [[1, -1, 0]].")
    kinks = _kinks(landscape, start, along)
    factor = _factor(landscape, start, along)
    pieces = []
    for low, high in pairwise([None, *kinks, None]):
        a, b = two_inside(low, high)
        curvature = (factor(b) - factor(a)) / (b - a)
        pieces.append((curvature, factor(a) - curvature * a))
    return Line(landscape, start, along, kinks, pieces, [factor(c) for c in kinks])


def _kinks(landscape: NetworkLoss, start: Vector, along: Vector) -> list[Fraction]:
    """Return where pre-activations vanish on the line without vanishing on all of it."""
    found = set()
    for unit in landscape.blocks[: landscape.units]:
        for row in landscape.rows:
            moves = dot(along[unit], row)
            if moves:
                found.add(-dot(start[unit], row) / moves)
    return sorted(found)


def _factor(landscape: NetworkLoss, start: Vector, along: Vector) -> Callable[[Fraction], Fraction]:
    """Return the function that gives the gradient as a multiple of the direction, and refuses where it is none.

    Between kinks the gradient is linear in c, so that two points decide whether all of it is a multiple.
    """
    square = dot(along, along)

    def factor(c: Fraction) -> Fraction:
        flat = [p + c * d for p, d in zip(start, along, strict=True)]
        gradient = landscape.autograd_gradient(landscape.by_unit(flat))
        multiple = dot(gradient, along) / square
        if gradient != [multiple * d for d in along]:
            raise LineError(
                f"Gradient descent leaves this line at c = {c}, where the gradient is {[str(g) for g in gradient]}.",
                "Take a line that a symmetry of the data leaves fixed, as w = c(1, -1), b = 0 on xor.",
            )
        return multiple

    return factor


def two_inside(low: Fraction | None, high: Fraction | None) -> Sequence[Fraction]:
    """Return two points of an open interval."""
    if low is None and high is None:
        return Fraction(0), Fraction(1)
    if low is None or high is None:
        end, way = (high, -1) if low is None else (low, 1)
        return (end or Fraction(0)) + way, (end or Fraction(0)) + 2 * way
    return (2 * low + high) / 3, (low + 2 * high) / 3
