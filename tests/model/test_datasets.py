"""Every dataset against a second definition; every way a file can be wrong, with its place named."""

from fractions import Fraction as Q
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import make_moons

from stability.errors import DataError, UnknownNameError
from stability.model.datasets import DATASETS, EXAMPLES, MOST_POINTS, Dataset, dataset, moons, parity, xor

fractions = st.fractions(max_denominator=10**6)


def expect_xor(data):
    assert [(*p, y) for p, y in zip(data.points, data.labels, strict=True)] == [
        (1, -1, 1),
        (-1, 1, 1),
        (1, 1, 0),
        (-1, -1, 0),
    ]


def expect_parity(data):
    assert sorted(data.points) == sorted(product((-1, 1), repeat=data.dimension))
    for point, label in zip(data.points, data.labels, strict=True):
        assert label == sum(c == -1 for c in point) % 2


def expect_moons(data):
    _, count, seed = data.name.split(":")
    points, labels = make_moons(n_samples=int(count), noise=None, random_state=int(seed))
    assert [[float(c) for c in p] for p in data.points] == points.tolist()
    assert all(Q(float(c)) == c for p in data.points for c in p)
    assert list(data.labels) == labels.tolist()


CASES = {
    "xor": (expect_xor, ["xor"]),
    "parity": (expect_parity, ["parity:1", "parity:2", "parity:5", "parity:12"]),
    "moons": (expect_moons, ["moons:1:0", "moons:5:3", "moons:100:10"]),
}


def test_every_entry_has_a_case_and_an_example():
    assert set(CASES) == set(DATASETS) == set(EXAMPLES)


@pytest.mark.parametrize("name", list(DATASETS))
def test_entry(name):
    expect, spellings = CASES[name]
    for spelling in [*spellings, EXAMPLES[name]]:
        data = dataset(spelling)
        assert data.name == spelling
        assert data == dataset(spelling)
        assert hash(data) == hash(dataset(spelling))
        assert all(isinstance(v, Q) for row in [*data.points, data.labels] for v in row)
        assert {len(p) for p in data.points} == {data.dimension}
        expect(data)


def test_parity_in_the_plane_is_xor():
    pairs = [set(zip(d.points, d.labels, strict=True)) for d in (dataset("parity:2"), xor())]
    assert pairs[0] == pairs[1]


@pytest.mark.parametrize(
    ("spelling", "says"),
    [
        ("parity:0", "from 1 to 12"),
        ("parity:-1", "from 1 to 12"),
        ("parity:99", f"at most {MOST_POINTS} corners"),
        ("parity:13", "got 13"),
        ("parity:abc", "Expected parity:DIMENSION with whole numbers"),
        ("parity:2.0", "parity:3"),
        ("parity", "parity:3"),
        ("parity:", "parity:3"),
        ("parity:2:3", "parity:3"),
        ("parity:\u0663", "parity:3"),
        ("xor:2", "Expected xor; got"),
        ("moons:0:0", "1 to 4096 points"),
        ("moons:5", "moons:100:10"),
        ("moons:5:", "moons:100:10"),
        ("moons:5:-1", "seed from 0"),
        ("moons:5:4294967296", "seed from 0"),
        ("moons:9999999:0", "1 to 4096 points"),
    ],
)
def test_wrong_arguments(spelling, says):
    with pytest.raises(DataError) as caught:
        dataset(spelling)
    assert says in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(("word", "hint"), [("xro", "'xor'"), ("moon", "'moons"), ("", "xor, "), ("iris", "data.csv")])
def test_unknown_names_list_the_known(word, hint):
    with pytest.raises(UnknownNameError, match=hint):
        dataset(word)


def test_functions_check_their_arguments_too():
    with pytest.raises(DataError):
        parity(0)
    with pytest.raises(DataError):
        moons(0, 0)


@given(st.lists(st.tuples(st.fractions(max_denominator=99), st.floats(-9, 9), st.integers()), min_size=1, max_size=5))
def test_programmatic_data_become_exact(rows):
    data = Dataset("drawn", [(str(a), b) for a, b, _ in rows], [c for *_, c in rows])
    assert data.points == tuple((a, Q(b)) for a, b, _ in rows)
    assert data.labels == tuple(Q(c) for *_, c in rows)
    assert data.dimension == 2


def test_arrays_and_conflicting_duplicates_are_allowed():
    data = Dataset("array", np.array([[1, 2], [1, 2]]), np.array([0, 1]))
    assert data.points == ((1, 2), (1, 2))
    assert data.labels == (0, 1)


