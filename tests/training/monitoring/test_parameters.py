"""Are the parameters of a network those that it has now?"""

import pickle
import warnings

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.parameters import IDLE, SETTLED, NetworkParameters


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))


def norm(tensors):
    return float(torch.stack([each.detach().abs().double().square().sum() for each in tensors]).sum().sqrt())


class Halved(nn.Module):
    def forward(self, weight):
        return weight / 2


class Adapted(nn.Module):
    """A frozen map with a trained change of low rank."""

    def __init__(self, base):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.down, self.up = nn.Linear(base.in_features, 1, bias=False), nn.Linear(1, base.out_features, bias=False)

    def forward(self, x):
        return self.base(x) + self.up(self.down(x))


def another_head(model):
    model[2] = nn.Linear(4, 1)


def tied(model):
    model.append(nn.Linear(1, 4))
    model.append(nn.Linear(4, 1))
    model[4].weight = model[2].weight


def assigned(model):
    model.load_state_dict({name: 3 * value for name, value in model.state_dict().items()}, assign=True)


def doubled(model):
    model.to(torch.float64).to(torch.float32)


def adapted(model):
    model[0] = Adapted(model[0])


CHANGES = {
    "another head": another_head,
    "tied weights": tied,
    "weights assigned": assigned,
    "moved": doubled,
    "a parametrisation": lambda model: parametrize.register_parametrization(model[0], "weight", Halved()),
    "weight norm": lambda model: parametrizations.weight_norm(model[0]),
    "low rank": adapted,
    "frozen": lambda model: model[0].requires_grad_(False),
    "everything": lambda model: [model.__setitem__(k, part) for k, part in enumerate(net())],
}


@pytest.mark.parametrize("how", CHANGES)
def test_parameters_that_come_later_are_read(how):
    model = net()
    with Monitor(model, strict=True) as monitor:
        for change in (lambda model: None, CHANGES[how]):
            change(model)
            optimiser = torch.optim.SGD(model.parameters(), 0.01)
            optimiser.zero_grad()
            model(torch.randn(6, 2)).square().mean().backward()
            trained = [each for each in model.parameters() if each.requires_grad]
            expected = norm(trained), norm([each.grad for each in trained])
            optimiser.step()
            assert (monitor.latest.weight_norm, monitor.latest.gradient_norm) == pytest.approx(expected, rel=1e-5)
    assert [reading.step for reading in monitor.readings] == [0, 1]
    assert {reading.unread for reading in monitor.readings} == {0}


def test_lazy_modules_are_read_from_their_first_pass():
    model = nn.Sequential(nn.LazyLinear(4), nn.ReLU(), nn.LazyLinear(1), nn.Identity())
    model[3].never = nn.LazyLinear(2)
    with Monitor(model) as monitor:
        model(torch.ones(3, 2))
        optimiser = torch.optim.SGD([*model[0].parameters(), *model[2].parameters()], 0.1)
        model(torch.ones(3, 2)).mean().backward()
        with pytest.warns(UserWarning, match="it has no shape yet"):
            optimiser.step()
    reading = monitor.latest
    assert [layer.name for layer in reading.layers] == ["0"]
    assert reading.unread == 2
    assert reading.skipped == ("3.never.weight, 3.never.bias: it has no shape yet",)


def test_buffers_that_are_lazy_end_no_first_pass():
    model = nn.Sequential(nn.LazyLinear(4), nn.LazyBatchNorm1d(), nn.ReLU(), nn.Linear(4, 1))
    with Monitor(model) as monitor:
        model(torch.randn(3, 2)).sum().backward()
        monitor.step()
    assert [(layer.name, layer.units, layer.points) for layer in monitor.latest.layers] == [("0", 4, 3)]


def test_gradients_of_modules_that_were_lazy_count_before_they_are_clipped():
    model = nn.Sequential(nn.LazyLinear(4), nn.ReLU(), nn.LazyLinear(1))
    with Monitor(model) as monitor:
        model(torch.ones(3, 2)).sum().backward()
        whole = norm(p.grad for p in model.parameters())
        nn.utils.clip_grad_norm_(model.parameters(), 0.1 * whole)
        monitor.step()
    assert monitor.latest.gradient_norm == pytest.approx(whole, rel=1e-5)
    assert monitor.latest.step_gradient_norm == pytest.approx(0.1 * whole, rel=1e-5)


