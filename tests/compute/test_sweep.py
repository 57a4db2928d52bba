"""Every task once and every result kept, whatever dies; what does not fit together is refused."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import ROOT

from stability.cli.sweep_report import export
from stability.compute import executors as pools
from stability.compute import store
from stability.compute import sweep as running
from stability.compute.code_version import code_of, sources
from stability.compute.cost import _distinguishing, _group
from stability.compute.grids import Grid, SweepError, canonical, key_of
from stability.compute.store import DONE, FAILED, Row, SweepStore
from stability.compute.sweep import run_sweep
from stability.compute.timing import Pace
from stability.errors import FileError, StabilityError, UnknownNameError
from stability.studies.small_tasks import descend_on_xor
from stability.studies.sweeps import SWEEPS, named

CHORES = '''
import os, random, signal, time
from pathlib import Path
from stability.compute.grids import Grid

def square(x, y):
    return {"area": x * y, "list": [x, y], "nan": float("nan") if x == 2 else 0.5}

def log(x, folder, seconds=0.0):
    """Note every call."""
    with open(Path(folder) / "calls", "a") as file:
        file.write(f"{x} {os.getpid()}\\n")
    time.sleep(seconds)
    return {"twice": 2 * x, "drawn": random.random()}

def fail(x, folder=""):
    if x == 3 and not (folder and Path(folder, "mended").exists()):
        raise ValueError(f"three is wrong: {x}")
    return {"x": x}

def leave(x, how, folder=""):
    if x == 3 and not (folder and Path(folder, "met").exists()):
        if folder:
            Path(folder, "met").touch()
        if how == "exit":
            os._exit(7)
        os.kill(os.getpid(), signal.SIGKILL)
    return {"x": x}

def odd(x):
    return [x] if x == 0 else {"x": object()} if x == 1 else {"x": x}

def quit(x):
    raise SystemExit(x)

def _folder():
    return os.environ.get("CHORES_LOG", "")

GRID = Grid("logged", "chores:log", {"x": range(100)}, {"folder": _folder(), "seconds": 0.02})
'''


@pytest.fixture(scope="module", autouse=True)
def chores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chores")
    (folder / "chores.py").write_text(CHORES)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield folder


def found(path):
    """Return {arguments: (state, result)} of a file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        rows = database.execute("SELECT arguments, state, result FROM results").fetchall()
    assert len({row[0] for row in rows}) == len(rows)
    return {arguments: (state, result and json.loads(result)) for arguments, state, result in rows}


def squares(values=range(5)):
    return Grid("squares", "chores:square", {"x": values, "y": [1, 10]})


def logged(folder, values, seconds=0.0):
    return Grid("logged", "chores:log", {"x": values}, {"folder": str(folder), "seconds": seconds})


def calls(folder):
    return [int(line.split()[0]) for line in (folder / "calls").read_text().splitlines()]


