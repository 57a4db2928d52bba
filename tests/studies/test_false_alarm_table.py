"""Bounds are exact, a measurement goes on where it was, and what is kept is what was measured."""

import json
from dataclasses import asdict
from math import comb, isnan

import pytest
from paths import ROOT

from stability.compute.sweep import run_sweep
from stability.errors import FileError, MissingFileError, StabilityError
from stability.studies import kept_measurements
from stability.studies.false_alarm_table import (
    CHOSEN,
    KEPT,
    MEASURED,
    grids,
    table_rows,
    upper_bound,
)
from stability.studies.healthy_trainings import TRAININGS
from stability.training.monitoring.alarms import ALARMS
from stability.training.monitoring.limits import Limits

AGAIN = "measure again: stability control --false-alarms --measure alarms.sqlite --keep"


@pytest.mark.parametrize(("count", "total"), [(0, 30), (1, 30), (7, 50), (29, 30)])
def test_a_bound_is_where_so_few_events_have_a_probability_of_a_twentieth(count, total):
    p = upper_bound(count, total)
    assert sum(comb(total, k) * p**k * (1 - p) ** (total - k) for k in range(count + 1)) == pytest.approx(0.05)


def test_bounds_at_the_ends():
    assert upper_bound(0, 10_000) == pytest.approx(1 - 0.05 ** (1 / 10_000))
    assert upper_bound(5, 5) == 1.0
    assert isnan(upper_bound(0, 0))
    with pytest.raises(StabilityError, match="3 of 2"):
        upper_bound(3, 2)


def test_seeds_of_limits_and_of_the_measurement_differ():
    runs, starts = grids()
    assert not {*CHOSEN} & {*MEASURED}
    assert {*runs.axes["seed"]} == {*MEASURED}
    assert not {*starts.axes["seed"]} & {*CHOSEN, *MEASURED}
    assert [*runs.axes["training"]] == [*TRAININGS]


@pytest.mark.slow
def test_a_measurement_goes_on_where_it_was(monkeypatch, tmp_path):
    computed = []

    def run(grid, file, **how):
        summary = run_sweep(grid, file, **how)
        computed.append((grid.name, summary.computed))
        return summary

    monkeypatch.setattr(kept_measurements, "run_sweep", run)
    pair = grids(["moons"], seeds=(3,), every=100, starts=2)
    first = KEPT.measure(tmp_path / "alarms.sqlite", pair, workers=1)
    again = KEPT.measure(tmp_path / "alarms.sqlite", pair, workers=1)
    assert computed == [("runs", 1), ("starts", 1), ("runs", 0), ("starts", 0)]
    assert first["trainings"] == again["trainings"]
    assert first["settings"] == {"seeds": [3], "every": 100, "starts": 2, "limits": asdict(Limits())}
    assert first["trainings"]["moons"]["readings"] == 6
    assert first["trainings"]["moons"]["healthy"]
    assert first["starts"]["moons"]["alarms"]["large start"]["readings"] == 2


def made(ringing=0):
    counts = {"of": 50, "readings": 40, "in_alarm": ringing, "episodes": 1, "quantiles": [0.123456789] * 9}
    each = {"scores": [0.9], "healthy": True, "seconds": 1.0, "readings": 50, "alarms": {"dead units": counts}}
    none = {**each, "alarms": {"dead units": {**counts, "in_alarm": 0, "episodes": 0}}}
    starts = {"seconds": 1.0, "alarms": {"dead units": {**counts, "readings": 7, "in_alarm": 2}}}
    settings = {"seeds": [100], "every": 2, "starts": 7}
    return {"settings": settings, "trainings": {"a": each, "b": none}, "starts": {"a": starts}}


def test_rows_add_trainings_up():
    row, other = table_rows(made(3), ["dead units", "no torque"])
    assert (row.of, row.readings, row.in_alarm, row.episodes, row.starts, row.starts_in_alarm) == (100, 80, 3, 1, 7, 2)
    assert row.trainings == ("a",)
    assert row.bound == upper_bound(3, 80)
    assert (other.readings, other.trainings) == (0, ())
    assert row.to_json()["starts_bound"] == upper_bound(2, 7)
    assert other.to_json()["bound"] is None


def test_what_is_kept_is_read_again_in_few_digits(monkeypatch, tmp_path):
    monkeypatch.setattr(kept_measurements, "project_folder", lambda: tmp_path)
    with pytest.raises(MissingFileError, match="--keep"):
        KEPT.read()
    path = KEPT.keep(made())
    assert path == tmp_path / "proofs" / "measured" / "healthy-trainings" / "false-alarms.json"
    found = KEPT.read()
    assert found["trainings"]["a"]["alarms"]["dead units"]["quantiles"][0] == 0.123457
    assert found["settings"] == made()["settings"]
    for wrong in ("[]", "{}", "no json"):
        path.write_text(wrong)
        with pytest.raises(FileError, match="false alarms"):
            KEPT.read()


def test_a_wheel_is_not_written_to(monkeypatch):
    monkeypatch.setattr(kept_measurements, "is_carried", lambda path: True)
    with pytest.raises(FileError, match="wheel"):
        KEPT.keep(made())


def test_a_failed_task_is_an_error_and_an_interruption_is_none(monkeypatch, tmp_path):
    from stability.compute.sweep import Summary

    monkeypatch.setattr(kept_measurements, "run_sweep", lambda *given, **how: Summary(2, 1, 1))
    with pytest.raises(StabilityError, match="1 of the runs failed"):
        KEPT.measure(tmp_path / "x.sqlite", workers=1)
    monkeypatch.setattr(kept_measurements, "run_sweep", lambda *given, **how: Summary(2, 1, 0, interrupted=True))
    assert KEPT.measure(tmp_path / "x.sqlite", workers=1) is None


def test_the_kept_measurement_is_of_all_trainings_and_healthy():
    study = KEPT.read()
    assert [*study["trainings"]] == [*TRAININGS]
    assert [*study["settings"]["seeds"]] == [*MEASURED]
    for name, each in study["trainings"].items():
        assert each["healthy"], name
        assert min(each["scores"]) > TRAININGS[name].learned
        assert len(each["scores"]) == 3
    json.dumps(study, allow_nan=False)


def test_the_kept_measurement_is_by_the_limits_of_today():
    kept, today = KEPT.read()["settings"]["limits"], asdict(Limits())
    assert all(kept[name] == value for name, value in today.items() if name in kept), AGAIN


@pytest.mark.parametrize("kind", ALARMS)
def test_every_alarm_rings_in_less_than_a_thousandth_of_the_healthy_readings(kind):
    (row,) = table_rows(KEPT.read(), [kind])
    assert max(row.readings, row.starts) >= 10_000, AGAIN
    assert row.bound < 1e-3 or row.starts_bound < 1e-3
    assert row.in_alarm <= row.readings / 1000
    assert row.starts_in_alarm <= row.starts / 1000


def test_the_page_has_the_kept_measurement():
    page = (ROOT / "docs" / "monitor.md").read_text(encoding="utf-8")
    for row in table_rows(KEPT.read(), [*ALARMS]):
        assert row.row() in page, row.kind
