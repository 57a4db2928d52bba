"""What a controller costs is paired by seed, with intervals; what is kept is of the policies of today, and healthy."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from paths import ROOT
from scipy import stats

from stability.compute.sweep import run_sweep
from stability.studies import kept_measurements
from stability.studies.controller_harm import LABEL_NOISE, OTHERS
from stability.studies.harm_table import (
    ALL,
    KEPT,
    MEASURED,
    OTHER_SEEDS,
    OWN_POLICIES,
    grids,
    harm_rows,
)
from stability.studies.healthy_trainings import TRAININGS
from stability.training.control.policies import POLICIES

AGAIN = f"measure again: {KEPT.command}"


def made(training, seed, policy, points, weights, acted=0):
    acted = {"revival (0.1)": acted} if acted else {}
    own = {"points": points, "weights": weights, "acted": acted, "learned": True, "cannot": [], "seconds": 1.0}
    return {"training": training, "seed": seed, "policy": policy, **own}


STUDY = {
    "settings": {"policies": {"careful": ""}},
    "runs": [
        made("a", 1, "none", 90.0, "w"),
        made("a", 1, "careful", 89.0, "v", 2),
        made("a", 2, "none", 80.0, "x"),
        made("a", 2, "careful", 82.0, "y", 1),
        made("b", 1, "none", 70.0, "z"),
        made("b", 1, "careful", 70.0, "z"),
        made("b", 2, "none", 60.0, "u"),
        made("b", 2, "careful", 60.0, "u"),
        made(LABEL_NOISE.name, 5, "none", 50.0, "t"),
        made(LABEL_NOISE.name, 5, "careful", 20.0, "s", 4),
    ],
}


def test_changes_are_paired_and_healthy_trainings_taken_together():
    a, b, noise, together = harm_rows(STUDY, "careful")
    assert (a.training, a.change, a.acted, a.same) == ("a", 0.5, 2, 0)
    half = stats.t.ppf(0.975, 1) * np.std([-1, 2], ddof=1) / np.sqrt(2)
    assert a.interval == pytest.approx((0.5 - half, 0.5 + half))
    assert (b.change, b.interval, b.same) == (0.0, (0.0, 0.0), 2)
    assert "exactly 0: the same weights" in b.row()
    assert noise.change == -30.0
    assert (together.training, together.change, together.same, len(together.without)) == (ALL, 0.25, 2, 4)
    half = stats.t.ppf(0.975, 1) * np.std([0.5, 0.0], ddof=1) / np.sqrt(2)
    assert together.interval == pytest.approx((0.25 - half, 0.25 + half))
    assert json.loads(json.dumps(a.to_json()))["change"] == 0.5


def test_equal_scores_of_other_weights_are_no_proof():
    runs = [replace_weights(each) for each in STUDY["runs"] if each["training"] == "b"]
    (row,) = harm_rows({"runs": runs}, "careful")
    assert row.change == 0.0
    assert row.same == 0
    assert "exactly" not in row.row()


def replace_weights(run):
    return {**run, "weights": run["weights"] + run["policy"]}


def test_a_measurement_goes_on_where_it_was(monkeypatch, tmp_path):
    """A thread makes the runs: in a process of its own the training would have all its steps."""
    monkeypatch.setitem(TRAININGS, "moons", replace(TRAININGS["moons"], steps=4))
    monkeypatch.setattr(kept_measurements, "run_sweep", partial(run_sweep, executor=ThreadPoolExecutor(1)))
    pair = grids(["moons"], [3], [4], ["careful"])
    small = (pair[0], replace(pair[1], axes={**pair[1].axes, "training": ["moons"]}))
    first = KEPT.measure(tmp_path / "harm.sqlite", small, workers=1)
    again = KEPT.measure(tmp_path / "harm.sqlite", small, workers=1)
    assert first["runs"] == again["runs"]
    assert [(each["seed"], each["policy"]) for each in first["runs"]] == [
        (3, "none"),
        (3, "careful"),
        (4, "none"),
        (4, "careful"),
    ]
    assert first["settings"]["policies"] == {"careful": repr(POLICIES["careful"])}


def test_the_kept_measurement_is_of_all_trainings_and_of_the_policies_of_today():
    study = KEPT.read()
    assert study["settings"]["policies"] == {each: repr(POLICIES[each]) for each in OWN_POLICIES}, AGAIN
    seeds, other_seeds = study["settings"]["seeds"], study["settings"]["other_seeds"]
    assert {*seeds} <= {*MEASURED}
    assert {*other_seeds} <= {*OTHER_SEEDS}
    wanted = {(name, seed, policy) for name in TRAININGS for seed in seeds for policy in ("none", *OWN_POLICIES)}
    wanted |= {(name, seed, policy) for name in OTHERS for seed in other_seeds for policy in ("none", *OWN_POLICIES)}
    assert {(each["training"], each["seed"], each["policy"]) for each in study["runs"]} == wanted
    assert all(each["learned"] for each in study["runs"] if each["training"] in TRAININGS)
    assert all(each["points"] > 50 for each in study["runs"] if each["training"] == LABEL_NOISE.name)


@pytest.mark.parametrize("policy", OWN_POLICIES)
def test_a_controller_costs_healthy_trainings_less_than_half_a_point(policy):
    rows = {row.training: row for row in harm_rows(KEPT.read(), policy)}
    assert {*rows} == {*TRAININGS, *OTHERS, ALL}
    assert all(row.interval[0] > -0.5 for row in rows.values())


@pytest.mark.parametrize("policy", OWN_POLICIES)
def test_the_page_has_the_kept_measurement(policy):
    page = (ROOT / "docs" / "controller.md").read_text(encoding="utf-8")
    for row in harm_rows(KEPT.read(), policy):
        assert row.row() in page, row.training