# Keys and grids


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def same(a, b):
    """Return whether plain values agree in kind and value, the order of names aside."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b and str(a) == str(b)


@given(st.dictionaries(st.text(), VALUES, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_names_does_not_change_a_key(arguments, rng):
    names = list(arguments)
    rng.shuffle(names)
    assert key_of("m:f", {name: arguments[name] for name in names}, "1") == key_of("m:f", arguments, "1")


@given(VALUES, VALUES)
def test_keys_agree_just_where_values_do(a, b):
    assert (key_of("m:f", {"x": a}, "1") == key_of("m:f", {"x": b}, "1")) == same(a, b)
    assert json.loads(canonical(a)) == a


def test_kinds_of_numbers_functions_and_code_have_keys_of_their_own():
    keys = [key_of("m:f", {"x": each}, "1") for each in (1, 1.0, True, "1", [1], None, 0.0, -0.0)]
    keys += [key_of("m:g", {"x": 1}, "1"), key_of("m:f", {"x": 1}, "2"), key_of("m:f", {"y": 1}, "1")]
    assert len({*keys}) == len(keys)
    assert key_of("m:f", {"x": np.float64(0.5), "y": (1, 2)}, "1") == key_of("m:f", {"y": [1, 2], "x": 0.5}, "1")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1: 2}, np.zeros(2)])
def test_arguments_are_plain_and_finite(value):
    with pytest.raises(SweepError, match="finite numbers, texts"):
        canonical({"x": value})


def test_a_grid_is_all_combinations_the_last_axis_fastest():
    grid = Grid("g", "m:f", {"a": (1, 2), "b": ["x", "y"]}, {"c": np.int64(3)})
    rows = [(each["a"], each["b"], each["c"]) for each in grid.combinations()]
    assert rows == [(1, "x", 3), (1, "y", 3), (2, "x", 3), (2, "y", 3)]
    assert Grid("one", "m:f", {}, {"c": 1}).combinations() == [{"c": 1}]


@pytest.mark.parametrize(
    ("axes", "fixed", "match"),
    [
        ({"a": []}, {}, "list of values for a"),
        ({"a": "abc"}, {}, "list of values for a"),
        ({"a": 3}, {}, "list of values for a"),
        ({"a": [1, 2, 1]}, {}, "the value 1 twice"),
        ({"a": [1]}, {"a": 2}, "both an axis and fixed"),
        ({"a": [float("nan")]}, {}, "finite numbers"),
    ],
)
def test_grids_that_make_no_sense_are_refused(axes, fixed, match):
    with pytest.raises(SweepError, match=match):
        Grid("g", "m:f", axes, fixed)


def test_values_can_be_set_and_unknown_ones_are_reported():
    grid = Grid("g", "m:f", {"a": [1, 2]}, {"b": "u"}, choices={"b": ["u", "v"]})
    assert grid.set(a=[5], b=["u", "v"]).combinations() == [{"a": 5, "b": "u"}, {"a": 5, "b": "v"}]
    assert grid.set(b=["v"]).fixed == {"b": "v"}
    with pytest.raises(UnknownNameError, match="'a'"):
        grid.set(aa=[1])
    with pytest.raises(UnknownNameError, match="Known: u, v"):
        grid.set(b=["w"])
    with pytest.raises(SweepError):
        grid.set(a=[])


def test_functions_are_found_by_name():
    assert Grid("g", descend_on_xor, {"seed": [1]}).address == "stability.studies.small_tasks:descend_on_xor"
    with pytest.raises(StabilityError, match="top of a module"):
        Grid("g", lambda x: {}, {"x": [1]}).address  # noqa: B018


@pytest.mark.parametrize("address", ["chores:nothing", "nowhere:f", "chores", ":f", "stability:", "sys:exit"])
def test_functions_that_are_not_there_are_reported_before_anything_is_written(address, tmp_path):
    with pytest.raises(UnknownNameError, match="There is no function"):
        run_sweep(Grid("g", address, {"x": [1]}), tmp_path / "r.sqlite")
    assert not list(tmp_path.iterdir())


def test_wrong_arguments_of_a_function_are_reported(tmp_path):
    with pytest.raises(SweepError, match="cannot be called with seed, sped"):
        run_sweep(Grid("g", descend_on_xor, {"seed": [1]}, {"sped": 2}), tmp_path / "r.sqlite")


@pytest.mark.parametrize("grid", SWEEPS.values(), ids=list(SWEEPS))
def test_the_named_sweeps_can_be_called(grid):
    import inspect

    from stability.compute.code_version import resolve

    tasks = grid.tasks(code_of(grid.address).version)
    assert len({each.key for each in tasks}) == len(tasks)
    assert all(each.cost > 0 for each in tasks)
    inspect.signature(resolve(grid.address)).bind(**tasks[0].arguments)
    assert grid.steps is None or grid.steps in tasks[0].arguments
    with pytest.raises(UnknownNameError, match="figure-1"):
        named("figur-1")


# Versions of the code


def package(folder, **modules):
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)


def test_the_version_changes_with_what_is_imported_but_not_with_words(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    helper = "def h():\n    return 1\n"
    package(tmp_path, v_task="from v_helper import h\ndef f(x):\n    import v_late\n    return {}\n", v_helper=helper)
    package(tmp_path, v_late="A = 1\n", v_other="B = 1\n")
    versions = [code_of("v_task:f")]
    assert set(versions[0].modules) == {"v_task", "v_helper", "v_late"}
    package(tmp_path, v_helper='"""Words."""\n\n\ndef h():  # more\n    """Say it."""\n    return (1)\n')
    assert code_of("v_task:f").version == versions[0].version
    assert versions[0].is_here()
    package(tmp_path, v_other="B = 2\n")
    assert code_of("v_task:f") == code_of("v_task:f")
    for change in ({"v_helper": helper.replace("1", "2")}, {"v_late": "A = 2\n"}):
        package(tmp_path, **change)
        versions.append(code_of("v_task:f"))
        assert not versions[-2].is_here()
    assert len({each.version for each in versions}) == 3


def test_the_code_of_training_is_followed_within_the_package():
    modules = sources("stability.studies.tangency_tasks")
    assert {
        "stability.training.ensembles.ensemble",
        "stability.training.ensembles.epochs",
        "stability.model.update_rules",
    } <= set(modules)
    assert not [each for each in modules if each.startswith(("stability.plot", "stability.cli", "torch", "numpy"))]
    assert "stability.training.ensembles.ensemble" not in sources("stability.studies.small_tasks")
    assert not [each for each in modules if each.endswith(("running", "store"))]


def test_a_module_with_an_error_is_reported(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    package(tmp_path, v_broken="def f(:\n")
    with pytest.raises(StabilityError, match="has an error"):
        code_of("v_broken:f")


def test_results_of_other_code_stay_and_are_not_mixed(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    grid, file = Grid("g", "v_changing:f", {"x": [1, 2]}), tmp_path / "r.sqlite"
    for factor in (1, 10):
        package(tmp_path, v_changing=f"def f(x):\n    return {{'y': {factor} * x}}\n")
        past = time.time() - 100
        os.utime(tmp_path / "v_changing.py", (past, past + factor))
        assert run_sweep(grid, file, workers=1).computed == 2
    with SweepStore(file) as kept:
        rows = kept.rows("v_changing:f")
    assert sorted(json.loads(row.result)["y"] for row in rows) == [1, 2, 10, 20]
    assert len({row.code for row in rows}) == 2


def test_workers_with_other_code_are_refused(tmp_path, monkeypatch):
    class Elsewhere(Executor):
        def submit(self, function, code, tasks):
            package(tmp_path, v_moved="def f(x):\n    return {'y': 2}\n")
            return ProcessPoolExecutor(1, get_context("spawn")).submit(function, code, tasks)

    monkeypatch.syspath_prepend(str(tmp_path))
    package(tmp_path, v_moved="def f(x):\n    return {'y': 1}\n")
    with pytest.raises(SweepError, match="another version of v_moved:f"):
        run_sweep(Grid("g", "v_moved:f", {"x": [1]}), tmp_path / "r.sqlite", executor=Elsewhere(), workers=1)
    assert found(tmp_path / "r.sqlite") == {}


def test_code_edited_after_a_worker_loaded_it_is_refused(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    text, file = "def f(x):\n    return {'y': 1}\n\ndef g(x):\n    return {'y': 1}\n", tmp_path / "r"
    package(tmp_path, v_edited=text)
    for name in "fg":  # written after this process started, but loaded after that
        assert run_sweep(Grid("g", f"v_edited:{name}", {"x": [1]}), file, executor=Now()).done == 1
    package(tmp_path, v_edited=text.replace("1", "2"))
    os.utime(tmp_path / "v_edited.py", (time.time() + 60,) * 2)
    with pytest.raises(SweepError, match="edited after a worker had loaded it"):
        run_sweep(Grid("g", "v_edited:f", {"x": [1]}), file, executor=Now())
    assert run_sweep(Grid("g", "v_edited:f", {"x": [1]}), file, workers=1).computed == 1


# Running


class Now(Executor):
    """Computes at once, where it is called."""

    def submit(self, function, *arguments):
        future = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as problem:
            future.set_exception(problem)
        return future


def test_all_executors_give_the_same_file_contents(tmp_path):
    expected = {
        canonical({"x": x, "y": y}): (DONE, {"area": x * y, "list": [x, y], "nan": 0.5})
        for x in range(5)
        for y in (1, 10)
    }
    for kind, executor in (("threads", ThreadPoolExecutor(3)), ("now", Now()), ("processes", None)):
        report = run_sweep(squares(), tmp_path / kind, executor=executor, workers=2)
        assert (report.total, report.done, report.failed, report.missing, report.computed) == (10, 10, 0, 0, 10)
        own = found(tmp_path / kind)
        for (_, result), key in zip(own.values(), own, strict=True):
            if json.loads(key)["x"] == 2:
                assert result["nan"] != result["nan"]
                result["nan"] = 0.5
        assert own == expected


def test_a_finished_sweep_starts_no_worker(tmp_path, monkeypatch):
    run_sweep(squares(), tmp_path / "r", workers=1)
    monkeypatch.setattr(running, "processes", None)
    assert run_sweep(squares(), tmp_path / "r").computed == 0


def test_a_larger_grid_computes_only_what_is_new(tmp_path):
    run_sweep(logged(tmp_path, range(5)), tmp_path / "r", executor=Now())
    report = run_sweep(logged(tmp_path, range(3, 9)), tmp_path / "r", executor=Now())
    assert (report.total, report.done, report.computed) == (6, 6, 4)
    assert sorted(calls(tmp_path)) == list(range(9))


def test_results_do_not_depend_on_what_ran_before(tmp_path):
    run_sweep(logged(tmp_path, range(6)), tmp_path / "a", executor=Now())
    run_sweep(logged(tmp_path, [5, 3, 1]), tmp_path / "b", executor=Now())
    a, b = found(tmp_path / "a"), found(tmp_path / "b")
    assert {name: a[name] for name in b} == b
    assert len({result["drawn"] for _, result in a.values()}) == 6


def test_a_task_that_raises_is_recorded_and_can_be_tried_again(tmp_path):
    grid, file = Grid("g", "chores:fail", {"x": range(6)}, {"folder": str(tmp_path)}), tmp_path / "r"
    report = run_sweep(grid, file, workers=2)
    assert (report.done, report.failed, report.missing) == (5, 1, 0)
    with SweepStore(file) as kept:
        (row,) = [each for each in kept.rows("chores:fail") if each.state == FAILED]
    assert row.error == "ValueError: three is wrong: 3"
    assert run_sweep(grid, file, workers=1).computed == 0
    (tmp_path / "mended").touch()
    report = run_sweep(grid, file, workers=1, retry_failed=True)
    assert (report.done, report.failed, report.computed) == (6, 0, 1)


def test_what_is_no_dict_of_plain_values_is_a_failure(tmp_path):
    assert run_sweep(Grid("g", "chores:odd", {"x": range(3)}), tmp_path / "r", executor=Now()).failed == 2
    assert run_sweep(Grid("g", "chores:quit", {"x": [1]}), tmp_path / "r", executor=Now()).failed == 1


@pytest.mark.parametrize("how", ["exit", "kill"])
def test_a_worker_that_dies_once_costs_nothing(how, tmp_path):
    report = run_sweep(
        Grid("g", "chores:leave", {"x": range(8)}, {"how": how, "folder": str(tmp_path)}), tmp_path / "r", workers=2
    )
    assert (report.done, report.failed, report.deaths) == (8, 0, 1)


def test_a_poisonous_task_does_not_kill_the_sweep(tmp_path, monkeypatch):
    monkeypatch.setattr(running.Pace, "seconds", lambda *_, **__: 0.01)  # so that it comes in a batch with others
    grid, file = Grid("g", "chores:leave", {"x": range(40)}, {"how": "kill"}), tmp_path / "r"
    report = run_sweep(grid, file, workers=2)
    assert (report.done, report.failed, report.missing) == (39, 1, 0)
    assert report.deaths == 4  # with its batch, and three times alone
    with SweepStore(file) as kept:
        (row,) = [each for each in kept.rows("chores:leave") if each.state == FAILED]
    assert json.loads(row.arguments)["x"] == 3
    assert row.attempts == 3
    assert "worker died every time" in row.error


def test_an_executor_that_broke_is_reported_and_results_are_kept(tmp_path):
    grid, file = Grid("g", "chores:leave", {"x": [0, 1, 2, 3, 4]}, {"how": "kill"}), tmp_path / "r"
    with pytest.raises(SweepError, match="same command goes on"):
        run_sweep(grid, file, executor=ProcessPoolExecutor(1, get_context("spawn")), workers=1)
    assert len(found(file)) >= 1
    assert run_sweep(grid, file, workers=1).done == 4


def test_workers_that_cannot_start_are_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(pools, "_start_worker", os.abort)
    with pytest.raises(SweepError, match="__main__"):
        run_sweep(squares(), tmp_path / "r", workers=1)


@pytest.mark.parametrize("number", [0, -3])
def test_there_is_at_least_one_worker(number, tmp_path):
    with pytest.raises(StabilityError, match="at least one worker"):
        run_sweep(squares(), tmp_path / "r", workers=number)


def test_progress_counts_up_to_all_and_knows_the_rest(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "SHOW", 0.0)
    report = []
    run_sweep(
        logged(tmp_path, range(12), 0.01), tmp_path / "r", executor=Now(), progress=lambda *each: report.append(each)
    )
    assert report[-1] == ("", 12, 12)
    assert all(a[1] <= b[1] and b[2] == 12 for a, b in pairwise(report))
    assert report[0][0] == ""
    assert all(stage.endswith("left") for stage, done, _ in report[2:-1] if done < 12)


def test_what_was_finished_when_ctrl_c_came_is_kept(tmp_path):
    def interrupt(stage, finished, total):
        raise KeyboardInterrupt

    report = run_sweep(squares(), tmp_path / "r", executor=Now(), workers=1, progress=interrupt)
    assert report.interrupted
    assert (report.computed, report.done, report.missing) == (2, 2, 8)
    assert len(found(tmp_path / "r")) == 2


def test_the_rest_is_reported_by_cost_and_group():
    grid = Grid("g", "m:f", {"kind": ["a", "b"], "n": [1, 2, 4]}, {}, steps="n", group="kind")
    tasks = grid.tasks("1")
    pace = Pace(grid)
    assert pace.left(tasks, 1) is None
    pace.learn(tasks[0], 3.0)
    assert (pace.seconds(tasks[2]), pace.seconds(tasks[3])) == (12.0, None)
    pace.learn(tasks[3], 5.0)
    assert pace.left([tasks[1], tasks[2], tasks[4], tasks[5]], 2) == (6 + 12 + 10 + 20) / 2


# Interruptions: the sweep as a process of its own


def start(chores, folder, file, *more):
    folder.mkdir(exist_ok=True)
    paths = [str(chores), str(ROOT)]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "CHORES_LOG": str(folder)}
    command = [sys.executable, "-m", "stability", "sweep", "chores:GRID", "--file", str(file), "--workers", "2", *more]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environ, cwd=folder, start_new_session=True, preexec_fn=heeds_ctrl_c, **pipes)


def heeds_ctrl_c():
    """Heed Ctrl-C, also where the tests run in the background, whose children ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def count_in(file):
    if not file.exists():
        return 0
    with closing(sqlite3.connect(file, timeout=30)) as database:
        try:
            return database.execute("SELECT count(*) FROM results").fetchone()[0]
        except sqlite3.OperationalError:
            return 0


