"""Bounds in floats of settings at the ends of what a float holds: infinite, never a warning or no number."""

import warnings

import pytest
import torch
from torch import nn

from stability import check, recovery
from stability.dead_units.optimisers import APART

OPTIMISERS = {
    "sgd": lambda groups: torch.optim.SGD(groups, 1e-3),
    "momentum": lambda groups: torch.optim.SGD(groups, 1e-3, momentum=0.9),
    "nesterov": lambda groups: torch.optim.SGD(groups, 1e-3, momentum=0.9, nesterov=True),
    "decayed momentum": lambda groups: torch.optim.SGD(groups, 1e-3, momentum=0.9, weight_decay=1e-4),
    "adam": lambda groups: torch.optim.Adam(groups, 1e-3),
    "decayed adam": lambda groups: torch.optim.Adam(groups, 1e-3, weight_decay=0.1),
    "adamw": lambda groups: torch.optim.AdamW(groups, 1e-3),
    "hardly decayed adamw": lambda groups: torch.optim.AdamW(groups, 1e-3, weight_decay=1e-310),
}


@pytest.mark.parametrize("lr", [5e-324, 1e200, 1e308])
@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("stepped", [False, True])
@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_rate_at_the_ends_of_floats_has_an_answer_without_a_warning(name, stepped, apart, lr):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    x = torch.rand(20, 2)
    weights, biases = ([p for key, p in model.named_parameters() if key.endswith(end)] for end in ("weight", "bias"))
    split = [{"params": weights}, {"params": biases, "weight_decay": 0.0}]
    optimizer = OPTIMISERS[name](split if apart else [*weights, *biases])
    if stepped:
        model(x).square().mean().backward()
        optimizer.step()
    with torch.no_grad():
        model[0].bias[0] = -50
    for group in optimizer.param_groups:
        group["lr"] = lr
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = recovery(model, x, optimizer)
    (unit,) = (each for each in found.units if each.unit == 0 and each.layer == "0")
    assert unit.status in ("dead for ever", "dead for n steps", "may come back") or (apart and unit.reason == APART)
    assert all(check(record).startswith("proved") for record in found.records)
    if not stepped and "decayed" not in name and name != "adamw":
        assert unit.status == "dead for ever", "nothing moves it, however large the rate"
