"""Hyperplanes tangent to spheres: distances from the centre, measured by projection."""

from math import sqrt

import numpy as np
import pytest

from stability.errors import DataError, NumberError
from stability.initialisation import hypersphere as laws
from stability.initialisation.problem import InitialisationProblem
from stability.initialisation.random_streams import Streams

POINTS = np.array([[0.0, 0], [4, 0], [0, 2], [4, 2]])
"""A rectangle around (2, 1), with corners at the distance sqrt(5)."""

RADIUS = sqrt(5) + 0.1


def drawn(law, units=5, count=200, labels=(0, 0, 1, 1)):
    """Return weights and biases drawn by a law: (count, units, 2) and (count, units)."""
    place = InitialisationProblem(POINTS, np.array(labels, dtype=float), units)
    rows = law(place)(Streams(1, 0, count), count).reshape(count, units, 3)
    return rows[..., :2], rows[..., 2]


def signed_distance(w, b, centre):
    """Return how far on its positive side of the hyperplane w . x + b = 0 a point is."""
    return (w @ np.array(centre) + b) / np.linalg.norm(w, axis=-1)


def test_the_smallest_ball_around_the_mean_with_some_space():
    centre, radius = laws.ball(POINTS, 0.25)
    assert centre.tolist() == [2, 1]
    assert radius == pytest.approx(sqrt(5) + 0.25)
    assert laws.ball(np.array([[3.0, 4]]), 1.0)[1] == 1.0


@pytest.mark.parametrize(("size", "fits"), [(9.9e11, True), (1.01e12, False), (1e200, False)])
def test_data_that_lose_the_margin_to_rounding_are_refused(size, fits):
    """The size of the centre, with the radius, may be 1e13 margins."""
    points = np.array([[size, 0.0], [size, 0.0]])
    if fits:
        assert laws.ball(points, 0.1)[0].tolist() == [size, 0]
        return
    with pytest.raises(DataError, match=r"small enough for a margin of 0\.1"):
        laws.ball(points, 0.1)


def test_lengths_and_hyperplanes_around_a_centre():
    first = np.array([[[3.0, 4, 99], [0, 2, 99]]])
    assert laws.lengths(first).tolist() == [[5, 2]]
    found = laws.around(first, np.array([1.0, 1]), 2.0)
    assert found[..., -1].tolist() == [[10 - 7, 4 - 2]]
    assert found is first
    turned = laws.around(first, np.zeros(2), np.array([[-1.0, 3]]))
    assert turned[..., -1].tolist() == [[-5, 6]]


def test_weights_are_normal_with_the_variance_of_xavier():
    place = InitialisationProblem(POINTS, np.zeros(4), 6)
    rows = laws.weights(place, Streams(0, 0, 4000), 4000)
    assert rows.shape == (4000, 6, 3)
    assert not rows[..., 2].any()
    assert rows[..., :2].var() == pytest.approx(2 / (2 + 6), rel=0.03)


@pytest.mark.parametrize(("law", "space"), [(laws.hypersphere(), 0.1), (laws.hypersphere("1/2"), 0.5)])
def test_all_data_are_on_the_positive_side(law, space):
    w, b = drawn(law)
    assert signed_distance(w, b, (2, 1)) == pytest.approx(sqrt(5) + space)
    assert all((signed_distance(w, b, point) >= space - 1e-9).all() for point in POINTS)


def test_as_written_the_sphere_is_around_the_origin():
    w, b = drawn(laws.hypersphere_as_written())
    assert signed_distance(w, b, (0, 0)) == pytest.approx(RADIUS)
    w, b = drawn(laws.hypersphere_as_written("2"))
    assert signed_distance(w, b, (0, 0)) == pytest.approx(sqrt(5) + 2)


@pytest.mark.parametrize("space", ["0", "-1"])
def test_margins_are_positive(space):
    for law in (laws.hypersphere, laws.hypersphere_as_written):
        with pytest.raises(NumberError):
            law(space)


