"""Classification of a point: smooth or a kink, stationary in which sense, of which kind."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import hypot
from typing import TYPE_CHECKING, Any

import numpy as np

from stability.arrays import Floats
from stability.exact.numbers import formatted, formatted_vector
from stability.geometry.stationary.descent_directions import Descent, along
from stability.geometry.stationary.one_hot import is_reducible
from stability.geometry.stationary.senses import (
    PointCells,
    cells_around,
    clarke_stationary,
    directionally_stationary,
    local_maximum,
    strict_local_minimum,
)
from stability.io.results import Displayed, ResultTable
from stability.logic.records import Judged, prove
from stability.logic.statements import AllOf, Not, Statement
from stability.model.flat_points import point_shape
from stability.model.float_loss import losses
from stability.model.network_loss import Matrix, NetworkLoss, Point, Vector
from stability.model.torque import torque

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stability.geometry.stationary.escapes import EscapeCurve


@dataclass(frozen=True)
class Classification(Displayed):
    """What a point is, decided exactly.

    Attributes
    ----------
    landscape, point
        What was asked.
    kinks : list of (unit, example)
        Where a pre-activation is exactly 0.
    differentiable : bool
        Whether the gradient exists (kinks at fitted examples do no harm).
    gradient : list of Fraction or None
        The gradient, where it exists.
    clarke, directional, autograd_rests : bool
        The three senses of stationary.
    strict : bool
        Whether it is a strict local minimum.
    flat_dimension : int or None
        The largest dimension of a cone of directions along which the loss stays as it is.
    descent : list of Fraction or None
        A direction of first-order descent close to the steepest one, where there is one.
    multipliers : list of (weight, pattern) or None
        The gradients that combine to 0, where the point is Clarke-stationary.
    kind : str
        "local minimum", "saddle", "local maximum" or "not stationary". A point that is both a local minimum and a local
        maximum (on a plateau) counts as a local minimum.
    is_global : bool
        Whether it is a minimum, and no function of the data has a lower loss. False leaves open whether a local minimum
        is global; the atlas decides it.
    reason : str
        Why, in a sentence; "" where output weights are fixed.
    escape : EscapeCurve or None
        A curve along which the loss falls; None where output weights are fixed (`descent` has a direction).
    silent : tuple of int
        The units whose output weights are all 0; none where they are fixed.

    Examples
    --------
    >>> from stability import landscape
    >>> found = landscape("abs1", "xor").classify([[0, 0, "1/2"]])
    >>> found.kind, found.strict, found.loss
    ('local minimum', True, Fraction(1, 1))
    """

    landscape: NetworkLoss
    point: Matrix
    kinks: list[tuple[int, int]]
    differentiable: bool
    gradient: Vector | None
    clarke: bool
    directional: bool
    autograd_rests: bool
    strict: bool
    flat_dimension: int | None
    descent: Vector | None
    multipliers: list[tuple[Fraction, list[list[int]]]] | None
    kind: str
    is_global: bool = False
    reason: str = ""
    escape: "EscapeCurve | None" = None
    silent: tuple[int, ...] = ()

    @property
    def kind_in_words(self) -> str:
        """The kind, and where it leaves open whether a minimum is global, that it does."""
        strict = "strict " if self.strict else ""
        if self.is_global:
            return f"{strict}global minimum"
        if self.kind != "local minimum":
            return f"{strict}{self.kind}"
        where = ": `stability atlas` says" if is_reducible(self.landscape) else ""
        return f"{strict}{self.kind} (not decided here whether global{where})"

    def __repr__(self) -> str:
        """Return the place, the kind and the loss in a line; `to_json` has everything."""
        at = "; ".join(map(formatted_vector, self.point))
        return f"{self.landscape!r} at {at}: {self._finding()}"

    def _finding(self) -> str:
        return f"{self.kind_in_words}, loss {formatted(self.loss)}"

    def _table(self) -> ResultTable:
        at = "; ".join(map(formatted_vector, self.point))
        yes = {True: "yes", False: "no"}
        rows = [
            ("kind", self.kind_in_words),
            ("loss", formatted(self.loss)),
            ("differentiable", yes[self.differentiable]),
            ("Clarke-stationary", yes[self.clarke]),
            ("directionally stationary", yes[self.directional]),
            ("torch's gradient is 0", yes[self.autograd_rests]),
            ("flat directions", str(self.flat_dimension)),
        ]
        descent = [] if self.descent is None else [("descends along", formatted_vector(self.descent))]
        return ResultTable(f"{self.landscape!r} at {at}", (), [*rows, *descent], finding=self._finding())

    @property
    def loss(self) -> Fraction:
        """The exact loss."""
        return self.landscape.loss(self.point)

    @property
    def statement(self) -> Statement:
        """Everything above that needs a proof, as one statement."""
        sense = clarke_stationary(self.landscape, self.point)
        minimum = directionally_stationary(self.landscape, self.point)
        parts = [sense if self.clarke else Not(sense), minimum if self.directional else Not(minimum)]
        if self.directional:
            strict = strict_local_minimum(self.landscape, self.point)
            parts.append(strict if self.strict else Not(strict))
        elif self.clarke:
            maximum = local_maximum(self.landscape, self.point)
            parts.append(maximum if self.kind == "local maximum" else Not(maximum))
        return AllOf(parts)

    @cached_property
    def steepest(self) -> Descent | None:
        """The direction of descent with its exact slope, and a step that lowers the loss."""
        return None if self.descent is None else along(self.landscape, self.point, self.descent)

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the loss along every parameter, and along the direction of descent; return the Axes.

        Raises
        ------
        DataError
            If the data are beyond float64.
        """
        from stability.plot.loss_along import draw_loss_along

        far = _far(self.steepest)
        lengths = np.linspace(-far, far, 401)
        parameters = np.eye(self.landscape.parameters)
        names, several = self.landscape.parameter_names, self.landscape.units > 1
        named = [f"{name} of unit {k + 1}" if several else name for k in range(self.landscape.units) for name in names]
        named += ["c"] * self.landscape.network.output_bias
        curves = [(name, self._along(axis, lengths)) for name, axis in zip(named, parameters, strict=True)]
        steep = None if self.descent is None else np.array([float(x) for x in self.descent])
        descent = None if steep is None else self._along(steep / np.linalg.norm(steep), lengths)
        return draw_loss_along(ax, lengths, curves, descent, float(self.loss))

    def _along(self, direction: Floats, lengths: Floats) -> Floats:
        """Return the loss at distances along a direction of length 1, in floats."""
        flat = np.array([float(x) for row in self.point for x in row])
        points = flat + lengths[:, None] * direction
        return losses(self.landscape, points.reshape(-1, *point_shape(self.landscape)))

    @cached_property
    def certificate(self) -> Judged:
        """The record that proves the classification, confirmed by the checker."""
        return prove(self.statement)

    def to_json(self) -> dict[str, Any]:
        """Return the classification with exact numbers as text."""
        return {
            **self.landscape.names,
            "point": [[str(x) for x in row] for row in self.point],
            "loss": str(self.loss),
            "kinks": [list(pair) for pair in self.kinks],
            "differentiable": self.differentiable,
            "gradient": None if self.gradient is None else [str(g) for g in self.gradient],
            "clarke": self.clarke,
            "directional": self.directional,
            "autograd_rests": self.autograd_rests,
            "kind": self.kind,
            "is_global": self.is_global,
            "reason": self.reason,
            "silent": list(self.silent),
            "escape": None,
            "strict": self.strict,
            "flat_dimension": self.flat_dimension,
            "descent": None if self.descent is None else [str(d) for d in self.descent],
            **_described(self.steepest),
            "multipliers": None
            if self.multipliers is None
            else [{"weight": str(w), "pattern": pattern} for w, pattern in self.multipliers],
            "torque_ratio": [part.ratio for part in torque(self.landscape, self.point)],
            "certificate": self.certificate.certificate,
        }


