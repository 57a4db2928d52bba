"""What a callback is given is refused when it is made, not within a training."""

import pytest
from torch import nn

from stability import Limits
from stability.errors import KindError, NumberError, UnknownNameError
from stability.training.integrations import monitored_training
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


@pytest.mark.parametrize("first", [True, False])
def test_the_first_of_several_processes_alone_writes_the_stream(tmp_path, monkeypatch, first):
    monkeypatch.setattr(monitored_training, "reports", lambda spread: first or not spread)
    path = tmp_path / "health.jsonl"
    made = MonitoredTraining(stream=path)
    made.begin(nn.Linear(2, 1), lambda numbers, reading: None, spread=True)
    made.end()
    assert path.exists() is first
