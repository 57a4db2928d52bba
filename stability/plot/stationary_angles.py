"""Pictures of the loss over the angle of a unit, with the angles at which it is stationary."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from stability.arrays import Floats
from stability.plot.axes import axes
from stability.plot.style import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILLION, angle_axis

LOOKS = {
    "minimum": ("o", GREEN),
    "maximum": ("^", VERMILLION),
    "neither": ("X", ORANGE),
    "flat arc": ("s", BLUE),
    "edge": ("|", BLACK),
}
"""Marker and colour of each kind of stationary angle."""


def draw_stationary_angles(
    ax: Axes | None, curve: tuple[Floats, Floats], places: tuple[Floats, Floats], kinds: Sequence[str]
) -> Axes:
    """Draw the loss over one turn, and its stationary angles by kind; a flat arc has its mark in the middle.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    curve : pair of arrays (n,)
        Angles, and the loss there.
    places : pair of arrays (m,)
        The stationary angles, and the loss there.
    kinds : sequence of str

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax)
    ax.plot(*curve, color=GREY, linewidth=1.4, zorder=1)
    angles, heights = places
    for kind, (marker, colour) in LOOKS.items():
        here = [each == kind for each in kinds]
        if any(here):
            ax.plot(angles[here], heights[here], marker, color=colour, markersize=8, label=kind, zorder=2)
    if kinds:
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len({*kinds}))
    ax.set_ylabel("loss")
    ax.margins(y=0.08)
    return angle_axis(ax)
