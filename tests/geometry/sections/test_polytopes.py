"""Convex bodies of pictures, by hand: squares, triangles and cubes that are cut."""

from fractions import Fraction as Q

import pytest

from stability import landscape
from stability.geometry.sections.polytopes import (
    Body,
    cell_bodies,
    face_body,
    frame,
    plane_forms,
    plane_parts,
    plane_point,
    set_parts,
    space_forms,
)

SQUARE, CUBE = frame(2, Q(1)), frame(3, Q(2))


def area(body):
    spots = body.around()
    pairs = zip(spots, [*spots[1:], spots[0]], strict=True)
    return abs(sum(a[0] * b[1] - a[1] * b[0] for a, b in pairs)) / 2


def test_frames_are_squares_and_cubes():
    assert (SQUARE.dimension, len(SQUARE.corners), area(SQUARE)) == (2, 4, 4)
    assert (CUBE.dimension, len(CUBE.corners), len(CUBE.sides())) == (3, 8, 6)
    assert SQUARE.sides() == [SQUARE]
    assert SQUARE.inside == (0, 0)
    assert sorted(SQUARE.spots) == [(-1, -1), (-1, 1), (1, -1), (1, 1)]


def test_edges_join_corners_that_differ_in_one_coordinate():
    for body, most in ((SQUARE, 2), (CUBE, 3)):
        for a, one in enumerate(body.spots):
            near = [b for b, two in enumerate(body.spots) if sum(x != y for x, y in zip(one, two, strict=True)) == 1]
            assert [b for b in range(len(body.spots)) if b != a and body.adjacent(a, b)] == near
            assert len(near) == most


def test_a_corner_is_cut_off():
    """x + y >= 1 leaves the triangle (1, 0), (1, 1), (0, 1) of the square; x + y <= 1 the rest."""
    kept = SQUARE.cut((Q(1), Q(1)), Q(1))
    assert sorted(kept.spots) == [(0, 1), (1, 0), (1, 1)]
    rest = SQUARE.cut((Q(-1), Q(-1)), Q(-1))
    assert area(kept) == Q(1, 2)
    assert area(rest) == Q(7, 2)
    assert kept.inside == (Q(2, 3), Q(2, 3))


def test_a_cut_through_a_corner_keeps_it_once():
    half = SQUARE.cut((Q(1), Q(1)))
    assert sorted(half.spots) == [(-1, 1), (1, -1), (1, 1)]
    assert area(half) == 2
    line = half.cut((Q(-1), Q(-1)))
    assert (line.dimension, sorted(line.spots)) == (1, [(-1, 1), (1, -1)])
    point = line.cut((Q(1), Q(0)), Q(1))
    assert (point.dimension, point.spots) == (0, [(1, -1)])
    assert point.cut((Q(1), Q(0)), Q(2)).dimension == -1


def test_order_around_a_polygon_goes_along_its_edges():
    cut = SQUARE.cut((Q(1), Q(1)), Q(-1)).cut((Q(-1), Q(1)), Q(-1))
    around = cut.around()
    assert len(around) == len(cut.corners)
    for a, b in zip(around, [*around[1:], around[0]], strict=True):
        assert cut.adjacent(cut.spots.index(a), cut.spots.index(b))
    assert Body((), 0).around() == []


def test_a_cube_cut_through_the_middle_of_its_edges_has_a_hexagon():
    half = CUBE.cut((Q(1), Q(1), Q(1)))
    (hexagon,) = [side for side in half.sides() if len(side.corners) == 6]
    assert {sum(spot) for spot in hexagon.spots} == {0}
    assert len(half.sides()) == 7


def test_forms_are_pre_activations_in_the_coordinates_of_the_picture():
    place = landscape("abs1", "xor")
    for spot in ((Q(2), Q(1, 3)), (Q(-1), Q(0))):
        (row,) = plane_point(spot)
        heights = [sum(a * b for a, b in zip(row, each, strict=True)) for each in place.rows]
        assert [sum(a * b for a, b in zip(form, spot, strict=True)) for form in plane_forms(place)] == heights
    assert space_forms(place) == [tuple(row) for row in place.rows]


def test_a_face_shows_its_closure_or_nothing():
    """Of the forms p + b and b - p: above both is a triangle, on both is the origin, and p + b < 0 < 0 b is nothing."""
    forms = [(Q(1), Q(1)), (Q(-1), Q(1))]
    assert sorted(face_body(forms, (1, 1), Q(1), [None, None]).spots) == [(-1, 1), (0, 0), (1, 1)]
    assert face_body(forms, (0, 0), Q(1), [None, None]).spots == [(0, 0)]
    assert face_body(forms, (1, 0), Q(1), [Q(1), None]).spots == [(Q(1, 2), Q(1, 2))]
    assert face_body([*forms, (Q(0), Q(0))], (1, 1, 1), Q(1), [None] * 3).dimension == -1


@pytest.mark.parametrize("span", [1, 2])
def test_cells_fill_the_frame(span):
    place = landscape("abs1", "xor")
    bodies = cell_bodies(place.atlas(), plane_forms(place), Q(span))
    assert sum(area(body) for _, body in bodies) == 4 * span**2
    for signs, body in bodies:
        (row,) = plane_point(body.inside)
        assert [int(s) for s in place.pattern([row])[0]] == list(signs)


def test_the_plane_shows_the_four_minima_and_the_saddles_it_meets():
    """Of the nine stationary points of abs1 on xor all have w1 = -w2."""
    place = landscape("abs1", "xor")
    spots = {part.body.spots[0]: part.kind for part in plane_parts(place.atlas(), Q(2))}
    assert {spot for spot, kind in spots.items() if kind == "global minimum"} == {(1, 0), (-1, 0)}
    assert {spot for spot, kind in spots.items() if kind == "local minimum"} == {(0, Q(1, 2)), (0, Q(-1, 2))}
    assert len(spots) == 9
    assert all(part.dimension == 0 for part in plane_parts(place.atlas(), Q(2)))


def test_the_largest_parts_come_first_and_lie_on_their_sets():
    place = landscape("relu1", "xor")
    found = set_parts(place.atlas(), space_forms(place), Q(2))
    assert [part.dimension for part in found] == sorted((part.dimension for part in found), reverse=True)
    assert found[0].dimension == 3, "the dead cell"
    for part in found:
        assert place.atlas().of([list(part.body.inside)]).index == part.set.index
