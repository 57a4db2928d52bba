"""Ratios b/r at which the stationary angles of one unit in the plane meet each other or kinks, and the outcome.

Those ratios are roots of resultants and discriminants; between them everything is as at one rational sample.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import pi
from typing import TYPE_CHECKING, Any

import numpy as np

from stability.dynamics.bifurcation.families import FamilyError
from stability.dynamics.bifurcation.stationary_angles import (
    TURNS,
    AngularDerivative,
    Pattern,
    StationaryAngle,
    polynomial,
    positive,
    stationary_angles,
)
from stability.dynamics.bifurcation.text import listed
from stability.exact.numbers import Exact, rational
from stability.exact.real_roots import Root, between, exactly, primitive_part, real_roots
from stability.io.printable import amount
from stability.io.results import ResultTable, Tabular
from stability.model.network_loss import NetworkLoss

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NEAR, CLOSE = Fraction(1, 10**9), 1e-3
"""How far beside an event one looks, and up to which distance angles there count as meeting."""

Look = tuple[str, Pattern]


@dataclass(frozen=True)
class Encounter:
    """Stationary angles that meet.

    Attributes
    ----------
    theta : float
        About where.
    before, after : list of (kind, pattern)
        In ascending order of the angle.
    """

    theta: float
    before: list[Look]
    after: list[Look]

    @property
    def kind(self) -> str:
        """What happens, as "fold", "nonsmooth fold", "pitchfork", "border collision", "exchange of stability"."""
        few, many = sorted(([kind for kind, _ in side] for side in (self.before, self.after)), key=len)
        smooth = len({pattern for side in (self.before, self.after) for _, pattern in side}) == 1
        if "edge" in [*few, *many]:
            return "flat arc"
        if len(few) == len(many) == 1:
            return "border collision" if few == many else "exchange of stability"
        if (len(few), len(many)) == (0, 2):
            return "fold" if smooth else "nonsmooth fold"
        if len(few) == 1 and len(many) == 3 and few[0] == many[0] == many[2]:
            return "pitchfork"
        return "branch point"


@dataclass(frozen=True)
class AngularEvent:
    """A ratio at which the stationary angles change, with what happens around the circle."""

    ratio: Root
    encounters: list[Encounter]

    def __repr__(self) -> str:
        counts = Counter(
            f"{each.kind}: before {_kinds(each.before)}; after {_kinds(each.after)}" for each in self.encounters
        )
        return f"at beta = {self.ratio}: " + "; ".join(f"{count} x {line}" for line, count in counts.items())


def _kinds(looks: Iterable[Look]) -> str:
    return listed(kind for kind, _ in looks) or "nothing"


@dataclass(frozen=True)
class Span:
    """An open interval of ratios on which the stationary angles have the same kinds and patterns."""

    low: Root
    high: Root
    sample: Fraction
    angles: list[StationaryAngle]


@dataclass(frozen=True)
class SampledAngles:
    """The stationary angles at one ratio b/r.

    Attributes
    ----------
    ratio : Fraction
    angles : list of StationaryAngle
        In ascending order.
    """

    ratio: Fraction
    angles: list[StationaryAngle]

    @property
    def arcs(self) -> list[tuple[float, float]]:
        """The flat arcs (from, to) within [0, 2 pi]."""
        edges = [each.theta for each in self.angles if each.kind == "edge"]
        flat = [each.theta for each in self.angles if each.kind == "flat arc"]
        if not edges:
            return [(0.0, 2 * pi)] * bool(flat)
        found = []
        for middle in flat:
            below = max((e for e in edges if e <= middle), default=max(edges) - 2 * pi)
            above = min((e for e in edges if e > middle), default=min(edges) + 2 * pi)
            parts = [(below + turn, above + turn) for turn in (0, 2 * pi, -2 * pi)]
            found += [(max(low, 0.0), min(high, 2 * pi)) for low, high in parts if low < 2 * pi and high > 0]
        return found


@dataclass(frozen=True)
class AngularBifurcation(Tabular):
    """The stationary angles of one unit in the plane as the ratio b/r varies, the radius fixed.

    Attributes
    ----------
    landscape : NetworkLoss
    radius : Fraction
    spans : list of Span
        In ascending order.
    events : list of AngularEvent
        Between them.
    """

    landscape: NetworkLoss
    radius: Fraction
    spans: list[Span]
    events: list[AngularEvent]

    def __repr__(self) -> str:
        spans = [f"  {span}: {angles}" for span, angles in self._rows()]
        return "\n".join([self._head(), *spans, *(f"  {each!r}" for each in self.events)])

    def _head(self) -> str:
        return f"Stationary angles of {self.landscape!r} at r = {self.radius}, beta = b/r"

    def _rows(self) -> list[tuple[str, str]]:
        counts = [Counter(each.kind for each in span.angles) for span in self.spans]
        words = [", ".join(f"{count} x {kind}" for kind, count in sorted(each.items())) or "none" for each in counts]
        return [(f"{s.low} < beta < {s.high}", text) for s, text in zip(self.spans, words, strict=True)]

    def _table(self) -> ResultTable:
        events = [repr(each) for each in self.events]
        finding = f"the angles change at {amount(len(events), 'ratio')}"
        return ResultTable(self._head(), ("ratios", "angles"), self._rows(), events, finding)

    def _records(self) -> list[dict[str, Any]]:
        return [
            {"low": float(s.low), "high": float(s.high), "kind": a.kind, "theta": a.theta, "sample": str(s.sample)}
            for s in self.spans
            for a in s.angles
        ]

    def sampled(self, count: int) -> list[SampledAngles]:
        """Return the stationary angles at about so many rational ratios, several in each span."""
        return [
            SampledAngles(ratio, stationary_angles(self.landscape, self.radius, ratio)) for ratio in self._ratios(count)
        ]

    def _ratios(self, count: int) -> list[Fraction]:
        ends = [(float(span.low), float(span.high)) for span in self.spans]
        whole = ends[-1][1] - ends[0][0]
        found = []
        for low, high in ends:
            own = max(4, round(count * (high - low) / whole))
            inner = low + (high - low) * (0.001 + 0.998 * np.linspace(0, 1, own))
            found += [Fraction(float(x)).limit_denominator(10**9) for x in inner]
        return found

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the stationary angles against b/r, by kind; return the Axes."""
        from stability.plot.angular_bifurcation import draw_angular_bifurcation

        return draw_angular_bifurcation(ax, self)

    def to_json(self) -> dict[str, Any]:
        """Return spans and events, with exact numbers as text."""
        return {
            **self.landscape.names,
            "radius": str(self.radius),
            "spans": [
                {
                    "low": span.low.to_json(),
                    "high": span.high.to_json(),
                    "sample": str(span.sample),
                    "angles": [{"kind": a.kind, "pattern": list(a.pattern), "theta": a.theta} for a in span.angles],
                }
                for span in self.spans
            ],
            "events": [
                {
                    **event.ratio.to_json(),
                    "encounters": [
                        {"kind": e.kind, "theta": e.theta, "before": e.before, "after": e.after}
                        for e in event.encounters
                    ],
                }
                for event in self.events
            ],
        }


