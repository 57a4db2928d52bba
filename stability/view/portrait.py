"""How does gradient flow run in the plane w = (p/2, -p/2), and where does it rest?"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from stability.model.landscapes import Landscape
from stability.symbolic.directions import require_one_unit_in_the_plane
from stability.view.atlas import draw_parts
from stability.view.marks import MARKS, kind_entry
from stability.view.plane import KINK, LEVEL, draw_levels_and_kinks, field
from stability.view.slices import Part
from stability.view.style import BLACK, GREY

DEAD: dict[str, Any] = {"facecolor": "#EFEFEF", "hatch": "////"}


def draw_portrait(
    ax: Axes, landscape: Landscape, parts: Sequence[Part] = (), span: float = 1.5, arrows: int = 17
) -> Axes:
    """Draw the field of gradient flow, loss contours, kinks and stationary points.

    Parameters
    ----------
    ax : Axes
    landscape : Landscape
        One unit on data in the plane.
    parts : sequence of Part
        Of stationary sets, as `stability.view.slices.plane_parts` finds them; regions are hatched anyway.
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
    _dead(ax, landscape, span)
    draw_levels_and_kinks(ax, landscape, span)
    _arrows(ax, landscape, span, arrows)
    draw_parts(ax, [part for part in parts if part.dimension < 2])
    return ax


def _dead(ax: Axes, landscape: Landscape, span: float) -> None:
    """Hatch where the loss is flat."""
    line = np.linspace(-span, span, 241)
    speed_p, speed_b, _ = field(landscape, *np.meshgrid(line, line))
    flat = ((speed_p == 0) & (speed_b == 0)).astype(float)
    if flat.mean() > 0.01:
        ax.contourf(line, line, flat, levels=[0.5, 1.5], colors=[DEAD["facecolor"]], hatches=[DEAD["hatch"]])


def _arrows(ax: Axes, landscape: Landscape, span: float, arrows: int) -> None:
    """Draw the direction of the field; longer arrows are faster."""
    line = np.linspace(-span, span, arrows + 2)[1:-1]
    p, b = np.meshgrid(line, line)
    u, v, _ = field(landscape, p, b)
    speed = np.hypot(u, v)
    length = np.where(speed > 0, speed, 1) ** 0.65
    moving = speed > 0
    ax.quiver(p[moving], b[moving], (u / length)[moving], (v / length)[moving], color=BLACK, alpha=0.8, width=0.0035)


def legend(parts: Sequence[Part], flat: bool = False) -> dict[str, list[Any]]:
    """Return the handles and labels that explain drawings of these parts."""
    kinds = [kind for kind in MARKS if any(part.kind == kind and part.dimension < 2 for part in parts)]
    shown = [kind_entry(k, {part.dimension for part in parts if part.kind == k} - {2}) for k in kinds]
    lines = [Line2D([], [], **KINK), Line2D([], [], color=LEVEL, linewidth=0.8)]
    dead = [Patch(edgecolor=GREY, **DEAD)] if flat else []
    words = [*kinds, "kink", "level of the loss", *["dead: flat"] * flat]
    return {"handles": [*shown, *lines, *dead], "labels": words}
