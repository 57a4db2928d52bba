"""Passes of a known network are seen as traced ones, by hooks that are gone afterwards; what changes is seen."""

import copy
import gc
import io
import sys
import weakref
from threading import Thread
from types import SimpleNamespace

import pytest
import torch
from same_values import assert_same
from torch import nn
from torch.nn import functional

from stability.training.introspection import static_networks
from stability.training.introspection.forward_passes import Introspection
from stability.training.introspection.static_networks import StaticPass, static_codes
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.one_pass import reduced


def perceptron():
    return nn.Sequential(
        *(nn.Flatten(), nn.Linear(4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Dropout(0.2)),
        nn.Sequential(nn.Linear(5, 6), nn.LeakyReLU(0.3, inplace=True)),
        nn.Linear(6, 2),
    )


def convolutions():
    return nn.Sequential(
        *(nn.Conv2d(2, 4, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Conv2d(4, 3, 1), nn.ReLU6()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2), nn.ReLU()),
    )


NETWORKS = [(perceptron, (4,)), (convolutions, (2, 6, 6))]


class Kept:
    """What an introspection showed: numbers of layers, and whether by hooks alone."""

    def __init__(self, net, reduce=None):
        self.found, self.by_hooks = [], []
        self.own = Introspection(net, self, reduce=reduce)

    def __call__(self, seen):
        entry, _ = self.own.ends
        self.by_hooks.append(self.hooked)
        rest = [(s.name, s.z.clone(), s.axis, s.weight, s.bias, s.normed, s.slope, s.centred, s.rows) for s in seen]
        self.found.append((rest, None if entry is None else entry.clone()))


@pytest.fixture(autouse=True)
def hooked(monkeypatch):
    entered = []
    own = StaticPass.__enter__
    monkeypatch.setattr(StaticPass, "__enter__", lambda self: (entered.append(1), own(self))[1])
    monkeypatch.setattr(Kept, "hooked", property(lambda self: (bool(entered), entered.clear())[0]), raising=False)


def passes(net, inputs, change=lambda k, net: None):
    """What is seen of some passes; and of the same without any memory of passes before."""
    shown = []
    for forgets in (False, True):
        torch.manual_seed(0)
        own = copy.deepcopy(net)
        kept = Kept(own)
        with kept.own:
            for k, x in enumerate(inputs):
                change(k, own)
                if forgets:
                    kept.own._static._known.clear()
                    kept.own._tapes.kept = []
                own(x.clone())
        names = {id(p): name for name, p in own.named_parameters()}
        found = [
            ([(*row[:3], names.get(id(row[3])), names.get(id(row[4])), *row[5:]) for row in rows], entry)
            for rows, entry in kept.found
        ]
        shown.append((found, kept.by_hooks))
    (found, by_hooks), (expected, never) = shown
    assert not any(never)
    assert_same(found, expected)
    return by_hooks


@pytest.mark.parametrize(("make", "shape"), NETWORKS)
def test_passes_are_seen_as_traced_ones(make, shape):
    torch.manual_seed(0)
    inputs = [torch.randn(n, *shape) for n in (6, 6, 3, 6, 3, 1)]
    inputs[-1] = torch.randn(7, *shape)
    assert passes(make(), inputs) == [False, True, False, True, True, False]


@pytest.mark.parametrize(
    "change",
    [
        lambda net: setattr(net[1], "bias", nn.Parameter(torch.ones(5))),
        lambda net: setattr(net[5][1], "negative_slope", 0.1),
        lambda net: net[2].eval(),
        lambda net: net.append(nn.ReLU()),
        lambda net: net.__setitem__(3, nn.ReLU()),
        lambda net: net.__setitem__(4, nn.Identity()),
        lambda net: setattr(net[3], "forward", lambda x: functional.relu(functional.relu(x) - 1)),
        lambda net: net[4].register_forward_hook(lambda part, x, y: functional.relu(y - 1)),
        lambda net: setattr(net[3], "__class__", nn.Tanh),
    ],
)
def test_what_changes_is_traced_anew(change):
    inputs = [torch.randn(6, 4) for _ in range(6)]
    by_hooks = passes(perceptron(), inputs, lambda k, net: change(net) if k == 3 else None)
    assert by_hooks[:4] == [False, True, True, False]


class Ordered(nn.Module):
    """Loops over its modules in their order."""

    def __init__(self):
        super().__init__()
        self.map, self.relu = nn.Linear(4, 4), nn.ReLU()
        self.parts = nn.ModuleDict({"a": nn.Linear(4, 4), "b": nn.ReLU(), "c": nn.Linear(4, 4), "d": nn.ReLU()})

    def forward(self, x):
        for name in self.parts:
            x = self.parts[name](x)
        return self.relu(self.map(x))


def test_modules_in_another_order_are_traced_anew():
    def turns(k, net):
        if k == 3:
            for name in "ab":
                net.parts[name] = net.parts.pop(name)

    by_hooks = passes(Ordered(), [torch.randn(6, 4) for _ in range(6)], turns)
    assert by_hooks == [False, True, True, False, True, True]


class ByName(Ordered):
    """Gives its modules their input by name, which hooks on them do not see."""

    def forward(self, x):
        return self.relu(input=self.map(input=x))


def test_inputs_by_name_are_traced():
    assert passes(ByName(), [torch.randn(6, 4) for _ in range(4)]) == [False] * 4


class Residual(nn.Module):
    """Shares a ReLU in place, overwrites what another one got, loops over modules and branches on what it holds."""

    def __init__(self):
        super().__init__()
        self.first, self.maps = nn.Conv2d(2, 4, 3, padding=1), nn.ModuleList(nn.Conv2d(4, 4, 1) for _ in range(2))
        self.relu, self.other, self.way = nn.ReLU(inplace=True), nn.ReLU(), nn.Conv2d(2, 4, 1)
        self.last, self.scaled, self.flag = nn.Linear(4, 3), 2.0, False

    def forward(self, x):
        h = self.relu(self.first(x))
        for each in self.maps:
            h = self.relu(each(h))
        h = self._joined(h, x)
        z = self.other(h)
        h += 1
        if self.flag:
            h = functional.relu(h - 5)
        return self.last(torch.flatten(functional.adaptive_avg_pool2d(z + h, 1), 1))

    def _joined(self, h, x):
        return h * self.scaled + (x if self.way is None else self.way(x))


def test_passes_of_straight_code_are_seen_as_traced_ones():
    torch.manual_seed(0)
    inputs = [torch.randn(n, 2, 3, 3) for n in (6, 6, 3, 6, 3)]
    assert passes(nn.Sequential(nn.BatchNorm2d(2), Residual()), inputs) == [False, True, False, True, True]
    assert passes(Residual(), inputs) == [False, True, False, True, True]


@pytest.mark.parametrize(
    "change",
    [
        lambda net: setattr(net, "flag", True),
        lambda net: setattr(net, "scaled", 3.0),
        lambda net: setattr(net.maps, "extra", nn.Identity()),
        lambda net: net.maps.append(nn.Conv2d(4, 4, 1)),
        lambda net: setattr(net, "way", nn.Conv2d(2, 4, 3, padding=1)),
        lambda net: setattr(net, "__class__", type("Other", (Residual,), {})),
        lambda net: setattr(net, "forward", lambda x: net.last(net.first(x).relu().mean((2, 3)))),
        lambda net: net.last.register_forward_pre_hook(lambda part, x: functional.relu(x[0])),
    ],
)
def test_what_changes_in_straight_code_is_traced_anew(change):
    inputs = [torch.randn(6, 2, 3, 3) for _ in range(6)]
    by_hooks = passes(Residual(), inputs, lambda k, net: change(net) if k == 3 else None)
    assert by_hooks[:4] == [False, True, True, False]


@pytest.mark.parametrize(
    ("holder", "name", "new"),
    [
        (Residual, "forward", lambda self, x: self.last(self.first(x).relu().mean((2, 3)))),
        (Residual, "_joined", lambda self, h, x: functional.relu(h)),
        (sys.modules[__name__], "torch", SimpleNamespace(flatten=lambda x, n: x.relu().flatten(n))),
        (functional, "adaptive_avg_pool2d", lambda x, n: functional.relu(x).mean((2, 3), keepdim=True)),
    ],
)
def test_code_that_is_replaced_is_traced_anew(holder, name, new, monkeypatch):
    net, x = Residual(), torch.randn(6, 2, 3, 3)
    kept = Kept(net)
    with kept.own:
        for k in range(4):
            if k == 2:
                monkeypatch.setattr(holder, name, new)
            net(x)
    assert kept.by_hooks[:3] == [False, True, False]
    assert [len(rows) for rows, _ in kept.found[:2]] == [4, 4]
    assert len(kept.found[3][0]) == len(kept.found[2][0]) != 4


def test_relus_that_no_module_of_torch_calls_are_traced():
    for last in (nn.Hardtanh(0, 1), nn.Sequential(nn.ReLU(), nn.Hardtanh(0, 1))):
        net, kept = nn.Sequential(nn.Linear(2, 3), last), None
        with (kept := Kept(net)).own:
            for _ in range(3):
                net(torch.randn(6, 2))
        assert kept.by_hooks == [False] * 3


class OfWeights(nn.Module):
    """Its one ReLU is called on a weight too, which is no layer."""

    def __init__(self):
        super().__init__()
        self.first, self.weight, self.relu = nn.Linear(4, 3), nn.Parameter(torch.randn(3, 3)), nn.ReLU()

    def forward(self, x):
        return self.relu(functional.linear(self.first(x), self.relu(self.weight)))


class Again(OfWeights):
    """Its one ReLU is called on the same pre-activations again, which is the same layer."""

    def forward(self, x):
        z = self.first(x)
        return self.relu(functional.linear(self.relu(z) + self.relu(z), self.weight))


@pytest.mark.parametrize("make", [OfWeights, Again])
def test_calls_of_relus_that_are_no_layers_are_traced(make):
    assert static_codes(make()) is not None
    assert passes(make(), [torch.randn(6, 4) for _ in range(3)]) == [False] * 3


class Custom(nn.Linear):
    def forward(self, x):
        return super().forward(x).relu()


@pytest.mark.parametrize(
    ("net", "static"),
    [
        (nn.Sequential(nn.Linear(2, 3), nn.ReLU()), True),
        (nn.Sequential(nn.Linear(2, 3), *[nn.ReLU()] * 2), True),
        (Residual(), True),
        (nn.Sequential(nn.Linear(2, 3), Custom(3, 3)), False),
        (nn.Sequential(nn.Linear(2, 3), nn.Hardtanh(0, 1)), True),
        (nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(2, 3)), nn.ReLU()), False),
    ],
)
def test_networks_of_stock_modules_and_straight_code_are_static(net, static):
    assert (static_codes(net) is not None) is static


