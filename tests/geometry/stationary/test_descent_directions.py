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
from stability.geometry.stationary.senses import cells_around
from stability.model.datasets import Dataset

POINTS = [["-4/5", "1/2", -6], [1, "6/5", 5], ["-1/2", "4/3", "5/3"], ["-3/2", "1/5", "5/2"], ["6/5", -1, -5]]
THIN = Dataset("thin", POINTS, ["1/2", 1, -1, "-1/3", 1])
NUMBERS = st.fractions(min_value=-2, max_value=2, max_denominator=3)
WHOLE = st.integers(-2, 2)


@st.composite
def cases(draw):
    """Draw a point on kinks, or off them, of one or two units."""
    model, dimension = draw(st.sampled_from(["relu1", "abs1", "leaky-1/2:1", "relu2", "abs2"])), draw(st.integers(1, 2))
    row = st.lists(WHOLE, min_size=dimension, max_size=dimension)
    points = draw(st.lists(row, min_size=1, max_size=4, unique_by=tuple))
    labels = draw(st.lists(NUMBERS, min_size=len(points), max_size=len(points)))
    place = landscape(model, Dataset("drawn", points, labels), draw(st.sampled_from(["sum", "mean"])))
    unit = st.lists(WHOLE, min_size=place.width, max_size=place.width)
    return place, draw(st.lists(unit, min_size=place.units, max_size=place.units))


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
    width = len(point[0])
    return [[x + step * direction[j * width + c] for c, x in enumerate(row)] for j, row in enumerate(point)]


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
        assert any(place.loss(moved(point, fall.direction, t)) >= here for t in steps)


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
