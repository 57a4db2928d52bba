"""Angles and ratios b/r at which the angular loss of one unit is curved up, curved down, or kinked."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from stability.arrays import Floats, Ints
from stability.errors import NumberError
from stability.io.printable import amount
from stability.io.results import ResultTable, Tabular
from stability.model.network_loss import NetworkLoss
from stability.model.restrictions import require_one_unit_in_the_plane
from stability.symbolic.angles import (
    RADIUS,
    RATIO,
    THETA,
    Angle,
    along,
    direction,
    number,
)
from stability.symbolic.angular import positive_radius
from stability.symbolic.angular_behaviour import Behaviour, behaviour, side
from stability.symbolic.formulas import tidy
from stability.symbolic.patterns import write_pattern
from stability.symbolic.ratio_intervals import entered, kinks, regimes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Pattern = tuple[int, ...]
AROUND = (sp.cos(THETA), sp.sin(THETA))


@dataclass(frozen=True)
class PhaseCell:
    """One activation cell, in the angle theta and the ratio beta = b/r.

    Attributes
    ----------
    pattern : tuple of int
    region : Expr
        The strict inequalities that bound it.
    curvature : Expr
        L'' in theta, beta and the radius: 2 scale r (r * curvature_by_radius + curvature_by_labels).
    curvature_by_radius, curvature_by_labels : Expr
        What the radius multiplies, and the part of the labels: it matters only where their signs differ.
    zero : Expr or None
        The zero-curvature curve as beta in terms of theta (and the radius); None where beta does not matter,
        and then curvature = 0 is an equation in theta alone.
    """

    pattern: Pattern
    region: sp.Expr
    curvature: sp.Expr
    curvature_by_radius: sp.Expr
    curvature_by_labels: sp.Expr
    zero: sp.Expr | None


@dataclass(frozen=True)
class KinkCurve:
    """Where the pre-activation of one data point vanishes: beta = -x . (cos theta, sin theta).

    Attributes
    ----------
    index : int
        The data point.
    ratio : Expr
        beta in terms of theta.
    kind : str
        "concave kink", "convex kink" or "plain" (no jump of the slope); the curve alone, away from crossings.
    """

    index: int
    ratio: sp.Expr
    kind: str

    def heights(self, thetas: Floats) -> Floats:
        """Return beta at angles, as an array of the same shape."""
        return np.broadcast_to(sp.lambdify(THETA, self.ratio)(thetas), thetas.shape)


@dataclass(frozen=True, repr=False)
class PhaseDiagram(Tabular):
    """The exact angular phase diagram of one unit in the plane.

    Attributes
    ----------
    radius : Expr
        A number, or the symbol r.
    cells : tuple of PhaseCell
        Every cell that is met, each once; together with the curves they cover all (theta, beta).
    curves : tuple of KinkCurve
    """

    landscape: NetworkLoss
    radius: sp.Expr
    cells: tuple[PhaseCell, ...]
    curves: tuple[KinkCurve, ...]

    def at(self, theta: Angle, beta: Any) -> Behaviour:
        """Return the exact behaviour at an angle and a ratio b/r.

        Parameters
        ----------
        theta : str, sympy expression or pair
            "3pi/4", sympy.pi / 3, or a direction such as (3, 4).
        beta : exact number or algebraic sympy number

        Raises
        ------
        NumberError
            If one of them is no exact number.
        """
        u, ratio = direction(theta), number(beta)
        left, right = (side(self.landscape, entered(self.landscape, u, ratio, s), u, ratio) for s in (-1, 1))
        return behaviour(self.landscape, left, right, self.radius)

    def signs(self, thetas: Floats, betas: Floats) -> Ints:
        """Return the sign of the angular curvature in floats: -1, 0 or 1 inside cells.

        Parameters
        ----------
        thetas, betas : arrays
            Of shapes that broadcast together; the radius has to be a number.
        """
        theta, beta = np.broadcast_arrays(thetas, betas)
        result = np.zeros(theta.shape, dtype=np.int64)
        positive = np.array([beta > curve.heights(theta) for curve in self.curves])
        for cell in self.cells:
            inside = np.all(positive == (np.array(cell.pattern) > 0).reshape(-1, *[1] * theta.ndim), axis=0)
            bend = sp.lambdify((THETA, RATIO), cell.curvature)(theta, beta)
            result = np.where(inside, np.where(np.abs(bend) < 1e-9, 0, np.sign(bend)).astype(int), result)
        return result

    def _head(self) -> str:
        return f"Angular phase diagram of {self.landscape!r}, beta = b/r, r = {self.radius}"

    def _table(self) -> ResultTable:
        kinks = [(f"z_{c.index + 1} = 0", f"beta = {c.ratio}", c.kind) for c in self.curves]
        cells = [(write_pattern([c.pattern]), f"L'' = {c.curvature}", "cell") for c in self.cells]
        finding = f"{amount(len(kinks), 'kink')}, {amount(len(cells), 'cell')}"
        return ResultTable(self._head(), ("where", "formula", "what"), [*kinks, *cells], finding=finding)

    def _records(self) -> list[dict[str, Any]]:
        cells: list[dict[str, Any]] = self.to_json()["cells"]
        return cells

    def to_json(self) -> dict[str, Any]:
        """Return curves and cells, formulas as text."""
        return {
            **self.landscape.names,
            "radius": str(self.radius),
            "curves": [{"example": c.index, "ratio": str(c.ratio), "kind": c.kind} for c in self.curves],
            "cells": [
                {
                    "pattern": write_pattern([c.pattern]),
                    "region": str(c.region),
                    "curvature": str(c.curvature),
                    "zero": None if c.zero is None else str(c.zero),
                }
                for c in self.cells
            ],
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw where the loss is curved up, down or not at all, and its kinks; return the Axes.

        Raises
        ------
        NumberError
            If the radius is a symbol.
        """
        from stability.plot.phase_diagram import draw_phase_diagram

        if self.radius == RADIUS:
            raise NumberError("Expected a number for the radius; got r.", "Take phase_diagram(landscape, radius=1).")
        return draw_phase_diagram(ax, self)

    def pretty(self) -> str:
        """Return curves and cells as text for a terminal."""
        lines = [self._head(), "", "kink curves"]
        lines += [f"  z_{c.index + 1} = 0: beta = {c.ratio}  ({c.kind})" for c in self.curves]
        lines += ["", "curvature per cell"]
        return "\n".join(lines + [f"  {write_pattern([c.pattern])}  {c.curvature}" for c in self.cells])


