"""Contours of the loss of one unit, and its kinks, in the plane w = (p/2, -p/2)."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from stability.plot.axes import axes
from stability.plot.protocols.geometry import DrawnLossPlane, LandscapeWithPlane
from stability.plot.style import GREY

LEVEL = "#B5B5B5"
KINK: dict[str, Any] = {"color": GREY, "linestyle": (0, (4, 2)), "linewidth": 1}


def draw_landscape(ax: Axes | None, landscape: LandscapeWithPlane, span: float = 1.5) -> Axes:
    """Draw the contours of the loss of one unit and its kinks in the plane w = (p/2, -p/2).

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    landscape : Landscape
    span : float
        Both axes run from -span to span.

    Raises
    ------
    PointError
        If there are several units, or the data are not in the plane.
    """
    shown = landscape.in_plane(span)
    return draw_levels_and_kinks(axes(ax), shown)


def draw_levels_and_kinks(ax: Axes, shown: DrawnLossPlane) -> Axes:
    """Draw the contours of the loss and the kinks from -span to span, and label the axes; return the axes."""
    levels = np.unique(np.concatenate([np.linspace(0, 2, 9), np.geomspace(2.5, max(shown.loss.max(), 3), 8)]))
    ax.contour(shown.p, shown.b, shown.loss, levels=levels, colors=LEVEL, linewidths=0.5, zorder=1)
    ends = np.array([-shown.span, shown.span])
    for slope in shown.kinks:
        ax.plot(ends, slope * ends, zorder=2, **KINK)
    ax.set(xlim=ends, ylim=ends, xlabel=r"$p = w_1 - w_2$", ylabel=r"bias $b$", aspect="equal")
    return ax
