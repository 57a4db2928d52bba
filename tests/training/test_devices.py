"""Trainings on a GPU end as on the CPU: numbers within rounding where nothing amplifies it, else how often.

Every test is made for the CPU too, which shows that the comparison itself works; `make test-gpu` makes those of a GPU.
"""

import copy
from dataclasses import fields

import numpy as np
import pytest
import torch
from device_pairs import EACH_DEVICE, assert_like
from torch import nn
from waits import Waits

from stability.errors import StabilityError
from stability.initialisation.sampling import starts
from stability.landscapes import landscape
from stability.model.update_rules import update_rule
from stability.training.control.controller import Controller
from stability.training.control.interventions import Intervention
from stability.training.control.policies import Policy, Rule
from stability.training.deep.datasets import two_moons
from stability.training.deep.settings import METHODS
from stability.training.deep.training import train_deep
from stability.training.devices import device_for
from stability.training.ensembles.engines import engine, has_compiler
from stability.training.ensembles.ensemble import train
from stability.training.ensembles.epochs import Stops, fresh
from stability.training.ensembles.problem import task
from stability.training.ensembles.reference_descent import descend
from stability.training.initialise import initialise_
from stability.training.introspection.layer_geometry import layer_geometry
from stability.training.monitoring.monitor import Monitor

MOONS = two_moons()
RULES = {
    "gd": update_rule("gd", step="1/10"),
    "heavy-ball": update_rule("heavy-ball", step="1/50", momentum="9/10"),
    "nesterov": update_rule("nesterov", step="1/50", momentum="9/10"),
    "adam": update_rule("adam", step="1/100"),
}


def test_the_device_is_one_that_there_is():
    assert device_for("cpu") == "cpu"
    assert device_for("auto") == ("cuda" if torch.cuda.is_available() else "cpu")
    with pytest.raises(StabilityError, match="auto, cpu or cuda"):
        device_for("tpu")


# Many restarts of small networks


