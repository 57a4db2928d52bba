"""Files of sweeps that somebody else made: each is refused in a sentence, runs no code, and ends."""

import os
import sqlite3
import struct
import time
from contextlib import closing
from pathlib import Path

import pytest

from stability.cli.sweep_report import status
from stability.compute import store
from stability.compute.code_version import code_of
from stability.compute.grids import Grid, SweepError, canonical, key_of
from stability.compute.store import APPLICATION, DONE, Row, SweepStore
from stability.errors import FileError, StabilityError
from stability.studies.kept_measurements import results

TASK = "stability.studies.small_tasks:descend_on_xor"
GRID = Grid("pairs", TASK, {"x": [1, 2]})


def row(**other):
    """Return a finished task of the grid, other values in some columns."""
    arguments = {"x": 1}
    code = store_code()
    known = {
        "key": key_of(TASK, arguments, code),
        "task": TASK,
        "arguments": canonical(arguments),
        "code": code,
        "state": DONE,
        "result": '{"x": 1}',
        "error": None,
        "attempts": 1,
        "seconds": 0.5,
        "made_by": "here",
    }
    return Row(**{**known, **other})


def store_code():
    return code_of(TASK).version


@pytest.fixture
def file(tmp_path):
    """Return a sound file with one result."""
    path = tmp_path / "sweep.sqlite"
    with SweepStore(path) as sound:
        sound.keep([row()])
    return path


