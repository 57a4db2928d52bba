"""The policy “better” lifts success on XOR from under one half to over 98%, and spoils no healthy run.

How often two ReLUs succeed on XOR when a controller repairs them while they train, and how many healthy runs it
spoils.
"""

from matplotlib.figure import Figure

from stability.plot.interventions import draw_policies
from stability.studies.interventions import compare_on_xor

LAWS = {
    "normal:0.5": "weights N(0, 1/4), zero biases",
    "normal:0.5:0.5": "weights and biases N(0, 1/4)",
}
RUNS = 20_000


def draw() -> Figure:
    """Return success by policy, from the same starts, for two laws of the starts."""
    figure = Figure(figsize=(7.2, 5.0), layout="constrained")
    panels = figure.subplots(len(LAWS), 1)
    for ax, (law, words) in zip(panels, LAWS.items(), strict=True):
        draw_policies(ax, compare_on_xor(RUNS, init=law))
        ax.set_title(f"two ReLU units on XOR, {words}", loc="left")
        ax.text(1.02, -0.85, "success", fontsize=8)
        ax.text(1.16, -0.85, "healthy runs that fail", fontsize=8)
    panels[0].set_xlabel("")
    return figure
