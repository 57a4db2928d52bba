"""The command that trains: what it prints, what it writes, and what it refuses."""

import errno
import json
import re
import subprocess
import sys
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from some_slow import some_slow
from typer.testing import CliRunner

from stability import landscape
from stability.audit.end_states import EndState, end_states, labels, named_states
from stability.cli import training_report
from stability.cli.main import app
from stability.cli.training_report import columns, training_tables
from stability.errors import FileError, StabilityError, UnknownNameError
from stability.geometry.atlas.atlas import known_atlas
from stability.initialisation.table import listing
from stability.model.datasets import Dataset
from stability.model.flat_points import by_rows
from stability.model.update_rules import update_rule
from stability.model.wilson import wilson
from stability.training.ensembles import ensemble
from stability.training.ensembles.ensemble import train
from stability.training.ensembles.problem import task
from stability.version import __version__

QUICK = ["--epochs", "60", "--restarts", "300", "--seed", "3", "--device", "cpu"]


def run(*arguments, status=0):
    found = CliRunner().invoke(app, ["train", *map(str, arguments)])
    if isinstance(found.exception, StabilityError):
        raise found.exception
    assert found.exit_code == status, found.output
    return found.stdout


def test_the_json_says_what_the_ensemble_is():
    report = json.loads(run("relu2", "xor", "--init", "normal:0.5", "--betas", "0.9,0.99", *QUICK, "--json"))
    adam = update_rule("adam", step="1/100", beta2="99/100")
    own = train(task("relu2", "xor"), "normal:0.5", adam, epochs=60, restarts=300, seed=3, device="cpu")
    count = int(own.success.sum())
    assert (report["restarts"], report["successes"], report["success_rate"]) == (300, count, count / 300)
    assert (report["wilson_low"], report["wilson_high"]) == wilson(count, 300)
    assert list(report["epochs_all"]) == ["0", "10", "25", "50", "75", "90", "100"]
    assert report["epochs_all"]["50"] == 60
    assert report["loss_kind"] == "mean"
    assert sum(state["count"] for state in report["end_states"]) == 300
    assert report["unexplained"] == sum(s["count"] for s in report["end_states"] if s["kind"] == "unexplained")
    assert (report["device"], report["compiled"], report["version"]) == ("cpu", False, __version__)
    assert report["seconds"] > 0


def test_no_success_has_no_quantiles():
    report = json.loads(run("relu1", "xor", "--init", "normal:0.5", *QUICK, "--json"))
    assert report["successes"] == 0
    assert report["epochs_success"] is None


def test_people_read_the_rate_the_stops_and_the_ends():
    shown = run("abs1", "xor", "--init", "normal:0.5:0.5", "--optimizer", "sgd", "--lr", "0.1", *QUICK)
    for part in (
        "mean of squared errors",
        "95% interval",
        "epochs at the stop",
        "global minimum",
        "local minimum",
        "1/4",
    ):
        assert part in shown


def test_runs_end_where_exact_classification_says():
    gd = update_rule("gd", step="1/50")
    for model in ("relu2", "abs1"):
        found = train(task(model, "xor", "sum"), "normal:0.5:0.5", gd, epochs=4000, restarts=80, dtype="float64")
        sets = labels(found)
        atlas = known_atlas(found.task.landscape)
        for point, loss, own in zip(found.rows(), found.losses, sets, strict=True):
            if own >= 0:
                assert float(atlas.sets[own].loss) == pytest.approx(loss, abs=1e-3)
                if atlas.sets[own].isolated:
                    exact = [[Fraction(float(x)).limit_denominator(20) for x in row] for row in point]
                    assert atlas.of(exact).index == own
        assert (sets >= 0).mean() > 0.98
        states = end_states(found, sets)
        assert sum(state.count for state in states) == 80
        assert all(state.right in (0, state.count) for state in states if state.loss == "0")


