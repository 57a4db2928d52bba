"""Each alarm is raised by a training that was made to fail in its way, and not by its healthy neighbour."""

import math

import pytest
import torch
from torch import nn

from stability import Monitor
from stability.errors import StabilityError, TrainingStopped

LOSS = nn.MSELoss()


def data(seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(64, 4, generator=generator)
    return x, (x[:, :1] * x[:, 1:2]).sign()


def network(depth=3, width=16, activation=nn.ReLU):
    torch.manual_seed(0)
    hidden = [part for _ in range(depth - 1) for part in (nn.Linear(width, width), activation())]
    return nn.Sequential(nn.Linear(4, width), activation(), *hidden, nn.Linear(width, 1))


def adam(net, rate=1e-3):
    return torch.optim.Adam(net.parameters(), rate)


def train(net, optimiser=None, steps=40, during=lambda net, step: None, **settings):
    with Monitor(net, criterion=LOSS, **settings) as monitor:
        run(net, optimiser or adam(net), steps, during)
    return monitor


def run(net, optimiser, steps, during):
    x, y = data()
    for step in range(steps):
        during(net, step)
        optimiser.zero_grad()
        LOSS(net(x), y).backward()
        optimiser.step()


def biases(value, *places):
    def made():
        net = network()
        for place in places:
            nn.init.constant_(net[place].bias, value)
        return net

    return made


def scaled(factor, *places):
    def made():
        net = network()
        with torch.no_grad():
            for place in places:
                net[place].weight *= factor
        return net

    return made


def broken(what):
    def during(net, step):
        if step == 5:
            with torch.no_grad():
                net[2].weight[0, 0] = what

    return during


def rates(rate):
    return lambda net: torch.optim.SGD(net.parameters(), rate)


class Forgetful(torch.optim.Adam):
    def zero_grad(self, set_to_none=True):
        """Leave gradients as they are."""


def only_grow(net, step):
    """Make the gradient by layer 0 parallel to its weight."""
    net[0].weight.register_hook(lambda g: net[0].weight.detach()) if not step else None


FAILURES = {
    "not finite": (network, {"during": broken(math.nan)}, "2"),
    "dead data": (biases(-9.0, 2), {}, "2"),
    "exploding weights": (network, {"optimiser": rates(10.0), "steps": 12}, ""),
    "exploding gradient": (network, {"optimiser": rates(10.0), "steps": 12}, ""),
    "exploding loss": (network, {"optimiser": rates(10.0), "steps": 12}, ""),
    "exploding pre-activations": (network, {"optimiser": rates(10.0), "steps": 12}, None),
    "large start": (scaled(1e3, 2), {}, "2"),
    "small start": (scaled(1e-8, 2), {}, "2"),
    "dead from initialisation": (biases(-9.0, 2), {}, "2"),
    "large update": (network, {"optimiser": lambda net: adam(net, 1.0)}, None),
    "no update": (network, {"optimiser": rates(0.0), "steps": 4}, ""),
    "gradient kept": (network, {"optimiser": lambda net: Forgetful(net.parameters())}, ""),
    "dead units": (biases(-9.0, 2), {}, "2"),
    "affine units": (biases(9.0, 0), {}, "0"),
    "no torque": (network, {"during": only_grow}, "0"),
    "bias freeze": (scaled(1e-9, 2), {"optimiser": rates(1e-3)}, "0"),
    "vanishing gradient": (scaled(1e-9, 2), {"optimiser": rates(1e-7)}, "0"),
    "plateau": (biases(-9.0, 2), {}, ""),
}
"""A network, how it is trained, and the layer that is named; None for any."""


@pytest.mark.parametrize("kind", FAILURES)
def test_each_alarm_is_raised_by_a_failure_made_for_it(kind):
    made, how, layer = FAILURES[kind]
    net = made()
    optimiser = how.get("optimiser", adam)(net)
    monitor = train(net, **how | {"optimiser": optimiser})
    found = [alarm for _, alarm in monitor.alarms if alarm.kind == kind]
    assert layer in {alarm.layer for alarm in found} or (layer is None and found)


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh])
@pytest.mark.parametrize("optimiser", [adam, rates(0.05)])
def test_its_healthy_neighbour_raises_none(optimiser, activation):
    net = network(activation=activation)
    monitor = train(net, optimiser(net), steps=200)
    assert monitor.alarms == []
    assert monitor.latest.loss < monitor.readings[0].loss


