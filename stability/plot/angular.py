"""Drawing of the angular loss and its kinks."""

from collections.abc import Sequence

import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from stability.plot.axes import axes
from stability.plot.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION, angle_axis
from stability.symbolic.angles import THETA
from stability.symbolic.angular import AngularLoss, Breakpoint

LINES = [
    (BLUE, "-"),
    (VERMILLION, "--"),
    (GREEN, "-."),
    (PURPLE, ":"),
    (ORANGE, "-"),
    (SKY, "--"),
    (BLACK, "-."),
]


def draw_angular_loss(ax: Axes | None, losses: Sequence[AngularLoss]) -> Axes:
    """Draw angular losses with given radius and bias over one turn.

    A filled circle marks a kink of a data point with a label other than 0, where the slope jumps; an open one
    that of a label 0, where the slope goes on.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    losses : sequence of AngularLoss
        Each with numbers for radius and bias.

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax)
    for loss, (colour, dash) in zip(losses, LINES, strict=False):
        ratio = loss.bias / loss.radius
        ax.plot(*_curve(loss), color=colour, linestyle=dash, linewidth=1.6, label=f"$b/r = {sp.latex(ratio)}$")
        for point in loss.regimes[0].breakpoints:
            angle = float(point.angle) % (2 * np.pi)
            face = colour if _has_label(loss, point) else "white"
            ax.plot(angle, _height(loss, angle), "o", color=colour, markerfacecolor=face, markersize=4.5, zorder=3)
    ax.set_ylabel(r"angular loss $L(\theta)$")
    ax.margins(y=0.08)
    return angle_axis(ax)


def _has_label(loss: AngularLoss, point: Breakpoint) -> bool:
    return any(loss.landscape.data.labels[i] != 0 for i in point.points)


def _curve(loss: AngularLoss) -> tuple[np.ndarray, np.ndarray]:
    """Return angles in [0, 2 pi] and the loss there, piece by piece so that kinks stay sharp."""
    xs, ys = [], []
    for piece in loss.regimes[0].pieces:
        angles = np.linspace(float(piece.start), float(piece.end), 200)
        xs.append(angles)
        ys.append(np.broadcast_to(sp.lambdify(THETA, piece.loss)(angles), angles.shape))
    x, y = np.concatenate(xs), np.concatenate(ys)
    turns = 2 * np.pi * np.arange(-1, 2)
    x, y = (x + turns[:, None]).ravel(), np.tile(y, len(turns))
    return x, y


def _height(loss: AngularLoss, angle: float) -> float:
    x, y = _curve(loss)
    return float(np.interp(angle, x, y))
