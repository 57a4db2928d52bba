"""A numerical search finds what the atlas lists, and is distinguished from it where it does not."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from stability import StabilityError, landscape
from stability.dynamics.search.fixed_points import fixed_points
from stability.dynamics.search.float_networks import two_layer
from stability.model.datasets import Dataset


@pytest.mark.parametrize("model", ["abs1", "relu1"])
def test_the_search_finds_every_isolated_point_of_xor(model):
    place = landscape(model, "xor")
    found = fixed_points(place, 120, seed=1)
    compared = found.agreement()
    isolated = [each for each in place.atlas().sets if each.isolated and each.directional]
    assert {each.index for each in isolated} <= {each.index for each, _ in compared.found}
    assert not compared.strangers
    assert len(compared.found) + len(compared.missed) == len(place.atlas().sets)


def test_too_few_starts_miss_sets_and_say_so():
    compared = fixed_points(landscape("abs1", "xor"), 1, seed=0).agreement()
    assert compared.missed
    assert not compared.complete
    assert "missed" in repr(compared)


def test_the_end_of_a_start_does_not_depend_on_how_starts_are_shared_out():
    place = landscape("abs1", Dataset("line", [[0], [1], [2]], [1, 0, 1]))
    expected = fixed_points(place, 30, seed=4).to_json()
    assert fixed_points(place, 30, seed=4, chunk=7).to_json() == expected
    with ThreadPoolExecutor(2) as executor:
        assert fixed_points(place, 30, seed=4, chunk=5, executor=executor).to_json() == expected


def test_a_trained_output_layer_rests_where_torch_says():
    place = two_layer("tanh", 2, "xor")
    found = fixed_points(place, 20, seed=0)
    assert found.points
    assert found.agreement() is None
    x = torch.tensor([[1.0, -1], [-1, 1], [1, 1], [-1, -1]], dtype=torch.float64)
    y = torch.tensor([1.0, 1, 0, 0], dtype=torch.float64)
    for each in found.points[:5]:
        p = torch.tensor(np.asarray(each.point), dtype=torch.float64, requires_grad=True)
        w = p[:6].reshape(2, 3)
        hidden = torch.tanh(x @ w[:, :2].T + w[:, 2])
        loss = ((hidden @ p[6:8] + p[8] - y) ** 2).sum()
        loss.backward()
        assert loss.item() == pytest.approx(each.loss, abs=1e-9)
        assert p.grad.norm() < 1e-5


@pytest.mark.parametrize(
    "wrong", [{"starts": 0}, {"seed": -1}, {"spread": 0}, {"tolerance": 2}, {"chunk": 0}, {"spread": float("nan")}]
)
def test_numbers_that_make_no_sense_are_reported(wrong):
    with pytest.raises(StabilityError, match="Expected"):
        fixed_points(landscape("abs1", "xor"), **{"starts": 5, **wrong})


def test_an_unknown_activation_is_reported():
    with pytest.raises(StabilityError, match=r"Known|Expected"):
        two_layer("rulu", 2, "xor")
