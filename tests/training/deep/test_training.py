"""Stacks of deep networks train as plain modules of torch do, one by one, whatever stack they are in."""

import json
import pickle
from dataclasses import fields

import numpy as np
import pytest
import torch
from torch import nn

from stability.errors import DataError, NumberError, StabilityError, UnknownNameError
from stability.training.constraints.penalties import penalty
from stability.training.deep import batch as stacks
from stability.training.deep import recorder
from stability.training.deep.batch import Stack
from stability.training.deep.datasets import dataset, digits, given, two_moons, xor
from stability.training.deep.parameters import DROPOUT_STREAM, start
from stability.training.deep.representations import images
from stability.training.deep.settings import INITS, METHODS, Settings
from stability.training.deep.training import train_deep

MOONS = two_moons()


class Concatenated(nn.Module):
    def forward(self, z):
        return torch.cat([torch.relu(z), torch.relu(-z)], -1)


class Plain(nn.Module):
    """The same network of torch's own layers, with the parameters of one row."""

    def __init__(self, settings, row, inputs):
        super().__init__()
        self.settings = settings
        d, w, f = settings.depth, settings.width, settings.features
        self.linear = nn.ModuleList([nn.Linear(inputs, w), *[nn.Linear(f, w) for _ in range(d - 1)], nn.Linear(f, 1)])
        bn = [nn.BatchNorm1d(w, eps=1e-3, momentum=0.01) for _ in range(d)] if settings.normalised else []
        self.bn = nn.ModuleList(bn)
        acts = {"leaky": nn.LeakyReLU(settings.slope), "crelu": Concatenated()}
        self.act = acts.get(settings.method, nn.ReLU())
        self.double()
        place = 0
        with torch.no_grad():
            for layer in self.linear:
                rows, columns = layer.weight.shape
                block = torch.tensor(row[place : place + rows * (columns + 1)]).view(rows, columns + 1)
                layer.weight.copy_(block[:, :-1])
                layer.bias.copy_(block[:, -1])
                place += rows * (columns + 1)

    def forward(self, x, keep=None):
        self.z = []
        for k, layer in enumerate(self.linear[:-1]):
            z = layer(x)
            z = self.bn[k](z) if self.bn else z
            self.z.append(z)
            x = self.act(z)
            if keep is not None:
                x = x * keep[k].T
        return self.linear[-1](x)[:, 0]

    def objective(self, x, y, keep=None):
        s, logits = self.settings, self(x, keep)
        loss = nn.functional.binary_cross_entropy_with_logits(logits, y) if s.main_loss else 0 * logits.sum()
        if s.kind is None:
            return loss
        return loss + s.weight * sum(penalty(z, s.kind, s.rho, s.power, s.ties) for z in self.z)

    def row(self, grad=False):
        parts = []
        for layer in self.linear:
            weight, bias = (layer.weight.grad, layer.bias.grad) if grad else (layer.weight, layer.bias)
            parts.append(torch.cat([weight, bias[:, None]], 1).flatten())
        for own in ("weight", "bias"):
            parts += [getattr(bn, own).grad if grad else getattr(bn, own) for bn in self.bn]
        return torch.cat(parts).detach().numpy()


def pieces(method, depth=6, width=3, **how):
    settings = Settings(depth, width, method, dtype="float64", **{"weight": 0.01, **how})
    x, y = torch.tensor(MOONS.x_train), torch.tensor(MOONS.y_train).double()
    return settings, x, y


CASES = [
    *[(m, {}) for m in METHODS],
    ("sep-pu", {"power": 1, "rho": 0.3}),
    ("sep-l", {"ties": "first"}),
    ("sep-pu", {"ties": "first", "init": "torch-default"}),
    ("sep-p", {"main_loss": False}),
    ("leaky", {"slope": 0.3}),
    ("sep-u", {"depth": 1}),
    ("crelu", {"width": 1}),
]


@pytest.mark.parametrize(("method", "how"), CASES)
def test_slopes_are_those_of_autograd(method, how):
    settings, x, y = pieces(method, **how)
    stack = Stack(settings, MOONS, [3, 1, 7], "cpu")
    stack.infer(stack.evaluation.logits)
    stack.find_slopes(stack.evaluation.logits, 0.0, settings.kind is not None)
    for row, found, seed in zip(stack.held.rows(), stack.slopes.rows(), stack.seeds, strict=True):
        plain = Plain(settings, row, 2)
        plain.objective(x, y).backward()
        np.testing.assert_allclose(found, plain.row(grad=True), rtol=1e-11, atol=1e-14)
        np.testing.assert_array_equal(row, start(settings, 2, [seed])[0])


