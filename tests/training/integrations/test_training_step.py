"""A step of training as a module: it shows what the network shows, whichever of its parts are called."""

import pytest
import torch

from stability import Monitor
from stability.training.integrations.training_step import loss_of, step_of


class Parts(torch.nn.Module):
    """A network whose parts are called one by one, and never the network itself."""

    def __init__(self):
        super().__init__()
        self.first, self.last = torch.nn.Linear(3, 5), torch.nn.Linear(5, 1)

    def make(self, x):
        return {"loss": self.last(torch.relu(self.first(x))).square().mean()}


@pytest.fixture
def network():
    torch.manual_seed(0)
    return Parts()


def train(network, step, monitored, count=3):
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    torch.manual_seed(1)
    for _ in range(count):
        optimizer.zero_grad()
        step(torch.randn(7, 3))
        monitored().backward()
        optimizer.step()
    return [p.detach().clone() for p in network.parameters()]


def test_all_parts_are_seen_by_their_own_names(network):
    step = step_of(network, network.make)
    with Monitor(step) as monitor:
        train(network, step, lambda: step.take()["loss"])
    assert [reading.step for reading in monitor.readings] == [0, 1, 2]
    assert [layer.name for layer in monitor.latest.layers] == ["first"]
    assert monitor.settings["model"] == "Parts"
    assert step.returned is None


def test_training_has_the_same_bits(network):
    kept = {}
    bare = train(network, lambda x: kept.update(network.make(x)), lambda: kept["loss"])
    torch.manual_seed(0)
    other = Parts()
    step = step_of(other, other.make)
    with Monitor(step):
        monitored = train(other, step, lambda: step.take()["loss"])
    assert all(torch.equal(a, b) for a, b in zip(bare, monitored, strict=True))


def test_it_is_in_the_mode_of_its_network(network):
    step = step_of(network, network.make)
    assert step.training
    network.eval()
    assert not step.training
    assert [name for name, _ in step.named_parameters()] == [name for name, _ in network.named_parameters()]
    assert [*step.modules()] == [*network.modules()]


def test_a_loss_is_no_output_of_the_network(network):
    step = step_of(network, lambda x: {"loss": network.make(x)["loss"] * 1e6})
    with Monitor(step) as monitor:
        train(network, step, lambda: step.take()["loss"], 1)
    assert monitor.latest.largest_output != monitor.latest.largest_output
    assert not [alarm for alarm in monitor.latest.alarms if alarm.kind == "large start"]


def test_a_step_without_a_loss_returns_what_it_returned(network):
    step = step_of(network, lambda x: None)
    assert step(torch.ones(1, 3)) is None
    assert step.take() is None
    assert loss_of({"loss": 3.0}) is None
    assert loss_of("nothing") is None
