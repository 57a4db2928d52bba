"""The hook on a loss is there before steps that are read, and nowhere else."""

import copy

import pytest
import torch
from torch import nn

from stability import Monitor
from stability.training.monitoring.criterion_hook import CriterionHook


@pytest.mark.parametrize("every", [1, 3])
def test_it_is_there_before_steps_that_are_read(every):
    model, criterion, there = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1)), nn.MSELoss(), []
    optimizer, x = torch.optim.SGD(model.parameters(), 0.1), torch.randn(5, 2)
    with Monitor(model, every=every, criterion=criterion) as monitor:
        for _ in range(7):
            optimizer.zero_grad()
            there.append(len(criterion._forward_hooks))
            criterion(model(x), x[:, :1]).backward()
            optimizer.step()
        assert all(reading.loss is not None for reading in monitor.readings)
    assert there == [int(step % every == 0) for step in range(7)]
    assert len(criterion._forward_hooks) == 0


def test_of_a_network_that_is_never_called_the_loss_is_heard():
    """As compiled ones, whose forward pass shows nothing."""
    model, criterion = nn.Linear(2, 1), nn.MSELoss()
    optimizer, x = torch.optim.SGD(model.parameters(), 0.1), torch.randn(5, 2)

    def train():
        for _ in range(4):
            optimizer.zero_grad()
            criterion(nn.functional.linear(x, model.weight, model.bias), x[:, :1]).backward()
            optimizer.step()

    monitor = Monitor(model, every=2, criterion=criterion)
    with pytest.warns(UserWarning, match="no forward pass"):
        train()
    assert [reading.step for reading in monitor.readings] == [0, 2]
    assert all(reading.loss is not None for reading in monitor.readings)


def test_removed_it_does_not_come_back_and_copies_hear_nothing():
    criterion, heard = nn.MSELoss(), []
    hook = CriterionHook(criterion, lambda module, args, loss: heard.append(loss))
    other = copy.deepcopy(hook)
    other.set_active(True)
    assert len(criterion._forward_hooks) == 1
    hook.set_active(True)
    assert len(criterion._forward_hooks) == 1
    hook.remove()
    hook.set_active(True)
    criterion(torch.ones(1), torch.ones(1))
    assert heard == []


def test_a_state_says_whether_the_next_loss_is_heard():
    model, criterion = nn.Sequential(nn.Linear(2, 1)), nn.MSELoss()
    with Monitor(model, every=5, criterion=criterion) as monitor:
        early = monitor.state_dict()
        model(torch.ones(1, 2)).sum().backward()
        monitor.step()
        assert len(criterion._forward_hooks) == 0
        monitor.load_state_dict(early)
        assert len(criterion._forward_hooks) == 1
