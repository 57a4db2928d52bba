"""How do the computed objects look?"""

from stability.view.angular import draw_angular_loss
from stability.view.atlas import draw_atlas
from stability.view.cell_map import draw_cell_map
from stability.view.figures import figure_names, make, make_figure
from stability.view.levels import draw_levels, draw_outputs
from stability.view.named_planes import named_plane
from stability.view.phase_diagram import draw_phase_diagram
from stability.view.phase_portrait import draw_phase_portrait, portrait_figure
from stability.view.portrait import draw_portrait
from stability.view.space import draw_atlas_in_space

__all__ = [
    "draw_angular_loss",
    "draw_atlas",
    "draw_atlas_in_space",
    "draw_cell_map",
    "draw_levels",
    "draw_outputs",
    "draw_phase_diagram",
    "draw_phase_portrait",
    "draw_portrait",
    "figure_names",
    "make",
    "make_figure",
    "named_plane",
    "portrait_figure",
]
