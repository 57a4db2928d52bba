"""Initialising whole networks in place."""

import random
from collections import namedtuple
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from stability import initialise_
from stability.errors import DataError, StabilityError, UnknownNameError


def points(n=40, d=3, seed=0):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed)) + 2


def stack(*widths, output=2):
    parts = []
    for a, b in pairwise(widths):
        parts += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*parts, nn.Linear(widths[-1], output))


def images(n=12):
    return torch.rand(n, 2, 6, 6, generator=torch.Generator().manual_seed(1))


def weights(model):
    return [each.detach().clone() for each in model.parameters()]


def same(first, second):
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_layer_by_layer_is_the_loop_that_one_writes_by_hand():
    x, model = points(), stack(3, 6, 6, 6)
    report = initialise_(model, "hypersphere", data=x, seed=4)
    with torch.no_grad():
        flow = x
        for at in (0, 2, 4):
            rows = flow.double()
            w, b = model[at].weight.double(), model[at].bias.double()
            centre = rows.mean(0)
            radius = (rows - centre).norm(dim=1).max() + 0.1
            assert torch.allclose(b, w.norm(dim=1) * radius - w @ centre, atol=1e-4)
            z = rows @ w.T + b
            assert (z > 0.09 * w.norm(dim=1)).all()
            assert report.layers[at // 2].scale == pytest.approx(z.std(correction=0).item(), rel=1e-4)
            flow = torch.relu(model[at](flow))
    assert [each.name for each in report.layers] == ["0", "2", "4", "6"]
    assert [each.dead for each in report.layers[:3]] == [0, 0, 0]
    assert report.layers[3].done == "left: no ReLU follows the last layer"


def test_the_first_layer_is_as_initialise_sets_it_alone():
    x, model = points(), stack(3, 6)
    initialise_(model, x, "hypersphere", seed=4)
    alone = initialise_(nn.Linear(3, 6), x, "hypersphere", seed=4)
    assert torch.equal(model[0].weight, alone.weight)
    assert torch.allclose(model[0].bias, alone.bias, rtol=1e-6)


def test_layers_of_one_shape_differ():
    model = stack(4, 4, 4, 4)
    initialise_(model, "kaiming-normal", data=points(d=4))
    assert not torch.equal(model[0].weight, model[2].weight)


def test_a_convolution_sees_its_patches():
    x = images()
    model = nn.Sequential(
        nn.Conv2d(2, 6, 3, padding=1, stride=2),
        nn.ReLU(),
        nn.ConvTranspose2d(6, 4, 2, groups=2),
        nn.ReLU(),
        nn.Flatten(),
    )
    report = initialise_(model, "hypersphere", data=x)
    with torch.no_grad():
        for at in (0, 2):
            layer, z = model[at], model[: at + 1](x).detach()
            assert (z > 0).all(), layer
        patches = nn.functional.unfold(x, 3, padding=1, stride=2).transpose(1, 2).reshape(-1, 18).double()
        w, centre = model[0].weight.reshape(6, 18).double(), patches.mean(0)
        radius = (patches - centre).norm(dim=1).max() + 0.1
        assert torch.allclose(model[0].bias.double(), w.norm(dim=1) * radius - w @ centre, atol=1e-5)
    assert [each.tries for each in report.layers] == [1, 1]


@pytest.mark.parametrize(("layer", "shape"), [(nn.Conv1d(2, 3, 2), (5, 2, 7)), (nn.Conv3d(1, 3, 2), (4, 1, 3, 3, 3))])
def test_convolutions_of_other_dimensions(layer, shape):
    x = torch.rand(*shape)
    report = initialise_(nn.Sequential(layer, nn.ReLU()), "hypersphere", data=x)
    assert (layer(x) > 0).all()
    assert report.layers[0].examples == shape[0]


@pytest.mark.parametrize("spelling", ["dead-data-rejection:kaiming-normal", "margin-rejection:kaiming-normal:0.3"])
def test_rejection_draws_a_layer_until_no_example_is_dead(spelling):
    x, model = points(), stack(3, 2, 3, 3)
    report = initialise_(model, spelling, data=x, seed=1)
    flow, lowest = x, 0.3 if spelling.startswith("margin") else 0
    for at in (0, 2, 4):
        assert model[at](flow).amax(1).min() > lowest
        flow = torch.relu(model[at](flow))
    assert max(each.tries for each in report.layers) > 1
    assert report.layers[-1].tries == 1
    assert [each.dead for each in report.layers] == [0, 0, 0, None]


def test_examples_at_which_an_output_is_negative_are_not_dead():
    x = points()
    deep, single = stack(3, 8, output=1), nn.Sequential(nn.Linear(3, 8))
    nn.init.constant_(deep[2].bias, -100.0)
    for law in ("hypersphere", "kaiming-normal"):
        report = initialise_(deep, law, data=x)
        assert (report.layers[-1].dead, report.dead) == (None, report.layers[0].dead)
        assert "no ReLU" in repr(report).splitlines()[-1]
    assert initialise_(single, "hypersphere", data=x, tries=1).layers[0].dead == 0


def test_rejection_ends_with_the_layer_and_what_is_left():
    model = stack(2, 1, 4)
    before = weights(model)
    x = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    with pytest.raises(StabilityError, match=r"0: expected a draw with a pre-activation above 0 .* none of 20 has one"):
        initialise_(model, "dead-data-rejection:0.5", data=x, tries=20)
    assert same(weights(model), before)


def shapes():
    x = points(24)
    pair = namedtuple("pair", "input target")
    y = torch.zeros(24)
    data = torch.utils.data.TensorDataset(x, y)
    return x, {
        "tuple": (x, y),
        "array": x.numpy(),
        "double array": x.double().numpy(),
        "numbers": x.tolist(),
        "dataset": data,
        "loader": torch.utils.data.DataLoader(data, 7),
        "generator": (part for part in x.split(5)),
        "dicts": [{"input": part} for part in x.split(5)],
        "named tuple": pair(x, y),
        "pairs": [(part, part[:, 0]) for part in x.split(6)],
        "examples": [(each, 0) for each in x],
    }


@pytest.mark.parametrize("kind", list(shapes()[1]))
def test_data_of_every_shape(kind):
    x, data = shapes()
    whole, model = stack(3, 5, 5), stack(3, 5, 5)
    model.load_state_dict(whole.state_dict())
    initialise_(whole, "hypersphere", data=x)
    report = initialise_(model, "hypersphere", data=data[kind])
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(weights(model), weights(whole), strict=True))
    assert report.layers[0].examples == 24


