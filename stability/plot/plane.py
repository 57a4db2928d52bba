"""Contours of the loss of one unit, and its kinks, in the plane w = (p/2, -p/2)."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from stability.plot.axes import axes
from stability.plot.protocols.geometry import DrawnLossPlane, LandscapeWithPlane
from stability.plot.style import DARK, GREY, LIGHT

LEVEL = LIGHT
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


def _levels(most: float) -> list[float]:
    """Return values of the loss to draw: quarters up to 2, then ever wider apart, with two digits."""
    wide = [float(f"{level:.2g}") for level in np.geomspace(2.5, max(most, 3), 8)]
    return sorted({*np.linspace(0, 2, 9).tolist(), *wide})


def draw_levels_and_kinks(ax: Axes, shown: DrawnLossPlane) -> Axes:
    """Draw the contours of the loss and the kinks from -span to span, and label the axes; return the axes."""
    levels = _levels(float(shown.loss.max()))
    lines = ax.contour(shown.p, shown.b, shown.loss, levels=levels, colors=LEVEL, linewidths=0.5, zorder=1)
    ax.clabel(lines, levels[2::2], fmt="%g", fontsize=6.5, colors=DARK, inline_spacing=2)
    ends = np.array([-shown.span, shown.span])
    for slope in shown.kinks:
        ax.plot(ends, slope * ends, zorder=2, **KINK)
    ax.set(xlim=ends, ylim=ends, xlabel=r"$p = w_1 - w_2$", ylabel=r"bias $b$", aspect="equal")
    return ax
