"""The task of the tangency sweep: its share and its interval are those of the counts, its starts those of the law."""

from types import SimpleNamespace

import numpy as np
import pytest
from command_line import wilson_by_roots

from stability.errors import StabilityError
from stability.initialisation.sampling import initial
from stability.studies import tangency_tasks
from stability.studies.sweeps import SWEEPS
from stability.studies.tangency_tasks import tangency
from stability.training.ensembles.ensemble import place_of
from stability.training.ensembles.problem import task

HOW = {"epochs": 2, "seed": 3, "model": "relu2", "device": "cpu"}
Z = 1.959963984540054
"""The quantile of the normal distribution at 0.975."""


@pytest.fixture
def trained(monkeypatch):
    """Return a function that sets which runs succeed, and a list of what was asked for."""
    asked, ends = [], []

    def train(task, init, rule, **more):
        asked.append((task.name, task.data.name, init, str(rule), more))
        return SimpleNamespace(success=np.array(ends[-1]), losses=np.array([0.5 * (not each) for each in ends[-1]]))

    monkeypatch.setattr(tangency_tasks, "train", train)
    return ends, asked


@pytest.mark.parametrize("successes", [0, 3, 8])
def test_a_share_and_its_interval_are_those_of_the_counts(trained, successes):
    ends, _ = trained
    ends.append([True] * successes + [False] * (8 - successes))
    found = tangency(0.5, 0.25, restarts=8, **HOW)
    low, high = wilson_by_roots(successes, 8, Z)
    assert (found["successes"], found["share"], found["mean_loss"]) == (successes, successes / 8, (8 - successes) / 16)
    assert (found["wilson_low"], found["wilson_high"]) == pytest.approx((low, high), abs=1e-12)
    assert [type(value) for value in found.values()] == [int, float, float, float, float]


def test_the_law_and_the_rule_are_those_of_the_write_up(trained):
    ends, asked = trained
    ends.append([True])
    tangency(0.1, 1e-7, restarts=1, **HOW)
    assert asked == [
        (
            *("relu2", "xor", "partial-tangency:0.1:1e-07"),
            "adam (step 1/100, beta1 9/10, beta2 999/1000, eps 1/100000000)",
            {"epochs": 2, "restarts": 1, "seed": 3, "device": "cpu"},
        )
    ]


@pytest.mark.parametrize("epochs", [0, 1])
def test_a_step_from_the_starts_of_the_law_is_that_of_adam(epochs):
    """The first step of Adam moves every parameter by 1/100 against the sign of its slope, where there is one."""
    problem = task("relu2", "xor")
    rows = initial("partial-tangency:0.5:0.5", place_of(problem), 8, 3).reshape(8, 2, 3)
    x = np.array([[1, -1, 1], [-1, 1, 1], [1, 1, 1], [-1, -1, 1]])
    y = np.array([1, 1, 0, 0])

    def outputs(rows):
        return np.maximum(rows @ x.T, 0).sum(1)

    if epochs:
        slopes = np.einsum("ri,rui,ik->ruk", outputs(rows) - y, rows @ x.T > 0, x)
        rows = rows - 0.01 * np.sign(np.where(np.abs(slopes) < 1e-9, 0, slopes))
    right = ((outputs(rows) > 0.5) == y).all(1)
    found = tangency(0.5, 0.5, 8, **HOW | {"epochs": epochs})
    assert found["mean_loss"] == pytest.approx(((outputs(rows) - y) ** 2).mean(), rel=1e-5)
    assert found["successes"] == right.sum()


def test_the_same_seed_gives_the_same_and_more_restarts_keep_the_first():
    assert tangency(0.0, 0.5, restarts=6, **HOW) == tangency(0.0, 0.5, restarts=6, **HOW)
    assert tangency(0.0, 0.5, 6, **HOW | {"seed": 4})["mean_loss"] != tangency(0.0, 0.5, 6, **HOW)["mean_loss"]


@pytest.mark.parametrize(("p", "alpha", "restarts"), [(-0.1, 0.5, 2), (1.1, 0.5, 2), (0.5, -1.0, 2), (0.5, 0.5, 0)])
def test_what_makes_no_sense_is_refused(p, alpha, restarts):
    with pytest.raises(StabilityError):
        tangency(p, alpha, restarts, **HOW)


def test_the_sweep_names_every_argument():
    grid = SWEEPS["tangency"]
    names = tangency.__code__.co_varnames[: tangency.__code__.co_argcount]
    assert {*grid.axes, *grid.fixed} == {*names}
    assert grid.address.endswith("tangency_tasks:tangency")
