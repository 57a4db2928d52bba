"""Cones cut by hyperplanes, against cones worked out by hand and sums of rows that anybody can add up."""

from fractions import Fraction as Q
from itertools import combinations, product

import numpy as np
import pytest
from sympy import Matrix

from stability.geometry.arrangement.cones import Cone, Hyperplanes, Ray, bits

AXES = ((1, 0), (0, 1))


def cone(rows, vectors):
    planes = Hyperplanes(rows)
    return Cone(planes, tuple(map(planes.ray, vectors)))


def vectors(part):
    return sorted(ray.vector for ray in part.rays)


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize(("mask", "expected"), [(0, []), (1, [0]), (0b1011, [0, 1, 3]), (1 << 70 | 4, [2, 70])])
def test_bits_lowest_first(mask, expected):
    assert list(bits(mask)) == expected


@pytest.mark.parametrize(
    ("direction", "vector", "plus", "minus"),
    [
        ((2, 4), (1, 2), 0b011, 0b100),
        ((-3, 0), (-1, 0), 0b000, 0b101),
        ((0, 5), (0, 1), 0b010, 0b100),
        ((1, 1), (1, 1), 0b011, 0b000),
        ((0, 0), (0, 0), 0, 0),
    ],
)
def test_the_sides_of_a_direction(direction, vector, plus, minus):
    """The rows (1, 0), (0, 1) and (1, -1)."""
    found = Hyperplanes((*AXES, (1, -1))).ray(direction)
    assert found == Ray(vector, plus, minus)
    assert found.off == plus | minus


def test_a_direction_is_looked_at_once():
    planes = Hyperplanes(AXES)
    assert planes.ray((3, 6)) is planes.ray((1, 2))
    assert planes.ray((3, 6)) is not planes.ray((-1, -2))
    assert set(planes.seen) == {(1, 2), (-1, -2)}


@pytest.mark.parametrize("size", [1, 2**31, 2**62, 2**63 - 1, 2**63, 2**64, 10**30])
def test_numbers_beyond_machine_words_have_the_same_sides(size):
    """On (size, size - 1) the row (size - 1, -size) is 0, and (size, -size) is size: nothing may overflow."""
    rows = ((size - 1, -size), (size, -size), (-size, size), (1, 0), (1, -1), (-1, 1))
    found = Hyperplanes(rows).ray((size, size - 1))
    assert (found.plus, found.minus) == (0b011010, 0b100100)
    assert Hyperplanes(rows).ray((-size, 1 - size)).plus == 0b100100


def test_the_size_up_to_which_machine_words_do_is_on_the_safe_side():
    """A sum of two products of this size is 2^63, one more than words hold."""
    rows = ((2**31, 2**31), (1, 1))
    found = Hyperplanes(rows).ray((2**31, 2**31 - 1))
    assert (found.plus, found.minus) == (0b11, 0)
    assert (Hyperplanes(rows).ray((2**31 + 1, 2**31)).plus) == 0b11


def test_the_sides_of_a_cone_are_those_of_its_rays():
    quadrant = cone((*AXES, (1, -1), (-1, -1)), [(1, 0), (0, 1)])
    assert quadrant.sides == (0b0111, 0b1100)
    assert cone(AXES, []).sides == (0, 0)


def test_a_quadrant_is_cut_into_two_and_a_ray():
    parts = cone((*AXES, (1, -2)), [(1, 0), (0, 1)]).parts(2)
    assert {s: vectors(part) for s, part in parts.items()} == {
        -1: [(0, 1), (2, 1)],
        0: [(2, 1)],
        1: [(1, 0), (2, 1)],
    }


