"""A leaky unit on XOR has traps up to slope 1/3 and none beyond; the sum of two keeps traps up to slope 1.

All stationary sets as the slope left of 0 goes from -1 (absolute value) over 0 (ReLU) to 1 (linear).
"""

from matplotlib.figure import Figure

from stability.dynamics.bifurcation.bifurcation import bifurcation
from stability.dynamics.bifurcation.families import leaky_family
from stability.plot.bifurcation import ONLY, draw_bifurcation, legend
from stability.plot.marks import TOGETHER

TITLES = {1: "one leaky unit on XOR", 2: "the sum of two leaky units on XOR"}
TICKS = {-1: "$-1$\n$|z|$", 0: "$0$\nReLU", 1 / 3: "$1/3$", 1: "$1$\nlinear"}


def draw() -> Figure:
    """Return the stationary sets of one and of two leaky units on XOR against the slope left of 0."""
    figure = Figure(figsize=(7.2, 6.1), layout="constrained")
    diagrams = {units: bifurcation(leaky_family("xor", units), -1, 1, name="a") for units in TITLES}
    for ax, (units, title) in zip(figure.subplots(1, 2, sharey=True), TITLES.items(), strict=True):
        draw_bifurcation(ax, diagrams[units], formulas=units == 1).set_title(title)
        ax.set_xticks(list(TICKS), list(TICKS.values()))
        ax.set_xlabel("slope $a$ left of 0")
        ax.label_outer()
    entries = legend(diagrams.values())
    figure.legend(**entries, **TOGETHER, loc="outside lower center", ncols=3, title=ONLY, title_fontsize=8)
    return figure
