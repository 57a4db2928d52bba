"""At depth 50 no ReLU or leaky network beats a constant answer in training; by every other method some do."""

from matplotlib.figure import Figure

from stability.plot.deep import accuracy_entries, draw_accuracies
from stability.plot.style import GREY
from stability.studies.deep_table import PUBLISHED
from stability.training.deep.training import train_deep

METHODS = ("relu", "leaky", "crelu", "relu-bn", "sep-u", "sep-p", "sep-pu", "sep-l")
SIDES = {"train": ("training", 44 / 85, "44 of 85"), "val": ("validation", 6 / 15, "6 of 15")}
SEEDS, EPOCHS = 16, 800


def draw() -> Figure:
    """Return the accuracies of all seeds by method, of training points above and of validation points below."""
    figure = Figure(figsize=(7.8, 6.6), layout="constrained")
    axes = figure.subplots(2, 1, sharex=True)
    runs = {m: train_deep("moons", 50, 4, m, seeds=SEEDS, epochs=EPOCHS, device="cpu") for m in METHODS}
    for ax, (which, (name, share, note)) in zip(axes, SIDES.items(), strict=True):
        column = f"{which}_accuracy"
        published = {m: getattr(PUBLISHED[m], column) if m in PUBLISHED else None for m in METHODS}
        ax.axhline(share, color=GREY, linewidth=0.8, linestyle="--", zorder=0)
        ax.text(1.005, share, f"always\nclass 1:\n{note}", transform=ax.get_yaxis_transform(), va="center", fontsize=8)
        draw_accuracies(ax, runs, which, published)
        ax.set_ylabel(f"{name} accuracy")
    axes[0].set_title(f"two moons, depth 50, width 4: {SEEDS} seeds, {EPOCHS} epochs of Adam with step 0.01")
    axes[1].set_xlabel("method")
    figure.legend(handles=accuracy_entries(), loc="outside lower center", ncols=3)
    return figure
