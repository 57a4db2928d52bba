"""A trajectory followed event by event, against closed forms: of a bias alone (all examples at x = 0), of two units."""

from fractions import Fraction as Q
from math import exp, log

import numpy as np
import pytest

from stability import Dataset, landscape
from stability.dynamics.flow.event_tracking import EventTracker
from stability.dynamics.flow.solve import followed

ZERO = [[0]]


def bias(model, labels, start, **options):
    """The flow of b from a start, with all examples at x = 0, so that the weight stays 3."""
    place = landscape(model, Dataset("at 0", ZERO * len(labels), labels))
    return followed(place, [[Q(3), Q(start)]], **options)


def time(event):
    assert event.time[0] <= event.time[1]
    return float(sum(event.time)) / 2


def test_a_crossing_has_its_time_and_both_pieces_their_motion():
    """b' = 1 - b/2 left of the kink, from -1, and b' = 2 (1 - b) right of it."""
    found = bias("leaky1/2:1", [1], -1)
    assert [event.kind for event in found.events] == ["crossing", "stop"]
    met = 2 * log(1.5)
    assert time(found.events[0]) == pytest.approx(met, rel=1e-12)
    assert (found.events[0].unit, found.events[0].example) == (0, 0)
    times = [0, 0.5, met, 1, 3]
    wanted = [2 - 3 * exp(-t / 2) if t <= met else 1 - exp(-2 * (t - met)) for t in times]
    assert found.at(times)[:, 0, 1] == pytest.approx(wanted, abs=1e-12)
    assert found.at(times)[:, 0, 0] == pytest.approx([3] * 5)
    assert (found.point, found.loss, found.unique) == ([[3, 1]], 0, True)
    assert found.ends_on.kind == "global minimum"


def test_the_mean_loss_takes_its_time_by_the_number_of_examples():
    found = [
        followed(landscape("leaky1/2:1", Dataset("twice", ZERO * 2, [1, 1]), kind), [[Q(3), Q(-1)]])
        for kind in ("sum", "mean")
    ]
    assert [time(each.events[0]) for each in found] == pytest.approx([log(1.5), 2 * log(1.5)])
    assert [event.kind for event in found[0].events] == ["crossing"] * 2 + ["stop"]


@pytest.mark.parametrize("side", [1, -1])
def test_a_kink_between_two_rising_sides_is_reached_and_kept(side):
    """(|b| + 1)^2: b' = -2 (b + 1) reaches 0 at log(2)/2, where the loss is 1."""
    found = bias("abs1", [-1], side)
    assert [event.kind for event in found.events] == ["sliding begins", "stop"]
    assert time(found.events[0]) == pytest.approx(log(2) / 2)
    assert (found.point, found.loss, found.unique) == ([[3, 0]], 1, True)


def test_a_fitted_kink_is_only_approached():
    """b^2 from 1 is exp(-2t): no event before the stop, and the limit is exactly 0."""
    found = bias("abs1", [0], 1)
    assert [event.kind for event in found.events] == ["stop"]
    assert found.point == [[3, 0]]
    assert found.at([1.0])[0, 0, 1] == pytest.approx(exp(-2))


def test_a_start_on_a_peak_may_stay_or_go_to_either_side():
    """(|b| - 1)^2 at b = 0 is stationary, yet descent leads to 1 and to -1."""
    found = bias("abs1", [1], 0)
    assert (found.unique, found.point, found.loss) == (False, [[3, 0]], 1)
    assert [event.kind for event in found.events] == ["branch", "stop"]
    assert sorted(branch.signs for branch in found.branches) == [((-1,),), ((1,),)]
    assert sorted(branch.trajectory.point[0][1] for branch in found.branches) == [-1, 1]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_choice_is_followed(sign):
    found = bias("abs1", [1], 0, choices=[(0, ((sign,),))])
    assert (found.point, found.loss, found.unique) == ([[3, sign]], 0, False)
    assert found.at([1.0])[0, 0, 1] == pytest.approx(sign * (1 - exp(-2)))


