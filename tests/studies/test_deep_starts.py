"""Starts of deep networks: what was measured, and a part of it measured again."""

import re

import numpy as np
import pytest
import torch
from paths import ROOT
from scipy import stats

from stability.errors import FileError, UnknownNameError
from stability.studies import deep_starts as study
from stability.studies.deep_starts import (
    CHOSEN,
    COMPARED,
    T_95,
    TASKS,
    difference,
    interval,
    keep_starts,
    kept_starts,
    start_accuracies,
    start_table,
)

KEPT = kept_starts()
PAGE = (ROOT / "docs/deep.md").read_text(encoding="utf-8")
HELD_OUT = 200
"""A seed that served neither to choose starts nor to measure them."""


def accuracies(task):
    return {start: np.array(values) for start, values in KEPT[task]["accuracies"].items()}


@pytest.mark.parametrize("task", list(TASKS))
def test_the_documented_table_is_that_of_what_was_kept(task):
    kept = KEPT[task]
    assert "\n".join(start_table(kept["accuracies"])) in PAGE
    assert list(kept["accuracies"]) == list(COMPARED[task])
    assert {len(each) for each in kept["accuracies"].values()} == {kept["settings"]["seeds"]}
    assert kept["settings"]["steps"] is None
    assert all(kept[name] for name in ("version", "made", "code"))


def test_starts_were_not_measured_on_the_seeds_on_which_they_were_chosen():
    settings = KEPT["convolutions"]["settings"]
    assert settings["first"] + settings["seeds"] <= 100 > KEPT["convolutions-600"]["settings"]["seeds"]
    assert settings["seeds"] >= 5
    assert {*CHOSEN} < {*KEPT["convolutions"]["accuracies"]}


def test_differences_in_the_text_are_those_of_what_was_kept():
    found = KEPT["convolutions"]["accuracies"]
    said = re.findall(r"`([^`]+)` over `([^`]+)`: ([+-][0-9.]+ ± [0-9.]+)", PAGE)
    assert said
    for one, other, words in said:
        assert difference(found[one], found[other]) == words


def test_spheres_start_thin_networks_that_no_other_start_does():
    moons = accuracies("moons")
    assert (moons["hypersphere"] >= 0.9).sum() == 8
    assert (moons["torch"] >= 0.9).sum() == 0


def test_intervals_are_those_of_scipy():
    values = [0.1, 0.4, 0.35, 0.8]
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    middle, half = interval(values)
    assert (middle - half, middle + half) == pytest.approx((low, high), abs=1e-3)
    assert all(value == pytest.approx(stats.t.ppf(0.975, n - 1), abs=6e-4) for n, value in T_95.items())


def test_results_are_kept_by_task(monkeypatch, tmp_path):
    monkeypatch.setattr(study, "project_folder", lambda: tmp_path)
    assert kept_starts() == {}
    keep_starts("moons", {"torch": [0.5]}, {"seeds": 1})
    path = keep_starts("convolutions", {"he": [0.25]}, {"seeds": 1})
    assert path.is_relative_to(tmp_path / "proofs" / "measured")
    kept = kept_starts()
    assert kept["moons"]["accuracies"] == {"torch": [0.5]}
    assert kept["convolutions"]["settings"] == {"seeds": 1}
    assert kept["moons"]["code"] == kept["convolutions"]["code"]
    monkeypatch.setattr(study, "is_carried", lambda path: True)
    with pytest.raises(FileError, match="wheel"):
        keep_starts("moons", {}, {})


@pytest.mark.parametrize("task", list(TASKS))
def test_training_side_by_side_is_training_one_by_one(task):
    together = start_accuracies(task, ["torch", "hypersphere, scaled"], seeds=2, steps=2)
    alone = start_accuracies(task, ["hypersphere, scaled"], seeds=1, steps=2, first=1)
    assert together["hypersphere, scaled"][1] == pytest.approx(alone["hypersphere, scaled"][0], abs=0.02)
    assert all(0 <= each <= 1 for values in together.values() for each in values)


def test_the_random_state_is_left():
    before = torch.get_rng_state()
    start_accuracies("moons", ["torch"], seeds=1, steps=0)
    with pytest.raises(UnknownNameError, match="moons"):
        start_accuracies("moon")
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.slow
def test_spheres_start_thin_networks_again():
    found = start_accuracies("moons", ["torch", "hypersphere"], seeds=2, first=HELD_OUT)
    assert max(found["torch"]) < 0.6
    assert min(found["hypersphere"]) >= 0.9


@pytest.mark.slow
def test_convolutions_learn_again_from_the_starts_that_were_chosen():
    found = start_accuracies("convolutions", ["torch", "he", "hypersphere, scaled", *CHOSEN], seeds=2, first=HELD_OUT)
    assert max(found["torch"] + found["hypersphere, scaled"]) < 0.3
    assert min(found["he"]) > 0.3
    assert all(np.mean(found[start]) > 0.45 for start in CHOSEN)