def test_a_parameter_of_one_entry_that_is_replaced_by_an_equal_one_is_seen():
    net = nn.Sequential(nn.Linear(4, 1), nn.ReLU())
    seen = []
    Introspection(net, seen.extend)
    for _ in range(3):
        net(torch.ones(3, 4))
    net[0].bias = nn.Parameter(net[0].bias.detach().clone())
    net(torch.ones(3, 4))
    assert [each.bias is net[0].bias for each in seen] == [False, False, False, True]


def test_networks_with_hooks_everywhere_or_of_others_are_not_static():
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    handle = nn.modules.module.register_module_forward_hook(lambda *args: None)
    assert static_codes(net) is None
    handle.remove()
    net[1].register_forward_pre_hook(lambda part, x: None)
    assert static_codes(net) is None


def test_inputs_of_other_kinds_are_traced():
    net = perceptron()
    kept = Kept(net)
    with kept.own:
        for x in (torch.randn(6, 4), torch.randn(6, 4), nn.Parameter(torch.randn(6, 4))):
            net(x)
    assert kept.by_hooks == [False, True, False]
    assert [len(rows) for rows, _ in kept.found] == [2, 2, 2]


def test_hooks_are_gone_after_a_pass_also_one_that_raises():
    net = perceptron()
    kept = Kept(net)
    with kept.own:
        for _ in range(2):
            net(torch.randn(6, 4))
        with pytest.raises(ValueError, match="Expected more than 1 value"):
            net(torch.randn(1, 4))
        assert not any(part._forward_pre_hooks for part in net.modules() if part is not net)
        broken = next(iter(kept.own._static._known.values()))
        assert broken.relus
    assert not any(part._forward_pre_hooks or part._forward_hooks for part in net.modules())


