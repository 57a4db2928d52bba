"""What needs no ReLU: how outputs move and differ, by hand, and where it is not defined."""

import math
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from stability import Monitor
from stability.training.monitoring.extra_numbers import (
    ENTRIES,
    EXAMPLES,
    Asked,
    changes,
    entries_of_output,
    extra_numbers,
    noise_scales,
    spreads,
    unpacked,
)
from stability.training.monitoring.pack import look
from stability.training.monitoring.packed_rows import PackedRows
from stability.training.monitoring.updates import entries


def test_outputs_spread_by_their_deviation_over_examples_alone():
    """Two entries that differ from each other, but not between examples, do not count."""
    same, apart = [[3.0, 4.0], [3.0, 4.0]], [[3.0, 4.0], [3.0, -4.0]]
    table = np.array([same, apart]).reshape(2, 4)
    assert spreads(table, (2, 2)) == pytest.approx([0.0, math.sqrt(8 / 12.5)])
    assert spreads(np.zeros((1, 4)), (2, 2)) == [0.0]
    assert math.isnan(spreads(np.ones((1, 2)), (1, 2))[0])
    assert math.isnan(spreads(np.full((1, 4), math.nan), (2, 2))[0])


def test_outputs_move_by_step():
    outputs = np.array([[3.0, 4.0], [3.0, 4.0], [3.0, 9.0]])
    moved = changes(outputs, np.array([0.0, 0.0]), [5, 10, 20], 0)
    assert moved == pytest.approx([1 / 5, 0.0, 5 / math.sqrt(90) / 10])
    assert math.isnan(changes(outputs, None, [5, 10, 20], 0)[0])
    assert math.isnan(changes(outputs, np.zeros(3), [5, 10, 20], 0)[0]), "of another batch size nothing is known"
    assert changes(np.zeros((1, 2)), np.zeros(2), [1], 0) == [0.0]
    assert all(map(math.isnan, changes(np.zeros((2, 0)), None, [1, 2], 0)))


@pytest.mark.parametrize("shape", [(2,), (5, 3), (100, 10, 7), (1000, 1), (2, 3, 4, 5)])
def test_entries_of_outputs_are_few_and_come_from_all_examples(shape):
    output = torch.arange(math.prod(shape)).float().reshape(shape)
    found = entries_of_output(output)
    assert found.shape[0] <= EXAMPLES
    assert found.shape[1] <= ENTRIES
    assert found.shape[0] >= min(shape[0], EXAMPLES) / 2
    assert {*found.flatten().tolist()} <= {*output.flatten().tolist()}
    spread = torch.stack([output, output], -1)[..., 0]
    assert torch.equal(entries_of_output(spread), found)
    assert torch.equal(entries_of_output(torch.cat([output, output])[len(output) :]), found)
    assert found.data_ptr() != output.data_ptr() or found.numel() == output.numel()


def test_a_number_has_no_entries():
    assert entries_of_output(torch.tensor(1.0)) is None
    assert entries_of_output(torch.ones(1)) is None


def test_all_numbers_stand_in_their_order():
    weight = torch.nn.Parameter(torch.tensor([[1.0, 2.0]]))
    before = entries([weight])
    now = replaced(before, torch.tensor([1.0, 4.0]))
    looked = look([], outputs=torch.tensor([[5.0], [6.0]]), examples=2)._replace(passes=2)
    norms = [torch.tensor(3.0), torch.tensor(7.0)]
    asked = Asked((0.5, torch.tensor(0.25)), before, now, frozenset({"gradient noise scale"}), norms)
    tail, extra = extra_numbers(looked, asked, {id(weight): "net.0"})
    numbers = torch.cat([each.reshape(-1) for each in tail])
    assert numbers.tolist() == [0.25, 5.0, 6.0, 1.0, 2.0, 1.0, 4.0, 3.0, 7.0]
    assert (extra.rates, extra.outputs, extra.weights, extra.micro, extra.examples) == (1, (2, 1), ("net.0",), 2, 2)
    found = unpacked(PackedRows.of([numbers]), extra, [asked.plain_rates], detail=False)
    assert found.rates == [(0.5, 0.25)]
    assert found.ratios.whole == pytest.approx([2 / math.sqrt(5)])
    mean = (7**2 - 2 * 3**2) / 2
    assert found.noise == [pytest.approx((mean, (3**2 - mean) * 2))]


def replaced(kept, values):
    return kept._replace(within=values, start=0)


def test_of_other_weights_no_update_is_known():
    one, other = (torch.nn.Parameter(torch.ones(1, 2)) for _ in range(2))
    asked = Asked(before=entries([one]), now=entries([other]))
    tail, extra = extra_numbers(look([]), asked, {})
    assert (tail, extra.sizes) == ([], ())
    wrong = asked._replace(quantities=frozenset({"gradient noise scale"}), norms=[torch.tensor(1.0)] * 3)
    assert extra_numbers(look([]), wrong, {})[1].micro == 0, "three backward passes after one forward pass"


def test_noise_is_averaged_before_it_is_divided():
    scales, average = noise_scales([(1.0, 2.0), (3.0, 2.0), None, (math.nan, 1.0)], None)
    assert average == pytest.approx((0.9 + 0.3, 2.0))
    assert scales == pytest.approx([2.0, 2 / 1.2, None, 2 / 1.2])
    assert noise_scales([(1.0, 2.0)], (3.0, 2.0))[0] == pytest.approx([2 / 2.8])


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 3e38])
def test_numbers_that_are_not_finite_raise_no_warning_of_numpy(value):
    """Where warnings are errors, readings would not come out."""
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    model[2].bias.data.fill_(value)
    with Monitor(model, quantities="all") as monitor:
        for _ in range(2):
            model(torch.ones(4, 2)).sum().backward()
            monitor.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [reading.step for reading in monitor.readings] == [0, 1]
        assert monitor.latest.finite == (value == 3e38)
