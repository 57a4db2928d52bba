"""Kept results are used as long as they are those of the same experiment, and are what a new run gives."""

import json
from dataclasses import replace

import numpy as np
import pytest

from stability.audit.claims import Claim
from stability.audit.experiments import QUICK, Experiment, from_json
from stability.audit.measurements import Measurement
from stability.audit.protocols import Study
from stability.audit.result_store import ResultStore
from stability.audit.verdicts import settle
from stability.errors import FileError, StabilityError
from stability.training.ensembles import unit_geometry as geometry

SMALL = Experiment(
    "small",
    epochs=60,
    restarts=300,
    groups={
        "live": lambda e: ~geometry.dead_examples(e, e.starts)[:, :2].any(1),
        "none": lambda e: np.zeros(300, bool),
    },
    numbers={"mean loss": lambda e: float(e.losses.mean()), "spread": lambda e: [0.0, float(e.losses.max())]},
)


@pytest.fixture(scope="module")
def measured():
    return SMALL.run()


def test_the_result_says_what_the_runs_did(measured):
    assert measured.runs == 300
    assert sum(measured.right.values()) == sum(measured.stops.values()) == 300
    assert measured.right[4] == measured.whole.successes
    assert sum(end["count"] for end in measured.ends) == 300
    assert sum(measured.whole.epochs_all.values()) == 300
    assert len(measured.whole.epochs("all")) == 300
    assert measured.group("none").runs == 0
    assert np.isnan(measured.group("none").rate)
    assert measured.group(None) is measured.whole
    assert measured.count(kind="unexplained") == measured.count(set=None) - measured.count(kind="diverged")
    with pytest.raises(StabilityError, match="group"):
        measured.group("unknown")


def test_it_survives_json(measured):
    assert from_json(json.loads(json.dumps(measured.to_json()))).to_json() == measured.to_json()


def rounded(ends):
    """Return plain data with the nine digits that are kept."""
    return json.loads(json.dumps(ends), parse_float=lambda text: float(f"{float(text):.9g}"))


def test_a_kept_result_is_used_and_a_new_run_gives_the_same(tmp_path):
    full = ResultStore(tmp_path, "full")
    first = full.measured(SMALL)
    assert full.measured(SMALL) is first
    assert full.keep() == 1
    quick = ResultStore(tmp_path).measured(SMALL)
    again = ResultStore(tmp_path, "full").measured(SMALL)
    for found in (quick, again):
        assert found.whole == first.whole
        assert found.groups["live"] == first.groups["live"]
        assert rounded(found.ends) == rounded(first.ends)
    assert quick.numbers["mean loss"] == pytest.approx(first.numbers["mean loss"], rel=1e-8)


def test_other_settings_are_measured_anew(tmp_path, measured):
    store = ResultStore(tmp_path, "full", {"small": measured})
    store.keep()
    assert ResultStore(tmp_path).kept(SMALL) is not None
    for other in (
        replace(SMALL, seed=1),
        replace(SMALL, lr="0.02"),
        replace(SMALL, restarts=200),
        replace(SMALL, groups={}),
    ):
        assert ResultStore(tmp_path).kept(other) is None


def test_without_a_kept_result_few_runs_are_made(tmp_path):
    many = replace(SMALL, epochs=0, restarts=10 * QUICK, groups={}, ends=False)
    assert ResultStore(tmp_path).measured(many).runs == QUICK
    assert ResultStore(tmp_path, "full").measured(many).runs == 10 * QUICK


def test_files_of_other_experiments_are_removed(tmp_path, measured):
    (tmp_path / "old.json").write_text("{}")
    ResultStore(tmp_path, "full", {"small": measured}).keep()
    assert [path.name for path in tmp_path.iterdir()] == ["small.json"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"settings": {}, "origin": 3}', "null"])
def test_a_broken_file_is_reported(tmp_path, text):
    (tmp_path / "small.json").write_text(text)
    with pytest.raises(FileError, match="--level full --keep"):
        ResultStore(tmp_path).measured(SMALL)


def test_an_unknown_level_is_reported(tmp_path):
    with pytest.raises(StabilityError, match="quick or full"):
        ResultStore(tmp_path, "slow")


def test_a_study_settles_a_claim(tmp_path, measured):
    store = ResultStore(tmp_path, "full", {"small": measured})
    for wanted, status in ((300, "reproduced"), (299, "not-reproduced")):
        study = Study([SMALL], lambda m, wanted=wanted: Measurement(m.runs == wanted, f"{m.runs} runs"))
        found = settle(Claim("c", "1", "says", measure=study), store=store)
        assert (found.status, found.reason) == (status, "300 runs")
