"""Does a monitor read rightly, change nothing and raise nothing in the loops that people write?"""

import copy
import csv
import gc
import io
import math
import warnings
import weakref
from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.utils.checkpoint import checkpoint, checkpoint_sequential, set_checkpoint_early_stop

from stability.errors import UnknownNameError
from stability.training.control.controller import Controller
from stability.training.introspection.layer_geometry import layer_geometry
from stability.training.monitoring import monitor as monitoring
from stability.training.monitoring.alarms import Limits
from stability.training.monitoring.monitor import Monitor


def chain(*widths, seed=0):
    torch.manual_seed(seed)
    parts = [part for a, b in pairwise(widths) for part in (nn.Linear(a, b), nn.ReLU())][:-1]
    return nn.Sequential(*parts)


class Checkpointed(nn.Module):
    def __init__(self, reentrant):
        super().__init__()
        self.first, self.rest, self.reentrant = chain(3, 8, 8), chain(8, 8, 2), reentrant

    def forward(self, x):
        return checkpoint(self.rest, self.first(x).relu(), use_reentrant=self.reentrant)


class InSegments(nn.Module):
    """What the page says to write around `checkpoint_sequential`, which calls the parts of a network alone."""

    def __init__(self):
        super().__init__()
        self.parts = chain(3, 8, 8, 2)

    def forward(self, x):
        return checkpoint_sequential(self.parts, 2, x.requires_grad_(), use_reentrant=True)


def forward(model, x, step):
    return model(x)


def autocast(model, x, step):
    with torch.autocast("cpu", torch.bfloat16):
        return model(x)


def whole_checkpoint(reentrant):
    return lambda model, x, step: checkpoint(model, x.requires_grad_(), use_reentrant=reentrant)


def repeated_whole(model, x, step):
    with set_checkpoint_early_stop(False):
        return checkpoint(model, x.requires_grad_(), use_reentrant=False)


def with_parameters(model, x, step):
    return functional_call(model, dict(model.named_parameters()), (x,))


def evaluated_between(model, x, step):
    with torch.inference_mode():
        model(x)
    with torch.no_grad():
        model(2 * x)
    copy.deepcopy(model)(3 * x)
    return model(x)


def compiled_beside(model, x, step):
    if step == 1:
        torch.compile(model, backend="eager")(x)
    return model(x)


LOOPS = {
    "plain": (lambda: chain(3, 8, 8, 2), forward, 20),
    "autocast": (lambda: chain(3, 8, 8, 2), autocast, 20),
    "reentrant checkpoint inside": (lambda: Checkpointed(True), forward, 20),
    "checkpoint inside": (lambda: Checkpointed(False), forward, 20),
    "reentrant checkpoint around": (lambda: chain(3, 8, 8, 2), whole_checkpoint(True), 20),
    "reentrant checkpoints of segments": (InSegments, forward, 20),
    "checkpoint around": (lambda: chain(3, 8, 8, 2), whole_checkpoint(False), 20),
    "checkpoint around that ends late": (lambda: chain(3, 8, 8, 2), repeated_whole, 20),
    "functional_call": (lambda: chain(3, 8, 8, 2), with_parameters, 20),
    "passes that do not count": (lambda: chain(3, 8, 8, 2), evaluated_between, 20),
    "compiled beside": (lambda: chain(3, 8, 8, 2), compiled_beside, 20),
    "batch norm and dropout": (
        lambda: nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(True), nn.Dropout(0.3), nn.Linear(8, 2)),
        forward,
        20,
    ),
}


