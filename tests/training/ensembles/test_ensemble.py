"""Many runs at once are what single runs of torch.optim are, whatever way they are computed."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest
import torch
from forked_processes import forking

from stability import Landscape, landscape
from stability.errors import DataError, StabilityError, UnknownNameError
from stability.initialisation.sampling import initial
from stability.model.datasets import Dataset, dataset
from stability.model.flat_points import by_rows, layer_order
from stability.model.networks import Network
from stability.model.units import leaky_relu
from stability.model.update_rules import update_rule
from stability.training.ensembles import ensemble
from stability.training.ensembles.ensemble import place_of, train
from stability.training.ensembles.epochs import REASONS
from stability.training.ensembles.gradients import evaluate, numbers, stacked, unrolled
from stability.training.ensembles.problem import task

ADAM = update_rule("adam", step="1/100", beta2="99/100")
RULES = [
    update_rule("gd", step="1/10"),
    update_rule("heavy-ball", step="1/50"),
    update_rule("nesterov", step="1/50"),
    ADAM,
]
THEIRS = {
    "gd": lambda p, c: torch.optim.SGD(p, lr=c.step),
    "heavy-ball": lambda p, c: torch.optim.SGD(p, lr=c.step, momentum=c.momentum),
    "nesterov": lambda p, c: torch.optim.SGD(p, lr=c.step, momentum=c.momentum, nesterov=True),
    "adam": lambda p, c: torch.optim.Adam(p, lr=c.step, betas=(c.beta1, c.beta2), eps=c.eps),
}
MODELS = ["relu2", "abs1", "leaky1/10:2", "relu2-linear", "abs3-linear"]
LAYERS = ["relu[+,-]", "abs[1,-1/2]+c", "relu2-nob", "leaky1/10[-,2]+c-nob", "relu3-out", "abs2-out-nob",
          "leaky1/10:2-out+c"]  # fmt: skip
ACTS = {"relu": torch.relu, "abs": torch.abs, "leaky": lambda z: torch.nn.functional.leaky_relu(z, 0.1)}

TWO = Dataset("two columns", [[1, -1], [0, 2], [1, 1]], [[1, 0], ["1/2", 3], [-1, 1]])


def starts(given, count, seed=0, scale=0.5):
    return np.random.default_rng(seed).normal(size=(count, given.parameters)) * scale


class Module(torch.nn.Module):
    """The same network built from torch's layers, for one start."""

    def __init__(self, given, start):
        super().__init__()
        net, self.flat_start = given.network, torch.from_numpy(start)
        self.act = next(act for name, act in ACTS.items() if net.unit.name.startswith(name))
        self.first = self.taken(given.data.dimension, net.count, net.hidden_biases)
        self.head = self.taken(net.count, net.outputs, net.output_bias) if net.trainable else None
        self.fixed = torch.tensor([float(a) for a in net.weights], dtype=torch.float64)
        alone = net.output_bias and not net.trainable
        self.constant = torch.nn.Parameter(self.flat_start[:1].clone()) if alone else None
        assert len(self.flat_start) == alone

    def taken(self, inputs, outputs, bias):
        """Return a layer with the numbers that come next."""
        layer = torch.nn.Linear(inputs, outputs, bias=bias, dtype=torch.float64)
        size = outputs * (inputs + bias)
        rows, self.flat_start = self.flat_start[:size].reshape(outputs, -1), self.flat_start[size:]
        layer.weight.data = rows[:, :inputs].clone()
        if bias:
            layer.bias.data = rows[:, -1].clone()
        return layer

    def forward(self, x):
        h = self.act(self.first(x))
        outs = (h * self.fixed).sum(1, keepdim=True) if self.head is None else self.head(h)
        return outs if self.constant is None else outs + self.constant

    def flat(self, what):
        parts = []
        for layer in (each for each in (self.first, self.head) if each is not None):
            columns = [what(layer.weight)] + ([] if layer.bias is None else [what(layer.bias)[:, None]])
            parts.append(torch.cat(columns, 1).reshape(-1))
        return torch.cat(parts + ([] if self.constant is None else [what(self.constant)]))


