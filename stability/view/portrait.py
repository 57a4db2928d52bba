"""How does gradient flow run in the plane w = (p/2, -p/2), and where does it rest?"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from stability.model.landscapes import Landscape, Point
from stability.symbolic.directions import require_one_unit_in_the_plane
from stability.view.style import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILLION

MARKERS = {
    "global minimum": ("o", GREEN),
    "local minimum": ("s", BLUE),
    "saddle": ("X", ORANGE),
    "local maximum": ("^", VERMILLION),
    "not stationary": ("P", GREY),
}
"""Marker and colour by kind; a kind that is not listed gets a black diamond."""

OUTLINE: dict[str, Any] = {"markeredgecolor": "white", "markersize": 9, "clip_on": False}

Resting = tuple[Point, str]
"""A point of the landscape and its kind."""


def field(landscape: Landscape, p: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (p', b', loss) at w = (p/2, -p/2), with torch's slope at kinks.

    Here p' = w1' - w2' of gradient flow; the plane is invariant on data that the reflection at the diagonal
    leaves as they are, like XOR.
    """
    unit, scale = landscape.network.unit, float(landscape.scale)
    velocity_p, velocity_b, loss = (np.zeros(np.broadcast(p, b).shape) for _ in range(3))
    for x, y in zip(landscape.data.points, landscape.data.labels, strict=True):
        lean = float(x[0] - x[1])
        z = lean * p / 2 + b
        slope = np.select([z > 0, z < 0], [float(unit.positive), float(unit.negative)], float(unit.kink_slope))
        error = np.where(z > 0, float(unit.positive) * z, float(unit.negative) * z) - float(y)
        velocity_p -= 2 * scale * error * slope * lean
        velocity_b -= 2 * scale * error * slope
        loss += scale * error**2
    return velocity_p, velocity_b, loss


def draw_portrait(
    ax: Axes,
    landscape: Landscape,
    points: Sequence[Resting] = (),
    segments: Sequence[tuple[Point, Point, str]] = (),
    span: float = 1.5,
    arrows: int = 17,
) -> Axes:
    """Draw the field of gradient flow, loss contours, kinks and stationary points.

    Parameters
    ----------
    ax : Axes
    landscape : Landscape
        One unit on data in the plane.
    points : sequence of (point, kind)
        Stationary points [[w1, w2, b]] with their kind, as in `MARKERS`; found elsewhere.
    segments : sequence of (point, point, kind)
        Stationary segments by their ends.
    span : float
        Both axes run from -span to span.
    arrows : int
        Arrows along each axis.

    Returns
    -------
    Axes
        The same.
    """
    require_one_unit_in_the_plane(landscape)
    _ground(ax, landscape, span)
    _arrows(ax, landscape, span, arrows)
    for lean in sorted({float(x[0] - x[1]) for x in landscape.data.points}):
        line = np.array([-span, span])
        ax.plot(line, -lean * line / 2, color=GREY, linestyle=(0, (4, 2)), linewidth=1)
    _segments(ax, landscape, segments)
    _rests(ax, landscape, points)
    ax.set(xlim=(-span, span), ylim=(-span, span), xlabel=r"$p = w_1 - w_2$", ylabel=r"bias $b$", aspect="equal")
    return ax


def _ground(ax: Axes, landscape: Landscape, span: float) -> None:
    """Draw the contours of the loss, and hatch where it is flat."""
    line = np.linspace(-span, span, 241)
    p, b = np.meshgrid(line, line)
    speed_p, speed_b, loss = field(landscape, p, b)
    levels = np.unique(np.concatenate([np.linspace(0, 2, 9), np.geomspace(2.5, max(loss.max(), 3), 8)]))
    ax.contour(p, b, loss, levels=levels, colors="#B5B5B5", linewidths=0.5)
    flat = ((speed_p == 0) & (speed_b == 0)).astype(float)
    if flat.mean() > 0.01:
        ax.contourf(p, b, flat, levels=[0.5, 1.5], colors=["#EFEFEF"], hatches=["////"])


def _arrows(ax: Axes, landscape: Landscape, span: float, arrows: int) -> None:
    """Draw the direction of the field; longer arrows are faster."""
    line = np.linspace(-span, span, arrows + 2)[1:-1]
    p, b = np.meshgrid(line, line)
    u, v, _ = field(landscape, p, b)
    speed = np.hypot(u, v)
    length = np.where(speed > 0, speed, 1) ** 0.65
    moving = speed > 0
    ax.quiver(p[moving], b[moving], (u / length)[moving], (v / length)[moving], color=BLACK, alpha=0.8, width=0.0035)


def _segments(ax: Axes, landscape: Landscape, segments: Sequence[tuple[Point, Point, str]]) -> None:
    for first, last, kind in segments:
        ends = [_plane(landscape, end) for end in (first, last)]
        colour = MARKERS.get(kind, ("D", BLACK))[1]
        ax.plot(*zip(*ends, strict=True), color=colour, linewidth=4, solid_capstyle="butt", zorder=4)


def _rests(ax: Axes, landscape: Landscape, points: Sequence[Resting]) -> None:
    for values, kind in points:
        marker, colour = MARKERS.get(kind, ("D", BLACK))
        ax.plot(*_plane(landscape, values), marker, color=colour, zorder=5, **OUTLINE)


def _plane(landscape: Landscape, values: Point) -> tuple[float, float]:
    """Return (p, b) of a point."""
    ((w1, w2, b),) = landscape.point(values)
    return float(w1 - w2), float(b)


def legend_entries(kinds: Iterable[str], flat: bool = False) -> list[Line2D | Patch]:
    """Return the entries that explain the drawing, for the kinds that it shows."""
    shown = [
        Line2D([], [], marker=MARKERS[kind][0], color=MARKERS[kind][1], linestyle="none", label=kind, **OUTLINE)
        for kind in MARKERS
        if kind in kinds
    ]
    kink = Line2D([], [], color=GREY, linestyle=(0, (4, 2)), linewidth=1, label="kink")
    level = Line2D([], [], color="#B5B5B5", linewidth=0.8, label="level of the loss")
    dead = [Patch(facecolor="#EFEFEF", hatch="////", edgecolor=GREY, label="dead: flat")] if flat else []
    return [*shown, kink, level, *dead]
