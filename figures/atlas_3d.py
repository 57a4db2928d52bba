"""An absolute-value unit rests on XOR at nine isolated points only, a ReLU unit on whole lines and regions.

All stationary points of a single unit on XOR in the space of (w1, w2, b), by kind.
"""

from matplotlib.figure import Figure

from stability import landscape
from stability.plot.atlas_3d import draw_atlas_in_space, legend
from stability.plot.marks import TOGETHER

ENDS = "lines and regions go on beyond the cube"
TITLES = {"abs1": "one absolute-value unit", "relu1": "one ReLU unit"}


def draw() -> Figure:
    """Return the atlases of abs1 and relu1 on XOR in space."""
    figure = Figure(figsize=(7.2, 4.7), layout="constrained")
    axes = figure.subplots(1, 2, subplot_kw={"projection": "3d"})
    atlases = {model: landscape(model, "xor").atlas() for model in TITLES}
    for ax, (model, title) in zip(axes, TITLES.items(), strict=True):
        draw_atlas_in_space(ax, atlases[model]).set_title(title, y=1.0)
    entries = legend(atlases.values())
    figure.legend(**entries, **TOGETHER, loc="outside lower center", ncols=3, title=ENDS, title_fontsize=8)
    return figure