@pytest.mark.parametrize(("method", "how"), CASES)
def test_training_is_that_of_torch_optim(method, how):
    """From biases other than 0: where they are, a dead layer holds the next on its kinks, and a rounding decides."""
    how = {"init": "torch-default"} | how
    settings, x, y = pieces(method, **how)
    epochs, seed = 40, 5
    run = train_deep(
        MOONS, settings.depth, settings.width, method, first_seed=4, seeds=2, epochs=epochs, every=10, dtype="float64",
        **{"weight": 0.01, **{k: v for k, v in how.items() if k not in ("depth", "width")}},
    )  # fmt: skip
    plain = Plain(settings, start(settings, 2, [seed])[0], 2)
    adam = torch.optim.Adam(plain.parameters(), lr=0.01, eps=1e-7)
    val = torch.tensor(MOONS.x_val)
    seen = []
    for epoch in range(epochs + 1):
        plain.eval()
        with torch.no_grad():
            own, other = plain(x), plain(val)
            loss = nn.functional.binary_cross_entropy_with_logits(own, y)
            seen.append(
                [float(loss), ((own > 0) == (y > 0)).double().mean(), np.mean((other > 0).numpy() == MOONS.y_val)]
            )
        plain.train()
        if epoch < epochs:
            adam.zero_grad()
            plain.objective(x, y).backward()
            adam.step()
    np.testing.assert_allclose(run.parameters[1], plain.row(), rtol=1e-7, atol=1e-9)
    losses, train, validation = np.array(seen, dtype=float).T
    np.testing.assert_allclose(run.history["loss"][1], losses[::10], rtol=1e-7)
    assert run.loss_final[1] == pytest.approx(losses[-1])
    assert run.train_accuracy_final[1] == train[-1]
    assert run.train_accuracy_max[1] == train.max()
    assert run.train_accuracy_max_epoch[1] == train.argmax()
    assert run.loss_at_best[1] == pytest.approx(losses[train.argmax()])
    assert run.val_accuracy_at_best[1] == validation[train.argmax()]
    assert (run.val_accuracy_final[1], run.val_accuracy_max[1]) == (validation[-1], validation.max())
    assert run.val_accuracy_max_epoch[1] == validation.argmax()


def test_accuracy_by_batch_statistics_is_that_of_torch_in_training_mode(monkeypatch):
    monkeypatch.setattr(recorder, "BLOCK", 7)
    epochs, (settings, x, y) = 40, pieces("relu-bn", depth=4)
    run = train_deep(MOONS, 4, 3, "relu-bn", first_seed=5, seeds=2, epochs=epochs, every=1, dtype="float64")
    plain = Plain(settings, start(settings, 2, [6])[0], 2)
    adam, seen = torch.optim.Adam(plain.parameters(), lr=0.01, eps=1e-7), []
    for epoch in range(epochs + 1):
        logits = plain(x)
        loss = nn.functional.binary_cross_entropy_with_logits(logits, y)
        seen.append([loss.item(), ((logits > 0) == (y > 0)).double().mean().item()])
        if epoch < epochs:
            adam.zero_grad()
            loss.backward()
            adam.step()
    losses, accuracy = np.array(seen).T
    best = accuracy.argmax()
    np.testing.assert_allclose(run.history["batch_loss"][1], losses, rtol=1e-7)
    np.testing.assert_array_equal(run.history["batch_accuracy"][1], accuracy)
    assert (run.batch_accuracy_max[1], run.batch_accuracy_max_epoch[1]) == (accuracy[best], best)
    assert run.batch_accuracy_final[1] == accuracy[-1]
    assert run.batch_loss_at_best[1] == pytest.approx(losses[best])
    assert run.batch_loss_final[1] == pytest.approx(losses[-1])
    assert run.val_loss_at_batch_best[1] == run.history["val_loss"][1, best]
    assert run.val_accuracy_at_batch_best[1] == run.history["val_accuracy"][1, best]
    assert (run.history["batch_accuracy"] != run.history["train_accuracy"]).any()


