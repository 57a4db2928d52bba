"""Points next to their limit: decided by hand where one quadratic is all there is, and as the exact flow decides."""

from fractions import Fraction as Q

import numpy as np
import pytest

from stability import Dataset, landscape
from stability.dynamics.flow.local_attraction import LocalAttraction

NOT_YET, UNDECIDED = -7, -1


def decided(place, points, near, who=None):
    """Return the sets that were filled in, and which points are left."""
    points = np.array(points, dtype=float).reshape(len(points), -1)
    sets = np.full(len(points), NOT_YET)
    who = np.arange(len(points)) if who is None else np.array(who, dtype=int)
    left = LocalAttraction(place, near).decide(points, sets, who)
    return sets.tolist(), left.tolist()


def at(place, point):
    """Return the position in the atlas of the set that contains a stationary point."""
    return place.atlas().of(point).index


PEAK = landscape("abs1", Dataset("peak", [[0]], [1]))
"""(|b| - 1)^2: b runs to 1 or to -1, and w stays."""


def test_inside_a_cell_the_way_leads_straight_to_the_minimum():
    up, down = at(PEAK, [[3, 1]]), at(PEAK, [[3, -1]])
    assert up != down
    sets, left = decided(PEAK, [[3, 0.9], [-2, 1.5], [0, -0.25], [5, 1], [5, -3]], near=1)
    assert (sets, left) == ([up, up, down, up, UNDECIDED], [4]), "the ball around -1 that reaches to -3 leaves the cell"


@pytest.mark.parametrize(("near", "found"), [(0.5, True), (0.4375, False), (0, False)])
def test_a_limit_that_is_too_far_is_at_no_set(near, found):
    sets, left = decided(PEAK, [[0, 0.5]], near)
    assert (sets, left) == ([at(PEAK, [[0, 1]]) if found else UNDECIDED], [])


def test_next_to_a_peak_nothing_is_decided():
    """At b = 0 the flow may go either way; at 1e-12 there is no room for the ball around the limit."""
    sets, left = decided(PEAK, [[0, 0], [0, 1e-12], [0, 0.5]], near=10)
    assert left == [0, 1]
    assert sets == [UNDECIDED, UNDECIDED, at(PEAK, [[0, 1]])]


def test_only_the_points_asked_for_are_filled_in():
    sets, left = decided(PEAK, [[0, 0.5], [0, 0], [0, -0.5], [0, 0]], near=1, who=[2, 3])
    assert sets == [NOT_YET, NOT_YET, at(PEAK, [[0, -1]]), UNDECIDED]
    assert left == [3]
    assert decided(PEAK, [[0, 0.5]], near=1, who=[]) == ([NOT_YET], [])


def test_a_cell_without_stationary_points_decides_nothing():
    """|w x + b| cannot be -1 anywhere, so all flow ends on kinks."""
    place = landscape("abs1", Dataset("pit", [[0]], [-1]))
    sets, left = decided(place, [[0, 0.5]], near=10)
    assert (sets, left) == ([UNDECIDED], [0])


def test_all_flow_ends_at_a_strict_minimum_that_is_alone():
    place = landscape("abs1", Dataset("bowl", [[0], [1]], [0, 0]))
    sets, left = decided(place, [[0, 0], [3, 4], [3, 4.001], [0, -5]], near=5)
    assert (sets, left) == ([0, 0, UNDECIDED, 0], [])
    assert decided(place, [[0, 0], [1, 1]], near=5, who=[1]) == ([NOT_YET, 0], [])
    assert place.atlas().sets[0].strict


def test_one_set_that_is_not_a_strict_minimum_at_the_origin_is_no_reason_to_stop():
    """b^2: every (w, 0) is a minimum, and w stays; from (3, 1) the limit (3, 0) is near, from (3, 2) it is not."""
    place = landscape("abs1", Dataset("valley", [[0]], [0]))
    assert len(place.atlas().sets) == 1
    sets, left = decided(place, [[3, 0.001]], near=1)
    assert (sets, left) == ([0], [])
    sets, left = decided(place, [[3, 0.5], [3, 2]], near=1)
    assert left == [0, 1], "kinks that the flow runs into are farther than the touch"


def test_data_that_floats_do_not_hold_decide_nothing():
    place = landscape("abs1", Dataset("huge", [[0]], [Q(10) ** 200]))
    assert decided(place, [[0, 1], [0, 2]], near=1) == ([NOT_YET, NOT_YET], [0, 1])


def test_beside_kinks_with_residual_0():
    """At (1/2, -1/2, 0) two pre-activations of XOR are 0, as their labels are: flow from nearby ends on the set."""
    place = landscape("abs1", "xor")
    solution = at(place, [["1/2", "-1/2", 0]])
    rng = np.random.default_rng(3)
    points = np.array([0.5, -0.5, 0]) + 1e-3 * rng.uniform(-1, 1, (50, 3))
    sets, left = decided(place, points, near=0.1)
    assert (sets, left) == ([solution] * 50, [])
    sets, left = decided(place, points, near=1e-9)
    assert left == list(range(50)), "the bound on the way is longer than that, so the limit may be near or not"


