"""In which senses a point is stationary: the directions that decide, against exact losses along them."""

from fractions import Fraction as Q

import pytest

from stability import Dataset, Network, Unit, landscape, prove
from stability.geometry.stationary.senses import (
    cells_around,
    clarke_stationary,
    directionally_stationary,
    local_maximum,
    strict_local_minimum,
)

ONE = Dataset("one", [[0]], [0])
FALLING = landscape(Network(Unit("falling", Q(1, 10), Q(0), Q(0)), 1), ONE)
"""0.1 b below 0, and 0 above: the loss rises to the left alone, and to second order."""

ABS1, RELU1 = landscape("abs1", "xor"), landscape("relu1", "xor")


def change(place, point, direction, t=Q(1, 10**6)):
    """Return by how much the loss changes along a direction."""
    steps = [Q(int(x.p), int(x.q)) for x in direction]
    flat = [Q(x) + t * d for row, k in zip(point, range(len(point)), strict=True) for x, d in zip(
        row, steps[k * place.width : (k + 1) * place.width], strict=True)]  # fmt: skip
    rows = [flat[k : k + place.width] for k in range(0, len(flat), place.width)]
    return place.loss(rows) - place.loss(point)


def test_a_rise_to_one_side_alone_is_found():
    point = [[Q(0), Q(0)]]
    found = cells_around(FALLING, point)
    assert found.descent is None
    assert found.ascent[1] < 0
    assert change(FALLING, point, found.ascent) > 0
    assert prove(local_maximum(FALLING, point)).conclusion == "refuted"
    assert prove(directionally_stationary(FALLING, point)).conclusion == "proved"
    assert prove(strict_local_minimum(FALLING, point)).conclusion == "refuted"


@pytest.mark.parametrize("place", [ABS1, RELU1, landscape("leaky1/2:1", "xor"), landscape("leaky-1/2:1", "xor")])
@pytest.mark.parametrize(
    "point", [[0, 0, 0], [1, 1, 0], [1, -1, 0], [0, 0, -1], [0, 0, "1/2"], [1, 2, 3], ["1/2", "-1/2", 0]]
)
def test_directions_of_descent_and_ascent_do_what_they_say(place, point):
    at = [[Q(x) for x in point]]
    here = cells_around(place, at)
    if here.descent is not None:
        assert change(place, at, here.descent) < 0
    if here.ascent is not None:
        assert change(place, at, here.ascent) > 0
    assert (prove(directionally_stationary(place, at)).conclusion == "proved") == (here.descent is None)
    assert (prove(clarke_stationary(place, at)).conclusion == "proved") == (here.hull is not None)