def test_inputs_say_what_of_a_batch_is_fed():
    x, model, other = points(), stack(3, 4), stack(3, 4)
    other.load_state_dict(model.state_dict())
    initialise_(model, "hypersphere", data=x)
    initialise_(other, "hypersphere", data={"odd": x}, inputs=lambda batch: batch["odd"])
    assert same(weights(model), weights(other))


def test_all_else_is_left_as_it_was():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.ReLU(), nn.Linear(4, 2))
    model(points()).sum().backward()
    model[1].eval()
    buffers = {name: each.clone() for name, each in model.named_buffers()}
    gradients = [each.grad.clone() for each in model.parameters()]
    modes = [each.training for each in model.modules()]
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    first = initialise_(model, "kaiming-normal", data=points())
    found = weights(model)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert (np.random.get_state()[1] == states[2]).all()
    assert [each.training for each in model.modules()] == modes
    assert all(torch.equal(each, buffers[name]) for name, each in model.named_buffers())
    assert all(torch.equal(each.grad, old) for each, old in zip(model.parameters(), gradients, strict=True))
    assert not any(each._forward_hooks or each._forward_pre_hooks for each in model.modules())
    torch.manual_seed(99)
    assert repr(initialise_(model, "kaiming-normal", data=points())) == repr(first)
    assert same(weights(model), found)
    initialise_(model, "kaiming-normal", data=points(), seed=1)
    assert not same(weights(model), found)


