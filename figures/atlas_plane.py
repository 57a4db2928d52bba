"""On the plane w1 = −w2 of XOR the absolute value has two solutions and two traps, the ReLU a flat dead region."""

from matplotlib.figure import Figure

from stability import landscape
from stability.plot.atlas import draw_atlas, legend, pattern_text
from stability.plot.marks import TOGETHER

TITLES = {"abs1": "one absolute-value unit", "relu1": "one ReLU unit"}
SIGNS = f"{pattern_text([1, -1, 1, 1])}   signs of $z = w \\cdot x + b$ at $(1,-1)$, $(-1,1)$, $(1,1)$, $(-1,-1)$"


def draw() -> Figure:
    """Return the atlases of abs1 and relu1 on XOR in the plane."""
    figure = Figure(figsize=(7.2, 4.8), layout="constrained")
    atlases = {model: landscape(model, "xor").atlas() for model in TITLES}
    for ax, (model, title) in zip(figure.subplots(1, 2, sharey=True), TITLES.items(), strict=True):
        draw_atlas(ax, atlases[model]).set_title(title)
        ax.label_outer()
    entries = legend(atlases.values())
    figure.legend(**entries, **TOGETHER, loc="outside lower center", ncols=3, title=SIGNS, title_fontsize=8)
    return figure
