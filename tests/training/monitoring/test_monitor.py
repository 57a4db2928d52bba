"""Does the monitor read what plain loops compute, at the right steps, and leave training as it was?"""

import copy
import itertools
import json
import math
import warnings
from fractions import Fraction

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from rich.console import Console
from torch import nn
from torch.nn import functional
from torch.optim.optimizer import _global_optimizer_pre_hooks

from stability import landscape
from stability.errors import FileError, MissingPackageError, StabilityError
from stability.model.torque import torque
from stability.training.monitoring import history
from stability.training.monitoring import monitor as monitoring
from stability.training.monitoring.alarms import Limits
from stability.training.monitoring.live import Panel
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.readings import LayerReading

LOSS = nn.MSELoss()


def mlp(width=8, depth=3, seed=0):
    torch.manual_seed(seed)
    hidden = [each for _ in range(depth - 1) for each in (nn.Linear(width, width), nn.ReLU())]
    return nn.Sequential(nn.Linear(3, width), nn.ReLU(), *hidden, nn.Linear(width, 2))


def batch(points=20, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(points, 3, generator=generator), torch.randn(points, 2, generator=generator)


def sgd(net, lr=0.1):
    return torch.optim.SGD(net.parameters(), lr)


def train(net, optimiser=None, steps=5, data=None):
    optimiser, (x, y) = optimiser or sgd(net), data or batch()
    for _ in range(steps):
        optimiser.zero_grad()
        LOSS(net(x), y).backward()
        optimiser.step()


@pytest.fixture(autouse=True)
def no_hooks_of_others():
    """Tests of other files may leave monitors and controllers open."""
    _global_optimizer_pre_hooks.clear()


def is_clean(net):
    return not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules()) and not _global_optimizer_pre_hooks


def slowly(net, x, y, scale=1.0):
    """Return the fields of every layer of a chain of Linear and ReLU, number by number, in Python."""
    net = copy.deepcopy(net).double()
    net.zero_grad()
    (LOSS(net(x.double()), y.double()) * scale).backward()
    h, layers = x.double(), []
    for k, each in enumerate(net):
        if k + 1 < len(net) and isinstance(net[k + 1], nn.ReLU):
            z = (h @ each.weight.T + each.bias).tolist()
            layers.append((z, each.weight.tolist(), each.weight.grad.tolist()))
        h = each(h)
    return [fields(*layer) for layer in layers]


def fields(z, weights, gradients):
    columns = list(zip(*z, strict=True))
    torques = []
    for w, g in zip(weights, gradients, strict=True):
        square = sum(a * a for a in w)
        along = sum(a * b for a, b in zip(w, g, strict=True)) / square
        rest = [b - along * a for a, b in zip(w, g, strict=True)]
        if any(g) and len(g) > 1:
            torques.append(math.hypot(*rest) / math.hypot(*g))
    return {
        "units": len(columns),
        "points": len(z),
        "dead_fraction": sum(max(row) <= 0 for row in z) / len(z),
        "dead_units": sum(max(column) <= 0 for column in columns),
        "affine_units": sum(min(column) > 0 for column in columns),
        "torque_mean": sum(torques) / len(torques) if torques else math.nan,
        "torque_p10": np.percentile(torques, 10) if torques else math.nan,
        "units_without_gradient": sum(not any(g) for g in gradients),
        "weight_norm": math.hypot(*(a for w in weights for a in w)),
        "gradient_norm": math.hypot(*(a for g in gradients for a in g)),
        "largest_preactivation": max(abs(a) for row in z for a in row),
        "lowest_top": min(max(row) for row in z),
        "largest_range": max(max(column) - min(column) for column in columns),
        "slack_plus": sum(max(0, 1 - max(column)) for column in columns),
        "slack_minus": sum(max(0, 1 + min(column)) for column in columns),
    }


def agree(layer, expected, rel=1e-4, absolute=1e-7):
    for name, value in expected.items():
        assert getattr(layer, name) == pytest.approx(value, rel=rel, abs=absolute, nan_ok=True), name


def only_reading(net, data=None, **settings):
    with Monitor(net, **settings) as monitor:
        train(net, steps=1, data=data)
    (reading,) = monitor.readings
    return reading


@pytest.mark.parametrize(("width", "depth"), [(1, 2), (4, 12), (8, 3), (150, 2)])
def test_every_number_is_that_of_plain_loops(width, depth):
    net, (x, y) = mlp(width, depth), batch()
    expected = slowly(net, x, y)
    reading = only_reading(net, detail=True)
    assert [layer.name for layer in reading.layers] == [str(2 * k) for k in range(depth)]
    for layer, each in zip(reading.layers, expected, strict=True):
        agree(layer, each)
        assert layer.slope == 0
        assert len(layer.tops) == len(layer.bottoms) == len(layer.torques) == width
        assert max(layer.tops) == pytest.approx(max(layer.point_tops))
    assert reading.step == 0
    assert reading.finite


def test_the_norms_of_the_network_are_those_of_all_trained_parameters():
    net, (x, y) = mlp(), batch()
    net[0].bias.requires_grad = False
    twin = copy.deepcopy(net)
    LOSS(twin(x), y).backward()
    trained = [p for p in twin.parameters() if p.requires_grad]
    reading = only_reading(net)
    assert reading.weight_norm == pytest.approx(math.hypot(*(float(p.detach().norm()) for p in trained)), rel=1e-6)
    assert reading.gradient_norm == pytest.approx(math.hypot(*(float(p.grad.norm()) for p in trained)), rel=1e-6)
    assert reading.gradient_flow == tuple(layer.gradient_norm for layer in reading.layers)


