"""Ranges of tensors hold whatever the parameters are, and what depends on chance is seen."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional

from stability import recovery
from stability.dead_units.trace import CallTrace
from stability.training.introspection.names import Names

INF = float("inf")
CASES = {
    "relu": (torch.relu, (0, INF)),
    "relu6": (functional.relu6, (0, 6)),
    "sigmoid": (torch.sigmoid, (0, 1)),
    "softmax": (lambda x: functional.softmax(x, -1), (0, 1)),
    "tanh": (torch.tanh, (-1, 1)),
    "flat": (lambda x: torch.relu(x).flatten(1), (0, INF)),
    "dropped": (lambda x: functional.dropout(torch.sigmoid(x), 0.5), (0, 2)),
    "pooled": (lambda x: functional.max_pool1d(torch.tanh(x), 2), (-1, 1)),
    "shifted": (lambda x: torch.sigmoid(x) + 0, None),
    "mean": (lambda x: functional.avg_pool1d(functional.relu6(x), 2), (0, 6)),
    "sum": (lambda x: torch.relu(x) + 1, None),
    "changed in place": (lambda x: torch.relu(x).sub_(1), None),
    "changed through a view": (lambda x: (h := torch.relu(x), h.view(-1).sub_(1))[0], None),
    "changed through what is detached": (lambda x: (h := torch.relu(x), h.detach().sub_(1))[0], None),
    "sum of a pool": (lambda x: functional.avg_pool2d(torch.sigmoid(x), 2, divisor_override=1), None),
    "data": (lambda x: x, None),
}


@pytest.mark.parametrize(("function", "wanted"), CASES.values(), ids=CASES)
def test_a_range_holds_the_tensor(function, wanted):
    x = 9 * torch.randn(4, 6, 8)
    with CallTrace(Names(nn.Identity())) as trace:
        out = function(x)
    found = trace.range_of(out)
    if wanted is None:
        assert found is None
        return
    assert found == pytest.approx(wanted)
    assert found[0] <= out.min()
    assert out.max() <= found[1]


def test_chance_and_training_are_seen_through_what_follows():
    drop, norm, linear = nn.Dropout(0.5), nn.BatchNorm1d(3, affine=False), nn.Linear(3, 3).requires_grad_(False)
    trained = nn.Linear(3, 3)
    x = torch.randn(5, 3)
    with CallTrace(Names(nn.Identity())) as trace:
        quiet, dropped, normed = linear(x), linear(torch.cat([drop(x)])), linear(norm(x))
        later, learnt = linear(norm.eval()(drop.eval()(x))), linear(trained(x).detach())
    found = [trace.changes(each) for each in (quiet, dropped, normed, later, learnt)]
    assert found == [False, True, True, False, True]


def test_data_are_what_is_given_and_was_not_written_into():
    x, y = torch.randn(4, 6), torch.randn(4, 6)
    with CallTrace(Names(nn.Identity()), [x, y]) as trace:
        copies = x, x.view(4, 2, 3).clone(), x.double()
        others = x + 0, x.view(2, 12), x.narrow(1, 0, 3), x.t(), torch.zeros(4, 6), y
        y[:, 0] = 1
    assert [trace.is_data(each) for each in copies] == [True] * 3
    assert [trace.is_data(each) for each in others] == [False] * 6


def test_no_two_activations_have_one_name():
    linear = nn.Linear(2, 2)
    with CallTrace(Names(nn.Identity())) as trace:
        h = functional.leaky_relu(linear(torch.randn(3, 2)))
        for _ in range(2):
            torch.relu(torch.stack([h, h], 1).median(1).values)
            torch.relu(h * 2)
        z = linear(h)
        torch.relu(z), torch.relu(z)
    names = [each.name for each in trace.activations]
    assert len(names) == len({*names}) == 6


def test_activations_that_are_used_elsewhere_are_seen():
    linear = nn.Linear(2, 2)
    x = torch.randn(3, 2)
    with CallTrace(Names(nn.Identity())) as trace:
        z = linear(x)
        both = torch.relu(z) * z.sum()
        alone = torch.relu(linear(x))
        inside = functional.relu(linear(x), inplace=True) + 1
        returned = linear(x)
        out = both, alone, inside, returned, torch.relu(returned)
    assert [trace.is_used_elsewhere(each, out) for each in trace.activations] == [True, False, False, True]
    assert trace.uses(linear.weight) == 4


class Kept:
    __slots__ = ("own",)

    def __init__(self, own):
        self.own = own


OUTPUTS = {
    "an object": lambda z, w: SimpleNamespace(z=z),
    "slots": lambda z, w: Kept([z]),
    "a distribution": lambda z, w: torch.distributions.Normal(z, torch.ones(())),
    "a set": lambda z, w: {z},
    "the weight": lambda z, w: {"w": w},
    "an object with the weight": lambda z, w: SimpleNamespace(w=(w,)),
}


@pytest.mark.parametrize("what", OUTPUTS.values(), ids=OUTPUTS)
def test_what_an_output_holds_may_be_in_the_loss(what):
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.out = nn.Linear(2, 3), nn.Linear(3, 1)
            nn.init.constant_(self.layer.bias, -9.0)

        def forward(self, x):
            z = self.layer(x)
            return self.out(torch.relu(z)), what(z, self.layer.weight)

    model = Own()
    found = recovery(model, torch.rand(4, 2), torch.optim.SGD(model.parameters(), lr=0.1))
    assert {each.status for each in found.units} == {"unknown"}
