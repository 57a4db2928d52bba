"""Batched descent against torch.optim.SGD, one restart at a time, and against known minima."""

import numpy as np
import pytest
import torch

from stability import Landscape, landscape
from stability.errors import DataError, PointError, StabilityError, UnknownNameError
from stability.initialisation.sampling import starts
from stability.model.datasets import Dataset
from stability.model.flat_points import point_shape
from stability.model.networks import Network
from stability.model.units import UNITS, Unit, unit
from stability.training.ensembles.reference_descent import LOOK, descend

ABS1 = landscape("abs1", "xor")
SPELLINGS = {"relu": "relu", "abs": "abs", "leaky": "leaky1/10"}


class Plain(torch.nn.Module):
    """The same sum of units, built from torch's layers for a single start."""

    def __init__(self, start, act):
        super().__init__()
        self.linear = torch.nn.Linear(start.shape[1] - 1, start.shape[0], dtype=torch.float64)
        self.act = act
        with torch.no_grad():
            self.linear.weight.copy_(torch.from_numpy(start[:, :-1]))
            self.linear.bias.copy_(torch.from_numpy(start[:, -1]))

    def forward(self, x):
        return self.act(self.linear(x)).sum(1)


def sgd(exact, start, step, epochs):
    acts = {"relu": torch.nn.ReLU(), "abs": torch.abs, "leaky": torch.nn.LeakyReLU(0.1)}
    act = next(act for name, act in acts.items() if exact.network.unit.name.startswith(name))
    x = torch.tensor([[float(v) for v in p] for p in exact.data.points], dtype=torch.float64)
    y = torch.tensor([float(v) for v in exact.data.labels], dtype=torch.float64)
    model, criterion = Plain(start, act), torch.nn.MSELoss(reduction=exact.loss_kind)
    optimiser = torch.optim.SGD(model.parameters(), lr=step)
    for _ in range(epochs):
        optimiser.zero_grad()
        criterion(model(x), y).backward()
        optimiser.step()
    end = torch.cat([model.linear.weight, model.linear.bias[:, None]], 1).detach().numpy()
    return end, criterion(model(x), y).item(), model(x).detach().numpy()


class WithLayer(torch.nn.Module):
    """A network with an output layer built from torch's layers, for one start: rows (w, b, a), then c."""

    def __init__(self, net, dimension, start):
        super().__init__()
        self.net, self.d = net, dimension
        flat = torch.from_numpy(start.ravel().copy())
        rows = flat[: len(flat) - net.output_bias].reshape(net.count, -1)
        biases, end = net.hidden_biases, dimension + net.hidden_biases
        self.linear = torch.nn.Linear(dimension, net.count, bias=biases, dtype=torch.float64)
        self.linear.weight.data = rows[:, :dimension].clone()
        if biases:
            self.linear.bias.data = rows[:, dimension].clone()
        a = rows[:, end] if net.trainable else torch.tensor([float(w) for w in net.weights], dtype=torch.float64)
        self.a = torch.nn.Parameter(a.clone(), requires_grad=net.trainable)
        self.c = torch.nn.Parameter(flat[-1:].clone() if net.output_bias else torch.zeros(1, dtype=torch.float64))
        self.c.requires_grad_(net.output_bias)

    def forward(self, x):
        act = torch.nn.functional.leaky_relu(self.linear(x), 0.1)
        return act @ self.a + self.c

    def flat(self):
        columns = [self.linear.weight] + ([self.linear.bias[:, None]] if self.net.hidden_biases else [])
        columns += [self.a[:, None]] if self.net.trainable else []
        rows = torch.cat(columns, 1).ravel()
        return torch.cat([rows, self.c] if self.net.output_bias else [rows]).detach().numpy()


