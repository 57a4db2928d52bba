"""The callback in the loop of the real Lightning, by either of its names."""

import copy
import importlib
import io
import pickle
import re
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch.nn.functional import cross_entropy

from stability import Monitor
from stability.errors import MissingPackageError, StabilityError
from stability.integrations import LightningCallback
from stability.training.integrations import optional
from stability.training.integrations.lightning_callback import trained_part
from stability.training.monitoring.scalars import scalars

PAGE = Path(__file__).parents[3] / "docs/how-to/lightning.md"
NAMES = ("lightning.pytorch", "pytorch_lightning")
MISSING = [name for name in NAMES if find_spec(name.partition(".")[0]) is None]
real = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"{', '.join(MISSING)} not installed; `make test-slow` installs it"),
    pytest.mark.filterwarnings("ignore"),
]


def test_without_lightning_there_is_one_sentence(monkeypatch):
    for name in NAMES:
        monkeypatch.delitem(optional.sys.modules, f"{name}.callbacks", raising=False)
    monkeypatch.setattr(optional, "find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match=r"Expected lightning to be installed.*\n.*pip install lightning"):
        LightningCallback()


def data(count=64):
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(count, 4, generator=generator)
    return torch.utils.data.TensorDataset(x, (x[:, 0] > 0).long())


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))


def classifier(L, manual=False):
    class Classifier(L.LightningModule):
        def __init__(self):
            super().__init__()
            self.model, self.automatic_optimization = network(), not manual

        def forward(self, x):
            return self.model(x)

        def training_step(self, batch, index):
            x, y = batch
            if not manual:
                return {"loss": cross_entropy(self.model(x), y)}
            optimizer = self.optimizers()
            optimizer.zero_grad()
            self.manual_backward(cross_entropy(self(x), y))
            return optimizer.step()

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.1, momentum=0.9)

    return Classifier()


def fit(L, folder, *callbacks, model=None, ckpt_path=None, **settings):
    """Train a classifier on 8 batches an epoch; return it and the trainer."""
    model = classifier(L) if model is None else model
    given = {"max_epochs": 1, "logger": False, "accelerator": "cpu", "enable_progress_bar": False} | settings
    trainer = L.Trainer(**given, callbacks=[*callbacks], default_root_dir=folder, enable_model_summary=False)
    trainer.fit(model, torch.utils.data.DataLoader(data(), 8), ckpt_path=ckpt_path)
    return model, trainer


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.fixture(params=[pytest.param(name, marks=real) for name in NAMES])
def L(request):
    return importlib.import_module(request.param)


def by_hand(steps=8, accumulate=1, clip=None):
    """Return the readings of the same training in a loop without Lightning, and its weights."""
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    batches = [*torch.utils.data.DataLoader(data(), 8)]
    with Monitor(model) as monitor:
        for k in range(0, steps, accumulate):
            optimizer.zero_grad()
            for x, y in batches[k : k + accumulate]:
                loss = cross_entropy(model(x), y)
                (loss / accumulate).backward()
            monitor.note(loss)
            if clip is not None:
                torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
    return monitor.readings, weights(model)


@pytest.mark.parametrize("settings", [{}, {"accumulate_grad_batches": 2}, {"gradient_clip_val": 0.05}], ids=str)
def test_readings_are_those_of_a_plain_loop_and_no_bit_of_the_training_changes(L, tmp_path, settings):
    callback = LightningCallback(every=1)
    model, trainer = fit(L, tmp_path, callback, **settings)
    bare, _ = fit(L, tmp_path, **settings)
    accumulate, clip = settings.get("accumulate_grad_batches", 1), settings.get("gradient_clip_val")
    readings, by_loop = by_hand(8, accumulate, clip)
    assert torch.equal(weights(model), weights(bare))
    torch.testing.assert_close(weights(model), by_loop)
    assert len(callback.monitor.readings) == len(readings) == 8 // accumulate
    for found, wanted in zip(callback.monitor.readings, readings, strict=True):
        named = {f"model.{layer.name}": layer.dead_units for layer in wanted.layers}
        assert {layer.name: layer.dead_units for layer in found.layers} == named
        assert found.loss == pytest.approx(wanted.loss)
        assert found.gradient_norm == pytest.approx(wanted.gradient_norm, rel=1e-4)
        assert found.step_gradient_norm == pytest.approx(wanted.step_gradient_norm, rel=1e-4)
        assert (found.passes, found.layers[0].points) == (accumulate, 8 * accumulate)
    assert "training_step" not in vars(trainer.strategy)
    assert "training_step" not in vars(model)


