"""From a bias of 1/2 an absolute-value unit on XOR is trapped just where its weights differ by less than 1/2.

Basins of starts with that bias, by their two weights, the separatrices between them and the velocity of gradient flow.
"""

from dataclasses import replace

from matplotlib.figure import Figure

from stability import landscape
from stability.dynamics.phase_plane.named_planes import named_plane
from stability.dynamics.phase_plane.phase_plane import phase_portrait
from stability.plot.phase_portrait import COUNTED, draw_found, explain, name_basins

TITLES = {"abs1": "one absolute-value unit", "relu1": "one ReLU unit"}
BIAS = "1/2"
WORDS = {(0, 4): "solved", (1, 3): "one point missed", (1, 2): "constant 1/2"}
CAPTION = f"""Starts with the bias {BIAS}; the flow changes the bias, so arrows are projected on the plane.
{COUNTED}"""


def draw() -> Figure:
    """Return where starts of abs1 and relu1 on XOR with the bias 1/2 end, by their weights."""
    figure = Figure(figsize=(7.2, 5.5), layout="constrained")
    places = [landscape(model, "xor") for model in TITLES]
    found = [
        phase_portrait(place, named_plane(place, "w1,w2", [[0, 0, BIAS]]), arrows=12, pixels=80, tracks=0)
        for place in places
    ]
    found = [replace(each, sideways=[], upwards=[]) for each in found]
    for ax, each, title in zip(figure.subplots(1, 2, sharey=True), found, TITLES.values(), strict=True):
        name_basins(draw_found(ax, each), each, lambda end: WORDS[end.loss, end.right]).set_title(title)
        ax.label_outer()
    explain(figure, found, CAPTION, named=True)
    return figure
