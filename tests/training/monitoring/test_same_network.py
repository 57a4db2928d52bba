"""States are taken by monitors of the same network only."""

import io

import pytest
import torch
from torch import nn

from stability import Controller, Monitor
from stability.errors import StabilityError
from stability.training.monitoring.same_network import shapes_of, steps_of


def network(width=4, depth=2):
    torch.manual_seed(0)
    parts = [part for k in range(depth) for part in (nn.Linear(width if k else 3, width), nn.ReLU())]
    return nn.Sequential(*parts, nn.Linear(width, 1))


def trained(kind, model):
    """Return the monitor or controller of a network after three steps."""
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    made = kind(model)
    for _ in range(3):
        optimizer.zero_grad()
        model(torch.ones(2, 3)).sum().backward()
        optimizer.step()
    return made


def kept(made):
    """Return its state as a file keeps it."""
    file = io.BytesIO()
    torch.save(made.state_dict(), file)
    file.seek(0)
    return torch.load(file, weights_only=True)


KINDS = [Monitor, Controller]


@pytest.mark.parametrize("kind", KINDS)
def test_the_state_of_the_same_network_is_taken(kind):
    again = kind(network())
    again.load_state_dict(kept(trained(kind, network())))
    assert getattr(again, "monitor", again).steps == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("other", "said"),
    [
        (lambda: network(5), r"0.weight had the shape \(4, 3\) and has \(5, 3\), .*, and 2 more"),
        (lambda: network(depth=3), r"4.weight had the shape \(1, 4\) and has \(4, 4\), .*, there was no 6.weight"),
        (lambda: network(depth=1), r"there is no 4.weight any more"),
        (lambda: nn.ModuleDict({"body": network()}), "there is no 0.weight any more"),
        (lambda: nn.Sequential(nn.ReLU()), "there is no 0.weight any more"),
    ],
)
def test_the_state_of_another_network_is_refused_and_changes_nothing(kind, other, said):
    state = kept(trained(kind, network()))
    fresh = kind(other())
    before = repr(fresh.state_dict())
    with pytest.raises(StabilityError, match="Expected the state of a monitor of this .*" + said):
        fresh.load_state_dict(state)
    assert repr(fresh.state_dict()) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_without_shapes_is_taken(kind):
    state = kept(trained(kind, network()))
    del state.get("monitor", state)["network"]
    fresh = kind(network())
    fresh.load_state_dict(state)
    assert getattr(fresh, "monitor", fresh).steps == 3


def test_frozen_parameters_copies_and_wrappers_are_the_same_network():
    state = kept(trained(Monitor, network()))
    frozen = network()
    frozen[0].requires_grad_(False)
    for each in (frozen, network().double(), torch.compile(network())):
        Monitor(each).load_state_dict(state)


def test_shapes_that_are_not_there_yet_fit_any():
    lazy = nn.Sequential(nn.LazyLinear(4), nn.ReLU(), nn.Linear(4, 1))
    assert shapes_of(lazy)["0.weight"] is None
    whole = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    assert steps_of({"steps": 1, "next": 2, "network": shapes_of(lazy)}, whole) == (1, 2, 0)
    assert steps_of({"steps": 1, "next": 2, "network": shapes_of(whole)}, lazy) == (1, 2, 0)


def test_shapes_that_each_process_has_for_itself_are_not_compared():
    class Sharded(nn.Module):
        def __init__(self):
            super().__init__()
            self._fsdp_wrapped_module = nn.Linear(2, 2)

    assert shapes_of(Sharded()) is None
    assert steps_of({"steps": 1, "next": 2, "network": None}, network()) == (1, 2, 0)
    assert steps_of({"steps": 1, "next": 2, "network": {"a": [3]}}, Sharded()) == (1, 2, 0)


@pytest.mark.parametrize(
    "wrong", [{"network": 3}, {"network": {"a": 3}}, {"steps": "x"}, {"unclipped": "x"}, 7, None, []]
)
def test_what_is_no_state_is_refused(wrong):
    state = {"steps": 1, "next": 2} | wrong if isinstance(wrong, dict) else wrong
    with pytest.raises(StabilityError, match="Expected the state of a monitor; got something else"):
        steps_of(state, network())
