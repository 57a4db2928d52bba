"""The command that sweeps: what it prints, what it exports, and what it refuses."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from paths import ROOT
from typer.testing import CliRunner

from stability.cli.main import app
from stability.cli.sweep_report import export, grid_of
from stability.compute import executors as pools
from stability.compute import store
from stability.compute import sweep as running
from stability.compute.cost import GroupPlan
from stability.compute.grids import Grid, SweepError
from stability.compute.timing import duration
from stability.errors import FileError, StabilityError, UnknownNameError
from stability.model.update_rules import update_rule
from stability.studies.small_tasks import descend_on_xor
from stability.studies.sweeps import SWEEPS
from stability.training.ensembles.ensemble import train
from stability.training.ensembles.problem import task

SMALL = ["--set", "step=0.01,0.02", "--set", "seed=0:2", "--set", "epochs=50"]

OWN = """
from stability.compute.grids import Grid

def one(x, kind):
    if kind == "bad":
        raise ValueError("bad")
    return {"x": x + 1, "list": [x, 0.5], "some": 1 if x else "text", "nan": float("nan"), **({"rare": x} if x else {})}

GRID = Grid("own", "own_grid:one", {"kind": ["good", "bad"], "x": [0, 2, 1]})
NOT = 3
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    (tmp_path / "own_grid.py").write_text(OWN)
    os.utime(tmp_path / "own_grid.py", (1e9, 1e9))
    monkeypatch.delitem(sys.modules, "own_grid", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))


def sweep(*arguments, status=0):
    found = CliRunner().invoke(app, ["sweep", *map(str, arguments)])
    if isinstance(found.exception, StabilityError):
        raise found.exception
    assert found.exit_code == status, found.output
    return found.stdout


def test_a_sweep_says_what_it_did_and_goes_on_where_it_was():
    report = json.loads(sweep("demo", *SMALL, "--workers", 1, "--json"))
    assert (report["total"], report["done"], report["failed"], report["missing"]) == (6, 6, 0, 0)
    assert (report["run"]["computed"], report["run"]["workers"], report["file"]) == (6, 1, "demo.sqlite")
    assert report["axes"] == {"step": [0.01, 0.02], "seed": [0, 1, 2]}
    assert report["fixed"]["epochs"] == 50
    assert "6 of 6 tasks done, 0 failed, 0 missing" in sweep("demo", *SMALL)
    larger = json.loads(sweep("demo", *SMALL, "--set", "seed=0:3", "--workers", 1, "--json"))
    assert (larger["total"], larger["run"]["computed"]) == (8, 2)


def test_the_status_computes_and_makes_nothing(tmp_path):
    assert "0 of 1,000 tasks done, 0 failed, 1,000 missing" in sweep("demo", "--status")
    assert not list(tmp_path.glob("*.sqlite"))
    sweep("demo", *SMALL, "--workers", 1)
    report = json.loads(sweep("demo", *SMALL, "--set", "seed=1,7", "--status", "--json"))
    assert (report["total"], report["done"], report["missing"], report["run"]) == (4, 2, 2, None)


def test_the_export_has_what_the_function_returns_in_the_order_of_the_grid(tmp_path):
    sweep("demo", *SMALL, "--workers", 1, "--export", "a.parquet")
    table = pq.read_table("a.parquet")
    rows = table.to_pylist()
    assert [(row["step"], row["seed"]) for row in rows] == [(s, k) for s in (0.01, 0.02) for k in range(3)]
    for row in rows:
        expected = descend_on_xor(row["step"], row["seed"], 200, 50)
        assert {name: row[name] for name in expected} == expected
    origin = json.loads(table.schema.metadata[b"stability"])
    assert (origin["sweep"], origin["done"], origin["missing"]) == ("demo", 6, 0)
    assert {row["code"] for row in rows} == {origin["code"]}
    assert "seconds" not in table.column_names
    assert not list(tmp_path.glob("*.tmp"))


def test_a_grid_of_ones_own_with_failures_and_odd_columns():
    shown = sweep("own_grid:GRID", "--workers", 1, "--export", "a.parquet", status=1)
    assert "3 of 6 tasks done, 3 failed" in shown
    assert "ValueError: bad" in shown
    assert "--retry-failed" in shown
    columns = pq.read_table("a.parquet").to_pydict()
    assert (columns["x"], columns["x_result"]) == ([0, 2, 1], [1, 3, 2])
    assert columns["list"] == [[0, 0.5], [2, 0.5], [1, 0.5]]
    assert columns["some"] == ['"text"', "1", "1"]
    assert columns["rare"] == [None, 2, 1]
    assert np.isnan(columns["nan"]).all()
    report = json.loads(sweep("own_grid:GRID", "--status", "--json"))
    assert [each["arguments"]["x"] for each in report["failures"]] == [0, 2, 1]
    again = json.loads(sweep("own_grid:GRID", "--workers", 1, "--retry-failed", "--json", status=1))
    assert (again["run"]["computed"], again["failed"]) == (3, 3)


