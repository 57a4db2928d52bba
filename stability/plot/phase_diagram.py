"""Drawing of an angular phase diagram."""

from fractions import Fraction
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from stability.plot.axes import axes
from stability.plot.protocols.symbolic import DrawnPhaseDiagram
from stability.plot.style import BLACK, BLUE, FAINT, GREY, SKY, VERMILLION, angle_axis

FILLS = {-1: VERMILLION, 0: FAINT, 1: SKY}
STROKES: dict[str, tuple[str, Any, float]] = {
    "concave kink": (BLACK, "-", 1.8),
    "convex kink": (BLUE, "-", 1.8),
    "plain": (GREY, "--", 1.0),
}
NAMES = {
    "concave kink": "kink: a corner that points up",
    "convex kink": "kink: a corner that points down",
    "plain": "kink without a corner",
}


def draw_phase_diagram(ax: Axes | None, diagram: DrawnPhaseDiagram, height: float = 2.0, resolution: int = 700) -> Axes:
    """Draw where the angular loss is curved up, curved down or flat, and where it has kinks.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    diagram : PhaseDiagram
        With a number for the radius.
    height : float
        The ratio b/r is drawn from -height to height.
    resolution : int
        Pixels along each axis.

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax)
    theta = (np.arange(resolution) + 0.5) / resolution * 2 * np.pi
    beta = height * (2 * (np.arange(resolution) + 0.5) / resolution - 1)
    shown = diagram.signs(theta[None, :], beta[:, None])
    colours = ListedColormap([FILLS[-1], FILLS[0], FILLS[1]])
    ax.imshow(
        shown,
        extent=(0, 2 * np.pi, -height, height),
        origin="lower",
        aspect="auto",
        cmap=colours,
        vmin=-1,
        vmax=1,
        interpolation="nearest",
    )
    around = np.linspace(0, 2 * np.pi, 800)
    for curve in diagram.curves:
        colour, dash, width = STROKES[curve.kind]
        ax.plot(around, curve.heights(around), dash, color=colour, linewidth=width)
    ax.set_ylim(-height, height)
    ax.set_ylabel(r"ratio $\beta = b/r$")
    return angle_axis(ax, Fraction(1, 2))


def legend_entries(diagram: DrawnPhaseDiagram) -> list[Patch | Line2D]:
    """Return the entries that explain the drawing."""
    words = {1: "curved up, $L'' > 0$", 0: "flat, $L'' = 0$", -1: "curved down, $L'' < 0$"}
    fills = [Patch(facecolor=FILLS[s], edgecolor=GREY, linewidth=0.5, label=words[s]) for s in (1, 0, -1)]
    kinds = [kind for kind in STROKES if any(curve.kind == kind for curve in diagram.curves)]
    strokes = [STROKES[kind] for kind in kinds]
    lines = [
        Line2D([], [], color=colour, linestyle=dash, linewidth=width, label=NAMES[kind])
        for kind, (colour, dash, width) in zip(kinds, strokes, strict=True)
    ]
    return [*fills, *lines]