def trained(how, every, clip=None, scaled=False, fused=False, steps=6):
    made, run, points = LOOPS[how]
    torch.manual_seed(0)
    model = made()
    torch.manual_seed(1)
    x, y = torch.randn(points, 3), torch.randn(points, 2)
    optimiser = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9)
    scaler = torch.amp.GradScaler("cpu", init_scale=64.0, enabled=scaled)
    if fused:
        own = {p: torch.optim.SGD([p], 0.05, momentum=0.9) for p in model.parameters()}

        def change(p):
            own[p].step()
            own[p].zero_grad()

        for p in model.parameters():
            p.register_post_accumulate_grad_hook(change)
    monitor = Monitor(model, every) if every else None
    for step in range(steps):
        if not fused:
            optimiser.zero_grad()
        loss = (run(model, x.clone(), step) - y).square().mean()
        scaler.scale(loss).backward()
        if clip:
            scaler.unscale_(optimiser)
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        if not fused:
            scaler.step(optimiser)
            scaler.update()
    if monitor:
        monitor.close()
    return model, monitor, torch.get_rng_state()


@pytest.mark.parametrize("how", LOOPS)
@pytest.mark.parametrize("way", [{}, {"clip": 0.1}, {"scaled": True}, {"scaled": True, "clip": 0.1}, {"fused": True}])
def test_training_has_the_same_bits_and_every_pass_is_read_once(how, way):
    bare, _, state = trained(how, None, **way)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        monitored, monitor, after = trained(how, 1, **way)
    assert torch.equal(state, after)
    for (name, a), b in zip(bare.state_dict().items(), monitored.state_dict().values(), strict=True):
        assert torch.equal(a, b), name
    assert len(monitor.readings) == 6
    assert {layer.points for reading in monitor.readings for layer in reading.layers} == {20}
    assert {reading.passes for reading in monitor.readings} == {1}
    assert all(reading.gradient_norm > 0 for reading in monitor.readings)


@pytest.mark.parametrize("scaled", [False, True])
def test_gradients_are_read_before_clipping_and_after(scaled):
    _, plain, _ = trained("plain", 1, scaled=scaled, steps=1)
    _, clipped, _ = trained("plain", 1, 0.01, scaled=scaled, steps=3)
    assert clipped.readings[0].gradient_norm == pytest.approx(plain.latest.gradient_norm, rel=1e-5)
    assert plain.latest.step_gradient_norm == pytest.approx(plain.latest.gradient_norm, rel=1e-5)
    for reading in clipped.readings:
        assert reading.step_gradient_norm == pytest.approx(0.01, rel=1e-3)
        assert reading.gradient_norm > 0.1


@pytest.mark.parametrize("how", ["plain", "reentrant checkpoint inside", "reentrant checkpoint around"])
def test_an_optimiser_within_the_backward_pass_is_read_like_one_after_it(how):
    _, usual, _ = trained(how, 1, steps=4)
    _, fused, _ = trained(how, 1, fused=True, steps=4)
    for a, b in zip(usual.readings, fused.readings, strict=True):
        assert b.gradient_norm == pytest.approx(a.gradient_norm, rel=1e-5)
        assert b.weight_norm == pytest.approx(a.weight_norm, rel=1e-5)
        assert b.gradient_flow == pytest.approx(a.gradient_flow, rel=1e-5)
        for one, other in zip(a.layers, b.layers, strict=True):
            assert other.torque_mean == pytest.approx(one.torque_mean, rel=1e-5)
            assert other.bias_change == pytest.approx(one.bias_change, rel=1e-4, nan_ok=True)


def test_several_passes_before_a_step_are_one_on_all_their_examples():
    model, inside, edge = chain(2, 16, 16, 1), torch.rand(256, 2), torch.zeros(1, 2)
    expected = layer_geometry(model, torch.cat([inside, edge]), "train")
    with Monitor(model) as monitor, Monitor(model, passes="last") as last:
        for x in (inside, edge):
            model(x).square().mean().backward()
        monitor.step()
        last.step()
    (reading,) = monitor.readings
    assert reading.passes == 2
    for layer, truth in zip(reading.layers, expected.layers, strict=True):
        assert (layer.points, layer.dead_units) == (257, int(truth.dead_units.sum()))
        assert layer.affine_units == int(truth.affine_units.sum())
        assert layer.dead_fraction == pytest.approx(float(truth.dead_examples.float().mean()))
    assert reading.dead_fraction == pytest.approx(float(expected.dead_somewhere.float().mean()))
    assert [layer.points for layer in last.latest.layers] == [1, 1]
    with pytest.raises(UnknownNameError, match="passes"):
        Monitor(model, passes="first")


