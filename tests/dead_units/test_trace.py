"""Ranges of tensors hold whatever the parameters are, and what depends on chance is seen."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from stability.dead_units.trace import CallTrace

INF = float("inf")
CASES = {
    "relu": (torch.relu, (0, INF)),
    "relu6": (functional.relu6, (0, 6)),
    "sigmoid": (torch.sigmoid, (0, 1)),
    "softmax": (lambda x: functional.softmax(x, -1), (0, 1)),
    "tanh": (torch.tanh, (-1, 1)),
    "flat": (lambda x: torch.relu(x).flatten(1), (0, INF)),
    "dropped": (lambda x: functional.dropout(torch.sigmoid(x), 0.5), (0, 2)),
    "pooled": (lambda x: functional.max_pool1d(torch.tanh(x), 2), (-1, 1)),
    "shifted": (lambda x: torch.sigmoid(x) + 0, None),
    "mean": (lambda x: functional.avg_pool1d(functional.relu6(x), 2), (0, 6)),
    "sum": (lambda x: torch.relu(x) + 1, None),
    "changed in place": (lambda x: torch.relu(x).sub_(1), None),
    "data": (lambda x: x, None),
}


@pytest.mark.parametrize(("function", "wanted"), CASES.values(), ids=CASES)
def test_a_range_holds_the_tensor(function, wanted):
    x = 9 * torch.randn(4, 6, 8)
    with CallTrace(lambda weight: None) as trace:
        out = function(x)
    found = trace.range_of(out)
    if wanted is None:
        assert found is None
        return
    assert found == pytest.approx(wanted)
    assert found[0] <= out.min()
    assert out.max() <= found[1]


def test_chance_is_seen_through_what_follows():
    drop, norm, linear = nn.Dropout(0.5), nn.BatchNorm1d(3), nn.Linear(3, 3)
    x = torch.randn(5, 3)
    with CallTrace(lambda weight: None) as trace:
        quiet, dropped, normed = linear(x), linear(torch.cat([drop(x)])), linear(norm(x))
        later = linear(norm.eval()(drop.eval()(x)))
    assert [trace.depends_on_chance(each) for each in (quiet, dropped, normed, later)] == [False, True, True, False]


def test_activations_that_are_used_elsewhere_are_seen():
    linear = nn.Linear(2, 2)
    x = torch.randn(3, 2)
    with CallTrace(lambda weight: None) as trace:
        z = linear(x)
        both = torch.relu(z) * z.sum()
        alone = torch.relu(linear(x))
        inside = functional.relu(linear(x), inplace=True) + 1
        returned = linear(x)
        out = both, alone, inside, returned, torch.relu(returned)
    assert [trace.is_used_elsewhere(each, out) for each in trace.activations] == [True, False, False, True]
    assert trace.uses(linear.weight) == 4
