"""As one unit rotates on XOR its loss curves down at some angles for the ReLU, at none for the absolute value.

Where the angular loss is curved up, down or not at all, over the angle and the ratio b/r, with the kinks between.
"""

from fractions import Fraction

from matplotlib.figure import Figure

from stability import landscape
from stability.plot.phase_diagram import draw_phase_diagram, legend_entries
from stability.symbolic.phase_diagram import phase_diagram

PANELS = (
    ("abs1", Fraction(1), "absolute value, every $r$"),
    ("relu1", Fraction(1, 4), "ReLU, $r = 1/4$"),
    ("relu1", Fraction(1), "ReLU, $r = 1$"),
)


def draw() -> Figure:
    """Return the angular phase diagrams of abs1 (the same for every r) and of relu1 at two radii."""
    figure = Figure(figsize=(7.8, 3.7), layout="constrained")
    for ax, (model, radius, title) in zip(figure.subplots(1, 3, sharey=True), PANELS, strict=True):
        diagram = phase_diagram(landscape(model, "xor"), radius)
        draw_phase_diagram(ax, diagram)
        ax.set_title(title)
        ax.label_outer()
    figure.get_layout_engine().set(wspace=0.07)
    figure.legend(handles=legend_entries(diagram), loc="outside lower center", ncols=3)
    return figure
