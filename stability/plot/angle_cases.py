"""Pictures of what the angular loss of a unit does at one angle, over the frozen bias."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from stability.plot.axes import axes
from stability.plot.style import BLUE, GREEN, GREY, VERMILLION

LOOKS = {
    "convex kink": ("v", GREEN),
    "concave kink": ("^", VERMILLION),
    "curvature jump": ("o", GREY),
    "curvature": (".", BLUE),
}
"""Marker and colour of what is at a single ratio."""

Curve = tuple[Sequence[float], Sequence[float], bool]
"""Ratios, the curvature there, and whether the slope vanishes."""


def draw_angle_cases(ax: Axes | None, curves: Sequence[Curve], points: Sequence[tuple[float, str]]) -> Axes:
    """Draw the angular curvature at radius 1 over b/r; dashed where the slope does not vanish.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    curves : sequence of Curve
        One for each open interval of ratios.
    points : sequence of (float, str)
        The ratios between, and the kind of what is there: a convex kink is a valley, a concave one a peak.

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax)
    ax.axhline(0, color=GREY, linewidth=0.8, zorder=0)
    for ratios, curvatures, stationary in curves:
        name = "curvature, slope 0" if stationary else "curvature, slope not 0"
        ax.plot(ratios, curvatures, color=BLUE, linestyle="-" if stationary else "--", linewidth=1.8, label=name)
    for ratio, kind in points:
        marker, colour = LOOKS[kind]
        ax.axvline(ratio, color=GREY, linestyle=":", linewidth=0.8, zorder=0)
        ax.plot(ratio, 0, marker, color=colour, markersize=9, label=kind)
    handles = {str(line.get_label()): line for line in ax.lines if not str(line.get_label()).startswith("_")}
    ax.legend(handles.values(), handles)
    ax.set(xlabel=r"$b/r$", ylabel=r"angular curvature at $r = 1$")
    return ax
