"""Every solution of XOR by one absolute-value unit lies where four cells meet, every trap inside one cell."""

from matplotlib.figure import Figure

from stability import landscape
from stability.plot.atlas import pattern_text
from stability.plot.cell_map import draw_cell_map, legend

TITLES = {"abs1": "one absolute-value unit", "relu1": "one ReLU unit"}
SIGNS = f"""{pattern_text([1, -1, 1, 1])}   cell: signs of $z$ at $(1,-1)$, $(-1,1)$, $(1,1)$, $(-1,-1)$
The map is that of a globe: its left and right edges are one, its upper and lower edges are points."""


def draw() -> Figure:
    """Return the maps of the cells and minima of abs1 and relu1 on XOR."""
    figure = Figure(figsize=(8.4, 5.4), layout="constrained")
    atlases = {model: landscape(model, "xor").atlas() for model in TITLES}
    for ax, (model, title) in zip(figure.subplots(1, 2, sharey=True), TITLES.items(), strict=True):
        draw_cell_map(ax, atlases[model]).set_title(title)
        ax.label_outer()
    entries = legend(atlases.values())
    added = figure.legend(**entries, loc="outside lower center", ncols=2, title=SIGNS, title_fontsize=8)
    added.get_title().set_multialignment("center")
    return figure
