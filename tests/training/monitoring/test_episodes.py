"""Alarms over time: when they begin and end, who hears of them, and what is kept of them."""

from dataclasses import replace
from math import nan

import pytest

from stability.errors import StabilityError, TrainingStopped
from stability.training.monitoring import episodes as module
from stability.training.monitoring.alarms import ALARMS, Alarm, Limits
from stability.training.monitoring.episodes import Episodes, answer, stopping
from stability.training.monitoring.readings import LayerReading, Reading

LAYER = LayerReading("a", 4, 10, 0.0, 0, 0)
FINE = Reading(0, (LAYER,))
AFFINE = replace(FINE, layers=(replace(LAYER, affine_units=4),))
"""An alarm that needs three readings."""


def followed(episodes, readings, first=FINE):
    """Return the alarms of readings at steps 0, 10, 20, ..."""
    return [episodes.follow(replace(each, step=10 * k), first).alarms for k, each in enumerate(readings)]


def test_an_alarm_is_raised_once_and_lasts():
    episodes, dead = Episodes(Limits()), replace(FINE, dead_fraction=0.75)
    shown = followed(episodes, [FINE, dead, replace(dead, dead_fraction=0.9), FINE, dead])
    assert [[(a.since, a.steps, a.readings, a.value) for a in each] for each in shown] == [
        [], [(10, 0, 1, 0.75)], [(10, 10, 2, 0.9)], [], [(40, 0, 1, 0.75)],
    ]  # fmt: skip
    assert [(step, a.steps, a.value) for step, a in episodes.raised] == [(10, 10, 0.9), (40, 0, 0.75)]
    assert [a.since for a in episodes.begun] == [10, 40]


def test_an_alarm_knows_the_reading_before_it_began():
    dead = replace(FINE, dead_fraction=0.75)
    shown = followed(Episodes(Limits()), [dead, dead, FINE, FINE, dead, dead])
    assert [[(a.after, a.since) for a in each] for each in shown] == [
        [(None, 0)], [(None, 0)], [], [], [(30, 40)], [(30, 40)],
    ]  # fmt: skip
    shown = followed(Episodes(Limits()), [FINE, *[AFFINE] * 4])
    assert [[(a.after, a.since) for a in each] for each in shown[3:]] == [[(0, 10)]] * 2


def test_noise_raises_no_alarm_that_has_to_last():
    assert ALARMS["affine units"].readings == 3
    episodes = Episodes(Limits())
    assert followed(episodes, [AFFINE, AFFINE, FINE] * 5) == [()] * 15
    assert episodes.raised == []


def test_an_alarm_that_has_to_last_is_over_only_after_as_many_readings():
    episodes = Episodes(Limits())
    shown = followed(episodes, [*[AFFINE] * 4, FINE, FINE, AFFINE, *[FINE] * 3, *[AFFINE] * 3])
    assert [len(each) for each in shown] == [0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1]
    assert [(step, a.steps, a.readings) for step, a in episodes.raised] == [(0, 60, 5), (100, 20, 3)]


def test_each_layer_has_alarms_of_its_own_and_what_names_the_first_layer_keeps_it():
    layers = tuple(replace(LAYER, name=name, dead_units=3) for name in "ab")
    episodes = Episodes(Limits(dead_units=0.5))
    followed(episodes, [replace(FINE, layers=layers)] * 2)
    assert [(step, a.kind, a.layer) for step, a in episodes.raised] == [(0, "dead units", "a"), (0, "dead units", "b")]
    moving = [replace(FINE, finite=False, not_finite=("gradient", name)) for name in "ab"]
    followed(episodes := Episodes(Limits()), moving)
    ((step, alarm),) = episodes.raised
    assert (step, alarm.layer, alarm.readings) == (0, "a", 2)


def test_old_episodes_make_way(monkeypatch):
    monkeypatch.setattr(module, "KEEP", 3)
    episodes, dead = Episodes(Limits()), replace(FINE, dead_fraction=0.75)
    persistent = replace(dead, layers=(replace(LAYER, dead_units=4),))
    followed(episodes, [persistent, *[replace(FINE, layers=persistent.layers), persistent] * 4])
    assert [(step, alarm.kind, alarm.steps) for step, alarm in episodes.raised] == [
        (40, "dead data", 0), (60, "dead data", 0), (80, "dead data", 0),
    ], "dead units, from step 0 on, made way"  # fmt: skip


def test_a_state_goes_on_where_it_was():
    readings = [*[AFFINE] * 2, *[replace(AFFINE, dead_fraction=0.9)] * 2, FINE, AFFINE, FINE, FINE, FINE]
    whole = Episodes(Limits())
    expected = followed(whole, readings)
    for cut in range(len(readings)):
        first, second = Episodes(Limits()), Episodes(Limits())
        followed(first, readings[:cut])
        second.load_state_dict(first.state_dict())
        found = [
            second.follow(replace(each, step=10 * (cut + k)), FINE).alarms for k, each in enumerate(readings[cut:])
        ]
        assert found == expected[cut:]
        assert second.raised == whole.raised


def test_callbacks_get_each_alarm_and_may_fail():
    heard, failed = [], []
    begun = [Alarm("dead data", "a", 1.0, 0.5), Alarm("no torque", "b", 0.0, 0.1)]
    answer(begun, heard.append, frozenset(), lambda what, error: failed.append(what))
    assert [alarm.layer for alarm in heard] == ["a", "b"]
    assert (begun, failed) == ([], [])

    def broken(alarm):
        raise ValueError(alarm.layer)

    answer([*heard], broken, frozenset(), lambda what, error: failed.append((what, str(error))))
    assert failed == [("on_alarm", "a"), ("on_alarm", "b")]


def test_training_stops_on_what_was_asked_for_after_everybody_has_heard():
    heard, begun = [], [Alarm("not finite", "net.2", nan, nan, of="gradient"), Alarm("dead data", "", 1.0, 0.5)]
    with pytest.raises(TrainingStopped, match=r"not finite at net\.2: gradient") as stopped:
        answer([*begun], heard.append, stopping({"nan"}), lambda what, error: None)
    assert len(heard) == 2
    assert "infinite" in stopped.value.remedy, "a gradient was named"
    answer([*begun], None, stopping({"bias freeze"}), lambda what, error: None)


def test_alarms_to_stop_on_are_those_of_the_table():
    assert stopping({"nan", "inf", "stuck", "dead data"}) == {"not finite", "plateau", "dead data"}
    assert stopping("nan") == {"not finite"}
    assert stopping(()) == frozenset()
    with pytest.raises(StabilityError, match="dead dota"):
        stopping({"dead dota"})
