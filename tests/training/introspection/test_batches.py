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
from stability.training.introspection.batches import arguments, batches, labels_of
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


class ByName(Net):
    def __init__(self, take):
        super().__init__()
        self.take = take

    def forward(self, batch):
        return super().forward(self.take(batch))


@pytest.mark.parametrize(
    ("data", "take", "words"),
    [
        (namedtuple("Other", "left right")(X, Y), lambda batch: batch.left, "has no attribute 'left'"),
        ({"left": X}, lambda batch: batch["right"], "there is no entry 'right'"),
    ],
    ids=["attribute", "entry"],
)
def test_what_a_network_does_not_find_in_a_batch_is_refused_in_a_sentence(data, take, words):
    with pytest.raises(DataError, match=f"data that the network takes; it ends with: .*{words}"):
        layer_geometry(ByName(take), data)


def test_names_that_the_network_does_not_take_are_left_out():
    assert arguments({"x": 1, "mask": 2, "label": 3}, Net()) == ((), {"x": 1, "mask": 2})
    assert arguments((1, 2, 3), Net()) == ((1,), {})
    assert [*batches((X, Y))] == [(X, Y)]


class LabelledStream(IterableDataset):
    def __iter__(self):
        yield from zip(X, Y, strict=True)


LABELLED = {
    "tuple": (Net, (X, Y), "the second entry"),
    "arrays": (Net, (X.numpy(), Y.numpy()), "the second entry"),
    "list of a loader": (Net, [X, Y], "the second entry"),
    "dict in a tuple": (Net, ({"x": X}, Y), "the second entry"),
    "dict": (Net, {"x": X, "label": Y, "weight": X}, "the entry 'label'"),
    "dict taken whole": (Whole, {"points": X, "targets": Y}, "the entry 'targets'"),
    "named tuple": (Net, Pair(X, None, Y), "the entry 'label'"),
    "dataclass": (Net, Example(X, Y), "the entry 'y'"),
    "keyword only, tuple": (Keyword, (X, Y), "the second entry"),
    "list of batches": (Net, [(X[:2], Y[:2]), (X[2:], Y[2:])], "the second entry"),
    "list of examples": (Net, [(x, float(y)) for x, y in zip(X, Y, strict=True)], "the second entry"),
    "dataset": (Net, TensorDataset(X, Y), "the second entry"),
    "stream": (Net, LabelledStream(), "the second entry"),
    "loader": (Net, DataLoader(TensorDataset(X, Y), 4), "the second entry"),
    "packed": (Net, (pack_sequence([X]), Y), "the second entry"),
}


@pytest.mark.parametrize("kind", LABELLED)
def test_labels_are_those_of_a_training_loop(kind):
    made, data, where = LABELLED[kind]
    found = [labels_of(each, made()) for each in batches(data, 4)]
    assert torch.equal(torch.cat([labels.float() for labels, _ in found]), Y)
    assert {said for _, said in found} == {f"{where} of each batch"}


UNCLEAR = {
    "tensor": (X, "a Tensor"),
    "three entries": ((X, X, Y), "a tuple of 3 entries"),
    "one entry": ((X,), "a tuple of 1 entries"),
    "names": ({"x": X, "class": Y}, "one with the names x, class"),
    "two names": ({"x": X, "label": Y, "y": Y}, "one with the names x, label, y"),
    "an argument": ({"x": X, "mask": Y}, "one with the names x, mask"),
    "packed": (pack_sequence([X]), "a PackedSequence"),
}


@pytest.mark.parametrize("kind", UNCLEAR)
def test_labels_that_are_not_clear_are_not_guessed(kind):
    batch, what = UNCLEAR[kind]
    with pytest.raises(DataError, match=f"got {what}") as caught:
        labels_of(batch, Net())
    assert "y=lambda batch" in caught.value.remedy
    assert labels_of(batch, Net(), chosen=lambda batch: Y)[1] == "what y= returns of each batch"


def test_what_the_network_gets_is_no_label_unless_it_is_named_so():
    class Conditional(Net):
        def forward(self, x, y=None, labels=None):
            return super().forward(x)

    with pytest.raises(DataError, match="labels"):
        labels_of({"x": X, "y": Y}, Conditional())
    assert labels_of({"x": X, "labels": Y}, Conditional())[0] is Y
    with pytest.raises(DataError, match="labels"):
        labels_of((X, X + 1), Net(), inputs=lambda batch: tuple(batch))
    assert labels_of((X, Y), Net(), inputs=lambda batch: batch[0])[0] is Y