def test_passes_through_different_layers_have_no_common_share():
    class Heads(nn.Module):
        def __init__(self):
            super().__init__()
            self.trunk, self.heads = nn.Linear(2, 4), nn.ModuleList([nn.Linear(4, 3), nn.Linear(4, 3)])

        def forward(self, x, which):
            return self.heads[which](self.trunk(x).relu()).relu()

    torch.manual_seed(0)
    model = Heads()
    with Monitor(model) as monitor:
        for which in (0, 1):
            model(torch.randn(5, 2), which).sum().backward()
        monitor.step()
    assert [(layer.name, layer.points) for layer in monitor.latest.layers] == [
        ("trunk", 10),
        ("heads.0", 5),
        ("heads.1", 5),
    ]
    assert math.isnan(monitor.latest.dead_fraction)


def test_a_controller_of_several_passes_repairs_nothing_and_says_why():
    model, x = chain(2, 4, 1), torch.randn(6, 2)
    model[0].bias.data.fill_(-9)
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model, detail=True) as monitor, Controller(monitor, "revive") as controller:
        for part in x.split(3):
            model(part).sum().backward()
        with pytest.warns(UserWarning, match="one batch"):
            optimiser.step()
    assert not any(entry.changed for entry in controller.log)


class Mixture(nn.Module):
    def __init__(self):
        super().__init__()
        self.experts = nn.ModuleList(chain(2, 4, 1, seed=k) for k in range(3))
        self.skipping = True

    def forward(self, x):
        which = torch.zeros(len(x), dtype=torch.long) if self.skipping else torch.arange(len(x)) % 3
        out = torch.zeros(len(x), 1)
        for k, expert in enumerate(self.experts):
            rows = (which == k).nonzero().flatten()
            out = out.index_add(0, rows, expert(x[rows]))
        return out


def test_an_expert_without_examples_is_skipped_in_that_reading_only():
    model = Mixture()
    with warnings.catch_warnings(), Monitor(model) as monitor:
        warnings.simplefilter("error")
        for skipping in (True, False):
            model.skipping = skipping
            model(torch.randn(9, 2)).mean().backward()
            monitor.step()
        model.skipping = True
        model(torch.randn(9, 2)).mean().backward()
        model.skipping = False
        model(torch.randn(9, 2)).mean().backward()
        monitor.step()
    first, second, third = monitor.readings
    assert [layer.name for layer in first.layers] == ["experts.0.0"]
    assert first.skipped == ("experts.1.0: it got no example", "experts.2.0: it got no example")
    assert [layer.points for layer in second.layers] == [3, 3, 3]
    assert [layer.points for layer in third.layers] == [12, 3, 3]
    assert second.skipped == third.skipped == ()


def test_fusion_weights_do_not_hide_dead_data():
    class Fused(nn.Module):
        def __init__(self, shape):
            super().__init__()
            self.a, self.o, self.w = nn.Linear(2, 4), nn.Linear(4, 1), nn.Parameter(torch.ones(shape))

        def forward(self, x):
            return self.o(self.a(x).relu()) * self.w.relu().sum()

    for shape in ((), (2,)):
        model = Fused(shape)
        model.a.bias.data -= 9
        with Monitor(model) as monitor:
            model(torch.randn(8, 2)).sum().backward()
            monitor.step()
        assert monitor.latest.dead_fraction == 1
        assert {("dead data", ""), ("dead data", "a")} <= {(a.kind, a.layer) for a in monitor.latest.alarms}


