"""What the commands that train deep networks ask for, and how they end."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from command_line import invoked, printed
from typer.testing import CliRunner

from stability.cli import deep, deep_report
from stability.cli.main import app
from stability.errors import FileError, NumberError, UnknownNameError
from stability.studies import deep_table as study

PLAIN = {
    "data": "moons", "depth": 50, "width": 4, "method": "sep-pu", "every": None, "weight": 1e-4, "rho": None,
    "power": 2, "ties": "split", "main_loss": True, "init": "glorot", "dropout": 0.0, "anneal": 1000, "slope": 0.01,
    "lr": 0.01, "epochs": 5000, "seeds": 8, "first_seed": 0, "device": "auto", "dtype": "float32",
}  # fmt: skip
"""What separation-constraints trains: two moons, depth 50, width 4, Adam with step 0.01."""


@pytest.fixture
def asked(monkeypatch):
    """Return what every training was asked for, in order; none is made."""
    given = []

    def run(**settings):
        given.append(settings)
        return SimpleNamespace(interrupted=False, **settings)

    monkeypatch.setattr(deep_report, "run_deep", run)
    monkeypatch.setattr(deep_report, "report", lambda run: {"method": run.method})
    monkeypatch.setattr(deep_report, "deep_tables", lambda run: [f"shown: {run.method}"])
    return given


def test_the_defaults_are_those_of_the_write_up(asked):
    assert printed("train-deep").strip() == "shown: sep-pu"
    assert asked == [PLAIN]


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        (
            "--data xor --depth 3 --width 2 --method leaky --slope 0.2",
            {"data": "xor", "depth": 3, "width": 2, "method": "leaky", "slope": 0.2},
        ),
        (
            "--weight 0.5 --rho 0.25 --power 1 --ties first --no-main-loss",
            {"weight": 0.5, "rho": 0.25, "power": 1, "ties": "first", "main_loss": False},
        ),
        ("--init zero --dropout 0.5 --anneal 0", {"init": "zero", "dropout": 0.5, "anneal": 0}),
        (
            "--lr 0.1 --epochs 7 --seeds 2 --seed 4 --every 3",
            {"lr": 0.1, "epochs": 7, "seeds": 2, "first_seed": 4, "every": 3},
        ),
        ("--device cpu --dtype float64", {"device": "cpu", "dtype": "float64"}),
    ],
)
def test_an_option_changes_its_own_setting_alone(words, changed, asked):
    printed("train-deep", *words.split())
    assert asked == [PLAIN | changed]


def test_the_result_is_shown_even_where_the_file_cannot_be_written(asked, monkeypatch):
    def full(run, path):
        raise FileError("Could not write it.", "Name another.")

    monkeypatch.setattr(deep_report, "write_deep_parquet", full)
    found = CliRunner().invoke(app, ["train-deep", "--json", "-", "-o", "seeds.parquet"])
    assert isinstance(found.exception, FileError)
    assert json.loads(found.stdout) == {"method": "sep-pu"}


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("--power 3", NumberError),
        ("--power 0", NumberError),
        ("--depth 0", NumberError),
        ("--seed -1", NumberError),
        ("--ties last", UnknownNameError),
        ("-o seeds.csv", FileError),
        ("-o /nowhere/seeds.parquet", FileError),
    ],
)
def test_what_makes_no_sense_trains_nothing(words, error, asked):
    with pytest.raises(error):
        printed("train-deep", *words.split())
    assert asked == []


def test_an_interrupted_training_is_shown_with_status_130(asked, monkeypatch):
    monkeypatch.setattr(deep_report, "run_deep", lambda **settings: SimpleNamespace(interrupted=True, **settings))
    assert invoked("train-deep", "--method", "relu", status=130).stdout.strip() == "shown: relu"


def outcome(interrupted=False, **settings):
    """Return a run in which every number is 1/2."""
    ways = [(quantity, by_batch) for quantity in study.QUANTITIES for by_batch in (False, True)]
    names = {name for way in ways for name in study.measured_names(*way)}
    arrays = {name: np.array([0.5]) for name in names}
    summary = {**{name: [0.5] for name in names}, "seeds": [0], "diverged": [-1], "seconds": 1.0}
    return SimpleNamespace(
        seeds=[0],
        epochs=settings["epochs"],
        device=settings["device"],
        interrupted=interrupted,
        settings=SimpleNamespace(weight=settings["weight"]),
        summary=lambda: summary,
        **arrays,
    )


def test_the_table_trains_every_method_alike(monkeypatch):
    given = []
    monkeypatch.setattr(deep_report, "run_deep", lambda **settings: given.append(settings) or outcome(**settings))
    reported = json.loads(
        printed(
            "deep-table", *["--epochs", "9", "--seeds", "1", "--seed", "2", "--weight", "0.5", "--power", "1"], "--json"
        )
    )
    methods = ["relu", "relu-bn", "sep-l", "sep-p", "sep-u", "sep-pu", "leaky", "crelu"]
    assert [each["method"] for each in given] == [*reported["methods"]] == methods
    alike = [{name: value for name, value in each.items() if name != "method"} for each in given]
    assert all(each == alike[0] for each in alike)
    assert (
        alike[0] | {"epochs": 9, "seeds": 1, "first_seed": 2, "weight": 0.5, "power": 1, "depth": 50, "width": 4}
        == alike[0]
    )
    assert reported["methods"]["sep-l"]["published"]["val_loss"] == 0.0211
    assert reported["methods"]["relu-bn"]["batch_accuracy_max"] == [0.5]
    assert reported["methods"]["crelu"]["published"] is None


def test_a_table_that_was_interrupted_has_the_methods_that_were_reached(monkeypatch):
    monkeypatch.setattr(
        deep_report, "run_deep", lambda **settings: outcome(settings["method"] == "relu-bn", **settings)
    )
    shown = printed("deep-table", "--table", "csv", status=130)
    assert [line.split(",")[0] for line in shown.splitlines() if line.startswith(("relu", "sep"))] == [
        "relu",
        "relu-bn",
    ] * 2


def test_both_are_commands_under_their_names():
    names = {each.name: each.callback for each in app.registered_commands}
    assert (names["train-deep"], names["deep-table"]) == (deep.train_deep, deep.deep_table)