class Odd(nn.Module):
    def __init__(self):
        super().__init__()
        self.normed = nn.utils.parametrizations.weight_norm(nn.Linear(3, 3))
        self.embed = nn.Embedding(3, 3)
        self.tied = nn.Linear(3, 3)
        self.tied.weight = self.embed.weight
        self.frozen = nn.Linear(3, 3).requires_grad_(False)
        self.bare = nn.Linear(3, 3, bias=False)
        self.unused = nn.Linear(3, 3)
        self.used = nn.Linear(3, 3)
        self.last = nn.Linear(3, 1)

    def forward(self, x):
        for layer in (self.normed, self.tied, self.frozen, self.bare, self.used, self.used):
            x = torch.relu(layer(x))
        return self.last(x)


def test_what_is_left_is_said_with_its_reason():
    model = Odd()
    before = {name: each.detach().clone() for name, each in model.named_parameters()}
    report = initialise_(model, "hypersphere", data=points())
    done = {each.name: each.done for each in report.layers}
    assert "weight norm" in done["normed"]
    assert done["tied"] == "left: its weight is tied to embed.weight"
    assert done["frozen"] == "left: it is frozen"
    assert done["bare"] == "left: it has no bias that places its units"
    assert done["unused"] == "left: the network never calls it"
    assert done["used"] == "hypersphere"
    changed = {name for name, each in model.named_parameters() if not torch.equal(each, before[name])}
    assert changed == {"used.weight", "used.bias"}
    assert "left: it is frozen" in repr(report)
    assert all(each.name in repr(report) for each in report.layers)
    assert report.to_json()["layers"][0]["name"] == "normed"


@pytest.mark.parametrize("law", ["hypersphere", "kaiming-normal", "torch-default"])
def test_a_bias_that_is_no_own_trained_parameter_is_left(law):
    model = nn.Sequential(
        *(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3)),
        *(nn.ReLU(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1)),
    )
    model[0].bias.requires_grad_(False)
    model[4].bias = model[2].bias
    nn.utils.parametrize.register_parametrization(model[6], "bias", nn.Tanh())
    before = {name: each.detach().clone() for name, each in model.named_parameters()}
    done = {each.name: each.done for each in initialise_(model, law, data=points()).layers}
    assert done["0"] == "left: its bias is frozen"
    assert done["2"] == "left: its bias is tied to 4.bias"
    assert done["4"] == "left: its bias is tied to 2.bias"
    assert done["6"] == "left: its bias is computed from others"
    changed = {name.partition(".")[0] for name, each in model.named_parameters() if not torch.equal(each, before[name])}
    assert changed <= {"8", "10"}
    assert "8" in changed


class Silent(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 3)

    def forward(self, x):
        return x


@pytest.mark.parametrize(
    ("model", "data", "options", "words"),
    [
        (Silent(), points(), {}, "none is called"),
        (nn.Sequential(nn.ReLU()), points(), {}, "none is called"),
        (stack(3, 4), points(0), {}, "at least one example; got none"),
        (stack(3, 4), [], {}, "at least one batch"),
        (stack(3, 4), points(d=5), {}, "data that the network takes"),
        (stack(3, 4), torch.full((4, 3), torch.nan), {}, "finite inputs"),
        (stack(3, 4), None, {}, "Expected a batch"),
        (stack(3, 4), points(), {"spelling": "class-spheres:0.3"}, "labels="),
        (stack(3, 4), points(), {"spelling": "loss-below:0.5:3"}, "Expected loss="),
        (nn.Sequential(nn.LazyLinear(3)), points(), {}, "shapes known"),
        (nn.Sequential(nn.Linear(3, 2, bias=False), nn.ReLU()), points(), {}, "no bias"),
    ],
)
def test_bad_input(model, data, options, words):
    with pytest.raises(StabilityError, match=words) as caught:
        initialise_(model, data=data, **options)
    assert caught.value.remedy


