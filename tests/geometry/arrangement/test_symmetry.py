"""Symmetries of data known by geometry, against all permutations and linear maps found by least squares."""

from itertools import permutations as orders
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from slow_atlas import data_symmetries
from slow_geometry import places
from sympy import Matrix, Rational

from stability import landscape
from stability.geometry.arrangement import symmetry
from stability.geometry.arrangement.enumerate import arrange
from stability.geometry.arrangement.integer_problem import integers
from stability.geometry.arrangement.symmetry import permutations, symmetries
from stability.model.datasets import Dataset

GENERIC = Dataset("generic", [[0, 0], [1, 0], [0, 1], [3, 7]], [0, 1, 0, 1])
SQUARE = [[1, -1], [-1, 1], [1, 1], [-1, -1]]


def found(data, model="relu1"):
    return list(permutations(integers(landscape(model, data))))


@pytest.mark.parametrize(
    ("data", "count"),
    [
        ("xor", 4),  # the square has 8 symmetries; quarter turns and flips of one axis swap the labels
        ("parity:1", 1),
        ("parity:2", 4),
        ("parity:3", 24),  # the 24 of the 48 symmetries of the cube that keep the sign of x1 x2 x3
        (GENERIC, 1),
        (Dataset("square", SQUARE, [1, 1, 1, 1]), 8),
        (Dataset("one side", SQUARE, [1, 0, 1, 0]), 2),
        (Dataset("simplex", [[0, 0], [1, 0], [0, 1]], [1, 1, 1]), 6),  # every triangle is the image of every other
        (Dataset("simplex with a mark", [[0, 0], [1, 0], [0, 1]], [1, 1, 0]), 2),
        (Dataset("twins", [[1], [1]], [1, 1]), 2),
        (Dataset("twins that differ", [[1], [1]], [1, 0]), 1),
        (Dataset("a segment with its middle", [[0], [1], [2]], [1, 0, 1]), 2),
        (Dataset("a segment with its third", [[0], [1], [3]], [1, 1, 1]), 1),
        (Dataset("one point", [[5, 3]], [1]), 1),
    ],
)
def test_the_number_of_symmetries_known_by_hand(data, count):
    turns = found(data)
    assert len(turns) == count
    assert len(set(map(tuple, turns))) == count


def linear_map(rows, turn):
    """Return T with T row_i = row_turn(i), exactly, or None."""
    before = Matrix([[Rational(x.numerator, x.denominator) for x in row] for row in rows])
    after = before.extract(list(turn), list(range(before.cols)))
    turned = before.pinv() * after
    return turned.T if before * turned == after else None


@pytest.mark.parametrize("data", ["xor", "parity:3", Dataset("square", SQUARE, [1, 1, 1, 1])], ids=str)
def test_each_is_a_linear_map_that_keeps_labels(data):
    place = landscape("relu1", data)
    for turn in found(data):
        assert sorted(turn) == list(range(len(place.rows)))
        assert [place.data.labels[t] for t in turn] == list(place.data.labels)
        assert linear_map(place.rows, turn) is not None


def test_no_quarter_turn_keeps_the_labels_of_xor():
    turns = set(map(tuple, found("xor")))
    square = [t for t in orders(range(4)) if linear_map(landscape("abs1", "xor").rows, t) is not None]
    assert len(square) == 8
    assert turns < set(square)


@settings(max_examples=60)
@given(places(most=5))
def test_they_are_all_permutations_that_are_linear_and_keep_labels(place):
    turns = [tuple(turn) for turn in permutations(integers(place))]
    assert sorted(turns) == sorted(data_symmetries(place))


def faces_are_mapped_as_points_are(place):
    """A symmetry takes a face with sign s at a point to one with sign s at the point's image; |z| is even besides."""
    problem = integers(place)
    faces = arrange(problem.rows, certified=False)
    group = symmetries(problem, faces)
    names = [face.signs(len(problem.rows)) for face in faces.faces]
    assert len(group.together) == len(group.permutations)
    for turn, mapped in zip(group.permutations, group.together, strict=True):
        assert sorted(mapped) == list(range(len(names)))
        assert all(names[mapped[f]][turn[i]] == s for f, signs in enumerate(names) for i, s in enumerate(signs))
    assert bool(group.alone) == (place.network.unit.negative == -place.network.unit.positive)
    for mapped in group.alone:
        assert all(names[mapped[f]] == [-s for s in signs] for f, signs in enumerate(names))


@settings(max_examples=30)
@given(places(most=4))
def test_faces_are_mapped_as_points_are(place):
    faces_are_mapped_as_points_are(place)


@pytest.mark.parametrize("points", [SQUARE, [[0, 0], [1, 0], [0, 1]]], ids=["quarter turns", "thirds of turns"])
def test_turns_that_are_not_their_own_inverse_map_faces_forward(points):
    turns = [t for t in found(Dataset("equal", points, [1] * len(points))) if t != [t.index(i) for i in range(len(t))]]
    assert len(turns) == 2
    faces_are_mapped_as_points_are(landscape("abs1", Dataset("equal", points, [1] * len(points))))


def test_more_symmetries_than_the_budget_are_cut_off_but_remain_symmetries(monkeypatch):
    monkeypatch.setattr(symmetry, "MOST", 5)
    problem = integers(landscape("abs1", "parity:3"))
    assert len(symmetries(problem, arrange(problem.rows, certified=False)).permutations) == 5


def test_large_data_are_not_searched(monkeypatch):
    monkeypatch.setattr(symmetry, "LARGE", 3)
    problem = integers(landscape("abs1", "xor"))
    assert symmetries(problem, arrange(problem.rows, certified=False)).permutations == [[0, 1, 2, 3]]


def flips(place):
    return product((1, -1), repeat=place.units)


LINE = Dataset("line", [[0], [1], [3], [4]], [2, -1, 1, 0])


@pytest.mark.parametrize(
    ("model", "data"), [("abs1", "xor"), ("abs2", "xor"), ("abs2", Dataset("three", LINE.points[:3], LINE.labels[:3]))]
)
def test_the_sign_of_any_single_absolute_value_leads_to_an_image(model, data):
    signs_lead_to_images(landscape(model, data))


def test_the_sign_of_any_single_absolute_value_leads_to_an_image_also_from_sets_of_several_faces():
    signs_lead_to_images(landscape("abs2", LINE))


def signs_lead_to_images(place):
    atlas = place.atlas()
    for each in atlas.sets:
        for signs in flips(place):
            point = [[s * x for x in row] for s, row in zip(signs, each.witness, strict=True)]
            assert place.outputs(point) == each.outputs
            assert atlas.of(point).index in each.images


def test_rotated_data_have_as_many_symmetries():
    turn = np.array([[3, -4], [4, 3]])
    rotated = Dataset("rotated", (np.array(SQUARE) @ turn).tolist(), [1, 1, 0, 0])
    assert len(found(rotated)) == len(found("xor"))
