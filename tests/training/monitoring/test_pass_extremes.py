"""Passes whose extremes go to memory that is used again read as those with memory of their own; nothing is mixed."""

import copy
import pickle
from itertools import pairwise, product

import pytest
import torch
from some_slow import some_slow
from torch import nn
from torch._subclasses import FakeTensorMode

from stability.compute.cpp import compiler
from stability.training.introspection.activations import TracedActivation
from stability.training.monitoring import one_pass
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.pack import look
from stability.training.monitoring.pass_extremes import MOST, PassExtremes

pytestmark = pytest.mark.skipif(compiler() is None, reason="there is no C++ compiler")


@pytest.fixture(autouse=True)
def all_sizes(monkeypatch):
    for module in ("one_pass", "repeated", "updates", "quick_unpack"):
        monkeypatch.setattr(f"stability.training.monitoring.{module}.LEAST", 0)


def chain():
    return nn.Sequential(*(nn.Linear(4, 9), nn.ReLU(), nn.Linear(9, 7), nn.ReLU(), nn.Linear(7, 9), nn.ReLU()))


class Residual(nn.Module):
    """ReLUs in place, one of them called twice, and a sum around."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.norm = nn.Conv2d(1, 3, 3, padding=1), nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)
        self.relu, self.head = nn.ReLU(inplace=True), nn.Linear(3, 2)

    def forward(self, x):
        h = self.relu(self.norm(self.first(x[:, None, :2, None] * x[:, None, None, 2:])))
        h = self.relu(self.second(h) + h)
        return self.head(h.mean((2, 3)))


def several(step, net, x):
    return [net(x), net(2 * x), net(-x)]


def many(step, net, x):
    return [net(x * k) for k in range(2 * MOST)]


def one(step, net, x):
    return [net(x)]


def sizes(step, net, x):
    return [net(x[: 3 + step % 2])]


def frozen(step, net, x):
    for each in net.modules():
        if isinstance(each, nn.Linear | nn.Conv2d):
            each.bias.requires_grad_(step % 3 > 0)
    return [net(x)]


def interrupted(step, net, x):
    if step == 3:
        handle = [*net.modules()][-1].register_forward_pre_hook(lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            net(x)
        handle.remove()
    return [net(x)]


def replaced(step, net, x):
    if step == 4:
        for name, each in [*net.named_modules()]:
            if isinstance(each, nn.Linear):
                setattr(net, name, copy.deepcopy(each))
    return [net(x)]


def readings(make, outputs_of, monkeypatch, kept, **how):
    """The readings of a training, and whether passes were kept."""
    taken = []
    own = PassExtremes.looked
    with monkeypatch.context() as patch:
        patch.setattr(PassExtremes, "looked", lambda self, *args: (taken.append(1), own(self, *args))[1])
        if not kept:
            patch.setattr(PassExtremes, "of", classmethod(lambda cls, seen: None))
        torch.manual_seed(0)
        net = make()
        with Monitor(net, detail=True, **how) as monitor:
            for step in range(9):
                net.zero_grad()
                outputs = outputs_of(step, net, torch.randn(5, 4))
                if outputs[0].requires_grad:
                    sum(each.square().mean() for each in outputs).backward()
                monitor.step()
                with torch.no_grad():
                    for p in net.parameters():
                        p -= 0.05 * (0 if p.grad is None else p.grad)
    return [reading.to_json() for reading in monitor.readings], len(taken)


LOOPS = [one, several, many, sizes, frozen, interrupted, replaced]


@pytest.mark.parametrize(("make", "loop", "passes"), some_slow(product([chain, Residual], LOOPS, ["all", "last"]), 13))
def test_readings_are_those_of_passes_with_memory_of_their_own(make, loop, passes, monkeypatch):
    found, taken = readings(make, loop, monkeypatch, True, passes=passes)
    expected, none = readings(make, loop, monkeypatch, False, passes=passes)
    assert taken >= 4
    assert none == 0
    assert found == expected


@pytest.mark.parametrize("make", [chain, Residual])
def test_a_nan_in_one_pass_is_seen_there_alone(make, monkeypatch):
    def loop(step, net, x):
        return [net(x * float("nan") if step == 3 else x)]

    found, _ = readings(make, loop, monkeypatch, True)
    assert found == readings(make, loop, monkeypatch, False)[0]
    assert [reading["finite"] for reading in found[:4]] == [True, True, True, False]


def seen(*shapes):
    return [
        TracedActivation(f"{k}", torch.empty(shape, device="meta"), axis, ends=torch.empty(2 * shape[axis] + shape[0]))
        for k, (shape, axis) in enumerate(shapes)
    ]


def test_of_layers_of_all_shapes_the_extremes_are_those_of_torch(monkeypatch):
    shapes = [((5, 3), -1), ((5, 3), 1), ((5, 2, 4, 4), 1), ((5, 3, 2), -1), ((5, 2, 4, 4), 1)]
    kept = PassExtremes.of(seen(*shapes))
    torch.manual_seed(0)
    z = [torch.randn(shape) for shape, _ in shapes]
    assert all(kept.take(k, each) for k, each in enumerate(z))
    output = torch.randn(5, 11)
    found = kept.looked(output)
    monkeypatch.setattr(one_pass, "LEAST", 10**9)
    expected = look(
        [TracedActivation(f"{k}", each, axis) for k, (each, (_, axis)) in enumerate(zip(z, shapes, strict=True))]
    )
    rows = [
        {place: row for e in looked.extremes for place, row in zip(e.places, e.ends, strict=True)}
        for looked in (found, expected)
    ]
    assert all(torch.equal(rows[0][k], rows[1][k]) for k in range(5))
    assert found.examples == 5
    assert torch.equal(found.outputs, output[:, ::2])


@pytest.mark.parametrize(
    "z",
    [
        torch.zeros(5, 4),
        torch.zeros(5, 3, dtype=torch.float64),
        torch.zeros(3, 5).T,
        torch.full((5, 3), float("nan")),
        torch.zeros(5, 3, device="meta"),
    ],
    ids=["shape", "kind", "order", "nan", "device"],
)
def test_what_is_of_another_kind_is_not_taken(z):
    assert not PassExtremes.of(seen(((5, 3), -1))).take(0, z)


def test_layers_that_are_not_reduced_are_kept_in_no_such_memory():
    whole = [TracedActivation("0", torch.zeros(5, 3), -1)]
    assert PassExtremes.of(whole) is None
    assert PassExtremes.of([]) is None
    assert PassExtremes.of(seen(((5, 3, 2, 2), 2))) is None


def test_no_two_in_use_share_memory():
    first = PassExtremes.of(seen(((5, 3), -1), ((5, 3), -1)))
    used = [first.another() for _ in range(3)]
    places = [each.ends.data_ptr() for kept in (first, *used) for each in kept]
    assert len({*places}) == 8
    used[0].release()
    assert first.another() is used[0]
    for _ in range(2 * MOST):
        PassExtremes(first, first._vacant).release()
    assert len(first._vacant) == MOST


def test_weights_without_memory_are_not_there():
    kept = PassExtremes.of(seen(((5, 3), -1)))
    gone = torch.ones(3)
    kept._sources = [torch.ones(3), gone]
    assert kept.is_there
    gone.untyped_storage().resize_(0)
    assert not kept.is_there
    with FakeTensorMode():
        kept._sources = [torch.ones(3)]
    assert not kept.is_there


def test_copies_are_plain_lists():
    kept = PassExtremes.of(seen(((5, 3), -1)))
    for copied in (copy.deepcopy(kept), pickle.loads(pickle.dumps(kept))):
        assert type(copied) is list
        assert [each.name for each in copied] == ["0"]


def test_steps_do_not_show_the_numbers_of_others(monkeypatch):
    found, _ = readings(chain, several, monkeypatch, True)
    assert all(a["layers"][0]["tops"] != b["layers"][0]["tops"] for a, b in pairwise(found))