def test_the_parquet_file_has_a_row_per_run_and_its_origin(tmp_path):
    path = tmp_path / "runs.parquet"
    run("relu2", "xor", "--init", "normal:0.5", *QUICK, "-o", path)
    table = pq.read_table(path)
    origin = json.loads(table.schema.metadata[b"stability"])
    assert (origin["version"], origin["seed"], origin["restarts"]) == (__version__, 3, 300)
    assert "arguments" in origin
    own = train(task("relu2", "xor"), "normal:0.5", update_rule("adam", step="1/100"), epochs=60, restarts=300, seed=3)
    for name, values in columns(own, labels(own)).items():
        assert np.array_equal(table[name].to_numpy(), values), name
    assert {
        "start_w1_1",
        "end_b_2",
        "start_dead_examples_of_1",
        "start_margin",
        "end_mirrored",
        "distance",
        "set",
    } <= set(table.column_names)
    assert [p.name for p in tmp_path.iterdir()] == ["runs.parquet"]


def test_the_start_geometry_is_counted_by_hand():
    found = train(
        task("relu2", "xor"), "normal:0.5:0.5", update_rule("gd", step="1/10"), epochs=0, restarts=50, dtype="float64"
    )
    table = columns(found, None)
    points, labels_of = found.task.points, found.task.labels
    for i, rows in enumerate(found.rows(found.starts)):
        z = [[float(r[:2] @ x + r[2]) for x in points] for r in rows]
        seen = [max(z[0][k], z[1][k]) for k in range(4)]
        for label in (0, 1):
            dead = sum(s <= 0 for s, y in zip(seen, labels_of, strict=True) if y == label)
            assert table[f"start_dead_examples_of_{label}"][i] == dead
        assert table["start_margin"][i] == pytest.approx(min(seen))
        assert table["start_dead_units"][i] == sum(max(row) <= 0 for row in z)


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    def full(self, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FileError, match="No space left"):
        run("relu2", "xor", "--init", "normal:0.5", *QUICK, "-o", tmp_path / "runs.parquet")
    assert not list(tmp_path.iterdir())


def test_ctrl_c_reports_what_was_done(monkeypatch):
    real, seen = ensemble._chunk, []

    def chunk(*arguments):
        seen.append(arguments)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(ensemble, "_chunk", chunk)
    monkeypatch.setattr(ensemble.train, "__kwdefaults__", {**ensemble.train.__kwdefaults__, "chunk": 100})
    shown = run("relu2", "xor", "--init", "normal:0.5", *QUICK, status=130)
    assert "Interrupted after 100 of 300 restarts" in shown


def test_the_initialisations_are_listed():
    shown = run("--list-inits")
    assert all(form in shown and line in shown for form, line in listing())


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (["relu2", "xor", "--init", "norml:0.5"], UnknownNameError, "normal"),
        (["relu2", "xor", "--init", "normal:x"], StabilityError, "rational number"),
        (["relu2", "xor", "--init", "normal:0.5", "--optimizer", "adm"], UnknownNameError, "adam"),
        (["relu2", "xor", "--init", "normal:0.5", "--lr", "0"], StabilityError, "above 0"),
        (["relu2", "xor", "--init", "normal:0.5", "--lr", "nan"], StabilityError, "step"),
        (["relu2", "xor", "--init", "normal:0.5", "--betas", "0.9"], StabilityError, "two betas"),
        (["relu2", "xor", "--init", "normal:0.5", "--betas", "0.9,1"], StabilityError, "below 1"),
        (["relu2", "xor", "--init", "normal:0.5", "--momentum", "0.9"], UnknownNameError, "momentum"),
        (["relu2", "xor", "--init", "normal:0.5", "--restarts", "0"], StabilityError, "at least 1"),
        (["relu2", "xor", "--init", "normal:0.5", "--stop-loss", "nan"], StabilityError, "at least 0"),
        (["relu2", "xor", "--init", "normal:0.5", "--device", "tpu"], StabilityError, "cuda"),
        (["relu2", "xor", "--init", "normal:0.5", "--mode", "slow"], StabilityError, "auto"),
        (["relu2", "xor", "--init", "mirrored:0.5", "-o", "/nowhere/x.parquet"], FileError, "folder"),
        (["relu3", "xor", "--init", "mirrored:0.5"], StabilityError, "Expected"),
        (["relu2", "xr", "--init", "normal:0.5"], UnknownNameError, "xor"),
        (["rel2", "xor", "--init", "normal:0.5"], UnknownNameError, "relu"),
    ],
)
def test_what_makes_no_sense_is_reported(arguments, error, hint):
    with pytest.raises(error) as problem:
        run(*arguments[:2], *QUICK, *arguments[2:])
    assert hint in str(problem.value)


