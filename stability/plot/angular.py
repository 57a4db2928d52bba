"""Drawing of the angular loss and its kinks."""

from collections.abc import Sequence

import sympy as sp
from matplotlib.axes import Axes

from stability.plot.axes import axes
from stability.plot.protocols.symbolic import DrawnAngularLoss
from stability.plot.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION, WHITE, angle_axis

LINES = [
    (BLUE, "-"),
    (VERMILLION, "--"),
    (GREEN, "-."),
    (PURPLE, ":"),
    (ORANGE, "-"),
    (SKY, "--"),
    (BLACK, "-."),
]


def draw_angular_loss(ax: Axes | None, losses: Sequence[DrawnAngularLoss]) -> Axes:
    """Draw angular losses with given radius and bias over one turn.

    A filled circle marks a kink of a data point with a label other than 0, where the loss has a corner; an open one
    that of a label 0, where only the curvature jumps.

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
        ax.plot(*loss.curve(), color=colour, linestyle=dash, linewidth=1.6, label=f"$b/r = {sp.latex(ratio)}$")
        for kink in loss.kinks():
            face = colour if kink.jumps else WHITE
            ax.plot(kink.angle, kink.height, "o", color=colour, markerfacecolor=face, markersize=4.5, zorder=3)
    ax.set_ylabel(r"angular loss $L(\theta)$")
    ax.margins(y=0.08)
    return angle_axis(ax)
