"""Do people say which axis counts units, and which layers are left out, in the same words everywhere?"""

import warnings

import pytest
import torch
from torch import nn

from stability.errors import StabilityError
from stability.training.constraints.separation_loss import SeparationLoss
from stability.training.control.controller import Controller
from stability.training.introspection.forward_passes import capture
from stability.training.introspection.layer_geometry import layer_geometry
from stability.training.introspection.stated_units import stated_axes
from stability.training.monitoring.monitor import Monitor

UNITS = 6


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.map, self.relu = nn.Linear(3, UNITS), nn.ReLU()

    def forward(self, x):
        return self.relu(self.map(x).sort(0)[0]).sum((1, 2))


class Net(nn.Module):
    """A layer whose axis is lost, and one whose is not."""

    def __init__(self):
        super().__init__()
        self.block, self.first = Block(), nn.Sequential(nn.Linear(3, 3), nn.ReLU())

    def forward(self, x):
        return self.block(self.first(x))


@pytest.fixture(autouse=True)
def strict_warnings():
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def x():
    return torch.randn(5, 4, 3)


def dead(net):
    with torch.no_grad():
        net.block.map.bias.fill_(9)
        net.block.map.bias[2] = -100
    return net


@pytest.mark.parametrize("axis", [2, -1])
def test_stated_units_are_those_of_the_axis(x, axis):
    first, second = layer_geometry(dead(Net()), x, units={"block.relu": axis}).layers
    assert (first.name, first.units) == ("first.0", 3)
    assert (second.units, second.points, second.dead_units.tolist().index(True)) == (UNITS, 5, 2)
    assert second.counts["dead_units"] == 1


def test_stated_units_prevail_over_those_that_were_followed(x):
    net = nn.Sequential(nn.Linear(3, UNITS), nn.ReLU())
    (seen,) = capture(net, x, units={"0": 1})
    assert (seen.name, seen.weight, seen.table.shape) == ("0", None, (5, 4, UNITS))
    (seen,) = capture(net, x, units={"1": -1})
    assert (seen.weight is net[0].weight, seen.table.shape) == (True, (5, UNITS, 4))
    (seen,) = capture(net, x, units={"1": 0})
    assert seen.table.shape == (4, 5, UNITS)


def test_an_axis_that_is_not_there_leaves_the_layer_out(x):
    with pytest.warns(UserWarning, match="left out"):
        found = capture(Net(), x, units={"block.relu": 3})
    assert [each.name for each in found] == ["first.0"]


@pytest.mark.parametrize("skip", [["block"], "block.relu"])
def test_skipped_layers_are_left_out_without_a_warning(x, skip):
    net = Net()
    found = layer_geometry(net, x, skip=skip, strict=True)
    assert [each.name for each in found.layers] == ["first.0"]
    assert found.skipped == {"block.relu": "it is left out as asked"}
    assert [each.name for each in capture(net, x, skip=skip)] == ["first.0"]
    with SeparationLoss(net, "sep-u", skip=skip) as separation:
        net(x)
        assert set(separation.slacks()) == {"first.0"}
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with Controller(net, every=1, skip=skip) as controller:
        net(x).sum().backward()
        optimizer.step()
        assert [each.name for each in controller.monitor.latest.layers] == ["first.0"]
        assert controller.monitor.skipped == found.skipped


def test_monitor_loss_and_controller_take_stated_units(x):
    net = dead(Net())
    optimizer = torch.optim.SGD(net.parameters(), 1e-3)
    with (
        Monitor(net, units={"block.relu": 2}) as monitor,
        SeparationLoss(net, "sep-u", units={"block.relu": 2}) as loss,
    ):
        net(x).sum().backward()
        assert loss.slacks()["block.relu"][0] == pytest.approx(101, abs=9)
        optimizer.step()
    assert [each.units for each in monitor.latest.layers] == [3, UNITS]
    assert monitor.latest.layers[1].dead_units == 1
    with Controller(net, units={"block.relu": 2}, every=1) as controller:
        net(x).sum().backward()
        optimizer.step()
    assert [each.units for each in controller.monitor.latest.layers] == [3, UNITS]
    with pytest.raises(StabilityError, match="with a monitor"):
        Controller(monitor, units={"block.relu": 2})


def test_recurrent_layers_are_left_out_by_name():
    net, x = nn.Sequential(nn.RNN(3, UNITS, nonlinearity="relu")), torch.randn(5, 4, 3)
    assert capture(net, x, skip=["0"]) == []
    assert capture(net, x, skip=["0.weight_ih_l0"]) == []


@pytest.mark.parametrize("wrong", [{"units": {"blok": 1}}, {"skip": ["block.rely"]}, {"units": {"block": "1"}}])
@pytest.mark.parametrize("what", [Monitor, Controller, lambda net, **how: SeparationLoss(net, "sep-u", **how)])
def test_wrong_names_and_axes_are_refused(what, wrong):
    with pytest.raises(StabilityError, match=r"Expected the (name|axis)"):
        what(Net(), **wrong)


def test_stated_axes():
    assert [axis[0].kind for axis in stated_axes((2, 3, 4), 1).axes] == ["examples", "units", "places"]
    assert [axis[0].kind for axis in stated_axes((2, 3, 4), 0).axes] == ["units", "examples", "places"]
    assert [axis[0].kind for axis in stated_axes((3,), -1).axes] == ["units"]
    assert stated_axes((3,), 1) is None


@pytest.mark.parametrize("axis", [3, -4, 10**30])
@pytest.mark.parametrize("name", ["block.relu", "first.0"])
def test_an_axis_that_is_not_there_leaves_the_layer_out_and_says_so(x, axis, name):
    with pytest.warns(UserWarning, match=f"axis {axis} is said to count its units, and what it gets has 3 axes"):
        found = layer_geometry(Net(), x, units={"block.relu": -1} | {name: axis})
    assert len(found.layers) == 1
    assert name not in {layer.name for layer in found.layers}
