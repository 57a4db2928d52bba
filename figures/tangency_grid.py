"""Units that face away from the mean never help: at every distance success falls as they become likelier."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from stability.plot.ensembles import FRAME, draw_grid
from stability.studies.rates import tangency_rates

SHARES = ("0", "0.25", "0.5", "0.75", "1")
ALPHAS = ("0.1", "0.3", "0.5", "0.7", "1")
RUNS = 2000
TITLE = "two ReLU units on XOR from partial-tangency:$P$:$\\alpha$, 500 epochs of Adam, step 0.01"
RADIUS = "$R$: the largest distance of a data point from the mean of all, plus 0.1"


def draw() -> Figure:
    """Return the success rates of relu2 on XOR over the share of turned units and the radius."""
    figure = Figure(figsize=(6.4, 5.9), layout="constrained")
    ax = figure.subplots()
    image = draw_grid(ax, SHARES, ALPHAS, tangency_rates(SHARES, ALPHAS, RUNS))
    ax.set(
        title=f"{TITLE}\nsuccesses of {RUNS:,} runs a cell in percent, with 95% interval",
        xlabel="$P$: probability that a unit is turned away from the mean",
    )
    ax.set_ylabel(r"$\alpha$: distance of the units from the mean / $R$")
    figure.colorbar(image, location="bottom", label="successes, percent", aspect=40, pad=0.02)
    frame = Rectangle((0, 0), 1, 1, **FRAME)
    best = ["95% interval meets that of the best cell"]
    figure.legend([frame], best, loc="outside lower center", title=RADIUS, title_fontsize=8)
    return figure
