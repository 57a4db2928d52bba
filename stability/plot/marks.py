"""Marks of each kind of stationary point, as a point, as a line and as a region."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from stability.plot.style import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILLION, WHITE, pale


@dataclass(frozen=True)
class Mark:
    """How one kind is drawn, so that colour is never the only difference.

    Attributes
    ----------
    marker, colour : str
        Of points; the colour also of lines and regions.
    dash : Any
        The line style.
    hatch : str
        Of regions.
    """

    marker: str
    colour: str
    dash: Any
    hatch: str


MARKS = {
    "global minimum": Mark("o", GREEN, "-", "...."),
    "local minimum": Mark("s", BLUE, (0, (5, 0.8)), "////"),
    "saddle": Mark("X", ORANGE, (0, (2.2, 1.0)), "xxxx"),
    "local maximum": Mark("^", VERMILLION, (0, (0.7, 0.6)), "||||"),
    "not stationary": Mark("P", GREY, (0, (3, 1, 1, 1)), "++++"),
}
"""By kind, in the order of legends."""

UNKNOWN = Mark("D", BLACK, "-", "\\\\\\\\")

POINT: dict[str, Any] = {"linestyle": "none", "markeredgecolor": WHITE, "markersize": 9}
LINE: dict[str, Any] = {"linewidth": 4, "solid_capstyle": "butt", "dash_capstyle": "butt"}

TOGETHER: dict[str, Any] = {"handler_map": {tuple: HandlerTuple(ndivide=None, pad=0.8)}, "handlelength": 3}
"""Keywords of legends with entries from `kind_entry`."""


def mark(kind: str) -> Mark:
    """Return how a kind is drawn; a black diamond if it is not listed."""
    return MARKS.get(kind, UNKNOWN)


def region_style(kind: str) -> dict[str, Any]:
    """Return the keywords that draw a region: light, and hatched in the colour of the kind."""
    how = mark(kind)
    return {"facecolor": pale(how.colour), "edgecolor": how.colour, "hatch": how.hatch, "linewidth": 0}


def kind_entry(kind: str, dimensions: Iterable[int]) -> tuple[Line2D | Patch, ...]:
    """Return the legend entry of a kind that is shown as points (0), lines (1) or regions (2)."""
    how = mark(kind)
    point = Line2D([], [], marker=how.marker, color=how.colour, **POINT)
    line = Line2D([], [], color=how.colour, linestyle=how.dash, **LINE)
    shapes: tuple[Line2D | Patch, ...] = (point, line, Patch(**region_style(kind)))
    return tuple(shapes[d] for d in sorted(set(dimensions)))