def interrupted(net):
    """Interrupt a pass that is seen by hooks, as Ctrl-C does."""
    x = torch.randn(6, 4)
    for _ in range(2):
        net(x)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(static_networks.StaticPass, "_see", stops)
        with pytest.raises(KeyboardInterrupt):
            net(x)
    assert any(part._forward_pre_hooks for part in net.modules() if part is not net)


def stops(*args):
    raise KeyboardInterrupt


def test_copies_and_files_of_a_network_whose_pass_was_interrupted_hold_nothing_of_it():
    net = perceptron()
    with Kept(net).own:
        interrupted(net)
        file = io.BytesIO()
        torch.save(net, file)
        assert b"stability" not in file.getvalue()
        file.seek(0)
        for copied in (copy.deepcopy(net), torch.load(file, weights_only=False)):
            copied(torch.randn(6, 4))
            hooks = [each for part in copied.modules() for each in part._forward_pre_hooks.values()]
            assert not any(isinstance(each, StaticPass) for each in hooks)
        net(torch.randn(6, 4))
    assert not any(part._forward_pre_hooks or part._forward_hooks for part in net.modules())


def test_what_another_thread_does_in_the_meantime_is_not_seen():
    net = perceptron()
    with (kept := Kept(net)).own:
        for _ in range(2):
            net(torch.randn(6, 4))
        own = StaticPass.__enter__

        def enter(self):
            found = own(self)
            thread = Thread(target=net[5], args=(torch.randn(6, 5),))
            thread.start()
            thread.join()
            return found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(StaticPass, "__enter__", enter)
            net(torch.zeros(6, 4))
    rows, _ = kept.found[2]
    assert [row[0] for row in rows] == ["1", "5.0"]