@pytest.mark.parametrize(("rate", "rings"), [(0.0, ["no update"]), (1e-7, [])])
def test_a_warm_up_is_no_plateau(rate, rings):
    """A few steps at no learning rate."""
    net = network()
    optimiser = adam(net, rate)

    def warm(net, step):
        if step == 10:
            optimiser.param_groups[0]["lr"] = 1e-2

    assert [alarm.kind for _, alarm in train(net, optimiser, 100, during=warm).alarms] == rings


def batches(seed=0):
    generator = torch.Generator().manual_seed(seed)
    while True:
        x = torch.randn(32, 4, generator=generator)
        yield x, x[:, :1].sign()


def still(net, optimiser, steps=12, between=lambda optimiser: None, then=lambda step: None, every=1):
    """Return the alarms of weights that stand still, of a training on other examples at every step."""
    with Monitor(net, criterion=LOSS, every=every) as monitor:
        for step, (x, y) in zip(range(steps), batches(), strict=False):
            optimiser.zero_grad()
            LOSS(net(x), y).backward()
            between(optimiser)
            optimiser.step()
            then(step)
    return [(step, alarm.of, alarm.steps) for step, alarm in monitor.alarms if alarm.kind == "no update"]


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh])
@pytest.mark.parametrize("optimiser", [rates(0.0), lambda net: adam(net, 0.0)])
@pytest.mark.parametrize("every", [1, 3])
def test_a_learning_rate_of_zero_is_reported_on_other_examples_at_every_step(activation, optimiser, every):
    net = network(activation=activation)
    assert still(net, optimiser(net), 3 * every + 1, every=every) == [(every, "learning_rates", 2 * every)]


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh])
@pytest.mark.parametrize("none", [True, False])
@pytest.mark.filterwarnings("ignore:.*no gradient at this step")
def test_gradients_that_are_gone_by_the_step_are_reported(activation, none):
    net = network(activation=activation)
    found = still(net, adam(net), between=lambda optimiser: optimiser.zero_grad(set_to_none=none))
    assert found == [(1, "step_gradient_norm", 10)]


def test_an_optimiser_whose_steps_do_nothing_is_reported():
    class Idle(torch.optim.SGD):
        def step(self, closure=None):
            """Leave all as it is."""

    net = network()
    assert still(net, Idle(net.parameters(), 0.1)) == [(1, "update_ratio", 10)]


def scheduled(rate_at):
    """Train by a schedule of torch, and return what is said of it."""
    net = network()
    optimiser = adam(net, 1.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate_at)
    return still(net, optimiser, 30, then=lambda step: schedule.step())


def test_schedules_that_begin_or_end_at_zero_are_not_reported():
    assert scheduled(lambda step: 1e-3 * min(step / 10, 1)) == []
    assert scheduled(lambda step: 1e-3 * (1 + math.cos(math.pi * min(step / 28, 1))) / 2) == []
    assert scheduled(lambda step: 1e-3 * (step < 20)) == [(21, "learning_rates", 8)], "one that ends early is"


@pytest.mark.parametrize("held", [lambda net: net[-1:], lambda net: net[:1]])
def test_one_part_that_is_trained_is_enough(held):
    net = network()
    assert still(net, rates(0.05)(held(net))) == []
    for parameter in net.parameters():
        parameter.requires_grad_(False)
    for parameter in held(net).parameters():
        parameter.requires_grad_(True)
    assert still(net, rates(0.05)(held(net))) == []


def test_biases_alone_are_enough():
    net = network()
    assert still(net, torch.optim.SGD([p for p in net.parameters() if p.ndim == 1], 0.05)) == []


def test_another_optimiser_of_the_network_is_enough():
    net = network()
    head = rates(0.05)(net[-1:])
    assert still(net, rates(0.0)(net[:1]), then=lambda step: head.step()) == []


def test_dead_networks_have_no_gradient_to_move_by():
    net = biases(-9.0, 0, 2, 4)()
    assert still(net, rates(0.1)(net)) == []


