"""Pictures of predicted shares beside measured ones with their intervals."""

from collections.abc import Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes

from stability.io.printable import printable
from stability.plot.axes import axes
from stability.plot.style import BLACK, BLUE, VERMILLION

Bar = tuple[str, float, float, float, float, bool]
"""What it says, the predicted share, the measured one with its interval (low, high), and whether they agree."""


def draw_agreement(ax: Axes | None, bars: Sequence[Bar], label: str) -> Axes:
    """Draw measured shares with their intervals, the first one on top, and a stroke where each was predicted.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    bars : sequence of (str, predicted, measured, low, high, agrees)
    label : str
        Of the axis of the shares.

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax, width=9, height=1.4 + 0.4 * len(bars))
    for wanted, colour, name in ((True, BLUE, "measured, agrees"), (False, VERMILLION, "measured, does not agree")):
        rows = [k for k, bar in enumerate(bars) if bar[5] == wanted]
        if rows:
            middle, low, high = (np.array([bars[k][i] for k in rows]) for i in (2, 3, 4))
            spread = np.maximum([middle - low, high - middle], 0)
            marker = "o" if wanted else "X"
            ax.errorbar(
                middle, rows, xerr=spread, fmt=marker, color=colour, markersize=5, capsize=2.5, label=name, zorder=2
            )
    places = [bar[1] for bar in bars]
    ax.plot(places, range(len(bars)), "|", color=BLACK, markersize=13, markeredgewidth=1.6, label="predicted", zorder=3)
    ax.set_yticks(range(len(bars)), [fill(printable(bar[0]), 48) for bar in bars], parse_math=False)
    ax.set(xlim=(-0.03, 1.03), ylim=(len(bars) - 0.4, -0.6), xlabel=label)
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3)
    return ax
