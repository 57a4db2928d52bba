"""The numerical search for stationary points, on networks whose stationary points are known."""

import numpy as np
import pytest

from stability import Dataset
from stability.dynamics.search.float_networks import two_layer
from stability.dynamics.search.newton import different, ends, force, is_stationary, kinks, reordered

PEAK = two_layer("abs", 1, Dataset("peak", [[0]], [1]), output=False)
"""(|b| - 1)^2: stationary at b = 1, -1 and 0, whatever w is."""

LINE = two_layer("relu", 2, Dataset("line", [[0], [1]], [1, -1]), output=True)


@pytest.mark.parametrize(
    ("point", "norm"),
    [([5, 1], 0), ([5, -1], 0), ([5, 3], 4), ([5, -3], 4), ([5, 0], 0), ([5, 0.5], 1), ([0, 1e-7], 0), ([0, 1e-5], 2)],
)
def test_the_smallest_gradient_around_a_point(point, norm):
    """2 (|b| - 1) off the kink; at the kink the slopes -2 and 2 have the mean 0."""
    assert force(PEAK, np.array(point, dtype=float)) == pytest.approx(norm, abs=1e-4)


def test_the_tolerance_decides_what_is_a_kink():
    point = np.array([0, 1e-3])
    assert kinks(PEAK, point, 1e-6) == []
    assert kinks(PEAK, point, 1e-3) == [(0, 0)]
    assert force(PEAK, point, 1e-2) == pytest.approx(0, abs=1e-9)
    assert force(PEAK, point, 1e-6) == pytest.approx(2, rel=1e-2)
    assert not is_stationary(PEAK, point)
    assert is_stationary(PEAK, point, 1e-2)


def test_kinks_are_pairs_of_unit_and_example():
    point = np.array([1, 0, 1, -1, 0, 0, 0], dtype=float)
    assert kinks(LINE, point, 1e-9) == [(0, 0), (1, 1)]
    assert kinks(two_layer("tanh", 1, "xor"), np.zeros(5), 1.0) == []


def test_at_a_kink_slopes_are_between_those_on_both_sides():
    """relu(b) on the label -1: the slope left of 0 is 0, so it rests there; on 2 the slopes 0 and -4 hold 0 too."""
    for label in (-1, 2):
        place = two_layer("relu", 1, Dataset("one", [[0]], [label]), output=False)
        assert force(place, np.zeros(2)) == pytest.approx(0, abs=1e-9)
    steep = two_layer("leaky1/2", 1, Dataset("one", [[0]], [2]), output=False)
    assert force(steep, np.zeros(2)) == pytest.approx(2)
    other = two_layer("leaky1/2", 1, Dataset("one", [[0]], [-2]), output=False)
    assert force(other, np.zeros(2)) == pytest.approx(2)


def test_a_linear_unit_has_no_kinks_that_matter():
    linear = two_layer("leaky1", 1, Dataset("one", [[0]], [2]), output=False)
    assert force(linear, np.zeros(2)) == pytest.approx(4)
    assert force(linear, np.array([0, 2.0])) == 0


@pytest.mark.parametrize(
    ("point", "found"),
    [
        ([0, 1], True),
        ([0, 1 + 1e-9], True),
        ([0, 1 + 1e-7], False),
        ([1e3, 1 + 1e-7], True),
        ([np.nan, 1], False),
        ([0, np.inf], False),
    ],
)
def test_what_is_stationary_in_proportion_to_its_size(point, found):
    """The gradient 2 (b - 1) may be 1e-8 (1 + |p|)."""
    assert is_stationary(PEAK, np.array(point, dtype=float)) is found


def test_units_in_every_order_with_their_output_weights():
    """(w, b) = (1, 2) and (3, 4) with the weights 5 and 6 and the constant 7."""
    found = reordered(LINE, np.arange(1.0, 8))
    assert [each.tolist() for each in found] == [[1, 2, 3, 4, 5, 6, 7], [3, 4, 1, 2, 6, 5, 7]]
    plain = two_layer("relu", 3, Dataset("one", [[0]], [1]), output=False)
    assert len({tuple(each.tolist()) for each in reordered(plain, np.arange(6.0))}) == 6


@pytest.mark.parametrize(("units", "count"), [(6, 720), (7, 1)])
def test_many_units_are_left_in_their_order(units, count):
    many = two_layer("relu", units, Dataset("one", [[0]], [1]), output=False)
    found = reordered(many, np.arange(2.0 * units))
    assert len(found) == count
    assert found[0].tolist() == np.arange(2.0 * units).tolist()


def test_ends_that_are_one_are_counted_together():
    same = np.arange(1.0, 8)
    turned = np.array([3.0, 4, 1, 2, 6, 5, 7])
    far = same + 0.1 * (same == 7)
    found = different(LINE, [same, turned, far, same + 1e-9, far], 1e-6)
    assert [hits for _, hits in found] == [3, 2]
    assert found[0][0] is same
    assert different(LINE, [], 1e-6) == []


@pytest.mark.parametrize(("apart", "count"), [(7e-3, 1), (9e-3, 2)])
def test_they_are_one_up_to_the_tolerance_in_proportion_to_their_size(apart, count):
    """The largest entry is 7, so the distance may be 8 times 1e-3."""
    same = np.arange(1.0, 8)
    assert len(different(LINE, [same, same + apart * (same == 1)], 1e-3)) == count


def test_starts_end_on_the_stationary_points_and_each_has_its_own_random_numbers():
    found = ends(PEAK, range(30), 5, 1.0)
    resting = [p[1] for p in found if is_stationary(PEAK, p)]
    assert len(resting) >= 25
    assert {round(b) for b in resting} == {-1, 0, 1}
    assert np.abs(np.array(resting) - np.round(resting)).max() < 1e-6
    again = ends(PEAK, [7, 3], 5, 1.0)
    assert [p.tolist() for p in again] == [found[7].tolist(), found[3].tolist()]
    assert ends(PEAK, [7], 6, 1.0)[0].tolist() != found[7].tolist()
    assert ends(PEAK, [], 5, 1.0) == []


def test_smooth_networks_end_where_their_gradient_is_0():
    """tanh(b) fits 1/2 at b = artanh(1/2), the one stationary point but for w; far out the gradient is 0 in floats."""
    place = two_layer("tanh", 1, Dataset("one", [[0]], ["1/2"]), output=False)
    resting = [p[1] for p in ends(place, range(8), 1, 0.5) if is_stationary(place, p)]
    near = [b for b in resting if abs(b) < 10]
    assert len(near) >= 4
    assert near == pytest.approx([np.arctanh(0.5)] * len(near), abs=1e-6)
