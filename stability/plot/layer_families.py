"""Drawing of the stationary sets of a two-layer network by loss and by how many units are silent."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch

from stability.exact.numbers import formatted
from stability.plot.axes import axes
from stability.plot.marks import MARKS, POINT, mark
from stability.plot.protocols.geometry import DrawnLayerFamily
from stability.plot.style import BLACK, DARK, FAINT, GREY, LIGHT

GAP = 0.7
"""Between the families of two losses, in heights of a family."""

STEP = (0.36, -0.4)
"""How far an arrow of an escape reaches: to fewer silent units, and down."""

BEND = 0.6
"""Of the arcs, against their length: long ones pass outside short ones."""

PLURALS = {"global minimum": "global minima", "local minimum": "local minima", "local maximum": "local maxima"}
HEAD: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": 8.5, "color": DARK}
ESCAPE: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 9, "linewidth": 1.3, "color": BLACK, "zorder": 4}
TOUCH: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 9, "linewidth": 1.1, "color": GREY, "zorder": 2}


def draw_layer_families(ax: Axes | None, families: Sequence[DrawnLayerFamily]) -> Axes:
    """Draw a row for each family of stationary sets, with a mark for each number of silent units that its points have.

    The most silent units are on the left, the highest loss on top. An arrow at a mark says that a silent unit lowers
    the loss; an arc on the right that sets of minima touch a set from which descent leads away.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    families : sequence of LayerFamily
        Least loss first.

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax, 7.2, 6)
    most = max(k for each in families for k in each.silent)
    rows = _rows(families)
    for level in _levels(families):
        heights = [rows[k] for k in level]
        ax.axhspan(min(heights) - 0.5, max(heights) + 0.5, color=FAINT, linewidth=0, zorder=0)
    for family, y in zip(families, rows, strict=True):
        _draw_family(ax, family, y, most)
        for other in family.touches if "minimum" in family.kind else ():
            ax.add_patch(_arc(most + 0.42, y, rows[other]))
    _draw_frame(ax, families, rows, most)
    return ax


def legend(families: Sequence[DrawnLayerFamily]) -> dict[str, list[Any]]:
    """Return the handles and labels that explain the drawing."""
    kinds = [kind for kind in MARKS if kind in {each.kind for each in families}]
    handles = [Line2D([], [], marker=mark(kind).marker, color=mark(kind).colour, **POINT) for kind in kinds]
    words = list(kinds)
    ways, pairs = (any(part) for part in ([f.escapes for f in families], [f.touches for f in families]))
    arrows: list[tuple[bool, dict[str, Any], str]] = [
        (ways, {"color": BLACK, "marker": r"$\searrow$"}, "way out: the loss falls as a silent unit leaves 0"),
        (pairs, {"color": GREY, "marker": r"$\rightarrow$"}, "minima touch a saddle, from which descent leads on"),
    ]
    for shown, look, text in arrows:
        if shown:
            handles.append(Line2D([], [], linestyle="none", markersize=10, **look))
            words.append(text)
    return {"handles": handles, "labels": words}


def _levels(families: Sequence[DrawnLayerFamily]) -> list[list[int]]:
    """Return the positions of the families of each loss."""
    return [list(level) for _, level in groupby(range(len(families)), key=lambda k: families[k].loss)]


def _rows(families: Sequence[DrawnLayerFamily]) -> list[float]:
    """Return the height of each family: those of one loss together, in their order from top to bottom."""
    found, base = [0.0] * len(families), 0.0
    for level in _levels(families):
        for k in level:
            found[k] = base + len(level) - 1 - (k - level[0])
        base += len(level) + GAP
    return found


def _draw_family(ax: Axes, family: DrawnLayerFamily, y: float, most: int) -> None:
    how = mark(family.kind)
    spots = [most - k for k in family.silent]
    ax.plot(spots, [y] * len(spots), color=how.colour, linewidth=1.2, zorder=1)
    ax.plot(spots, [y] * len(spots), color=how.colour, marker=how.marker, zorder=3, **POINT)
    for k in family.escapes:
        start = (most - k, y)
        ax.add_patch(FancyArrowPatch(start, (start[0] + STEP[0], y + STEP[1]), shrinkA=5, shrinkB=0, **ESCAPE))
    words = family.kind if family.count == 1 else PLURALS.get(family.kind, f"{family.kind}s")
    ax.text(-0.5, y, f"{family.count} {words}, dim. {family.dimension}", ha="right", va="center", fontsize=8)


def _arc(x: float, start: float, end: float) -> FancyArrowPatch:
    bend = BEND if start < end else -BEND
    return FancyArrowPatch((x, start), (x, end), connectionstyle=f"arc3,rad={bend}", shrinkA=1, shrinkB=1, **TOUCH)


def _draw_frame(ax: Axes, families: Sequence[DrawnLayerFamily], rows: Sequence[float], most: int) -> None:
    middles = {families[level[0]].loss: sum(rows[k] for k in level) / len(level) for level in _levels(families)}
    ax.set_yticks(list(middles.values()), [formatted(loss) for loss in middles])
    top = max(rows) + 0.75
    for k in range(most + 1):
        ax.plot([k, k], [min(rows) - 0.5, max(rows) + 0.5], color=LIGHT, linewidth=0.8, zorder=0.5)
        ax.text(k, top, str(most - k), **HEAD)
    ax.text(most / 2, top + 0.75, "silent units (output weight 0) at points of the sets", **HEAD)
    ax.text(most + 0.55, top, "they touch", **HEAD)
    ax.text(-0.5, top, "a row up to symmetry:\nhow many, of which kind", **{**HEAD, "ha": "right"})
    ax.set(xlim=(-1.75, most + 0.95), ylim=(-0.6, top + 1.5), xticks=[], ylabel="loss")
    ax.tick_params(axis="y", length=0, labelsize=10)
    for spine in ax.spines.values():
        spine.set_visible(False)