def test_real_labels_train_and_nothing_is_said_about_right(tmp_path):
    path, kept = tmp_path / "ramp.csv", tmp_path / "runs.parquet"
    path.write_text("x1,y\n0,0.25\n1,1/3\n2,-2\n")
    report = run("relu1", path, "--init", "normal:0.5", *QUICK, "-o", kept)
    assert "regression: 3 different labels, so no output is correct or wrong" in report
    assert "all correct" not in report
    assert "success" not in report + " ".join(pq.read_table(kept).column_names)
    found = json.loads(run("relu1", path, "--init", "normal:0.5", *QUICK, "--epochs", 2000, "--json"))
    names = ("threshold", "successes", "success_rate", "wilson_low", "wilson_high", "epochs_success")
    assert {found[name] for name in names} | {state["right"] for state in found["end_states"]} == {None}
    sets = landscape("relu1", str(path), "mean").atlas().sets
    named = [state for state in found["end_states"] if state["set"] is not None]
    assert named
    assert all(sets[state["set"]].loss == Fraction(state["loss"]) for state in named)
    assert sum(state["count"] for state in found["end_states"]) == found["restarts"]


def test_the_threshold_is_named():
    few = ["--init", "normal:0.5", "--epochs", "60", "--restarts", "10", "--device", "cpu"]
    assert "(correct: an output above 1/2 stands for the label 1, any other for 0)" in run("relu2", "xor", *few)
    assert "(correct: the largest output is that of the class)" in run("relu1-linear", "xor", *few)


@pytest.mark.skipif(__import__("torch").cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there_is_reported():
    with pytest.raises(StabilityError, match="CUDA"):
        run("relu2", "xor", "--init", "normal:0.5", "--device", "cuda")


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ("relu[+,-]+c", ["w1_1", "w2_1", "b_1", "w1_2", "w2_2", "b_2", "c"]),
        ("relu1-out+c", ["w1_1", "w2_1", "b_1", "a1", "c"]),
        ("abs2-out-nob", ["w1_1", "w2_1", "w1_2", "w2_2", "a1", "a2"]),
        ("relu1-linear", ["w1_1", "w2_1", "b_1", "a1_1", "c_1", "a1_2", "c_2"]),
    ],
)
def test_columns_are_named_by_the_parameters(tmp_path, model, names):
    run(model, "xor", "--init", "torch-default", "--restarts", 7, "--epochs", 3, "-o", tmp_path / "runs.parquet")
    table = pq.read_table(tmp_path / "runs.parquet")
    others = ("dead", "margin", "mirrored", "angle")
    ends = [name.removeprefix("end_") for name in table.column_names if name.startswith("end_")]
    assert [name for name in ends if not name.startswith(others)] == names
    runs = train(task(model, "xor"), "torch-default", update_rule("adam", step="1/100"), restarts=7, epochs=3)
    for k, name in enumerate(names):
        assert np.array_equal(table[f"end_{name}"].to_numpy(), runs.points[:, k])
    width, units = runs.task.width, runs.task.units
    z = [row[j * width : j * width + 2] @ runs.task.points.T + (row[j * width + 2] if width == 3 else 0)
         for row in runs.points for j in range(units)]  # fmt: skip
    live = (np.array(z).reshape(7, units, 4) > 0).any(2)
    assert table["end_dead_units"].to_pylist() == (~live).sum(1).tolist()
    assert np.isfinite(table["end_angle_1"].to_numpy()).all()


