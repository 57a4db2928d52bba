"""The command that trains ensembles: one step by hand, how runs stop, and what is refused before torch loads."""

import json
from dataclasses import replace
from fractions import Fraction

import pyarrow.parquet as pq
import pytest
from command_line import printed
from typer.testing import CliRunner

from stability.cli import training, training_report
from stability.cli.main import app
from stability.errors import FileError, NumberError, StabilityError, UnknownNameError

QUICK = ["--restarts", "6", "--epochs", "3", "--device", "cpu", "--mode", "eager"]


def report(*words, status=0):
    return json.loads(printed("train", *words, "--json", "-", status=status))


@pytest.fixture
def asked(monkeypatch):
    """Return what the training was asked for; it is not made."""
    given = {}

    def train(**settings):
        given.update(settings)
        raise KeyboardInterrupt

    monkeypatch.setattr(training_report, "train_and_label", train)
    return given


def test_the_defaults_are_those_that_the_help_names(asked):
    CliRunner().invoke(app, ["train", "relu2", "xor", "--init", "normal:1"])
    assert str(asked.pop("rule")) == "adam (step 1/100, beta1 9/10, beta2 999/1000, eps 1/100000000)"
    problem = asked.pop("task")
    assert (problem.name, problem.data.name, problem.loss_kind) == ("relu2", "xor", "mean")
    assert asked == {
        "init": "normal:1", "epochs": 800, "stop_loss": 0.0, "patience": None, "restarts": 20_000, "seed": 0,
        "dtype": "float32", "device": "auto", "mode": "auto",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("--optimizer sgd --lr 0.1", "gd (step 1/10)"),
        ("--optimizer sgd --lr 0.1 --momentum 0.5", "heavy-ball (step 1/10, momentum 1/2)"),
        ("--optimizer gd --lr 1/3", "gd (step 1/3)"),
        ("--betas 0.5,0.75", "adam (step 1/100, beta1 1/2, beta2 3/4, eps 1/100000000)"),
    ],
)
def test_the_rule_is_exact(words, rule, asked):
    CliRunner().invoke(app, ["train", "abs1", "xor", "--init", "normal:1", *words.split()])
    assert str(asked["rule"]) == rule


def test_the_other_options_reach_the_training(asked):
    words = "--epochs 7 --stop-loss 0.5 --patience 2 --restarts 9 --seed 3 --loss sum --dtype float64 --device cpu"
    CliRunner().invoke(app, ["train", "abs1", "xor", "--init", "normal:1", *words.split(), "--mode", "eager"])
    assert asked.pop("task").loss_kind == "sum"
    del asked["rule"]
    assert asked == {
        "init": "normal:1", "epochs": 7, "stop_loss": 0.5, "patience": 2, "restarts": 9, "seed": 3,
        "dtype": "float64", "device": "cpu", "mode": "eager",
    }  # fmt: skip


def test_runs_stop_below_a_loss_at_once_or_after_all_epochs():
    """No mean of squares on XOR from starts near 0 is above 10; none is below 0."""
    stopped = report("abs1", "xor", "--init", "normal:0.01", *QUICK, "--stop-loss", "10")
    assert stopped["stops"] == {"epochs": 0, "loss": 6, "patience": 0, "diverged": 0}
    done = report("abs1", "xor", "--init", "normal:0.01", *QUICK)
    assert done["stops"] == {"epochs": 6, "loss": 0, "patience": 0, "diverged": 0}
    assert done["epochs_all"]["50"] == 3


def test_a_dead_unit_stays_and_solves_nothing(tmp_path):
    """With labels above what a dead ReLU gives, every run keeps the loss of the output 0, here (1 + 9) / 2 = 5."""
    file = tmp_path / "far.csv"
    file.write_text("x1,y\n1,1\n1/2,3\n")
    found = report("relu1", file, "--init", "uniform:-2:-1", *QUICK, "--optimizer", "gd")
    assert (found["successes"], found["restarts"]) == (0, 6)
    assert {Fraction(each["loss"]) for each in found["end_states"]} == {Fraction(5)}
    assert sum(each["count"] for each in found["end_states"]) == 6


def test_rows_are_written_one_per_run(tmp_path):
    printed("train", "abs1", "xor", "--init", "normal:1", *QUICK, "-o", tmp_path / "runs.parquet")
    assert pq.read_table(tmp_path / "runs.parquet").num_rows == 6


def test_the_result_is_shown_even_where_the_rows_cannot_be_written(monkeypatch, tmp_path):
    def full(*_):
        raise FileError("Could not write it.", "Name another.")

    monkeypatch.setattr(training_report, "write_parquet", full)
    words = ["abs1", "xor", "--init", "normal:1", *QUICK, "--json", "-", "-o", str(tmp_path / "runs.parquet")]
    found = CliRunner().invoke(app, ["train", *words])
    assert isinstance(found.exception, FileError)
    assert json.loads(found.stdout)["restarts"] == 6


def test_an_interrupted_training_is_shown_with_status_130(monkeypatch):
    real = training_report.train_and_label

    def stopped(**settings):
        found, sets = real(**settings)
        return replace(found, wanted=found.wanted + 1), sets

    monkeypatch.setattr(training_report, "train_and_label", stopped)
    assert report("abs1", "xor", "--init", "normal:1", *QUICK, status=130)["wanted"] == 7


def test_the_same_seed_gives_the_same_runs():
    first, again, other = (report("abs1", "xor", "--init", "normal:1", *QUICK, "--seed", k) for k in (1, 1, 2))
    assert first["end_states"] == again["end_states"] != other["end_states"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("--init normall:1", UnknownNameError),
        ("--init normal:1 --optimizer adm", UnknownNameError),
        ("--init normal:1 --lr 0", NumberError),
        ("--init normal:1 --betas 0.5", NumberError),
        ("--init normal:1 --restarts 0", StabilityError),
        ("--init normal:1 --epochs -1", StabilityError),
        ("--init normal:1 --patience 0", StabilityError),
        ("--init normal:1 --dtype float16", UnknownNameError),
        ("--init normal:1 -o runs.csv", FileError),
    ],
)
def test_what_makes_no_sense_trains_nothing(words, error, asked):
    with pytest.raises(error):
        printed("train", "abs1", "xor", *words.split())
    assert asked == {}


def test_it_is_a_command_under_its_name():
    registered = {each.name: each.callback for each in app.registered_commands}
    assert registered["train"] is training.train
