"""Networks that diverge are found on the device as they are by asking every epoch, and nothing waits for it."""

from dataclasses import fields

import numpy as np
import pytest
import torch
from waits import Waits

from stability.training.deep import batch
from stability.training.deep.batch import Stack
from stability.training.deep.datasets import two_moons
from stability.training.deep.recorder import Recorder
from stability.training.deep.settings import METHODS, Settings
from stability.training.deep.training import train_deep

MOONS = two_moons()
LEFT_OUT = {"data", "settings", "seconds", "device", "history"}


@pytest.fixture
def on_the_device(monkeypatch):
    """Return a function that trains as on a GPU: no epoch asks the device anything."""
    made = Stack.__init__

    def start(self, *given):
        made(self, *given)
        self.waits = False

    def trained(*given, **how):
        with monkeypatch.context() as patch:
            patch.setattr(batch.Stack, "__init__", start)
            return train_deep(*given, **how)

    return trained


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("method", METHODS)
def test_the_device_decides_as_the_processor_does(on_the_device, method, dropout):
    how = {"seeds": 4, "epochs": 38, "lr": 3e18, "every": 1, "dropout": dropout, "anneal": 30, "device": "cpu"}
    asked, decided = train_deep(MOONS, 4, 3, method, **how), on_the_device(MOONS, 4, 3, method, **how)
    for name in (field.name for field in fields(asked) if field.name not in LEFT_OUT):
        np.testing.assert_array_equal(getattr(decided, name), getattr(asked, name), name)
    for name, values in asked.history.items():
        np.testing.assert_array_equal(decided.history[name], values, name)
    assert (asked.diverged >= 0).any() or method == "relu-bn" or dropout


def test_a_network_that_diverges_in_the_last_epoch_has_the_penalty_of_where_it_stays(on_the_device):
    how = {"seeds": 4, "lr": 3e18, "every": 1000, "device": "cpu"}
    last = int(train_deep(MOONS, 4, 3, "sep-u", epochs=38, **how).diverged.max())
    how |= {"epochs": last}
    asked, decided = train_deep(MOONS, 4, 3, "sep-u", **how), on_the_device(MOONS, 4, 3, "sep-u", **how)
    assert last in decided.diverged
    np.testing.assert_array_equal(decided.history["penalty"], asked.history["penalty"])


def test_networks_that_diverge_at_the_start_stay_there(on_the_device):
    how = {"seeds": 2, "epochs": 3, "lr": 0.1, "device": "cpu"}
    data = two_moons()
    data.x_train[0, 0] = np.inf
    asked, decided = train_deep(data, 2, 3, "relu", **how), on_the_device(data, 2, 3, "relu", **how)
    assert asked.diverged.tolist() == decided.diverged.tolist() == [0, 0]
    np.testing.assert_array_equal(decided.parameters, asked.parameters)


@pytest.mark.parametrize("method", METHODS)
def test_no_epoch_waits_for_the_device(method):
    """On the device meta there are no numbers, so that whatever asks for one raises."""
    settings = Settings(3, 4, method)
    with torch.no_grad():
        stack = Stack(settings, MOONS, [0, 1], "meta")
        given = stack.training.logits if settings.normalised else None
        recorder = Recorder(MOONS, stack.evaluation.logits, [], given)
        with Waits() as waits:
            for epoch in range(3):
                stack.evaluate(recorder, epoch)
                stack.step(recorder, epoch)
    assert waits.made == []
    assert recorder.block.is_meta