@pytest.mark.parametrize("times", [1, 5])
def test_steps_that_a_scaler_skips_are_not_reported(times):
    net, scaler = network(), torch.amp.GradScaler("cpu", init_scale=2.0)
    optimiser = adam(net)
    with Monitor(net, criterion=LOSS) as monitor:
        for step, (x, y) in zip(range(20), batches(), strict=False):
            optimiser.zero_grad()
            scaler.scale(LOSS(net(x), y)).backward()
            if 5 <= step < 5 + times:
                net[0].weight.grad[0, 0] = math.inf
            scaler.step(optimiser)
            scaler.update()
    assert len(monitor.readings) == 20 - times
    assert [alarm for _, alarm in monitor.alarms if alarm.kind == "no update"] == []


def test_embeddings_are_moved_where_no_entry_is_compared():
    """Gradients by two large tables are nearly all 0, and plain descent moves the other rows alone."""

    class Factors(nn.Module):
        def __init__(self):
            super().__init__()
            self.users, self.items = nn.Embedding(50_000, 8), nn.Embedding(50_000, 8)

        def forward(self, pairs):
            return (self.users(pairs[:, 0]) * self.items(pairs[:, 1])).sum(1)

    torch.manual_seed(0)
    net = Factors()
    optimiser, pairs = rates(0.1)(net), torch.arange(40).reshape(20, 2) + 25_050
    with Monitor(net, criterion=LOSS) as monitor:
        for step in range(10):
            optimiser.zero_grad()
            LOSS(net(pairs[step : step + 2]), torch.ones(2)).backward()
            optimiser.step()
    assert {reading.update_ratio for reading in monitor.readings[1:]} == {0.0}
    assert monitor.latest.gradient_norm > 0.1
    assert "no update" not in {alarm.kind for _, alarm in monitor.alarms}


def test_a_rest_at_the_goal_is_no_plateau():
    net = network()
    monitor = train(net, adam(net, 1e-2), 300)
    assert monitor.latest.loss < 0.1 * monitor.readings[0].loss
    assert "plateau" not in {alarm.kind for _, alarm in monitor.alarms}


def test_a_trap_on_the_same_examples_is_a_plateau():
    """A linear network on XOR: its best fit is 0 everywhere."""
    x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
    net = nn.Linear(2, 1)
    optimiser = rates(0.5)(net)
    with Monitor(net, every=10) as monitor:
        for _ in range(600):
            optimiser.zero_grad()
            error = (net(x) - y).square().mean()
            error.backward()
            monitor.note(error)
            optimiser.step()
    ((step, alarm),) = [each for each in monitor.alarms if each[1].kind == "plateau"]
    assert alarm.of in ("output_change", "output_spread")
    assert monitor.latest.loss == pytest.approx(0.25)
    assert step > 50


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh, nn.GELU])
@pytest.mark.parametrize("place", [0, 2, 4])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_the_first_layer_that_is_not_finite_is_named(activation, place, value):
    def broke(net, step):
        if step == 3:
            with torch.no_grad():
                net[place].weight[0, 0] = value

    monitor = train(network(activation=activation), steps=5, during=broke)
    ((step, alarm),) = [each for each in monitor.alarms if each[1].kind == "not finite"]
    assert (step, alarm.layer, alarm.of) == (3, str(place), "weight")
    assert alarm.level == "trouble"


def test_pre_activations_loss_and_gradients_that_are_not_finite_are_distinguished():
    net, (x, y) = network(), data()
    with Monitor(net, detail=True) as monitor:
        x[0, 0] = math.inf
        net(x).sum().backward()
        monitor.step()
        net.zero_grad()
        net(y.repeat(1, 4)).mean().mul(math.nan).backward()
        monitor.note(math.nan)
        monitor.step()
        net.zero_grad()
        net(y.repeat(1, 4)).mean().backward()
        net[2].weight.grad[0, 0] = math.inf
        net[0].bias.grad[0] = math.nan
        monitor.step()
    assert [reading.not_finite for reading in monitor.readings] == [
        ("input", ""), ("loss", ""), ("gradient", "2"),
    ]  # fmt: skip


