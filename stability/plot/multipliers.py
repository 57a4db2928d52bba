"""Pictures of the multipliers of fixed points in the complex plane, with the unit circle."""

from collections.abc import Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from stability.arrays import Complexes
from stability.plot.axes import axes
from stability.plot.style import BLUE, FAINT, GREEN, GREY, ORANGE, PURPLE, VERMILLION

MARKS = [(BLUE, "o"), (VERMILLION, "X"), (GREEN, "s"), (PURPLE, "^"), (ORANGE, "D")]
MOST = 10
"""So many groups are named in the legend at most."""

FAR = 20
"""Beyond so many radii of the unit circle the axes are logarithmic outside it."""


def draw_multipliers(ax: Axes | None, groups: Sequence[tuple[str, Complexes]]) -> Axes:
    """Draw multipliers and the unit circle: what is inside shrinks with every step, what is outside grows.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    groups : sequence of (str, array of complex)
        What they belong to, and the multipliers; there may be none, where the loss has no Hessian.

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax, width=8)
    ax.add_patch(Circle((0, 0), 1, facecolor=FAINT, edgecolor=GREY, linewidth=1, zorder=0))
    largest = 1.0
    for place, ((name, values), (colour, marker)) in enumerate(zip(groups, cycle(MARKS), strict=False)):
        label = name if len(values) else f"{name} (none)"
        size = 10 - 1.5 * (place % len(MARKS))
        ax.plot(
            values.real, values.imag, marker, color=colour, markersize=size, label=label, linestyle="none", alpha=0.8
        )
        largest = max(largest, *np.abs(values).tolist(), 0.0)
    reach = 3 * largest if largest > FAR else 1.15 * largest
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="real part", ylabel="imaginary part")
    if largest > FAR:
        ax.set_xscale("symlog", linthresh=1.2)
        ax.set_yscale("symlog", linthresh=1.2)
        ax.tick_params(axis="x", rotation=90)
    ax.set_anchor("W")
    if groups:
        ax.legend(handles=ax.lines[:MOST], loc="upper left", bbox_to_anchor=(1.02, 1))
    return ax