def test_beside_a_solution_the_way_is_bounded_by_the_loss():
    """On (1, 0) the kink of x = 0 has residual 0: all quadratics around it have the least value 0."""
    place = landscape("abs1", Dataset("one", [[0], [4]], [0, 4]))

    solution = at(place, [[1, 0]])
    tilt = 1e-3
    loss = tilt**2
    cells = [2 * (np.outer([0, s], [0, s]) + np.outer([4, 1], [4, 1])) for s in (1, -1)]
    face = 2 * np.outer([4, 0], [4, 0])
    least = min(x for each in (*cells, face) for x in np.linalg.eigvalsh(each) if x > 1e-9)
    bound = np.sqrt(2 * loss / least)
    point = [[1 - tilt / 4, tilt]]
    assert decided(place, point, near=bound * 1.001) == ([solution], [])
    assert decided(place, point, near=bound * 0.999)[1] == [0]


def test_beside_kinks_of_a_fit_that_is_not_perfect():
    """Off by (1, -2, 1) / 10 at 4, 8 and 12, which no change of w or b makes smaller, the line x is 0 at x = 0."""
    place = landscape("abs1", Dataset("rough", [[0], [4], [8], [12]], [0, "41/10", "78/10", "121/10"]))
    fit = place.atlas().of([[1, 0]])
    assert fit.loss == Q(6, 100)
    sets, left = decided(place, [[1, 1e-4], [1.0001, -1e-4], [-1, 0.001]], near=0.01)
    assert (sets, left) == ([fit.index, fit.index, at(place, [[-1, 0]])], [])


def test_beside_kinks_there_must_be_room_up_to_the_others():
    """Example 0 is off by 0.009 and example 1 by 0.19: the way may be 0.1, and z_2 = 0.028 may be met on it."""
    near_by = landscape("abs1", Dataset("near by", [[0], [4], ["1/50"]], [0, 4, "1/50"]))
    assert decided(near_by, [[0.95, 0.009]], near=1) == ([UNDECIDED], [0])
    free = landscape("abs1", Dataset("free", [[0], [4]], [0, 4]))
    assert decided(free, [[0.95, 0.009]], near=1) == ([at(free, [[1, 0]])], [])


def test_what_coincides_counts_as_often_as_it_is_there():
    """Twice the point (0, 1) doubles loss and rate, so the way is as long; the labels 0 and 2 act as 1."""
    plain = landscape("abs1", Dataset("plain", [[0], [4]], [0, 4]))
    double = landscape("abs1", Dataset("double", [[0], [4], [0], [4]], [0, 4, 0, 4]))
    apart = landscape("abs1", Dataset("apart", [[0], [0]], [0, 2]))
    points = [[[1.0001, 1e-4]], [[-1.0001, 1e-4]]]
    for place in (plain, double):
        sets, left = decided(place, points, near=0.01)
        assert (sets, left) == ([at(place, [[1, 0]]), at(place, [[-1, 0]])], [])
    sets, left = decided(apart, [[[0, 0.9]], [[0, -1.1]]], near=0.2)
    assert (sets, left) == ([at(apart, [[0, 1]]), at(apart, [[0, -1]])], [])


@pytest.mark.parametrize(
    ("model", "data", "loss"),
    [
        ("abs1", "xor", "sum"),
        ("relu2", "xor", "mean"),
        ("leaky1/2:1", Dataset("line", [[0], [1], [3], [1]], [0, 1, 0, 1]), "mean"),
        ("relu1", Dataset("skew", [[0, 0], [1, 0], [1, 2], [-1, 1]], [1, 0, "1/2", -1]), "sum"),
    ],
    ids=str,
)
def test_whatever_is_decided_is_what_the_exact_flow_finds(model, data, loss):
    """Near a point of every set and away from them; what is at no set has a limit that is far."""
    place, near, rng = landscape(model, data, loss), 0.05, np.random.default_rng(1)
    starts = []
    for each in place.atlas().sets[:9]:
        spot = np.array([[float(x) for x in row] for row in each.witness])
        starts += [spot + size * rng.normal(size=spot.shape) for size in (1e-4, 1e-2, 0.3)]
    sets, left = decided(place, starts, near)
    known = 0
    for k, start in enumerate(starts):
        if k in left:
            continue
        found = place.flow(start.tolist())
        way = np.linalg.norm(np.array([[float(x) for x in row] for row in found.point]) - start)
        if sets[k] == UNDECIDED:
            assert way > near * (1 - 1e-9)
        else:
            known += 1
            assert found.unique
            assert found.ends_on.index == sets[k]
            assert way <= near * (1 + 1e-9)
    assert known >= len(starts) // 6