def test_the_first_accuracy_by_batch_statistics_by_hand():
    run = train_deep(MOONS, 1, 3, "relu-bn", seeds=1, epochs=1, every=1, dtype="float64")
    row = start(Settings(1, 3, "relu-bn"), 2, [0])[0].astype(float)
    first, head = row[:9].reshape(3, 3), row[9:13]
    z = MOONS.x_train @ first[:, :2].T + first[:, 2]
    normal = (z - z.mean(0)) / np.sqrt(z.var(0) + 1e-3)
    right = (np.maximum(normal, 0) @ head[:3] + head[3] > 0) == (MOONS.y_train == 1)
    assert run.history["batch_accuracy"][0, 0] == right.mean()
    used = np.maximum(z / np.sqrt(1 + 1e-3), 0) @ head[:3] + head[3] > 0
    assert run.history["train_accuracy"][0, 0] == (used == (MOONS.y_train == 1)).mean()


def test_batch_statistics_are_of_no_matter_without_normalisation():
    run = train_deep(MOONS, 3, 3, "sep-u", seeds=2, epochs=40, every=1)
    for name in ("accuracy_max", "accuracy_final", "accuracy_max_epoch"):
        np.testing.assert_array_equal(getattr(run, f"batch_{name}"), getattr(run, f"train_{name}"))
    np.testing.assert_array_equal(run.batch_loss_at_best, run.loss_at_best)
    np.testing.assert_array_equal(run.val_accuracy_at_batch_best, run.val_accuracy_at_best)


def test_asking_for_batch_statistics_leaves_running_means():
    stack = Stack(Settings(3, 3, "relu-bn"), MOONS, [0, 1], "cpu")
    stack.step(stack.run(3, [0], lambda _: None)[0], 3)
    before = stack.running.mean.clone(), stack.running.variance.clone()
    stack.by_batch()
    assert torch.equal(before[0], stack.running.mean)
    assert torch.equal(before[1], stack.running.variance)


@pytest.mark.parametrize("method", ["sep-pu", "relu-bn"])
def test_annealed_dropout_from_zero_is_that_of_a_plain_loop(method):
    anneal, epochs = 20, 30
    how = {"init": "zero", "rho": 0.51, "dropout": 0.9, "anneal": anneal, "depth": 4, "width": 4}
    settings, x, y = pieces(method, **how)
    run = train_deep(
        MOONS, 4, 4, method, init="zero", dropout=0.9, anneal=anneal, weight=0.01, seeds=3, epochs=epochs,
        dtype="float64",
    )  # fmt: skip
    plain, rng = Plain(settings, start(settings, 2, [2])[0], 2), np.random.default_rng([2, DROPOUT_STREAM])
    adam = torch.optim.Adam(plain.parameters(), lr=0.01, eps=1e-7)
    for epoch in range(epochs):
        rate = 0.9 * max(0, 1 - epoch / anneal)
        keep = None
        if rate:
            drawn = rng.random((4, 4, 96), dtype=np.float32)
            keep = torch.tensor(drawn >= rate)[:, :, :85].double() / (1 - rate)
        adam.zero_grad()
        plain.objective(x, y, keep).backward()
        adam.step()
    assert run.settings.rho == 0.51
    np.testing.assert_allclose(run.parameters[2], plain.row(), rtol=1e-6, atol=1e-8)
    assert np.ptp(run.parameters[2][:12].reshape(4, 3), axis=0).max() > 1e-3 or method == "relu-bn"


def same(a, b, places=slice(None)):
    for field in fields(a):
        x, y = getattr(a, field.name), getattr(b, field.name)
        if isinstance(x, np.ndarray) and field.name != "history_epochs":
            np.testing.assert_array_equal(x, y[places], err_msg=field.name)
    for name, values in a.history.items():
        np.testing.assert_array_equal(values, b.history[name][places], err_msg=name)


@pytest.mark.parametrize("width", [1, 4, 7])
@pytest.mark.parametrize("method", METHODS)
def test_a_seed_gives_the_same_bits_in_any_stack(method, width):
    how = {"epochs": 12, "dropout": 0.3, "anneal": 6}
    whole = train_deep(MOONS, 12, width, method, seeds=8, stack=8, **how)
    for size, seeds in ((1, 3), (3, 8)):
        same(train_deep(MOONS, 12, width, method, seeds=seeds, stack=size, **how), whole, slice(seeds))
    same(train_deep(MOONS, 12, width, method, seeds=1, first_seed=6, **how), whole, slice(6, 7))


