"""How accurate do networks of every depth and width get on the two moons, by method?

Training accuracy by depth, width and method (with batch normalisation by running means), the greatest of all epochs
and the final one: much of what is reached is lost again.
"""

import json
from pathlib import Path

import pyarrow.parquet as pq
from matplotlib.figure import Figure

from stability.plot.deep import draw_depth_width
from stability.plot.style import GREY

RESULTS = Path(__file__).parents[1] / "docs" / "data" / "figure_1_coarse.parquet"
METHODS = {
    "relu": "ReLU",
    "relu-bn": "ReLU + BN",
    "sep-pu": "Sep-P+U",
    "sep-u": "Sep-U",
    "sep-p": "Sep-P",
    "sep-l": "Sep-L",
}


def draw() -> Figure:
    """Return the training accuracy over depth and width, the greatest of all epochs above and the final one below."""
    table = pq.read_table(RESULTS)
    rows, kept = table.to_pylist(), json.loads(table.schema.metadata[b"stability"])
    seeds, epochs = kept["fixed"]["seeds"], kept["fixed"]["epochs"]
    figure = Figure(figsize=(9.2, 6.2), layout="constrained")
    axes = figure.subplots(2, len(METHODS), sharex=True, sharey=True)
    for line, when in zip(axes, ("max", "final"), strict=True):
        for ax, (method, name) in zip(line, METHODS.items(), strict=True):
            image = draw_depth_width(ax, rows, method, f"train_accuracy_{when}")
            ax.set_title(name)
            ax.set_xlabel("width")
        words = {"max": "depth (greatest of all epochs)", "final": "depth (final epoch)"}[when]
        line[0].set_ylabel(words)
    label = f"training accuracy, mean of {seeds} seeds"
    bar = figure.colorbar(image, ax=axes, location="bottom", label=label, shrink=0.5, aspect=40)
    trivial = bar.ax.axvline(44 / 85, color=GREY, linewidth=2, label="always class 1: 44 of 85")
    figure.legend(handles=[trivial], loc="outside lower right")
    figure.suptitle(f"two moons, rectangular networks, {epochs:,} epochs of Adam with step 0.01", fontsize=9.5)
    return figure
