"""Drawing of the angles at which one unit is at rest as the ratio b/r varies."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from stability.arrays import Floats
from stability.plot.axes import axes
from stability.plot.protocols.bifurcations import DrawnAngles, DrawnAngularBifurcation
from stability.plot.style import BLUE, DARK, GREY, ORANGE, PURPLE, VERMILLION, angle_text, pale

LOOKS: dict[str, dict[str, Any]] = {
    "minimum": {"color": BLUE, "linewidth": 2.6, "solid_capstyle": "butt"},
    "maximum": {"color": VERMILLION, "linewidth": 2, "linestyle": (0, (3, 1))},
    "neither": {"color": ORANGE, "linewidth": 2, "linestyle": (0, (1, 1))},
    "edge": {"color": DARK, "linewidth": 0.9},
}
"""How each kind of stationary angle is drawn."""

WORDS = {
    "minimum": "attracts: a minimum of the angular loss",
    "maximum": "repels: a maximum",
    "neither": "neither: the loss falls on one side",
    "edge": "edge of a flat arc",
}
FLAT: dict[str, Any] = {
    **dict.fromkeys(("facecolor", "edgecolor"), pale(PURPLE, 0.35)),
    "linewidth": 0.9,
    "zorder": 0.5,
}
"""Arcs on which the loss is flat."""

EVENT: dict[str, Any] = {"color": GREY, "linestyle": ":", "linewidth": 1}
"""Ratios at which angles appear, vanish or change their kind."""

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
    ends = float(diagram.spans[0].low), float(diagram.spans[-1].high)
    samples = diagram.sampled(SAMPLES)
    for sample in samples:
        for low, high in sample.arcs:
            ax.bar(float(sample.ratio), high - low, 1.1 * (ends[1] - ends[0]) / SAMPLES, low, **FLAT)
    for kind, look in LOOKS.items():
        for line in _lines(diagram, samples, kind):
            ax.plot(*line.T, **look)
    for event in diagram.events:
        ax.axvline(float(event.ratio), zorder=0, **EVENT)
    marks = [Fraction(k, 4) for k in range(9)]
    ax.set_yticks([float(m) * np.pi for m in marks], [angle_text(m) for m in marks])
    ax.set(xlabel="$b/r$", ylabel=r"angle $\theta$ of the weights", ylim=(-0.1, 2 * np.pi + 0.1))
    ax.set_xlim(*ends)
    return ax


def _lines(diagram: DrawnAngularBifurcation, samples: Sequence[DrawnAngles], kind: str) -> list[Floats]:
    """Return the angles of a kind as lines of (b/r, angle): broken at events, and where an angle goes once around."""
    events = [float(event.ratio) for event in diagram.events]
    open_lines: list[list[tuple[float, float]]] = []
    done: list[list[tuple[float, float]]] = []
    for sample in samples:
        ratio = float(sample.ratio)
        spots = [(ratio, each.theta) for each in sample.angles if each.kind == kind]
        last = open_lines[0][-1][0] if open_lines else ratio
        broken = len(spots) != len(open_lines) or any(last < event < ratio for event in events)
        if broken:
            done, open_lines = done + open_lines, [[] for _ in spots]
        for k, spot in enumerate(spots):
            if open_lines[k] and abs(open_lines[k][-1][1] - spot[1]) > np.pi / 2:
                done.append(open_lines[k])
                open_lines[k] = []
            open_lines[k].append(spot)
    return [np.array(line) for line in done + open_lines]


def legend(*diagrams: DrawnAngularBifurcation) -> dict[str, list[Any]]:
    """Return the handles and labels that explain drawings of these diagrams."""
    kinds = {each.kind for diagram in diagrams for span in diagram.spans for each in span.angles}
    shown = [kind for kind in LOOKS if kind in kinds]
    handles = [Line2D([], [], **LOOKS[kind]) for kind in shown]
    flat = ["flat arc: any angle is at rest"] * ("flat arc" in kinds)
    events = ["the angles change in number or kind"] * any(diagram.events for diagram in diagrams)
    return {
        "handles": [*handles, *(Patch(**FLAT) for _ in flat), *(Line2D([], [], **EVENT) for _ in events)],
        "labels": [*(WORDS[kind] for kind in shown), *flat, *events],
    }
