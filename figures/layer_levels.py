"""Two ReLUs with an output layer get stuck on XOR at losses 1/2, 2/3 and 1; silent units lead out of the last two.

All stationary sets of the network with hidden and output biases, complete by proof: the kinds of sets at each loss, how
many there are, and how many units are silent there, that is, have an output weight of 0. Mean squares, of one output
or of two one-hot ones, are a quarter of these losses.
"""

from matplotlib.figure import Figure

from stability import landscape
from stability.geometry.atlas.layer_families import layer_families
from stability.plot.layer_families import draw_layer_families, legend

MODEL = "relu2-out+c"
TITLE = "stationary sets of two ReLU units and a trained output layer on XOR (sum of squares, 9 parameters)"


def draw() -> Figure:
    """Return the stationary sets of relu2-out+c on XOR by loss and silent units."""
    families = layer_families(landscape(MODEL, "xor").atlas())
    figure = Figure(figsize=(7.2, 6.4), layout="constrained")
    draw_layer_families(figure.subplots(), families).set_title(TITLE)
    figure.legend(**legend(families), loc="outside lower center", ncols=2)
    return figure
