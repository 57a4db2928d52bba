"""Arguments of another kind are refused by one sentence, when they are given."""

import gc

import pytest
import torch
from torch import nn
from torch.optim.optimizer import _global_optimizer_post_hooks, _global_optimizer_pre_hooks

from stability import Controller, Limits, Monitor
from stability.errors import KindError, StabilityError
from stability.training.monitoring.arguments import KINDS, require_arguments


def net():
    return nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"criterion": nn.functional.cross_entropy}, r"a loss that is a module.*the function.*\n.*note\(loss=loss\)"),
        ({"limits": {"dead_units": 0.9}}, r"Expected limits; got the dict.*\n.*Limits\("),
        ({"log": "health.csv"}, r"a function as log; got the str.*\n.*CsvLogger"),
        ({"on_alarm": "print"}, r"a function as on_alarm"),
        ({"stream": 3}, r"a file as stream; got the int 3"),
        ({"stop_on": None}, r"names of alarms as stop_on; got the NoneType None.\n.*nan"),
        ({"quantities": 1}, r"names of quantities; got the int 1.\n.*all"),
        ({"units": 1}, r"axes by name as units; got the int 1.\n.*block.relu"),
        ({"units": "relu"}, r"axes by name as units; got the str"),
        ({"units": {1: 1}}, r"the name of a layer or module; got the int 1"),
        ({"skip": 1}, r"names as skip; got the int 1.\n.*decoder"),
        ({"skip": [1]}, r"the name of a layer or module; got the int 1"),
    ],
    ids=lambda each: str(each)[:20],
)
def test_each_is_refused_with_what_to_write(wrong, words):
    model = net()
    with pytest.raises(KindError, match=words):
        Monitor(model, **wrong)
    assert not model._forward_hooks
    assert not model._forward_pre_hooks


def listening(model):
    parts = [len(each._forward_hooks) + len(each._forward_pre_hooks) for each in model.modules()]
    return sum(parts), len(_global_optimizer_pre_hooks), len(_global_optimizer_post_hooks)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        *((Monitor, {"stream": "no folder/x.jsonl"}), (Monitor, {"stream": "."}), (Monitor, {"units": {"1": "a"}})),
        *((Monitor, {"passes": "x"}), (Monitor, {"skip": ["nothing"]}), (Monitor, {"limits": 3})),
        *((Controller, {"optimizer": 1}), (Controller, {"optimizer": [1]}), (Controller, {"seed": "a"})),
    ],
    ids=lambda each: str(each)[:30],
)
def test_who_is_refused_listens_to_nothing(kind, wrong):
    gc.collect()
    model = net()
    before = listening(model)
    with pytest.raises(StabilityError):
        kind(model, **wrong, **({"quantities": "all"} if kind is Monitor else {}))
    assert all(now <= then for now, then in zip(listening(model), before, strict=True)), "what others left may go"


def test_the_right_ones_and_none_pass(tmp_path):
    right = {"limits": Limits(), "criterion": nn.MSELoss(), "log": print, "on_alarm": print, "stream": tmp_path / "x"}
    require_arguments(**right)
    require_arguments(**dict.fromkeys(right))
    assert {name for name, *_ in KINDS} == {*right}


@pytest.mark.parametrize("wrong", [{"policy": 3}, {"policy": None}, {"per_example_loss": torch.ones(3)}], ids=str)
def test_a_controller_refuses_policies_and_losses_that_are_none(wrong):
    with pytest.raises(KindError, match=r"Expected .*\n.*Write"):
        Controller(net(), **wrong)


@pytest.mark.parametrize(
    ("loss", "mean"),
    [(torch.tensor([1.0, 2.0, 6.0]), 3.0), (torch.tensor([[7.0]]), 7.0), (torch.ones(2, 2), 1.0), (5, 5.0)],
)
def test_losses_by_example_are_read_as_their_mean_and_shift_no_other_number(loss, mean):
    found = []
    for given in (loss, mean):
        torch.manual_seed(0)
        model = net()
        optimiser = torch.optim.SGD(model.parameters(), 0.1)
        with Monitor(model) as monitor:
            model(torch.ones(3, 2)).sum().backward()
            monitor.note(loss=given)
            optimiser.step()
        found.append(monitor.latest)
    assert found[0].loss == mean
    assert repr(found[0].to_json()) == repr(found[1].to_json())


def test_a_loss_that_is_no_number_is_refused():
    with Monitor(net()) as monitor, pytest.raises(KindError, match=r"Expected a loss; got the str 'x'"):
        monitor.note(loss="x")


@pytest.mark.parametrize("returned", ["done", {"loss": 1.0}, (1.0, 2.0), None], ids=str)
def test_a_closure_that_returns_no_number_ends_no_training(returned):
    model = net()

    def closure():
        model(torch.ones(3, 2)).sum().backward()
        return returned

    with Monitor(model) as monitor:
        torch.optim.SGD(model.parameters(), 0.1).step(closure)
    assert monitor.latest.loss is None
