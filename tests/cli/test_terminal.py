"""Bars of what is computed and of its parts, on a terminal that is faked."""

import pytest

from stability.cli import terminal
from stability.compute.progress import part_of_longer_work


@pytest.fixture
def bars(monkeypatch):
    """Return what lists the bars that are shown: what they say, how far they are."""
    made, own = [], terminal.progress_bar
    monkeypatch.setattr(terminal, "progress_bar", lambda *columns: made.append(own(*columns)) or made[-1])
    return lambda: [(each.description, each.completed, each.total) for each in made[-1].tasks if each.visible]


def test_a_bar_below_shows_the_stage_of_what_is_computed_and_goes_with_it(bars):
    with terminal.shown_with_parts() as progress:
        progress("first", 0, 2)
        assert bars() == [("first", 0, 2)]
        part_of_longer_work()("faces", 1, 9)
        part_of_longer_work()("faces", 2, 9)
        assert bars() == [("first", 0, 2), ("  faces", 2, 9)]
        part_of_longer_work()("certificate", 0, 0)
        assert bars() == [("first", 0, 2), ("  certificate", 0, None)]
        progress("second", 1, 2)
        assert bars() == [("second", 1, 2)]
