"""All stationary sets of families whose sets are found by hand: one absolute value or leaky unit on one point."""

from fractions import Fraction as Q

import pytest

from stability import Dataset, landscape
from stability.dynamics.bifurcation.families import identify, label_family, leaky_family
from stability.dynamics.bifurcation.snapshots import value
from stability.dynamics.bifurcation.sweep_parameter import parameter_sweep

POINT = Dataset("peak", [[0]], [1])


def listed(family, low, high):
    """Return (low, high, sets) for every interval and cut: kind, loss at the sample, dimension and faces of each."""
    return [
        (
            str(each.low),
            str(each.high),
            sorted((s.kind, value(s.loss, each.sample), s.dimension, names(s)) for s in each.sets),
        )
        for each in parameter_sweep(identify(family, low, high))
    ]


def names(still):
    return " ".join(sorted("".join("0+-"[s] for (signs,) in [member] for s in signs) for member in still.members))


def test_a_label_that_passes_through_0():
    """(|b| - t)^2: below 0 the kink is the best; above it b = t and b = -t are, with a peak between."""
    place = landscape("abs1", POINT)

    def kink(kind, t):
        return (kind, Q(t) ** 2, 1, "0")

    both = [("global minimum", 0, 1, "+"), ("global minimum", 0, 1, "-")]
    assert listed(label_family(place, 0), -1, 2) == [
        ("-1", "-1", [kink("global minimum", -1)]),
        ("-1", "0", [kink("global minimum", "-1/2")]),
        ("0", "0", [kink("global minimum", 0)]),
        ("0", "2", [*both, kink("local maximum", 1)]),
        ("2", "2", [*both, kink("local maximum", 2)]),
    ]


def test_a_slope_that_passes_through_0():
    """The side of slope a < 0 fits the label at 1 / a, which runs off at a = 0; there it is a plateau of loss 1."""
    right, left = ("global minimum", 0, 1, "+"), ("global minimum", 0, 1, "-")
    peak, plateau = ("local maximum", 1, 1, "0"), ("local minimum", 1, 2, "-")
    assert listed(leaky_family(POINT), -1, 1) == [
        ("-1", "-1", [right, left, peak]),
        ("-1", "0", [right, left, peak]),
        ("0", "0", [right, peak, plateau]),
        ("0", "1", [right]),
        ("1", "1", [right]),
    ]


@pytest.mark.parametrize(("low", "high"), [(-2, -1), (1, 2)])
def test_a_range_in_which_nothing_changes(low, high):
    found = listed(label_family(landscape("abs1", POINT), 0), low, high)
    assert [(a, b) for a, b, _ in found] == [(str(low), str(low)), (str(low), str(high)), (str(high), str(high))]
    assert len({tuple((kind, size, face) for kind, _, size, face in sets) for *_, sets in found}) == 1


def test_an_event_at_an_end_of_the_range_is_seen_at_the_end_only():
    place = landscape("abs1", POINT)
    starts = listed(label_family(place, 0), 0, 1)
    assert [(a, b, len(sets)) for a, b, sets in starts] == [("0", "0", 1), ("0", "1", 3), ("1", "1", 3)]
    ends = listed(label_family(place, 0), -1, 0)
    assert [(a, b, len(sets)) for a, b, sets in ends] == [("-1", "-1", 1), ("-1", "0", 1), ("0", "0", 1)]


def test_intervals_and_cuts_follow_each_other_and_agree_with_atlases():
    family = identify(label_family(landscape("relu1", Dataset("two", [[0], [1]], [1, 1])), 1), -1, 3)
    found = parameter_sweep(family)
    for cut, span in zip(found[:-1:2], found[1::2], strict=True):
        assert cut.low == cut.high == span.low < span.high
    assert (str(found[0].low), str(found[-1].high)) == ("-1", "3")
    for each in found:
        if each.sample is not None:
            assert each.agrees(family.landscape(each.sample).atlas())
    assert len({each.looks for each in found}) > 1


def test_two_units_are_listed_once_up_to_their_order():
    """(|b| + |c| - t)^2 for t > 0: one connected set of minima around the peak, on the 8 faces besides that of 0."""
    found = parameter_sweep(identify(label_family(landscape("abs2", POINT), 0), 1, 2))
    for each in found:
        peak, minimum = sorted(each.sets, key=lambda s: s.dimension)
        assert (peak.kind, peak.dimension, peak.orbit, len(peak.members)) == ("local maximum", 2, 1, 1)
        assert (minimum.kind, minimum.dimension, minimum.orbit, len(minimum.members)) == ("global minimum", 3, 1, 8)
