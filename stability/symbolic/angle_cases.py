"""The behaviour of the angular loss of one unit at a given angle, for every frozen bias."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from stability.errors import KindError, as_written
from stability.io.printable import amount
from stability.io.results import Displayed, ResultList, ResultTable
from stability.model.network_loss import NetworkLoss, require_landscape
from stability.model.restrictions import require_one_unit_in_the_plane
from stability.symbolic.angles import (
    BIAS,
    RADIUS,
    RATIO,
    Angle,
    Direction,
    along,
    ascending,
    direction,
    sign,
)
from stability.symbolic.angular_behaviour import AngularSide, Behaviour, behaviour, side
from stability.symbolic.ratio_intervals import Regime, entered

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
        return f"{self.ratios.text()}: {self.behaviour} [{self.sign_in_words}]"

    @property
    def sign_in_words(self) -> str:
        """Whether the curvature is above, at or below 0, or on what that depends."""
        depends = "sign depends on r" if self.sign_change is None else f"0 at b = {self.sign_change}"
        return {1: "> 0", 0: "= 0", -1: "< 0", None: depends}[self.behaviour.sign]

    def _table(self) -> ResultTable:
        return ResultTable(self.ratios.text(), finding=f"{self.behaviour} [{self.sign_in_words}]")

    def to_json(self) -> dict[str, Any]:
        """Return the range of b/r, and what happens there, formulas as text."""
        sign_change = None if self.sign_change is None else str(self.sign_change)
        names = ("ratios", "biases", "behaviour", "sign", "turning")
        values = (self.ratios.text(), str(self.biases), str(self.behaviour), self.behaviour.sign, sign_change)
        return dict(zip(names, values, strict=True))


class AngleCases(ResultList[AngleCase]):
    """What the angular loss of one unit does at an angle, as cases of b/r in ascending order that cover the line.

    Parameters
    ----------
    results : iterable of AngleCase
    landscape : NetworkLoss
    angle : str
    """

    part = "cases"

    def __init__(self, results: Iterable[AngleCase], landscape: NetworkLoss, angle: str) -> None:
        super().__init__(results, **landscape.names, angle=angle)
        self.landscape, self.angle = landscape, angle

    def _table(self) -> ResultTable:
        rows = [(each.ratios.text(), str(each.behaviour), each.sign_in_words) for each in self]
        heading = f"{self.landscape!r}: the angular loss at the angle {self.angle}, by the frozen bias"
        return ResultTable(heading, ("range", "behaviour", "sign"), rows, finding=amount(len(self), "case"))

    def _records(self) -> list[dict[str, Any]]:
        return [each.to_json() for each in self]

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the angular curvature at radius 1 over b/r, and what is at the ratios between; return the Axes."""
        from stability.plot.angle_cases import draw_angle_cases

        points = [each for each in self if each.ratios.is_point]
        reach = 1.5 * max([1.0, *(abs(float(each.ratios.low)) for each in points)])
        curves = [_curve(each, reach) for each in self if not each.ratios.is_point]
        return draw_angle_cases(ax, curves, [(float(each.ratios.low), each.behaviour.kind) for each in points])


def _curve(case: AngleCase, reach: float) -> tuple[list[float], list[float], bool]:
    """Return ratios of an interval up to a reach, the curvature there at radius 1, and whether the slope vanishes."""
    low, high = max(-reach, float(case.ratios.low)), min(reach, float(case.ratios.high))
    ratios = np.linspace(low, high, 2)
    curvature = case.behaviour.curvatures[0].subs(RADIUS, 1)
    return ratios.tolist(), [float(curvature.subs(BIAS, b)) for b in ratios], case.behaviour.is_stationary


def settle_angle(landscape: NetworkLoss, angle: Angle) -> AngleCases:
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
    >>> found = settle_angle(landscape("relu1", "xor"), "pi/4")
    >>> found
    relu1 on xor (sum of squares): the angular loss at the angle pi/4, by the frozen bias: 7 cases
      range               behaviour                              sign
      b/r < -sqrt(2)      curvature 0                            = 0
      b/r = -sqrt(2)      curvature 0                            = 0
      -sqrt(2) < b/r < 0  curvature -2*r*(sqrt(2)*b + 2*r)       < 0
      b/r = 0             concave kink 2*sqrt(2)*r -2*sqrt(2)*r  < 0
      0 < b/r < sqrt(2)   curvature 2*r*(-sqrt(2)*b + 2*r)       > 0
      b/r = sqrt(2)       curvature 0                            = 0
      sqrt(2) < b/r       curvature 0                            = 0
    >>> [str(case.ratios.high) for case in found]
    ['-sqrt(2)', '-sqrt(2)', '0', '0', 'sqrt(2)', 'sqrt(2)', 'oo']
    """
    require_landscape(landscape)
    other = isinstance(angle, bool | dict | range | type) or (isinstance(angle, list | tuple) and not angle)
    if other or isinstance(angle, float):
        said = as_written(angle) if other else f"the float {as_written(angle)}"
        raise KindError(f"Expected an exact angle; got {said}.", 'Write "pi/4", or a direction (3, 4).')
    require_one_unit_in_the_plane(landscape)
    u = direction(angle)
    breaks = ascending([sp.expand(-along(x, u)) for x in landscape.data.points])
    ends = [-sp.oo, *breaks, sp.oo]
    cases = []
    for low, high in pairwise(ends):
        cases.append(_between(landscape, u, Regime(low, high)))
        if high != sp.oo:
            cases.append(_at(landscape, u, high))
    return AngleCases(cases, landscape, str(angle))


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
    """Return the sign of the curvature over all r > 0 and an interval of ratios, where its part by radius is affine."""
    lean = sp.diff(part.curvature_by_radius, RATIO)
    ends = [
        sign(end * sign(lean)) if end.is_infinite and sign(lean) else sign(part.curvature_by_radius.subs(RATIO, end))
        for end in ((ratios.low, ratios.high) if sign(lean) else (ratios.sample,))
    ]
    signs = {s for s in [*ends, sign(part.curvature_by_labels)] if s}
    return signs.pop() if len(signs) == 1 else None if signs else 0
