"""Is what cannot be read counted each time, and said once?"""

import warnings

import pytest

from stability.errors import StabilityError
from stability.training.monitoring.unread import Left, Unread


def test_things_are_counted_at_every_reading_and_warned_of_once():
    unread = Unread("Net", strict=False)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for _ in range(2):
            unread.add("abcdeab", "too odd")
            unread.add("x", "is empty", quiet=True)
            unread.add([], "nothing")
            assert unread.take() == Left(("a, b, c and 2 more: too odd", "x: is empty"), 6)
            assert unread.take() == Left()
    assert [str(each.message) for each in said] == [
        "The monitor of Net cannot read this and goes on without: a, b, c and 2 more: too odd."
    ]


def test_errors_are_counted_with_their_first_line():
    unread = Unread("Net", strict=False)
    with pytest.warns(UserWarning, match="cannot read its norms and goes on without: ValueError: bad"):
        unread.fail("its norms", ValueError("bad.\nTry another."))
    assert unread.take() == Left(("its norms: ValueError: bad",), 1)
    with pytest.warns(UserWarning, match="goes on although its log failed: OSError: full"):
        unread.say("its log", OSError("full"))
    assert unread.take() == Left()


def test_strict_ones_raise_after_they_have_closed():
    closed = []
    unread = Unread("Net", strict=True, before=lambda: closed.append(1))
    unread.add("x", "is empty", quiet=True)
    with pytest.raises(StabilityError, match="x: too odd"):
        unread.add("x", "too odd")
    for report in (unread.fail, unread.say):
        with pytest.raises(KeyError):
            report("its norms", KeyError("k"))
    assert len(closed) == 3


def test_what_waits_is_saved():
    unread, other = Unread("Net", strict=False), Unread("Net", strict=False)
    unread.add("ab", "is empty", quiet=True)
    other.load_state_dict(unread.state_dict())
    assert other.take() == unread.take() == Left(("a, b: is empty",), 2)