@pytest.mark.parametrize(
    ("points", "labels", "says"),
    [
        ([], [], "at least one point; got 0 points and 0 labels"),
        ([[1]], [], "got 1 points and 0 labels"),
        ([[1]], [1, 2], "got 1 points and 2 labels"),
        ([[]], [1], "point 1: expected at least 1 coordinates; got 0"),
        ([[1, 2], [1]], [1, 2], "point 2: expected 2 coordinates; got 1"),
        ([1, 2], [1, 2], "point 1: expected a sequence"),
        (["12"], [1], "point 1: expected a sequence"),
        (3, [1], "expected a sequence"),
        ([[1]], "1", "labels: expected a sequence"),
        ([[1, float("nan")]], [1], "point 1, coordinate x2: expected a finite"),
        ([[1, None]], [1], "point 1, coordinate x2: expected a number"),
        ([[1]], ["a"], "label 1: expected a finite rational"),
        ([[1]], [float("inf")], "label 1: expected a finite"),
        ([["1e999"]], [1], "point 1, coordinate x1: expected at most"),
    ],
)
def test_programmatic_data_must_make_sense(points, labels, says):
    with pytest.raises(DataError) as caught:
        Dataset("bad", points, labels)
    assert str(caught.value).startswith("bad")
    assert says in str(caught.value)
    assert caught.value.remedy


def written(tmp_path, content):
    path = tmp_path / "data.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def tables(dimension):
    return st.lists(st.lists(fractions, min_size=dimension + 1, max_size=dimension + 1), min_size=1)


@settings(deadline=None, max_examples=40)
@given(
    rows=st.integers(1, 3).flatmap(lambda d: st.lists(st.lists(fractions, min_size=d + 1, max_size=d + 1), min_size=1))
)
def test_csv_is_read_exactly(rows, tmp_path_factory):
    header = [*(f"x{c}" for c in range(1, len(rows[0]))), "y"]
    text = "\n".join(",".join(map(str, line)) for line in [header, *rows])
    data = dataset(str(written(tmp_path_factory.mktemp("csv"), text)))
    assert data.points == tuple(tuple(row[:-1]) for row in rows)
    assert data.labels == tuple(row[-1] for row in rows)


@pytest.mark.parametrize(
    "content",
    [
        b"x1,x2,y\n1/3,0.25,1\n-2,1e2,0\n",
        b"x1,x2,y\r\n1/3,0.25,1\r\n-2,1e2,0\r\n\r\n",
        b"\xef\xbb\xbfx1,x2,y\n1/3,0.25,1\n-2,1e2,0\n\n  \n",
        b'x1, x2 ,y\n"1/3", .25,1\n-2,100,0',
    ],
)
def test_line_ends_marks_and_spaces(content, tmp_path):
    path = written(tmp_path, content)
    data = dataset(path)
    assert data.points == ((Q(1, 3), Q(1, 4)), (-2, 100))
    assert data.labels == (1, 0)
    assert dataset(data.name) == data


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", ": expected a header and at least one point; got an empty file"),
        ("\n \n", ": expected a header and at least one point; got an empty file"),
        ("x1,x2,y\n", ": expected at least one point; got only the header"),
        ("\n1,2,3\n", ", line 1: expected the columns x1, ..., xd, y; got ''"),
        ("y\n1\n", ", line 1: expected the columns x1, ..., xd, y; got 'y'"),
        ("x1;x2;y\n1;2;3\n", ", line 1: expected the columns"),
        ("x1,x3,y\n1,2,3\n", ", line 1, column 2: expected the header 'x2'; got 'x3'"),
        ("x2,x1,y\n1,2,3\n", ", line 1, column 1: expected the header 'x1'; got 'x2'"),
        ("y,x1\n1,2\n", ", line 1, column 1: expected the header 'x1'; got 'y'"),
        ("x1,x2\n1,2\n", ", line 1, column 2: expected the header 'y'; got 'x2'"),
        ("x1,x1,y\n1,2,3\n", ", line 1, column 2: expected the header 'x2'; got 'x1' (a second time)"),
        ("1,2,3\n1,2,3\n", ", line 1, column 1: expected the header 'x1'; got '1'"),
        ("x1,x2,y\n1,2\n", ", line 2, column y: expected 3 entries, x1 to y; got 2"),
        ("x1,x2,y\n1,2,3\n1,2,3,4\n", ", line 3, column 4: expected 3 entries, x1 to y; got 4"),
        ("x1,x2,y\n1,2,3\n\n1,2,3\n", ", line 3, column x1: expected 3 entries, x1 to y; got 0"),
        ("x1,x2,y\n0,1,1\n0,abc,1\n", ", line 3, column x2: expected a finite rational number; got 'abc'"),
        ("x1,x2,y\n0,,1\n", ", line 2, column x2: expected a finite rational number; got ''"),
        ("x1,x2,y\n0,1,nan\n", ", line 2, column y: expected a finite rational number; got 'nan'"),
        ("x1,x2,y\n0,1,-inf\n", ", line 2, column y: expected a finite rational number; got '-inf'"),
        ("x1,x2,y\n0,1/0,1\n", ", line 2, column x2: expected a finite rational number; got '1/0'"),
        ("x1,x2,y\n0,1_0,1\n", ", line 2, column x2: expected a finite rational number; got '1_0'"),
        ("x1,x2,y\n0,1e1_000_000_000,1\n", ", line 2, column x2: expected"),
        ("x1,x2,y\n0,1e1000000000000,1\n", ", line 2, column x2: expected at most"),
        ("x1,x2,y\n0,1e-99999,1\n", ", line 2, column x2: expected at most"),
        ("x1,x2,y\n0," + "9" * 5000 + ",1\n", ", line 2, column x2: expected at most"),
        (
            "x1,x2,y\n0," + "9" * 200000 + ",1\n",
            ", line 2: expected comma-separated values; got: field larger",
        ),
        ('x1,x2,y\n0,"1,1\n', ", line 2: expected comma-separated values"),
        (b"x1,y\n\xff\xfe,1\n", ": expected a readable text file; got: byte 5 is not UTF-8"),
        (b"x1,y\n0\x00,1\n", ", line 2, column x1: expected a finite rational number"),
    ],
)
def test_wrong_files_say_where(content, says, tmp_path):
    path = written(tmp_path, content)
    with pytest.raises(DataError) as caught:
        dataset(str(path))
    assert caught.value.problem.startswith(f"{path}{says}")
    assert len(str(caught.value)) < len(str(path)) + 250
    assert caught.value.remedy


