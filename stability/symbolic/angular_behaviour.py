"""The behaviour of the angular loss of one unit at one angle: curved, flat, or with a kink of which kind."""

from dataclasses import dataclass
from typing import Any

import sympy as sp

from stability.model.network_loss import NetworkLoss
from stability.symbolic.angles import Direction, along, number, quarter, sign


@dataclass(frozen=True)
class AngularSide:
    """The one-sided angular slope and curvature, as 2 scale r (r * by radius + by labels).

    Along w = r u with u = (cos, sin), b = beta r and slopes m_i, z_i = r (x_i . u + beta), so that

        L'  = 2 scale r (r * sum m_i^2 (x_i.u + beta) (x_i.Ju)              - sum m_i y_i x_i.Ju),
        L'' = 2 scale r (r * sum m_i^2 ((x_i.Ju)^2 - (x_i.u + beta) x_i.u)  + sum m_i y_i x_i.u).

    So given (theta, beta) the radius matters only through the sign of r * curvature_by_radius + curvature_by_labels.

    Attributes
    ----------
    slope_by_radius, slope_by_labels : Expr
        The two parts of the slope: by radius and by labels.
    curvature_by_radius, curvature_by_labels : Expr
        The two parts of the curvature: by radius and by labels.
    """

    slope_by_radius: sp.Expr
    slope_by_labels: sp.Expr
    curvature_by_radius: sp.Expr
    curvature_by_labels: sp.Expr

    def slope(self, factor: sp.Expr, radius: sp.Expr) -> sp.Expr:
        """Return L' for factor = 2 scale."""
        return sp.expand(factor * radius * (radius * self.slope_by_radius + self.slope_by_labels))

    def curvature(self, factor: sp.Expr, radius: sp.Expr) -> sp.Expr:
        """Return L'' for factor = 2 scale."""
        return sp.factor(sp.expand(factor * radius * (radius * self.curvature_by_radius + self.curvature_by_labels)))


def side(landscape: NetworkLoss, pattern: tuple[int, ...], u: Direction, ratio: sp.Expr) -> AngularSide:
    """Return slope and curvature in the cell of a pattern, at numbers or symbols alike."""
    slopes, curvatures = [sp.Integer(0), sp.Integer(0)], [sp.Integer(0), sp.Integer(0)]
    for x, y, s in zip(landscape.data.points, landscape.data.labels, pattern, strict=True):
        m, label = number(landscape.slope(0, s)), number(y)
        value, turn = along(x, u), along(x, quarter(u))
        slopes[0] += m**2 * (value + ratio) * turn
        slopes[1] -= m * label * turn
        curvatures[0] += m**2 * (turn**2 - (value + ratio) * value)
        curvatures[1] += m * label * value
    return AngularSide(*map(sp.expand, slopes + curvatures))


@dataclass(frozen=True)
class Behaviour:
    """What the angular loss does at one angle.

    Attributes
    ----------
    kind : str
        "curvature" (twice differentiable), "concave kink" (the slope drops: a peak), "convex kink" (the slope
        jumps up: a valley) or "curvature jump" (differentiable, but curved differently on the two sides).
    slopes, curvatures : pair of Expr
        Just before and just after the angle.
    sign : int or None
        Of the curvature, or -1 / 1 for a concave / convex kink; None where it depends on the radius, or where
        the two sides of a curvature jump disagree.
    threshold : Expr or None
        The radius at which the curvature changes sign, where there is one.
    """

    kind: str
    slopes: tuple[sp.Expr, sp.Expr]
    curvatures: tuple[sp.Expr, sp.Expr]
    sign: int | None
    threshold: sp.Expr | None = None

    @property
    def is_stationary(self) -> bool:
        """Whether both one-sided slopes vanish."""
        return all(sp.simplify(s) == 0 for s in self.slopes)

    @property
    def summary(self) -> tuple[Any, ...]:
        """("curvature", value), (kind of kink, left, right slope) or ("curvature jump", left, right)."""
        if self.kind == "curvature":
            return self.kind, self.curvatures[0]
        return self.kind, *(self.slopes if "kink" in self.kind else self.curvatures)

    def __str__(self) -> str:
        return " ".join(map(str, self.summary)) + (" (not stationary)" if self._drifts else "")

    @property
    def _drifts(self) -> bool:
        return "kink" not in self.kind and not self.is_stationary


def behaviour(landscape: NetworkLoss, left: AngularSide, right: AngularSide, radius: sp.Expr) -> Behaviour:
    """Return the behaviour between two sides given at one exact angle and ratio."""
    factor = 2 * number(landscape.scale)
    slopes = left.slope(factor, radius), right.slope(factor, radius)
    curvatures = left.curvature(factor, radius), right.curvature(factor, radius)
    jump = sign(right.slope_by_labels - left.slope_by_labels)
    if jump:
        return Behaviour("convex kink" if jump > 0 else "concave kink", slopes, curvatures, jump)
    signs = [_sign(part, radius) for part in (left, right)]
    agreed = signs[0] if signs[0] == signs[1] else None
    by_radius = right.curvature_by_radius - left.curvature_by_radius
    if sign(by_radius) or sign(right.curvature_by_labels - left.curvature_by_labels):
        return Behaviour("curvature jump", slopes, curvatures, agreed)
    opposed = sign(left.curvature_by_radius) * sign(left.curvature_by_labels) < 0
    threshold = sp.radsimp(-left.curvature_by_labels / left.curvature_by_radius) if opposed else None
    return Behaviour("curvature", slopes, curvatures, agreed, threshold)


def _sign(part: AngularSide, radius: sp.Expr) -> int | None:
    if radius.is_number:
        return sign(radius * part.curvature_by_radius + part.curvature_by_labels)
    by_radius, by_labels = sign(part.curvature_by_radius), sign(part.curvature_by_labels)
    return None if by_radius * by_labels < 0 else by_radius or by_labels
