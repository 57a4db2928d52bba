"""Dead, affine and separating units and points: against plain loops, and against exact numbers."""

import copy
import random
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from stability.errors import DataError, StabilityError, UnknownNameError
from stability.model.relu_network import dead_everywhere, dead_somewhere
from stability.training.introspection.exact_networks import exact_layers
from stability.training.introspection.forward_passes import capture
from stability.training.introspection.layer_geometry import geometry_of_layer, layer_geometry
from stability.training.introspection.reference_networks import thin_network

PREDICATES = ("dead_units", "affine_units", "separating_units", "dead_examples", "affine_points", "interzone_points")


def of_integers(maps):
    """Return the torch network in float64 with these (weight, bias) pairs."""
    parts = []
    for weight, bias in maps:
        linear = nn.Linear(len(weight[0]), len(bias)).double()
        linear.weight.data, linear.bias.data = (torch.tensor(t, dtype=torch.float64) for t in (weight, bias))
        parts += [linear, nn.ReLU()]
    return nn.Sequential(*parts[:-1])


SMALL = st.integers(-2, 2)


@st.composite
def integer_networks(draw):
    sizes = draw(st.lists(st.integers(1, 3), min_size=3, max_size=5))
    maps = [
        (
            draw(st.lists(st.lists(SMALL, min_size=a, max_size=a), min_size=b, max_size=b)),
            [draw(SMALL) for _ in range(b)],
        )
        for a, b in pairwise(sizes)
    ]
    return of_integers(maps), [[draw(SMALL) for _ in range(sizes[0])] for _ in range(draw(st.integers(1, 6)))]


@settings(max_examples=150, deadline=None)
@given(integer_networks(), st.integers(1, 6))
def test_torch_agrees_with_exact_numbers(drawn, batch_size):
    model, points = drawn
    data = TensorDataset(torch.tensor(points, dtype=torch.float64))
    network, exact = layer_geometry(model, data, batch_size=batch_size), exact_layers(model).sets(points)
    for ours, theirs in zip(network.layers, exact, strict=True):
        for predicate in PREDICATES:
            assert tuple(getattr(ours, predicate).tolist()) == getattr(theirs, predicate), predicate
        assert (ours.separates, ours.has_dead_examples) == (theirs.separates, theirs.has_dead_examples)
        assert ours.images == theirs.images
        assert ours.upper_shares.tolist() == [sum(column) / len(points) for column in zip(*theirs.upper, strict=True)]
    assert tuple(network.dead_somewhere.tolist()) == dead_somewhere(exact)
    assert tuple(network.dead_everywhere.tolist()) == dead_everywhere(exact)
    beyond = exact[1:]
    assert tuple(network.dead_beyond_first.tolist()) == (dead_everywhere(beyond) if beyond else (True,) * len(points))


def test_rounding_flips_a_sign_that_exact_numbers_decide():
    model = nn.Sequential(nn.Linear(2, 1), nn.ReLU())
    model[0].weight.data, model[0].bias.data = torch.tensor([[1.0, 1.0]]), torch.tensor([-1.0])
    points = [[1.0, 2.0**-30]]
    rounded, exact = layer_geometry(model, torch.tensor(points)), exact_layers(model).sets(points)
    assert rounded.layers[0].dead_examples.tolist() == [True]
    assert exact[0].dead_examples == (False,)
    assert layer_geometry(model.double(), torch.tensor(points, dtype=torch.float64)).layers[
        0
    ].affine_points.tolist() == [True]


def test_exact_layers_refuse_what_is_not_plain():
    skipped = nn.Sequential(
        nn.Flatten(), nn.Sequential(nn.Linear(2, 3, bias=False), nn.ReLU()), nn.Dropout(), nn.Linear(3, 1)
    )
    assert len(exact_layers(skipped).hidden) == 1
    assert exact_layers(skipped).hidden[0].bias == (0, 0, 0)
    for model in (
        nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.ReLU()),
        nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)),
        nn.Sequential(nn.ReLU()),
        nn.Sequential(nn.Linear(2, 2), nn.LeakyReLU()),
        nn.Sequential(),
    ):
        with pytest.raises(StabilityError):
            exact_layers(model)
    with pytest.raises(StabilityError, match="hidden"):
        exact_layers(nn.Sequential(nn.Linear(2, 1)))