def test_transforms_and_nested_tensors_stop_no_training():
    model, x = chain(2, 4, 1), torch.randn(8, 2)
    values = {k: v.detach() for k, v in model.named_parameters()}

    def loss(values, x):
        return functional_call(model, values, (x[None],)).square().mean()

    class Ensemble(nn.Module):
        def __init__(self):
            super().__init__()
            stacked, _ = stack_module_state([chain(2, 4, 1, seed=k) for k in range(3)])
            self.base, self.names = [chain(2, 4, 1).to("meta")], [*stacked]
            self.q = nn.ParameterList(nn.Parameter(v.detach()) for v in stacked.values())

        def forward(self, x):
            return vmap(lambda q: functional_call(self.base[0], q, (x,)))(dict(zip(self.names, self.q, strict=True)))

    with Monitor(model) as monitor, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for _ in range(3):
            expected = vmap(grad(loss), (None, 0))(values, x)
            monitor.step()
    assert ["torch.func" in str(each.message) for each in warned] == [True, False]
    assert "no gradient" in str(warned[1].message)
    assert [reading.unread for reading in monitor.readings] == [5] * 3
    assert monitor.skipped
    assert {layer.points for layer in monitor.latest.layers} == {0}
    assert expected["0.weight"].shape == (8, 4, 2)
    ensemble = Ensemble()
    with Monitor(ensemble) as monitor:
        with pytest.warns(UserWarning, match="left out"):
            out = ensemble(x)
        out.sum().backward()
        monitor.step()
    assert monitor.latest.gradient_norm > 0
    ragged = torch.nested.nested_tensor([torch.randn(3, 2), torch.randn(5, 2)], layout=torch.jagged)
    with Monitor(model) as monitor:
        with pytest.warns(UserWarning, match="nested"):
            model(ragged)
        monitor.step()


