"""Angles at which one unit in the plane feels no torque, the radius and the bias being frozen.

Along w = r (cos theta, sin theta) with r and b = beta r frozen, and with tau = tan(theta / 2), the derivative of the
loss in theta is in every cell a polynomial of degree 4 in tau over (1 + tau^2)^2, and kinks are roots of quadratics. So
stationary angles are algebraic, and what they are is decided exactly at a rational ratio.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import atan, atan2, degrees, pi
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import fmpq_poly

from stability.arrays import Floats
from stability.errors import NumberError
from stability.exact.algebraic_numbers import sign, value_at
from stability.exact.numbers import Exact, formatted, rational
from stability.exact.rational_functions import Function, flint
from stability.exact.real_roots import Root, between, primitive_part, real_roots
from stability.geometry.arrangement.enumerate import arrange
from stability.geometry.arrangement.integer_problem import integers
from stability.io.results import Displayed, ResultList, ResultTable
from stability.model.float_loss import losses
from stability.model.network_loss import NetworkLoss, require_landscape
from stability.model.restrictions import require_one_unit_in_the_plane
from stability.symbolic.patterns import write_pattern

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Pattern = tuple[int, ...]
TRIPLES = ((4, 3, 5), (12, 5, 13), (15, 8, 17), (24, 7, 25), (35, 12, 37), (40, 9, 41), (45, 28, 53), (60, 11, 61))
TURNS = [(Fraction(a, c), Fraction(b, c)) for a, b, c in TRIPLES]
"""Rational turns (cos, sin); tau = oo is a direction that must be no kink and not stationary."""


@dataclass(frozen=True)
class StationaryAngle(Displayed):
    """An angle, or a flat arc, at which the angular loss is stationary in Clarke's sense.

    Attributes
    ----------
    theta : float
        In [0, 2 pi); the middle of an arc.
    kind : str
        "minimum", "maximum", "neither" (the loss goes on), or "flat arc"; "edge" next to a flat arc.
    pattern : tuple of int
        The sign of every pre-activation: 0 at a kink.
    turn : (cos, sin)
    tau : Root or None
        theta is the angle of the turn plus twice the arctangent of tau; None for an arc.
    """

    theta: float
    kind: str
    pattern: Pattern
    turn: tuple[Fraction, Fraction]
    tau: Root | None

    @property
    def look(self) -> tuple[str, Pattern]:
        """What it is, apart from where."""
        return self.kind, self.pattern

    def __repr__(self) -> str:
        return f"{self.kind} at {self.theta:.6f}, {write_pattern([self.pattern])}"

    def _table(self) -> ResultTable:
        rows = [
            ("kind", self.kind),
            ("angle", f"{self.theta:.6f}"),
            ("in degrees", f"{degrees(self.theta):.4f}"),
            ("signs of the pre-activations", write_pattern([self.pattern])),
        ]
        return ResultTable("Stationary angle", (), rows, finding=repr(self))

    def to_json(self) -> dict[str, Any]:
        """Return the angle rounded, and exactly: that of the turn plus twice the arctangent of tau."""
        return {
            "kind": self.kind,
            "theta": self.theta,
            "pattern": list(self.pattern),
            "turn": [str(x) for x in self.turn],
            "tau": None if self.tau is None else self.tau.to_json(),
        }


class StationaryAngles(ResultList[StationaryAngle]):
    """All angles at which the angular loss is stationary, radius and bias frozen, in ascending order.

    Parameters
    ----------
    results : iterable of StationaryAngle
    landscape : NetworkLoss
    radius, ratio : Fraction
        r and b/r.
    """

    part = "angles"

    def __init__(
        self, results: Iterable[StationaryAngle], landscape: NetworkLoss, radius: Fraction, ratio: Fraction
    ) -> None:
        super().__init__(results, **landscape.names, radius=str(radius), ratio=str(ratio))
        self.landscape, self.radius, self.ratio = landscape, radius, ratio

    def _table(self) -> ResultTable:
        rows = [
            (each.kind, f"{each.theta:.6f}", f"{degrees(each.theta):.4f}", write_pattern([each.pattern]))
            for each in self
        ]
        frozen = f"r = {formatted(self.radius)}, b/r = {formatted(self.ratio)}"
        columns = ("kind", "angle", "in degrees", "signs of the pre-activations")
        counts = Counter(each.kind for each in self)
        finding = ", ".join(f"{count} x {kind}" for kind, count in sorted(counts.items())) or "none"
        return ResultTable(f"{self.landscape!r}: stationary angles at {frozen}", columns, rows, finding=finding)

    def _records(self) -> list[dict[str, Any]]:
        return [{"kind": each.kind, "theta": each.theta, "pattern": write_pattern([each.pattern])} for each in self]

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the angular loss over one turn with its stationary angles; return the Axes."""
        from stability.plot.stationary_angles import draw_stationary_angles

        angles = np.array([each.theta for each in self])
        turn = np.unique(np.concatenate([np.linspace(0, 2 * pi, 721), angles]))
        places, curve = (angles, self._losses(angles)), (turn, self._losses(turn))
        return draw_stationary_angles(ax, curve, places, [each.kind for each in self])

    def _losses(self, angles: Floats) -> Floats:
        """Return the loss at angles, in floats."""
        r, b = float(self.radius), float(self.radius * self.ratio)
        points = np.stack([r * np.cos(angles), r * np.sin(angles), np.full_like(angles, b)], axis=-1)
        return losses(self.landscape, points[:, None])