@pytest.mark.slow
def test_the_order_of_threads_is_of_no_matter():
    before = torch.get_num_threads()
    whole = train_deep(MOONS, 3, 16, "sep-pu", seeds=24, epochs=2)
    try:
        torch.set_num_threads(2)
        same(train_deep(MOONS, 3, 16, "sep-pu", seeds=24, epochs=2), whole)
    finally:
        torch.set_num_threads(before)


def test_moons_are_the_published_ones():
    from sklearn.datasets import make_moons
    from sklearn.model_selection import train_test_split

    np.random.seed(10)
    x, y = make_moons(100)
    x = x / (x.max(0) - x.min(0))
    x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.15, random_state=42)
    for own, other in zip(("x_train", "x_val", "y_train", "y_val"), (x_train, x_val, y_train, y_val), strict=True):
        np.testing.assert_array_equal(getattr(MOONS, own), other)
    assert (len(x_train), len(x_val), max(np.bincount(y_train)), sum(y_val == 1)) == (85, 15, 44, 6)


def test_the_other_datasets():
    assert xor().y_train.tolist() == [0, 1, 1, 0]
    assert (digits().x_train.shape[1], len({*digits().y_train.tolist()})) == (64, 10)
    assert float(digits().x_train.max()) == 1
    with pytest.raises(DataError, match="labels 0 and 1"):
        train_deep("digits", 2, 2, "relu", epochs=1)


def test_plain_relu_of_depth_50_stays_at_the_share_of_the_majority():
    run = train_deep(MOONS, 50, 4, "relu", seeds=4, epochs=60)
    assert (run.train_accuracy_max == 44 / 85).all()
    assert (run.val_accuracy_final == 6 / 15).all()
    assert (run.dead_examples_end[:, -1] == 85).all()
    assert run.loss_gradient_norm_end[:, 0].max() == 0


def test_shallow_networks_learn():
    for method in METHODS:
        run = train_deep(MOONS, 2, 8, method, seeds=2, epochs=400)
        assert run.train_accuracy_max.min() > 0.9, method


@pytest.mark.parametrize("init", INITS)
def test_initialisations(init):
    settings = Settings(3, 50, "crelu", init=init)
    row = start(settings, 2, [0])[0]
    first, hidden = row[:150].reshape(50, 3), row[150 : 150 + 50 * 101].reshape(50, 101)
    bounds = {"glorot": ((6 / 52) ** 0.5, (6 / 150) ** 0.5), "zero": (0, 0), "torch-default": (2**-0.5, 0.1)}[init]
    for block, bound in zip((first, hidden), bounds, strict=True):
        assert 0.9 * bound <= np.abs(block[:, :-1]).max() <= bound
        assert (block[:, -1] != 0).any() == (init == "torch-default")


def test_zero_start_stays_symmetric_without_dropout():
    run = train_deep(MOONS, 5, 4, "sep-pu", init="zero", weight=0.01, seeds=1, epochs=50)
    units = run.parameters[0][:12].reshape(4, 3)
    assert np.ptp(units, axis=0).max() == 0
    assert np.abs(units).max() > 0
    still = train_deep(MOONS, 5, 4, "sep-pu", init="zero", rho=0.5, main_loss=False, seeds=1, epochs=50)
    assert not still.parameters.any()


def by_hand(run, place=0):
    """Return pre-activations (D, n, w) of a network at the training points."""
    plain = Plain(run.settings, run.parameters[place], run.data.x_train.shape[1])
    plain(torch.tensor(run.data.x_train))
    return torch.stack(plain.z).detach()