def conv():
    torch.manual_seed(0)
    parts = (nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Dropout(0.5), nn.Flatten())
    return nn.Sequential(*parts, nn.Linear(48, 5), nn.ReLU(), nn.Linear(5, 1))


def test_places_count_as_the_units_own():
    model, x = conv().eval(), torch.randn(7, 2, 6, 6)
    x[3] = -50 * model[0].weight.data.sum((0, 2, 3)).sign()[:, None, None].expand(2, 6, 6)
    z = model[1](model[0](x))
    layer = layer_geometry(model, x).layers[0]
    assert (layer.units, layer.points, layer.places) == (3, 7, 16)
    for j in range(3):
        values = z[:, j].flatten().tolist()
        assert bool(layer.dead_units[j]) == all(v <= 0 for v in values)
        assert bool(layer.affine_units[j]) == all(v > 0 for v in values)
        assert layer.upper_shares[j] == sum(v > 0 for v in values) / len(values)
    for i in range(7):
        values = z[i].flatten().tolist()
        assert bool(layer.dead_examples[i]) == all(v <= 0 for v in values)
        assert bool(layer.affine_points[i]) == all(v > 0 for v in values)


def state(model):
    return (
        copy.deepcopy(model.state_dict()),
        [(id(b), b._version) for b in model.buffers()],
        [m.training for m in model.modules()],
        [(p.requires_grad, p.grad, p._version) for p in model.parameters()],
        [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()],
    )


class Noisy(Dataset):
    """Draws from every random state there is."""

    def __len__(self):
        return 9

    def __getitem__(self, k):
        return torch.randn(2, 6, 6) + random.random() + np.random.normal(), k


@pytest.mark.parametrize("mode", ["eval", "train", "found"])
@pytest.mark.parametrize("fails", [False, True])
def test_the_network_is_left_as_found(mode, fails):
    model = conv()
    model[1].eval()
    own = torch.Generator().manual_seed(3)
    data = DataLoader(Noisy(), 4, shuffle=True, generator=own)
    if fails:
        model[5] = nn.Linear(47, 5)
    before, randoms = (
        state(model),
        (torch.get_rng_state(), own.get_state(), random.getstate(), np.random.get_state()[2]),
    )
    if fails:
        with pytest.raises(DataError, match="Expected data that the network takes"):
            layer_geometry(model, data, mode)
    else:
        assert layer_geometry(model, data, mode).points == 9
    after, later = state(model), (torch.get_rng_state(), own.get_state(), random.getstate(), np.random.get_state()[2])
    assert all(torch.equal(a, b) for a, b in zip(before[0].values(), after[0].values(), strict=True))
    assert before[1:] == after[1:]
    assert torch.equal(randoms[0], later[0])
    assert torch.equal(randoms[1], later[1])
    assert randoms[2:] == later[2:]


def test_modes_differ_by_their_statistics():
    model, x = conv(), 5 + torch.randn(7, 2, 6, 6)
    shares = {mode: layer_geometry(model, x, mode).layers[0].upper_shares for mode in ("eval", "train", "found")}
    assert torch.equal(shares["train"], shares["found"])
    assert not torch.equal(shares["train"], shares["eval"])
    with pytest.raises(UnknownNameError, match="eval"):
        layer_geometry(model, x, "evaluation")


def test_kinds_of_data_and_batches():
    model, x = thin_network(2, 6, 3, generator=torch.Generator().manual_seed(1)).double(), torch.randn(20, 2).double()
    y = torch.zeros(20)
    whole = layer_geometry(model, x)
    for data in (
        (x, y),
        [x, y],
        TensorDataset(x, y),
        DataLoader(TensorDataset(x, y), 7),
        DataLoader(TensorDataset(x), 3),
    ):
        other = layer_geometry(model, data, batch_size=7)
        assert str(other) == str(whole)
        assert torch.equal(other.dead_somewhere, whole.dead_somewhere)
    given_last = layer_geometry(model, (y, x), inputs=lambda batch: (batch[1],))
    assert str(given_last) == str(whole)
    for data in ("moons", None, 3):
        with pytest.raises(DataError, match="Dataset"):
            layer_geometry(model, data)
    for data in (x[:0], TensorDataset(x[:0])):
        with pytest.raises(StabilityError, match="at least one example"):
            layer_geometry(model, data)


