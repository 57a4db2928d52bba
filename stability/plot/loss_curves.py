"""Drawing of losses over the time of training beside the exact losses of stationary sets."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from stability.exact.numbers import formatted
from stability.plot.axes import axes
from stability.plot.marks import MARKS, POINT, mark
from stability.plot.protocols.geometry import DrawnLayerFamily
from stability.plot.protocols.training import DrawnLossCurves, DrawnPlateau
from stability.plot.style import BLACK, BLUE, DARK, GREEN, GREY, LIGHT, PURPLE, SKY, VERMILLION, WHITE

STROKES: list[tuple[str, Any]] = [
    (GREEN, "-"), (BLUE, (0, (5, 1.5))), (PURPLE, (0, (5, 1.5, 1, 1.5))), (VERMILLION, (0, (1, 1))),
    (SKY, (0, (3, 1))), (GREY, "-"),
]  # fmt: skip
"""Of runs, by the loss at which they end; after the last one the first comes again."""

PAUSE: dict[str, Any] = {
    "marker": "D", "markersize": 5, "color": BLACK, "markerfacecolor": WHITE, "linestyle": "none", "zorder": 4,
}  # fmt: skip
SHADE: dict[str, Any] = {"color": GREY, "alpha": 0.3, "linewidth": 8, "solid_capstyle": "butt", "zorder": 0.5}
LEVEL: dict[str, Any] = {"color": LIGHT, "linewidth": 1.2, "zorder": 0}
BESIDE, APART = 1.025, 0.035
"""Where the marks of kinds begin beside the Axes, and how far they are from each other, in widths of the Axes."""


def draw_loss_curves(
    ax: Axes | None, curves: DrawnLossCurves, ends: Sequence[int], pauses: Sequence[DrawnPlateau]
) -> Axes:
    """Draw the loss of each run over time, in the stroke of the level at which it ends, with shade and mark at pauses.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    curves : LossCurves
    ends : sequence of int
        For each run the position of its last loss among the levels.
    pauses : sequence of Plateau
        Those that are marked.

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax, 7.2, 4)
    for losses, end in zip(curves.losses, ends, strict=True):
        colour, dash = STROKES[end % len(STROKES)]
        ax.plot(curves.times, losses, color=colour, linestyle=dash, linewidth=1.4)
    for each in pauses:
        ax.plot([each.start, each.end], [each.loss, each.loss], **SHADE)
    ax.plot([each.middle for each in pauses], [each.loss for each in pauses], **PAUSE)
    ax.set(xlabel=r"time: number of steps $\times$ step size", ylabel="loss")
    return ax


def draw_level_lines(ax: Axes, families: Sequence[DrawnLayerFamily]) -> Axes:
    """Draw a line at each loss of stationary sets, with marks of their kinds on the right; return the Axes."""
    levels = sorted({each.loss for each in families})
    for loss in levels:
        ax.axhline(float(loss), **LEVEL)
        kinds = [kind for kind in MARKS if any((each.kind, each.loss) == (kind, loss) for each in families)]
        for k, kind in enumerate(kinds):
            how, spot = mark(kind), ([BESIDE + APART * k], [float(loss)])
            style = {"marker": how.marker, "color": how.colour, **POINT}
            ax.plot(*spot, transform=ax.get_yaxis_transform(), clip_on=False, **style)
        if any(each.escapes for each in families if each.loss == loss):
            x = BESIDE + APART * (len(kinds) - 0.4)
            words = "a silent unit\nleads out"
            ax.text(x, float(loss), words, transform=ax.get_yaxis_transform(), va="center", fontsize=8, color=DARK)
    ax.set_yticks(list(map(float, levels)), list(map(formatted, levels)))
    return ax


def legend(families: Sequence[DrawnLayerFamily], ends: Sequence[int], pause: str) -> dict[str, list[Any]]:
    """Return the handles and labels that explain the drawing of some runs, by where they end."""
    levels = sorted({each.loss for each in families})
    handles, words = [], []
    for k in sorted(set(ends)):
        colour, dash = STROKES[k % len(STROKES)]
        handles.append(Line2D([], [], color=colour, linestyle=dash, linewidth=1.6))
        count = list(ends).count(k)
        words.append(f"{count} {'run ends' if count == 1 else 'runs end'} at {formatted(levels[k])}")
    for kind in [kind for kind in MARKS if kind in {each.kind for each in families}]:
        handles.append(Line2D([], [], marker=mark(kind).marker, color=mark(kind).colour, **POINT))
        words.append(f"loss of a {kind}")
    return {"handles": [*handles, (Line2D([], [], **SHADE), Line2D([], [], **PAUSE))], "labels": [*words, pause]}
