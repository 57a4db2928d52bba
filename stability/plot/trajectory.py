"""Drawing of a trajectory of gradient flow in time: its loss, its pre-activations, its events."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from stability.arrays import Floats
from stability.exact.numbers import formatted
from stability.plot.axes import axes
from stability.plot.protocols.dynamics import DrawnFlowEvent, DrawnSolution
from stability.plot.style import BLACK, BLUE, FAINT, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION

STROKES: list[tuple[str, Any]] = [
    (BLUE, "-"), (VERMILLION, (0, (5, 1.5))), (GREEN, (0, (5, 1.5, 1, 1.5))), (PURPLE, (0, (1, 1))),
    (ORANGE, "-"), (SKY, (0, (5, 1.5))), (BLACK, (0, (1, 1))),
]  # fmt: skip
"""Of examples, in their order; after the last one the first comes again."""

VERBS = {"crossing": "crosses", "sliding begins": "begins to slide on", "sliding ends": "leaves", "branch": "may leave"}
MOMENT: dict[str, Any] = {"color": GREY, "linewidth": 0.9, "linestyle": (0, (3, 2))}
LETTER: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": 9, "fontweight": "bold"}
SLIDING: dict[str, Any] = {"facecolor": FAINT, "edgecolor": "none"}
POINTS = 300
"""Of a curve between two events."""


def happenings(found: DrawnSolution) -> list[DrawnFlowEvent]:
    """Return the events of a trajectory but its stop."""
    return [event for event in found.events if event.kind != "stop"]


def moment(event: DrawnFlowEvent) -> float:
    """Return the time of an event, rounded."""
    return float(sum(event.time, Fraction(0))) / 2


def draw_trajectory(ax: Axes | None, found: DrawnSolution) -> Axes:
    """Draw the loss over time until well after the last event, on new Axes where there are none."""
    last = max((moment(event) for event in happenings(found)), default=0.0)
    slowest = min((float(rate) for piece in found.pieces[-1:] for rate in piece.rates if rate > 0), default=1.0)
    return draw_loss(axes(ax), found, last + SETTLED / slowest)


SETTLED = 5.0
"""How many of its slowest decay times are shown after the last event."""


def draw_loss(ax: Axes, found: DrawnSolution, until: float) -> Axes:
    """Draw the loss over time, with a letter at each event.

    Parameters
    ----------
    ax : Axes
    found : Solution
    until : float
        Where the time axis ends.

    Returns
    -------
    Axes
        The same.
    """
    times = _times(found, until)
    ax.semilogy(times, found.losses(times.tolist()), color=BLACK, linewidth=1.6)
    for letter, event in zip(_letters(found), happenings(found), strict=True):
        ax.text(moment(event), 1.02, letter, transform=ax.get_xaxis_transform(), **LETTER)
    ax.set(ylabel="loss, logarithmic")
    return _time_axis(ax, found, until)


def draw_preactivations(ax: Axes, found: DrawnSolution, unit: int, until: float) -> Axes:
    """Draw the pre-activations of one unit, counted from 0, over time; shaded while it slides on a kink."""
    times = _times(found, until)
    z = found.preactivations(times.tolist())[:, unit]
    for k, (colour, dash) in enumerate(_strokes(found)):
        ax.plot(times, z[:, k], color=colour, linestyle=dash, linewidth=1.6)
    ax.axhline(0, color=BLACK, linewidth=0.8, zorder=1)
    for piece in found.pieces:
        if 0 in piece.signs[unit]:
            ax.axvspan(piece.start, min(piece.end, until), zorder=0, **SLIDING)
    ax.set(ylabel=f"unit {unit + 1}: $z = w\\cdot x + b$")
    return _time_axis(ax, found, until)


def _time_axis(ax: Axes, found: DrawnSolution, until: float) -> Axes:
    for event in happenings(found):
        ax.axvline(moment(event), zorder=0.5, **MOMENT)
    ax.set(xlim=(0, until), xlabel="time $t$ of gradient flow")
    return ax


def _times(found: DrawnSolution, until: float) -> Floats:
    ends = [min(piece.end, until) for piece in found.pieces]
    return np.concatenate(
        [
            np.linspace(piece.start, end, POINTS)
            for piece, end in zip(found.pieces, ends, strict=True)
            if piece.start < end
        ]
    )


def _letters(found: DrawnSolution) -> Sequence[str]:
    return [chr(ord("A") + k) for k in range(len(happenings(found)))]


def _strokes(found: DrawnSolution) -> list[tuple[str, Any]]:
    return [STROKES[k % len(STROKES)] for k in range(len(found.landscape.data.points))]


def event_lines(found: DrawnSolution) -> list[str]:
    """Return what happens at each event, with the letter that marks it."""
    return [
        f"{letter}: unit {(event.unit or 0) + 1} {VERBS[event.kind]} the kink of {_corner(found, event.example or 0)}"
        for letter, event in zip(_letters(found), happenings(found), strict=True)
    ]


def _corner(found: DrawnSolution, example: int) -> str:
    return f"$({', '.join(map(formatted, found.landscape.data.points[example]))})$"


def legend(found: DrawnSolution) -> dict[str, list[Any]]:
    """Return the handles and labels that explain the drawings: examples, sliding, and the events by their letters."""
    data = found.landscape.data
    lines = [Line2D([], [], color=colour, linestyle=dash, linewidth=1.6) for colour, dash in _strokes(found)]
    words = [f"$x =$ {_corner(found, k)}, label {formatted(y)}" for k, y in enumerate(data.labels)]
    moments = [Line2D([], [], **MOMENT) for _ in happenings(found)]
    return {
        "handles": [*lines, Patch(**SLIDING), *moments],
        "labels": [*words, "the unit slides on a kink", *event_lines(found)],
    }
