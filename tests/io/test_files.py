"""Files are there whole or not at all, and what is no file of its own is not replaced by one."""

import os
from threading import Thread

import pytest

from stability.errors import FileError
from stability.io.files import write_whole


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