BELOW = Dataset("below", [[1, -1], [-1, 1], [1, 1], [-1, -1]], [0, 0, -100, -100])
"""What a sum of absolute values does best on it is nothing: the origin of both units, where all kinks meet."""


@pytest.mark.parametrize(("optimiser", "step"), [("gd", "1/250"), ("adam", "4/5")])
def test_runs_that_chatter_circle_a_set_at_a_distance_in_proportion_to_the_step(optimiser, step):
    medians = []
    for part in (1, 2):
        update = update_rule(optimiser, step=Fraction(step) / part)
        found = train(task("abs2", BELOW), "normal:0.5", update, epochs=1500, restarts=60, seed=2, dtype="float64")
        states = named_states(found, labels(found))
        assert sum(state.count for state in states) == 60
        assert {(state.kind, state.set) for state in states} <= {("circling", 0), ("global minimum", 0)}
        circling = [state for state in states if state.kind == "circling"]
        assert sum(state.count for state in circling) > 30
        assert all(f"circling set 0 at distance {state.median:.2g}" in state.name for state in circling)
        assert all({"reason", "distance_median", "distance_largest"} <= set(state.to_json()) for state in circling)
        medians.append(max(state.largest for state in circling))
    assert medians[1] == pytest.approx(medians[0] / 2, rel=0.25)


def test_every_run_on_labels_below_zero_is_named():
    report = json.loads(run("abs2", "docs/data/below_zero.csv", "--init", "normal:0.5", "--restarts", "60", "--json"))
    assert report["unexplained"] == 0
    assert {(state["kind"], state["set"]) for state in report["end_states"]} <= {("global minimum", 0), ("circling", 0)}


def test_what_runs_at_no_set_do_is_named_and_counts_stay():
    """Five epochs are not enough; the next steps still come closer."""
    found = train(task("abs1", "xor"), "normal:0.5:0.5", update_rule("gd", step="1/50"), epochs=5, restarts=50)
    sets = labels(found)
    plain, named = end_states(found, sets), named_states(found, sets)
    assert [each for each in plain if each.kind == "unexplained"]
    assert not [each for each in named if each.kind == "unexplained"]
    assert sum(each.count for each in plain) == sum(each.count for each in named) == 50
    assert "beyond the budget" in {each.kind for each in named}


@pytest.mark.parametrize("sized", [True, False])
def test_the_least_loss_has_a_row_however_few_runs_end_there(sized, monkeypatch):
    """A run of 20 ends at the best set, fewer than anywhere else; without an atlas it has the least level of loss."""
    monkeypatch.setattr(training_report, "STATES_SHOWN", 2)
    found = train(task("abs1", "xor"), "normal:0.5:0.5", update_rule("gd", step="1/50"), epochs=1, restarts=20)
    kinds = ["global minimum", "local minimum", "saddle"] if sized else ["no atlas"] * 3
    counts, far = (1, 4, 7), EndState("0", "0", "unexplained", None, 8, 0)
    states = [
        *(EndState(str(k), str(4 * k), kinds[k], k if sized else None, counts[k], 0) for k in range(3)),
        *([far] if sized else []),
    ]
    tables = [part for part in training_tables(found, None, states) if not isinstance(part, str)]
    cells = list(tables[-1].columns[0].cells)
    assert cells == [kinds[0], "unexplained" if sized else kinds[2], f"{len(states) - 2} more (--json lists all)"]
    runs = next(list(each.cells) for each in tables[-1].columns if each.header == "runs")
    assert runs[0] == "1"
    assert sum(map(int, runs)) == sum(each.count for each in states)