@EACH_DEVICE
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("model", ["abs1", "relu2-out+c", "leaky1/10:2"])
def test_short_runs_of_an_ensemble_end_at_the_same_points(device, model, rule):
    how = {"epochs": 30, "restarts": 40, "dtype": "float64", "mode": "eager", "snapshots": (7,)}
    there, here = (train(task(model, "xor"), "normal:0.5", RULES[rule], device=d, **how) for d in (device, "cpu"))
    assert (there.device, here.device) == (device, "cpu")
    np.testing.assert_array_equal(there.starts, here.starts)
    np.testing.assert_allclose(there.points, here.points, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(there.snapshots[7], here.snapshots[7], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(there.losses, here.losses, rtol=1e-7, atol=1e-12)


@EACH_DEVICE
@pytest.mark.parametrize("mode", ["eager", "compiled"])
def test_an_ensemble_succeeds_as_often(device, mode):
    if mode == "compiled" and not has_compiler(device):
        pytest.skip(f"nothing compiles loops for {device} here")
    how = {"epochs": 400, "stop_loss": 1e-7, "patience": 11, "restarts": 2000}
    given = task("relu2", "xor")
    there = train(given, "normal:0.5", RULES["adam"], device=device, mode=mode, **how)
    here = train(given, "normal:0.5", RULES["adam"], device="cpu", mode="eager", **how)
    assert_like(int(there.success.sum()), int(here.success.sum()), 2000)
    for reason in range(4):
        assert_like(int((there.reasons == reason).sum()), int((here.reasons == reason).sum()), 2000)


@EACH_DEVICE
def test_a_restart_does_not_depend_on_its_company(device):
    how = {"epochs": 100, "stop_loss": 1e-7, "device": device, "mode": "eager"}
    whole = train(task("relu2", "xor"), "normal:0.5", RULES["adam"], restarts=70, **how)
    part = train(task("relu2", "xor"), "normal:0.5", RULES["adam"], restarts=5, **how)
    np.testing.assert_array_equal(part.points, whole.points[:5])
    np.testing.assert_array_equal(part.stopped, whole.stopped[:5])


@EACH_DEVICE
def test_the_reference_ends_as_often_at_a_solution(device):
    place = landscape("abs1", "xor")
    begin = starts(place, "normal:1:1", 300, seed=3)
    there, here = (descend(place, begin, step=0.05, epochs=1000, device=d) for d in (device, "cpu"))
    assert (there.device, here.device) == (device, "cpu")
    assert_like(int((there.losses < 0.5).sum()), int((here.losses < 0.5).sum()), 300)
    one, other = (descend(place, begin, step=0.05, epochs=5, device=d) for d in (device, "cpu"))
    np.testing.assert_allclose(one.points, other.points, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("stops", [Stops(), Stops(1e-7, 11)])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("model", ["abs1", "relu2-out+c"])
def test_epochs_of_an_ensemble_wait_for_nothing_but_the_examples(model, rule, stops):
    """The device meta has no numbers: what would ask it for one raises."""
    given = task(model, "xor")
    advance, _ = engine(given, RULES[rule], stops, "eager", "cpu", torch.float32, 8, 10)
    p = torch.empty(given.parameters, 8, device="meta")
    with torch.no_grad(), Waits() as waits:
        batch = advance(fresh(p, RULES[rule]), 0, 10)
    assert batch.p.is_meta
    assert waits.made == ["copy cpu to meta"] * len(waits.made)
    assert len(waits.made) <= 3


# Deep thin networks


@EACH_DEVICE
@pytest.mark.parametrize("method", METHODS)
def test_deep_networks_end_at_the_same_points_after_some_epochs(device, method):
    how = {"seeds": 3, "epochs": 12, "dtype": "float64", "dropout": 0.2}
    there, here = (train_deep(MOONS, 6, 4, method, device=d, **how) for d in (device, "cpu"))
    assert (there.device, here.device) == (device, "cpu")
    np.testing.assert_allclose(there.parameters, here.parameters, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(there.running, here.running, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(there.history["penalty"], here.history["penalty"], rtol=1e-6, atol=1e-8)
    for name in ("loss_final", "gradient_norm_end", "slack_units_end"):
        np.testing.assert_allclose(getattr(there, name), getattr(here, name), rtol=1e-5, atol=1e-8, err_msg=name)


@EACH_DEVICE
def test_deep_networks_learn_as_often(device):
    there, here = (train_deep(MOONS, 3, 5, "relu", seeds=32, epochs=150, device=d) for d in (device, "cpu"))
    assert_like(int((there.train_accuracy_max > 0.9).sum()), int((here.train_accuracy_max > 0.9).sum()), 32)


@EACH_DEVICE
def test_deep_networks_diverge_as_often_and_stay_finite(device):
    there, here = (train_deep(MOONS, 3, 3, "sep-u", seeds=32, epochs=20, lr=1e12, device=d) for d in (device, "cpu"))
    assert_like(int((there.diverged >= 0).sum()), int((here.diverged >= 0).sum()), 32)
    assert np.isfinite(there.parameters).all()
    assert np.isfinite(there.history["loss"]).all()


# Networks of others, monitored and controlled


def perceptron(dead=()):
    torch.manual_seed(1)
    parts = [nn.Linear(2, 12), nn.ReLU(), nn.Linear(12, 12), nn.ReLU(), nn.Linear(12, 12), nn.ReLU(), nn.Linear(12, 1)]
    model = nn.Sequential(*parts).double()
    for k in dead:
        nn.init.constant_(model[k].bias, -5.0)
    return model


def convolutions():
    torch.manual_seed(2)
    parts = [nn.Conv1d(2, 6, 3, padding=1), nn.BatchNorm1d(6), nn.ReLU(), nn.ConvTranspose1d(6, 4, 3), nn.ReLU()]
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(40, 1)).double()


NETWORKS = {"perceptron": (perceptron, (64, 2)), "convolutions": (convolutions, (16, 2, 8))}


def losses(out, x):
    return (out.flatten() - x.flatten(1)[:, 0].sign()).square()


def run(model, x, steps, observe):
    """Train on a device and return what observes it, closed."""
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    observer = observe(model)
    for _ in range(steps):
        optimiser.zero_grad()
        loss = losses(model(x), x).mean()
        loss.backward()
        if isinstance(observer, Monitor):
            observer.note(loss)
        optimiser.step()
    observer.close()
    return observer


def batch_of(shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(7), dtype=torch.float64)


@EACH_DEVICE
@pytest.mark.parametrize("name", NETWORKS)
def test_a_monitor_reads_the_same(device, name):
    make, shape = NETWORKS[name]
    model, x = make(), batch_of(shape)
    found = [
        run(copy.deepcopy(model).to(d), x.to(d), 4, lambda net: Monitor(net, detail=True, quantities="all")).readings
        for d in (device, "cpu")
    ]
    assert len(found[0]) == len(found[1]) == 4
    for there, here in zip(*found, strict=True):
        assert [(each.kind, each.layer) for each in there.alarms] == [(each.kind, each.layer) for each in here.alarms]
        for one, other in zip((there, *there.layers), (here, *here.layers), strict=True):
            for name in (each.name for each in fields(other)):
                alike(getattr(one, name), getattr(other, name), name)


def alike(value, expected, name):
    """Assert that a field is the same within rounding; alarms and layers are compared one by one."""
    if isinstance(expected, str | None):
        assert value == expected, name
    elif isinstance(expected, float | int):
        assert value == pytest.approx(expected, rel=1e-5, abs=1e-8, nan_ok=True), name
    elif all(isinstance(each, float | int) for each in expected):
        assert list(value) == pytest.approx(list(expected), rel=1e-5, abs=1e-8, nan_ok=True), name


@EACH_DEVICE
def test_readings_are_copied_from_the_device_together(device):
    model, x = perceptron().to(device), batch_of((64, 2)).to(device)
    with Waits() as waits:
        monitor = run(model, x, 6, Monitor)
        trained = list(waits.made)
        assert len(monitor.readings) == 6
    assert "copy cuda to cpu" not in trained
    assert waits.made[len(trained) :].count("copy cuda to cpu") <= 2  # the first reading has a layout of its own


ROTATION = Policy("rotation", (Rule("no torque", (Intervention("random rotation", 0.3),), limit=1.0),))
DEAD = {"revival": "revive", "as the careful do": "careful"}


@EACH_DEVICE
@pytest.mark.parametrize("policy", DEAD.values(), ids=DEAD)
def test_a_controller_does_the_same_to_a_dead_layer(device, policy):
    x, logs, weights = batch_of((64, 2)), [], []
    for d in (device, "cpu"):
        model, own = perceptron(dead=[2]).to(d), x.to(d)
        control = run(
            model, own, 40, lambda net, own=own: Controller(net, policy, per_example_loss=lambda out: losses(out, own))
        )
        done = [(each.action, each.changed, each.reason) for each in control.log]
        logs.append([(a.step, a.alarm.kind, a.alarm.layer, a.verb, changed, reason) for a, changed, reason in done])
        weights.append([p.detach().cpu() for p in model.parameters()])
    assert logs[0] == logs[1] != []
    for there, here in zip(*weights, strict=True):
        torch.testing.assert_close(there, here, rtol=1e-4, atol=1e-6)


@EACH_DEVICE
def test_a_controller_draws_the_same_numbers(device):
    found = []
    for d in (device, "cpu"):
        model = perceptron().to(d)
        control = run(model, batch_of((64, 2)).to(d), 2, lambda net: Controller(net, ROTATION, seed=5))
        assert any(entry.changed for entry in control.log)
        found.append([p.detach().cpu() for p in model.parameters()])
    for there, here in zip(*found, strict=True):
        torch.testing.assert_close(there, here, rtol=1e-6, atol=1e-9)


@EACH_DEVICE
def test_a_controller_mends_as_often(device):
    """A network with a dead layer returns one number for all examples."""
    ends = []
    for d in (device, "cpu"):
        mended = 0
        for seed in range(4):
            x = torch.randn(32, 2, generator=torch.Generator().manual_seed(seed)).double().to(d)
            model = perceptron(dead=[0, 2, 4]).to(d)
            run(model, x, 25, lambda net, x=x: Controller(net, "revive", per_example_loss=lambda out: losses(out, x)))
            mended += model(x).std().item() > 1e-3
        ends.append(mended)
    assert_like(*ends, 4)
    assert ends[1] >= 3


@EACH_DEVICE
def test_a_penalty_that_is_on_waits_for_nothing(device):
    model, x = perceptron().to(device), batch_of((64, 2)).to(device)
    optimiser = torch.optim.SGD(model.parameters(), 1e-3)
    rules = (Rule("plateau", (Intervention("separation", 0.01, 500),), limit=0.01),)
    made = []
    with Controller(model, Policy("separate later", rules), every=4) as control:
        control._effects._penalties.switch_on(("", "plateau"), rules[0].interventions[0])
        for _ in range(8):
            with Waits() as waits:
                optimiser.zero_grad()
                losses(model(x), x).mean().backward()
                before = model[0].weight.grad.clone()
                optimiser.step()
            made.append(waits.made)
            assert not torch.equal(model[0].weight.grad, before)
    assert [made[k] for k in (1, 2, 3, 5, 6, 7)] == [[]] * 6
    with Waits() as waits:
        assert x.sum().item() != 0
    assert waits.made


@EACH_DEVICE
def test_starts_and_geometry_are_the_same(device):
    x, found, tables = batch_of((40, 2)), [], []
    for d in (device, "cpu"):
        model = perceptron().to(d)
        initialise_(model, "hypersphere", data=x, seed=4)
        found.append([p.detach().cpu() for p in model.parameters()])
        tables.append(str(layer_geometry(model, x)))
    for there, here in zip(*found, strict=True):
        torch.testing.assert_close(there, here, rtol=1e-9, atol=1e-9)
    assert tables[0] == tables[1]
