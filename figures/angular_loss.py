"""Where does rotating one unit on XOR raise the loss, and where does it meet kinks?

The loss as the weights turn, for several frozen biases, kinks marked.
"""

from fractions import Fraction

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from stability import landscape
from stability.plot.angular import draw_angular_loss
from stability.symbolic.angular import angular_loss

BIASES = (Fraction(0), Fraction(1, 2), Fraction(-1, 2))
TITLES = {"abs1": "one absolute-value unit", "relu1": "one ReLU unit"}


def draw() -> Figure:
    """Return the angular loss of abs1 and relu1 on XOR at r = 1 and three biases."""
    figure = Figure(figsize=(7.2, 3.1), layout="constrained")
    for ax, (model, title) in zip(figure.subplots(1, 2), TITLES.items(), strict=True):
        draw_angular_loss(ax, [angular_loss(landscape(model, "xor"), 1, b) for b in BIASES])
        ax.set_title(f"{title}, $r = 1$")
    marks = [
        Line2D(
            [],
            [],
            color="black",
            marker="o",
            linestyle="none",
            markerfacecolor=face,
            markersize=4.5,
            label=text,
        )
        for face, text in (("black", "kink where the slope drops"), ("white", "kink where the slope goes on"))
    ]
    lines = figure.axes[0].get_legend_handles_labels()[0]
    figure.legend(handles=[*lines, *marks], loc="outside lower center", ncols=5)
    return figure
