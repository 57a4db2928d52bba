"""Does a listener that fails leave the others, and the training, as they are?"""

import warnings

import pytest
import torch
from torch import nn

from stability.training.monitoring.listeners import Listeners
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.readings import Reading
from stability.training.monitoring.unread import Unread

READING = Reading(0, ())


class Ear:
    def __init__(self, error=None):
        self.heard, self.error, self.closed = [], error, False

    def __call__(self, reading):
        self.heard.append(reading)
        if self.error is not None:
            raise self.error

    def close(self):
        self.closed = True


def test_one_that_fails_is_warned_of_once_and_stops_nobody():
    listeners, bad, good = Listeners(Unread("Net", strict=False)), Ear(OSError("disk full")), Ear()
    assert not listeners
    listeners.add("the board", bad)
    listeners.add("the panel", good)
    with pytest.warns(UserWarning, match="although the board failed: OSError: disk full"):
        listeners.hear(READING, None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        listeners.hear(READING, None)
        listeners.hear(READING, None)
    assert (len(bad.heard), len(good.heard)) == (3, 3)
    listeners.close()
    assert bad.closed
    assert good.closed
    assert not listeners


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_who_asks_to_stop_is_heard(error):
    with pytest.raises(error):
        Listeners(Unread("Net", strict=False)).hear(READING, Ear(error()))


def trained(strict, **settings):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model, strict=strict, **settings) as monitor:
        for _ in range(3):
            optimiser.zero_grad()
            model(torch.ones(5, 2)).mean().backward()
            optimiser.step()
    return [each.detach().clone() for each in model.parameters()], monitor


def test_a_log_that_raises_ends_no_training():
    bare, _ = trained(False)
    ear = Ear(RuntimeError("no network"))
    with pytest.warns(UserWarning, match="its log function failed: RuntimeError: no network") as said:
        after, monitor = trained(False, log=ear)
    assert len(said) == 1
    assert said[0].filename == __file__
    assert [each.step for each in ear.heard] == [0, 1, 2]
    assert len(monitor.readings) == 3
    assert all(map(torch.equal, bare, after))
    with pytest.raises(RuntimeError, match="no network"):
        trained(True, log=ear)


def test_a_board_that_raises_ends_no_training(tmp_path):
    pytest.importorskip("tensorboard")
    model = nn.Linear(2, 1)
    with Monitor(model) as monitor:
        monitor.tensorboard(tmp_path)
        monitor._listeners._all["TensorBoard"]._writer = None
        model(torch.ones(3, 2)).mean().backward()
        with pytest.warns(UserWarning, match="although TensorBoard failed"):
            monitor.step()
        monitor._listeners._all.clear()
    assert len(monitor.readings) == 1
