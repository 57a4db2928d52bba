"""Drawing of the atlas of one unit in space, over (w1, w2, b)."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from mpl_toolkits.mplot3d.art3d import Poly3DCollection
from mpl_toolkits.mplot3d.axes3d import Axes3D

from stability.arrays import Floats
from stability.plot.atlas import floats
from stability.plot.marks import LINE, MARKS, POINT, kind_entry, mark, region_style
from stability.plot.protocols.geometry import AtlasWithSpace, SolidBody, SolidPart
from stability.plot.style import FAINT, GREY, SKY, WHITE, pale

SPAN = Fraction(1)
VIEW = (26.0, 37.0)
"""Elevation and azimuth in degrees."""

STEM: dict[str, Any] = {"color": GREY, "linewidth": 0.9, "rasterized": True}
FOOT: dict[str, Any] = {"color": GREY, "s": 9, "linewidths": 0, "depthshade": False, "rasterized": True}
MIRROR: dict[str, Any] = {"facecolor": pale(SKY, 0.25), "edgecolor": SKY, "linewidth": 1}
SEE_THROUGH = 0.25
LINES = {**LINE, "linewidth": 3}


def draw_atlas_in_space(ax: Axes3D, atlas: AtlasWithSpace, span: Fraction | int = SPAN) -> Axes3D:
    """Draw the stationary sets of one unit in the cube from -span to span, each by its kind.

    The plane w1 = -w2, which `draw_atlas` shows, is drawn as well. Points stand on stems, whose feet on the floor
    of the cube show how near they are.

    Parameters
    ----------
    ax : Axes3D
    atlas : Atlas
        Of one unit on data in the plane.
    span : Fraction or int

    Returns
    -------
    Axes3D
        The same.

    Raises
    ------
    PointError
        If there are several units, or the data are not in the plane.
    """
    shown = atlas.in_space(Fraction(span))
    ax.computed_zorder = False
    _dress(ax, float(shown.span))
    _draw_polygon(ax, shown.mirror, 1.5, alpha=SEE_THROUGH, **MIRROR)
    _draw_parts(ax, shown.parts)
    return ax


def _draw_polygon(ax: Axes3D, body: SolidBody, zorder: float, **style: Any) -> None:
    polygon = Poly3DCollection([floats(body.around())], **style)
    polygon.set_zorder(zorder)
    polygon.set_rasterized(True)
    ax.add_collection3d(polygon)


def _draw_parts(ax: Axes3D, parts: Sequence[SolidPart]) -> None:
    """Draw regions and lines from the farthest to the nearest, then points."""
    sides = drawn_sides(parts)
    lines = [part for part in parts if part.dimension == 1]
    order = sorted({_nearness(body) for _, body in sides} | {_nearness_of_line(part.body, sides) for part in lines})
    for kind, side in sides:
        look = {**region_style(kind), "linewidth": 0.8, "alpha": 0.85}
        _draw_polygon(ax, side, 3 + order.index(_nearness(side)) / len(order), **look)
    for part in parts:
        spots, how = floats(part.body.around()).T, mark(part.kind)
        if part.dimension == 1:
            rank = 3 + order.index(_nearness_of_line(part.body, sides)) / len(order)
            ax.plot(*spots, color=how.colour, linestyle=how.dash, zorder=rank, rasterized=True, **LINES)
        elif part.dimension == 0:
            _draw_stem(ax, spots)
            ax.plot(*spots, marker=how.marker, color=how.colour, zorder=5, **POINT)


def _draw_stem(ax: Axes3D, spot: Floats) -> None:
    """Draw a line from a point down to the floor, and its foot there."""
    (x,), (y,), (z,) = spot
    floor = ax.get_zlim()[0]
    ax.plot([x, x], [y, y], [floor, z], zorder=2.5, **STEM)
    ax.scatter([x], [y], [floor], zorder=2.4, **FOOT)


def drawn_sides(parts: Sequence[SolidPart]) -> list[tuple[str, SolidBody]]:
    """Return the polygons to draw with their kinds: regions, and sides of bodies that are no region of another set."""
    flat = [(part.kind, side) for part in parts if part.dimension == 2 for side in part.body.sides()]
    known = {frozenset(side.spots) for _, side in flat}
    solid = [(part.kind, side) for part in parts if part.dimension == 3 for side in part.body.sides()]
    return flat + [(kind, side) for kind, side in solid if frozenset(side.spots) not in known]


def _nearness_of_line(line: SolidBody, sides: Sequence[tuple[str, SolidBody]]) -> float:
    """Return how near a line is: a bit nearer than every polygon of whose rim it is part."""
    holders = [_nearness(side) for _, side in sides if set(line.spots) <= set(side.spots)]
    return max([_nearness(line), *holders]) + 1e-6


def _nearness(body: SolidBody) -> float:
    """Return how near to the viewer the middle of a body is."""
    up, turn = np.radians(VIEW)
    eye = np.array([np.cos(up) * np.cos(turn), np.cos(up) * np.sin(turn), np.sin(up)])
    return float(eye @ floats([body.inside])[0])


def _dress(ax: Axes3D, span: float) -> None:
    ax.set(xlim=(-span, span), ylim=(-span, span), zlim=(-span, span))
    ax.set_xlabel("$w_1$", labelpad=-2)
    ax.set_ylabel("$w_2$", labelpad=-2)
    ax.text(span, -span, 1.08 * span, "bias $b$", ha="center")
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_ticks([-span / 2, 0, span / 2])
        axis.set_tick_params(pad=-1)
        axis.set_pane_color(FAINT if axis is ax.zaxis else WHITE)
    ax.grid(False)
    ax.set_box_aspect((1, 1, 1), zoom=1.07)
    ax.view_init(*VIEW)


def legend(atlases: Iterable[AtlasWithSpace], span: Fraction | int = SPAN) -> dict[str, list[Any]]:
    """Return the handles and labels that explain drawings of these atlases."""
    shown: dict[str, set[int]] = {}
    for each in atlases:
        for part in each.in_space(Fraction(span)).parts:
            shown.setdefault(part.kind, set()).add(min(part.dimension, 2))
    kinds = [kind for kind in MARKS if kind in shown]
    stem = (Line2D([], [], **STEM), Line2D([], [], marker=".", linestyle="none", color=GREY))
    return {
        "handles": [*(kind_entry(kind, shown[kind]) for kind in kinds), stem, Patch(**MIRROR)],
        "labels": [*kinds, "stem of a point, down to the floor", "plane $w_1 = -w_2$"],
    }
