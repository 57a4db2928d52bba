"""Two ReLU units hardly ever solve XOR if at the start there is a class-1 point that neither of them sees."""

import numpy as np
from matplotlib.figure import Figure

from stability.plot.ensembles import draw_rates, write_rates
from stability.plot.style import BLACK, BLUE, GREY, VERMILLION, pale
from stability.studies.rates import bins, rates
from stability.studies.start_geometry import dead_upper, protocol, upper_margins, weight_angles

LOOKS = {
    "normal:0.5": {"color": BLUE, "marker": "o", "linestyle": "-", "markersize": 4},
    "torch-default": {"color": VERMILLION, "marker": "s", "linestyle": "--", "markersize": 4},
}
RUNS = 20_000
TITLE = "two ReLU units on XOR: success by how they lie at the start"
MARGINS, ANGLES = np.linspace(-1, 1.2, 23), np.linspace(0, 180, 13)


def middles(edges: np.ndarray) -> np.ndarray:
    """Return the middles of bins."""
    return (edges[1:] + edges[:-1]) / 2


def draw() -> Figure:
    """Return success rates of relu2 on XOR by dead class-1 points, by margin and by angle at the start."""
    figure = Figure(figsize=(7.6, 4.2), layout="constrained")
    dead, margin, angle = figure.subplots(1, 3, sharey=True)
    for k, (init, look) in enumerate(LOOKS.items()):
        found = protocol(init, RUNS)
        by_dead = rates(found.success, dead_upper(found), 3)
        by_margin = rates(found.success, bins(upper_margins(found), MARGINS), len(MARGINS) - 1)
        by_angle = rates(found.success, bins(weight_angles(found), ANGLES), len(ANGLES) - 1)
        beside = np.arange(3) + 0.44 * k - 0.22
        dead.bar(beside, by_dead.shares, 0.4, color=pale(look["color"], 0.45))
        draw_rates(dead, beside, by_dead, color=BLACK, elinewidth=1.2, capsize=5)
        write_rates(dead, beside, by_dead, BLACK)
        draw_rates(margin, middles(MARGINS), by_margin, **look)
        draw_rates(angle, middles(ANGLES), by_angle, **look, label=f"{init}, {RUNS:,} runs, 95% intervals")
    margin.axvline(0, color=GREY, linewidth=0.9)
    label = "angle / 180: share of starts with zero\nbiases that see both class-1 points"
    angle.plot([0, 180], [0, 1], color=BLACK, linestyle=":", label=label)
    dead.set(title="(a) dead examples", xlabel="class-1 points that no unit sees", ylabel="share of successes")
    margin.set(title="(b) margin", xlabel="least, over class 1, of the\nlarger pre-activation")
    angle.set(title="(c) angle", xlabel="angle between the\nweights (degrees)", xticks=range(0, 181, 45))
    dead.set(xticks=range(3), xlim=(-0.55, 2.55), ylim=(0, 1.08))
    line, *laws = angle.get_legend_handles_labels()[0]
    figure.legend(handles=[*laws, line], loc="outside lower center", ncols=2, title=TITLE, title_fontsize=8)
    return figure
