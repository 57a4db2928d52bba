"""Whose parameters an optimiser holds, and how its closure is wrapped."""

import gc
import itertools
import weakref

import pytest
import torch
from torch import nn
from torch.optim.optimizer import (
    _global_optimizer_post_hooks,
    _global_optimizer_pre_hooks,
    register_optimizer_step_pre_hook,
)

from stability.training.control.controller import Controller
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.optimizer_hooks import holds, ids, with_closure


def twice(closure):
    return lambda: 2 * closure()


def test_an_optimiser_holds_what_is_in_one_of_its_groups():
    one, other, third = (nn.Linear(2, 2) for _ in range(3))
    optimizer = torch.optim.SGD([{"params": one.parameters()}, {"params": [other.bias], "lr": 0.1}], lr=1.0)
    assert holds(optimizer, ids(one.parameters()))
    assert holds(optimizer, ids(other.parameters()))
    assert not holds(optimizer, ids(third.parameters()))
    assert not holds(optimizer, ids([]))


def test_a_closure_is_wrapped_wherever_it_stands():
    args, kwargs = with_closure(("optimizer", lambda: 3, "more"), {"a": 1}, twice)
    assert (args[0], args[1](), args[2], kwargs) == ("optimizer", 6, "more", {"a": 1})
    args, kwargs = with_closure(("optimizer",), {"a": 1, "closure": lambda: 3}, twice)
    assert (args, kwargs["closure"](), kwargs["a"]) == (("optimizer",), 6, 1)
    assert with_closure(("optimizer",), {}, twice) is None
    assert with_closure(("optimizer", None), {"closure": None}, twice) is None


@pytest.mark.parametrize("named", [False, True])
def test_a_monitor_reads_at_the_first_call_of_a_closure(named):
    torch.manual_seed(0)
    net, x = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1)), torch.randn(5, 2)
    optimizer = torch.optim.LBFGS(net.parameters(), max_iter=3)
    first = []

    def closure():
        optimizer.zero_grad()
        loss = net(x).square().mean()
        loss.backward()
        first.append((loss.item(), float(net[0].weight.grad.norm())))
        return loss

    with Monitor(net) as monitor:
        optimizer.step(closure=closure) if named else optimizer.step(closure)
    assert len(first) > 1
    (reading,) = monitor.readings
    assert (reading.loss, reading.layers[0].gradient_norm) == pytest.approx(first[0], rel=1e-6)


def net_of(widths=(2, 4, 4, 1)):
    torch.manual_seed(0)
    maps = [nn.Linear(a, b) for a, b in itertools.pairwise(widths)]
    return nn.Sequential(*[part for each in maps for part in (each, nn.ReLU())][:-1])


@pytest.mark.parametrize("count", [1, 2, 3, 6])
@pytest.mark.parametrize("every", [1, 10])
def test_a_step_of_training_counts_once_whatever_the_number_of_optimisers(count, every):
    net, x = net_of(), torch.randn(8, 2)
    parameters = [*net.parameters()]
    optimizers = [torch.optim.SGD(parameters[i::count], 0.001) for i in range(count)]
    with Monitor(net, every) as monitor:
        for _ in range(40):
            for each in optimizers:
                each.zero_grad()
            net(x).square().mean().backward()
            for each in optimizers:
                each.step()
    assert monitor.steps == 40
    assert [reading.step for reading in monitor.readings] == list(range(0, 40, every))


def test_alternating_optimisers_with_passes_of_their_own_make_one_step():
    net, x = net_of(), torch.randn(8, 2)
    critic = torch.optim.SGD(net[4].parameters(), 0.001)
    maker = torch.optim.SGD([*net[0].parameters(), *net[2].parameters()], 0.001)
    with Monitor(net) as monitor:
        for k in range(20):
            for each in (critic, maker) if k % 5 == 4 else (critic,):
                net.zero_grad()
                net(x).square().mean().backward()
                each.step()
        assert monitor.steps == 20
        for _ in range(3):
            net(x).square().mean().backward()
        torch.optim.Adam(net.parameters()).step()
        net(x).square().mean().backward()
        torch.optim.Adam(net.parameters()).step()
    assert monitor.steps == 22


def test_a_second_step_after_one_pass_is_no_step_of_training():
    net, x = net_of(), torch.randn(8, 2)
    optimizer = torch.optim.SGD(net.parameters(), 0.001)
    with Monitor(net) as monitor:
        for _ in range(3):
            net(x).square().mean().backward()
            optimizer.step()
            optimizer.step()
    assert monitor.steps == 3