class AngularDerivative:
    """The angular derivative in every cell, as a polynomial in tau whose coefficients are affine in beta.

    Parameters
    ----------
    landscape : NetworkLoss
        One unit in the plane.
    radius : Fraction
    turn : (cos, sin)
        From where angles are measured.
    """

    def __init__(self, landscape: NetworkLoss, radius: Fraction, turn: tuple[Fraction, Fraction]) -> None:
        self.landscape, self.radius, self.turn = landscape, radius, turn
        c, s = turn
        self.points = [(c * x + s * y, c * y - s * x) for x, y in landscape.data.points]

    def kink(self, i: int, beta: Any) -> list[Any]:
        """Return the coefficients of (1 + tau^2) z_i / r, constant term first."""
        x, y = self.points[i]
        return [beta + x, 2 * y, beta - x]

    def slope(self, pattern: Pattern, beta: Any) -> list[Any]:
        """Return the coefficients of (1 + tau^2)^2 L' / (2 scale r), constant term first."""
        total: list[Any] = [Fraction(0)] * 5
        for i, (x, y) in enumerate(self.points):
            steep, label = self.landscape.slope(0, pattern[i]), self.landscape.data.labels[i]
            force = [self.radius * steep * steep * z for z in self.kink(i, beta)]
            force[0], force[2] = force[0] - steep * label, force[2] - steep * label
            for a, f in enumerate(force):
                for b, t in enumerate((y, -2 * x, -y)):
                    total[a + b] += f * t
        return total

    @cached_property
    def cells(self) -> list[Pattern]:
        """The patterns of all open cells."""
        rows = integers(self.landscape).rows
        faces = arrange(rows, certified=False).faces
        return [tuple(face.signs(len(rows))) for face in faces if face.is_cell((1 << len(rows)) - 1)]


def stationary_angles(landscape: NetworkLoss, radius: Exact, ratio: Exact) -> StationaryAngles:
    """Return all angles at which the angular loss is stationary, with radius and bias frozen, in ascending order.

    Parameters
    ----------
    landscape : NetworkLoss
        One unit on data in the plane.
    radius, ratio : exact numbers
        r > 0 and b/r.

    Raises
    ------
    PointError
        For several units or another dimension.
    NumberError
        If the radius is not positive.

    Examples
    --------
    >>> from stability import landscape, stationary_angles
    >>> found = stationary_angles(landscape("abs1", "xor"), radius=1, ratio=0)
    >>> found
    abs1 on xor (sum of squares): stationary angles at r = 1, b/r = 0: 2 x maximum, 2 x minimum
      kind     angle     in degrees  signs of the pre-activations
      maximum  0.785398  45.0000     00+-
      minimum  2.356194  135.0000    -+00
      maximum  3.926991  225.0000    00-+
      minimum  5.497787  315.0000    +-00
    >>> len(found)
    4
    """
    require_landscape(landscape)
    size, beta = positive(landscape, radius), rational(ratio)
    for turn in TURNS:
        found = _angles(AngularDerivative(landscape, size, turn), beta)
        if found is not None:
            return StationaryAngles(sorted(found, key=lambda each: each.theta), landscape, size, beta)
    raise NumberError(f"No chart of the circle fits at b/r = {beta}.", "Take another ratio.")


