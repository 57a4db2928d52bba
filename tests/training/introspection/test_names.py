"""Do layers go by the name of their weight, or of the module that calls the ReLU, and no two by the same one?"""

import copy
import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional

from stability.dead_units.modules import recovery
from stability.errors import StabilityError
from stability.training.constraints.separation_loss import SeparationLoss
from stability.training.control.controller import Controller
from stability.training.control.leaky_slopes import LeakySlopes
from stability.training.introspection.forward_passes import Introspection, capture
from stability.training.introspection.layer_geometry import layer_geometry
from stability.training.introspection.names import LayerNames, Names
from stability.training.monitoring.monitor import Monitor


class Block(nn.Module):
    """Two ReLUs of sums, which no single weight makes; how they are called is the caller's."""

    def __init__(self, first=functional.relu, second=functional.relu):
        super().__init__()
        self.a, self.b, self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4), first, second

    def forward(self, x):
        h = self.first(self.a(x) + self.b(x))
        return self.second(self.b(h) + self.a(x))


class Net(nn.Module):
    def __init__(self, *blocks):
        super().__init__()
        self.stem, self.head, self.layers = nn.Linear(4, 4), nn.Linear(4, 4), nn.Sequential(*blocks)

    def forward(self, x):
        h = self.layers(self.stem(x).relu())
        return functional.relu(self.head(h) + self.stem(x))


def names(model, **how):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return [each.name for each in capture(model, torch.randn(5, 4), **how)]


def test_relus_of_sums_go_by_the_module_that_calls_them():
    found = names(Net(Block(), Block()))
    assert found == ["stem", "layers.0.relu", "layers.0.relu 2", "layers.1.relu", "layers.1.relu 2", "relu"]


@pytest.mark.parametrize("kind", [nn.ReLU, nn.LeakyReLU, nn.PReLU, nn.ReLU6])
def test_a_relu_that_is_a_module_goes_by_its_own_name(kind):
    act = kind()
    assert names(Net(Block(act, kind()))) == ["stem", "layers.0.first", "layers.0.second", "relu"]
    assert names(Net(Block(act, act))) == ["stem", "layers.0.first", "layers.0.first (2)", "relu"]


def test_other_modules_functions_and_modules_of_no_network_are_seen_through():
    class Clipped(nn.Module):
        def forward(self, x):
            return x.clamp(min=0)

    def helper(x):
        return nn.ReLU()(x)

    assert names(Net(Block(helper, Clipped()))) == ["stem", "layers.0.relu", "layers.0.second.relu", "relu"]


class Called(nn.Module):
    """A ReLU as a function, and a module `relu` that is one too, in any order."""

    def __init__(self, order, **named):
        super().__init__()
        self.a, self.b, self.order = nn.Linear(4, 4), nn.Linear(4, 4), order
        for name, part in named.items():
            self.add_module(name.replace("_", " "), part)

    def forward(self, x):
        for kind in self.order:
            z = self.a(x) + self.b(x)
            x = functional.relu(z) if kind == "f" else self.relu(z)
        return x


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        ("mf", ["relu", "relu 2"]),
        ("fm", ["relu 2", "relu"]),
        ("fmmf", ["relu 2", "relu", "relu (2)", "relu 3"]),
    ],
)
def test_a_module_keeps_its_name_beside_functions(order, wanted):
    assert names(nn.Sequential(Called(order, relu=nn.ReLU()))) == [f"0.{name}" for name in wanted]
    assert names(Called(order, relu=nn.ReLU())) == wanted


def test_names_of_other_modules_and_parameters_are_not_taken():
    assert names(Called("ff", relu=nn.Linear(4, 4), relu_2=nn.Tanh())) == ["relu 3", "relu 4"]
    model = Called("f")
    model.relu = nn.Parameter(torch.ones(1))
    assert names(model) == ["relu 2"]


def test_a_block_that_is_shared_goes_by_its_first_name_and_counts_on():
    block = Block()
    assert names(Net(block, block)) == ["stem", *(f"layers.0.relu{k}" for k in ("", " 2", " 3", " 4")), "relu"]


def test_a_module_without_weights_does_not_make_the_units_of_those_that_it_is_given():
    class Product(nn.Module):
        def forward(self, x, w):
            return functional.linear(x, w)

    class Given(nn.Module):
        def __init__(self):
            super().__init__()
            self.maker, self.product = nn.Linear(4, 16), Product()

        def forward(self, x):
            return self.product(x, self.maker(x.mean(0)).reshape(4, 4)).relu()

    (found,) = capture(Given(), torch.randn(5, 4))
    assert (found.name, found.weight) == ("relu", None)