@pytest.mark.parametrize("widths", [[3, 3, 3, 3], [3, 2, 4, 2]])
def test_the_network_is_dead_where_some_layer_is(widths):
    torch.manual_seed(2)
    net, (x, y) = nn.Sequential(), batch(50)
    for before, after in itertools.pairwise([3, *widths]):
        net.extend([nn.Linear(before, after), nn.ReLU()])
        nn.init.constant_(net[-2].bias, 0.05)
    net.append(nn.Linear(widths[-1], 2))
    h, dead = x, torch.zeros(50, dtype=bool)
    for each in net:
        if isinstance(each, nn.ReLU):
            dead |= (h <= 0).all(1)
        h = each(h)
    reading = only_reading(net, data=(x, y))
    assert reading.dead_fraction == pytest.approx(float(dead.float().mean()))
    assert max(layer.dead_fraction for layer in reading.layers) < reading.dead_fraction < 1


@pytest.mark.parametrize("loss", [math.nan, math.inf, 1.0])
def test_a_loss_reported_as_a_number_counts_for_finite(loss):
    net = mlp()
    with Monitor(net) as monitor:
        net(batch()[0]).mean().backward()
        monitor.note(loss)
        monitor.step()
    assert monitor.latest.finite == math.isfinite(loss)


POINTS = [[("3/10", "1/10", "1/4")], [("-1/2", "1/3", "1/7")], [("1", "1/2", "-1/4")], [("1/4", "-1/4", "1/8")]]


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_the_torque_of_one_unit_on_xor_is_the_exact_one(point):
    """The last point is on the diagonal: all of its gradient is radial."""
    exact, (row,) = landscape("relu1", "xor"), point
    (found,) = torque(exact, point)
    root, square = ("sqrt" in found.ratio, Fraction(found.ratio.removeprefix("sqrt(").removesuffix(")")))
    expected = math.sqrt(square) if root else float(square)
    net = nn.Sequential(nn.Linear(2, 1), nn.ReLU())
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([[float(Fraction(a)) for a in row[:2]]]))
        net[0].bias.fill_(float(Fraction(row[2])))
    x = torch.tensor([[float(a) for a in each] for each in exact.data.points])
    y = torch.tensor([[float(label)] for label in exact.data.labels])
    assert only_reading(net, data=(x, y)).layers[0].torque_mean == pytest.approx(expected, rel=1e-5, abs=1e-6)
    if point is POINTS[-1]:
        assert expected == 0


@pytest.mark.parametrize("factor", [1e-42, 1e-25, 1e-12, 1e12, 1e25])
def test_gradients_of_any_size_have_their_torque(factor):
    """Also where squares, and for the smallest even many digits, are lost in float32."""
    net, (x, y) = mlp(), batch()
    expected = slowly(net, x, y, factor)
    with Monitor(net) as monitor:
        (LOSS(net(x), y) * factor).backward()
        monitor.step()
    rel = 0.2 if factor < 1e-40 else 1e-4
    for layer, each in zip(monitor.latest.layers, expected, strict=True):
        live = [layer.torque_mean, layer.gradient_norm]
        assert live == pytest.approx([each["torque_mean"], each["gradient_norm"]], rel=rel, abs=0)


@pytest.mark.parametrize("factor", [1e-21, 1e-30, 1e25])
def test_weights_of_any_size_have_their_norm_and_torque(factor):
    net = nn.Sequential(nn.Linear(3, 1, bias=False), nn.ReLU())
    net[0].weight.data.copy_(factor * torch.tensor([[1.0, 2.0, 2.0]]))
    with Monitor(net) as monitor:
        net(torch.ones(2, 3))
        net[0].weight.grad = torch.tensor([[3.0, 0.0, 0.0]])
        monitor.step()
    (layer,) = monitor.latest.layers
    assert layer.weight_norm == pytest.approx(3 * factor, rel=1e-6)
    assert layer.torque_mean == pytest.approx(math.sqrt(8) / 3, rel=1e-6)


def test_nearly_radial_gradients_keep_their_digits():
    net = nn.Sequential(nn.Linear(3, 1, bias=False), nn.ReLU())
    w, across = torch.tensor([[1.0, 2.0, 2.0]]), torch.tensor([[2.0, -2.0, 1.0]])
    with Monitor(net) as monitor:
        for size in (1e-2, 1e-5, 0.0):
            net[0].weight.data.copy_(w)
            net(torch.ones(1, 3))
            net[0].weight.grad = 7 * (w + size * across)
            monitor.step()
    found = [reading.layers[0].torque_mean for reading in monitor.readings]
    assert found == pytest.approx([1e-2 / math.sqrt(1 + 1e-4), 1e-5, 0], rel=1e-2, abs=2e-7)


