"""How do the basins of one absolute-value unit on XOR change when gradient descent takes large steps?"""

from dataclasses import replace

from matplotlib.figure import Figure

from stability import landscape
from stability.dynamics.phase_plane.named_planes import named_plane
from stability.dynamics.phase_plane.phase_plane import phase_portrait
from stability.plot.phase_portrait import COUNTED, draw_found, explain

STEPS = {None: "gradient flow", "1/5": "descent, step 1/5", "6/25": "descent, step 6/25"}
CAPTION = f"Up to step 1/8 descent has the basins of the flow; from 1/4 on nothing attracts.\n{COUNTED}"


def draw() -> Figure:
    """Return the portraits of abs1 on XOR under gradient flow and under gradient descent with two steps."""
    figure = Figure(figsize=(7.2, 4.05), layout="constrained")
    abs1 = landscape("abs1", "xor")
    found = [phase_portrait(abs1, named_plane(abs1, "p,b"), step=step, pixels=60, arrows=8, tracks=4) for step in STEPS]
    plain = [replace(each, sideways=[], upwards=[]) for each in found]
    for ax, each, title in zip(figure.subplots(1, 3, sharey=True), plain, STEPS.values(), strict=True):
        draw_found(ax, each).set_title(title)
        ax.label_outer()
    explain(figure, plain, CAPTION)
    return figure
