"""The drawing of losses over time shows the curves, their pauses and the exact losses of stationary sets."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from stability import landscape
from stability.geometry.atlas.layer_families import layer_families
from stability.plot.loss_curves import STROKES, draw_level_lines, draw_loss_curves, legend
from stability.plot.marks import MARKS
from stability.training.ensembles.loss_curves import LossCurves

CURVES = LossCurves(np.arange(4.0), np.array([[2, 1, 1, 0.5], [2, 1.5, 0, 0]]), np.zeros((2, 9)))


def families():
    return layer_families(landscape("relu2-out+c", "xor").atlas())


def test_runs_are_drawn_by_where_they_end():
    pauses = CURVES.plateaus(rate=0.1)
    ax = draw_loss_curves(Figure().subplots(), CURVES, [1, 0], pauses)
    *runs, _, _, marked = ax.get_lines()
    shades = ax.get_lines()[2:4]
    assert [line.get_xydata().tolist() for line in shades] == [[[1, 1], [2, 1]], [[2, 0], [3, 0]]]
    assert [line.get_color() for line in runs] == [STROKES[1][0], STROKES[0][0]]
    for line, losses in zip(runs, CURVES.losses, strict=True):
        assert line.get_xydata() == pytest.approx(np.column_stack([CURVES.times, losses]))
    assert marked.get_xydata().tolist() == [[1, 1], [2, 0]]


def test_lines_are_at_the_losses_of_stationary_sets():
    ax = draw_level_lines(Figure().subplots(), families())
    assert [text.get_text() for text in ax.get_yticklabels()] == ["0", "1/2", "2/3", "1"]
    assert ax.get_yticks() == pytest.approx([0, 1 / 2, 2 / 3, 1])
    found = {(line.get_marker(), line.get_ydata()[0]) for line in ax.get_lines() if line.get_marker() != "None"}
    assert found == {(MARKS[each.kind].marker, float(each.loss)) for each in families()}
    assert sorted(text.get_position()[1] for text in ax.texts) == pytest.approx([2 / 3, 1])


def test_the_legend_counts_runs():
    words = legend(families(), [1, 0, 1], "a pause")["labels"]
    assert words[:2] == ["1 run ends at 0", "2 runs end at 1/2"]
    assert words[-1] == "a pause"
