"""As one unit rotates on XOR its loss has corners only where a point of class 1 changes sides, none at class 0.

The loss as the weights turn, for several frozen biases, kinks marked.
"""

from fractions import Fraction

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from stability import landscape
from stability.plot.angular import draw_angular_loss
from stability.plot.style import BLACK, WHITE
from stability.symbolic.angular import angular_loss

BIASES = (Fraction(0), Fraction(1, 2), Fraction(-1, 2))
SAME = r"$b/r = 1/2$ and $-1/2$" + "\ngive the same curve"
KINKS = {BLACK: "kink of class 1: a corner", WHITE: "kink of class 0: no corner"}
TITLES = {"abs1": "one absolute-value unit", "relu1": "one ReLU unit"}


def draw() -> Figure:
    """Return the angular loss of abs1 and relu1 on XOR at r = 1 and three biases."""
    figure = Figure(figsize=(7.2, 3.7), layout="constrained")
    for ax, (model, title) in zip(figure.subplots(1, 2), TITLES.items(), strict=True):
        losses = [angular_loss(landscape(model, "xor"), 1, b) for b in BIASES]
        draw_angular_loss(ax, losses).set_title(f"{title}, $r = 1$")
        if np.allclose(losses[1].curve()[1], losses[2].curve()[1]):
            ax.text(3 * np.pi / 4, ax.get_ylim()[1], SAME, ha="center", va="top", fontsize=8)
    look = {"color": BLACK, "marker": "o", "linestyle": "none", "markersize": 4.5}
    marks = [Line2D([], [], markerfacecolor=face, label=text, **look) for face, text in KINKS.items()]
    lines = figure.axes[0].get_legend_handles_labels()[0]
    figure.legend(handles=[*lines, *marks], loc="outside lower center", ncols=5)
    return figure
