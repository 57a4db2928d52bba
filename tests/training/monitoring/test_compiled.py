"""A network that torch.compile made is monitored as the network itself, whichever comes first."""

import contextlib
import copy
import warnings

import pytest
import torch
from torch import nn

from stability import Controller, Monitor
from stability.training.monitoring.processes import bare

X = torch.randn(16, 3, generator=torch.Generator().manual_seed(2))


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1))


def trained(order, backend, observe=Monitor):
    """Return the weights after four steps of a compiled network, and what observed it."""
    torch.compiler.reset()
    model, found = network(), None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if order == "monitor first":
            found = observe(model)
        compiled = torch.compile(model, backend=backend)
        if order == "compile first":
            found = observe(compiled)
        optimiser = torch.optim.Adam(compiled.parameters(), 0.01)
        for _ in range(4):
            optimiser.zero_grad()
            loss = compiled(X).square().mean()
            if isinstance(found, Monitor):
                found.note(loss)
            loss.backward()
            optimiser.step()
        if found is not None:
            found.close()
    return [p.detach().clone() for p in model.parameters()], found


@pytest.mark.parametrize("backend", ["aot_eager", pytest.param("inductor", marks=pytest.mark.slow)])
def test_either_order_reads_the_same_and_changes_nothing(backend):
    alone, _ = trained("nobody", backend)
    readings = []
    for order in ("monitor first", "compile first"):
        weights, monitor = trained(order, backend)
        assert all(map(torch.equal, weights, alone))
        readings.append(monitor.readings)
    one, other = readings
    assert [str(each.to_json()) for each in one] == [str(each.to_json()) for each in other]
    assert [layer.name for layer in one[-1].layers] == ["0", "2", "4"]
    assert len(one) == 4
    assert one[-1].gradient_norm > 0
    assert one[-1].update_ratio > 0
    assert one[-1].unread == 1


def test_numbers_of_weights_and_gradients_are_those_of_the_network_that_is_not_compiled():
    _, monitor = trained("compile first", "eager")
    model = network()
    optimiser = torch.optim.Adam(model.parameters(), 0.01)
    with Monitor(model) as plain:
        for _ in range(4):
            optimiser.zero_grad()
            loss = model(X).square().mean()
            plain.note(loss)
            loss.backward()
            optimiser.step()
    for one, other in zip(monitor.readings, plain.readings, strict=True):
        assert one.loss == pytest.approx(other.loss, rel=1e-6)
        assert one.gradient_norm == pytest.approx(other.gradient_norm, rel=1e-6)
        assert one.weight_norm == pytest.approx(other.weight_norm, rel=1e-6)


def test_a_controller_takes_it_too():
    weights, control = trained("compile first", "aot_eager", Controller)
    assert type(control.monitor.model) is nn.Sequential
    assert all(map(torch.equal, weights, trained("nobody", "aot_eager")[0]))


def test_all_wrappers_are_taken_off():
    model = network()
    once = torch.compile(model)
    assert bare(once) == bare(model) == (model, False)
    assert bare(once)[0] is model
    assert bare(7) == (7, False)


def test_what_is_saved_is_named_as_the_users_own():
    """The state of a monitor of either goes on in one of the other."""
    _, monitor = trained("compile first", "aot_eager")
    state = copy.deepcopy(monitor.state_dict())
    with Monitor(network()) as other:
        other.load_state_dict(state)
        assert [layer.name for layer in other.latest.layers] == ["0", "2", "4"]


def test_a_compiled_step_of_the_optimiser_is_read_and_holds_nothing_of_the_monitor():
    graphs = []

    def backend(graph, inputs):
        graphs.append([node.stack_trace or "" for node in graph.graph.nodes])
        return graph.forward

    def trained(monitored):
        torch._dynamo.reset()
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
        optimiser = torch.optim.Adam(model.parameters())
        step = torch.compile(optimiser.step, backend=backend)
        with Monitor(model) if monitored else contextlib.nullcontext() as monitor:
            for _ in range(3):
                optimiser.zero_grad()
                model(torch.randn(20, 3)).square().mean().backward()
                step()
        return model, monitor

    (alone, _), (model, monitor) = trained(False), trained(True)
    assert [torch.equal(a, b) for a, b in zip(alone.parameters(), model.parameters(), strict=True)] == [True] * 4
    assert [reading.layers[0].points for reading in monitor.readings] == [20] * 3
    assert graphs
    assert not any("monitoring" in trace for graph in graphs for trace in graph)
