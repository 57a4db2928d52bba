"""The table of names: each number of a reading once, under one name."""

from math import inf, isfinite, nan

import torch

from stability import Monitor
from stability.training.monitoring.alarms import Alarm
from stability.training.monitoring.readings import LayerReading, Reading
from stability.training.monitoring.scalars import scalars


def trained_reading():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model, quantities="all") as monitor:
        model(torch.randn(7, 3)).square().mean().backward()
        optimizer.step()
    return monitor.latest


def test_every_number_of_a_real_reading_has_a_name():
    reading = trained_reading()
    found = scalars(reading)
    layer = reading.layers[0]
    assert found["stability/gradient_norm"] == reading.gradient_norm
    assert found["stability/layers/0/dead_units"] == layer.dead_units
    assert found["stability/layers/0/torque_mean"] == layer.torque_mean
    assert found["stability/finite"] == 1.0
    assert all(type(value) is float and isfinite(value) for value in found.values())


def test_text_and_lists_have_none_and_neither_has_what_is_not_finite():
    layer = LayerReading("net 1", 2, 3, 0.5, 1, 0, torque_mean=nan, tops=(1.0, 2.0))
    found = scalars(Reading(5, (layer,), loss=inf, finite=False))
    assert "stability/loss" not in found
    assert not [name for name in found if name.endswith(("/name", "/tops", "/torque_mean", "/step"))]
    assert found["stability/layers/net_1/dead_fraction"] == 0.5
    assert found["stability/finite"] == 0.0


def test_alarms_are_counted_by_kind_and_none_counts_as_zero():
    alarms = (Alarm("dead units", "0", 0.9, 0.5), Alarm("dead units", "2", 0.8, 0.5))
    found = scalars(Reading(5, (), alarms=alarms))
    assert (found["stability/alarms"], found["stability/alarms/dead_units"]) == (2.0, 2.0)
    assert found["stability/alarms/no_torque"] == 0.0
