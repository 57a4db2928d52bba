"""Bars are as long as their shares, with their intervals, and steps go up by one run at each loss."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from stability.plot.end_states import draw_bars, draw_losses


def axes():
    return Figure().subplots()


def test_bars_have_their_shares_intervals_and_names_the_first_on_top():
    bars = [("a $trap$", 0.25, 0.2, 0.4), ("a solution", 0.75, 0.7, 0.8)]
    ax = draw_bars(axes(), bars, "share of 100 starts")
    assert [bar.get_width() for bar in ax.patches] == [0.25, 0.75]
    assert [bar.get_y() + bar.get_height() / 2 for bar in ax.patches] == pytest.approx([0, 1])
    whiskers = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    assert whiskers == [pytest.approx([0.2, 0.4]), pytest.approx([0.7, 0.8])]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a $trap$", "a solution"]
    assert not any(label.get_parse_math() for label in ax.get_yticklabels())
    assert ax.yaxis_inverted()
    assert (ax.get_xlim(), ax.get_xlabel()) == ((0, 1), "share of 100 starts")


def test_intervals_beyond_1_and_no_bars_at_all_fit():
    assert draw_bars(axes(), [("one", 0.9, 0.5, 1.3)], "").get_xlim() == (0, 1.3)
    assert draw_bars(axes(), [], "").get_xlim() == (0, 1)


def test_losses_are_steps_and_runs_without_a_finite_loss_count_below_them():
    ax = draw_losses(axes(), np.array([2.0, np.nan, 0.5, np.inf]), "loss")
    (line,) = ax.lines
    assert line.get_xydata().tolist() == [[0.5, 0.25], [2, 0.5]]
    assert line.get_drawstyle() == "steps-post"
    assert (ax.get_ylim(), ax.get_xlabel(), len(ax.texts)) == ((0, 1.02), "loss", 0)


def test_runs_that_all_diverged_are_said_to():
    ax = draw_losses(axes(), np.array([np.nan, np.inf]), "loss")
    assert [text.get_text() for text in ax.texts] == ["no run has a finite loss"]
