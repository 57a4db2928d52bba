"""Pictures of bifurcations show every branch, every event, and say what their marks mean."""

from fractions import Fraction
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from stability import landscape
from stability.dynamics.bifurcation.angular import angular_bifurcation
from stability.dynamics.bifurcation.bifurcation import bifurcation
from stability.dynamics.bifurcation.families import label_family, leaky_family
from stability.dynamics.bifurcation.stationary_angles import stationary_angles
from stability.plot import angular_bifurcation as angular
from stability.plot.bifurcation import bifurcation_figure, draw_bifurcation, legend, strokes


@cache
def whole():
    return angular_bifurcation(landscape("relu1", "xor"), 1, -2, 2)


@pytest.fixture
def ax():
    figure, found = plt.subplots()
    yield found
    plt.close(figure)


def test_every_branch_is_a_line_at_its_loss(ax):
    diagram = bifurcation(leaky_family("xor"), -1, 1, name="a")
    assert draw_bifurcation(ax, diagram) is ax
    lines = [line for line in ax.lines if len(line.get_xdata()) > 2]
    assert len(lines) == len(strokes(diagram))
    for x in (Fraction(-1, 2), Fraction(1, 5)):
        drawn = {
            round(float(line.get_ydata()[abs(line.get_xdata() - float(x)).argmin()]), 1)
            for line in lines
            if line.get_xdata()[0] < float(x) < line.get_xdata()[-1]
        }
        assert drawn == {round(float(loss), 1) for _, loss, _ in diagram.at(x)}
    dotted = [line for line in ax.lines if line.get_linestyle() == ":"]
    assert len(dotted) == len(diagram.events)
    shown = legend([diagram])
    assert len(shown["handles"]) == len(shown["labels"])
    assert {"global minimum", "local minimum", "a set runs off to infinity"} <= set(shown["labels"])


def test_angles_are_drawn_by_kind(ax):
    diagram = angular_bifurcation(landscape("relu1", "xor"), 1, 0, 1)
    assert angular.draw_angular_bifurcation(ax, diagram) is ax
    look = angular.LOOKS["minimum"]["color"]
    drawn = {tuple(spot) for line in ax.lines if line.get_color() == look for spot in line.get_xydata()}
    sample = diagram.sampled(angular.SAMPLES)[3]
    minima = [each.theta for each in stationary_angles(diagram.landscape, 1, sample.ratio) if each.kind == "minimum"]
    assert minima
    assert all((float(sample.ratio), theta) in drawn for theta in minima)
    assert all(np.abs(np.diff(line.get_ydata())).max(initial=0) < 0.5 for line in ax.lines if line.get_color() == look)
    assert len(angular.legend(diagram)["labels"]) == 2
    assert "the angles change in number or kind" in angular.legend(whole())["labels"], "dotted lines are explained"


def test_figures_of_both_have_a_title_and_a_legend():
    for diagram in (
        bifurcation(label_family(landscape("abs1", "xor"), 0), 0, 1),
        angular_bifurcation(landscape("abs1", "xor"), 1, -1, 1),
    ):
        figure = bifurcation_figure(diagram, "a title")
        assert figure.axes[0].get_title() == "a title"
        assert figure.legends


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 0), (-1, 1)])
def test_sets_that_are_there_only_at_an_end_of_the_range_stand_within_the_axes(low, high):
    """At slope 0 one unit on XOR has sets of loss 2, which no branch of the range from 0 to 1 has."""
    figure = bifurcation_figure(bifurcation(leaky_family("xor"), low, high, name="a"), "")
    FigureCanvasAgg(figure).draw()
    ax = figure.axes[0]
    symbols = [line for line in ax.lines if len(line.get_xdata()) == 1]
    places = np.array([line.get_transform().transform(line.get_xydata()[0]) for line in symbols])
    assert max(float(line.get_ydata()[0]) for line in symbols) == 2
    inside = ax.get_window_extent().padded(1)
    assert all(inside.contains(*place) for place in places)
    legend_box, axis_box = figure.legends[0].get_window_extent(), ax.xaxis.get_tightbbox()
    assert not legend_box.overlaps(axis_box), "the legend is below the axis and its name"


def texts(figure):
    return [each for each in (text.get_text() for text in figure.axes[0].texts) if each]


def test_numbers_of_sets_are_those_of_the_diagram_where_there_is_room():
    diagram = bifurcation(leaky_family("xor"), -1, 1, name="a")
    numbers = [int(text) for text in texts(bifurcation_figure(diagram, "")) if text.isdecimal()]
    assert sorted(numbers) == sorted([2, 2, 4, 1, *[2, 2, 1], 1])
    crowded = bifurcation(label_family(landscape("relu1", "xor"), 0), -2, 3, name="y")
    narrow = bifurcation(label_family(landscape("relu1", "xor"), 0), 0, "1/3", name="y")
    written = [text for text in texts(bifurcation_figure(crowded, "")) if text.isdecimal()]
    assert len(written) < sum(len(snapshot.sets) for snapshot in crowded.snapshots[1::2])
    assert any(text.isdecimal() for text in texts(bifurcation_figure(narrow, "")))


def test_few_short_formulas_are_written_and_no_others():
    label = label_family(landscape("relu1", "xor"), 0)
    for family, count in ((leaky_family("xor"), 2), (label, 0)):
        diagram = bifurcation(family, -1, 1, name="a", verify=False)
        assert sum("^2" in text for text in texts(bifurcation_figure(diagram, ""))) == count
    long = bifurcation(leaky_family(landscape("relu1", "moons:4:1").data), "1/2", 1, name="a", verify=False)
    assert not any("^2" in text for text in texts(bifurcation_figure(long, "")))


def test_flat_arcs_are_where_the_loss_does_not_change(ax):
    diagram = whole()
    angular.draw_angular_bifurcation(ax, diagram)
    ratio = next(each.ratio for each in diagram.sampled(angular.SAMPLES) if -1.3 < each.ratio < -1.1)
    bars = [bar for bar in ax.patches if abs(bar.get_x() + bar.get_width() / 2 - float(ratio)) < 1e-9]
    assert len(bars) == 4 + 1, "one of the four goes on beyond 2 pi"
    for bar in bars:
        inside = np.linspace(bar.get_y() + 1e-6, bar.get_y() + bar.get_height() - 1e-6, 9)
        z = np.outer(np.cos(inside), [1, -1, 1, -1]) + np.outer(np.sin(inside), [-1, 1, 1, -1]) + float(ratio)
        assert (z < 0).all(), "the unit is off"


def test_angles_are_drawn_up_to_the_events():
    diagram = whole()
    ratios = np.array([float(each.ratio) for each in diagram.sampled(angular.SAMPLES)])
    for event in diagram.events:
        assert np.abs(ratios - float(event.ratio)).min() < 0.002
        assert float(event.ratio) not in ratios
