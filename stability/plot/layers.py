"""Pictures of what the layers of a network do to points: how many of their units are dead, affine or separating."""

import numpy as np
from matplotlib.axes import Axes

from stability.io.printable import printable
from stability.plot.axes import axes
from stability.plot.monitor import UNITS
from stability.plot.protocols.training import DrawnNetworkGeometry


def draw_network_geometry(ax: Axes | None, found: DrawnNetworkGeometry) -> Axes:
    """Draw the units of every layer as a bar, by what they do to the points that they were shown.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    found : NetworkGeometry

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax)
    places, below = np.arange(len(found.layers)), np.zeros(len(found.layers))
    for kind, colour in UNITS.items():
        counts = np.array([layer.counts[kind] for layer in found.layers], dtype=float)
        ax.bar(places, counts, bottom=below, color=colour, alpha=0.75, label=kind.split("_")[0])
        below += counts
    ax.set_xticks(places, [printable(layer.name) for layer in found.layers], parse_math=False)
    ax.set(xlabel="layer", ylabel="units")
    ax.legend()
    return ax
