"""Files are found in order, read in full or refused in a sentence, and JSON means one thing or nothing."""

import json
import os

import pytest
from hand_made import rejects

from stability.checker import files


def refused(reason):
    return pytest.raises(files.BadInput, match=reason)


# Finding


def test_a_path_that_is_no_folder_stands_for_itself(tmp_path):
    for name in ("a.json", "none", "b.txt"):
        assert list(files.found(tmp_path / name)) == [tmp_path / name]
    assert list(files.found(tmp_path / ("a" * 5000))) == [tmp_path / ("a" * 5000)]


def test_the_records_of_a_folder_come_in_order(tmp_path):
    wanted = ["a.json", "b/c.json", "b/d/e.json", "z.json"]
    for name in [*wanted[::-1], "b/readme.md", "json", "x.json.bak", "y.JSON"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert list(files.found(tmp_path)) == [tmp_path / name for name in wanted]


def test_a_folder_without_records_is_said(tmp_path):
    (tmp_path / "readme.md").write_text("")
    (problem,) = files.found(tmp_path)
    assert str(problem) == "expected a folder with records (*.json); found none"


def test_a_folder_that_cannot_be_read_is_said(tmp_path, monkeypatch):
    (tmp_path / "a.json").write_text("")

    def listing(path, onerror):
        onerror(PermissionError(13, "Permission denied"))
        yield str(path), [], names

    monkeypatch.setattr(files.os, "walk", listing)
    names = ["a.json"]
    first, problem = files.found(tmp_path)
    assert first == tmp_path / "a.json"
    assert str(problem) == "expected a folder that can be read; got: Permission denied"
    names = []
    assert len(list(files.found(tmp_path))) == 1


# Reading


def test_a_file_is_read_in_full(tmp_path):
    file = tmp_path / "a.json"
    file.write_bytes('{"é": 1}\r\n'.encode())
    assert files.read(file) == '{"é": 1}\r\n'
    file.write_bytes(b"")
    assert files.read(file) == ""


def test_what_cannot_be_read_is_said(tmp_path):
    with refused("expected a file that can be read; got: No such file"):
        files.read(tmp_path / "none")
    with refused("expected a file; got a folder, a pipe or a device"):
        files.read(tmp_path)
    with refused("expected the name of a file"):
        files.read("a\0b")
    os.mkfifo(tmp_path / "pipe")
    with refused("expected a file; got a folder, a pipe or a device"):
        files.read(tmp_path / "pipe")
    (tmp_path / "latin").write_bytes(b"ab\xe9")
    with refused("expected text in UTF-8; got byte 0xe9 at 2"):
        files.read(tmp_path / "latin")


def test_a_file_is_not_too_large(tmp_path, monkeypatch):
    assert files.too_large() == "expected a record of at most 64 MB; got a larger file"
    monkeypatch.setattr(files.limits, "FILE_BYTES", 5)
    file = tmp_path / "a"
    file.write_bytes(b"12345")
    assert files.read(file) == "12345"
    file.write_bytes(b"123456")
    with refused("got a larger file"):
        files.read(file)
    monkeypatch.setattr(files, "regular", lambda status: None)  # it grew while it was opened
    with refused("got a larger file"):
        files.read(file)
    file.write_bytes(b"12345")
    assert files.read(file) == "12345"


# JSON


@pytest.mark.parametrize(
    "value", [{}, {"a": [1, "x", None, True, {"b": []}]}, [], "x", 3, None, {"a": {"b": {"c": 1}}}]
)
def test_json_is_read(value):
    assert files.parse(json.dumps(value)) == value


@pytest.mark.parametrize("text", ["", "{", "[1,]", "{'a': 1}", "x", "{} {}", "[1 2]"])
def test_what_is_no_json_is_said_with_its_place(text):
    with refused("expected a record in JSON; line 1, column"):
        files.parse(text)
    with refused("line 3, column 3 is none"):
        files.parse('{\n "a": 1,\n  x}')


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', '[{"a": {"b": 1, "c": 2, "b": 3}}]'])
def test_keys_are_not_repeated(text):
    with rejects("repeatedly in one object"):
        files.parse(text)
    assert files.unrepeated([("a", 1), ("b", 1)]) == {"a": 1, "b": 1}
    with rejects("expected every key once; got 'b' repeatedly"):
        files.unrepeated([("a", 1), ("b", 1), ("b", 1)])


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}'])
def test_only_numbers_are_numbers(text):
    with rejects("expected numbers; got"):
        files.parse(text)


def nested(depth):
    return "[" * depth + "]" * depth


def test_lists_and_objects_are_nested_up_to_a_limit():
    most = files.limits.DEPTH
    files.parse(nested(most))
    files.parse(nested(most + 1))  # the value itself, and so many in it
    files.shallow({"a": {"b": [[], [3]]}})
    for deep in (nested(most + 2), nested(100_000), '{"a":' * (most + 2) + "1" + "}" * (most + 2)):
        with rejects("at most 400 lists and objects in each other"):
            files.parse(deep)


def test_records_are_not_too_long(monkeypatch):
    for name, text, less in (
        ("FILE_BYTES", "[1, 2]", "characters of a record"),
        ("LISTS", "[{}, {}, [{}], [[{}]]]", "lists and objects of a record"),
        ("VALUES", "[1, 2, 3, 4, 5, 6, 7]", "values of a record"),
    ):
        counts = {"FILE_BYTES": len(text), "LISTS": 8, "VALUES": 6}
        with monkeypatch.context() as patch:
            patch.setattr(files.limits, name, counts[name])
            files.parse(text)
            patch.setattr(files.limits, name, counts[name] - 1)
            with rejects(less):
                files.parse(text)


def test_numbers_are_not_too_long():
    most = files.limits.DIGITS
    assert files.parse("1" * most) == int("1" * most)
    for text in ("1" * (most + 1), f'["{"1" * (most + 1)}"]'):
        with rejects("digits of a number"):
            files.parse(text)
