"""Standard quantities against slow, independent computations, and where they are not defined."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from stability import Monitor
from stability.errors import StabilityError
from stability.training.introspection.activations import TracedActivation
from stability.training.monitoring.standard_quantities import (
    QUANTITIES,
    added,
    effective_rank,
    fields_of,
    moments,
    noise_parts,
    noise_scale,
    numbers_of,
    requested,
    stable_rank,
)

ALL = requested("all")


def numbers(z, axis=1, weight=None, slope=0.0, quantities=ALL):
    seen = TracedActivation("a", z, axis, slope=slope)
    (found,) = fields_of(
        numbers_of(moments(seen, quantities), weight, z.shape[axis], quantities, z).numpy()[None], True
    )
    return found


def slowly(h):
    """Return dormant scores, sparsity and effective rank of activations (examples, units), number by number."""
    rows = h.tolist()
    means = [sum(abs(row[j]) for row in rows) / len(rows) for j in range(h.shape[1])]
    scores = [mean / (sum(means) / len(means)) for mean in means]
    sparsity = sum(x == 0 for row in rows for x in row) / h.numel()
    singular = np.linalg.svd(h.double().numpy(), compute_uv=False)
    shares = [s / singular.sum() for s in singular]
    return scores, sparsity, math.exp(-sum(p * math.log(p) for p in shares if p > 1e-12))


@pytest.mark.parametrize("kind", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("slope", [0.0, 0.1])
@pytest.mark.parametrize("shape", [(7, 5), (5, 40), (300, 20)])
def test_quantities_are_those_of_plain_loops(shape, slope, kind):
    torch.manual_seed(0)
    z = (torch.randn(shape) - torch.linspace(0, 3, shape[1])).to(kind)
    scores, sparsity, rank = slowly(nn.functional.leaky_relu(z.float(), slope).to(torch.float32))
    found = numbers(z, slope=slope)
    assert found["dormant_scores"] == pytest.approx(scores, rel=1e-4)
    assert found["dormant_0025"] == sum(score <= 0.025 for score in scores) / len(scores)
    assert found["dormant_01"] == sum(score <= 0.1 for score in scores) / len(scores)
    assert found["sparsity"] == pytest.approx(sparsity)
    assert found["effective_rank"] == pytest.approx(rank, rel=1e-3)


def test_places_count_like_examples():
    z = torch.randn(4, 3, 5, 2)
    flat = z.permute(0, 2, 3, 1).reshape(-1, 3)
    assert numbers(z)["effective_rank"] == pytest.approx(numbers(flat)["effective_rank"], rel=1e-5)
    assert numbers(z)["dormant_scores"] == pytest.approx(numbers(flat)["dormant_scores"], rel=1e-5)


def test_effective_rank_goes_from_one_to_the_number_of_units():
    line = torch.outer(torch.rand(50, dtype=torch.float64), torch.rand(30, dtype=torch.float64))
    assert effective_rank(line.T @ line) == pytest.approx(1, abs=1e-4)
    assert effective_rank(torch.eye(30, dtype=torch.float64)) == pytest.approx(30)
    assert math.isnan(effective_rank(torch.zeros(3, 3)))
    assert math.isnan(effective_rank(torch.full((3, 3), math.nan)))


@pytest.mark.parametrize("shape", [(6, 4), (3, 2, 3, 3), (1, 5)])
def test_stable_rank_is_that_of_singular_values(shape):
    torch.manual_seed(1)
    weight = torch.randn(shape)
    singular = np.linalg.svd(weight.reshape(len(weight), -1).double().numpy(), compute_uv=False)
    assert float(stable_rank(weight)) == pytest.approx((singular**2).sum() / singular[0] ** 2, rel=1e-5)
    assert float(stable_rank(weight.half())) == pytest.approx((singular**2).sum() / singular[0] ** 2, rel=1e-2)
    assert math.isnan(stable_rank(torch.zeros(shape)))
    assert math.isnan(stable_rank(weight * math.nan))


@pytest.mark.parametrize("scale", [1e-37, 1e-25, 1e20, 1e37])
def test_stable_rank_does_not_depend_on_scale(scale):
    weight = torch.tensor([[3.0, 0.0, 1.0], [0.0, -2.0, 1.0]])
    assert float(stable_rank(scale * weight)) == pytest.approx(float(stable_rank(weight)), rel=1e-5)
    assert math.isnan(stable_rank(torch.tensor([[1.0, math.inf]])))


def test_a_dead_layer_has_no_dormant_scores_but_is_sparse():
    found = numbers(-torch.ones(5, 3))
    assert math.isnan(found["dormant_0025"])
    assert found["sparsity"] == 1
    assert math.isnan(found["effective_rank"])


def test_what_is_not_asked_for_is_not_there():
    found = numbers(torch.randn(6, 3), quantities=frozenset({"activation sparsity"}))
    assert math.isnan(found["effective_rank"])
    assert math.isnan(found["dormant_01"])
    assert 0 < found["sparsity"] < 1
    assert moments(TracedActivation("a", torch.randn(6, 3), 1, slope=None), ALL) is None
    assert moments(TracedActivation("a", torch.randn(6, 3), 1), frozenset({"stable rank"})) is None
    with pytest.raises(StabilityError, match="efective"):
        Monitor(nn.Linear(1, 1), quantities={"efective rank"})


def test_sums_of_two_passes_are_those_of_all_examples():
    z = torch.randn(9, 4)
    one, other, whole = (moments(TracedActivation("a", part, 1), ALL) for part in (z[:3], z[3:], z))
    both = added(one, other)
    assert both.entries == whole.entries
    for a, b in zip(both[1:], whole[1:], strict=True):
        torch.testing.assert_close(a, b)
    assert added(one, None) is None


def test_the_noise_scale_is_that_of_a_known_law():
    """Gradients of examples with mean (3, 4) and covariance 50 in each of 2 entries: 100 / 25 examples."""
    rng = np.random.default_rng(0)
    parts = []
    for _ in range(4000):
        batches = rng.normal([3, 4], math.sqrt(50), (8, 4, 2)).mean(1)
        parts.append(noise_parts(np.linalg.norm(batches[0]), np.linalg.norm(batches.sum(0)), 8, 4))
    assert noise_scale(parts) == pytest.approx(4, rel=0.1)
    assert noise_scale([(-1.0, 2.0)]) is None
    assert noise_scale([]) is None


def train(net, quantities, micro=1, steps=3, noise=0.0, every=1):
    torch.manual_seed(0)
    optimiser = torch.optim.SGD(net.parameters(), 1e-3)
    with Monitor(net, every, quantities=quantities, detail=True) as monitor:
        for _ in range(steps):
            optimiser.zero_grad()
            for _ in range(micro):
                x = torch.randn(8, 3)
                (net(x) - 3 - noise * torch.randn(8, 1)).square().mean().backward()
            optimiser.step()
    return monitor.readings


def test_a_monitor_measures_them_on_request_only():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 1))
    for reading in train(net, QUANTITIES):
        for layer in reading.layers:
            assert 1 <= layer.effective_rank <= layer.units
            assert 1 <= layer.stable_rank <= layer.units
            assert len(layer.dormant_scores) == layer.units
            assert sum(layer.dormant_scores) == pytest.approx(layer.units, rel=1e-5)
        assert reading.noise_scale is None, "one backward pass a step"
    for layer in train(net, ())[-1].layers:
        assert math.isnan(layer.effective_rank)
        assert layer.dormant_scores is None


def test_the_noise_scale_grows_with_the_noise():
    nets = [nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 1)) for _ in range(2)]
    quiet, loud = (
        train(net, {"gradient noise scale"}, 4, 100, noise)[-1].noise_scale
        for net, noise in zip(nets, (0.0, 10.0), strict=True)
    )
    assert loud > 5 * quiet > 0


def test_several_passes_are_read_as_one_on_all_their_examples():
    torch.manual_seed(0)
    net, x = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 1)), torch.randn(20, 3)
    found = []
    for parts in ([x], [x[:4], x[4:]]):
        with Monitor(net, quantities="all", detail=True) as monitor:
            for part in parts:
                net(part).sum().backward()
            monitor.step()
        found.append(monitor.latest.layers[0])
    whole, split = found
    assert split.dormant_scores == pytest.approx(whole.dormant_scores, rel=1e-5)
    assert split.sparsity == pytest.approx(whole.sparsity)
    assert split.effective_rank == pytest.approx(whole.effective_rank, rel=1e-5)
