"""Does geometry take batches as people have them, and run the network on what they mean?"""

from collections import OrderedDict, namedtuple
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from stability.errors import DataError
from stability.training.introspection.batches import arguments, batches
from stability.training.introspection.layer_geometry import layer_geometry


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.o = nn.Linear(2, 4), nn.Linear(4, 1)
        self.got = []

    def forward(self, x, mask=None):
        self.got.append((x.detach().clone(), mask))
        return self.o(torch.relu(self.a(x)))


class Keyword(Net):
    def forward(self, *, x):
        return super().forward(x)


class Whole(Net):
    def forward(self, batch):
        return super().forward(batch["points"])


@dataclass
class Example:
    x: torch.Tensor
    y: torch.Tensor


Pair = namedtuple("Pair", "x mask label")
X, Y = torch.randn(6, 2, generator=torch.Generator().manual_seed(0)), torch.zeros(6)


class Stream(IterableDataset):
    def __iter__(self):
        yield from X


DATA = {
    "tensor": (Net, X, {}),
    "array": (Net, X.numpy(), {}),
    "array of 64 bits": (Net, X.numpy().astype(np.float64), {}),
    "tuple": (Net, (X, Y), {}),
    "list of a loader": (Net, [X, Y], {}),
    "dict": (Net, {"x": X, "label": Y}, {}),
    "ordered dict": (Net, OrderedDict(label=Y, x=X), {}),
    "dict of arrays": (Net, {"x": X.numpy()}, {}),
    "dict in a tuple": (Net, ({"x": X}, Y), {}),
    "dict taken whole": (Whole, {"points": X}, {}),
    "named tuple": (Net, Pair(X, None, Y), {}),
    "dataclass": (Net, Example(X, Y), {}),
    "keyword only": (Keyword, X, {}),
    "keyword only, tuple": (Keyword, (X, Y), {}),
    "inputs": (Net, {"a": X}, {"inputs": lambda b: (b["a"],)}),
    "inputs by name": (Keyword, {"a": X}, {"inputs": lambda b: {"x": b["a"]}}),
    "inputs, one tensor": (Net, [Y, X], {"inputs": lambda b: b[1]}),
    "list of batches": (Net, [X[:2], X[2:]], {}),
    "list of batches with labels": (Net, [(X[:2], Y[:2]), (X[2:], Y[2:])], {}),
    "list of dicts": (Net, [{"x": X[:2]}, {"x": X[2:]}], {}),
    "list of examples": (Net, [(x, 0) for x in X], {}),
    "list of examples with tensors": (Net, [(x, torch.tensor(1.0)) for x in X], {}),
    "list of examples with one-hot labels": (Net, [(x, torch.eye(2)[0]) for x in X], {}),
    "generator": (Net, lambda: (part for part in X.split(2)), {}),
    "dataset": (Net, TensorDataset(X, Y), {"batch_size": 4}),
    "stream": (Net, Stream(), {"batch_size": 4}),
    "loader": (Net, DataLoader(TensorDataset(X, Y), 4), {}),
    "loader of dicts": (Net, DataLoader([{"x": x, "y": 0} for x in X], 4), {}),
}


@pytest.mark.parametrize("kind", DATA)
def test_the_network_gets_what_is_meant(kind):
    made, data, how = DATA[kind]
    model = made()
    found = layer_geometry(model, data() if callable(data) else data, **how)
    assert found.points == 6
    assert torch.allclose(torch.cat([x for x, _ in model.got]), X)


def test_packed_sequences_stay_whole():
    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.l, self.a = nn.GRU(2, 4), nn.Linear(4, 4)

        def forward(self, x):
            assert isinstance(x, PackedSequence)
            return torch.relu(self.a(self.l(x)[0].data))

    torch.manual_seed(0)
    model, parts = Recurrent(), [torch.randn(k, 2) for k in (5, 3, 1)]
    packed = pack_sequence(parts, enforce_sorted=False)
    expected = layer_geometry(model, packed, inputs=lambda batch: (batch,))
    loader = DataLoader(parts, 3, collate_fn=lambda batch: pack_sequence(batch, enforce_sorted=False))
    for data in (packed, (packed, Y), [packed, Y], [packed], loader):
        found = layer_geometry(model, data)
        assert torch.equal(found.layers[0].upper_shares, expected.layers[0].upper_shares)
        assert found.points == 9


@pytest.mark.parametrize("data", ["moons", None, 3, b"x"])
def test_what_holds_no_batch_is_refused(data):
    with pytest.raises(DataError, match="Dataset"):
        layer_geometry(Net(), data)
    with pytest.raises(DataError, match="at least one example"):
        layer_geometry(Net(), [])


def test_names_that_the_network_does_not_take_are_left_out():
    assert arguments({"x": 1, "mask": 2, "label": 3}, Net()) == ((), {"x": 1, "mask": 2})
    assert arguments((1, 2, 3), Net()) == ((1,), {})
    assert [*batches((X, Y))] == [(X, Y)]
