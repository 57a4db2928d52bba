"""Plain ReLU maps the two moons to one place within 25 layers; constraints on points keep dozens apart.

What 50 layers of four units make of two moons: ReLU maps all points to one place, batch normalisation to three;
constraints on points keep them apart.
"""

import numpy as np
from matplotlib.figure import Figure

from stability.plot.deep import class_entries, draw_answers, draw_layer
from stability.training.deep.representations import images
from stability.training.deep.results import DeepRun
from stability.training.deep.training import train_deep

METHODS = {
    "relu": "ReLU",
    "relu-bn": "ReLU + BN",
    "sep-u": "Sep-U",
    "sep-p": "Sep-P",
    "sep-pu": "Sep-P+U",
    "sep-l": "Sep-L",
}
LAYERS = (1, 2, 4, 10, 25, 50)
SEEDS, EPOCHS = 8, 1000


def best(run: DeepRun) -> int:
    """Return the place of the seed that has most training points right at the end, of these the least loss."""
    return int(np.lexsort((run.loss_final, -run.train_accuracy_final))[0])


def draw() -> Figure:
    """Return the points after layers, and the answers of the network, one row per method."""
    figure = Figure(figsize=(8.6, 8.4), layout="constrained")
    axes = figure.subplots(len(METHODS), len(LAYERS) + 1)
    for row, (method, name) in zip(axes, METHODS.items(), strict=True):
        run = train_deep("moons", 50, 4, method, seeds=SEEDS, epochs=EPOCHS, device="cpu")
        place = best(run)
        seen = images(run, place, run.data.x_train)
        for ax, layer in zip(row, LAYERS, strict=False):
            draw_layer(ax, seen.h[layer - 1], run.data.y_train)
        draw_answers(row[-1], run, place)
        row[0].set_ylabel(f"{name}\nseed {run.seeds[place]}")
    for ax, layer in zip(axes[0], LAYERS, strict=False):
        ax.set_title(f"layer {layer}")
    axes[0][-1].set_title("answers")
    below = (
        f"The training points after layers, in their two principal coordinates: depth 50, width 4, {EPOCHS:,} epochs,\n"
        f"of {SEEDS} seeds the one with most points right at the end."
    )
    added = figure.legend(handles=class_entries(), loc="outside lower center", ncols=2, title=below, title_fontsize=8)
    added.get_title().set_multialignment("center")
    return figure
