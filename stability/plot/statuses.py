"""Pictures of what became of the claims of write-ups."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from stability.io.printable import printable
from stability.plot.axes import axes
from stability.plot.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, WHITE, YELLOW

LOOKS = {
    "proved": (GREEN, ""),
    "refuted": (VERMILLION, "////"),
    "vacuous": (ORANGE, "\\\\\\\\"),
    "reproduced": (SKY, ""),
    "not-reproduced": (PURPLE, "////"),
    "open": (YELLOW, "...."),
    "opinion": (GREY, ""),
    "error": (BLACK, ""),
}
"""Colour and hatch of each status, so that colour is never the only difference."""


def draw_statuses(ax: Axes | None, counts: Sequence[tuple[str, Mapping[str, int]]]) -> Axes:
    """Draw how many claims have each status as one lying bar a write-up, the first one on top.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    counts : sequence of (str, mapping of str to int)
        A write-up, and how many of its claims have each status.

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax, width=8, height=1.8 + 0.4 * len(counts))
    left = np.zeros(len(counts))
    for status in dict.fromkeys(status for _, count in counts for status in count):
        colour, hatch = LOOKS.get(status, (BLUE, "xxxx"))
        widths = np.array([count.get(status, 0) for _, count in counts], dtype=float)
        bars = ax.barh(range(len(counts)), widths, left=left, color=colour, hatch=hatch, edgecolor=WHITE, label=status)
        numbers = ["" if not width else f"{width:g}" for width in widths]
        for text in ax.bar_label(bars, numbers, label_type="center", fontsize=8):
            if text.get_text():
                text.set_bbox({"facecolor": WHITE, "edgecolor": "none", "pad": 1})
        left += widths
    ax.set_yticks(range(len(counts)), [printable(name) for name, _ in counts], parse_math=False)
    ax.invert_yaxis()
    ax.set(xlim=(0, max([1.0, *left.tolist()])), xlabel="claims")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4)
    return ax
