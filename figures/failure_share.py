"""The wider the initial bias of an absolute-value unit, the more often it fails on XOR, by the proved formula."""

from math import atan, pi, sqrt

import numpy as np
from matplotlib.figure import Figure

from stability import landscape
from stability.plot.shares import draw_shares
from stability.plot.style import BLACK, BLUE, VERMILLION

RATIOS = (0, 0.25, 0.5, 1, 1.5, 2, 3, 4)
SCALES = {
    0.1: {"color": VERMILLION, "marker": "s", "markersize": 8, "markerfacecolor": "none"},
    1: {"color": BLUE, "marker": "o", "markersize": 4},
}
SAMPLES = 3000


def proved(ratio: float) -> float:
    """Return the share of starts in the basins of the traps (proofs/theorems/basins_of_abs1.py)."""
    return 2 / pi * atan(ratio / sqrt(2))


def draw() -> Figure:
    """Return the measured and the proved share of starts of abs1 on XOR that end in a trap, and their difference."""
    figure = Figure(figsize=(7.4, 3.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    line = np.linspace(0, 4.2, 200)
    left.plot(line, [proved(x) for x in line], color=BLACK, label=r"proved: $(2/\pi)\,\arctan(t / (s\sqrt{2}))$")
    right.axhline(0, color=BLACK)
    abs1 = landscape("abs1", "xor")
    for seed, (s, look) in enumerate(SCALES.items()):
        found = [abs1.basins(f"normal:{s}:{ratio * s:g}", SAMPLES, seed) for ratio in RATIOS]
        beside = [ratio + 0.12 * seed - 0.06 for ratio in RATIOS]
        label = f"{SAMPLES:,} starts, $s = {s}$, with 95% interval"
        draw_shares(left, RATIOS, found, lambda each: each.loss > 0, label=label, **look)
        draw_shares(right, beside, found, lambda each: each.loss > 0, [proved(ratio) for ratio in RATIOS], **look)
    left.set(title="one absolute-value unit on XOR", ylabel="share of starts that end in a trap (loss 1)", ylim=(0, 1))
    right.set(title="the same, measured less proved", ylabel="difference of shares", ylim=(-0.03, 0.03))
    for ax in (left, right):
        ax.set(xlabel="std $t$ of the bias / std $s$ of the weights", xlim=(-0.15, 4.25))
    figure.get_layout_engine().set(wspace=0.06)
    figure.legend(loc="outside lower center", ncols=3)
    return figure
