"""How far a step moves weights: exact where they are small, close where they are large, by module."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from stability import Monitor
from stability.training.monitoring.updates import MOST, entries, ratios


def test_small_weights_are_compared_whole_and_biases_not_at_all():
    net = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    net[1].weight.requires_grad = False
    found = entries(net.parameters())
    assert found.sizes == ((12, 12),)
    assert found.values.tolist() == net[0].weight.flatten().tolist()
    assert entries([net[0].bias]) is None


@pytest.mark.parametrize("shape", [(256, 256), (100, 64), (1000, 51), (64, 32, 3, 3), (5, 2000)])
@pytest.mark.parametrize("transposed", [False, True])
def test_entries_of_large_weights_come_from_all_columns(shape, transposed):
    weight = nn.Parameter(torch.arange(math.prod(shape), dtype=torch.float64).reshape(shape))
    weight = nn.Parameter(weight.detach().transpose(0, 1)) if transposed else weight
    found = entries([weight])
    count = found.values.numel()
    assert found.sizes == ((count, weight.numel()),)
    assert MOST / 2 < count <= MOST
    columns = {int(x) % weight.shape[-1] for x in found.values} if not transposed else {}
    assert transposed or len(columns) == min(weight.shape[-1], count)
    assert len({*found.values.tolist()}) == count
    flat = weight.detach().reshape(-1)
    assert torch.equal(found.values, flat[torch.arange(count) * (flat == found.values[1]).nonzero().item()])


def test_ratios_are_norms_of_differences():
    before = np.array([[3.0, 4.0, 0.0, 0.0], [1.0, 0.0, 2.0, 0.0]])
    after = np.array([[3.0, 4.5, 1.0, 0.0], [1.0, 0.0, 2.0, 2.0]])
    found = ratios(before, after, [(2, 2), (2, 8)])
    assert found.each == pytest.approx(np.array([[0.1, math.nan], [0.0, 1.0]]), nan_ok=True)
    assert found.whole == pytest.approx([math.sqrt((0.25 + 4) / 25), math.sqrt(16 / 17)])
    assert found.most.tolist() == [1, 1]
    none = ratios(np.zeros((1, 2)), np.ones((1, 2)), [(2, 2)])
    assert math.isnan(none.whole[0])


@pytest.mark.parametrize("every", [1, 3])
def test_a_monitor_reads_the_step_before_a_reading(every):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    optimiser, seen = torch.optim.SGD(net.parameters(), 0.1), []
    with Monitor(net, every) as monitor:
        for _ in range(7):
            seen.append([net[k].weight.detach().clone() for k in (0, 2)])
            optimiser.zero_grad()
            net(torch.randn(8, 3)).square().mean().backward()
            optimiser.step()
    for reading in monitor.readings:
        assert reading.learning_rates == (0.1,)
        if reading.step:
            before, now = seen[reading.step - 1], seen[reading.step]
            moved = [float((b - a).norm()) for a, b in zip(before, now, strict=True)]
            sizes = [float(a.norm()) for a in before]
            assert reading.layers[0].update_ratio == pytest.approx(moved[0] / sizes[0], rel=1e-4)
            assert reading.update_ratio == pytest.approx(math.hypot(*moved) / math.hypot(*sizes), rel=1e-4)
            assert reading.update_layer == ("0" if moved[0] > moved[1] else "2")
        else:
            assert math.isnan(reading.update_ratio)


def test_of_a_large_weight_the_ratio_is_close():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(300, 400), nn.ReLU(), nn.Linear(400, 1))
    before = net[0].weight.detach().clone()
    optimiser = torch.optim.Adam(net.parameters(), 1e-2)
    with Monitor(net) as monitor:
        for _ in range(2):
            optimiser.zero_grad()
            net(torch.randn(8, 300)).square().mean().backward()
            optimiser.step()
            if not monitor.steps - 1:
                after = net[0].weight.detach().clone()
    exact = float((after - before).norm() / before.norm())
    assert monitor.latest.layers[0].update_ratio == pytest.approx(exact, rel=0.2)


def test_learning_rates_may_be_tensors():
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    rates = torch.tensor(0.25), 0.5
    optimiser = torch.optim.Adam(
        [{"params": net[k].parameters(), "lr": rate} for k, rate in zip((0, 2), rates, strict=True)], lr=rates[0]
    )
    with Monitor(net) as monitor:
        net(torch.randn(8, 3)).mean().backward()
        optimiser.step()
        monitor.step()
    assert monitor.readings[0].learning_rates == (0.25, 0.5)
    assert monitor.readings[0].learning_rate == 0.5


def test_entries_of_a_weight_that_got_another_shape_are_not_compared():
    weight = nn.Parameter(torch.arange(12.0).reshape(3, 4))
    before = entries([weight])
    assert before.are_like(entries([weight]))
    weight.data = weight.data[:, :2].contiguous()
    assert not before.are_like(entries([weight]))


@pytest.mark.parametrize("size", [4, 128])
def test_the_update_of_a_weight_that_got_another_shape_is_not_known(size):
    torch.manual_seed(0)
    model, x = nn.Sequential(nn.Linear(size, size), nn.ReLU(), nn.Linear(size, size), nn.ReLU()), torch.randn(128, size)
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    with Monitor(model) as monitor:
        for width in (size, size, size // 2, size):
            for each in model[0].parameters():
                each.data = torch.ones(width, *each.shape[1:])
            model[2].weight.data = torch.ones(size, width)
            for each in model.parameters():
                each.grad = torch.ones_like(each)
            model(x)
            optimizer.step()
    ratios = [reading.update_ratio for reading in monitor.readings]
    assert [math.isnan(ratio) for ratio in ratios] == [True, False, True, True]
    assert ratios[1] < 10
