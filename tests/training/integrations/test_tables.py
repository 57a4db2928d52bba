"""Tables that grow while the training runs: whole at every moment that matters, gone on with, and of bounded memory."""

import csv

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.parquet import read_table

from stability.errors import FileError
from stability.integrations import CsvLogger, ParquetLogger
from stability.training.integrations import tables
from stability.training.monitoring.readings import LayerReading, Reading
from stability.training.monitoring.scalars import scalars


def reading(step):
    layer = LayerReading('odd,"name"', 2, 3, 0.5, 1, 0, weight_norm=1 / 3)
    return Reading(step, (layer,), loss=step / 7)


def wanted(*steps):
    return [(step, name, value) for step in steps for name, value in scalars(reading(step)).items()]


def of_csv(path):
    header, *rows = csv.reader(path.read_text().splitlines())
    assert header == ["step", "name", "value"]
    return [(int(step), name, float(value)) for step, name, value in rows]


def of_parquet(path):
    return [tuple(row.values()) for row in read_table(path).to_pylist()]


def test_csv_is_whole_after_each_reading(tmp_path):
    log = CsvLogger(tmp_path / "health.csv")
    for step in (0, 10):
        log(reading(step))
        assert of_csv(tmp_path / "health.csv") == wanted(*range(0, step + 1, 10))


def test_parquet_is_whole_once_closed_and_a_later_reading_is_added(tmp_path):
    with ParquetLogger(tmp_path / "health.parquet") as log:
        log(reading(0))
    log(reading(10))
    log.close()
    log.close()
    assert of_parquet(tmp_path / "health.parquet") == wanted(0, 10)


def test_parquet_without_readings_is_an_empty_table(tmp_path):
    ParquetLogger(tmp_path / "health.parquet").close()
    assert of_parquet(tmp_path / "health.parquet") == []


@pytest.mark.parametrize(("kind", "read"), [(CsvLogger, of_csv), (ParquetLogger, of_parquet)])
def test_another_process_goes_on_or_begins_anew(kind, read, tmp_path):
    path = tmp_path / "health"
    for append, step in ((True, 0), (True, 10), (False, 20)):
        with kind(path, append=append) as log:
            log(reading(step))
        assert read(path) == (wanted(*range(0, step + 1, 10)) if append else wanted(20))


def test_memory_of_parquet_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "GROUP", 100)
    with ParquetLogger(tmp_path / "health.parquet") as log:
        for step in range(30):
            log(reading(step))
            assert len(log._rows) < 100
    assert of_parquet(tmp_path / "health.parquet") == wanted(*range(30))


@pytest.mark.parametrize("kind", [CsvLogger, ParquetLogger])
def test_a_folder_that_is_not_there_is_named(kind, tmp_path):
    with pytest.raises(FileError, match="nowhere"):
        kind(tmp_path / "nowhere" / "health.csv")


def test_a_file_that_can_no_longer_be_written_to_is_named(tmp_path):
    log = CsvLogger(tmp_path / "health.csv")
    (tmp_path / "health.csv").unlink()
    (tmp_path / "health.csv").mkdir()
    with pytest.raises(FileError, match="Expected to write to"):
        log(reading(0))


OTHER = {
    "text": b"step,name,value\n",
    "nothing": b"",
    "the ends of a file alone": b"PAR1" + b"\0" * 40 + b"PAR1",
    "a length of the end that is too large": b"PAR1" + b"\xff" * 8 + b"PAR1",
}


@pytest.mark.parametrize("content", OTHER.values(), ids=OTHER)
def test_going_on_in_a_file_of_something_else_is_refused_before_training(tmp_path, content):
    path = tmp_path / "health.parquet"
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"Expected rows .* in .*health\.parquet; got"):
        ParquetLogger(path, append=True)
    assert path.read_bytes() == content


def test_other_columns_and_too_many_rows_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "health.parquet"
    pq.write_table(pa.table({"step": ["one"], "name": [1], "value": [0.5]}), path)
    with pytest.raises(FileError, match="got columns step, name, value"):
        ParquetLogger(path, append=True)
    with ParquetLogger(path) as log:
        log(Reading(20, (), loss=0.5))
    monkeypatch.setattr(tables, "MOST_ROWS", 0)
    with pytest.raises(FileError, match=r"got \d+ rows, of which at most 0 are read"):
        ParquetLogger(path, append=True)


def test_rows_that_cannot_be_read_are_left_as_they_are(tmp_path):
    path = tmp_path / "health.parquet"
    with ParquetLogger(path) as log:
        for step in range(200):
            log(Reading(step, (), loss=0.5 * step))
    whole = path.read_bytes()
    broken = whole[:4] + b"\xff" * 400 + whole[404:]
    path.write_bytes(broken)
    log = ParquetLogger(path, append=True)
    log(Reading(300, (), loss=0.5))
    with pytest.raises(FileError, match=r"health\.parquet; got"):
        log.close()
    assert path.read_bytes() == broken
