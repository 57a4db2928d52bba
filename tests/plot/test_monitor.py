"""Does the picture of a training show the readings, also where numbers are missing?"""

import math
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from torch import nn

from stability.errors import StabilityError
from stability.plot.monitor import (
    NOTHING,
    PANELS,
    by_layer,
    draw_alarms,
    draw_flow,
    draw_layers,
    draw_units,
    health_figure,
    layer_names,
)
from stability.training.monitoring.alarms import Alarm
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.readings import LayerReading, Reading


def layer(name, gradient, dead=0.0, units=4, **fields):
    return LayerReading(name, units, 10, dead, 1, 2, gradient_norm=gradient, **fields)


READINGS = [
    Reading(0, (layer("a", 1e-3), layer("b", 0.0)), 2.0, 0.1, 1.0, 1.0),
    Reading(10, (layer("a", 1e-1, 0.5), layer("b", math.nan, 0.25)), None, 0.6, 1.0, 1.0),
    Reading(40, (layer("a", 1e1, 1.0),), 1.0, 1.0, 1.0, 1.0, alarms=(Alarm("dead data", "a", 1.0, 0.5),)),
]


def axes():
    return Figure().subplots()


def test_curves_are_those_of_the_layers_and_the_network():
    ax = draw_layers(axes(), READINGS, lambda each: each.dead_fraction, [0.1, 0.6, 1.0])
    first, second, whole = ax.get_lines()
    assert first.get_xydata().tolist() == [[0, 0], [10, 0.5], [40, 1]]
    assert second.get_ydata()[:2].tolist() == [0, 0.25]
    assert math.isnan(second.get_ydata()[2])
    assert whole.get_ydata().tolist() == [0.1, 0.6, 1.0]
    assert len({to_hex(line.get_color()) for line in ax.get_lines()}) == 3


def test_the_heat_map_has_a_cell_for_every_layer_and_step_in_their_places():
    ax = axes()
    mesh = draw_flow(ax, READINGS)
    cells = mesh.get_array()
    assert cells.shape == (2, 3)
    assert cells[0].tolist() == [1e-3, 1e-1, 1e1]
    assert cells.mask[1].all(), "zero, unknown, missing"
    assert (mesh.norm.vmin, mesh.norm.vmax) == (1e-3, 1e1)
    assert mesh.get_coordinates()[0, :, 0].tolist() == [-5, 5, 25, 55]
    assert ax.yaxis_inverted(), "the first layer is at the top"


def test_a_single_reading_and_one_without_gradients_are_drawn():
    mesh = draw_flow(axes(), READINGS[:1])
    assert mesh.get_coordinates()[0, :, 0].tolist() == [-0.5, 0.5]
    still = replace(READINGS[0], layers=(layer("a", 0.0),))
    assert draw_flow(axes(), [still]).get_array().mask.all()
    assert draw_layers(axes(), [still], lambda each: each.dead_fraction).get_lines()[0].get_marker() == "."


ROUTED = [
    Reading(step, (layer("a", 1.0), *(layer(name, 2.0 + step) for name in names)), 1.0, 0.0, 1.0, 1.0)
    for step, names in enumerate([["e.1", "z"], ["e.0", "z"], ["z"], ["e.1", "z"]])
]
"""At each step another expert takes part, or none."""


def test_a_layer_has_one_curve_also_where_others_come_and_go():
    assert layer_names(ROUTED) == ["a", "e.0", "e.1", "z"]
    table = by_layer(ROUTED, lambda each: each.gradient_norm)
    nan = math.nan
    expected = np.array([[1, 1, 1, 1], [nan, 3, nan, nan], [2, nan, nan, 5], [2, 3, 4, 5]])
    assert table == pytest.approx(expected, nan_ok=True)
    marks = [curve.get_marker() for curve in draw_layers(axes(), ROUTED, lambda each: each.gradient_norm).get_lines()]
    assert marks == ["None", ".", ".", "None"], "a point without a neighbour has no line"


def _units(readings):
    """Return what is drawn for dead, affine and separating units."""
    return draw_units(axes(), readings).collections


def test_units_with_nan_are_of_no_kind():
    lost = Reading(1, (layer("a", 1.0, math.nan, units=4),), 1.0, math.nan, 1.0, 1.0)
    other = replace(READINGS[0], step=2)
    for readings, where in (([lost, other], [(1.5, 2.5)]), ([READINGS[0], lost, other], [(-0.5, 0.5), (1.5, 2.5)])):
        dead, affine, _ = ([path.vertices for path in area.get_paths()] for area in _units(readings))
        assert [(each[:, 0].min(), each[:, 0].max()) for each in dead] == where
        heights = [(one[:, 1].max(), two[:, 1].min(), two[:, 1].max()) for one, two in zip(dead, affine, strict=True)]
        assert heights == [pytest.approx((1 / 4, 1 / 4, 3 / 4))] * len(where), "no slope leads to what is not known"
    assert texts(health_figure([lost]))["Units"] == [NOTHING["Units"]]


def test_a_single_reading_shows_its_norms_and_units():
    drawn = {ax.get_title(): ax for ax in health_figure(READINGS[:1]).axes}
    assert [curve.get_marker() for curve in drawn["Losses and norms"].get_lines()[:3]] == ["."] * 3
    areas = [area.get_paths()[0].vertices for area in drawn["Units"].collections]
    assert {(each[:, 0].min(), each[:, 0].max()) for each in areas} == {(-0.5, 0.5)}
    assert all(float(mark).is_integer() for mark in drawn["Torque"].get_xticks())


