"""What is open is closed at the end of `with`, and errors pass."""

import pytest

from stability.io.closing import Closing


class Door(Closing):
    def __init__(self):
        self.closed = 0

    def close(self):
        self.closed += 1


def test_it_is_open_inside_and_closed_once_after():
    door = Door()
    with door as same:
        assert same is door
        assert door.closed == 0
    assert door.closed == 1


def test_it_is_closed_whatever_happens_and_what_happens_is_not_hidden():
    door = Door()
    with pytest.raises(KeyError), door:
        raise KeyError("inside")
    assert door.closed == 1


def test_what_cannot_be_closed_is_not_one():
    with pytest.raises(TypeError):
        Closing()