def test_everything_dead():
    net = mlp()
    with torch.no_grad():
        net[0].bias.fill_(-100)
        net[0].weight[0].zero_()
    first, *_ = only_reading(net).layers
    assert (first.dead_fraction, first.dead_units, first.affine_units, first.separating_units) == (1, 8, 0, 0)
    assert first.units_without_gradient == 8
    assert first.gradient_norm == 0
    assert math.isnan(first.torque_mean)
    assert math.isnan(first.torque_p10)
    assert first.slack_minus == 0
    assert first.slack_plus > 8 * 90


def test_zero_weights_have_no_torque_but_a_gradient():
    net, (x, y) = mlp(), batch()
    torch.nn.init.zeros_(net[0].weight)
    torch.nn.init.ones_(net[0].bias)
    layer = only_reading(net, data=(x, y)).layers[0]
    assert layer.weight_norm == 0 < layer.gradient_norm
    assert math.isnan(layer.torque_mean)
    assert layer.affine_units == 8


@pytest.mark.parametrize("every", [1, 3, 4])
def test_readings_come_at_every_kth_step(every):
    net = mlp()
    with Monitor(net, every=every) as monitor:
        train(net, steps=10)
    assert [reading.step for reading in monitor.readings] == list(range(0, 10, every))
    assert monitor.steps == 10


def test_the_reading_is_of_the_weights_before_the_step_and_of_the_training_batch():
    net, (x, y) = mlp(), batch()
    twin, optimiser = copy.deepcopy(net), sgd(net)
    other = torch.randn(7, 3)
    with Monitor(net) as monitor:
        optimiser.zero_grad()
        LOSS(net(x), y).backward()
        with torch.no_grad():
            net(other)
        net.eval()
        net(other)
        net.train()
        optimiser.step()
    for layer, each in zip(monitor.latest.layers, slowly(twin, x, y), strict=True):
        agree(layer, each)


def test_the_change_of_biases_is_since_the_last_reading():
    net, (x, y) = mlp(), batch()
    optimiser, kept = sgd(net), []
    with Monitor(net, every=2) as monitor:
        for _ in range(5):
            kept.append([layer.bias.detach().clone() for layer in net[:-1:2]])
            train(net, optimiser, 1, (x, y))
    assert all(math.isnan(layer.bias_change) for layer in monitor.readings[0].layers)
    for reading, before, now in zip(monitor.readings[1:], kept[::2], kept[2::2], strict=False):
        expected = [float((a - b).abs().max()) for a, b in zip(now, before, strict=True)]
        assert [layer.bias_change for layer in reading.layers] == pytest.approx(expected, rel=1e-4)


class Routed(nn.Module):
    """One expert of several at each step, all of one size, behind a layer that is always there."""

    def __init__(self):
        super().__init__()
        self.first, self.experts = nn.Linear(2, 4), nn.ModuleList(nn.Linear(4, 4) for _ in range(2))
        self.expert = 0

    def forward(self, x):
        return self.experts[self.expert](self.first(x).relu()).relu()


@pytest.mark.filterwarnings("ignore:.*no gradient at this step")
def test_the_change_of_biases_is_that_of_the_same_layer():
    """Experts of one size took turns, and the bias of one was compared with that of the other."""
    torch.manual_seed(0)
    network, last, expected = Routed(), {}, []
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    with Monitor(network) as monitor:
        for network.expert in (0, 1, 1, 0):
            optimizer.zero_grad()
            network(torch.randn(8, 2)).sum().backward()
            now = {"first": network.first.bias, f"experts.{network.expert}": network.experts[network.expert].bias}
            expected.append(
                [(b - last[name]).abs().max().item() if name in last else math.nan for name, b in now.items()]
            )
            last = {name: bias.detach().clone() for name, bias in now.items()}
            optimizer.step()
    found = [[layer.bias_change for layer in reading.layers] for reading in monitor.readings]
    assert found == [pytest.approx(each, nan_ok=True) for each in expected]
    assert [math.isnan(expert) for _, expert in found] == [True, True, False, True]


