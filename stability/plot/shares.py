"""Drawing of the share of random starts that ends on each set, as the law of the starts changes."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from stability.plot.protocols.dynamics import DrawnBasins

BARS: dict[str, Any] = {"linestyle": "none", "elinewidth": 1.1, "capsize": 2.5, "markersize": 5}

Chosen = Callable[[Any], bool]
"""Returns of a stationary set whether it counts."""


def draw_shares(
    ax: Axes, x: Sequence[float], found: Sequence[DrawnBasins], chosen: Chosen, less: Sequence[float] = (), **look: Any
) -> Axes:
    """Draw the share of starts that end on chosen sets, with 95% intervals, over what was varied.

    Parameters
    ----------
    ax : Axes
    x : sequence of float
        What was varied.
    found : sequence of Basins
        One for each x.
    chosen : callable
        Returns of a stationary set whether it counts.
    less : sequence of float
        What is taken off the shares; 0 by default.
    **look
        Colour, marker and label.

    Returns
    -------
    Axes
        The same.
    """
    table = np.array([each.share_of(chosen) for each in found])
    middle, low, high = table.T - (np.array(less) if len(less) else 0)
    ax.errorbar(x, middle, np.maximum([middle - low, high - middle], 0), **{**BARS, **look})
    return ax