def test_flipped_units_face_away():
    def flips(place, streams, count):
        return np.tile([True, False], (count, place.units))[:, : place.units]

    w, b = drawn(laws.flipped("3/2", flips))
    distance = signed_distance(w, b, (2, 1)) / (1.5 * RADIUS)
    assert distance == pytest.approx(np.tile([-1.0, 1, -1, 1, -1], (200, 1)))


@pytest.mark.parametrize(("share", "low", "high"), [("0", 0, 0), ("1", 1, 1), ("1/4", 0.2, 0.3)])
def test_every_unit_is_flipped_on_its_own(share, low, high):
    w, b = drawn(laws.partial_tangency(share, "1"))
    away = signed_distance(w, b, (2, 1)) < 0
    assert np.abs(signed_distance(w, b, (2, 1))) == pytest.approx(RADIUS)
    assert low <= away.mean() <= high
    if share == "1/4":
        assert len(set(away.sum(axis=1).tolist())) > 2


@pytest.mark.parametrize(
    ("share", "units", "number"), [("0", 5, 0), ("1", 5, 5), ("1/2", 5, 2), ("0.3", 5, 2), ("1/2", 6, 3)]
)
def test_so_many_units_of_a_row_are_flipped_any_of_them(share, units, number):
    """Of 5 units a half is 2.5, which rounds to 2; three tenths are 1.5, which rounds to 2."""
    w, b = drawn(laws.partial_tangency_fixed(share, "1"), units)
    away = signed_distance(w, b, (2, 1)) < 0
    assert set(away.sum(axis=1).tolist()) == {number}
    shares = away.mean(axis=0)
    assert np.abs(shares - number / units).max() < 0.15


@pytest.mark.parametrize("share", ["-0.1", "1.1"])
def test_shares_are_from_0_to_1(share):
    for law in (laws.partial_tangency, laws.partial_tangency_fixed):
        with pytest.raises(NumberError):
            law(share, "1")


def test_classes_are_the_lowest_label_and_all_others():
    low, other = laws.classes(InitialisationProblem(POINTS, np.array([2.0, -1, 5, -1]), 1))
    assert low.tolist() == [[4, 0], [4, 2]]
    assert other.tolist() == [[0, 0], [0, 2]]
    with pytest.raises(DataError, match="all 4 have the label 3"):
        laws.classes(InitialisationProblem(POINTS, np.full(4, 3.0), 1))


@pytest.mark.parametrize("second", [1.0, -1.0])
@pytest.mark.parametrize("units", [1, 4, 5])
def test_half_of_the_units_rounded_up_are_around_each_class(second, units):
    """Labels 0 on the lower side, (2, 0) -+ 2; labels 1 on the upper one, (2, 2) -+ 2: both radii are 2.1."""
    w, b = drawn(laws.class_spheres("2", second=second), units)
    half = -(-units // 2)
    assert signed_distance(w, b, (2, 0))[:, :half] == pytest.approx(4.2)
    assert signed_distance(w, b, (2, 2))[:, half:] == pytest.approx(second * 4.2)


def test_aligned_weights_lie_on_the_principal_axis_of_their_class():
    """Both classes scatter along (1, 0); lengths and sides of it are those of the weights that are not aligned."""
    plain, _ = drawn(laws.class_spheres("1"), 4)
    w, b = drawn(laws.class_spheres("1", aligned=True), 4)
    assert np.abs(w[..., 1]).max() < 1e-9
    assert np.abs(w[..., 0]) == pytest.approx(np.linalg.norm(plain, axis=-1))
    assert (np.sign(w[..., 0]) == np.sign(plain[..., 0])).all()
    assert signed_distance(w, b, (2, 0))[:, :2] == pytest.approx(2.1)


def test_a_class_of_one_point_has_no_axis():
    plain, _ = drawn(laws.class_spheres("1"), 4, labels=(0, 1, 1, 1))
    w, _ = drawn(laws.class_spheres("1", aligned=True), 4, labels=(0, 1, 1, 1))
    assert w[:, :2].tolist() == plain[:, :2].tolist()
    assert w[:, 2:].tolist() != plain[:, 2:].tolist()


def test_factors_are_not_negative():
    with pytest.raises(NumberError):
        laws.class_spheres("-1")
    with pytest.raises(NumberError):
        laws.flipped("-1", lambda *_: None)
