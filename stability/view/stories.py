"""How is a bifurcation that was asked for on the command line drawn?"""

from typing import Any

from matplotlib.figure import Figure

from stability.dynamics.angular_branches import AngularBifurcation
from stability.dynamics.bifurcation import Bifurcation
from stability.view import angular_bifurcation as angular
from stability.view.bifurcation import ONLY, draw_bifurcation, legend
from stability.view.marks import TOGETHER

FEW = 3
"""Up to this many losses that vary, their formulas are written at the lines."""


def story_figure(story: Bifurcation | AngularBifurcation, title: str) -> Figure:
    """Return a figure of losses of stationary sets, or of stationary angles, against what varies."""
    figure = Figure(figsize=(5.6, 5.6), layout="constrained")
    ax = figure.subplots()
    below: dict[str, Any] = {"loc": "outside lower center", "ncols": 2}
    add: Any = figure.legend
    if isinstance(story, AngularBifurcation):
        angular.draw_angular_bifurcation(ax, story).set_title(title)
        add(**angular.legend(story), **below)
        return figure
    varying = {each.loss for each in story.branches if not each.loss.is_constant}
    draw_bifurcation(ax, story, formulas=len(varying) <= FEW).set_title(title)
    add(**legend([story]), **TOGETHER, **below, title=ONLY, title_fontsize=8)
    return figure