def test_a_square_cone_is_cut_along_its_diagonal_and_across():
    """Rays over the corners (+-1, +-1); only neighbours have a point between them on a face of the cone."""
    rows = ((1, 0, 1), (-1, 0, 1), (0, 1, 1), (0, -1, 1), (1, 1, 0), (1, 0, 0), (1, 2, 0))
    square = cone(rows, [(1, 1, 1), (1, -1, 1), (-1, 1, 1), (-1, -1, 1)])
    diagonal = square.parts(4)
    assert vectors(diagonal[0]) == [(-1, 1, 1), (1, -1, 1)]
    assert vectors(diagonal[1]) == [(-1, 1, 1), (1, -1, 1), (1, 1, 1)]
    assert vectors(diagonal[-1]) == [(-1, -1, 1), (-1, 1, 1), (1, -1, 1)]
    across = square.parts(5)
    assert vectors(across[0]) == [(0, -1, 1), (0, 1, 1)]
    assert vectors(across[1]) == [(0, -1, 1), (0, 1, 1), (1, -1, 1), (1, 1, 1)]
    steep = square.parts(6)
    assert vectors(steep[0]) == [(-2, 1, 2), (2, -1, 2)]
    assert vectors(steep[-1]) == [(-2, 1, 2), (-1, -1, 1), (1, -1, 1), (2, -1, 2)]


