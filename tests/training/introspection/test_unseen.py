"""What a monitor computes for itself: no mode of torch functions sees it, and no class of tensors."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils._device import DeviceContext

from stability import Monitor, SeparationLoss
from stability.training.monitoring.one_pass import compiled
from stability.training.monitoring.settled_steps import SettledSteps

USUAL = 45
"""More steps than until steps that are alike are read on the short path."""


class Written(nn.Module):
    """A network that calls functions, so that every pass of it is traced."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = nn.Linear(4, 16), nn.Linear(16, 16), nn.Linear(16, 3)

    def forward(self, x):
        return self.three(functional.relu(self.two(functional.relu(self.one(x)))))


class Odd(Written):
    """Its passes are of five kinds in turn, more than are known by heart, and one ReLU writes into what it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def forward(self, x):
        self.count += 1
        hidden = functional.relu(self.two(functional.relu_(self.one(x[: 20 + self.count % 5]))))
        return self.three(hidden.view(-1, 2, 8).flatten(1).clamp(min=0) * 1.0)


def modules() -> nn.Module:
    """Return one with enough entries for the short path."""
    return nn.Sequential(nn.Linear(4, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 3))


def batch_normed() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))


def normed() -> nn.Module:
    first = nn.utils.parametrizations.weight_norm(nn.Linear(4, 16))
    return nn.Sequential(first, nn.ReLU(), nn.Linear(16, 3))


NETWORKS = {"functions": Written, "odd": Odd, "modules": modules, "batch norm": batch_normed}
NETWORKS["weight norm"] = normed


class Calls(TorchFunctionMode):
    """Notes the names of the functions that are called under it."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.names.append(getattr(func, "__name__", str(func)))
        return func(*args, **(kwargs or {}))


class Own(torch.Tensor):
    """A class of tensors that notes what it is asked for."""

    names: list[str] = []  # noqa: RUF012

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.names.append(getattr(func, "__name__", str(func)))
        return super().__torch_function__(func, types, args, kwargs or {})


def made(network: str) -> tuple[nn.Module, torch.Tensor]:
    torch.manual_seed(0)
    return NETWORKS[network](), torch.randn(128, 4)


def train(net: nn.Module, x: torch.Tensor, kind: str = "SGD", steps: int = USUAL, around=nullcontext, monitoring=None):
    """Return what `around` gave at each step, and what `monitoring` made of the network and its loss."""
    optimizer, criterion = getattr(torch.optim, kind)(net.parameters(), 0.01), nn.MSELoss()
    target, found = torch.zeros(3), []
    monitor = None if monitoring is None else monitoring(net, criterion)

    def loss():
        optimizer.zero_grad()
        out = net(x)
        value = criterion(out, target.expand(out.shape))
        value.backward()
        return value

    for _ in range(steps):
        with around() as each:
            optimizer.step(loss) if kind == "LBFGS" else (loss(), optimizer.step())
        found.append(each)
    return found, monitor


MONITORS = {
    "usual": {},
    "every third": {"every": 3},
    "detail": {"detail": True},
    "ranks": {"quantities": ("effective rank", "stable rank")},
    "stated": {"skip": ["none of these"]},
    "logged": {"log": lambda reading: None},
}


def names_of(calls: list[Calls]) -> list[list[str]]:
    return [each.names for each in calls]


@pytest.mark.parametrize("how", MONITORS)
@pytest.mark.parametrize("network", NETWORKS)
def test_a_mode_sees_what_it_sees_without_a_monitor(network, how):
    expected, _ = train(*made(network), around=Calls)
    net, x = made(network)
    keys = MONITORS[how] if how != "stated" else {"skip": [next(iter(dict(net.named_parameters()))).split(".")[0]]}
    found, monitor = train(net, x, around=Calls, monitoring=lambda net, loss: Monitor(net, criterion=loss, **keys))
    assert names_of(found) == names_of(expected)
    assert len(monitor.readings) == USUAL // keys.get("every", 1)
    assert monitor.readings[-1].layers


