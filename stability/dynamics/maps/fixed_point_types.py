"""Types of fixed points of an update rule (sink, source, saddle), decided by exact multipliers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from stability.arrays import Complexes
from stability.dynamics.maps.hessians import Curvature, curvatures
from stability.dynamics.maps.modes import hessian_factors, jacobian_of, mode, modes_of
from stability.errors import PointError
from stability.exact.eigenvalues import Eigenvalue, spectrum
from stability.exact.unit_circle_roots import Count, coefficients, count
from stability.geometry.arrangement.cells import exact
from stability.geometry.atlas.atlas import known_atlas
from stability.geometry.stationary.sets import StationarySet
from stability.io.results import Displayed, ResultList, ResultTable
from stability.model.network_loss import Matrix, NetworkLoss, Point, require_landscape
from stability.model.several_outputs import require_one_output
from stability.model.update_rules import UpdateRule, require_rule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = {
    "sink": "every multiplier is inside the unit circle",
    "degenerate (flat) sink": "inside, but for 1 along the directions in which the minima extend",
    "non-hyperbolic plateau": "the loss is constant nearby; a step at rest moves nothing",
    "non-hyperbolic": "none outside, and some on the circle that are not due to flat directions",
    "saddle": "some multipliers outside, others inside or on the circle",
    "degenerate (flat) source": "outside, but for 1 along the directions in which the minima extend",
    "source": "every multiplier is outside the unit circle",
    "kink": "the loss is not twice differentiable there, so that there is no Jacobian",
}
"""Every kind of fixed point of an update rule at a minimum, and what it means.

The last three but one are unstable: nearby starts leave. That is local and does not mean that they diverge."""

UNSTABLE = ("saddle", "degenerate (flat) source", "source")


@dataclass(frozen=True)
class Mode:
    """The multipliers that belong to some eigenvalues of the Hessian.

    Attributes
    ----------
    curvatures : list of Eigenvalue
        The roots of one irreducible factor of the Hessian's characteristic polynomial.
    multiplicity : int
        How often each is an eigenvalue.
    polynomial : list of Fraction
        Its roots are the multipliers; the constant coefficient first.
    count : Count
        How many of these roots are inside, on and outside the unit circle.
    flat : bool
        Whether the eigenvalue is 0.
    """

    curvatures: list[Eigenvalue]
    multiplicity: int
    polynomial: list[Fraction]
    count: Count
    flat: bool


@dataclass(frozen=True)
class FixedPoint(Displayed):
    """A set of minima as fixed points of an update rule, where the loss has one Hessian.

    Attributes
    ----------
    rule : UpdateRule
    set : StationarySet
    kind : str
        A key of `KINDS`.
    count : Count
        How many multipliers are inside, on and outside the unit circle; there is one for each entry of the state.
    flat : int
        How many eigenvalues of the Hessian are 0.
    modes : list of Mode
        The characteristic polynomial of the Jacobian is the product of theirs, each to the power of its multiplicity.
    curvature : Curvature or None
        The Hessian, and where on the set the loss has it; None for the kind "kink".
    """

    rule: UpdateRule
    set: StationarySet
    kind: str
    count: Count
    flat: int
    modes: list[Mode]
    curvature: Curvature | None

    @property
    def stable(self) -> bool | None:
        """Whether nearby states stay near; None where the Jacobian does not decide."""
        return None if self.kind in ("non-hyperbolic", "kink") else self.kind not in UNSTABLE

    @property
    def multipliers(self) -> Complexes:
        """All multipliers in floats, each as often as it counts; their sides of the unit circle are decided exactly."""
        roots = [np.repeat(np.roots([float(c) for c in m.polynomial[::-1]]), m.multiplicity) for m in self.modes]
        return np.concatenate([np.zeros(0, dtype=complex), *roots])

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the multipliers and the unit circle in the complex plane; return the Axes."""
        from stability.plot.multipliers import draw_multipliers

        return draw_multipliers(ax, [(f"{self.kind}: set {self.set.index}", self.multipliers)])

    def __repr__(self) -> str:
        c = self.count
        return f"{self.set.kind}, loss {self.set.loss}: {self.kind} ({c.inside} inside, {c.on} on, {c.outside} outside)"

    def _table(self) -> ResultTable:
        c = self.count
        rows = [
            ("minimum", f"{self.set.kind}, loss {self.set.loss}, set {self.set.index} of the atlas"),
            ("kind", f"{self.kind}: {KINDS[self.kind]}"),
            ("stable", {True: "yes", False: "no", None: "not decided by the multipliers"}[self.stable]),
            ("multipliers", f"{c.inside} inside the unit circle, {c.on} on it, {c.outside} outside"),
        ]
        return ResultTable(f"{self.set.landscape!r} under {self.rule}", (), rows, finding=repr(self))

    def to_json(self) -> dict[str, Any]:
        """Return the fixed point with exact numbers as text."""
        return {
            "set": self.set.index,
            "loss": str(self.set.loss),
            "kind": self.kind,
            "stable": self.stable,
            "inside": self.count.inside,
            "on": self.count.on,
            "outside": self.count.outside,
            "modes": [
                {
                    "curvatures": [each.text for each in m.curvatures],
                    "multiplicity": m.multiplicity,
                    "polynomial": [str(c) for c in m.polynomial],
                }
                for m in self.modes
            ],
        }


