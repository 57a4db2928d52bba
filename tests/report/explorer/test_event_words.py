"""Events of a family in plain words: what is below, at and above the value, and how often."""

from fractions import Fraction
from types import SimpleNamespace

import pytest

from stability.dynamics.bifurcation.events import KINDS, BifurcationEvent, SetChange
from stability.exact.real_roots import exactly
from stability.report.explorer.event_words import event_words

BRANCHES = ["global minimum", "local minimum", "saddle", "saddle"]
DIAGRAM = SimpleNamespace(
    branches=[SimpleNamespace(kind=kind) for kind in BRANCHES],
    family=SimpleNamespace(low=Fraction(0), high=Fraction(5)),
)


def words(*changes, at=1):
    return event_words(DIAGRAM, BifurcationEvent(exactly(Fraction(at)), [SetChange(*each) for each in changes]))


ESCAPE = ("escape to infinity", [2], [], [])


@pytest.mark.parametrize(("times", "start"), [(1, ""), (9, "9 times: ")])
def test_a_set_that_runs_off_is_said_to_and_how_often(times, start):
    assert words(*[ESCAPE] * times) == [
        f"{start}escape to infinity (a set leaves every bounded region): below this value saddle; "
        "at it none within any bound; above it none"
    ]


def test_what_is_beyond_an_end_of_the_range_is_not_said():
    (low,), (high,) = words(ESCAPE, at=0), words(ESCAPE, at=5)
    assert low.endswith("region): at it none within any bound; above it none")
    assert high.endswith("region): below this value saddle; at it none within any bound")


def test_sets_that_meet_and_those_that_go_on_are_named():
    (line,) = words(("branch point", [0, 1], [], [2, 3], [2]))
    below = "below this value global minimum and local minimum"
    assert line.endswith(f": {below}; at it saddle that goes on; above it 2 saddles")
    (shape,) = words(("change of shape", [0], [], [0]))
    assert shape == f"change of shape ({KINDS['change of shape']}): global minimum"


def test_no_sign_of_the_notation_of_reports_is_left():
    said = words(*(ESCAPE, ("branch point", [0], [], [2, 3], [2, 3]), ("only here", [], [], [])))
    assert not any(sign in line for line in said for sign in ("->", "[", " + "))
