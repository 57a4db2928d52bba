"""On their way to a solution two ReLU units cross one kink and slide along two, along the second to the end."""

from matplotlib.figure import Figure

from stability import landscape
from stability.plot.trajectory import draw_loss, draw_preactivations, legend

START = [["5/4", "3/2", "3/2"], ["-1/2", "-5/4", "3/4"]]
UNTIL = 1.8
TITLE = "two ReLU units on XOR, from $w = (5/4, 3/2)$, $b = 3/2$ and $w = (-1/2, -5/4)$, $b = 3/4$ to a solution"


def draw() -> Figure:
    """Return the loss and the pre-activations of relu2 on XOR along one trajectory of gradient flow."""
    found = landscape("relu2", "xor").flow(START)
    figure = Figure(figsize=(7.2, 6.8), layout="constrained")
    above, *below = figure.subplots(3, 1, sharex=True)
    draw_loss(above, found, UNTIL).set_title(TITLE, pad=18)
    for unit, ax in enumerate(below):
        draw_preactivations(ax, found, unit, UNTIL)
    for ax in (above, below[0]):
        ax.label_outer()
    figure.align_ylabels()
    figure.legend(**legend(found), loc="outside lower center", ncols=2)
    return figure
