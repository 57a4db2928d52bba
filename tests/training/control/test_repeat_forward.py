"""A forward pass made once more is the one that training made: masks, modes and precision; nothing is left of it."""

from collections import namedtuple

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from stability.training.control.repeat_forward import (
    again,
    in_backward,
    is_checkpointed,
    noted,
    same_precision,
    without_graph,
)
from stability.training.introspection.hooks import Hook

Pair = namedtuple("Pair", "left right")


@pytest.fixture
def network():
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 2))


def test_the_masks_of_dropout_are_the_same(network):
    x = torch.randn(16, 4)
    how = noted(network, (x,), {})
    first = network(x)
    other = network(x)
    assert not torch.equal(first, other)
    torch.rand(7)
    with again(network, how):
        assert torch.equal(network(*how.args, **how.kwargs), first)


def test_afterwards_random_states_modes_and_buffers_are_what_they_were(network):
    x = torch.randn(16, 4)
    how = noted(network, (x,), {})
    network(x)
    network.eval()
    state = torch.get_rng_state()
    kept = {name: value.clone() for name, value in network.state_dict().items()}
    with again(network, how):
        assert all(module.training for module in network.modules())
        network(x)
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(module.training for module in network.modules())
    assert all(torch.equal(value, kept[name]) for name, value in network.state_dict().items())


def test_the_same_holds_after_an_error(network):
    how = noted(network, (), {})
    network.eval()
    state = torch.get_rng_state()
    with pytest.raises(RuntimeError), again(network, how):
        network(torch.rand(3, 5))
    assert torch.equal(torch.get_rng_state(), state)
    assert not network.training


def test_modes_of_single_modules_are_those_of_the_pass(network):
    network[3].eval()
    x = torch.randn(5, 4)
    how = noted(network, (x,), {})
    network.train()
    with again(network, how):
        assert [module.training for module in network] == [True, True, True, False, True]
    assert all(module.training for module in network)


def test_no_earlier_hook_of_the_package_notices_and_those_of_others_do(network):
    calls = []
    network.register_forward_hook(Hook(lambda *_: calls.append("ours")))
    network.register_forward_hook(lambda *_: calls.append("theirs"))
    how = noted(network, (torch.randn(3, 4),), {})
    with again(network, how):
        network(*how.args)
    assert calls == ["theirs"]
    network(*how.args)
    assert calls == ["theirs", "ours", "theirs"]


def test_autocast_is_that_of_the_pass(network):
    x = torch.randn(6, 4)
    with torch.autocast("cpu", torch.bfloat16):
        half = noted(network, (x,), {})
    full = noted(network, (x,), {})
    assert half.autocast == (("cpu", True, torch.bfloat16),)
    assert full.autocast[0][:2] == ("cpu", False)
    with same_precision(half):
        assert network[0](x).dtype == torch.bfloat16
    with torch.autocast("cpu", torch.bfloat16), same_precision(full):
        assert network[0](x).dtype == torch.float32
    with torch.autocast("cpu", torch.bfloat16), same_precision(None):
        assert network[0](x).dtype == torch.bfloat16
    assert network[0](x).dtype == torch.float32


def test_what_was_given_keeps_no_graph(network):
    x = torch.randn(3, 4, requires_grad=True)
    how = noted(network, (2 * x, [3 * x]), {"mask": 4 * x, "name": "a"})
    assert torch.equal(how.args[0], 2 * x)
    tensors = [how.args[0], how.args[1][0], how.kwargs["mask"]]
    assert not any(each.requires_grad for each in tensors)
    assert how.kwargs["name"] == "a"


def test_containers_stay_what_they_are():
    x = torch.ones(2, requires_grad=True)
    tree = {"a": (x, [x, 1]), "b": Pair(x, None), 3: "text"}
    found = without_graph(tree)
    assert type(found["b"]) is Pair
    assert (type(found["a"]), type(found["a"][1]), found["a"][1][1], found["b"].right, found[3]) == (
        *(tuple, list, 1, None, "text"),
    )
    assert found["a"][0].data_ptr() == x.data_ptr()
    assert not found["b"].left.requires_grad
    other = object()
    assert without_graph(other) is other
    assert (without_graph(()), without_graph({}), without_graph(None)) == ((), {}, None)


def test_a_backward_pass_is_known_from_inside():
    inside = []
    x = torch.ones(2, requires_grad=True)
    y = 2 * x
    y.register_hook(lambda slope: inside.append(in_backward()))
    assert in_backward() is False
    y.sum().backward()
    assert inside == [True]
    assert in_backward() is False


class Asking(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner, self.said = nn.Linear(2, 2), []

    def forward(self, x):
        self.said.append((is_checkpointed(), in_backward()))
        return self.inner(x)


def test_a_part_that_will_be_recomputed_is_known_from_inside():
    part, x = Asking(), torch.ones(3, 2, requires_grad=True)
    part(x)
    assert part.said.pop() == (False, False)
    out = checkpoint(part, x, use_reentrant=False)
    assert part.said == [(True, False)]
    out.sum().backward()
    assert part.said[1][1] is True
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):
        part(x)
    assert part.said[-1] == (False, False)