def on_data(every, broken_at, activation=nn.ReLU):
    """Train on data in which there is a nan at a step; return the alarm."""
    net = network(activation=activation)
    optimiser, (x, y) = adam(net), data()
    with Monitor(net, criterion=LOSS, every=every) as monitor:
        for step in range(21):
            given = x.clone()
            given[3, 1] = math.nan if step == broken_at else given[3, 1]
            optimiser.zero_grad()
            LOSS(net(given), y).backward()
            optimiser.step()
    ((_, alarm),) = [each for each in monitor.alarms if each[1].kind == "not finite"]
    return alarm


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh])
def test_nan_in_the_data_is_never_said_to_come_from_weights(activation):
    """Once they have spread to the weights what came first is not known: then the alarm says since when."""
    alarm = on_data(5, 7, activation)
    assert (alarm.of, alarm.layer, alarm.after, alarm.since) == ("weight", "0", 5, 10)
    assert "between steps 5 and 10" in alarm.explanation
    assert "every=1" in alarm.remedy
    for every in (1, 5):
        alarm = on_data(every, 0, activation)
        assert (alarm.of, alarm.layer, alarm.after, alarm.since) == ("input", "", None, 0)
        assert "nan in the data" in alarm.remedy
    for every in (1, 7):
        alarm = on_data(every, 7, activation)
        first = ("pre-activations", "0") if activation is nn.ReLU else ("loss", "")
        assert (alarm.of, alarm.layer, alarm.since) == (*first, 7)
        assert "inputs" in alarm.remedy


def test_weights_that_a_step_broke_are_said_to_come_from_it():
    ((_, alarm),) = [each for each in train(network(), during=broken(math.nan)).alarms if each[1].kind == "not finite"]
    assert (alarm.of, alarm.after, alarm.since) == ("weight", 4, 5)
    assert "all was finite before step 4 was made" in alarm.remedy


def test_callbacks_hear_of_an_alarm_when_it_begins_and_never_stop_a_training():
    heard = []

    def fails(alarm):
        heard.append((alarm.kind, alarm.since))
        raise ValueError("in the callback")

    with pytest.warns(UserWarning, match="on_alarm.*in the callback") as warned:
        monitor = train(biases(-9.0, 2)(), steps=30, on_alarm=fails)
    assert len(warned) == 1
    assert [kind for kind, _ in heard] == [alarm.kind for _, alarm in monitor.alarms]
    assert len(monitor.readings) == 30
    with pytest.raises(ValueError, match="in the callback"):
        train(biases(-9.0, 2)(), on_alarm=fails, strict=True)


def test_a_training_stops_only_if_asked_and_its_reading_is_kept():
    net, kept = network(), []

    def during(net, step):
        broken(math.nan)(net, step)
        kept[:] = [step, *(p.detach().clone() for p in net[0].parameters())]

    monitor = Monitor(net, stop_on={"nan"})
    with pytest.raises(TrainingStopped, match="not finite at 2") as stopped:
        run(net, adam(net), 20, during)
    monitor.close()
    assert isinstance(stopped.value, StabilityError)
    assert (monitor.latest.step, kept[0], monitor.steps) == (5, 5, 6)
    assert all(torch.equal(a, b) for a, b in zip(kept[1:], net[0].parameters(), strict=True)), "before the step"
    assert len(train(network(), during=broken(math.nan), stop_on={"plateau"}).readings) == 40
    with pytest.raises(StabilityError, match="frozen"):
        Monitor(net, stop_on={"frozen"})


def test_networks_without_relus_are_read_by_their_weights():
    net = network(activation=nn.Tanh)
    monitor = train(net, rates(0.0)(net), 3)
    for layer in monitor.latest.layers:
        part = net.get_submodule(layer.name)
        assert layer.weight_norm == pytest.approx(float(part.weight.detach().norm()), rel=1e-5)
        assert layer.gradient_norm == pytest.approx(float(part.weight.grad.norm()), rel=1e-5)
        assert (layer.units, layer.points, layer.separating_units) == (len(part.weight), 0, 0)
        assert math.isnan(layer.dead_fraction)
    assert [layer.name for layer in monitor.latest.layers] == ["0", "2", "4", "6"]
    assert [layer.update_ratio for layer in monitor.latest.layers] == [0.0] * 4
    assert [row["name"] for row in monitor.latest._records()] == ["0", "2", "4", "6"]
    assert "16" in str(monitor.latest)
    monitor.figure()
    assert train(net, steps=3).latest.layers[1].update_ratio > 0