def exported(folder, file):
    grid = logged(folder, range(100), 0.02)
    path = file.with_suffix(".parquet")
    assert export(grid, file, path) == 100
    return path.read_bytes()


def killed_and_resumed(chores, tmp_path, moments):
    """Kill a sweep with all its workers at some moments, then let it end; compare with one that was left alone."""
    folder, file = tmp_path / "log", tmp_path / "killed.sqlite"
    for moment in moments:
        process = start(chores, folder, file)
        before = count_in(file)
        wait_for(lambda least=before + moment: count_in(file) >= least)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    kept = found(file)
    process = start(chores, folder, file)
    out, problems = process.communicate(timeout=60)
    assert process.returncode == 0, problems
    assert "100 of 100 tasks done" in out
    after = found(file)
    assert {name: after[name] for name in kept} == kept
    repeated = len(calls(folder)) - 100
    assert 0 <= repeated <= len(moments) * 2 * 25  # at most a batch per worker and kill, of half a second at most
    whole = tmp_path / "whole.sqlite"
    run_sweep(logged(folder, range(100), 0.02), whole, workers=3)
    assert exported(folder, file) == exported(folder, whole)


def test_a_sweep_killed_three_times_ends_as_if_it_was_not(chores, tmp_path):
    rng = random.Random(4)
    killed_and_resumed(chores, tmp_path, [rng.randrange(1, 25) for _ in range(3)])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_sweeps_killed_at_other_moments_end_as_if_they_were_not(chores, tmp_path, seed):
    rng = random.Random(seed)
    killed_and_resumed(chores, tmp_path, [rng.randrange(0, 30) for _ in range(3)])