def phase_diagram(landscape: NetworkLoss, radius: Any = None) -> PhaseDiagram:
    """Return the angular phase diagram of one unit in the plane.

    Parameters
    ----------
    landscape : NetworkLoss
    radius : exact number, or None to keep the symbol r

    Raises
    ------
    PointError
        For several units or another dimension.
    NumberError
        If the radius is not positive.
    """
    require_one_unit_in_the_plane(landscape)
    r = positive_radius(radius)
    cells = tuple(_cell(landscape, pattern, r) for pattern in _patterns(landscape))
    return PhaseDiagram(landscape, r, cells, _curves(landscape))


def _patterns(landscape: NetworkLoss) -> list[Pattern]:
    """Return the pattern of every open cell: each is met at the sample of some open regime."""
    found: dict[Pattern, None] = {}
    for regime in (part for part in regimes(landscape) if not part.is_point):
        ratio, start = regime.sample, (sp.Integer(1), sp.Integer(0))
        met = kinks(landscape, ratio)
        pattern = list(entered(landscape, met[0].u if met else start, ratio, 1))
        for kink in met:
            for i, s in kink.branches:
                pattern[i] = -s
            found[tuple(pattern)] = None
        if not met:
            found[tuple(pattern)] = None
    return list(found)


def _cell(landscape: NetworkLoss, pattern: Pattern, r: sp.Expr) -> PhaseCell:
    formulas = side(landscape, pattern, AROUND, RATIO)
    by_radius, by_labels = tidy(formulas.curvature_by_radius), tidy(formulas.curvature_by_labels)
    factor = 2 * number(landscape.scale) * r
    curvature = sp.factor(factor * (r * by_radius + by_labels))
    lean = -sp.diff(by_radius, RATIO)
    zero = None if lean == 0 else _simplified(by_radius.subs(RATIO, 0) / lean) + _simplified(by_labels / lean) / r
    sides = (s * (along(x, AROUND) + RATIO) > 0 for x, s in zip(landscape.data.points, pattern, strict=True))
    return PhaseCell(pattern, sp.And(*sides), curvature, by_radius, by_labels, zero)


@lru_cache(maxsize=1024)
def _simplified(angular: sp.Expr) -> sp.Expr:
    return sp.simplify(angular)


def _curves(landscape: NetworkLoss) -> tuple[KinkCurve, ...]:
    bend, curves = landscape.slope(0, 1) - landscape.slope(0, -1), []
    for i, (x, y) in enumerate(zip(landscape.data.points, landscape.data.labels, strict=True)):
        up = -y * bend
        kind = "plain" if up == 0 else "convex kink" if up > 0 else "concave kink"
        curves.append(KinkCurve(i, tidy(-along(x, AROUND)), kind))
    return tuple(curves)
