"""Ranks of layers in networks without ReLUs: those of numpy, over the passes of a step, and nothing left behind."""

import copy
import math
import pickle

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

from stability import Monitor

BOTH = ("effective rank", "stable rank")


def effective(rows):
    values = np.linalg.svd(rows.detach().double().numpy(), compute_uv=False)
    shares = values[values > 1e-12 * values.max()] / values.sum()
    return math.exp(-(shares * np.log(shares)).sum())


def stable(weight):
    table = weight.detach().double().numpy().reshape(len(weight), -1)
    return (table**2).sum() / np.linalg.norm(table, 2) ** 2


def step(model, *batches):
    optimiser = torch.optim.SGD(model.parameters(), 0.0)
    for x in batches:
        model(x).square().mean().backward()
    optimiser.step()


def tanh():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 5), nn.GELU(), nn.Linear(5, 1))


def test_ranks_are_those_of_numpy():
    model, x = tanh(), torch.randn(30, 4)
    with Monitor(model, quantities=BOTH) as monitor:
        step(model, x)
    for at in (0, 2, 4):
        layer = monitor.latest.layer(str(at))
        assert layer.effective_rank == pytest.approx(effective(model[: at + 1](x)), rel=1e-4)
        assert layer.stable_rank == pytest.approx(stable(model[at].weight), rel=1e-4)


def test_places_of_convolutions_and_steps_of_sequences_count_as_examples():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(2, 5, 3), nn.SiLU(), nn.Flatten(2), nn.Linear(9, 3))
    x = torch.randn(7, 2, 5, 5)
    with Monitor(model, quantities="all") as monitor:
        step(model, x)
    z = model[0](x)
    assert monitor.latest.layer("0").effective_rank == pytest.approx(
        effective(z.movedim(1, -1).reshape(-1, 5)), rel=1e-4
    )
    assert monitor.latest.layer("3").effective_rank == pytest.approx(effective(model(x).reshape(-1, 3)), rel=1e-4)
    assert monitor.latest.layer("0").stable_rank == pytest.approx(stable(model[0].weight), rel=1e-4)


@pytest.mark.parametrize(("passes", "rows"), [("all", slice(None)), ("last", slice(20, None))])
def test_passes_of_a_step_are_joined(passes, rows):
    model, x = tanh(), torch.randn(26, 4)
    with Monitor(model, quantities=BOTH, passes=passes) as monitor:
        step(model, x[:20], x[20:])
        step(model, x)
    assert monitor.readings[0].layer("2").effective_rank == pytest.approx(effective(model[:3](x[rows])), rel=1e-4)
    assert monitor.readings[1].layer("2").effective_rank == pytest.approx(effective(model[:3](x)), rel=1e-4)


@pytest.mark.parametrize("name", BOTH)
def test_only_what_is_asked_for_is_measured(name):
    model = tanh()
    with Monitor(model, quantities=[name]) as monitor:
        step(model, torch.randn(9, 4))
    layer = monitor.latest.layer("0")
    known = {"effective rank": layer.effective_rank, "stable rank": layer.stable_rank}
    assert {each for each, value in known.items() if not math.isnan(value)} == {name}
    with Monitor(model) as monitor:
        assert not any(part._forward_hooks for part in model[:])
        step(model, torch.randn(9, 4))
    assert math.isnan(monitor.latest.layer("0").stable_rank)


def test_a_network_with_relus_has_the_ranks_of_its_activations():
    torch.manual_seed(0)
    model, x = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2)), torch.randn(30, 4)
    with Monitor(model, quantities=BOTH) as monitor:
        step(model, x)
    assert [each.name for each in monitor.latest.layers] == ["0"]
    assert monitor.latest.layer("0").effective_rank == pytest.approx(effective(model[:2](x)), rel=1e-3)


def test_nothing_changes_and_nothing_stays():
    model, x = tanh(), torch.randn(9, 4)
    expected, rank = model(x), effective(model[0](x))
    monitor = Monitor(model, every=2, quantities=BOTH)
    assert torch.equal(model(x), expected)
    copies = copy.deepcopy(model), pickle.loads(pickle.dumps(model))
    assert all(torch.equal(each(x), expected) for each in copies)
    with torch.no_grad():
        model.eval()(x)
    model.train()
    step(model, x)
    step(model, torch.zeros(0, 4))
    step(model, torch.full((3, 4), math.nan))
    monitor.close()
    assert not any(part._forward_hooks for part in model.modules())
    assert math.isnan(monitor.readings[1].layer("0").effective_rank)
    assert monitor.readings[0].layer("0").effective_rank == pytest.approx(rank, rel=1e-4)


class Counting(nn.Module):
    """A parametrization with something that each computation of the weight changes, as spectral norm has."""

    def __init__(self):
        super().__init__()
        self.register_buffer("computed", torch.tensor(0))

    def forward(self, weight):
        self.computed += 1
        return weight.tanh()


@pytest.mark.parametrize("between", [nn.ReLU, nn.Tanh])
def test_weights_that_are_computed_are_not_computed_once_more(between):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 8), between(), nn.Unflatten(1, (2, 4)), nn.Conv1d(2, 3, 2), nn.Linear(3, 2))
    counts = [Counting() for _ in range(3)]
    for layer, count in zip((model[0], model[3], model[4]), counts, strict=True):
        parametrize.register_parametrization(layer, "weight", count)
        count.computed.zero_()
    with Monitor(model, quantities=BOTH) as monitor:
        step(model, *torch.randn(3, 20, 6))
    assert [int(count.computed) for count in counts] == [3, 3, 3]
    assert len(monitor.readings) == 1
