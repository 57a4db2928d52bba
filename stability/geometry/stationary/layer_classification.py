"""Classification of a point of a network with trained output weights, with one output or several."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from stability.errors import CertificateError
from stability.exact.numbers import formatted, formatted_vector
from stability.geometry.stationary.classification import Classification
from stability.geometry.stationary.escape_statements import falls_along, proved_fall
from stability.geometry.stationary.escapes import (
    EscapeCurve,
    first_order_escape,
    fraction,
    higher_order_escape,
    position,
    second_order_escape,
)
from stability.geometry.stationary.layer_minima import is_least_conceivable, is_minimum_to_second_order
from stability.geometry.stationary.layer_units import LayerPoint
from stability.io.results import ResultTable
from stability.logic.records import Judged
from stability.logic.statements import Statement
from stability.model.network_loss import NetworkLoss, Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class LayerClassification(Classification):
    """What a point of a network with trained output weights is, decided exactly.

    Attributes beyond those of a `Classification`, of which `strict` is False (units can be scaled) and
    `flat_dimension` None:

    Attributes
    ----------
    kind : str
        "global minimum" (no function of the data has a lower loss), "local minimum" (which may be global),
        "local maximum", "saddle", "not stationary", or "open" where several outputs leave it undecided.
    reason : str
        Why, in a sentence.
    escape : EscapeCurve or None
        A curve along which the loss falls, with a lower point on it; for all that are neither minima nor open.
    silent : list of int
        The units whose output weights are all 0.

    Examples
    --------
    >>> from stability import landscape
    >>> found = landscape("relu1-out+c", "xor").classify(([[1, 0, 0, 0]], "1/2"))
    >>> found.kind, found.directional, found.escape.order, found.escape.loss < found.loss
    ('saddle', True, 2, True)
    """

    def __repr__(self) -> str:
        """Return the place, the kind, the loss and why, in a line; `to_json` has everything."""
        at = "; ".join(map(formatted_vector, self.point))
        return f"{self.landscape!r} at {at}: {self._finding()}; {self.reason}"

    def _table(self) -> ResultTable:
        at = "; ".join(map(formatted_vector, self.point))
        yes = {True: "yes", False: "no"}
        rows = [
            ("kind", self.kind_in_words),
            ("why", self.reason),
            ("loss", formatted(self.loss)),
            ("differentiable", yes[self.differentiable]),
            ("gradient", "none" if self.gradient is None else formatted_vector(self.gradient)),
            ("Clarke-stationary", yes[self.clarke]),
            ("directionally stationary", yes[self.directional]),
            ("torch's gradient is 0", yes[self.autograd_rests]),
            ("kinks (unit, example; from 1)", ", ".join(f"({j + 1}, {i + 1})" for j, i in self.kinks) or "none"),
            ("silent units (from 1)", ", ".join(str(j + 1) for j in self.silent) or "none"),
        ]
        rows += [] if self.escape is None else _escape_rows(self.escape)
        return ResultTable(f"{self.landscape!r} at {at}", (), rows, finding=self._finding())

    @property
    def statement(self) -> Statement:
        """That the loss falls along the curve of the escape, up to its step.

        Raises
        ------
        CertificateError
            If the loss falls nowhere, or the network has several outputs.
        """
        if self.escape is None:
            raise CertificateError(
                f"Expected a point from which the loss falls; at this point of {self.landscape!r} it does not.",
                "Ask for the atlas, whose record says which sets are minima.",
            )
        return falls_along(self.landscape, self.point, self.escape)

    @cached_property
    def certificate(self) -> Judged:
        """The record that the loss falls along the curve of the escape, confirmed; or why there is none."""
        return proved_fall(self.landscape, self.point, self.escape)

    @cached_property
    def steepest(self) -> None:
        """None; `escape` says how far the loss falls."""
        return None

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the loss along every parameter, and along the curve on which it falls; return the Axes."""
        from stability.plot.loss_along import draw_loss_along

        far = 1.0 if self.escape is None else 2 * float(self.escape.step)
        lengths = np.linspace(-far, far, 41)
        land, size = self.landscape, self.landscape.parameters
        axes = [[Fraction(c == k) for c in range(size)] for k in range(size)]
        names = [f"{name} of unit {j + 1}" for j in range(land.units) for name in land.parameter_names]
        names += ["the output bias"] * (size - len(names))
        curves = [(name, self._losses([axis], lengths)) for name, axis in zip(names, axes, strict=True)]
        fall = None if self.escape is None else self._losses(self.escape.curve, lengths)
        return draw_loss_along(ax, lengths, curves, fall, float(self.loss))

    def _losses(self, curve: list[list[Fraction]], lengths: Any) -> Any:
        steps = [Fraction(float(t)) for t in lengths]
        return np.array([float(self.landscape.loss(position(self.landscape, self.point, curve, t))) for t in steps])

    def to_json(self) -> dict[str, Any]:
        """Return the classification with exact numbers as text; `certificate`, which may take a minute, apart."""
        return {
            **self.landscape.names,
            "point": [[str(x) for x in row] for row in self.point],
            "loss": str(self.loss),
            "kind": self.kind,
            "is_global": self.is_global,
            "strict": self.strict,
            "flat_dimension": self.flat_dimension,
            "reason": self.reason,
            "kinks": [list(pair) for pair in self.kinks],
            "silent": list(self.silent),
            "differentiable": self.differentiable,
            "gradient": None if self.gradient is None else [str(g) for g in self.gradient],
            "clarke": self.clarke,
            "directional": self.directional,
            "autograd_rests": self.autograd_rests,
            "descent": None if self.descent is None else [str(d) for d in self.descent],
            "escape": None if self.escape is None else self.escape.to_json(),
            "multipliers": None
            if self.multipliers is None
            else [{"weight": str(w), "pattern": pattern} for w, pattern in self.multipliers],
        }


