"""Two ReLU units on XOR end solved, with one point missed, at the constant 1/2 or dead, by where they start."""

from dataclasses import replace

from matplotlib.figure import Figure

from stability import landscape
from stability.dynamics.phase_plane.named_planes import named_plane
from stability.dynamics.phase_plane.phase_plane import phase_portrait
from stability.plot.phase_portrait import COUNTED, draw_found, explain, name_basins

PANELS = {
    "units that mirror each other: invariant": ("p@1-p@2,b@1+b@2", None, 40),
    "both biases start at $-1/4$: projected": ("p@1,p@2", [[0, 0, "-1/4"]] * 2, 80),
}
CAPTION = f"""Unit $j$ has $w = (p_j/2, -p_j/2)$. {COUNTED}
The flow leaves the second plane: arrows are projected on it, basins are those of starts in it."""
WORDS = {(0, 4): "solved", (1, 3): "one missed", (1, 2): "constant 1/2", (2, 2): "dead"}


def tracks(portrait):
    """Return the trajectories of an invariant plane; those of another leave it, and would break off in mid-plane."""
    return portrait.tracks if portrait.invariant else []


def draw() -> Figure:
    """Return two slices of relu2 on XOR through solutions and traps."""
    figure = Figure(figsize=(7.6, 5.6), layout="constrained")
    relu2 = landscape("relu2", "xor")
    found = [
        phase_portrait(relu2, named_plane(relu2, name, origin), pixels=pixels, arrows=12)
        for name, origin, pixels in PANELS.values()
    ]
    found = [replace(each, sideways=[], upwards=[], tracks=tracks(each)) for each in found]
    for ax, each, title in zip(figure.subplots(1, 2), found, PANELS, strict=True):
        name_basins(draw_found(ax, each), each, lambda end: WORDS[end.loss, end.right]).set_title(title)
    explain(figure, found, CAPTION, named=True)
    return figure
