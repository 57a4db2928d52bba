"""Points on the command line are read exactly, and what is no point is refused with the form of one."""

from fractions import Fraction

import pytest

from stability.cli.parsing import SHAPE, read_point
from stability.errors import NumberError, PointError

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('[[-1/2, "1/2", 0.25]]', [[-HALF, HALF, HALF / 2]]),
        ("[[0.1]]", [[Fraction(1, 10)]]),
        ("[[2e-1, -3], [ 1 ,\t7/3 ]]", [[Fraction(1, 5), Fraction(-3)], [Fraction(1), Fraction(7, 3)]]),
        ("  [[1]]  ", [[Fraction(1)]]),
        ("[[1],[2],[3]]", [[Fraction(1)], [Fraction(2)], [Fraction(3)]]),
        ("[]", []),
        ("[[]]", [[]]),
        ("[2, -1]", [[Fraction(2), Fraction(-1)]]),
        ("[1/2]", [[HALF]]),
    ],
)
def test_numbers_are_taken_exactly(text, rows):
    found = read_point(text)
    assert found == rows
    assert all(isinstance(entry, Fraction) for row in found for entry in row)


@pytest.mark.parametrize(
    "text", ["", "1", "[1, [2]]", "[[1, 2]", "[[1 2]]", '{"w": 1}', "[[1, [2]]]", "[[1], 2]", "[" * 100_000]
)
def test_what_is_no_list_of_lists_is_refused_with_the_form_of_one(text):
    with pytest.raises(PointError) as report:
        read_point(text)
    assert report.value.remedy == SHAPE
    assert read_point(SHAPE.split("instance '")[1].split("'")[0]) == [[-HALF, HALF, HALF / 2]]


@pytest.mark.parametrize("entry", ["nan", "inf", "1/0", "a", "true", "null", '""'])
def test_entries_are_finite_rational_numbers(entry):
    with pytest.raises(NumberError):
        read_point(f"[[{entry}]]")


@pytest.mark.parametrize("text", ["x" * 500, f"{{{'1,' * 250}1}}", f"[[[{'1,' * 250}1]]]"])
def test_a_long_text_is_shown_by_its_first_80_characters(text):
    with pytest.raises(PointError) as report:
        read_point(text)
    assert report.value.problem.endswith(f"got {text[:80]!r}.")


@pytest.mark.parametrize(
    "text",
    [
        "[[1, 0, 1/2, 2]], 1/3",
        "([[1, 0, 1/2, 2]], 1/3)",
        "[[1, 0, 1/2, 2]], [1/3]",
        "[1, 0, 1/2, 2], 1/3",
        "[[1, 0, 1/2, 2], [1/3]]",
    ],
)
def test_an_output_bias_stands_behind_the_rows(text):
    assert read_point(text) == [[1, 0, Fraction(1, 2), 2], [Fraction(1, 3)]]


@pytest.mark.parametrize("text", ["[[1, 0]], 1, 2", "()", "1, [[1, 0]]", "[[1]], [[2]]"])
def test_what_is_no_point_and_output_bias_is_refused(text):
    with pytest.raises(PointError, match="Expected"):
        read_point(text)
