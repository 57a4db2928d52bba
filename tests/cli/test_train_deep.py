"""The commands that train deep networks: what they print, what they write, and what they refuse."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from stability.cli import deep_report as deep_runs
from stability.cli.deep_report import layers_shown, spread
from stability.cli.main import app
from stability.errors import FileError, StabilityError, UnknownNameError
from stability.studies.deep_table import PUBLISHED
from stability.training.deep.training import train_deep
from stability.version import __version__

QUICK = ["--depth", "4", "--width", "3", "--epochs", "40", "--seeds", "3", "--seed", "5", "--device", "cpu"]
KEYS = [
    "train_accuracy_final", "train_accuracy_max", "val_accuracy_final", "val_accuracy_max", "loss_final",
    "penalty_final",
]  # fmt: skip


def run(*arguments, status=0, command="train-deep"):
    found = CliRunner().invoke(app, [command, *map(str, arguments)])
    if isinstance(found.exception, StabilityError):
        raise found.exception
    assert found.exit_code == status, found.output
    return found.stdout


def test_the_json_says_what_the_run_is():
    report = json.loads(run("--data", "moons", "--method", "sep-pu", "--weight", "1e-2", *QUICK, "--json"))
    own = train_deep("moons", 4, 3, "sep-pu", weight=1e-2, seeds=3, first_seed=5, epochs=40, device="cpu")
    for key in KEYS:
        assert report[key] == getattr(own, key).tolist()
    assert report["seeds"] == [5, 6, 7]
    assert (report["method"], report["depth"], report["width"], report["data"]) == ("sep-pu", 4, 3, "moons")
    assert (report["weight"], report["rho"], report["power"], report["ties"]) == (0.01, 0.5, 2, "split")
    assert np.shape(report["gradient_norm_end"]) == np.shape(report["dead_examples_start"]) == (3, 4)
    assert report["version"] == __version__
    assert report["seconds"] > 0


def test_all_options_reach_the_training():
    options = [
        "--rho",
        "0.7",
        "--power",
        "1",
        "--ties",
        "first",
        "--init",
        "zero",
        "--dropout",
        "0.5",
        "--anneal",
        "20",
    ]
    more = ["--lr", "0.02", "--dtype", "float64", "--every", "10", "--no-main-loss"]
    report = json.loads(run("--method", "sep-l", *options, *more, *QUICK, "--json"))
    own = train_deep(
        "moons", 4, 3, "sep-l", rho=0.7, power=1, ties="first", init="zero", dropout=0.5, anneal=20, lr=0.02,
        dtype="float64", every=10, main_loss=False, seeds=3, first_seed=5, epochs=40, device="cpu",
    )  # fmt: skip
    assert report["loss_final"] == own.loss_final.tolist()
    assert report["history"]["epochs"] == [0, 10, 20, 30, 40]
    leaky = json.loads(run("--method", "leaky", "--slope", "0.5", *QUICK, "--json"))
    own = train_deep("moons", 4, 3, "leaky", slope=0.5, seeds=3, first_seed=5, epochs=40, device="cpu")
    assert leaky["loss_final"] == own.loss_final.tolist()


def test_people_read_both_maximum_and_final_values_and_layers():
    shown = run("--method", "sep-u", *QUICK)
    for words in (
        "accuracy, maximum",
        "accuracy, final",
        "penalty, final",
        "slack over points",
        "dead units at the end",
    ):
        assert words in shown
    assert "layer 4" in shown
    assert "penalty" not in run("--method", "relu", *QUICK)
    assert "3 of 3 diverged" in run("--method", "sep-u", *QUICK[:-6], "--lr", "1e30", "--seeds", "3")


def test_the_parquet_has_one_row_per_seed(tmp_path):
    path = tmp_path / "runs.parquet"
    run("--method", "relu", *QUICK, "-o", path)
    table = pq.read_table(path)
    own = train_deep("moons", 4, 3, "relu", seeds=3, first_seed=5, epochs=40, device="cpu")
    assert table.column("loss_final").to_pylist() == own.loss_final.tolist()
    assert table.column("dead_units_end").to_pylist() == own.dead_units_end.tolist()
    assert table.column("history_loss").to_pylist() == own.history["loss"].tolist()
    kept = json.loads(table.schema.metadata[b"stability"])
    assert (kept["method"], kept["depth"], kept["version"]) == ("relu", 4, __version__)


def test_an_interruption_shows_what_is_known(monkeypatch):
    def stopping(*args, progress, **settings):
        def stop(stage, done, total):
            if done:
                raise KeyboardInterrupt

        return train_deep(*args, **settings, progress=stop)

    monkeypatch.setattr(deep_runs, "train_deep", stopping)
    more = [*QUICK[:4], "--epochs", "80", "--seeds", "2"]
    shown = run("--method", "relu", *more, status=130)
    assert shown.startswith("Interrupted: 2 of 2 seeds, the last after 50 epochs")


def test_the_table_stands_beside_the_published_one():
    report = json.loads(run("--epochs", "5", "--seeds", "2", "--json", command="deep-table"))
    assert set(report["methods"]) == {*PUBLISHED, "leaky", "crelu"}
    own = train_deep("moons", 50, 4, "sep-l", seeds=2, epochs=5)
    row = report["methods"]["sep-l"]
    assert row["train_accuracy_max"] == own.train_accuracy_max.tolist()
    assert row["val_loss_at_best"] == own.val_loss_at_best.tolist()
    assert row["published"] == {"train_accuracy": 1, "val_accuracy": 1, "loss": 0, "val_loss": 0.0211}
    shown = run("--epochs", "2", "--seeds", "1", command="deep-table")
    assert "0.8117" in shown
    assert "1.5228" in shown


def test_few_layers_are_shown_of_many():
    assert layers_shown(3) == [0, 1, 2]
    assert layers_shown(1) == [0]
    shown = layers_shown(120)
    assert (shown[0], shown[-1], len(shown)) == (0, 119, 9)


def test_spreads_leave_out_what_is_not_a_number():
    assert spread([1.0, float("nan"), 3.0, 2.0]) == ("2", "1", "3")
    assert spread([float("nan")]) == ("none",) * 3


@pytest.mark.parametrize(
    ("error", "arguments"),
    [
        (UnknownNameError, ["--method", "sep-up"]),
        (UnknownNameError, ["--data", "moon"]),
        (UnknownNameError, ["--init", "glorott"]),
        (StabilityError, ["--data", "digits"]),
        (StabilityError, ["--depth", "0"]),
        (StabilityError, ["--width", "-1"]),
        (StabilityError, ["--epochs", "0"]),
        (StabilityError, ["--seeds", "0"]),
        (StabilityError, ["--lr", "nan"]),
        (StabilityError, ["--weight", "nan"]),
        (StabilityError, ["--rho", "nan"]),
        (StabilityError, ["--dropout", "1"]),
        (StabilityError, ["--device", "tpu"]),
        (FileError, ["-o", "/no/such/folder/x.parquet"]),
    ],
)
def test_bad_input(error, arguments):
    with pytest.raises(error):
        run(*arguments)


def test_a_near_name_is_suggested():
    with pytest.raises(UnknownNameError, match="Did you mean 'sep-pu'"):
        run("--method", "sep_pu")
