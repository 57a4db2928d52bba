"""A ReLU unit on XOR is repelled from the angle π/4 while its bias is negative, and attracted once it is positive.

The angles at which a single unit is at rest, as its bias varies.
"""

from matplotlib.figure import Figure

from stability import landscape
from stability.dynamics.bifurcation.angular import angular_bifurcation
from stability.plot.angular_bifurcation import draw_angular_bifurcation, legend

TITLES = {"relu1": "one ReLU unit on XOR", "abs1": "one absolute-value unit on XOR"}


def draw() -> Figure:
    """Return the stationary angles of one unit, radius 1, against b/r."""
    figure = Figure(figsize=(7.2, 4.6), layout="constrained")
    diagrams = {model: angular_bifurcation(landscape(model, "xor"), 1) for model in TITLES}
    for ax, (model, title) in zip(figure.subplots(1, 2, sharey=True), TITLES.items(), strict=True):
        draw_angular_bifurcation(ax, diagrams[model]).set_title(title)
        ax.label_outer()
    figure.legend(**legend(*diagrams.values()), loc="outside lower center", ncols=2)
    return figure
