"""The same atlas however the work is shared, and after interruptions; files that do not fit are refused unharmed."""

import json
import os
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import pytest

from stability import landscape
from stability.compute import resume
from stability.compute.resume import LineStore, ResumeError, Stage, workers
from stability.errors import StabilityError
from stability.geometry.atlas import atlas as module
from stability.model.datasets import Dataset

SMALL = landscape("relu2", Dataset("line", [[0], [1], [2]], [0, 1, 0]))
LARGE = landscape("relu2", "xor")


@pytest.fixture(autouse=True)
def _many_parts(monkeypatch):
    monkeypatch.setattr(module, "CHOICES_PER_PART", 20)


def everything(atlas):
    return atlas.to_json(), atlas.arrangement, atlas.found, atlas.number, [each.members for each in atlas.sets]


class Backwards(ThreadPoolExecutor):
    """Starts all tasks at once and finishes the first one last."""

    def __init__(self):
        super().__init__(200)
        self.numbers = count()

    def submit(self, function, task):
        return super().submit(_late, 0.2 / (1 + next(self.numbers)), function, task)


def _late(seconds, function, task):
    time.sleep(seconds)
    return function(task)


def test_two_processes_find_the_same_as_one():
    assert everything(LARGE.atlas(workers=2)) == everything(module.atlas(LARGE))


def test_threads_find_the_same_in_whatever_order_they_end():
    expected = everything(module.atlas(LARGE))
    with ThreadPoolExecutor(3) as executor:
        assert everything(LARGE.atlas(executor=executor)) == expected
    with Backwards() as executor:
        assert everything(LARGE.atlas(executor=executor)) == expected


def test_the_size_of_the_parts_does_not_matter(monkeypatch):
    sizes = []
    for size in (1, 7, 100, 10**9):
        monkeypatch.setattr(module, "CHOICES_PER_PART", size)
        seen = []
        sizes.append(everything(SMALL.atlas(progress=lambda *report, seen=seen: seen.append(report))))
        assert (seen[-1][2] == 1) == (size >= 100)
    assert [each[0] for each in sizes] == [sizes[0][0]] * 4
    assert [each[3:] for each in sizes] == [sizes[0][3:]] * 4


@pytest.mark.slow
def test_a_dask_cluster_finds_the_same():
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
        client.get_executor() as executor,
    ):
        assert everything(LARGE.atlas(executor=executor)) == everything(module.atlas(LARGE))


@pytest.mark.parametrize("number", [0, -1])
def test_there_is_at_least_one_worker(number):
    with pytest.raises(StabilityError, match="at least one worker"), workers(number):
        pass
    with pytest.raises(StabilityError, match="at least one worker"):
        SMALL.atlas(workers=number)


def test_progress_counts_every_task_of_every_stage():
    report = []
    SMALL.atlas(progress=lambda *each: report.append(each))
    names = list(dict.fromkeys(stage for stage, _, _ in report))
    assert len(names) == 2
    for name in names:
        done = [(d, total) for stage, d, total in report if stage == name]
        assert done == [(k, done[0][1]) for k in range(done[0][1] + 1)]
        assert len(done) > 3


class Counted:
    """Counts how often the tasks of an atlas are computed, and interrupts after some of them."""

    def __init__(self, monkeypatch):
        self.calls = []
        monkeypatch.setattr(Stage, "_compare", lambda *_: None)  # which computes one of those that are kept
        for name in ("FACES", "CHOICES"):
            stage = getattr(module, name)
            monkeypatch.setattr(module, name, replace(stage, function=self.counting(stage)))

    def counting(self, stage):
        def counted(task):
            self.calls.append(stage.name)
            return stage.function(task)

        return counted


class After:
    """A progress callback that interrupts once so many tasks are done."""

    def __init__(self, most):
        self.left = most

    def __call__(self, stage, done, total):
        if done and not self.left:
            raise KeyboardInterrupt
        self.left -= bool(done)


