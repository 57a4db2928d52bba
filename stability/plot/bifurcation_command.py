"""Drawing of a bifurcation that was asked for on the command line."""

from typing import Any

from matplotlib.figure import Figure

from stability.dynamics.bifurcation.angular import AngularBifurcation
from stability.dynamics.bifurcation.bifurcation import Bifurcation
from stability.plot import angular_bifurcation as angular
from stability.plot.bifurcation import ONLY, draw_bifurcation, legend, strokes
from stability.plot.marks import TOGETHER

FEW, SHORT = 2, 24
"""Up to this many lines and characters, formulas of losses that vary are written at the lines."""


def bifurcation_figure(diagram: Bifurcation | AngularBifurcation, title: str) -> Figure:
    """Return a figure of losses of stationary sets, or of stationary angles, against what varies."""
    figure = Figure(figsize=(5.6, 5.6), layout="constrained")
    ax = figure.subplots()
    below: dict[str, Any] = {"loc": "outside lower center", "ncols": 2}
    add: Any = figure.legend
    if isinstance(diagram, AngularBifurcation):
        angular.draw_angular_bifurcation(ax, diagram).set_title(title)
        add(**angular.legend(diagram), **below)
        return figure
    losses = [stroke.branches[0].loss for stroke in strokes(diagram)]
    formulas = [loss.text(diagram.name) for loss in losses if not loss.is_constant]
    fit = len(formulas) <= FEW and all(len(formula) <= SHORT for formula in formulas)
    draw_bifurcation(ax, diagram, formulas=fit).set_title(title)
    add(**legend([diagram]), **TOGETHER, **below, title=ONLY, title_fontsize=8)
    return figure
