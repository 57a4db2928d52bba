"""Drawings of many runs of training: rates by group, shares, a grid of rates, and times of convergence."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import PowerNorm
from matplotlib.image import AxesImage
from matplotlib.patches import Patch, Rectangle
from numpy.typing import ArrayLike

from stability.errors import StabilityError
from stability.plot.protocols.training import DrawnRates
from stability.plot.shares import BARS
from stability.plot.style import BLACK, BLUES, DARKER, ink_on, pale

Fill = tuple[str, str, str]
"""Label, colour and hatch of a part of a bar."""

FRAME: dict[str, Any] = {"fill": False, "edgecolor": BLACK, "linewidth": 2}
HEXAGONS: dict[str, Any] = {"cmap": DARKER, "mincnt": 1, "linewidths": 0.3, "edgecolors": "face"}
ABOVE: dict[str, Any] = {
    "xytext": (0, 5), "textcoords": "offset points", "ha": "center", "va": "bottom", "fontsize": 7.5,
}  # fmt: skip


def draw_rates(ax: Axes, x: ArrayLike, found: DrawnRates, **look: Any) -> Axes:
    """Draw shares of successes with their 95% intervals; groups without runs are left out.

    Parameters
    ----------
    ax : Axes
    x : sequence of float
        Where each group stands.
    found : Rates
        Of one axis.
    **look
        Colour, marker, line style and label.

    Returns
    -------
    Axes
        The same.
    """
    low, high = found.intervals
    some = found.runs > 0
    middle = found.shares[some]
    error = np.maximum([middle - low[some], high[some] - middle], 0)
    ax.errorbar(np.asarray(x, dtype=float)[some], middle, error, **{**BARS, "capsize": 2, **look})
    return ax


def write_rates(ax: Axes, x: ArrayLike, found: DrawnRates, colour: str) -> Axes:
    """Write each share in percent above its mark; groups without runs are left out."""
    for spot, share in zip(np.asarray(x, dtype=float), found.shares, strict=True):
        if not np.isnan(share):
            ax.annotate(f"{100 * share:.1f}%", (spot, share), color=colour, **ABOVE)
    return ax


def draw_stack(ax: Axes, spots: ArrayLike, shares: ArrayLike, fills: Sequence[Fill], flat: bool, width: float) -> Axes:
    """Draw bars that are divided into shares.

    Parameters
    ----------
    ax : Axes
    spots : sequence of float
        The middle of each bar.
    shares : array (bars, parts)
    fills : sequence of Fill
        One for each part.
    flat : bool
        Whether the bars lie.
    width : float

    Returns
    -------
    Axes
        The same.

    Raises
    ------
    StabilityError
        If the shares of a bar do not add up to 1: some part has been left out.
    """
    table = np.asarray(shares, dtype=float)
    if table.shape[1] != len(fills) or not np.allclose(table.sum(1), 1):
        raise StabilityError(
            f"Expected {len(fills)} shares a bar that add up to 1; got {table.shape[1]} with sums {table.sum(1)}.",
            "List every end in the parts, also the unexplained one.",
        )
    before = np.cumsum(table, axis=1) - table
    for part, fill in enumerate(fills):
        if flat:
            ax.barh(np.asarray(spots), table[:, part], width, left=before[:, part], **_filled(fill))
        else:
            ax.bar(np.asarray(spots), table[:, part], width, bottom=before[:, part], **_filled(fill))
    return ax


def fill_entries(fills: Sequence[Fill]) -> list[Patch]:
    """Return the legend entries of parts of bars."""
    return [Patch(label=fill[0], **_filled(fill)) for fill in fills]


def _filled(fill: Fill) -> dict[str, Any]:
    _, colour, hatch = fill
    return {"facecolor": pale(colour, 0.45), "edgecolor": colour, "hatch": hatch, "linewidth": 0.6}


def draw_grid(ax: Axes, columns: Sequence[str], rows: Sequence[str], found: DrawnRates) -> AxesImage:
    """Draw a table of rates in percent as a heat map, with the share and its 95% interval in each cell.

    A frame is drawn around cells whose interval meets that of the best cell.

    Parameters
    ----------
    ax : Axes
    columns, rows : sequence of str
        What stands below and beside the cells; the first row is the lowest.
    found : Rates
        Of the shape (rows, columns).

    Returns
    -------
    AxesImage
        For a colour bar.
    """
    shares, (low, high) = found.shares, found.intervals
    image = ax.imshow(100 * shares, cmap=BLUES, vmin=0, vmax=100, origin="lower", aspect="auto")
    floor = low.ravel()[np.nanargmax(shares)]
    for (i, j), share in np.ndenumerate(shares):
        colour = ink_on(image.cmap(float(share)))
        ax.text(j, i + 0.12, f"{100 * share:.1f}", ha="center", va="center", color=colour, fontsize=10)
        limits = f"{100 * low[i, j]:.1f} \N{EN DASH} {100 * high[i, j]:.1f}"
        ax.text(j, i - 0.2, limits, ha="center", va="center", color=colour, fontsize=7.5)
        if high[i, j] >= floor:
            ax.add_patch(Rectangle((j - 0.47, i - 0.46), 0.94, 0.92, **FRAME))
    ax.set_xticks(range(len(columns)), list(columns))
    ax.set_yticks(range(len(rows)), list(rows))
    ax.tick_params(length=0)
    return image


def draw_times(ax: Axes, distances: ArrayLike, epochs: ArrayLike, size: tuple[int, int]) -> PolyCollection:
    """Draw how many runs needed how many epochs for which distance, in hexagons: the darker, the more runs.

    Parameters
    ----------
    ax : Axes
    distances : array (runs,)
        From the start to the stop.
    epochs : array (runs,)
        Of the stop.
    size : (int, int)
        How many hexagons across and up.

    Returns
    -------
    PolyCollection
        For a colour bar.
    """
    return ax.hexbin(distances, epochs, gridsize=size, norm=PowerNorm(0.45), **HEXAGONS)


def write_above(ax: Axes, marks: Mapping[float, str], words: str) -> Axes:
    """Write what else belongs to some places of the x axis above the axes: place -> mark, and what the marks are."""
    above = ax.secondary_xaxis("top")
    above.set_xticks([*marks], [*marks.values()])
    above.set_xlabel(words)
    above.spines["top"].set_visible(True)
    return ax
