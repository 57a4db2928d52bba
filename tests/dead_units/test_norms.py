"""Normalised numbers stay within the bound, which is reached."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from stability import recovery
from stability.dead_units.certify import FOR_EVER
from stability.dead_units.norms import largest_score


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=12))
def test_no_normalised_number_is_beyond_the_bound(values):
    x = torch.tensor(values, dtype=torch.float64)[:, None]
    out = torch.nn.functional.batch_norm(x, None, None, training=True)
    assert out.abs().max() <= largest_score(len(values))


@pytest.mark.parametrize("n", [2, 5, 100])
def test_the_bound_is_reached_by_one_number_apart(n):
    x = torch.zeros(n, 1, dtype=torch.float64)
    x[0] = 1e6
    out = torch.nn.functional.batch_norm(x, None, None, training=True)
    assert out.max() == pytest.approx(largest_score(n), rel=2e-3)


def test_units_behind_a_normalisation_stay_dead_in_training_on_any_batches():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 4), nn.LayerNorm(4), nn.ReLU())
    with torch.no_grad():
        model[1].bias[:2], model[4].bias[:2] = -4.5, -2.0
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-3)
    x, y = torch.randn(64, 2), torch.randn(64, 4)
    found = recovery(model, [x[:16], x[16:32]], optimizer, batch_size=16)
    dead = {(each.layer, each.unit) for each in found.units if each.status == FOR_EVER}
    assert dead >= {("0", 0), ("0", 1), ("3", 0), ("3", 1)}
    for _ in range(200):
        rows = torch.randperm(64)[:16]
        optimizer.zero_grad()
        (model(x[rows]) - y[rows]).square().mean().backward()
        optimizer.step()
        hidden = model[1](model[0](x[rows]))
        assert (hidden[:, :2] <= 0).all()
        assert (model[4](model[3](hidden.relu()))[:, :2] <= 0).all()


class Steps(nn.Module):
    """A network of sequences, whose steps are normalised together."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(3)

    def forward(self, x):
        return torch.relu(self.norm(x.flatten(0, 1))).sum()


def test_a_batch_of_sequences_is_normalised_over_all_steps():
    model, x = Steps(), torch.zeros(4, 25, 3)
    x[0, 0] = 1.0
    largest = largest_score(100)
    with torch.no_grad():
        model.norm.bias.copy_(torch.tensor([-9.0, -largest - 0.1, -largest + 0.1]))
    found = recovery(model, x, torch.optim.SGD(model.parameters(), lr=0.1))
    assert [each.status == FOR_EVER for each in found.units] == [False, True, False]
    assert (model.norm(x.flatten(0, 1)) > 0).any(dim=0).tolist() == [True, False, True]
    found = recovery(model, x, torch.optim.SGD(model.parameters(), lr=0.1), batch_size=5)
    assert FOR_EVER not in {each.status for each in found.units}


def test_the_longest_sequences_may_all_share_the_largest_batch():
    model, batches = Steps(), [torch.randn(4, 5, 3), torch.randn(2, 100, 3), torch.randn(3, 5, 3)]
    seen, possible = largest_score(200), largest_score(400)
    with torch.no_grad():
        model.norm.bias.copy_(torch.tensor([-seen - 0.1, -possible - 0.1, -possible + 0.1]))
    for order in (batches, batches[::-1]):
        found = recovery(model, iter(order), torch.optim.SGD(model.parameters(), lr=0.1))
        assert [each.status == FOR_EVER for each in found.units] == [False, True, False]
    longest = torch.zeros(4, 100, 3)
    longest[0, 0] = 1.0
    assert (model.norm(longest.flatten(0, 1)) > 0).any(dim=0).tolist() == [True, False, True]