def test_what_cannot_be_read_is_skipped():
    net, kept = perceptron(), None
    with (kept := Kept(net)).own:
        for _ in range(2):
            net(torch.randn(6, 4))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(static_networks, "version_of", lambda z: 1 // 0)
            with pytest.warns(UserWarning, match="reading it failed"):
                net(torch.randn(6, 4))
    assert kept.found[2][0] == []
    assert kept.by_hooks == [False, True, True]


def test_nothing_of_a_batch_is_kept():
    net, x = convolutions(), torch.randn(3, 2, 6, 6)
    kept = Kept(net)
    with kept.own:
        for _ in range(3):
            net(x)
        gone = weakref.ref(x)
        del x
        gc.collect()
        assert gone() is None
        assert not copy.deepcopy(kept.own._static)._known


def test_pre_activations_are_let_go_at_once_where_they_are_reduced(monkeypatch):
    """A monitor lets no pre-activation live longer than the network itself does."""
    monkeypatch.setattr("stability.training.monitoring.one_pass.LEAST", 0)
    if reduced(torch.zeros(1, 1), -1) is None:
        pytest.skip("there is no C++ compiler")
    net, alive, held = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 5), nn.ReLU()), [], []
    own = static_networks.StaticPass.__call__

    def see(self, module, args):
        own(self, module, args)
        alive.append(sum(each() is not None for each in held))
        held.append(weakref.ref(args[0]))

    monkeypatch.setattr(StaticPass, "__call__", see)
    with Monitor(net) as monitor:
        for _ in range(3):
            net.zero_grad()
            net(torch.randn(6, 4)).sum().backward()
            monitor.step()
    assert alive == [0] * 4
    assert [layer.points for reading in monitor.readings for layer in reading.layers] == [6] * 6


@pytest.mark.parametrize(("make", "shape"), [*NETWORKS, (Residual, (2, 3, 3))])
@pytest.mark.parametrize("passes_a_step", [1, 2])
def test_readings_are_those_of_traced_passes(make, shape, passes_a_step, monkeypatch):
    monkeypatch.setattr("stability.training.monitoring.one_pass.LEAST", 0)
    found = []
    for known in (True, False):
        if not known:
            monkeypatch.setattr(static_networks.StaticNetwork, "again", lambda self, *args: None)
            monkeypatch.setattr("stability.training.introspection.tape.MISSES", 0)
        torch.manual_seed(0)
        net = make()
        optimizer = torch.optim.SGD(net.parameters(), 0.1)
        with Monitor(net, detail=True) as monitor:
            for _ in range(4):
                optimizer.zero_grad()
                for _ in range(passes_a_step):
                    net(torch.randn(5, *shape)).square().sum().backward()
                optimizer.step()
        found.append([reading.to_json() for reading in monitor.readings])
    assert found[0] == found[1]
