"""Loss, gradient, Hessian and gradient flow in one activation cell, as formulas."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from stability.errors import PointError, TooLargeError, UnknownNameError, nearest, require_kind
from stability.io.printable import amount
from stability.io.results import Displayed, ResultTable
from stability.model.network_loss import NetworkLoss, require_landscape
from stability.model.several_outputs import require_one_output
from stability.symbolic.angles import along, number
from stability.symbolic.formulas import tidy, typeset
from stability.symbolic.patterns import Pattern, checked_pattern, write_pattern

LONGEST = 160
"""Characters of a loss up to which it is shown whole."""

COORDINATES = ("cartesian", "polar", "angular")

UnitSymbols = tuple[tuple[sp.Expr, ...], sp.Expr, sp.Expr]
"""The weights, the bias and the output weight of one unit."""


@dataclass(frozen=True, repr=False)
class Derivation(Displayed):
    """The formulas of one cell; all of them are smooth, since the slopes of the cell are constant.

    Attributes
    ----------
    landscape, pattern, coordinates
        What was derived; in the pattern 0 stands for the slope torch takes at the kink.
    variables, frozen : tuple of Symbol
        The p coordinates, and the symbols held fixed ("angular" freezes r and b).
    loss : Expr
    gradient, flow : Matrix, (p, 1)
        Partial derivatives in the coordinates; velocity under gradient flow of the Euclidean metric.
    hessian, flow_jacobian : Matrix, (p, p)
        Second partial derivatives; derivative of the flow in the coordinates.

    Examples
    --------
    >>> from stability import landscape
    >>> found = landscape("abs1", "xor").derive("++--")
    >>> found.loss
    (-b - w_1 - w_2)**2 + (-b + w_1 + w_2)**2 + (b - w_1 + w_2 - 1)**2 + (b + w_1 - w_2 - 1)**2
    """

    landscape: NetworkLoss
    pattern: Pattern
    coordinates: str
    variables: tuple[sp.Symbol, ...]
    frozen: tuple[sp.Symbol, ...]
    loss: sp.Expr
    gradient: sp.Matrix
    hessian: sp.Matrix
    flow: sp.Matrix
    flow_jacobian: sp.Matrix

    def _parts(self) -> list[tuple[str, str, sp.Basic]]:
        return [
            ("loss", "L", self.loss),
            ("gradient", r"\nabla L", self.gradient),
            ("Hessian", r"\nabla^2 L", self.hessian),
            ("flow", r"\dot x", self.flow),
            ("Jacobian of the flow", r"\partial \dot x / \partial x", self.flow_jacobian),
        ]

    def pretty(self) -> str:
        """Return the formulas as text for a terminal."""
        blocks = [f"{name}\n{sp.pretty(value, wrap_line=False)}" for name, _, value in self._parts()]
        return "\n\n".join([self._head(), *blocks])

    def _head(self) -> str:
        names = ", ".join(map(str, self.variables))
        held = f", with {', '.join(map(str, self.frozen))} frozen" if self.frozen else ""
        return f"{self.landscape!r} in the cell {write_pattern(self.pattern)}, in ({names}){held}"

    def __repr__(self) -> str:
        """Return what was derived, and the loss; `pretty` has everything."""
        return f"{self._head()}\n  {self._loss_in_line()}"

    def _loss_in_line(self) -> str:
        text = str(self.loss)
        return f"loss {text if len(text) <= LONGEST else f'{text[:LONGEST]}...'}"

    def _table(self) -> ResultTable:
        rows = [(name, typeset(value)) for name, _, value in self._parts()]
        return ResultTable(self._head(), (), rows, finding=self._loss_in_line())

    def to_json(self) -> dict[str, Any]:
        """Return the formulas as text, gradient and flow as lists, Hessian and Jacobian as rows."""
        columns = {name: [str(x) for x in getattr(self, name)] for name in ("gradient", "flow")}
        tables = {
            name: [[str(x) for x in row] for row in getattr(self, name).tolist()]
            for name in ("hessian", "flow_jacobian")
        }
        return {
            **self.landscape.names,
            "pattern": write_pattern(self.pattern),
            "coordinates": self.coordinates,
            "variables": [str(v) for v in self.variables],
            "frozen": [str(v) for v in self.frozen],
            "loss": str(self.loss),
            **columns,
            **tables,
        }

    def latex(self) -> str:
        """Return the formulas as one LaTeX `align*` environment; x stands for the coordinates."""
        x = ", ".join(map(sp.latex, self.variables))
        lines = [rf"x &= \left({x}\right)", *(f"{s} &= {sp.latex(v)}" for _, s, v in self._parts())]
        return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"

    def _repr_latex_(self) -> str:
        """Return what a notebook shows."""
        return self.latex()


MOST_TERMS = 2000
"""Terms of a loss, points times parameters, beyond which a cell is refused, unless more are allowed."""


def derive(
    landscape: NetworkLoss,
    pattern: str | Sequence[Sequence[int]],
    coordinates: str = "cartesian",
    max_terms: int = MOST_TERMS,
) -> Derivation:
    """Return the formulas of one activation cell, whether or not any parameters lie in it.

    Parameters
    ----------
    landscape : NetworkLoss
    pattern : str or rows of -1, 0, 1
        As `parse_pattern` reads it; 0 takes the slope torch takes at the kink.
    coordinates : {"cartesian", "polar", "angular"}
        (w, b); (r, theta, b) in the plane, where the flow is r' = -dL/dr, theta' = -dL/dtheta / r^2,
        b' = -dL/db; or theta alone with all else frozen. Trained output weights a and the output bias c are coordinates
        too, and stay as they are in the polar ones.
    max_terms : int
        The most terms, one for each point and parameter.

    Raises
    ------
    TooLargeError
        If there are more terms.
    PatternError, UnknownNameError, PointError
        For a pattern or coordinates that do not fit.
    """
    require_landscape(landscape)
    require_one_output(landscape, "formulas")
    require_kind(pattern, str | Sequence, "the pattern of a cell", 'Write "+-+-", one sign for each example.')
    _refuse_too_large(landscape, max_terms)
    signs = checked_pattern(landscape, pattern)
    if coordinates not in COORDINATES:
        raise UnknownNameError(
            f"Expected coordinates {', '.join(COORDINATES)}; got {coordinates!r}.",
            nearest(str(coordinates), list(COORDINATES)),
        )
    units, free, metric = (_cartesian if coordinates == "cartesian" else _polar)(landscape)
    frozen: list[sp.Symbol] = []
    constant = sp.Symbol("c", real=True) if landscape.network.output_bias else sp.Integer(0)
    if landscape.network.output_bias:
        free, metric = [*free, constant], [*metric, sp.Integer(1)]
    if coordinates == "angular":
        kept = [k for k, v in enumerate(free) if v.name.startswith("theta")]
        frozen = [v for k, v in enumerate(free) if k not in kept]
        free, metric = [free[k] for k in kept], [metric[k] for k in kept]
    loss = cell_loss(landscape, signs, units, constant)
    gradient = sp.Matrix([tidy(sp.diff(loss, v)) for v in free])
    flow = sp.Matrix([sp.expand(-g / m) for g, m in zip(gradient, metric, strict=True)])
    parts = [gradient, gradient.jacobian(free), flow, flow.jacobian(free)]
    shown = [sp.ImmutableMatrix(part.applyfunc(tidy)) for part in parts]
    return Derivation(landscape, signs, coordinates, tuple(free), tuple(frozen), loss, *shown)


def _refuse_too_large(landscape: NetworkLoss, max_terms: int) -> None:
    terms = len(landscape.rows) * landscape.parameters
    if terms > max_terms:
        raise TooLargeError(
            f"{landscape!r} has {terms:,} terms, points times parameters; at most {max_terms:,} are derived.",
            f"Allow more with --max-terms {terms}, or take at most {max_terms // landscape.parameters:,} points.",
        )


def cell_loss(
    landscape: NetworkLoss, pattern: Sequence[Sequence[int]], units: Sequence[UnitSymbols], constant: sp.Expr
) -> sp.Expr:
    """Return the loss of the cell at the given weights and biases and output bias, as a sum of squares."""
    slope, total = landscape.network.unit.slope, sp.Integer(0)
    for i, (x, y) in enumerate(zip(landscape.data.points, landscape.data.labels, strict=True)):
        output = constant + sum(
            outer * number(slope(signs[i])) * (along(x, weights) + bias)
            for signs, (weights, bias, outer) in zip(pattern, units, strict=True)
        )
        total += (output - number(y)) ** 2
    return number(landscape.scale) * total


_Chart = tuple[list[UnitSymbols], list[sp.Symbol], list[sp.Expr]]
"""The units, the coordinates, and their metric."""


def _cartesian(landscape: NetworkLoss) -> _Chart:
    units: list[UnitSymbols] = []
    for j in range(landscape.units):
        tag = f"_{j + 1}" if landscape.units > 1 else ""
        weights = tuple(sp.Symbol(f"w{tag}_{c + 1}", real=True) for c in range(landscape.data.dimension))
        units.append((weights, *_rest(landscape, j, tag)))
    free = [v for weights, bias, outer in units for v in (*weights, bias, outer) if v.is_Symbol]
    return units, free, [sp.Integer(1)] * len(free)


def _rest(landscape: NetworkLoss, unit: int, tag: str) -> tuple[sp.Expr, sp.Expr]:
    """Return the bias and the output weight of a unit."""
    net = landscape.network
    bias = sp.Symbol(f"b{tag}", real=True) if net.hidden_biases else sp.Integer(0)
    return bias, sp.Symbol(f"a{tag}", real=True) if net.trainable else number(net.weights[unit])


def _polar(landscape: NetworkLoss) -> _Chart:
    if landscape.data.dimension != 2:
        raise PointError(
            f"Polar coordinates need data in the plane; {landscape.data.name} has "
            f"{amount(landscape.data.dimension, 'dimension')}.",
            "Use cartesian coordinates.",
        )
    units: list[UnitSymbols] = []
    free, metric = [], []
    for j in range(landscape.units):
        tag = f"_{j + 1}" if landscape.units > 1 else ""
        r, theta = sp.Symbol(f"r{tag}", positive=True), sp.Symbol(f"theta{tag}", real=True)
        bias, outer = _rest(landscape, j, tag)
        units.append(((r * sp.cos(theta), r * sp.sin(theta)), bias, outer))
        more = [v for v in (bias, outer) if v.is_Symbol]
        free += [r, theta, *more]
        metric += [sp.Integer(1), r**2, *[sp.Integer(1)] * len(more)]
    return units, free, metric
