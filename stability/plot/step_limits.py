"""Pictures of the steps below which the minima of a landscape are stable under an update rule."""

from collections.abc import Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes

from stability.plot.axes import axes
from stability.plot.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, VERMILLION, pale

LOOKS = [(BLUE, "-"), (VERMILLION, "--"), (GREEN, "-."), (PURPLE, ":"), (ORANGE, "-"), (BLACK, "--")]
MOST = 12
"""So many lines are named in the legend at most."""

Limits = tuple[str, Sequence[float]]
"""Which minima, and below which step they are stable at each memory; infinite where every step is stable."""


def draw_step_limits(
    ax: Axes | None, rule: str, memory: str | None, places: Sequence[float], limits: Sequence[Limits]
) -> Axes:
    """Draw below which step minima are stable: over the memory of the rule, or as lying bars if it has none.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    rule : str
    memory : str or None
        "momentum" or "beta1"; None if the rule has none.
    places : sequence of float
        At which memories the limits are; one place if it has none.
    limits : sequence of (str, sequence of float)

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax) if memory else axes(ax, height=1.4 + 0.4 * len(limits))
    shown = [(name, values) for name, values in limits if np.isfinite(values).all()]
    if memory:
        for (name, values), (colour, dash) in zip(shown, cycle(LOOKS), strict=False):
            ax.plot(places, values, color=colour, linestyle=dash, label=name)
        ax.set(xlim=(0, places[-1]), xlabel=memory, ylabel=f"step of {rule}")
        ax.set_ylim(bottom=0)
        ax.legend(ax.lines[:MOST], [name for name, _ in shown[:MOST]], title="stable below the line")
    else:
        ax.barh(range(len(shown)), [values[0] for _, values in shown], color=pale(BLUE, 0.5))
        ax.set_yticks(range(len(shown)), [name for name, _ in shown])
        ax.invert_yaxis()
        ax.set(xlabel=f"stable steps of {rule}")
    others = [name for name, values in limits if not np.isfinite(values).all()]
    if others:
        ax.set_title(f"every step is stable at {', '.join(others)}")
    if not limits:
        ax.text(0.5, 0.5, "no minimum has a Hessian", transform=ax.transAxes, ha="center")
    return ax