class Everything(nn.Module):
    """Convolution, batch normalisation, a residual block, dropout and functions instead of modules."""

    def __init__(self):
        super().__init__()
        self.first, self.norm, self.second = (
            nn.Conv2d(2, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.Conv2d(4, 4, 3, padding=1),
        )
        self.drop, self.hidden, self.head = nn.Dropout(0.3), nn.Linear(64, 6), nn.Linear(6, 3)

    def forward(self, x):
        x = functional.relu(self.norm(self.first(x)))
        x = torch.relu(x + self.second(x))
        return self.head(self.drop(self.hidden(x.flatten(1)).relu()))


def trained_everything(every=None, amp=False, accumulate=1):
    torch.manual_seed(3)
    net, x, y = Everything(), torch.randn(12, 2, 4, 4), torch.randint(0, 3, (12,))
    optimisers = [torch.optim.Adam(net.hidden.parameters()), torch.optim.SGD([*net.first.parameters()], 0.1, 0.9)]
    monitor = Monitor(net, every=every, detail=True) if every else None
    for _ in range(6):
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        for _ in range(accumulate):
            with torch.autocast("cpu", torch.bfloat16, enabled=amp):
                loss = functional.cross_entropy(net(x), y)
            loss.backward()
        for optimiser in optimisers:
            optimiser.step()
    if monitor:
        monitor.close()
    state = {name: each.clone() for name, each in net.state_dict().items()}
    grads = {name: p.grad for name, p in net.named_parameters()}
    return state, grads, torch.get_rng_state(), monitor, net


@pytest.mark.parametrize(("amp", "accumulate"), [(False, 1), (True, 1), (False, 3)])
def test_training_with_and_without_a_monitor_has_the_same_bits(amp, accumulate):
    bare, monitored = trained_everything(None, amp, accumulate), trained_everything(1, amp, accumulate)
    for name, each in bare[0].items():
        assert torch.equal(each, monitored[0][name]), name
    for name, each in bare[1].items():
        assert (each is None) == (monitored[1][name] is None)
        assert each is None or torch.equal(each, monitored[1][name]), name
    assert torch.equal(bare[2], monitored[2])
    monitor, net = monitored[3:]
    assert [reading.step for reading in monitor.readings] == [0, 1, 2, 3, 4, 5]
    assert is_clean(net)
    assert all(reading.finite for reading in monitor.readings)
    assert [layer.units for layer in monitor.latest.layers] == [4, 4, 6]
    assert [layer.points for layer in monitor.latest.layers] == [12 * accumulate] * 3


def test_convolutions_count_filters_as_units_and_images_as_examples():
    torch.manual_seed(0)
    net, x = nn.Sequential(nn.Conv2d(2, 5, 3), nn.ReLU(), nn.Flatten(), nn.Linear(20, 1)), torch.randn(7, 2, 4, 4)
    with torch.no_grad():
        net[0].bias.copy_(torch.tensor([-9.0, 9.0, 0, 0, 0]))
    twin = copy.deepcopy(net)
    twin(x).square().mean().backward()
    w, g, z = twin[0].weight.detach(), twin[0].weight.grad, twin[0](x).detach()
    torques = []
    for j in range(1, 5):
        a, b = w[j].flatten().double(), g[j].flatten().double()
        torques.append(float((b - (a @ b) / (a @ a) * a).norm() / b.norm()))
    with Monitor(net) as monitor:
        net(x).square().mean().backward()
        monitor.step()
    (layer,) = monitor.latest.layers
    assert (layer.units, layer.points, layer.dead_units, layer.affine_units) == (5, 7, 1, 1)
    assert layer.units_without_gradient == 1
    assert layer.torque_mean == pytest.approx(sum(torques) / 4, rel=1e-5)
    assert layer.lowest_top == pytest.approx(float(z.amax((1, 2, 3)).min()))
    assert layer.slack_plus == pytest.approx(float(torch.relu(1 - z.amax((0, 2, 3))).sum()), rel=1e-6)
    assert layer.slack_minus == pytest.approx(float(torch.relu(1 + z.amin((0, 2, 3))).sum()), rel=1e-6)


def test_accumulated_gradients_are_read_once_and_whole():
    net, parts = mlp(), [batch(6, seed=k) for k in range(3)]
    twin, optimiser = copy.deepcopy(net), sgd(net)
    for x, y in parts:
        LOSS(twin(x), y).backward()
    with Monitor(net) as monitor:
        for x, y in parts:
            LOSS(net(x), y).backward()
        optimiser.step()
    (reading,) = monitor.readings
    assert reading.gradient_norm == pytest.approx(
        math.hypot(*(float(p.grad.norm()) for p in twin.parameters())), rel=1e-6
    )
    everything = torch.cat([x for x, _ in parts])
    for layer, each in zip(reading.layers, slowly(mlp(), everything, torch.zeros(18, 2)), strict=True):
        torques = ("torque_mean", "torque_p10", "units_without_gradient", "gradient_norm")
        agree(layer, {name: value for name, value in each.items() if name not in torques})


def test_of_two_networks_each_optimiser_counts_for_its_own():
    generator, judge = mlp(seed=1), nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 1))
    one, two = sgd(generator), torch.optim.Adam(judge.parameters())
    with Monitor(judge) as monitor, Monitor(generator, every=2) as other:
        for _ in range(4):
            two.zero_grad()
            judge(generator(batch()[0]).detach()).mean().backward()
            two.step()
            one.zero_grad()
            (-judge(generator(batch()[0])).mean()).backward()
            one.step()
    assert [reading.step for reading in monitor.readings] == [0, 1, 2, 3]
    assert [reading.step for reading in other.readings] == [0, 2]
    assert is_clean(judge)


@pytest.mark.parametrize("fused", [False, True])
def test_gradients_scaled_for_mixed_precision_are_reported_unscaled(fused):
    net, (x, y) = mlp(), batch()
    expected, twin = slowly(net, x, y), copy.deepcopy(net)
    LOSS(twin(x), y).backward()
    whole = math.hypot(*(float(p.grad.norm()) for p in twin.parameters()))
    optimiser = torch.optim.Adam(net.parameters(), fused=fused)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    with Monitor(net) as monitor:
        for poison in (1.0, math.inf, 1.0):
            optimiser.zero_grad()
            scaler.scale(LOSS(net(x), y) * poison).backward()
            scaler.step(optimiser)
            scaler.update()
    assert len(monitor.readings) == 2, "a skipped step is no reading"
    assert all(reading.finite for reading in monitor.readings)
    for layer, each in zip(monitor.readings[0].layers, expected, strict=True):
        agree(layer, each)
    assert monitor.readings[0].gradient_norm == pytest.approx(whole, rel=1e-5)


