"""Affine functions on convex bodies, by hand on the square from -1 to 1."""

from fractions import Fraction as Q

import pytest

from stability.geometry.sections.affine_forms import combination, cut, negative, on, split, value
from stability.geometry.sections.polytopes import frame

SQUARE, SLOPE = frame(2, Q(1)), (Q(1), Q(2), Q(1))
"""x + 2 y + 1"""


def test_values_and_combinations():
    assert value(SLOPE, (Q(3), Q(-1))) == 2
    assert negative(SLOPE) == (-1, -2, -1)
    assert combination([(Q(2), SLOPE), (Q(-1), (Q(0), Q(5), Q(1, 2)))]) == (2, -1, Q(3, 2))


def test_the_parts_of_a_square():
    """The line x + 2 y = -1 meets it at (1, -1) and (-1, 0): three corners' worth lie above, one below."""
    assert sorted(on(SQUARE, SLOPE).spots) == [(-1, 0), (1, -1)]
    assert sorted(cut(SQUARE, SLOPE).spots) == [(-1, 0), (-1, 1), (1, -1), (1, 1)]
    parts = split(SQUARE, SLOPE)
    assert [sign for sign, _ in parts] == [1, 0, -1]
    assert [sorted(body.spots) for _, body in parts] == [
        [(-1, 0), (-1, 1), (1, -1), (1, 1)],
        [(-1, 0), (1, -1)],
        [(-1, -1), (-1, 0), (1, -1)],
    ]


@pytest.mark.parametrize(("form", "sign"), [((1, 0, 2), 1), ((1, 0, -2), -1), ((1, 0, 1), 1), ((0, 0, 0), 0)])
def test_a_body_on_one_side_stays_whole(form, sign):
    assert split(SQUARE, tuple(map(Q, form))) == [(sign, SQUARE)]
