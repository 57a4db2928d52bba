"""Drawing of the stationary set on which each point of a plane ends, by shades.

Sets with the same loss and number of correct outputs share a hue; those of one plane differ in lightness.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy.ndimage import distance_transform_edt

from stability.arrays import Floats
from stability.exact.numbers import formatted
from stability.plot.protocols.dynamics import DrawnAreas
from stability.plot.protocols.geometry import AtlasOfBasins, ShadedSet
from stability.plot.style import AREAS, BLACK, BLUE, GREEN, GREY, ORANGE, VERMILLION, WHITE, YELLOW

RIGHT = GREEN
"""Of basins of sets that get every output on the right side of 1/2."""

HUES = (BLUE, YELLOW, GREY, ORANGE, VERMILLION)
"""Of other basins, by loss and number of right outputs: those of minima first, in the order of the atlas."""

OTHERS = GREY
"""Of all basins beyond the least losses, where there are more losses in a picture than hues."""

NOWHERE = WHITE

SEPARATRIX: dict[str, Any] = {"color": BLACK, "linewidth": 2.2}

NAME: dict[str, Any] = {
    "ha": "center",
    "va": "center",
    "fontsize": 8,
    "bbox": {"boxstyle": "round,pad=0.25", "facecolor": WHITE, "edgecolor": "none", "alpha": 0.9},
}
CLEAR = 0.09
"""How far names keep away from stationary sets, as a share of the width."""

Level = tuple[Fraction, int | None]
"""A loss, and how many outputs are right, if that means anything."""


def tints(atlas: AtlasOfBasins, seen: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return the colour of the basin of every set that is seen, and what legends call it, by its position in the atlas.

    No two losses share a colour; where there are more losses than hues, those of the greatest share one and a name.
    """
    ordered = sorted(atlas.sets, key=lambda each: not each.directional)
    hues = _hues(ordered)
    if any(hues[_level(each)] is None for each in ordered if each.index in seen):
        ordered = [each for each in ordered if each.index in seen]
        by_loss = sorted(ordered, key=lambda each: each.loss)
        hues = _hues(by_loss)
        if None in hues.values():
            hues = _hues(by_loss, tuple(hue for hue in HUES if hue != OTHERS))
    taken: dict[Level, int] = {}
    found = {}
    for each in ordered:
        level = _level(each)
        hue = hues[level]
        tint = taken.get(level, 0) % 2 if hue else 0
        taken[level] = taken.get(level, 0) + 1
        if each.index in seen:
            words = _words(level, len(each.outputs)) if hue else "basins of greater losses"
            found[each.index] = AREAS[hue or OTHERS][tint], words
    return found


def _hues(sets: Sequence[ShadedSet], hues: Sequence[str] = HUES) -> dict[Level, str | None]:
    """Return the hue of each level, RIGHT for the first that is all right; None where no hue is left."""
    found: dict[Level, str | None] = {}
    left = iter(hues)
    for each in sets:
        if _level(each) not in found:
            right = each.right == len(each.outputs) and RIGHT not in found.values()
            found[_level(each)] = RIGHT if right else next(left, None)
    return found


def _level(each: ShadedSet) -> Level:
    return each.loss, each.right


def _words(level: Level, examples: int) -> str:
    """Return what legends call the basins of a level."""
    loss, right = level
    return f"basin of loss {formatted(loss)}" + ("" if right is None else f", {right} of {examples} right")


def draw_shading(ax: Axes, atlas: AtlasOfBasins, basins: DrawnAreas) -> None:
    """Shade basins, and draw the separatrices between them."""
    known = sorted(basins.seen)
    palette = {k: colour for k, (colour, _) in tints(atlas, basins.seen).items()}
    palette |= {label: NOWHERE for label in known if label < 0}
    table = np.array([to_rgb(palette[k]) for k in known])
    (left, right), (low, high) = (_rims(line) for line in (basins.x, basins.y))
    image = table[np.searchsorted(known, basins.labels)]
    ax.imshow(image, extent=(left, right, low, high), origin="lower", interpolation="nearest", zorder=0)
    colours = [palette[label] for _, label in basins.pieces]
    polygons = [polygon for polygon, _ in basins.pieces]
    filled = PolyCollection(polygons, facecolors=colours, edgecolors=colours, linewidths=0.4, zorder=0.2)
    filled.set_rasterized(True)
    ax.add_collection(filled)
    edges = LineCollection(list(basins.lines), zorder=1.5, capstyle="round", **SEPARATRIX)
    edges.set_rasterized(True)
    ax.add_collection(edges)


def _rims(line: Floats) -> tuple[float, float]:
    """Return where the first pixel begins and the last one ends."""
    half = (line[1] - line[0]) / 2
    return float(line[0] - half), float(line[-1] + half)


def name_basins(ax: Axes, found: DrawnAreas, names: Mapping[int, str], parts: Sequence[Floats] = ()) -> Axes:
    """Write a name into each basin, where there is most room; of basins of one name, into the widest one.

    Parameters
    ----------
    ax : Axes
    found : Areas
    names : mapping of int to str
        By the position of a set in the atlas; others get none.
    parts : sequence of array (n, 2)
        Points to keep away from.
    """
    x, y = np.meshgrid(found.x, found.y)
    taken = np.ones_like(x, dtype=bool)
    for x0, y0 in (spot for part in parts for spot in part):
        taken &= np.hypot(x - x0, y - y0) > CLEAR * np.ptp(found.x)
    for name in dict.fromkeys(names.values()):
        own = np.isin(found.labels, [k for k, other in names.items() if other == name])
        room = distance_transform_edt(np.pad(own & taken, 1), sampling=(1, 0.5))[1:-1, 1:-1]
        if room.max() > 0:
            aside = np.hypot(x - x.mean(), y - y.mean()) / np.ptp(found.x)
            spot = np.unravel_index((room - aside * len(found.x) / 20).argmax(), room.shape)
            ax.text(float(x[spot]), float(y[spot]), name, zorder=6, **NAME)
    return ax


def legend(shown: Iterable[tuple[AtlasOfBasins, DrawnAreas]]) -> dict[str, list[Any]]:
    """Return the handles and labels that explain separatrices and shadings."""
    entries: dict[str, list[str]] = {}
    nowhere = several = False
    for atlas, basins in shown:
        seen = basins.seen
        nowhere, several = nowhere or min(seen) < 0, several or len(seen) > 1
        for _, (colour, words) in sorted(tints(atlas, seen).items()):
            colours = entries.setdefault(words, [])
            colours += [colour] * (colour not in colours)
    patches: list[Any] = [tuple(_patch(colour) for colour in sorted(colours)[::-1]) for colours in entries.values()]
    return {
        "handles": [Line2D([], [], **SEPARATRIX)] * several + patches + [_patch(NOWHERE)] * nowhere,
        "labels": ["separatrix: edge of a basin"] * several + [*entries] + ["nowhere, or undecided"] * nowhere,
    }


def _patch(colour: str) -> Patch:
    return Patch(facecolor=colour, edgecolor=GREY, linewidth=0.5)
