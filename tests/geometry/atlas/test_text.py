"""The list of an atlas in words."""

from stability import landscape
from stability.geometry.atlas.text import groups, summary


def test_the_summary_counts_sets_and_faces():
    text = summary(landscape("abs1", "xor").atlas())
    assert "9 stationary sets" in text
    assert "complete over 51 faces" in text


def test_images_by_symmetry_stand_together():
    """Two solutions, two traps, four saddles and the origin."""
    assert [len(each) for each in groups(landscape("abs1", "xor").atlas())] == [2, 2, 4, 1]