def change(path, *statements):
    """Let SQLite change a file, whatever it thinks of its tables."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            database.execute(statement)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode = DELETE")


def read(path):
    """Read a file in every way in which commands do."""
    with SweepStore(path, create=False) as found:
        found.states(TASK, store_code())
        found.running()
        rows = found.rows(TASK)
    status(GRID, path)
    return [results(path, GRID), [each.given for each in rows], [each.found for each in rows]]


def test_a_sound_file_is_read(file):
    assert read(file) == [[({"x": 1}, {"x": 1})], [{"x": 1}], [{"x": 1}]]


def test_a_file_with_the_statistics_of_sqlite_is_read(file):
    change(file, "ANALYZE")
    assert read(file)[0] == [({"x": 1}, {"x": 1})]


MANY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)"
VIEWS = {
    "results": f"CREATE VIEW results AS {MANY} SELECT i AS key, '{TASK}' AS task, '{{}}' AS arguments, '' AS code, "
    "'done' AS state, '{}' AS result, NULL AS error, 1 AS attempts, 1.0 AS seconds, "
    "'' AS made_by, 1.0 AS finished FROM n",
    "claims": f"CREATE VIEW claims AS {MANY} SELECT i AS key, 'a' AS owner FROM n",
    "sweeps": f"CREATE VIEW sweeps AS {MANY} SELECT i AS owner, 'h' AS host, i AS process, 1e300 AS seen FROM n",
    "meta": f"CREATE VIEW meta AS {MANY} SELECT 'schema' AS name, i AS value FROM n WHERE i > 999999999",
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_in_place_of_a_table_is_not_asked(file, name):
    change(file, f"DROP TABLE {name}", VIEWS[name])
    with pytest.raises(SweepError, match=f"it has the view '{name}'"):
        read(file)


OTHERS = {
    "trigger": "CREATE TRIGGER spy AFTER INSERT ON results BEGIN DELETE FROM results; END",
    "further table": "CREATE TABLE more (x)",
    "further view": f"CREATE VIEW more AS {MANY} SELECT i FROM n",
    "index of an expression": "CREATE INDEX more ON results (abs(seconds))",
    "other column": "ALTER TABLE results ADD COLUMN more TEXT",
    "no table": "DROP TABLE claims",
    "no index": "DROP INDEX results_by_code",
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("create", [False, True])
def test_other_tables_than_those_of_a_sweep_are_refused(file, name, create):
    change(file, OTHERS[name])
    before = file.read_bytes()
    with pytest.raises(SweepError, match="Expected the tables of a sweep"):
        SweepStore(file, create=create)
    assert file.read_bytes() == before


WRONG = {
    "key": b"\xff",
    "arguments": 7,
    "state": "perhaps",
    "result": b"{}",
    "error": 1.5,
    "attempts": "many",
    "seconds": "long",
    "made_by": 3.5,
}


@pytest.mark.parametrize("name", WRONG)
def test_columns_of_another_kind_are_named(file, name):
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute(f"UPDATE results SET {name} = ?", [WRONG[name]])
    if name in ("arguments", "made_by", "error"):  # SQLite makes a text of a number there
        change(file, f"UPDATE results SET {name} = x'01'")
    with pytest.raises(SweepError, match=f"; {name} of a task holds"):
        read(file)


@pytest.mark.parametrize("text", ["", "{", "7", "[1]", "null", '"x"', "[" * 200_000, '{"x":' * 200_000, "nan", "\x00"])
@pytest.mark.parametrize("name", ["result", "arguments"])
def test_texts_that_are_no_results_are_refused(tmp_path, name, text):
    path = tmp_path / "sweep.sqlite"
    with SweepStore(path) as strange:
        strange.keep([row(**{name: text})])
    if name == "result" and not text:
        assert read(path)[2] == [{}]
        return
    with pytest.raises(SweepError, match=f"Expected the {name} of the task"):
        read(path)


def test_a_result_may_be_nan_as_tasks_return_it(tmp_path):
    path = tmp_path / "sweep.sqlite"
    with SweepStore(path) as sound:
        sound.keep([row(result='{"x": NaN, "y": 1e999}')])
    ((found,),) = read(path)[2:]
    assert found["x"] != found["x"]


def test_a_text_that_is_none_is_refused(file):
    change(file, f"UPDATE results SET made_by = CAST(x'fffe' AS TEXT) WHERE task = '{TASK}'")
    with pytest.raises(SweepError, match="it holds no text"):
        read(file)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.95])
def test_a_file_that_is_cut_off_is_refused_unless_all_that_is_asked_for_is_there(file, share):
    sound, whole = read(file), file.read_bytes()
    cut = whole[: int(share * len(whole))]
    file.write_bytes(cut)
    if share > 0.9:
        assert read(file) == sound, "what is lacking was empty"
    else:
        with pytest.raises(StabilityError, match=r"sweep\.sqlite"):
            read(file)
    assert file.read_bytes() == cut


def its_own_child(path, table):
    """Let each page of a table have the next one as its child 600 times, five deep: 7 * 10^13 rows."""
    with closing(sqlite3.connect(path)) as database:
        (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()
        (size,), (count,) = (database.execute(f"PRAGMA {name}").fetchone() for name in ("page_size", "page_count"))
    data = bytearray(path.read_bytes())
    leaf = bytes(data[(root - 1) * size : root * size])
    pages, depth, cells = [root, *range(count + 1, count + 6)], 5, 600
    for number, page in enumerate(pages):
        if number == depth:
            content = leaf
        else:
            cell = size - 5
            head = struct.pack(">BHHHBI", 5, 0, cells, cell, 0, pages[number + 1])
            content = (head + struct.pack(">H", cell) * cells).ljust(cell, b"\0")
            content += struct.pack(">IB", pages[number + 1], 1)
        assert len(content) == size
        data[(page - 1) * size : page * size] = content
    struct.pack_into(">I", data, 28, count + 5)
    path.write_bytes(data)


@pytest.mark.parametrize(("table", "values"), [("claims", "('k', 'o')"), ("sweeps", "('o', 'h', 1, 1e300)")])
def test_a_table_that_is_its_own_child_has_an_end(file, table, values):
    change(file, f"INSERT INTO {table} VALUES {values}")
    its_own_child(file, table)
    began = time.perf_counter()
    with pytest.raises(SweepError, match="it holds more than its size allows"):
        read(file)
    assert time.perf_counter() - began < 60


def test_signs_of_life_from_the_future_are_not_waited_for(file):
    for seen, process in ((1e300, 1), ("'later'", 1), (time.time(), "'one'"), (time.time(), 2**70), (time.time(), -1)):
        change(
            file,
            "DELETE FROM sweeps",
            "DELETE FROM claims",
            f"INSERT INTO sweeps VALUES ('other', '{os.uname().nodename}', {process}, {seen})",
            "INSERT INTO claims VALUES ('k', 'other')",
        )
        with SweepStore(file) as found:
            assert found.running() == 0
            assert found.claim(["k"]) == (["k"], [])


def test_a_pipe_or_a_device_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.sqlite")
    for path in (tmp_path / "pipe.sqlite", Path("/dev/zero")):
        with pytest.raises(FileError, match="a pipe or a device"):
            SweepStore(path, create=False)


def test_the_application_of_a_file_alone_does_not_make_it_one_of_a_sweep(tmp_path):
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"PRAGMA application_id = {APPLICATION}")
        database.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        database.execute("INSERT INTO meta VALUES ('schema', '1')")
    with pytest.raises(SweepError, match="lacks some"):
        SweepStore(path)
    assert store.SCHEMA == 1
