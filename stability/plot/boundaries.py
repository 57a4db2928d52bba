"""Drawing of the lines w . x + b = 0 on which units of the plane switch, of many runs, over the data."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from stability.arrays import Floats
from stability.plot.style import BLACK, BLUE, VERMILLION, WHITE

LOOKS: dict[bool, dict[str, Any]] = {
    True: {"colors": BLUE, "linestyles": "-", "linewidths": 1.0, "alpha": 0.7},
    False: {"colors": VERMILLION, "linestyles": [(0, (4, 1.6))], "linewidths": 1.1, "alpha": 0.75},
}
"""Of successes and of failures."""

POINTS: dict[bool, dict[str, Any]] = {
    True: {"marker": "o", "markerfacecolor": BLACK},
    False: {"marker": "s", "markerfacecolor": WHITE},
}
"""Of the larger and of the smaller label."""

POINT: dict[str, Any] = {"linestyle": "none", "markeredgecolor": BLACK, "markersize": 5, "zorder": 3}


def segments(rows: Floats, reach: float) -> Floats:
    """Return the ends of the parts of lines w . x + b = 0 within a distance of 0, shape (lines, 2, 2).

    Parameters
    ----------
    rows : array (..., 3)
        (w1, w2, b) of each unit; units whose line is farther away, or that have none (w = 0), are left out.
    reach : float
    """
    flat = np.asarray(rows, dtype=float).reshape(-1, 3)
    lengths = np.linalg.norm(flat[:, :2], axis=1)
    flat, lengths = flat[lengths > 0], lengths[lengths > 0]
    normals, offsets = flat[:, :2] / lengths[:, None], flat[:, 2] / lengths
    near = np.abs(offsets) < reach
    normals, offsets = normals[near], offsets[near]
    feet = -offsets[:, None] * normals
    along = np.sqrt(reach**2 - offsets**2)[:, None] * normals[:, ::-1] * [-1, 1]
    found: Floats = np.stack([feet - along, feet + along], axis=1)
    return found


def draw_boundaries(
    ax: Axes, rows: Floats, success: NDArray[np.bool_], points: ArrayLike, upper: NDArray[np.bool_], span: float = 2.0
) -> Axes:
    """Draw the lines on which units switch, successes and failures apart, over the data.

    Parameters
    ----------
    ax : Axes
    rows : array (runs, units, 3)
        (w1, w2, b) of each unit.
    success : bool array (runs,)
    points : array (n, 2)
        The data.
    upper : bool array (n,)
        Which of them have the larger label.
    span : float
        The window is [-span, span] squared.

    Returns
    -------
    Axes
        The same.
    """
    for well, look in LOOKS.items():
        ax.add_collection(LineCollection(list(segments(rows[success == well], 1.5 * span)), **look))
    spots = np.asarray(points)
    for high, look in POINTS.items():
        ax.plot(*spots[upper == high].T, **POINT, **look)
    ax.set(xlim=(-span, span), ylim=(-span, span), aspect="equal", xticks=[-1, 1], yticks=[-1, 1])
    ax.spines[["top", "right"]].set_visible(True)
    return ax


def boundary_entries() -> list[Line2D]:
    """Return the legend entries of lines and points."""
    words = {True: "success", False: "failure"}
    lines = [
        Line2D([], [], color=look["colors"], linestyle=style, linewidth=1.4, label=f"units of a {words[well]}")
        for well, look in LOOKS.items()
        for style in [look["linestyles"] if well else look["linestyles"][0]]
    ]
    marks = [Line2D([], [], **{**POINT, **look}, label=f"class {int(high)}") for high, look in POINTS.items()]
    return lines + marks
