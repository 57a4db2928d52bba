"""The callback in the loop of the real Trainer of transformers."""

import importlib
import json
import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from torch import distributed, multiprocessing
from torch.nn.functional import cross_entropy

from stability import Monitor
from stability.errors import MissingPackageError, StabilityError
from stability.integrations import CsvLogger, HuggingFaceCallback
from stability.training.integrations import optional
from stability.training.integrations.hugging_face import packed, unpacked
from stability.training.monitoring.scalars import scalars

PAGE = Path(__file__).parents[3] / "docs/how-to/hugging-face.md"
MISSING = [name for name in ("transformers", "accelerate") if find_spec(name) is None]
real = pytest.mark.skipif(bool(MISSING), reason=f"{', '.join(MISSING)} not installed; `make test-slow` installs it")


def test_without_transformers_there_is_one_sentence(monkeypatch):
    monkeypatch.delitem(optional.sys.modules, "transformers.trainer_callback", raising=False)
    monkeypatch.setattr(optional, "find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match=r"Expected transformers to be installed.*\n.*pip install transf"):
        HuggingFaceCallback()


def test_a_state_becomes_text_and_back_and_no_stranger_is_executed():
    state = {"steps": 3, "loss": float("nan"), "rows": [(1, "a", None)], "biases": torch.tensor([0.1, float("inf")])}
    found = unpacked(packed(state))
    assert torch.equal(found.pop("biases"), state.pop("biases"))
    assert repr(found) == repr(state)
    with pytest.raises(Exception, match="weights_only"):
        unpacked(packed({"stranger": HuggingFaceCallback}))


class Classifier(torch.nn.Module):
    """Takes arguments by name, and returns its loss, as models of transformers do."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.body = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))

    def forward(self, x, labels=None):
        logits = self.body(x)
        return {"loss": cross_entropy(logits, labels), "logits": logits}


def data(count=64):
    x = torch.randn(count, 4, generator=torch.Generator().manual_seed(1))
    return [{"x": row, "labels": (row[0] > 0).long()} for row in x]


def train(folder, *callbacks, model=None, resume=None, **settings):
    """Train for 8 steps; return the trainer."""
    from transformers import Trainer, TrainingArguments

    given = {"max_steps": 8, "per_device_train_batch_size": 8, "report_to": [], "use_cpu": True, "disable_tqdm": True}
    given |= {"save_strategy": "no", "logging_steps": 1, "lr_scheduler_type": "constant", "learning_rate": 0.1}
    arguments = TrainingArguments(str(folder), **given | {"optim": "sgd"} | settings)
    model = Classifier() if model is None else model
    trainer = Trainer(model, arguments, train_dataset=data(), callbacks=[*callbacks])
    trainer.train(resume_from_checkpoint=resume)
    return trainer


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.mark.slow
@real
@pytest.mark.parametrize(
    "settings", [{}, {"gradient_accumulation_steps": 2, "max_grad_norm": 0.05}, {"bf16": True}], ids=str
)
def test_no_bit_of_the_training_changes_and_readings_agree_with_the_trainer(tmp_path, settings):
    callback = HuggingFaceCallback(every=1)
    trainer, bare = train(tmp_path, callback, **settings), train(tmp_path, **settings)
    assert torch.equal(weights(trainer.model), weights(bare.model))
    readings = callback.monitor.readings
    assert [reading.step for reading in readings] == [*range(8)]
    assert readings[0].layers[0].name == "body.0"
    assert {reading.layers[0].points for reading in readings} == {8 * settings.get("gradient_accumulation_steps", 1)}
    own = [each["grad_norm"] for each in trainer.state.log_history if "grad_norm" in each]
    assert [reading.gradient_norm for reading in readings] == pytest.approx(own, rel=1e-2)
    if not settings:
        losses = [each["loss"] for each in trainer.state.log_history if "loss" in each]
        assert [reading.loss for reading in readings] == pytest.approx(losses, rel=1e-4)
    assert not trainer.model._forward_hooks
    assert not trainer.model._forward_pre_hooks


class Sharing(Classifier):
    """Divides its loss by the number of items of all micro-batches, as language models of transformers do."""

    def forward(self, x, labels=None, num_items_in_batch=None, **kwargs):
        logits = self.body(x)
        return {"loss": cross_entropy(logits, labels, reduction="sum") / num_items_in_batch, "logits": logits}


@pytest.mark.slow
@real
def test_a_loss_that_is_shared_by_micro_batches_is_read_whole(tmp_path):
    callback = HuggingFaceCallback(every=1)
    trainer = train(tmp_path, callback, model=Sharing(), gradient_accumulation_steps=4)
    losses = [each["loss"] for each in trainer.state.log_history if "loss" in each]
    assert [reading.loss for reading in callback.monitor.readings] == pytest.approx(losses, rel=1e-3)
    assert losses[0] > 0.5


@pytest.mark.slow
@real
def test_numbers_are_in_the_history_of_the_trainer_and_with_loggers(tmp_path):
    callback = HuggingFaceCallback(every=3, module="body", loggers=[CsvLogger(tmp_path / "health.csv")])
    trainer = train(tmp_path, callback)
    found = [each for each in trainer.state.log_history if "stability/alarms" in each]
    assert [each["step"] for each in found] == [0, 3, 6]
    for each, reading in zip(found, callback.monitor.readings, strict=True):
        assert {**scalars(reading), "step": reading.step}.items() <= each.items()
    assert found[0]["stability/layers/0/dead_units"] == callback.monitor.readings[0].layers[0].dead_units
    assert len((tmp_path / "health.csv").read_text().splitlines()) == 1 + sum(
        len(scalars(reading)) for reading in callback.monitor.readings
    )
    assert json.dumps(trainer.state.log_history, allow_nan=False)


@pytest.mark.slow
@real
@pytest.mark.parametrize("policy", [None, "better"])
@pytest.mark.parametrize("restore", [False, True])
def test_a_training_that_is_resumed_is_read_as_if_it_had_never_stopped(tmp_path, policy, restore):
    settings = {"save_strategy": "steps", "save_steps": 4, "restore_callback_states_from_checkpoint": restore}
    whole, second = HuggingFaceCallback(every=3, policy=policy), HuggingFaceCallback(every=3, policy=policy)
    model = train(tmp_path / "whole", whole, **settings).model
    trainer = train(tmp_path / "again", second, resume=str(tmp_path / "whole/checkpoint-4"), **settings)
    (used,) = [each for each in trainer.callback_handler.callbacks if isinstance(each, HuggingFaceCallback)]
    assert torch.equal(weights(model), weights(trainer.model))
    assert list(map(repr, used.monitor.to_json().items())) == list(map(repr, whole.monitor.to_json().items()))
    assert (used.controller is None) == (policy is None)
    assert (used is second) == (not restore)


@pytest.mark.slow
@real
def test_two_callbacks_for_two_parts_go_on_each_from_its_own_state(tmp_path):
    def pair():
        return HuggingFaceCallback(every=3), HuggingFaceCallback(every=2, module="body")

    settings = {"save_strategy": "steps", "save_steps": 2}
    whole, again = pair(), pair()
    train(tmp_path / "whole", *whole, **settings)
    train(tmp_path / "again", *again, resume=str(tmp_path / "whole/checkpoint-4"), **settings)
    for one, other in zip(whole, again, strict=True):
        assert repr(one.monitor.to_json()) == repr(other.monitor.to_json())


@pytest.mark.slow
@real
def test_a_new_training_begins_anew(tmp_path):
    callback = HuggingFaceCallback(every=4)
    train(tmp_path, callback)
    train(tmp_path, callback)
    assert [reading.step for reading in callback.monitor.readings] == [0, 4]


@pytest.mark.slow
@real
def test_a_controller_mends_dead_units(tmp_path):
    dead = Classifier()
    dead.body[0].bias.data.fill_(-50.0)
    callback = HuggingFaceCallback(every=1, policy="better")
    train(tmp_path, callback, model=dead)
    assert any(entry.changed for entry in callback.controller.log)
    assert callback.monitor.readings[0].layers[0].dead_units == 8
    assert callback.monitor.latest.layers[0].dead_units < 8


@pytest.mark.slow
@real
def test_an_alarm_stops_the_trainer(tmp_path):
    broken = Classifier()
    broken.body[0].weight.data[0, 0] = float("nan")
    with pytest.raises(StabilityError, match="stopped by an alarm: not finite"):
        train(tmp_path, HuggingFaceCallback(every=1, stop_on={"nan"}), model=broken)


@pytest.mark.slow
@real
def test_a_model_of_transformers_is_read(tmp_path):
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(n_layer=1, n_head=2, n_embd=16, n_positions=8, vocab_size=11, activation_function="relu")
    torch.manual_seed(0)
    model = GPT2LMHeadModel(config)
    from transformers import Trainer, TrainingArguments

    tokens = torch.randint(11, (16, 8), generator=torch.Generator().manual_seed(1))
    settings = {"max_steps": 4, "report_to": [], "use_cpu": True, "disable_tqdm": True, "save_strategy": "no"}
    callback = HuggingFaceCallback(every=2)
    examples = [{"input_ids": row, "labels": row} for row in tokens]
    Trainer(model, TrainingArguments(str(tmp_path), **settings), train_dataset=examples, callbacks=[callback]).train()
    assert isinstance(callback.monitor, Monitor)
    assert [layer.name for layer in callback.monitor.latest.layers] == ["transformer.h.0.mlp.c_fc"]
    assert callback.monitor.latest.loss > 0


COUNT = 2


def process(rank, folder):
    """Train as one of two processes, which share a batch; write what came of it."""
    own = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(COUNT)}
    os.environ.update(own, MASTER_ADDR="localhost", MASTER_PORT="0")  # asked for, and not used
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=COUNT)
    half, found = {"per_device_train_batch_size": 4}, {}
    sharing = {**half, "gradient_accumulation_steps": 2}
    saving = {**half, "save_strategy": "steps", "save_steps": 4}

    def run(name, callback, model=None, resume=None, **settings):
        trainer = train(Path(folder) / name, callback, model=model, resume=resume, **settings)
        (used,) = [each for each in trainer.callback_handler.callbacks if isinstance(each, HuggingFaceCallback)]
        log = [] if used.controller is None else [(str(each), each.changed) for each in used.controller.log]
        return {
            "weights": weights(trainer.model).detach(),
            "readings": used.monitor.to_json()["readings"],
            "history": trainer.state.log_history,
            "log": log,
        }

    def dead():
        model = Classifier()
        model.body[0].bias.data.fill_(-50.0)
        return model

    try:
        found["bare"] = weights(train(folder, **half).model).detach()
        found["plain"] = run("plain", HuggingFaceCallback(every=1), **half)
        found["sharing"] = run("sharing", HuggingFaceCallback(every=1), Sharing(), **sharing)
        for policy in ("careful", "better"):
            settings = {"every": 1, "policy": policy, "module": "body"}
            found[policy] = run(policy, HuggingFaceCallback(**settings), dead(), **saving)
            last = str(Path(folder) / policy / "checkpoint-4")
            found[policy, "again"] = run("again", HuggingFaceCallback(**settings), dead(), last, **saving)
    finally:
        distributed.destroy_process_group()
    torch.save(found, Path(folder) / str(rank))


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("processes")
    (folder / "two_trainers.py").write_text(Path(__file__).read_text(encoding="utf-8"), encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        multiprocessing.spawn(importlib.import_module("two_trainers").process, (str(folder),), COUNT)
    finally:
        sys.path.remove(str(folder))
    return [torch.load(folder / str(rank), weights_only=True) for rank in range(COUNT)]


@pytest.mark.slow
@real
def test_two_processes_are_read_as_one_on_the_whole_batch(both, tmp_path):
    alone = HuggingFaceCallback(every=1)
    train(tmp_path, alone, dataloader_drop_last=True)
    for rank, found in enumerate(both):
        assert torch.equal(found["plain"]["weights"], found["bare"])
        history = [each for each in found["plain"]["history"] if "grad_norm" in each]
        readings = found["plain"]["readings"]
        assert [each["step"] for each in readings] == [*range(8)]
        assert {each["layers"][0]["points"] for each in readings} == {8}
        assert [each["gradient_norm"] for each in readings] == pytest.approx([each["grad_norm"] for each in history])
        assert [each["loss"] for each in readings] == pytest.approx([each["loss"] for each in history], rel=1e-4)
        written = [each for each in found["plain"]["history"] if "stability/alarms" in each]
        assert len(written) == (0 if rank else 8)
        (name,) = {each["layers"][0]["name"] for each in readings}
        assert name == alone.monitor.latest.layers[0].name


@pytest.mark.slow
@real
def test_a_loss_that_is_shared_by_micro_batches_and_processes_is_read_whole(both):
    for found in both:
        history = [each for each in found["sharing"]["history"] if "grad_norm" in each]
        read = [each["loss"] for each in found["sharing"]["readings"]]
        assert read == pytest.approx([each["loss"] for each in history], rel=1e-3)
        assert read[0] > 0.5


@pytest.mark.slow
@real
@pytest.mark.parametrize("policy", ["careful", "better"])
def test_a_controller_of_two_processes_keeps_their_weights_equal_and_goes_on(both, policy):
    one, other = (found[policy] for found in both)
    assert any(changed for _, changed in one["log"])
    assert one["log"] == other["log"]
    assert one["readings"][0]["layers"][0]["dead_units"] == 8
    assert one["readings"][-1]["layers"][0]["dead_units"] < 8
    for found in both:
        assert torch.equal(found[policy]["weights"], one["weights"])
        assert torch.equal(found[policy, "again"]["weights"], one["weights"])
    assert repr(both[0][policy, "again"]["readings"]) == repr(one["readings"])


@pytest.mark.slow
@real
def test_the_page_runs_as_it_stands(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    exec(compile(code, str(PAGE), "exec"), {"__name__": "__main__"})
    said = re.findall(r"print\(.*\)  # (.*)", code)
    assert said
    printed = capsys.readouterr().out
    assert all(each in printed for each in said)


@pytest.mark.slow
@real
def test_batches_and_outputs_of_transformers_are_read_by_name():
    from transformers import BatchEncoding
    from transformers.modeling_outputs import BaseModelOutput

    from stability import capture, layer_geometry

    class Named(torch.nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.body = torch.nn.Linear(4, 8)

        def forward(self, *, last_hidden_state):
            return torch.relu(self.body(last_hidden_state))

    x = torch.randn(6, 4)
    wanted = layer_geometry(Named(), x).layers[0].dead_units.tolist()
    for batch in (BatchEncoding({"last_hidden_state": x, "labels": x}), BaseModelOutput(last_hidden_state=x)):
        assert layer_geometry(Named(), batch).layers[0].dead_units.tolist() == wanted
        assert torch.equal(capture(Named(), batch)[0].z, capture(Named(), x)[0].z)
