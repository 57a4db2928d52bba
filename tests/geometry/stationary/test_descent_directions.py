"""Directions of descent are close to the steepest one, and their steps lower the loss exactly."""

from fractions import Fraction as Q
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from stability import landscape
from stability.cli.main import app
from stability.geometry.arrangement.cells import sides_around
from stability.geometry.stationary.descent_directions import along, near_steepest, steepest
from stability.geometry.stationary.senses import cells_around
from stability.model.datasets import Dataset

POINTS = [["-4/5", "1/2", -6], [1, "6/5", 5], ["-1/2", "4/3", "5/3"], ["-3/2", "1/5", "5/2"], ["6/5", -1, -5]]
THIN = Dataset("thin", POINTS, ["1/2", 1, -1, "-1/3", 1])
NUMBERS = st.fractions(min_value=-2, max_value=2, max_denominator=3)
WHOLE = st.integers(-2, 2)


@st.composite
def cases(draw):
    """Draw a point on kinks, or off them, of one or two units."""
    models = ["relu1", "abs1", "leaky-1/2:1", "relu2", "abs2", "relu[1,-2]+c", "abs[-]", "relu2-nob"]
    model, dimension = draw(st.sampled_from(models)), draw(st.integers(1, 2))
    row = st.lists(WHOLE, min_size=dimension, max_size=dimension)
    points = draw(st.lists(row, min_size=1, max_size=4, unique_by=tuple))
    labels = draw(st.lists(NUMBERS, min_size=len(points), max_size=len(points)))
    place = landscape(model, Dataset("drawn", points, labels), draw(st.sampled_from(["sum", "mean"])))
    return place, place.by_unit(draw(st.lists(WHOLE, min_size=place.parameters, max_size=place.parameters)))


def slow_steepest(place, point):
    """Return the greatest slope per unit length: the longest projection of a cell's negative gradient onto a face."""
    best = 0.0
    for cell in cells_around(place, point).cells:
        back = -np.array([float(str_value(x)) for x in cell.gradient])
        walls = np.array([[float(str_value(x)) for x in wall] for wall in cell.walls]).reshape(-1, len(back))
        for size in range(min(len(walls), len(back)) + 1):
            for chosen in combinations(range(len(walls)), size):
                d = back
                if chosen:
                    d = back - np.linalg.pinv(walls[list(chosen)]) @ (walls[list(chosen)] @ back)
                if (walls @ d >= -1e-9).all():
                    best = max(best, float(np.linalg.norm(d)))
    return best


def str_value(x):
    return Q(int(x.p), int(x.q))


def moved(point, direction, step):
    along = iter(direction)
    return [[x + step * next(along) for x in row] for row in point]


@settings(max_examples=80, deadline=None)
@given(cases())
def test_directions_are_steep_and_steps_lower_the_loss(case):
    place, point = case
    found = place.classify(point)
    if found.steepest is None:
        assert found.directional
        assert slow_steepest(place, point) < 1e-6
        return
    fall, here = found.steepest, place.loss(point)
    assert -fall.slope_per_length >= 0.9 * slow_steepest(place, point) > 0
    assert all(x.denominator == 1 for x in fall.direction)
    tiny = Q(1, 10**12)
    assert (place.loss(moved(point, fall.direction, tiny)) - here) / tiny == pytest.approx(float(fall.slope), rel=1e-6)
    assert place.loss(moved(point, fall.direction, fall.step)) == fall.loss < here
    far = fall.step * 5 if fall.reach is None else fall.reach
    assert fall.step <= far
    assert all(place.loss(moved(point, fall.direction, far * k / 64)) < here for k in range(1, 64))
    if fall.reach is not None:
        beyond = fall.reach * Q(102, 100)
        steps = [fall.reach + (beyond - fall.reach) * k / 256 for k in range(257)]
        # the loss may but touch its value here, between two of the steps
        assert any(place.loss(moved(point, fall.direction, t)) >= here * Q(99, 100) for t in steps)


