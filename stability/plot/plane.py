"""Contours of the loss of one unit, and its kinks, in the plane w = (p/2, -p/2)."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from stability.model.float_loss import losses
from stability.model.network_loss import NetworkLoss
from stability.plot.axes import axes
from stability.plot.style import GREY
from stability.symbolic.angles import require_one_unit_in_the_plane

LEVEL = "#B5B5B5"
KINK: dict[str, Any] = {"color": GREY, "linestyle": (0, (4, 2)), "linewidth": 1}


def draw_landscape(ax: Axes | None, landscape: NetworkLoss, span: float = 1.5) -> Axes:
    """Draw the contours of the loss of one unit and its kinks in the plane w = (p/2, -p/2).

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    landscape : NetworkLoss
    span : float
        Both axes run from -span to span.

    Raises
    ------
    PointError
        If there are several units, or the data are not in the plane.
    """
    require_one_unit_in_the_plane(landscape, OTHERWISE.format(landscape.network.name, landscape.data.name))
    return draw_levels_and_kinks(axes(ax), landscape, span)


OTHERWISE = "For other landscapes draw a phase portrait: stability portrait {} {} -o portrait.png"
"""What to try where a landscape has no picture in the plane w = (p/2, -p/2)."""


def draw_levels_and_kinks(ax: Axes, landscape: NetworkLoss, span: float) -> Axes:
    """Draw the contours of the loss and the kinks from -span to span, and label the axes; return the axes."""
    line = np.linspace(-span, span, 241)
    p, b = np.meshgrid(line, line)
    loss = losses(landscape, np.stack([p / 2, -p / 2, b], axis=-1)[..., None, :])
    levels = np.unique(np.concatenate([np.linspace(0, 2, 9), np.geomspace(2.5, max(loss.max(), 3), 8)]))
    ax.contour(p, b, loss, levels=levels, colors=LEVEL, linewidths=0.5, zorder=1)
    ends = np.array([-span, span])
    for lean in sorted({float(x[0] - x[1]) for x in landscape.data.points}):
        ax.plot(ends, -lean * ends / 2, zorder=2, **KINK)
    ax.set(xlim=(-span, span), ylim=(-span, span), xlabel=r"$p = w_1 - w_2$", ylabel=r"bias $b$", aspect="equal")
    return ax
