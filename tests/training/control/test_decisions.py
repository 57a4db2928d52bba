"""What rules look at in a first reading, compared with the numbers of the network and with those of the alarms."""

from dataclasses import replace
from math import inf, isnan, nan

import pytest
import torch
from torch import nn

from stability import Monitor
from stability.training.control.decisions import health_of
from stability.training.monitoring.alarm_kinds import Context, large_start, small_start
from stability.training.monitoring.column_readings import columns_of_reading
from stability.training.monitoring.limits import Limits


def first_reading(size: float):
    """Return the first reading of a network, its inputs of this size, and pre-activations and output in its order."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 1))
    x = size * torch.randn(16, 4)
    with Monitor(model) as monitor:
        model(x).square().mean().backward()
        monitor.step()
    first = model[0](x)
    second = model[2](first.relu())
    return monitor.readings[0], x, [first, second], model[4](second.relu())


@pytest.mark.parametrize("size", [0.01, 1.0, 300.0])
def test_a_start_is_measured_by_the_largest_input(size):
    reading, x, hidden, output = first_reading(size)
    found, given = health_of(reading), x.abs().max().item()
    tops = [z.abs().max().item() for z in (*hidden, output)]
    ranges = [(z.amax(0) - z.amin(0)).max().item() for z in hidden]
    assert found.scale == pytest.approx(max(tops) / max(given, 1.0), rel=1e-5)
    assert found.spread == pytest.approx(min(ranges) / given, rel=1e-5)


def test_a_policy_reads_what_the_alarms_read():
    reading = first_reading(3.0)[0]
    context = Context(columns_of_reading(reading), None, Limits())
    found = health_of(reading)
    assert found.scale == max(large_start(context).values[0])
    assert found.spread == min(small_start(context).values[0])


@pytest.mark.parametrize("given", [nan, 0.0, inf])
def test_of_inputs_that_say_nothing_no_spread_is_known(given):
    reading = replace(first_reading(1.0)[0], largest_input=given)
    assert isnan(health_of(reading).spread)
    assert isnan(health_of(reading).scale) == isnan(given)
