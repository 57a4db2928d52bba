"""Is a network with hooks recorded, saved and copied as if it had none?"""

import copy
import io
import pickle
import threading
import warnings

import pytest
import torch
from torch import nn
from torch.fx.experimental.proxy_tensor import make_fx

from stability.training.control.controller import Controller
from stability.training.control.leaky_slopes import LeakySlopes
from stability.training.introspection.hooks import Hook, SwitchedHook, is_recorded
from stability.training.monitoring.monitor import Monitor

X = torch.linspace(-1, 1, 10).reshape(5, 2)


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))


def exported(strict):
    def nodes(model):
        program = torch.export.export(model, (X,), strict=strict)
        return [str(node.target) for node in program.graph.nodes]

    return nodes


def traced(model):
    return [node.kind() for node in torch.jit.trace(model, X).inlined_graph.nodes()]


def symbolic(model):
    return [str(node.target) for node in torch.fx.symbolic_trace(nn.Sequential(model)).graph.nodes]


def decomposed(model):
    return [str(node.target) for node in make_fx(model)(X).graph.nodes]


def compiled(model):
    kept = []

    def backend(graph, inputs):
        kept.extend(str(node.target) for node in graph.graph.nodes if node.op == "call_function")
        return graph.forward

    torch.compiler.reset()
    torch.compile(model, backend=backend, fullgraph=True)(X)
    return kept


RECORDERS = {
    "export": exported(False),
    "strict export": exported(True),
    "jit": traced,
    "fx": symbolic,
    "make_fx": decomposed,
    "compile": compiled,
}


@pytest.mark.parametrize("how", RECORDERS)
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning", "ignore:.*constant:torch.jit.TracerWarning")
def test_a_recording_of_a_monitored_network_is_that_of_the_bare_one(how):
    expected = RECORDERS[how](net())
    model = net()
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model) as monitor, Controller(model, "better", every=1):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            assert RECORDERS[how](model) == expected
        assert not is_recorded()
        model(X).mean().backward()
        optimiser.step()
        assert [layer.name for layer in monitor.latest.layers] == ["0"]


def test_a_leaky_slope_is_in_no_recording():
    model = net()
    with LeakySlopes(model) as leaky:
        leaky.set("0", 0.1, 5)
        assert not torch.equal(model(X), net()(X))
        assert exported(False)(model) == exported(False)(net())


@pytest.mark.parametrize("observe", [lambda model: Monitor(model), lambda model: Controller(model, "better", every=1)])
def test_copies_and_files_are_of_a_network_without_monitor(observe):
    model, bare = net(), net()
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    with observe(model) as observer:
        monitor = getattr(observer, "monitor", observer)
        for _ in range(2):
            model(torch.randn(50_000, 2)).mean().backward()
            optimiser.step()
        file = io.BytesIO()
        torch.save(model, file)
        average = torch.optim.swa_utils.AveragedModel(model)
        average.update_parameters(model)
        file.seek(0)
        copies = [
            copy.deepcopy(model),
            pickle.loads(pickle.dumps(model)),
            torch.load(file, weights_only=False),
            average.module,
        ]
        taken = len(monitor.readings)
        for each in copies:
            own = torch.optim.SGD(each.parameters(), 0.1)
            each(X).mean().backward()
            own.step()
            assert not any(isinstance(hook, Hook) for hook in each._forward_hooks.values())
            assert len(pickle.dumps(each)) < len(pickle.dumps(bare)) + 400
        assert len(monitor.readings) == taken == 2


def test_a_network_may_hold_its_monitor(tmp_path):
    model = net()
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    heard = {"log": lambda reading: None, "on_alarm": lambda alarm: None}
    with Monitor(model, **heard, stream=tmp_path / "a.jsonl") as model.monitor:
        torch.optim.SGD(nn.Linear(1, 1).parameters()).step()
        model(X).mean().backward()
        optimiser.step()
        for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            own = torch.optim.SGD(twin.parameters(), 0.1)
            twin(X).mean().backward()
            own.step()
            assert twin.monitor.model is twin
            assert repr(twin.monitor.readings) == repr(model.monitor.readings)
            assert len(model.monitor.readings) == 1
        assert len((tmp_path / "a.jsonl").read_text().splitlines()) == 1


def test_a_network_that_holds_its_monitor_carries_nothing_of_others():
    others, model = net(), net()
    with Controller(others), Monitor(others), Monitor(model) as model.monitor:
        alone = len(pickle.dumps(model))
        assert "Controller" not in str(pickle.dumps(model))
        assert len(pickle.dumps(copy.deepcopy(model))) < alone + 100


def test_a_network_may_hold_its_controller():
    model = net()
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    with Controller(
        model, optimizer=optimiser, every=1, per_example_loss=lambda out: out[:, 0] ** 2
    ) as model.controller:
        model(X).mean().backward()
        optimiser.step()
        for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            own = torch.optim.SGD(twin.parameters(), 0.1)
            twin(X).mean().backward()
            own.step()
            assert twin.controller.monitor.model is twin
            assert len(twin.controller.monitor.readings) == len(model.controller.monitor.readings) == 1
            twin.controller.close()
        assert model.controller.log == []


