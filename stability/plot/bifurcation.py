"""Drawing of the stationary sets of a family as the parameter varies."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from stability.plot.angular_bifurcation import draw_angular_bifurcation
from stability.plot.angular_bifurcation import legend as angular_legend
from stability.plot.axes import axes
from stability.plot.marks import MARKS, POINT, TOGETHER, mark
from stability.plot.protocols.bifurcations import (
    DrawnAngularBifurcation,
    DrawnBifurcation,
    DrawnBranch,
    DrawnEvent,
    DrawnSnapshot,
)
from stability.plot.style import BLACK, DARK, GREY, WHITE

STROKE: dict[str, Any] = {"linewidth": 2.6, "solid_capstyle": "butt", "dash_capstyle": "butt"}
EVENT_MARKS: dict[str, dict[str, Any]] = {
    "nonsmooth fold": {"marker": "D", "color": BLACK, "markersize": 6},
    "border collision": {"marker": "|", "color": BLACK, "markersize": 11, "markeredgewidth": 1.6},
    "exchange of stability": {"marker": "*", "color": BLACK, "markersize": 9},
    "branch point": {"marker": "P", "color": BLACK, "markersize": 7},
    "escape to infinity": {"marker": "o", "color": GREY, "markersize": 7, "markerfacecolor": WHITE},
}
"""How the ends of branches are marked where something happens to them; sets that are there only then keep their own."""

WORDS = {
    "nonsmooth fold": "sets meet at a kink and vanish",
    "border collision": "a set moves to other faces",
    "exchange of stability": "a set changes its kind",
    "branch point": "the number of sets changes",
    "escape to infinity": "a set runs off to infinity",
}
ONLY = "coloured symbols: sets that are there only at the parameter of their dotted line"
"""What a legend's title may say."""

COUNT: dict[str, Any] = {"boxstyle": "round,pad=0.2", "facecolor": WHITE, "linewidth": 1.1}
COUNTED = "how many sets of that kind there are"

LEADER: dict[str, Any] = {"arrowstyle": "-", "color": GREY, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 2}
BOX: dict[str, Any] = {"facecolor": WHITE, "edgecolor": "none", "pad": 0.8}
GAP = 9
"""Between symbols at one place, in points."""

APART = 3.4
"""Between the middles of lines of the same loss, in points."""

STEEP = 0.25
"""Below this share of the range numbers stand to the right of a line that rises or falls, not above it."""

WIDE, TALL = 0.1, 0.025
"""The share of the range between two events, and of the height between two lines, from which on numbers have room."""


FEW, SHORT = 2, 24
"""Up to this many lines and characters, formulas of losses that vary are written at the lines of a whole figure."""


@dataclass(frozen=True)
class Stroke:
    """Branches that are drawn as one line.

    Attributes
    ----------
    kind : str
    branches : list of Branch
        With the same loss and, in part, the same range.
    """

    kind: str
    branches: list[DrawnBranch]

    @property
    def span(self) -> tuple[float, float]:
        """The range that they cover together."""
        return min(float(b.low) for b in self.branches), max(float(b.high) for b in self.branches)

    def points(self, count: int = 200) -> tuple[np.ndarray, np.ndarray]:
        """Return parameters and losses along the line."""
        x = np.linspace(*self.span, count)
        return x, np.array([float(self.branches[0].loss(float(t))) for t in x])


def strokes(diagram: DrawnBifurcation) -> list[Stroke]:
    """Return the lines to draw: one for each kind, loss and connected range."""
    found: list[Stroke] = []
    for each in sorted(diagram.branches, key=lambda b: (b.low, b.high)):
        for stroke in found:
            first = stroke.branches[0]
            if (stroke.kind, first.loss) == (each.kind, each.loss) and float(each.low) < stroke.span[1]:
                stroke.branches.append(each)
                break
        else:
            found.append(Stroke(each.kind, [each]))
    return found


def _shifts(lines: Sequence[Stroke]) -> list[float]:
    """Return by how many points to move each line up, so that lines of the same loss run side by side."""
    found = []
    for line in lines:
        beside = [
            other
            for other in lines
            if other.branches[0].loss == line.branches[0].loss
            and max(other.span[0], line.span[0]) < min(other.span[1], line.span[1])
        ]
        found.append(APART * ((len(beside) - 1) / 2 - beside.index(line)))
    return found


