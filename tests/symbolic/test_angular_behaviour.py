"""The angular loss at one angle, against the loss differentiated by sympy along the circle."""

import pytest
import sympy as sp

from stability import Dataset, landscape
from stability.symbolic.angles import RADIUS
from stability.symbolic.angular_behaviour import AngularSide, Behaviour, behaviour, side

THETA = sp.Symbol("theta")
R = sp.Symbol("r", positive=True)
DATA = Dataset("three", [[1, 0], [0, 2], [-1, -1]], ["1/2", -1, 3])
PATTERNS = [(1, 1, 1), (1, -1, 1), (-1, -1, -1), (-1, 1, -1)]


def angular_loss(place, pattern, ratio):
    """Return the loss of w = r (cos, sin), b = ratio r with the slopes of one cell, as a formula."""
    unit, total = place.network.unit, 0
    for x, y, s in zip(place.data.points, place.data.labels, pattern, strict=True):
        slope = sp.Rational(str(unit.positive if s > 0 else unit.negative))
        z = R * (sp.Rational(str(x[0])) * sp.cos(THETA) + sp.Rational(str(x[1])) * sp.sin(THETA) + ratio)
        total += (slope * z - sp.Rational(str(y))) ** 2
    return sp.Rational(str(place.scale)) * total


@pytest.mark.parametrize("model", ["relu1", "abs1", "leaky1/3:1"])
@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(("angle", "ratio"), [(sp.pi / 6, sp.Rational(1, 2)), (sp.pi / 2, -1), (sp.pi, 0)])
def test_slope_and_curvature_are_derivatives_along_the_circle(model, pattern, angle, ratio):
    place = landscape(model, DATA, "mean")
    loss = angular_loss(place, pattern, ratio)
    found = side(place, pattern, (sp.cos(angle), sp.sin(angle)), sp.sympify(ratio))
    factor = 2 * sp.Rational(str(place.scale))
    for order, mine in ((1, found.slope(factor, R)), (2, found.curvature(factor, R))):
        expected = sp.diff(loss, THETA, order).subs(THETA, angle)
        for radius in (1, sp.Rational(2, 7)):
            assert float(mine.subs(R, radius)) == pytest.approx(float(expected.subs(R, radius)), rel=1e-12, abs=1e-12)


def a_side(slope_by_radius=0, slope_by_labels=0, curvature_by_radius=0, curvature_by_labels=0):
    parts = slope_by_radius, slope_by_labels, curvature_by_radius, curvature_by_labels
    return AngularSide(*map(sp.sympify, parts))


PLACE = landscape("relu1", DATA)


def test_the_two_parts_by_hand():
    """Both are 2 r (r * by radius + by labels)."""
    found = a_side(3, 5, 7, 11)
    assert found.slope(sp.Integer(2), R) == sp.expand(2 * R * (3 * R + 5))
    assert sp.expand(found.curvature(sp.Integer(2), R) - 2 * R * (7 * R + 11)) == 0


@pytest.mark.parametrize(("jump", "kind", "sign"), [(1, "convex kink", 1), (-2, "concave kink", -1)])
def test_a_slope_that_jumps_is_a_kink(jump, kind, sign):
    found = behaviour(PLACE, a_side(slope_by_labels=1), a_side(slope_by_labels=1 + jump), RADIUS)
    assert (found.kind, found.sign, found.threshold) == (kind, sign, None)
    assert found.slopes == (2 * RADIUS, 2 * RADIUS * (1 + jump))
    assert found.summary == (kind, *found.slopes)
    assert "not stationary" not in str(found)


@pytest.mark.parametrize(
    ("left", "right", "kind", "sign", "threshold"),
    [
        ((0, 0, 1, 2), (0, 0, 1, 2), "curvature", 1, None),
        ((0, 0, -1, -2), (0, 0, -1, -2), "curvature", -1, None),
        ((0, 0, 0, 0), (0, 0, 0, 0), "curvature", 0, None),
        ((0, 0, 0, -3), (0, 0, 0, -3), "curvature", -1, None),
        ((0, 0, 2, 0), (0, 0, 2, 0), "curvature", 1, None),
        ((0, 0, 2, -3), (0, 0, 2, -3), "curvature", None, sp.Rational(3, 2)),
        ((0, 0, -2, 3), (0, 0, -2, 3), "curvature", None, sp.Rational(3, 2)),
        ((0, 0, 1, 2), (0, 0, 3, 2), "curvature jump", 1, None),
        ((0, 0, 1, 2), (0, 0, 1, 3), "curvature jump", 1, None),
        ((0, 0, -1, 0), (0, 0, 1, 0), "curvature jump", None, None),
    ],
)
def test_curvature_and_where_its_sign_depends_on_the_radius(left, right, kind, sign, threshold):
    found = behaviour(PLACE, a_side(*left), a_side(*right), RADIUS)
    assert (found.kind, found.sign, found.threshold) == (kind, sign, threshold)
    expected = [sp.expand(2 * RADIUS * (RADIUS * c + d)) for *_, c, d in (left, right)]
    assert [sp.expand(x) for x in found.curvatures] == expected
    assert found.is_stationary
    assert found.summary == ((kind, found.curvatures[0]) if kind == "curvature" else (kind, *found.curvatures))


@pytest.mark.parametrize(("radius", "sign"), [(1, -1), (2, 1), (sp.Rational(3, 2), 0)])
def test_at_a_given_radius_the_sign_is_known(radius, sign):
    found = behaviour(PLACE, a_side(0, 0, 2, -3), a_side(0, 0, 2, -3), sp.sympify(radius))
    assert (found.sign, found.threshold) == (sign, sp.Rational(3, 2))


def test_the_mean_has_a_third_of_the_sum():
    found = behaviour(landscape("relu1", DATA, "mean"), a_side(0, 3, 6, 0), a_side(0, 3, 6, 0), RADIUS)
    assert found.slopes[0] == 2 * RADIUS
    assert sp.expand(found.curvatures[0]) == 4 * RADIUS**2


def test_what_is_not_stationary_says_so():
    still, drifting = (Behaviour("curvature", (sp.Integer(s), sp.Integer(s)), (sp.Integer(3),) * 2, 1) for s in (0, 1))
    assert (still.is_stationary, drifting.is_stationary) == (True, False)
    assert str(still) == "curvature 3"
    assert str(drifting) == "curvature 3 (not stationary)"
    one_sided = Behaviour("curvature jump", (sp.Integer(0), sp.Integer(1)), (sp.Integer(3), sp.Integer(4)), 1)
    assert str(one_sided) == "curvature jump 3 4 (not stationary)"
    kink = Behaviour("convex kink", (sp.Integer(-1), sp.Integer(1)), (sp.Integer(3), sp.Integer(4)), 1)
    assert str(kink) == "convex kink -1 1"
