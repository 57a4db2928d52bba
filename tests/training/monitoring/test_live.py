"""The table in a terminal: the latest reading, with its alarms by level and with what they likely come from."""

from dataclasses import replace

from rich.console import Console

from stability.training.monitoring.alarms import ALARMS, Alarm
from stability.training.monitoring.live import ALARMS_SHOWN, panel
from stability.training.monitoring.readings import LayerReading, Reading

LAYER = LayerReading("net.0", units=4, points=8, dead_fraction=0.25, dead_units=1, affine_units=0)
READING = Reading(20, (LAYER, replace(LAYER, name="[red]")), loss=0.5)


def text(reading, colour=False):
    console = Console(width=220, force_terminal=colour, color_system="standard" if colour else None)
    with console.capture() as shown:
        console.print(panel(reading, "model"))
    return shown.get()


def test_alarms_have_their_level_and_cause_and_the_worst_is_first():
    alarms = (
        Alarm("no torque", "net.0", 0.001, 0.01),
        Alarm("dead data", "[red]", 0.75, 0.5, since=4, steps=16),
        Alarm("plateau", "", 0.0, 1e-5),
    )
    shown = text(replace(READING, alarms=alarms))
    lines = [line.strip() for line in shown.splitlines()]
    assert "step 20, loss 0.5" in shown
    assert "warning: dead data at [red]: 0.75 (limit 0.5), for 16 steps since step 4" in lines
    assert "note: no torque at net.0: 0.001 (limit 0.01)" in lines
    kinds = [line.partition(": ")[0] for line in lines if line.partition(": ")[0] in ("trouble", "warning", "note")]
    assert kinds == ["trouble", "warning", "note"]
    assert all(f"likely cause: {ALARMS[alarm.kind].cause}" in lines for alarm in alarms)
    assert "no alarm" not in shown
    assert any("[red]" in line and "1/4" in line for line in lines)


def test_a_layer_has_the_colour_of_its_worst_alarm():
    alarms = (Alarm("dead from initialisation", "net.0", 1.0, 0.9), Alarm("no torque", "net.0", 0.001, 0.01))
    (row,) = [line for line in text(replace(READING, alarms=alarms), True).splitlines() if "1/4" in line][:1]
    assert "\x1b[1;31m" in row
    (row,) = [line for line in text(replace(READING, alarms=alarms[1:]), True).splitlines() if "1/4" in line][:1]
    assert "\x1b[36m" in row


def test_of_many_alarms_some_are_shown_and_the_others_counted():
    many = tuple(Alarm("no torque", f"net.{k}", 0.001, 0.01) for k in range(ALARMS_SHOWN + 3))
    shown = text(replace(READING, alarms=many))
    assert shown.count("likely cause") == ALARMS_SHOWN
    assert "and 3 more" in shown
    assert "no alarm" in text(READING)
