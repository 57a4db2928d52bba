"""Steps that are like the one before are read on a short path, to the same bits; what has changed is read otherwise."""

import pytest
import torch
from torch import nn

from stability.compute.cpp import compiler
from stability.training.monitoring import one_pass, repeated, updates
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.repeated import Repeated

pytestmark = pytest.mark.skipif(compiler() is None, reason="there is no C++ compiler")


@pytest.fixture(autouse=True)
def all_sizes(monkeypatch):
    for module in (one_pass, repeated, updates):
        monkeypatch.setattr(module, "LEAST", 0)


@pytest.fixture
def short(monkeypatch):
    """Return what gets the numbers of each step that was compared with the one before, or None."""
    found, own = [], Repeated._latest_again

    def latest_again(self, given):
        known, numbers = own(self, given)
        if known is not None:
            found.append(numbers)
        return known, numbers

    monkeypatch.setattr(Repeated, "_latest_again", latest_again)
    return found


def perceptron():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 9), nn.ReLU(), nn.Linear(9, 9), nn.ReLU(), nn.Linear(9, 2))


def trained(steps, change=lambda step, net: None, loss_of=lambda loss: loss):
    """Return all readings of a training, in which something changes before some steps."""
    net, found = perceptron(), []
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with Monitor(net, detail=True) as monitor:
        for step in range(steps):
            optimizer.zero_grad()
            loss = net(torch.full((5, 4), 1.0 + step)).square().mean()
            loss.backward()
            monitor.note(loss=loss_of(loss))
            change(step, net)
            optimizer.step()
        found = [reading.to_json() for reading in monitor.readings]
    return found


def test_most_steps_take_the_short_path(short):
    trained(6)
    assert [numbers is not None for numbers in short] == [False, False, True, True, True]  # entries from step 1 on


def clips(step, net):
    nn.utils.clip_grad_norm_(net.parameters(), 1e-3)


def once(change):
    return lambda step, net: change(net) if step == 5 else None


def swaps(net):
    """The weight stands elsewhere, and its old memory holds other numbers."""
    weight = net[2].weight
    old, weight.data = weight.data, weight.data.clone()
    old.fill_(7.0)


def transposes(net):
    """The same memory in another order."""
    net[2].weight.data = net[2].weight.data.T


def freezes(net):
    net[2].bias.requires_grad_(False)


def turns(net):
    """The gradient lies otherwise in memory."""
    net[2].weight.grad = net[2].weight.grad.T.contiguous().T


def forgets(net):
    net[0].bias.grad = None


def clips_and_turns(step, net):
    clips(step, net)
    if step == 5:
        turns(net)


CHANGES = {"clips and turns": clips_and_turns, "nothing": lambda step, net: None, "clipping": clips}
CHANGES |= {each.__name__: once(each) for each in (swaps, transposes, freezes, forgets, turns)}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.filterwarnings("ignore:The monitor of")
def test_readings_are_those_of_the_long_path(name, short, monkeypatch):
    found = trained(8, CHANGES[name])
    assert sum(numbers is not None for numbers in short) >= 2
    monkeypatch.setattr(Repeated, "_latest_again", lambda self, given: (None, None))
    assert found == trained(8, CHANGES[name])


class Masked(nn.Module):
    """Its code is not straight: passes are compared call by call."""

    def __init__(self):
        super().__init__()
        self.body = perceptron()

    def forward(self, x):
        return self.body(x) * abs(1.0)


def wraps(net):
    """The maps of the units have other names, and the calls are the same."""
    net.body[0] = nn.Sequential(net.body[0])


def adds(net):
    net.extra = nn.Linear(2, 2)


def adds_within(net):
    (net.body if isinstance(net, Masked) else net)[4].extra = nn.Linear(2, 2)


@pytest.mark.parametrize(
    ("make", "change"), [(Masked, wraps), (Masked, adds), (Masked, adds_within), (perceptron, adds_within)]
)
@pytest.mark.filterwarnings("ignore:The monitor of")
def test_modules_that_come_or_move_are_found(make, change):
    """Also where no forward pass calls them."""
    net = make()
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with Monitor(net) as monitor:
        for step in range(6):
            if step == 4:
                change(net)
            optimizer.zero_grad()
            net(torch.ones(5, 4)).sum().backward()
            optimizer.step()
        last = monitor.latest
    if change is wraps:
        assert [layer.name for layer in last.layers] == ["body.0.0", "body.2"]
    else:
        assert "extra.weight" in last.skipped[0]


@pytest.mark.filterwarnings("ignore:.* of Sequential are left out")
@pytest.mark.filterwarnings("ignore:The monitor of")
def test_passes_inside_a_transform_of_torch_raise_nothing():
    net = perceptron()

    def total(x):
        return net(x).sum()

    with Monitor(net) as monitor:
        for step in range(6):
            net.zero_grad()
            if step % 2:
                torch.func.grad(total)(torch.ones(5, 4))
                torch.func.grad(lambda x: (x * net(torch.ones(5, 4)).sum()).sum())(torch.ones(2))
                torch.func.jvp(total, (torch.ones(5, 4),), (torch.ones(5, 4),))
            net(torch.ones(5, 4)).sum().backward()
            monitor.step()
    assert len(monitor.readings) == 6
    assert [len(reading.layers) for reading in monitor.readings[::2]] == [2] * 3


class Overwrites(nn.Module):
    """Overwrites pre-activations after their ReLU, under another name."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.relu = nn.Linear(4, 9), nn.Linear(9, 9), nn.ReLU()

    def forward(self, x):
        z = self.first(x)
        h = self.relu(self.second(self.relu(z)))
        z.detach().mul_(0.5)
        return h + z


@pytest.mark.filterwarnings("ignore:first of Overwrites")
def test_a_layer_that_cannot_be_read_in_the_first_pass_is_not_read_in_later_ones():
    net = Overwrites()
    with Monitor(net) as monitor:
        for _ in range(4):
            net.zero_grad()
            net(torch.ones(5, 4)).sum().backward()
            monitor.step()
    assert [[layer.name for layer in reading.layers] for reading in monitor.readings] == [["second"]] * 4


def test_a_loss_of_several_numbers_or_none_is_another_step(short):
    trained(6, loss_of=lambda loss: float(loss.detach()))
    assert short[-1] is not None
    kinds = iter([*[torch.Tensor.detach] * 5, float, float, float])
    trained(8, loss_of=lambda loss: next(kinds)(loss.detach()))
    assert [numbers is None for numbers in short[-4:]] == [False, True, False, False]
