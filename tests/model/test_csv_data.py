"""CSV files read exactly, and where they are wrong: file, line, column and remedy."""

import os
from fractions import Fraction as Q

import pytest

from stability.errors import DataError, MissingDataError
from stability.model import csv_data
from stability.model.csv_data import NUMBER, SEVERAL, SHAPE, read_csv


def written(tmp_path, text):
    path = tmp_path / "data.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


@pytest.mark.parametrize(
    ("text", "points", "labels"),
    [
        ("x1,y\n1,2\n", [[1]], [[2]]),
        ("x1,x2,y\n1/3, -0.25 ,1e-2\n0,0,0", [[Q(1, 3), Q(-1, 4)], [0, 0]], [[Q(1, 100)], [0]]),
        ("x1,x2,y1,y2\n1,2,3,1/4\n", [[1, 2]], [[3, Q(1, 4)]]),
        ("x1,y1,y2,y3\n1,2,3,4\n", [[1]], [[2, 3, 4]]),
        ("\ufeffx1,y\r\n1,2\r\n\r\n\r\n", [[1]], [[2]]),
        ("x1, y \n 1 ,2\n \n", [[1]], [[2]]),
        ('"x1","y"\n"1","2"', [[1]], [[2]]),
    ],
)
def test_what_may_be_written(tmp_path, text, points, labels):
    assert read_csv(written(tmp_path, text)) == (points, labels)


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ("", ": expected a header and at least one point; got an empty file.", SHAPE),
        ("\n \n", ": expected a header and at least one point; got an empty file.", SHAPE),
        ("x1,y\n", ": expected at least one point; got only the header.", SHAPE),
        ("y\n1\n", ", line 1: expected the columns x1, ..., xd, y; got 'y'.", SHAPE),
        ("x1;y\n1;2\n", ", line 1: expected the columns", "separated by semicolons"),
        ("x1\ty\n1\t2\n", ", line 1: expected the columns", "separated by tabs"),
        ("x1,x3,y\n1,2,3\n", ", line 1, column 2: expected the header 'x2'; got 'x3'.", SHAPE),
        ("x1,x1,y\n1,2,3\n", ", line 1, column 2: expected the header 'x2'; got 'x1' (a second time).", SHAPE),
        ("y,x1\n1,2\n", ", line 1, column 1: expected the header 'x1'; got 'y'.", SHAPE),
        ("x1,y1,y3\n1,2,3\n", ", line 1, column 3: expected the header 'y2'; got 'y3'.", SEVERAL),
        ("x1,y1,y\n1,2,3\n", ", line 1, column 3: expected the header 'y2'; got 'y'.", SEVERAL),
        ("x1,y1\n1,2\n", ", line 1, column 2: expected the header 'y'; got 'y1'.", SHAPE),
        ("y1,y2\n1,2\n", ", line 1, column 1: expected the header 'x1'; got 'y1'.", SHAPE),
        ("x1,y1,y2\n1,2\n", ", line 2, column y2: expected 3 entries, x1 to y2; got 2.", "one entry per column"),
        ("x1,y1,y2\n1,2,cat\n", ", line 2, column y2: expected a", f"For two classes write 0 and 1. {NUMBER}"),
        ("x1,x2\n1,2\n", ", line 1, column 2: expected the header 'y'; got 'x2'.", SHAPE),
        ("x1,x2,y\n1,2,3\n1,2\n", ", line 3, column y: expected 3 entries, x1 to y; got 2.", "one entry per column"),
        ("x1,y\n1,2,3\n", ", line 2, column 3: expected 2 entries, x1 to y; got 3.", "one entry per column"),
        ("x1,y\n\n1,2\n", ", line 2, column x1: expected 2 entries, x1 to y; got 0.", "The line is empty"),
        ("x1,y\n \n1,2\n", ", line 2, column y: expected 2 entries, x1 to y; got 1.", "The line is empty"),
        ("x1,y\n1,\n", ", line 2, column y: expected a", "Leave out lines with missing values."),
        ("x1,y\n1,a\n", ", line 2, column y: expected a", f"For two classes write 0 and 1. {NUMBER}"),
        ("x1,y\na,1\n", ", line 2, column x1: expected a", f"Leave out columns and lines of words. {NUMBER}"),
        ("x1,y\n1_0,1\n", ", line 2, column x1: expected a finite rational number; got '1_0'.", NUMBER),
        ("x1,y\n1/0,1\n", ", line 2, column x1: expected a finite rational number; got '1/0'.", NUMBER),
        ('x1,y\n"1,2\n', "expected comma-separated values; got:", SHAPE),
    ],
)
def test_what_is_wrong_and_where(tmp_path, text, problem, remedy):
    path = written(tmp_path, text)
    with pytest.raises(DataError) as caught:
        read_csv(path)
    assert caught.value.problem.startswith(path)
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(MissingDataError, match="there is no file"):
        read_csv(str(tmp_path / "none.csv"))
    with pytest.raises(FileNotFoundError):
        read_csv(str(tmp_path / "none.csv"))
    with pytest.raises(DataError) as caught:
        read_csv(written(tmp_path, b"x1,y\n\xff,1\n"))
    assert "byte 5 is not UTF-8" in caught.value.problem
    assert caught.value.remedy == "Save the file as UTF-8 text."
    with pytest.raises(DataError, match=r"got the folder '.*'\.\n  Name a .csv file in it"):
        read_csv(str(tmp_path))
    with pytest.raises(DataError, match="Name a file you may read"):
        read_csv("nul\0l.csv")


@pytest.mark.parametrize("place", ["/dev/zero", "/dev/null", "pipe.csv"])
def test_a_pipe_or_a_device_is_not_waited_for(tmp_path, place):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(DataError, match=r"which is a pipe or a device\.\n  Name a .csv file"):
        read_csv(str(tmp_path / place))


def test_a_pipe_that_was_given_open_is_read():
    reads, writes = os.pipe()
    with os.fdopen(reads), os.fdopen(writes, "w") as file:
        file.write("x1,y\n1,2\n")
        file.close()
        assert read_csv(f"/dev/fd/{reads}") == ([[1]], [[2]])


def test_a_file_without_end_is_not_read_into_memory(monkeypatch):
    monkeypatch.setattr(csv_data, "MOST_BYTES", 1000)
    with open("/dev/zero", "rb") as zero, pytest.raises(DataError, match="expected at most 0 MB; got more"):
        read_csv(f"/dev/fd/{zero.fileno()}")


def test_lines_are_counted_as_an_editor_does(tmp_path):
    """A quoted line end is part of a cell; the line of an entry is the last one it is on."""
    path = written(tmp_path, 'x1,y\n1,2\n"\n3",4\n5,x\n')
    with pytest.raises(DataError, match="line 5, column y"):
        read_csv(path)