def test_a_manual_loop_reports_its_steps_loss_and_scale():
    net, (x, y) = mlp(), batch()
    twin = copy.deepcopy(net)
    monitor = Monitor(net, every=2)
    for k in range(4):
        net.zero_grad()
        loss = LOSS(net(x), y)
        (8 * loss).backward()
        monitor.note(loss=loss if k else float(loss.detach()))
        monitor.step(scale=8)
        with torch.no_grad():
            for p in net.parameters():
                p -= 0.01 * p.grad
    monitor.close()
    monitor.close()
    assert [reading.step for reading in monitor.readings] == [0, 2]
    assert monitor.readings[0].loss == pytest.approx(float(LOSS(twin(x), y).detach()), rel=1e-6)
    for layer, each in zip(monitor.readings[0].layers, slowly(twin, x, y), strict=True):
        agree(layer, each)
    assert is_clean(net)


def test_closures_are_read_at_their_first_call():
    net, (x, y) = mlp(), batch()
    twin, optimiser = copy.deepcopy(net), torch.optim.LBFGS(net.parameters(), max_iter=4)

    def closure():
        optimiser.zero_grad()
        loss = LOSS(net(x), y)
        loss.backward()
        return loss

    with Monitor(net) as monitor, warnings.catch_warnings():
        warnings.simplefilter("error")
        optimiser.step(closure)
        optimiser.step(closure=closure)
    assert [reading.step for reading in monitor.readings] == [0, 1]
    assert monitor.readings[0].loss == pytest.approx(float(LOSS(twin(x), y).detach()), rel=1e-6)
    for layer, each in zip(monitor.readings[0].layers, slowly(twin, x, y), strict=True):
        agree(layer, each)


@pytest.mark.parametrize("every", [1, 2])
def test_later_calls_of_a_closure_are_of_no_step(every):
    """Before the third step all units die: a pass of the second step, in which they lived, must not hide that."""
    net = mlp()
    optimiser = torch.optim.LBFGS(net.parameters(), 0.01, max_iter=4)
    examples, calls = [], []

    def closure():
        calls[-1] += 1
        optimiser.zero_grad()
        loss = net(x).square().mean()
        loss.backward()
        return loss

    with Monitor(net, every=every) as monitor:
        for k in range(4):
            if k == 2:
                net[0].bias.data -= 1e3
            x = torch.randn(10 + k, net[0].in_features, generator=torch.Generator().manual_seed(k))
            examples, calls = [*examples, len(x)], [*calls, 0]
            optimiser.step(closure)
    assert min(calls[:2]) > 1
    read = {reading.step: reading for reading in monitor.readings}
    assert [*read] == list(range(0, 4, every))
    assert [(each.passes, each.layers[0].points) for each in read.values()] == [(1, examples[k]) for k in read]
    assert read[2].layers[0].dead_units == read[2].layers[0].units


def test_a_criterion_is_heard_only_where_it_trains():
    net, (x, y), criterion = mlp(), batch(), nn.MSELoss()
    first = float(criterion(net(x), y).detach())
    optimiser = sgd(net)
    with Monitor(net, criterion=criterion) as monitor:
        for _ in range(2):
            optimiser.zero_grad()
            criterion(net(x), y).backward()
            with torch.no_grad():
                criterion(net(x), 100 + y)
            optimiser.step()
    assert monitor.readings[0].loss == pytest.approx(first, rel=1e-6)
    assert monitor.readings[1].loss < first
    assert not criterion._forward_hooks


def test_a_loss_that_is_no_number_raises_an_alarm():
    net, (x, y) = mlp(), batch()
    with Monitor(net, criterion=LOSS) as monitor:
        train(net, steps=1, data=(x, y * math.nan))
        train(net, steps=1, data=(x, y))
        LOSS(net(x), y).backward()
        monitor.note(math.inf)
        monitor.step()
    first, second, third = monitor.readings
    assert third.loss == math.inf
    assert not first.finite
    assert math.isnan(first.loss)
    assert math.isnan(first.gradient_norm)
    assert not second.finite, "the step has carried it into the weights"
    (found,) = [(step, alarm) for step, alarm in monitor.alarms if alarm.kind == "not finite"]
    assert (found[0], found[1].since, found[1].steps, found[1].readings) == (0, 0, 2, 3)
    assert (first.not_finite, second.not_finite) == (("loss", ""), ("weight", "0"))


def test_overflow_is_not_finite_but_no_error():
    net, (x, y) = mlp(), batch()
    with torch.no_grad():
        net[2].weight.mul_(1e30)
        net[4].weight.mul_(1e30)
    reading = only_reading(net, data=(x, y))
    assert not reading.finite
    assert reading.layers[1].weight_norm > 1e29


