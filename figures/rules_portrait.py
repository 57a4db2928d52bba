"""From one start descent reaches the solution beside it, the heavy ball the other one, and Adam a trap.

Which start ends where depends on the rule: from the top right, gradient descent finds the solution beside it, the
heavy ball swings over to the other one, and Adam ends in a trap.
"""

from dataclasses import replace

from matplotlib.figure import Figure

from stability import landscape
from stability.dynamics.phase_plane.named_planes import named_plane
from stability.dynamics.phase_plane.phase_plane import phase_portrait
from stability.model.update_rules import update_rule
from stability.plot.phase_portrait import COUNTED, draw_found, explain, rule_text

RULES = [
    update_rule("gd", step="1/50"),
    update_rule("heavy-ball", step="1/50", momentum="9/10"),
    update_rule("nesterov", step="1/50", momentum="9/10"),
    update_rule("adam", step="1/20"),
]
CAPTION = f"""The start meant is the one at the top right, from where Nesterov's method ends as descent does.
{COUNTED}"""


def draw() -> Figure:
    """Return the portraits of abs1 on XOR under four update rules, from the same starts."""
    figure = Figure(figsize=(7.2, 8.5), layout="constrained")
    abs1 = landscape("abs1", "xor")
    found = [phase_portrait(abs1, named_plane(abs1, "p,b"), rule=each, pixels=150, tracks=3) for each in RULES]
    plain = [replace(each, sideways=[], upwards=[]) for each in found]
    panels = figure.subplots(2, 2, sharey=True)
    for ax, each in zip(panels.flat, plain, strict=True):
        draw_found(ax, each).set_title(rule_text(each.rule))
    for ax in panels[:, 1]:
        ax.set_ylabel("")
    explain(figure, plain, CAPTION)
    return figure