def data_of(given):
    return torch.from_numpy(given.points), torch.from_numpy(given.targets)


@pytest.mark.parametrize("loss", ["mean", "sum"])
@pytest.mark.parametrize("data", ["xor", "parity:3", "moons:9:2"])
@pytest.mark.parametrize("model", MODELS + LAYERS)
def test_both_forms_of_the_gradient_are_those_of_autograd(model, data, loss):
    given = task(model, data, loss)
    begin = starts(given, 7)
    p = torch.from_numpy(begin.T.copy())
    losses, slopes = stacked(given, p)
    lane_loss, lane_slopes = unrolled(numbers(given), list(p))
    assert torch.equal(losses, lane_loss)
    assert torch.equal(slopes, torch.stack(lane_slopes))
    assert torch.equal(losses, evaluate(given, p)[0])
    x, y = data_of(given)
    for i, start in enumerate(begin):
        module = Module(given, start)
        value = torch.nn.MSELoss(reduction=loss)(module(x), y)
        value.backward()
        assert losses[i].item() == pytest.approx(value.item(), rel=1e-12)
        assert torch.allclose(slopes[:, i], module.flat(lambda q: q.grad), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("model", ["relu2", "abs2", "leaky1/10:2", "relu[-,1/2]+c", "leaky1/10:2-out+c"])
def test_at_a_kink_the_slope_is_that_of_torch(model):
    given = task(model, "xor")
    begin = np.array([[0.0, 0, 0, 1, 1, 0], [1, 1, -2, 1, -1, -2]])
    begin = np.concatenate([begin, np.full((2, given.parameters - 6), 0.25)], axis=1)
    slopes = stacked(given, torch.from_numpy(begin.T.copy()))[1]
    x, y = data_of(given)
    for i, start in enumerate(begin):
        module = Module(given, start)
        torch.nn.MSELoss()(module(x), y).backward()
        assert torch.allclose(slopes[:, i], module.flat(lambda q: q.grad), atol=1e-14)


@pytest.mark.parametrize("each", RULES, ids=lambda r: r.name)
@pytest.mark.parametrize("model", ["relu2", "relu2-linear", "relu[+,-]", "leaky1/10:2-out+c"])
def test_a_single_run_has_the_bits_of_torch_optim(model, each):
    given = task(model, "xor")
    begin = starts(given, 1, seed=3)
    mine = torch.nn.Parameter(torch.from_numpy(begin[0].copy()))
    optimiser = THEIRS[each.name]([mine], each.floats)
    path = []
    for _ in range(200):
        mine.grad = stacked(given, mine.detach()[:, None])[1][:, 0]
        optimiser.step()
        path.append(mine.detach().numpy().copy())
    found = train(given, begin, each, epochs=200, dtype="float64", mode="torch", snapshots=range(1, 201), device="cpu")
    assert all(np.array_equal(found.snapshots[t + 1][0], path[t]) for t in range(200))
    plain = train(given, begin, each, epochs=200, dtype="float64", mode="eager", device="cpu")
    assert np.allclose(plain.points, found.points, rtol=1e-9, atol=1e-12)


def one_by_one(given, start, each, epochs, stop_loss, patience):
    """Train one run by torch.optim in plain Python: return steps, reason, and parameters."""
    p, best, waited = torch.nn.Parameter(torch.from_numpy(start.copy())), np.inf, 0
    optimiser = THEIRS[each.name]([p], each.floats)
    for epoch in range(epochs):
        losses, slopes = stacked(given, p.detach()[:, None])
        loss = losses.item()
        best, waited = (loss, 0) if loss < best else (best, waited + 1)
        if not np.isfinite(loss):
            return epoch, "diverged", p.detach()
        if loss < stop_loss:
            return epoch, "loss", p.detach()
        if patience is not None and waited >= patience:
            return epoch, "patience", p.detach()
        p.grad = slopes[:, 0]
        optimiser.step()
    return epochs, "epochs", p.detach()


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize(
    ("model", "each", "scale", "stop_loss", "patience", "reasons"),
    [
        ("relu2", ADAM, 0.5, 1e-3, 5, {"loss", "patience", "epochs"}),
        ("abs3-linear", update_rule("nesterov", step="1/50"), 0.5, 1e-4, None, {"loss", "epochs"}),
        ("abs1", update_rule("gd", step="9/10"), 2, 1e-3, 3, {"loss", "patience"}),
        ("abs2", update_rule("heavy-ball", step=30), 2, 0.0, None, {"diverged"}),
        ("relu3-out+c", ADAM, 0.5, 1e-3, 5, {"loss", "patience", "epochs"}),
    ],
)
def test_every_run_stops_as_a_plain_loop_does(model, each, scale, stop_loss, patience, reasons):
    given = task(model, "xor")
    begin = starts(given, 20, seed=5, scale=scale)
    settings = {"epochs": 150, "stop_loss": stop_loss, "patience": patience}
    found = train(given, begin, each, **settings, dtype="float64", mode="torch", device="cpu")
    for i, start in enumerate(begin):
        epochs, reason, p = one_by_one(given, start, each, **settings)
        assert (found.stopped[i], REASONS[found.reasons[i]]) == (epochs, reason)
        assert np.array_equal(found.points[i], p)
        assert np.array_equal(found.losses[i], evaluate(given, p[:, None])[0].item(), equal_nan=True)
    assert {REASONS[k] for k in found.reasons} == reasons


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_too_large_steps_diverge_and_say_so(dtype):
    given = task("relu2", "xor", "sum")
    found = train(given, starts(given, 40, scale=2), update_rule("gd", step=3), epochs=400, dtype=dtype)
    gone = found.reasons == REASONS.index("diverged")
    assert gone.any()
    assert (found.stopped[gone] < 400).all()
    assert not np.isfinite(found.losses[gone]).any()
    assert not found.success[gone].any()


HOW = {"epochs": 120, "stop_loss": 1e-4, "patience": 8, "device": "cpu"}


def same(a, b, count=None):
    names = ("starts", "points", "losses", "stopped", "reasons", "accuracies")
    return all(np.array_equal(getattr(a, n)[:count], getattr(b, n)[:count]) for n in names)


@pytest.mark.parametrize("init", ["kaiming-normal", "loss-below:0.5:0.4"])
@pytest.mark.parametrize("model", ["relu2", "relu2-linear", "relu[+,-]+c", "abs2-out-nob"])
def test_a_run_does_not_depend_on_its_company(model, init):
    given = task(model, "xor")
    whole = train(given, init, ADAM, restarts=1000, seed=7, **HOW)
    assert same(whole, train(given, init, ADAM, restarts=137, seed=7, **HOW), 137)
    assert same(whole, train(given, init, ADAM, restarts=1000, seed=7, chunk=300, **HOW))
    assert same(whole, train(given, initial(init, place_of(given), 1000, 7), ADAM, **HOW))
    assert not same(whole, train(given, init, ADAM, restarts=1000, seed=8, **HOW))
    with ThreadPoolExecutor(2) as pool:
        assert same(whole, train(given, init, ADAM, restarts=1000, seed=7, chunk=250, executor=pool, **HOW))


def test_processes_give_the_same():
    given = task("relu2", "xor")
    whole = train(given, "normal:0.5", ADAM, restarts=400, **HOW)
    with ProcessPoolExecutor(2, mp_context=forking()) as pool:
        assert same(whole, train(given, "normal:0.5", ADAM, restarts=400, chunk=200, executor=pool, **HOW))


def test_snapshots_are_what_shorter_runs_end_with():
    given = task("abs1", "xor")
    long = train(given, "normal:1:1", ADAM, restarts=50, epochs=90, snapshots=(0, 40, 90))
    assert np.array_equal(long.snapshots[40], train(given, "normal:1:1", ADAM, restarts=50, epochs=40).points)
    assert np.array_equal(long.snapshots[90], long.points)
    assert np.array_equal(long.snapshots[0], long.starts.astype(np.float32))
    stopping = train(given, "normal:1:1", ADAM, restarts=50, **HOW, snapshots=range(0, 121, 10))
    for t, points in stopping.snapshots.items():
        shorter = train(given, "normal:1:1", ADAM, restarts=50, **{**HOW, "epochs": t})
        assert np.array_equal(points, shorter.points)
        assert np.array_equal(shorter.stopped, np.minimum(stopping.stopped, t))


def test_many_epochs_cost_nothing_once_all_have_stopped():
    how = {"epochs": 10**12, "stop_loss": 1e9, "snapshots": (10**11,), "mode": "eager"}
    found = train(task("abs1", "xor"), "normal:1", ADAM, restarts=9, **how)
    assert (found.stopped == 0).all()
    assert np.array_equal(found.snapshots[10**11], found.points)


def test_large_tasks_come_in_small_chunks():
    assert ensemble.at_once(task("relu2", "xor")) == ensemble.CHUNK
    assert ensemble.at_once(task("relu100", "moons:1000:1")) == ensemble.ENTRIES // 100_000


def test_a_stopped_run_stays_where_it_stopped():
    given = task("abs1", "xor")
    how = {"restarts": 200, "stop_loss": 1e-3, "snapshots": (60, 90)}
    found = train(given, "normal:1", update_rule("gd", step="1/4"), epochs=90, **how)
    early = found.stopped <= 60
    assert early.sum() > 100
    assert np.array_equal(found.snapshots[60][early], found.points[early])


def test_nothing_is_trained_in_no_epochs():
    found = train(task("relu2", "xor"), "normal:0.5", ADAM, restarts=20, epochs=0)
    assert np.array_equal(found.points, found.starts.astype(np.float32))
    assert (found.stopped == 0).all()


def test_right_and_wrong():
    one = task("relu1", "xor")
    outputs = np.array([[[0.6], [0.51], [0.4], [-1]], [[0.5], [1], [0], [0.5]], [[np.nan], [1], [0], [0]]])
    assert one.right(outputs).sum(1).tolist() == [4, 3, 3]
    two = task("relu2-linear", "xor")
    outputs = np.array([[[0, 1], [0, 1], [1, 0], [1, 0]], [[1, 1], [0, 1], [1, 1], [np.inf, 0]]], dtype=float)
    assert two.right(outputs).sum(1).tolist() == [4, 2]
    shifted = task("relu1", Dataset("shifted", [[0], [1]], [-3, 5]))
    assert shifted.right(np.array([[[0.9], [1.1]], [[1.0], [1.0]]])).tolist() == [[True, True], [True, False]]


def test_one_point_one_unit_and_many_coordinates():
    wide = Dataset("wide", [[k, 0, -k, 1, 2, 3] for k in range(3)], [0, 1, 0])
    found = train(task("relu1", wide), "normal:0.1", ADAM, restarts=5, epochs=20)
    assert np.isfinite(found.points).all()
    assert found.points.shape == (5, 7)
    point = Dataset("point", [[2]], [1])
    single = train(task("relu1", point), "normal:1", update_rule("gd", step="1/20"), restarts=30, epochs=500)
    assert np.isnan(single.accuracies).all()


def test_an_interruption_keeps_whole_chunks(monkeypatch):
    real, seen = ensemble._chunk, []

    def chunk(*arguments):
        seen.append(arguments)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(ensemble, "_chunk", chunk)
    found = train(task("relu2", "xor"), "normal:0.5", ADAM, restarts=100, chunk=30, epochs=5)
    assert (found.restarts, found.wanted) == (60, 100)


def test_progress_is_reported():
    report = []
    train(
        task("relu2", "xor"), "normal:0.5", ADAM, restarts=50, chunk=20, epochs=2, progress=lambda *d: report.append(d)
    )
    assert report == [("restarts", 20, 50), ("restarts", 40, 50), ("restarts", 50, 50)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"restarts": 0},
        {"seed": -1},
        {"epochs": -1},
        {"chunk": 0},
        {"patience": 0},
        {"stop_loss": -1.0},
        {"stop_loss": float("nan")},
        {"dtype": "float16"},
        {"device": "tpu"},
        {"mode": "fast"},
        {"snapshots": (6,)},
        {"snapshots": (-1,)},
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_reported(wrong):
    with pytest.raises(StabilityError, match="Expected"):
        train(task("relu2", "xor"), "normal:0.5", ADAM, **{"epochs": 5, "restarts": 3, **wrong})


@pytest.mark.parametrize(
    "begin",
    [
        np.zeros((3, 5)),
        np.zeros(6),
        np.zeros((2, 2, 3)),
        np.full((2, 6), np.nan),
        np.full((2, 6), np.inf),
        None,
        [[1, 2, 3, 4, 5, "x"]],
        [[1, 2], [3]],
    ],
)
def test_starts_that_do_not_fit_are_reported(begin):
    with pytest.raises(StabilityError, match="finite starts of shape"):
        train(task("relu2", "xor"), begin, ADAM, epochs=5)


def test_no_starts_are_reported():
    with pytest.raises(StabilityError, match="at least 1"):
        train(task("relu2", "xor"), np.zeros((0, 6)), ADAM, epochs=5)


def test_the_nearest_name_is_reported():
    with pytest.raises(UnknownNameError, match="Did you mean 'compiled'"):
        train(task("relu2", "xor"), "normal:0.5", ADAM, epochs=5, restarts=3, mode="compile")
    with pytest.raises(UnknownNameError, match="Did you mean 'hypersphere'"):
        train(task("relu2", "xor"), "hypershpere", ADAM, epochs=5, restarts=3)


def test_parameters_stand_layer_after_layer():
    given = task("relu2-out+c", "xor")
    assert (given.hidden, given.head_width, given.parameters) == (6, 3, 9)
    place, row = given.landscape, np.random.default_rng(4).normal(size=9)
    point = [[*row[:3], row[6]], [*row[3:6], row[7]], [row[8]]]
    loss, outputs = (x.numpy() for x in evaluate(given, torch.from_numpy(row[:, None].copy())))
    assert loss[0] == pytest.approx(float(place.loss(point)), rel=1e-12)
    assert outputs[0, :, 0] == pytest.approx([float(v) for v in place.outputs(point)], rel=1e-12)
    assert by_rows(place, row[None])[0].tolist() == [float(x) for own in point for x in own]


@pytest.mark.parametrize("model", LAYERS)
@pytest.mark.parametrize("loss", ["sum", "mean"])
def test_losses_and_gradients_are_those_of_the_exact_landscape(model, loss):
    given = task(model, "parity:3", loss)
    place, begin = given.landscape, np.round(starts(given, 3, seed=2), 3)
    losses, slopes = (x.numpy() for x in stacked(given, torch.from_numpy(begin.T.copy())))
    order = layer_order(place)
    for i, row in enumerate(by_rows(place, begin).reshape(3, -1)):
        point = place.by_unit([Fraction(x) for x in row])
        assert losses[i] == pytest.approx(float(place.loss(point)), rel=1e-12)
        exact = np.array([float(g) for g in place.gradient(point)])
        assert slopes[:, i] == pytest.approx(exact[order], rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("model", ["relu2-out2", "leaky1/10:2-out2+c", "relu2-out2+c-nob"])
@pytest.mark.parametrize("loss", ["sum", "mean"])
def test_several_columns_of_labels_are_the_targets_of_several_outputs(model, loss):
    given, place = task(model, TWO, loss), landscape(model, TWO, loss)
    begin = np.round(starts(given, 4, seed=2), 3)
    p = torch.from_numpy(begin.T.copy())
    losses, slopes = stacked(given, p)
    assert torch.equal(slopes, torch.stack(unrolled(numbers(given), list(p))[1]))
    for i, row in enumerate(by_rows(place, begin).reshape(4, -1)):
        point = place.by_unit([Fraction(x) for x in row]) if not given.network.output_bias else None
        point = point or [*place.by_unit([Fraction(x) for x in row[:-2]]), [Fraction(x) for x in row[-2:]]]
        assert losses[i].item() == pytest.approx(float(place.loss(point)), rel=1e-12)
        exact = np.array([float(g) for g in place.gradient(point)])
        assert slopes[:, i].numpy() == pytest.approx(exact[layer_order(place)], rel=1e-11, abs=1e-13)
        module = Module(given, begin[i])
        x, y = data_of(given)
        torch.nn.MSELoss(reduction=loss)(module(x), y).backward()
        assert torch.allclose(slopes[:, i], module.flat(lambda q: q.grad), rtol=1e-11, atol=1e-13)
    runs = train(place, "torch-default", ADAM, restarts=9, epochs=4, dtype="float64")
    assert np.isnan(runs.accuracies).all()
    assert runs.outputs.shape == (9, 3, 2)


def test_a_landscape_trains_as_its_task():
    place = landscape("relu2-out+c", "xor", "mean")
    how = {"restarts": 20, "epochs": 30, "seed": 1}
    assert same(
        train(place, "torch-default", ADAM, **how), train(task("relu2-out+c", "xor"), "torch-default", ADAM, **how)
    )
    strange = Landscape(Network(leaky_relu("-1/3"), 1), dataset("xor"))
    assert train(strange, "normal:1", ADAM, restarts=3, epochs=4).restarts == 3


def test_networks_that_do_not_fit_the_data_are_reported():
    with pytest.raises(DataError, match="expected 2 columns of labels for relu2-out2; got 1"):
        task("relu2-out2", "xor")
    with pytest.raises(DataError, match="expected one label for each point"):
        task("relu2", TWO)
    with pytest.raises(DataError, match="expected one label for one-hot targets; got 2 columns"):
        task("relu2-linear", TWO)
    with pytest.raises(DataError, match="two different labels"):
        _ = task("relu2-out2", TWO).middle
    for wrong in (
        "relu0",
        "relu0-out",
        "relu[+,0]",
        "relu[]",
        "relu[+,]",
        "relu[+,-]-out",
        "relu2-linear+c",
        "relu2-out0",
    ):
        with pytest.raises(StabilityError) as caught:
            task(wrong, "xor")
        assert caught.value.remedy, wrong
    with pytest.raises(StabilityError, match=r"shape \(restarts, 9\)"):
        train(task("relu2-out+c", "xor"), np.zeros((3, 8)), ADAM, epochs=5)
    with pytest.raises(StabilityError, match="units with biases"):
        train(task("relu2-nob", "xor"), "hypersphere", ADAM, epochs=5)


def test_names_and_labels_that_do_not_fit_are_reported():
    with pytest.raises(UnknownNameError):
        task("rleu2", "xor")
    with pytest.raises(UnknownNameError, match="sum' or 'mean"):
        task("relu2", "xor", "max")
    with pytest.raises(DataError, match="one-hot"):
        task("relu2-linear", Dataset("halves", [[0], [1]], [0, "1/2"]))
    with pytest.raises(DataError, match="one-hot"):
        task("relu2-linear", Dataset("negative", [[0], [1]], [0, -1]))
    three = task("relu2", Dataset("three", [[0], [1], [2]], [0, 1, 2]))
    with pytest.raises(DataError, match="two different labels"):
        _ = three.middle
    with pytest.raises(DataError, match="two different labels"):
        three.right(np.zeros((1, 3, 1)))
    with pytest.raises(DataError, match="two different labels"):
        _ = train(three, "normal:0.5", ADAM, restarts=2, epochs=1).success
    with pytest.raises(DataError, match="float64"):
        task("relu2", Dataset("huge", [[0], [10**400]], [0, 1]))