def test_parts_of_parts_have_no_superfluous_rays():
    """The octant, cut by x = y and y = z: the part x > y > z > 0 has the rays (1, 0, 0), (1, 1, 0) and (1, 1, 1)."""
    rows = ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, -1, 0), (0, 1, -1), (1, 0, -1))
    octant = cone(rows, [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
    ordered = octant.parts(3)[1].parts(4)[1]
    assert vectors(ordered) == [(1, 0, 0), (1, 1, 0), (1, 1, 1)]
    plus, minus = ordered.sides
    assert (plus, minus) == (0b111111, 0)


def says(rows, signs, certificate):
    """Add up what a certificate says: c * sign * row_i, or c * row_i, is the sum of m_k * sign_k * row_k."""
    i, sign, scale, *pairs = certificate
    assert scale > 0
    terms = list(zip(pairs[::2], pairs[1::2], strict=True))
    assert all(m >= 0 for k, m in terms if signs[k])
    total = [sum(m * (signs[k] or 1) * rows[k][c] for k, m in terms) for c in range(len(rows[0]))]
    assert total == [scale * (sign or 1) * x for x in rows[i]]
    return {k for k, _ in terms}


@pytest.mark.parametrize(
    ("row", "sign", "expected"),
    [
        ((1, 1), 1, [2, 1, 1, 0, 1, 1, 1]),
        ((-2, -3), -1, [2, -1, 1, 0, 2, 1, 3]),
        ((4, 0), 1, [2, 1, 1, 0, 4]),
        ((0, 0), 0, [2, 0, 1]),
    ],
)
def test_rows_that_are_positive_on_a_quadrant_are_sums_of_its_walls(row, sign, expected):
    quadrant = cone((*AXES, row), [(1, 0), (0, 1)])
    found = quadrant.certificate(2, sign, 0b011)
    head, pairs = found[:3], sorted(zip(found[3::2], found[4::2], strict=True))
    assert [*head, *(x for pair in pairs for x in pair)] == expected
    says((*AXES, row), (1, 1, sign), found)


def test_a_certificate_on_other_walls_has_the_least_whole_numbers():
    """Where x - y > 0 and y > 0: 2 (3, -1) = 6 (1, -1) + 4 (0, 1), so (3, -1) = 3 (1, -1) + 2 (0, 1)."""
    rows = ((1, -1), (0, 1), (3, -1), (2, 0))
    wedge = cone(rows, [(1, 0), (1, 1)])
    for i, coefficients in ((2, {0: 3, 1: 2}), (3, {0: 2, 1: 2})):
        found = wedge.certificate(i, 1, 0b0011)
        assert found[:3] == [i, 1, 1]
        assert dict(zip(found[3::2], found[4::2], strict=True)) == coefficients


def test_walls_of_negative_sign_and_fractions():
    """Where -x > 0 and y > 0 the row (-1, 1) is positive; of 2 and 3 times the walls it is half and a third."""
    rows = ((2, 0), (0, 3), (-1, 1))
    found = cone(rows, [(-1, 0), (0, 1)]).certificate(2, 1, 0b011)
    assert found[:3] == [2, 1, 6]
    assert dict(zip(found[3::2], found[4::2], strict=True)) == {0: 3, 1: 2}
    assert says(rows, (-1, 1, 1), found) == {0, 1}


def test_on_a_flat_cone_rows_are_equal_up_to_those_on_which_it_lies():
    """On the ray (0, 0, 1): x = 0 and y = 0, so 2 x - 3 y + z has the sign of z, and 4 x + 6 y is 0."""
    rows = ((2, 0, 0), (0, 3, 0), (0, 0, 1), (2, -3, 1), (1, 1, 0), (5, 0, 2))
    ray = cone(rows, [(0, 0, 1)])
    signs = (0, 0, 1, 1, 0, 1)
    found = ray.certificate(3, 1, 0b000111)
    assert dict(zip(found[3::2], found[4::2], strict=True)) == {0: 1, 1: -1, 2: 1}
    assert says(rows, signs, found) == {0, 1, 2}
    zero = ray.certificate(4, 0, 0b000111)
    assert zero[:3] == [4, 0, 6]
    assert dict(zip(zero[3::2], zero[4::2], strict=True)) == {0: 3, 1: 2}
    half = ray.certificate(5, 1, 0b000111)
    assert half[:3] == [5, 1, 2]
    assert dict(zip(half[3::2], half[4::2], strict=True)) == {0: 5, 2: 4}


def test_only_known_rows_are_named():
    rows = ((1, 0), (0, 1), (1, 1), (2, 1))
    quadrant = cone(rows, [(1, 0), (0, 1)])
    assert says(rows, (1, 1, 1, 1), quadrant.certificate(3, 1, 0b0011)) == {0, 1}
    assert says(rows, (1, 1, 1, 1), quadrant.certificate(3, 1, 0b0111)) <= {0, 1, 2}


@pytest.mark.parametrize("seed", range(12))
def test_certificates_of_random_cones_add_up(seed):
    """Cones are cut at random; what a further hyperplane misses is certified by those that cut before."""
    rng = np.random.default_rng(seed)
    rows = tuple(tuple(int(x) for x in row) for row in np.vstack([np.eye(3), rng.integers(-3, 4, (9, 3))]).astype(int))
    rows = tuple(row for row in rows if any(row))
    found = cone(rows, [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
    signs, known, seen = {0: 1, 1: 1, 2: 1}, 0b111, 0
    for i in range(3, len(rows)):
        plus, minus = found.sides
        if plus >> i & minus >> i & 1:
            s = int(rng.integers(-1, 2))
            found = found.parts(i)[s]
        else:
            s = (plus >> i & 1) - (minus >> i & 1)
            certificate = found.certificate(i, s, known)
            assert certificate[:2] == [i, s]
            says(rows, [signs.get(k, 0) for k in range(len(rows))], certificate)
            assert {*certificate[3::2]} <= set(signs)
            seen += 1
        signs[i], known = s, known | 1 << i
        inside = [sum(column) for column in zip(*(ray.vector for ray in found.rays), strict=True)]
        heights = [dot(rows[k], inside) for k in signs]
        assert [(z > 0) - (z < 0) for z in heights] == list(signs.values())
    assert seen


def test_every_point_of_a_cone_is_in_one_part():
    rows = ((1, 0, 0), (0, 1, 0), (0, 0, 1), (2, -1, -1))
    octant = cone(rows, [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
    parts = octant.parts(3)
    for point in product((1, 3), (1, 2, 4), (1, 2)):
        side = (dot(rows[3], point) > 0) - (dot(rows[3], point) < 0)
        for s, part in parts.items():
            assert in_closure(point, vectors(part)) == (s == side or side == 0)


def in_closure(point, rays):
    """Return whether a point is a sum of rays with weights at least 0, by all triples of rays."""
    for chosen in combinations(rays, min(3, len(rays))):
        table = Matrix(chosen).T
        if table.rank() < len(chosen):
            continue
        weights = (table.T * table).inv() * table.T * Matrix(point)
        if table * weights == Matrix(point) and all(Q(int(w.p), int(w.q)) >= 0 for w in weights):
            return True
    return False
