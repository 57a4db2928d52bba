"""Whose parameters an optimiser holds, and how its closure is wrapped."""

import pytest
import torch
from torch import nn

from stability.training.monitoring import Monitor
from stability.training.monitoring.optimisers import holds, ids, with_closure


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
