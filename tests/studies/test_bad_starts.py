"""Trainings that start badly: what is done to them, and that remedies do what they say."""

import pytest
import torch

from stability.studies.bad_starts import BAD_STARTS, REMEDIES, badly_started_run, recycle, train_badly_started
from stability.studies.perceptron_trainings import perceptron


def test_every_start_runs_under_every_remedy():
    found = [badly_started_run(start, remedy, 0, 3) for start in BAD_STARTS for remedy in (*REMEDIES, "careful")]
    assert all(0 <= each["accuracy"] <= 1 for each in found)
    assert train_badly_started("step 1", "careful", 0, 3) == train_badly_started("step 1", "careful", 0, 3)


def test_dormant_units_are_drawn_anew_and_give_nothing_at_first():
    torch.manual_seed(0)
    model, x = perceptron(6, 8, 4), torch.rand(32, 6)
    optimizer = torch.optim.Adam(model.parameters())
    model(x).square().sum().backward()
    optimizer.step()
    with torch.no_grad():
        model[0].bias[2] = -50
    before = model[0].weight.detach().clone()
    kept = model(x).detach()
    count = recycle(model, optimizer, x)
    changed = (model[0].weight != before).any(1)
    assert changed[2]
    assert int(changed.sum()) == count
    assert not model[2].weight[:, 2].any()
    assert not optimizer.state[model[0].weight]["exp_avg"][2].any()
    assert torch.allclose(model(x), kept, atol=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("start", [name for name in BAD_STARTS if name != "none"])
def test_careful_mends_every_start(start):
    assert train_badly_started(start, "careful", 3).accuracy > 0.92
