"""The behaviour of the angular loss of one unit at a given angle, for every frozen bias."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy as sp

from stability.io.results import Displayed, ResultTable
from stability.model.network_loss import NetworkLoss
from stability.symbolic.angles import (
    BIAS,
    RADIUS,
    RATIO,
    Angle,
    Direction,
    along,
    ascending,
    direction,
    require_one_unit_in_the_plane,
    sign,
)
from stability.symbolic.angular_behaviour import AngularSide, Behaviour, behaviour, side
from stability.symbolic.ratio_intervals import Regime, entered


@dataclass(frozen=True, repr=False)
class AngleCase(Displayed):
    """What happens at one angle for the biases of one range.

    Attributes
    ----------
    ratios : Regime
        The range of b/r: an open interval or a point.
    biases : Set
        The same range of b, in terms of the symbol r.
    behaviour : Behaviour
        In terms of the symbols r and b (b only on intervals).
    sign_change : Expr or None
        Where the sign depends on r and b: the bias, in terms of r, at which the curvature vanishes.
    """

    ratios: Regime
    biases: sp.Set
    behaviour: Behaviour
    sign_change: sp.Expr | None = None

    def __str__(self) -> str:
        word = {
            1: "> 0",
            0: "= 0",
            -1: "< 0",
            None: f"0 at b = {self.sign_change}" if self.sign_change else "sign depends on r",
        }[self.behaviour.sign]
        return f"{self.ratios.text()}: {self.behaviour} [{word}]"

    def _table(self) -> ResultTable:
        return ResultTable(str(self))

    def to_json(self) -> dict[str, Any]:
        """Return the range of b/r, and what happens there, formulas as text."""
        sign_change = None if self.sign_change is None else str(self.sign_change)
        names = ("ratios", "biases", "behaviour", "sign", "turning")
        values = (self.ratios.text(), str(self.biases), str(self.behaviour), self.behaviour.sign, sign_change)
        return dict(zip(names, values, strict=True))


def settle_angle(landscape: NetworkLoss, angle: Angle) -> list[AngleCase]:
    """Return what the angular loss does at an angle for every bias, as exact cases that cover the line of b.

    Parameters
    ----------
    landscape : NetworkLoss
        One unit on data in the plane.
    angle : str, sympy expression or pair
        "pi/4", sympy.pi / 3, or a direction such as (3, 4).

    Raises
    ------
    PointError
        For several units or another dimension.

    Examples
    --------
    >>> from stability import landscape, settle_angle
    >>> [str(case.ratios.high) for case in settle_angle(landscape("relu1", "xor"), "pi/4")]
    ['-sqrt(2)', '-sqrt(2)', '0', '0', 'sqrt(2)', 'sqrt(2)', 'oo']
    """
    require_one_unit_in_the_plane(landscape)
    u = direction(angle)
    breaks = ascending([sp.expand(-along(x, u)) for x in landscape.data.points])
    ends = [-sp.oo, *breaks, sp.oo]
    cases = []
    for low, high in pairwise(ends):
        cases.append(_between(landscape, u, Regime(low, high)))
        if high != sp.oo:
            cases.append(_at(landscape, u, high))
    return cases


def _at(landscape: NetworkLoss, u: Direction, ratio: sp.Expr) -> AngleCase:
    left, right = (side(landscape, entered(landscape, u, ratio, s), u, ratio) for s in (-1, 1))
    return AngleCase(Regime(ratio, ratio), sp.FiniteSet(ratio * RADIUS), behaviour(landscape, left, right, RADIUS))


def _between(landscape: NetworkLoss, u: Direction, ratios: Regime) -> AngleCase:
    """Return the case of an interval, where the pattern is fixed and the angular loss smooth."""
    part = side(landscape, entered(landscape, u, ratios.sample, 1), u, RATIO)
    factor = 2 * sp.Rational(landscape.scale.numerator, landscape.scale.denominator)
    slope, curvature = (
        sp.factor(sp.expand(value.subs(RATIO, BIAS / RADIUS)))
        for value in (part.slope(factor, RADIUS), part.curvature(factor, RADIUS))
    )
    known = Behaviour("curvature", (slope, slope), (curvature, curvature), _sign(part, ratios))
    biases = sp.Interval.open(ratios.low * RADIUS, ratios.high * RADIUS)
    affine = known.sign is None and sp.diff(curvature, BIAS) != 0
    sign_change = sp.expand(sp.solve(curvature, BIAS)[0]) if affine else None
    return AngleCase(ratios, biases, known, sign_change)


def _sign(part: AngularSide, ratios: Regime) -> int | None:
    """Return the sign of r * bend + pull over all r > 0 and an interval of ratios; bend is affine there."""
    lean = sp.diff(part.bend, RATIO)
    ends = [
        sign(end * sign(lean)) if end.is_infinite and sign(lean) else sign(part.bend.subs(RATIO, end))
        for end in ((ratios.low, ratios.high) if sign(lean) else (ratios.sample,))
    ]
    signs = {s for s in [*ends, sign(part.pull)] if s}
    return signs.pop() if len(signs) == 1 else None if signs else 0
