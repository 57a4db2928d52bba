"""Pictures of the steps at which a minimum is stable under an update rule."""

import numpy as np
from matplotlib.axes import Axes

from stability.plot.axes import axes
from stability.plot.protocols.dynamics import DrawnRegion
from stability.plot.style import BLUE, pale


def draw_region(ax: Axes | None, region: DrawnRegion) -> Axes:
    """Draw the region of stable steps: below the line they are stable, for rules with a memory over the memory.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    region : Region

    Returns
    -------
    Axes
        The same.

    Raises
    ------
    DifferentiabilityError
        If the loss has no Hessian there.
    """
    memories, limits = region.border()
    places, heights = (memories, limits) if region.memory else (np.array([0.0, 1.0]), np.repeat(limits, 2))
    ax = axes(ax)
    ax.plot(places, heights, color=BLUE)
    ax.fill_between(places, 0, heights, color=pale(BLUE, 0.3), linewidth=0)
    ax.set(xlim=(0, places[-1]), xlabel=region.memory or "", ylabel=f"step of {region.rule}")
    ax.set_ylim(bottom=0)
    if not region.memory:
        ax.set_xticks([])
    if np.isnan(heights).all():
        ax.set_title("every step is stable")
    return ax
