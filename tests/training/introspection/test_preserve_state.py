"""After a network was run it is what it was before: modes, buffers, and every stream of random numbers."""

import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from stability.errors import StabilityError, UnknownNameError
from stability.training.introspection.preserve_state import MODES, left_as_found

X = torch.tensor([[1.0, 2.0], [3.0, -4.0], [0.5, 0.0]])


def network():
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Dropout(0.5))


def state(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("mode", MODES)
def test_the_mode_is_the_one_that_is_asked_for_and_then_the_one_before(mode):
    model = network()
    model[1].eval()
    before = [module.training for module in model.modules()]
    assert before == [True, True, False, True]
    with left_as_found(model, mode):
        inside = [module.training for module in model.modules()]
        model.eval()
    assert inside == {"eval": [False] * 4, "train": [True] * 4, "found": before}[mode]
    assert [module.training for module in model.modules()] == before


def test_running_means_move_inside_alone():
    model = network()
    before, buffer = state(model), model[1].running_mean
    with left_as_found(model, "train"):
        model(X)
        assert not torch.equal(model[1].running_mean, before["1.running_mean"])
        assert model[1].num_batches_tracked.item() == 1
    assert same(state(model), before)
    assert model[1].running_mean is buffer


def test_a_buffer_that_two_modules_share_is_shared_inside_too():
    model = nn.Sequential(nn.Identity(), nn.Identity())
    shared = torch.zeros(2)
    for part in model:
        part.register_buffer("memory", shared)
    model.register_buffer("nothing", None)
    with left_as_found(model, "found"):
        model[0].memory.add_(1)
        assert model[1].memory.tolist() == [1.0, 1.0]
        assert model.nothing is None
    assert shared.tolist() == [0.0, 0.0]
    assert model[0].memory is model[1].memory is shared


def test_parameters_are_the_networks_own_inside():
    model = network()
    with left_as_found(model, "found"):
        model[0].weight.grad = torch.ones(3, 2)
    assert model[0].weight.grad.sum() == 6


def drawn():
    return random.random(), float(np.random.random()), float(torch.rand(()))


def test_random_numbers_go_on_as_if_nothing_had_been_drawn():
    model = network()
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(5)
    expected = drawn()
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(5)
    with left_as_found(model, "train"):
        assert drawn() == expected
        drawn()
    assert drawn() == expected


def orders(loader, times):
    return [[int(k) for (batch,) in loader for k in batch] for _ in range(times)]


@pytest.mark.parametrize("place", ["loader", "sampler"])
def test_a_loader_with_its_own_stream_gives_the_batches_that_it_would_have_given(place):
    def loader():
        data, stream = TensorDataset(torch.arange(20)), torch.Generator().manual_seed(1)
        if place == "loader":
            return DataLoader(data, 4, shuffle=True, generator=stream)
        return DataLoader(data, 4, sampler=RandomSampler(data, generator=stream))

    expected, looked = orders(loader(), 2), loader()
    first = orders(looked, 1)
    with left_as_found(network(), "eval", looked):
        orders(looked, 3)
    assert [*first, *orders(looked, 1)] == expected


def test_all_comes_back_after_an_error_too():
    model = network()
    before = state(model)
    torch.manual_seed(2)
    expected = torch.rand(())
    torch.manual_seed(2)
    with pytest.raises(RuntimeError), left_as_found(model, "eval"):
        model.train()(torch.rand(3, 7))
    assert torch.equal(torch.rand(()), expected)
    assert model.training
    assert same(state(model), before)


def test_one_inside_the_other_leaves_the_outer_one_as_it_is():
    model = network()
    with left_as_found(model, "eval"):
        with left_as_found(model, "train"):
            model(X)
        assert not model.training
        assert model[1].num_batches_tracked.item() == 0
    assert model.training


@pytest.mark.parametrize("mode", ["evl", "", None, 3])
def test_an_unknown_mode_is_refused_and_nothing_is_touched(mode):
    model = network()
    with pytest.raises(UnknownNameError, match="Expected a mode"), left_as_found(model, mode):
        pass
    assert model.training


@pytest.mark.parametrize("model", [None, torch.relu, nn.Linear])
def test_only_a_network_is_run(model):
    with pytest.raises(StabilityError, match=r"Expected a torch\.nn\.Module"), left_as_found(model, "eval"):
        pass
