"""Small starts of two ReLUs with an output layer pause on XOR at saddles of losses 1 and 2/3, longer if smaller.

These are the losses of saddles with silent units. A pause is a time of 0.8 or more in which the loss changes by less
than 0.02 in a unit of time; it is shaded, with a mark where the loss changes least. There the loss is that of a
stationary set to within 0.005 (0.0005 from the smaller starts), and at the end that of local minima to within 0.000001.
"""

import numpy as np
from matplotlib.figure import Figure

from stability import landscape
from stability.geometry.atlas.layer_families import layer_families
from stability.model.flat_points import point_shape
from stability.plot.loss_curves import draw_level_lines, draw_loss_curves, legend
from stability.training.ensembles.loss_curves import LossCurves, loss_curves

MODEL, RUNS, STEP, UNTIL, SHOWN = "relu2-out+c", 12, 0.02, 24, 16
SCALES = {1e-2: "$10^{-2}$", 1e-3: "$10^{-3}$"}
PAUSE = "a pause: change below 0.02 in unit time, for 0.8 or more"


def runs(scale: float) -> LossCurves:
    """Return the losses from the same normal starts, times a scale."""
    place = landscape(MODEL, "xor")
    starts = np.random.default_rng(0).normal(size=(RUNS, *point_shape(place)))
    return loss_curves(place, scale * starts, step=STEP, until=UNTIL, every=3)


def draw() -> Figure:
    """Return losses over time from small starts of relu2-out+c on XOR, beside the losses of all stationary sets."""
    families = layer_families(landscape(MODEL, "xor").atlas())
    levels = sorted({float(each.loss) for each in families})
    figure = Figure(figsize=(7.2, 6.6), layout="constrained")
    for (scale, text), ax in zip(SCALES.items(), figure.subplots(2, 1, sharex=True), strict=True):
        curves = runs(scale)
        ends = [int(np.abs(np.subtract(levels, loss)).argmin()) for loss in curves.losses[:, -1]]
        draw_loss_curves(ax, curves, ends, [each for each in curves.plateaus() if not each.final])
        draw_level_lines(ax, families).set(
            xlim=(0, SHOWN), title=f"{RUNS} starts of {MODEL} on XOR, all parameters normal with std {text}"
        )
        ax.label_outer()
    figure.legend(**legend(families, ends, PAUSE), loc="outside lower center", ncols=2)
    return figure
