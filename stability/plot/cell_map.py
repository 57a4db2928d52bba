"""Drawing of the cells of one unit, and of the minima in them, on a map of the directions of (w1, w2, b)."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from stability.exact.numbers import formatted
from stability.plot.atlas import pattern_text
from stability.plot.marks import MARKS, POINT, mark
from stability.plot.protocols.geometry import AtlasWithCells, DrawnCellMap, MappedSet
from stability.plot.style import GREY, WHITE, pale

KINK: dict[str, Any] = {"color": GREY, "linewidth": 1}
TOUCHED = 0.3
"""How strong the colour is of cells whose closure meets a set."""

FINE = 2
"""Pixels by degree."""


def draw_cell_map(ax: Axes, atlas: AtlasWithCells) -> Axes:
    """Draw the cells of one unit as regions between kinks, coloured by the local minima that their closure meets.

    The map is that of a globe: sideways the direction of the weights, upwards that of the bias; lines that leave it on
    one side come back on the other. Readable for up to about six examples.

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
    _fill_cells(ax, chart, atlas.minima)
    angles = np.linspace(chart.left, chart.left + 360, 721)
    for heights in chart.kinks(angles):
        ax.plot(angles, heights, zorder=1, **KINK)
    for cell, (x, y) in chart.cells.items():
        text = pattern_text(chart.graph.signs(cell))
        ax.text(x, y, text, ha="center", va="center", fontsize=8, fontweight="bold", zorder=3)
    for each in atlas.minima:
        _draw_set(ax, chart, each)
    ax.set(xlim=angles[[0, -1]], ylim=(-90, 90), yticks=[-90, -45, 0, 45, 90])
    ax.set_xticks(np.arange(np.ceil(chart.left / 90) * 90, chart.left + 360, 90))
    ax.set_xlabel("angle of the weights $w$, degrees")
    ax.set_ylabel(r"height of the bias, $\arctan(b\,/\,|w|)$, degrees")
    return ax


def _fill_cells(ax: Axes, chart: DrawnCellMap, minima: Sequence[MappedSet]) -> None:
    colours = dict.fromkeys([-1, *chart.cells], WHITE)
    for each in reversed(minima):
        colours |= dict.fromkeys(chart.graph.cells_of(each.index), pale(mark(each.kind).colour, TOUCHED))
    across = chart.left + (np.arange(360 * FINE) + 0.5) / FINE
    up = (np.arange(180 * FINE) + 0.5) / FINE - 90
    cells = chart.cells_at(across, up)
    known = sorted(colours)
    table = np.array([to_rgb(colours[cell]) for cell in known])
    image, ends = table[np.searchsorted(known, cells)], (chart.left, chart.left + 360, -90, 90)
    ax.imshow(image, extent=ends, origin="lower", aspect="auto", interpolation="nearest", zorder=0)


def _draw_set(ax: Axes, chart: DrawnCellMap, each: MappedSet) -> None:
    how, (x, y) = mark(each.kind), chart.sets[each.index]
    ax.plot(x, y, marker=how.marker, color=how.colour, zorder=4, **{**POINT, "markersize": 11})
    text = f"loss {formatted(each.loss)}" + (f", dim. {each.dimension}" if each.dimension else "")
    style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7.5, "zorder": 3.5}
    box = {"facecolor": WHITE, "edgecolor": "none", "pad": 0.8, "alpha": 0.85}
    ax.annotate(text, (x, y), (0, -14), textcoords="offset points", bbox=box, **style)


def legend(atlases: Iterable[AtlasWithCells]) -> dict[str, Sequence[Any]]:
    """Return the handles and labels that explain drawings of these atlases."""
    shown = {each.kind for atlas in atlases for each in atlas.minima}
    kinds = [kind for kind in MARKS if kind in shown]
    sets = [Line2D([], [], marker=mark(k).marker, color=mark(k).colour, **POINT) for k in kinds]
    cells = [Patch(facecolor=pale(mark(k).colour, TOUCHED), edgecolor=GREY, linewidth=0.5) for k in kinds]
    return {
        "handles": [*sets, *cells, Line2D([], [], **KINK)],
        "labels": [*kinds, *(f"cell with a {kind} in its closure" for kind in kinds), "kink, between two cells"],
    }
