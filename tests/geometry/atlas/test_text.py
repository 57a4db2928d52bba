"""The list of an atlas in words."""

from stability import landscape
from stability.geometry.atlas.text import groups, places, rows, summary


def test_the_summary_counts_sets_and_faces():
    text = summary(landscape("abs1", "xor").atlas())
    assert "9 stationary sets" in text
    assert "complete over 51 faces" in text


def test_images_by_symmetry_stand_together():
    """Two solutions, two traps, four saddles and the origin."""
    assert [len(each) for each in groups(landscape("abs1", "xor").atlas())] == [2, 2, 4, 1]


def test_a_group_is_placed_by_its_first_set():
    """One unit by signs where they make the images, else the first point and how many more there are."""
    relu2, abs1 = landscape("relu2", "xor").atlas(), landscape("abs1", "xor").atlas()
    assert [places(group) for group in groups(abs1)][-1] == "w = 0  b = 0"
    assert places(groups(abs1)[0]).startswith("w = ")
    for group in groups(relu2):
        text, (first, *more) = places(group), group
        parts = text.partition("  and ")
        assert parts[0].count("w = ") == len(first.witness) == 2
        assert places([first]) == parts[0]
        assert parts[2] == (f"{len(more)} image{'s' * (len(more) > 1)}" if more else "")


def test_rows_of_all_sets_or_of_minima_or_of_the_first():
    """Two solutions and two traps are minima; of the other five, images by symmetry are a row each."""
    atlas = landscape("abs1", "xor").atlas()
    every, minima = rows(atlas), rows(atlas, minima=True)
    assert len(every) == 4
    assert minima == [row for row, group in zip(every, groups(atlas), strict=True) if group[0].directional]
    assert len(minima) == 2
    assert rows(atlas, top=3) == every[:3]
    assert rows(atlas, minima=True, top=1) == minima[:1]
