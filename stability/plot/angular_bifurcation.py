"""Drawing of the angles at which one unit is at rest as the ratio b/r varies."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from stability.dynamics.bifurcation.angular import AngularBifurcation
from stability.dynamics.bifurcation.stationary_angles import StationaryAngle, stationary_angles
from stability.plot.axes import axes
from stability.plot.marks import pale
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
"""Ratios at which the angles are computed, about."""


def draw_angular_bifurcation(ax: Axes | None, diagram: AngularBifurcation) -> Axes:
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
    for ratio in ratios(diagram):
        angles = stationary_angles(diagram.landscape, diagram.radius, ratio)
        for each in angles:
            if each.kind in LOOKS:
                found.setdefault(each.kind, []).append((float(ratio), each.theta))
        for low, high in arcs(angles):
            ax.bar(float(ratio), high - low, 1.1 * (ends[1] - ends[0]) / SAMPLES, low, **FLAT)
    for kind, spots in found.items():
        ax.plot(*np.array(spots).T, linestyle="none", markersize=3.2, **LOOKS[kind])
    for event in diagram.events:
        ax.axvline(float(event.ratio), color=GREY, linestyle=":", linewidth=1, zorder=0)
    marks = [Fraction(k, 4) for k in range(9)]
    ax.set_yticks([float(m) * np.pi for m in marks], [angle_text(m) for m in marks])
    ax.set(xlabel="$b/r$", ylabel=r"angle $\theta$ of the weights", ylim=(-0.1, 2 * np.pi + 0.1))
    ax.set_xlim(*ends)
    return ax


def arcs(angles: Sequence[StationaryAngle]) -> list[tuple[float, float]]:
    """Return the flat arcs (from, to) within [0, 2 pi], given the stationary angles of one ratio in ascending order."""
    edges = [each.theta for each in angles if each.kind == "edge"]
    found = [] if edges else [(0.0, 2 * np.pi) for each in angles if each.kind == "flat arc"][:1]
    for each in angles:
        if edges and each.kind == "flat arc":
            below = max((e for e in edges if e <= each.theta), default=max(edges) - 2 * np.pi)
            above = min((e for e in edges if e > each.theta), default=min(edges) + 2 * np.pi)
            parts = [(below, above), (below + 2 * np.pi, above + 2 * np.pi), (below - 2 * np.pi, above - 2 * np.pi)]
            found += [(max(low, 0.0), min(high, 2 * np.pi)) for low, high in parts if low < 2 * np.pi and high > 0]
    return found


def ratios(diagram: AngularBifurcation) -> list[Fraction]:
    """Return rational ratios within the spans, in proportion to their lengths, several in each."""
    ends = [(float(span.low), float(span.high)) for span in diagram.spans]
    whole = ends[-1][1] - ends[0][0]
    found = []
    for low, high in ends:
        count = max(4, round(SAMPLES * (high - low) / whole))
        inner = low + (high - low) * (0.001 + 0.998 * np.linspace(0, 1, count))
        found += [Fraction(float(x)).limit_denominator(10**9) for x in inner]
    return found


def legend(*diagrams: AngularBifurcation) -> dict[str, list[Any]]:
    """Return the handles and labels that explain drawings of these diagrams."""
    kinds = {each.kind for diagram in diagrams for span in diagram.spans for each in span.angles}
    shown = [kind for kind in LOOKS if kind in kinds]
    handles = [Line2D([], [], linestyle="none", **LOOKS[kind]) for kind in shown]
    flat = ["flat arc"] * ("flat arc" in kinds)
    return {
        "handles": [*handles, *(Patch(**FLAT) for _ in flat)],
        "labels": [*(WORDS[kind] for kind in shown), *flat],
    }
