"""Remedies are compared seed by seed, on seeds that no limit was chosen on; what is kept is of today's policies."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from paths import ROOT
from scipy import stats

from stability.compute.sweep import run_sweep
from stability.studies import kept_measurements
from stability.studies.bad_starts import BAD_STARTS, badly_started_run
from stability.studies.repair_table import CHOSEN, COMPARED, KEPT, MEASURED, OWN, grid, repair_rows
from stability.training.control.policies import POLICIES

AGAIN = f"measure again: {KEPT.command}"


def test_gains_are_paired_by_seed():
    def made(remedy, seed, accuracy, count):
        return {"start": "s", "remedy": remedy, "seed": seed, "accuracy": accuracy, "loss": 1.0, "interventions": count}

    found = {"careful": (0.9, 0.8), "recycle": (0.5, 0.6)}
    runs = [made(name, k, value, k) for name, values in found.items() for k, value in enumerate(values)]
    study = {"settings": {"start": ["s"], "remedy": [*found], "seed": [0, 1]}, "runs": runs}
    own, other = repair_rows(study)
    assert (own.mean, own.interventions, own.gain_interval) == (pytest.approx(0.85), 0.5, (0.0, 0.0))
    half = stats.t.ppf(0.975, 1) * np.std([0.4, 0.2], ddof=1) / np.sqrt(2)
    assert other.gain_interval == pytest.approx((0.3 - half, 0.3 + half))
    assert other.mean == pytest.approx(0.55)
    assert own.cells()[-1] == ""
    assert other.row().startswith("| s | recycle | 2 | 0.550 (")
    assert other.to_json()["mean"] == pytest.approx(0.55)


def test_a_measurement_goes_on_where_it_was(monkeypatch, tmp_path):
    """A thread makes the runs: a process of its own would import torch first."""
    monkeypatch.setattr(kept_measurements, "run_sweep", partial(run_sweep, executor=ThreadPoolExecutor(1)))
    runs = grid(["step 1"], ["careful", "none"], [3])
    runs = type(runs)(runs.name, runs.function, runs.axes, {"steps": 4})
    first, again = (KEPT.measure(tmp_path / "repairs.sqlite", [runs], workers=1) for _ in range(2))
    expected = [{**badly_started_run("step 1", each, 3, 4), "steps": 4} for each in ("careful", "none")]
    assert first["runs"] == again["runs"] == expected
    assert first["settings"]["policies"] == {"careful": repr(POLICIES["careful"])}


def test_the_kept_measurement_is_of_the_policies_of_today_on_other_seeds():
    study = KEPT.read()
    settings = study["settings"]
    assert settings["policies"] == {each: repr(POLICIES[each]) for each in COMPARED if each in POLICIES}, AGAIN
    assert (settings["start"], settings["remedy"], settings["seed"]) == ([*BAD_STARTS], [*COMPARED], [*MEASURED])
    assert not {*MEASURED} & {*CHOSEN}
    assert len(MEASURED) >= 5
    assert len(study["runs"]) == len(BAD_STARTS) * len(COMPARED) * len(MEASURED)


def test_careful_mends_every_bad_start_as_well_as_recycling_and_restarts_do():
    for row in repair_rows(KEPT.read()):
        if row.remedy == OWN:
            assert row.interval[0] > 0.9, row.start
        elif row.start != "none":
            assert row.gain_interval[1] > 0, (row.start, row.remedy)
            assert np.mean(row.gain) > -0.005, (row.start, row.remedy)


def test_the_page_has_the_kept_measurement():
    page = (ROOT / "docs" / "controller.md").read_text(encoding="utf-8")
    for row in repair_rows(KEPT.read()):
        assert row.row() in page, (row.start, row.remedy)