def angular_bifurcation(landscape: NetworkLoss, radius: Exact, low: Exact = -2, high: Exact = 2) -> AngularBifurcation:
    """Return how the stationary angles of one unit in the plane change as b/r varies, the radius fixed.

    Ratios, kinds and patterns are exact. Which angles meet at an event is read off from their nearness just beside it.

    Raises
    ------
    PointError
        For several units or another dimension.
    NumberError
        If the radius is not positive.
    FamilyError
        If the range is empty.
    """
    size, first, last = positive(landscape, radius), rational(low), rational(high)
    if first >= last:
        raise FamilyError(f"Expected a range from a lower to a higher ratio; got {low} to {high}.", "Swap them.")
    ends = exactly(first), exactly(last)
    cuts = sorted(root for root in _critical(AngularDerivative(landscape, size, TURNS[0])) if ends[0] < root < ends[1])
    spans: list[Span] = []
    events: list[AngularEvent] = []
    for a, b in zip([ends[0], *cuts], [*cuts, ends[1]], strict=True):
        sample = between(a, b)
        new = Span(a, b, sample, stationary_angles(landscape, size, sample))
        if spans and _looks(spans[-1].angles) == _looks(new.angles) == _looks_at(landscape, size, a, new.angles):
            spans[-1] = Span(spans[-1].low, b, spans[-1].sample, spans[-1].angles)
            continue
        if spans:
            events.append(AngularEvent(a, _encounters(landscape, size, spans[-1].low, a, b)))
        spans.append(new)
    return AngularBifurcation(landscape, size, spans, events)


