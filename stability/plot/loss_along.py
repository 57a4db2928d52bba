"""Pictures of the loss along straight lines through a point."""

from collections.abc import Sequence
from itertools import cycle

from matplotlib.axes import Axes

from stability.arrays import Floats
from stability.plot.axes import axes
from stability.plot.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION

LOOKS = [(BLUE, "-"), (GREEN, "--"), (ORANGE, "-."), (PURPLE, ":"), (SKY, "-"), (BLACK, "--")]
MOST = 9
"""So many lines are named in the legend at most."""


def draw_loss_along(
    ax: Axes | None, lengths: Floats, curves: Sequence[tuple[str, Floats]], descent: Floats | None, loss: float
) -> Axes:
    """Draw the loss along lines through a point, over the distance from it, and the point itself.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    lengths : array (n,)
        Distances from the point, negative ones on the other side.
    curves : sequence of (str, array (n,))
        What the line is called, and the loss along it.
    descent : array (n,) or None
        The loss along the direction of descent, where there is one.
    loss : float
        At the point.

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax)
    for (name, values), (colour, dash) in zip(curves, cycle(LOOKS), strict=False):
        ax.plot(lengths, values, color=colour, linestyle=dash, linewidth=1.2, label=f"along {name}")
    if descent is not None:
        ahead = lengths >= 0
        ax.plot(lengths[ahead], descent[ahead], color=VERMILLION, linewidth=2.6, label="direction of descent")
    (point,) = ax.plot(0, loss, "o", color=BLACK, markersize=6, zorder=3)
    handles = [line for line in ax.lines if line is not point]
    ax.legend(handles=[*handles[:MOST], *(handles[-1:] if descent is not None and len(handles) > MOST else [])])
    ax.axhline(loss, color=BLACK, linewidth=0.6, linestyle=":", zorder=0)
    ax.set(xlim=(lengths[0], lengths[-1]), xlabel="distance from the point", ylabel="loss")
    return ax