def test_an_error_of_the_monitor_is_warned_of_once_and_raised_only_if_strict(monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("out of order")

    monkeypatch.setattr(monitoring.Repeated, "measure", broken)
    with pytest.warns(
        UserWarning, match="cannot read weights and gradients.*ZeroDivisionError: out of order"
    ) as warned:
        _, monitor, _ = trained("plain", 1)
    assert len(warned) == 1
    assert monitor.readings == []
    monkeypatch.undo()
    monkeypatch.setattr("stability.training.monitoring.passes.look", broken)
    with pytest.warns(UserWarning, match="what a forward pass showed"):
        trained("plain", 1)
    model = chain(3, 8, 2)
    with Monitor(model, strict=True), pytest.raises(ZeroDivisionError):
        model(torch.randn(5, 3))
    assert not model._forward_hooks


def test_a_single_input_has_no_torque_and_no_alarm():
    model, x = chain(1, 16, 16, 1), torch.linspace(-3, 3, 64)[:, None]
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    with Monitor(model, every=10) as monitor:
        for _ in range(60):
            optimiser.zero_grad()
            (model(x) - x.sin()).square().mean().backward()
            optimiser.step()
    assert not any(alarm.kind == "no torque" for _, alarm in monitor.alarms)
    assert all(math.isnan(reading.layers[0].torque_mean) for reading in monitor.readings)
    assert all(reading.layers[1].torque_mean > 0 for reading in monitor.readings)


@pytest.mark.parametrize(("factor", "where"), [(300, "0"), (30, "2"), (1, None)])
def test_a_start_that_is_far_too_large_is_reported_at_once(factor, where):
    model = chain(8, 64, 64, 1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= factor
    with Monitor(model) as monitor:
        for _ in range(3):
            model(torch.randn(64, 8)).square().mean().backward()
            monitor.step()
    found = [(step, alarm.layer) for step, alarm in monitor.alarms if alarm.kind == "large start"]
    assert found == ([] if where is None else [(0, where)])


@pytest.mark.parametrize(("factor", "where"), [(1e-7, "0"), (1e-3, "2"), (0.0, None), (1, None)])
def test_a_start_that_is_far_too_small_is_reported_at_once(factor, where):
    """Whatever the biases are; weights of zero are there on purpose."""
    torch.manual_seed(0)
    model = chain(8, 64, 64, 1)
    with torch.no_grad():
        for part in (model[0], model[2]):
            part.weight *= factor
    with Monitor(model) as monitor:
        for _ in range(3):
            model(torch.randn(64, 8)).square().mean().backward()
            monitor.step()
    found = [(step, alarm.layer) for step, alarm in monitor.alarms if alarm.kind == "small start"]
    assert found == ([] if where is None else [(0, where)])
    normalised = nn.Sequential(model[0], nn.BatchNorm1d(64, eps=1e-30), *model[1:2], nn.Linear(64, 1))
    with Monitor(normalised) as monitor:
        normalised(torch.randn(64, 8)).square().mean().backward()
        monitor.step()
    assert "small start" not in {alarm.kind for _, alarm in monitor.alarms}


def test_only_the_output_may_start_too_large():
    model = chain(8, 16, 1)
    model[2].weight.data *= 1e5
    with Monitor(model) as monitor:
        model(torch.randn(64, 8)).mean().backward()
        monitor.step()
    (alarm,) = [alarm for alarm in monitor.latest.alarms if alarm.kind == "large start"]
    assert alarm.layer == ""
    assert "last layer" in str(alarm)


def test_a_bias_that_a_normalisation_takes_out_freezes_without_alarm():
    """Biases before batch statistics do not move the output; those before the running ones do."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 1))
    optimiser = torch.optim.SGD(model.parameters(), 1e-3)
    for frozen in (False, True):
        with Monitor(model, limits=Limits(bias_change=1e9)) as monitor:
            for _ in range(6):
                model[1].train(not frozen)
                optimiser.zero_grad()
                model(torch.randn(8, 1, 6, 6)).square().mean().backward()
                monitor.note(1.0)
                optimiser.step()
        assert any(alarm.kind == "bias freeze" for _, alarm in monitor.alarms) == frozen


def test_nothing_of_a_batch_is_kept_and_memory_stays_flat():
    model, kept = chain(4, 8, 8, 1), []
    optimiser = torch.optim.SGD(model.parameters(), 1e-3)
    gc.collect()
    gc.collect()
    with Monitor(model, every=2, keep=50) as monitor:
        counts = []
        for step in range(1000):
            x = torch.randn(16, 4)
            out = model(x)
            kept = [weakref.ref(x), weakref.ref(out)]
            loss = out.square().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            del x, out, loss
            if step % 250 == 249:
                assert [each() for each in kept] == [None, None]
                gc.collect()
                counts.append(sum(isinstance(each, torch.Tensor) for each in gc.get_objects()))
        assert max(counts) - min(counts) <= history_slack()
        assert len(monitor.readings) == 50
        for _ in range(200):
            model(torch.randn(16, 4))
        assert len(monitor._passes._looked) <= 200


def history_slack():
    from stability.training.monitoring.history import MANY

    return MANY + 2


def test_a_resumed_monitor_goes_on_like_one_that_was_not_interrupted():
    def run(stop):
        model = chain(3, 8, 2)
        optimiser, generator = torch.optim.Adam(model.parameters(), 0.01), torch.Generator().manual_seed(3)
        monitor = Monitor(model, every=3, keep=5)
        for step in range(20):
            if step == stop:
                file = io.BytesIO()
                torch.save(monitor.state_dict(), file)
                monitor.close()
                file.seek(0)
                monitor = Monitor(model, every=3, keep=5)
                monitor.load_state_dict(torch.load(file))
            optimiser.zero_grad()
            model(torch.randn(10, 3, generator=generator)).square().mean().backward()
            optimiser.step()
        monitor.close()
        return monitor

    assert repr(run(None).readings) == repr(run(10).readings)


def test_a_monitor_prints_what_it_read_and_its_csv_is_plain(tmp_path):
    model = chain(3, 8, 8, 2)
    model[0].bias.data -= 9
    with Monitor(model, every=2) as monitor:
        assert str(monitor).startswith("Monitor of Sequential, every 2 steps: no reading yet\n")
        for _ in range(6):
            model(torch.randn(5, 3)).square().mean().backward()
            monitor.step()
    first, alarms, latest, *table = str(monitor).splitlines()
    assert first == "Monitor of Sequential, every 2 steps: 3 readings, steps 0 to 4"
    assert repr(monitor) == f"<{first}>"
    assert "dead data" in alarms
    assert "100% of the examples dead" in latest
    assert [line.split()[:3] for line in table[1:-1]] == [["0", "8", "8"], ["2", "8", table[2].split()[2]]]
    monitor.to_csv(tmp_path / "health.csv")
    with (tmp_path / "health.csv").open() as file:
        rows = [*csv.DictReader(file)]
    assert [row["step"] for row in rows] == ["0", "0", "2", "2", "4", "4"]
    assert (tmp_path / "health.csv.json").exists()
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(tmp_path / "health.csv")
    assert frame["dead_units"].tolist() == [layer.dead_units for r in monitor.readings for layer in r.layers]


def test_frozen_biases_raise_no_alarm():
    model = torch.nn.Sequential(torch.nn.Linear(3, 6), torch.nn.ReLU(), torch.nn.Linear(6, 6), torch.nn.ReLU())
    model[0].bias.requires_grad_(False)
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], 0.1)
    x = torch.randn(20, 3, generator=torch.Generator().manual_seed(1))
    with Monitor(model, every=1) as monitor:
        for _ in range(4):
            optimiser.zero_grad()
            model(x).square().mean().backward()
            monitor.note(1.0)
            optimiser.step()
    assert not any(alarm.kind == "bias freeze" for _, alarm in monitor.alarms)
    first, second = monitor.latest.layers
    assert math.isnan(first.bias_change)
    assert second.bias_change > 0


class Around(nn.Module):
    """A network with another one inside."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.inside, self.last = nn.Linear(3, 4), chain(4, 8, 4), nn.Linear(4, 1)

    def forward(self, x):
        return self.last(self.inside(self.first(x).relu()).relu())


@pytest.mark.parametrize("quantities", [(), "all"])
def test_what_is_read_of_a_part_is_not_read_of_the_whole(quantities):
    """The part is read within the pass of the whole, whose trace must not see how that is done."""
    found = []
    for both in (False, True):
        model, x = Around(), torch.randn(9, 3, generator=torch.Generator().manual_seed(1))
        optimiser = torch.optim.SGD(model.parameters(), 0.1)
        inner = Monitor(model.inside, quantities=quantities) if both else None
        with warnings.catch_warnings(), Monitor(model, quantities=quantities) as monitor:
            warnings.simplefilter("error")
            for _ in range(4):
                optimiser.zero_grad()
                model(x).square().mean().backward()
                optimiser.step()
            found.append(repr(monitor.readings))
            if inner is not None:
                inner.close()
                assert [layer.name for layer in inner.latest.layers] == ["0"]
    assert found[0] == found[1]


@pytest.mark.parametrize("every", [1, 3])
def test_the_loss_is_heard_before_steps_that_are_read_alone(every):
    model, criterion, there = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1)), nn.MSELoss(), []
    optimizer, x = torch.optim.SGD(model.parameters(), 0.1), torch.randn(5, 2)
    with Monitor(model, every=every, criterion=criterion) as monitor:
        for _ in range(7):
            optimizer.zero_grad()
            there.append(len(criterion._forward_hooks))
            criterion(model(x), x[:, :1]).backward()
            optimizer.step()
        assert all(reading.loss is not None for reading in monitor.readings)
    assert there == [int(step % every == 0) for step in range(7)]
    assert len(criterion._forward_hooks) == 0