@pytest.mark.parametrize("kind", [Monitor, Controller])
def test_who_is_never_closed_reads_as_long_as_its_network_lives_and_no_longer(kind):
    heard = []

    def train():
        net, x = net_of(), torch.randn(8, 2)
        optimizer = torch.optim.SGD(net.parameters(), 0.001)
        kind(Monitor(net, log=heard.append, detail=True)) if kind is Controller else kind(net, log=heard.append)
        for _ in range(3):
            gc.collect()
            net(x).square().mean().backward()
            optimizer.step()
        return weakref.ref(net), weakref.ref(net[0].weight)

    gc.collect()
    kind(net_of()).close()  # which removes what is left of those of other tests
    gc.freeze()  # so that what other tests left alive is not searched again and again
    before = [len(each) for each in (_global_optimizer_pre_hooks, _global_optimizer_post_hooks)]
    alive = train()
    gc.collect()
    assert len(heard) == 3
    assert [each() for each in alive] == [None, None]
    with kind(net_of()):
        pass
    assert [len(each) for each in (_global_optimizer_pre_hooks, _global_optimizer_post_hooks)] == before


@pytest.mark.parametrize("kind", [Monitor, Controller])
def test_who_ends_within_a_step_of_another_network_does_not_disturb_it(kind):
    net, x = net_of(), torch.randn(8, 2)
    optimizer = torch.optim.SGD(net.parameters(), 0.001)
    others = [net_of()]
    kind(others[0])

    def collect(*step):
        others.clear()
        gc.collect()

    end = register_optimizer_step_pre_hook(collect)
    try:
        kind(others[0])
        with Monitor(net) as monitor:
            net(x).square().mean().backward()
            optimizer.step()
    finally:
        end.remove()
    assert not others
    assert monitor.steps == 1


class Sharpness(torch.optim.Optimizer):
    """Sharpness-aware minimisation: the gradient is that of the weights a step uphill; another optimiser descends."""

    def __init__(self, parameters, base):
        super().__init__(parameters, {})
        self.base, self.kept = base, []

    @torch.no_grad()
    def climb(self):
        own = [p for group in self.param_groups for p in group["params"]]
        self.kept = [p.clone() for p in own]
        for parameter in own:
            parameter.add_(parameter.grad, alpha=0.05)
        self.base.zero_grad()

    @torch.no_grad()
    def descend(self):
        for parameter, kept in zip((p for group in self.param_groups for p in group["params"]), self.kept, strict=True):
            parameter.copy_(kept)
        self.base.step()

    def step(self, closure):
        loss = closure()
        self.climb()
        closure()
        self.descend()
        return loss


SHARP = {
    "closure": lambda optimizer, closure: optimizer.step(closure),
    "by hand": lambda optimizer, closure: (closure(), optimizer.climb(), closure(), optimizer.descend()),
}


@pytest.mark.parametrize("made_for", [Monitor, lambda net: Controller(net, every=1)])
@pytest.mark.parametrize("way", SHARP)
def test_a_step_that_an_optimiser_lets_another_make_is_one_step(way, made_for):
    torch.manual_seed(0)
    net, x = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1)), torch.randn(5, 2)
    base, losses = torch.optim.SGD(net.parameters(), 0.01), []
    optimizer = Sharpness(net.parameters(), base)

    def closure():
        base.zero_grad()
        loss = net(x).square().mean()
        loss.backward()
        losses.append(loss.item())
        return loss

    with made_for(net) as made:
        monitor = getattr(made, "monitor", made)
        for _ in range(4):
            SHARP[way](optimizer, closure)
    assert (monitor.steps, len(losses)) == (4, 8)
    assert [reading.step for reading in monitor.readings] == [0, 1, 2, 3]
    if way == "closure":
        assert [reading.loss for reading in monitor.readings] == pytest.approx(losses[::2])


def test_steps_of_optimisers_beside_each_other_are_steps_of_their_own():
    net, x = nn.Linear(2, 1), torch.randn(5, 2)
    pair = [torch.optim.SGD(net.parameters(), 0.01) for _ in range(2)]
    with Monitor(net) as monitor:
        for optimizer in 3 * pair:
            net(x).square().mean().backward()
            optimizer.step()
    assert monitor.steps == 6
