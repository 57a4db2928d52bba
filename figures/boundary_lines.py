"""Where do the two units of relu2 on XOR switch, at the start and at the end of training?"""

from matplotlib.figure import Figure

from stability.plot.boundaries import boundary_entries, draw_boundaries
from stability.studies.rates import rates
from stability.studies.start_geometry import protocol, upper

INITS = {
    "normal:0.5": "normal:0.5\n",
    "torch-default": "torch-default\n",
    "partial-tangency:0.5:0.3": "partial-tangency\n:0.5:0.3",
    "hypersphere": "hypersphere\n",
    "dead-data-rejection:0.5": "dead-data-\nrejection:0.5",
    "mirrored:0.5": "mirrored:0.5\n",
}
RUNS, SHOWN = 5000, 40
TITLE = f"lines on which a unit switches, {SHOWN} runs; above: successes of {RUNS} runs with 95% interval"


def draw() -> Figure:
    """Return the lines w.x + b = 0 of some runs from six initialisations, at the start and at the stop."""
    figure = Figure(figsize=(7.2, 3.75), layout="constrained")
    panels = figure.subplots(2, len(INITS), sharex=True, sharey=True)
    for column, (init, name) in zip(panels.T, INITS.items(), strict=True):
        found = protocol(init, RUNS)
        for ax, flat in zip(column, (found.starts, found.points), strict=True):
            draw_boundaries(ax, found.rows(flat)[:SHOWN], found.success[:SHOWN], found.task.points, upper(found))
            ax.set_xlabel("$x_1$")
        share, interval = rates(found.success).text.split(" ", 1)
        column[0].set_title(f"{name}\n{share}\n{interval}", fontsize=8)
    for ax, when in zip(panels[:, 0], ("start", "end"), strict=True):
        ax.set_ylabel(f"{when}\n$x_2$")
    figure.legend(handles=boundary_entries(), loc="outside lower center", ncols=4, title=TITLE, title_fontsize=8)
    return figure
