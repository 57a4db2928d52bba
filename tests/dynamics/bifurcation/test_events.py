"""Each kind of event, from sets before, at and after a parameter that are put together by hand."""

import pytest
from flint import fmpq, fmpq_poly

from stability.dynamics.bifurcation.events import KINDS, BifurcationEvent, SetChange, event
from stability.dynamics.bifurcation.snapshots import Snapshot, Still
from stability.exact.rational_functions import Function
from stability.exact.real_roots import exactly

LEFT, KINK, RIGHT = ((-1,),), ((0,),), ((1,),)
"""Faces of one unit on one point."""

HERE = exactly(0)


def moving(*faces, slope=1, limit=0, kind="saddle", dimension=0):
    """Return a set on an interval next to 0 with the error limit + slope t."""
    error = Function(fmpq_poly([limit, slope]))
    return Still(kind, error * error, (error,), dimension, 1, list(faces), None)


def still(*faces, error=0, kind="saddle", dimension=0):
    """Return a set at 0."""
    value = fmpq(error)
    return Still(kind, value * value, (value,), dimension, 1, list(faces), None)


def happens(sets, before, after):
    """Return what happens at 0, with the branches before and after."""
    found = event(Snapshot(HERE, HERE, HERE.rational, sets), before, after, [])
    return None if found is None else [(c.kind, c.before, c.at, c.after, c.onto) for c in found.changes]


def test_two_sets_that_meet_at_a_kink_and_vanish_or_appear():
    a, b, s = moving(LEFT), moving(RIGHT, slope=-1), still(KINK)
    assert happens([s], {a: 3, b: 1}, {}) == [("nonsmooth fold", [1, 3], [s], [], [])]
    assert happens([s], {}, {a: 0, b: 1}) == [("nonsmooth fold", [], [s], [0, 1], [])]


def test_a_set_that_moves_to_another_face():
    a, c, s = moving(LEFT), moving(RIGHT), still(KINK)
    assert happens([s], {a: 0}, {c: 1}) == [("border collision", [0], [s], [1], [])]


@pytest.mark.parametrize(
    ("kinds", "name"),
    [
        (("local minimum", "saddle"), "exchange of stability"),
        (("saddle", "global minimum"), "exchange of stability"),
        (("global minimum", "local minimum"), "exchange of the global minimum"),
        (("saddle", "local maximum"), "exchange of stability"),
    ],
)
def test_a_set_that_changes_its_kind_on_its_face(kinds, name):
    a, c, s = moving(RIGHT, kind=kinds[0]), moving(RIGHT, kind=kinds[1]), still(RIGHT, kind=kinds[1])
    assert happens([s], {a: 0}, {c: 1}) == [(name, [0], [s], [1], [])]


def test_another_number_of_sets_goes_on():
    a, b, c, s = moving(RIGHT, slope=2), moving(LEFT), moving(RIGHT), still(KINK)
    assert happens([s], {a: 0}, {b: 1, c: 2}) == [("branch point", [0], [s], [1, 2], [])]
    assert happens([s], {b: 1, c: 2}, {a: 0}) == [("branch point", [1, 2], [s], [0], [])]


def test_a_set_that_has_no_limit_runs_off():
    """Its error tends to 1, and no set at 0 has that; or one has it, but on a face that is not in its closure."""
    a, s = moving(RIGHT, limit=1), still(KINK)
    apart = [("escape to infinity", [0], [], [], []), ("only here", [], [s], [], [])]
    assert happens([s], {a: 0}, {}) == apart
    assert happens([], {}, {a: 0}) == [("escape to infinity", [], [], [0], [])]
    other = still(LEFT, error=1)
    assert [each[0] for each in happens([other], {a: 0}, {})] == ["escape to infinity", "only here"]


def test_a_set_of_higher_dimension_that_is_there_at_one_parameter():
    a, c, s = moving(LEFT), moving(LEFT, slope=2), still(LEFT, KINK, dimension=1)
    assert happens([s], {a: 0}, {c: 0}) == [("flat set", [0], [s], [0], [])]
    same = still(KINK, dimension=1)
    wide = moving(RIGHT, dimension=1)
    assert happens([same], {wide: 0, a: 1}, {}) == [("nonsmooth fold", [0, 1], [same], [], [])]


def test_what_simply_goes_on_is_no_event():
    a, c, s = moving(RIGHT), moving(RIGHT), still(RIGHT)
    assert happens([s], {a: 0}, {c: 0}) is None
    assert happens([s], {a: 0}, {c: 1}) is not None
    assert happens([], {}, {}) is None


def test_a_set_that_joins_one_that_goes_on():
    a, c, s = moving(KINK), moving(KINK), still(KINK)
    m = moving(LEFT)
    assert happens([s], {a: 2, m: 1}, {c: 2}) == [("branch point", [1], [], [], [2])]
    assert happens([s], {a: 2}, {c: 2, m: 4}) == [("branch point", [], [], [4], [2])]


def test_a_flat_set_that_goes_on_and_meets_other_faces():
    a, c = moving(LEFT, KINK, dimension=1), moving(LEFT, dimension=1)
    s = still(LEFT, dimension=1)
    assert happens([s], {a: 5}, {c: 5}) == [("change of shape", [5], [], [5], [])]


def test_at_an_end_of_the_range_only_differences_are_events():
    a, s = moving(RIGHT), still(RIGHT)
    assert happens([s], None, {a: 0}) is None
    assert happens([s], {a: 0}, None) is None
    lower = still(RIGHT, kind="local minimum")
    assert happens([lower], None, {a: 0}) == [("exchange of stability", [], [lower], [0], [])]
    kink = still(KINK)
    assert happens([kink], {a: 0}, None) == [("border collision", [0], [kink], [], [])]
    b = moving(LEFT)
    assert happens([kink], None, {a: 0, b: 1}) == [("branch point", [], [kink], [0, 1], [])]
    assert happens([kink], {a: 0}, {}) == [("branch point", [0], [kink], [], [])]


def test_several_groups_are_listed_in_the_order_of_kinds():
    a, b, s = moving(LEFT), moving(RIGHT), still(KINK)
    far, flat, up = moving(RIGHT, limit=7), still(KINK, error=3, dimension=1), moving(LEFT, limit=3)
    lone = still(KINK, error=9)
    found = happens([lone, flat, s], {far: 0, a: 1, b: 2, up: 4}, {})
    assert [each[0] for each in found] == ["nonsmooth fold", "flat set", "escape to infinity", "only here"]
    assert [each[1] for each in found] == [[1, 2], [4], [0], []]
    assert [each[2] for each in found] == [[s], [flat], [], [lone]]


def test_sets_that_meet_in_several_are_one_group():
    """A set with limits in both sets at 0 makes one group of those and of what arrives there."""
    lower, upper = still(KINK), still(RIGHT)
    a, b = moving(RIGHT, kind="local minimum"), moving(LEFT)
    assert happens([lower, upper], {a: 0, b: 1}, {}) == [("nonsmooth fold", [0, 1], [lower, upper], [], [])]


def test_an_event_names_what_happens_once_in_the_order_of_the_table():
    names = ["only here", "branch point", "only here", "nonsmooth fold"]
    found = BifurcationEvent(HERE, [SetChange(name, [], [], []) for name in names])
    assert found.kinds == ["nonsmooth fold", "branch point", "only here"]
    assert set(found.kinds) < set(KINDS)
    assert BifurcationEvent(HERE, []).kinds == []
    value = event(Snapshot(HERE, HERE, None, [still(KINK)]), {}, {}, []).value
    assert value == HERE
