"""Healthy trainings are of many kinds, the same for a seed, unchanged by a monitor, and they learn."""

from contextlib import contextmanager
from math import isnan

import pytest
import torch
from torch import nn

from stability.errors import UnknownNameError
from stability.studies.healthy_trainings import TRAININGS, run_training, training_named
from stability.training.control.controller import Controller

QUICK = ("digits", "moons", "noisy-regression")
WANTED = ("resnet", "mobilenet", "vit", "gpt", "conv-autoencoder", "adversarial", "q-learning", "lstm", "rnn", "digits")


def test_there_are_at_least_twelve_of_the_kinds_that_people_train():
    assert len(TRAININGS) >= 12
    assert {*WANTED, "noisy-labels", "physics-informed"} <= {*TRAININGS}
    assert all(each.learned > each.chance + 0.2 for each in TRAININGS.values())


@pytest.mark.parametrize("name", TRAININGS)
def test_a_seed_gives_the_same_run_with_a_monitor_and_without(name):
    before = torch.random.get_rng_state()
    bare, read = (run_training(TRAININGS[name], 5, every=every, steps=3) for every in (None, 1))
    assert bare.losses == read.losses
    assert all(len(losses) == 3 for losses in bare.losses.values())
    assert torch.equal(before, torch.random.get_rng_state())
    assert isnan(bare.score)
    assert [len(monitor.readings) for monitor in read.monitors.values()] == [3] * len(read.monitors)
    assert all(reading.finite for monitor in read.monitors.values() for reading in monitor.readings)
    assert run_training(TRAININGS[name], 6, steps=1).losses != {n: losses[:1] for n, losses in bare.losses.items()}


@pytest.mark.parametrize("name", QUICK)
def test_some_learn_in_a_second(name):
    run = run_training(TRAININGS[name], 7)
    assert run.score > TRAININGS[name].learned
    (losses,) = run.losses.values()
    assert len(losses) == TRAININGS[name].steps
    assert sum(losses[-20:]) < sum(losses[:20]) / 2


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in TRAININGS if name not in QUICK])
def test_all_others_learn_too(name):
    assert run_training(TRAININGS[name], 7).score > TRAININGS[name].learned


def test_what_looks_after_a_run_gets_it_and_is_closed_before_the_score():
    events = []

    @contextmanager
    def looking(run):
        events.append(list(run.networks))
        yield "somebody"
        events.append("closed")

    run = run_training(TRAININGS["digits"], 0, controller=looking, steps=2)
    assert events == [["model"], "closed"]
    assert run.controller == "somebody"


@pytest.mark.parametrize("name", [name for name in TRAININGS if name not in ("siamese", "physics-informed", "deep")])
def test_losses_by_example_are_those_of_the_batch(name):
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        run = TRAININGS[name].build(0)
        if run.per_example_loss is None:
            assert name in ("adversarial", "q-learning")
            return
        outputs, noted = [], []
        hook = run.networks["model"].register_forward_hook(lambda module, args, out: outputs.append(out))
        run.step(lambda network, loss: noted.append(loss))
    hook.remove()
    losses = run.per_example_loss(outputs[-1])
    assert losses.ndim == 1
    assert float(losses.detach().mean()) == pytest.approx(float(noted[0].detach()), rel=1e-5)


def test_a_controller_can_look_after_a_run():
    def controlled(run):
        return Controller(run.networks["model"], "better", per_example_loss=run.per_example_loss, every=2)

    run = run_training(TRAININGS["noisy-labels"], 0, controller=controlled, steps=4)
    assert isinstance(run.controller, Controller)
    assert run.losses == run_training(TRAININGS["noisy-labels"], 0, steps=4).losses


def test_networks_are_as_they_are_called():
    with torch.random.fork_rng([]):
        kinds = {
            name: {type(part) for part in TRAININGS[name].build(0).networks["model"].modules()}
            for name in ("mobilenet", "vit", "lstm", "rnn", "conv-autoencoder", "physics-informed")
        }
    expected = (nn.ReLU6, nn.GELU, nn.LSTM, nn.RNN, nn.ConvTranspose2d, nn.Tanh)
    for (name, found), kind in zip(kinds.items(), expected, strict=True):
        assert kind in found or name == "vit"
    assert nn.ReLU not in kinds["vit"]


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="resnet"):
        training_named("resnett")