def test_a_relu_at_its_kink_may_stay_dead_or_learn():
    """(max(b, 0) - 1)^2: no force on the dead side; torch rests there, with the slope 0."""
    found = bias("relu1", [1], 0)
    assert not found.unique
    assert {each.point[0][1] for each in found.solutions()} == {0, 1}
    rests = bias("relu1", [1], 0, torch=True)
    assert (rests.point, rests.loss, rests.branches) == ([[3, 0]], 1, found.branches)


def test_torch_rests_where_all_units_are_at_kinks_of_slope_0():
    place = landscape("abs2", Dataset("two places", [[0], [1]], [2, 0]))
    start = [[Q(0), Q(0)], [Q(0), Q(0)]]
    found = followed(place, start, torch=True)
    assert found.point == start
    assert found.loss == 4


def test_after_too_many_events_it_is_given_up_where_it_is():
    found = bias("leaky1/2:1", [1], -1, max_events=1)
    assert (found.ends_on, found.loss, found.reason) == (None, None, "more than 1 events")
    assert found.point == [[3, 0]], "at the crossing"
    assert [event.kind for event in found.events] == ["crossing"]


def test_a_dead_unit_rests_where_it_starts():
    found = bias("relu1", [1], -2)
    assert (found.point, found.loss) == ([[3, -2]], 1)
    assert [event.kind for event in found.events] == ["stop"]
    assert found.at([0.0, 5.0]).tolist() == [[[3.0, -2.0]]] * 2


def test_two_units_share_the_error():
    """Both biases obey b' = 2 (1 - b1 - b2): their difference stays, their sum goes to 1 as exp(-4t)."""
    place = landscape("relu2", Dataset("at 0", ZERO, [1]))
    found = followed(place, [[Q(0), Q(1)], [Q(0), Q(1, 2)]])
    assert found.point == [[0, Q(3, 4)], [0, Q(1, 4)]]
    assert found.at([0.25])[0, :, 1].sum() == pytest.approx(1 + exp(-1) / 2)


def test_crossings_of_several_examples_come_in_their_order():
    """Labels far below: b falls through the kinks at w (for x = -1) and at -w (for x = 1) one after the other."""
    place = landscape("leaky1/2:1", Dataset("row", [[-1], [1]], [-50, -50]))
    found = followed(place, [[Q(1, 10), Q(1)]])
    crossed = [event for event in found.events if event.kind == "crossing"]
    assert [event.example for event in crossed] == [0, 1]
    for event in crossed:
        (w, b), x = found.at([time(event)])[0, 0], float(place.data.points[event.example][0])
        assert w * x + b == pytest.approx(0, abs=1e-9)
    times = np.array([time(event) for event in found.events[:-1]])
    assert (np.diff(times) > 0).all()


def test_one_event_after_the_other():
    """The tracker stops before each event that is too many; its faces change at the crossing alone."""
    place = landscape("leaky1/2:1", Dataset("up", [[0]], [1]))
    tracked = EventTracker(place, [[Q(3), Q(-1)]], 5)
    assert tracked.signs == ((-1,),)
    found = tracked.run()
    assert tracked.signs == ((1,),)
    assert [piece.signs for piece in found.pieces] == [((-1,),), ((1,),)]
    assert found.pieces[0].end == pytest.approx(found.pieces[1].start)
    assert found.pieces[1].end == np.inf
    assert found.pieces[0].rates.tolist() == [0.5]
    assert found.pieces[1].rates.tolist() == [2]


def test_only_the_unit_with_several_ways_branches():
    """|b_0| + |b_1| with label 3 at b = (0, 1): unit 0 may leave its kink to either side, unit 1 has one way."""
    place = landscape("abs2", Dataset("one", ZERO, [3]))
    found = followed(place, [[Q(0), Q(0)], [Q(0), Q(1)]])
    assert {event.unit for event in found.events if event.kind == "branch"} == {0}
    assert not found.unique