def test_of_long_names_the_end_is_shown():
    name = "encoder." * 9 + "linear1"
    (shown,) = layer_names([Reading(0, (layer(name, 1.0),), 1.0, 0.0, 1.0, 1.0)])
    assert shown.endswith("encoder.linear1")
    assert len(shown) <= 30


def test_units_add_up_to_one():
    dead, affine, separating = draw_units(axes(), READINGS[:2]).collections
    tops = [area.get_paths()[0].vertices[:, 1].max() for area in (dead, affine, separating)]
    assert tops == pytest.approx([1 / 4, 3 / 4, 1])


def test_alarms_stand_at_their_steps():
    (marks,) = draw_alarms(axes(), READINGS, "dead data", "no torque").get_lines()
    assert marks.get_xdata().tolist() == [40]
    (none,) = draw_alarms(axes(), READINGS, "no torque").get_lines()
    assert none.get_xdata().size == 0


def test_the_whole_figure_of_a_training():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1))
    optimiser, criterion, x = torch.optim.SGD(net.parameters(), 0.1), nn.MSELoss(), torch.randn(9, 2)
    with Monitor(net, criterion=criterion) as monitor:
        for _ in range(4):
            optimiser.zero_grad()
            criterion(net(x), x[:, :1]).backward()
            optimiser.step()
    figure = monitor.figure()
    drawn = [ax for ax in figure.axes if ax.get_title()]
    assert [ax.get_title() for ax in drawn] == [*PANELS]
    torques = [line.get_ydata() for line in drawn[3].get_lines()[:2]]
    assert np.array(torques) == pytest.approx(by_layer(monitor.readings, lambda each: each.torque_mean))
    figure.savefig(BytesIO(), format="png")
    health_figure(READINGS).savefig(BytesIO(), format="svg")


def test_layers_have_the_names_of_their_modules_and_panels_one_range_of_steps():
    figure = health_figure(READINGS)
    drawn = [ax for ax in figure.axes if ax.get_title()]
    assert {ax.get_xlim() for ax in drawn} == {(-5, 55)}
    flow, dead = (drawn[[*PANELS].index(title)] for title in ("Gradient flow", "Dead data"))
    assert [label.get_text() for label in flow.get_yticklabels()] == ["a", "b"]
    assert [text.get_text() for text in dead.get_legend().get_texts()][1:3] == ["layer a", "layer b"]
    many = [Reading(0, tuple(layer(f"net.{k}", 1.0) for k in range(20)), 1.0, 0.0, 1.0, 1.0)]
    flow = health_figure(many).axes[4]
    assert all(float(mark).is_integer() for mark in flow.get_yticks())


def texts(figure):
    """Return what is written in each part of a picture of health, by its title."""
    return {ax.get_title(): [text.get_text() for text in ax.texts] for ax in figure.axes if ax.get_title()}


def test_a_part_with_nothing_to_show_says_so():
    """No layer has a gradient, so no torque; no bias changed. Of the other two readings there is something to see."""
    part = layer("a", 0.0, 1.0, slack_plus=1.0, slack_minus=1.0)
    dead = [Reading(step, (part,), 1.0, 1.0, 1.0, 0.0) for step in (0, 9)]
    said = texts(health_figure(dead))
    empty = {title for title, words in said.items() if words}
    assert {"Torque", "Gradient flow", "Biases"} <= empty
    assert all(said[title] == [NOTHING[title]] for title in empty)
    assert not {"Losses and norms", "Dead data", "Units", "Slack"} & empty
    seen = texts(health_figure([replace(each, layers=(layer("a", 1e-3, torque_mean=0.5),)) for each in dead]))
    assert not {"Torque", "Gradient flow"} & {title for title, words in seen.items() if words}


def test_a_network_without_relus_has_nothing_to_show_of_them():
    model = nn.LSTM(3, 4)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model, every=1) as monitor:
        for _ in range(2):
            optimizer.zero_grad()
            model(torch.ones(5, 2, 3))[0].square().mean().backward()
            optimizer.step()
    said = texts(monitor.figure())
    for title in ("Dead data", "Units", "Torque"):
        assert said[title] == [NOTHING[title]]
        assert "no ReLU was read" in NOTHING[title]


def test_hatching_is_explained_where_some_of_the_gradient_is_missing():
    assert texts(health_figure(READINGS))["Gradient flow"] == ["hatched: 0 or unknown"]


def test_no_legend_lies_on_curves_or_areas():
    figure = health_figure(READINGS)
    FigureCanvasAgg(figure).draw()
    explained = [ax for ax in figure.axes if ax.get_legend()]
    assert [ax.get_title() for ax in explained] == ["Losses and norms", "Dead data", "Units"]
    assert all(ax.get_legend().get_window_extent().x0 > ax.get_window_extent().x1 for ax in explained)


def test_the_legend_says_where_the_loss_is_not_known():
    unknown = health_figure([replace(each, loss=None) for each in READINGS]).axes[0]
    assert "loss: not known" in [text.get_text() for text in unknown.get_legend().get_texts()]
    assert "loss" in [text.get_text() for text in health_figure(READINGS).axes[0].get_legend().get_texts()]


def test_without_readings_there_is_no_picture():
    with pytest.raises(StabilityError, match="reading"):
        health_figure([])
    with Monitor(nn.Linear(1, 1)) as monitor, pytest.raises(StabilityError, match="reading"):
        monitor.figure()
