"""Initialising a layer of torch in place."""

import numpy as np
import pytest
import torch

from stability.errors import DataError, StabilityError
from stability.initialisation.problem import InitialisationProblem
from stability.initialisation.sampling import initial
from stability.initialisation.table import INITIALISATIONS
from stability.training.initialise import initialise_

XOR = [[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [-1.0, -1.0]]
LABELS = [1, 1, 0, 0]


def loss(rows):
    z = (
        np.einsum("rkd,nd->rkn", rows.reshape(len(rows), -1, 3)[..., :2], np.array(XOR))
        + rows.reshape(len(rows), -1, 3)[..., 2:]
    )
    return ((np.maximum(z, 0).sum(1) - LABELS) ** 2).mean(1)


def dead(layer, data):
    data = torch.as_tensor(data, dtype=layer.weight.dtype)
    return (layer(data).amax(1) <= 0).any().item()


@pytest.mark.parametrize("name", list(INITIALISATIONS))
def test_every_family(name):
    layer, spelling = torch.nn.Linear(2, 4), INITIALISATIONS[name].example
    options = {"labels": LABELS, "loss": loss}
    before = torch.get_rng_state()
    assert initialise_(layer, XOR, spelling, seed=3, **options) is layer
    assert torch.equal(torch.get_rng_state(), before)
    weight = layer.weight.detach().clone()
    assert layer.weight.requires_grad
    assert layer.weight.is_leaf
    assert layer.weight.isfinite().all()
    assert torch.equal(initialise_(torch.nn.Linear(2, 4), XOR, spelling, seed=3, **options).weight, weight)
    assert not torch.equal(initialise_(layer, XOR, spelling, seed=4, **options).weight, weight)
    if "no dead data" in INITIALISATIONS[name].guarantees:
        assert not dead(layer, XOR)
    if not INITIALISATIONS[name].selects:
        at = InitialisationProblem(XOR, LABELS, 4)
        rows = at.first(initial(spelling, at, 1, 3))[0]
        assert np.allclose(rows[:, :-1], weight, rtol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_dtypes(dtype):
    data = torch.randn(30, 5, generator=torch.Generator().manual_seed(0)) + 3
    layer = initialise_(torch.nn.Linear(5, 7, dtype=dtype), data)
    assert layer.weight.dtype == layer.bias.dtype == dtype
    assert (layer(data.to(dtype)) > 0).all()


def test_the_guarantee_on_a_large_layer():
    data = torch.randn(500, 100, generator=torch.Generator().manual_seed(0)) - 2
    layer = initialise_(torch.nn.Linear(100, 1000), data.requires_grad_())
    z = layer(data) / layer.weight.norm(dim=1)
    assert z.min() > 0.0999


@pytest.mark.parametrize("data", [torch.tensor(XOR), np.array(XOR), XOR, torch.tensor(XOR).int()])
def test_data_of_any_kind(data):
    wanted = initialise_(torch.nn.Linear(2, 3), XOR).weight
    assert torch.equal(initialise_(torch.nn.Linear(2, 3), data).weight, wanted)


def test_layers_without_biases():
    for spelling in ("normal:0.5", "kaiming-normal", "torch-default", "dead-data-rejection:0.5"):
        initialise_(torch.nn.Linear(2, 4, bias=False), XOR, spelling)
    layer = torch.nn.Linear(2, 4, bias=False)
    before = layer.weight.detach().clone()
    for spelling in ("hypersphere", "normal:0.5:1", "uniform:1", "class-spheres:0.3"):
        with pytest.raises(StabilityError, match="with a bias"):
            initialise_(layer, XOR, spelling, labels=LABELS)
    assert torch.equal(layer.weight, before)


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ([[1.0, np.nan]], {}),
        ([[1.0, np.inf]], {}),
        ([[1.0, 2.0, 3.0]], {}),
        ([1.0, 2.0], {}),
        ([], {}),
        (np.zeros((0, 2)), {}),
        ("xor", {}),
        ([[1.0, 2.0], [1.0]], {}),
        (torch.tensor([[1j, 2]]), {}),
        (None, {}),
        (XOR, {"labels": [1, 0]}),
        (XOR, {"labels": "abcd"}),
        (XOR, {"spelling": "class-spheres:0.3"}),
        (XOR, {"spelling": "loss-below:0.5:0.1"}),
        (XOR, {"spelling": "hyper"}),
        (XOR, {"seed": -1}),
    ],
)
def test_bad_input(data, options):
    with pytest.raises(StabilityError) as caught:
        initialise_(torch.nn.Linear(2, 3), data, **options)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "layer",
    [
        torch.nn.Conv2d(2, 2, 1),
        torch.nn.LazyLinear(3),
        torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(2, 3)),
    ],
)
def test_other_layers(layer):
    with pytest.raises(StabilityError, match="Expected "):
        initialise_(layer, XOR)


