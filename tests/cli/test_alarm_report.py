"""What `stability control` says of alarms: tables of what was kept, of what is measured, and of failures."""

import json

import pytest
from command_line import cells, printed
from kept_results import Kept

from stability.cli import alarm_report
from stability.cli.alarm_report import alarm_tables
from stability.errors import StabilityError
from stability.studies import false_alarm_table, training_failures
from stability.training.monitoring.alarms import ALARMS

COUNTS = {"of": 900, "readings": 800, "in_alarm": 2, "episodes": 1, "quantiles": [0.0] * 9}
STUDY = {
    "settings": {"seeds": [100], "every": 2, "starts": 7},
    "trainings": {"a": {"scores": [0.95], "healthy": True, "readings": 900, "alarms": {"dead units": COUNTS}}},
    "starts": {"a": {"alarms": {"large start": {**COUNTS, "readings": 7, "in_alarm": 0}}}},
}


@pytest.fixture
def kept(monkeypatch):
    found = Kept(STUDY, false_alarm_table.KEPT.rows)
    monkeypatch.setattr(false_alarm_table, "KEPT", found)
    return found


@pytest.mark.usefixtures("kept")
def test_kept_false_alarms_are_a_row_for_each_alarm():
    report = json.loads(printed("control", "--false-alarms", "--json"))["false_alarms"]
    rows = {row["kind"]: row for row in report["rows"]}
    assert [*rows] == [*ALARMS]
    assert rows["dead units"]["bound"] == false_alarm_table.upper_bound(2, 800)
    trainings, table, note = alarm_tables({"false_alarms": report})
    assert cells(trainings)[1] == [["a", "0.95", "900", "1"]]
    named = {row[0]: row[1:] for row in cells(table)[1]}
    assert named["dead units"][:4] == ["800", "2", "1", f"{false_alarm_table.upper_bound(2, 800):.2%}"]
    assert named["large start"][4:7] == ["7", "0", f"{false_alarm_table.upper_bound(0, 7):.2%}"]
    assert named["no torque"][3] == ""
    assert "Clopper" in note


def test_failures_are_made_and_said(monkeypatch):
    chosen = {name: training_failures.FAILURES[name] for name in ("dead layer", "no torque")}
    monkeypatch.setattr(training_failures, "FAILURES", chosen)
    report = json.loads(printed("control", "--failures", "--json"))
    assert [each["failure"] for each in report["failures"]] == ["dead layer", "no torque"]
    assert all(each["detected"] for each in report["failures"])
    (table,) = alarm_tables(report)
    assert cells(table)[1][1][:3] == ["no torque", "no torque", "1"]


def test_an_alarm_that_was_not_raised_is_said():
    found = {"failure": "x", "expected": ["dead units", "plateau"], "first": {"plateau": 3, "no torque": 1}}
    (table,) = alarm_tables({"failures": [found]})
    assert cells(table)[1] == [["x", "dead units, plateau", "not raised, 3", "no torque"]]


def test_a_measurement_is_kept_only_if_asked(tmp_path, kept):
    file = tmp_path / "alarms.sqlite"
    printed("control", "--false-alarms", "--measure", file)
    assert (kept.measured, kept.kept) == ([file], [])
    printed("control", "--false-alarms", "--measure", file, "--keep")
    assert kept.kept == [STUDY]


def test_an_interrupted_measurement_has_status_130(monkeypatch, tmp_path):
    monkeypatch.setattr(false_alarm_table, "KEPT", Kept(None, None))
    printed("control", "--false-alarms", "--measure", tmp_path / "alarms.sqlite", status=130)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("control xor --failures", "one at a time"),
        ("control --keep", "--false-alarms"),
        ("control --false-alarms --keep", "--measure"),
        ("control --false-alarms --measure alarms.txt", ".sqlite"),
        ("control --failures --measure alarms.sqlite", "got --failures alone"),
        ("control --failures --keep", "got --failures alone"),
        ("control --failures --workers 2", "Leave it out."),
        ("control --failures --false-alarms --workers 1", "with --false-alarms and --failures alone"),
        ("control --failures --restarts 5", "got --failures, whose trainings"),
        ("control --harm --policy careful --seed 1", "Expected --policy and --seed only with"),
        ("control --thin --moons-seeds 5", "Leave out --moons-seeds."),
    ],
)
def test_what_makes_no_sense_is_said_at_once(words, hint, monkeypatch):
    monkeypatch.setattr(alarm_report, "alarm_report", lambda *given: pytest.fail("it was measured"))
    with pytest.raises(StabilityError) as problem:
        printed(*words.split())
    assert hint in str(problem.value)