def alive(process):
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
def test_workers_end_when_the_sweep_is_killed_alone(chores, tmp_path):
    process = start(chores, tmp_path / "log", tmp_path / "r.sqlite")
    wait_for(lambda: count_in(tmp_path / "r.sqlite") >= 3)
    workers = {int(line.split()[1]) for line in (tmp_path / "log" / "calls").read_text().splitlines()}
    try:
        process.kill()
        process.wait()
        wait_for(lambda: not any(map(alive, workers)))
        assert len(workers) == 2
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(chores, tmp_path):
    file = tmp_path / "r.sqlite"
    process = start(chores, tmp_path / "log", file)
    wait_for(lambda: count_in(file) >= 5)
    os.killpg(process.pid, signal.SIGINT)
    out, problems = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "The same command goes on" in out
    assert "Traceback" not in problems
    kept = count_in(file)
    assert 5 <= kept < 100
    process = start(chores, tmp_path / "log", file, "--json")
    report = json.loads(process.communicate(timeout=60)[0])
    assert (report["done"], report["missing"], report["run"]["computed"]) == (100, 0, 100 - kept)


def test_two_sweeps_on_one_file_share_the_work(chores, tmp_path):
    file = tmp_path / "r.sqlite"
    both = [start(chores, tmp_path / "log", file, "--json") for _ in range(2)]
    report = [json.loads(each.communicate(timeout=60)[0]) for each in both]
    assert [each["done"] for each in report] == [100, 100]
    assert sum(each["run"]["computed"] for each in report) == 100
    assert all(each["run"]["computed"] > 0 for each in report)
    assert sorted(calls(tmp_path / "log")) == list(range(100))
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM claims").fetchone() == (0,)


