"""Pictures of the steps at which a minimum is stable under an update rule."""

from fractions import Fraction
from math import nan

import numpy as np
from matplotlib.axes import Axes

from stability.dynamics.maps.stability_regions import Region
from stability.dynamics.maps.stable_steps import MEMORY
from stability.plot.axes import axes
from stability.plot.marks import pale
from stability.plot.style import BLUE

MEMORIES = [Fraction(k, 20) for k in range(20)]
"""At which momenta (or beta1) the exact limit is taken; it is drawn straight between them."""


def draw_region(ax: Axes | None, region: Region) -> Axes:
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
    name = MEMORY[region.rule]
    memories = MEMORIES if name else [Fraction(0), Fraction(0)]
    limits = [region.limit(memory) for memory in memories]
    heights = np.array([nan if limit is None else float(limit.low + limit.high) / 2 for limit in limits])
    ax = axes(ax)
    places = np.array([float(memory) for memory in memories]) if name else np.array([0.0, 1.0])
    ax.plot(places, heights, color=BLUE)
    ax.fill_between(places, 0, heights, color=pale(BLUE, 0.3), linewidth=0)
    ax.set(xlim=(0, places[-1]), xlabel=name or "", ylabel=f"step of {region.rule}")
    ax.set_ylim(bottom=0)
    if not name:
        ax.set_xticks([])
    if np.isnan(heights).all():
        ax.set_title("every step is stable")
    return ax
