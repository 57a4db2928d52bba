"""Is what cannot be read counted each time, and said once?"""

import math
import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.testing._internal.two_tensor import TwoTensor

from stability import Monitor
from stability.errors import StabilityError
from stability.training.monitoring.unread import Left, Unread


def test_things_are_counted_at_every_reading_and_warned_of_once():
    unread = Unread("Net", strict=False)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for _ in range(2):
            unread.add("abcdeab", "too odd")
            unread.add("x", "is empty", quiet=True)
            unread.add([], "nothing")
            assert unread.take() == Left(("a, b, c and 2 more: too odd", "x: is empty"), 6)
            assert unread.take() == Left()
    assert [str(each.message) for each in said] == [
        "The monitor of Net cannot read this and goes on without: a, b, c and 2 more: too odd."
    ]


def test_errors_are_counted_with_their_first_line():
    unread = Unread("Net", strict=False)
    with pytest.warns(UserWarning, match="cannot read its norms and goes on without: ValueError: bad"):
        unread.fail("its norms", ValueError("bad.\nTry another."))
    assert unread.take() == Left(("its norms: ValueError: bad",), 1)
    with pytest.warns(UserWarning, match="goes on although its log failed: OSError: full"):
        unread.say("its log", OSError("full"))
    assert unread.take() == Left()


def test_strict_ones_raise_after_they_have_closed():
    closed = []
    unread = Unread("Net", strict=True, before=lambda: closed.append(1))
    unread.add("x", "is empty", quiet=True)
    with pytest.raises(StabilityError, match="x: too odd"):
        unread.add("x", "too odd")
    for report in (unread.fail, unread.say):
        with pytest.raises(KeyError):
            report("its norms", KeyError("k"))
    assert len(closed) == 3


def test_what_waits_is_saved():
    unread, other = Unread("Net", strict=False), Unread("Net", strict=False)
    unread.add("ab", "is empty", quiet=True)
    other.load_state_dict(unread.state_dict())
    assert other.take() == unread.take() == Left(("a, b: is empty",), 2)


class Sharded(nn.Module):
    """Computes with the parts of weights whose kind is not read, as networks do that `fully_shard` spreads."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.weight = nn.Parameter(TwoTensor(torch.randn(4, 3), torch.randn(4, 3)))

    def forward(self, x):
        return torch.relu(functional.linear(x, self.weight.a)).sum()


@pytest.mark.filterwarnings("ignore:.*weight. its tensor is of a kind of its own")
def test_norms_of_a_network_without_a_parameter_that_can_be_read_are_not_known():
    """They were 0, beside `unread`."""
    network = Sharded()
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    with Monitor(network) as monitor:
        for _ in range(2):
            network(torch.ones(2, 3))
            network.weight.grad = torch.ones_like(network.weight)
            optimizer.step()
    for reading in monitor.readings:
        assert reading.unread == 1
        assert reading.layers[0].units == 4
        assert all(math.isnan(x) for x in (reading.weight_norm, reading.gradient_norm, reading.step_gradient_norm))
        assert not reading.alarms
        assert reading.finite


@pytest.mark.filterwarnings("ignore:.* of Sequential are left out")
def test_gradients_of_a_kind_of_their_own_are_unread_and_asking_for_readings_raises_nothing():
    network = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU())
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    with Monitor(network) as monitor:
        network(TwoTensor(torch.ones(3, 2), torch.ones(3, 2))).sum().backward()
        with pytest.warns(UserWarning, match=r"of its own \(TwoTensor\)"):
            optimizer.step()
    assert monitor.readings == []
    assert monitor.alarms == []
    assert monitor.steps == 1
