"""How do the computed objects look?"""

from stability.view.angular import draw_angular_loss
from stability.view.figures import figure_names, make, make_figure
from stability.view.phase_diagram import draw_phase_diagram
from stability.view.portrait import draw_portrait

__all__ = [
    "draw_angular_loss",
    "draw_phase_diagram",
    "draw_portrait",
    "figure_names",
    "make",
    "make_figure",
]
