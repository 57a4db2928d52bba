"""Starts of deep networks: what was measured, and a part of it measured again."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from stability.errors import UnknownNameError
from stability.studies.deep_starts import SCALED, STARTS, T_95, TASKS, interval, start_accuracies, start_table

ROOT = Path(__file__).parent.parent.parent
KEPT = json.loads((ROOT / "docs/data/deep_starts.json").read_text())


@pytest.mark.parametrize("task", list(KEPT))
def test_the_documented_table_is_that_of_what_was_kept(task):
    table = "\n".join(start_table(KEPT[task], works=0.9))
    assert table in (ROOT / "docs/deep.md").read_text()
    assert list(KEPT[task]) == list(STARTS if task == "moons" else SCALED)
    assert len({len(each) for each in KEPT[task].values()}) == 1


def test_spheres_start_thin_networks_that_no_other_start_does():
    moons = {start: np.array(values) for start, values in KEPT["moons"].items()}
    assert (moons["hypersphere"] >= 0.9).sum() == 8
    assert (moons["torch"] >= 0.9).sum() == 0


def test_intervals_are_those_of_scipy():
    values = [0.1, 0.4, 0.35, 0.8]
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    middle, half = interval(values)
    assert (middle - half, middle + half) == pytest.approx((low, high), abs=1e-3)
    assert all(value == pytest.approx(stats.t.ppf(0.975, n - 1), abs=6e-4) for n, value in T_95.items())


@pytest.mark.parametrize("task", list(TASKS))
def test_training_side_by_side_is_training_one_by_one(task):
    together = start_accuracies(task, ["torch", "hypersphere, scaled"], seeds=2, steps=2)
    alone = start_accuracies(task, ["hypersphere, scaled"], seeds=1, steps=2)
    assert together["hypersphere, scaled"][0] == pytest.approx(alone["hypersphere, scaled"][0], abs=0.02)
    assert all(0 <= each <= 1 for values in together.values() for each in values)


def test_the_random_state_is_left():
    before = torch.get_rng_state()
    start_accuracies("moons", ["torch"], seeds=1, steps=0)
    with pytest.raises(UnknownNameError, match="moons"):
        start_accuracies("moon")
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.slow
def test_spheres_start_thin_networks_again():
    found = start_accuracies("moons", ["torch", "hypersphere"], seeds=2)
    assert max(found["torch"]) < 0.6
    assert min(found["hypersphere"]) >= 0.9