def interrupted(place, path, most, **how):
    with pytest.raises(KeyboardInterrupt):
        place.atlas(resume=path, progress=After(most), **how)


def total(place):
    """Return how many tasks an atlas takes."""
    report = {}
    place.atlas(progress=lambda stage, done, total: report.update({stage: total}))
    return sum(report.values())


@pytest.mark.parametrize("most", [0, 1, 5, 8, 9, 10, 12])
def test_after_an_interruption_only_the_rest_is_computed(tmp_path, monkeypatch, most):
    expected, path, tasks = everything(module.atlas(SMALL)), tmp_path / "partial", total(SMALL)
    counted = Counted(monkeypatch)
    interrupted(SMALL, path, most)
    done = len(counted.calls)
    assert done == most + 1
    assert path.exists()
    assert everything(SMALL.atlas(resume=path)) == expected
    assert len(counted.calls) == tasks
    assert not path.exists()


def test_an_interruption_at_every_task_computes_each_once(tmp_path, monkeypatch):
    expected, path, tasks = everything(module.atlas(SMALL)), tmp_path / "partial", total(SMALL)
    counted = Counted(monkeypatch)
    for k in range(tasks):
        with pytest.raises(KeyboardInterrupt):
            SMALL.atlas(resume=path, progress=interrupt_when_new())
        assert len(counted.calls) == k + 1
    assert everything(SMALL.atlas(resume=path)) == expected
    assert len(counted.calls) == tasks


def interrupt_when_new():
    """Return a progress callback that interrupts at the first task that was not done before."""
    first = {}

    def callback(stage, done, total):
        if first.setdefault(stage, done) < done:
            raise KeyboardInterrupt

    return callback


def test_threads_that_are_interrupted_go_on_from_what_was_kept(tmp_path):
    expected, path = everything(module.atlas(LARGE)), tmp_path / "partial"
    with ThreadPoolExecutor(2) as executor:
        interrupted(LARGE, path, 20, executor=executor)
    kept = len(path.read_text().splitlines()) - 1
    assert kept == 21
    report = []
    assert everything(LARGE.atlas(resume=path, progress=lambda *each: report.append(each))) == expected
    firsts = [next(done for stage, done, _ in report if stage == name) for name in dict.fromkeys(t[0] for t in report)]
    assert sum(firsts) == kept


def test_what_one_process_began_two_can_end(tmp_path):
    expected, path = everything(module.atlas(LARGE)), tmp_path / "partial"
    interrupted(LARGE, path, 30)
    assert everything(LARGE.atlas(resume=path, workers=2)) == expected


class Failing(ThreadPoolExecutor):
    """An executor whose third task fails, as on a machine that is lost; the others wait."""

    def __init__(self):
        super().__init__(1)
        self.given = []

    def submit(self, function, task):
        if len(self.given) == 2:
            future = Future()
            future.set_exception(OSError("the machine is gone"))
        else:
            future = super().submit(_late, 0.05, function, task)
        self.given.append(future)
        return future


def test_a_task_that_fails_is_reported_and_the_others_are_cancelled():
    with Failing() as executor:
        with pytest.raises(OSError, match="the machine is gone"):
            SMALL.atlas(executor=executor)
        assert sum(future.cancelled() for future in executor.given) > 3


def partial(path, most=11, place=SMALL):
    """Write a file of partial results; return its bytes."""
    interrupted(place, path, most)
    return path.read_bytes()


def test_a_file_cut_off_anywhere_after_its_first_line_still_serves(tmp_path):
    expected, path = module.atlas(SMALL).to_json(), tmp_path / "partial"
    whole = partial(path)
    head = whole.index(b"\n") + 1
    cuts = sorted({*range(head, len(whole), 97), *(k + d for k in ends(whole) for d in (-1, 0, 1) if k >= head)})
    for cut in cuts:
        path.write_bytes(whole[:cut])
        assert SMALL.atlas(resume=path).to_json() == expected


def ends(text):
    return [k + 1 for k, c in enumerate(text) if c == 10]


