"""The farther a run has to go, the longer it takes: distance explains over four fifths of the epochs' variance."""

import numpy as np
from matplotlib.figure import Figure

from stability.model.update_rules import update_rule
from stability.plot.ensembles import draw_times
from stability.plot.style import BLACK, ORANGE, VERMILLION
from stability.studies.start_geometry import determination, protocol
from stability.training.ensembles.ensemble import train
from stability.training.ensembles.problem import task
from stability.training.ensembles.unit_geometry import distances

RUNS, SHOWN, STOP = 20_000, 500, 1e-7
CIRCLES = {"color": ORANGE, "marker": "o", "linestyle": "", "markersize": 3.5, "fillstyle": "none"}
CIRCLES["label"] = f"(a) {SHOWN} of the runs"
FIT = {"color": VERMILLION, "linestyle": "--", "linewidth": 1.3}
ABS1, RELU2 = (
    "(a) one absolute-value unit on XOR,\ndescent with step 0.1",
    "(b) two ReLU units on XOR,\nAdam with step 0.01",
)
THEORY = r"(a) theory: the least whole $t$ with distance$^2 \cdot 0.8^{2t} < 10^{-7}$"


def predicted(distance: np.ndarray) -> np.ndarray:
    """Return the epochs of abs1 from a zero bias: its loss is distance^2, and each step leaves 0.8 of the distance."""
    return np.floor(np.log(distance**2 / STOP) / -np.log(0.8**2)) + 1


def draw() -> Figure:
    """Return the epochs until the stop against the distance, for abs1 by descent and for relu2 by Adam."""
    figure = Figure(figsize=(7.8, 4.5), layout="constrained")
    panels = figure.subplots(1, 2)
    settings = {"epochs": 800, "stop_loss": STOP, "restarts": RUNS, "device": "cpu", "mode": "eager"}
    abs1 = train(task("abs1", "xor"), "normal:0.5", update_rule("gd", step="1/10"), **settings)
    for ax, title, found in zip(panels, (ABS1, RELU2), (abs1, protocol("normal:0.5", RUNS)), strict=True):
        x, y = distances(found)[found.success], found.stopped[found.success]
        line = np.linspace(0.01, 1.9, 3000)
        if found is abs1:
            ax.plot(x[:SHOWN], y[:SHOWN], **CIRCLES)
            ax.plot(line, predicted(line), color=BLACK, linewidth=1.3, label=THEORY)
        else:
            hexagons = draw_times(ax, x, y, (34, 22))
            figure.colorbar(hexagons, ax=ax, label="runs in a hexagon", aspect=30, pad=0.02)
        ends = line[[0, -1]]
        ax.plot(ends, np.polyval(np.polyfit(x, y, 1), ends), **FIT, label="best affine fit" * (found is abs1))
        report = f"{len(x):,} successes of {RUNS:,}\n$R^2$ of the distance alone: {determination(x, y):.2f}"
        report += f"\n$R^2$ of its logarithm: {determination(np.log(x), y):.2f}"
        exact = f"as the theory says: {100 * np.mean(y == predicted(x)):.1f}%"
        report += f"\n{exact}" * (found is abs1)
        where = {"x": 0.99, "y": 0.03, "ha": "right"} if found is abs1 else {"x": 0.03, "y": 0.8, "ha": "left"}
        ax.text(s=report, transform=ax.transAxes, va="bottom", fontsize=8, **where)
        ax.set(title=title, xlabel="distance from start to end", ylabel="epochs until the stop")
        ax.set(xlim=(0, 2), ylim=(0, None))
    figure.legend(loc="outside lower center", ncols=3)
    return figure
