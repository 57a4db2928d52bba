"""Pictures of bifurcations show every branch, every event, and say what their marks mean."""

from fractions import Fraction

import matplotlib.pyplot as plt
import pytest

from stability.dynamics.angles import stationary_angles
from stability.dynamics.angular_branches import angular_bifurcation
from stability.dynamics.bifurcation import bifurcation
from stability.dynamics.families import label_family, leaky_family
from stability.model import landscape
from stability.view import angular_bifurcation as angular
from stability.view.bifurcation import draw_bifurcation, legend, strokes
from stability.view.stories import story_figure


@pytest.fixture
def ax():
    figure, found = plt.subplots()
    yield found
    plt.close(figure)


def test_every_branch_is_a_line_at_its_loss(ax):
    story = bifurcation(leaky_family("xor"), -1, 1, name="a")
    assert draw_bifurcation(ax, story) is ax
    lines = [line for line in ax.lines if len(line.get_xdata()) > 2]
    assert len(lines) == len(strokes(story))
    for x in (Fraction(-1, 2), Fraction(1, 5)):
        drawn = {
            round(float(line.get_ydata()[abs(line.get_xdata() - float(x)).argmin()]), 1)
            for line in lines
            if line.get_xdata()[0] < float(x) < line.get_xdata()[-1]
        }
        assert drawn == {round(float(loss), 1) for _, loss, _ in story.at(x)}
    dotted = [line for line in ax.lines if line.get_linestyle() == ":"]
    assert len(dotted) == len(story.events)
    shown = legend([story])
    assert len(shown["handles"]) == len(shown["labels"])
    assert {"global minimum", "local minimum", "a set runs off to infinity"} <= set(shown["labels"])


def test_angles_are_drawn_by_kind(ax):
    story = angular_bifurcation(landscape("relu1", "xor"), 1, 0, 1)
    assert angular.draw_angular_bifurcation(ax, story) is ax
    drawn = {tuple(spot) for line in ax.lines if line.get_marker() == "s" for spot in line.get_xydata()}
    ratio = angular.ratios(story)[3]
    minima = [each.theta for each in stationary_angles(story.landscape, 1, ratio) if each.kind == "minimum"]
    assert all((float(ratio), theta) in drawn for theta in minima)
    assert len(angular.legend(story)["labels"]) == 2


def test_figures_of_both_have_a_title_and_a_legend():
    for story in (
        bifurcation(label_family(landscape("abs1", "xor"), 0), 0, 1),
        angular_bifurcation(landscape("abs1", "xor"), 1, -1, 1),
    ):
        figure = story_figure(story, "a title")
        assert figure.axes[0].get_title() == "a title"
        assert figure.legends