def test_a_misspelt_name():
    with pytest.raises(UnknownNameError, match="hypersphere"):
        initialise_(stack(3, 4), "hypershpere", data=points())


def test_an_error_leaves_the_weights():
    model = stack(3, 4, 4)
    model.register_forward_pre_hook(lambda _m, args: args)
    before = weights(model)
    x = points()
    x[0] = 3e38
    with pytest.raises((StabilityError, DataError)):
        initialise_(model, "hypersphere", data=x)
    assert same(weights(model), before)


def test_classes_of_labels():
    x, model = points(), stack(3, 6, 6)
    report = initialise_(model, "class-spheres:0.3", data=x, labels=(x[:, 0] > 2).int())
    assert [each.tries for each in report.layers] == [1, 1, 0]


def test_a_scale_moves_no_unit():
    x, plain = images(), nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.ReLU())
    scaled = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.ReLU())
    initialise_(plain, "hypersphere", data=x)
    report = initialise_(scaled, "hypersphere", data=x, scale=0.5)
    assert scaled[0](x).std(correction=0).item() == pytest.approx(0.5, rel=1e-5)
    assert report.layers[0].scale == pytest.approx(0.5, rel=1e-5)
    factor = scaled[0].bias / plain[0].bias
    assert torch.allclose(factor, factor[0].expand(4), rtol=1e-5)
    assert torch.allclose(scaled[0].weight, plain[0].weight * factor[0], rtol=1e-5)
    with pytest.raises(StabilityError, match="scale above 0"):
        initialise_(plain, "hypersphere", data=x, scale=0)


@pytest.mark.parametrize(
    ("given", "options", "words"),
    [
        (("hypersphere",), {}, r"Expected data; got the initialisation 'hypersphere' alone.*\n.*data=x"),
        (("margin-rejection:kaiming-normal:0.1", 3), {}, "alone"),
        (("hypersphere",), {"data": torch.zeros(0, 2)}, "at least one example; got none"),
        (("hypersphere",), {"data": torch.ones(3, 2), "seed": "a"}, "whole number as seed; got the str 'a'"),
        (("hypersphere",), {"data": torch.ones(3, 2), "scale": "1"}, "number as scale; got the str '1'"),
        (("hypersphere",), {"data": torch.ones(3, 5)}, "data that the network takes; it ends with: mat1"),
        (("hypersphere",), {"data": torch.full((3, 2), torch.nan)}, "0: expected finite inputs"),
        (("kaiming-normal",), {"data": torch.full((3, 2), torch.nan)}, "0: expected finite inputs"),
        (("dead-data-rejection:kaiming-normal",), {"data": torch.full((3, 2), torch.inf)}, "0: expected finite inputs"),
    ],
    ids=lambda each: str(each)[:24],
)
def test_what_is_forgotten_or_of_another_kind_is_refused_in_a_sentence(given, options, words):
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    with pytest.raises(StabilityError, match=words):
        initialise_(model, *given, **options)


@pytest.mark.filterwarnings("ignore:.*torch.jit")
@pytest.mark.parametrize("way", ["compile", "in place", "script"])
def test_networks_that_hooks_cannot_see_into_are_refused(way):
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    if way == "in place":
        model.compile(backend="eager")
    made = {"compile": lambda: torch.compile(model, backend="eager"), "script": lambda: torch.jit.script(model)}
    with pytest.raises(StabilityError, match=r"hooks can see into; it is (compiled|a ScriptModule)"):
        initialise_(made[way]() if way in made else model, "hypersphere", data=torch.ones(3, 2))
