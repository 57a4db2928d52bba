"""From an initial loss below 1/4 every run of two ReLU units solves XOR: no trap lies so low.

Sampling starts by their loss works because a dead class-1 point costs 1/4: below that no trap can be reached.
"""

import numpy as np
from matplotlib.figure import Figure

from stability.plot.ensembles import draw_rates, draw_stack, fill_entries, write_above
from stability.plot.style import BLACK, BLUE, GREEN, ORANGE, VERMILLION
from stability.studies.rates import bins, rates
from stability.studies.start_geometry import dead_upper, initial_losses, percentiles, protocol

INITS, RUNS, BINS = ("normal:0.5", "torch-default"), 20_000, 20
LOSSES = {0.25: "1/4", 0.5: "1/2", 0.75: "3/4", 1: "1", 2: "2"}
FILLS = [("both class-1 points live", GREEN, ""), ("one dead", ORANGE, "////"), ("both dead", VERMILLION, "xxxx")]
RATES = {"color": BLUE, "marker": "o", "markersize": 4, "label": f"successes of {RUNS // BINS:,} runs, 95% interval"}
LIMIT = {
    "color": BLACK,
    "linestyle": "--",
    "linewidth": 1.2,
    "label": "initial loss 1/4: descent from below reaches no trap",
}


def draw() -> Figure:
    """Return success rates and shares of dead class-1 points over the percentile of the initial loss."""
    figure = Figure(figsize=(7.2, 5.6), layout="constrained")
    panels = figure.subplots(2, 2, sharex=True, sharey="row")
    edges = np.linspace(0, 100, BINS + 1)
    spots = (edges[1:] + edges[:-1]) / 2
    for (top, low), init in zip(panels.T, INITS, strict=True):
        found = protocol(init, RUNS)
        losses, dead = initial_losses(found), dead_upper(found)
        groups = bins(percentiles(losses), edges)
        draw_rates(top, spots, rates(found.success, groups, BINS), **RATES)
        shares = [np.bincount(dead[groups == k], minlength=3) / np.sum(groups == k) for k in range(BINS)]
        draw_stack(low, spots, shares, FILLS, flat=False, width=100 / BINS)
        for ax in (top, low):
            ax.axvline(100 * (losses < 1 / 4).mean(), **LIMIT)
        write_above(top, {100 * (losses < at).mean(): mark for at, mark in LOSSES.items()}, "initial loss (mean)")
        top.set(title=f"two ReLU units on XOR, {init}", ylabel="share of successes", ylim=(0, 1.03), xlim=(0, 100))
        low.set(xlabel="percentile of the initial loss", ylabel="share of starts", ylim=(0, 1))
    figure.legend(
        handles=[*top.get_legend_handles_labels()[0], *fill_entries(FILLS)], loc="outside lower center", ncols=3
    )
    return figure
