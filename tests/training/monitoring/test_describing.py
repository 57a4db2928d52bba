"""What people read of a monitor: on readings made by hand."""

import json
from dataclasses import replace
from math import inf, nan

import pytest
from torch import nn

from stability.errors import StabilityError
from stability.training.monitoring.alarms import Alarm
from stability.training.monitoring.describing import NO_LOSS, WHEN_READ, Readings
from stability.training.monitoring.readings import LayerReading, Reading

FIRST = LayerReading("net.0", 8, 20, 0.25, 1, 2, torque_mean=0.5, gradient_norm=1.25, largest_preactivation=3.0)
SECOND = LayerReading("net.2", 4, 20, 0.0, 0, 4)
DEAD = Alarm("dead data", "net.0", 0.25, 0.0)


class Taken(Readings):
    def __init__(self, readings, every=1, skipped=None):
        self._readings, self._every, self._skipped = readings, every, skipped or {}

    @property
    def readings(self):
        return self._readings

    @property
    def settings(self):
        return {"model": "Sequential", "every": self._every}

    @property
    def skipped(self):
        return self._skipped


def reading(step, loss=0.5, alarms=(), dead=0.25):
    return Reading(step, (FIRST, SECOND), loss, dead, 2.0, 1.5, alarms=alarms)


def test_nothing_read_says_so():
    taken = Taken([], skipped={"net.4": "it got no example"})
    assert repr(taken) == "<Monitor of Sequential, every step: no reading yet>"
    assert str(taken) == f"Monitor of Sequential, every step: no reading yet\n{WHEN_READ}"
    assert taken.to_json() == {
        **{"model": "Sequential", "every": 1},
        **{"readings": [], "skipped": {"net.4": "it got no example"}},
    }
    for draw in (taken.plot, taken.figure):
        with pytest.raises(StabilityError):
            draw()


@pytest.mark.parametrize(("every", "words"), [(1, "every step"), (5, "every 5 steps")])
def test_the_head_counts_readings_steps_and_alarms(every, words):
    alarms = DEAD, Alarm("plateau", "", 0.001, 0.01)
    taken = Taken([reading(0, alarms=(DEAD,)), reading(5, alarms=alarms), reading(10)], every)
    assert repr(taken) == f"<Monitor of Sequential, {words}: 3 readings, steps 0 to 10>"
    lines = str(taken).splitlines()
    assert lines[1] == "alarms: 2 dead data (from step 0), 1 plateau (from step 5)"
    persistent = [reading(step, alarms=(replace(DEAD, since=0, steps=step),)) for step in (0, 5, 10)]
    assert "alarms: 1 dead data" in str(Taken(persistent)), "one that lasts counts once"
    assert lines[2] == "step 10, loss 0.5, |gradient| 1.5, 25% of the examples dead at some layer"


def test_layers_of_the_last_reading_stand_in_a_table_with_what_is_left_out_below():
    taken = Taken([reading(0), reading(1, None, (), nan)], skipped={"net.4": "it got no example"})
    lines = str(taken).splitlines()
    assert lines[1:3] == ["alarms: none", "step 1, |gradient| 1.5"]
    heads = ["layer", "units", "dead", "affine", "examples", "dead", "torque", "|gradient|", "largest", "|z|"]
    assert lines[3].split() == heads
    assert lines[4].split() == ["net.0", "8", "1", "2", "20", "5", "0.5", "1.25", "3"]
    assert lines[5].split() == ["net.2", "4", "0", "4", "20", "0"]
    assert lines[6:] == ["net.4 is left out: it got no example"]
    html = taken._repr_html_()
    assert "net.0" in html
    assert "net.4 is left out" in html


def test_names_never_steer_the_terminal():
    odd = LayerReading("a\x1b[2J", 1, 1, 0.0, 0, 0)
    taken = Taken([Reading(0, (odd,))], skipped={"b\x1b": "c\x1b"})
    assert "\x1b" not in str(taken)