# The file


def row(key, state=DONE, result="{}", error=None):
    return Row(key, "m:f", "{}", "1", state, result, error, 1, 0.1, "here")


def test_the_first_result_stays_and_replaces_a_failure(tmp_path):
    with SweepStore(tmp_path / "r") as kept:
        kept.keep([row("a", FAILED, None, "no"), row("b", result='{"x":1}')])
        kept.keep([row("a", result='{"y":1}'), row("b", result='{"x":2}'), row("b", FAILED, None, "no")])
        assert {each.key: each.result for each in kept.rows("m:f")} == {"a": '{"y":1}', "b": '{"x":1}'}
        kept.forget_failures(["a", "b"])
        assert kept.states("m:f", "1") == {"a": DONE, "b": DONE}


def test_claims_are_respected_until_their_sweep_is_dead(tmp_path, monkeypatch):
    one, two = SweepStore(tmp_path / "r"), SweepStore(tmp_path / "r")
    assert one.claim(["a", "b"]) == (["a", "b"], [])
    assert two.claim(["b", "c"]) == (["c"], ["b"])
    assert (two.running(), one.claim(["b"])) == (3, (["b"], []))
    one.keep([row("a")])
    assert two.claim(["a"]) == ([], [])
    monkeypatch.setattr(store, "FRESH", -1.0)
    assert two.claim(["b"]) == (["b"], [])
    monkeypatch.undo()
    monkeypatch.setattr(store, "_runs", lambda process: False)
    assert two.claim(["b"]) == (["b"], [])
    one.close()
    two.close()
    with SweepStore(tmp_path / "r") as three:
        assert three.claim(["b", "c"]) == (["b", "c"], [])