def positive(landscape: NetworkLoss, radius: Exact) -> Fraction:
    """Return the radius of the only unit, if it is positive and the data are in the plane."""
    require_one_unit_in_the_plane(landscape)
    if rational(radius) <= 0:
        raise NumberError(f"Expected a positive radius; got {radius}.", "Turn the angle by pi instead.")
    return rational(radius)


def _angles(derivative: AngularDerivative, beta: Fraction) -> list[StationaryAngle] | None:
    """Return the stationary angles, or None if tau = oo is one of them or a kink."""
    kinks = [polynomial(derivative.kink(i, beta)) for i in range(len(derivative.points))]
    if any(kink.degree() < 2 and not kink.is_zero() for kink in kinks):
        return None
    places = sorted({root for kink in kinks for root in real_roots(primitive_part(kink))})
    ends = [None, *places, None]
    arcs = [(low, high, _pattern(kinks, _inside(low, high))) for low, high in pairwise(ends)]
    slopes = {pattern: polynomial(derivative.slope(pattern, beta)) for _, _, pattern in arcs}
    if slopes[arcs[0][2]].degree() in range(4):
        return None
    found = []
    for low, high, pattern in arcs:
        found += _on_arc(derivative, slopes[pattern], low, high, pattern)
    for place, left, right in zip(places, arcs[:-1], arcs[1:], strict=True):
        kind = _at_kink(slopes[left[2]], slopes[right[2]], place)
        if kind:
            signs = [a if _value(k, place) else 0 for a, k in zip(left[2], kinks, strict=True)]
            found.append(_angle(derivative, kind, tuple(signs), place))
    return found


def polynomial(coefficients: Sequence[Fraction]) -> fmpq_poly:
    """Return the polynomial with these coefficients, constant term first."""
    return fmpq_poly([flint(c) for c in coefficients])


def _inside(low: Root | None, high: Root | None) -> Fraction:
    if low is None:
        return Fraction(0) if high is None else high.between()[0] - 1
    return low.between()[1] + 1 if high is None else between(low, high)


def _pattern(kinks: Sequence[fmpq_poly], tau: Fraction) -> Pattern:
    return tuple(sign(kink(flint(tau))) for kink in kinks)


def _value(poly: fmpq_poly, root: Root) -> int:
    return sign(value_at(Function(poly), root))


def _on_arc(
    derivative: AngularDerivative, slope: fmpq_poly, low: Root | None, high: Root | None, pattern: Pattern
) -> list[StationaryAngle]:
    if slope.is_zero():
        middle = _theta(derivative, float(_inside(low, high)))
        second_half = low is None and high is not None
        return [] if second_half else [StationaryAngle(middle, "flat arc", pattern, derivative.turn, None)]
    roots = [
        root
        for root in real_roots(primitive_part(slope))
        if (low is None or low < root) and (high is None or root < high)
    ]
    return [_angle(derivative, _kind(_beside(slope, r, -1), _beside(slope, r, 1)), pattern, r) for r in roots]


def _at_kink(left: fmpq_poly, right: fmpq_poly, place: Root) -> str | None:
    """Return the kind of a stationary kink, or None if both one-sided slopes have the same sign."""
    slopes = [_value(side, place) for side in (left, right)]
    if slopes[0] * slopes[1] > 0:
        return None
    return _kind(_beside(left, place, -1), _beside(right, place, 1))


def _beside(poly: fmpq_poly, root: Root, side: int) -> int:
    """Return the sign just beside a root: that of the first derivative that does not vanish."""
    turn = 1
    while not poly.is_zero():
        here = _value(poly, root)
        if here:
            return here * turn
        poly, turn = poly.derivative(), turn * side
    return 0


def _kind(left: int, right: int) -> str:
    if 0 in (left, right):
        return "edge"
    return "neither" if left == right else "minimum" if left < 0 else "maximum"


def _angle(derivative: AngularDerivative, kind: str, pattern: Pattern, tau: Root) -> StationaryAngle:
    return StationaryAngle(_theta(derivative, float(tau)), kind, pattern, derivative.turn, tau)


def _theta(derivative: AngularDerivative, tau: float) -> float:
    return (atan2(float(derivative.turn[1]), float(derivative.turn[0])) + 2 * atan(tau)) % (2 * pi)
