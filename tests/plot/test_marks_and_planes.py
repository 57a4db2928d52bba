"""Do the drawings run without a screen, say what they show, and show what is true?"""

from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from matplotlib.figure import Figure

from stability import landscape
from stability.errors import UnknownNameError
from stability.plot.angular import draw_angular_loss
from stability.plot.figures import draw_figure, figure_names, make, make_figure
from stability.plot.phase_diagram import FILLS, draw_phase_diagram, legend_entries
from stability.symbolic.angular import angular_loss
from stability.symbolic.phase_diagram import phase_diagram

DIRECTIONS = [(3, 4), (-3, 4), (5, -12), (-15, -8), (20, 21), (1, 3), (-2, 1), (7, -1)]


@cache
def diagram(model: str):
    return phase_diagram(landscape(model, "xor"), "3/4")


def axes():
    return Figure().subplots()


def test_angular_loss_draws_every_kink():
    ax = axes()
    losses = [angular_loss(landscape("relu1", "xor"), 1, b) for b in (0, Fraction(1, 2))]
    assert draw_angular_loss(ax, losses) is ax
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    dots = [line for line in ax.get_lines() if line.get_marker() == "o"]
    assert len(dots) == 4 + 8
    for dot in dots:
        theta, height = (float(v[0]) for v in dot.get_data())
        point = [[np.cos(theta), np.sin(theta), b] for b in (0.0, 0.5)]
        assert min(abs(float(losses[0].landscape.loss([row])) - height) for row in point) < 1e-3


def test_phase_diagram_shows_the_sign_map():
    ax = axes()
    assert draw_phase_diagram(ax, diagram("relu1"), resolution=60) is ax
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    (image,) = ax.get_images()
    theta, beta = (np.arange(60) + 0.5) / 60 * 2 * np.pi, 2 * (2 * (np.arange(60) + 0.5) / 60 - 1)
    assert (image.get_array() == diagram("relu1").signs(theta[None, :], beta[:, None])).all()
    assert len(legend_entries(diagram("relu1"))) == len(FILLS) + 2


@pytest.mark.parametrize("name", ["angular_loss", "angular_phase_diagram", "portraits"])
def test_every_axis_of_a_figure_is_labelled(name):
    figure = draw_figure(name)
    assert all(ax.get_xlabel() for ax in figure.axes)
    assert figure.axes[0].get_ylabel()
    assert all(ax.get_title() for ax in figure.axes)
    assert figure.legends


def test_figures_come_out_the_same(tmp_path):
    first, second = (make_figure("angular_loss", tmp_path / part) for part in ("a", "b"))
    assert [p.name for p in first] == ["angular_loss.svg", "angular_loss.png"]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_figures_have_names(tmp_path):
    assert {"angular_loss", "angular_phase_diagram", "portraits"} <= set(figure_names())
    with pytest.raises(UnknownNameError, match="angular_loss"):
        make(["angular_los"], tmp_path)
