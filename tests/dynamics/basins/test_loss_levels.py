"""Levels of loss of an update rule need no arrangement, and are those of the sets where there is an atlas."""

import doctest
import sys

import numpy as np
import pytest

from stability import landscape
from stability.dynamics.basins import loss_levels
from stability.dynamics.basins.basins import basins
from stability.dynamics.basins.loss_levels import loss_levels as levels_of
from stability.initialisation.sampling import starts
from stability.model.datasets import Dataset
from stability.model.update_rules import update_rule

RNG = np.random.default_rng(5)
ROWS = Dataset("rows", RNG.normal(size=(300, 2)).round(3).tolist(), RNG.integers(0, 2, 300).tolist())
GD = update_rule("gd", step="1/2000")


def test_levels_are_the_shares_of_the_sets():
    place, step = landscape("relu2", "xor"), update_rule("gd", step="1/20")
    found = levels_of(place, "normal:0.5:0.5", 300, step, seed=3)
    shares = basins(place, "normal:0.5:0.5", 300, 3, rule=step).shares
    counts = {}
    for each in shares:
        counts[float(each.set.loss)] = counts.get(float(each.set.loss), 0) + each.count
    assert {each.loss: each.count for each in found.levels if each.resting == each.count} == counts


def test_runs_are_those_of_a_plain_loop():
    place = landscape("relu2", ROWS)
    found = levels_of(place, "normal:1", 3, GD, max_steps=400)
    rows = np.column_stack([np.array(ROWS.points, dtype=float), np.ones(300)])
    labels, ends = np.array(ROWS.labels, dtype=float), []
    for point in starts(place, "normal:1", 3, 0):
        p = point.copy()
        for _ in range(400):
            z = rows @ p.T
            errors = np.maximum(z, 0).sum(1) - labels
            p -= 1 / 2000 * 2 * (errors[:, None] * (z > 0)).T @ rows
        ends.append(float(f"{((np.maximum(rows @ p.T, 0).sum(1) - labels) ** 2).sum():.1e}"))
    assert sorted(ends) == [each.loss for each in found.levels for _ in range(each.count)]


def test_the_result_does_not_depend_on_how_many_are_followed_at_once(monkeypatch):
    place = landscape("relu1", ROWS)
    together = levels_of(place, "normal:1", 7, GD, max_steps=50)
    for numbers in (1, 2 * 300, 3 * 300):
        monkeypatch.setattr(loss_levels, "AT_ONCE", numbers)
        assert levels_of(place, "normal:1", 7, GD, max_steps=50) == together


def test_runs_that_leave_all_bounds_are_counted():
    found = levels_of(landscape("abs1", ROWS), "normal:1:1", 5, update_rule("gd", step="1"), max_steps=100)
    assert (found.diverged, found.levels) == (5, [])
    assert found.to_json()["levels"] == []


def test_losses_up_to_a_thousandth_of_that_of_no_output_count_as_none():
    place = landscape("abs1", Dataset("line", [[1], [-1]], [1, 1]))
    step = update_rule("gd", step="1/1000")
    (level,) = levels_of(place, "normal:1/100:1/100", 1, step, max_steps=800).levels
    assert level.loss == pytest.approx(0.0029, rel=0.5)
    (level,) = levels_of(place, "normal:1/100:1/100", 1, step, max_steps=1200).levels
    assert level.loss == 0


def test_the_example_holds():
    assert doctest.testmod(sys.modules["stability.dynamics.basins.loss_levels"]).failed == 0