def test_a_network_within_another_has_the_names_of_its_own():
    class Wrapper(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = Net(Block())

        def forward(self, x):
            return self.net(x)

    whole, found = Wrapper(), []
    with Introspection(whole.net, found.extend):
        whole(torch.randn(3, 4))
    assert [each.name for each in found] == ["stem", "layers.0.relu", "layers.0.relu 2", "relu"]


def test_modules_that_came_later_have_names():
    model, found = Net(Block()), []
    with Introspection(model, found.append, graph=True):
        model(torch.randn(3, 4))
        model.layers.add_module("late", Block())
        model(torch.randn(3, 4))
    assert [each.name for each in found[1]][3:5] == ["layers.late.relu", "layers.late.relu 2"]


def test_one_name_everywhere():
    torch.manual_seed(0)
    model, x = Net(Block(nn.ReLU()), Block()), torch.randn(5, 4)
    wanted = ["stem", *(f"layers.{k}" for k in ("0.first", "0.relu", "1.relu", "1.relu 2")), "relu"]
    assert [each.name for each in layer_geometry(model, x).layers] == wanted
    optimizer = torch.optim.SGD(model.parameters(), 1e-3)
    assert [*dict.fromkeys(unit.layer for unit in recovery(model, x, optimizer).units)] == wanted
    with Monitor(model) as monitor, SeparationLoss(model, "sep-u") as loss, LeakySlopes(model) as slopes:
        for name in wanted:
            slopes.set(name, 0.01, 100)
        for _ in range(4):
            (model(x).square().mean() + loss()).backward()
            optimizer.step()
            optimizer.zero_grad()
        assert [*loss.slacks()] == wanted
        slopes.tick()
        assert slopes.unreached() == []
    assert [[each.name for each in reading.layers] for reading in monitor.readings] == [wanted] * 4


def test_names_are_found_once_not_at_every_step(monkeypatch):
    model, x, asked = Net(Block(nn.ReLU()), Block()), torch.randn(5, 4), []
    own = LayerNames.caller
    monkeypatch.setattr(LayerNames, "caller", lambda self: (asked.append(1), own(self))[1])
    optimizer = torch.optim.SGD(model.parameters(), 1e-3)
    with Monitor(model) as monitor:
        for step in range(5):
            model(x).square().mean().backward()
            optimizer.step()
            if step == 0:
                assert asked
                asked.clear()
        assert not asked
    assert len({tuple(each.name for each in reading.layers) for reading in monitor.readings}) == 1


@pytest.mark.parametrize(
    ("skip", "left"),
    [
        (["layers.0.relu"], ["stem", "layers.0.relu 2", "relu"]),
        (["layers.0.relu 2"], ["stem", "layers.0.relu", "relu"]),
        (["layers.0"], ["stem", "relu"]),
        (["relu"], ["stem", "layers.0.relu", "layers.0.relu 2"]),
    ],
)
def test_what_is_printed_can_be_left_out(skip, left):
    assert names(Net(Block()), skip=skip, strict=True) == left


def test_what_is_printed_can_have_its_axis_stated():
    lost = lambda x: functional.relu(x.sort(0)[0])  # noqa: E731
    model = Net(Block(lost, lost))
    with pytest.warns(UserWarning, match=r"layers\.0\.relu 2 \(in layers\.0, Block\) of Net is left out"):
        capture(model, torch.randn(5, 4), units={"layers.0.relu": -1})
    stated = {"layers.0.relu": -1, "layers.0.relu 2": -1}
    assert names(model, units=stated) == names(model, units={"layers.0": -1})
    assert names(model, units=stated) == ["stem", *stated, "relu"]


@pytest.mark.parametrize("name", ["relu 1", "relu 0", "layers.2.relu", "layers.relu2", ".relu", "layers.0.relu 2 3"])
def test_names_that_no_layer_can_have_are_refused(name):
    with pytest.raises(StabilityError, match="Expected the name of a layer or module of Net"):
        Monitor(Net(Block()), skip=[name])


def test_copies_have_the_names_of_their_own_network():
    model = Net(Block())
    known = Names(model)
    assert (known.of(model.stem.weight), known.place(model.layers[0])) == ("stem", "layers.0")
    own, other = copy.deepcopy([model, known])
    assert (other.of(own.stem.weight), other.place(own.layers[0])) == ("stem", "layers.0")
    assert (other.of(model.stem.weight), other.place(model.layers[0])) == (None, None)


BEFORE = {"layers.0.relu": "relu 2", "layers.0.relu 2": "relu 3", "relu": "relu 4"}
"""What layers were called before: by their place among all ReLUs."""


def as_before(state):
    if isinstance(state, dict):
        return {as_before(key): as_before(value) for key, value in state.items()}
    if isinstance(state, tuple | list):
        return type(state)(map(as_before, state))
    return BEFORE.get(state, state) if isinstance(state, str) else state


def failing():
    torch.manual_seed(0)
    model = Net(Block())
    with torch.no_grad():
        for bias in (model.head.bias, model.layers[0].a.bias, model.layers[0].b.bias):
            bias.fill_(-30)
    return model, torch.optim.Adam(model.parameters(), 1e-3)


def trained(made, model, optimizer, steps):
    x, y = torch.randn(32, 4), torch.randn(32, 4)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (model(x) - y).square().mean()
        getattr(made, "monitor", made).note(loss)
        loss.backward()
        optimizer.step()
    return made.state_dict()


@pytest.mark.parametrize("policy", ["careful", "separate", None])
def test_states_with_names_of_before_are_loaded(policy):
    make = Monitor if policy is None else lambda model, **how: Controller(model, policy, **how)
    model, optimizer = failing()
    with make(model, every=1) as made:
        state = trained(made, model, optimizer, 4)
    assert as_before(state) != state
    model, optimizer = failing()
    with make(model, every=1) as made:
        made.load_state_dict(as_before(state))
        later = trained(made, model, optimizer, 8)
    steps = later["monitor"]["steps"] if policy else later["steps"]
    assert steps == 12
    assert {alarm.layer for _, alarm in getattr(made, "monitor", made).alarms} & {*BEFORE}