@pytest.mark.parametrize(("model", "loss"), some_slow(product(["relu2-out", "abs1"], ["mean", "sum"]), 3))
def test_runs_that_still_move_show_their_own_loss(model, loss):
    """Three epochs from far away: the loss of the set that they lead to would be that of none of these runs."""
    given = task(model, "xor", loss)
    found = train(given, "normal:1", update_rule("gd", step="1/50"), epochs=3, restarts=20, dtype="float64")
    sets = labels(found)
    states = named_states(found, sets)
    moving = [each for each in states if each.set is not None and each.reason]
    assert moving
    total = sum(each.own_loss * each.count for each in states)
    assert total == pytest.approx(
        sum(float(given.landscape.loss(row.tolist())) for row in by_rows(given.landscape, found.points))
    )
    *parts, meaning = training_tables(found, sets, states)
    table = parts[-1]
    cells = {column.header: list(column.cells) for column in table.columns}
    shown = cells[f"loss ({loss})"]
    for each in moving:
        k = cells["ends on"].index(each.name)
        assert shown[k] == f"~{each.own_loss:.3g}"
        assert float(cells["loss (sum)"][k][1:]) == pytest.approx(
            each.own_loss * (4 if loss == "mean" else 1), rel=0.01
        )
        assert each.to_json()["runs_loss"] == each.own_loss
        assert each.to_json()["loss"] == str(known_atlas(given.landscape).sets[each.set].loss)
    assert "mean of their own losses" in meaning


WRONG = {
    "init": ["--init", "nrmal:0.5"],
    "optimizer": ["--optimizer", "adma"],
    "lr": ["--lr", "0"],
    "betas": ["--betas", "0.9"],
    "dtype": ["--dtype", "float16"],
    "device": ["--device", "cdua"],
    "mode": ["--mode", "egaer"],
    "restarts": ["--restarts", "0"],
    "patience": ["--patience", "0"],
    "output": ["-o", "runs.csv"],
    "data": [],
}


def test_what_is_misspelt_is_refused_before_torch_is_loaded(tmp_path):
    code = f"""
import sys
sys.modules["torch"] = None
from typer.testing import CliRunner
from stability.cli import main as cli
for name, wrong in {WRONG!r}.items():
    data = "xro" if name == "data" else "xor"
    found = CliRunner().invoke(cli.app, ["train", "relu2", data, "--init", "normal:0.5", *wrong])
    print(name, type(found.exception).__name__, found.exception)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    lines = [line for line in done.stdout.splitlines() if not line.startswith("  ")]
    assert len(lines) == len(WRONG)
    for line, name in zip(lines, WRONG, strict=True):
        assert re.match(rf"{name} (\w+Error) (Expected|adam: expected)", line), line
        assert "ModuleNotFound" not in line
    assert [*tmp_path.iterdir()] == []


def test_it_is_said_why_there_is_no_atlas(tmp_path):
    (tmp_path / "many.csv").write_text("x1,x2,y\n" + "".join(f"{k},{k * k % 97},{k % 2}\n" for k in range(40)))
    (tmp_path / "two.csv").write_text("x1,x2,y1,y2\n1,-1,1,0\n-1,1,0,1\n")
    for model, data, why in (
        ("relu2", str(tmp_path / "many.csv"), r"no atlas: it has up to [\d,]+ choices of faces, above 200,000"),
        ("relu2-out2", str(tmp_path / "two.csv"), "no atlas: relu2-out2 has 2 outputs; levels of loss to two digits"),
    ):
        found = CliRunner().invoke(
            app, ["train", model, data, "--init", "normal:1", "--restarts", "5", "--epochs", "2"]
        )
        assert re.search(why, " ".join(found.stdout.split())), found.stdout