def test_of_a_network_that_is_never_called_the_loss_is_heard():
    """As compiled ones, whose forward pass shows nothing."""
    model, criterion = nn.Linear(2, 1), nn.MSELoss()
    optimizer, x = torch.optim.SGD(model.parameters(), 0.1), torch.randn(5, 2)

    def train():
        for _ in range(4):
            optimizer.zero_grad()
            criterion(nn.functional.linear(x, model.weight, model.bias), x[:, :1]).backward()
            optimizer.step()

    monitor = Monitor(model, every=2, criterion=criterion)
    with pytest.warns(UserWarning, match="no forward pass"):
        train()
    assert [reading.step for reading in monitor.readings] == [0, 2]
    assert all(reading.loss is not None for reading in monitor.readings)


def test_of_checkpointed_segments_it_is_said_that_the_parts_are_called_alone():
    model, x = chain(3, 8, 2), torch.randn(5, 3, requires_grad=True)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model) as monitor:
        checkpoint_sequential(model, 2, x, use_reentrant=True).sum().backward()
        with pytest.warns(UserWarning, match="checkpoint_sequential calls its parts alone"):
            optimizer.step()
    assert monitor.latest.unread == 1


@pytest.mark.parametrize("held", [nn.ModuleDict, lambda parts: nn.ModuleList(parts.values())])
def test_of_what_holds_networks_alone_it_is_said_that_it_is_never_called(held):
    """As two networks of reinforcement learning, by one optimiser."""
    parts = {"policy": chain(3, 8, 2), "value": chain(3, 8, 2)}
    model, x = held(parts), torch.randn(5, 3)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model) as monitor, Monitor(parts["value"]) as of_part:
        sum(part(x).sum() for part in parts.values()).backward()
        with pytest.warns(UserWarning, match="no forward of its own, so that it is never called") as said:
            optimizer.step()
    assert len(said) == 1
    assert (monitor.latest.unread, of_part.latest.unread) == (1, 0)
    assert len(of_part.latest.layers) == 1