def test_numbers_whose_squares_overflow_are_still_finite():
    net, (x, y) = mlp(), batch()
    with torch.no_grad():
        net[0].weight.mul_(1e25)
        net[-1].weight.mul_(1e-25)
    reading = only_reading(net, data=(x, y))
    assert reading.finite
    assert reading.layers[0].weight_norm == pytest.approx(float(mlp()[0].weight.detach().norm()) * 1e25, rel=1e-5)
    assert reading.weight_norm >= reading.layers[0].weight_norm


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_other_precisions_are_reduced_in_at_least_32_bits(dtype):
    net, (x, y) = mlp(64).to(dtype), batch()
    x, y = x.to(dtype), y.to(dtype)
    twin = copy.deepcopy(net)
    LOSS(twin(x), y).backward()
    layers = [each for each in twin if isinstance(each, nn.Linear)][:-1]
    reading = only_reading(net, data=(x, y))
    for layer, own in zip(reading.layers, layers, strict=True):
        w, g = own.weight.detach().double(), own.weight.grad.double()
        live = g.abs().amax(1) > 0
        along = (w * g).sum(1, keepdim=True) / (w * w).sum(1, keepdim=True)
        expected = ((g - along * w).norm(dim=1) / g.norm(dim=1))[live]
        assert layer.torque_mean == pytest.approx(float(expected.mean()), rel=1e-5)
        assert layer.gradient_norm == pytest.approx(float(g.norm()), rel=1e-5)


def test_mirrored_units_are_twice_the_rows():
    net = nn.Linear(3, 4)

    class Mirrored(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self, x):
            z = self.net(x)
            return torch.cat([torch.relu(z), torch.relu(-z)], 1)

    whole = Mirrored()
    with Monitor(whole, detail=True) as monitor:
        whole(batch()[0]).square().mean().backward()
        monitor.step()
    (layer,) = monitor.latest.layers
    assert (layer.units, len(layer.torques), len(layer.tops)) == (8, 4, 8)
    assert layer.tops[:4] == pytest.approx([-low for low in layer.bottoms[4:]])
    assert layer.dead_fraction == 0


def test_leaky_units_are_never_dead():
    net = nn.Sequential(nn.Linear(3, 4), nn.LeakyReLU(0.1), nn.Linear(4, 2))
    torch.nn.init.constant_(net[0].bias, -50)
    with Monitor(net) as monitor:
        train(net, steps=1)
    (layer,) = monitor.latest.layers
    assert (layer.slope, layer.dead_fraction, layer.units_without_gradient) == (pytest.approx(0.1), 1, 0)
    assert math.isnan(monitor.latest.dead_fraction)
    assert not {"dead data", "dead units"} & {alarm.kind for alarm in monitor.latest.alarms}


def test_frozen_weights_have_no_torque_and_computed_ones_that_of_what_is_computed():
    net = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(3, 4)), nn.ReLU(), nn.Linear(4, 4), nn.ReLU())
    net.append(nn.Linear(4, 2))
    net[2].weight.requires_grad = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        computed, frozen = only_reading(net).layers
    assert 0 < computed.torque_mean < 1
    assert math.isnan(frozen.torque_mean)
    assert computed.units == frozen.units == 4


def test_sparse_gradients_and_shared_weights_are_read():
    class Words(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.shared, self.head = nn.Embedding(9, 5, sparse=True), nn.Linear(5, 5), nn.Linear(5, 2)

        def forward(self, x):
            return self.head(self.shared(self.shared(self.words(x)).relu()).relu())

    net = Words()
    with Monitor(net) as monitor:
        LOSS(net(torch.arange(6)), torch.zeros(6, 2)).backward()
        monitor.step()
    first, second = monitor.latest.layers
    assert first.gradient_norm == second.gradient_norm > 0
    assert monitor.latest.gradient_norm == pytest.approx(
        math.hypot(*(float(p.grad.to_dense().norm()) for p in net.parameters())), rel=1e-6
    )


def test_layers_of_several_shapes_keep_their_order_and_may_see_sequences():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2), nn.ReLU(), nn.Linear(2, 5), nn.ReLU())
    x = torch.randn(4, 6, 3)
    with Monitor(net) as monitor:
        net(x).square().mean().backward()
        monitor.step()
    layers = monitor.latest.layers
    assert [(layer.name, layer.units, layer.points) for layer in layers] == [("0", 5, 4), ("2", 2, 4), ("4", 5, 4)]
    assert layers[0].largest_preactivation == pytest.approx(float(net[0](x).detach().abs().max()), rel=1e-6)


@pytest.mark.parametrize("every", [0, -3, 1.5, True])
def test_every_must_be_a_whole_number(every):
    net = mlp()
    with pytest.raises(StabilityError, match="every"):
        Monitor(net, every=every)
    assert is_clean(net)


def test_an_empty_batch_is_warned_of_once_or_refused_if_strict():
    net, x = mlp(), torch.zeros(0, 3)

    def three_steps():
        with Monitor(net) as monitor:
            for _ in range(3):
                net(x).sum().backward()
                monitor.step()
        return monitor

    with pytest.warns(UserWarning, match="the batch: it is empty") as warned:
        monitor = three_steps()
    assert len(warned) == 1
    assert [{layer.points for layer in reading.layers} for reading in monitor.readings] == [{0}] * 3
    assert [reading.unread for reading in monitor.readings] == [4] * 3
    assert monitor.latest.weight_norm > 0
    Monitor(net, strict=True)
    with pytest.raises(StabilityError, match="it is empty"):
        net(x)
    assert is_clean(net)
    assert net(x).shape == (0, 2)


def test_exceptions_in_the_loop_leave_the_network_clean():
    net = mlp()
    with pytest.raises(RuntimeError), Monitor(net):
        net(torch.zeros(2, 5))
    assert is_clean(net)
    with pytest.raises(ZeroDivisionError), Monitor(net, log=lambda reading: 1 / 0, strict=True):
        train(net, steps=1)
    assert is_clean(net)


