"""Slopes reach ReLUs however they are written; where they cannot, that is said and training goes on."""

import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from stability.training.control.controller import Controller, Policy, Rule
from stability.training.control.interventions import Intervention
from stability.training.control.leaky_slopes import LeakySlopes


def set_item(z):
    z[z < 0] = 0
    return z


WAYS = {
    "functional": functional.relu,
    "in place": lambda z: functional.relu(z, inplace=True),
    "method": lambda z: z.relu_(),
    "clamp": lambda z: z.clamp(min=0),
    "clamp in place": lambda z: z.clamp_(min=0),
    "clamp by a tensor": lambda z: torch.clamp(z, min=torch.zeros(())),
    "clamp_min": lambda z: torch.clamp_min(z, 0),
    "maximum": lambda z: torch.maximum(z, torch.zeros_like(z)),
    "max": lambda z: torch.max(torch.zeros(()), z),
    "fmax": lambda z: torch.fmax(z, torch.zeros(())),
    "where": lambda z: torch.where(z > 0, z, 0.0),
    "where, the other way round": lambda z: torch.where(z < 0, torch.zeros_like(z), z),
    "times a mask": lambda z: z * (z > 0),
    "a mask times": lambda z: (z > 0) * z,
    "masked_fill": lambda z: z.masked_fill(z < 0, 0.0),
    "masked_fill in place": lambda z: z.masked_fill_(z < 0, 0.0),
    "set item": set_item,
    "hardtanh": lambda z: functional.hardtanh(z, 0.0, 100.0),
    "threshold": lambda z: functional.threshold(z, 0.0, 0.0),
    "threshold in place": lambda z: functional.threshold(z, 0.0, 0.0, inplace=True),
}


class Net(nn.Module):
    """Two layers with ReLUs as written, between which units stand along two axes for a while."""

    def __init__(self, act):
        super().__init__()
        torch.manual_seed(0)
        self.a, self.b, self.c = (nn.Linear(m, n, dtype=torch.float64) for m, n in ((3, 8), (8, 8), (8, 2)))
        self.act = act

    def forward(self, x):
        h = self.act(self.a(x)).reshape(-1, 2, 4).reshape(-1, 8)
        return self.c(self.act(self.b(h)))


def outcome(model, x):
    model.zero_grad()
    out = model(x)
    out.square().sum().backward()
    return out.detach(), [p.grad.clone() for p in model.parameters()]


@pytest.mark.parametrize("way", WAYS)
def test_slopes_and_gradients_are_those_of_leaky_relus(way):
    model, x = Net(WAYS[way]), torch.randn(16, 3, dtype=torch.float64)
    with LeakySlopes(model) as slopes:
        for name in "ab":
            slopes.set(name, 0.3, 5)
        out, gradients = outcome(model, x)
        slopes.tick()
        assert slopes.unreached() == []
        assert slopes.active == {"a": 0.3, "b": 0.3}
    expected, by_hand = outcome(Net(lambda z: functional.leaky_relu(z, 0.3)), x)
    assert torch.equal(out, expected)
    assert all(torch.allclose(one, other) for one, other in zip(gradients, by_hand, strict=True))
    assert torch.equal(outcome(model, x)[0], outcome(Net(functional.relu), x)[0])


@pytest.mark.parametrize("inplace", [False, True])
def test_a_slope_leaves_the_upper_bound(inplace):
    model, x = Net(lambda z: functional.relu6(z, inplace)), 30 * torch.randn(16, 3, dtype=torch.float64)
    with LeakySlopes(model) as slopes:
        slopes.set("a", 0.2, 5)
        out = model(x)
    h = functional.leaky_relu(model.a(x), 0.2).clamp(max=6)
    assert torch.equal(out, model.c(functional.relu6(model.b(h))))


class Checkpointed(nn.Module):
    """The middle is made once more in the backward pass."""

    def __init__(self, reentrant):
        super().__init__()
        torch.manual_seed(0)
        self.a, self.b, self.c = nn.Linear(3, 8), nn.Linear(8, 8), nn.Linear(8, 1)
        self.reentrant = reentrant

    def forward(self, x):
        h = self.a(x).relu()
        h = h if self.reentrant is None else checkpoint(self.middle, h, use_reentrant=self.reentrant)
        return self.c(self.middle(h) if self.reentrant is None else h)

    def middle(self, h):
        return self.b(h).relu()


class Recurrent(nn.Module):
    """Its ReLUs are inside one call of torch."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.rnn, self.c = nn.RNN(3, 8, nonlinearity="relu", batch_first=True), nn.Linear(8, 1)

    def forward(self, x):
        return self.c(self.rnn(x[:, None].expand(-1, 4, -1))[0][:, -1])


@pytest.mark.parametrize("reentrant", [False, True])
def test_in_a_checkpoint_no_slope_is_in_one_pass_and_not_in_the_other(reentrant):
    model, plain, x = Checkpointed(reentrant), Checkpointed(None), torch.randn(16, 3)
    with LeakySlopes(model) as slopes:
        slopes.set("b", 0.3, 5)
        out, gradients = outcome(model, x)
        assert slopes.unreached() == ["b"]
        assert slopes.unreached() == []
        assert slopes.active == {}
        assert not model._forward_hooks
    expected, by_hand = outcome(plain, x)
    assert torch.equal(out, expected)
    assert all(torch.equal(one, other) for one, other in zip(gradients, by_hand, strict=True))


def test_a_slope_that_nothing_calls_for_is_said_when_its_time_is_over():
    model, x = Net(functional.relu), torch.randn(4, 3, dtype=torch.float64)
    with LeakySlopes(model) as slopes:
        slopes.set("nowhere", 0.3, 2)
        for expected in ([], ["nowhere"]):
            model(x)
            slopes.tick()
            assert slopes.unreached() == expected


@pytest.mark.parametrize("make", [lambda: Checkpointed(False), lambda: Checkpointed(True), Recurrent])
def test_a_controller_says_where_a_slope_cannot_be(make):
    policy = Policy("leak", (Rule("dead data", (Intervention("leaky slope", 0.1, 30),)),))
    model, x = make(), torch.randn(16, 3)
    with torch.no_grad():
        (model.rnn.bias_ih_l0 if isinstance(model, Recurrent) else model.b.bias).fill_(-50)
    optimizer = torch.optim.SGD(model.parameters(), 1e-3)
    with warnings.catch_warnings(), Controller(model, policy, every=1) as controller:
        warnings.simplefilter("ignore")
        for _ in range(4):
            optimizer.zero_grad()
            model(x).square().mean().backward()
            optimizer.step()
    assert any(entry.reason.startswith("cannot: no slope reaches the ReLU of ") for entry in controller.log), [
        entry.row() for entry in controller.log
    ]


@pytest.mark.parametrize("then", ["pass", "tick", "close"])
def test_an_interrupted_pass_leaves_no_mode_on(then):
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Identity())
    slopes = LeakySlopes(model)
    slopes.set("0", 0.1, steps=5)
    handle = model[2].register_forward_hook(interrupted)
    with pytest.raises(KeyboardInterrupt):
        model(torch.ones(4, 2))
    handle.remove()
    {"pass": lambda: model(torch.ones(4, 2)), "tick": slopes.tick, "close": slopes.close}[then]()
    assert not torch._C._len_torch_function_stack()
    z = model[0](-torch.ones(4, 2))
    expected = functional.relu(z) if then == "close" else functional.leaky_relu(z, 0.1)
    assert torch.equal(model(-torch.ones(4, 2)), expected)
    slopes.close()


def interrupted(*args):
    raise KeyboardInterrupt