def test_a_file_that_was_cut_off_can_be_cut_off_again(tmp_path):
    """What is appended after a cut is kept too, whichever byte was the last."""
    expected, path = module.atlas(SMALL).to_json(), tmp_path / "partial"
    whole = partial(path)
    for cut in (*ends(whole)[:3], ends(whole)[0] + 10, ends(whole)[2] - 1, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(KeyboardInterrupt):
            SMALL.atlas(resume=path, progress=interrupt_when_new())
        before = len(path.read_text().splitlines())
        with pytest.raises(KeyboardInterrupt):
            SMALL.atlas(resume=path, progress=interrupt_when_new())
        assert len([json.loads(line) for line in path.read_text().splitlines()]) == before + 1
        assert SMALL.atlas(resume=path).to_json() == expected


def test_a_first_line_without_its_end_is_no_trap(tmp_path):
    """Cut off right after the first line: either refused at once, or good to go on with, more than once."""
    path = tmp_path / "partial"
    path.write_bytes(partial(path).split(b"\n")[0])
    try:
        interrupted(SMALL, path, 3)
    except ResumeError:
        return
    assert SMALL.atlas(resume=path).to_json() == module.atlas(SMALL).to_json()


def test_lines_after_a_damaged_one_are_computed_again(tmp_path, monkeypatch):
    expected, path = module.atlas(SMALL).to_json(), tmp_path / "partial"
    lines = partial(path).split(b"\n")
    lines[4] = lines[4][:-7] + b"}}garbage"
    path.write_bytes(b"\n".join(lines))
    tasks, counted = total(SMALL), Counted(monkeypatch)
    assert SMALL.atlas(resume=path).to_json() == expected
    assert len(counted.calls) == tasks - 3


def test_an_empty_file_is_a_fresh_start(tmp_path):
    path = tmp_path / "partial"
    path.touch()
    assert SMALL.atlas(resume=path).to_json() == module.atlas(SMALL).to_json()


STRANGERS = {
    "text": b"Dear diary,\n",
    "text after an empty line": b"\nDear diary,\nnothing happened.\n",
    "bytes": bytes(range(256)),
    "another JSON": b'{"a": 1}\n',
    "a list": b"[]\n",
    "a number": b"5",
    "spaces": b"   \n",
}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_file_of_something_else_is_refused_and_left_as_it_is(tmp_path, name):
    path = tmp_path / "diary"
    path.write_bytes(STRANGERS[name])
    with pytest.raises(ResumeError, match="diary"):
        SMALL.atlas(resume=path)
    assert path.read_bytes() == STRANGERS[name]


OTHERS = [
    landscape("abs2", SMALL.data),
    landscape("relu1", SMALL.data),
    landscape("relu2", SMALL.data, "mean"),
    landscape("relu2", Dataset("line", [[0], [1], [2]], [0, 1, 1])),
    landscape("relu2", Dataset("line", [[0], [1], [3]], [0, 1, 0])),
]


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_partial_results_of_another_landscape_are_refused_and_left_as_they_are(tmp_path, other):
    path = tmp_path / "partial"
    whole = partial(path)
    with pytest.raises(ResumeError, match="of another one or another version"):
        other.atlas(resume=path)
    assert path.read_bytes() == whole


def test_partial_results_of_another_version_or_size_of_parts_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "partial"
    whole = partial(path)
    monkeypatch.setattr("stability.compute.resume.__version__", "0.0.0")
    with pytest.raises(ResumeError, match="another version"):
        SMALL.atlas(resume=path)
    monkeypatch.undo()
    monkeypatch.setattr(module, "CHOICES_PER_PART", 21)
    with pytest.raises(ResumeError):
        SMALL.atlas(resume=path)
    assert path.read_bytes() == whole


def test_a_folder_or_a_place_that_does_not_exist_is_no_file(tmp_path):
    with pytest.raises(ResumeError):
        SMALL.atlas(resume=tmp_path)
    with pytest.raises(ResumeError, match="Could not write"):
        SMALL.atlas(resume=tmp_path / "nowhere" / "partial")


def test_a_store_without_a_file_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module.atlas(SMALL)
    assert not list(tmp_path.iterdir())
    store = LineStore(None, "x")
    store.load()
    store.keep("stage", 0, 1)
    store.remove()
    assert not store.kept


def test_a_stage_returns_results_in_the_order_of_its_tasks(tmp_path):
    stage = Stage("squares", lambda x: x * x, str, int)
    path = tmp_path / "partial"
    store = LineStore(path, "squares")
    assert stage.run([3, 1, 2], None, store) == [9, 1, 4]
    again = LineStore(path, "squares")
    again.load()
    assert again.kept == {("squares", 0): "9", ("squares", 1): "1", ("squares", 2): "4"}
    seen = []
    counting = Stage("squares", lambda x: seen.append(x) or x * x, str, int)
    assert counting.run([3, 1, 2], None, again) == [9, 1, 4]
    assert len(seen) == 1  # what is known is compared with one of them that is computed anew
    with Backwards() as executor:
        assert stage.run(range(20), executor, LineStore(None, "")) == [x * x for x in range(20)]
    head = json.loads(path.read_text().splitlines()[0])
    assert head["of"] == "squares"


@pytest.mark.parametrize(
    "kept", [None, 7, [], [1], [[[1, 2]], []], "faces", {"faces": []}, [[[1, 2, 3, 7]], []]], ids=str
)
def test_results_of_another_form_are_refused_in_a_sentence(tmp_path, kept):
    path = tmp_path / "atlas.partial"
    lines = [LineStore(path, module.fingerprint(SMALL)).header, {"stage": "faces", "index": 0, "result": kept}]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    path.write_text(text)
    with pytest.raises(ResumeError, match=r"Expected faces in .*atlas\.partial"):
        SMALL.atlas(resume=path)
    assert path.read_text() == text


@pytest.mark.parametrize("chosen", range(3))
def test_a_forged_result_is_refused_when_it_is_the_one_that_is_computed_anew(tmp_path, monkeypatch, chosen):
    monkeypatch.setattr(resume.secrets, "choice", lambda found: found[chosen])
    store = LineStore(tmp_path / "partial", "squares", {("squares", k): str(x) for k, x in enumerate((9, 1, 5))})
    stage = Stage("squares", lambda x: x * x, str, int)
    if chosen == 2:
        with pytest.raises(ResumeError, match=r"Expected squares in .*partial as they are computed; got another"):
            stage.run([3, 1, 2], None, store)
    else:
        assert stage.run([3, 1, 2], None, store) == [9, 1, 5]


def test_partial_results_of_an_atlas_without_its_points_are_refused(tmp_path):
    path = tmp_path / "atlas.partial"
    interrupted(LARGE, path, total(LARGE) - 1)
    head, *lines = path.read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    points = [entry for entry in entries if entry["stage"] == "stationary points"]
    assert points
    for entry in points:
        entry["result"] = [[], [], []]
    path.write_text("\n".join([head, *map(json.dumps, entries)]) + "\n")
    with pytest.raises(ResumeError, match="as they are computed"):
        LARGE.atlas(resume=path)


@pytest.mark.parametrize("place", ["", "/dev/zero", "pipe"])
def test_what_is_no_file_is_not_waited_for(tmp_path, place):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ResumeError, match="Expected a file of partial results; got"):
        LineStore(tmp_path / place, "squares").load()


@pytest.mark.parametrize("deep", ["[" * 200_000, '{"stage": ' * 200_000])
def test_lists_in_lists_without_end_are_no_partial_results(tmp_path, deep):
    path = tmp_path / "atlas.partial"
    path.write_text(f"{deep}\n")
    with pytest.raises(ResumeError, match="Expected a file of partial results"):
        SMALL.atlas(resume=path)
    path.write_text(f"{json.dumps(LineStore(path, module.fingerprint(SMALL)).header)}\n{deep}\n")
    assert everything(SMALL.atlas(resume=path)) == everything(module.atlas(SMALL))