def test_an_interrupted_write_leaves_nothing(tmp_path):
    def rows():
        yield row("a")
        raise KeyboardInterrupt

    with SweepStore(tmp_path / "r") as kept:
        with pytest.raises(KeyboardInterrupt):
            kept.keep(rows())
        assert kept.rows("m:f") == []
        kept.keep([row("a")])
        assert len(kept.rows("m:f")) == 1


def other_version(path):
    SweepStore(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("UPDATE meta SET value = '99'")


def other_application(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("CREATE TABLE results (key TEXT)")


def cut_off(path):
    with SweepStore(path) as kept:
        kept.keep([row("a", result="x" * 100_000)])
    path.write_bytes(path.read_bytes()[:9000])


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (other_version, "in version 99 of the tables; expected version 1"),
        (other_application, "an SQLite file of something else"),
        (lambda path: path.write_text("x,y\n1,2\n" * 1000), "no file of a sweep"),
        (cut_off, "no file of a sweep"),
    ],
)
def test_files_of_something_else_are_refused_unharmed(make, match, tmp_path):
    path = tmp_path / "r.sqlite"
    make(path)
    before = path.read_bytes()
    with pytest.raises(SweepError, match=match):
        run_sweep(squares(), path, executor=Now())
    assert path.read_bytes() == before


def test_places_where_no_file_can_be_are_reported(tmp_path):
    for path in (tmp_path, tmp_path / "no" / "r"):
        with pytest.raises(FileError, match=r"is a folder|There is no folder"):
            run_sweep(squares(), path, executor=Now())
    with pytest.raises(FileError, match="There is no file"):
        SweepStore(tmp_path / "r", create=False)
    assert not list(tmp_path.iterdir())


