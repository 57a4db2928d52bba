"""The command that sweeps: a grid of the reader's own is computed, gone on with, exported, and reported honestly."""

import json
import os
import sys

import pyarrow.parquet as pq
import pytest
from command_line import printed

from stability.cli import sweeps
from stability.cli.main import app
from stability.compute.grids import SweepError
from stability.errors import FileError, StabilityError, UnknownNameError

OWN = """
from stability.compute.grids import Grid

def product(a, b, failing):
    if (a, b) == failing:
        raise ValueError("odd")
    return {"product": a * b}

ALL = Grid("all", "mine:product", {"a": [2, 3], "b": [5, 7]}, fixed={"failing": None})
SOME = Grid("some", "mine:product", {"a": [2, 3], "b": [5, 7]}, fixed={"failing": [3, 7]})
NONE = "a text"
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(OWN.replace("== failing", "== tuple(failing or ())"))
    os.utime(tmp_path / "mine.py", (1e9, 1e9))
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)


def report(*words, status=0):
    return json.loads(printed("sweep", *words, "--json", "-", status=status))


def counts(found):
    return found["total"], found["done"], found["failed"], found["missing"]


def test_a_grid_of_the_folder_is_computed_once_and_exported(tmp_path):
    found = report("mine:ALL", "--workers", "1", "-o", "all.parquet")
    assert counts(found) == (4, 4, 0, 0)
    assert found["run"]["computed"] == 4
    assert pq.read_table("all.parquet").select(["a", "b", "product"]).to_pylist() == [
        {"a": a, "b": b, "product": a * b} for a in (2, 3) for b in (5, 7)
    ]
    again = report("mine:ALL", "--workers", "1")
    assert again["run"]["computed"] == 0
    assert {"all.sqlite", "all.parquet"} < {path.name for path in tmp_path.iterdir()}


def test_a_failed_task_has_status_1_and_the_others_their_results(tmp_path):
    found = report("mine:SOME", "--workers", "1", "--file", "kept.sqlite", "-o", "some.parquet", status=1)
    assert counts(found) == (4, 3, 1, 0)
    (failure,) = found["failures"]
    assert (failure["arguments"]["a"], failure["arguments"]["b"]) == (3, 7)
    assert failure["error"] == "ValueError: odd"
    assert pq.read_table("some.parquet")["product"].to_pylist() == [10, 14, 15]
    assert counts(report("mine:SOME", "--file", "kept.sqlite", "--status")) == (4, 3, 1, 0)
    assert not (tmp_path / "some.sqlite").exists()


def test_the_status_needs_no_results_and_makes_none(tmp_path):
    found = report("mine:ALL", "--status")
    assert counts(found) == (4, 0, 0, 4)
    assert found["run"] is None
    assert not list(tmp_path.glob("*.sqlite"))


def test_values_are_set_and_reach_the_task():
    found = report("mine:ALL", "--set", "a=10,20", "--set", "b=1:3", "--workers", "1", "-o", "all.parquet")
    assert found["axes"] == {"a": [10, 20], "b": [1, 2, 3]}
    assert pq.read_table("all.parquet")["product"].to_pylist() == [10, 20, 30, 20, 40, 60]


def test_a_sweep_after_json_is_a_sweep(tmp_path):
    found = json.loads(printed("sweep", "--json", "mine:ALL", "--status"))
    assert found["sweep"] == "all"
    printed("sweep", "mine:ALL", "--status", "--json", "found.json")
    assert json.loads((tmp_path / "found.json").read_text()) == found


def test_the_list_needs_no_name_and_computes_nothing(tmp_path):
    listed = report("--list")
    assert {"figure-1", "figure-1-coarse", "tangency", "demo"} <= {each["sweep"] for each in listed}
    tasks = {each["sweep"]: each["tasks"] for each in listed}
    assert tasks["demo"] == 20 * 50  # steps and seeds
    assert tasks["tangency"] == 5 * 5  # shares and radii
    assert not list(tmp_path.glob("*.sqlite"))


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ([], StabilityError),
        (["--json"], StabilityError),
        (["demos"], UnknownNameError),
        (["mine:NOTHING"], UnknownNameError),
        (["nowhere:GRID"], UnknownNameError),
        (["mine:NONE"], SweepError),
        (["mine:ALL", "--workers", "0"], StabilityError),
        (["mine:ALL", "--set", "a"], SweepError),
        (["mine:ALL", "--set", "c=1"], UnknownNameError),
        (["mine:ALL", "-o", "all.csv"], FileError),
    ],
)
def test_what_makes_no_sense_computes_nothing(words, error, tmp_path):
    with pytest.raises(error):
        printed("sweep", *words)
    assert not list(tmp_path.glob("*.sqlite"))


def test_it_is_a_command_under_its_name():
    registered = {each.name: each.callback for each in app.registered_commands}
    assert registered["sweep"] is sweeps.sweep
