"""Are readings in a file as soon as they are taken, and read again as they were?"""

import json
import os
from math import inf, nan

import pytest
import torch
from torch import nn

from stability.errors import DataError, FileError
from stability.training.monitoring.alarms import Alarm
from stability.training.monitoring.monitor import Monitor
from stability.training.monitoring.readings import LayerReading, Reading
from stability.training.monitoring.stream import Stream, read_stream

LAYER = LayerReading("nan", 2, 3, 0.5, 1, 0, nan, 0.25, slope=None, tops=(1.0, nan, -inf), largest_preactivation=inf)
ODD = [
    Reading(0, (LAYER,), None, nan, inf, finite=False, alarms=(Alarm("not finite", "", nan, nan),)),
    Reading(1, (LAYER, LAYER), nan, 0.5, -inf, skipped=("inf: it got no example",), unread=1, passes=2),
    Reading(7, (), inf),
    Reading(9, (), 1e-300),
]


def same(found, expected):
    return repr([vars_of(each) for each in found]) == repr([vars_of(each) for each in expected])


def vars_of(reading):
    layers = [[getattr(layer, name) for name in LayerReading.__slots__] for layer in reading.layers]
    return [getattr(reading, name) for name in Reading.__slots__ if name != "layers"], layers


def stream(path, readings, resumed=False, origin="a test"):
    each = Stream(path, json.dumps({"what": origin}))
    if resumed:
        each.resume()
    for reading in readings:
        each(reading)
    return each


def test_nothing_is_lost_and_every_line_is_json(tmp_path):
    path = tmp_path / "health.jsonl"
    stream(path, ODD)
    assert same(read_stream(path), ODD)
    for line in path.read_text().splitlines():
        json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert json.loads((tmp_path / "health.jsonl.json").read_text()) == {"what": "a test"}


def test_a_line_that_was_broken_off_is_dropped_when_it_goes_on(tmp_path):
    path = tmp_path / "health.jsonl"
    stream(path, ODD[:2])
    whole = path.read_bytes()
    for end in (b'{"step": 3, "la', b"x" * 200_000):
        path.write_bytes(whole + end)
        assert same(read_stream(path), ODD[:2])
        stream(path, [])
        assert path.read_bytes() == whole
    stream(path, ODD[2:], resumed=True)
    assert same(read_stream(path), ODD)
    path.write_bytes(b'{"ste')
    stream(path, ODD)
    assert same(read_stream(path), ODD)


def test_a_write_that_failed_midway_is_mended_by_the_next(tmp_path):
    path = tmp_path / "health.jsonl"
    each = stream(path, ODD[:1])
    each._mended = False
    with path.open("ab") as file:
        file.write(b'{"step": ')
    each(ODD[1])
    assert same(read_stream(path), ODD[:2])


def test_what_is_read_anew_replaces_what_was_there(tmp_path):
    path = tmp_path / "health.jsonl"
    stream(path, [ODD[0], ODD[2], ODD[3]])
    stream(path, ODD[1:3], resumed=True)
    assert same(read_stream(path), ODD[:3])
    assert {each.name for each in tmp_path.iterdir()} == {"health.jsonl", "health.jsonl.json"}


def test_readings_of_another_training_are_kept(tmp_path):
    path = tmp_path / "health.jsonl"
    runs = [ODD, ODD[:2], ODD[:1]]
    stream(path, runs[0], origin="run 1")
    for number, readings in enumerate(runs[1:], 2):
        before = path.read_bytes()
        each = stream(path, [], origin=f"run {number}")
        assert path.read_bytes() == before
        with pytest.warns(UserWarning, match=rf"health\.{number - 1}\.jsonl") as said:
            [each(reading) for reading in readings]
        assert len(said) == 1
        assert said[0].filename == __file__
    for name, number in (("health.1", 1), ("health.2", 2), ("health", 3)):
        assert same(read_stream(tmp_path / f"{name}.jsonl"), runs[number - 1])
        assert json.loads((tmp_path / f"{name}.jsonl.json").read_text()) == {"what": f"run {number}"}
    assert len([*tmp_path.iterdir()]) == 6


def test_two_that_begin_at_once_keep_the_file_of_the_training_before_once(tmp_path):
    path = tmp_path / "health.jsonl"
    stream(path, ODD)
    first, second = stream(path, []), stream(path, [])
    with pytest.warns(UserWarning, match="held readings"):
        first(ODD[0])
    second(ODD[1])
    assert same(read_stream(path), ODD[:2])
    assert same(read_stream(tmp_path / "health.1.jsonl"), ODD)
    assert not (tmp_path / "health.2.jsonl").exists()


