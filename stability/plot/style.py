"""Colours and letters of the figures, and angles on an axis."""

from contextlib import AbstractContextManager
from fractions import Fraction
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes

BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILLION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
"""The eight colours of Okabe and Ito, which stay apart for colour-blind readers."""

GREY = "#8C8C8C"

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
    "hatch.color": "#8C8C8C",
}


def style() -> AbstractContextManager[None]:
    """Return a context in which figures are drawn and written the same way every time."""
    return mpl.rc_context(SETTINGS)


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
