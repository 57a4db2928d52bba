"""On which stationary sets does training of relu2 on XOR end, by initialisation?

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


def draw() -> Figure:
    """Return the shares of runs that end on stationary sets, by their exact loss."""
    figure = Figure(figsize=(7.2, 4.2), layout="constrained")
    ax = figure.subplots()
    found = [protocol(init, RUNS) for init in INITS]
    ends = [ends_by_loss(each) for each in found]
    shares = [[each.get(key, 0) / RUNS for key in ENDS] for each in ends]
    totals = [sum(each.get(key, 0) for each in ends) for key in ENDS]
    fills = [(f"{words} ({n} runs)", *look) for (words, *look), n in zip(ENDS.values(), totals, strict=True)]
    draw_stack(ax, range(len(INITS)), shares, fills, True, 0.7)
    for k, each in enumerate(found):
        ax.text(1.01, k, rates(each.success).text, va="center", fontsize=8)
    ax.text(1.01, len(INITS) - 0.4, "successes", va="center", fontsize=8)
    ax.set(title=f"where {RUNS} runs of relu2 on XOR end, by initialisation", xlabel="share of runs", xlim=(0, 1))
    ax.set_yticks(range(len(INITS)), INITS)
    figure.legend(handles=fill_entries(fills), loc="outside lower center", ncols=2)
    return figure
