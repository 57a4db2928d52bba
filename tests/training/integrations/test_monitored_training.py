"""What a callback is given is refused when it is made, not within a training."""

import pytest
import torch
from torch import nn

from stability import Limits
from stability.errors import KindError, NumberError, StabilityError, UnknownNameError
from stability.training.integrations.monitored_training import MonitoredTraining


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"evry": 3}, UnknownNameError, "argument of Monitor; got 'evry'.*\n.*'every'"),
        ({"every": 0}, NumberError, "every to be a whole number"),
        ({"policy": "beter"}, UnknownNameError, "'better'"),
        ({"policy": 3}, KindError, "a Policy"),
        ({"stop_on": "dead unit"}, UnknownNameError, "'dead units'"),
        ({"limits": {"dead_units": 0.9}}, KindError, "Expected limits"),
        ({"loggers": ["health.csv"]}, KindError, "Expected loggers; got the str"),
    ],
    ids=str,
)
def test_each_is_refused_at_once(wrong, error, words):
    with pytest.raises(error, match=words):
        MonitoredTraining(**wrong)


def test_what_a_monitor_takes_is_taken_and_one_logger_needs_no_list():
    made = MonitoredTraining(5, "better", loggers=print, limits=Limits(), stop_on={"nan"}, on_alarm=print, keep=7)
    assert made._loggers == [print]


def trained(width, policy=None, state=None, **options):
    """Train for two steps from a state; return what monitored it, and what it wrote."""
    torch.manual_seed(0)
    model, written = nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 1)), []
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    made = MonitoredTraining(1, policy, **options)
    made.loaded(state or {})
    made.begin(model, lambda numbers, reading: written.append(reading.step), False)
    for _ in range(2):
        model(torch.ones(9, 2)).sum().backward()
        optimizer.step()
    made.end()
    assert not model._forward_hooks
    assert not model._forward_pre_hooks
    return made, written


@pytest.mark.parametrize("policy", [None, "careful"])
def test_a_training_goes_on_from_a_state_of_its_own(policy):
    state = trained(4, policy)[0].saved()
    assert trained(4, policy, state)[1] == [2, 3]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ((4, None), (5, None), "that of another network: 0.weight had the shape"),
        ((4, "careful"), (5, "careful"), "that of another network: 0.weight had the shape"),
        ((4, "better"), (4, "careful"), "with the policy 'careful'; got 'better'"),
        ((4, None), (4, "careful"), "with the policy 'careful'; got None"),
    ],
)
def test_a_state_that_does_not_fit_begins_anew_with_a_warning(before, after, said):
    """The trainer took the checkpoint, as `strict=False` lets it, and goes on."""
    state = trained(*before)[0].saved()
    with pytest.warns(UserWarning, match=f"The monitor of Sequential begins anew. Expected.*{said}"):
        made, written = trained(*after, state)
    assert written == [0, 1]
    assert len(made.monitor.readings) == 2
    with pytest.raises(StabilityError, match=said):
        trained(*after, state, strict=True)
