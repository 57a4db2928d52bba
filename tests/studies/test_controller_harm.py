"""Runs with a controller and without are compared bit for bit, and noisy labels are no trouble."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from stability.errors import UnknownNameError
from stability.studies import controller_harm as study
from stability.studies.controller_harm import OTHERS, controlled_run, digest
from stability.studies.healthy_trainings import TRAININGS
from stability.training.control.controller import Controller, Policy, Rule
from stability.training.control.interventions import Intervention


def test_a_digest_is_of_every_bit():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    before = digest({"model": model})
    assert digest({"model": model}) == before
    assert digest({"other": model}) != before
    with torch.no_grad():
        model[0].bias[1] = torch.nextafter(model[0].bias[1], torch.tensor(9.0))
    after = digest({"model": model})
    assert after != before
    model[1].num_batches_tracked += 1
    assert digest({"model": model}) not in (before, after)


@pytest.mark.parametrize("name", ["digits", "adversarial", "mixture", "lstm", *OTHERS])
def test_runs_are_comparable(name, monkeypatch):
    for table in (TRAININGS, OTHERS):
        for entry in table.values():
            monkeypatch.setitem(table, entry.name, replace(entry, steps=12))
    plain, careful = (controlled_run(name, 7, policy) for policy in ("none", "careful"))
    assert {**plain, "seconds": 0} == {**careful, "seconds": 0}
    assert careful["acted"] == {}
    assert careful["cannot"] == []


def test_what_a_controller_does_is_counted(monkeypatch):
    turn = Policy("turn", (Rule("dead data", (Intervention("random rotation", 0.1),)),))

    def own(run, policy, seed):
        yield Controller(run.networks["model"], turn, every=2)

    def dead(seed):
        run = TRAININGS["digits"].build(seed)
        with torch.no_grad():
            run.networks["model"][0].bias.fill_(-9)
        return run

    entry = replace(TRAININGS["digits"], steps=6)
    monkeypatch.setitem(TRAININGS, "dead", replace(entry, name="dead", build=dead))
    monkeypatch.setattr(study, "controllers", own)
    found = controlled_run("dead", 3, "careful")
    assert found["acted"] == {"random rotation (0.1)": 3}
    assert found["weights"] != controlled_run("dead", 3, "none")["weights"]
    assert not found["learned"]


def test_an_unknown_training_is_refused():
    with pytest.raises(UnknownNameError):
        controlled_run("label", 0, "none")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3, 11))
def test_a_controller_that_takes_wrong_labels_for_trouble_would_harm(seed):
    plain, *others = (controlled_run("label-noise", seed, policy) for policy in ("none", "careful", "better"))
    for each in others:
        assert each["weights"] == plain["weights"]
        assert each["points"] == plain["points"] > 50