def test_numbers_too_large_for_the_dtype():
    layer = torch.nn.Linear(2, 3, dtype=torch.float16)
    before = layer.weight.detach().clone()
    with pytest.raises(StabilityError, match=r"torch.float16 holds"):
        initialise_(layer, [[1e9, 0], [0, 1e9]])
    assert torch.equal(layer.weight, before)


def rounded_away(layer, data, seed):
    try:
        initialise_(layer, data, "hypersphere:0.01", seed)
    except StabilityError as error:
        return "hypersphere:0.01 in torch.bfloat16 rounds one" in error.problem
    return False


def test_a_margin_lost_to_rounding():
    data = [[2000.0, 2000.0], [2000.0, 2000.5]]
    layer = torch.nn.Linear(2, 1, dtype=torch.bfloat16)
    seeds = [seed for seed in range(20) if rounded_away(layer, data, seed)]
    assert 0 < len(seeds) < 20
    assert not dead(initialise_(torch.nn.Linear(2, 1, dtype=torch.float64), data, "hypersphere:0.01"), data)


def test_an_impossible_request_stops():
    with pytest.raises(StabilityError, match="0 of 1 restarts"):
        initialise_(torch.nn.Linear(2, 1), XOR, "dead-data-rejection:0.5")


def pairs():
    """Return (x, y) for the points of a plane, and the points."""
    x = torch.randn(20, 2, generator=torch.Generator().manual_seed(3), dtype=torch.float32)
    return torch.utils.data.TensorDataset(x, torch.zeros(20)), x


@pytest.mark.parametrize("spelling", ["hypersphere", "dead-data-rejection:0.5"])
def test_data_may_come_in_batches(spelling):
    data, x = pairs()
    whole = initialise_(torch.nn.Linear(2, 8), x, spelling)
    loader = torch.utils.data.DataLoader(data, 6)
    for batches in (data, loader, (batch for batch in loader), ({"input": part} for part in x.split(7))):
        layer = initialise_(torch.nn.Linear(2, 8), batches, spelling)
        assert torch.equal(layer.weight, whole.weight)
        assert torch.equal(layer.bias, whole.bias)
        assert (layer(x) > 0).any(1).all()


def test_a_loader_that_shuffles_gives_the_batches_that_it_would_have_given():
    data, _ = pairs()
    loader, layer = torch.utils.data.DataLoader(data, 6, shuffle=True), torch.nn.Linear(2, 8)
    torch.manual_seed(1)
    expected = [x for x, _ in loader]
    torch.manual_seed(1)
    initialise_(layer, loader)
    assert all(torch.equal(a, b) for a, (b, _) in zip(expected, loader, strict=True))


@pytest.mark.parametrize("batches", [[], [torch.zeros(3, 4)], [torch.zeros(3, 2), torch.zeros(3, 5)], ["text"], [None]])
def test_batches_of_no_use_are_refused(batches):
    with pytest.raises(DataError):
        initialise_(torch.nn.Linear(2, 8), iter(batches))