def test_other_code_is_counted_and_exported_on_request_only(tmp_path):
    good = ["own_grid:GRID", "--set", "kind=good", "--workers", 1]
    sweep(*good)
    (tmp_path / "own_grid.py").write_text(OWN.replace("x + 1", "x + 10"))
    os.utime(tmp_path / "own_grid.py", (1e9, 1e9))
    assert "3 results of its tasks come from other code" in sweep(*good, "--status")
    sweep(*good, "--export", "new.parquet")
    sweep(*good, "--status", "--export", "both.parquet", "--other-code")
    assert pq.read_table("new.parquet")["x_result"].to_pylist() == [10, 12, 11]
    assert pq.read_table("both.parquet")["x_result"].to_pylist() == [10, 1, 12, 3, 11, 2]


def test_an_unfinished_sweep_is_exported_as_it_is():
    sweep("demo", *SMALL, "--workers", 1)
    sweep("demo", *SMALL, "--set", "seed=2,3", "--status", "--export", "part.parquet")
    table = pq.read_table("part.parquet")
    assert table["seed"].to_pylist() == [2, 2]
    assert json.loads(table.schema.metadata[b"stability"])["missing"] == 2


def test_nothing_finished_exports_no_rows(tmp_path):
    sweep("demo", *SMALL, "--workers", 1)
    assert export(grid_of("demo"), Path("demo.sqlite"), tmp_path / "none.parquet") == 0
    assert pq.read_table("none.parquet").num_rows == 0


def test_a_plan_reports_tasks_and_times_and_computes_nothing(tmp_path):
    report = json.loads(sweep("demo", *SMALL, "--plan", "--workers", 3, "--json"))
    assert (report["tasks"], report["left"], report["workers"]) == (6, 6, 3)
    assert 0 < report["seconds_with_workers"] == pytest.approx(report["seconds"] / 3)
    assert not list(tmp_path.glob("*.sqlite"))


def test_a_plan_is_a_table_with_a_row_per_group(monkeypatch):
    groups = [GroupPlan("relu", 10, 4, 0.5, 90.0, 7200.0, 0.1), GroupPlan("sep-pu", 5, 5, 1.0, 2.0, 7.0, 0.0)]
    monkeypatch.setattr("stability.compute.cost.plan", lambda grid, file, scheduler: groups)
    shown = sweep("figure-1", "--plan", "--workers", 2)
    for part in ("relu", "sep-pu", "2:00:00", "9 tasks left", "1:00:04 with 2 workers"):
        assert part in shown


def test_ctrl_c_exits_with_130_and_exports_nothing(monkeypatch, tmp_path):
    def interrupted(self, pool):
        raise KeyboardInterrupt

    monkeypatch.setattr(running._Sweep, "_round", interrupted)
    shown = sweep("demo", *SMALL, "--workers", 1, "--export", "a.parquet", status=130)
    assert "Interrupted. The same command goes on." in shown
    assert not (tmp_path / "a.parquet").exists()


def test_the_sweeps_are_listed():
    shown = sweep("--list")
    assert all(name in shown for name in SWEEPS)


def test_partial_tangencies_are_those_of_the_trainer():
    settings = ["--set", "p=0.5", "--set", "alpha=0.3,1", "--set", "restarts=40", "--set", "epochs=100"]
    sweep("tangency", *settings, "--workers", 1, "--export", "t.parquet")
    for row in pq.read_table("t.parquet").to_pylist():
        init, adam = f"partial-tangency:{row['p']}:{row['alpha']}", update_rule("adam", step="1/100")
        own = train(task("relu2", "xor"), init, adam, epochs=100, restarts=40, device="cpu")
        assert row["successes"] == own.success.sum()
        assert row["mean_loss"] == own.losses.mean()