def test_numbers_go_to_the_loggers_of_the_trainer_under_their_names(L, tmp_path):
    loggers = importlib.import_module(f"{L.__name__}.loggers")
    logger, seen = loggers.CSVLogger(tmp_path), []
    callback = LightningCallback(every=3, loggers=[seen.append])
    fit(L, tmp_path, callback, logger=logger, log_every_n_steps=1)
    header, *rows = (Path(logger.log_dir) / "metrics.csv").read_text().splitlines()
    columns = header.split(",")
    assert {*scalars(callback.monitor.readings[0])} <= {*columns}
    losses = [row.split(",")[columns.index("stability/loss")] for row in rows]
    assert [float(each) for each in losses if each] == pytest.approx([r.loss for r in callback.monitor.readings])
    assert [reading.step for reading in seen] == [0, 3, 6]


@pytest.mark.parametrize("policy", [None, "better"])
def test_a_training_that_is_resumed_is_read_as_if_it_had_never_stopped(L, tmp_path, policy):
    def callback():
        return LightningCallback(every=3, policy=policy)

    whole, first, second = callback(), callback(), callback()
    model, _ = fit(L, tmp_path, whole, max_epochs=2)
    _, trainer = fit(L, tmp_path, first)
    trainer.save_checkpoint(tmp_path / "half.ckpt")
    resumed, _ = fit(L, tmp_path, second, max_epochs=2, ckpt_path=tmp_path / "half.ckpt")
    assert torch.equal(weights(model), weights(resumed))
    assert [r.step for r in second.monitor.readings] == [0, 3, 6, 9, 12, 15]
    assert list(map(repr, second.monitor.to_json().items())) == list(map(repr, whole.monitor.to_json().items()))


def test_a_checkpoint_has_the_bare_model_and_plain_data(L, tmp_path):
    _, trainer = fit(L, tmp_path, LightningCallback(every=2))
    _, bare = fit(L, tmp_path)
    trainer.save_checkpoint(tmp_path / "monitored.ckpt")
    bare.save_checkpoint(tmp_path / "bare.ckpt")
    found = torch.load(tmp_path / "monitored.ckpt", weights_only=True)
    assert {*found["state_dict"]} == {*torch.load(tmp_path / "bare.ckpt", weights_only=True)["state_dict"]}
    assert found["callbacks"]["LightningCallback"]["steps"] == 8


def test_a_copy_of_the_model_in_training_is_not_monitored(L, tmp_path):
    copies = []

    class Copies(L.Callback):
        def on_train_batch_end(self, trainer, pl_module, *args):
            copies.append(copy.deepcopy(pl_module.model))
            torch.save(pl_module.model, io.BytesIO())

    callback = LightningCallback(every=1)
    fit(L, tmp_path, callback, Copies())
    copies[-1](torch.ones(1, 4))
    assert len(callback.monitor.readings) == 8


@pytest.mark.parametrize("module", [None, "model"])
def test_a_controller_mends_dead_units(L, tmp_path, module):
    dead = classifier(L)
    dead.model[0].bias.data.fill_(-50.0)
    callback = LightningCallback(every=1, policy="better", module=module)
    fit(L, tmp_path, callback, model=dead)
    assert callback.monitor.model is dead.model
    assert all(reading.loss > 0 for reading in callback.monitor.readings)
    assert callback.controller.log
    assert any(entry.changed for entry in callback.controller.log)
    assert callback.monitor.readings[0].layers[0].dead_units == 8
    assert callback.monitor.latest.layers[0].dead_units < 8


def test_a_controller_finds_the_one_part_that_is_trained(L, tmp_path):
    """Averaged copies and frozen parts are not what `training_step` trains; of several parts none is the one."""
    model = classifier(L)
    model.frozen, model.copy = network().requires_grad_(False), network()
    optimizer = torch.optim.SGD(model.model.parameters(), 0.1)
    trainer = SimpleNamespace(optimizers=[optimizer])
    assert trained_part(model, trainer) is model.model
    optimizer.add_param_group({"params": [*model.copy.parameters()]})
    assert trained_part(model, trainer) is model
    model.model = torch.nn.ModuleList(model.model)
    del model.copy
    assert trained_part(model, trainer) is model


