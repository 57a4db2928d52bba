"""Drawing of the losses at which a network rests, on which sets, and what it puts out there."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.transforms import ScaledTranslation

from stability.errors import DataError
from stability.exact.numbers import formatted
from stability.plot.axes import axes
from stability.plot.marks import MARKS, mark
from stability.plot.protocols.geometry import AtlasWithLevels, JudgedDataset, LevelSet
from stability.plot.style import BLACK, BLUES, GREEN, LIGHT, VERMILLION, WHITE, ink_on

OUTPUT = BLUES
"""From output 0 to output 1."""

GAP = 0.45
"""Between the last set with some outputs and the name of the next outputs, in widths of a set."""

LETTER: dict[str, Any] = {
    "ha": "center",
    "va": "center",
    "fontsize": 9,
    "fontweight": "bold",
    "bbox": {"boxstyle": "circle,pad=0.25", "facecolor": WHITE, "edgecolor": BLACK, "linewidth": 0.8},
}

HOLLOW: dict[str, Any] = {"markerfacecolor": WHITE, "markeredgewidth": 2}
TICK = Path([(-1.0, 0.0), (-0.35, -0.8), (1.0, 1.0)])
RIGHT: dict[str, Any] = {
    "marker": TICK,
    "markersize": 8,
    "markerfacecolor": "none",
    "markeredgecolor": GREEN,
    "markeredgewidth": 1.8,
}
WRONG: dict[str, Any] = {"marker": "x", "markersize": 6, "markeredgecolor": VERMILLION, "markeredgewidth": 1.8}


def draw_levels(ax: Axes | None, atlas: AtlasWithLevels) -> Axes:
    """Draw a line for each loss at which a network rests, with the stationary sets on it.

    Each mark is a family of sets that are images of each other, with their number and their dimension in parameter
    space; a hollow one has an edge from which descent leads away. Letters name the outputs as in `Atlas.fits`.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    atlas : Atlas

    Returns
    -------
    Axes
        The same.
    """
    ax = axes(ax)
    levels = {loss: list(level) for loss, level in groupby(atlas.fits(), key=lambda fit: fit.loss)}
    width = max(sum(len(fit.families) + GAP for fit in level) for level in levels.values())
    for loss, level in levels.items():
        ax.axhline(float(loss), color=LIGHT, linewidth=1.2, zorder=1)
        x = 0.0
        for fit in level:
            ax.text(x, float(loss), fit.name, **LETTER)
            for k, family in enumerate(fit.families):
                _draw_family(ax, x + k + 0.6, float(loss), family)
            x += len(fit.families) + GAP
    ax.set_yticks([float(loss) for loss in levels], [formatted(loss) for loss in levels])
    ax.set(xlim=(-0.25, width - 0.25), xticks=[], ylabel="loss")
    ax.margins(y=0.18)
    ax.spines["bottom"].set_visible(False)
    return ax


def _draw_family(ax: Axes, x: float, loss: float, family: Sequence[LevelSet]) -> None:
    first, count = family[0], sum(each.orbit for each in family)
    ax.plot(x, loss, **_look(first.kind, bool(first.repels)))
    size = f"dim. {first.dimension}" if first.dimension else "point"
    text = f"{count} $\\times$ {size}" if count > 1 else size
    ax.annotate(text, (x, loss), (0, -9), textcoords="offset points", ha="center", va="top", fontsize=8)


def draw_outputs(ax: Axes | None, data: JudgedDataset, outputs: Sequence[Fraction]) -> Axes:
    """Draw what a network puts out at each example: the fuller a disc, the more.

    A tick beside it says that it is correct, a cross that it is not; neither where there are not two labels.

    Parameters
    ----------
    ax : Axes or None
        None for those of a new figure.
    data : Dataset
        In the plane.
    outputs : sequence of Fraction
        One per example.

    Returns
    -------
    Axes
        The same.

    Raises
    ------
    DataError
        If the data are not in the plane.
    """
    if data.dimension != 2:
        raise DataError(
            f"Expected data in the plane; {data.name} has dimension {data.dimension}.", "Draw the outputs of xor."
        )
    ax = axes(ax)
    known: Sequence[bool | None] = data.correct(outputs) or [None] * len(data.points)
    for point, output, right in zip(data.points, outputs, known, strict=True):
        _draw_output(ax, (float(point[0]), float(point[1])), output, right)
    xs, ys = zip(*data.points, strict=True)
    for setter, values in ((ax.set_xlim, xs), (ax.set_ylim, ys)):
        low, high = float(min(values)), float(max(values))
        setter(low - 0.5 * (high - low), high + 0.5 * (high - low))
    ax.set(xticks=sorted(set(map(float, xs))), yticks=sorted(set(map(float, ys))), aspect="equal")
    for spine in ax.spines.values():
        spine.set(visible=True, color=LIGHT)
    return ax


def _draw_output(ax: Axes, spot: tuple[float, float], output: Fraction, right: bool | None) -> None:
    ax.plot(*spot, "o", markersize=17, color=OUTPUT(float(output)), markeredgecolor=BLACK, markeredgewidth=0.8)
    ink = ink_on(OUTPUT(float(output)))
    ax.text(*spot, formatted(output), ha="center", va="center_baseline", fontsize=7.5, color=ink)
    beside = ax.transData + ScaledTranslation(13 / 72, 8 / 72, ax.figure.dpi_scale_trans)
    if right is not None:
        ax.plot(*spot, linestyle="none", transform=beside, clip_on=False, **(RIGHT if right else WRONG))


def legend(atlas: AtlasWithLevels) -> dict[str, list[Any]]:
    """Return the handles and labels that explain the drawings."""
    shown = {(each.kind, bool(each.repels)) for each in atlas.sets}
    kinds = [(kind, repels) for kind in MARKS for repels in (False, True) if (kind, repels) in shown]
    words = [kind + (" whose edge repels" if repels else "") for kind, repels in kinds]
    looks = [_look(kind, repels) for kind, repels in kinds]
    middle = atlas.threshold
    if middle is not None:
        looks += [{"linestyle": "none", **RIGHT}, {"linestyle": "none", **WRONG}]
        words += [f"right side of {middle}", f"wrong side of {middle}"]
    return {"handles": [Line2D([], [], **look) for look in looks], "labels": words}


def _look(kind: str, repels: bool) -> dict[str, Any]:
    how = mark(kind)
    look = {"marker": how.marker, "color": how.colour, "markersize": 10, "linestyle": "none", "zorder": 3}
    return {**look, **HOLLOW} if repels else look
