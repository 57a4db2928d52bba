"""From all three starts, nine in ten units of solved runs end within 10 degrees of the diagonal of class 0."""

from matplotlib.figure import Figure

from stability.plot.boundaries import boundary_entries, draw_boundaries
from stability.studies.rates import rates
from stability.studies.start_geometry import protocol, upper

INITS = ("normal:0.5", "hypersphere", "mirrored:0.5")
RUNS, SHOWN = 5000, 16
TITLE = f"lines on which the two ReLU units switch, {SHOWN} of {RUNS:,} runs on XOR"


def draw() -> Figure:
    """Return the lines w.x + b = 0 of some runs from three initialisations, at the start and at the stop."""
    figure = Figure(figsize=(7.2, 5.9), layout="constrained")
    panels = figure.subplots(2, len(INITS), sharex=True, sharey=True)
    for column, init in zip(panels.T, INITS, strict=True):
        found = protocol(init, RUNS)
        for ax, flat in zip(column, (found.starts, found.points), strict=True):
            draw_boundaries(ax, found.rows(flat)[:SHOWN], found.success[:SHOWN], found.task.points, upper(found))
            ax.set_xlabel("$x_1$")
        share = rates(found.success)
        (low,), (high,) = share.intervals
        interval = f"95% interval {100 * low:.1f} to {100 * high:.1f}"
        column[0].set_title(f"{init}: {100 * share.shares[0]:.1f}% succeed\n{interval}", fontsize=8.5)
    for ax, when in zip(panels[:, 0], ("start", "end"), strict=True):
        ax.set_ylabel(f"{when} of training\n$x_2$")
    figure.legend(handles=boundary_entries(), loc="outside lower center", ncols=4, title=TITLE, title_fontsize=8)
    return figure