def test_units_dead_in_one_batch_only_are_not_dead():
    model = of_integers([([[1], [-1], [0]], [0, 0, 1]), ([[1, 1, 1]], [0])])
    x = torch.tensor([[1.0], [2.0], [-1.0], [-2.0]]).double()
    layer = layer_geometry(model, TensorDataset(x), batch_size=2).layers[0]
    assert layer.separating_units.tolist() == [True, True, False]
    assert layer.counts == {
        "dead_units": 0,
        "affine_units": 1,
        "separating_units": 2,
        "dead_examples": 0,
        "affine_points": 0,
        "interzone_points": 4,
    }


def test_collapse_and_totals_and_the_table():
    model = of_integers([([[1], [1]], [-1, -2]), ([[1, 1]], [-1]), ([[1]], [1]), ([[1]], [0])])
    network = layer_geometry(model, torch.tensor([[0.0], [1.0], [2.0], [9.0]]).double())
    assert [layer.images for layer in network.layers] == [3, 2, 2]
    assert network.dead_somewhere.tolist() == [True, True, True, False]
    assert network.dead_everywhere.tolist() == [False] * 4
    assert network.counts["affine_units"] == 1
    assert network.counts["dead_somewhere"] == 3
    assert network.separating_layers == ("0", "2")
    assert str(network).splitlines() == [
        "layer  units  dead  affine  separating  points  dead  in A  images  separates",
        "0      2      0     0       2           4       2     1     3       yes",
        "2      1      0     0       1           4       3     1     2       yes",
        "4      1      0     1       0           4       0     4     2       no",
        "3 of 4 points are dead at some layer, 0 at every layer",
    ]


def test_images_of_leaky_layers_are_those_of_z():
    x = torch.tensor([[-1.0], [-2.0], [3.0]])
    for unit, images in ((nn.ReLU(), 2), (nn.LeakyReLU(0.1), 3), (nn.PReLU(), 3)):
        linear = nn.Linear(1, 1)
        linear.weight.data, linear.bias.data = torch.ones(1, 1), torch.zeros(1)
        assert layer_geometry(nn.Sequential(linear, unit), x).layers[0].images == images
    half = nn.Sequential(nn.Linear(1, 2), nn.ReLU()).bfloat16()
    assert layer_geometry(half, x.bfloat16()).layers[0].images <= 3


def test_not_a_number_is_refused():
    model = thin_network(1, 1, 2)
    with pytest.raises(DataError, match="2 NaN"):
        layer_geometry(model, torch.tensor([[1.0], [float("nan")]]))


def test_layers_that_see_other_examples_have_no_common_points():
    class Folding(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(2, 2)

        def forward(self, x):
            return torch.relu(self.a(torch.relu(self.a(x)).view(-1, 4)[:, :2]))

    network = layer_geometry(Folding(), torch.ones(4, 2))
    assert [layer.points for layer in network.layers] == [4, 2]
    assert "dead at some layer" not in str(network)
    with pytest.raises(StabilityError, match="same examples"):
        _ = network.dead_somewhere


def test_layers_that_depend_on_the_batch_are_refused():
    class Moody(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(1, 2), nn.Linear(1, 2)

        def forward(self, x):
            return torch.relu((self.a if x[0, 0] > 0 else self.b)(x))

    with pytest.raises(StabilityError, match="same layers"):
        layer_geometry(Moody(), TensorDataset(torch.tensor([[1.0], [-1.0]])), batch_size=1)


def test_one_layer_from_what_was_seen():
    model, x = thin_network(2, 2, 3), torch.randn(8, 2)
    whole = layer_geometry(model, x)
    for seen, layer in zip(capture(model, x), whole.layers, strict=True):
        assert geometry_of_layer(seen).counts == layer.counts


def test_data_that_a_network_does_not_take_are_named_with_what_torch_says():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    with pytest.raises(DataError, match=r"Expected data that the network takes; it ends with: .*3 channels") as raised:
        layer_geometry(model, torch.zeros(2, 1, 8, 8))
    assert "one batch" in raised.value.remedy