class FixedPointTypes(ResultList[FixedPoint]):
    """What every minimum of a landscape is to an update rule, in the order of the atlas.

    Parameters
    ----------
    results : iterable of FixedPoint
    landscape : NetworkLoss
    rule : UpdateRule
    """

    part = "fixed_points"

    def __init__(self, results: Iterable[FixedPoint], landscape: NetworkLoss, rule: UpdateRule) -> None:
        super().__init__(results, **landscape.names, rule=str(rule))
        self.landscape, self.rule = landscape, rule

    def _table(self) -> ResultTable:
        rows = [tuple(map(str, _named(each, each.set.loss))) for each in self]
        counts = Counter(each.kind for each in self)
        finding = ", ".join(f"{count} x {kind}" for kind, count in counts.items()) or "no minimum"
        return ResultTable(f"{self.landscape!r}: the minima as fixed points of {self.rule}", COLUMNS, rows, (), finding)

    def _records(self) -> list[dict[str, Any]]:
        return [dict(zip(COLUMNS, _named(each, float(each.set.loss)), strict=True)) for each in self]

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the multipliers of every minimum and the unit circle in the complex plane; return the Axes."""
        from stability.plot.multipliers import draw_multipliers

        groups: dict[tuple[str, tuple[complex, ...]], dict[int, None]] = {}
        for each in self:
            groups.setdefault((each.kind, tuple(each.multipliers.tolist())), {})[each.set.index] = None
        named = [
            (f"{kind}: set{'s' if len(sets) > 1 else ''} {', '.join(map(str, sets))}", np.array(values, complex))
            for (kind, values), sets in groups.items()
        ]
        return draw_multipliers(ax, named)


COLUMNS = ("set", "minimum", "loss", "type", "inside", "on", "outside")
"""Of the table of fixed points; the last three count multipliers by their side of the unit circle."""


def _named(each: FixedPoint, loss: Fraction | float) -> tuple[Any, ...]:
    return each.set.index, each.set.kind, loss, each.kind, each.count.inside, each.count.on, each.count.outside


def jacobian(landscape: NetworkLoss, rule: UpdateRule, point: Point) -> Matrix:
    """Return the exact Jacobian of one step at a fixed point with empty buffers, in the order p, then each buffer.

    Parameters
    ----------
    rule : UpdateRule
        For Adam the map is the one of late times, when the bias corrections are gone.
    landscape : NetworkLoss
    point : rows (w_1, ..., w_d, b), one per unit
        A point at which the gradient is 0.

    Raises
    ------
    PointError
        If the gradient is not 0 there.
    DifferentiabilityError
        If the loss is not twice differentiable there, or the rule jumps at fixed points (sign descent).
    """
    hessian = landscape.hessian(point)
    if any(landscape.gradient(point)):
        raise PointError(
            f"Expected a point at which the gradient is 0; it is {[str(g) for g in landscape.gradient(point)]}.",
            "Take the witness of a set of the atlas.",
        )
    return jacobian_of(rule, hessian)


def modes(rule: UpdateRule, hessian: Matrix) -> list[Mode]:
    """Return the multipliers of one step, by the irreducible factors of the Hessian's characteristic polynomial."""
    values = spectrum(hessian)
    found = []
    for factor, times in hessian_factors(hessian):
        polynomial = modes_of(rule, factor)
        roots = [each for each in values if _is_root(factor, each)]
        flat = factor.degree() == 1 and not factor[0]
        found.append(Mode(roots, times, coefficients(polynomial), count(polynomial), flat))
    return sorted(found, key=lambda each: each.curvatures[0].low)