def _escape_rows(escape: EscapeCurve) -> list[tuple[str, str]]:
    parts = [f"{t} {formatted_vector(part)}" for t, part in zip(("t", "t^2"), escape.curve, strict=False)]
    power = f"t^{escape.order}" if escape.order > 1 else "t"
    lower = f"{'; '.join(map(formatted_vector, escape.point))}, loss {formatted(escape.loss)}"
    return [
        ("the loss falls along", f"{' + '.join(parts)}, by {formatted(escape.rate)} {power} and higher powers"),
        (f"a lower point, t = {formatted(escape.step)}", lower),
    ]


def classify_layer(landscape: NetworkLoss, point: Point) -> LayerClassification:
    """Return what a point of a network with trained output weights is.

    With one output every point is decided; with several, some that are level to second order stay open.

    Raises
    ------
    PointError
        If the shape does not fit, or too many cells meet at the point.
    NumberError
        If an entry is not rational.
    """
    place = LayerPoint(landscape, landscape.point(point))
    kind, reason, escape = _decided(place)
    multipliers = place.multipliers
    signs = landscape.pattern(place.point)
    smooth = landscape.is_differentiable(place.point)
    return LayerClassification(
        landscape=landscape,
        point=place.point,
        kinks=[(j, i) for j, row in enumerate(signs) for i, s in enumerate(row) if s == 0],
        differentiable=smooth,
        gradient=landscape.gradient(place.point) if smooth else None,
        clarke=multipliers is not None,
        directional=place.is_directional,
        autograd_rests=not any(landscape.autograd_gradient(place.point)),
        strict=False,
        flat_dimension=None,
        descent=escape.curve[0] if escape is not None and escape.order == 1 else None,
        multipliers=None if multipliers is None else [(fraction(w), pattern) for w, pattern in multipliers],
        kind=kind,
        is_global=kind == "global minimum",
        reason=reason,
        escape=escape,
        silent=tuple(j for j, unit in enumerate(place.units) if unit.is_silent),
    )


def _decided(place: LayerPoint) -> tuple[str, str, EscapeCurve | None]:
    """Return the kind, why, and an escape where there is one."""
    if is_least_conceivable(place):
        return "global minimum", "no function of the data has a lower loss", None
    escape = first_order_escape(place)
    if escape is not None:
        if place.multipliers is None:
            return "not stationary", "0 is in no convex combination of the gradients around the point", escape
        if not place.landscape.network.output_bias and all(unit.is_most for unit in place.units):
            return "local maximum", "in every direction the loss falls to first order, or no output changes", escape
        return "saddle", "the loss falls in some direction and rises in another", escape
    if all(unit.is_least for unit in place.units):
        return "local minimum", "no unit with parameters nearby puts out what lowers the loss to first order", None
    escape = second_order_escape(place)
    if escape is not None:
        return "saddle", _left(place, escape), escape
    if is_minimum_to_second_order(place):
        return "local minimum", "second derivatives are positive where outputs change", None
    escape = higher_order_escape(place)
    if escape is not None:
        return "saddle", _left(place, escape), escape
    kinks = any(unit.sides[0].walls for unit in place.units)
    where = (
        "derivatives of second order are not negative in the directions tried"
        if kinks
        else ("second derivatives are nowhere negative, and 0 in more directions than those that change no output")
    )
    return "open", f"{where}; higher orders decide, and those tried do not", None


def _left(place: LayerPoint, escape: EscapeCurve) -> str:
    """Return by which unit a saddle is left, in words."""
    land = place.landscape
    for j, unit in enumerate(place.units):
        if unit.is_silent and any(escape.curve[0][j * land.stride : (j + 1) * land.stride]) and not unit.is_least:
            return f"unit {j + 1} is silent, and its outputs nearby are not all orthogonal to the errors"
    return f"the loss falls to order {escape.order} along a curve, and to first order in no direction"