def test_a_script_module_is_refused():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scripted = torch.jit.script(mlp())
    with pytest.raises(StabilityError, match="ScriptModule"):
        Monitor(scripted)


@pytest.mark.filterwarnings("ignore:.*torch.jit")
def test_networks_are_scripted_before_a_monitor_or_after_it():
    """The page says so: torch compiles hooks as well, those of copies included."""
    net, (x, _) = mlp(), batch()
    before = torch.jit.script(net)
    with Monitor(net):
        for hooked in (net, nn.Sequential(net), copy.deepcopy(net)):
            with pytest.raises(Exception, match=r"__name__|variable number of arguments"):
                torch.jit.script(hooked)
    assert torch.equal(before(x), torch.jit.script(net)(x))


def test_what_hooks_cannot_see_is_refused_where_it_is_called():
    net, (x, _) = mlp(), batch()
    hidden = torch.compile(net, backend="eager")
    with Monitor(hidden, strict=True), pytest.raises(StabilityError, match="compiled"):
        hidden(x)
    assert is_clean(net)


def test_steps_without_a_forward_pass_are_read_by_their_weights():
    net, (x, y) = mlp(), batch()
    optimiser = sgd(net)
    with Monitor(net) as monitor, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for _ in range(3):
            LOSS(net[-1](net[:-1](x)), y).backward()
            optimiser.step()
    assert "no forward pass" in str(warned[0].message)
    assert len(warned) == 1
    assert warned[0].filename == __file__
    assert [(reading.step, reading.unread) for reading in monitor.readings] == [(0, 1), (1, 1), (2, 1)]
    assert {layer.points for layer in monitor.latest.layers} == {0}
    assert monitor.latest.gradient_norm > 0
    with Monitor(net) as monitor:
        sgd(net).zero_grad()
        sgd(net).step()
    assert (monitor.steps, monitor.readings) == (0, [])


def test_other_optimisers_do_not_matter():
    net, stranger = mlp(), nn.Linear(2, 2)
    with Monitor(net) as monitor, warnings.catch_warnings():
        warnings.simplefilter("error")
        sgd(stranger).step()
        net(batch()[0]).mean().backward()
        sgd(stranger).step()
        assert not monitor.readings
        sgd(net).step()
    assert len(monitor.readings) == 1


def test_readings_go_to_csv_and_parquet(tmp_path):
    net = mlp()
    with Monitor(net, every=2, criterion=LOSS, detail=True) as monitor:
        train(net, steps=5)
    monitor.to_csv(tmp_path / "a.csv")
    monitor.to_parquet(tmp_path / "a.parquet")
    names, *lines = (tmp_path / "a.csv").read_text().splitlines()
    assert json.loads((tmp_path / "a.csv.json").read_text())["settings"]["every"] == 2
    assert len(lines) == 9
    table = pq.read_table(tmp_path / "a.parquet")
    assert b'"every": 2' in table.schema.metadata[b"stability"]
    assert b'"version"' in table.schema.metadata[b"stability"]
    columns = table.to_pydict()
    assert columns["step"] == [0, 0, 0, 2, 2, 2, 4, 4, 4]
    assert columns["name"] == ["0", "2", "4"] * 3
    layers = [layer for reading in monitor.readings for layer in reading.layers]
    for name in ("torque_mean", "slack_plus", "dead_units", "gradient_norm", "point_tops"):
        assert columns[name] == [
            getattr(layer, name) if name != "point_tops" else [*layer.point_tops] for layer in layers
        ]
    assert columns["network_loss"][::3] == [reading.loss for reading in monitor.readings]
    place = names.split(",").index("torque_mean")
    assert [float(line.split(",")[place]) for line in lines] == columns["torque_mean"]
    assert not [*tmp_path.glob("*.tmp")]


def test_files_without_a_folder_are_refused(tmp_path):
    monitor = Monitor(mlp())
    monitor.close()
    for write in (monitor.to_csv, monitor.to_parquet):
        with pytest.raises(FileError):
            write(tmp_path / "no" / "file")
    monitor.to_parquet(tmp_path / "empty.parquet")
    assert pq.read_table(tmp_path / "empty.parquet").num_rows == 0


def test_tensorboard_is_used_if_it_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr("stability.training.monitoring.export.find_spec", lambda name: None)
    net = mlp()
    with Monitor(net) as monitor, pytest.raises(MissingPackageError, match="Expected tensorboard to be installed"):
        monitor.tensorboard(tmp_path)
    monkeypatch.undo()
    pytest.importorskip("tensorboard")
    with Monitor(net) as monitor:
        train(net, steps=1)
        monitor.tensorboard(tmp_path)
        train(net, steps=1)
    assert [*tmp_path.glob("events*")]


def test_the_panel_shows_the_latest_reading_in_terminals_only(monkeypatch):
    net = mlp(4, 40)
    console = Console(force_terminal=True, width=200, record=True)
    monkeypatch.setattr(monitoring, "Panel", lambda title: Panel(title, console))
    with console.capture() as shown, Monitor(net, live=True, criterion=LOSS):
        train(net, steps=3)
    text = shown.get()
    assert "step 2" in text
    assert "dead units" in text
    assert "..." in text
    quiet = Console(force_terminal=False, record=True)
    monkeypatch.setattr(monitoring, "Panel", lambda title: Panel(title, quiet))
    with quiet.capture() as silent, Monitor(net, live=True):
        train(net, steps=1)
    assert silent.get() == ""