class Odd(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.scale = nn.Linear(2, 4), nn.Parameter(torch.tensor(1.5))
        self.c = nn.Parameter(torch.randn(4, dtype=torch.complex64))
        self.large = nn.Parameter(torch.randn(200, 200, dtype=torch.complex64))
        self.empty, self.ghost = nn.Parameter(torch.empty(0)), nn.Parameter(torch.empty(3, device="meta"))
        self.counts = nn.Parameter(torch.tensor([1, 2]), requires_grad=False)

    def forward(self, x):
        return (torch.relu(self.a(x)) * self.c).abs().sum(1) * self.scale + self.large.abs().sum() / 1e4


@pytest.mark.filterwarnings("error")
def test_odd_parameters_are_read_or_counted():
    torch.manual_seed(0)
    model = Odd()
    own = [model.a.weight, model.a.bias, model.scale, model.c, model.large]
    optimiser = torch.optim.SGD(own, 0.01)
    with Monitor(model) as monitor:
        for step in range(2):
            optimiser.zero_grad()
            model(torch.randn(6, 2)).mean().backward()
            expected = norm(own), norm([each.grad for each in own])
            if step:
                optimiser.step()
            else:
                with pytest.warns(UserWarning, match="ghost: its tensor is on the device meta") as said:
                    optimiser.step()
                assert len(said) == 1
            reading = monitor.latest
            assert (reading.weight_norm, reading.gradient_norm) == pytest.approx(expected, rel=1e-5)
            assert reading.step_gradient_norm == pytest.approx(expected[1], rel=1e-5)
            assert reading.unread == 1


def test_missing_gradients_are_counted_and_refused_if_strict():
    model = nn.ModuleDict({"used": net(), "other": nn.Linear(3, 3)})

    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = model

        def forward(self, x):
            return self.parts["used"](x)

    whole = Both()
    optimiser = torch.optim.SGD(whole.parameters(), 0.1)
    with Monitor(whole) as monitor, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for _ in range(3):
            whole(torch.ones(4, 2)).mean().backward()
            optimiser.step()
    assert ["no gradient at this step" in str(each.message) for each in said] == [True]
    assert [reading.unread for reading in monitor.readings] == [2] * 3
    assert monitor.latest.skipped == ("parts.other.weight, parts.other.bias: no gradient at this step",)
    Monitor(whole, strict=True)
    whole(torch.ones(4, 2)).mean().backward()
    with pytest.raises(Exception, match=r"parts\.other\.weight"):
        optimiser.step()
    assert not whole._forward_hooks


def test_optimisers_of_others_are_known_without_a_search():
    model, stranger = net(), torch.optim.SGD(nn.Linear(2, 2).parameters())
    parameters = NetworkParameters(model)
    searches = []
    parameters.find = lambda: searches.append(1)
    assert [parameters.held_by(stranger) for _ in range(5)] == [False] * 5
    assert len(searches) == 1
    assert parameters.held_by(torch.optim.SGD(model.parameters()))
    twin = pickle.loads(pickle.dumps(NetworkParameters(model)))
    assert not twin.held_by(stranger)


def stepped(net, optimiser, steps=SETTLED + 2):
    """Train, and return what every reading left out."""
    with Monitor(net) as monitor:
        for _ in range(steps):
            net(torch.ones(2, 2)).sum().backward()
            optimiser.step()
    return [reading.skipped for reading in monitor.readings]


def test_parameters_that_no_optimiser_holds_are_named_after_some_steps():
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    optimiser = torch.optim.SGD(net[0].parameters(), 1e-3)
    with pytest.warns(UserWarning, match=r"steps of 2.weight, 2.bias: they get gradients, and no optimiser"):
        skipped = stepped(net, optimiser)
    assert skipped[SETTLED - 1] == ()
    assert skipped[-1] == (f"steps of 2.weight, 2.bias: {IDLE}",)


def test_a_parameter_that_comes_late_and_that_no_optimiser_holds_is_named():
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    optimiser = torch.optim.SGD(net.parameters(), 1e-3)
    with Monitor(net) as monitor:
        for step in range(SETTLED + 6):
            if step == SETTLED + 3:
                net[2] = nn.Linear(2, 1, bias=False)
            net(torch.ones(2, 2)).sum().backward()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                optimiser.step()
    skipped = [reading.skipped for reading in monitor.readings]
    assert set(skipped[: SETTLED + 3]) == {()}
    assert set(skipped[SETTLED + 3 :]) == {(f"steps of 2.weight: {IDLE}",)}


def test_where_optimisers_share_the_parameters_or_some_are_frozen_none_is_named(recwarn):
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    optimisers = [torch.optim.SGD(each.parameters(), 1e-3) for each in (net[0], net[2])]
    with Monitor(net) as monitor:
        for _ in range(SETTLED + 2):
            net(torch.ones(2, 2)).sum().backward()
            for optimiser in optimisers:
                optimiser.step()
    assert {reading.skipped for reading in monitor.readings} == {()}
    net.requires_grad_(False)[2].requires_grad_(True)
    net.zero_grad()
    assert set(stepped(net, optimisers[1])) == {()}
    assert not recwarn


def test_a_strict_monitor_names_them_and_raises_nothing():
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    optimiser = torch.optim.SGD(net[0].parameters(), 1e-3)
    with Monitor(net, strict=True) as monitor:
        for _ in range(SETTLED + 2):
            net(torch.ones(2, 2)).sum().backward()
            optimiser.step()
    assert monitor.latest.unread == 2