def test_counts_and_slacks_of_layers():
    run = train_deep(MOONS, 12, 4, "sep-p", seeds=3, epochs=50, dtype="float64")
    for k in range(3):
        z = by_hand(run, k).numpy()
        assert run.dead_units_end[k].tolist() == [int((layer <= 0).all(0).sum()) for layer in z]
        assert run.affine_units_end[k].tolist() == [int((layer > 0).all(0).sum()) for layer in z]
        assert run.dead_examples_end[k].tolist() == [int((layer <= 0).all(1).sum()) for layer in z]
        for name, axes in {"units": 1, "points": 2, "layers": (1, 2)}.items():
            total = np.maximum(0, 1 - z.max(axes)).sum() + np.maximum(0, 1 + z.min(axes)).sum()
            assert getattr(run, f"slack_{name}_end")[k] == pytest.approx(total)
        assert run.penalty_final[k] == pytest.approx(1e-4 * float(penalty(torch.tensor(z), "sep-p").sum()))
        assert run.history["penalty"][k, -1] == run.penalty_final[k]


def test_a_network_that_diverges_stays_where_it_was_and_the_others_go_on():
    how = {"seeds": 6, "epochs": 40, "lr": 1e9, "every": 1}
    run = train_deep(MOONS, 3, 3, "sep-u", **how)
    gone = run.diverged >= 0
    assert gone.any()
    assert not gone.all()
    assert np.isfinite(run.parameters).all()
    assert np.isfinite(run.history["loss"]).all()
    assert run.diverged[gone].min() >= 2
    for k in np.flatnonzero(gone):
        last = {**how, "seeds": 1, "first_seed": int(k), "epochs": int(run.diverged[k]) - 1}
        stopped = train_deep(MOONS, 3, 3, "sep-u", **last)
        np.testing.assert_array_equal(stopped.parameters[0], run.parameters[k])
        assert stopped.diverged[0] == -1
        assert stopped.loss_final[0] == run.loss_final[k]
    alive = int(np.flatnonzero(~gone)[0])
    same(train_deep(MOONS, 3, 3, "sep-u", **{**how, "seeds": 1, "first_seed": alive}), run, slice(alive, alive + 1))


def test_blocks_of_the_recorder_are_of_no_matter(monkeypatch):
    whole = train_deep(MOONS, 3, 3, "relu", seeds=3, epochs=50)
    monkeypatch.setattr(recorder, "BLOCK", 7)
    same(train_deep(MOONS, 3, 3, "relu", seeds=3, epochs=50), whole)


def test_an_interruption_keeps_what_is_known():
    def stop(stage, done, total):
        if done >= 3 * 100:
            raise KeyboardInterrupt

    run = train_deep(MOONS, 3, 3, "relu", seeds=6, stack=2, epochs=200, every=20, progress=stop)
    assert run.interrupted
    assert run.seeds.tolist() == [0, 1]
    whole = train_deep(MOONS, 3, 3, "relu", seeds=2, epochs=int(run.epochs_done[0]))
    np.testing.assert_array_equal(run.parameters, whole.parameters)
    np.testing.assert_array_equal(run.loss_final, whole.loss_final)
    json.dumps(run.summary(), allow_nan=False)


def test_an_interruption_between_stacks_keeps_the_first():
    def stop(stage, done, total):
        if done >= 2 * 200:
            raise KeyboardInterrupt

    run = train_deep(MOONS, 3, 3, "relu", seeds=6, stack=2, epochs=200, progress=stop)
    assert run.interrupted
    assert (run.seeds.tolist(), run.epochs_done.tolist()) == ([0, 1], [200, 200])


def test_progress_reports_all_work():
    seen = []
    train_deep(MOONS, 2, 2, "relu", seeds=3, stack=2, epochs=120, progress=lambda *a: seen.append(a))
    assert seen[-1] == ("epochs of networks", 360, 360)
    assert sorted(seen) == seen


def test_results_are_plain_and_can_be_pickled():
    run = train_deep("xor", 3, 4, "sep-u", seeds=2, epochs=20)
    report = json.loads(json.dumps(run.summary(), allow_nan=False))
    keys = ["train_accuracy_final", "train_accuracy_max", "val_accuracy_final", "val_accuracy_max", "loss_final"]
    for key in [*keys, "penalty_final"]:
        assert len(report[key]) == 2
    assert report["val_accuracy_max"] == report["val_accuracy_final"] == [None, None]
    assert np.shape(report["dead_examples_end"]) == (2, 3)
    same(pickle.loads(pickle.dumps(run)), run)


