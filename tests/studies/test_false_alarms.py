"""Counts of false alarms are those of readings made by hand, and a task of a sweep has them of a real run."""

import json
from dataclasses import replace
from math import nan

import pytest

from stability.studies import false_alarms as study
from stability.studies.false_alarms import QUANTILES, counted, healthy_run, healthy_starts, joined, judged_numbers
from stability.studies.healthy_trainings import TRAININGS
from stability.training.monitoring.alarms import ALARMS, Alarm, Limits
from stability.training.monitoring.readings import LayerReading, Reading


def layer(name, torque, length=1.0):
    return LayerReading(name, 4, 10, 0.0, 0, 0, torque_mean=torque, gradient_norm=length)


def reading(step, *torques, length=1.0, alarms=()):
    layers = tuple(layer(name, torque, length) for name, torque in zip("ab", torques, strict=False))
    return Reading(step, layers, alarms=tuple(Alarm("no torque", name, 0.0, 0.01) for name in alarms))


def test_an_alarm_has_an_opportunity_where_there_is_a_number():
    numbers = judged_numbers(reading(0, 0.5, 0.4), Limits(), None)
    assert numbers["no torque"] == [("a", 0.5, 0.01), ("b", 0.4, 0.01)]
    assert "exploding loss" not in numbers
    assert "no torque" not in judged_numbers(reading(0, 0.5, length=1e-9), Limits(), None)
    assert "no torque" not in judged_numbers(reading(0, 0.5), Limits(torque=None), None)
    assert "no torque" not in judged_numbers(reading(0, nan), Limits(), None)


def test_losses_are_judged_from_the_second_reading_on():
    first, second = replace(reading(0), loss=2.0), replace(reading(1), loss=8.0)
    assert "exploding loss" not in judged_numbers(first, Limits(), None)
    ((_, value, bound),) = judged_numbers(second, Limits(loss_growth=10.0), first)["exploding loss"]
    assert (value, bound) == (8.0, 20.0)


def test_readings_in_alarm_and_episodes_are_counted():
    readings = [
        reading(0, 0.5, 0.5),
        reading(1, 0.0, 0.5, alarms="a"),
        reading(2, 0.0, 0.0, alarms="ab"),
        reading(3, 0.5, 0.0, alarms="b"),
        reading(4, 0.0, 0.5, alarms="a"),
        reading(5, nan, nan),
    ]
    count = counted(readings, Limits())["no torque"]
    assert (count["of"], count["readings"], count["in_alarm"], count["episodes"]) == (6, 5, 4, 3)
    assert [each[:2] for each in count["examples"]] == [[1, "a"], [2, "b"], [4, "a"]]
    assert count["quantiles"][0] == 0.0
    assert count["quantiles"][-1] == 0.5
    assert len(count["quantiles"]) == len(QUANTILES)


def test_counts_of_runs_add_up_and_the_worst_number_stays():
    low = counted([reading(0, 0.2)], Limits())
    high = counted([reading(0, 0.8), reading(1, 0.9, alarms="a")], Limits())
    both = joined([low, high])["no torque"]
    assert (both["of"], both["readings"], both["in_alarm"], both["episodes"]) == (3, 3, 1, 1)
    assert both["quantiles"][0] == pytest.approx(0.2)
    assert both["quantiles"][-1] == pytest.approx(0.9)


def test_a_run_and_some_starts_are_plain_data(monkeypatch):
    monkeypatch.setitem(TRAININGS, "digits", replace(TRAININGS["digits"], steps=6))
    found = healthy_run("digits", 3, 2)
    assert found["readings"] == {"model": 3}
    assert found["learned"] is False
    counts = found["alarms"]["model"]
    assert {*counts} <= {*ALARMS}
    assert counts["dead units"]["readings"] == 3
    assert counts["exploding loss"]["readings"] == 2
    assert not any(count["in_alarm"] for count in counts.values())
    starts = healthy_starts("digits", 10, 4)["alarms"]
    assert starts["large start"]["readings"] == 4
    assert starts["dead units"]["of"] == 4
    json.dumps(found | starts)


def test_an_alarm_that_rings_is_counted_in_a_real_run(monkeypatch):
    monkeypatch.setitem(TRAININGS, "digits", replace(TRAININGS["digits"], steps=2))
    monkeypatch.setattr(study, "Limits", lambda: Limits(dead_units=0.0, examples=1))
    count = healthy_run("digits", 3, 1)["alarms"]["model"]["dead units"]
    assert count["in_alarm"] == 2
    assert count["episodes"] >= 1
    assert count["examples"][0][2] > 0.0
