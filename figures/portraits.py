"""Gradient flow takes an absolute-value unit on XOR to a solution or a trap, and a ReLU unit to no solution at all.

Gradient flow of a single unit on XOR in the plane w1 = -w2: the absolute value has two solutions and two traps, the
ReLU a flat dead region.
"""

from matplotlib.figure import Figure

from stability import landscape
from stability.dynamics.phase_plane.named_planes import named_plane
from stability.dynamics.phase_plane.phase_plane import phase_portrait
from stability.plot.phase_portrait import draw_found, explain

TITLES = {"abs1": "one absolute-value unit", "relu1": "one ReLU unit"}


def draw() -> Figure:
    """Return the portraits of abs1 and relu1 on XOR, with the kinds that points have in all of parameter space."""
    figure = Figure(figsize=(7.2, 5.5), layout="constrained")
    places = [landscape(model, "xor") for model in TITLES]
    found = [phase_portrait(place, named_plane(place, "p,b"), arrows=17, pixels=0, tracks=4) for place in places]
    for ax, each, title in zip(figure.subplots(1, 2, sharey=True), found, TITLES.values(), strict=True):
        draw_found(ax, each).set_title(title)
        ax.label_outer()
    explain(figure, found, found[0].caption)
    return figure
