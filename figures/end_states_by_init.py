"""Runs that fail on XOR mostly miss one class-1 point; from the hypersphere most end at the constant 1/2.

On which exact stationary sets training ends, by initialisation: the bounded hypersphere loses its runs to the
constant 1/2, normal starts lose theirs to a class-1 point that no unit sees.
"""

from matplotlib.figure import Figure

from stability.plot.ensembles import draw_stack, fill_entries
from stability.plot.style import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION
from stability.studies.rates import ends_by_loss, rates
from stability.studies.start_geometry import protocol

INITS = [
    "kaiming-uniform", "torch-default", "partial-tangency:0.5:0.3", "normal:0.5", "loss-percentile:0.5:25",
    "hypersphere", "dead-data-rejection:0.5", "mirrored:0.5",
]  # fmt: skip
ENDS = {
    ("0", 4): ("loss 0: solved", GREEN, ""),
    ("1/4", 3): ("loss 1/4: one class-1 point missed", ORANGE, "////"),
    ("1/4", 2): ("loss 1/4: the constant 1/2", BLUE, "...."),
    ("1/3", 3): ("loss 1/3: a saddle", PURPLE, "++++"),
    ("1/2", 2): ("loss 1/2: both units dead", VERMILLION, "xxxx"),
    ("", None): ("unexplained: stopped at no set", GREY, "||||"),
}
RUNS = 5000
LOSS = "losses are means over the four examples"


def successes(found) -> str:
    """Return the share of successes with its interval, in percent."""
    each = rates(found.success)
    (low,), (high,) = each.intervals
    return f"{100 * each.shares[0]:.1f}%  ({100 * low:.1f} to {100 * high:.1f})"


def draw() -> Figure:
    """Return the shares of runs that end on stationary sets, by their exact loss."""
    figure = Figure(figsize=(7.8, 4.7), layout="constrained")
    ax = figure.subplots()
    found = [protocol(init, RUNS) for init in INITS]
    ends = [ends_by_loss(each) for each in found]
    met = [key for key in ENDS if any(each.get(key, 0) for each in ends)]
    shares = [[each.get(key, 0) / RUNS for key in met] for each in ends]
    fills = [ENDS[key] for key in met]
    draw_stack(ax, range(len(INITS)), shares, fills, True, 0.7)
    for k, each in enumerate(found):
        ax.text(1.02, k, successes(each), va="center", fontsize=8)
    ax.text(1.02, len(INITS) - 0.4, "successes, 95% interval", va="center", fontsize=8)
    title = f"where {RUNS:,} runs of two ReLU units on XOR end, for each initialisation"
    ax.set(title=title, xlabel="share of the runs", xlim=(0, 1))
    ax.set_yticks(range(len(INITS)), INITS)
    figure.legend(handles=fill_entries(fills), loc="outside lower center", ncols=2, title=LOSS, title_fontsize=8)
    return figure
