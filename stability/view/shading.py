"""On which stationary set does each point of a plane end, and how is that shaded?

Sets with the same loss and number of right outputs share a hue; those of one plane differ in lightness.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from stability.dynamics import ends
from stability.dynamics.orbits import STEPS, rule_ends
from stability.dynamics.swarm import UNDECIDED, Ints
from stability.geometry.atlas import Atlas
from stability.geometry.sets import StationarySet
from stability.geometry.summaries import told
from stability.model.landscapes import Landscape
from stability.model.rules import UpdateRule
from stability.view.edges import Areas
from stability.view.marks import pale
from stability.view.plane import Numbers
from stability.view.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, YELLOW

RIGHT = GREEN
"""Of basins of sets that get every output on the right side of 1/2."""

HUES = (BLUE, YELLOW, GREY, PURPLE, ORANGE, VERMILLION, SKY)
"""Of other basins, by loss and number of right outputs: those of minima first, in the order of the atlas."""

TINTS = (0.26, 0.5)
NOWHERE = "#FFFFFF"

SEPARATRIX: dict[str, Any] = {"color": BLACK, "linewidth": 2.2}

CHUNK = 5000
"""Starts that are followed at once."""

SHIFT = (0.137, -0.211)
"""Where in a pixel its sample lies, off its middle; so samples do not lie on kinks with simple slopes."""


def samples(span: float, pixels: int) -> tuple[Numbers, Numbers]:
    """Return where the pixels of a square from -span to span, and one more on each side, are sampled."""
    line = np.arange(-1, pixels + 1) + 0.5
    x, y = (((line + shift) / pixels * 2 - 1) * span for shift in SHIFT)
    return x, y


def flow_labels(landscape: Landscape, points: Numbers) -> Ints:
    """Return the position in the atlas of the set on which gradient flow ends from each point.

    -1 is where that is undecided, or several solutions leave the point.
    """
    return np.concatenate([ends(landscape, points[k : k + CHUNK]).decided for k in range(0, len(points), CHUNK)])


def rule_labels(landscape: Landscape, points: Numbers, rule: UpdateRule, steps: int = STEPS) -> Ints:
    """Return that of the set at which an update rule comes to rest; -1 if it comes to none, or diverges."""
    parts = (points[k : k + CHUNK] for k in range(0, len(points), CHUNK))
    return np.concatenate([np.maximum(rule_ends(landscape, part, rule, steps).sets, UNDECIDED) for part in parts])


def tints(atlas: Atlas) -> dict[int, str]:
    """Return the colour of the basin of every set, by its position in the atlas."""
    hues: dict[str, str] = {}
    taken: dict[str, int] = {}
    colours = {}
    for each in sorted(atlas.sets, key=lambda each: not each.directional):
        words = told_basin(each)
        if words not in hues:
            others = sum(hue != RIGHT for hue in hues.values())
            hues[words] = RIGHT if each.right == len(each.outputs) else HUES[others % len(HUES)]
        colours[each.index] = pale(hues[words], TINTS[taken.get(words, 0) % len(TINTS)])
        taken[words] = taken.get(words, 0) + 1
    return colours


def told_basin(each: StationarySet) -> str:
    """Return what legends call the basin of a set."""
    return f"basin of loss {told(each.loss)}, {each.right} of {len(each.outputs)} right"


def draw_shading(ax: Axes, atlas: Atlas, basins: Areas) -> None:
    """Shade basins, and draw the separatrices between them."""
    palette = {**tints(atlas), UNDECIDED: NOWHERE}
    known = sorted(set(basins.labels.ravel().tolist()))
    table = np.array([to_rgb(palette[k]) for k in known])
    (left, right), (low, high) = (_rims(line) for line in (basins.x, basins.y))
    image = table[np.searchsorted(known, basins.labels)]
    ax.imshow(image, extent=(left, right, low, high), origin="lower", interpolation="nearest", zorder=0)
    colours = [palette[label] for _, label in basins.pieces]
    polygons = [polygon for polygon, _ in basins.pieces]
    ax.add_collection(PolyCollection(polygons, facecolors=colours, edgecolors=colours, linewidths=0.4, zorder=0.2))
    ax.add_collection(LineCollection(list(basins.lines), zorder=1.5, capstyle="round", **SEPARATRIX))


def _rims(line: Numbers) -> tuple[float, float]:
    """Return where the first pixel begins and the last one ends."""
    half = (line[1] - line[0]) / 2
    return float(line[0] - half), float(line[-1] + half)


def legend(shown: Iterable[tuple[Atlas, Areas]]) -> dict[str, list[Any]]:
    """Return the handles and labels that explain separatrices and shadings."""
    entries: dict[str, list[str]] = {}
    nowhere = several = False
    for atlas, basins in shown:
        seen, palette = set(basins.labels.ravel().tolist()), tints(atlas)
        nowhere, several = nowhere or UNDECIDED in seen, several or len(seen) > 1
        for each in atlas.sets:
            if each.index in seen:
                colours = entries.setdefault(told_basin(each), [])
                colours += [palette[each.index]] * (palette[each.index] not in colours)
    patches: list[Any] = [tuple(_patch(colour) for colour in sorted(colours)[::-1]) for colours in entries.values()]
    return {
        "handles": [Line2D([], [], **SEPARATRIX)] * several + patches + [_patch(NOWHERE)] * nowhere,
        "labels": ["separatrix: edge of a basin"] * several + [*entries] + ["nowhere, or undecided"] * nowhere,
    }


def _patch(colour: str) -> Patch:
    return Patch(facecolor=colour, edgecolor=GREY, linewidth=0.5)