def test_substitutes_of_parameters_are_not_kept():
    """A hypernetwork's weights hold its graph, and that the batch."""
    import gc
    import weakref

    model, maker = net(), nn.Linear(2, 8)
    with Monitor(model) as monitor:
        x = torch.randn(6, 2)
        made = maker(x).mean(0).reshape(4, 2)
        gone = weakref.ref(made)
        out = torch.func.functional_call(model, {"0.weight": made}, (x,))
        out.mean().backward()
        monitor.step()
        assert [layer.name for layer in monitor.latest.layers] == ["0"]
        del made, out
        gc.collect()
        assert gone() is None


def test_removed_it_does_not_come_back_and_copies_hear_nothing():
    criterion, heard = nn.MSELoss(), []
    hook = SwitchedHook(criterion, lambda module, args, loss: heard.append(loss))
    other = copy.deepcopy(hook)
    other.set_active(True)
    assert len(criterion._forward_hooks) == 1
    hook.set_active(True)
    assert len(criterion._forward_hooks) == 1
    hook.remove()
    hook.set_active(True)
    criterion(torch.ones(1), torch.ones(1))
    assert heard == []


@pytest.mark.parametrize("every", [1, 3])
def test_between_readings_a_network_has_one_hook(every):
    model = net()
    optimizer, there = torch.optim.SGD(model.parameters(), 0.1), []
    with Monitor(model, every=every):
        for _ in range(7):
            optimizer.zero_grad()
            model(X).square().mean().backward()
            there.append((len(model._forward_pre_hooks), len(model._forward_hooks)))
            optimizer.step()
        with torch.no_grad():
            model.eval()(X)
        assert not model._forward_hooks
    assert there == [(1, int(step % every == 0)) for step in range(7)]
    assert not model._forward_pre_hooks


def test_it_stays_until_it_is_called_and_while_others_are_there():
    criterion = nn.MSELoss()
    hook = SwitchedHook(criterion, lambda module, args, loss: None)

    def there(active):
        hook.set_active(active)
        return hook._hook in criterion._forward_hooks.values()

    assert there(False)
    criterion(torch.ones(1), torch.ones(1))
    assert not there(False)
    other = criterion.register_forward_hook(lambda module, args, loss: None)
    assert there(True)
    assert next(iter(criterion._forward_hooks.values())) is hook._hook
    assert there(False)
    other.remove()
    assert not there(False)


@pytest.mark.parametrize("before", [True, False])
def test_one_that_is_not_active_at_first_is_called_before_hooks_that_came_later(before):
    criterion, heard = nn.MSELoss(), []
    if before:
        criterion.register_forward_hook(lambda module, args, loss: loss + 1)
    hook = SwitchedHook(criterion, lambda module, args, loss: heard.append(loss.item()), active=False)
    criterion.register_forward_hook(lambda module, args, loss: loss + 10)
    hook.set_active(True)
    criterion(torch.ones(1), torch.ones(1))
    assert heard == [float(before)]


def test_a_thread_that_takes_it_off_waits_for_no_reason_to_keep_it():
    criterion, asked, put = nn.MSELoss(), threading.Event(), threading.Event()
    hook = SwitchedHook(criterion, lambda module, args, loss: None)
    criterion(torch.ones(1), torch.ones(1))

    class Slow:
        """Is false, after another thread has had the time to put the hook on."""

        def __bool__(self):
            asked.set()
            put.wait(0.2)
            return False

    def puts():
        asked.wait()
        hook.set_active(True)
        put.set()

    threads = [threading.Thread(target=puts), threading.Thread(target=hook.set_active, args=(Slow(),))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(criterion._forward_hooks) == 1


@pytest.mark.parametrize("every", [1, 2])
def test_nothing_is_compiled_anew_for_readings(every):
    """Compiled code is made anew where hooks come or go."""
    model, criterion, compiled = net(), nn.MSELoss(), []

    def backend(graph, inputs):
        compiled.append(graph)
        return graph

    torch._dynamo.reset()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with warnings.catch_warnings(), Monitor(model, every=every, criterion=criterion) as monitor:
        warnings.simplefilter("ignore")
        loss = torch.compile(lambda: criterion(model(X), X[:, :1]), backend=backend)
        for _ in range(6):
            optimizer.zero_grad()
            loss().backward()
            optimizer.step()
            with torch.no_grad():
                model.eval()(X)
            model.train()
    torch._dynamo.reset()
    assert len(compiled) == 1
    assert len(monitor.readings) == 6 / every


def test_a_pass_that_is_read_in_another_thread_ends_although_one_is_not_read_here():
    model, inner = net(), []
    optimizer = torch.optim.SGD(model.parameters(), 0.1)

    class Within(nn.Module):
        """Runs the network in another thread, without gradients, in the midst of its own pass."""

        def forward(self, x):
            if torch.is_grad_enabled():
                thread = threading.Thread(target=lambda: inner.append(unread(model)))
                thread.start()
                thread.join()
            return x

    def unread(model):
        with torch.no_grad():
            return model(X).sum().item()

    model.insert(2, Within())
    with Monitor(model) as monitor:
        for _ in range(4):
            optimizer.zero_grad()
            model(X).square().mean().backward()
            optimizer.step()
    assert len(inner) == 4
    assert [len(reading.layers) for reading in monitor.readings] == [1] * 4
