"""Levels of the loss and kinks are drawn where the landscape says that they are."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from stability import landscape
from stability.errors import PointError
from stability.plot.plane import KINK, LEVEL, draw_landscape, draw_levels_and_kinks


def bowl(span):
    line = np.linspace(-span, span, 81)
    p, b = np.meshgrid(line, line)
    return SimpleNamespace(span=span, p=p, b=b, loss=p**2 + b**2, kinks=[0.5, -2])


def test_levels_of_a_bowl_are_circles():
    ax = draw_levels_and_kinks(Figure().subplots(), bowl(2.0))
    (contours,) = ax.collections
    assert contours.levels[:9] == pytest.approx(np.linspace(0, 2, 9))
    assert contours.levels[-1] == 8
    assert np.allclose(contours.get_edgecolor()[0][:3], int(LEVEL[1:3], 16) / 255)
    for level, path in zip(contours.levels[1:9], contours.get_paths()[1:9], strict=True):
        assert np.hypot(*path.vertices.T) == pytest.approx(np.sqrt(level), abs=0.01)


def test_kinks_go_through_the_origin_with_their_slopes_from_side_to_side():
    ax = draw_levels_and_kinks(Figure().subplots(), bowl(2.0))
    assert [line.get_xydata().tolist() for line in ax.lines] == [[[-2, -1], [2, 1]], [[-2, 4], [2, -4]]]
    assert {line.get_color() for line in ax.lines} == {KINK["color"]}
    assert (ax.get_xlim(), ax.get_ylim(), ax.get_aspect()) == ((-2, 2), (-2, 2), 1)


def test_a_landscape_is_asked_for_the_window_that_is_drawn():
    asked = []
    draw_landscape(Figure().subplots(), SimpleNamespace(in_plane=lambda span: asked.append(span) or bowl(span)), 0.75)
    draw_landscape(Figure().subplots(), SimpleNamespace(in_plane=lambda span: asked.append(span) or bowl(span)))
    assert asked == [0.75, 1.5]


def test_a_landscape_without_such_a_plane_names_what_draws_it():
    with pytest.raises(PointError, match="stability portrait relu2 xor"):
        draw_landscape(Figure().subplots(), landscape("relu2", "xor"))