def classify(landscape: NetworkLoss, point: Point) -> Classification:
    """Return what the point is.

    Raises
    ------
    PointError
        If the shape does not fit.
    NumberError
        If an entry is not rational.
    """
    place = cells_around(landscape, point)
    differentiable = landscape.is_differentiable(place.point)
    signs = landscape.pattern(place.point)
    stationary = place.hull is not None
    minimum = place.descent is None
    return Classification(
        landscape=landscape,
        point=place.point,
        kinks=[(j, i) for j, row in enumerate(signs) for i, s in enumerate(row) if s == 0],
        differentiable=differentiable,
        gradient=landscape.gradient(place.point) if differentiable else None,
        clarke=stationary,
        directional=minimum,
        autograd_rests=not any(landscape.autograd_gradient(place.point)),
        strict=minimum and place.flat == 0,
        flat_dimension=place.flat,
        descent=place.steep,
        multipliers=None if not stationary else _multipliers(place),
        kind=_kind(place),
        is_global=minimum and _is_least(landscape, place.point),
    )


def _far(found: Descent | None) -> float:
    """Return how far to look along a direction: somewhat beyond where the loss is as high again, or 1."""
    if found is None:
        return 1.0
    size = hypot(*map(float, found.direction))
    reach = 2 * found.step if found.reach is None else Fraction(5, 4) * found.reach
    return float(reach) * size


def _described(found: Descent | None) -> dict[str, Any]:
    """Return slope, step and reach as plain data."""
    names = ("slope", "slope_per_length", "step", "step_loss", "reach")
    if found is None:
        return {f"descent_{name}": None for name in names}
    reach = None if found.reach is None else str(found.reach)
    values = str(found.slope), found.slope_per_length, str(found.step), str(found.loss), reach
    return {f"descent_{name}": value for name, value in zip(names, values, strict=True)}


def _kind(place: PointCells) -> str:
    if place.descent is None:
        return "local minimum"
    if place.hull is None:
        return "not stationary"
    return "local maximum" if place.ascent is None else "saddle"


def _is_least(landscape: NetworkLoss, point: Matrix) -> bool:
    """Return whether no function of the data has a lower loss: errors at equal points add up to 0."""
    sums: dict[tuple[Fraction, ...], Fraction] = {}
    for x, error in zip(landscape.data.points, landscape.residuals(point), strict=True):
        sums[tuple(x)] = sums.get(tuple(x), Fraction(0)) + error
    return not any(sums.values())


def _multipliers(place: PointCells) -> list[tuple[Fraction, list[list[int]]]]:
    return [(_fraction(weight), cell.pattern) for weight, cell in place.hull or []]


def _fraction(x: Any) -> Fraction:
    return Fraction(int(x.p), int(x.q))