def test_a_state_says_whether_the_next_loss_is_heard():
    model, criterion = nn.Sequential(nn.Linear(2, 1)), nn.MSELoss()
    with Monitor(model, every=5, criterion=criterion) as monitor:
        early = monitor.state_dict()
        criterion(model(torch.ones(1, 2)), torch.ones(1, 1)).backward()
        monitor.step()
        assert len(criterion._forward_hooks) == 0
        monitor.load_state_dict(early)
        assert len(criterion._forward_hooks) == 1


@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize("first", [True, False])
def test_hooks_of_the_user_are_where_they_were_at_every_reading(every, first):
    """What they compute and return is in the readings if they came first, and never else."""
    torch.manual_seed(0)
    model, criterion = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1)), nn.MSELoss()
    optimizer, x = torch.optim.SGD(model.parameters(), 1e-12), torch.randn(5, 2)

    def add():
        model.register_forward_hook(lambda module, args, out: torch.relu(out) + 100 * out)
        criterion.register_forward_hook(lambda module, args, loss: 1000 * loss)

    if first:
        add()
    with Monitor(model, every=every, criterion=criterion) as monitor:
        if not first:
            add()
        for step in range(8):
            optimizer.zero_grad()
            criterion(model(x), x[:, :1]).backward()
            optimizer.step()
            if step % 3 == 1:
                with torch.no_grad():
                    criterion(model.eval()(x), x[:, :1])
                model.train()
        losses = [reading.loss for reading in monitor.readings]
        assert {len(reading.layers) for reading in monitor.readings} == {2 if first else 1}
    assert losses == pytest.approx([losses[0]] * len(losses), rel=0.01)
    assert len(model._forward_hooks) == len(criterion._forward_hooks) == 1