def test_a_direction_where_linear_programming_gives_a_useless_one():
    place = landscape("leaky-1/2:1", THIN)
    fall = place.classify([[0, -4, 3, 0]]).steepest
    gradient = np.array([float(g) for g in place.gradient([[0, -4, 3, 0]])])
    assert -fall.slope_per_length > 0.95 * np.linalg.norm(gradient)
    assert max(map(abs, fall.direction)) <= 10
    assert fall.step > Q(1, 10)
    assert place.loss(moved([[0, -4, 3, 0]], fall.direction, fall.step)) < place.loss([[0, -4, 3, 0]]) / 2


@pytest.mark.parametrize("size", ["1e-150", "1e150"])
def test_sizes_beyond_floats(size):
    data = Dataset("scaled", [[1], [2]], [Q(size), -(Q(size) ** 2)])
    found = landscape("abs1", data).classify([[Q(size), 0]])
    assert found.steepest.loss < found.loss
    assert found.certificate.conclusion == "proved"
    assert found.to_json()["descent_step"] == str(found.steepest.step)


def test_people_read_slope_step_and_reach(tmp_path):
    arguments = ["classify", "abs1", "xor", "--at", "[[0, 0, 0]]"]
    report = " ".join(CliRunner().invoke(app, arguments).stdout.replace("│", " ").split())
    assert "descent direction -1, 1, 0" in report
    assert "slope -8 (~-5.657 per unit length); a step of 1/2 times it gives the loss 0;" in report
    assert "lower than here for every step below 1" in report


PEAK = landscape("abs1", Dataset("peak", [[0]], [1]))
"""(|b| - 1)^2, whatever w is."""


@pytest.mark.parametrize(
    ("start", "direction", "expected"),
    [
        ((0, 3), (0, -1), {"slope": -4, "step": 2, "loss": 0, "reach": 6}),
        ((0, 3), (0, -2), {"slope": -8, "step": 1, "loss": 0, "reach": 3}),
        ((5, 0), (0, 1), {"slope": -2, "step": 1, "loss": 0, "reach": 2}),
        ((5, 0), (7, -1), {"slope": -2, "step": 1, "loss": 0, "reach": 2}),
        ((0, "1/2"), (0, 1), {"slope": -1, "step": "1/2", "loss": 0, "reach": 1}),
        ((0, -5), (0, 1), {"slope": -8, "step": 4, "loss": 0, "reach": 10}),
    ],
)
def test_along_a_line_through_a_valley_by_hand(start, direction, expected):
    """From 3 down the loss is 4 at first and 0 at 1; the peak at 0 has loss 1, so it is 4 again at -3 only, after 6."""
    found = along(PEAK, PEAK.point([start]), [Q(x) for x in direction])
    exact = {key: Q(value) for key, value in expected.items()}
    assert (found.slope, found.step, found.loss) == (exact["slope"], exact["step"], exact["loss"])
    assert exact["reach"] * Q(99, 100) < found.reach <= exact["reach"]
    assert found.slope_per_length == pytest.approx(float(found.slope) / np.linalg.norm([float(x) for x in direction]))
    assert found.direction == [Q(x) for x in direction]


def test_where_the_loss_falls_for_ever_there_is_no_reach():
    """relu(b) on the label -1: (relu(b) + 1)^2 falls until b = 0 and stays 1."""
    place = landscape("relu1", Dataset("pit", [[0]], [-1]))
    found = along(place, place.point([[0, 3]]), [Q(0), Q(-1)])
    assert (found.slope, found.loss, found.reach) == (-8, 1, None)
    assert found.step == 3


@pytest.mark.parametrize(("loss", "scale"), [("sum", 1), ("mean", Q(1, 2))])
def test_two_kinks_on_the_way(loss, scale):
    """(1 - t)^2 + (|-1 - t| - 3)^2: 5 at 0 and 3, a half at 3/2, and 1 at the round step 1."""
    place = landscape("abs1", Dataset("two", [[0], [1]], [0, 3]), loss)
    found = along(place, place.point([[-2, 1]]), [Q(0), Q(-1)])
    assert found.slope == -6 * scale
    assert (found.step, found.loss) == (1, scale)
    assert place.loss([[-2, -2]]) == place.loss([[-2, 1]]) == 5 * scale
    assert Q(299, 100) < found.reach <= 3


