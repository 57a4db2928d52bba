"""Which starts of two ReLU units on XOR lead to a solution, which to a trap?"""

from matplotlib.figure import Figure

from stability import landscape
from stability.dynamics.phase_plane.named_planes import named_plane
from stability.dynamics.phase_plane.phase_plane import phase_portrait
from stability.plot.phase_portrait import COUNTED, draw_found, explain

PANELS = {
    "units that mirror each other: invariant": ("p@1-p@2,b@1+b@2", None, 40),
    "both biases start at $-1/4$: projected": ("p@1,p@2", [[0, 0, "-1/4"]] * 2, 80),
}
CAPTION = f"""Unit $j$ has $w = (p_j/2, -p_j/2)$. {COUNTED}
The flow leaves the second plane: arrows and curves are projected on it, basins are those of starts in it."""


def draw() -> Figure:
    """Return two slices of relu2 on XOR through solutions and traps."""
    figure = Figure(figsize=(7.2, 5.3), layout="constrained")
    relu2 = landscape("relu2", "xor")
    found = [
        phase_portrait(relu2, named_plane(relu2, name, origin), pixels=pixels, arrows=12)
        for name, origin, pixels in PANELS.values()
    ]
    for ax, each, title in zip(figure.subplots(1, 2), found, PANELS, strict=True):
        draw_found(ax, each).set_title(title)
    explain(figure, found, CAPTION)
    return figure