def _is_root(factor: Any, value: Eigenvalue) -> bool:
    """Return whether an isolated eigenvalue is a root of a factor: it vanishes or changes its sign at the ends."""
    low, high = (factor(exact(end)) for end in (value.low, value.high))
    return bool(low * high < 0 or (value.low == value.high and low == 0))


def fixed_point_types(landscape: NetworkLoss, rule: UpdateRule) -> FixedPointTypes:
    """Return what every minimum of a landscape is to an update rule, in the order of the atlas.

    A set of minima that meets cells with different Hessians has one entry for each. Where the witness lies in an open
    cell, one step of gd, heavy-ball and nesterov is an affine map nearby, so that the answer is not only infinitesimal.

    Raises
    ------
    DifferentiabilityError
        If the rule jumps at fixed points (sign descent).

    Examples
    --------
    >>> from stability import fixed_point_types, landscape, update_rule
    >>> found = fixed_point_types(landscape("abs1", "xor"), update_rule("gd", step="1/10"))
    >>> found
    abs1 on xor (sum of squares): the minima as fixed points of gd (step 1/10): 4 x sink
      set  minimum         loss  type  inside  on  outside
      0    global minimum  0     sink  3       0   0
      1    global minimum  0     sink  3       0   0
      2    local minimum   1     sink  3       0   0
      3    local minimum   1     sink  3       0   0
    >>> found[0].stable
    True
    """
    require_landscape(landscape)
    require_one_output(landscape, "the minima as fixed points")
    require_rule(rule)
    atlas = known_atlas(landscape)
    mode(rule)
    found: list[FixedPoint] = []
    for each in atlas.minima:
        found += [fixed_point(rule, each, here) for here in curvatures(atlas, each)] or [fixed_point(rule, each, None)]
    return FixedPointTypes(found, landscape, rule)


def fixed_point(rule: UpdateRule, each: StationarySet, here: Curvature | None) -> FixedPoint:
    """Return what a set of minima is to an update rule where the loss has one Hessian, or none."""
    if here is None:
        return FixedPoint(rule, each, "kink", Count(0, 0, 0), 0, [], None)
    found = modes(rule, here.hessian)
    flat = sum(m.multiplicity for m in found if m.flat)
    bent = sum((m.count * m.multiplicity for m in found if not m.flat), Count(0, 0, 0))
    whole = sum((m.count * m.multiplicity for m in found), Count(0, 0, 0))
    return FixedPoint(rule, each, _kind(rule, bent, flat), whole, flat, found, here)


def _kind(rule: UpdateRule, bent: Count, flat: int) -> str:
    """Return the kind of a minimum whose modes of positive curvature have these multipliers.

    A flat mode has the multiplier 1 once (p), the others (buffers) inside; so 1 is semisimple, as a simple root of each
    mode of a Hessian that is diagonalisable.
    """
    if not (bent.inside or bent.on or bent.outside):
        return "non-hyperbolic plateau"
    if not bent.outside:
        return "non-hyperbolic" if bent.on else "degenerate (flat) sink" if flat else "sink"
    if bent.inside or bent.on:
        return "saddle"
    return "degenerate (flat) source" if flat else "source"