@pytest.mark.skipif(compiled() is None, reason="there is no C++ compiler")
def test_a_mode_sees_no_step_of_the_short_path(monkeypatch):
    taken = []
    own = SettledSteps.steps
    monkeypatch.setattr(SettledSteps, "steps", lambda *args: (taken.append(own(*args)), taken[-1])[1])
    expected, _ = train(*made("modules"), around=Calls)
    found, _ = train(*made("modules"), around=Calls, monitoring=lambda net, loss: Monitor(net, criterion=loss))
    assert names_of(found) == names_of(expected)
    assert sum(taken) > 5


@pytest.mark.parametrize("kind", ["SGD", "Adam", "LBFGS"])
def test_a_mode_around_several_monitors_sees_the_calls_once(kind):
    steps = 6 if kind == "LBFGS" else USUAL
    expected, _ = train(*made("functions"), kind, steps, Calls)
    monitoring = lambda net, loss: [Monitor(net, every=k, criterion=loss) for k in (1, 1, 2)]  # noqa: E731
    found, (one, other, _) = train(*made("functions"), kind, steps, Calls, monitoring)
    assert names_of(found) == names_of(expected)
    assert readings_of(one) == readings_of(other)


def test_a_mode_sees_nothing_of_a_step_that_is_said_by_hand():
    net, x = made("functions")
    with Monitor(net) as monitor:
        for _ in range(5):
            torch.autograd.backward(net(x).square().mean())
            with Calls() as calls:
                monitor.step()
            assert not calls.names
    assert len(monitor.readings) == 5


@contextmanager
def counted() -> Iterator[list[int]]:
    """Count the calls of functions of Python."""
    calls = [0]

    def count(frame, event, value):
        calls[0] += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(before)


@pytest.mark.parametrize("network", ["functions", "odd", "modules"])
def test_many_monitors_cost_as_much_as_each_alone(network):
    def calls(count: int) -> int:
        found, monitors = train(
            *made(network), steps=6, around=counted, monitoring=lambda net, loss: [Monitor(net) for _ in range(count)]
        )
        assert all(len(each.readings) == 6 for each in monitors)
        return sum(each[0] for each in found)

    calls(1)
    bare, one = calls(0), calls(1)
    assert calls(7) - bare < 1.5 * 7 * (one - bare)


def readings_of(monitor: Monitor) -> list[str]:
    return [*map(str, monitor.readings)]


def monitored(net: nn.Module, criterion: nn.Module) -> Monitor:
    return Monitor(net, criterion=criterion)


@pytest.mark.parametrize("network", ["functions", "odd", "modules"])
def test_a_class_of_tensors_is_asked_for_what_the_network_needs(network):
    _, plain = train(*made(network), monitoring=monitored)
    net, x = made(network)
    Own.names = []
    train(net, x.as_subclass(Own))
    expected = Own.names
    net, x = made(network)
    Own.names = []
    _, monitor = train(net, x.as_subclass(Own), monitoring=monitored)
    assert Own.names == expected
    assert readings_of(monitor) == readings_of(plain)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_default_device_is_not_that_of_what_is_read(network):
    """On the device meta no number would be left."""
    _, usual = train(*made(network), monitoring=monitored)
    _, monitor = train(*made(network), around=lambda: DeviceContext(torch.device("meta")), monitoring=monitored)
    assert readings_of(monitor) == readings_of(usual)


def test_what_the_user_asked_for_sees_modes_and_classes():
    net, x = made("functions")
    seen = []

    def state(*args):
        seen.append((torch._C._is_torch_function_enabled(), torch.zeros(1).device.type))

    with torch.no_grad():
        net.one.bias.fill_(-1e3)
    with Monitor(net, log=state, on_alarm=state):
        train(net, x, steps=5, around=lambda: DeviceContext(torch.device("meta")))
    assert len(seen) > 5
    assert set(seen) == {(True, "meta")}
    assert torch._C._is_torch_function_enabled()


def test_a_penalty_beside_a_monitor_is_that_without_it():
    def values(monitored_too: bool) -> list[float]:
        net, x = made("functions")
        monitor = Monitor(net) if monitored_too else nullcontext()
        found = []
        with monitor, SeparationLoss(net, "sep-pu", rho=0.5) as separation:
            optimizer = torch.optim.SGD(net.parameters(), 0.01)
            for _ in range(5):
                optimizer.zero_grad()
                loss = net(x).square().mean() + separation()
                loss.backward()
                optimizer.step()
                found.append(loss.item())
        return found

    assert values(True) == values(False)