def test_one_point():
    one = given("one", [[0.5, 1.0]], [1], np.empty((0, 2)), np.empty(0))
    for method in METHODS:
        if method != "relu-bn":
            assert train_deep(one, 2, 3, method, seeds=2, epochs=50).train_accuracy_max.max() == 1
    with pytest.raises(DataError):
        train_deep(one, 2, 3, "relu-bn")


def test_sigmoid_has_no_warnings_far_out(recwarn):
    found = stacks.sigmoid(torch.tensor([-1e4, 0.0, 1e4]))
    assert found.tolist() == [0, 0.5, 1]
    assert not recwarn


NAN = float("nan")


@pytest.mark.parametrize(
    ("error", "how"),
    [
        (UnknownNameError, {"method": "sep-pv"}),
        (UnknownNameError, {"data": "moon"}),
        (UnknownNameError, {"init": "gloro"}),
        (UnknownNameError, {"ties": "last"}),
        (UnknownNameError, {"dtype": "float16"}),
        (StabilityError, {"depth": 0}),
        (StabilityError, {"width": 0}),
        (StabilityError, {"epochs": 0}),
        (StabilityError, {"seeds": 0}),
        (StabilityError, {"first_seed": -1}),
        (StabilityError, {"stack": 0}),
        (StabilityError, {"every": 0}),
        (StabilityError, {"anneal": -1}),
        (StabilityError, {"device": "tpu"}),
        (NumberError, {"lr": NAN}),
        (NumberError, {"weight": NAN}),
        (NumberError, {"weight": -1.0}),
        (NumberError, {"rho": NAN}),
        (NumberError, {"power": 3}),
        (NumberError, {"dropout": NAN}),
        (NumberError, {"dropout": 1.0}),
        (NumberError, {"slope": NAN}),
    ],
)
def test_bad_input(error, how):
    given = {"data": "moons", "depth": 2, "width": 2, "method": "relu", "epochs": 1, "seeds": 1, **how}
    with pytest.raises(error):
        train_deep(**given)


@pytest.mark.parametrize(
    "arrays",
    [
        ([[0.0, NAN]], [1], np.empty((0, 2)), []),
        ([[0.0, 1.0]], [0.5], np.empty((0, 2)), []),
        ([[0.0, 1.0]], [1, 0], np.empty((0, 2)), []),
        (np.empty((0, 2)), [], np.empty((0, 2)), []),
        ([[0.0, 1.0]], [1], np.empty((0, 3)), []),
        ([["a", "b"]], [1], np.empty((0, 2)), []),
    ],
)
def test_bad_data(arrays):
    with pytest.raises(DataError):
        given("bad", *arrays)


def test_a_near_name_is_suggested():
    with pytest.raises(UnknownNameError, match="Did you mean 'moons'"):
        dataset("moon")


@pytest.mark.parametrize("method", METHODS)
def test_images_of_points_are_those_of_the_plain_network(method):
    run = train_deep(MOONS, 5, 3, method, seeds=2, epochs=60, dtype="float64")
    plain = Plain(run.settings, run.parameters[1], 2)
    with torch.no_grad():
        for k, bn in enumerate(plain.bn):
            size = 5 * 3
            scale, shift = run.parameters[1][-2 * size :].reshape(2, 5, 3)[:, k]
            for own, value in ((bn.weight, scale), (bn.bias, shift)):
                own.copy_(torch.tensor(value))
            bn.running_mean.copy_(torch.tensor(run.running[1, 0, k]))
            bn.running_var.copy_(torch.tensor(run.running[1, 1, k]))
        logits = plain.eval()(torch.tensor(MOONS.x_train))
    seen = images(run, 1, MOONS.x_train)
    np.testing.assert_allclose(seen.logits, logits, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(seen.z, torch.stack(plain.z).numpy(), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(seen.h[-1], plain.act(plain.z[-1]).numpy(), rtol=1e-10, atol=1e-12)
    assert np.mean((seen.logits > 0) == MOONS.y_train) == run.train_accuracy_final[1]
    with pytest.raises(DataError):
        images(run, 1, [[1.0, 2.0, 3.0]])


def test_answers_are_the_logits_of_the_network():
    run = train_deep("xor", 2, 3, "relu", seeds=2, epochs=3, device="cpu")
    assert run.answers(1, run.data.x_train).tolist() == images(run, 1, run.data.x_train).logits.tolist()
    with pytest.raises(DataError, match="shape"):
        run.answers(0, [[1.0]])
