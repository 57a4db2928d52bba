"""Rational points on circles and spheres, and multiples of equations that were eliminated."""

from itertools import islice

from stability.logic.elimination import Elimination
from stability.logic.factors import factors, splitting
from stability.logic.polynomials import ring
from stability.logic.quadrics import on_quadric

RING = ring(["x", "y", "z"])
X, Y, Z, UNIT = RING["x"], RING["y"], RING["z"], RING["1"]


def test_points_on_a_sphere_within_a_plane_are_rational_and_different():
    sphere, plane = X**2 + Y**2 + Z**2 - 1, X + Y + Z - 1
    found = list(islice(on_quadric(sphere, [plane], []), 20))
    assert len({tuple(map(str, x)) for x in found}) > 5
    for x, y, z in found:
        assert x * x + y * y + z * z == 1
        assert x + y + z == 1


def test_eliminated_equations_make_up_for_what_is_left_out():
    facts = [(X + Y - UNIT, "="), (Y - 2 * Z, "="), (X, ">")]
    found = Elimination(facts)
    p = X**2 + Y * Z + Z
    left = found.reduced(p)
    multiples = found.multiples(p - left)
    assert sum((facts[k][0] * q for k, q in multiples.items()), left) == p
    assert sum(power > 0 for power in left.degrees()) <= 1


def test_factors_are_irreducible_and_their_signs_are_asked_once():
    p = (X**2 - UNIT) * (X - Y) ** 2
    assert {str(each) for each in factors(p)} == {"x - 1", "x + 1", "x - y"}
    assert splitting([(p, "=")], [], {}, False) is not None
    assert splitting([(p, "=")], [], {"x - 1": 1, "x + 1": 1, "x - y": 0}, False) is None
