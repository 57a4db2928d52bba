"""A worker computes tasks one by one; what a task raises, returns wrongly or draws at random is seen in its row."""

import json
import platform
import random
import sys

import numpy as np
import pytest

from stability.compute import worker
from stability.compute.code_version import code_of
from stability.compute.grids import SweepError, SweepTask
from stability.compute.store import DONE, FAILED

TASK = """
import random
import sys

import numpy as np


def task(what, x=0):
    if what == "draw":
        return {"plain": random.random(), "numpy": np.random.random()}
    if what == "raise":
        raise ValueError("x" * x)
    if what == "exit":
        sys.exit(3)
    if what == "no dict":
        return [1]
    if what == "no text":
        return {1: 2}
    if what == "object":
        return {"found": object()}
    return {"b": x + 1, "a": np.arange(x), "inf": float("inf"), "one": np.float64(0.5)}
"""


@pytest.fixture
def code(tmp_path, monkeypatch, request):
    name = f"task_of_a_worker_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(TASK)
    monkeypatch.syspath_prepend(tmp_path)
    yield code_of(f"{name}:task")
    sys.modules.pop(name, None)


def tasks(*arguments):
    return [SweepTask(f"key {k}", each) for k, each in enumerate(arguments)]


def test_rows_hold_results_in_the_order_of_the_tasks(code):
    first, second = worker.work(code, tasks({"what": "add", "x": 2}, {"x": 0, "what": "add"}))
    assert (first.key, second.key) == ("key 0", "key 1")
    assert (first.state, first.error, first.attempts) == (DONE, None, 1)
    assert first.result == '{"a":[0,1],"b":3,"inf":Infinity,"one":0.5}'
    assert json.loads(first.arguments) == {"what": "add", "x": 2}
    assert (first.task, first.code) == (code.address, code.version)
    assert first.made_by == worker.environment()
    assert 0 <= first.seconds < 5
    assert worker.work(code, []) == []


def test_the_order_of_arguments_does_not_matter(code):
    one, other = worker.work(code, tasks({"what": "draw", "x": 1}, {"x": 1, "what": "draw"}))
    assert (one.arguments, one.result) == (other.arguments, other.result)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"what": "raise", "x": 3}, "ValueError: xxx"),
        ({"what": "exit"}, "SystemExit: 3"),
        ({"what": "no dict"}, "SweepError: Expected a dict with texts as names from the task; got [1]."),
        ({"what": "no text"}, "SweepError: Expected a dict with texts as names from the task; got {1: 2}."),
        ({"what": "object"}, "SweepError: Expected numbers, texts, lists and dicts in the result; got <object"),
        ({"what": "add", "y": 1}, "TypeError: task() got an unexpected keyword argument 'y'"),
    ],
)
def test_what_a_task_does_wrong_is_its_result_and_the_next_goes_on(code, arguments, error):
    wrong, good = worker.work(code, tasks(arguments, {"what": "add"}))
    assert (wrong.state, wrong.result) == (FAILED, None)
    assert wrong.error.startswith(error)
    assert good.state == DONE


def test_long_errors_are_cut(code):
    (row,) = worker.work(code, tasks({"what": "raise", "x": 5000}))
    assert len(row.error) == worker.LONGEST == 2000
    (row,) = worker.work(code, tasks({"what": "raise", "x": 100}))
    assert len(row.error) == len("ValueError: ") + 100


def test_random_numbers_depend_on_the_arguments_alone(code):
    alone = worker.work(code, tasks({"what": "draw", "x": 1}))[0].result
    random.seed(99)
    np.random.seed(99)
    after, other = worker.work(code, tasks({"what": "draw", "x": 1}, {"what": "draw", "x": 2}))
    assert after.result == alone
    assert other.result != alone
    random.seed('{"what":"draw","x":1}')
    number = random.getrandbits(32)
    random.seed(number)
    expected = {"plain": random.random(), "numpy": np.random.RandomState(number).random_sample()}
    assert json.loads(alone) == expected


def test_how_long_a_call_takes_or_why_it_fails(code, monkeypatch):
    ticks = iter([10.0, 12.5])
    monkeypatch.setattr(worker.time, "perf_counter", lambda: next(ticks))
    assert worker.seconds_of(code, {"what": "add"}) == 2.5
    monkeypatch.undo()


def test_a_call_that_fails_has_no_time(code):
    with pytest.raises(SweepError, match="failed: ValueError: x"):
        worker.seconds_of(code, {"what": "raise", "x": 1})


class Elsewhere:
    """Code that this process has, or has not."""

    address, version = "somewhere:task", "1"

    def __init__(self, here, stamps):
        self.is_here, self.stamps = lambda: here, lambda: stamps


def test_other_code_is_refused():
    with pytest.raises(SweepError, match="another version of somewhere:task"):
        worker.work(Elsewhere(False, {}), [])
    later = {"json": worker.STARTED + 1}
    with pytest.raises(SweepError, match="was edited after a worker had loaded it"):
        worker.work(Elsewhere(True, later), [])


@pytest.mark.parametrize("stamps", [{"random": 0.0}, {"a module that nobody loaded": 1e12}, {}])
def test_code_that_is_loaded_as_written_is_used(stamps):
    with pytest.raises(Exception, match="There is no function somewhere:task"):
        worker.work(Elsewhere(True, stamps), [])


def test_the_environment_names_python_and_machine_but_no_host():
    words = worker.environment()
    assert words.startswith(f"python {platform.python_version()}, numpy {np.__version__}")
    assert words.endswith(f"{platform.system()} {platform.machine()}")
    assert platform.node() not in words or not platform.node()
