"""Two ReLU units on XOR rest at four losses only, 0, 1, 4/3 and 2, and solve it at none but 0.

The loss levels of two ReLU units on XOR, and what each does to the four points.
"""

from matplotlib.figure import Figure

from stability import landscape
from stability.plot.loss_levels import draw_levels, draw_outputs, legend

TITLE = r"stationary sets of two ReLU units on XOR: number $\times$ dimension (of 6)"
BELOW = "outputs at the four examples; right: on the side of 1/2 of the label (1/2 itself counts as below)"


def draw() -> Figure:
    """Return the loss levels of relu2 on XOR, and the outputs at each."""
    atlas = landscape("relu2", "xor").atlas()
    found = atlas.fits()
    figure = Figure(figsize=(7.2, 6.4), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=(1.35, 1))
    draw_levels(above.subplots(), atlas).set_title(TITLE)
    for ax, fit in zip(below.subplots(1, len(found)), found, strict=True):
        images = {1: "", 2: "or mirrored"}.get(fit.images, f"or one of {fit.images - 1} reflections")
        draw_outputs(ax, atlas.landscape.data, fit.outputs).set_title(f"{fit.name}: loss {fit.loss}\n{images}")
        ax.set(xlabel="$x_1$", ylabel="$x_2$")
        ax.label_outer()
    below.suptitle(BELOW, fontsize=9.5)
    figure.legend(**legend(atlas), loc="outside lower center", ncols=3)
    return figure
