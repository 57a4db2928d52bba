"""Readings in files: a row for each layer, whole or not at all, with where they come from."""

import csv
import json
import sys
from math import inf, isnan, nan
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest

from stability.errors import FileError, MissingPackageError
from stability.training.monitoring import export
from stability.training.monitoring.alarms import Alarm
from stability.training.monitoring.export import (
    LISTS,
    Board,
    provenance,
    table,
    to_csv,
    to_parquet,
    write_csv,
)
from stability.training.monitoring.readings import LayerReading, Reading
from stability.version import __version__

SETTINGS = {"model": "Sequential", "every": 2}
FIRST = LayerReading("net.0", 2, 3, 0.25, 1, 0, torque_mean=0.5, tops=(1.0, -2.0), slope=0.0)
SECOND = LayerReading("net.2", 4, 3, 0.0, 0, 4, slope=None)
ALARMS = Alarm("dead data", "net.0", 0.25, 0.0), Alarm("plateau", "", 0.0, 0.01)
READINGS = [
    Reading(0, (FIRST, SECOND), 0.5, 0.25, 2.0, 1.5, True, ALARMS, largest_input=7.0),
    Reading(2, (FIRST,), None, nan, 2.0, inf, False),
]


def test_a_row_has_the_network_and_the_layer():
    first, second, third = table(READINGS)
    assert (first["step"], first["name"], first["place"]) == (0, "net.0", 0)
    assert (second["step"], second["name"], second["place"]) == (0, "net.2", 1)
    assert (first["network_loss"], first["network_largest_input"], first["dead_fraction"]) == (0.5, 7.0, 0.25)
    assert (third["network_loss"], third["network_finite"], third["network_gradient_norm"]) == (None, False, inf)
    assert first["tops"] == (1.0, -2.0)
    assert first["torques"] is None


def test_alarms_of_the_network_stand_at_every_layer_and_those_of_a_layer_at_its_own():
    assert [row["alarms"] for row in table(READINGS)] == ["dead data; plateau", "plateau", ""]


def test_nothing_has_no_rows():
    assert table([]) == []


def test_a_reading_without_layers_is_a_row_of_the_network():
    (row,) = table([Reading(5, (), weight_norm=2.0, skipped=("a: too odd", "b: too odd"), unread=3)])
    assert (row["step"], row["network_weight_norm"], row["network_unread"]) == (5, 2.0, 3)
    assert row["network_skipped"] == "a: too odd; b: too odd"
    assert {row[name] for name in ("place", "name", "units", "torque_mean", "tops")} == {None}


def test_csv_has_a_header_and_rows_and_its_origin_beside_it(tmp_path):
    to_csv(READINGS, tmp_path / "health.csv", SETTINGS)
    with (tmp_path / "health.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["step"], row["name"], row["units"]) for row in rows] == [
        *(("0", "net.0", "2"), ("0", "net.2", "4"), ("2", "net.0", "2"))
    ]
    assert (rows[2]["network_loss"], rows[1]["torque_mean"], rows[0]["torque_mean"]) == ("", "nan", "0.5")
    assert not {*LISTS} & {*rows[0]}
    origin = json.loads((tmp_path / "health.csv.json").read_text())
    assert origin == {"version": __version__, "what": "readings of a monitor", "settings": SETTINGS}
    assert json.loads(provenance("readings of a monitor", SETTINGS)) == origin
    assert sorted(path.name for path in tmp_path.iterdir()) == ["health.csv", "health.csv.json"]


def test_parquet_has_types_lists_and_its_origin(tmp_path):
    to_parquet(READINGS, tmp_path / "health.parquet", SETTINGS)
    found = pq.read_table(tmp_path / "health.parquet")
    kinds = {name: str(found.schema.field(name).type) for name in found.column_names}
    assert (kinds["step"], kinds["units_without_gradient"], kinds["network_finite"]) == ("int64", "int64", "bool")
    assert (kinds["name"], kinds["torque_mean"], kinds["tops"]) == ("string", "double", "list<element: double>")
    rows = found.to_pylist()
    assert rows[0]["tops"] == [1.0, -2.0]
    assert (rows[1]["tops"], rows[1]["slope"], rows[0]["slope"]) == (None, None, 0.0)
    assert isnan(rows[1]["torque_mean"])
    assert json.loads(found.schema.metadata[b"stability"])["settings"] == SETTINGS


def test_no_reading_is_a_file_of_no_rows(tmp_path):
    to_csv([], tmp_path / "none.csv", SETTINGS)
    assert len((tmp_path / "none.csv").read_text().splitlines()) == 1
    to_parquet([], tmp_path / "none.parquet", SETTINGS)
    assert pq.read_table(tmp_path / "none.parquet").num_rows == 0


@pytest.mark.parametrize("write", [to_csv, to_parquet])
def test_a_folder_that_is_not_there_is_refused(write, tmp_path):
    with pytest.raises(FileError, match="There is no folder"):
        write(READINGS, tmp_path / "none" / "health", SETTINGS)
    assert not list(tmp_path.iterdir())


def test_rows_of_any_kind_are_written_with_their_columns(tmp_path):
    write_csv(tmp_path / "a.csv", "origin", ["x", "y"], [{"x": 1, "y": 'a,"b"'}, {"x": 2, "y": None}])
    assert (tmp_path / "a.csv").read_text() == 'x,y\n1,"a,""b"""\n2,\n'
    assert (tmp_path / "a.csv.json").read_text() == "origin\n"
    with pytest.raises(ValueError, match="z"):
        write_csv(tmp_path / "b.csv", "", ["x"], [{"x": 1, "z": 2}])
    assert not (tmp_path / "b.csv").exists()


class Writer:
    def __init__(self, folder):
        self.folder, self.scalars, self.closed = folder, {}, False

    def add_scalar(self, name, value, step):
        self.scalars[name, step] = value

    def close(self):
        self.closed = True


def test_tensorboard_gets_the_finite_numbers_by_network_and_layer(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "find_spec", lambda name: name == "tensorboard")
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", SimpleNamespace(SummaryWriter=Writer))
    board = Board(tmp_path)
    writer = board._writer
    for each in READINGS:
        board(each)
    board.close()
    assert (writer.folder, writer.closed) == (str(tmp_path), True)
    assert writer.scalars["stability/loss", 0] == 0.5
    assert writer.scalars["stability/alarms", 0] == 2
    assert writer.scalars["stability/alarms", 2] == 0
    assert writer.scalars["stability/layers/net.0/dead_fraction", 2] == 0.25
    assert writer.scalars["stability/layers/net.2/units", 0] == 4
    absent = [
        ("stability/loss", 2),
        ("stability/gradient_norm", 2),
        ("stability/layers/net.2/torque_mean", 0),
        ("stability/layers/net.2/slope", 0),
    ]
    assert not {*absent} & {*writer.scalars}


def test_without_tensorboard_there_is_a_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match="Expected tensorboard to be installed") as raised:
        Board(tmp_path)
    assert "CSV" in raised.value.remedy