def test_steps_have_few_digits():
    """The best step from 1/3 to 1 is 2/3; 0.6 wins nearly as much."""
    found = along(PEAK, PEAK.point([[0, Q(1, 3)]]), [Q(0), Q(1)])
    assert found.step == Q(6, 10)
    assert found.loss == Q(1, 15) ** 2
    assert found.reach == Q(133, 100)
    far = along(PEAK, PEAK.point([[0, Q(1234567, 3)]]), [Q(0), Q(-1)])
    assert far.step == 400_000
    assert far.reach == 823_000


def test_a_slope_beyond_floats_has_no_number():
    place = landscape("abs1", Dataset("huge", [[0]], [Q(10) ** 400]))
    found = along(place, place.point([[0, 1]]), [Q(0), Q(1)])
    assert found.slope == 2 - 2 * Q(10) ** 400
    assert found.slope_per_length is None
    assert found.loss < place.loss([[0, 1]])


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ([[0, 3]], [0, -1]),
        ([[0, "1/2"]], [0, 1]),
        ([[7, -3]], [0, 1]),
        ([[0, 1]], [0, 0]),
    ],
)
def test_off_kinks_the_steepest_direction_is_minus_the_gradient(point, expected):
    found = steepest(sides_around(PEAK, PEAK.point(point)))
    assert found / (np.abs(found).max() or 1) == pytest.approx(expected)


def test_on_a_kink_it_is_the_longest_projection_onto_a_side():
    """On xor at (1, 1, 0) two pre-activations are 0 with errors -1, two errors 2.

    Those two have the gradient (8, 8, 0); a side of the kinks adds (4, -4, 0) or (-4, 4, 0) to it.
    """
    place = landscape("abs1", "xor")
    found = steepest(sides_around(place, place.point([[1, 1, 0]])))
    best = slow_steepest(place, [[1, 1, 0]])
    slope = -np.linalg.norm([8 + 4, 8 - 4])
    assert best == pytest.approx(-slope)
    assert found / np.linalg.norm(found) @ [1, 1, 0] < 0
    direction = [Q(float(x)) for x in found]
    assert along(place, place.point([[1, 1, 0]]), direction).slope_per_length == pytest.approx(slope)


def test_two_units_are_steepest_each_for_itself():
    """On one point both units have the same error; one off its kink goes along its row, one on it to a side."""
    place = landscape("abs2", Dataset("peak", [[0]], [3]))
    sides = sides_around(place, place.point([[0, 1], [0, 0]]))
    found = steepest(sides)
    assert [len(each) for each in sides] == [1, 2]
    assert np.abs(found) == pytest.approx(np.array([0, 1, 0, 1]) * abs(found[1]))
    assert found[1] > 0
    too_much = steepest(sides_around(place, place.point([[0, 9], [0, 0]])))
    assert too_much / abs(too_much[1]) == pytest.approx([0, -1, 0, 0])


def test_near_the_steepest_are_small_whole_numbers_and_the_known_one_where_nothing_descends():
    place = landscape("relu1", Dataset("two", [["1/3", "2/7"], [-1, 0]], [5, 0]))
    point = place.point([[1, 1, 1]])
    gradient = [float(g) for g in place.gradient(point)]
    found = near_steepest(place, point, sides_around(place, point), [Q(9)])
    assert all(x.denominator == 1 for x in found)
    assert max(map(abs, found)) <= 10
    cosine = (
        -np.dot([float(x) for x in found], gradient)
        / np.linalg.norm(gradient)
        / np.linalg.norm(list(map(float, found)))
    )
    assert cosine >= np.sqrt(0.95)
    resting = PEAK.point([[0, 1]])
    assert near_steepest(PEAK, resting, sides_around(PEAK, resting), [Q(9), Q(8)]) == [9, 8]