def test_plain_data_have_all_numbers_and_none_for_what_is_not_finite():
    written = Taken([reading(3, inf, (DEAD,))]).to_json()
    assert json.loads(json.dumps(written, allow_nan=False)) == written
    (only,) = written["readings"]
    assert (only["step"], only["loss"], only["dead_fraction"]) == (3, None, 0.25)
    assert only["layers"][0]["torque_mean"] == 0.5
    assert only["layers"][1]["torque_mean"] is None
    (alarm,) = only["alarms"]
    assert {"kind": "dead data", "layer": "net.0", "value": 0.25, "limit": 0.0, "since": None}.items() <= alarm.items()


def test_there_is_a_row_for_each_layer_and_reading():
    rows = Taken([reading(0), reading(5)])._records()
    assert [(row["step"], row["name"], row["place"]) for row in rows] == [
        *((0, "net.0", 0), (0, "net.2", 1), (5, "net.0", 0), (5, "net.2", 1))
    ]


def test_pictures_have_a_line_for_each_layer_and_one_for_the_network():
    import matplotlib.pyplot as plt

    taken = Taken([reading(0), reading(5)])
    ax = taken.plot()
    assert len(ax.lines) >= 2
    assert taken.plot(ax) is ax
    assert taken.figure().axes
    plt.close("all")


def test_a_column_without_any_number_is_not_shown():
    plain = replace(FIRST, units=4, points=0, torque_mean=nan, largest_preactivation=nan)
    lines = str(Taken([Reading(3, (plain,), 0.5, nan, 2.0, 1.5)])).splitlines()
    assert [line.split() for line in lines[3:5]] == [["layer", "units", "|gradient|"], ["net.0", "4", "1.25"]]


def test_nothing_is_counted_of_nan():
    lost = replace(FIRST, dead_fraction=nan, largest_preactivation=nan, torque_mean=nan)
    lines = str(Taken([Reading(3, (lost, SECOND), 0.5, nan, 2.0, 1.5)])).splitlines()
    assert "dead at some layer" not in lines[2]
    assert lines[4].split() == ["net.0", "8", "1.25"]
    assert lines[5].split() == ["net.2", "4", "0", "4", "20", "0"]


def test_a_gradient_that_was_clipped_says_to_what():
    clipped = replace(reading(3), step_gradient_norm=0.5)
    assert "|gradient| 1.5 (clipped to 0.5)," in str(Taken([clipped]))
    assert "clipped" not in str(Taken([replace(clipped, step_gradient_norm=1.5)]))


def test_where_the_loss_is_not_known_it_says_so():
    assert str(Taken([reading(0, None), reading(1, None)])).endswith(NO_LOSS)
    assert NO_LOSS not in str(Taken([reading(0), reading(1, None)]))


def test_alarms_of_one_kind_stand_together_and_the_worst_first():
    kinds = [("dead data", ""), ("dead data", "net.0"), *(("dead units", f"net.{k}") for k in range(0, 16, 2))]
    alarms = [Alarm(kind, layer, 1.0, 0.5) for kind, layer in [*kinds, ("plateau", "")]]
    lines = [line for line in repr(reading(3, alarms=tuple(alarms))).splitlines() if "(limit" in line]
    assert lines == [
        "trouble: plateau: 1 (limit 0.5)",
        "warning: dead data: 1 (limit 0.5); also at net.0",
        "warning: dead units at net.0: 1 (limit 0.5); also at net.2, net.4, net.6, net.8, net.10 and 2 more",
    ]


def test_parameters_that_are_frozen_are_named():
    taken = Taken([reading(0)])
    taken.model = nn.Sequential(*(nn.Linear(2, 2) for _ in range(4)))
    assert "frozen" not in str(taken)
    taken.model[:3].requires_grad_(False)
    named = "0.weight, 0.bias, 1.weight, 1.bias, 2.weight and 1 more"
    assert str(taken).endswith(f"\n6 of 8 parameters frozen: {named}")


def test_alarms_stand_in_the_order_in_which_they_began():
    late, early = Alarm("dead data", "net.0", 1.0, 0.5), Alarm("plateau", "", 0.0, 1e-5, since=2)
    taken = Taken([reading(5, alarms=(late,)), reading(10, alarms=(late, early))])
    assert str(taken).splitlines()[1] == "alarms: 1 plateau (from step 2), 2 dead data (from step 5)"
