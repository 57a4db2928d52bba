"""Which starts of one unit on XOR lead to a solution, and which to a trap, in the plane w = (p/2, -p/2)?

Basins of a single unit on XOR, separatrices and some trajectories (``stability portrait abs1 xor --plane p,b -o
portrait.png``).
"""

from matplotlib.figure import Figure

from stability import landscape
from stability.dynamics.phase_plane.named_planes import named_plane
from stability.dynamics.phase_plane.phase_plane import phase_portrait
from stability.plot.phase_portrait import COUNTED, draw_found, explain

TITLES = {"abs1": "one absolute-value unit", "relu1": "one ReLU unit"}


def draw() -> Figure:
    """Return the phase portraits of abs1 and relu1 on XOR in the plane of p and b."""
    figure = Figure(figsize=(7.2, 5.05), layout="constrained")
    places = [landscape(model, "xor") for model in TITLES]
    found = [phase_portrait(place, named_plane(place, "p,b"), arrows=12) for place in places]
    for ax, each, title in zip(figure.subplots(1, 2, sharey=True), found, TITLES.values(), strict=True):
        draw_found(ax, each).set_title(title)
        ax.label_outer()
    explain(figure, found, f"{found[0].caption} {COUNTED}")
    return figure
