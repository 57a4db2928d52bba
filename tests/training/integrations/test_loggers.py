"""TensorBoard and W&B, by stand-ins in a moment and by the real libraries, offline, in the slow tests."""

import json
from importlib.util import find_spec

import pytest
import torch

from stability import Monitor
from stability.errors import MissingPackageError
from stability.integrations import TensorBoardLogger, WandbLogger
from stability.training.integrations import optional
from stability.training.monitoring.scalars import scalars


def readings(log):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with Monitor(model, every=2, log=log) as monitor:
        for _ in range(5):
            loss = model(torch.randn(7, 3)).square().mean()
            monitor.note(loss)
            loss.backward()
            optimizer.step()
    return monitor.readings


def needs(name):
    return pytest.mark.skipif(find_spec(name) is None, reason=f"{name} not installed; `make test-slow` installs it")


@pytest.mark.parametrize(
    ("make", "name"),
    [(lambda: TensorBoardLogger("runs"), "tensorboard"), (WandbLogger, "wandb")],
    ids=["tensorboard", "wandb"],
)
def test_without_the_library_there_is_one_sentence(make, name, monkeypatch):
    def fails(module):
        raise ModuleNotFoundError(f"No module named {module!r}", name=name)

    monkeypatch.setattr(optional, "import_module", fails)
    with pytest.raises(MissingPackageError, match=rf"Expected {name} to be installed.*\n.*pip install {name}"):
        make()


class Writer:
    """Stands for a SummaryWriter."""

    def __init__(self):
        self.written, self.flushed, self.closed = [], 0, 0

    def add_scalar(self, name, value, step):
        self.written.append((name, value, step))

    def flush(self):
        self.flushed += 1

    def close(self):
        self.closed += 1


def test_a_writer_of_your_own_gets_all_numbers_and_stays_open():
    writer = Writer()
    with TensorBoardLogger(writer) as log:
        found = readings(log)
    assert writer.written == [(name, value, each.step) for each in found for name, value in scalars(each).items()]
    assert (writer.flushed, writer.closed) == (1, 0)


class Run:
    """Stands for a run of W&B."""

    def __init__(self):
        self.metrics, self.logged = [], []

    def define_metric(self, name, step_metric=None):
        self.metrics.append((name, step_metric))

    def log(self, numbers):
        self.logged.append(numbers)


def test_a_run_of_your_own_has_an_axis_for_the_readings():
    run = Run()
    with WandbLogger(run) as log:
        found = readings(log)
    assert run.metrics == [("stability/step", None), ("stability/*", "stability/step")]
    assert run.logged == [{"stability/step": each.step, **scalars(each)} for each in found]


@pytest.mark.slow
@needs("tensorboard")
def test_tensorboard_reads_back_what_was_written(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with TensorBoardLogger(tmp_path) as log:
        found = readings(log)
    board = EventAccumulator(str(tmp_path)).Reload()
    assert {*board.Tags()["scalars"]} == {name for each in found for name in scalars(each)}
    norms = [(event.step, event.value) for event in board.Scalars("stability/layers/0/gradient_norm")]
    assert norms == [(each.step, pytest.approx(each.layers[0].gradient_norm)) for each in found]


@pytest.mark.slow
@needs("wandb")
def test_wandb_begins_a_run_offline_and_finishes_it(tmp_path, monkeypatch):
    import wandb

    monkeypatch.setenv("WANDB_SILENT", "true")
    with WandbLogger(project="health", mode="offline", dir=str(tmp_path)) as log:
        found = readings(log)
        summary = dict(wandb.run.summary)
    assert wandb.run is None
    last = {"stability/step": found[-1].step, **scalars(found[-1])}
    assert {name: summary[name] for name in last} == pytest.approx(last)
    assert json.dumps(last)
    assert list(tmp_path.rglob("*.wandb"))


@pytest.mark.slow
@needs("wandb")
def test_the_current_run_of_wandb_is_used_and_stays_open(tmp_path, monkeypatch):
    import wandb

    monkeypatch.setenv("WANDB_SILENT", "true")
    run = wandb.init(project="own", mode="offline", dir=str(tmp_path))
    with WandbLogger() as log:
        found = readings(log)
    assert wandb.run is run
    assert run.summary["stability/loss"] == pytest.approx(found[-1].loss)
    run.finish()