def test_the_file_behind_a_link_is_kept_beside_itself(tmp_path):
    (tmp_path / "disk").mkdir()
    path, file = tmp_path / "health.jsonl", tmp_path / "disk" / "held.jsonl"
    path.symlink_to(file)
    stream(path, ODD)
    with pytest.warns(UserWarning, match="held readings"):
        stream(path, ODD[:1])
    assert path.is_symlink()
    assert same(read_stream(file), ODD[:1])
    assert same(read_stream(tmp_path / "disk" / "held.1.jsonl"), ODD)


def test_a_file_that_cannot_be_kept_is_not_written_to(tmp_path, monkeypatch):
    path = tmp_path / "health.jsonl"
    stream(path, ODD)
    before = path.read_bytes()
    monkeypatch.setattr("pathlib.Path.rename", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no")))
    for _ in range(2):
        with pytest.raises(FileError, match="Cannot keep"):
            stream(path, ODD[:1])
    assert path.read_bytes() == before


@pytest.mark.parametrize("line", ["[]", "{}", "no", "[" * 200_000, '{"step": 1, "layers": [{"odd": 1}], "alarms": []}'])
def test_other_files_are_refused(tmp_path, line):
    path = tmp_path / "other.jsonl"
    path.write_text(f"{line}\n")
    with pytest.raises(DataError, match="line 1 of"):
        read_stream(path)


@pytest.mark.parametrize("held", [b'{"results": 1}', b"PK\x03\x04 weights\n and more", b"\n", b"step,name\n1,loss"])
def test_nothing_of_another_file_is_cut_off(tmp_path, held):
    path = tmp_path / "results.json"
    path.write_bytes(held)
    with pytest.raises(FileError, match="something else"):
        Monitor(nn.Linear(2, 1), stream=path)
    assert path.read_bytes() == held
    assert [each.name for each in tmp_path.iterdir()] == ["results.json"]


def test_files_that_cannot_be_are_refused_at_once(tmp_path):
    with pytest.raises(FileError):
        Monitor(nn.Linear(2, 1), stream=tmp_path / "missing" / "health.jsonl")
    with pytest.raises(FileError, match="there is no file"):
        read_stream(tmp_path / "missing.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(FileError):
        Monitor(nn.Linear(2, 1), stream=tmp_path / "folder.jsonl")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jsonl")
    for use in (read_stream, lambda path: Monitor(nn.Linear(2, 1), stream=path)):
        with pytest.raises(FileError, match="a pipe or a device"):
            use(tmp_path / "pipe.jsonl")


def trained(path, steps, state=None, every=2, **settings):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
    optimiser = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9)
    with Monitor(model, every=every, stream=path, **settings) as monitor:
        if state is not None:
            model.load_state_dict(state["model"])
            optimiser.load_state_dict(state["optimiser"])
            monitor.load_state_dict(state["monitor"])
        for step in steps:
            x = torch.randn(16, 2, generator=torch.Generator().manual_seed(step))
            optimiser.zero_grad()
            loss = model(x).square().mean()
            monitor.note(loss)
            loss.backward()
            optimiser.step()
            if path.exists():
                assert read_stream(path)[-1].step == step - step % every
        state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "monitor": monitor.state_dict()}
    return monitor, state


@pytest.mark.parametrize("settings", [{}, {"keep": 3}, {"detail": True}])
def test_a_resumed_monitor_goes_on_in_the_file(tmp_path, settings):
    whole, _ = trained(tmp_path / "whole.jsonl", range(20), **settings)
    path = tmp_path / "parts.jsonl"
    _, state = trained(path, range(8), **settings)
    torch.save(state, tmp_path / "state.pt")
    trained(path, range(8, 13), state, **settings)
    state = torch.load(tmp_path / "state.pt")
    resumed, _ = trained(path, range(8, 20), state, **settings)
    assert same(resumed.readings, whole.readings)
    assert path.read_bytes() != (tmp_path / "whole.jsonl").read_bytes()
    assert same(read_stream(path), read_stream(tmp_path / "whole.jsonl"))
    assert len(read_stream(path)) == 10
    if "keep" not in settings:
        assert same(read_stream(path), whole.readings)


def test_a_training_that_is_run_again_keeps_the_readings_of_the_first(tmp_path):
    path = tmp_path / "health.jsonl"
    first, _ = trained(path, range(8))
    with pytest.warns(UserWarning, match="does not go on with"):
        again, _ = trained(path, range(4))
    assert same(read_stream(tmp_path / "health.1.jsonl"), first.readings)
    assert same(read_stream(path), again.readings)