def test_a_controller_of_several_parts_works_on_what_is_called_as_the_module(L, tmp_path):
    class Coder(type(classifier(L))):
        def __init__(self):
            super().__init__()
            self.head, self.model = self.model[2], self.model[:2]
            self.model[0].bias.data.fill_(-50.0)

        def forward(self, x):
            return self.head(self.model(x))

        def training_step(self, batch, index):
            return cross_entropy(self(batch[0]), batch[1])

    callback = LightningCallback(every=1, policy="better")
    fit(L, tmp_path, callback, model=Coder())
    assert any(entry.changed for entry in callback.controller.log)
    assert callback.monitor.latest.layers[0].dead_units < 8


def test_healthy_training_is_left_alone_by_a_controller(L, tmp_path):
    callback = LightningCallback(every=1, policy="careful")
    model, bare = fit(L, tmp_path, callback)[0], fit(L, tmp_path)[0]
    assert [reading.layers[0].points for reading in callback.monitor.readings] == [8] * 8
    assert torch.equal(weights(model), weights(bare))


def test_manual_optimisation_is_monitored_as_the_module_or_its_part(L, tmp_path):
    whole, part = LightningCallback(every=1), LightningCallback(every=1, module="model")
    fit(L, tmp_path, whole, part, model=classifier(L, manual=True))
    assert [layer.name for layer in whole.monitor.latest.layers] == ["model.0"]
    assert [layer.name for layer in part.monitor.latest.layers] == ["0"]
    assert len(whole.monitor.readings) == len(part.monitor.readings) == 8


def test_bfloat16_is_monitored(L, tmp_path):
    callback = LightningCallback(every=1)
    fit(L, tmp_path, callback, precision="bf16-mixed")
    assert all(reading.finite and reading.layers for reading in callback.monitor.readings)


def test_two_processes_are_read_as_one_and_the_first_reports(L, tmp_path):
    logger = importlib.import_module(f"{L.__name__}.loggers").CSVLogger(tmp_path)
    callback = LightningCallback(every=2)
    fit(L, tmp_path, callback, logger=logger, strategy="ddp_fork", devices=2, log_every_n_steps=1)
    (file,) = tmp_path.rglob("metrics.csv")
    header, *rows = file.read_text().splitlines()
    place = header.split(",").index("stability/layers/model.0/points")
    assert [float(row.split(",")[place]) for row in rows] == [16.0, 16.0]


def test_a_controller_mends_what_two_processes_train(L, tmp_path):
    dead = classifier(L)
    dead.model[0].bias.data.fill_(-50.0)
    logger = importlib.import_module(f"{L.__name__}.loggers").CSVLogger(tmp_path)
    settings = {"logger": logger, "strategy": "ddp_fork", "devices": 2, "log_every_n_steps": 1}
    fit(L, tmp_path, LightningCallback(every=1, policy="careful"), model=dead, **settings)
    (file,) = tmp_path.rglob("metrics.csv")
    header, *rows = file.read_text().splitlines()
    found = [row.split(",")[header.split(",").index("stability/layers/0/dead_units")] for row in rows]
    first, *_, last = [float(each) for each in found if each]
    assert first == 8 > last


def test_a_part_that_is_not_there_is_named_before_training(L, tmp_path):
    with pytest.raises(StabilityError, match=r"Expected the name of a part of Classifier; got 'modle'.\n.*model"):
        fit(L, tmp_path, LightningCallback(module="modle"))


def test_an_alarm_stops_the_trainer_and_leaves_nothing_behind(L, tmp_path):
    model = classifier(L)
    model.model[0].weight.data[0, 0] = float("nan")
    callback = LightningCallback(every=1, stop_on={"nan"})
    with pytest.raises(StabilityError, match="stopped by an alarm: not finite"):
        fit(L, tmp_path, callback, model=model)
    assert not model._forward_hooks
    assert not callback.monitor._hooks


def test_a_callback_alone_is_one_for_either_trainer(L, tmp_path):
    callback = LightningCallback(every=5)
    assert isinstance(callback, L.Callback)
    assert type(pickle.loads(pickle.dumps(callback))) is type(callback)
    L.Trainer(callbacks=callback, logger=False, enable_checkpointing=False, enable_progress_bar=False)


@pytest.mark.parametrize("name", [pytest.param("lightning", marks=real)])
def test_the_page_runs_as_it_stands(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    exec(compile(code, str(PAGE), "exec"), {"__name__": "__main__"})
    said = re.findall(r"print\(.*\)  # (.*)", code)
    assert said
    printed = capsys.readouterr().out
    assert all(each in printed for each in said)
    assert "stability/layers/model.0/dead_units" in next(tmp_path.rglob("metrics.csv")).read_text()
