"""The one palette and the letters of all pictures, which ink is legible on a colour, and angles on an axis."""

from contextlib import AbstractContextManager
from fractions import Fraction
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb

BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILLION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
"""The eight colours of Okabe and Ito, which stay apart for colour-blind readers."""

WHITE = "#FFFFFF"
DARK, GREY, LIGHT, FAINT = "#404040", "#8C8C8C", "#BDBDBD", "#EDEDED"
"""Greys: of arrows and small letters, of lines that matter less, of what lies behind, of areas."""


def pale(colour: str, share: float = 0.22) -> str:
    """Return a colour mixed with white."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - share * (255 - part)):02X}" for part in parts)


AREAS: dict[str, tuple[str, str]] = {
    hue: (pale(hue, tint), pale(hue, tint + 0.1))
    for hue, tint in ((GREEN, 0.54), (BLUE, 0.48), (YELLOW, 0.7), (GREY, 0.16), (ORANGE, 0.28), (VERMILLION, 0.6))
}
"""Two tints of each hue for areas that stand for different things.

Tints of different hues are at least 24 apart in CIE L*a*b*, and 14 for readers without red or green cones.
"""

BLUES = LinearSegmentedColormap.from_list("blues", [WHITE, BLUE])
DARKER = LinearSegmentedColormap.from_list("darker", [pale(BLUE, 0.25), BLUE, BLACK])
SEQUENTIAL = "cividis"
"""Of accuracies and lengths, dark where they are low."""

NAVY = "#00304D"
DEPTHS = LinearSegmentedColormap.from_list("depths", [VERMILLION, BLUE, NAVY])
"""Of layers, from the first to the last; all of it dark enough for lines on white."""

SETTINGS: Any = {
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "mathtext.fontset": "dejavuserif",
    "svg.hashsalt": "stability",
    "svg.fonttype": "none",
    "hatch.linewidth": 0.5,
    "hatch.color": GREY,
}


def style() -> AbstractContextManager[None]:
    """Return a context in which figures are drawn and written the same way every time."""
    return mpl.rc_context(SETTINGS)


def contrast(first: Any, second: Any) -> float:
    """Return the contrast of two colours as the web's guidelines define it, from 1 to 21; text needs 4.5.

    Examples
    --------
    >>> contrast("#000000", "#FFFFFF")
    21.0
    """
    low, high = sorted(_luminance(each) for each in (first, second))
    return round((high + 0.05) / (low + 0.05), 2)


def _luminance(colour: Any) -> float:
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def ink_on(colour: Any) -> str:
    """Return black or white, whichever is easier to read on a colour."""
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, colour))


def angle_axis(ax: Axes, step: Fraction = Fraction(1, 4), end: Fraction = Fraction(2)) -> Axes:
    """Label the x axis from 0 to end * pi in multiples of step * pi."""
    from math import pi

    marks = [step * k for k in range(int(end / step) + 1)]
    ax.set_xticks([float(m) * pi for m in marks], [angle_text(m) for m in marks])
    ax.set_xlim(0, float(end) * pi)
    ax.set_xlabel(r"angle $\theta$")
    return ax


def angle_text(multiple: Fraction) -> str:
    """Return a multiple of pi as mathtext."""
    if multiple == 0:
        return "0"
    top = "" if multiple.numerator == 1 else str(multiple.numerator)
    return f"${top}\\pi$" if multiple.denominator == 1 else f"${top}\\pi/{multiple.denominator}$"
