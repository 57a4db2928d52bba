"""Every public function that takes data reads batches alike: what they mean is what a plain tensor would give."""

from collections import OrderedDict, namedtuple
from dataclasses import dataclass

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from stability import capture, initialise_, layer_geometry, recovery
from stability.errors import DataError

X, Y = torch.randn(6, 2, generator=torch.Generator().manual_seed(0)), torch.zeros(6)
Pair = namedtuple("Pair", "input label")


class Net(nn.Module):
    """Names its argument as a linear layer does, so that one batch fits a network and a layer."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.a, self.o = nn.Linear(2, 4), nn.Linear(4, 1)
        self.a.bias.data[0] = -99.0

    def forward(self, input):
        return self.o(torch.relu(self.a(input)))


class Keyword(Net):
    def forward(self, *, input):
        return super().forward(input)


class Output(OrderedDict):
    """A mapping that shows its entries as attributes too, like a ModelOutput or BatchEncoding of transformers."""

    def __getattr__(self, name):
        if name not in self:
            raise AttributeError(name)
        return self[name]


@dataclass
class Example:
    input: torch.Tensor
    label: torch.Tensor


class Stream(IterableDataset):
    def __iter__(self):
        yield from X


BATCHES = {
    "tensor": X,
    "array": X.numpy(),
    "tuple": (X, Y),
    "list of a loader": [X, Y],
    "dict": {"label": Y, "input": X},
    "output of a model": Output(label=Y, input=X),
    "dict in a tuple": ({"input": X}, Y),
    "named tuple": Pair(X, Y),
    "dataclass": Example(X, Y),
}
"""One batch."""

SEVERAL = {
    "list of batches": [X[:2], X[2:]],
    "list of batches with labels": [(X[:2], Y[:2]), (X[2:], Y[2:])],
    "list of dicts": [{"input": X[:2]}, {"input": X[2:]}],
    "list of dataclasses": [Example(X[:2], Y[:2]), Example(X[2:], Y[2:])],
    "list of examples": [(x, 0) for x in X],
    "generator": lambda: (part for part in X.split(2)),
    "dataset": TensorDataset(X, Y),
    "stream": Stream(),
    "loader": DataLoader(TensorDataset(X, Y), 4),
    "loader of dicts": DataLoader([{"input": x, "y": 0} for x in X], 4),
    "loader of a stream": DataLoader(Stream(), 4),
}
"""Data in batches."""


def of_geometry(model, data):
    return layer_geometry(model, data).layers[0].dead_units.tolist()


def of_capture(model, data):
    return capture(model, data)[0].z.tolist()


def of_recovery(model, data):
    found = recovery(model, data, torch.optim.SGD(model.parameters(), 0.1))
    return [(each.layer, each.unit, each.status) for each in found.units]


def of_initialise(model, data):
    layer = initialise_(model.a, data, "hypersphere", seed=1)
    return [layer.weight.tolist(), layer.bias.tolist()]


FUNCTIONS = {
    "layer_geometry": of_geometry,
    "capture": of_capture,
    "recovery": of_recovery,
    "initialise_": of_initialise,
}


def given(data):
    return data() if callable(data) and not hasattr(data, "keys") else data


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("kind", BATCHES)
def test_one_batch_is_read_as_its_tensor(function, kind):
    found = FUNCTIONS[function](Net(), BATCHES[kind])
    assert found == FUNCTIONS[function](Net(), X)
    assert found


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if name != "capture"])
@pytest.mark.parametrize("kind", SEVERAL)
def test_batches_are_read_as_their_tensor(function, kind):
    assert FUNCTIONS[function](Net(), given(SEVERAL[kind])) == FUNCTIONS[function](Net(), X)


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if name != "initialise_"])
@pytest.mark.parametrize("kind", BATCHES)
def test_a_network_that_takes_names_only_gets_them(function, kind):
    assert FUNCTIONS[function](Keyword(), BATCHES[kind]) == FUNCTIONS[function](Net(), X)


def test_a_layer_is_fed_what_a_function_takes_from_the_batch():
    batches = [{"points": X[:2]}, {"points": X[2:]}]
    layer = initialise_(Net().a, batches, seed=1, inputs=lambda batch: batch["points"])
    assert torch.equal(layer.weight, initialise_(Net().a, X, seed=1).weight)
    with pytest.raises(DataError, match="Expected batches of tensors"):
        initialise_(Net().a, batches, seed=1)


def test_a_layer_is_fed_all_steps_of_a_packed_sequence():
    packed = pack_sequence([X[:4], X[4:]])
    layer = initialise_(Net().a, packed, seed=1)
    assert torch.equal(layer.weight, initialise_(Net().a, packed.data, seed=1).weight)


def test_nested_lists_and_rows_are_points():
    wanted = initialise_(Net().a, X.double(), seed=1).weight
    for data in (X.double().tolist(), list(X.double().numpy()), tuple(map(tuple, X.double().tolist()))):
        assert torch.equal(initialise_(Net().a, data, seed=1).weight, wanted)


def test_several_arguments_are_those_of_the_network():
    class Two(Net):
        def forward(self, input, scale):
            return super().forward(input * scale)

    assert (
        of_capture(Net(), 2 * X) == capture(Two(), X, 2.0)[0].z.tolist() == capture(Two(), X, scale=2.0)[0].z.tolist()
    )