def _looks(angles: Iterable[StationaryAngle]) -> "Counter[Look]":
    return Counter(each.look for each in angles)


def _looks_at(
    landscape: NetworkLoss, radius: Fraction, cut: Root, otherwise: Sequence[StationaryAngle]
) -> "Counter[Look]":
    """Return what there is at a rational cut; at others what there is beside it."""
    return _looks(otherwise if cut.rational is None else stationary_angles(landscape, radius, cut.rational))


def _encounters(landscape: NetworkLoss, radius: Fraction, low: Root, cut: Root, high: Root) -> list[Encounter]:
    below, above = cut.between(256)
    left = max(below - NEAR, (low.between()[1] + below) / 2)
    right = min(above + NEAR, (high.between()[0] + above) / 2)
    sides = [[a for a in stationary_angles(landscape, radius, beta) if a.tau] for beta in (left, right)]
    marked = sorted(((a.theta, side, a) for side, angles in enumerate(sides) for a in angles), key=lambda m: m[:2])
    groups: list[list[tuple[float, int, StationaryAngle]]] = []
    for each in marked:
        if groups and each[0] - groups[-1][-1][0] < CLOSE:
            groups[-1].append(each)
        else:
            groups.append([each])
    if len(groups) > 1 and groups[0][0][0] + 2 * pi - groups[-1][-1][0] < CLOSE:
        groups[0] = groups.pop() + groups[0]
    found = [Encounter(g[0][0], *([a.look for _, s, a in g if s == side] for side in (0, 1))) for g in groups]
    return [each for each in found if each.before != each.after]


def _critical(derivative: AngularDerivative) -> set[Root]:
    """Return all ratios at which stationary angles may meet kinks or each other, or kinks may meet."""
    import sympy as sp

    beta, tau = sp.symbols("beta tau")
    kinks = _factors([derivative.kink(i, beta) for i in range(len(derivative.points))], tau, beta)
    slopes = _factors([derivative.slope(pattern, beta) for pattern in derivative.cells], tau, beta)
    every = list(dict.fromkeys([*kinks, *slopes]))
    found = [poly.discriminant() for poly in every if poly.degree() > 1] + [poly.LC() for poly in every]
    found += [p.resultant(k) for k in kinks for p in every if p != k]
    roots: set[Root] = set()
    for each in found:
        whole = sp.Poly(each, beta)
        if not whole.is_zero:
            coefficients = [Fraction(int(c.p), int(c.q)) for c in reversed(whole.all_coeffs())]
            roots |= set(real_roots(primitive_part(polynomial(coefficients))))
    return roots


def _factors(rows: Sequence[Sequence[Any]], tau: Any, beta: Any) -> list[Any]:
    """Return the different irreducible factors of polynomials in tau and beta, as polynomials in tau."""
    import sympy as sp

    found: dict[Any, None] = {}
    for row in rows:
        whole = sum((sp.sympify(c, strict=True) * tau**k for k, c in enumerate(row)), sp.Integer(0))
        for factor, _ in sp.factor_list(sp.expand(whole), tau, beta)[1] if whole != 0 else []:
            found[sp.Poly(factor, tau)] = None
    return list(found)
