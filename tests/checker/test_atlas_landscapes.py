"""Landscapes in whole numbers, and the algebra of whole numbers, by hand."""

from fractions import Fraction as Q

import pytest
from hand_made import LEAKY, RAMP, data_of, meter_of, rejects

from stability.checker import atlas_landscapes


def land_of(*arguments, meter=None, **more):
    return atlas_landscapes.Landscape("L", data_of(*arguments, **more), meter or meter_of())


# Numbers


def test_sums_of_whole_numbers():
    assert atlas_landscapes.dot([1, 2, 3], [4, -5, 6]) == 12
    assert atlas_landscapes.primitive([6, -9, 0]) == (2, -3, 0)
    assert atlas_landscapes.primitive([0, 0]) == (0, 0)
    assert atlas_landscapes.primitive([-5]) == (-1,)
    assert atlas_landscapes.mixture([2, 0, -1], [[1, 2], [100, 100], [3, 0]], 2) == [-1, 4]
    assert atlas_landscapes.mixture([], [], 3) == [0, 0, 0]
    assert [atlas_landscapes.bits(mask) for mask in (0, 1, 6, 0b10010)] == [[], [0], [1, 2], [1, 4]]


@pytest.mark.parametrize(
    ("rows", "rank"),
    [
        ([], 0),
        ([[0, 0]], 0),
        ([[0, 2]], 1),
        ([[1, 2], [2, 4], [-3, -6]], 1),
        ([[1, 2], [2, 5]], 2),
        ([[0, 1, 1], [0, 2, 3], [0, 5, 7]], 2),
        ([[0, 0, 3], [0, 2, 1], [4, 1, 1]], 3),
        ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 2),
        ([[1, 2, 3], [4, 5, 6], [7, 8, 10]], 3),
        ([[1, 1], [1, -1], [2, 0]], 2),
    ],
)
def test_the_rank_of_vectors(rows, rank):
    assert atlas_landscapes.rank(rows) == rank


def test_a_common_denominator_that_is_not_too_long():
    meter = meter_of()
    assert atlas_landscapes.common(meter, [2, 3, 4]) == 12
    assert atlas_landscapes.common(meter, []) == 1
    assert meter.total - meter.left == 3
    assert atlas_landscapes.common(meter, [2**600]) == 2**600
    assert meter.total - meter.left == 5
    with rejects("bits of a number"):
        atlas_landscapes.common(meter, [2**60_000, 3**40_000])


# Landscapes


def test_a_landscape_in_whole_numbers():
    land = land_of(["1/2 0", "1 -1/3"], ["1/7", "2"], ("1/4", "0", "1/6"), 3, "mean")
    assert land.rows == [(3, 0, 6), (6, -2, 6)]
    assert land.labels == [Q(1, 7), 2]
    assert land.true == {-1: Q(1, 4), 0: 0, 1: Q(1, 6)}
    assert land.slope == {-1: 3, 0: 0, 1: 2}
    assert (land.count, land.size, land.width, land.rank, land.full, land.area) == (3, 2, 3, 2, 0b11, 6)
    assert land.scale == HALF
    assert land.bits == 3
    assert land_of(["0"], ["0"]).scale == 1
    assert land_of(["0"], ["0"], ("-9", "0", "1")).bits == 4
    words = "L is the mean of squared errors of 3 unit(s) with slopes 1/4 and 1/6 (at 0: 0) on "
    assert land.words == words + "(1/2, 0): 1/7, (1, -1/3): 2"


HALF = Q(1, 2)


def test_what_a_unit_does():
    land = land_of(["0", "1", "2", "-1"], ["0"] * 4, LEAKY)
    assert land.heights([1, -1]) == [-1, 0, 1, -2]
    assert land.sides([1, -1]) == (0b0100, 0b1001)
    assert [land.bent(z) for z in (-3, 0, 4)] == [-3, 0, 8]  # times 2
    assert land.slopes((0b0100, 0b1001)) == [1, 1, 2, 1]
    ramp = land_of(["0", "1", "2", "-1"], ["0"] * 4, RAMP)
    assert ramp.slopes((0b0100, 0b1001)) == [0, 0, 1, 0]
    assert ramp.gradient([5, 6, 7, 8], (0b0110, 0b1001)) == [6 * 1 + 7 * 2, 6 + 7]
    assert land.gradient([5, 6, 7, 8], (0b0100, 0b1001)) == [6 + 2 * 7 * 2 - 8, 5 + 6 + 2 * 7 + 8]