def test_deep_tasks_are_those_of_the_deep_trainer():
    from stability.training.deep.training import train_deep

    settings = ["method=relu,sep-pu", "width=3", "depth=4", "seeds=2", "epochs=20"]
    chosen = [each for text in settings for each in ("--set", text)]
    sweep("figure-1", *chosen, "--workers", 1, "--export", "d.parquet")
    for row in pq.read_table("d.parquet").to_pylist():
        own = train_deep("moons", 4, 3, row["method"], weight=1e-4, lr=0.01, seeds=2, epochs=20, device="cpu")
        for name in ("train_accuracy_final", "train_accuracy_max", "val_accuracy_max", "loss_final", "penalty_final"):
            assert row[name] == list(getattr(own, name)), name


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a=1,2", [1, 2]),
        ("a=1:5:2,9", [1, 3, 5, 9]),
        ("a=3.0", [3]),
        ("b=1", [1.0]),
        ("b=1e-3", [0.001]),
        ("c=x:y, 3", ["x:y", "3"]),
        ("d=true", [True]),
    ],
)
def test_settings_take_the_kind_of_what_they_set(text, values, monkeypatch):
    grid = Grid("g", "m:f", {"a": [7, 8], "b": [0.5], "c": ["u"], "d": [False]})
    monkeypatch.setitem(SWEEPS, "g", grid)
    found = grid_of("g", [text]).axes[text[0]]
    assert [(type(each), each) for each in found] == [(type(each), each) for each in values]


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (["dmo"], UnknownNameError, "'demo'"),
        (["figure1"], UnknownNameError, "'figure-1'"),
        (["nowhere:GRID"], UnknownNameError, "module:name"),
        (["own_grid:NOTHING"], UnknownNameError, "module:name"),
        (["own_grid:NOT"], SweepError, "Expected a Grid"),
        (["demo", "--set", "sted=1"], UnknownNameError, "'step'"),
        (["demo", "--set", "seed"], SweepError, "name=values"),
        (["demo", "--set", "seed="], SweepError, "name=values"),
        (["demo", "--set", "seed=,"], SweepError, "whole numbers"),
        (["demo", "--set", "seed=1,1"], SweepError, "twice"),
        (["demo", "--set", "seed=5:1"], SweepError, "at least one"),
        (["demo", "--set", "seed=0.5"], SweepError, "whole numbers"),
        (["demo", "--set", "step=fast"], SweepError, "numbers for step"),
        (["demo", "--set", "step=nan"], SweepError, "numbers for step"),
        (["figure-1", "--set", "method=sep-q"], UnknownNameError, "sep-p"),
        (["demo", "--workers", 0], StabilityError, "at least one worker"),
        (["demo", "--export", "no/folder.parquet"], FileError, "no folder"),
        (["demo", "--file", "no/folder.sqlite"], FileError, "folder"),
        (["demo", "--status", "--export", "a.parquet"], FileError, "Run the sweep first"),
    ],
)
def test_what_makes_no_sense_is_reported(arguments, error, hint, tmp_path):
    with pytest.raises(error) as problem:
        sweep(*arguments)
    assert hint in str(problem.value)
    assert [each.name for each in tmp_path.iterdir() if each.suffix != ".pyc"] in (
        ["own_grid.py"],
        ["__pycache__", "own_grid.py"],
        ["own_grid.py", "__pycache__"],
    )


def test_a_file_of_something_else_is_reported():
    Path("demo.sqlite").write_text("no database\n" * 500)
    for more in ([], ["--status"]):
        with pytest.raises(SweepError, match="no file of a sweep"):
            sweep("demo", *more)


def test_times_are_reported_as_people_read_them():
    assert [duration(each) for each in (0.01234, 12.34, 200, 90061)] == [
        "0.0123 s",
        "12.3 s",
        "0:03:20",
        "1 day, 1:01:01",
    ]


DOCUMENT = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")


def test_the_document_lists_the_sweeps_and_reports_the_constants():
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", DOCUMENT, re.MULTILINE)
    assert rows == [(name, grid.title) for name, grid in SWEEPS.items()]
    assert f"after {store.FRESH:.0f} seconds" in DOCUMENT
    assert running.RETRIES == 2
    assert running.BATCH_SECONDS == 0.5
    assert 2 * pools.PATIENCE <= 10
    named = re.search(r"`results` has one row per finished task: (.*?)\. Any", DOCUMENT, re.DOTALL).group(1)
    assert set(re.findall(r"`(\w+)`", named)) == {*store.COLUMNS.split(", "), "finished"}


def test_the_example_of_the_document_runs(tmp_path):
    code = re.search(r"```python\n(.*?)```", DOCUMENT, re.DOTALL).group(1)
    (tmp_path / "my_sweep.py").write_text(code)
    done = subprocess.run([sys.executable, "my_sweep.py"], capture_output=True, text=True, timeout=60)
    assert done.stdout == "8\n", done.stderr


def test_the_list_needs_no_name_and_has_every_form():
    listed = json.loads(CliRunner().invoke(app, ["sweep", "--list", "--json"]).stdout)
    assert {"demo", "figure-1"} <= {each["sweep"] for each in listed}
    assert CliRunner().invoke(app, ["sweep", "--list", "--table", "csv"]).stdout.startswith("sweep,tasks,shows\n")
    assert isinstance(CliRunner().invoke(app, ["sweep"]).exception, StabilityError)


def test_an_export_that_cannot_be_written_is_refused_before_anything_is_computed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report = CliRunner().invoke(app, ["sweep", "figure-1-coarse", "--export", "no/such/folder/out.parquet"])
    assert report.exit_code != 0
    assert "no/such/folder" in str(report.exception)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    report = CliRunner().invoke(app, ["sweep", "figure-1-coarse", "--export", "out.parquet"])
    assert isinstance(report.exception, ModuleNotFoundError)
    assert not list(tmp_path.glob("*.sqlite*"))
