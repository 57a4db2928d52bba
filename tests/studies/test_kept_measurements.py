"""Files in which measurements are kept, by somebody else: a sentence for each that holds something else."""

import json
import sqlite3
from contextlib import closing

import pytest

from stability.compute.code_version import code_of
from stability.compute.grids import Grid, SweepError
from stability.errors import FileError
from stability.studies import false_alarm_table, harm_table, repair_table, thin_table
from stability.studies.kept_measurements import KeptMeasurement

TABLES = {
    each.__name__.rpartition(".")[2]: each.KEPT for each in (false_alarm_table, harm_table, repair_table, thin_table)
}
TASK = "stability.studies.small_tasks:descend_on_xor"


@pytest.fixture(params=TABLES)
def kept(request, tmp_path, monkeypatch):
    """Return a measurement, where its result is kept in a folder of its own, and what was kept."""
    own = TABLES[request.param]
    sound = own.read()
    path = tmp_path / "kept.json"
    monkeypatch.setattr(KeptMeasurement, "path", path)
    return own, path, sound


def test_what_was_kept_is_read_again(kept):
    own, path, sound = kept
    path.write_text(json.dumps(sound))
    assert own.read() == sound


@pytest.mark.parametrize("content", ["", "[]", "{}", "[" * 200_000, "7", '{"settings": 1'])
def test_a_file_of_something_else_is_refused(kept, content):
    own, path, _ = kept
    path.write_text(content)
    with pytest.raises(FileError, match=r"kept\.json holds no"):
        own.read()


@pytest.mark.parametrize("strange", [None, 7, "many", [7], [None], [{}], {"a": [{"b": None}]}, [[["x"]]]], ids=str)
def test_the_right_names_with_something_else_below_are_refused(kept, strange):
    own, path, sound = kept
    path.write_text(json.dumps({**sound, **{name: strange for name in own.keys if name != "settings"}}))
    with pytest.raises(FileError, match=r"kept\.json holds no"):
        own.read()


def test_a_file_of_a_sweep_whose_results_are_others_is_refused(tmp_path):
    """The keys are right, so that nothing is computed; what stands there is no result of these tasks."""
    grid = Grid("seeds", TASK, {"seed": [1, 2]}, {"step": 0.1, "starts": 3, "epochs": 2})
    rows = lambda study: [study["runs"][k]["mean_loss"] / 2 for k in range(2)]  # noqa: E731
    own = KeptMeasurement("", "", "losses", "", lambda: [grid], lambda grids: {}, rows)
    file = tmp_path / "losses.sqlite"
    own.measure(file, [grid], workers=1)
    with closing(sqlite3.connect(file)) as database, database:
        assert database.execute("SELECT count(*) FROM results WHERE code = ?", [code_of(TASK).version]).fetchone() == (
            2,
        )
        database.execute("""UPDATE results SET result = '{"mean_loss": "small"}'""")
    with pytest.raises(FileError, match=r"losses\.sqlite holds no losses \(TypeError"):
        own.measure(file, workers=1)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE results SET result = '[[[['")
    with pytest.raises(SweepError, match="Expected the result of the task"):
        own.measure(file, workers=1)
