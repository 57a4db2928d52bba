"""Drawing of the atlas of one unit in the plane w = (p/2, -p/2)."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from stability.arrays import Floats
from stability.plot.axes import axes
from stability.plot.marks import LINE, MARKS, POINT, kind_entry, mark, region_style
from stability.plot.plane import KINK, LEVEL, draw_levels_and_kinks
from stability.plot.protocols.geometry import AtlasWithPlane, DrawnPart
from stability.plot.style import DARK, WHITE

LABEL: dict[str, Any] = {
    "fontsize": 8,
    "ha": "center",
    "va": "center",
    "color": DARK,
    "bbox": {"facecolor": WHITE, "edgecolor": "none", "pad": 1.2},
}


CLEAR, RIM = 0.2, 0.92
"""How far values of contours stay away from the signs of cells, and up to where they stand, as shares of the span."""


def pattern_text(signs: Iterable[int]) -> str:
    """Return signs as text, with a true minus and a thin space between them."""
    return "\N{THIN SPACE}".join({1: "+", 0: "0", -1: "\N{MINUS SIGN}"}[s] for s in signs)


def draw_atlas(
    ax: Axes | None,
    atlas: AtlasWithPlane,
    span: Fraction | int = Fraction(3, 2),
    labels: bool = True,
    markersize: float = 9,
) -> Axes:
    """Draw where the stationary sets of one unit meet the plane w = (p/2, -p/2), each by its kind.

    The plane is invariant under gradient flow if the reflection at the diagonal leaves the data as they are, like
    XOR. On other data the picture is a slice all the same: what it shows is stationary in all of parameter
    space, but sets that miss the plane are not shown, and contours need not close around what they surround.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    atlas : Atlas
        Of one unit on data in the plane.
    span : Fraction or int
        Both axes run from -span to span.
    labels : bool
        Whether cells are labelled by the signs of the pre-activations, in the order of the data, where there is room.
    markersize : float
        Of points, in points.

    Returns
    -------
    Axes
        The same.

    Raises
    ------
    PointError
        If there are several units, or the data are not in the plane.
    """
    shown = atlas.in_plane(Fraction(span))
    ax = axes(ax)
    draw_levels_and_kinks(ax, shown.background)
    draw_parts(ax, shown.parts, markersize)
    for value in list(ax.texts):
        near = [np.hypot(*np.subtract(value.get_position(), spot)) for _, spot in shown.labels if labels]
        inside = np.abs(value.get_position()).max() < RIM * float(span)
        value.set_visible(inside and min(near, default=np.inf) > CLEAR * float(span))
    for signs, (x, y) in shown.labels if labels else ():
        ax.text(x, y, pattern_text(signs), zorder=3, **LABEL)
    return ax


def draw_parts(ax: Axes, parts: Iterable[DrawnPart], markersize: float = 9) -> None:
    """Draw parts of stationary sets as points, lines and regions."""
    for part in parts:
        spots, how = floats(part.body.around()), mark(part.kind)
        if part.dimension == 2:
            ax.add_patch(Polygon(spots, **region_style(part.kind), zorder=0.5))
        elif part.dimension == 1:
            ax.plot(*spots.T, color=how.colour, linestyle=how.dash, zorder=4, **LINE)
        else:
            size = {**POINT, "markersize": markersize}
            ax.plot(*spots.T, marker=how.marker, color=how.colour, zorder=5, **size)


def floats(spots: Sequence[Sequence[Fraction]]) -> Floats:
    """Return exact coordinates as an array, one row per point."""
    return np.array([[float(x) for x in spot] for spot in spots])


def legend(atlases: Iterable[AtlasWithPlane], span: Fraction | int = Fraction(3, 2)) -> dict[str, list[Any]]:
    """Return the handles and labels that explain drawings of these atlases."""
    shown: dict[str, set[int]] = {}
    for each in atlases:
        for part in each.in_plane(Fraction(span)).parts:
            shown.setdefault(part.kind, set()).add(part.dimension)
    kinds = [kind for kind in MARKS if kind in shown]
    lines = [Line2D([], [], **KINK), Line2D([], [], color=LEVEL, linewidth=0.8)]
    handles = [*(kind_entry(kind, shown[kind]) for kind in kinds), *lines]
    return {"handles": handles, "labels": [*kinds, "kink", "level of the loss"]}
