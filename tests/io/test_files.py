"""Files are there whole or not at all, and what is no file of its own is not replaced by one."""

import os
from threading import Thread

import pytest

from stability.errors import DataError, FileError, MissingDataError
from stability.io import files
from stability.io.files import read_json, require_file, write_whole


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "a.txt"
    write_whole(path, "old")
    write_whole(path, b"new")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_link_stays_a_link(tmp_path):
    kept, link = tmp_path / "kept.txt", tmp_path / "link.txt"
    link.symlink_to(kept)
    write_whole(link, "text")
    assert link.is_symlink()
    assert kept.read_text() == "text"


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    path, read = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = Thread(target=lambda: read.append(path.read_text()))
    reader.start()
    write_whole(path, "text")
    reader.join(5)
    assert read == ["text"]
    assert path.is_fifo()
    assert os.listdir(tmp_path) == ["pipe"]


def test_a_missing_folder_is_reported(tmp_path):
    with pytest.raises(FileError, match="Could not write"):
        write_whole(tmp_path / "no" / "a.txt", "text")


def test_a_file_of_results_is_read(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"runs": [1, NaN], "ä": null}', encoding="utf-8")
    found = read_json(path, "runs", "Try again.")
    assert list(found) == ["runs", "ä"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Expecting value"),
        (b'{"runs": [1, 2', "Expecting ',' delimiter"),
        (b"[1]", "expected an object; got list"),
        (b"1" * 5000, "digits"),
        (b"[" * 200_000, "too deep"),
        (b'{"a":' * 200_000, "too deep"),
        (b"\xff\xfe{}", "can't decode"),
        (b"\x00" * 100, "Expecting value"),
        (b'{"runs": 1} {"runs": 2}', "Extra data"),
    ],
)
def test_a_file_of_something_else_is_refused_in_a_sentence(tmp_path, content, reason):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(FileError) as refused:
        read_json(path, "runs", "Try again.")
    assert refused.value.problem.startswith(f"{path} holds no runs (")
    assert reason in refused.value.problem
    assert len(refused.value.problem) < 400
    assert refused.value.remedy == "Try again."


def test_a_file_that_is_too_long_or_none_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    long, pipe = tmp_path / "long.json", tmp_path / "pipe.json"
    long.write_text('{"a": 12345678}')
    os.mkfifo(pipe)
    for path, reason in (
        (long, "longer than 10 bytes"),
        (pipe, "no file"),
        (tmp_path, "no file"),
        (tmp_path / "b", "no file"),
    ):
        with pytest.raises(FileError, match=reason):
            read_json(path, "runs", "Try again.")


def refused(place, **settings):
    """Return what is raised where a place is to be read, and its words."""
    with pytest.raises((FileError, DataError)) as caught:
        require_file(place, "inputs", "a .npy file", **settings)
    return type(caught.value), str(caught.value)


def test_what_is_no_file_is_said_with_its_name_in_quotes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    (tmp_path / "held").touch()
    for place, found in {
        ".": "got the folder '.'.\n  Name a .npy file in it.",
        "..": "got the folder '..'.\n  Name a .npy file in it.",
        "pipe": "got 'pipe', which is a pipe or a device.\n  Name a .npy file.",
        "/dev/null": "got '/dev/null', which is a pipe or a device.\n  Name a .npy file.",
        "x.": "there is no file 'x.'.\n  Name a .npy file.",
        "held/x": "there is no file 'held/x'.\n  Name a .npy file.",
        "x" * 300: f"got {'x' * 300!r}: File name too long.\n  Name a file you may read.",
        "nul\0l": f"got {chr(39)}nul\\x00l{chr(39)}: embedded null byte.\n  Name a file you may read.",
    }.items():
        assert refused(place) == (FileError, f"Expected inputs; {found}")
    require_file("held", "inputs", "a .npy file")


def test_each_caller_has_its_class_of_error(tmp_path):
    settings = {"error": DataError, "missing": MissingDataError}
    assert refused(tmp_path, **settings)[0] is DataError
    assert refused(tmp_path / "none", **settings)[0] is MissingDataError
