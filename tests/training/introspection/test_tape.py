"""A trace with a tape sees what one without sees, pass by pass, whatever changes between passes; and keeps no batch."""

import copy
import gc
import pickle
import random
import weakref
from itertools import product

import pytest
import torch
from same_values import assert_same
from some_slow import some_slow
from torch import nn
from torch.nn import functional

from stability.training.introspection import tape as tapes
from stability.training.introspection import taped_calls
from stability.training.introspection.forward_passes import Introspection
from stability.training.introspection.names import Names
from stability.training.introspection.tape import TapedTrace
from stability.training.introspection.taped_calls import Tapes
from stability.training.introspection.trace_mode import ForwardTrace
from stability.training.monitoring import one_pass
from stability.training.monitoring.pass_extremes import PassExtremes


class Branches(nn.Module):
    """Takes other ways from pass to pass: another layer, other functions, in place, twice, overwritten afterwards."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(4))
        self.norm, self.last = nn.BatchNorm1d(4), nn.Linear(4, 2)
        self.choice = random.Random(0)

    def forward(self, x):
        for _ in range(self.choice.choice([2, 2, 2, 3])):
            layer = self.layers[self.choice.choice([0, 0, 0, 1])]
            z = layer(x)
            way = self.choice.choice([0, 0, 0, 0, *range(1, 11)])
            if way == 1:
                z = self.norm(z)
            elif way == 2:
                z = z * 2.0
            if way == 3:
                x = functional.relu_(z)
            elif way == 4:
                x = functional.relu(z) + functional.relu(z)
            elif way == 5:
                x = functional.relu(z)
                z.mul_(2)
            elif way == 6:
                x = functional.leaky_relu(z, 0.1 * self.choice.randint(1, 2))
            elif way == 7:
                x = torch.maximum(z, torch.zeros(()))
            elif way == 8:
                a, b = self.layers[2](x).relu(), self.layers[3](x)
                x = functional.relu(b if self.choice.random() < 0.5 else a)
            elif way == 9:
                x = functional.leaky_relu(z.mul_(2), 0.1 * self.choice.randint(1, 2))
            elif way == 10:
                x = functional.relu(torch.add(z, other=x if self.choice.random() < 0.5 else self.choice.randint(0, 3)))
            else:
                x = z.clamp(min=0)
        return self.last(x)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.around, self.norm = nn.Conv2d(2, 4, 1), nn.BatchNorm2d(4)
        self.relu, self.last = nn.ReLU(inplace=True), nn.Linear(4, 3)

    def forward(self, x):
        h = self.norm(self.second(self.relu(self.first(x))))
        h += self.around(x)
        return self.last(self.relu(h).mean((2, 3)))


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.map, self.last = nn.Linear(4, 6), nn.Linear(6, 2)

    def forward(self, x):
        z = self.map(x).view(x.size(0), 2, 3).transpose(1, 2)
        return self.last(torch.cat([z, -z], 1).relu()[:, :3].flatten(1))


def perceptron():
    return nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Dropout(0.5), nn.Linear(5, 5), nn.ReLU(True), nn.Linear(5, 2))


NETWORKS = {
    "perceptron": (perceptron, (4,)),
    "residual": (Residual, (2, 5, 5)),
    "heads": (Heads, (4,)),
    "branches": (Branches, (4,)),
    "no relu": (lambda: nn.Linear(4, 2), (4,)),
    "recurrent": (lambda: nn.Sequential(nn.Linear(4, 3), nn.RNN(3, 2, nonlinearity="relu", batch_first=True)), (3, 4)),
}


def described(seen):
    return [
        (
            each.name,
            each.z.clone() if each.ends is None else [each.ends],
            each.axis,
            each.weight,
            each.bias,
            each.normed,
            each.slope,
            each.centred,
            each.rows,
        )
        for each in seen
    ]


def pass_of(net, x, trace):
    """What a pass shows, with its outputs; the network makes the same random choices each time."""
    torch.manual_seed(1)
    with trace:
        out = net(x)
    seen = described(trace.finish())
    entry = None if trace.entry is None else trace.entry.clone()
    return seen, [(each.name, each.reason) for each in trace.skipped], entry, out


def reduced(z, axis):
    """What stands for pre-activations, and what is kept of them: both extremes by unit."""
    return torch.empty(z.shape, device="meta"), torch.stack(
        [z.movedim(axis, 0).flatten(1).aminmax(dim=1)[k] for k in (0, 1)]
    )


def as_kept(row, kept, reduce):
    """A row of what was seen, reduced where the other one is."""
    return (row[0], [reduce(row[1], row[2])[1]], *row[2:]) if isinstance(kept[1], list) else row


@pytest.mark.parametrize(("name", "way"), some_slow(product(NETWORKS, ["whole", "reduced", "kept"]), 9))
def test_every_pass_is_seen_as_without_a_tape(name, way, monkeypatch):
    monkeypatch.setattr(tapes, "MISSES", 10**6)
    monkeypatch.setattr(one_pass, "LEAST", 0)
    if way == "kept" and one_pass.compiled() is None:
        pytest.skip("there is no C++ compiler")
    reduce = {"whole": None, "reduced": reduced, "kept": one_pass.reduced}[way]
    make, shape = NETWORKS[name]
    torch.manual_seed(0)
    net, other, chance = make(), None, random.Random(1)
    other = copy.deepcopy(net)
    own, kept, followed = Names(net), Tapes(), 0
    same = {id(p): q for p, q in zip(other.parameters(), net.parameters(), strict=True)}
    for _ in range(300 if name == "branches" else 8):
        x = torch.randn(chance.choice([6, 6, 6, 3]), *shape)
        taped = TapedTrace(own, kept, reduce, PassExtremes.of if way == "kept" else None)
        found = pass_of(net, x.clone(), taped)
        followed += taped._follows
        expected = pass_of(other, x.clone(), ForwardTrace(Names(other)))
        whole = [(*row[:3], *(same.get(id(each), each) for each in row[3:])) for row in expected[0]]
        if reduce is not None:
            whole = [as_kept(*pair, reduce) for pair in zip(whole, found[0], strict=True)]
        assert_same(found, (whole, *expected[1:]))
    assert name == "branches" or bool(followed) == (name not in ("recurrent", "heads"))


def test_a_number_is_not_taken_for_what_an_earlier_call_returned():
    class Added(nn.Module):
        alone = False

        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x):
            a, b = self.first(x), self.second(x)
            return functional.relu(torch.add(a, other=1 if self.alone else b))

    net, kept, x = Added(), Tapes(), torch.randn(3, 4)
    names, weights = Names(net), []
    for net.alone in (False, False, True):
        ((row,), *_) = pass_of(net, x, TapedTrace(names, kept))
        weights.append(row[3])
    assert weights == [None, None, net.first.weight]


def test_most_passes_of_a_branching_network_leave_their_tape_half_way(monkeypatch):
    """The property above says something: tapes are left at many places."""
    monkeypatch.setattr(tapes, "MISSES", 10**6)
    left = []
    own = TapedTrace._go_on_alone
    monkeypatch.setattr(TapedTrace, "_go_on_alone", lambda self, *at: (left.append(at[0]), own(self, *at))[1])
    net, kept = Branches(), Tapes()
    names = Names(net)
    for _ in range(300):
        pass_of(net, torch.randn(6, 4), TapedTrace(names, kept))
    assert len(set(left)) > 5
    assert len(left) > 50


def test_what_nobody_makes_any_more_stays_so_where_a_tape_is_left():
    class Scaled(nn.Module):
        slope = 0.1

        def __init__(self):
            super().__init__()
            self.map = nn.Linear(4, 5)

        def forward(self, x):
            return functional.leaky_relu(self.map(x).mul_(2), self.slope)

    net, found = Scaled(), []
    with Introspection(net, found.append):
        for net.slope in (0.1, 0.2, 0.3):
            net(torch.randn(3, 4))
    assert [(seen[0].name, seen[0].weight, seen[0].slope) for seen in found] == [
        ("relu", None, slope) for slope in (0.1, 0.2, 0.3)
    ]


def test_parameters_that_are_replaced_are_seen():
    net = perceptron()
    found = []
    with Introspection(net, found.append):
        for k in range(5):
            if k == 2:
                net[0].weight = nn.Parameter(torch.ones(5, 4))
            net(torch.randn(3, 4))
    assert [seen[0].weight is net[0].weight for seen in found] == [False, False, True, True, True]
    assert all(seen[1].weight is net[3].weight for seen in found)


def test_a_network_that_always_changes_gets_no_more_tapes():
    kept = Tapes()
    net = nn.Sequential(nn.Linear(4, 5), nn.ReLU())
    names = Names(net)
    for size in range(1, 50):
        trace = TapedTrace(names, kept)
        assert len(pass_of(net, torch.randn(size, 4), trace)[0]) == 1
        assert len(kept.kept) <= taped_calls.MOST
    assert not trace._records


def test_tapes_keep_nothing_of_a_batch_and_copies_have_none():
    net, found = Residual(), []
    with Introspection(net, found.append) as introspection:
        x = torch.randn(3, 2, 5, 5)
        gone = [weakref.ref(x)]
        for _ in range(3):
            net(x)
        gone += [weakref.ref(each.z) for seen in found for each in seen]
        del x
        found.clear()
        gc.collect()
        assert introspection._tapes.kept
        assert [each() for each in gone] == [None] * len(gone)
        assert not copy.deepcopy(introspection._tapes).kept
        assert not pickle.loads(pickle.dumps(introspection._tapes)).kept


def test_a_pass_that_raises_leaves_no_tape_and_the_next_is_seen():
    class Breaks(nn.Module):
        broken = True

        def __init__(self):
            super().__init__()
            self.map = nn.Linear(4, 5)

        def forward(self, x):
            h = self.map(x).relu()
            if self.broken:
                raise ZeroDivisionError
            return h

    net, found = Breaks(), []
    with Introspection(net, found.append) as introspection:
        with pytest.raises(ZeroDivisionError):
            net(torch.randn(3, 4))
        assert not introspection._tapes.kept
        net.broken = False
        for _ in range(3):
            net(torch.randn(3, 4))
    assert [len(each) for each in found] == [1, 1, 1]