def test_many_sweeps_may_make_one_file_at_once(tmp_path):
    problems = []

    def make():
        try:
            SweepStore(tmp_path / "r").close()
        except StabilityError as problem:
            problems.append(problem)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert problems == []


# Plans


def test_a_plan_finds_the_parts_of_a_step():
    grid = Grid(
        "g",
        "m:f",
        {"a": range(1, 9), "b": [1, 5, 20]},
        {"epochs": 5000},
        steps="epochs",
        sizes=lambda each: (1, each["a"], each["a"] * each["b"]),
    )

    def clock(arguments):
        part = 1e-3 + 2e-3 * arguments["a"] + 3e-4 * arguments["a"] * arguments["b"]
        return 0.5 + arguments["epochs"] * part

    tasks = grid.tasks("1")
    report = _group(grid, "all", tasks, {tasks[0].key: DONE}, clock)
    truth = [clock(each.arguments) for each in tasks]
    assert (report.tasks, report.left) == (24, 23)
    assert report.seconds == pytest.approx(sum(truth[1:]), rel=1e-6)
    assert (report.shortest, report.longest) == pytest.approx((min(truth), max(truth)), rel=1e-6)
    assert report.misfit < 1e-6
    assert len(_distinguishing(np.array([grid.size(each.arguments) for each in tasks]))) == 5


def test_a_plan_without_steps_runs_tasks_whole():
    grid = Grid("g", "m:f", {"a": [1, 2, 3]}, sizes=lambda each: [each["a"] ** 2])
    report = _group(grid, "all", grid.tasks("1"), {}, lambda arguments: 0.1 * arguments["a"] ** 2)
    assert report.seconds == pytest.approx(1.4)


def test_short_tasks_are_measured_whole():
    grid = Grid("g", "m:f", {"a": [1, 2]}, {"n": 1}, steps="n")
    assert _group(grid, "all", grid.tasks("1"), {}, lambda arguments: 0.25).seconds == pytest.approx(0.5)


# Schedulers


def test_a_scheduler_that_is_not_there_is_reported(tmp_path):
    pytest.importorskip("distributed", reason="dask.distributed is not installed")
    with pytest.raises(SweepError, match=r"No scheduler answers at tcp://127\.0\.0\.1:1"):
        run_sweep(squares(), tmp_path / "r", scheduler="tcp://127.0.0.1:1")
    for address in ("tcp://", "udp://localhost:1"):
        with pytest.raises(SweepError, match="No scheduler answers"):
            run_sweep(squares(), tmp_path / "r", scheduler=address)
    assert not list(tmp_path.iterdir())


def test_a_missing_dask_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(pools, "find_spec", lambda name: None)
    with pytest.raises(SweepError, match="not installed"):
        run_sweep(squares(), tmp_path / "r", scheduler="tcp://127.0.0.1:8786")


def test_an_executor_and_a_scheduler_are_too_much(tmp_path):
    with pytest.raises(SweepError, match="got both"):
        run_sweep(squares(), tmp_path / "r", executor=Now(), scheduler="tcp://127.0.0.1:1")


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same(tmp_path):
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    settings = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**settings) as cluster:
        report = run_sweep(logged(tmp_path, range(50), 0.01), tmp_path / "dask", scheduler=cluster.scheduler_address)
        assert (report.done, report.workers) == (50, 2)
        poison = Grid("g", "chores:leave", {"x": range(6)}, {"how": "kill"})
        report = run_sweep(poison, tmp_path / "poison", scheduler=cluster.scheduler_address)
        assert (report.done, report.failed) == (5, 1)
    own = found(tmp_path / "dask")
    assert [result["twice"] for _, result in own.values()] == [2 * json.loads(each)["x"] for each in own]


@pytest.mark.slow
def test_a_scheduler_without_workers_and_one_that_goes_away_are_reported(tmp_path):
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None) as cluster,
        pytest.raises(SweepError, match="no workers"),
    ):
        run_sweep(squares(), tmp_path / "r", scheduler=cluster.scheduler_address)
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)
    file = tmp_path / "away"
    closing = threading.Timer(3.0, cluster.close)
    closing.start()
    with pytest.raises(SweepError, match="workers are gone"):
        run_sweep(logged(tmp_path, range(200), 0.1), file, scheduler=cluster.scheduler_address)
    closing.join()
    assert 0 < count_in(file) < 200
