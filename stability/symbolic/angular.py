"""The loss of one unit in the plane as a function of its angle, all the way round."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from stability.arrays import Floats
from stability.errors import NumberError, TooLargeError
from stability.io.printable import amount
from stability.io.results import ResultTable, Tabular
from stability.model.network_loss import NetworkLoss
from stability.model.restrictions import require_one_unit_in_the_plane
from stability.symbolic.angles import BIAS, RADIUS, THETA, number, sign
from stability.symbolic.derive import cell_loss
from stability.symbolic.formulas import typeset
from stability.symbolic.patterns import write_pattern
from stability.symbolic.ratio_intervals import Kink, Regime, entered, kinks, lower_half, regimes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SAMPLES = 200
"""Of a piece, where the loss is computed as a curve."""


@dataclass(frozen=True)
class Breakpoint:
    """An angle where pre-activations vanish, and the data points whose they are."""

    angle: sp.Expr
    points: tuple[int, ...]


@dataclass(frozen=True)
class Arc:
    """An arc start < theta < end with one pattern, and the loss on it."""

    start: sp.Expr
    end: sp.Expr
    pattern: tuple[int, ...]
    loss: sp.Expr


@dataclass(frozen=True)
class AngularRegime:
    """The pieces of the angular loss in one regime of b/r; without breakpoints one piece goes round."""

    ratios: Regime
    breakpoints: tuple[Breakpoint, ...]
    pieces: tuple[Arc, ...]


@dataclass(frozen=True)
class AngularKink:
    """A kink of an angular loss whose radius and bias are numbers, rounded.

    Attributes
    ----------
    angle, height : float
        From 0 to 2 pi, and the loss there.
    jumps : bool
        Whether a data point with a label other than 0 lies there, so that the slope jumps.
    """

    angle: float
    height: float
    jumps: bool


@dataclass(frozen=True, repr=False)
class AngularLoss(Tabular):
    """The exact piecewise loss of one unit along w = r (cos theta, sin theta), with r and b frozen.

    Attributes
    ----------
    radius, bias : Expr
        A number, or the symbol r or b.
    regimes : tuple of AngularRegime
        One for each regime of b/r that these allow, in ascending order; one only when both are numbers.
    """

    landscape: NetworkLoss
    radius: sp.Expr
    bias: sp.Expr
    regimes: tuple[AngularRegime, ...]

    def pretty(self) -> str:
        """Return the pieces as text for a terminal."""
        lines = [self._head()]
        for regime in self.regimes:
            lines.append(f"\n{regime.ratios.text()}")
            for piece in regime.pieces:
                arc = f"{piece.start} < theta < {piece.end}"
                lines.append(f"  {write_pattern([piece.pattern])}  {arc}\n      L = {piece.loss}")
        return "\n".join(lines)

    def latex(self) -> str:
        """Return one LaTeX `cases` environment per regime, within `align*`."""
        blocks = []
        for regime in self.regimes:
            rows = [rf"{sp.latex(p.loss)} & {sp.latex(p.start)} < \theta < {sp.latex(p.end)}" for p in regime.pieces]
            cases = r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"
            low, high = sp.latex(regime.ratios.low), sp.latex(regime.ratios.high)
            where = rf"\tfrac br = {low}" if regime.ratios.is_point else rf"{low} < \tfrac br < {high}"
            blocks.append(rf"L(\theta) &= {cases} && {where}")
        return "\\begin{align*}\n" + " \\\\\n".join(blocks) + "\n\\end{align*}"

    def _repr_latex_(self) -> str:
        """Return what a notebook shows."""
        return self.latex()

    def _head(self) -> str:
        return f"Angular loss of {self.landscape!r}, w = r (cos theta, sin theta), {self._given()}"

    def _table(self) -> ResultTable:
        rows = [
            (regime.ratios.text(), write_pattern([p.pattern]), f"{p.start} < theta < {p.end}", typeset(p.loss))
            for regime in self.regimes
            for p in regime.pieces
        ]
        finding = f"{amount(len(rows), 'formula')} in {amount(len(self.regimes), 'range')} of b/r"
        return ResultTable(self._head(), ("b/r", "cell", "angles", "loss"), rows, finding=finding)

    def _records(self) -> list[dict[str, str]]:
        return [
            {"regime": regime["ratios"], **piece} for regime in self.to_json()["regimes"] for piece in regime["pieces"]
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the pieces, formulas as text."""
        return {
            **self.landscape.names,
            "radius": str(self.radius),
            "bias": str(self.bias),
            "regimes": [
                {
                    "ratios": regime.ratios.text(),
                    "breakpoints": [{"angle": str(p.angle), "points": [*p.points]} for p in regime.breakpoints],
                    "pieces": [
                        {
                            "start": str(p.start),
                            "end": str(p.end),
                            "pattern": write_pattern([p.pattern]),
                            "loss": str(p.loss),
                        }
                        for p in regime.pieces
                    ],
                }
                for regime in self.regimes
            ],
        }

    def curve(self) -> tuple[Floats, Floats]:
        """Return angles that cover [0, 2 pi] and the loss there, piece by piece so that kinks stay sharp.

        Returns
        -------
        pair of arrays (3 * 200 * pieces,)
            From one turn before to one turn after; radius and bias have to be numbers.
        """
        angles = [np.linspace(float(piece.start), float(piece.end), SAMPLES) for piece in self.regimes[0].pieces]
        losses = [
            np.broadcast_to(sp.lambdify(THETA, piece.loss)(x), x.shape)
            for piece, x in zip(self.regimes[0].pieces, angles, strict=True)
        ]
        turns = 2 * np.pi * np.arange(-1, 2)
        return (np.concatenate(angles) + turns[:, None]).ravel(), np.tile(np.concatenate(losses), len(turns))

    def kinks(self) -> list[AngularKink]:
        """Return the kinks within one turn; radius and bias have to be numbers."""
        angles, losses = self.curve()
        labels = self.landscape.data.labels
        found = []
        for point in self.regimes[0].breakpoints:
            angle = float(point.angle) % (2 * np.pi)
            height = float(np.interp(angle, angles, losses))
            found.append(AngularKink(angle, height, any(labels[i] != 0 for i in point.points)))
        return found

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the loss over one turn, kinks marked; return the Axes.

        Raises
        ------
        NumberError
            If the radius or the bias is a symbol.
        """
        from stability.plot.angular import draw_angular_loss

        if self.radius == RADIUS or self.bias == BIAS:
            raise NumberError(
                f"Expected numbers for the radius and the bias; got {self._given()}.",
                "Take angular_loss(landscape, radius=1, bias=0), for example.",
            )
        return draw_angular_loss(ax, [self])

    def _given(self) -> str:
        return f"r = {self.radius}, b = {self.bias}".replace("r = r", "r > 0").replace("b = b", "b real")


def positive_radius(radius: Any) -> sp.Expr:
    """Return the radius, or its symbol for None.

    Raises
    ------
    NumberError
        If it is not positive.
    """
    r = RADIUS if radius is None else number(radius)
    if sign(r) <= 0:
        raise NumberError(f"Expected a positive radius; got {r}.", "Turn the angle by pi instead.")
    return r


MOST_PIECES = 2000
"""Pieces of a loss beyond which it is refused, unless more are allowed; so many take a minute or two."""


def most_pieces(points: int, regimes_too: bool = True) -> int:
    """Return how many pieces the angular loss on so many points has at most, in all regimes of b/r or in one."""
    pieces = max(1, 2 * points)
    return (2 * points * (points + 1) + 1) * pieces if regimes_too else pieces


def angular_loss(
    landscape: NetworkLoss, radius: Any = None, bias: Any = None, max_pieces: int = MOST_PIECES
) -> AngularLoss:
    """Return the angular loss of one unit in the plane, exactly and with its kinks.

    Parameters
    ----------
    landscape : NetworkLoss
        One unit on data in the plane.
    radius, bias : exact numbers, or None to keep the symbol
        Where b/r is open, each regime of b/r is returned.
    max_pieces : int
        The most pieces that are derived.

    Raises
    ------
    PointError
        For several units or another dimension.
    NumberError
        If the radius is not positive.
    TooLargeError
        If there may be more pieces; nothing has been derived then.
    """
    require_one_unit_in_the_plane(landscape)
    r, b = positive_radius(radius), BIAS if bias is None else number(bias)
    _refuse_too_large(landscape, r == RADIUS or b == BIAS, max_pieces)
    return AngularLoss(landscape, r, b, tuple(_regime(landscape, r, b, part) for part in _allowed(landscape, r, b)))


def _refuse_too_large(landscape: NetworkLoss, regimes_too: bool, max_pieces: int) -> None:
    points = len({*landscape.data.points})
    wanted = most_pieces(points, regimes_too)
    if wanted > max_pieces:
        fits = max((n for n in range(1, points) if most_pieces(n, regimes_too) <= max_pieces), default=0)
        raise TooLargeError(
            f"{landscape!r} has an angular loss of up to {wanted:,} pieces; at most {max_pieces:,} are derived.",
            f"Allow more with --max-terms {wanted}, take at most {fits} points, or derive one cell with --pattern.",
        )


def _allowed(landscape: NetworkLoss, r: sp.Expr, b: sp.Expr) -> list[Regime]:
    if b != BIAS and (r != RADIUS or b == 0):
        return [Regime(b / r, b / r)]
    every = regimes(landscape)
    return every if b == BIAS else [part for part in every if sign(part.sample) == sign(b)]


def _regime(landscape: NetworkLoss, r: sp.Expr, b: sp.Expr, part: Regime) -> AngularRegime:
    if part.is_point:
        r, b = (r, part.low * r) if b == BIAS else (b / part.low if r == RADIUS and b != 0 else r, b)
    met = kinks(landscape, part.sample)
    breakpoints = tuple(Breakpoint(_angle(landscape, k, part.sample, b / r), _points(k)) for k in met)
    if not met:
        return AngularRegime(part, (), (_piece(landscape, r, b, part, None, sp.Integer(0), 2 * sp.pi),))
    angles = [point.angle for point in breakpoints]
    ends = [*angles[1:], angles[0] + 2 * sp.pi]
    arcs = zip(met, angles, ends, strict=True)
    return AngularRegime(part, breakpoints, tuple(_piece(landscape, r, b, part, *arc) for arc in arcs))


def _points(kink: Kink) -> tuple[int, ...]:
    return tuple(sorted({i for i, _ in kink.branches}))


def _piece(
    landscape: NetworkLoss,
    r: sp.Expr,
    b: sp.Expr,
    part: Regime,
    kink: Kink | None,
    start: sp.Expr,
    end: sp.Expr,
) -> Arc:
    u = kink.u if kink else (sp.Integer(1), sp.Integer(0))
    pattern = list(entered(landscape, u, part.sample, 1))
    for i, s in kink.branches if kink else ():
        pattern[i] = -s if part.sample**2 != sum(number(c) ** 2 for c in landscape.data.points[i]) else pattern[i]
    weights = r * sp.cos(THETA), r * sp.sin(THETA)
    loss = cell_loss(landscape, [pattern], [(weights, b, number(landscape.network.weights[0]))], sp.Integer(0))
    return Arc(start, end, tuple(pattern), loss)


def _angle(landscape: NetworkLoss, kink: Kink, sample: sp.Expr, ratio: sp.Expr) -> sp.Expr:
    """Return the angle of a kink as a formula in the ratio, in [0, 2 pi) at the sample.

    The number of turns is an integer by construction, so 30 digits are more than enough to read it off.
    """
    i, s = kink.branches[0]
    x, y = map(number, landscape.data.points[i])
    formula = sp.atan2(y, x) + s * sp.acos(-ratio / sp.sqrt(x**2 + y**2))
    at_sample = sp.atan2(y, x) + s * sp.acos(-sample / sp.sqrt(x**2 + y**2))
    here = sp.atan2(kink.u[1], kink.u[0])
    if lower_half(kink.u) and sign(kink.u[1]) < 0:
        here += 2 * sp.pi
    turns = sp.Integer(round((here - at_sample).evalf(30) / (2 * sp.pi).evalf(30)))
    return formula + 2 * sp.pi * turns
