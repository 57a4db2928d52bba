"""Points are drawn where they are, each with its label, whatever the number of coordinates and labels."""

import pytest
from matplotlib.figure import Figure

from stability import Dataset, dataset
from stability.errors import DataError
from stability.plot.datasets import LOOKS, draw_dataset


def axes():
    return Figure().subplots()


def test_points_of_the_plane_are_drawn_by_label():
    ax = axes()
    assert draw_dataset(ax, dataset("xor")) is ax
    drawn = {line.get_label(): sorted(map(tuple, line.get_xydata().tolist())) for line in ax.lines}
    assert drawn == {"label 0": [(-1, -1), (1, 1)], "label 1": [(-1, 1), (1, -1)]}
    assert [(line.get_color(), line.get_marker()) for line in ax.lines] == list(LOOKS[:2])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["label 0", "label 1"]
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel(), ax.get_aspect()) == ("xor", "$x_1$", "$x_2$", 1)


def test_points_of_a_line_are_drawn_below_their_labels():
    ax = draw_dataset(axes(), Dataset("line", [[-1], [0], ["1/2"]], [1, 0, "1/4"]))
    assert ax.lines[0].get_xydata().tolist() == [[-1, 1], [0, 0], [0.5, 0.25]]
    assert (ax.get_ylabel(), ax.get_legend()) == ("label $y$", None)


def test_many_labels_are_distinguished_by_colours_with_a_bar():
    points = [[k, k * k] for k in range(len(LOOKS) + 1)]
    ax = draw_dataset(axes(), Dataset("many", points, [k / 2 for k in range(len(points))]))
    (marks,) = ax.collections
    assert marks.get_offsets().tolist() == points
    assert marks.get_array().tolist() == [k / 2 for k in range(len(points))]
    assert len(ax.figure.axes) == 2


def test_a_name_is_no_formula():
    assert not draw_dataset(axes(), Dataset("a$b$", [[0]], [0])).title.get_parse_math()


def test_points_of_space_are_refused():
    with pytest.raises(DataError, match="parity:3 has 3 coordinates"):
        draw_dataset(axes(), dataset("parity:3"))
