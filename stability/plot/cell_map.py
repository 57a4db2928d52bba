"""Drawing of the graph of cells and minima on a map of the directions of (w1, w2, b)."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from stability.exact.numbers import formatted
from stability.plot.atlas import pattern_text
from stability.plot.marks import MARKS, POINT, mark
from stability.plot.protocols.geometry import AtlasWithCells, DrawnCellMap, MappedSet
from stability.plot.style import GREY, LIGHT, WHITE

WALL: dict[str, Any] = {"color": LIGHT, "linewidth": 1.2}
CELL: dict[str, Any] = {"facecolor": WHITE, "edgecolor": GREY, "linewidth": 0.8}
MARGIN = 10.0
"""By how much the map goes on beyond its cut, in degrees."""


def draw_cell_map(ax: Axes, atlas: AtlasWithCells) -> Axes:
    """Draw which cells share a wall, and whose closure meets which set of local minima of one unit.

    Lines that leave the map on one side come back on the other. Sets stand near their cells, not at their own
    direction, which for a region would say little. Readable for up to about six examples.

    Parameters
    ----------
    ax : Axes
    atlas : Atlas
        Of one unit on data in the plane.

    Returns
    -------
    Axes
        The same.

    Raises
    ------
    PointError
        If there are several units, or the data are not in the plane.
    DataError
        If the data lie on a line.
    """
    chart = atlas.cell_map()
    for first, last in chart.walls:
        for turn in (-360, 0, 360):
            ax.plot([first[0] + turn, last[0] + turn], [first[1], last[1]], zorder=1, **WALL)
    for each in atlas.minima:
        _draw_set(ax, chart, each)
    for cell in chart.cells:
        _draw_cell(ax, chart, cell)
    ends = (chart.left - MARGIN, chart.left + 360 + MARGIN)
    ax.set(xlim=ends, ylim=(-chart.pole - chart.thick, chart.pole + chart.thick), yticks=[-45, 0, 45])
    ax.set_xticks(np.arange(np.ceil(chart.left / 90) * 90, chart.left + 360, 90))
    ax.set_xlabel("angle of the weights $w$, degrees")
    ax.set_ylabel(r"height of the bias, $\arctan(b\,/\,|w|)$, degrees")
    return ax


def _draw_cell(ax: Axes, chart: DrawnCellMap, cell: int) -> None:
    x, y = chart.cells[cell]
    text = pattern_text(chart.graph.signs(cell))
    if chart.is_pole(cell):
        ax.barh(y, 360, height=chart.thick, left=chart.left, zorder=2.5, **CELL)
    box = None if chart.is_pole(cell) else {"boxstyle": "round,pad=0.3", **CELL}
    ax.text(x, y, text, ha="center", va="center", fontsize=7.5, zorder=3, bbox=box)


def _draw_set(ax: Axes, chart: DrawnCellMap, each: MappedSet) -> None:
    how, (x, y) = mark(each.kind), chart.sets[each.index]
    for cell in chart.graph.cells_of(each.index):
        first, last = chart.ends(cell, (x, y))
        ax.plot(
            *zip(first, last, strict=True),
            color=how.colour,
            linewidth=1.8,
            zorder=2,
            label=f"_touches {cell} {each.index}",
        )
    ax.plot(x, y, marker=how.marker, color=how.colour, zorder=4, **{**POINT, "markersize": 11})
    text = f"loss {formatted(each.loss)}" + (f", dim. {each.dimension}" if each.dimension else "")
    style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7.5, "zorder": 3.5}
    shift = (0, 14 if y < -60 else -14)
    box = {"facecolor": WHITE, "edgecolor": "none", "pad": 0.8}
    ax.annotate(text, (x, y), shift, textcoords="offset points", bbox=box, **style)


def legend(atlases: Iterable[AtlasWithCells]) -> dict[str, Sequence[Any]]:
    """Return the handles and labels that explain drawings of these atlases."""
    shown = {each.kind for atlas in atlases for each in atlas.minima}
    kinds = [kind for kind in MARKS if kind in shown]
    sets = [Line2D([], [], marker=mark(k).marker, color=mark(k).colour, linewidth=1.6, markersize=9) for k in kinds]
    words = [f"{kind} and the cells whose closure it meets" for kind in kinds]
    return {
        "handles": [*sets, Line2D([], [], **WALL)],
        "labels": [*words, "wall between cells; the map wraps around"],
    }
