"""With large steps descent leaves the traps of gradient flow: they keep under a fifth of the square, not half."""

from dataclasses import replace

from matplotlib.figure import Figure

from stability import landscape
from stability.dynamics.phase_plane.named_planes import named_plane
from stability.dynamics.phase_plane.phase_plane import phase_portrait
from stability.plot.phase_portrait import COUNTED, draw_found, explain

STEPS = {None: "gradient flow", "1/5": "descent, step 1/5", "6/25": "descent, step 6/25"}
CAPTION = f"Up to step 1/8 descent has the basins of the flow; from 1/4 on nothing attracts.\n{COUNTED}"


def still(portrait):
    """Return the arrows of a flow; none of steps, which overshoot and would tangle: orbits show them."""
    return portrait.arrows if portrait.rule is None else tuple(each[:0] for each in portrait.arrows)


def draw() -> Figure:
    """Return the portraits of abs1 on XOR under gradient flow and under gradient descent with two steps."""
    figure = Figure(figsize=(7.8, 4.7), layout="constrained")
    abs1 = landscape("abs1", "xor")
    found = [phase_portrait(abs1, named_plane(abs1, "p,b"), step=step, pixels=60, arrows=8, tracks=4) for step in STEPS]
    plain = [replace(each, sideways=[], upwards=[], arrows=still(each)) for each in found]
    for ax, each, title in zip(figure.subplots(1, 3, sharey=True), plain, STEPS.values(), strict=True):
        draw_found(ax, each).set_title(title)
        ax.label_outer()
    explain(figure, plain, CAPTION)
    return figure
