"""Are the branches alive at a parameter the sets of the atlas there, and those of a mirrored family mirrored?"""

from collections import Counter
from fractions import Fraction as Q

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stability import Landscape
from stability.dynamics.bifurcation import branches as module
from stability.dynamics.bifurcation.bifurcation import bifurcation
from stability.dynamics.bifurcation.families import coordinate_family, label_family, leaky_family
from stability.dynamics.bifurcation.snapshots import value
from stability.exact.real_roots import exactly
from stability.geometry.atlas.atlas import known_atlas
from stability.model.datasets import Dataset
from stability.model.networks import network

SPLIT = Dataset("split", [[0], [-1], [-2]], [-2, 1, 2])
HALVES = Dataset("halves", [[1], [-2], [2]], [-1, 0, 1])


def split():
    return coordinate_family(Landscape(network("relu1"), SPLIT), 0, 0)


def halves():
    return label_family(Landscape(network("relu1"), HALVES), 1)


def in_atlas(place):
    """Return how often each kind, loss and dimension occurs in the atlas."""
    found = Counter()
    for each in known_atlas(place).sets:
        found[each.kind, each.loss, each.dimension] += each.orbit
    return found


def alive(diagram, parameter):
    """Return the same by the branches that go through a parameter and the sets that are there alone."""
    here, found = exactly(parameter), Counter()
    for each in diagram.branches:
        if each.low < here < each.high:
            found[each.kind, each.loss(parameter), each.dimension] += each.orbit
    changes = [change for event in diagram.events if event.value == here for change in event.changes]
    for each in (still for change in changes for still in change.at):
        found[each.kind, value(each.loss, parameter), each.dimension] += each.orbit
    return found


def ends(root, side):
    """Return a root to 25 digits, mirrored where the side is -1: intervals around equal roots may differ."""
    low, high = root.between(100)
    return round(side * (low + high) / 2, 25)


def branch_list(diagram, side):
    """Return the branches, mirrored where the side is -1."""
    spots = [Q(side * k, 10_007) for k in (1, 1009, 3001, -4999, -7919)]
    found = Counter()
    for each in diagram.branches:
        span = (each.low, each.high)[::side]
        losses = tuple(each.loss(t) for t in spots)
        found[each.kind, each.dimension, each.orbit, losses, *(ends(root, side) for root in span)] += 1
    return found


def event_list(diagram, side):
    """Return the events, mirrored where the side is -1."""
    found = []
    for event in diagram.events[::side]:
        report = Counter()
        for change in event.changes:
            here = sorted((each.kind, each.dimension, each.orbit) for each in change.at)
            before, after, onto = (
                tuple(sorted(diagram.branches[k].kind for k in part))
                for part in (*(change.before, change.after)[::side], change.onto)
            )
            report[change.kind, before, after, onto, tuple(here)] += 1
        found.append((ends(event.value, side), report))
    return found


def mirrored(family):
    return lambda t: family(-t)


def test_two_sets_that_split_from_one_are_two_branches():
    diagram = bifurcation(split(), -3, 3)
    maxima = [(b.low.text, b.high.text) for b in diagram.branches if b.kind == "local maximum"]
    assert sorted(maxima) == [("-3", "-3/2"), ("-3/2", "-1"), ("-3/2", "3")]
    assert alive(diagram, Q(-5, 4))["local maximum", 9, 1] == 2
    assert alive(diagram, Q(-5, 4)) == in_atlas(split()(Q(-5, 4)))
    assert sum(b.orbit for b in diagram.branches) == 18


@pytest.mark.parametrize(("family", "low", "high", "when"), [(split, -3, 3, "-3/2"), (halves, -3, 3, "1/4")])
def test_a_set_that_falls_apart_ends_and_is_there_once_at_the_event(family, low, high, when):
    diagram = bifurcation(family(), low, high)
    (event,) = [each for each in diagram.events if each.value.text == when]
    assert alive(diagram, Q(when)) == in_atlas(family()(Q(when)))
    free = Counter(still.kind for change in event.changes for still in change.at)
    assert free["local maximum"] >= 1


@pytest.mark.parametrize("family", [split, halves])
def test_a_mirrored_split_is_a_mirrored_union(family):
    diagram, other = bifurcation(family(), -3, 3), bifurcation(mirrored(family()), -3, 3)
    assert branch_list(diagram, 1) == branch_list(other, -1)
    assert event_list(diagram, 1) == event_list(other, -1)


def test_two_sets_that_go_on_as_one_branch_are_caught(monkeypatch):
    def first_come(before, moment, after):
        like = [(new, k) for new in after for old, k in reversed(before.items()) if module.goes_on(old, new)]
        return {new: k for new, k in like if any(module.is_at(new, still) for still in moment.sets)}

    monkeypatch.setattr(module, "_passing", first_come)
    diagram = bifurcation(split(), -3, 3)
    assert alive(diagram, Q(-5, 4)) != in_atlas(split()(Q(-5, 4)))


@st.composite
def families(draw):
    """Draw a small family in which a slope, a label or a coordinate varies."""
    dimension = draw(st.sampled_from([1, 1, 1, 2]))
    whole = st.integers(-2, 2)
    points = draw(st.lists(st.lists(whole, min_size=dimension, max_size=dimension), min_size=1, max_size=4))
    assume(dimension == 1 or len(points) < 4)
    labels = draw(st.lists(whole, min_size=len(points), max_size=len(points)))
    units = draw(st.sampled_from([1, 1, 2])) if dimension == 1 and len(points) < 4 else 1
    data = Dataset("drawn", points, labels)
    place = Landscape(network(f"{draw(st.sampled_from(['relu', 'abs', 'leaky1/3']))}:{units}"), data)
    what = draw(st.sampled_from(["slope", "label", "coordinate"]))
    if what == "slope":
        return leaky_family(data, units)
    index = draw(st.integers(0, len(points) - 1))
    if what == "label":
        return label_family(place, index)
    return coordinate_family(place, index, draw(st.integers(0, dimension - 1)))


@settings(max_examples=25, deadline=None)
@given(families(), st.integers(-6, 0), st.integers(1, 6), st.fractions(0, 1, max_denominator=50))
def test_the_branches_alive_are_the_sets_of_the_atlas(family, low, high, share):
    low, high = Q(low, 2), Q(high, 2)
    diagram = bifurcation(family, low, high, verify=False)
    spots = [low + (high - low) * share]
    for event in diagram.events:
        a, b = event.value.between(64)
        spots += [a - Q(1, 10**6), b + Q(1, 10**6), *([a] if a == b else [])]
    for spot in (x for x in spots if low < x < high):
        assert alive(diagram, spot) == in_atlas(family(spot))


@settings(max_examples=25, deadline=None)
@given(families(), st.integers(-6, 0), st.integers(1, 6))
def test_the_list_of_a_mirrored_family_is_the_mirrored_list(family, low, high):
    low, high = Q(low, 2), Q(high, 2)
    diagram = bifurcation(family, low, high, verify=False)
    other = bifurcation(mirrored(family), -high, -low, verify=False)
    assert branch_list(diagram, 1) == branch_list(other, -1)
    assert event_list(diagram, 1) == event_list(other, -1)
