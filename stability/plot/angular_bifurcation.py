"""Drawing of the angles at which one unit is at rest as the ratio b/r varies."""

from fractions import Fraction
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from stability.plot.axes import axes
from stability.plot.marks import pale
from stability.plot.protocols.bifurcations import DrawnAngularBifurcation
from stability.plot.style import BLUE, GREY, ORANGE, PURPLE, VERMILLION, angle_text

LOOKS: dict[str, dict[str, Any]] = {
    "minimum": {"color": BLUE, "marker": "s"},
    "maximum": {"color": VERMILLION, "marker": "^"},
    "neither": {"color": ORANGE, "marker": "x"},
    "edge": {"color": GREY, "marker": "."},
}
"""How each kind of stationary angle is drawn."""

WORDS = {
    "minimum": "attracts: a minimum of the angular loss",
    "maximum": "repels: a maximum",
    "neither": "the loss goes on",
    "edge": "edge of a flat arc",
}
FLAT: dict[str, Any] = {
    **dict.fromkeys(("facecolor", "edgecolor"), pale(PURPLE, 0.35)),
    "linewidth": 0.9,
    "zorder": 0.5,
}
"""Arcs on which the loss is flat."""

SAMPLES = 140
"""Ratios at which the angles are drawn, about."""


def draw_angular_bifurcation(ax: Axes | None, diagram: DrawnAngularBifurcation) -> Axes:
    """Draw the stationary angles against b/r, by kind; dotted lines are the ratios at which they change.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    diagram : AngularBifurcation

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax)
    found: dict[str, list[tuple[float, float]]] = {}
    ends = float(diagram.spans[0].low), float(diagram.spans[-1].high)
    for sample in diagram.sampled(SAMPLES):
        for each in sample.angles:
            if each.kind in LOOKS:
                found.setdefault(each.kind, []).append((float(sample.ratio), each.theta))
        for low, high in sample.arcs:
            ax.bar(float(sample.ratio), high - low, 1.1 * (ends[1] - ends[0]) / SAMPLES, low, **FLAT)
    for kind, spots in found.items():
        ax.plot(*np.array(spots).T, linestyle="none", markersize=3.2, **LOOKS[kind])
    for event in diagram.events:
        ax.axvline(float(event.ratio), color=GREY, linestyle=":", linewidth=1, zorder=0)
    marks = [Fraction(k, 4) for k in range(9)]
    ax.set_yticks([float(m) * np.pi for m in marks], [angle_text(m) for m in marks])
    ax.set(xlabel="$b/r$", ylabel=r"angle $\theta$ of the weights", ylim=(-0.1, 2 * np.pi + 0.1))
    ax.set_xlim(*ends)
    return ax


def legend(*diagrams: DrawnAngularBifurcation) -> dict[str, list[Any]]:
    """Return the handles and labels that explain drawings of these diagrams."""
    kinds = {each.kind for diagram in diagrams for span in diagram.spans for each in span.angles}
    shown = [kind for kind in LOOKS if kind in kinds]
    handles = [Line2D([], [], linestyle="none", **LOOKS[kind]) for kind in shown]
    flat = ["flat arc"] * ("flat arc" in kinds)
    return {
        "handles": [*handles, *(Patch(**FLAT) for _ in flat)],
        "labels": [*(WORDS[kind] for kind in shown), *flat],
    }