@pytest.mark.parametrize("kind", ["sum", "mean"])
@pytest.mark.parametrize("end", [":2-nob", "[-,3/2]", "[+,-]+c", ":2-out", ":3-out+c", ":2-out+c-nob"])
def test_each_restart_with_an_output_layer_is_a_single_run_of_sgd(end, kind):
    exact = landscape(f"leaky1/10{end}", "xor", kind)
    begin = starts(exact, "uniform:1", 3, seed=4)
    found = descend(exact, begin, step=0.02, epochs=100, stop_gradient=0, device="cpu")
    assert found.points.shape == begin.shape
    x, y = (torch.tensor(np.array(v, dtype=float)) for v in (exact.data.points, exact.data.labels))
    for i, start in enumerate(begin):
        module, criterion = WithLayer(exact.network, 2, start), torch.nn.MSELoss(reduction=kind)
        optimiser = torch.optim.SGD([p for p in module.parameters() if p.requires_grad], lr=0.02)
        for _ in range(100):
            optimiser.zero_grad()
            criterion(module(x), y).backward()
            optimiser.step()
        assert np.allclose(found.points[i].ravel(), module.flat(), rtol=1e-11, atol=1e-12)
        assert np.allclose(found.outputs[i], module(x).detach(), rtol=1e-11, atol=1e-12)
        point = exact.by_unit(found.points[i].ravel())
        assert found.losses[i] == pytest.approx(float(exact.loss(point)), rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("model", ["relu2-linear", "leaky1/10:2-out2"])
def test_several_outputs_agree_with_exact_arithmetic(model):
    data = "xor" if model.endswith("linear") else Dataset("two", [[1, -1], [0, 2], [1, 1]], [[1, 0], [2, 3], [-1, 1]])
    exact = landscape(model, data, "mean")
    begin = starts(exact, "torch-default", 4, seed=0)
    assert begin.shape[1:] == point_shape(exact)
    found = descend(exact, begin, step=0.1, epochs=30)
    for i, row in enumerate(found.points.reshape(4, -1)):
        rows = [list(row[k : k + exact.stride]) for k in range(0, exact.units * exact.stride, exact.stride)]
        point = [*rows, list(row[exact.units * exact.stride :])] if exact.network.output_bias else rows
        assert found.losses[i] == pytest.approx(float(exact.loss(point)), rel=1e-12)
        slopes = [float(g) for g in exact.autograd_gradient(point)]
        assert found.gradient_norms[i] == pytest.approx(float(np.linalg.norm(slopes)), rel=1e-9, abs=1e-15)
        assert np.allclose(found.outputs[i], np.array(exact.outputs(point), dtype=float), atol=1e-14)


def test_starts_with_an_output_bias_are_flat():
    place = landscape("relu2-out+c", "xor")
    for wrong in (np.zeros((2, 2, 4)), np.zeros((2, 8)), np.zeros((2, 2, 3))):
        with pytest.raises(PointError, match=r"shape \(restarts, 9\)"):
            descend(place, wrong, step=0.1, epochs=1)
    assert descend(place, np.zeros((2, 9)), step=0.1, epochs=1).points.shape == (2, 9)


def test_every_unit_has_a_case():
    assert set(SPELLINGS) == set(UNITS)


@pytest.mark.parametrize("kind", ["sum", "mean"])
@pytest.mark.parametrize("name", list(UNITS))
@pytest.mark.parametrize("data", ["xor", "parity:3", "moons:9:2"])
def test_each_restart_is_a_single_run_of_sgd(name, data, kind):
    exact = landscape(Network(unit(SPELLINGS[name]), 2), data, kind)
    begin = starts(exact, "normal:0.5:0.5", 3, seed=4)
    end = descend(exact, begin, step=0.01, epochs=120, stop_gradient=0, device="cpu")
    assert end.epochs.tolist() == [120] * 3
    for i, start in enumerate(begin):
        point, loss, outputs = sgd(exact, start, 0.01, 120)
        assert np.allclose(end.points[i], point, rtol=1e-11, atol=1e-12)
        assert end.losses[i] == pytest.approx(loss, rel=1e-11, abs=1e-14)
        assert np.allclose(end.outputs[i], outputs, rtol=1e-11, atol=1e-12)


def test_the_end_agrees_with_exact_arithmetic():
    exact = landscape("relu2", "xor", "mean")
    end = descend(exact, starts(exact, "normal:1", 4, seed=0), step=0.1, epochs=30)
    for i, point in enumerate(end.points):
        assert end.losses[i] == pytest.approx(float(exact.loss(point)), rel=1e-12)
        slopes = [float(g) for g in exact.autograd_gradient(point)]
        assert end.gradient_norms[i] == pytest.approx(float(np.linalg.norm(slopes)), rel=1e-9, abs=1e-15)
        assert end.outputs[i] == pytest.approx([float(v) for v in exact.outputs(point)], abs=1e-14)


def test_chunks_and_company_do_not_matter():
    begin = starts(ABS1, "normal:0.5:0.5", 23, seed=2)
    settings = {"step": 0.02, "epochs": 400, "device": "cpu"}
    whole = descend(ABS1, begin, **settings)
    for chunk in (1, 5, 23, 99):
        parts = descend(ABS1, begin, chunk=chunk, **settings)
        assert np.allclose(parts.points, whole.points, rtol=0, atol=1e-12)
        assert np.abs(parts.epochs - whole.epochs).max() <= 1
    alone = descend(ABS1, begin[7:8], **settings)
    assert np.allclose(alone.points[0], whole.points[7], rtol=0, atol=1e-12)


def test_one_absolute_unit_on_xor_ends_in_its_four_minima():
    end = descend(ABS1, starts(ABS1, "normal:1:1", 300, seed=11), step=0.05, epochs=3000)
    minima = {(0.5, -0.5, 0): 0, (-0.5, 0.5, 0): 0, (0, 0, 0.5): 1, (0, 0, -0.5): 1}
    found = {tuple(np.round(point[0], 6) + 0.0): loss for point, loss in zip(end.points, end.losses, strict=True)}
    assert set(found) == set(minima)
    assert all(found[point] == pytest.approx(loss, abs=1e-12) for point, loss in minima.items())
    assert end.finite.all()
    assert (end.gradient_norms < 1e-10).all()
    assert (end.epochs < 3000).all()


def test_each_restart_stops_by_itself_and_then_stays():
    begin = np.array([[[0.5, -0.5, 1e-6]], [[0.7, -0.1, 0.2]]])
    end = descend(ABS1, begin, step=0.02, epochs=3 * LOOK + 1, stop_gradient=1e-5)
    assert 0 < end.gradient_norms[0] < 1e-5
    assert end.epochs[0] == 0
    assert end.epochs[1] > LOOK
    assert np.array_equal(end.points[0], begin[0])


def test_no_epochs_evaluates_only():
    begin = starts(ABS1, "normal:1", 2, seed=0)
    end = descend(ABS1, begin, step=1, epochs=0)
    assert np.array_equal(end.points, begin)
    assert end.epochs.tolist() == [0, 0]


def test_divergence_is_reported_and_leaves_the_others_alone():
    begin = np.array([[[0.5, -0.5, 0.0]], [[3.0, 1.0, 2.0]]])
    end = descend(ABS1, begin, step=10, epochs=2000)
    assert end.finite.tolist() == [True, False]
    assert end.losses[0] == 0
    assert end.epochs[1] < 2000


def test_starts_are_not_written_to():
    begin = starts(ABS1, "normal:1", 3, seed=0)
    copy = begin.copy()
    descend(ABS1, begin, step=0.1, epochs=5)
    assert np.array_equal(begin, copy)


@pytest.mark.parametrize(
    "settings",
    [
        {"step": 0},
        {"step": -1},
        {"step": float("nan")},
        {"step": float("inf")},
        {"epochs": -1},
        {"stop_gradient": -1},
        {"stop_gradient": float("nan")},
        {"chunk": 0},
        {"device": "tpu"},
    ],
)
def test_settings_that_make_no_sense(settings):
    with pytest.raises(StabilityError) as caught:
        descend(ABS1, [[[1, 2, 3]]], **{"step": 0.1, "epochs": 1, **settings})
    assert caught.value.remedy


@pytest.mark.parametrize(
    "begin",
    [
        [],
        None,
        [[1, 2, 3]],
        [[[1, 2]]],
        [[[1, 2, 3]] * 2],
        np.zeros((0, 1, 3)),
        [[[1, 2, "x"]]],
        [[[1], [2, 3]]],
        [[[1, 2, float("nan")]]],
        [[[1, 2, float("inf")]]],
    ],
)
def test_starts_that_make_no_sense(begin):
    with pytest.raises(PointError) as caught:
        descend(ABS1, begin, step=0.1, epochs=1)
    assert "rng.normal(size=" in caught.value.remedy


def test_data_and_units_that_torch_cannot_hold():
    huge = landscape("abs1", Dataset("huge", (("1e400",),), (1,)))
    with pytest.raises(DataError, match="range of float64"):
        descend(huge, [[[1, 2]]], step=0.1, epochs=1)
    zero = ABS1.network.unit.kink_slope
    strange = Landscape(Network(Unit("swish", zero, zero + 1, zero), 1), ABS1.data)
    with pytest.raises(UnknownNameError, match="swish"):
        descend(strange, [[[1, 2, 3]]], step=0.1, epochs=1)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_asking_for_a_gpu_where_there_is_none():
    with pytest.raises(StabilityError, match="Write auto or cpu"):
        descend(ABS1, [[[1, 2, 3]]], step=0.1, epochs=1, device="cuda")
    assert descend(ABS1, [[[1, 2, 3]]], step=0.1, epochs=1).device == "cpu"
