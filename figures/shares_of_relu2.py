"""The wider the initial biases of two ReLU units, the fewer runs solve XOR and the more end dead."""

from matplotlib.figure import Figure

from stability import landscape
from stability.plot.shares import draw_shares
from stability.plot.style import BLUE, GREEN, GREY, ORANGE

SPREADS = (0, 0.25, 0.5, 1, 1.5, 2)
SAMPLES = 2000
ENDS = {
    "a solution: loss 0": (lambda each: each.loss == 0, {"color": GREEN, "marker": "o", "linestyle": "-"}),
    "one example missed: loss 1, 3 of 4 right": (
        lambda each: each.loss == 1 and each.right == 3,
        {"color": ORANGE, "marker": "^", "linestyle": "--"},
    ),
    "the constant 1/2: loss 1, 2 of 4 right": (
        lambda each: each.loss == 1 and each.right == 2,
        {"color": BLUE, "marker": "s", "linestyle": "-."},
    ),
    "both units dead: loss 2": (lambda each: each.loss == 2, {"color": GREY, "marker": "X", "linestyle": ":"}),
}


def draw() -> Figure:
    """Return the shares of starts of relu2 on XOR that end on each kind of stationary set."""
    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    ax = figure.subplots()
    relu2 = landscape("relu2", "xor")
    found = [relu2.basins(f"normal:1:{spread:g}", SAMPLES) for spread in SPREADS]
    for k, (label, (chosen, look)) in enumerate(ENDS.items()):
        draw_shares(ax, [x + 0.015 * (k - 1.5) for x in SPREADS], found, chosen, label=label, **look)
    ax.set(title=f"two ReLU units on XOR, {SAMPLES:,} starts each, with 95% intervals", ylim=(0, 0.6))
    ax.set(xlabel="std of the biases at the start (std of the weights: 1)", ylabel="share of starts that end with")
    figure.legend(loc="outside lower center", ncols=2)
    return figure
