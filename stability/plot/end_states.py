"""Pictures of where many starts end: bars of their shares, and the losses of runs in ascending order."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from stability.arrays import Floats
from stability.io.printable import printable
from stability.plot.axes import axes
from stability.plot.style import BLACK, BLUE, pale

Bar = tuple[str, float, float, float]
"""What it says, the share, and its interval."""


def draw_bars(ax: Axes | None, bars: Sequence[Bar], label: str) -> Axes:
    """Draw lying bars of shares with their intervals, the first one on top.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    bars : sequence of (str, share, low, high)
    label : str
        Of the axis of the shares.

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax, height=1.2 + 0.4 * len(bars))
    shares, low, high = (np.array([float(bar[k]) for bar in bars]) for k in (1, 2, 3))
    errors = np.maximum([shares - low, high - shares], 0)
    ax.barh(range(len(bars)), shares, color=pale(BLUE, 0.5), xerr=errors, ecolor=BLACK, capsize=2)
    ax.set_yticks(range(len(bars)), [printable(bar[0]) for bar in bars], parse_math=False)
    ax.invert_yaxis()
    ax.set(xlim=(0, max(1.0, *high) if len(bars) else 1), xlabel=label)
    return ax


def draw_losses(ax: Axes | None, losses: Floats, label: str) -> Axes:
    """Draw which share of runs ends at most at each loss; runs without a finite loss lie beyond the right end.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    losses : array (runs,)
    label : str
        Of the axis of the losses.

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax)
    finite = np.sort(losses[np.isfinite(losses)])
    ax.step(finite, np.arange(1, len(finite) + 1) / len(losses), where="post", color=BLUE, marker=".")
    if not len(finite):
        ax.text(0.5, 0.5, "no run has a finite loss", transform=ax.transAxes, ha="center")
    ax.set(ylim=(0, 1.02), xlabel=label, ylabel="share of runs at most there")
    return ax
