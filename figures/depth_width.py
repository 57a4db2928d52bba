"""Plain ReLU trains at no width beyond depth 30; constraints go deeper, and lose part of it by the end.

Training accuracy by depth, width and method (with batch normalisation by running means), the greatest of all epochs
and the final one: much of what is reached is lost again.
"""

import json
from pathlib import Path

import pyarrow.parquet as pq
from matplotlib.figure import Figure

from stability.plot.deep import draw_depth_width
from stability.plot.style import WHITE

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
    figure = Figure(figsize=(9.2, 7.6), layout="constrained")
    axes = figure.subplots(2, len(METHODS), sharex=True, sharey=True)
    for line, when in zip(axes, ("max", "final"), strict=True):
        for ax, (method, name) in zip(line, METHODS.items(), strict=True):
            image = draw_depth_width(ax, rows, method, f"train_accuracy_{when}")
            ax.set_title(name)
            ax.set_xlabel("width")
            ax.tick_params(labelbottom=True)
        words = {"max": "greatest of all epochs:\ndepth", "final": "final epoch:\ndepth"}[when]
        line[0].set_ylabel(words)
    label = f"training accuracy, mean of {seeds} seeds"
    bar = figure.colorbar(image, ax=axes, location="bottom", label=label, shrink=0.5, aspect=40)
    constant = bar.ax.secondary_xaxis("top")
    constant.set_xticks([44 / 85], ["44 of 85: always class 1"], ha="left")
    bar.ax.axvline(44 / 85, color=WHITE, linewidth=2)
    text = f"two moons, networks of the same width everywhere, {epochs:,} epochs of Adam with step 0.01"
    figure.supxlabel(text, fontsize=8)
    return figure
