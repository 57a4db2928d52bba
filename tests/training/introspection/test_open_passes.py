"""What is on while a forward pass runs: a network that holds its monitor can be copied within one."""

import copy
import pickle

import pytest
import torch
from torch import nn
from torch.nn import functional

from stability import Controller, Monitor, SeparationLoss
from stability.errors import StabilityError
from stability.training.control.interventions import Intervention
from stability.training.control.leaky_slopes import LeakySlopes
from stability.training.control.penalty_gradients import Penalties


class Net(nn.Module):
    """Copies itself within its next pass, by what `copy` is then."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.a, self.b, self.c, self.act = nn.Linear(4, 8), nn.Linear(8, 8), nn.Linear(8, 2), nn.ReLU()
        self.copy, self.held, self.copies = None, None, []

    def forward(self, x):
        h = self.act(self.a(x))
        if self.copy is not None:
            made, self.copy = self.copy, None
            self.copies.append(made(self))
        return self.c(functional.relu(self.b(h)))


def leaky(net):
    slopes = LeakySlopes(net)
    slopes.set("a", 0.25, 10_000)
    return slopes


def penalised(net):
    penalties = Penalties(net, pytest.fail)
    penalties.switch_on(("", "plateau"), Intervention("separation", 0.5, 9))
    return penalties


HELD = {
    "monitor": Monitor,
    "monitor that repeats nothing": lambda net: Monitor(net, quantities="all"),
    "controller": Controller,
    "leaky slopes": leaky,
    "penalties": penalised,
    "separation": lambda net: SeparationLoss(net, "sep-pu", rho=0.5),
}
COPIES = {"deepcopy": copy.deepcopy, "pickle": lambda net: pickle.loads(pickle.dumps(net)), "copy": copy.copy}


def train(make, copied, at, steps):
    """Return the network, and the losses of a training in which it is copied within the pass of one step."""
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), 0.01)
    net.held = make(net)
    losses = []
    for step in range(steps):
        net.copy = copied if step == at else None
        optimizer.zero_grad()
        loss = net(torch.ones(8, 4)).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return net, losses


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("at", [0, 3, 20])
@pytest.mark.parametrize("held", HELD)
def test_a_network_is_copied_within_its_pass_with_what_it_holds(held, at, how):
    net, losses = train(HELD[held], COPIES[how], at, at + 3)
    assert losses == train(HELD[held], None, at, at + 3)[1]
    assert torch._C._len_torch_function_stack() == 0
    (twin,) = net.copies
    out = twin(torch.ones(8, 4))
    assert out.shape == (8, 2)
    assert torch._C._len_torch_function_stack() == 0


def test_a_copied_penalty_says_of_which_network_it_is():
    net, _ = train(HELD["separation"], copy.deepcopy, 1, 3)
    assert net.held().requires_grad
    with pytest.raises(StabilityError, match="not a compiled or copied one"):
        net.copies[0].held()