def test_missing_and_unreadable_files(tmp_path):
    for path, says in [(tmp_path / "none.csv", "there is no file"), (tmp_path, "got the folder")]:
        with pytest.raises(DataError, match=says):
            dataset(path)
    with pytest.raises(DataError, match="Name a file you may read"):
        dataset("nul\0l.csv")


def test_a_file_without_suffix_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").write_text("x1,y\n1,2\n")
    assert dataset("mine").points == ((1,),)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("x1;x2;y\n1;2;3\n", "semicolons: write commas"),
        ("x1\tx2\ty\n1\t2\t3\n", "tabs: write commas"),
        ("x1,y\n1,2\n\n1,2\n", "line is empty"),
        ("x1,y\n1,\n", "missing values"),
        ("x1,y\n1,yes\n", "write 0 and 1"),
    ],
)
def test_common_mistakes_have_their_own_remedy(text, remedy, tmp_path):
    file = tmp_path / "wrong.csv"
    file.write_text(text)
    with pytest.raises(DataError) as problem:
        dataset(str(file))
    assert remedy in problem.value.remedy


def test_outputs_are_correct_on_the_side_of_their_label():
    assert xor().correct([Q(1), Q(1, 2), Q(1, 3), Q(2, 3)]) == [True, False, True, False]
    assert Dataset("three", [[0], [1], [2]], [0, 1, 2]).correct([Q(0)] * 3) is None


def test_rows_of_labels():
    data = Dataset("two", [[0], [1]], [[1, "1/2"], [0, 3]])
    assert (data.labels, data.label_rows, data.columns) == ((), ((1, Q(1, 2)), (0, 3)), 2)
    assert data.targets == data.label_rows
    assert data == Dataset("two", [[0], [1]], label_rows=[[1, "1/2"], [0, 3]])
    assert data == Dataset("two", np.array([[0], [1]]), np.array([[1, 0.5], [0, 3]]))
    assert Dataset("one", [[0], [1]], [[1], [0]]) == Dataset("one", [[0], [1]], [1, 0])
    assert Dataset("one", [[0], [1]], [1, 0]).targets == ((1,), (0,))
    assert data.correct([Q(1)] * 2) is None
    assert data.to_json()["labels"] == [["1", "1/2"], ["0", "3"]]
    assert repr(data).splitlines()[1].split() == ["x1", "y1", "y2"]
    with pytest.raises(DataError, match="label 2: expected 2 labels; got 1"):
        Dataset("two", [[0], [1]], [[1, 2], [0]])
    with pytest.raises(DataError, match="expected one label for each"):
        Dataset("none", [[0], [1]])
    with pytest.raises(DataError, match="has 2"):
        data.plot()


def test_csv_files_with_columns_of_labels(tmp_path):
    path = tmp_path / "two.csv"
    path.write_text("x1,y1,y2\n0,1,1/2\n1,0,3\n")
    assert dataset(path).label_rows == ((1, Q(1, 2)), (0, 3))
