"""States are taken by monitors of the same network only."""

import io
from functools import cache

import pytest
import torch
from torch import nn

from stability import Controller, Monitor
from stability.errors import StabilityError
from stability.training.monitoring.same_network import resumed, shapes_of


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
    for kept, now in ((shapes_of(lazy), whole), (shapes_of(whole), lazy)):
        assert resumed({"steps": 1, "next": 2, "network": kept}, now)[:3] == (1, 2, 0)


def test_shapes_that_each_process_has_for_itself_are_not_compared():
    class Sharded(nn.Module):
        def __init__(self):
            super().__init__()
            self._fsdp_wrapped_module = nn.Linear(2, 2)

    assert shapes_of(Sharded()) is None
    assert resumed({"steps": 1, "next": 2, "network": None}, network())[:3] == (1, 2, 0)
    assert resumed({"steps": 1, "next": 2, "network": {"a": [3]}}, Sharded())[:3] == (1, 2, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"network": 3}, {"network": {"a": 3}}, {"steps": "x"}, {"unclipped": "x"}, 7, None, []),
        *({"kept": 3}, {"kept": ("0.weight", True)}, {"holders": ("x", ())}, {"holders": (3, 4)}),
    ],
)
def test_what_is_no_state_is_refused(wrong):
    state = {"steps": 1, "next": 2} | wrong if isinstance(wrong, dict) else wrong
    with pytest.raises(StabilityError, match="Expected the state of a monitor; got something else"):
        resumed(state, network())


LOOPS = (
    "a layer that nobody holds",
    "two optimisers",
    "zero_grad",
    "zeros",
    "zeros past the count",
    "nothing is zeroed",
)


def started(loop):
    """Return a network and its optimisers, always from the same start."""
    model = network()
    parts = [[*part.parameters()] for part in model if isinstance(part, nn.Linear)]
    if loop == "two optimisers":
        return model, [torch.optim.Adam(parts[0], 1e-3), torch.optim.Adam(parts[1] + parts[2], 1e-3)]
    held = parts[0] + parts[1] if loop == "a layer that nobody holds" else [*model.parameters()]
    return model, [torch.optim.SGD(held, 1e-3)]


def steps(loop, model, optimizers, numbers):
    for number in numbers:
        x = torch.randn(8, 3, generator=torch.Generator().manual_seed(number))
        if loop == "zeros past the count":
            for each in model.parameters():
                if each.grad is not None:
                    each.grad.data.zero_()
        elif loop != "nothing is zeroed":
            model.zero_grad(set_to_none=loop != "zeros")
        model(x).square().mean().backward()
        for each in optimizers:
            each.step()


@cache
def uninterrupted(loop, every):
    model, optimizers = started(loop)
    with Monitor(model, every) as monitor:
        steps(loop, model, optimizers, range(50))
    return monitor.readings


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("stop", [3, 10, 22, 30])
def test_a_resumed_run_reads_what_the_uninterrupted_one_does(loop, every, stop):
    whole = uninterrupted(loop, every)
    if loop == "a layer that nobody holds":
        assert "no optimiser" in whole[-1].skipped[0]
    assert whole[-1].gradient_kept == (loop == "nothing is zeroed")
    model, optimizers = started(loop)
    with Monitor(model, every) as first:
        steps(loop, model, optimizers, range(stop))
        slopes = [each.grad for each in model.parameters()]
        file = io.BytesIO()
        torch.save([model.state_dict(), [each.state_dict() for each in optimizers], slopes, first.state_dict()], file)
    file.seek(0)
    weights, memories, slopes, state = torch.load(file, weights_only=True)
    model, optimizers = started(loop)
    model.load_state_dict(weights)
    for parameter, slope in zip(model.parameters(), slopes, strict=True):
        parameter.grad = slope
    for optimizer, memory in zip(optimizers, memories, strict=True):
        optimizer.load_state_dict(memory)
    with Monitor(model, every) as second:
        second.load_state_dict(state)
        steps(loop, model, optimizers, range(stop, 50))
    assert repr(second.readings) == repr(whole)


def test_a_layer_that_is_replaced_after_a_training_was_resumed_is_held_by_nobody():
    model, optimizers = started("zero_grad")
    with Monitor(model) as monitor:
        steps("zero_grad", model, optimizers, range(30))
        state = monitor.state_dict()
    with Monitor(model) as monitor:
        monitor.load_state_dict(state)
        steps("zero_grad", model, optimizers, range(2))
        assert monitor.latest.unread == 0
        model[4] = nn.Linear(4, 1)
        steps("zero_grad", model, optimizers, range(2))
        assert monitor.latest.skipped[0].startswith("steps of 4.weight, 4.bias: they get gradients, and no optimiser")


def test_states_of_older_versions_are_taken():
    model, optimizers = started("zero_grad")
    with Monitor(model) as monitor:
        steps("zero_grad", model, optimizers, range(5))
        state = monitor.state_dict()
        del state["kept"], state["holders"]
        monitor.load_state_dict(state)
        steps("zero_grad", model, optimizers, range(5))
        assert monitor.steps == 10