def draw_bifurcation(ax: Axes | None, diagram: DrawnBifurcation, counts: bool = True, formulas: bool = False) -> Axes:
    """Draw the loss of every stationary set against the parameter, by its kind, with what happens at events.

    Events are dotted lines. Sets that are there at one parameter only stand on such a line, side by side where their
    loss is the same. Numbers say how many sets of one kind share a loss, by permuting the units included; they are left
    out where events or lines are close together.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    diagram : Bifurcation
    counts, formulas : bool
        Whether the number of sets, and losses that vary, are written at the lines.

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax)
    lines = strokes(diagram)
    low, high = float(diagram.family.low), float(diagram.family.high)
    for stroke, shift in zip(lines, _shifts(lines), strict=True):
        how = mark(stroke.kind)
        place = ax.transData + ScaledTranslation(0, shift / 72, ax.figure.dpi_scale_trans)
        (line,) = ax.plot(*stroke.points(), color=how.colour, linestyle=how.dash, zorder=2.5, **STROKE)
        line.set_transform(place)
    for happening in diagram.events:
        ax.axvline(float(happening.value), color=GREY, linestyle=":", linewidth=1, zorder=1)
        _draw_symbols(ax, float(happening.value), event_symbols(diagram, happening), (low, high))
    if counts:
        least = WIDE * (high - low)
        for snapshot in diagram.snapshots[1::2]:
            if float(snapshot.high) - float(snapshot.low) >= least:
                _write_counts(ax, snapshot)
    if formulas:
        _write_formulas(ax, diagram)
    ax.set(xlabel=f"${diagram.name}$", ylabel="loss", xlim=(low, high))
    ax.margins(y=0.08)
    return ax


def event_symbols(diagram: DrawnBifurcation, happening: DrawnEvent) -> list[tuple[float, str]]:
    """Return (loss, kind of set or of change) for what is marked at an event, each once, in ascending order."""
    found: set[tuple[float, str]] = set()
    for change in happening.changes:
        if change.kind in ("only here", "flat set"):
            found |= {(round(number(still.loss), 9), still.kind) for still in change.at}
        if change.kind in EVENT_MARKS:
            own = [diagram.branches[k].loss for k in [*change.before, *change.after]]
            found |= {(round(float(loss(float(happening.value))), 9), change.kind) for loss in own}
    return sorted(found)


def number(value: Any) -> float:
    """Return an exact number of `snapshots` as a float."""
    return float(value.p) / float(value.q) if hasattr(value, "q") else float(value)


def _draw_symbols(ax: Axes, x: float, symbols: list[tuple[float, str]], ends: tuple[float, float]) -> None:
    """Draw symbols side by side, on the side of the axes at an end of the range; the axes reach up to all of them."""
    low, high = ends
    for y, several in groupby(symbols, key=lambda each: each[0]):
        kinds = [kind for _, kind in several]
        before = 0.0 if x == low else len(kinds) - 1.0 if x == high else (len(kinds) - 1) / 2
        for k, kind in enumerate(kinds):
            place = ax.transData + ScaledTranslation(GAP * (k - before) / 72, 0, ax.figure.dpi_scale_trans)
            ax.plot(x, y, transform=place, zorder=5, clip_on=False, **_symbol(kind))
        ax.update_datalim([(x, y)])  # a line with a transform of its own leaves the limits as they are
    ax.autoscale_view()


def _symbol(kind: str) -> dict[str, Any]:
    if kind in EVENT_MARKS:
        return {"linestyle": "none", **EVENT_MARKS[kind]}
    return {"marker": mark(kind).marker, "color": mark(kind).colour, **POINT}


def _write_counts(ax: Axes, snapshot: DrawnSnapshot) -> None:
    """Write at each line how many sets it stands for, where lines are far apart."""
    low, high = float(snapshot.low), float(snapshot.high)
    losses = list(dict.fromkeys(still.loss for still in snapshot.sets))

    def clearance(x: float) -> float:
        heights = sorted(float(loss(x)) for loss in losses)
        return min((b - a for a, b in pairwise(heights)), default=0.0)

    x = max((low + (high - low) * share for share in (0.5, 0.4, 0.6, 0.7)), key=clearance)
    apart = TALL * float(ax.dataLim.height)
    for loss in losses:
        if any(abs(float(loss(x)) - float(other(x))) < apart for other in losses if other != loss):
            continue
        kinds = Counter[str]()
        for still in snapshot.sets:
            if still.loss == loss:
                kinds[still.kind] += still.orbit
        steep = not loss.is_constant and high - low < STEEP * float(ax.get_xlim()[1] - ax.get_xlim()[0])
        aside = 0 if loss.is_constant else -5 if loss(high) > loss(low) else 5
        for k, (kind, count) in enumerate(sorted(kinds.items())):
            shift = (13 + 14 * k, -3) if steep else (aside + 14 * (k - (len(kinds) - 1) / 2), 11)
            box = {**COUNT, "edgecolor": mark(kind).colour}
            how: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7.5, "zorder": 6, "bbox": box}
            ax.annotate(str(count), (x, loss(x)), shift, textcoords="offset points", **how)


def _write_formulas(ax: Axes, diagram: DrawnBifurcation) -> None:
    for stroke in strokes(diagram):
        loss, (low, high) = stroke.branches[0].loss, stroke.span
        if not loss.is_constant:
            x = low + 0.8 * (high - low)
            text, ends = f"loss ${loss.text(diagram.name)}$", (x, float(loss(x)))
            how: dict[str, Any] = {"fontsize": 8, "bbox": BOX, "arrowprops": LEADER, "zorder": 1.5}
            ax.annotate(text, ends, (24, -10), textcoords="offset points", **how)


def legend(diagrams: Iterable[DrawnBifurcation]) -> dict[str, list[Any]]:
    """Return the handles and labels that explain the drawings; use them with `marks.TOGETHER` and the title `ONLY`."""
    several = list(diagrams)
    kinds = {each.kind for diagram in several for each in diagram.branches}
    symbols = {kind for diagram in several for event in diagram.events for _, kind in event_symbols(diagram, event)}
    handles: list[Any] = []
    labels: list[str] = []
    for kind in [kind for kind in MARKS if kind in kinds | symbols]:
        line = Line2D([], [], color=mark(kind).colour, linestyle=mark(kind).dash, **STROKE)
        point = Line2D([], [], **_symbol(kind))
        handles.append(tuple([line] * (kind in kinds) + [point] * (kind in symbols)))
        labels.append(kind)
    for kind in [kind for kind in EVENT_MARKS if kind in symbols]:
        handles.append(Line2D([], [], **_symbol(kind)))
        labels.append(WORDS[kind])
    ring = Line2D([], [], linestyle="none", marker="s", markersize=8, markerfacecolor=WHITE, markeredgecolor=DARK)
    return {"handles": [*handles, ring], "labels": [*labels, COUNTED]}


def bifurcation_figure(diagram: DrawnBifurcation | DrawnAngularBifurcation, title: str) -> Figure:
    """Return a figure of losses of stationary sets, or of stationary angles, against what varies."""
    figure = Figure(figsize=(5.6, 5.6), layout="constrained")
    ax = figure.subplots()
    below: dict[str, Any] = {"loc": "outside lower center", "ncols": 2}
    add: Any = figure.legend
    if isinstance(diagram, DrawnAngularBifurcation):
        draw_angular_bifurcation(ax, diagram).set_title(title)
        add(**angular_legend(diagram), **below)
        return figure
    losses = [stroke.branches[0].loss for stroke in strokes(diagram)]
    formulas = [loss.text(diagram.name) for loss in losses if not loss.is_constant]
    fit = len(formulas) <= FEW and all(len(formula) <= SHORT for formula in formulas)
    draw_bifurcation(ax, diagram, formulas=fit).set_title(title)
    add(**legend([diagram]), **TOGETHER, **below, title=ONLY, title_fontsize=8)
    return figure