def test_every_reading_is_logged_with_its_alarms():
    net, heard = mlp(), []
    with Monitor(net, limits=Limits(torque=2), log=heard.append) as monitor:
        train(net, steps=5)
    assert heard == monitor.readings
    assert monitor.latest is heard[-1]
    assert [(step, alarm.kind, alarm.steps) for step, alarm in monitor.alarms] == [(0, "no torque", 4)] * 3
    assert [[alarm.steps for alarm in reading.alarms] for reading in heard] == [[k] * 3 for k in range(5)]
    assert isinstance(heard[0].layers[0], LayerReading)


def test_readings_that_waited_are_those_that_did_not():
    """Also when the last batch of an epoch is smaller, and more of them than are worked out together."""

    def run(**settings):
        net, asked = mlp(), []
        optimiser = sgd(net)
        with Monitor(net, criterion=LOSS, detail=True, **settings) as monitor:
            for k in range(history.MANY + 9):
                train(net, optimiser, 1, batch(5 if k % 4 == 3 else 20, seed=k))
                if settings:
                    asked.append(monitor.latest)
        return monitor.readings, asked

    waited, (at_once, asked) = run()[0], run(log=lambda reading: None)
    assert len(waited) == history.MANY + 9
    assert repr(waited) == repr(at_once) == repr(asked)
    assert all(reading.layers[0].bias_change > 0 for reading in waited[1:])


def test_a_monitor_in_a_monitor_reads_the_same():
    net = mlp()
    with Monitor(net) as one, Monitor(net) as two:
        train(net, steps=2)
    assert one.readings[0] == two.readings[0] or math.isnan(one.readings[0].layers[0].bias_change)
    assert one.readings[1] == two.readings[1]


@pytest.mark.gpu
def test_the_gpu_reads_the_same():
    net, (x, y) = mlp(64), batch()
    expected = slowly(net, x, y)
    reading = only_reading(net.cuda(), data=(x.cuda(), y.cuda()))
    for layer, each in zip(reading.layers, expected, strict=True):
        agree(layer, each, rel=1e-3)


def test_a_monitor_keeps_as_many_readings_as_it_is_reported_and_details_of_the_latest():
    net = mlp()
    with Monitor(net, keep=3, detail="latest") as monitor:
        train(net, steps=50)
        assert [each.step for each in monitor.readings] == [47, 48, 49]
        assert [each.layers[0].tops is None for each in monitor.readings] == [True, True, False]
    twin = mlp()
    with Monitor(twin) as whole:
        train(twin, steps=50)
    assert [each.alarms for each in whole.readings[-3:]] == [each.alarms for each in monitor.readings]
    for wrong in ({"keep": 0}, {"keep": 2.5}, {"detail": "some"}):
        with pytest.raises(StabilityError, match="Expected"):
            Monitor(net, **wrong)
    assert is_clean(net)


def test_a_resumed_monitor_reads_on_as_if_nothing_had_happened(tmp_path):
    net, twin = mlp(), mlp()
    with Monitor(net, 3) as whole:
        train(net, steps=20)
    with Monitor(twin, 3) as first:
        train(twin, steps=10)
        torch.save(first.state_dict(), tmp_path / "monitor.pt")
    with Monitor(twin, 3) as second:
        second.load_state_dict(torch.load(tmp_path / "monitor.pt", weights_only=True))
        train(twin, steps=10)
        assert repr(second.readings) == repr(whole.readings)
        assert second.steps == 20
        with pytest.raises(StabilityError, match="state of a monitor"):
            second.load_state_dict({"steps": 3})
        assert repr(second.readings) == repr(whole.readings)


def test_a_criterion_is_copied_without_its_monitor():
    net, criterion = mlp(), nn.MSELoss()
    with Monitor(net, criterion=criterion) as monitor:
        copied = copy.deepcopy(criterion)
        copied(net(batch()[0]), batch()[1])
        sgd(net).step()
        assert monitor.latest.loss is None


class Relative(torch.optim.Optimizer):
    """Steps of a size of its own."""

    def __init__(self, groups):
        super().__init__(groups, {"lr": None})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter -= 1e-3 * parameter.grad


def test_optimisers_without_a_learning_rate_are_read():
    net = mlp()
    first, rest = [*net[:2].parameters()], [*net[2:].parameters()]
    for groups, rates in (([*first, *rest], ()), ([{"params": first, "lr": 0.1}, {"params": rest}], (0.1,))):
        with Monitor(net, strict=True) as monitor:
            for _ in range(2):
                net(batch()[0]).square().mean().backward()
                Relative(groups).step()
        assert [reading.learning_rates for reading in monitor.readings] == [rates] * 2


def test_a_network_without_entries_has_no_readings_and_one_warning():
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)).to("meta")
    with Monitor(net) as monitor, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for _ in range(3):
            net(torch.ones(3, 4, device="meta")).sum().backward()
            monitor.step()
    assert monitor.readings == []
    found = [str(each.message) for each in warned]
    assert len(found) == 2
    assert all("device meta" in each for each in found)
    assert "0.weight, 0.bias, 2.weight and 1 more" in found[1]
